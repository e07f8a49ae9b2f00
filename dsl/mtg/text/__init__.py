"""Text and what is said about it: sources, spans, diagnostics, spelling."""
