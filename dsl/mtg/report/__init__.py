"""Diagnostics for readers: people at a terminal, and programs."""
