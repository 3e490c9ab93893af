"""Rules about what environments and pipelines are called: tables of samconfig.toml, roles beside the functions'."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from generator.spec import names
from generator.spec.draft import Draft, region_names
from generator.spec.problems import Problem

# IAM: 64 characters (API reference, CreateRole, RoleName).
ROLE_NAME_LIMIT = 64
# What the project has by itself, called `<environment>-<service>-<name>` as a function's would be.
OWN = {"codedeploy": "CodeDeploy's role", names.HOOK: "the function that calls new versions, and its role"}


def _region_tables(draft: Draft) -> Iterator[Problem]:
    """samconfig.toml calls a further region `<environment>-<region>`, as an environment could be called."""
    environments = {environment.name: index for index, environment in draft.environments}
    for _, environment in draft.environments:
        for region in region_names(environment)[1:]:
            if (taken := f"{environment.name}-{region}") in environments:
                yield Problem(
                    ("environments", environments[taken], "name"),
                    f"'{taken}' is what samconfig.toml calls {environment.name} in {region}: use another name",
                )


def _own_names(draft: Draft) -> Iterator[Problem]:
    for index, function in draft.functions:
        if function.name in OWN:
            yield Problem(("functions", index, "name"), f"'{function.name}' is {OWN[function.name]}: use another name")
    role = names.physical_name(draft.longest_environment(), draft.service.name, max(OWN, key=len))
    if draft.spans_regions():
        role += "-" + max(draft.regions(), key=len)
    if len(role) > ROLE_NAME_LIMIT:
        yield Problem(
            ("service", "name"),
            f"the role '{role}' has {len(role)} characters, AWS allows {ROLE_NAME_LIMIT}: shorten the environment's or "
            "the service's name",
        )


RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (_region_tables, _own_names)
