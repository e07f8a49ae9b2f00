"""The tables of a model's layers and tasks, as text and as JSON."""
