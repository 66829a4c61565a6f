"""State that queries keep between rows, and the functions that generated code calls."""
