"""The API's OpenAPI document over the choices: valid for OpenAPI 3.0, for SAM and for cfn-lint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_documents import ORIGINS, api_document, body_of, sound_api
from deployment import deploy
from openapi_spec_validator import OpenAPIV30SpecValidator

CASES: dict[str, dict[str, Any]] = {
    "iam": {},
    "iam, everything": {"api_key": True, "domain": True, "models": True, "cors_origins": ORIGINS},
    "iam, private": {"endpoint": "private", "api_key": True, "models": True},
    "cognito": {"authorization": "cognito", "models": True},
    "cognito, given": {"authorization": "cognito", "user_pool": "given", "api_key": True, "cors_origins": ORIGINS},
    "cognito, given, domain": {"authorization": "cognito", "user_pool": "given", "domain": True},
    "cognito, private": {"authorization": "cognito", "endpoint": "private", "cors_origins": ORIGINS},
    "lambda": {"authorization": "lambda", "cors_origins": ORIGINS, "models": True},
    "lambda, key, domain": {"authorization": "lambda", "api_key": True, "domain": True},
    "lambda, private, no health": {"authorization": "lambda", "endpoint": "private", "health": False, "models": True},
}


def problems(body: dict[str, Any]) -> list[str]:
    """What openapi-spec-validator says; `{path+}` is API Gateway's own way to write a parameter called path."""
    paths = {path.replace("+}", "}"): item for path, item in body["paths"].items()}
    assert len(paths) == len(body["paths"])
    found = [str(error) for error in OpenAPIV30SpecValidator({**body, "paths": paths}).iter_errors()]
    # It does not follow the references of request bodies.
    names = {f"#/components/schemas/{name}" for name in body["components"]["schemas"]}
    return found + [f"{name} is not there" for name in set(references(paths)) - names]


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            yield from references(inner)


@pytest.mark.parametrize("name", CASES)
def test_the_document_is_valid_in_every_environment(name: str, tmp_path: Path) -> None:
    project = sound_api(api_document(**CASES[name]), tmp_path)
    for environment in ("dev", "prod"):
        body = body_of(deploy(project, environment))
        assert body["openapi"] == "3.0.1"
        assert problems(body) == []


def test_a_mistake_would_be_noticed(tmp_path: Path) -> None:
    body = body_of(deploy(sound_api(api_document(models=True), tmp_path)))
    body["components"]["schemas"]["OrderLine"]["properties"]["sku"]["type"] = ["string", "null"]
    assert problems(body)
    del body["components"]["schemas"]["OrderLine"]
    assert problems(body) == ["#/components/schemas/OrderLine is not there"]


def test_every_scheme_that_is_required_is_defined_and_the_other_way_round(tmp_path: Path) -> None:
    for number, case in enumerate(CASES.values()):
        (folder := tmp_path / str(number)).mkdir()
        body = body_of(deploy(sound_api(api_document(**case), folder)))
        operations = [o for item in body["paths"].values() for o in item.values()]
        used = {scheme for o in operations for requirement in o["security"] for scheme in requirement}
        assert used == set(body["components"]["securitySchemes"])
