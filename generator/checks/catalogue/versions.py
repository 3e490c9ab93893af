"""Category 7 of the catalogue: versions, how traffic moves to a new one, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from generator.checks.case import Case, as_list, literal, number, truth
from generator.checks.facts.routes import mapping, owned, place_of
from generator.checks.facts.targets import ALIAS, FUNCTION, VERSION, aliases_of, target_of
from generator.checks.rule import Place, Problem, about, rule
from generator.findings import Severity
from generator.project import ConfigEnvironment, Deployment, Resource, Template, references
from generator.project.evaluate import is_known
from generator.project.samconfig import NAME as SAMCONFIG
from generator.project.samconfig import UNNAMED

GROUP = "AWS::CodeDeploy::DeploymentGroup"
SERVERLESS = "AWS::Serverless::"
SERVERLESS_FUNCTION = "AWS::Serverless::Function"
UPDATE = "CodeDeployLambdaAliasUpdate"

_PRODUCTION = re.compile(r"(^|[^a-z])(prod|prd|production|live)([^a-z]|$)", re.IGNORECASE)
_NOT_PRODUCTION = re.compile(r"(^|[^a-z])(non-?prod|pre-?prod|dev|test|qa|uat|stag|sandbox|integration)", re.IGNORECASE)
_ENVIRONMENT = re.compile(r"env|stage", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=")
_NUMBERED = re.compile(r"\d")
_PROTECTION = re.compile(r"termination.?protection", re.IGNORECASE)
_KEPT = {"Retain", "RetainExceptOnCreate", "Snapshot"}
# What loses data when it is deleted or replaced, and is not kept unless the template says so.
_STATE = {
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::KMS::Key",
    "AWS::OpenSearchService::Domain",
    "AWS::S3::Bucket",
    "AWS::Timestream::Table",
}
# The same, but AWS makes a snapshot unless the template says otherwise.
_SNAPSHOTS = {"AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::Neptune::DBCluster", "AWS::DocDB::DBCluster"}
# Where else a project may turn termination protection on; a bound on what is looked through.
_SCRIPTS = (".", "scripts", "bin", "ci", ".github/workflows", ".gitlab", ".circleci")
_FILES = 200
_BYTES = 200_000


# SG701


@rule(
    "SG701",
    "Every function has an alias that its callers use, and every change publishes a version.",
    Severity.WARNING,
    "Set AutoPublishAlias with AutoPublishCodeSha256 or AutoPublishAliasAllProperties, and refer to the alias.",
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html",
)
def versions(case: Case) -> Iterator[Problem]:
    """Functions without alias, callers that go past it, and versions that are never published again."""
    for deployment in case.deployments:
        for function in _released(deployment):
            if not aliases_of(deployment, function):
                yield about(function, f"{function.owner} has no alias: its callers get whatever was uploaded last.")
        yield from _bypasses(deployment)
        for alias in deployment.of_type(ALIAS):
            if alias.get("FunctionVersion") == "$LATEST":
                message = f"{alias.owner} is an alias of $LATEST, so it moves with every upload."
                yield about(alias, message, "FunctionVersion", severity=Severity.ERROR)
        for version in deployment.of_type(VERSION):
            yield from _publishes_once(version)
    yield from _unchanging(case)


def _released(deployment: Deployment) -> Iterator[Resource]:
    """The functions that serve; not those that only a deployment calls, nor those at CloudFront's edge."""
    passed_over = {function for function in _helpers(deployment) if function is not None}
    for function in deployment.of_type(FUNCTION):
        if function not in passed_over:
            yield function


def _helpers(deployment: Deployment) -> Iterator[Resource | None]:
    for stack in deployment.stacks:
        for resource in stack.resources.values():
            if resource.get("ServiceToken") is not None:
                yield deployment.function(resource.get("ServiceToken"))
            update = mapping(mapping(resource.definition.get("UpdatePolicy")).get(UPDATE))
            for hook in ("BeforeAllowTrafficHook", "AfterAllowTrafficHook"):
                name = mapping(update.get(hook)).get("Ref")
                yield stack.resources.get(name) if isinstance(name, str) else deployment.function(update.get(hook))
            if resource.type == "AWS::CloudFront::Distribution":
                yield from _at_the_edge(deployment, resource)


def _at_the_edge(deployment: Deployment, distribution: Resource) -> Iterator[Resource | None]:
    configuration = mapping(distribution.get("DistributionConfig"))
    behaviours = [configuration.get("DefaultCacheBehavior"), *as_list(configuration.get("CacheBehaviors"))]
    for behaviour in behaviours:
        for association in as_list(mapping(behaviour).get("LambdaFunctionAssociations")):
            yield deployment.function(mapping(association).get("LambdaFunctionARN"))


def _bypasses(deployment: Deployment) -> Iterator[Problem]:
    for resource in deployment.resources():
        for path, reference in _calls(resource):
            target = target_of(deployment, reference)
            if target is None or target.qualifier or target.function is None:
                continue
            if aliases_of(deployment, target.function):
                message = f"{resource.owner} goes past the alias of {target.function.owner} to its newest code."
                yield about(resource, message, *path)


def _calls(resource: Resource) -> Iterator[tuple[Path_, Any]]:
    """Where a resource says which function it calls; an API's integrations are SG601's."""
    for pattern in _CALLERS.get(resource.type, ()):
        yield from _matches(resource.properties, pattern)
    if resource.type == "AWS::Lambda::EventInvokeConfig" and resource.get("Qualifier") == "$LATEST":
        yield ("Qualifier",), resource.get("FunctionName")
    if resource.type == "AWS::Lambda::Url" and resource.get("Qualifier") is None:
        yield ("TargetFunctionArn",), resource.get("TargetFunctionArn")


def _matches(value: Any, pattern: tuple[str, ...], path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every value at a path in which `*` stands for any item of a list or a mapping."""
    if not pattern:
        yield path, value
        return
    first, rest = pattern[0], pattern[1:]
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items()) if first == "*" else [(first, value[first])] if first in value else []
    elif isinstance(value, list) and first == "*":
        items = list(enumerate(value))
    for step, item in items:
        yield from _matches(item, rest, (*path, step))


Path_ = tuple[str | int, ...]
_CALLERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "AWS::ApiGateway::Authorizer": (("AuthorizerUri",),),
    "AWS::ApiGatewayV2::Authorizer": (("AuthorizerUri",),),
    "AWS::Cognito::UserPool": (("LambdaConfig", "*"), ("LambdaConfig", "*", "LambdaArn")),
    "AWS::Events::Rule": (("Targets", "*", "Arn"),),
    "AWS::Lambda::EventInvokeConfig": (("DestinationConfig", "*", "Destination"),),
    "AWS::Lambda::EventSourceMapping": (("FunctionName",),),
    "AWS::Logs::SubscriptionFilter": (("DestinationArn",),),
    "AWS::S3::Bucket": (("NotificationConfiguration", "LambdaConfigurations", "*", "Function"),),
    "AWS::SNS::Subscription": (("Endpoint",),),
    "AWS::SNS::Topic": (("Subscription", "*", "Endpoint"),),
    "AWS::Scheduler::Schedule": (("Target", "Arn"),),
    "AWS::SecretsManager::RotationSchedule": (("RotationLambdaARN",),),
}


def _publishes_once(version: Resource) -> Iterator[Problem]:
    """A version is what it was when it was made: only another logical id or property makes another."""
    if version.owner != version.logical_id or version.logical_id not in version.stack.template.resources:
        return
    if _NUMBERED.search(version.logical_id):
        return
    properties = mapping(version.definition.get("Properties"))
    changing = {key: value for key, value in properties.items() if key != "FunctionName"}
    if any(references(changing)) or any("Fn::" in str(value) for value in changing.values()):
        return
    sha = literal(version.get("CodeSha256"))
    if sha is None or not _HASH.fullmatch(sha):
        mend = "Put a number or hash into its logical id, or a parameter of the release into its Description."
        yield about(version, f"{version.owner} is published once: later releases make no version.", mend=mend)


def _unchanging(case: Case) -> Iterator[Problem]:
    """SAM publishes a version when the code's address changes, and only then unless it is told otherwise."""
    for template in case.project.templates:
        for name, resource in template.resources.items():
            if resource.get("Type") != SERVERLESS_FUNCTION:
                continue
            settings, place = _with_globals(template, name)
            if settings.get("AutoPublishAlias") is None:
                continue
            yield from _publishing(case, template, name, settings, place)


def _publishing(
    case: Case, template: Template, name: str, settings: dict[str, Any], place: dict[str, tuple[str | int, ...]]
) -> Iterator[Problem]:
    subject = _resource(case, template, name)
    digest = settings.get("AutoPublishCodeSha256")
    if truth(settings.get("AutoPublishAliasAllProperties")) or isinstance(
        settings.get("AutoPublishAliasAllProperties"), dict
    ):
        return
    if digest is None:
        message = f"{name} publishes a version when its code changes, but not when its configuration does."
        where = (template.name, *template.line_of(*place["AutoPublishAlias"]))
        yield Problem(where, message, subject)
        return
    where = (template.name, *template.line_of(*place["AutoPublishCodeSha256"]))
    if isinstance(digest, (str, int, float)) and not _HASH.fullmatch(str(digest)):
        message = f"AutoPublishCodeSha256 of {name} is always {digest}, so no version is published again."
        yield Problem(where, message, subject, severity=Severity.ERROR)
    parameter = mapping(digest).get("Ref")
    if isinstance(parameter, str) and _is_never_passed(case, template, parameter):
        message = f"{name} publishes a version when {parameter} changes, which no stack passes to {template.name}."
        yield Problem(where, message, subject, severity=Severity.ERROR)


def _with_globals(template: Template, name: str) -> tuple[dict[str, Any], dict[str, tuple[str | int, ...]]]:
    """A function's properties with those of Globals, and where each stands."""
    own = mapping(template.resources[name].get("Properties"))
    shared = mapping(template.section("Globals").get("Function"))
    places: dict[str, tuple[str | int, ...]] = {str(key): ("Globals", "Function", str(key)) for key in shared}
    places.update({str(key): ("Resources", name, "Properties", str(key)) for key in own})
    return {**shared, **own}, places


def _is_never_passed(case: Case, template: Template, parameter: str) -> bool:
    """Whether a parameter of a nested template keeps its default in every stack that nests it."""
    links = [link for link in case.project.links if link.child is template]
    if not links or parameter not in template.section("Parameters"):
        return False
    for link in links:
        passed = mapping(link.resource.get("Properties")).get("Parameters")
        if passed is not None and (not isinstance(passed, dict) or parameter in passed):
            return False
        if any(str(key).startswith("Fn::") for key in mapping(passed)):
            return False
    return True


def _resource(case: Case, template: Template, name: str) -> Resource | None:
    """The resource of a template in the first environment that has it, for suppressions."""
    for deployment in case.deployments:
        for stack in deployment.stacks:
            if stack.template is template and name in stack.resources:
                return stack.resources[name]
    return None


# SG702, SG703


@rule(
    "SG702",
    "In production traffic moves to a new version step by step, by CodeDeploy.",
    Severity.WARNING,
    "Set DeploymentPreference with a canary or linear type for production.",
    "https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html",
)
def strategy(case: Case) -> Iterator[Problem]:
    """Functions that production gets all at once, because nothing else was said."""
    for deployment in _productions(case):
        for function in _released(deployment):
            aliases = aliases_of(deployment, function)
            if not any(_update(alias) for alias in aliases):
                message = (
                    f"{function.owner} has no deployment strategy{_in(deployment)}: a new version gets all traffic."
                )
                yield Problem(_preference_place(function), message, function)


@rule(
    "SG703",
    "A new version runs beside the old one while an alarm watches it.",
    Severity.WARNING,
    "Choose a canary or linear type for production, and name the alarms that stop the shift.",
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html",
)
def blue_green(case: Case) -> Iterator[Problem]:
    """Deployments of production that shift all traffic at once, or without an alarm."""
    for deployment in _productions(case):
        for group in _groups(deployment):
            name = literal(group.get("DeploymentConfigName"))
            if name is not None and "AllAtOnce" in name:
                message = f"{group.owner} gets all traffic at once{_in(deployment)}."
                yield Problem(_setting(group, "Type", "DeploymentConfigName"), message, group)
            if not _alarms(group):
                message = f"The traffic of {group.owner} shifts without an alarm that watches{_in(deployment)}."
                yield Problem(_setting(group, "Alarms", "AlarmConfiguration"), message, group)


def _update(alias: Resource) -> dict[Any, Any]:
    return mapping(mapping(alias.definition.get("UpdatePolicy")).get(UPDATE))


def _preference_place(function: Resource) -> Place:
    """Where the function's deployment preference stands, or the function."""
    if "DeploymentPreference" in owned(function):
        template = function.stack.template
        return (template.name, *template.line_of("Resources", function.owner, "Properties", "DeploymentPreference"))
    return function.place()


def _groups(deployment: Deployment) -> Iterator[Resource]:
    """The deployment groups that shift a function's traffic."""
    for stack in deployment.stacks:
        names = [mapping(_update(a).get("DeploymentGroupName")).get("Ref") for a in stack.resources.values()]
        for group in stack.resources.values():
            if group.type == GROUP and group.logical_id in names:
                yield group


def _setting(group: Resource, preference: str, key: str) -> Place:
    """Where a setting of a deployment group stands: SAM's in the function's DeploymentPreference."""
    template = group.stack.template
    if group.owner == group.logical_id:
        return place_of(group, key)
    for path in (("Resources", group.owner, "Properties"), ("Globals", "Function")):
        holder: Any = template.data
        for step in path:
            holder = mapping(holder).get(step)
        written = mapping(holder).get("DeploymentPreference")
        if written is not None:
            step_ = (preference,) if preference in mapping(written) else ()
            return (template.name, *template.line_of(*path, "DeploymentPreference", *step_))
    return group.place()


def _alarms(group: Resource) -> list[Any]:
    configuration = group.get("AlarmConfiguration")
    if not is_known(configuration) and not isinstance(configuration, dict):
        return [configuration]
    if truth(mapping(configuration).get("Enabled")) is False:
        return []
    return as_list(mapping(configuration).get("Alarms"))


def _productions(case: Case) -> Iterator[Deployment]:
    """The deployments that are production: by their name, or by a parameter that says so."""
    for deployment in case.deployments:
        if is_production(deployment):
            yield deployment


def is_production(deployment: Deployment) -> bool:
    """Whether people depend on a deployment; one that says nothing of what it is may be the only one there is."""
    name = deployment.environment.name
    if name != UNNAMED:
        return _says_production(name)
    values = [
        value
        for key, value in (deployment.stacks[0].parameters.items() if deployment.stacks else ())
        if _ENVIRONMENT.search(key) and isinstance(value, str) and is_known(value)
    ]
    if any(map(_says_production, values)):
        return True
    return not any(_NOT_PRODUCTION.search(value) for value in values)


def _says_production(text: str) -> bool:
    return bool(_PRODUCTION.search(text)) and not _NOT_PRODUCTION.search(text)


def _in(deployment: Deployment) -> str:
    return " in production" if deployment.environment.name != UNNAMED else ""


# SG704


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
    if not any(_settings(case, environment) for environment in case.config.environments):
        yield Problem((SAMCONFIG, 1, 1), "samconfig.toml says nothing of how to deploy.")
        return
    for environment, deployment in zip(case.config.environments, case.deployments, strict=False):
        yield from _deploys(case, environment, deployment)


def _uses_sam(template: Template) -> bool:
    return any(str(resource.get("Type", "")).startswith(SERVERLESS) for resource in template.resources.values())


def _settings(case: Case, environment: ConfigEnvironment) -> dict[str, Any]:
    """What `sam deploy` is told of an environment: its table `global`, and `deploy` before that."""
    shared = mapping(mapping(_tables(case.config.text).get(environment.name)).get("global")).get("parameters")
    return {**mapping(shared), **environment.settings}


@lru_cache(maxsize=1)
def _tables(text: str) -> dict[str, Any]:
    try:
        return mapping(tomlkit.parse(text).unwrap())
    except TOMLKitError:
        return {}


def _deploys(case: Case, environment: ConfigEnvironment, deployment: Deployment) -> Iterator[Problem]:
    settings = _settings(case, environment)
    place = _table(case, environment)
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
        line = _line(case, environment, "capabilities") if granted else place[1]
        message = f"{environment.name} lacks {' and '.join(sorted(missing))}, so CloudFormation refuses its stacks."
        yield Problem((SAMCONFIG, line, 1), message, severity=Severity.ERROR)


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


def _table(case: Case, environment: ConfigEnvironment) -> Place:
    """The line on which an environment's deploy table begins."""
    for header in (f"[{environment.name}.deploy", f"[{environment.name}.", f"[{environment.name}]"):
        if header in case.config.text:
            return SAMCONFIG, case.config.line_of(header), 1
    return SAMCONFIG, 1, 1


def _line(case: Case, environment: ConfigEnvironment, key: str) -> int:
    """The line of a setting of an environment, the last of its tables that has it; the table's if none."""
    found, current = 0, ""
    for number_, line in enumerate(case.config.text.splitlines(), start=1):
        text = line.strip()
        if text.startswith("["):
            current = text.strip("[]").partition(".")[0].strip("\"'")
        elif current == environment.name and text.partition("=")[0].strip() == key:
            found = number_
    return found or _table(case, environment)[1]


# SG705


@rule(
    "SG705",
    "A deployment that fails is rolled back, and what holds data outlives it.",
    Severity.WARNING,
    "Let an alarm stop the deployment, keep state by DeletionPolicy and UpdateReplacePolicy, protect production.",
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html",
)
def rollback(case: Case) -> Iterator[Problem]:
    """Deployments that nothing rolls back, state that goes with its stack, and production that anyone may delete."""
    for deployment in _productions(case):
        for group in _groups(deployment):
            yield from _rolls_back(deployment, group)
    for deployment in case.deployments:
        for resource in deployment.resources():
            yield from _kept(resource)
    yield from _protection(case)


def _rolls_back(deployment: Deployment, group: Resource) -> Iterator[Problem]:
    name = literal(group.get("DeploymentConfigName"))
    if name is not None and "AllAtOnce" in name:
        return
    if not _alarms(group):
        message = f"No alarm rolls a deployment of {group.owner} back{_in(deployment)}."
        yield Problem(_setting(group, "Alarms", "AlarmConfiguration"), message, group)
    back = group.get("AutoRollbackConfiguration")
    if not is_known(back):
        return
    events = as_list(mapping(back).get("Events"))
    if not truth(mapping(back).get("Enabled", False)) or (events and "DEPLOYMENT_STOP_ON_ALARM" not in events):
        message = f"{group.owner} stays where it is when an alarm stops its deployment{_in(deployment)}."
        yield Problem(_setting(group, "Alarms", "AutoRollbackConfiguration"), message, group)
    for index, alarm in enumerate(_alarms(group)):
        yield from _watches(deployment, group, index, mapping(alarm).get("Name"))


def _watches(deployment: Deployment, group: Resource, index: int, reference: Any) -> Iterator[Problem]:
    """An alarm that has actions of its own switched off still stops a deployment; one that never fires does not."""
    alarm = deployment.find(reference, "AWS::CloudWatch::Alarm")
    if alarm is None:
        return
    threshold, treated = number(alarm.get("Threshold")), alarm.get("TreatMissingData")
    lower = str(alarm.get("ComparisonOperator")).startswith("LessThan")
    if lower and treated != "breaching" and alarm.get("MetricName") in ("Errors", "Throttles") and threshold == 0:
        message = f"{alarm.owner}, which watches the deployment of {group.owner}, can never go off."
        yield Problem(_setting(group, "Alarms", "AlarmConfiguration"), message, group)
    function = alarm.get("Dimensions")
    if index or alarm.get("Namespace") != "AWS/Lambda" or not isinstance(function, list):
        return
    names = [mapping(item).get("Value") for item in function if mapping(item).get("Name") == "FunctionName"]
    watched = [deployment.function(name) for name in names if is_known(name)]
    owner = next((f for f in deployment.of_type(FUNCTION) if f.owner == group.owner and f.stack is group.stack), None)
    if owner is not None and watched and None not in watched and owner not in watched:
        message = f"{alarm.owner} watches another function than {owner.owner}, whose deployment it is to stop."
        yield about(alarm, message, "Dimensions")


def _kept(resource: Resource) -> Iterator[Problem]:
    if resource.type not in _STATE | _SNAPSHOTS:
        return
    policies = {key: resource.definition.get(key) for key in ("DeletionPolicy", "UpdateReplacePolicy")}
    lost = [
        key
        for key, value in policies.items()
        if (value is None and resource.type in _STATE) or (isinstance(value, str) and value not in _KEPT)
    ]
    if lost:
        when = {"DeletionPolicy": "deleted", "UpdateReplacePolicy": "replaced"}
        how = " or ".join(when[key] for key in lost)
        message = f"{resource.owner} loses what it holds when it is {how}: {' and '.join(lost)} do not keep it."
        if len(lost) == 1:
            message = message.replace(" do not ", " does not ")
        mend = "Set both to Retain (RetainExceptOnCreate for DeletionPolicy), or to Snapshot where there is one."
        yield Problem(_policy_place(resource, lost), message, resource, mend=mend)


def _policy_place(resource: Resource, lost: list[str]) -> Place:
    template = resource.stack.template
    written = mapping(template.resources.get(resource.owner))
    for key in lost:
        if key in written and resource.owner == resource.logical_id:
            return (template.name, *template.line_of("Resources", resource.owner, key))
    return resource.place()


def _protection(case: Case) -> Iterator[Problem]:
    for environment, deployment in zip(case.config.environments, case.deployments, strict=False):
        if not is_production(deployment) or environment.name == UNNAMED:
            continue
        settings = _settings(case, environment)
        for key, bad in (
            ("disable_rollback", settings.get("disable_rollback") is True),
            ("on_failure", settings.get("on_failure") == "DO_NOTHING"),
        ):
            if bad:
                message = f"A deployment to {environment.name} that fails is left half done: {key}."
                yield Problem((SAMCONFIG, _line(case, environment, key), 1), message)
        if _nests_nothing_kept(deployment) or _is_protected(case.project.root):
            continue
        message = f"Nothing turns termination protection on for the stack of {environment.name}."
        mend = "Let the deployment call `aws cloudformation update-termination-protection`."
        yield Problem(_table(case, environment), message, severity=Severity.INFO, mend=mend)


def _nests_nothing_kept(deployment: Deployment) -> bool:
    return not any(resource.type in _STATE | _SNAPSHOTS for resource in deployment.resources())


def _is_protected(root: Path) -> bool:
    """Whether a script, a pipeline or a Makefile of the project says something of termination protection."""
    seen = 0
    for folder in _SCRIPTS:
        try:
            files = sorted((root / folder).iterdir())
        except OSError:
            continue
        for file in files:
            seen += 1
            if seen > _FILES:
                return True
            try:
                if file.suffix in {".md", ".rst"} or not file.is_file() or file.stat().st_size > _BYTES:
                    continue
                if _PROTECTION.search(file.read_text(encoding="utf-8", errors="replace")):
                    return True
            except OSError:
                continue
    return False
