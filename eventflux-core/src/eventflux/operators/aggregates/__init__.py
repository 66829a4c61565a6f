"""What groups hold for aggregates beside plain numbers: exact sums, values in order, sketches."""
