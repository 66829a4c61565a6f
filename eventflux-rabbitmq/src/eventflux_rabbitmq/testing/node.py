"""The processes of a private RabbitMQ node: environment, start, readiness, signals."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
CONTROL = Path("/usr/lib/rabbitmq/bin/rabbitmqctl")
INSTALL_HINT = "install Debian's package: apt-get install rabbitmq-server"
_SETTINGS_OF_OTHERS = ("RABBITMQ_", "ERL_", "ERLANG_")


class BrokerError(RuntimeError):
    """The private node can't be started or did not do what was asked."""


def check_installed() -> None:
    """Say what to install when something is missing.

    Raises:
        BrokerError: RabbitMQ or Erlang is not installed.
    """
    if not SERVER.exists():
        raise BrokerError(f"{SERVER} does not exist; {INSTALL_HINT}")
    for tool in ("erl", "epmd"):
        if shutil.which(tool) is None:
            raise BrokerError(f"'{tool}' is not on the PATH; {INSTALL_HINT}")


def free_ports(count: int) -> list[int]:
    """``count`` different ports of 127.0.0.1 that nothing uses now."""
    with contextlib.ExitStack() as stack:
        ports = []
        for _ in range(count):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            ports.append(int(listener.getsockname()[1]))
        return ports


class Node:
    """One node with its own home, folders, ports, name server and cookie below ``folder``."""

    def __init__(
        self, folder: Path, *, schedulers: int | None, config: Mapping[str, str], port: int | None
    ) -> None:
        self.folder = folder
        chosen, distribution, name_server, control = free_ports(4)
        self.port = port or chosen
        self.name = f"eventflux-{secrets.token_hex(4)}@localhost"
        self._name_server_port = name_server
        self._beam: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None
        self._write_files(config)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(_SETTINGS_OF_OTHERS)}
        scheduler_flags = f"+S {schedulers}:{schedulers} " if schedulers else ""
        self.environment = {
            **inherited,
            "HOME": str(folder),
            # the server script then replaces itself by the Erlang VM: its pid is the node's
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_EPMD_PORT": str(name_server),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP_SECONDS": "0",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_CTL_DIST_PORT_MIN": str(control),
            "RABBITMQ_CTL_DIST_PORT_MAX": str(control + 20),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{scheduler_flags}-start_epmd false",
        }
        self.environment.pop("NOTIFY_SOCKET", None)

    def _write_files(self, config: Mapping[str, str]) -> None:
        for name in ("data", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(secrets.token_hex(16))
            cookie.chmod(0o400)
        settings = {
            "log.file.level": "warning",
            "loopback_users": "none",
            "disk_free_limit.absolute": "1MB",
            **config,
        }
        lines = [f"{key} = {value}\n" for key, value in settings.items()]
        (self.folder / "rabbitmq.conf").write_text("".join(lines))
        (self.folder / "rabbitmq-env.conf").write_text("")
        (self.folder / "enabled_plugins").write_text("[].\n")

    @property
    def running(self) -> bool:
        return self._beam is not None and self._beam.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the Erlang VM."""
        if self._beam is None or self._beam.poll() is not None:
            raise BrokerError("the private RabbitMQ node is not running")
        return self._beam.pid

    @property
    def helper_pids(self) -> list[int]:
        """The process ids of what runs beside the Erlang VM."""
        return [] if self._epmd is None else [self._epmd.pid]

    def start(self, timeout: float) -> None:
        """Start the node and wait until it speaks AMQP.

        Raises:
            BrokerError: it ended or was not ready in ``timeout`` seconds.
        """
        check_installed()
        if self.running:
            return
        if self._epmd is None or self._epmd.poll() is not None:
            port = str(self._name_server_port)
            self._epmd = self._spawn(["epmd", "-port", port, "-address", "127.0.0.1"])
        self._beam = self._spawn([str(SERVER)])
        deadline = time.monotonic() + timeout
        while not self._speaks_amqp():
            if self._beam.poll() is not None:
                raise BrokerError(
                    f"the private RabbitMQ node ended with status {self._beam.returncode} "
                    f"while starting:\n{self.output()}"
                )
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"the private RabbitMQ node was not ready in {timeout:g} s:\n{self.output()}"
                )
            time.sleep(0.05)

    def output(self) -> str:
        """The last lines of what the node printed and logged."""
        texts = []
        for path in (self.folder / "output", *sorted((self.folder / "log").glob("*.log"))):
            if path.exists():
                texts.append("\n".join(path.read_text(errors="replace").splitlines()[-80:]))
        return "\n".join(texts)

    def _spawn(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )

    def _speaks_amqp(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.settimeout(5)
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the Erlang VM."""
        os.kill(self.pid, number)

    def wait_for_end(self, timeout: float) -> None:
        """Wait for the end of the node, then kill what is left of its process group."""
        if self._beam is None:
            return
        try:
            self._beam.wait(timeout)
        except subprocess.TimeoutExpired:
            self._beam.send_signal(signal.SIGKILL)
            self._beam.wait(10)
            raise BrokerError(
                f"the private RabbitMQ node did not stop in {timeout:g} s and was killed"
            ) from None
        finally:
            _kill_group(self._beam)
            self._beam = None

    def close(self) -> None:
        """Kill the node and its name server; may be called in any state."""
        for process in (self._beam, self._epmd):
            if process is None:
                continue
            if process.poll() is None:
                process.kill()
                process.wait(10)
            _kill_group(process)
        self._beam = self._epmd = None

    def control(self, *arguments: str, timeout: float) -> str:
        """Run ``rabbitmqctl`` against this node and give what it printed.

        Raises:
            BrokerError: it failed.
        """
        command = [str(CONTROL), "--node", self.name, *arguments]
        done = self._finished(command, timeout=timeout)
        if done.returncode != 0:
            raise BrokerError(
                f"rabbitmqctl {' '.join(arguments)} failed with status {done.returncode}:\n"
                f"{done.stdout}{done.stderr}"
            )
        return done.stdout

    def evaluate(self, code: str, timeout: float) -> str:
        """Evaluate Erlang in this node and give the value as Erlang writes it.

        Raises:
            BrokerError: it failed.
        """
        command = ["erl_call", "-sname", self.name, "-r", "-timeout", f"{timeout:.0f}", "-e"]
        done = self._finished(command, timeout=timeout + 10, said=f"{code}.\n")
        if not done.stdout.startswith("{ok, "):
            raise BrokerError(f"{code} failed in the node:\n{done.stdout}{done.stderr}")
        return done.stdout.removeprefix("{ok, ").removesuffix("}")

    def _finished(
        self, command: Sequence[str], *, timeout: float, said: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """What came of a program that talks to this node."""
        return subprocess.run(
            command,
            env=self.environment,
            cwd=self.folder,
            input=said,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the helpers of a process that led its own session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _die_with_parent() -> Callable[[], None] | None:
    """Something to run in the child that ties its life to ours, where the system can.

    The tie is to the *thread* that starts the child, so only the main thread makes it.
    """
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    set_parent_death_signal = 1
    return lambda: libc.prctl(set_parent_death_signal, signal.SIGKILL)
