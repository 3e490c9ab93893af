"""The picture of a project's stacks: which nests which, and which hands values to which, as SVG and as a table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from unicodedata import east_asian_width

import networkx as nx

from generator.checks.report.scorecard import counted
from generator.checks.review import Reviewed
from generator.findings import Severity
from generator.staging import printable

# More stacks, and values that they hand over, than a page can show; the rest is told in words.
MAX_STACKS = 60
MAX_VALUES = 500
# More lines than their labels would leave readable; the table below the picture has them all.
_LABELLED = 24
_ACROSS = 4
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _EDGE = 214, 66, 38, 76, 18
_SIDE = 72  # where lines go around boxes
_LETTERS, _LABEL_LETTERS = 23, 26
_LETTER_WIDTH, _LABEL_HEIGHT = 6, 15
_SAME = "/template.yaml"
_CAPTION = "Dashed: nests. Solid: hands its outputs to; point at a line to read which."

_Point = tuple[float, float]
_Curve = tuple[_Point, _Point, _Point, _Point]
_Rectangle = tuple[float, float, float, float]


def picture(project: Reviewed) -> str:
    """The stacks as an SVG element, and what they hand to each other as a table; both stand by themselves."""
    graph = project.stacks
    shown = list(graph.nodes)[:MAX_STACKS]
    places = _places(_rows(graph, shown))
    width = max((x for x, _ in places.values()), default=0) + _WIDTH + _SIDE
    height = max((y for _, y in places.values()), default=0) + _HEIGHT + _EDGE
    worst = _counts(project)
    parts = [
        f'<div class="picture"><svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" ',
        'class="stacks"><title>The project\'s stacks: what nests what, and what gets values from what</title>\n',
    ]
    parts += _lines(graph, places)
    parts += [_box(name, graph.nodes[name], worst[name], *places[name]) for name in shown]
    parts.append("</svg></div>\n")
    if len(graph) > len(shown):
        parts.append(f"<p>And {counted(len(graph) - len(shown), 'stack')} more.</p>\n")
    if graph.size():
        parts.append(f'<p class="soft">{_CAPTION}</p>\n')
    return "".join((*parts, _table(graph)))


def _counts(project: Reviewed) -> dict[str, Counter[Severity]]:
    counts: dict[str, Counter[Severity]] = defaultdict(Counter)
    for finding in project.findings:
        counts[finding.file][finding.severity] += 1
    return counts


def _rows(graph: nx.DiGraph[str], shown: Sequence[str]) -> list[list[str]]:
    """The stacks by depth: below whatever nests them or hands them values; a row is as long as a page is wide."""
    part = graph.subgraph(shown)
    # A circle is a finding elsewhere; here its members stand side by side.
    circles = nx.condensation(part)
    depth: dict[int, int] = {}
    for circle in nx.topological_sort(circles):
        depth[circle] = max((depth[above] + 1 for above in circles.predecessors(circle)), default=0)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in shown:
        if part.degree(name) or len(shown) == 1:
            layers[depth[circles.graph["mapping"][name]]].append(name)
    layers.append([name for name in shown if not part.degree(name) and len(shown) > 1])
    rows: list[list[str]] = []
    across: dict[str, float] = {}
    for layer in layers:
        layer.sort(key=lambda name: _above(part, name, across))
        for start in range(0, len(layer), _ACROSS):
            row = layer[start : start + _ACROSS]
            across.update({name: index - (len(row) - 1) / 2 for index, name in enumerate(row)})
            rows.append(row)
    return rows


def _above(graph: nx.DiGraph[str], name: str, across: Mapping[str, float]) -> float:
    """Where what a stack gets its values from stands, in the middle; so that fewer lines cross."""
    found = [across[giver] for giver in graph.predecessors(name) if giver in across]
    return sum(found) / len(found) if found else 0.0


def _places(rows: Sequence[Sequence[str]]) -> dict[str, tuple[int, int]]:
    """Where each box has its upper left corner; rows are centred."""
    widest = max((len(row) for row in rows), default=0)
    places: dict[str, tuple[int, int]] = {}
    for depth, row in enumerate(rows):
        indent = (widest - len(row)) * (_WIDTH + _GAP_X) // 2
        for index, name in enumerate(row):
            places[name] = (_SIDE + indent + index * (_WIDTH + _GAP_X), _EDGE + depth * (_HEIGHT + _GAP_Y))
    return places


def _lines(graph: nx.DiGraph[str], places: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    edges = [(a, b, data) for a, b, data in sorted(graph.edges(data=True), key=lambda edge: edge[:2]) if a != b]
    edges = [edge for edge in edges if edge[0] in places and edge[1] in places]
    labelled = sum(not data["nests"] for _, _, data in edges) <= _LABELLED
    taken: list[_Rectangle] = [(x, y, x + _WIDTH, y + _HEIGHT) for x, y in places.values()]
    labels: list[str] = []  # above every line
    for giver, taker, data in edges:
        curve = _curve(places[giver], places[taker])
        (x1, y1), (x2, y2), (x3, y3), (x4, y4) = curve
        kind = "nests" if data["nests"] else "passes"
        title = _title(_sentence(giver, taker, data))
        if kind == "passes" and labelled:
            labels.append(f'<g class="label">{title}{_label(data["passes"], curve, taken)}</g>\n')
        path = f"M{x1:g} {y1:g}C{x2:g} {y2:g} {x3:g} {y3:g} {x4:g} {y4:g}"
        yield f'<g class="edge {kind}">{title}<path d="{path}"/></g>\n'
    yield from labels


def _sentence(giver: str, taker: str, data: Mapping[str, list[tuple[str, str]]]) -> str:
    passes = data["passes"]
    number = counted(len(passes), "value")
    if data["nests"]:
        sentence = f"{giver} nests {taker}" + (f" and gives it {number}" if passes else "")
    else:
        sentence = f"{giver} gives {number} to {taker}"
    listed = ", ".join(_handed(given, parameter) for given, parameter in passes)
    return f"{sentence}: {listed}" if listed else sentence


def _handed(given: str, parameter: str) -> str:
    return parameter if given in {"", parameter} else f"{given} as {parameter}"


def _curve(start: tuple[int, int], end: tuple[int, int]) -> _Curve:
    """From a box's lower edge to another's upper one; around what stands between them."""
    x1, y1 = start[0] + _WIDTH / 2, start[1] + _HEIGHT
    x2, y2 = end[0] + _WIDTH / 2, end[1]
    middle = (y1 + y2) / 2
    rows = (end[1] - start[1]) // (_HEIGHT + _GAP_Y)
    aside = (_WIDTH + _GAP_X) * (1 if rows > 1 else 0) * (1 if x2 >= x1 else -1)
    return (x1, y1), (x1 + aside, middle), (x2 + aside, middle), (x2, y2)


def _label(passes: Sequence[tuple[str, str]], curve: _Curve, taken: list[_Rectangle]) -> str:
    """What a line hands over, beside it, where nothing else stands; nothing where there is no room."""
    more = f" +{len(passes) - 1}" if len(passes) > 1 else ""
    first = printable(passes[0][0] or passes[0][1])
    room = _LABEL_LETTERS - len(more)
    text = (first if len(first) <= room else f"{first[: room - 1]}…") + more
    half = len(text) * _LETTER_WIDTH / 2
    for part in (0.5, 0.62, 0.38, 0.74, 0.26, 0.86):
        x, y = _point(curve, part)
        box = (x - half, y - _LABEL_HEIGHT / 2, x + half, y + _LABEL_HEIGHT / 2)
        if not any(_overlap(box, other) for other in taken):
            taken.append(box)
            rectangle = f'<rect x="{box[0]:g}" y="{box[1]:g}" width="{2 * half:g}" height="{_LABEL_HEIGHT}"/>'
            return f'{rectangle}<text x="{x:g}" y="{y + 4:g}" text-anchor="middle">{escape(text)}</text>'
    return ""


def _point(curve: _Curve, part: float) -> _Point:
    rest = 1 - part
    weights = (rest**3, 3 * rest**2 * part, 3 * rest * part**2, part**3)
    x = sum(weight * point[0] for weight, point in zip(weights, curve, strict=True))
    return round(x, 1), round(sum(weight * point[1] for weight, point in zip(weights, curve, strict=True)), 1)


def _overlap(one: _Rectangle, other: _Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _box(name: str, node: Mapping[str, object], found: Counter[Severity], x: int, y: int) -> str:
    here = node["state"] == "here"
    kind = next((severity.value for severity in _WORST if found[severity]), "good" if here else "away")
    resources = node["resources"]
    said = counted(resources, "resource") if isinstance(resources, int) else str(node["state"])
    words = [counted(found[severity], _WORST[severity]) for severity in _WORST if found[severity]]
    verdict = ", ".join(words) or ("no findings" if here else "not checked")
    label = printable(name).removesuffix(_SAME)
    short = _end(label, _LETTERS)
    title = f"{printable(name)}: {said}, {verdict}"
    return (
        f'<g class="stack {kind}">{_title(title)}<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text x="{x + 14}" y="{y + 22}" class="name">{escape(short)}</text>'
        f'<text x="{x + 14}" y="{y + 39}">{escape(said)}</text>'
        f'<text x="{x + 14}" y="{y + 56}" class="verdict">{escape(verdict)}</text></g>\n'
    )


_WORST = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def _table(graph: nx.DiGraph[str]) -> str:
    rows = [
        (giver, taker, given, parameter)
        for giver, taker, data in sorted(graph.edges(data=True), key=lambda edge: edge[:2])
        for given, parameter in data["passes"]
    ]
    if not rows:
        return ""
    more = f"<p>And {counted(len(rows) - MAX_VALUES, 'value')} more.</p>\n" if len(rows) > MAX_VALUES else ""
    lines = "".join(
        "<tr>" + "".join(f"<td><code>{escape(printable(cell))}</code></td>" for cell in row) + "</tr>\n"
        for row in rows[:MAX_VALUES]
    )
    return (
        f"<details><summary>What the stacks hand to each other: {counted(len(rows), 'value')}</summary>\n"
        '<div class="wide"><table><thead><tr><th>From</th><th>To</th><th>Value</th><th>Parameter</th></tr></thead>\n'
        f"<tbody>\n{lines}</tbody></table></div>{more}</details>\n"
    )


def _end(text: str, width: int) -> str:
    """The end of a text, as many letters as have room: some are two wide."""
    widths = [2 if east_asian_width(letter) in "FW" else 1 for letter in text]
    if sum(widths) <= width:
        return text
    start = len(text)
    while sum(widths[start - 1 :]) < width:
        start -= 1
    return f"…{text[start:]}"


def _title(text: str) -> str:
    return f"<title>{escape(printable(text))}</title>"
