"""The sound parts of a spec, which the rules between fields look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.spec.problems import Path

if TYPE_CHECKING:
    from generator.spec.model import Api, ApiTrigger, Environment, Function, Service, ServiceSpec

DATA_SECTIONS = ("tables", "queues", "topics", "buckets", "event_buses")
"""The sections that declare what the data stack creates."""


@dataclass(frozen=True)
class Draft:
    """The sound parts of a spec; listed ones with their place in the document."""

    service: Service
    api: Api
    environments: Sequence[tuple[int, Environment]]
    functions: Sequence[tuple[int, Function]]
    data: Mapping[str, Sequence[tuple[int, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: ServiceSpec) -> Draft:
        """The draft of a spec whose parts are all sound."""
        data = {section: list(enumerate(getattr(spec, section, []))) for section in DATA_SECTIONS}
        return cls(spec.service, spec.api, list(enumerate(spec.environments)), list(enumerate(spec.functions)), data)

    def triggers(self, *kinds: str) -> Iterator[tuple[Path, Function, Any]]:
        """Every trigger of the given types with its path in the document and its function."""
        for index, function in self.functions:
            for place, trigger in enumerate(function.triggers):
                if trigger.type in kinds:
                    yield ("functions", index, "triggers", place), function, trigger

    def routes(self) -> Iterator[tuple[Path, ApiTrigger]]:
        """Every api trigger with its path in the document."""
        for path, _, trigger in self.triggers("api"):
            yield path, trigger

    def names(self, section: str) -> list[str]:
        """The names that a section declares."""
        return [item.name for _, item in self.data.get(section, ())]

    def longest_environment(self) -> str:
        """The longest name of an environment, which decides whether names fit."""
        return max((e.name for _, e in self.environments), key=len, default="")

    def regions(self) -> list[str]:
        """Every region of every environment."""
        found = [name for _, e in self.environments for name in region_names(e)]
        return list(dict.fromkeys(found))

    def spans_regions(self) -> bool:
        """Whether an environment has several regions, where the names of roles have to differ."""
        return any(len(region_names(e)) > 1 for _, e in self.environments)


def region_names(environment: Environment) -> list[str]:
    """The environment's regions, its first one first."""
    return [environment.region, *(further.name for further in getattr(environment, "further_regions", []))]
