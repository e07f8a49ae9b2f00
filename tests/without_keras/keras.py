"""What a test that is not marked `keras` gets if it imports Keras; see `tests/markers.py`."""

raise AssertionError("this imports Keras: mark the test `@pytest.mark.keras`")
