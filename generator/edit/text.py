"""Edits of a samgen.yaml's text: each changes the lines that it is about, and no other character.

The places are those of PyYAML's nodes. `apply` takes the same steps as `generator.edit.steps.applied`, which takes
them on the plain document; who edits compares the two (`generator.edit.edit.edited`).
"""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from generator.edit import blocks, flows
from generator.edit.nodes import compose, content_end, find, has, list_at, mapping_at
from generator.edit.steps import Append, Delete, Put, Replace, Step
from generator.edit.style import Style
from generator.spec import model

_ORDERS = {0: list(model.ServiceSpec.model_fields), 1: list(model.Api.model_fields)}
_FUNCTION = list(model.Function.model_fields)


def apply(text: str, steps: Sequence[Step]) -> str:
    """The text after the steps, one after the other; the text is without a byte order mark."""
    # Later steps are written in the manner that the text had before the first.
    style = Style(compose(text), text)
    for step in steps:
        text = _taken(text, step, style)
    return text


def _taken(text: str, step: Step, style: Style) -> str:
    root = compose(text)
    if isinstance(step, Replace):
        return _replace(text, find(root, step.path), step.value, style)
    if isinstance(step, Put):
        return _put(text, root, step, style)
    if isinstance(step, Append):
        if not has(root, step.path):
            return _put(text, root, Put(step.path[:-1], str(step.path[-1]), [step.item]), style)
        return _append(text, root, step, style)
    return _delete(text, root, step)


def _replace(text: str, node: yaml.Node, value: str, style: Style) -> str:
    quote = node.style if isinstance(node, yaml.ScalarNode) and node.style in {"'", '"'} else ""
    # A name needs no escape in either kind of quotes.
    new = f"{quote}{value}{quote}" if quote else style.scalar(value)
    return text[: node.start_mark.index] + new + text[content_end(node, text) :]


def _put(text: str, root: yaml.Node, step: Put, style: Style) -> str:
    mapping = mapping_at(root, step.path)
    if mapping.flow_style or not mapping.value:
        return flows.append_part(text, mapping, f"{style.scalar(step.key)}: {style.flow(step.value)}")
    return blocks.put_pair(text, mapping, (step.key, step.value), style, _ORDERS.get(len(step.path), _FUNCTION))


def _append(text: str, root: yaml.Node, step: Append, style: Style) -> str:
    listed = list_at(root, step.path)
    if listed.flow_style:
        return flows.append_part(text, listed, style.flow(step.item))
    return blocks.append_item(text, _key(root, step.path), listed, step.item, style)


def _delete(text: str, root: yaml.Node, step: Delete) -> str:
    listed = list_at(root, step.path)
    if len(listed.value) > 1:
        remove = flows.remove_part if listed.flow_style else blocks.remove_item
        return remove(text, listed, step.place)
    parent = mapping_at(root, step.path[:-1])
    place = [key.value for key, _ in parent.value].index(step.path[-1])
    if step.keeps_key or place == 0 or (listed.flow_style and not parent.flow_style):
        if listed.flow_style:
            return flows.remove_part(text, listed, 0)
        return blocks.empty_list(text, parent.value[place][0], listed)
    return (flows.remove_part if parent.flow_style else blocks.remove_pair)(text, parent, place)


def _key(root: yaml.Node, path: tuple[str | int, ...]) -> yaml.ScalarNode:
    parent = find(root, path[:-1])
    found: yaml.ScalarNode = next(key for key, _ in parent.value if key.value == path[-1])
    return found
