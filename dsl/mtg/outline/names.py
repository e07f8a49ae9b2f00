"""Names for what an outline has to name."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Container, Sequence
from unicodedata import normalize

from mtg.catalog.names import MERGES, snake_case
from mtg.text import keywords

#: What no variable of Python can be called, nor an argument: `__debug__` is no keyword, and still
#: nothing may be assigned to it.
PYTHON_WORDS = frozenset({*keyword.kwlist, "__debug__"})

#: What a name in an outline must not be: words of the language, of Python, and functions that a
#: flow or a value may call by a bare name in either.
RESERVED = frozenset(
    {
        *keywords.RESERVED,
        *MERGES,
        *("range", "len", "min", "max", "round", "ops", "applications"),
        *("keras", "layers", "inputs", "outputs", "name", "trainable", "math", "main", "_"),
        *PYTHON_WORDS,
        *keyword.softkwlist,
        *dir(builtins),
    }
)


#: Names of inputs and outputs are keys that people's data has. They stay wherever the language that
#: is printed can say them: in `.mtg` all but its words.
MTG_KEYS_RESERVED = (keywords.RESERVED - keywords.CONTEXTUAL) | {"_"}

#: In Python, where a variable holds the tensor and its name is said beside it, all but what may
#: not, or should not, be such a variable.
PYTHON_KEYS_RESERVED = (
    RESERVED - keywords.CONTEXTUAL - {*MERGES, "main", "name", "trainable", "inputs", "outputs"}
) - (
    {*dir(builtins), *keyword.softkwlist}
    - {*("range", "len", "min", "max", "round", "zip", "enumerate", "list", "tuple", "dict", "_")}
    - PYTHON_WORDS
)


#: What a parameter of a function is not called there. Functions take a `name` themselves, and may
#: have a dict of inputs or outputs.
PYTHON_PARAMETERS_RESERVED = PYTHON_KEYS_RESERVED | {"name", "inputs", "outputs"}

#: What a variable of emitted Python is not called: no function has the bare name of a merge there.
PYTHON_RESERVED = RESERVED - {*MERGES}


class Names:
    """The names of one scope, and what none of them may be."""

    def __init__(
        self,
        taken: frozenset[str] | set[str] = frozenset(),
        reserved: Container[str] = RESERVED,
    ) -> None:
        self.taken = set(taken)
        self.reserved = reserved

    def free(self, wanted: str) -> str:
        """Return a name that is free here, for a scope inside; it stays free."""
        return Names(self.taken, self.reserved).take(wanted)

    def take(
        self, wanted: str, reserved: Container[str] | None = None, *, exact: bool = False
    ) -> str:
        """Return a free name: the one wanted, or that with a number.

        Args:
            reserved: What it must not be, if that is not what no name of the scope is.
            exact: Whether any name of `.mtg` stays as it is, however long, and be it none of
                Python.
        """
        if not (exact and re.fullmatch(r"[^\W\d]\w*", wanted)):
            wanted = identifier(wanted)
        kept = self.reserved if reserved is None else reserved
        name, number = wanted, 2
        while python_name(name) in self.taken or python_name(name) in kept:
            name = f"{wanted}_{number}"
            number += 1
        self.taken |= {name, python_name(name)}
        return name


def python_name(name: str) -> str:
    r"""Return the name as Python normalizes it: a ligature is its letters, `\ufb01` is `fi`."""
    return name if name.isascii() else normalize("NFKC", name)


def identifier(text: str) -> str:
    """Return the text as an identifier of both languages, of at most 60 letters."""
    name = "".join(
        letter if re.match(r"\w", letter) and f"x{letter}".isidentifier() else "_"
        for letter in text.strip()[:60]
    )
    if not name or not re.match(r"[^\W\d]", name):
        name = f"x{name}" if name.strip("_") else "x"
    return name


#: A lower-case letter, of any script.
_LOW = r"[^\W\dA-Z_]"
#: Words with a capital inside: `UNet`, `ResNeXt`, `MMoE`.
_ONE_WORD = re.compile(r"(?<![A-Z])[A-Z]Net|NeXt|[A-Z]?[A-Z][a-z][A-Z](?![a-z]|[A-Z](?![a-z]))")
_WORD = re.compile(
    r"[vV]\d+"  # a version, which ends the word before it: but for `conv2d`
    rf"|[A-Z]?{_LOW}+?(?=(?<![Cc]on)v\d)|[A-Z]+(?=v\d)"
    rf"|[A-Z]+(?!{_LOW})|[A-Z]?{_LOW}+|\d+"
)


def class_words(name: str) -> str:
    """Return the name of a class as people spell a function that makes one.

    `DCNv2` is `dcn_v2`, `UNetDS` is `unet_ds`, and `MMoE` is `mmoe`. What Keras itself calls the
    layers of a class, `dc_nv2`, is `mtg.catalog.names.snake_case`.
    """
    parts = re.sub(r"\W+", "", name).split("_")
    return "_".join(map(_words, parts))


def _words(name: str) -> str:
    text = _ONE_WORD.sub(lambda found: found[0].capitalize(), name)
    words: list[str] = []
    for word in _WORD.findall(text):
        # Digits belong to what they follow, and so does a `D` after them: `net50`, `conv2d`.
        after_digit = bool(words) and words[-1][-1].isdigit()
        if words and (word.isdigit() or (after_digit and (word == "D" or word[0].islower()))):
            words[-1] += word
        else:
            words.append(word)
    return "_".join(words).lower()


def result_word(word: str, blocks: Container[str]) -> str:
    """Return what a tensor is called that something of this name gives, such as a block.

    That is its first word, or what comes out of it; the number of a block is no part of its name:
    `cell_2` gives a `cell_out`.
    """
    word = re.sub(r"_\d+$", "", word)
    first = word.partition("_")[0]
    return f"{word}_out" if first == word or first in blocks or first[-1].isdigit() else first


def is_made_up(name: str, cls: str) -> bool:
    """Return whether a layer's name is the one Keras makes of its class: `dense`, `dense_12`."""
    return re.fullmatch(re.escape(snake_case(cls)) + r"(_\d+)?", name) is not None


def is_nameless(name: str) -> bool:
    """Return whether the name of a model is one that Keras or mtg made up."""
    return any(is_made_up(name, cls) for cls in ("Functional", "Sequential", "Model"))


def usable(name: str) -> bool:
    """Return whether a layer's name can be the name of a tensor as it stands."""
    return name.isidentifier() and name not in RESERVED and len(name) <= 60 and name[0] != "_"


#: What a computed name of an input or output may be, where no name of the language says it.
_COMPUTED = re.compile(r"[A-Za-z0-9][\w .-]{0,199}")


def may_be_computed(name: str, plain: str) -> bool:
    """Return whether a loop may declare an input or output of this name.

    `plain` is what it is called where it is declared by itself: the same, unless the language
    cannot say the name.
    """
    return name == plain or (not name.isidentifier() and bool(_COMPUTED.fullmatch(name)))


def counted(names: Sequence[object]) -> str | None:
    """Return names that differ in a number which counts, as both languages write them in short."""
    found = [re.fullmatch(r"([\w .-]*?)(0|[1-9]\d*)", str(name)) for name in names]
    if len(found) < _COUNTED or not all(found):
        return None
    parts = [(each[1], int(each[2])) for each in found if each is not None]
    first = parts[0][1]
    if parts != [(parts[0][0], first + number) for number in range(len(parts))]:
        return None
    end = first + len(parts)
    numbers = f"range({first}, {end})" if first else f"range({end})"
    return f'[f"{parts[0][0]}{{i}}" for i in {numbers}]'


#: As many names are not listed where they are counted.
_COUNTED = 5

_SHORT = {
    "activation": "act",
    "batch_normalization": "bn",
    "conv1_d": "conv",
    "conv1d": "conv",
    "conv2d": "conv",
    "conv3d": "conv",
    "depthwise_conv2d": "depthwise",
    "depthwise_conv1d": "depthwise",
    "group_normalization": "norm",
    "layer_normalization": "norm",
    "leaky_re_lu": "relu",
    "p_re_lu": "relu",
    "re_lu": "relu",
    "separable_conv1d": "separable",
    "separable_conv2d": "separable",
    "conv1d_transpose": "deconv",
    "conv2d_transpose": "deconv",
    "conv3d_transpose": "deconv",
    "unit_normalization": "norm",
}


def plural(word: str) -> str:
    """Return what a list of such things is called: `experts`, `branches`, `tasks_2`."""
    found = re.fullmatch(r"(.*?)((?:_\d+)?)", word)
    assert found is not None
    end = "es" if found[1].endswith(("s", "x", "ch", "sh")) else "s"
    return f"{found[1]}{end}{found[2]}"


def names_of_lists(lists: Sequence[Sequence[str]]) -> list[str]:
    """Return what each list is called for the names of what is in it; nothing where they say none.

    Of `expert_0` and `expert_1` that is `experts`, and of `block1_out` and `block2_out`
    `block_outs`. Words that all lists begin with say where they stand, and are left out.
    """
    stems = [_common_stem(names) for names in lists]
    words = [stem.split("_") for stem in stems if stem]
    front = 0
    while len(words) > 1 and all(len(w) > front + 1 and w[front] == words[0][front] for w in words):
        front += 1
    found = ["_".join(stem.split("_")[front:]) for stem in stems]
    found = [re.sub(r"(?<=[^s]s)es$", "", plural(stem)) if stem else "" for stem in found]
    return [name if usable(name) and len(name) <= _LONGEST else "" for name in found]


def _common_stem(names: Sequence[str]) -> str:
    """Return the words of names that differ in a number or in an end; none where there are none."""
    plain = {_NUMBER.sub("", name) for name in names}
    stem = plain.pop() if len(plain) == 1 else common_start(names).rpartition("_")[0]
    return _NUMBER.sub("", stem).strip("_")


def common_start(names: Sequence[str]) -> str:
    """Return what all names begin with."""
    first, last = min(names), max(names)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[:same]


#: A number that a word of a name ends in, or is.
_NUMBER = re.compile(r"_?\d+(?=_|$)")

#: What is longer says where a layer stands, and not what it is.
_LONGEST = 24


def short_word(word: str) -> str:
    """Return what people call a layer whose class is spelt so: `bn` for `batch_normalization`."""
    if word.startswith("zero_padding"):
        return "pad"
    if "pooling" in word:
        return "pool"
    return _SHORT.get(word, word)
