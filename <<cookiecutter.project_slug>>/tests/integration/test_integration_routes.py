"""Every route: who may call it, who may not, and what the gateway itself answers."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from stage import API, CONNECTIONS, SERVICE, Stage

# Without any credentials; with some that are wrong it is the same, but for an authorizer that knows no such token.
NOBODY = {"iam": 403, "cognito": 401, "lambda": 401}
# More requests than this at once are a load test.
LOAD = 1000


def each(routes: list[dict[str, Any]]) -> pytest.MarkDecorator:
    """A test of each of these routes."""
    return pytest.mark.parametrize("route", routes, ids=[f"{route['method']} {route['path']}" for route in routes])


@pytest.fixture(autouse=True)
def _callable(stage: Stage) -> None:
    if any(route["authorization"] == "cognito" for route in SERVICE["routes"]) and not API["creates_user_pool"]:
        pytest.skip("the user pool is another service's, and no users are made there")


@each(SERVICE["routes"])
def test_it_answers_who_may_call(stage: Stage, route: dict[str, Any]) -> None:
    answer = stage.call_route(route, route["body"])
    assert 200 <= answer.status < 300, answer


@each([route for route in SERVICE["routes"] if route["authorization"] in NOBODY])
def test_it_refuses_who_may_not(stage: Stage, route: dict[str, Any]) -> None:
    answer = stage.call(route["method"], route["example"], route["body"])
    assert answer.status == NOBODY[route["authorization"]], answer
    wrong = stage.call(route["method"], route["example"], route["body"], Authorization="Bearer nonsense")
    assert wrong.status in {401, 403}, wrong


@each([route for route in SERVICE["routes"] if route["api_key"]])
def test_it_refuses_who_has_no_key(stage: Stage, route: dict[str, Any]) -> None:
    assert stage.call_route(route, route["body"], with_key=False).status == 403


@each([route for route in SERVICE["routes"] if route["refused_body"]])
def test_it_refuses_a_body_that_its_model_does(stage: Stage, route: dict[str, Any]) -> None:
    answer = stage.call_route(route, route["refused_body"])
    assert answer.status == 400, answer
    # The gateway's own answer, as stacks/api maps it, and not one of the function.
    assert set(answer.data) == {"message", "requestId"}


@pytest.mark.parametrize("path", sorted({route["example"] for route in SERVICE["routes"]}))
def test_the_preflight_needs_no_authorization(stage: Stage, path: str) -> None:
    origin = API["origin"] or "https://example.com"
    answer = stage.call("OPTIONS", path, Origin=origin, Access_Control_Request_Method="GET")
    assert answer.status == 204, answer
    allowed = answer.headers["access-control-allow-methods"].split(",")
    assert {r["method"] for r in SERVICE["routes"] if r["example"] == path} <= set(allowed)
    # The emulator does not evaluate the template that chooses the origin.
    if API["origin"] and stage.kind == "aws":
        assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.skipif(not API.get("unknown_path"), reason="no API, or a route takes every path")
def test_a_path_that_is_no_route_is_refused(stage: Stage) -> None:
    assert stage.call_signed("GET", API["unknown_path"]).status in {403, 404}


@pytest.mark.skipif(not API, reason="no API")
def test_too_many_requests_are_refused(stage: Stage) -> None:
    """Preflights: they cost no function, and other routes have limits of their own."""
    wanted = 2 * (API["burst_limit"] + API["rate_limit"])
    if wanted > LOAD:
        pytest.skip(f"it would take {wanted} requests at once")
    path = SERVICE["routes"][-1]["example"]
    with ThreadPoolExecutor(CONNECTIONS) as callers:
        seen = {answer.status for answer in callers.map(lambda _: stage.call("OPTIONS", path), range(wanted))}
    if stage.kind == "aws" and seen == {204}:
        pytest.skip("from here the requests do not arrive fast enough")
    assert seen == {204, 429}
