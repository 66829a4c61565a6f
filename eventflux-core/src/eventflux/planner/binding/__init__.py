"""Binding of expressions and windows: from what stands in the SQL to typed nodes of the plan."""
