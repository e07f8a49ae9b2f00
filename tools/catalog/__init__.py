"""Scripts that write the data of `mtg.catalog` from the installed Keras; users run none."""
