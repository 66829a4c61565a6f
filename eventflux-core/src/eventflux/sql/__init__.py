"""The SQL front end: text to an abstract syntax tree, on sqlglot's tokens and expressions."""
