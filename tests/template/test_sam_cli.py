"""SAM CLI's own code reads the project: routes for `sam local start-api`, values of samconfig.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rendering import document, render

FUNCTIONS = [
    {
        "name": "orders",
        "triggers": [{"type": "api", "method": "POST", "path": "/orders"}, {"type": "api", "path": "/orders/{id}"}],
    },
    {"name": "files", "triggers": [{"type": "api", "path": "/files/{path+}", "authorization": "none"}]},
]
ENVIRONMENTS = [
    {"name": "dev", "allowed_cidrs": ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"], "alarm_email": "a+b@example.com"},
    {"name": "prod"},
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = document(functions=FUNCTIONS, environments=ENVIRONMENTS)
    data["service"] |= {"owner": "Team A", "tags": {"Data": "for internal use"}}
    return render(data, tmp_path_factory.mktemp("sam"))


def test_start_api_finds_every_route(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from samcli.lib.providers.api_provider import ApiProvider
    from samcli.lib.providers.sam_function_provider import SamFunctionProvider
    from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

    monkeypatch.chdir(project)
    stacks, remote = SamLocalStackProvider.get_stacks("template.yaml")
    assert not remote
    routes = ApiProvider(stacks).api.routes
    called = {(method, route.path) for route in routes for method in route.methods}
    assert {("POST", "/orders"), ("GET", "/orders/{id}"), ("GET", "/files/{path+}")} <= called
    functions = SamFunctionProvider(stacks)
    assert all(functions.get(route.function_name) for route in routes if "OPTIONS" not in route.methods)


def test_samconfig_sets_every_parameter_of_the_root(project: Path) -> None:
    from samcli.cli.types import CfnParameterOverridesType, CfnTags

    tomllib = pytest.importorskip("tomllib")
    config = tomllib.loads((project / "samconfig.toml").read_text("utf-8"))
    loader = type("Loader", (yaml.CSafeLoader,), {})
    loader.add_multi_constructor("!", lambda *_: None)  # type: ignore[attr-defined]
    root = yaml.load((project / "template.yaml").read_text("utf-8"), Loader=loader)  # noqa: S506 (a SafeLoader)
    for environment in ("dev", "prod"):
        deploy = config[environment]["deploy"]["parameters"]
        values = CfnParameterOverridesType().convert(deploy["parameter_overrides"], None, None)
        assert set(values) == set(root["Parameters"]) - {"ReleaseId"}
        assert values["Environment"] == environment
        tags = CfnTags().convert(deploy["tags"], None, None)
        assert tags["Owner"] == "Team A"
        assert tags["Data"] == "for internal use"
        assert config[environment]["global"]["parameters"]["region"] == "us-west-2"
    values = CfnParameterOverridesType().convert(
        config["dev"]["deploy"]["parameters"]["parameter_overrides"], None, None
    )
    assert values["AllowedIpv4Cidrs"] == "10.0.0.0/8,192.0.2.1/32"
    assert values["AllowedIpv6Cidrs"] == "2001:db8::/32"
    assert values["AlarmEmail"] == "a+b@example.com"
    values = CfnParameterOverridesType().convert(
        config["prod"]["deploy"]["parameters"]["parameter_overrides"], None, None
    )
    assert values["AllowedIpv4Cidrs"] == values["AlarmEmail"] == ""
