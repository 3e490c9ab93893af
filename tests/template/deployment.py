"""What CloudFormation would make of a project: every stack expanded, its intrinsics resolved for one environment.

Nested stacks get the values that their parents pass, and hand back their outputs. What only AWS knows (an
ARN, an id) stands as `<LogicalId.Attribute>`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit

from generator.project import Template, expand, load_project

NOTHING = object()
Resource = dict[str, Any]


def samconfig(project: Path) -> dict[str, Any]:
    """The tables of a project's samconfig.toml."""
    tables: dict[str, Any] = tomlkit.parse((project / "samconfig.toml").read_text("utf-8")).unwrap()
    return tables


def overrides(project: Path, environment: str) -> dict[str, str]:
    """The root's parameters as an environment sets them."""
    pairs = samconfig(project)[environment]["deploy"]["parameters"]["parameter_overrides"]
    return {name: "" if value == '""' else value for name, _, value in (pair.partition("=") for pair in pairs)}


@dataclass
class Stack:
    """A deployed stack: its resources and outputs, resolved."""

    parameters: Mapping[str, Any]
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of every resource of a type, by logical id."""
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}


@dataclass
class Deployment:
    """All stacks of a project, by the names of their templates."""

    stacks: dict[str, Stack]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of every resource of a type in any stack; logical ids must not repeat."""
        found: dict[str, dict[str, Any]] = {}
        for stack in self.stacks.values():
            for name, properties in stack.of_type(kind).items():
                assert name not in found, name
                found[name] = properties
        return found

    def one(self, kind: str) -> dict[str, Any]:
        """The properties of the only resource of a type."""
        (properties,) = self.of_type(kind).values()
        return properties


def deploy(project: Path, environment: str = "dev", **parameters: str) -> Deployment:
    """Deploy a rendered project to one of its environments."""
    pseudo = pseudo_parameters(project, environment)
    region = pseudo["AWS::Region"]
    loaded = load_project(project)
    children = {(link.parent.name, link.logical_id): link.child for link in loaded.links}
    stacks: dict[str, Stack] = {}

    def create(template: Template, given: Mapping[str, str]) -> Stack:
        declared = template.section("Parameters")
        assert set(given) <= set(declared)
        for name, value in given.items():
            declared[name]["Default"] = value
        expansion = expand(template, region)
        assert expansion.data is not None
        assert expansion.findings == ()
        nested = {name: child for (parent, name), child in children.items() if parent == template.name}
        stack = _Resolver(expansion.data, pseudo, nested, create).stack
        stacks[template.name] = stack
        return stack

    create(loaded.template("template.yaml"), {**overrides(project, environment), "ReleaseId": "abc123", **parameters})
    return Deployment(stacks)


def pseudo_parameters(project: Path, environment: str) -> dict[str, Any]:
    """What CloudFormation knows of the place that an environment is deployed to."""
    tables = samconfig(project)[environment]
    return {
        "AWS::Region": tables["global"]["parameters"]["region"],
        "AWS::AccountId": tables["account"]["parameters"]["id"],
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::StackName": "stack",
        "AWS::NoValue": NOTHING,
    }


def resolve(project: Path, name: str, environment: str = "dev", **parameters: str) -> Stack:
    """One template of a project that no other nests, such as those of bootstrap/, deployed by itself."""
    template = load_project(project).template(name)
    declared = template.section("Parameters")
    for key, value in parameters.items():
        declared[key]["Default"] = value
    data = expand(template, "us-west-2").data
    assert data is not None
    return _Resolver(data, pseudo_parameters(project, environment), {}, _nests_nothing).stack


def _nests_nothing(template: Template, given: Mapping[str, str]) -> Stack:
    raise AssertionError(template.name)


class _Resolver:
    """Resolves one expanded template."""

    def __init__(
        self,
        data: dict[str, Any],
        pseudo: Mapping[str, Any],
        nested: Mapping[str, Template | None],
        create: Callable[[Template, Mapping[str, str]], Stack],
    ) -> None:
        self._data, self._nested, self._create = data, nested, create
        values: dict[str, Any] = dict(pseudo)
        for name, definition in data.get("Parameters", {}).items():
            value = definition["Default"]
            values[name] = str(value).split(",") if definition["Type"] == "CommaDelimitedList" else value
        self._values = values
        self.stack = Stack(values)
        self._children: dict[str, Stack] = {}
        for name, resource in data["Resources"].items():
            if "Condition" not in resource or self._condition(resource["Condition"]):
                self.stack.resources[name] = self.resolve(resource)
        for name in nested:
            self._child(name)
        self.stack.outputs.update({k: self.resolve(v["Value"]) for k, v in data.get("Outputs", {}).items()})

    def _child(self, name: str) -> Stack:
        if name not in self._children:
            child = self._nested[name]
            assert child is not None
            passed = self.resolve(self._data["Resources"][name]["Properties"]["Parameters"])
            self._children[name] = self._create(child, {k: str(v) for k, v in passed.items()})
        return self._children[name]

    def _condition(self, name: str) -> bool:
        return bool(self.resolve(self._data["Conditions"][name]))

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (key, inner), *_ = value.items()
            if key == "Ref" or (key == "Condition" and inner in self._data.get("Conditions", {})):
                return self._values.get(inner, f"<{inner}>") if key == "Ref" else self._condition(inner)
            if key.startswith("Fn::"):
                return self._intrinsic(key, inner)
        return {key: item for key, item in ((k, self.resolve(v)) for k, v in value.items()) if item is not NOTHING}

    def _intrinsic(self, key: str, inner: Any) -> Any:  # noqa: PLR0911 (an intrinsic a line)
        if key == "Fn::GetAtt":
            name, attribute = inner[0], ".".join(inner[1:])
            if name in self._nested:
                return self._child(name).outputs[attribute.removeprefix("Outputs.")]
            return f"<{name}.{attribute}>"
        if key == "Fn::Sub":
            return self._sub(inner)
        if key == "Fn::If":
            return self.resolve(inner[1] if self._condition(inner[0]) else inner[2])
        arguments = self.resolve(inner)
        if key == "Fn::Join":
            return str(arguments[0]).join(map(str, arguments[1]))
        if key == "Fn::Equals":
            return str(arguments[0]) == str(arguments[1])
        if key == "Fn::Not":
            return not arguments[0]
        if key == "Fn::Select":
            return arguments[1][int(arguments[0])]
        if key == "Fn::Split":
            return str(arguments[1]).split(str(arguments[0])) if "<" not in str(arguments[1]) else [arguments[1]] * 9
        raise AssertionError(f"{key} is not known here")

    def _sub(self, inner: Any) -> str:
        text, local = (inner, {}) if isinstance(inner, str) else (inner[0], self.resolve(inner[1]))

        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if name in local:
                return str(local[name])
            return str(self.resolve({"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}))

        return re.sub(r"\$\{([^!{}]+)\}", replace, text)


def statements(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of a policy document, actions and resources always as lists."""
    for statement in document["Statement"]:
        listed = {key: [v] if isinstance(v := statement[key], str) else v for key in ("Action", "Resource")}
        yield {**statement, **listed}


def admits(deployment: Deployment, address: str, *matches: str) -> bool:
    """Whether the web ACL lets a request through.

    Args:
        deployment: what was deployed.
        address: where the request comes from.
        matches: the managed rule groups that object to it; `rate` where the address calls too often.
    """
    sets = {f"<{name}.Arn>": s["Addresses"] for name, s in deployment.of_type("AWS::WAFv2::IPSet").items()}

    def holds(statement: Mapping[str, Any]) -> bool:
        ((kind, inner),) = statement.items()
        if kind == "IPSetReferenceStatement":
            ranges = [ipaddress.ip_network(text) for text in sets[inner["Arn"]]]
            return any(ipaddress.ip_address(address) in network for network in ranges)
        if kind == "NotStatement":
            return not holds(inner["Statement"])
        if kind in {"OrStatement", "AndStatement"}:
            assert len(inner["Statements"]) > 1
            return (any if kind == "OrStatement" else all)(holds(part) for part in inner["Statements"])
        if kind == "ManagedRuleGroupStatement":
            return inner["Name"] in matches
        assert kind == "RateBasedStatement", kind
        return "rate" in matches and ("ScopeDownStatement" not in inner or holds(inner["ScopeDownStatement"]))

    acl = deployment.one("AWS::WAFv2::WebACL")
    priorities = [rule["Priority"] for rule in acl["Rules"]]
    assert len(set(priorities)) == len(priorities)
    for rule in sorted(acl["Rules"], key=lambda rule: int(rule["Priority"])):
        if holds(rule["Statement"]):
            # A managed group blocks by itself unless it is overridden.
            action = next(iter(rule.get("Action") or {"None": "Block"}[next(iter(rule["OverrideAction"]))].split()))
            if action in {"Allow", "Block"}:
                return action == "Allow"
    return "Allow" in acl["DefaultAction"]
