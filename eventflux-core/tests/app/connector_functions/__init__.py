"""Sources and sinks written as one function: what they take, give, and how they fail."""
