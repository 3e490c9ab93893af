"""The examples, rendered once a test run, and everything that a test asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from deployment import Deployment, Resource, deploy, samconfig, statements

from generator.project import expand, load_project
from generator.render import render_project
from generator.spec.load import load_spec
from generator.spec.model import ServiceSpec
from generator.spec.request_models import load_models

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = tuple(sorted(path.parent.name for path in ROOT.glob("examples/*/samgen.yaml")))


@cache
def spec(name: str) -> ServiceSpec:
    """An example's spec."""
    return load_spec(ROOT / "examples" / name / "samgen.yaml")


@cache
def project(name: str) -> Path:
    """An example's project."""
    folder = Path(mkdtemp(prefix="samgen-example-")) / name
    render_project(spec(name), folder, load_models(spec(name), ROOT / "examples" / name))
    return folder


@cache
def targets(name: str) -> tuple[str, ...]:
    """What an example is deployed to: each of its environments, in each of its regions."""
    tables = samconfig(project(name))
    return tuple(target for target, table in tables.items() if isinstance(table, dict) and "deploy" in table)


TARGETS = [(example, target) for example in EXAMPLES for target in ("dev", "prod")]


@cache
def deployed(name: str, target: str) -> Deployment:
    """An example deployed to one of its targets."""
    return deploy(project(name), target)


@cache
def bootstrapped(name: str) -> dict[str, Resource]:
    """Every resource of an example's bootstrap templates, expanded, by file and logical id."""
    found: dict[str, Resource] = {}
    for template in load_project(project(name)).templates:
        if template.name.startswith("bootstrap/"):
            data = expand(template, "us-west-2").data
            assert data is not None
            found.update({f"{template.name}#{key}": resource for key, resource in data["Resources"].items()})
    return found


def resources(deployment: Deployment) -> Iterator[tuple[str, str, Resource]]:
    """Every resource of every stack: the stack's template, the logical id, the resource."""
    for stack, content in deployment.stacks.items():
        for name, resource in content.resources.items():
            yield stack, name, resource


def function_ids(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """Every Lambda function's properties by its physical name."""
    return {f["FunctionName"]: f for f in deployment.of_type("AWS::Lambda::Function").values()}


def identity_statements(properties: Resource) -> Iterator[dict[str, Any]]:
    """Every statement of a role's inline policies or of a managed policy."""
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
    for document in documents:
        yield from statements(document)
