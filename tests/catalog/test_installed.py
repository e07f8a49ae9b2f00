"""What is said of a Keras that is not the one the catalogue describes."""

from __future__ import annotations

from mtg.catalog import catalog
from mtg.catalog.installed import other_keras


def test_nothing_of_the_same_keras() -> None:
    assert other_keras(catalog().keras_version) == ()


def test_another_keras_is_named_with_both_versions() -> None:
    (note,) = other_keras("3.2.1")
    assert note == (
        f"mtg describes Keras {catalog().keras_version}, and Keras 3.2.1 is installed: "
        "what one has the other may lack"
    )
