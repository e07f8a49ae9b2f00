"""How far a program may grow: every limit of the compiler, with the reason for it.

A program is data from anywhere. Each limit keeps the compiler's time and memory bounded, is named
in the error that meets it, and is far above what networks of people need.
"""

from __future__ import annotations

#: Characters of one file: more than 100,000 layers written out flat.
MAX_CHARACTERS = 6_000_000

#: Words, numbers, strings and signs of one file: some 18,000 layers without arguments, or 7,500
#: with two each. A program takes some 20 microseconds for each, from text to types.
MAX_TOKENS = 75_000

#: What a model costs to check besides its layers, in calls of a layer.
CALLS_OF_A_MODEL = 10

#: Tokens that go with each layer where a user asks for more layers.
TOKENS_OF_A_LAYER = 20

#: Brackets inside brackets, and operators inside operators.
MAX_NESTING = 100

#: Operators inside operators, and `else if` after `else if`.
MAX_OPERATORS = 200

#: Rounds of `repeat` and `for`, and layer calls made by them, by blocks, by shared chains and by
#: nested models: all that a program may be larger than its text. Passes take some 50 microseconds
#: for each, so that a program which grows without end is refused within two seconds.
MAX_CALLS = 30_000

#: What an application costs, in calls: it has hundreds of weights to take down.
APPLICATION = 30

#: What it takes to compute the values of a program, for each call that it may have: expressions,
#: and items of the lists and letters of the strings that they give.
STEPS_OF_A_CALL = 30

#: Block uses inside block uses, and models inside models.
MAX_USES = 50

#: Items of a list, characters of a string and bits of a whole number made by an expression.
MAX_VALUE = 100_000

#: Files that one program may import, directly or through others.
MAX_FILES = 500

#: Faults of syntax that one run reports of one file.
MAX_SYNTAX_ERRORS = 20

#: Bytes of a vocabulary, and words of all those that one program names.
MAX_VOCABULARY = 50_000_000
MAX_WORDS = 5_000_000

#: Bytes of an array in a data file.
MAX_ARRAY = 256 * 1024 * 1024

#: Digits of a number in the text.
MAX_DIGITS = 400

#: Diagnostics of one run; a program with more is not looked at further.
MAX_DIAGNOSTICS = 200

#: Characters of a name, and of a line of a diagnostic.
MAX_NAME = 200
MAX_LINE = 1_000

#: Frames of Python that a pass may need: those for every level of operators, blocks and models
#: that the limits above allow.
MAX_FRAMES = 20_000
