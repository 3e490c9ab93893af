"""What a project's alarms watch, and whether one of them watches what a resource emits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.checks.case import as_list
from generator.checks.catalogue.monitoring.emitters import EMITTERS, Emitter
from generator.project import Deployment, Resource
from generator.project.evaluate import Symbol, is_known

ALARM = "AWS::CloudWatch::Alarm"
_STACK = "<stack "
# By one of these an alarm watches a part of what emits: the rest may fail unseen.
_PARTS = {"EventSourceMappingUUID", "ExecutedVersion", "Method", "Route"}


@dataclass(frozen=True)
class Watch:
    """One metric that an alarm watches.

    Attributes:
        alarm: the alarm.
        namespace: the metric's namespace.
        metric: its name.
        dimensions: its dimensions by name.
        path: where in the alarm's properties the metric is written.
        known: whether namespace, name and the dimensions' names are known.
    """

    alarm: Resource
    namespace: Any
    metric: Any
    dimensions: dict[str, Any] = field(hash=False)
    path: tuple[str | int, ...] = ()
    known: bool = True

    @property
    def emitters(self) -> tuple[Emitter, ...]:
        """What could emit it: those that its dimensions speak of; all of the namespace's where they name none."""
        found = EMITTERS.get(self.namespace, ()) if isinstance(self.namespace, str) else ()
        return tuple(emitter for emitter in found if emitter.dimension in self.dimensions) or found


@dataclass
class Names:
    """What is called something: texts that are known, symbols, and whether there are others that nobody knows.

    The name of a stack is not known, so a text that begins with it may be any that does not.
    """

    texts: set[str] = field(default_factory=set)
    symbols: set[tuple[str, str]] = field(default_factory=set)
    unknown: bool = False
    of_stacks: bool = False
    of_others: bool = False

    def add(self, value: Any) -> None:
        """Add what something is called."""
        if isinstance(value, Symbol):
            self.symbols.add((value.stack, value.logical_id))
        elif not isinstance(value, str) or not is_known(value):
            self.unknown = True
        else:
            self.texts.add(value)
            self.of_stacks = self.of_stacks or _STACK in value
            self.of_others = self.of_others or _STACK not in value

    def may_hold(self, value: Any) -> bool:
        """Whether a text is one of them, or may be."""
        if self.unknown or not isinstance(value, str) or not is_known(value):
            return True
        return value in self.texts or (self.of_others if _STACK in value else self.of_stacks)


class Alarms:
    """What the alarms of a deployment watch, and what there is to watch."""

    def __init__(self, deployment: Deployment) -> None:
        self.alarms = list(deployment.of_type(ALARM))
        self.watches = [watch for alarm in self.alarms for watch in _of(alarm)]
        # A search or a query watches what it names in a language of its own.
        self._text = "\n".join(text for alarm in self.alarms for text in _expressions(alarm))
        self._deployment = deployment
        self._called: dict[str, Names] = {}
        self._watched: dict[tuple[str, str, str], Names] = {}
        self._any = False
        for watch in self.watches:
            self._add(watch)

    def _add(self, watch: Watch) -> None:
        namespace, metric = watch.namespace, watch.metric
        if not isinstance(namespace, str) or not isinstance(metric, str) or not is_known([namespace, metric]):
            self._any = True
            return
        if _PARTS & watch.dimensions.keys():
            return
        for emitter in EMITTERS.get(namespace, ()):
            names = self._watched.setdefault((namespace, metric, emitter.dimension), Names())
            if emitter.dimension in watch.dimensions:
                names.add(watch.dimensions[emitter.dimension])
            elif not watch.known or (not watch.dimensions and not emitter.needed):
                names.unknown = True

    def watch(self, resource: Resource, namespace: str, *metrics: str) -> bool:
        """Whether one watches one of a resource's metrics, or may do so for all that is known."""
        emitter = next((e for e in EMITTERS[namespace] if resource.type in e.types), None)
        if emitter is None or self._any:
            return True
        for metric in metrics:
            names = self._watched.get((namespace, metric, emitter.dimension))
            if names is None:
                continue
            itself = (resource.stack.name, resource.logical_id)
            if names.unknown or itself in names.symbols or any(map(names.may_hold, emitter.called(resource))):
                return True
        named = re.search(rf"{namespace}\b", self._text)
        return bool(named) and any(re.search(rf"\b{metric}\b", self._text) for metric in metrics)

    def called(self, emitter: Emitter) -> Names | None:
        """What everything that emits is called; None if nothing does."""
        names = self._called.get(emitter.dimension)
        if names is None:
            names = self._called[emitter.dimension] = Names()
            for resource in self._deployment.of_type(*emitter.types):
                names.symbols.add((resource.stack.name, resource.logical_id))
                for value in emitter.called(resource):
                    names.add(value)
        return names if names.symbols else None


def _expressions(alarm: Resource) -> Iterator[str]:
    for item in as_list(alarm.get("Metrics")):
        if isinstance(item, dict) and isinstance(item.get("Expression"), str):
            yield item["Expression"]


def _of(alarm: Resource) -> Iterator[Watch]:
    if alarm.get("MetricName") is not None:
        yield _watch(alarm, alarm.properties, ())
    metrics = alarm.get("Metrics")
    if metrics is not None and not isinstance(metrics, list):
        yield Watch(alarm, metrics, metrics, {}, (), known=False)
    for index, item in enumerate(as_list(metrics)):
        metric = item.get("MetricStat", {}) if isinstance(item, dict) else None
        metric = metric.get("Metric") if isinstance(metric, dict) else metric
        if isinstance(metric, dict):
            yield _watch(alarm, metric, ("Metrics", index, "MetricStat", "Metric"))


def _watch(alarm: Resource, metric: dict[str, Any], path: tuple[str | int, ...]) -> Watch:
    dimensions: dict[str, Any] = {}
    known = isinstance(metric.get("Dimensions", []), list)
    for item in as_list(metric.get("Dimensions")):
        if isinstance(item, dict) and isinstance(item.get("Name"), str):
            dimensions[item["Name"]] = item.get("Value")
            known = known and is_known(item["Name"])
        else:
            known = False
    return Watch(alarm, metric.get("Namespace"), metric.get("MetricName"), dimensions, path, known)
