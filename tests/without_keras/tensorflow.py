"""What a test that is not marked `keras` gets if it imports tensorflow; see `tests/markers.py`."""

raise AssertionError("this imports tensorflow: mark the test `@pytest.mark.keras`")
