"""The API's routes as its template states them: operations, paths, names, the preflight's answer.

Built from the attributes of a spec. Standard library only, as a bare cookiecutter renders with them too.
"""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from generator.spec.names import logical_id
from generator.spec.values import METHODS, path_parameters

if TYPE_CHECKING:
    from generator.render.views import FunctionView

# An event file is called after its handler, and a line of the generated tests names it.
IDENTIFIER_LIMIT = 40
# The line length of the generated ruff.toml.
LINE_LENGTH = 120
ANY_KEY = "x-amazon-apigateway-any-method"


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

    @property
    def parameters(self) -> list[str]:
        """The names of the path's parameters."""
        return path_parameters(self.path)

    @property
    def methods(self) -> list[str]:
        """The methods it answers: one, or all but the preflight's where it is ANY."""
        return [m for m in METHODS if m != "ANY"] if self.method == "ANY" else [self.method]

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
        ]
        return max(map(len, lines)) > LINE_LENGTH


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

    @property
    def openapi_parameters(self) -> list[dict[str, Any]]:
        """The path's parameters as OpenAPI states them."""
        names = path_parameters(self.path)
        return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]

    @property
    def allow_methods(self) -> str:
        """The methods a page of another origin may use."""
        methods = {method for operation in self.operations for method in operation.methods}
        return ",".join([*sorted(methods), "OPTIONS"])


class Identifiers:
    """Hands out a name for each route, unique in the API: `GET /a/{b}` and `GET /a/b` would share one."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def operation_id(self, method: str, path: str) -> str:
        """`GET /orders/{id}` → `getOrdersId`."""
        return self._unique(method.lower() + (logical_id(path) or "Root"))

    def handler(self, method: str, path: str) -> str:
        """`GET /orders/{id}` → `get_orders_id`, the name of the function that answers."""
        return self._unique(re.sub(r"\W+", "_", f"{method}{path}".lower()).strip("_"))

    def _unique(self, wanted: str) -> str:
        name, number = wanted[:IDENTIFIER_LIMIT], 1
        while name.lower() in self._taken:
            number += 1
            suffix = f"_{number}"
            name = wanted[: IDENTIFIER_LIMIT - len(suffix)] + suffix
        self._taken.add(name.lower())
        return name


def group_routes(functions: list[FunctionView], identifiers: Identifiers) -> list[PathView]:
    """The API's paths in alphabetical order, each with its operations."""
    paths: dict[str, list[Operation]] = {}
    for function in functions:
        for route in function.routes:
            paths.setdefault(route.path, []).append(route)
    return [
        PathView(path, sorted(operations, key=lambda o: o.key), identifiers.operation_id("OPTIONS", path))
        for path, operations in sorted(paths.items())
    ]


def preflight_template(origins: list[str]) -> str:
    """The mapping template that answers a preflight with its own origin if that is one of ours.

    The header's name arrives as the client wrote it; browsers send `Origin`, and HTTP/2 lower case.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    """
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
