"""Of text that does not parse: what can still be read, and what to say.

`reader` drives the others. A text is cut into tokens (`tokens`) and declarations
(`declaration_starts`, `nesting`, `brackets`). What cannot be read is skipped (`structure`) and
reported: by `unclosed` where it is a bracket or a string, by `python_code` where the whole text is
Python, and else by `messages`, which asks the files of typical mistakes in the order that
`mistakes` gives. Each of these sees an `ErrorContext` and answers with a `Mistake`, both in
`context`.
"""
