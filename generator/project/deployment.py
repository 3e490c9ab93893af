"""What CloudFormation would make of a project in each of its environments: every stack expanded and evaluated.

Nested stacks get what their parents pass, and hand back their outputs, so a value is the same thing wherever it
arrives. Resources are found by what refers to them: a symbol, an ARN, a physical name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from generator.project.evaluate import UNKNOWN, Partial, Scope, Symbol, is_known
from generator.project.expand import owner_of
from generator.project.include import Part
from generator.project.load import DEPTH, MOST_STACKS, NESTING, Project
from generator.project.names import NAME_PROPERTIES, refers
from generator.project.samconfig import ConfigEnvironment, SamConfig
from generator.project.stack_values import Expansions, expanded, parameter_values
from generator.project.template import Template
from generator.project.variants import variants

__all__ = ["ACCOUNT", "DEFAULT_REGION", "NAME_PROPERTIES", "Deployment", "Resource", "Stack", "deployments", "refers"]

APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
DEFAULT_REGION = "us-east-1"
ACCOUNT = "<account>"
# How often what stacks export is handed to those that import it, which may export it again.
_ROUNDS = 4


@dataclass(frozen=True, eq=False, repr=False)
class Resource:
    """A resource of a stack in one environment.

    Attributes:
        stack: the stack that it belongs to.
        logical_id: its name in the expanded template.
        type: its type.
        properties: its properties, evaluated; see `generator.project.evaluate` for what is not known.
        definition: the whole resource as the expanded template says it, not evaluated (DependsOn, DeletionPolicy…).
        owner: the resource in the author's own template that it is, or was generated from.
    """

    stack: Stack
    logical_id: str
    type: str
    properties: dict[str, Any]
    definition: dict[str, Any]
    owner: str

    def __repr__(self) -> str:
        """Short: a resource knows its stack, and the stack all of its resources."""
        return f"<{self.type} {self.stack.name}#{self.logical_id}>"

    @property
    def symbol(self) -> Symbol:
        """What `!Ref` gives for it."""
        return Symbol(self.stack.name, self.logical_id)

    @property
    def name(self) -> str | None:
        """Its physical name where the template gives one that is known; None otherwise."""
        key = NAME_PROPERTIES.get(self.type)
        value = self.properties.get(key) if key is not None else None
        return value if isinstance(value, str) and is_known(value) and not isinstance(value, Symbol) else None

    def get(self, *path: str | int) -> Any:
        """The evaluated property at a path; None where there is none."""
        found: Any = self.properties
        for step in path:
            if found is UNKNOWN:
                return UNKNOWN
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def place(self, *path: str | int) -> tuple[str, int, int]:
        """File, line and column of the author's own text that says it: of a property where it stands there.

        What a file beside the template says stands in that file.
        """
        if path[:1] == ("Body",) and self.openapi is not None:
            return self.openapi.place((*self.openapi.base, *path[1:]))
        properties = ("Properties", *path) if path and self.owner == self.logical_id else ()
        return self.stack.template.place("Resources", self.owner, *properties)

    @property
    def openapi(self) -> Part | None:
        """The file with its OpenAPI document, if it is an API that has one."""
        return self.stack.template.parts.openapi.get(self.owner) if self.type in APIS else None


@dataclass(eq=False)
class Stack:
    """A stack in one environment.

    Attributes:
        name: its template's name; followed by `@` and the nesting resource where a template nests more than once.
        template: the author's template.
        parameters: every parameter with its value.
        resources: its resources by logical id; those whose condition does not hold are not there.
        outputs: its outputs, evaluated.
        exports: those that other stacks can import, by the name of the export.
        data: the expanded template.
        nesting: the logical ids of the stacks that nest it, the root's first.
    """

    name: str
    template: Template = field(repr=False)
    parameters: dict[str, Any] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    exports: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict, repr=False)
    nesting: tuple[str, ...] = ()


@dataclass(eq=False)
class Deployment:
    """A project as one environment deploys it.

    Attributes:
        project: the project.
        environment: what samconfig.toml says of the environment; one without settings where there is none.
        region: the region that it is deployed to, or `us-east-1` where nothing says.
        account: the account that samconfig.toml names, or a stand-in (`<account>`).
        stacks: every stack, parents before children; templates that no other nests are stacks of their own.
    """

    project: Project
    environment: ConfigEnvironment
    region: str
    account: str
    stacks: list[Stack] = field(default_factory=list)

    def of_type(self, *kinds: str) -> Iterator[Resource]:
        """Every resource of one of the types, in any stack."""
        for stack in self.stacks:
            for resource in stack.resources.values():
                if resource.type in kinds:
                    yield resource

    def resources(self) -> Iterator[Resource]:
        """Every resource of every stack."""
        for stack in self.stacks:
            yield from stack.resources.values()

    @property
    def exports(self) -> dict[str, Any]:
        """What its stacks export, by the name of the export."""
        return {name: value for stack in self.stacks for name, value in stack.exports.items()}

    def find(self, reference: Any, *kinds: str) -> Resource | None:
        """The resource of one of the types that a symbol, an ARN, a URL or a physical name refers to; None if none."""
        if isinstance(reference, Symbol):
            found = self._by_symbol.get((reference.stack, reference.logical_id))
            return found if found is not None and (not kinds or found.type in kinds) else None
        if not isinstance(reference, str) or not is_known(reference):
            return None
        for resource in self.of_type(*kinds) if kinds else self.resources():
            if refers(reference, resource):
                return resource
        return None

    def function(self, reference: Any) -> Resource | None:
        """The function that a reference means: itself, an alias, a version, or an ARN of one of them."""
        found = self.find(reference, "AWS::Lambda::Function", "AWS::Lambda::Alias", "AWS::Lambda::Version")
        if found is not None and found.type != "AWS::Lambda::Function":
            return self.find(found.get("FunctionName"), "AWS::Lambda::Function")
        return found

    @cached_property
    def _by_symbol(self) -> dict[tuple[str, str], Resource]:
        return {(resource.stack.name, resource.logical_id): resource for resource in self.resources()}


Imports = Callable[[Deployment], dict[str, Any]]
"""What others export where a deployment is."""


def deployments(
    project: Project, config: SamConfig, others: Imports = lambda _deployment: {}, prefix: str = ""
) -> list[Deployment]:
    """The project as each environment deploys it; where none is named, as the allowed values of parameters let it.

    Args:
        project: the project.
        config: its samconfig.toml.
        others: what other projects export to a deployment of this one; see `generator.project.exports`.
        prefix: what the stacks' names begin with.
    """
    environments = list(config.environments) or (variants(project.templates[0]) if project.templates else [])
    expansions: Expansions = {}
    return [_deployment(project, environment, others, prefix, expansions) for environment in environments]


def _deployment(
    project: Project, environment: ConfigEnvironment, others: Imports, prefix: str, expansions: Expansions
) -> Deployment:
    """One deployment; built again where a stack imports what another exports, until nothing new comes of it."""
    built = _Builder(project, environment, {}, prefix, expansions).deployment
    if not any("ImportValue" in template.source for template in project.templates):
        return built
    foreign = others(built)
    imports: dict[str, Any] = {}
    for _ in range(_ROUNDS):
        found = {**foreign, **built.exports}
        if found == imports:
            break
        imports = found
        built = _Builder(project, environment, imports, prefix, expansions).deployment
    return built


class _Builder:
    """Builds one deployment: the root's stack, what it nests, and templates that nothing nests."""

    def __init__(
        self,
        project: Project,
        environment: ConfigEnvironment,
        imports: Mapping[str, Any],
        prefix: str,
        expansions: Expansions,
    ) -> None:
        self.imports, self.prefix, self.expansions = imports, prefix, expansions
        region = environment.region or DEFAULT_REGION
        self.deployment = Deployment(project, environment, region, environment.account or ACCOUNT)
        self.taken: set[str] = set()
        self.children = {(link.parent.name, link.logical_id): link.child for link in project.links}
        nested = {child.name for child in self.children.values() if child is not None}
        for template in project.templates:
            if template.name not in nested and template.data:
                given = environment.parameters if template is project.templates[0] else {}
                _StackBuilder(self, template, given, ()).build()

    def pseudo(self, stack: str) -> dict[str, Any]:
        """The pseudo parameters of a stack."""
        region = self.deployment.region
        china = region.startswith("cn-")
        return {
            "AWS::Region": region,
            "AWS::Partition": "aws-cn" if china else "aws-us-gov" if "-gov-" in region else "aws",
            "AWS::URLSuffix": "amazonaws.com.cn" if china else "amazonaws.com",
            "AWS::AccountId": self.deployment.account,
            "AWS::StackName": f"<stack {stack}>",
            "AWS::StackId": f"<stack id {stack}>",
            "AWS::NotificationARNs": UNKNOWN,
        }


class _StackBuilder:
    """Builds one stack; a nested one is built when the first of its outputs is asked for, or at the end."""

    def __init__(
        self, builder: _Builder, template: Template, given: Mapping[str, Any], nesting: tuple[str, ...]
    ) -> None:
        name = f"{builder.prefix}{template.name}"
        if name in builder.taken:
            name = f"{name}@{'.'.join(nesting)}"
        builder.taken.add(name)
        self.stack = Stack(name, template, nesting=nesting)
        builder.deployment.stacks.append(self.stack)
        self._builder = builder
        self._nested: dict[str, Stack | None] = {}
        self.stack.parameters = parameter_values(template, given)
        values = {**builder.pseudo(name), **self.stack.parameters}
        self.stack.data, self._loops = expanded(template, values, builder.deployment.region, builder.expansions)
        self._scope = Scope(name, values, self.stack.data, self._attribute, builder.imports)

    def build(self) -> Stack:
        """Evaluate resources, what they nest, and outputs."""
        for logical_id, definition in _mappings(self.stack.data.get("Resources")):
            if self._exists(definition):
                self._add(logical_id, definition)
                if str(definition.get("Type")) in NESTING:
                    self._nest(logical_id)
        for name, output in _mappings(self.stack.data.get("Outputs")):
            if self._exists(output):
                self.stack.outputs[name] = self._scope.evaluate(output.get("Value"))
                export = output.get("Export")
                exported = self._scope.evaluate(export.get("Name")) if isinstance(export, dict) else None
                if isinstance(exported, str) and is_known(exported):
                    self.stack.exports[exported] = self.stack.outputs[name]
        return self.stack

    def _add(self, logical_id: str, definition: dict[str, Any]) -> None:
        properties = self._scope.evaluate(definition.get("Properties"))
        kind = definition.get("Type")
        resource = Resource(
            self.stack,
            logical_id,
            kind if isinstance(kind, str) else "",
            properties if isinstance(properties, dict) else {} if properties is None else Partial(),
            definition,
            self._owner(logical_id),
        )
        if resource.openapi is not None and resource.get("Body") is None:
            # Its document is in a file, which SAM and CloudFormation hand on as it is.
            resource.properties["Body"] = self._scope.evaluate(resource.openapi.document.data)
        self.stack.resources[logical_id] = resource

    def _owner(self, logical_id: str) -> str:
        looped = [name for name in self._loops if logical_id.startswith(name)]
        if looped and logical_id not in self.stack.template.resources:
            return self._loops[max(looped, key=len)]
        return owner_of(self.stack.template, logical_id) or logical_id

    def _exists(self, definition: dict[str, Any]) -> bool:
        """Whether a condition lets it be; one that is not known does."""
        condition = definition.get("Condition")
        return not isinstance(condition, str) or self._scope.condition(condition) is not False

    def _attribute(self, logical_id: str, attribute: str) -> Any:
        """A nested stack's output; None where the resource nests nothing."""
        resources = self.stack.data.get("Resources")
        definition = resources.get(logical_id) if isinstance(resources, dict) else None
        if not isinstance(definition, dict) or str(definition.get("Type")) not in NESTING:
            return None
        stack = self._nest(logical_id)
        return stack.outputs.get(attribute.removeprefix("Outputs."), UNKNOWN) if stack is not None else UNKNOWN

    def _nest(self, logical_id: str) -> Stack | None:
        if logical_id in self._nested:
            return self._nested[logical_id]
        # A circle of outputs ends here: what is being built has none yet.
        self._nested[logical_id] = None
        child = self._builder.children.get((self.stack.template.name, logical_id))
        too_many = len(self.stack.nesting) >= DEPTH or len(self._builder.deployment.stacks) >= MOST_STACKS
        if child is None or not child.data or too_many:
            return None
        definition = dict(_mappings(self.stack.data.get("Resources"))).get(logical_id, {})
        properties = definition.get("Properties")
        given = self._scope.evaluate(properties.get("Parameters") if isinstance(properties, dict) else None)
        nesting = (*self.stack.nesting, logical_id)
        built = _StackBuilder(self._builder, child, given if isinstance(given, dict) else {}, nesting).build()
        self._nested[logical_id] = built
        return built


def _mappings(section: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, item in section.items() if isinstance(section, dict) else ():
        if isinstance(item, dict):
            yield str(name), item
