"""The API's routes as its template states them: operations, paths, names, the preflight's answer.

Built from the attributes of a spec. Standard library only, as a bare cookiecutter renders with them too.
"""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.render.quoting import yaml_value
from generator.spec.authorization import HEALTH_PATH, has_health, schemes
from generator.spec.names import logical_id
from generator.spec.request_models import ANY_OBJECT, Models, component_names, model_files
from generator.spec.values import METHODS, path_parameters

if TYPE_CHECKING:
    from generator.render.views import FunctionView
    from generator.spec.model import Api, Environment, ServiceSpec

# An event file is called after its handler, and a line of the generated tests names it.
IDENTIFIER_LIMIT = 40
# The line length of the generated ruff.toml.
LINE_LENGTH = 120
ANY_KEY = "x-amazon-apigateway-any-method"
# Methods whose requests have a body; ANY answers requests without one as well.
_WITH_BODY = frozenset(["POST", "PUT", "PATCH"])


@dataclass(frozen=True)
class Operation:
    """A method of a path, as the OpenAPI document states it."""

    key: str
    id: str
    handler: str
    method: str
    path: str
    function: FunctionView
    security: list[dict[str, list[str]]]
    scheme: str | None = None
    """The route's own authorization, None where it is the API's."""
    beside: frozenset[str] = frozenset()
    """The other methods of the path that the same function answers, which ANY leaves to them."""
    request_schema: str | None = None
    response_schema: str | None = None

    @property
    def validator(self) -> str:
        """The request validator: parameters always, the body where there is a model for it."""
        return "all" if self.request_schema else "parameters"

    @property
    def validator_and_body(self) -> str:
        """The operation's validator, and on a line of its own the body that it checks where the route has a model."""
        body = self.request_body
        return self.validator if body is None else f"{self.validator}\nrequestBody: {yaml_value(body)}"

    @property
    def request_body(self) -> dict[str, Any] | None:
        """The body as OpenAPI states it, where there is a model for it."""
        return None if self.request_schema is None else {"required": True, **_content(self.request_schema)}

    @property
    def answer(self) -> dict[str, Any]:
        """The answer with status 200 as OpenAPI states it."""
        content = {} if self.response_schema is None else _content(self.response_schema)
        return {"description": "The function's answer", **content}

    @property
    def parameters(self) -> list[str]:
        """The names of the path's parameters."""
        return path_parameters(self.path)

    @property
    def methods(self) -> list[str]:
        """The methods it answers: one, or all but the preflight's and its neighbours' where it is ANY."""
        return [m for m in METHODS if m not in {"ANY", *self.beside}] if self.method == "ANY" else [self.method]

    @property
    def example_path(self) -> str:
        """A path to call it with: `/orders/{id}` → `/orders/example`."""
        return re.sub(r"\{[^}]+\}", "example", self.path)

    @cached_property
    def arguments(self) -> dict[str, str]:
        """For each parameter of the path but a greedy one, the name of the handler's argument.

        The same name in snake case, unless the handler's module or Python knows it as something else.
        """
        names: dict[str, str] = {}
        for parameter in path_parameters(self.path.replace(f"{{{self.greedy_parameter}+}}", "")):
            name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).lower()
            while name in _TAKEN or keyword.iskeyword(name) or name in names.values():
                name += "_"
            names[parameter] = name
        return names

    @property
    def greedy_parameter(self) -> str:
        """The name of the path's greedy parameter, or an empty string."""
        found = re.findall(r"\{([^}]+)\+\}", self.path)
        return found[0] if found else ""

    @property
    def powertools_rule(self) -> str:
        """The path as Powertools' event handler writes it: `/orders/<id>`, a pattern where it is greedy."""
        rule = re.sub(r"\{[^}]+\+\}", ".+", self.path)
        return re.sub(r"\{([^}]+)\}", lambda match: f"<{self.arguments[match[1]]}>", rule)

    @property
    def is_long(self) -> bool:
        """Whether a line of its handler is so long that a formatter would break it."""
        names = {**self.arguments, **({self.greedy_parameter: "rest"} if self.greedy_parameter else {})}
        lines = [
            f'@app.route("{self.powertools_rule}", method={json.dumps(self.methods)})',
            f"def {self.handler}({', '.join(f'{name}: str' for name in names.values())}) -> dict[str, Any]:",
            f'    return {{"message": "Hello from {self.function.name}"{_entries(names)}}}',
            f'    rest = app.current_event["pathParameters"]["{self.greedy_parameter}"]',
        ]
        return max(map(len, lines)) > LINE_LENGTH


def _content(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _entries(names: dict[str, str]) -> str:
    return "".join(f', "{key}": {name}' for key, name in names.items())


# What a handler's module calls by these names, and `l`, which looks like a 1.
_TAKEN = frozenset(
    ["app", "dict", "handler", "json", "l", "logger", "metrics", "os", "parameters", "rest", "str", "tracer"]
)


@dataclass(frozen=True)
class PathView:
    """A path of the API with its operations."""

    path: str
    operations: list[Operation]
    options_id: str
    health_id: str = ""
    """The operation that answers by itself that the API is there; empty where there is none."""
    health_security: list[dict[str, list[str]]] = field(default_factory=list)

    @property
    def openapi_parameters(self) -> list[dict[str, Any]]:
        """The path's parameters as OpenAPI states them."""
        names = path_parameters(self.path)
        return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]

    @property
    def allow_methods(self) -> str:
        """The methods a page of another origin may use."""
        methods = {method for operation in self.operations for method in operation.methods}
        methods |= {"GET"} if self.health_id else set()
        return ",".join([*sorted(methods), "OPTIONS"])


class Identifiers:
    """Hands out a name for each route, unique in the API: `GET /a/{b}` and `GET /a/b` would share one."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def operation_id(self, method: str, path: str) -> str:
        """`GET /orders/{id}` → `getOrdersId`."""
        return self._unique(method.lower() + (logical_id(path) or "Root"))

    def handler(self, method: str, path: str) -> str:
        """`GET /orders/{id}` → `get_orders_id`, the name of the function that answers; `GET /` → `get_root`."""
        words = f"{method}{path if path != '/' else '/root'}"
        return self._unique(re.sub(r"\W+", "_", words.lower()).strip("_"))

    def _unique(self, wanted: str) -> str:
        name, number = wanted[:IDENTIFIER_LIMIT], 1
        while name.lower() in self._taken:
            number += 1
            suffix = f"_{number}"
            name = wanted[: IDENTIFIER_LIMIT - len(suffix)] + suffix
        self._taken.add(name.lower())
        return name


def security(scheme: str, api_key: bool) -> list[dict[str, list[str]]]:
    """A route's security requirement: one scheme, and the API key beside it; nothing for `none`."""
    if scheme == "none":
        return []
    return [{scheme: [], **({"api_key": []} if api_key else {})}]


def group_routes(functions: list[FunctionView], identifiers: Identifiers, api: Api | None = None) -> list[PathView]:
    """The API's paths in alphabetical order, each with its operations, and the health check where it is asked for."""
    paths: dict[str, list[Operation]] = {}
    for function in functions:
        for route in function.routes:
            paths.setdefault(route.path, []).append(route)
    views = [
        PathView(path, sorted(operations, key=lambda o: o.key), identifiers.operation_id("OPTIONS", path))
        for path, operations in sorted(paths.items())
    ]
    if api is not None and has_health(api.health, paths):
        names = identifiers.operation_id("OPTIONS", HEALTH_PATH), identifiers.operation_id("GET", HEALTH_PATH)
        views.append(PathView(HEALTH_PATH, [], *names, security(api.authorization, api.api_key)))
    return sorted(views, key=lambda view: view.path)


def preflight_template(origins: list[str]) -> str:
    """The mapping template that answers a preflight with its own origin if that is one of ours; a note if none is.

    The header's name arrives as the client wrote it; browsers send `Origin`, and HTTP/2 lower case.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    """
    if not origins:
        # A comment of the template language.
        return "## api.cors_origins in samgen.yaml names no origin, so no page of another origin may call."
    allowed = ", ".join(f'"{origin}"' for origin in origins)
    return "\n".join(
        [
            f"#set($allowed = [{allowed}])",
            '#set($origin = $input.params().header.get("Origin"))',
            '#if(!$origin || $origin == "")#set($origin = $input.params().header.get("origin"))#end',
            "#if($allowed.contains($origin))",
            "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)",
            "#end",
        ]
    )


HEALTH_ANSWER = '{"status":"ok"}'
_HEADERS = ["Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"]


@dataclass(frozen=True)
class ApiView:
    """What the templates need of the API beside its own fields and its paths."""

    spec: ServiceSpec
    functions: list[FunctionView]
    schemas: dict[str, dict[str, Any]]
    """The models by their names in the OpenAPI document."""

    @cached_property
    def schemes(self) -> set[str]:
        """Every authorization that some route uses."""
        routes = [(o.path, o.scheme) for function in self.functions for o in function.routes]
        return schemes(self.spec.api.authorization, self.spec.api.health, routes)

    @property
    def authorizer(self) -> FunctionView | None:
        """The function that decides where the authorization is `lambda`."""
        named = (function for function in self.functions if function.name == self.spec.api.authorizer)
        return next(named, None) if "lambda" in self.schemes else None

    @property
    def open_routes(self) -> list[str]:
        """The routes that the spec opens to everyone, as `samgen check` calls them."""
        return [f"{o.method} {o.path}" for function in self.functions for o in function.routes if o.scheme == "none"]

    @property
    def has_routes(self) -> bool:
        """Whether there is an API at all."""
        return any(function.routes for function in self.functions)

    @property
    def has_health(self) -> bool:
        """Whether the API answers GET /health by itself."""
        return has_health(self.spec.api.health, [o.path for function in self.functions for o in function.routes])

    @property
    def creates_user_pool(self) -> bool:
        """Whether the project makes the user pool."""
        return "cognito" in self.schemes and self.spec.api.user_pool == "created"

    @property
    def takes_user_pool(self) -> bool:
        """Whether each environment names the user pool."""
        return "cognito" in self.schemes and self.spec.api.user_pool == "given"

    @property
    def is_private(self) -> bool:
        """Whether only VPC endpoints reach it."""
        return self.has_routes and self.spec.api.endpoint == "private"

    @property
    def has_domain(self) -> bool:
        """Whether some environment's API has a domain."""
        return self.has_routes and any(getattr(environment, "domain", None) for environment in self.spec.environments)

    @property
    def url(self) -> dict[str, Any]:
        """Where the API answers, as an intrinsic: at its domain in the environments that have one."""
        own = {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Environment}"}
        if not self.has_domain:
            return own
        return {"Fn::If": ["HasDomain", {"Fn::Sub": "https://${DomainName}"}, own]}

    @property
    def allowed_headers(self) -> str:
        """The headers that a page of another origin may send."""
        return ",".join([*_HEADERS, *(["X-Api-Key"] if self.spec.api.api_key else [])])

    @property
    def health_template(self) -> str:
        """The mapping template of the health check: the origin's header, then the body."""
        origins = list(self.spec.api.cors_origins)
        return "\n".join([*([preflight_template(origins)] if origins else []), HEALTH_ANSWER])

    @property
    def parameter_names(self) -> list[str]:
        """The root's parameters that are about the API alone and that it hands on to the API's stack."""
        return list(self.parameters(self.spec.environments[0]))

    def parameters(self, environment: Environment) -> dict[str, str]:
        """The root's parameters that are about the API alone, as an environment sets them."""
        values: dict[str, str] = {}
        if self.takes_user_pool:
            values["UserPoolArn"] = getattr(environment, "user_pool_arn", None) or ""
        if self.is_private:
            values["VpcEndpointIds"] = ",".join(environment.vpc_endpoint_ids)
        if self.has_domain:
            domain = getattr(environment, "domain", None)
            values["DomainName"] = domain.name if domain else ""
            values["CertificateArn"] = domain.certificate_arn if domain else ""
        return values


def _any_body(method: str) -> str | None:
    """The model of a body that has none of its own: without one, whatever a caller sends reaches the function."""
    return ANY_OBJECT if method in _WITH_BODY else None


def api_names(
    spec: ServiceSpec, functions: list[FunctionView], identifiers: Identifiers, models: Models
) -> dict[str, Any]:
    """The templates' names for the API; InputError where a model is missing."""
    if missing := [file for file in model_files(spec) if file not in models]:
        raise InputError(f"{missing[0]} was not read: it lies beside samgen.yaml, which was not read as a file")
    names = component_names(model_files(spec))
    for function in functions:
        function.routes = [
            replace(
                route,
                request_schema=names.get(route.request_schema or "", _any_body(route.method)),
                response_schema=names.get(route.response_schema or ""),
            )
            for route in function.routes
        ]
    schemas = {names[file]: {k: v for k, v in models[file].items() if k != "$schema"} for file in names}
    if any(route.request_schema == ANY_OBJECT for function in functions for route in function.routes):
        schemas[ANY_OBJECT] = {"type": "object"}
    gateway = ApiView(spec, functions, schemas)
    if gateway.authorizer is not None:
        gateway.authorizer.is_authorizer = True
    return {
        "api": spec.api,
        "gateway": gateway,
        "routes": group_routes(functions, identifiers, spec.api),
        "uses_iam": "iam" in gateway.schemes,
        "uses_cognito": "cognito" in gateway.schemes,
        "preflight_template": preflight_template(list(spec.api.cors_origins)),
    }
