"""SG704: how a project is packaged and deployed."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.case import Case, as_list
from generator.checks.facts.configuration import place_of, settings_of
from generator.checks.rule import Problem, rule
from generator.findings import Severity
from generator.project import ConfigEnvironment, Deployment, Template

SERVERLESS = "AWS::Serverless::"


@rule(
    "SG704",
    "samconfig.toml says how the project is packaged and deployed to each environment.",
    Severity.WARNING,
    "Write samconfig.toml with stack_name, capabilities and an artifact bucket for each environment.",
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html",
)
def packaging(case: Case) -> Iterator[Problem]:
    """SAM projects without samconfig.toml, or with one that a deployment would stop at."""
    templates = case.project.templates
    if not templates or not any(_uses_sam(template) for template in templates):
        return
    for finding in case.config.findings:
        yield Problem((finding.file, finding.line, finding.column), finding.message, severity=Severity.ERROR)
    if case.config.findings:
        return
    if not case.config.text:
        message = "There is no samconfig.toml: nothing says with what the project is deployed."
        yield Problem((templates[0].name, 1, 1), message)
        return
    if not any(settings_of(case.config, environment) for environment, _ in case.configured):
        yield Problem((case.config.name, 1, 1), f"{case.config.name} says nothing of how to deploy.")
        return
    for environment, deployment in case.configured:
        yield from _deploys(case, environment, deployment)


def _uses_sam(template: Template) -> bool:
    return any(str(resource.get("Type", "")).startswith(SERVERLESS) for resource in template.resources.values())


def _deploys(case: Case, environment: ConfigEnvironment, deployment: Deployment) -> Iterator[Problem]:
    settings = settings_of(case.config, environment)
    place = place_of(case.config, environment.name)
    if not settings.get("stack_name"):
        yield Problem(place, f"{environment.name} has no stack_name, so `sam deploy` does not know what to deploy to.")
    if not (settings.get("s3_bucket") or settings.get("resolve_s3")):
        message = f"{environment.name} has no artifact bucket: neither s3_bucket nor resolve_s3."
        yield Problem(place, message)
    given = settings.get("capabilities")
    granted = set(given.split()) if isinstance(given, str) else {str(item) for item in as_list(given)}
    missing = _needed(deployment) - granted
    if "CAPABILITY_NAMED_IAM" in granted:
        missing.discard("CAPABILITY_IAM")
    if missing:
        key = "capabilities" if granted else ""
        message = f"{environment.name} lacks {' and '.join(sorted(missing))}, so CloudFormation refuses its stacks."
        yield Problem(place_of(case.config, environment.name, key), message, severity=Severity.ERROR)


def _needed(deployment: Deployment) -> set[str]:
    """The capabilities that CloudFormation asks for: who makes roles, names them, or nests transforms."""
    needed: set[str] = set()
    root = deployment.stacks[0].template if deployment.stacks else None
    for stack in deployment.stacks:
        if stack.template is not root and not stack.nesting:
            continue
        for resource in stack.resources.values():
            if resource.type in _IAM:
                named = resource.get(_IAM[resource.type]) is not None if _IAM[resource.type] else False
                needed.add("CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM")
        if stack.nesting and "Transform" in stack.template.data:
            needed.add("CAPABILITY_AUTO_EXPAND")
    if "CAPABILITY_NAMED_IAM" in needed:
        needed.discard("CAPABILITY_IAM")
    return needed


_IAM = {
    "AWS::IAM::AccessKey": "",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": "",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": "",
}
