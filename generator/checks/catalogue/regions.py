"""Category 9 of the catalogue: which region and account a project is deployed to, and which it is written for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, literal
from generator.checks.facts.arns import fault_of, read_arn
from generator.checks.facts.configuration import deployed_stacks, place_of, settings_of, subject_of
from generator.checks.facts.texts import PLACEHOLDER, REGION, Text, texts, values
from generator.checks.rule import Place, Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Template
from generator.project.deployment import NAME_PROPERTIES
from generator.project.evaluate import Symbol

WRITTEN = ("Resources", "Outputs", "Globals")
# Amazon CloudFront takes certificates and web ACLs of one region only, wherever the stack is.
GLOBAL_REGION = "us-east-1"
_EDGE = {"AcmCertificateArn", "WebACLId", "LambdaFunctionAssociations", "CertificateArn", "RegionalCertificateArn"}
# Where another region is what is asked for: replicas, and policies that say where something is allowed.
_DECLARED = {"Replicas", "ReplicaRegions", "ReplicationConfiguration", "PrimaryKeyArn", "aws:RequestedRegion",
             "Regions", "AwsRegions", "EndpointGroupRegion", "PeerRegion", "AlarmIdentifier"}  # fmt: skip
# Layers are published by AWS and others, each from an account of theirs.
_PUBLISHED = {"Layers"}
# An application of the Serverless Application Repository is its publisher's, in the region where he published it.
_APPLICATION = re.compile(r"\barn:[^:\s]*:serverlessrepo:")
_ACCOUNT_IN_ARN = re.compile(r"\barn:[^:\s]*:[^:\s]*:[^:\s]*:(\d{12})(?=:)")
_ACCOUNT_IN_HOST = re.compile(r"(?<!\d)(\d{12})\.dkr\.ecr\.|\bsqs\.[^/\s]+/(\d{12})/")
_ACCOUNT = re.compile(r"(?<!\d)(\d{12})(?!\d)")
# What the documentation and those who copy from it put in an account's place.
_EXAMPLE_ACCOUNTS = {"123456789012", "111122223333", "444455556666", "777788889999", "000000000000", "111111111111"}
_HOST = re.compile(rf"(?:^|[/.@-]){REGION.pattern}\.[a-z0-9.-]*amazonaws\.com")
_REGION_IN_ARN = re.compile(rf"\barn:[^:\s]*:[^:\s]*:{REGION.pattern}:")
_PARTITIONS = {"aws", "aws-cn", "aws-us-gov"}
_LITERAL_PARTITION = re.compile(r"\barn:(aws[a-z-]*):")
_PARTIAL = {"prefix", "suffix", "wildcard", "anything-but", "equals-ignore-case"}


@rule(
    "SG901",
    "Every environment names its region, and no template does.",
    Severity.WARNING,
    "Set region in the environment's samconfig.toml table, and use ${AWS::Region} in templates.",
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html",
)
def region(case: Case) -> Iterator[Problem]:
    """Environments of samconfig.toml without a region; regions written out in a template."""
    for environment, _ in case.configured:
        if environment.region is None:
            message = f"The environment {environment.name} does not say which region it is deployed to."
            yield Problem(place_of(case.config, environment.name), message, severity=Severity.ERROR)
    for template in case.project.templates:
        for text in texts(template, *WRITTEN):
            match = REGION.search(text.value)
            if match is None or _is_a_record(template, text):
                continue
            if _EDGE.union(_DECLARED).intersection(text.keys) or _APPLICATION.search(text.value):
                continue
            message = f"{text.resource} names the region {match[1]}; deployed elsewhere it still means that one."
            yield _written(case, template, text, match[1], message)
        yield from _default_regions(template)


def _is_a_record(template: Template, text: Text) -> bool:
    """Whether it is the region of a record of Route 53, which answers those that are nearest to it."""
    kind = template.resources.get(text.resource, {}).get("Type")
    return text.keys[-1:] == ("Region",) and str(kind).startswith("AWS::Route53::")


def _default_regions(template: Template) -> Iterator[Problem]:
    for name, definition in template.section("Parameters").items():
        default = str(definition.get("Default", ""))
        if REGION.fullmatch(default) and default != GLOBAL_REGION:
            place = template.place("Parameters", name, "Default")
            message = f"The parameter {name} is the region {default} wherever nobody sets it."
            yield Problem(place, message, severity=Severity.INFO)


@rule(
    "SG902",
    "Every environment names its account, and no template does.",
    Severity.WARNING,
    "Use ${AWS::AccountId} in templates, pass other accounts as parameters, and say in samconfig.toml (role_arn, a "
    "table account) which account an environment belongs to.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html",
)
def account(case: Case) -> Iterator[Problem]:
    """Account ids written out in a template, and environments that any account's credentials would deploy."""
    for template in case.project.templates:
        for text in texts(template, *WRITTEN):
            number = _account_in(text)
            if number and not _PUBLISHED.intersection(text.keys) and not _APPLICATION.search(text.value):
                message = f"{text.resource} names the account {number}; deployed to another it still means that one."
                yield _written(case, template, text, number, message)
        yield from _example_defaults(template)
    yield from _unguarded(case)


def _account_in(text: Text) -> str:
    """The account id that a text holds, where it is certain to be one."""
    match = _ACCOUNT_IN_ARN.search(PLACEHOLDER.sub("_", text.value)) or _ACCOUNT_IN_HOST.search(text.value)
    if match:
        return next(group for group in match.groups() if group)
    whole = _ACCOUNT.fullmatch(text.value)
    if whole and (any("account" in key.lower() for key in text.keys[-2:]) or text.keys[-1:] == ("AWS",)):
        return whole[1]
    named = _ACCOUNT.search(text.value) if text.keys[-1:] and text.keys[-1] in NAME_PROPERTIES.values() else None
    return named[1] if named else ""


def _example_defaults(template: Template) -> Iterator[Problem]:
    for name, definition in template.section("Parameters").items():
        default = str(definition.get("Default", ""))
        match = _ACCOUNT.search(default)
        place = template.place("Parameters", name, "Default")
        if match and match[1] in _EXAMPLE_ACCOUNTS:
            yield Problem(place, f"The parameter {name} defaults to {match[1]}, an account of the documentation.")
        elif match and match[1] == default and "account" in str(name).lower():
            yield Problem(place, f"The parameter {name} defaults to the account {default}.")


def _unguarded(case: Case) -> Iterator[Problem]:
    root = case.project.templates[0] if case.project.templates else None
    asserted = root is not None and "AWS::AccountId" in str(root.data.get("Rules"))
    for environment, _ in case.configured:
        settings = settings_of(case.config, environment)
        role = read_arn(str(settings.get("role_arn", "")))
        if environment.account and role and role.account.isdigit() and role.account != environment.account:
            message = (
                f"The environment {environment.name} belongs to the account {environment.account}; "
                f"its role_arn is of {role.account}."
            )
            yield Problem(place_of(case.config, environment.name, "role_arn"), message, severity=Severity.ERROR)
        if not (environment.account or asserted or role or settings.get("profile")):
            message = f"Nothing says which account the environment {environment.name} belongs to."
            yield Problem(place_of(case.config, environment.name), message)


@rule(
    "SG903",
    "A stack depends on its own region; what has to be elsewhere is said so.",
    Severity.WARNING,
    "Use ${AWS::Region}, or pass what is in another region as a parameter that samconfig.toml sets.",
    "https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html",
)
def other_region(case: Case) -> Iterator[Problem]:
    """ARNs and addresses of another region than the stack's; what belongs to CloudFront outside its region."""
    for deployment in case.deployments:
        if deployment.environment.region is None:
            continue  # the region is not known
        for stack in deployed_stacks(deployment):
            for resource in stack.resources.values():
                yield from _elsewhere(deployment, resource)
                yield from _for_cloudfront(deployment, resource)
                yield from _of_domain(deployment, resource)


def _elsewhere(deployment: Deployment, resource: Resource) -> Iterator[Problem]:
    declared = " ".join(deployment.environment.parameters.values())
    for path, text in values(resource.properties):
        if _EDGE.union(_DECLARED).intersection(map(str, path)) or _APPLICATION.match(text):
            continue
        # An ARN may hold another: an API's address of a function does.
        pattern = _REGION_IN_ARN if text.startswith("arn:") else _HOST
        found = [match[1] for match in pattern.finditer(text)]
        other = next((name for name in found if name not in {deployment.region, *REGION.findall(declared)}), None)
        if other is not None:
            message = f"{resource.owner} refers to {other}, but is deployed to {deployment.region}."
            yield Problem(_place(resource, other, path), message, resource)


def _for_cloudfront(deployment: Deployment, resource: Resource) -> Iterator[Problem]:
    scope = literal(resource.get("Scope")) if resource.type.startswith("AWS::WAFv2::") else None
    if scope == "CLOUDFRONT" and deployment.region != GLOBAL_REGION:
        message = f"{resource.owner} is for CloudFront, which wants it in {GLOBAL_REGION}, not {deployment.region}."
        yield about(resource, message, "Scope", severity=Severity.ERROR)
    if resource.type != "AWS::CloudFront::Distribution":
        return
    acl = resource.get("DistributionConfig", "WebACLId")
    found_acl = deployment.find(acl, "AWS::WAFv2::WebACL")
    if (found_acl is not None and found_acl.get("Scope") == "REGIONAL") or ":regional/webacl/" in (literal(acl) or ""):
        message = f"{resource.owner} has a web ACL of a region; CloudFront takes those of the scope CLOUDFRONT only."
        yield about(resource, message, "DistributionConfig", "WebACLId", severity=Severity.ERROR)
    path = ("DistributionConfig", "ViewerCertificate", "AcmCertificateArn")
    found = _region_of_certificate(deployment, resource.get(*path))
    if found not in (None, GLOBAL_REGION):
        message = f"{resource.owner} has a certificate of {found}; CloudFront takes those of {GLOBAL_REGION} only."
        yield about(resource, message, *path, severity=Severity.ERROR)


def _region_of_certificate(deployment: Deployment, certificate: Any) -> str | None:
    """Where a certificate is; None where that is not known."""
    if isinstance(certificate, Symbol) and deployment.find(certificate, "AWS::CertificateManager::Certificate"):
        return deployment.region
    arn = read_arn(certificate) if isinstance(certificate, str) else None
    return arn.region if arn and REGION.fullmatch(arn.region) else None


# What AWS hands to CloudFront takes a certificate of its one region; what answers in a region, one of that region.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains-prerequisites.html
_GLOBAL_CERTIFICATES = {
    "AWS::ApiGateway::DomainName": ("CertificateArn",),
    "AWS::Cognito::UserPoolDomain": ("CustomDomainConfig", "CertificateArn"),
}
_REGIONAL_CERTIFICATES = {
    "AWS::ApiGateway::DomainName": ("RegionalCertificateArn",),
    "AWS::ApiGatewayV2::DomainName": ("DomainNameConfigurations", 0, "CertificateArn"),
}


def _of_domain(deployment: Deployment, resource: Resource) -> Iterator[Problem]:
    for paths, wanted in ((_GLOBAL_CERTIFICATES, GLOBAL_REGION), (_REGIONAL_CERTIFICATES, deployment.region)):
        path = paths.get(resource.type, ())
        found = _region_of_certificate(deployment, resource.get(*path)) if path else None
        if found not in (None, wanted):
            message = f"{resource.owner} has a certificate of {found}; its domain takes one of {wanted} only."
            yield about(resource, message, *path, severity=Severity.ERROR)


@rule(
    "SG904",
    "An ARN has the form that its service gives it, in whichever partition the stack is.",
    Severity.WARNING,
    "Write arn:${AWS::Partition}:service:region:account:resource, region and account where the service has them.",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
)
def arn_form(case: Case) -> Iterator[Problem]:
    """ARNs with a partition written out, and ARNs that name nothing."""
    for template in case.project.templates:
        for text in texts(template, *WRITTEN):
            if _APPLICATION.search(text.value):
                continue
            if match := _LITERAL_PARTITION.search(text.value):
                message = f"{text.resource} has an ARN with the partition {match[1]} written out."
                yield _written(case, template, text, match[0], message)
            elif _is_joined_partition(template, text):
                message = f"{text.resource} joins an ARN with the partition {text.value} written out."
                yield _written(case, template, text, text.value, message)
    for deployment in case.deployments:
        for resource in deployment.resources():
            for path, text_ in values(resource.properties):
                fault = fault_of(text_) if text_.startswith("arn:") and path[-1:] and not _is_partial(path) else ""
                if fault:
                    yield _malformed(resource, path, text_, fault)


def _is_joined_partition(template: Template, text: Text) -> bool:
    """Whether a text is the partition in `!Join [":", [arn, aws, …]]`."""
    if text.value not in _PARTITIONS or text.path[-1] != 1 or "Fn::Join" not in text.path[-3:]:
        return False
    joined: Any = template.data
    for step in text.path[:-1]:
        joined = joined[step]
    return isinstance(joined, list) and joined[0] == "arn"


def _is_partial(path: tuple[Any, ...]) -> bool:
    """Whether the text is compared with a part of an ARN only, as event patterns do."""
    return bool(_PARTIAL.intersection(map(str, path)))


def _malformed(resource: Resource, path: tuple[Any, ...], text: str, fault: str) -> Problem:
    shown = text if len(text) < 80 else f"{text[:77]}…"  # noqa: PLR2004 (as much as a line takes)
    place = _place(resource, ":".join(text.split(":")[2:3]), path)
    return Problem(place, f"{resource.owner} has the ARN {shown}, which {fault}.", resource, Severity.ERROR)


def _place(resource: Resource, text: str, path: tuple[Any, ...]) -> Place:
    """Where the author wrote a text of an evaluated property; as near to it as it can be found."""
    template = resource.stack.template
    below = ("Properties", *path) if resource.owner == resource.logical_id else ()
    return template.place_of_text(text, "Resources", resource.owner, *below)


def _written(case: Case, template: Template, text: Text, found: str, message: str) -> Problem:
    """A problem of a text in the author's template, at the line of what was found in it."""
    place = template.place_of_text(found, *text.path)
    return Problem(place, message, subject_of(case, template, text.path))
