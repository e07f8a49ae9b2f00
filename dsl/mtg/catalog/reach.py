"""What of Keras reaches beyond the graph: arguments that name files, and what runs code.

`tests/catalog/test_reach.py` holds it against the installed Keras.
"""

from __future__ import annotations

from typing import NamedTuple


class Reach(NamedTuple):
    """What an argument of the class `cls` names.

    `how` is `words` (a file with a word in each line), `weights` (a file of weights), `arrays` (a
    file of arrays), `file` or `folder` (written to), `pattern` (a file that is written to, with
    `{epoch}` and the like in its name), or `others` (files that another program reads later).
    `suffixes` are what the name of a file that is written to must end in.
    """

    kind: str
    cls: str
    argument: str
    how: str
    suffixes: tuple[str, ...] = ()


_ALL = (
    Reach("layer", "StringLookup", "vocabulary", "words"),
    Reach("layer", "IntegerLookup", "vocabulary", "words"),
    Reach("layer", "TextVectorization", "vocabulary", "words"),
    Reach("callback", "BackupAndRestore", "backup_dir", "folder"),
    Reach("callback", "CSVLogger", "filename", "file", (".csv", ".tsv", ".txt", ".log")),
    Reach("callback", "ModelCheckpoint", "filepath", "pattern", (".keras", ".h5")),
    Reach("callback", "OrbaxCheckpoint", "directory", "folder"),
    Reach("callback", "TensorBoard", "log_dir", "folder"),
    Reach("callback", "TensorBoard", "embeddings_metadata", "others"),
)

#: What `from data` names: a file of arrays.
DATA = Reach("data", "", "from data", "arrays")

#: By the kind, the class and the argument.
REACHES = {(each.kind, each.cls, each.argument): each for each in _ALL}

#: Every application takes the file of its weights.
_WEIGHTS = Reach("application", "", "weights", "weights")

#: What an application may be given as weights besides files: Keras downloads these itself, from
#: the address and with the checksum that stand in its own source.
KNOWN_WEIGHTS = (None, "imagenet")

#: What does more than compute, whatever it is given.
RUNS = {
    ("layer", "TFSMLayer"): "loads the code of a saved model",
    ("callback", "RemoteMonitor"): "sends what training gives to an address",
}

#: Callbacks that delete in their folders, by what the names are of what they put there themselves.
DELETED = {
    "BackupAndRestore": r"(latest\.weights\.h5|training_metadata\.json)(\.bkp)?",
    "OrbaxCheckpoint": r"[0-9]+(\.orbax-checkpoint-tmp.*)?",
}

#: Layers that stand in Keras's own modules and not in `keras.layers`: what configs of its
#: applications, and of models that were made long ago, name. They compute, and nothing else.
OWN_LAYERS = frozenset(
    [
        ("keras.src.applications.convnext", "LayerScale"),
        ("keras.src.applications.convnext", "StochasticDepth"),
        ("keras.src.applications.inception_resnet_v2", "CustomScaleLayer"),
        ("keras.src.legacy.layers", "RandomHeight"),
        ("keras.src.legacy.layers", "RandomWidth"),
        ("keras.src.legacy.layers", "ThresholdedReLU"),
    ]
)

#: What quantized layers hold, of `keras.quantizers`: classes whose objects are settings.
OWN_QUANTIZERS = frozenset(
    ("keras.quantizers", name)
    for name in (
        "AbsMaxQuantizer",
        "Float8QuantizationConfig",
        "Int4QuantizationConfig",
        "Int8QuantizationConfig",
    )
)


def reach(kind: str, cls: str, argument: str) -> Reach | None:
    """Return what an argument names, where it names a file."""
    if kind == "application":
        return _WEIGHTS if argument == "weights" else None
    return REACHES.get((kind, cls, argument))
