"""A project as graphs of networkx: its resources as one environment deploys them, and its stacks as they are written.

An edge leads from what needs something to what it needs; only `stack_graph`, which tells who hands what to whom,
follows the values instead.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import networkx as nx

from generator.project.deployment import NAME_PROPERTIES, Deployment, Resource, Stack, refers
from generator.project.evaluate import Scope, is_known
from generator.project.load import NESTING, Link, Project
from generator.project.references import Reference, references

Key = tuple[str, str]
"""A resource of a deployment: its stack's name (`Stack.name`) and its logical id."""

_Node = TypeVar("_Node", bound=Hashable)
_OUTPUTS = "Outputs."
_SYMBOL = re.compile(r"<([^<>#]+)#([A-Za-z0-9]+)(?:\.([^<>]+))?>")
_DEPTH = 100
_LABELS = frozenset({"Tags", "PolicyName", "Sid", "Description", "DisplayName"})


@dataclass(frozen=True)
class Use:
    """Why a resource needs another; the attribute `use` of an edge of `resource_graph`.

    Attributes:
        kind: `Ref`, `GetAtt`, `Sub` or `DependsOn` within a stack; `value` where a parameter or an output brings it
            from another stack; `arn` and `name` where only the text says so; `import` by an export's name.
        attribute: what is read of it (`Arn`); for an import the export's name; empty for the thing itself.
        path: where it stands in the resource, beginning with `Properties` or `DependsOn`.
    """

    kind: str
    attribute: str
    path: tuple[Any, ...]


def resource_graph(deployment: Deployment) -> nx.MultiDiGraph[Key]:
    """Every resource of a deployment and what it needs, across its stacks.

    Nodes are `Key`s with the attributes `resource` (a `Resource`), `type`, `place` (file, line and column of the
    author's own text) and `nests` (the name of the stack that a nesting resource makes, else None). Edges carry `use`,
    a `Use`. A reference in a branch that the environment does not take is none; an unknown value makes no edge.
    """
    graph: nx.MultiDiGraph[Key] = nx.MultiDiGraph()
    below = {stack.nesting: stack.name for stack in deployment.stacks if stack.nesting}
    for resource in deployment.resources():
        nests = below.get((*resource.stack.nesting, resource.logical_id)) if resource.type in NESTING else None
        graph.add_node(key_of(resource), resource=resource, type=resource.type, place=resource.place(), nests=nests)
    names = _Names(deployment)
    scopes = {stack.name: _scope(deployment, stack) for stack in deployment.stacks}
    exports = {name: [*_symbols(value)] for name, value in deployment.exports.items()}
    for resource in deployment.resources():
        scope = scopes[resource.stack.name]
        uses = (
            _written(resource, scope),
            _brought(resource),
            names.uses(resource),
            _imported(resource, scope, exports),
        )
        for target, use in (found for part in uses for found in part):
            if target in graph:
                graph.add_edge(key_of(resource), target, use=use)
    return graph


def key_of(resource: Resource) -> Key:
    """The node of a resource in `resource_graph`."""
    return resource.stack.name, resource.logical_id


def reference_graph(resources: Mapping[str, Any]) -> nx.DiGraph[str]:
    """What the resources of one template need of each other as they are written, whatever branch is taken.

    Edges carry `reference`, the first `Reference` that says so; its path begins with `Resources`.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(resources)
    for name, resource in resources.items():
        for reference in references(resource, ("Resources", name)):
            if reference.target in graph and not graph.has_edge(name, reference.target):
                graph.add_edge(name, reference.target, reference=reference)
    return graph


def shortest_cycle(graph: nx.DiGraph[_Node], start: _Node) -> list[_Node]:
    """The shortest way from a node along the edges back to it, without its end; empty if there is none."""
    ways: dict[_Node, list[_Node]] = nx.single_target_shortest_path(graph, start)
    back = [ways[following] for following in graph.successors(start) if following in ways]
    return [start, *min(back, key=len)][:-1] if back else []


def stack_graph(project: Project) -> nx.DiGraph[str]:
    """The templates of a project, as they are written: which nests which, and which hands what to which.

    Nodes are the templates' names, and the locations of children that are elsewhere or missing, with the attributes
    `resources` (their number; None where nothing is known) and `state` (`here`, `elsewhere` or `missing`). An edge
    leads from a parent to what it nests, and from a stack to one that gets its outputs. It carries `nests`, the
    logical ids, and `passes`, pairs of what is handed over and the parameter that takes it: an output's name, or for a
    parent's own value the names in it (empty for a literal).
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for template in project.templates:
        graph.add_node(template.name, resources=len(template.resources), state="here")
    children = {(link.parent.name, link.logical_id): _child(link) for link in project.links}
    for link in project.links:
        if _child(link) not in graph:
            graph.add_node(_child(link), resources=None, state="elsewhere" if link.remote else "missing")
        _edge(graph, link.parent.name, _child(link))["nests"].append(link.logical_id)
    for link in project.links:
        for giver, given, parameter in _handed(link, children):
            _edge(graph, giver, _child(link))["passes"].append((given, parameter))
    return graph


def _edge(graph: nx.DiGraph[str], start: str, end: str) -> dict[str, list[Any]]:
    if not graph.has_edge(start, end):
        graph.add_edge(start, end, nests=[], passes=[])
    edge: dict[str, list[Any]] = graph.edges[start, end]
    return edge


def _child(link: Link) -> str:
    return link.child.name if link.child is not None else link.location


def _handed(link: Link, children: Mapping[Key, str]) -> Iterator[tuple[str, str, str]]:
    """Who hands what to a nested stack, as which parameter."""
    properties = link.resource.get("Properties")
    given = properties.get("Parameters") if isinstance(properties, dict) else None
    for parameter, value in given.items() if isinstance(given, dict) else ():
        own: dict[str, None] = {}
        outputs: dict[tuple[str, str], None] = {}
        for reference in references(value):
            giver = children.get((link.parent.name, reference.target))
            if giver is not None and reference.attribute.startswith(_OUTPUTS):
                outputs[giver, reference.attribute.removeprefix(_OUTPUTS)] = None
            else:
                own[".".join(filter(None, (reference.target, reference.attribute)))] = None
        yield from ((giver, output, str(parameter)) for giver, output in outputs)
        if own or not outputs:
            yield link.parent.name, ", ".join(own), str(parameter)


def _scope(deployment: Deployment, stack: Stack) -> Scope:
    pseudo = {
        "AWS::Region": deployment.region,
        "AWS::AccountId": deployment.account,
        "AWS::StackName": f"<stack {stack.name}>",
    }
    return Scope(stack.name, {**pseudo, **stack.parameters}, stack.data)


def _written(resource: Resource, scope: Scope) -> Iterator[tuple[Key, Use]]:
    """What a resource refers to in its own stack, in the branches that are taken."""
    for part in ("Properties", "DependsOn"):
        value = resource.definition.get(part)
        # Where it stands in a template decides whether a DependsOn is one.
        holder = {resource.logical_id: {part: value}}
        for reference in references(holder, ("Resources",)):
            path = reference.path[2:]
            if reference.target in resource.stack.resources and _taken(resource.definition, path, scope):
                use = Use(_kind(reference), reference.attribute, path)
                yield (resource.stack.name, reference.target), use


def _kind(reference: Reference) -> str:
    if reference.text:
        return "Sub"
    return {"Ref": "Ref", "Fn::GetAtt": "GetAtt"}.get(str(reference.path[-1]), "DependsOn")


def _taken(definition: Any, path: tuple[Any, ...], scope: Scope) -> bool:
    """Whether no `Fn::If` on the way to a path takes its other branch."""
    value = definition
    for index, step in enumerate(path[:-1]):
        value = value[step]
        if step == "Fn::If" and isinstance(value, list) and value and isinstance(value[0], str):
            holds = scope.condition(value[0])
            if holds is not None and path[index + 1] != (1 if holds else 2):
                return False
    return True


def _symbols(value: Any) -> Iterator[Key]:
    for _, text in _texts(value, ()):
        yield from ((match[1], match[2]) for match in _SYMBOL.finditer(text))


def _brought(resource: Resource) -> Iterator[tuple[Key, Use]]:
    """What parameters and outputs bring to a resource from other stacks; what it imports is told apart from it."""
    imports = [path for path, _ in _imports(resource.definition.get("Properties"), ("Properties",))]
    for path, text in _texts(resource.properties, ("Properties",)):
        if any(imported[: len(path)] == path for imported in imports):
            continue
        for match in _SYMBOL.finditer(text):
            if match[1] != resource.stack.name:
                yield (match[1], match[2]), Use("value", match[3] or "", path)


def _texts(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if len(path) > _DEPTH:
        return
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


class _Names:
    """Resources by their physical names."""

    def __init__(self, deployment: Deployment) -> None:
        self._by_name: dict[str, list[Resource]] = defaultdict(list)
        for resource in deployment.resources():
            if resource.name is not None:
                self._by_name[resource.name].append(resource)

    def uses(self, resource: Resource) -> Iterator[tuple[Key, Use]]:
        """What a resource names by an ARN, an address, or a name that only one resource has."""
        own = ("Properties", NAME_PROPERTIES.get(resource.type))
        for path, text in _texts(resource.properties, ("Properties",)):
            # The resource's own name, and what only labels something, refer to nothing that is called the same.
            if path == own or _LABELS.intersection(map(str, path)) or "<" in text or not is_known(text):
                continue
            for target, kind in self._named(text):
                if target is not resource:
                    yield key_of(target), Use(kind, "", path)

    def _named(self, text: str) -> Iterator[tuple[Resource, str]]:
        if not text.startswith("arn:") and "://" not in text:
            found = self._by_name.get(text, [])
            if len(found) == 1:
                yield found[0], "name"
            return
        candidates = {name: None for name in _name_parts(text) if name in self._by_name}
        for name in candidates:
            yield from ((target, "arn") for target in self._by_name[name] if refers(text, target))


def _name_parts(text: str) -> Iterator[str]:
    """What may be a name in an ARN or an address; `refers` decides."""
    rest = text.split(":", 5)[-1] if text.startswith("arn:") else text
    yield rest
    yield from re.split("[:/]", rest)
    yield rest.partition(":")[2].removesuffix(":*")
    yield rest.partition("/")[2]


def _imported(resource: Resource, scope: Scope, exports: Mapping[str, list[Key]]) -> Iterator[tuple[Key, Use]]:
    for path, name in _imports(resource.definition.get("Properties"), ("Properties",)):
        called = scope.evaluate(name)
        if isinstance(called, str) and is_known(called) and _taken(resource.definition, path, scope):
            yield from ((target, Use("import", called, path)) for target in exports.get(called, ()))


def _imports(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict) and len(path) <= _DEPTH:
        for key, item in value.items():
            if key == "Fn::ImportValue":
                yield (*path, key), item
            else:
                yield from _imports(item, (*path, key))
    elif isinstance(value, list) and len(path) <= _DEPTH:
        for index, item in enumerate(value):
            yield from _imports(item, (*path, index))
