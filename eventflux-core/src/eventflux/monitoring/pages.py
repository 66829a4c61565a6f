"""The pages that tell of a running app. None shows an option's value, so no secret either; those
that show rows (``/why``, ``/tap``) answer programs on this machine alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from eventflux.app import AppRuntime
from eventflux.base.errors import UsageError
from eventflux.monitoring.http_server import Page, Request, Response
from eventflux.monitoring.metrics import AppMetrics, prometheus
from eventflux.monitoring.readiness import readiness
from eventflux.monitoring.tapping import tapped


def pages(app: AppRuntime) -> dict[str, Page]:
    """The pages by their paths.

    - ``/live``: 200 as long as the event loop answers.
    - ``/ready``: 200 while the app runs and all connectors are connected, else 503; why is told.
    - ``/metrics``: for Prometheus, those of the process too.
    - ``/stats``: the counters of ``app.stats()``.
    - those of :func:`looking_pages`.

    Raises:
        MissingPackageError: prometheus-client is not installed.
    """
    exposition, process = prometheus("exposition"), prometheus("process_collector")
    registry = prometheus("registry").CollectorRegistry()
    registry.register(AppMetrics(app))
    process.ProcessCollector(registry=registry)

    def live(request: Request) -> Response:
        return _json(200, {"live": True, "app": app.name, "state": app.state})

    def ready(request: Request) -> Response:
        told = readiness(app)
        return _json(200 if told["ready"] else 503, told)

    def metrics(request: Request) -> Response:
        encode, content_type = exposition.choose_encoder(request.headers.get("accept", ""))
        return Response(200, content_type, encode(registry))

    def stats(request: Request) -> Response:
        return _json(200, {"app": app.name, "state": app.state, **app.stats()})

    told = {"/live": live, "/ready": ready, "/metrics": metrics, "/stats": stats}
    return told | looking_pages(app)


def looking_pages(app: AppRuntime) -> dict[str, Page]:
    """The pages that look into an app, and show rows of it.

    - ``/why?stream=NAME``: why a stream has no rows (:class:`eventflux.app.why.Why`).
    - ``/tap?stream=NAME&limit=N``: rows as they pass, each line an object: first the ``columns``,
      then ``rows`` (their values in order) and how many were ``left_out``.
    """

    def why(request: Request) -> Response:
        return _looked_at(request, lambda stream: _json(200, app.why(stream)))

    def tap(request: Request) -> Response:
        limit = request.query.get("limit")
        if limit is not None and not (limit.isascii() and limit.isdigit() and int(limit)):
            return _refusal(400, f"limit={limit}: a number of rows from 1")

        def rows(stream: str) -> Response:
            app.row_type(stream)  # there is such a stream
            body = tapped(app, stream, None if limit is None else int(limit))
            return Response(200, "application/x-ndjson", body)

        return _looked_at(request, rows)

    return {"/why": why, "/tap": tap}


def _looked_at(request: Request, look: Callable[[str], Response]) -> Response:
    if not request.local:
        return _refusal(
            403, "rows are shown to programs on this machine alone", "ask at 127.0.0.1 there"
        )
    stream = request.query.get("stream")
    if not stream:
        return _refusal(400, "no stream is named", "?stream=NAME says which is meant")
    try:
        return look(stream)
    except UsageError as error:
        return _refusal(404, error.message, error.hint)


def _refusal(status: int, message: str, hint: str | None = None) -> Response:
    return _json(status, {"error": message, "hint": hint})


def _json(status: int, content: Any) -> Response:
    return Response(status, "application/json", msgspec.json.encode(content) + b"\n")
