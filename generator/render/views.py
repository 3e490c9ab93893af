"""What the templates see: a spec's parts with everything computed that needs thought, each with a name.

Built from the attributes of a spec. Standard library only, as a bare cookiecutter renders with them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from generator.render.api import (
    ANY_KEY,
    IDENTIFIER_LIMIT,
    LINE_LENGTH,
    Identifiers,
    Operation,
    PathView,
    group_routes,
    preflight_template,
    security,
)
from generator.render.families import Family
from generator.render.sources import SOURCE_KINDS, Destination, Source
from generator.render.statements import Statement, access_variables, statements
from generator.spec.names import logical_id
from generator.spec.rules import secret_variable
from generator.spec.runtimes import family
from generator.spec.triggers import trigger_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.spec.model import Api, ApiTrigger, Function

__all__ = [
    "ANY_KEY",
    "IDENTIFIER_LIMIT",
    "LINE_LENGTH",
    "FunctionView",
    "Identifiers",
    "Operation",
    "Part",
    "PathView",
    "Schedule",
    "group_routes",
    "preflight_template",
    "split_into_parts",
]

TITLE_LIMIT = 200


@dataclass(frozen=True)
class Schedule:
    """A schedule of a function, with its place among the function's schedules."""

    function: FunctionView
    number: int
    expression: str
    timezone: str

    @property
    def id(self) -> str:
        """Its logical id."""
        return f"{self.function.id}Schedule{self.number}"

    @property
    def name(self) -> str:
        """Its name after the environment's and the service's."""
        return f"{self.function.name}-{self.number}"


class FunctionView:
    """A function of the spec and what its templates need beside its own fields."""

    def __init__(self, function: Function, service: str, api: Api, identifiers: Identifiers) -> None:
        self._function = function
        self.name = function.name
        self.id = logical_id(function.name)
        self.module = function.name.replace("-", "_")
        self.runtime = function.runtime
        self.family = family(function.runtime)
        self.handler = Family(self.family).handler
        self.metadata = Family(self.family).metadata(function.runtime)
        self.memory_size = function.memory_size
        self.timeout = function.timeout
        self.reserved_concurrency = function.reserved_concurrency
        self.architecture = function.architecture
        self.secrets = list(function.secrets)
        self._service = service
        self.variables = (
            _plain_mapping(function.environment)
            | access_variables(function, service)
            | {secret_variable(secret): f"/${{Environment}}/{service}/{secret}" for secret in function.secrets}
        )
        self.is_authorizer = False
        self.routes: list[Operation] = [
            self._operation(trigger, api, identifiers) for trigger in function.triggers if trigger.type == "api"
        ]
        self.schedules: list[Schedule] = [
            Schedule(self, number, trigger.expression, trigger.timezone)
            for number, trigger in enumerate((t for t in function.triggers if t.type == "schedule"), start=1)
        ]
        self.sources: list[Source] = [
            Source(self, trigger, number, service)
            for kind in SOURCE_KINDS
            for number, trigger in enumerate((t for t in function.triggers if t.type == kind), start=1)
        ]
        self.destinations: list[Destination] = []

    def _operation(self, trigger: ApiTrigger, api: Api, identifiers: Identifiers) -> Operation:
        own = getattr(trigger, "authorization", None)
        same_path = {t.method for t in self._function.triggers if t.type == "api" and t.path == trigger.path}
        return Operation(
            key=ANY_KEY if trigger.method == "ANY" else trigger.method.lower(),
            id=identifiers.operation_id(trigger.method, trigger.path),
            handler=identifiers.handler(trigger.method, trigger.path),
            method=trigger.method,
            path=trigger.path,
            function=self,
            security=security(own or api.authorization, api.api_key),
            scheme=own,
            beside=frozenset(same_path - {"ANY"}),
            # The file until the models are there, then the name of the schema.
            request_schema=getattr(trigger, "request_model", None),
            response_schema=getattr(trigger, "response_model", None),
        )

    @property
    def kinds(self) -> set[str]:
        """The types of its triggers."""
        return {trigger.type for trigger in self._function.triggers}

    @property
    def is_plain(self) -> bool:
        """Whether nothing of the service's events arrives: the function is invoked by its name."""
        return not self.kinds and not self.is_authorizer

    @property
    def receives_aws_events(self) -> bool:
        """Whether events arrive that AWS's services make, and not only what other functions hand on."""
        return bool(self.kinds - {"function"}) or self.is_authorizer

    @property
    def handles_batches(self) -> bool:
        """Whether records arrive in batches of which each may fail by itself."""
        return bool(self.kinds & {"sqs", "dynamodb"})

    @property
    def reads_records(self) -> bool:
        """Whether events arrive as records that each say where they come from."""
        return bool(self.kinds & {"sqs", "sns", "dynamodb"})

    @property
    def destination_config(self) -> dict[str, Any]:
        """Where outcomes of asynchronous invocations go, as Lambda::EventInvokeConfig says it.

        That is a resource of its own with a destination or without one: were it now SAM's and now the template's,
        CloudFormation would create the other one before it deletes the first, which Lambda refuses.
        """
        return {d.event: {"Destination": {"Ref": f"{d.target.id}Function.Alias"}} for d in self.destinations}

    @cached_property
    def _statements(self) -> list[Statement]:
        outcomes = [(d.event.removeprefix("On").lower(), d.target.name) for d in self.destinations]
        return list(statements(self._function, self._service, outcomes))

    @property
    def statements(self) -> list[Statement]:
        """What its role allows beside what every function's does."""
        return [statement for statement in self._statements if statement.condition is None]

    @property
    def limited_statements(self) -> list[Statement]:
        """What its role allows under a condition."""
        return [statement for statement in self._statements if statement.condition is not None]

    @property
    def topic_arns(self) -> list[str]:
        """The topics that invoke it, for `Fn::Sub`."""
        return [source.arn for source in self.sources if source.kind == "sns"]

    @property
    def delivers_events(self) -> bool:
        """Whether EventBridge puts what it cannot deliver into the function's dead-letter queue."""
        return bool(self.kinds & {"eventbridge", "s3"})

    @property
    def delivers_messages(self) -> bool:
        """Whether SNS puts what it cannot deliver into the function's dead-letter queue."""
        return "sns" in self.kinds

    @property
    def title(self) -> str:
        """The description, or else what invokes the function; Lambda keeps 256 characters of it."""
        invoked = ", ".join(self.trigger_texts) or "invoked by name"
        text = self._function.description.strip() or f"{self.name}: {invoked}"
        return text if len(text) <= TITLE_LIMIT else text[: TITLE_LIMIT - 1] + "…"

    @property
    def trigger_texts(self) -> list[str]:
        """What invokes the function, in words."""
        return [trigger_text(trigger) for trigger in self._function.triggers]

    @property
    def duration_threshold_ms(self) -> int:
        """80 % of the timeout, in milliseconds."""
        return self.timeout * 800

    @property
    def resources(self) -> int:
        """How many resources the function needs in the expanded functions stack.

        Function, version, alias, deployment group, event invoke configuration, log group, queue and its policy,
        alarm; each schedule; and what its sources need.
        """
        return 9 + len(self.schedules) + sum(source.resources for source in self.sources)


@dataclass(frozen=True)
class Part:
    """The functions of one functions stack and one monitoring stack; a service has as many as it needs."""

    number: int
    functions: list[FunctionView]
    service: str

    @property
    def hook(self) -> str:
        """The pre-traffic hook: a reference in the part that has it, its name in the others."""
        return "!Ref PreTrafficFunction" if self.is_first else f'!Sub "${{Environment}}-{self.service}-pre-traffic"'

    @property
    def schedule_group(self) -> str:
        """The group of its schedules, likewise."""
        return "!Ref ScheduleGroup" if self.is_first else f'!Sub "${{Environment}}-{self.service}"'

    @property
    def schedules(self) -> list[Schedule]:
        """The schedules of its functions."""
        return [schedule for function in self.functions for schedule in function.schedules]

    def sources(self, kind: str) -> list[Source]:
        """The sources of one kind that invoke its functions."""
        return [source for function in self.functions for source in function.sources if source.kind == kind]

    @property
    def stream_tables(self) -> list[str]:
        """What the logical ids begin with of the declared tables whose stream invokes its functions."""
        return sorted({logical_id(source.declared) for source in self.sources("dynamodb") if source.declared})

    @property
    def reads_events(self) -> bool:
        """Whether queues, topics, buses, buckets or streams invoke its functions."""
        return any(self.sources(kind) for kind in SOURCE_KINDS if kind != "function")

    @property
    def has_events(self) -> bool:
        """Whether something beside the API and other functions invokes its functions."""
        return bool(self.schedules) or self.reads_events

    @property
    def is_first(self) -> bool:
        """Whether it is the part that every service has."""
        return self.number == 1

    def depends_on(self, *, has_data: bool) -> list[str]:
        """The stacks that its functions stack names nothing of, and needs all the same."""
        data = ["Data"] if has_data and not self.stream_tables else []
        return data if self.is_first else [*data, "Functions"]

    @property
    def suffix(self) -> str:
        """What its stacks' logical ids end with."""
        return "" if self.is_first else str(self.number)

    @property
    def dashed(self) -> str:
        """What its folders and its dashboard end with."""
        return "" if self.is_first else f"-{self.number}"

    @property
    def label(self) -> str:
        """What its descriptions say after the service's name."""
        return "" if self.is_first else f", part {self.number}"

    @property
    def functions_folder(self) -> str:
        """The folder of its functions stack under stacks/."""
        return f"functions{self.dashed}"

    @property
    def monitoring_folder(self) -> str:
        """The folder of its monitoring stack under stacks/."""
        return f"monitoring{self.dashed}"


# CloudFormation's 500 resources a stack, with room for what a user adds and for what every stack has.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
STACK_RESOURCES = 450
# A function that moves from one part to the next cannot be deployed: the next would make it while it is still there.
# So parts are counted in functions, few enough that those of a part may get triggers and alarms where they are.
PART_FUNCTIONS = 25


def split_into_parts(
    functions: list[FunctionView], service: str, watched: Callable[[FunctionView], int], shared: int = 0
) -> list[Part]:
    """The functions in parts, in their order: one that comes last moves none of the others.

    Functions whose outcomes invoke each other stay together: Lambda wants a destination to exist.

    Args:
        functions: all of them.
        service: the service's name.
        watched: how many resources a function needs in its monitoring stack.
        shared: how many resources the first monitoring stack has that belong to no function.
    """
    parts: list[list[FunctionView]] = [[]]
    used, observed = 0, shared
    for group in _linked(functions):
        wanted, alarms = sum(f.resources for f in group), sum(map(watched, group))
        full = max(used + wanted, observed + alarms) > STACK_RESOURCES or len(parts[-1]) + len(group) > PART_FUNCTIONS
        if parts[-1] and full:
            parts.append([])
            used = observed = 0
        parts[-1].extend(group)
        used, observed = used + wanted, observed + alarms
    return [Part(number, members, service) for number, members in enumerate(parts, start=1)]


def _linked(functions: list[FunctionView]) -> list[list[FunctionView]]:
    """The functions in groups that destinations connect, by the place of each group's first function."""
    groups: list[list[FunctionView]] = [[function] for function in functions]
    for function in functions:
        for destination in function.destinations:
            one = next(group for group in groups if function in group)
            other = next(group for group in groups if destination.target in group)
            if one is not other:
                groups.remove(other)
                one.extend(other)
    return sorted(groups, key=lambda group: min(functions.index(function) for function in group))


def _plain_mapping(values: Any) -> dict[str, str]:
    return dict(values) if isinstance(values, dict) else dict(vars(values))
