"""Every code a diagnostic may carry.

`0xx` text, `1xx` names, `2xx` graph, `3xx` types, `4xx` values, `5xx` tasks and training, `6xx`
imports and limits.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A kind of diagnostic: its readable name, its severity, and what it means in one sentence.

    An `error` is refused, a `warning` is legal and almost certainly not meant, and a `note` is a
    thing to know where the program may well be right: it fails no run, unless it is denied.
    """

    slug: str
    severity: str
    meaning: str


CODES: dict[str, Code] = {
    # text
    "MTG001": Code("syntax", "error", "The text does not parse."),
    "MTG002": Code("unclosed", "error", "A bracket or a string is opened and never closed."),
    "MTG003": Code("encoding", "error", "The file is not UTF-8 text."),
    "MTG004": Code("empty", "error", "The file declares no model."),
    "MTG005": Code("reserved-word", "error", "A keyword is used as a name."),
    "MTG006": Code("misplaced", "error", "A declaration is not allowed at this place."),
    # names
    "MTG101": Code("unknown-name", "error", "A name is used that nothing declares."),
    "MTG102": Code("unknown-layer", "error", "No layer, block or model has this name."),
    "MTG103": Code("duplicate-declaration", "error", "A name is declared twice in one scope."),
    "MTG104": Code("wrong-kind-of-name", "error", "A name is used where its kind is not allowed."),
    "MTG105": Code("unused", "warning", "A declaration is never used."),
    "MTG106": Code("shadows-keras", "warning", "A block or model has the name of a Keras layer."),
    "MTG107": Code("duplicate-layer-name", "error", "Two layers of a model have the same name."),
    "MTG108": Code("unknown-member", "error", "Keras has no function of this name."),
    "MTG109": Code("other-branch", "error", "A name is declared in a branch that is not taken."),
    # graph
    "MTG201": Code("cycle", "error", "A declaration depends on itself."),
    "MTG202": Code("unused-input", "error", "No output depends on this input."),
    "MTG203": Code("unreached-output", "error", "This output depends on no input."),
    "MTG204": Code("unused-tensor", "warning", "No output depends on this tensor."),
    "MTG205": Code("unused-shared", "warning", "A shared layer that is used once, or never."),
    "MTG206": Code("no-input", "error", "A layer is applied to what comes from no input."),
    "MTG207": Code("not-a-tensor", "error", "A tensor is needed, and something else is given."),
    "MTG208": Code("result-count", "error", "The number of results and of names differ."),
    "MTG209": Code("no-output", "error", "A model declares no input or no output."),
    "MTG210": Code("expected-layer", "error", "Something after `->` is not a layer."),
    "MTG211": Code("broadcast-merge", "warning", "A merge broadcasts, probably by mistake."),
    "MTG212": Code("dropout-at-output", "warning", "`Dropout` is applied to an output of a model."),
    "MTG213": Code("merge-along-batch", "warning", "A merge joins batches instead of features."),
    "MTG214": Code("channel-axis", "warning", "Layers disagree about the channel axis."),
    "MTG215": Code("mask-lost", "warning", "A mask is lost before a layer that would use it."),
    "MTG216": Code("no-vocabulary", "note", "A layer has nothing to look up before `adapt`."),
    # types
    "MTG301": Code("shape-mismatch", "error", "The shapes do not fit."),
    "MTG302": Code("wrong-rank", "error", "A tensor has the wrong number of axes."),
    "MTG303": Code("wrong-dtype", "error", "A tensor has the wrong dtype."),
    "MTG304": Code("empty-axis", "error", "A length becomes zero or negative."),
    "MTG305": Code("unknown-length", "error", "A length must be known, and is not."),
    "MTG306": Code("shared-weights", "error", "One set of weights cannot serve both uses."),
    "MTG307": Code("tensor-count", "error", "A layer is given too few or too many tensors."),
    "MTG308": Code("float-indices", "warning", "A float tensor is used as indices."),
    "MTG309": Code("keras-refused", "error", "Keras refused what mtg could not check."),
    "MTG310": Code("different-default", "warning", "The installed Keras has another default."),
    # values
    "MTG401": Code("unknown-argument", "error", "No parameter has this name."),
    "MTG402": Code("missing-argument", "error", "A required argument is missing."),
    "MTG403": Code("duplicate-argument", "error", "An argument is given twice."),
    "MTG404": Code("wrong-kind", "error", "A value is of the wrong kind."),
    "MTG405": Code("bad-value", "error", "A value is not one that is allowed here."),
    "MTG406": Code("cannot-evaluate", "error", "A compile-time expression has no value."),
    "MTG407": Code("unknown-object", "error", "Keras has no object of this name and kind."),
    "MTG408": Code("walks-over-string", "warning", "A loop walks over the characters of a string."),
    "MTG409": Code("unpack-count", "error", "The number of names and of items differ."),
    "MTG410": Code("unknown-end", "error", "A model has no input or output of this name."),
    "MTG411": Code("bad-end-name", "error", "An input or output cannot have this name."),
    "MTG435": Code("not-on-tensorflow", "warning", "TensorFlow cannot run what Keras builds."),
    # tasks and training
    "MTG501": Code("unknown-loss", "error", "Keras has no such loss."),
    "MTG502": Code("unknown-metric", "error", "Keras has no such metric."),
    "MTG503": Code("unknown-optimizer", "error", "Keras has no such optimizer."),
    "MTG504": Code("loss-weight", "error", "A loss weight must be a number, zero or more."),
    "MTG505": Code("missing-loss", "warning", "An output has no loss beside outputs with one."),
    "MTG506": Code("output-setting-in-train", "error", "A setting of outputs is given to `train`."),
    "MTG507": Code("train-argument", "error", "Neither `compile` nor `fit` takes this argument."),
    "MTG508": Code("softmax-over-one-unit", "warning", "A softmax over one unit is always 1."),
    "MTG509": Code("loss-shape", "error", "A loss or a metric cannot fit the shape of its output."),
    "MTG510": Code("activation-loss-mismatch", "warning", "An activation and a loss do not fit."),
    "MTG511": Code("metric-mismatch", "warning", "A metric does not measure this output."),
    "MTG512": Code("vanishing-loss", "warning", "The weight of a loss leaves it no effect."),
    "MTG513": Code("nothing-to-train", "warning", "A model has `train`, and no loss."),
    "MTG514": Code("target-broadcast", "warning", "A target would be broadcast against an output."),
    "MTG520": Code("train-output-mismatch", "error", "A `train` setting does not fit the outputs."),
    "MTG521": Code("unknown-monitor", "warning", "A callback monitors what will not exist."),
    "MTG522": Code("monitor-fails", "error", "A callback monitors what Keras cannot compare."),
    "MTG523": Code("checkpoint-name", "error", "A file name has a field that is not measured."),
    "MTG524": Code("no-effect", "warning", "A setting of `train` has no effect."),
    "MTG525": Code("training-overridden", "warning", "`training` in a call has no effect."),
    # imports and limits
    "MTG601": Code("import-missing", "error", "An imported file, or a name in it, does not exist."),
    "MTG602": Code("import-outside", "error", "An import leaves the project's folder."),
    "MTG603": Code("import-cycle", "error", "Files import each other in a cycle."),
    "MTG604": Code(
        "untrusted-python", "error", "Python code would run without the caller's trust."
    ),
    "MTG605": Code("too-large", "error", "The program exceeds a limit."),
    "MTG606": Code("too-deep", "error", "The text is nested more deeply than a limit."),
    "MTG607": Code("recursion", "error", "A block or model uses itself."),
    "MTG608": Code("ambiguous-model", "error", "It is not clear which model is meant."),
    "MTG609": Code("cannot-read", "error", "A file cannot be read."),
    "MTG610": Code("python-failed", "error", "Python code of the program could not be loaded."),
    "MTG611": Code("cannot-express", "error", "The requested format cannot express something."),
    "MTG630": Code("omitted", "warning", "Training, or an unused input, is left out of the text."),
    "MTG631": Code("unused-results", "warning", "A Python class has more results than are used."),
    "MTG632": Code("renamed", "warning", "An input or output has another name in the text."),
    "MTG640": Code("file-outside", "error", "A named file is outside the folder."),
    "MTG641": Code("file-missing", "error", "A named file is missing, or cannot be read."),
    "MTG642": Code("needs-trust", "error", "Something would run code or reach an address."),
    "MTG643": Code("unsafe-write", "error", "A callback would write to an unexpected place."),
}

#: Former names of codes, which are still understood.
ALIASES: dict[str, str] = {
    "declared-twice": "MTG103",
    "wrong-sort-of-name": "MTG104",
    "hides-keras": "MTG106",
    "layer-name": "MTG107",
    "results": "MTG208",
    "not-a-stage": "MTG210",
    "stretched": "MTG211",
    "noise-at-the-end": "MTG212",
    "batches-joined": "MTG213",
    "axis-of-channels": "MTG214",
    "shapes": "MTG301",
    "rank": "MTG302",
    "dtype": "MTG303",
    "unknown-axis": "MTG305",
    "inputs": "MTG307",
    "other-default": "MTG310",
    "doubled-argument": "MTG403",
    "cannot-compute": "MTG406",
    "loss-missing": "MTG505",
    "task-setting-in-train": "MTG506",
    "softmax-of-one": "MTG508",
    "head-and-loss": "MTG510",
    "metric": "MTG511",
    "axes-of-one": "MTG514",
    "train-and-outputs": "MTG520",
    "which-model": "MTG608",
    "cannot-say": "MTG611",
    "left-out": "MTG630",
    "results-left": "MTG631",
}
