"""Type rules: one file per family of layers, one function per rule.

A rule is a pure function of a layer's arguments and of what it is called on. It returns the types
of the results and the weights the layer makes, or raises `TypeMismatch`. A class without a rule is
unknown, never wrong.

Keras decides what is known: an axis is a number here exactly where Keras knows the number, since
a layer that Keras cannot build must be an error here, and one that it can must not. Where Keras
says None, an axis is a symbolic length or `UNKNOWN`. A type that a rule cannot know has the shape
None, which says nothing.

To add a rule, write a function decorated with `@rule("ClassName")` in the family's file; the
families are all imported when the first rule is looked up (`apply.py`). Rules of functions of
`keras.ops` are decorated with `@op_rule("name")`.
"""
