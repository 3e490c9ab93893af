"""The picture of a project's stacks: which nests which, and which hands values to which, as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

import networkx as nx

from generator.checks.report.scorecard import counted
from generator.checks.review import Reviewed
from generator.project import Link, Project, references
from generator.staging import printable

# More stacks than a picture can show; the rest is told in words.
MAX_STACKS = 60
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _EDGE = 210, 58, 30, 64, 16
_LETTERS = 30


@dataclass(frozen=True)
class Graph:
    """Stacks and what is between them.

    Attributes:
        stacks: each stack's name, with what is said of it.
        nests: pairs of a stack and one that it nests.
        passes: pairs of a stack and one that gets its outputs, with how many.
    """

    stacks: Mapping[str, str]
    nests: frozenset[tuple[str, str]]
    passes: Mapping[tuple[str, str], int]


def graph_of(project: Project) -> Graph:
    """The graph of a project's templates and of what they nest."""
    stacks = {t.name: counted(len(t.resources), "resource") for t in project.templates}
    nests: set[tuple[str, str]] = set()
    passes: Counter[tuple[str, str]] = Counter()
    siblings: dict[tuple[str, str], str] = {}
    for link in project.links:
        child = _child(link)
        stacks.setdefault(child, "elsewhere" if link.remote else "missing")
        siblings[link.parent.name, link.logical_id] = child
        nests.add((link.parent.name, child))
    for link in project.links:
        for source in _sources(link):
            giver = siblings.get((link.parent.name, source))
            if giver is not None and giver != _child(link):
                passes[giver, _child(link)] += 1
    return Graph(stacks, frozenset(nests), passes)


def picture(project: Reviewed) -> str:
    """The graph as an SVG element that stands in a page by itself."""
    graph = graph_of(project.project)
    shown = list(graph.stacks)[:MAX_STACKS]
    rows = _rows(graph, shown)
    places = _places(rows)
    width = max((len(row) for row in rows), default=0) * (_WIDTH + _GAP_X) + _GAP_X
    height = len(rows) * (_HEIGHT + _GAP_Y) - _GAP_Y + 2 * _EDGE
    found = Counter(finding.file for finding in project.findings)
    parts = [f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" ', 'class="stacks">']
    parts.append("<title>The project's stacks: what nests what, and what gets values from what</title>")
    parts += _lines(graph, places)
    parts += [_box(name, graph.stacks[name], found[name], *places[name]) for name in shown]
    parts.append("</svg>")
    if len(graph.stacks) > len(shown):
        parts.append(f"<p>And {counted(len(graph.stacks) - len(shown), 'stack')} more.</p>")
    return "".join(parts)


def _child(link: Link) -> str:
    return link.child.name if link.child is not None else link.location


def _sources(link: Link) -> Iterator[str]:
    """The logical ids of the stacks whose outputs a nested stack gets, once for each value."""
    properties = link.resource.get("Properties")
    given = properties.get("Parameters") if isinstance(properties, dict) else None
    for reference in references(given):
        if reference.attribute.startswith("Outputs."):
            yield reference.target


def _rows(graph: Graph, shown: list[str]) -> list[list[str]]:
    """The stacks by depth: below whatever nests them or hands them values."""
    digraph: nx.DiGraph[str] = nx.DiGraph()
    digraph.add_nodes_from(shown)
    known = set(shown)
    edges = [edge for edge in (*sorted(graph.nests), *sorted(graph.passes)) if known.issuperset(edge)]
    digraph.add_edges_from(edge for edge in edges if edge[0] != edge[1])
    # A circle is a finding elsewhere; here its members stand side by side.
    circles = nx.condensation(digraph)
    depth: dict[int, int] = {}
    for circle in nx.topological_sort(circles):
        depth[circle] = max((depth[above] + 1 for above in circles.predecessors(circle)), default=0)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in shown:
        rows[depth[circles.graph["mapping"][name]]].append(name)
    return rows


def _places(rows: list[list[str]]) -> dict[str, tuple[int, int]]:
    """Where each box has its upper left corner; rows are centred."""
    widest = max((len(row) for row in rows), default=0)
    places: dict[str, tuple[int, int]] = {}
    for depth, row in enumerate(rows):
        indent = (widest - len(row)) * (_WIDTH + _GAP_X) // 2
        for index, name in enumerate(row):
            places[name] = (_GAP_X + indent + index * (_WIDTH + _GAP_X), _EDGE + depth * (_HEIGHT + _GAP_Y))
    return places


def _lines(graph: Graph, places: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    for parent, child in sorted(graph.nests):
        if parent in places and child in places:
            said = f"{parent} nests {child}"
            yield f'<path class="nests" d="{_curve(places[parent], places[child])}">{_title(said)}</path>'
    for (giver, taker), number in sorted(graph.passes.items()):
        if giver in places and taker in places:
            said = f"{giver} gives {counted(number, 'value')} to {taker}"
            yield f'<path class="passes" d="{_curve(places[giver], places[taker])}">{_title(said)}</path>'


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + _WIDTH // 2, start[1] + _HEIGHT
    x2, y2 = end[0] + _WIDTH // 2, end[1]
    middle = (y1 + y2) // 2
    return f"M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}"


def _box(name: str, said: str, findings: int, x: int, y: int) -> str:
    kind = "bad" if findings else "good"
    verdict = f"{said}, {counted(findings, 'finding')}"
    label = printable(name)
    short = label if len(label) <= _LETTERS else f"…{label[1 - _LETTERS :]}"
    return (
        f'<g class="{kind}">{_title(label)}<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text x="{x + 12}" y="{y + 24}" class="name">{escape(short)}</text>'
        f'<text x="{x + 12}" y="{y + 44}">{escape(verdict)}</text></g>'
    )


def _title(text: str) -> str:
    return f"<title>{escape(printable(text))}</title>"
