"""Uses of blocks: each is written out anew."""

from __future__ import annotations

from mtg.graph.graph import Use
from mtg.graph.values import leaves
from mtg.limits import MAX_USES
from mtg.semantics.budget import TooLarge
from mtg.semantics.expansion.calls import Callee, match_tensors
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_body, declare_parameters, namings_of
from mtg.semantics.expansion.parameters import match_parameters, take_settings
from mtg.semantics.expansion.tensors import take_tensor
from mtg.semantics.modules import Declared
from mtg.semantics.naming import BlockUse, NamedStatement
from mtg.semantics.values import (
    ERROR,
    Frame,
    Tensor,
    TensorGroup,
    TensorTuple,
    Value,
    is_error,
    is_tensor,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Label
from mtg.text.source import Span


def use_block(
    node: ast.CallExpr, declared: Declared, value: Value, context: Context, frame: Frame
) -> Value:
    """Expand a block on what flows into it."""
    block = declared.node
    assert isinstance(block, ast.BlockDecl)
    if context.scopes.is_broken(block):
        return ERROR  # reported when the names were resolved
    if len(frame.uses) >= MAX_USES:
        context.reporter(frame)("MTG605", f"blocks are nested more than {MAX_USES} deep", node.span)
        raise TooLarge
    matched = match_parameters(node, block, context, frame)
    if matched is None:
        return ERROR
    values, given = matched
    settings = take_settings(given, context, frame)
    heads = _take_heads(block, value, node.span, context, frame)
    if settings is None or heads is None:
        return ERROR
    context.budget.spend(node.span)
    results = sum(len(s.results) for s in block.body[-1:] if isinstance(s, ast.ReturnDecl))
    context.budget.step(node.span, len(block.body) + len(block.parameters) + results)
    explicit, trainable = settings
    taken = (leaf.ref for leaf in leaves(list(heads.values())) if isinstance(leaf, Tensor))
    use = Use(block.name.name, "", node.span, tuple(taken))
    named = BlockUse(block.name.name, explicit[0] if explicit else None, use)
    frame.naming.parts.append(named)
    inner = Frame(
        dict(heads),
        None,
        declared.module.names,
        (*frame.uses, use),
        frame.trainable if trainable is None else trainable,
        NamedStatement(""),
        rounds=frame.rounds,
    )
    declare_parameters(block, values, context, inner, node.brackets)
    namings = namings_of(block.body)
    named.statements = list(namings.values())
    return declare_body(block, namings, context, inner)


def _take_heads(
    block: ast.BlockDecl, value: Value, span: Span, context: Context, frame: Frame
) -> dict[str, Value] | None:
    """Return what the names in the block's head stand for: tensors, or what else names hold."""
    names = [head.name for head in block.heads]
    if is_error(value):
        return None
    if (
        isinstance(value, TensorGroup)
        and len(names) > 1
        and not value.kwargs
        and len(value.args) == 1
        and isinstance(value.args[0], (list, tuple))
    ):
        value = TensorGroup(tuple(value.args[0]), {})
    elif isinstance(value, TensorTuple) and len(names) > 1:
        value = TensorGroup(value.tensors, {})
    elif not isinstance(value, TensorGroup):
        value = TensorGroup((value,), {})
    taker = Callee(
        block.name.name,
        f"the block `{block.name.name}`",
        "takes no tensor",
        labels=(Label(block.name.span, f"its tensors are {', '.join(names)}"),),
    )
    if len(names) == 1 and len(value.args) == 1 and not value.kwargs:
        given: dict[str, Value] | None = {names[0]: value.args[0]}  # a list goes whole
    else:
        given = match_tensors(names, value, taker, span, context, frame)
    if given is None:
        return None
    found: dict[str, Value] = {}
    for name in names:
        each = given[name]
        if is_error(each):
            return None
        if is_tensor(each):
            ref = take_tensor(each, span, context, frame)
            if ref is None:
                return None
            each = Tensor(ref)
        found[name] = each
    return found
