"""The JSON Schema is that of the models, describes every field, and accepts what the models accept."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel
from spec_documents import RICH, accepted, document, with_environment, with_function, with_triggers

from generator.spec import model
from generator.spec.dump import SCHEMA_PATH, dump_spec
from generator.spec.schema import SCHEMA_FILE, build_schema, choices, fill_defaults, schema_text

SCHEMA = json.loads(schema_text())
CHECKER = jsonschema.Draft202012Validator(SCHEMA)


def models() -> Iterator[type[BaseModel]]:
    for kind in vars(model).values():
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == model.__name__:
            yield kind


def test_the_file_is_what_the_models_give() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == build_schema(), "run: python -m generator.spec.schema"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_field_is_described() -> None:
    silent = [
        f"{kind.__name__}.{name}"
        for kind in models()
        for name, field in kind.model_fields.items()
        if not (field.description or "").endswith(".")
    ]
    assert silent == []
    fields = [field for kind in SCHEMA["$defs"].values() for field in kind.get("properties", {}).values()]
    assert all("description" in field for field in fields)
    assert len(list(models())) > 8


@pytest.mark.parametrize("data", [document(), RICH], ids=["default", "rich"])
def test_it_accepts_a_dumped_spec(data: dict[str, Any]) -> None:
    text = dump_spec(accepted(data).model_dump(mode="json", exclude_none=True))
    CHECKER.validate(yaml.safe_load(text))
    assert text.startswith(f"# yaml-language-server: $schema={SCHEMA_PATH}\n")


def test_it_accepts_what_a_user_may_leave_out() -> None:
    CHECKER.validate(document())
    CHECKER.validate(with_function())
    CHECKER.validate(with_environment(account=123456789012))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"service": {}},
        document(unknown=1),
        document(environments=[]),
        with_environment(log_level="INFO"),
        with_environment(account=1.5),
        with_function(memory_size=1),
        with_function(timeout="10"),
        with_triggers({"type": "queue"}),
        with_triggers({"type": "api"}),
    ],
)
def test_it_rejects_what_the_models_reject(data: dict[str, Any]) -> None:
    assert not CHECKER.is_valid(data)


def test_choices_are_those_of_the_models() -> None:
    assert choices("Environment", "deployment_preference") == list(typing.get_args(model.DeploymentPreference))
    assert choices("ApiTrigger", "method") == list(typing.get_args(model.Method))


@pytest.mark.parametrize("data", [document(), RICH], ids=["default", "rich"])
def test_defaults_filled_in_by_the_schema_are_the_models(data: dict[str, Any]) -> None:
    spec = accepted(data)
    dumped = spec.model_dump(mode="json", exclude_none=True)
    sparse = spec.model_dump(mode="json", exclude_defaults=True)
    for function, source in zip(sparse["functions"], dumped["functions"], strict=True):
        function["triggers"] = deepcopy(source["triggers"])

    assert json.dumps(fill_defaults(sparse)) == json.dumps(dumped)
