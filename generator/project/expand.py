"""What SAM makes of a template: the expansion, or SAM's objections with their lines.

The verdict is that of `sam validate`, because the same class is asked in the same way; unlike the
command it needs neither credentials nor a network, whatever managed policies a template names and
whatever applications it nests. Loops of the language extensions, which the command leaves to
CloudFormation unless it is told otherwise, are unrolled.
"""

from __future__ import annotations

import json
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from generator.errors import ToolError
from generator.findings import Finding, Severity
from generator.project.once import check_policy_templates_once, make_sessions_once
from generator.project.template import Template

TOOL = "sam validate"
EXTENSIONS = "AWS::LanguageExtensions"
# Where the stand-in for an application's template would lie.
_APPLICATION = "https://s3.amazonaws.com/bucket/application"
_RESOURCE = re.compile(r"(?:Resource with id|resource with id) \[([^\]]+)\]")
_EVENT = re.compile(r"Event with id \[([^\]]+)\]")


@dataclass(frozen=True)
class Expansion:
    """The result of SAM's transformation of one template.

    Attributes:
        name: the template's name.
        data: the template as CloudFormation gets it, or None when SAM refuses it. Local code and
            image locations are stand-ins.
        findings: SAM's objections; empty when the template is valid.
    """

    name: str
    data: dict[str, Any] | None
    findings: tuple[Finding, ...] = ()


class _OfflinePolicies:
    """Stands in for SAM's loader of managed policies, which would ask IAM for all of their names.

    Names that SAM itself knows never get here; any other stays as written, as it does in SAM when
    IAM does not know it, and is an error to whoever reads the expansion.
    """

    def load(self) -> dict[str, str]:
        return {}


def expand(template: Template, region: str, *, loops: bool = True) -> Expansion:
    """Expand a template as a deployment to `region` would, with the defaults of its parameters.

    A template that `sam validate` refuses only because a parameter has no default keeps its findings
    and has an expansion all the same, made with stand-ins for those parameters.

    Args:
        template: the template.
        region: where it is deployed.
        loops: whether SAM unrolls loops of the language extensions; with stand-ins where it cannot know over what.
    """
    if not template.readable:
        return Expansion(template.name, None, template.findings)
    try:
        return Expansion(template.name, _translate(template.as_written(), region, {}, loops=loops))
    except ToolError:
        raise
    except Exception as error:
        findings = () if _is_about_a_loop(template, error) else tuple(_findings(template, error))
    try:
        missing = placeholders(template)
        data = _translate(template.as_written(), region, missing, loops=loops) if missing else None
    except Exception:
        data = None
    return Expansion(template.name, data, findings)


def _is_about_a_loop(template: Template, error: Exception) -> bool:
    """Whether SAM cannot unroll a loop or look a value up, as only a deployment knows over what."""
    return is_extended(template.data) and not getattr(error.__cause__, "causes", None)


def load_sam() -> Any:
    """Import SAM's validator, quietly; takes half a second, once.

    Raises:
        ToolError: SAM is not installed as it should be.
    """
    # SAM logs about metrics and feature toggles; without a handler Python would print that.
    for name in ("samtranslator", "samcli"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
            logger.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from samcli.lib.translate import sam_template_validator

            check_policy_templates_once()
            make_sessions_once(sam_template_validator)
    except ImportError as error:
        raise ToolError(f"SAM cannot be loaded ({error}); reinstall samgen with its dependencies.") from error
    return sam_template_validator


def placeholders(template: Template) -> dict[str, str]:
    """A value for every parameter without a default, such as a deployment would have to give."""
    return {
        name: _placeholder(definition)
        for name, definition in template.section("Parameters").items()
        if "Default" not in definition
    }


def _placeholder(definition: Mapping[str, Any]) -> str:
    allowed = definition.get("AllowedValues")
    if isinstance(allowed, list) and allowed:
        return str(allowed[0])
    kind = str(definition.get("Type"))
    if kind == "Number":
        return str(definition.get("MinValue", 1))
    return "placeholder"


def _translate(data: dict[str, Any], region: str, parameters: dict[str, str], *, loops: bool) -> dict[str, Any]:
    sam_template_validator = load_sam()
    _stand_in_for_applications(data)
    validator = sam_template_validator.SamTemplateValidator(
        data,
        _OfflinePolicies(),
        region=region,
        parameter_overrides=parameters,
        **(_language_extensions(data) if loops else {}),
    )
    with _no_yaml(sam_template_validator):
        translated: Any = validator.get_translated_template_if_valid()
    # A round trip turns SAM's dictionaries and strings of its own into plain ones.
    return dict(json.loads(json.dumps(translated, default=str)))


def _stand_in_for_applications(data: dict[str, Any]) -> None:
    """Put an address in the place of applications from the repository, which SAM would ask AWS for."""
    resources = data.get("Resources")
    for resource in resources.values() if isinstance(resources, dict) else ():
        if not isinstance(resource, dict) or resource.get("Type") != "AWS::Serverless::Application":
            continue
        properties = resource.get("Properties")
        if not isinstance(properties, dict):
            continue
        location = properties.get("Location")
        # SAM says itself what is missing in an incomplete one, and asks nobody.
        if isinstance(location, dict) and location.get("ApplicationId") and location.get("SemanticVersion"):
            properties["Location"] = _APPLICATION


def _language_extensions(data: dict[str, Any]) -> dict[str, bool]:
    try:
        from samcli.lib.cfn_language_extensions.sam_integration import (
            resolve_language_extensions_enabled,
        )
    except ImportError:  # a SAM CLI that does not know them yet
        return {}
    enabled = is_extended(data) or bool(resolve_language_extensions_enabled(None))
    return {"language_extensions_enabled": enabled}


def is_extended(data: Mapping[str, Any]) -> bool:
    """Whether a template declares CloudFormation's language extensions."""
    transforms = data.get("Transform")
    return EXTENSIONS in (transforms if isinstance(transforms, list) else [transforms])


@contextmanager
def _no_yaml(module: Any) -> Iterator[None]:
    """Let the validator return its dictionary instead of YAML text."""
    # It would write the YAML twice, which takes longer than the translation itself.
    original = module.yaml_dump
    module.yaml_dump = lambda template: template
    try:
        yield
    finally:
        module.yaml_dump = original


def _findings(template: Template, error: Exception) -> Iterator[Finding]:
    causes = getattr(error.__cause__, "causes", None)
    if not causes:
        kind = type(error).__name__
        message = str(error) if kind.startswith("InvalidSam") else f"SAM fails on it ({kind}: {error})"
        yield _finding(template, message, ())
        return
    for cause in causes:
        message = str(getattr(cause, "message", cause))
        yield _finding(template, message, _path(template, message))


def _path(template: Template, message: str) -> tuple[str, ...]:
    """Where in the template SAM's message belongs, as far as it says."""
    resource = _RESOURCE.search(message)
    if resource is None or resource[1] not in template.resources:
        return ()
    path: tuple[str, ...] = ("Resources", resource[1])
    properties = template.resources[resource[1]].get("Properties")
    if not isinstance(properties, dict):
        return path
    event = _EVENT.search(message)
    if event is not None:
        return (*path, "Properties", "Events", event[1])
    named = _named_property(message, properties)
    return (*path, "Properties", named) if named else path


def _named_property(message: str, properties: dict[str, Any]) -> str | None:
    detail = message.partition("is invalid.")[2] or message
    words = re.findall(r"[A-Z][A-Za-z0-9]+", detail)
    return next((word for word in words if word in properties), None)


def _finding(template: Template, message: str, path: tuple[str, ...]) -> Finding:
    text = " ".join(message.split())
    if not text.endswith((".", "!", "?")):
        text += "."
    return Finding(*template.place(*path), "sam", Severity.ERROR, text, "", TOOL)


def owner_of(template: Template, logical_id: str) -> str | None:
    """The source resource that an expanded resource is, or was generated from; None if unknown.

    SAM begins the name of whatever it generates with that of the resource it generates it for.
    """
    resources = template.resources
    if logical_id in resources:
        return logical_id
    beginnings = (logical_id[:length] for length in range(len(logical_id), -1, -1))
    return next((name for name in beginnings if name in resources), None)
