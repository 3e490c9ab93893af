"""Tests of << function.name >>: offline, one call after another."""

#% if function.routes
import json
#% endif
from types import ModuleType
from typing import Any

import pytest

FUNCTION = << function.name | python >>


#% for route in function.routes
def test_<< route.handler >>(app: ModuleType, event: Any, context: Any) -> None:
    response = app.handler(event(f"{FUNCTION}/<< route.handler >>.json"), context)
    assert response["statusCode"] == 200
    body = json.loads(response["body"])
    assert body["message"] == f"Hello from {FUNCTION}"
#% for parameter in route.parameters
    assert body[<< parameter | python >>] == "example"
#% endfor


#% endfor
#% if function.routes
def test_allowed_origin_is_answered(load: Any, event: Any, context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://app.example.com,https://other.example.com")
    response = load(FUNCTION).handler(event(f"{FUNCTION}/<< function.routes[0].handler >>.json"), context)
    assert response["multiValueHeaders"]["Access-Control-Allow-Origin"] == ["https://app.example.com"]


#% endif
#% for schedule in function.schedules
def test_schedule_<< loop.index >>(app: ModuleType, event: Any, context: Any) -> None:
    assert app.handler(event(f"{FUNCTION}/schedule_<< loop.index >>.json"), context) is None


#% endfor
#% if not function.routes and not function.schedules
def test_event(app: ModuleType, context: Any) -> None:
    assert app.handler({"key": "value"}, context)["received"] == ["key"]


#% endif
#% if function.secrets
def test_secret_is_read_by_its_parameter_name(app: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_PARAMETER", "/dev/service/a")
    monkeypatch.setattr(app.parameters, "get_parameter", lambda name, **options: f"{name} {options['decrypt']}")
    assert app.read_secret("A_PARAMETER") == "/dev/service/a True"


#% endif
@pytest.fixture
def app(load: Any) -> ModuleType:
    """The function's module, loaded anew."""
    return load(FUNCTION)
