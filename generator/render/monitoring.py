"""What the monitoring stacks hold: alarms, dashboard, saved queries, X-Ray group and sampling, Config rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from generator.render import alarms, arns
from generator.render.dashboard import QUERY_LOG_GROUPS, Shown, dashboard_body
from generator.spec.names import ENVIRONMENT_LIMIT, logical_id

if TYPE_CHECKING:
    from generator.render.alarms import Alarm, Composite
    from generator.render.data import DataView
    from generator.render.pre_traffic import PreTraffic
    from generator.render.views import FunctionView, Part
    from generator.spec.model import Api

# Names of groups and sampling rules, and a group's filter.
# https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html
XRAY_NAME = 32
XRAY_FILTER = 2_000
# https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
XRAY_SERVICE = 64


@dataclass(frozen=True)
class Query:
    """A saved query of Logs Insights."""

    id: str
    title: str
    """What its name ends with, in the service's folder."""
    text: str
    groups: list[str]
    """The log groups it reads, for `Fn::Sub`."""


@dataclass(frozen=True)
class SettingsRule:
    """What AWS Config compares the functions with that share a runtime, memory and timeout."""

    runtime: str
    memory_size: int
    timeout: int

    @property
    def key(self) -> str:
        """What names it: `python3.14-256-10`."""
        return f"{self.runtime}-{self.memory_size}-{self.timeout}"

    @property
    def id(self) -> str:
        """Its logical id."""
        return f"Settings{logical_id(self.runtime)}Memory{self.memory_size}Timeout{self.timeout}Rule"


def settings_of(function: Any) -> SettingsRule:
    """The settings of a function."""
    return SettingsRule(function.runtime, function.memory_size, function.timeout)


@dataclass(frozen=True)
class Monitoring:
    """What one monitoring stack holds."""

    service: str
    part: Part
    alarms: list[Alarm]
    composites: list[Composite]
    functions: list[str]
    """The names after the environment's and the service's of the functions that it watches."""
    settings: list[SettingsRule]
    api: Api | None
    data: DataView | None
    runbook: str

    @property
    def has_rules(self) -> bool:
        """Whether the stack has rules of AWS Config."""
        return self.part.is_first or bool(self.settings)

    @property
    def depends_on(self) -> list[str]:
        """The monitoring stacks whose groups of alarms the service's composite alarm watches."""
        before = range(1, self.part.number)
        whole = any(composite.is_whole for composite in self.composites)
        return [f"Monitoring{'' if number == 1 else number}" for number in before] if whole else []

    @property
    def log_groups(self) -> list[str]:
        """The functions' log groups, for `Fn::Sub`."""
        return [f"/aws/lambda/{arns.convention(self.service, name)}" for name in self.functions]

    @cached_property
    def dashboard(self) -> str:
        """The dashboard's body, for `Fn::Sub`."""
        shown = Shown(
            self.service,
            self.functions,
            self.alarms,
            self.composites,
            self.data,
            self.api is not None,
            self.log_groups,
            self.runbook,
        )
        return dashboard_body(shown)

    @cached_property
    def queries(self) -> list[Query]:
        """The saved queries; those of functions in as many as CloudWatch's 50 log groups a query ask for."""
        found = list(self._function_queries())
        if self.api is not None:
            access_log = [f"/aws/apigateway/${{Environment}}-{self.api.name}"]
            found += [_query(key, text, access_log) for key, text in API_QUERIES.items()]
            found += [_query(key, text, [WAF_LOG + self.service]) for key, text in WAF_QUERIES.items()]
        return found

    def _function_queries(self) -> Iterator[Query]:
        chunks = [
            self.log_groups[start : start + QUERY_LOG_GROUPS]
            for start in range(0, len(self.log_groups), QUERY_LOG_GROUPS)
        ]
        for key, text in FUNCTION_QUERIES.items():
            for number, groups in enumerate(chunks, start=1):
                place = self.part.dashed + (f"-{number}" if len(chunks) > 1 else "")
                yield _query(f"{key}{place}", text, groups)


def _query(title: str, text: str, groups: list[str]) -> Query:
    return Query(f"{logical_id(title)}Query", title, text, groups)


# As many as the stacks' templates hold, for the cost notes; a test counts them.
CONFIG_RULES = 3
WAF_RULES = 5

WAF_LOG = "aws-waf-logs-${Environment}-"
# The functions log what is an error or a warning, as JSON; Lambda itself adds the report of what failed.
FUNCTION_QUERIES = {
    "errors-by-function": "filter level = 'ERROR'\n| stats count(*) as errors by @log, message\n| sort errors desc",
    "errors-latest": (
        "filter level = 'ERROR'\n| fields @timestamp, @log, message, correlation_id, exception_name\n"
        "| sort @timestamp desc\n| limit 50"
    ),
    "errors-at-cold-start": (
        "filter level = 'ERROR' and cold_start = 1\n| fields @timestamp, @log, message\n| sort @timestamp desc"
    ),
    "slowest-failed-invocations": (
        "filter type = 'platform.report'\n"
        "| fields @timestamp, @log, record.requestId, record.status, record.metrics.durationMs,"
        " record.metrics.initDurationMs\n| sort record.metrics.durationMs desc\n| limit 50"
    ),
    "one-request": (
        "# Put the correlation id of the request between the quotes.\nfilter correlation_id = 'CORRELATION-ID'\n"
        "| fields @timestamp, @log, level, message\n| sort @timestamp asc"
    ),
}
API_QUERIES = {
    "api-refused": (
        "filter status like /^4/\n| stats count(*) as requests by status, method, path, error\n"
        "| sort requests desc\n| limit 50"
    ),
    "api-failed": (
        "filter status like /^5/\n"
        "| fields @timestamp, method, path, status, error, integrationError, requestId, trace\n"
        "| sort @timestamp desc\n| limit 50"
    ),
    "api-slowest": (
        "fields @timestamp, method, path, status, latency, integrationLatency, requestId, trace\n"
        "| sort latency desc\n| limit 50"
    ),
}
WAF_QUERIES = {
    "waf-blocked": (
        "filter action = 'BLOCK'\n| stats count(*) as requests by terminatingRuleId, httpRequest.clientIp\n"
        "| sort requests desc\n| limit 50"
    )
}


def xray_name(service: str) -> str:
    """A service's name short enough to stand after any environment's in the 32 characters that X-Ray allows.

    A longer one ends with a digest of itself, so that two services whose names begin alike stay apart.

    >>> xray_name("orders"), xray_name("subscriptions-and-invoices")
    ('orders', 'subscripti-e925')
    """
    room = XRAY_NAME - ENVIRONMENT_LIMIT - 1
    if len(service) <= room:
        return service
    digest = hashlib.sha256(service.encode()).hexdigest()[:4]
    return f"{service[: room - len(digest) - 1].rstrip('-')}-{digest}"


def xray_filter(functions: Iterable[str], service: str) -> str:
    """Which traces are the service's: those that one of its functions is in, for `Fn::Sub`.

    Where there are too many of them to name, those that Powertools has marked with the service's name.
    """
    names = [arns.convention(service, name) for name in functions]
    text = " OR ".join(f'service(id(name: "{name}", type: "AWS::Lambda::Function"))' for name in names)
    longest = len(text) + len(names) * (ENVIRONMENT_LIMIT - len("${Environment}"))
    return text if longest <= XRAY_FILTER else f'annotation.Service = "{service}"'


def sampled_service(api: Api) -> str:
    """What X-Ray calls the API's stage, or as much of it as a sampling rule may name, for `Fn::Sub`."""
    room = XRAY_SERVICE - 2 * (ENVIRONMENT_LIMIT + 1)
    if len(api.name) <= room:
        return f"${{Environment}}-{api.name}/${{Environment}}"
    return f"${{Environment}}-{api.name[: XRAY_SERVICE - ENVIRONMENT_LIMIT - 2]}*"


def watched_resources(function: FunctionView, service: str) -> int:
    """How many resources a function asks of a monitoring stack: its alarms, and a rule for its settings."""
    return len(list(alarms.function_alarms(function, service))) + 1


@dataclass(frozen=True)
class Watch:
    """Makes the monitoring stacks of a service."""

    service: str
    api: Api | None
    latency_ms: int
    functions: list[FunctionView]
    hook: PreTraffic
    data: DataView
    runbook: str

    @property
    def shared(self) -> list[Alarm]:
        """The alarms that belong to no function: of the API, queues, tables, topics, schedules and the hook."""
        hook: Any = self.hook
        # What it cannot do at once Lambda tries again, and a large release keeps it busy.
        ignored = {"throttles", "concurrency"}
        of_hook = [a for a in alarms.function_alarms(hook, self.service) if a.kind.key not in ignored]
        return [
            *(alarms.api_alarms(self.api, self.latency_ms) if self.api else ()),
            *alarms.data_alarms(self.data, self.functions, self.service),
            *alarms.schedule_alarms(self.functions, self.service),
            *of_hook,
        ]

    def stacks(self, parts: list[Part]) -> list[Monitoring]:
        """The monitoring stacks, one a part; the first has what belongs to no function."""
        watched = [self._alarms(part) for part in parts]
        composites = alarms.composites(watched, self.service)
        checked: set[SettingsRule] = set()
        stacks = []
        for part, listed, grouped in zip(parts, watched, composites, strict=True):
            members: list[Any] = [*part.functions, *([self.hook] if part.is_first else [])]
            settings = [rule for rule in dict.fromkeys(map(settings_of, members)) if rule not in checked]
            checked.update(settings)
            api = self.api if part.is_first else None
            data = self.data if part.is_first else None
            names = [member.name for member in members]
            stacks.append(Monitoring(self.service, part, listed, grouped, names, settings, api, data, self.runbook))
        return stacks

    def costs(self, stacks: list[Monitoring]) -> dict[str, int]:
        """How many there are, in one environment and region, of what costs something while nobody calls."""
        return {
            # And for each function the one that a deployment watches.
            "alarms": sum(len(stack.alarms) for stack in stacks) + len(self.functions),
            "alarms_a_function": max(len(list(alarms.function_alarms(f, self.service))) for f in self.functions) + 1,
            "composites": sum(len(stack.composites) for stack in stacks),
            "dashboards": len(stacks),
            "log_groups": len(self.functions) + 1 + (2 if self.api else 0),
            "config_rules": CONFIG_RULES + sum(len(stack.settings) for stack in stacks),
            "waf_rules": WAF_RULES,
        }

    def _alarms(self, part: Part) -> list[Alarm]:
        own = [alarm for f in part.functions for alarm in alarms.function_alarms(f, self.service)]
        return (self.shared if part.is_first else []) + own
