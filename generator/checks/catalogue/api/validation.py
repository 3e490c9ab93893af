"""SG603: models, validators and mapped answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, as_list, literal, truth
from generator.checks.facts.routes import (
    REST,
    Route,
    apis,
    mapping,
    of_operation,
    place_of,
    resolved,
    routes_of,
)
from generator.checks.rule import Problem, about, rule
from generator.findings import Severity
from generator.project import Deployment
from generator.project.evaluate import is_known

VALIDATOR = "x-amazon-apigateway-request-validator"

_WITH_BODY = {"POST", "PUT", "PATCH"}


@rule(
    "SG603",
    "What comes in is checked against a model, and what a service answers is mapped.",
    Severity.WARNING,
    "Give every body a model, name a request validator that checks it, and map the responses of non-proxies.",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html",
)
def mappings(case: Case) -> Iterator[Problem]:
    """Bodies without model, models that nothing looks at, and integrations whose answers lead nowhere."""
    for deployment, api in apis(case):
        if api.type != REST:
            continue
        for route in routes_of(deployment, api):
            yield from _operation_checks(route) if route.operation else _method_checks(deployment, route)
            yield from _unmapped(route)


def _operation_checks(route: Route) -> Iterator[Problem]:
    operation, document = route.operation, route.document
    body = resolved(document, operation.get("requestBody"))
    parameters = [mapping(resolved(document, item)) for item in as_list(operation.get("parameters"))]
    schemas = [mapping(content).get("schema") for content in mapping(mapping(body).get("content")).values()]
    schemas += [item.get("schema") for item in parameters if item.get("in") == "body"]
    schemas = [schema for schema in schemas if schema is not None]
    if route.method in _WITH_BODY and not any(schemas):
        yield of_operation(route, "requestBody", f"{route} of {route.api.owner} takes a body and has no model for it.")
    for schema in schemas:
        if resolved(document, schema) is None:
            name = str(mapping(schema).get("$ref"))
            message = f"The model {name} of {route} is not in the definition of {route.api.owner}."
            yield of_operation(route, "requestBody", message, severity=Severity.ERROR)
    required = [item for item in parameters if item.get("in") in ("query", "header") and item.get("required") is True]
    validator = operation.get(VALIDATOR, document.get(VALIDATOR))
    yield from _validation(route, validator, bool(schemas) and route.method in _WITH_BODY, bool(required))


def _validation(route: Route, validator: Any, has_model: bool, has_required: bool) -> Iterator[Problem]:
    if not (has_model or has_required) or (validator is not None and literal(validator) is None):
        return
    if validator is None:
        what = "the model of its body" if has_model else "its required parameters"
        yield Problem(route.place, f"{route} of {route.api.owner} has no validator that checks {what}.", route.subject)
        return
    validators = mapping(route.document.get("x-amazon-apigateway-request-validators"))
    if validator not in validators:
        message = f"{route} of {route.api.owner} names the request validator {validator}, which is not defined."
        yield of_operation(route, VALIDATOR, message, severity=Severity.ERROR)
        return
    checks = mapping(validators[validator])
    for wanted, key, what in (
        (has_model, "validateRequestBody", "the body"),
        (has_required, "validateRequestParameters", "parameters"),
    ):
        if wanted and truth(checks.get(key, False)) is False:
            message = f"{route} of {route.api.owner} is checked by {validator}, which does not look at {what}."
            yield of_operation(route, VALIDATOR, message)


def _method_checks(deployment: Deployment, route: Route) -> Iterator[Problem]:
    method = route.subject
    models = method.get("RequestModels")
    has_body = route.method in _WITH_BODY
    if has_body and not models:
        yield about(method, f"{method.owner} ({route}) takes a body and has no model for it.")
    parameters = mapping(method.get("RequestParameters"))
    required = [name for name, value in parameters.items() if truth(value) and ".path." not in str(name)]
    if not (has_body and models) and not required:
        return
    reference = method.get("RequestValidatorId")
    if reference is None:
        yield about(method, f"{method.owner} ({route}) names no request validator.")
        return
    validator = deployment.find(reference, "AWS::ApiGateway::RequestValidator")
    if validator is None:
        return
    for wanted, key, what in (
        (has_body and models, "ValidateRequestBody", "the body"),
        (required, "ValidateRequestParameters", "parameters"),
    ):
        if wanted and truth(validator.get(key) if validator.get(key) is not None else False) is False:
            message = f"{method.owner} ({route}) is checked by {validator.owner}, which does not look at {what}."
            yield Problem(place_of(method, "RequestValidatorId"), message, method)


def _unmapped(route: Route) -> Iterator[Problem]:
    integration = route.integration
    if integration is None or integration.kind not in {"aws", "http", "mock"} or not is_known(integration.responses):
        return
    if not integration.responses:
        yield Problem(route.place, f"{route} of {route.api.owner} maps no response of its integration.", route.subject)
