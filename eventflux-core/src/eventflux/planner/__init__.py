"""The planner: from SQL to a typed, validated plan of plain data."""

from __future__ import annotations

from eventflux.planner.planning import Draft, Planned, draft_plan, in_order, plan_sql

__all__ = ["Draft", "Planned", "draft_plan", "in_order", "plan_sql"]
