"""What a test that is not marked `keras` gets if it imports jax; see `tests/markers.py`."""

raise AssertionError("this imports jax: mark the test `@pytest.mark.keras`")
