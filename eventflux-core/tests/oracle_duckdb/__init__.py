"""Generated queries, answered by this engine and by DuckDB, an independent one."""
