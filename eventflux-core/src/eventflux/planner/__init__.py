"""The planner: from SQL to a typed, validated plan of plain data."""

from __future__ import annotations

from eventflux.planner.planning import Planned, plan_sql

__all__ = ["Planned", "plan_sql"]
