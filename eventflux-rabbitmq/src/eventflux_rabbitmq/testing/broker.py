"""A private RabbitMQ node as a context manager, with what tests do to it."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import signal
import tempfile
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from eventflux.testing.certificates import Authority
from eventflux_rabbitmq.testing.node import BrokerError, Node, free_ports

Result = TypeVar("Result")
_WHO = '<<"test">>'
"""Who has done it, as the node logs."""

__all__ = ["BrokerError", "PrivateBroker"]


class PrivateBroker:
    """A RabbitMQ node that nothing else uses, from Debian's package, as root or not.

    It has its own folder, ports, name server, node name and cookie, never touches the
    machine's own service, and is gone when the ``with`` block or the process ends.
    All methods block. A stopped or killed node keeps its data and port and may be
    started again.
    """

    host = "127.0.0.1"
    username = "guest"
    password = "guest"
    vhost = "/"

    def __init__(
        self,
        *,
        schedulers: int | None = 1,
        config: Mapping[str, str] | None = None,
        port: int | None = None,
        tls: bool = False,
        start_timeout: float = 90.0,
    ) -> None:
        """Prepare a node; :meth:`start` or ``with`` starts it.

        Args:
            schedulers: threads of the Erlang VM that run code; ``None``: one a core.
            config: more lines of ``rabbitmq.conf``.
            port: the AMQP port; by default a free one.
            tls: listen with TLS too, on :attr:`tls_port`, for ``localhost`` and 127.0.0.1.
            start_timeout: seconds until a start counts as failed.
        """
        self._start_timeout = start_timeout
        self._folder = Path(tempfile.mkdtemp(prefix="eventflux-rabbitmq-"))
        self.authority: Authority | None = None
        """Who has signed the node's certificate, and signs more; ``None`` without TLS."""
        self.tls_port = 0
        with_tls = self._prepare_tls() if tls else {}
        configured = {**with_tls, **(config or {})}
        self._node = Node(self._folder, schedulers=schedulers, config=configured, port=port)
        self.port = self._node.port
        self._frozen = False
        atexit.register(self.close)

    def _prepare_tls(self) -> dict[str, str]:
        """Make certificates; the configuration of a listener that uses them."""
        self.authority = Authority(self._folder / "tls", "authority")
        own = self.authority.sign("localhost", "IP:127.0.0.1")
        [self.tls_port] = free_ports(1)
        return {
            "listeners.ssl.default": f"127.0.0.1:{self.tls_port}",
            "ssl_options.cacertfile": str(self.authority.file),
            "ssl_options.certfile": str(own.file),
            "ssl_options.keyfile": str(own.key),
            "ssl_options.verify": "verify_none",
        }

    @property
    def url(self) -> str:
        return f"amqp://{self.username}:{self.password}@{self.host}:{self.port}/"

    @property
    def pid(self) -> int:
        """The process id of the running node."""
        return self._node.pid

    @property
    def folder(self) -> Path:
        """Where its data and logs are while it exists."""
        return self._folder

    @property
    def helper_pids(self) -> list[int]:
        """The process ids of what runs beside the node: Erlang's name server."""
        return self._node.helper_pids

    @property
    def running(self) -> bool:
        return self._node.running

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the node, or start it again, and wait until it speaks AMQP.

        Raises:
            BrokerError: RabbitMQ is not installed or does not start; the text says more.
        """
        self._node.start(self._start_timeout)

    def stop(self, timeout: float = 30.0) -> None:
        """Stop it in good order (SIGTERM); its data stay."""
        if not self.running:
            return
        self.thaw()
        self._node.signal(signal.SIGTERM)
        self._node.wait_for_end(timeout)

    def kill(self) -> None:
        """End it at once (SIGKILL); what it had written stays."""
        self._node.signal(signal.SIGKILL)
        self._frozen = False
        self._node.wait_for_end(10)

    def restart(self) -> None:
        """Stop it in good order and start it again."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Halt the process (SIGSTOP): connections stay open, nothing answers."""
        self._node.signal(signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        """Let a frozen process run on."""
        if self._frozen and self.running:
            self._node.signal(signal.SIGCONT)
        self._frozen = False

    def close(self) -> None:
        """Kill the node and delete its folder; may be called in any state."""
        atexit.unregister(self.close)
        self._node.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def output(self) -> str:
        """The last lines of what the node printed and logged."""
        return self._node.output()

    def ctl(self, *arguments: str, timeout: float = 60.0) -> str:
        """Run ``rabbitmqctl`` with these arguments against the node.

        Returns:
            what it printed.

        Raises:
            BrokerError: it failed.
        """
        return self._node.control(*arguments, timeout=timeout)

    def evaluate(self, code: str, timeout: float = 60.0) -> str:
        """Evaluate Erlang in the node, an expression or several with commas between them.

        It takes milliseconds; :meth:`ctl` starts an Erlang VM of its own, which takes a second.

        Returns:
            the value as Erlang writes it.

        Raises:
            BrokerError: it failed.
        """
        return self._node.evaluate(code, timeout)

    def add_user(self, name: str, password: str, *, permissions: str | None = ".*") -> None:
        """Add a user who may do all with what has a name like ``permissions``; ``None``: nothing,
        and not come in."""
        user = _binary(name)
        self._order(f"rabbit_auth_backend_internal:add_user({user}, {_binary(password)}, {_WHO})")
        if permissions is not None:
            arguments = ", ".join(map(_binary, (name, self.vhost, *[permissions] * 3)))
            self._order(f"rabbit_auth_backend_internal:set_permissions({arguments}, {_WHO})")

    def change_password(self, name: str, password: str) -> None:
        """Give a user another password; connections that are open stay so."""
        user, secret = _binary(name), _binary(password)
        self._order(f"rabbit_auth_backend_internal:change_password({user}, {secret}, {_WHO})")

    def delete_user(self, name: str) -> None:
        """Delete a user."""
        self._order(f"rabbit_auth_backend_internal:delete_user({_binary(name)}, {_WHO})")

    def close_connections(self, reason: str = "a test closes them") -> None:
        """Have the node close the connections of all its clients, and tell them why."""
        self._order(f'rabbit_networking:close_all_connections("{reason}")')

    def limit_memory(self, bytes: int | None) -> None:
        """Have the node block who publishes when it uses more; ``None``: as at its start."""
        limit = "0.4" if bytes is None else f"{{absolute, {bytes}}}"
        self._order(f"vm_memory_monitor:set_vm_memory_high_watermark({limit})")

    def _order(self, code: str) -> None:
        """Have the node do what it must be able to do."""
        self.evaluate(f"ok = {code}")

    def declare_queue(
        self, name: str, *, durable: bool = True, arguments: Mapping[str, Any] | None = None
    ) -> None:
        """Declare a queue."""
        self._run(lambda c: c.queue_declare(name, durable=durable, arguments=dict(arguments or {})))

    def delete_queue(self, name: str) -> None:
        """Delete a queue with all that is in it."""
        self._run(lambda c: c.queue_delete(name))

    def purge(self, name: str) -> None:
        """Delete the messages of a queue that nobody has yet."""
        self._run(lambda c: c.queue_purge(name))

    def declare_exchange(self, name: str, kind: str = "direct", *, durable: bool = True) -> None:
        """Declare an exchange."""
        self._run(lambda c: c.exchange_declare(name, exchange_type=kind, durable=durable))

    def delete_exchange(self, name: str) -> None:
        """Delete an exchange with its bindings."""
        self._run(lambda c: c.exchange_delete(name))

    def bind(self, queue: str, exchange: str, key: str = "") -> None:
        """Bind a queue to an exchange."""
        self._run(lambda c: c.queue_bind(queue, exchange, key))

    def unbind(self, queue: str, exchange: str, key: str = "") -> None:
        """Undo :meth:`bind`."""
        self._run(lambda c: c.queue_unbind(queue, exchange, key))

    def count(self, queue: str) -> int:
        """How many messages of the queue wait for a consumer."""
        declared = self._run(lambda c: c.queue_declare(queue, passive=True))
        return int(declared.message_count)

    def publish(
        self, queue: str, bodies: Iterable[bytes], *, exchange: str = "", window: int = 500
    ) -> None:
        """Publish persistent messages to a queue, or to ``exchange`` with ``queue`` as the key.

        It returns when the broker has confirmed them all; they stay in order.
        """

        async def publish_all(channel: Any) -> None:
            from pamqp.commands import Basic

            waiting = list(bodies)
            for start in range(0, len(waiting), window):
                await asyncio.gather(
                    *(
                        channel.basic_publish(
                            body,
                            exchange=exchange,
                            routing_key=queue,
                            properties=Basic.Properties(delivery_mode=2),
                            mandatory=True,
                            wait=False,
                        )
                        for body in waiting[start : start + window]
                    )
                )

        self._run(publish_all)

    def take(self, queue: str, count: int | None = None, *, timeout: float = 10.0) -> list[bytes]:
        """Consume and acknowledge messages of a queue.

        Args:
            queue: its name.
            count: how many to wait for; ``None``: all that are there now.
            timeout: seconds to wait for ``count`` messages.

        Returns:
            their bodies in order; fewer than ``count`` when the time is over.
        """

        async def take_all(channel: Any) -> list[bytes]:
            declared = await channel.queue_declare(queue, passive=True)
            wanted = declared.message_count if count is None else count
            bodies: list[bytes] = []
            complete = asyncio.Event()
            last_tag = 0

            async def on_message(message: Any) -> None:
                nonlocal last_tag
                if len(bodies) < wanted:
                    bodies.append(message.body)
                    last_tag = message.delivery_tag
                if len(bodies) >= wanted:
                    complete.set()

            if wanted:
                await channel.basic_consume(queue, on_message)
                try:
                    async with asyncio.timeout(timeout):
                        await complete.wait()
                except TimeoutError:
                    pass  # fewer than wanted: what came is the answer
                if last_tag:
                    await channel.basic_ack(last_tag, multiple=True)
            return bodies

        return self._run(take_all, timeout=timeout + 20)

    def _run(self, work: Callable[[Any], Awaitable[Result]], timeout: float = 60.0) -> Result:
        """Do something on a channel of a connection of its own, beside any running loop."""

        async def connected() -> Result:
            import aiormq

            connection = await aiormq.connect(self.url)
            try:
                return await work(await connection.channel())
            finally:
                await connection.close()

        return _in_thread(connected(), timeout)


def _binary(text: str) -> str:
    """A text as Erlang writes it."""
    return f"<<{','.join(map(str, text.encode()))}>>"


def _in_thread(work: Coroutine[Any, Any, Result], timeout: float) -> Result:
    outcome: list[Result] = []
    errors: list[BaseException] = []

    async def limited() -> Result:
        async with asyncio.timeout(timeout):
            return await work

    def run() -> None:
        try:
            outcome.append(asyncio.run(limited()))
        except BaseException as error:  # carried over to the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(timeout + 10)
    if errors:
        raise errors[0]
    if not outcome:
        raise BrokerError(f"the private RabbitMQ node did not answer in {timeout:g} s")
    return outcome[0]
