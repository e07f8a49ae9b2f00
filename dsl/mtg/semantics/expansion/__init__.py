"""Expansion, from the syntax tree to calls of layers: functions over a `Context` and a `Frame`.

A `Context` is what is made, known and counted for one model; a `Frame` is what names mean where a
node stands. Three functions are open: `evaluate_node` of expressions (`evaluation`), `run_stage` of
what stands after `->` (`stages`), and `declare_names` of declarations (`declarations`). What a kind
of node means is written once, in the file of its subject, and registered with one of them. So files
import downwards only, however the nodes nest:

- expressions: `displays`, `operators`, `subscripts`, `names`, `attributes`, `call_expressions`,
  `flows`
- stages: `call_stages`, `control_flow`, `reuse`
- declarations: `bindings`, `shared`, `inputs`, `outputs`, `tasks`
- what these are made of: `models` and `blocks`; `merges`, `ops` and `objects`; `layers` and
  `calls`; `parameters`; `tensors`
"""
