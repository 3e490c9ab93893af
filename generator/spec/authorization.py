"""Who may call what: the authorization of each route, the API's own where it names none.

Standard library only. Routes are pairs of a path and what the route itself says, or None.
"""

from __future__ import annotations

from collections.abc import Iterable

HEALTH_PATH = "/health"
API_TOKEN = "api-token"  # noqa: S105 (the secret's name)
"""The secret that the generated authorizer compares a caller's token with."""


def has_health(asked: bool, paths: Iterable[str]) -> bool:
    """Whether the API answers GET /health by itself: asked for, there is an API, and no route is there already."""
    taken = list(paths)
    return asked and bool(taken) and HEALTH_PATH not in taken


def schemes(default: str, health: bool, routes: Iterable[tuple[str, str | None]]) -> set[str]:
    """Every authorization that some route uses: `iam`, `cognito`, `lambda`, `none`."""
    listed = list(routes)
    used = {own or default for _, own in listed}
    return used | ({default} if has_health(health, [path for path, _ in listed]) else set())
