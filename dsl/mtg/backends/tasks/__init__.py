"""Which tasks share what: as text, and as JSON."""
