"""What CloudFormation would make of a project in each of its environments: every stack expanded and evaluated.

Nested stacks get what their parents pass, and hand back their outputs, so a value is the same thing wherever it
arrives. Resources are found by what refers to them: a symbol, an ARN, a physical name.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from generator.project.evaluate import UNKNOWN, Scope, Symbol, is_known
from generator.project.expand import expand, owner_of
from generator.project.load import NESTING, Project
from generator.project.samconfig import ConfigEnvironment, SamConfig
from generator.project.template import Template

DEFAULT_REGION = "us-east-1"
ACCOUNT = "<account>"
# Where no samconfig.toml says what is deployed, each allowed value of a parameter is tried, up to so many.
VARIANTS = 8
_DEPTH = 20

# The property that gives a resource its physical name.
NAME_PROPERTIES = {
    "AWS::ApiGateway::RestApi": "Name",
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::WAFv2::IPSet": "Name",
    "AWS::WAFv2::WebACL": "Name",
}


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
        value = self.properties.get(NAME_PROPERTIES.get(self.type, ""))
        return value if isinstance(value, str) and is_known(value) and not isinstance(value, Symbol) else None

    def get(self, *path: str | int) -> Any:
        """The evaluated property at a path; None where there is none."""
        found: Any = self.properties
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def place(self, *path: str | int) -> tuple[str, int, int]:
        """File, line and column of the author's own text that says it: of a property where it stands there."""
        properties = ("Properties", *path) if path and self.owner == self.logical_id else ()
        return (self.stack.template.name, *self.stack.template.line_of("Resources", self.owner, *properties))


@dataclass(eq=False)
class Stack:
    """A stack in one environment.

    Attributes:
        name: its template's name; followed by `@` and the nesting resource where a template nests more than once.
        template: the author's template.
        parameters: every parameter with its value.
        resources: its resources by logical id; those whose condition does not hold are not there.
        outputs: its outputs, evaluated.
        data: the expanded template.
        nesting: the logical ids of the stacks that nest it, the root's first.
    """

    name: str
    template: Template = field(repr=False)
    parameters: dict[str, Any] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
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


def refers(text: str, resource: Resource) -> bool:
    """Whether a text is the resource's name, an ARN or URL that ends with it, or holds the resource's symbol."""
    if _holds(text, resource.symbol):
        return True
    name = resource.name
    if name is None:
        return False
    if text == name:
        return True
    rest = text.split(":", 5)[-1] if text.startswith("arn:") else text.rpartition("/")[2] if "://" in text else ""
    rest = rest.removesuffix(":*")
    if resource.type == "AWS::Lambda::Function":
        rest = rest.removeprefix("function:").partition(":")[0]
    return bool(rest) and (rest == name or rest.removeprefix("/") == name or _named(rest) == name)


def _holds(text: str, symbol: Symbol) -> bool:
    """Whether a text holds a resource's symbol, or one of its attributes'."""
    start = symbol[:-1]
    return f"{start}>" in text or f"{start}." in text


def _named(rest: str) -> str:
    """An ARN's resource without its type: `table/orders/stream/*` → `orders`, `log-group:/aws/x` → `/aws/x`."""
    for prefix in ("log-group:", "alarm:", "secret:", "stateMachine:"):
        if rest.startswith(prefix):
            return rest.removeprefix(prefix)
    kind, _, name = rest.partition("/")
    if kind in {"table", "stream"}:
        return name.partition("/")[0]
    return name.rpartition("/")[2] if kind == "role" else name


def deployments(project: Project, config: SamConfig) -> list[Deployment]:
    """The project as each environment deploys it; where none is named, as the allowed values of parameters let it."""
    environments = list(config.environments) or _variants(project)
    return [_Builder(project, environment).deployment for environment in environments]


def _variants(project: Project) -> list[ConfigEnvironment]:
    if not project.templates:
        return []
    found = [ConfigEnvironment("default")]
    for name, definition in project.templates[0].section("Parameters").items():
        allowed = definition.get("AllowedValues")
        values = [str(value) for value in allowed] if isinstance(allowed, list) else []
        found += [ConfigEnvironment("default", parameters={name: value}) for value in values]
    return found[:VARIANTS]


class _Builder:
    """Builds one deployment: the root's stack, what it nests, and templates that nothing nests."""

    def __init__(self, project: Project, environment: ConfigEnvironment) -> None:
        region = environment.region or DEFAULT_REGION
        self.deployment = Deployment(project, environment, region, environment.account or ACCOUNT)
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
        taken = {stack.name for stack in builder.deployment.stacks}
        name = template.name if template.name not in taken else f"{template.name}@{'.'.join(nesting)}"
        self.stack = Stack(name, template, nesting=nesting)
        builder.deployment.stacks.append(self.stack)
        self._builder = builder
        self._nested: dict[str, Stack | None] = {}
        self.stack.parameters = _parameter_values(template, given)
        self.stack.data = _expanded(template, self.stack.parameters, builder.deployment.region)
        values = {**builder.pseudo(name), **self.stack.parameters}
        self._scope = Scope(name, values, self.stack.data, self._attribute)

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
        return self.stack

    def _add(self, logical_id: str, definition: dict[str, Any]) -> None:
        properties = self._scope.evaluate(definition.get("Properties"))
        kind = definition.get("Type")
        self.stack.resources[logical_id] = Resource(
            self.stack,
            logical_id,
            kind if isinstance(kind, str) else "",
            properties if isinstance(properties, dict) else {},
            definition,
            owner_of(self.stack.template, logical_id) or logical_id,
        )

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
        if child is None or not child.data or len(self.stack.nesting) >= _DEPTH:
            return None
        definition = self.stack.data["Resources"][logical_id]
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


def _parameter_values(template: Template, given: Mapping[str, Any]) -> dict[str, Any]:
    """What each parameter is: what is given, its default, or unknown; lists as lists."""
    values: dict[str, Any] = {}
    for name, definition in template.section("Parameters").items():
        value = given.get(name, definition.get("Default", UNKNOWN))
        kind = str(definition.get("Type", "String"))
        if kind.startswith("AWS::SSM::Parameter::Value"):
            value = UNKNOWN
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        if is_list and isinstance(value, str) and is_known(value):
            value = [part.strip() for part in value.split(",")]
        values[name] = value if isinstance(value, (str, list)) else _text(value)
    return values


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else UNKNOWN


def _expanded(template: Template, values: Mapping[str, Any], region: str) -> dict[str, Any]:
    """The template as CloudFormation gets it; as it is written where SAM has nothing to do or refuses it."""
    if "Transform" not in template.data:
        return template.data
    data = copy.deepcopy(template.data)
    for name, definition in _mappings(data.get("Parameters")):
        value = values.get(name)
        if isinstance(value, str) and is_known(value) and not value.startswith("<"):
            definition["Default"] = value
    return expand(replace(template, data=data), region).data or template.data
