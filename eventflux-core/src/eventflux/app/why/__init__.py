"""Why a stream gives no rows: the plan walked backwards from it, and what each step tells."""

from eventflux.app.why.diagnosis import diagnose
from eventflux.app.why.report import Step, Why

__all__ = ["Step", "Why", "diagnose"]
