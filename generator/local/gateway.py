"""What the emulator's import of an OpenAPI document leaves out of a REST API, put through API Gateway's own calls.

Left out are models, request validators, the gateway's own responses, and of each method its parameters, its body's
model, mapping templates and responses. Each of them can be put again and again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from generator.local.aws import Aws
from generator.project.evaluate import Scope

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY = "x-amazon-apigateway-any-method"
_VALIDATOR = "x-amazon-apigateway-request-validator"
_INTEGRATION = "x-amazon-apigateway-integration"
_PLACES = {"query": "querystring", "header": "header", "path": "path"}
_SCHEMAS = "#/components/schemas/"


def bodies(data: Mapping[str, Any], scope: Scope) -> dict[str, dict[str, Any]]:
    """The OpenAPI document of each REST API of a template, by logical id."""
    found = {}
    for logical_id, resource in data["Resources"].items():
        body = (resource.get("Properties") or {}).get("Body")
        if resource.get("Type") == "AWS::ApiGateway::RestApi" and isinstance(body, dict):
            found[logical_id] = scope.evaluate(body)
    return found


def with_every_method(data: Mapping[str, Any]) -> dict[str, Any]:
    """A template whose APIs say each method that ANY stands for, as the emulator's import passes ANY over."""
    resources = dict(data["Resources"])
    for logical_id, resource in resources.items():
        properties = resource.get("Properties") or {}
        body = properties.get("Body")
        if resource.get("Type") == "AWS::ApiGateway::RestApi" and isinstance(body, dict):
            paths = {path: _spelled_out(item) for path, item in (body.get("paths") or {}).items()}
            spelled = {**properties, "Body": {**body, "paths": paths}}
            resources[logical_id] = {**resource, "Properties": spelled}
    return {**data, "Resources": resources}


def _spelled_out(item: Mapping[str, Any]) -> dict[str, Any]:
    """The methods of a path, where ANY stands for all that are not there themselves."""
    if not isinstance(item.get(_ANY), dict):
        return dict(item)
    return {**dict.fromkeys(METHODS, item[_ANY]), **{key: value for key, value in item.items() if key != _ANY}}


def outputs(data: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs of a stack that tell the ids of its REST APIs and the names of its stages."""
    told: dict[str, Any] = {}
    for logical_id, resource in data["Resources"].items():
        if resource.get("Type") == "AWS::ApiGateway::RestApi":
            told[f"{logical_id}Id"] = {"Ref": logical_id}
        if resource.get("Type") == "AWS::ApiGateway::Stage":
            told[f"{logical_id}Stage"] = resource["Properties"]["StageName"]
            told[f"{logical_id}StageOf"] = resource["Properties"]["RestApiId"]
    return told


def address(port: int, told: Mapping[str, str], data: Mapping[str, Any]) -> str:
    """Where the stack's first stage answers; empty where it has none."""
    for logical_id, resource in data["Resources"].items():
        if resource.get("Type") == "AWS::ApiGateway::Stage":
            api, stage = told[f"{logical_id}StageOf"], told[f"{logical_id}Stage"]
            return f"http://127.0.0.1:{port}/_aws/execute-api/{api}/{stage}"
    return ""


def complete(aws: Aws, api: str, body: Mapping[str, Any]) -> None:
    """Give a REST API what its import left out, and deploy it to its stages."""
    gateway = _Gateway(aws["apigateway"], api, body)
    gateway.put_models()
    gateway.put_responses()
    gateway.put_methods(gateway.put_validators())
    gateway.deploy()


class _Gateway:
    """One REST API and its document."""

    def __init__(self, client: Any, api: str, body: Mapping[str, Any]) -> None:
        self._client = client
        self._api = api
        self._body = body

    def put_models(self) -> None:
        for model in self._client.get_models(restApiId=self._api, limit=500)["items"]:
            self._client.delete_model(restApiId=self._api, modelName=model["name"])
        for name, schema in self._schemas().items():
            text = json.dumps(schema).replace(_SCHEMAS, self._models)
            self._client.create_model(restApiId=self._api, name=name, contentType="application/json", schema=text)

    @property
    def _models(self) -> str:
        """How one model refers to another."""
        return f"https://apigateway.amazonaws.com/restapis/{self._api}/models/"

    def _schemas(self) -> dict[str, Any]:
        found = (self._body.get("components") or {}).get("schemas") or self._body.get("definitions")
        return found if isinstance(found, dict) else {}

    def put_responses(self) -> None:
        for kind, response in (self._body.get("x-amazon-apigateway-gateway-responses") or {}).items():
            status = {"statusCode": str(response["statusCode"])} if "statusCode" in response else {}
            self._client.put_gateway_response(
                restApiId=self._api,
                responseType=kind,
                responseParameters=response.get("responseParameters") or {},
                responseTemplates=response.get("responseTemplates") or {},
                **status,
            )

    def put_validators(self) -> dict[str, str]:
        """The id of each validator by its name."""
        for old in self._client.get_request_validators(restApiId=self._api, limit=500)["items"]:
            self._client.delete_request_validator(restApiId=self._api, requestValidatorId=old["id"])
        return {
            name: self._client.create_request_validator(restApiId=self._api, name=name, **validator)["id"]
            for name, validator in (self._body.get("x-amazon-apigateway-request-validators") or {}).items()
        }

    def put_methods(self, validators: Mapping[str, str]) -> None:
        resources = self._client.get_resources(restApiId=self._api, limit=500)["items"]
        ids = {resource["path"]: resource["id"] for resource in resources}
        for path, method, operation in operations(self._body):
            place = {"restApiId": self._api, "resourceId": ids[path], "httpMethod": method}
            self._put_method(place, operation, validators)

    def _put_method(self, place: dict[str, str], operation: dict[str, Any], validators: Mapping[str, str]) -> None:
        before = self._client.get_method(**place)
        kept = ("authorizationType", "authorizerId", "authorizationScopes", "apiKeyRequired")
        validator = validators.get(operation.get(_VALIDATOR, self._body.get(_VALIDATOR, "")))
        self._client.put_method(
            **place,
            **{name: before[name] for name in kept if before.get(name)},
            **({"requestValidatorId": validator} if validator else {}),
            requestParameters={
                f"method.request.{_PLACES[parameter['in']]}.{parameter['name']}": bool(parameter.get("required"))
                for parameter in operation.get("parameters") or []
                if parameter.get("in") in _PLACES
            },
            requestModels=_models(operation),
        )
        self._put_integration(place, operation, (before.get("methodIntegration") or {}).get("uri"))

    def _put_integration(self, place: dict[str, str], operation: dict[str, Any], uri: str | None) -> None:
        integration = operation.get(_INTEGRATION)
        if not isinstance(integration, dict):
            return
        called = {"uri": uri, "integrationHttpMethod": integration.get("httpMethod", "POST")} if uri else {}
        self._client.put_integration(
            **place,
            type=str(integration["type"]).upper(),
            requestTemplates=integration.get("requestTemplates") or {},
            requestParameters=integration.get("requestParameters") or {},
            passthroughBehavior=str(integration.get("passthroughBehavior", "when_no_match")).upper(),
            **called,
        )
        for code, response in (operation.get("responses") or {}).items():
            headers = {f"method.response.header.{name}": False for name in response.get("headers") or {}}
            self._client.put_method_response(**place, statusCode=str(code), responseParameters=headers)
        for pattern, response in (integration.get("responses") or {}).items():
            chosen = {} if pattern == "default" else {"selectionPattern": pattern}
            self._client.put_integration_response(
                **place,
                statusCode=str(response["statusCode"]),
                responseParameters=response.get("responseParameters") or {},
                responseTemplates=response.get("responseTemplates") or {},
                **chosen,
            )

    def deploy(self) -> None:
        for stage in self._client.get_stages(restApiId=self._api)["item"]:
            self._client.create_deployment(restApiId=self._api, stageName=stage["stageName"])


def operations(body: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of every method of a document; parameters of the path among the operation's."""
    for path, declared in (body.get("paths") or {}).items():
        item = _spelled_out(declared)
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                parameters = [*(item.get("parameters") or []), *(operation.get("parameters") or [])]
                yield path, method.upper(), {**operation, "parameters": parameters}


def _models(operation: Mapping[str, Any]) -> dict[str, str]:
    """The model of a request's body by its media type; one that is written in place has no name to go by."""
    content = (operation.get("requestBody") or {}).get("content") or {}
    schemas = {kind: (item.get("schema") or {}).get("$ref", "") for kind, item in content.items()}
    return {kind: ref.rpartition("/")[2] for kind, ref in schemas.items() if ref}
