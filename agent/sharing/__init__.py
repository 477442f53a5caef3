"""What there is to pass on, and what must not be."""
