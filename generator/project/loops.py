"""`Fn::ForEach` of the language extensions, written out where the list that it goes over is known.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from generator.project.evaluate import is_known

LOOP = "Fn::ForEach::"
EXTENSIONS = "AWS::LanguageExtensions"
# More values than this no template may have; see `document.MAX_NODES`.
_MOST = 100_000
_PARTS = 3


def has_extensions(template: dict[str, Any]) -> bool:
    """Whether a template asks for the language extensions."""
    transform = template.get("Transform")
    return EXTENSIONS in (transform if isinstance(transform, list) else [transform])


def unroll(template: dict[str, Any], evaluate: Callable[[Any], Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The template with every loop written out that can be, and which loop each resource came from.

    Args:
        template: the template, which stays as it is.
        evaluate: gives the value of the list that a loop goes over.
    """
    unroller = _Unroller(evaluate)
    origins: dict[str, str] = {}
    resources = template.get("Resources")
    for key, value in resources.items() if isinstance(resources, dict) else ():
        if isinstance(key, str) and key.startswith(LOOP):
            origins.update({str(name): key for name in unroller.walk({key: value}, {}) if name != key})
    return unroller.walk(template, {}), origins


class _Unroller:
    def __init__(self, evaluate: Callable[[Any], Any]) -> None:
        self._evaluate = evaluate
        self._count = 0

    def walk(self, value: Any, names: dict[str, str]) -> Any:
        """The value with the loops in it written out, and the loops' names replaced."""
        self._count += 1
        if isinstance(value, str):
            return _filled(value, names)
        if isinstance(value, list):
            return [self.walk(item, names) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and isinstance(value.get("Ref"), str) and value["Ref"] in names:
            return names[value["Ref"]]
        result: dict[Any, Any] = {}
        for key, item in value.items():
            if isinstance(key, str) and key.startswith(LOOP):
                result.update(self._loop(key, item, names))
            else:
                result[_filled(key, names) if isinstance(key, str) else key] = self.walk(item, names)
        return result

    def _loop(self, key: str, loop: Any, names: dict[str, str]) -> dict[Any, Any]:
        """What a loop makes; the loop itself where that is not known."""
        if not isinstance(loop, list) or len(loop) != _PARTS:
            return {key: loop}
        name, items, body = loop
        found = self._evaluate(self.walk(items, names))
        if not isinstance(name, str) or not isinstance(body, dict) or not isinstance(found, list):
            return {key: loop}
        if not all(isinstance(item, (str, int)) and is_known(item) for item in found) or self._count > _MOST:
            return {key: loop}
        result: dict[Any, Any] = {}
        for item in found:
            result.update(self.walk(body, {**names, name: str(item)}))
            if self._count > _MOST:
                return {key: loop}
        return result


def _filled(text: str, names: dict[str, str]) -> str:
    """A text with the loops' names in it replaced: `${Name}`, and `&{Name}` without what no logical id may have."""
    for name, value in names.items():
        text = text.replace("${" + name + "}", value)
        text = text.replace("&{" + name + "}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text
