"""Category 10 of the catalogue: how a project is divided, described, tagged and packaged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from generator.checks.case import Case
from generator.checks.facts.configuration import deployed_stacks, settings_of, subject_of
from generator.checks.facts.texts import DEPTH
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Stack, Template, references
from generator.project.load import NESTING

# So many resources of all kinds in one template are more than one responsibility.
MONOLITH = 50
_KINDS = {
    "functions": ("AWS::Lambda::Function",),
    "an API": ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"),
    "roles": ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"),
    "alarms": ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
}
SERVERLESS = "AWS::Serverless-2016-10-31"
EXTENSIONS = "AWS::LanguageExtensions"
_EXTENDED = ("Fn::ForEach::", "Fn::Length", "Fn::ToJsonString")


@rule(
    "SG001",
    "A template has one responsibility.",
    Severity.WARNING,
    "Divide it into nested stacks: security, functions, API, monitoring.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/best-practices.html",
)
def monolith(case: Case) -> Iterator[Problem]:
    """Templates with functions, API, roles and alarms together, above a size."""
    for deployment in case.deployments:
        for stack in deployment.stacks:
            types = {resource.type for resource in stack.resources.values()}
            if len(stack.resources) > MONOLITH and all(types.intersection(some) for some in _KINDS.values()):
                kinds = ", ".join(_KINDS)
                message = f"{stack.template.name} holds {kinds} in one template of more than {MONOLITH} resources."
                yield Problem(stack.template.place("Resources"), message)


@rule(
    "SG002",
    "A template has SAM's transform where it uses SAM's types, and only there.",
    Severity.ERROR,
    "Write Transform: AWS::Serverless-2016-10-31 into templates with AWS::Serverless types, and into no other.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-serverless.html",
)
def transform(case: Case) -> Iterator[Problem]:
    """Templates whose transform is missing or superfluous."""
    for template in case.project.templates:
        transforms = _transforms(template)
        used = _serverless_path(template.data.get("Resources"), ("Resources",))
        if used and SERVERLESS not in transforms:
            message = f"{used[1]} is one of SAM's types, and the template lacks SAM's transform."
            yield Problem(template.place(*used), message)
        # What macros and included files bring along is not known.
        closed = all(name in {SERVERLESS, EXTENSIONS} for name in transforms) and not _has(
            template.data, "Fn::Transform"
        )
        if SERVERLESS in transforms and not used and closed and template.resources:
            message = f"{template.name} has SAM's transform and none of SAM's types."
            several = isinstance(template.data.get("Transform"), list)
            entry = (transforms.index(SERVERLESS),) if several else ()
            place = template.place("Transform", *entry)
            yield Problem(place, message, severity=Severity.WARNING, mend="Remove the transform.")
        if EXTENSIONS not in transforms and closed and (name := next(filter(None, _extended(template.data)), "")):
            place = template.place_of_text(name, "Resources")
            message = f"{template.name} uses {name.removesuffix('::')}, and lacks the transform {EXTENSIONS}."
            yield Problem(place, message, mend=f"Add {EXTENSIONS} before other transforms.")


def _transforms(template: Template) -> list[str]:
    value = template.data.get("Transform")
    entries = value if isinstance(value, list) else [value] if value is not None else []
    return [str(entry.get("Name")) if isinstance(entry, dict) else str(entry) for entry in entries]


def _serverless_path(value: Any, path: tuple[Any, ...]) -> tuple[Any, ...]:
    """Where the first of SAM's types stands among resources, loops around them included; empty if none does."""
    if len(path) > 6:  # noqa: PLR2004 (loops may nest)
        return ()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(item, dict) and str(item.get("Type", "")).startswith("AWS::Serverless::"):
            return (*path, key, "Type")
        within_loop = isinstance(item, list) or isinstance(key, int)
        if within_loop and (found := _serverless_path(item, (*path, key))):
            return found
    return ()


def _extended(data: Mapping[str, Any]) -> Iterator[str]:
    for name in _EXTENDED:
        if _has({section: data.get(section) for section in ("Resources", "Outputs", "Conditions")}, name):
            yield name


def _has(value: Any, key: str, depth: int = 0) -> bool:
    """Whether a key that begins so stands anywhere in a value."""
    if depth > DEPTH:
        return False
    if isinstance(value, dict):
        return any(str(name).startswith(key) or _has(item, key, depth + 1) for name, item in value.items())
    return isinstance(value, list) and any(_has(item, key, depth + 1) for item in value)


_CONSTRAINTS = {"AllowedValues", "AllowedPattern", "MinLength", "MaxLength", "MinValue", "MaxValue"}


@rule(
    "SG003",
    "Parameters are described and constrained, and nothing is declared that nothing uses.",
    Severity.WARNING,
    "Describe the parameter, give it AllowedValues, AllowedPattern or a range; remove what nothing uses.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
)
def declared(case: Case) -> Iterator[Problem]:
    """Parameters without description or constraint; parameters, conditions, mappings and outputs without a use."""
    nested = {link.child.name for link in case.project.links if link.child is not None}
    for template in case.project.templates:
        for name, definition in template.section("Parameters").items():
            place = template.place("Parameters", name)
            if not str(definition.get("Description") or "").strip():
                yield Problem(place, f"The parameter {name} has no description.")
            # A nested stack gets what its parent's own parameter has let through.
            if template.name not in nested and not _is_constrained(template, name, definition):
                what = "number" if "Number" in str(definition.get("Type")) else "text"
                yield Problem(place, f"The parameter {name} takes any {what}: it has no constraint.")
        yield from _unused(template)
        yield from _unread_outputs(case, template)


def _is_constrained(template: Template, name: str, definition: Mapping[str, Any]) -> bool:
    kind = str(definition.get("Type", "String"))
    if kind not in {"String", "CommaDelimitedList", "Number", "List<Number>"} or _CONSTRAINTS.intersection(definition):
        return True
    # A rule of the template may say what it can be.
    return any(reference.target == name for reference in references({"Rules": template.data.get("Rules")}))


def _unused(template: Template) -> Iterator[Problem]:
    included = _has(template.data, "Fn::Transform") or _has(template.data, "Fn::ForEach::")
    if included or not template.resources or any(not name.startswith("AWS::") for name in _transforms(template)):
        return  # included text, loops and macros may use what is not seen here
    body = {name: section for name, section in template.data.items() if name not in {"Parameters", "Metadata"}}
    used = {reference.target for reference in references(body)} | set(_texts_in(template.data.get("Rules")))
    conditions, mappings = set(_conditions_in(body)), set(_mappings_in(body))
    for section, names, kind in (
        ("Parameters", used, "parameter"),
        ("Conditions", conditions, "condition"),
        ("Mappings", mappings, "mapping"),
    ):
        if "*" in names:
            continue
        for name in template.section(section):
            if name not in names:
                yield Problem(template.place(section, name), f"Nothing uses the {kind} {name}.")


def _texts_in(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEPTH:
        return
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts_in(item, depth + 1)


def _conditions_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Every condition that something names."""
    if depth > DEPTH:
        return
    if isinstance(value, dict):
        if isinstance(name := value.get("Condition"), str):
            yield name
        chosen = value.get("Fn::If")
        if isinstance(chosen, list) and chosen and isinstance(chosen[0], str):
            yield chosen[0]
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _conditions_in(item, depth + 1)


def _mappings_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Every mapping that something looks into; `*` where the mapping's name is computed."""
    if depth > DEPTH:
        return
    if isinstance(value, dict) and isinstance(looked := value.get("Fn::FindInMap"), list) and looked:
        yield looked[0] if isinstance(looked[0], str) else "*"
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mappings_in(item, depth + 1)


def _unread_outputs(case: Case, template: Template) -> Iterator[Problem]:
    """Outputs of a nested template that no parent reads and that are not exported."""
    parents = [(link.parent, link.logical_id) for link in case.project.links if link.child is template]
    if not parents:
        return
    read = set()
    for parent, logical_id in parents:
        for reference in references(parent.data):
            if reference.target == logical_id:
                read.add(reference.attribute.removeprefix("Outputs."))
    if any("{" in name for name in read):
        return  # which ones is computed
    for name, output in template.section("Outputs").items():
        if name not in read and "Export" not in output:
            yield Problem(template.place("Outputs", name), f"Nothing reads the output {name}.")


# They belong to something that has tags, and cost and hold nothing of their own.
_ACCESSORIES = {
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodeDeploy::Application",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::SSM::Parameter",
}


@rule(
    "SG004",
    "What costs or holds something is tagged, so that it can be found and charged.",
    Severity.WARNING,
    "Tag it (service, environment, owner, cost centre), or its whole stack by tags in samconfig.toml.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html",
)
def tags(case: Case) -> Iterator[Problem]:
    """Resources that could have tags and get none, neither from themselves nor from a stack."""
    for deployment in case.deployments:
        tagged = _are_tags(settings_of(case.config, deployment.environment).get("tags"))
        deployed = deployed_stacks(deployment)
        for stack in deployment.stacks:
            if tagged and stack in deployed:
                continue
            if _is_tagged_from_above(deployment, stack):
                continue
            for resource in stack.resources.values():
                taggable = _is_taggable(resource.type) and resource.type not in _ACCESSORIES
                if taggable and resource.logical_id == resource.owner and not _are_tags(_tags(resource)):
                    yield about(resource, f"{resource.owner} has no tags.")


def _is_tagged_from_above(deployment: Deployment, stack: Stack) -> bool:
    """Whether a resource that nests the stack, or one above it, has tags."""
    nesting = stack.nesting
    if not nesting:
        return False
    for parent in deployment.stacks:
        holder = parent.resources.get(nesting[-1]) if parent.nesting == nesting[:-1] else None
        if holder is not None and holder.type in NESTING:
            return _are_tags(_tags(holder)) or _is_tagged_from_above(deployment, parent)
    return False


def _tags(resource: Resource) -> Any:
    """The tags that a resource has itself."""
    if (written := _tags_for_sam(resource)) is not None:
        return written
    for name in (_tag_property(resource.type), "Tags", "UserPoolTags", "HostedZoneTags", "FileSystemTags"):
        if name and resource.get(name) is not None:
            return resource.get(name)
    return None


def _tags_for_sam(resource: Resource) -> Any:
    """What the author tells SAM to tag one of its types with: SAM puts that where the expanded type takes it."""
    template = resource.stack.template
    author = template.resources.get(resource.owner, {})
    properties, kind = author.get("Properties"), str(author.get("Type"))
    if not kind.startswith("AWS::Serverless::") or not isinstance(properties, dict):
        return None
    return properties.get("Tags") or template.section("Globals").get(kind.rpartition(":")[2], {}).get("Tags")


def _are_tags(value: Any) -> bool:
    """Whether there is a tag beside the one that SAM gives everything it makes."""
    if isinstance(value, dict):
        return any(not str(key).endswith(":createdBy") for key in value)
    if isinstance(value, list):
        return any(
            not str(tag.get("Key", "") if isinstance(tag, dict) else tag).endswith(":createdBy") for tag in value
        )
    return bool(value)


@cache
def _schema(kind: str) -> Mapping[str, Any]:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # half a second, and only here

    try:
        found = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    except Exception:  # whatever cfn-lint says of a type that it does not know
        return {}
    return found if isinstance(found, dict) else {}


def _tag_property(kind: str) -> str:
    tagging = _schema(kind).get("tagging")
    path = str(tagging.get("tagProperty", "")) if isinstance(tagging, dict) else ""
    return path.rpartition("/")[2]


def _is_taggable(kind: str) -> bool:
    """Whether CloudFormation can tag a resource of the type."""
    if not kind.startswith("AWS::") or kind.startswith("AWS::Serverless::"):
        return False
    tagging, properties = _schema(kind).get("tagging"), _schema(kind).get("properties")
    if isinstance(tagging, dict) and tagging.get("taggable") is False:
        return False
    return isinstance(properties, dict) and (_tag_property(kind) in properties or "Tags" in properties)


# Properties that name what `sam build` builds or `sam deploy` uploads.
_LOCAL = {
    "AWS::ApiGateway::RestApi": ("BodyS3Location",),
    "AWS::ApiGatewayV2::Api": ("BodyS3Location",),
    "AWS::Lambda::Function": ("Code",),
    "AWS::Lambda::LayerVersion": ("Content",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::StepFunctions::StateMachine": ("DefinitionS3Location",),
}
_REMOTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")
# What another tool makes before SAM looks: it need not be there yet.
_BUILT = {"build", "dist", "out", "target", "bin", ".aws-sam"}
_ENOUGH = 3


@rule(
    "SG005",
    "Code and definitions are where `sam build` looks for them, and Globals say once what all functions share.",
    Severity.WARNING,
    "Correct the path, which is relative to the template; move what functions share to Globals.",
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build.html",
)
def packaging(case: Case) -> Iterator[Problem]:
    """Local paths that lead nowhere; Globals that functions repeat, or that are not used at all."""
    for template in case.project.templates:
        for path, location in _locations(template):
            if not _can_be_found(template, location):
                message = f"{path[1] if path[0] == 'Resources' else 'Globals'} names {location}, which does not exist."
                place = template.place(*path)
                yield Problem(place, message, subject_of(case, template, path), severity=Severity.ERROR)
        yield from _repeated(case, template)


def _locations(template: Template) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every local path of code or of a definition, with where it stands."""
    for name, resource in template.resources.items():
        properties = resource.get("Properties")
        for key in _LOCAL.get(str(resource.get("Type")), ()):
            location = properties.get(key) if isinstance(properties, dict) else None
            if isinstance(location, str) and location:
                yield ("Resources", name, "Properties", key), location
        metadata = resource.get("Metadata")
        context = metadata.get("DockerContext") if isinstance(metadata, dict) else None
        if isinstance(context, str):
            yield ("Resources", name, "Metadata", "DockerContext"), context
    common = template.section("Globals").get("Function", {}).get("CodeUri")
    if isinstance(common, str):
        yield ("Globals", "Function", "CodeUri"), common


def _can_be_found(template: Template, location: str) -> bool:
    if _REMOTE.match(location) or _BUILT.intersection(location.replace("\\", "/").split("/")):
        return True
    try:
        return (template.path.parent / location).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _repeated(case: Case, template: Template) -> Iterator[Problem]:
    for kind, common in template.section("Globals").items():
        for name, properties in _properties_of(template, kind):
            for key in sorted(map(str, properties)):
                if key in common and properties.get(key) == common[key]:
                    path = ("Resources", name, "Properties", key)
                    message = f"{name} repeats the {key} that Globals give it."
                    yield Problem(template.place(*path), message, subject_of(case, template, path))
    functions = [properties for _, properties in _properties_of(template, "Function")]
    if template.section("Globals").get("Function") or len(functions) < _ENOUGH:
        return
    shared = [key for key, value in functions[0].items() if all(other.get(key) == value for other in functions)]
    if len(shared) >= _ENOUGH:
        message = f"Every function has the same {', '.join(sorted(map(str, shared)))}, and Globals say none of it."
        yield Problem(template.place("Resources"), message, severity=Severity.INFO)


def _properties_of(template: Template, kind: str) -> Iterator[tuple[str, dict[Any, Any]]]:
    """The properties of each of SAM's resources of a kind."""
    for name, resource in template.resources.items():
        if resource.get("Type") == f"AWS::Serverless::{kind}" and isinstance(resource.get("Properties"), dict):
            yield name, resource["Properties"]
