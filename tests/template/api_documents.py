"""Specs of APIs with every choice, rendered with their models, for the tests of the API's stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deployment import Deployment
from rendering import document, findings

from generator.render import render_project
from generator.spec.load import spec_from

POOL = "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_AbCdEf"
CERTIFICATE = "arn:aws:acm:us-west-2:123456789012:certificate/0a1b2c3d"
ENDPOINTS = ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"]
ORIGINS = ["https://app.example.com", "https://b.example.com"]
ORDER = "models/order-line.json"
ANSWER = "models/answer.json"
MODELS: dict[str, dict[str, Any]] = {
    ORDER: {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "An order: # no comment",
        "type": "object",
        "required": ["sku"],
        "properties": {
            "sku": {"type": "string", "pattern": "^[A-Z]{3}\\d+$"},
            "price": {"type": "number", "maximum": 99.5},
            "yes": {"type": "boolean"},
            "Condition": {"type": "string", "enum": ["no", "on"]},
            "Type": {"type": "string"},
        },
    },
    ANSWER: {"type": "object", "properties": {"id": {"type": "string"}}},
}


def api_document(
    authorization: str = "iam",
    *,
    domain: bool = False,
    models: bool = False,
    triggers: list[dict[str, Any]] | None = None,
    functions: list[dict[str, Any]] | None = None,
    **api: Any,
) -> dict[str, Any]:
    """A document with two environments, of which dev has the domain, and one function with a few routes."""
    fields: dict[str, Any] = {}
    if api.get("user_pool") == "given":
        fields["user_pool_arn"] = POOL
    if api.get("endpoint") == "private":
        fields["vpc_endpoint_ids"] = ENDPOINTS
    named = {"domain": {"name": "api.example.com", "certificate_arn": CERTIFICATE}} if domain else {}
    modelled = {"request_model": ORDER, "response_model": ANSWER} if models else {}
    routes = [
        {"type": "api", "path": "/orders/{id}"},
        {"type": "api", "method": "POST", "path": "/orders", **modelled},
        {"type": "api", "method": "ANY", "path": "/files/{path+}", "authorization": "none"},
    ]
    return document(
        api={"authorization": authorization, **api},
        environments=[{"name": "dev", **fields, **named}, {"name": "prod", **fields}],
        functions=functions or [{"name": "orders", "triggers": triggers or routes}],
    )


def render_api(data: dict[str, Any], folder: Path) -> Path:
    """Render a document with the models above."""
    project = folder / "project"
    render_project(spec_from(data, "the document"), project, MODELS)
    return project


def sound_api(data: dict[str, Any], folder: Path) -> Path:
    """Render a document with the models above and make sure that nothing is found."""
    project = render_api(data, folder)
    found = findings(project)
    assert found == [], "\n".join(found)
    return project


def body_of(deployment: Deployment) -> dict[str, Any]:
    """The OpenAPI document of a deployed API."""
    body: dict[str, Any] = deployment.one("AWS::ApiGateway::RestApi")["Body"]
    return body
