"""The model that the README shows is the one of Keras."""

import json
from pathlib import Path

import keras
from mtg.compare.canonical import canonical
from mtg.config.read import read_config


def test_it_is_what_keras_builds(root: Path) -> None:
    stored = json.loads((root / "examples" / "keras" / "resnet50.json").read_text(encoding="utf-8"))
    with keras.StatelessScope():
        built = json.loads(keras.applications.ResNet50(weights=None).to_json())
    assert canonical(read_config(stored).graph) == canonical(read_config(built).graph)
