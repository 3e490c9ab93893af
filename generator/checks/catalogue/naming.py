"""Category 8 of the catalogue: physical names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from generator.checks.case import Case, truth
from generator.checks.facts.made import is_named_by_the_tool
from generator.checks.facts.statements import put
from generator.checks.facts.words import ENVIRONMENTS, words
from generator.checks.facts.written import is_called_by_sam
from generator.checks.rule import Place, Problem, rule
from generator.findings import Severity
from generator.project import Deployment, Resource, Stack
from generator.project.deployment import ACCOUNT, NAME_PROPERTIES
from generator.project.evaluate import is_known
from generator.project.samconfig import UNNAMED

APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_GUIDE = "https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html"
# Parameters that say which environment a stack is.
_ENVIRONMENT = re.compile(r"(?i)^(app|deploy(ment)?|target)?_?(env|environment)(_?name)?$")
# A stage is an environment where it is called like one; `v1` is none.
_STAGE = re.compile(r"(?i)^(deploy(ment)?)?_?stage(_?name)?$")
_OF_ENVIRONMENT = {"env", "environment", "stage"}
_USUAL = re.compile(r"(?i)^(dev|test|qa|int|stag|uat|pre|prod|live|sandbox|beta|local|demo)")
# What AWS or habit puts in front of a name: `/aws/lambda/prod-x`, `alias/prod-x`, `/prod/x`.
_IN_FRONT = re.compile(r"^(/aws/vendedlogs/|/aws/[^/]+/|/ecs/|aws-waf-logs-|alias/|/)+")
# What services deliver goes to groups below this, so that the policy for them stays short.
_DELIVERED = "/aws/vendedlogs/"
_AFTER = ("-", "_", "/", ".")


@dataclass(frozen=True)
class Name:
    """A physical name.

    Attributes:
        resource: whose it is.
        text: the name.
        environment: the environment's name at its beginning; empty where it does not begin so.
        rest: what follows; without what AWS puts in front.
        separator: what parts the two; empty where nothing does.
    """

    resource: Resource
    text: str
    environment: str
    rest: str
    separator: str = ""

    @property
    def is_made_up(self) -> bool:
        """Whether it, or a level of it below a prefix of AWS's, begins with what CloudFormation calls something.

        The stack's name differs from one environment to the next.
        """
        levels = _IN_FRONT.sub("", self.text).split("/")
        return levels[0].startswith("<") or (self.text.startswith(_DELIVERED) and levels[-1].startswith("<"))


@rule(
    "SG801",
    "A physical name begins with the environment's name.",
    Severity.WARNING,
    'Name it "${Environment}-…", with a parameter that samconfig.toml sets for each environment.',
    _GUIDE,
)
def prefix(case: Case) -> Iterator[Problem]:
    """Names that begin with something else, as each environment evaluates them."""
    return _once(_prefix(case))


def _prefix(case: Case) -> Iterator[Problem]:
    for deployment in case.deployments:
        for name in _names(deployment):
            if name.resource.type not in APIS and not name.environment and not name.is_made_up:
                yield _without_prefix(deployment, name, f"{name.resource.owner} is called {name.text}")


@rule(
    "SG802",
    "An API is called <environment>-<name>.",
    Severity.WARNING,
    'Name it "${Environment}-MyAPI".',
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-create-api.html",
)
def api_names(case: Case) -> Iterator[Problem]:
    """APIs whose name, or whose document's title where they have none, begins with something else."""
    return _once(_api_names(case))


def _api_names(case: Case) -> Iterator[Problem]:
    for deployment in case.deployments:
        for name in _names(deployment):
            if name.resource.type not in APIS or name.is_made_up:
                continue
            if not name.environment:
                yield _without_prefix(deployment, name, f"The API {name.resource.owner} is called {name.text}")
            elif not name.rest:
                message = f"The API {name.resource.owner} is called like its environment, {name.text}, and no more."
                yield put(name.resource, message, *_path(name.resource))


def _without_prefix(deployment: Deployment, name: Name, start: str) -> Problem:
    environments = sorted(_environments(deployment, name.resource.stack))
    message = f"{start}, which does not begin with its environment ({' or '.join(environments)})."
    return put(name.resource, message, *_path(name.resource))


def _path(resource: Resource) -> tuple[str, ...]:
    key = NAME_PROPERTIES[resource.type]
    return (key,) if resource.get(key) is not None else ("Body", "info", "title")


def _names(deployment: Deployment, without: bool = False) -> Iterator[Name]:
    """The known names of what belongs to an environment; also of what belongs to none, if that is asked for."""
    for stack in deployment.stacks:
        environments = _environments(deployment, stack)
        if not environments and not without:
            continue
        for resource in stack.resources.values():
            text = _text(resource)
            if text is not None:
                yield _name(resource, text, environments)


def _text(resource: Resource) -> str | None:
    if resource.name is not None:
        return None if is_called_by_sam(resource) else resource.name
    if resource.type not in APIS or resource.get("Name") is not None:
        return None
    title = resource.get("Body", "info", "title")
    return title if isinstance(title, str) and is_known(title) else None


def _name(resource: Resource, text: str, environments: set[str]) -> Name:
    bare = _IN_FRONT.sub("", text)
    for environment in sorted(environments, key=len, reverse=True):
        if bare.lower() == environment.lower():
            return Name(resource, text, environment, "")
        for separator in _AFTER:
            if bare.lower().startswith(f"{environment}{separator}".lower()):
                return Name(resource, text, environment, bare[len(environment) + 1 :], separator)
        # A path has the environment as a level or at the beginning of one: /orders/prod/key, /aws/x/y/prod-orders.
        starts = (environment.lower(), *(f"{environment.lower()}{separator}" for separator in _AFTER))
        if any(level == starts[0] or level.startswith(starts[1:]) for level in bare.lower().split("/")[1:]):
            return Name(resource, text, environment, bare)
    return Name(resource, text, "", bare)


def _environments(deployment: Deployment, stack: Stack) -> set[str]:
    """What the environment of a stack may be called; empty where nothing says that it has one."""
    found = {
        value
        for name, value in stack.parameters.items()
        if isinstance(value, str) and value and is_known(value) and "<" not in value and _says(name, value)
    }
    root = deployment.stacks[0]
    if stack is root or stack.nesting:
        name = deployment.environment.name
        found |= {name, name.removesuffix(f"-{deployment.region}")} if name != UNNAMED else set()
        found |= _environments(deployment, root) if stack is not root else set()
    return found


def _says(parameter: str, value: str) -> bool:
    """Whether a parameter says which environment a stack is."""
    if _ENVIRONMENT.match(parameter) or (_STAGE.match(parameter) and _USUAL.match(value)):
        return True
    return value.lower() in ENVIRONMENTS and bool(_OF_ENVIRONMENT.intersection(words(parameter)))


def _once(problems: Iterator[Problem]) -> Iterator[Problem]:
    """The first problem of a place: each environment has its own name for the same thing."""
    seen: set[Place] = set()
    for problem in problems:
        if problem.place not in seen:
            seen.add(problem.place)
            yield problem


# --- conventions


@rule(
    "SG803",
    "Names follow one convention.",
    Severity.WARNING,
    "Write all names in the same way: words in lower case with hyphens between them is what every service takes.",
    _GUIDE,
)
def conventions(case: Case) -> Iterator[Problem]:
    """Names that are written in another way than most."""
    return _once(_conventions(case))


def _conventions(case: Case) -> Iterator[Problem]:
    for deployment in case.deployments:
        names = list(_names(deployment, without=True))
        yield from _unlike([(name, kind) for name in names if (kind := _convention(deployment, name))])
        parted = [name for name in names if name.separator and name.resource.type not in _ELSEWHERE]
        yield from _unlike([(name, f"with {name.separator} after the environment") for name in parted])


def _unlike(found: list[tuple[Name, str]]) -> Iterator[Problem]:
    """The names that are written in another way than most."""
    counted = Counter(kind for _, kind in found)
    if len(counted) < 2:  # noqa: PLR2004
        return
    usual = counted.most_common(1)[0][0]
    example = next(name for name, kind in found if kind == usual)
    for name, kind in found:
        if kind != usual:
            message = f"{name.resource.owner} is called {name.text}, {kind}; most names are {usual}"
            yield put(name.resource, f"{message}, such as {example.text}.", *_path(name.resource))


# Their names are those of other things, paths, or names that people read.
_ELSEWHERE = {*APIS, "AWS::Logs::LogGroup", "AWS::SSM::Parameter", "AWS::SecretsManager::Secret", "AWS::KMS::Alias"}


def _convention(deployment: Deployment, name: Name) -> str:
    """How a name is written; empty where that cannot be told."""
    if name.resource.type in _ELSEWHERE or name.is_made_up or is_named_by_the_tool(name.resource):
        return ""
    text = name.rest
    for part in (deployment.account, deployment.region):
        text = text.replace(part, "")
    text = re.sub(r"<[^>]*>", "", text.removesuffix(".fifo"))
    hyphens, underscores, capitals = "-" in text.strip("-"), "_" in text.strip("_"), text != text.lower()
    if hyphens and underscores:
        return "with hyphens and underscores"
    if underscores:
        return "with underscores and capitals" if capitals else "with underscores"
    if hyphens:
        return "with hyphens and capitals" if capitals else "with hyphens"
    return "without separators, with capitals" if capitals and text != text.upper() else ""


# --- what AWS takes


@dataclass(frozen=True)
class Limits:
    """What a service takes as a name: its length, its characters, and how to say which."""

    longest: int
    characters: str
    said: str
    shortest: int = 1


_FIFO = {"AWS::SQS::Queue": "FifoQueue", "AWS::SNS::Topic": "FifoTopic"}
# An IP address, and what AWS keeps for itself.
_NO_BUCKET = re.compile(r"^[0-9.]+$|^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$")
_WORD = r"[A-Za-z0-9_-]+"
_DOTTED = r"[A-Za-z0-9_.-]+"
_IAM = r"[A-Za-z0-9_+=,.@-]+"
_LETTERS = "letters, digits, hyphens and underscores"
_LETTERS_DOTS = f"{_LETTERS}, and dots"
_LIMITS = {
    "AWS::ApiGatewayV2::Api": Limits(128, r"(?s).+", "anything"),
    "AWS::ApiGateway::RestApi": Limits(1024, r"(?s).+", "anything"),
    "AWS::CloudWatch::Alarm": Limits(255, r"(?s)[^\x00-\x1f]+", "anything"),
    "AWS::CloudWatch::CompositeAlarm": Limits(255, r"(?s)[^\x00-\x1f]+", "anything"),
    "AWS::CloudWatch::Dashboard": Limits(255, _WORD, _LETTERS),
    "AWS::Cognito::UserPool": Limits(128, r"[\w\s+=,.@-]+", "letters, digits, spaces and +=,.@-"),
    "AWS::DynamoDB::GlobalTable": Limits(255, _DOTTED, _LETTERS_DOTS, 3),
    "AWS::DynamoDB::Table": Limits(255, _DOTTED, _LETTERS_DOTS, 3),
    "AWS::Events::EventBus": Limits(256, r"[A-Za-z0-9_./-]+", f"{_LETTERS_DOTS}, and slashes"),
    "AWS::Events::Rule": Limits(64, _DOTTED, _LETTERS_DOTS),
    "AWS::IAM::ManagedPolicy": Limits(128, _IAM, "letters, digits and _+=,.@-"),
    "AWS::IAM::Role": Limits(64, _IAM, "letters, digits and _+=,.@-"),
    "AWS::KMS::Alias": Limits(256, r"alias/(?!aws/)[A-Za-z0-9/_-]+", "alias/ and letters, digits, hyphens"),
    "AWS::Kinesis::Stream": Limits(128, _DOTTED, _LETTERS_DOTS),
    "AWS::Lambda::Function": Limits(64, _WORD, _LETTERS),
    "AWS::Lambda::LayerVersion": Limits(140, _WORD, _LETTERS),
    "AWS::Logs::LogGroup": Limits(512, r"[A-Za-z0-9_./#-]+", f"{_LETTERS_DOTS}, slashes and #"),
    "AWS::S3::Bucket": Limits(63, r"[a-z0-9][a-z0-9.-]*[a-z0-9]", "lower-case letters, digits, hyphens and dots", 3),
    "AWS::SNS::Topic": Limits(256, r"[A-Za-z0-9_-]+(\.fifo)?", _LETTERS),
    "AWS::SQS::Queue": Limits(80, r"[A-Za-z0-9_-]+(\.fifo)?", _LETTERS),
    "AWS::SSM::Parameter": Limits(1011, r"[A-Za-z0-9_./-]+", f"{_LETTERS_DOTS}, and slashes"),
    "AWS::Scheduler::Schedule": Limits(64, _DOTTED, _LETTERS_DOTS),
    "AWS::Scheduler::ScheduleGroup": Limits(64, _DOTTED, _LETTERS_DOTS),
    "AWS::SecretsManager::Secret": Limits(512, r"[A-Za-z0-9/_+=.@-]+", "letters, digits and /_+=.@-"),
    "AWS::StepFunctions::StateMachine": Limits(80, _WORD, _LETTERS),
    "AWS::WAFv2::IPSet": Limits(128, _WORD, _LETTERS),
    "AWS::WAFv2::WebACL": Limits(128, _WORD, _LETTERS),
}


@rule(
    "SG804",
    "AWS takes the name: its characters, and its length in the environment with the longest name.",
    Severity.ERROR,
    "Shorten the name, or write it with the characters that the service takes.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",
)
def legal_names(case: Case) -> Iterator[Problem]:
    """Names that a deployment would refuse."""
    return _once(_legal_names(case))


def _legal_names(case: Case) -> Iterator[Problem]:
    for deployment in case.deployments:
        for resource in deployment.resources():
            limits = _LIMITS.get(resource.type)
            text = (resource.name or "").replace(ACCOUNT, "1" * 12)
            if limits is None or not text or "<" in text or "{{" in text:
                continue
            for wrong in _wrong(resource, text, limits, _longer(deployment, resource)):
                yield put(resource, f"{resource.owner} is called {text}, {wrong}.", NAME_PROPERTIES[resource.type])


def _wrong(resource: Resource, text: str, limits: Limits, longer: int) -> Iterator[str]:
    if not re.fullmatch(limits.characters, text):
        yield f"which has other characters than {limits.said}"
    elif resource.type == "AWS::S3::Bucket" and (".." in text or _NO_BUCKET.search(text)):
        yield "which is no name of a bucket"
    fifo = _FIFO.get(resource.type)
    if fifo is not None and is_known(resource.get(fifo)) and bool(truth(resource.get(fifo))) != text.endswith(".fifo"):
        yield f"which ends with .fifo without {fifo}" if text.endswith(".fifo") else "which lacks .fifo at its end"
    length = len(text) + longer
    if length > limits.longest:
        where = " in the environment with the longest name" if longer else ""
        yield f"which has {length} characters{where}; AWS takes {limits.longest}"
    elif len(text) < limits.shortest:
        yield f"which has fewer characters than {limits.shortest}"


def _longer(deployment: Deployment, resource: Resource) -> int:
    """How many characters more a name may have in another environment that a parameter allows."""
    root = deployment.stacks[0]
    text = resource.name or ""
    for name, definition in root.template.section("Parameters").items():
        value, allowed = root.parameters.get(name), definition.get("AllowedValues")
        if isinstance(value, str) and isinstance(allowed, list) and _says(name, value) and value in text:
            return max([len(str(item)) for item in allowed] + [len(value)]) - len(value)
    return 0
