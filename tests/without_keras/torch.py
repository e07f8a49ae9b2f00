"""What a test that is not marked `keras` gets if it imports torch; see `tests/markers.py`."""

raise AssertionError("this imports torch: mark the test `@pytest.mark.keras`")
