"""Types, rows, errors and clocks: what every other layer of EventFlux stands on."""
