"""From Keras models back to `.mtg` text."""
