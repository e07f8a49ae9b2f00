"""Advice on shapes that do not fit: where a length comes from, and changes that would fix it."""
