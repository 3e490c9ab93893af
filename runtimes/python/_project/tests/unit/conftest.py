"""What every test needs: a function's module, its event files, an invocation's context. No AWS, no network."""

import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]


def pytest_configure(config: pytest.Config) -> None:
    """A pre-traffic check does no work that could be counted, which Powertools warns of."""
    config.addinivalue_line("filterwarnings", "ignore:No application metrics:UserWarning")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that the template sets, and nothing that reaches AWS."""
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", << service.name | python >>)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", << service.name | python >>)
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", << default_environment.region | python >>)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("ALLOWED_ORIGINS", raising=False)


@pytest.fixture
def load() -> Callable[[str], ModuleType]:
    """Loads src/<function>/app.py, which each function has under the same name."""

    def load_function(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"app_{name}", PROJECT / "src" / name / "app.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load_function


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    """Reads a file under events/."""

    def read(name: str) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((PROJECT / "events" / name).read_text(encoding="utf-8"))
        return data

    return read


@dataclass
class Context:
    """What a handler reads of Lambda's context."""

    function_name: str = "test"
    memory_limit_in_mb: int = 128
    invoked_function_arn: str = "arn:aws:lambda:us-west-2:123456789012:function:test:live"
    aws_request_id: str = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation ends."""
        return 1000


@pytest.fixture
def context() -> Context:
    """An invocation's context."""
    return Context()
