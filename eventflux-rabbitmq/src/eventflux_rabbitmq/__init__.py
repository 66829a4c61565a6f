"""RabbitMQ source and sink for EventFlux."""
