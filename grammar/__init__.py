"""The mtg language as data: the grammar that `mtg.syntax.parser` reads."""
