"""Where the parts of a YAML document stand in its text: PyYAML's nodes, and where what they hold really ends."""

from __future__ import annotations

import yaml

from generator.spec.problems import Path


def compose(text: str) -> yaml.MappingNode:
    """The nodes of a text that has been read as a spec before; an empty text is an empty mapping."""
    return _mapping(yaml.compose(text, Loader=yaml.SafeLoader))


def find(root: yaml.Node, path: Path) -> yaml.Node:
    """The node at a path that exists."""
    node = root
    for step in path:
        if isinstance(step, int):
            node = node.value[step]
        else:
            node = next(value for key, value in node.value if key.value == step)
    return node


def mapping_at(root: yaml.Node, path: Path) -> yaml.MappingNode:
    """The mapping at a path; TypeError where there is something else."""
    return _mapping(find(root, path))


def list_at(root: yaml.Node, path: Path) -> yaml.SequenceNode:
    """The list at a path; TypeError where there is something else."""
    node = find(root, path)
    if not isinstance(node, yaml.SequenceNode):
        raise TypeError(path)
    return node


def _mapping(node: yaml.Node | None) -> yaml.MappingNode:
    if not isinstance(node, yaml.MappingNode):
        raise TypeError(node)
    return node


def has(root: yaml.Node, path: Path) -> bool:
    """Whether there is something at a path."""
    try:
        find(root, path)
    except (StopIteration, IndexError, TypeError, ValueError):
        return False
    return True


def content_end(node: yaml.Node, text: str) -> int:
    """Where the last character of a node's content ends.

    The end of a block, as PyYAML gives it, is where the next thing begins, after comments and blank lines.
    """
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return content_end(last[1] if isinstance(last, tuple) else last, text)
    end = int(node.end_mark.index)
    if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
        start = int(node.start_mark.index)
        end = start + len(text[start:end].rstrip())
    return end
