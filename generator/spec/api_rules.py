"""Rules of the API: who authorizes, and what each environment has to name for it. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from generator.spec.authorization import API_TOKEN, schemes
from generator.spec.problems import Problem

if TYPE_CHECKING:
    from generator.spec.draft import Draft

_WITHOUT_BODY = ("GET", "HEAD")


def _used(draft: Draft) -> set[str]:
    routes = [(route.path, getattr(route, "authorization", None)) for _, route in draft.routes()]
    return schemes(draft.api.authorization, draft.api.health, routes)


def _authorizer(draft: Draft) -> Iterator[Problem]:
    if "lambda" not in _used(draft):
        return
    for index, function in draft.functions:
        if function.name == draft.api.authorizer and function.triggers:
            yield Problem(
                ("functions", index, "triggers"),
                f"'{function.name}' decides who may call the API and has no triggers: give them to another function, "
                "or let api.authorizer name another",
            )
        if function.name == draft.api.authorizer and API_TOKEN not in function.secrets:
            yield Problem(
                ("functions", index, "secrets"),
                f"'{function.name}' compares the callers' token with the secret {API_TOKEN}: add it",
            )


def _user_pool(draft: Draft) -> Iterator[Problem]:
    given = draft.api.user_pool == "given"
    used = "cognito" in _used(draft)
    for index, environment in draft.environments:
        arn = getattr(environment, "user_pool_arn", None)
        if given and used and arn is None:
            yield Problem(
                ("environments", index),
                "user_pool_arn is missing: api.user_pool is 'given', so each environment names its own",
            )
        if arn is not None and not given:
            yield Problem(
                ("environments", index, "user_pool_arn"),
                "is not used while the project creates the user pool: say 'user_pool: given' under api",
            )


def _private(draft: Draft) -> Iterator[Problem]:
    private = draft.api.endpoint == "private"
    for index, environment in draft.environments:
        if private and not environment.vpc_endpoint_ids and any(draft.routes()):
            yield Problem(
                ("environments", index),
                "vpc_endpoint_ids is missing: the API's endpoint is private, so nobody could call it",
            )
        if private and environment.further_regions:
            yield Problem(
                ("environments", index, "further_regions"),
                "a private API stays in one region, as its VPC endpoints do: use an environment for each region",
            )
        if environment.vpc_endpoint_ids and not private:
            yield Problem(
                ("environments", index, "vpc_endpoint_ids"),
                "is not used while the API's endpoint is regional: say 'endpoint: private' under api",
            )


def _domains(draft: Draft) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for index, environment in draft.environments:
        domain = getattr(environment, "domain", None)
        if domain is None:
            continue
        place = ("environments", index, "domain")
        if draft.api.endpoint == "private":
            yield Problem(place, "a private API has no domain here: leave it out, or say 'endpoint: regional'")
        if domain.name in seen:
            yield Problem((*place, "name"), f"'{domain.name}' is the domain of {seen[domain.name]} already")
        seen.setdefault(domain.name, environment.name)
        _, _, _, region, account, _ = domain.certificate_arn.split(":", 5)
        if (region, account) != (environment.region, environment.account):
            yield Problem(
                (*place, "certificate_arn"),
                f"the certificate is one of account {account} in {region}; the environment's API needs one of "
                f"{environment.account} in {environment.region}",
            )


def _models(draft: Draft) -> Iterator[Problem]:
    for path, route in draft.routes():
        if getattr(route, "request_model", None) and route.method in _WITHOUT_BODY:
            yield Problem((*path, "request_model"), f"a {route.method} request has no body to check: leave it out")
        if getattr(route, "response_model", None) and route.method == "HEAD":
            yield Problem((*path, "response_model"), "the answer to HEAD has no body: leave it out")


RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (_authorizer, _user_pool, _private, _domains, _models)
