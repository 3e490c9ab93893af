"""Reads a project and writes down what samgen.yaml can say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.adopt import data
from generator.adopt.accept import accepted
from generator.adopt.api import api
from generator.adopt.environments import environments, service
from generator.adopt.functions import functions
from generator.adopt.source import Remark, Source, read_source
from generator.errors import InputError
from generator.spec.dump import dump_spec

Document = dict[str, Any]
# What is adopted, and the services of which samgen's template has its own.
_ADOPTED = {
    *("AWS::Serverless::", "AWS::Lambda::", "AWS::ApiGateway::", "AWS::ApiGatewayV2::", "AWS::IAM::", "AWS::Logs::"),
    *("AWS::CloudWatch::", "AWS::WAFv2::", "AWS::KMS::", "AWS::XRay::", "AWS::Config::", "AWS::CodeDeploy::"),
    *("AWS::CloudFormation::Stack", "AWS::Events::", "AWS::Scheduler::", "AWS::SNS::", "AWS::SQS::", "AWS::S3::"),
    *("AWS::DynamoDB::Table", "AWS::Cognito::"),
}
_EXCEPT = {
    *("AWS::Serverless::StateMachine", "AWS::Serverless::GraphQLApi", "AWS::Serverless::LayerVersion"),
    *("AWS::Lambda::Url", "AWS::Lambda::LayerVersion", "AWS::Cognito::IdentityPool", "AWS::IAM::User"),
}


@dataclass(frozen=True)
class Adoption:
    """A samgen.yaml for a project that has none.

    Attributes:
        document: what it says.
        text: the file.
        remarks: what it does not say, or says differently, by file and line.
    """

    document: Document
    text: str
    remarks: tuple[Remark, ...]

    @property
    def functions(self) -> list[Document]:
        """The functions that it describes."""
        return list(self.document["functions"])


def adopt(folder: Path) -> Adoption:
    """Describe the SAM project in a folder as a samgen.yaml; nothing is written.

    Raises:
        InputError: it is no SAM project, has a samgen.yaml, cannot be read, or has no function that can be described.
    """
    source = read_source(folder)
    source.letters = data.dead_letters(source)
    described, routes = api(source)
    document: Document = {"service": service(source)}
    document.update({"api": described} if described is not None else {})
    document["environments"] = environments(source, has_api=described is not None)
    document["functions"] = functions(source, routes)
    for name, read in (
        ("tables", data.tables),
        ("queues", data.queues),
        ("topics", data.topics),
        ("buckets", data.buckets),
        ("event_buses", data.buses),
    ):
        listed = list(read(source))
        document.update({name: listed} if listed else {})
    if not document["functions"]:
        raise InputError(f"{folder} has no function with a runtime; samgen.yaml describes services of such functions.")
    source.remarks.update(_others(source))
    document["pipeline"] = {"provider": "none"}
    document = accepted(document, source)
    return Adoption(document, dump_spec(document), tuple(sorted(source.remarks)))


def _others(source: Source) -> Iterator[Remark]:
    """The author's resources of which samgen.yaml knows nothing."""
    deployed = {stack.template.name for stack in source.main.stacks if stack.nesting} | {
        source.project.templates[0].name
    }
    for template in source.project.templates:
        for name, resource in template.resources.items() if template.name in deployed else ():
            kind = str(resource.get("Type"))
            if kind in _EXCEPT or not kind.startswith(tuple(_ADOPTED)):
                file, line, _ = template.place("Resources", name)
                yield Remark(file, line, f"{name} is {kind}, which samgen.yaml has no word for.")
