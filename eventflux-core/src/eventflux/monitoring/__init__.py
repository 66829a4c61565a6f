"""What looks at a running app from outside: readiness, Prometheus metrics, pages over HTTP.

From Python::

    registry.register(AppMetrics(app))                      # of prometheus-client
    async with HttpServer(pages(app), Address("127.0.0.1", 9090)): ...
"""

from eventflux.monitoring.http_server import Address, HttpServer
from eventflux.monitoring.metrics import METRICS, AppMetrics, Metric
from eventflux.monitoring.pages import pages
from eventflux.monitoring.readiness import readiness

__all__ = ["METRICS", "Address", "AppMetrics", "HttpServer", "Metric", "pages", "readiness"]
