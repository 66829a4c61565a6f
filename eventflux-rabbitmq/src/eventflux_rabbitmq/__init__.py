"""EventFlux's RabbitMQ connector."""
