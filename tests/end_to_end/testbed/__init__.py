"""What the end-to-end tests and the soak run share: orders, publisher, process, faults."""
