"""The names that the templates know, made from a spec or from cookiecutter's answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from generator import __version__
from generator.render import views
from generator.render.alarms import raised
from generator.render.api import api_names
from generator.render.data import DataView, data_view
from generator.render.environments import EnvironmentView
from generator.render.families import ignored_patterns, used_families
from generator.render.integration import integration_text
from generator.render.monitoring import Monitoring, Watch, sampled_service, watched_resources, xray_filter, xray_name
from generator.render.pipeline import pipeline_view
from generator.render.pre_traffic import pre_traffic
from generator.render.sources import link_destinations
from generator.spec import rules
from generator.spec.answers import from_cookiecutter
from generator.spec.defaults import complete
from generator.spec.draft import Draft
from generator.spec.dump import dump_spec
from generator.spec.problems import SpecError
from generator.spec.request_models import Models, model_files
from generator.spec.rules import API_TIMEOUT
from generator.spec.schema import choices, fill_defaults, schema_text

if TYPE_CHECKING:
    from generator.spec.model import ServiceSpec

SPEC_KEY = "_spec"
"""Under this key of cookiecutter's answers a whole spec travels, as JSON; without it the answers are read."""

MODELS_KEY = "_models"
"""Under this key travel the JSON Schema files that the spec's routes name, as JSON: path → schema."""


def template_names(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Every name a template may use, from cookiecutter's answers; SpecError where they cannot be used."""
    spec, document = _checked(answers)
    identifiers = views.Identifiers()
    functions = [views.FunctionView(function, spec.service.name, spec.api, identifiers) for function in spec.functions]
    link_destinations(functions)
    data = data_view(spec, functions)
    families = used_families(functions)
    models: Models = json.loads(answers.get(MODELS_KEY, "{}"))
    api = api_names(spec, functions, identifiers, models)
    routes, gateway = api["routes"], api["gateway"]
    watch = _watch(spec, functions, data, routes)
    service = spec.service.name
    parts = views.split_into_parts(functions, service, lambda f: watched_resources(f, service), len(watch.shared))
    has_events = any(part.has_events for part in parts)
    environments = [
        EnvironmentView(e, spec.service, bool(routes), has_events, gateway.parameters(e)) for e in spec.environments
    ]
    statements = [s for f in functions for s in (*f.statements, *f.limited_statements)]
    runtimes = [*(function.runtime for function in functions), watch.hook.runtime]
    pipeline = pipeline_view(spec, environments, statements, runtimes)
    return {
        "samgen_version": __version__,
        "samgen_yaml": dump_spec(document),
        "samgen_schema": schema_text(),
        "service": spec.service,
        **api,
        "models": {file: models[file] for file in model_files(spec)},
        "environments": environments,
        "targets": [region for environment in environments for region in environment.regions],
        "pipeline": pipeline,
        "secret_names": sorted({secret for function in functions for secret in function.secrets}),
        "environment_names": [environment.name for environment in environments],
        "default_environment": environments[0],
        "functions": functions,
        "families": families,
        "builders": [family.builder for family in families],
        "ignored_patterns": ignored_patterns(families),
        "parts": parts,
        "data": data,
        "delivers_events": any(function.delivers_events for function in functions) or bool(data.event_buses),
        "delivers_messages": any(function.delivers_messages for function in functions),
        "has_events": has_events,
        # Roles are global: where an environment has several regions, their names have to differ.
        "role_suffix": "-${AWS::Region}" if Draft.of(spec).spans_regions() else "",
        "function_stacks": [f"Functions{part.suffix}" for part in parts],
        "retention_days": choices("Environment", "log_retention_days"),
        "deployment_preferences": choices("Environment", "deployment_preference"),
        "hook": watch.hook,
        "schedules": [schedule for function in functions for schedule in function.schedules],
        "has_schedules": any(function.schedules for function in functions),
        "monitorings": (stacks := watch.stacks(parts)),
        "raised": raised([alarm for stack in stacks for alarm in stack.alarms], service),
        "costs": watch.costs(stacks),
        "readers": {
            q.name: [s.function.name for f in functions for s in f.sources if (s.kind, s.declared) == ("sqs", q.name)]
            for q in data.queues
        },
        "xray_name": xray_name(service),
        "xray_filter": xray_filter([f.name for f in functions], service),
        "sampled_service": sampled_service(spec.api),
        "integration_text": integration_text(
            service, functions, routes, gateway, data=data, environment=environments[0]
        ),
        **part_names(parts[0], stacks),
    }


def stack_folders(spec: ServiceSpec, models: Models) -> dict[str, str]:
    """The functions stack that each function is in, by its folder: `functions`, `functions-2`."""
    names = template_names({SPEC_KEY: spec.model_dump_json(), MODELS_KEY: json.dumps(models)})
    return {function.name: part.functions_folder for part in names["parts"] for function in part.functions}


def _watch(
    spec: ServiceSpec, functions: list[views.FunctionView], data: DataView, routes: list[views.PathView]
) -> Watch:
    """What makes the monitoring stacks."""
    hook = pre_traffic(functions, spec.service.name, [environment.name for environment in spec.environments])
    latency = max((f.timeout for f in functions if f.routes), default=API_TIMEOUT) * 800
    repository = getattr(spec.pipeline, "repository", None)
    address = f"https://github.com/{repository}/blob/HEAD/docs/runbook.md"
    runbook = f"[docs/runbook.md]({address})" if repository else "docs/runbook.md in the service's repository"
    return Watch(spec.service.name, spec.api if routes else None, latency, functions, hook, data, runbook)


def part_names(part: views.Part, monitorings: list[Monitoring]) -> dict[str, Any]:
    """The names that differ between the parts of a service with more functions than one stack holds."""
    return {"part": part, "monitoring": monitorings[part.number - 1]}


def _checked(answers: Mapping[str, Any]) -> tuple[ServiceSpec, dict[str, Any]]:
    """The spec, and its document as samgen.yaml will say it."""
    document = json.loads(answers[SPEC_KEY]) if SPEC_KEY in answers else from_cookiecutter(answers).document()
    if find_spec("pydantic") is None:
        return _checked_without_models(document)
    from generator.spec.load import spec_from

    spec = spec_from(document, "the answers")
    return spec, spec.model_dump(mode="json", exclude_none=True)


def _checked_without_models(document: dict[str, Any]) -> tuple[ServiceSpec, dict[str, Any]]:
    """The same for a bare cookiecutter: the answers' own values and the rules are checked all the same."""
    from generator.spec.plain import check_plain

    full = complete(document)
    check_plain(full)
    filled = fill_defaults(full)
    spec: Any = _namespace(filled)
    if problems := rules.check(Draft.of(spec)):
        raise SpecError("the answers", problems)
    return spec, filled


_MAPPINGS = frozenset(["tags", "environment", "pattern", "filter"])


def _namespace(value: Any) -> Any:
    """Data as objects with attributes, as the models are; a mapping of the user's own keys stays one."""
    if isinstance(value, dict):
        inner = {
            key: item if key in _MAPPINGS and isinstance(item, dict) else _namespace(item)
            for key, item in value.items()
        }
        return SimpleNamespace(**inner)
    return [_namespace(item) for item in value] if isinstance(value, list) else value
