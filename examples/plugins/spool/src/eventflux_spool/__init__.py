"""Folders as queues, logfmt and ``mask()``, for EventFlux."""
