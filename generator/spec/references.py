"""How a spec names what a function works with: a name it declares, an ARN, or an SSM parameter that holds the ARN.

Each check returns the value or raises ValueError with a sentence that says what is allowed. Standard library
only, as the hooks call them where pydantic is not installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.spec.names import NAME_PATTERN, check_function_name, shown
from generator.spec.values import check_resource

_Check = Callable[[str], str]
_PARAMETER = re.compile(r"(/(?:[A-Za-z0-9_.-]|\$\{Environment\})+)+")
_PARAMETER_LIMIT = 1_011


def is_name(value: str) -> bool:
    """Whether the value is a name of the spec, and neither an ARN nor a parameter's path."""
    return re.fullmatch(NAME_PATTERN, value) is not None


def is_parameter(value: str) -> bool:
    """Whether the value is the path of an SSM parameter."""
    return value.startswith("/")


def check_parameter(value: str) -> str:
    """Return the path of an SSM parameter, which may hold `${Environment}`.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
    """
    if not _PARAMETER.fullmatch(value) or len(value) > _PARAMETER_LIMIT:
        raise ValueError(f"{shown(value)} is not a parameter's path such as /${{Environment}}/shared/name")
    if re.match(r"/(aws|ssm)", value, re.IGNORECASE):
        raise ValueError(f"{shown(value)}: paths that begin with /aws or /ssm belong to AWS")
    return value


def arn_or_parameter(service: str, kind: str) -> _Check:
    """A check of an ARN of one of AWS's services, or of the path of a parameter that holds one."""

    def check(value: str) -> str:
        if is_parameter(value):
            return check_parameter(value)
        check_resource(value)
        if "*" in value or re.sub(r"\$\{[^}]+\}", "x", value).split(":")[2] != service:
            raise ValueError(f"{shown(value)} is not the ARN of one {kind}: arn:${{AWS::Partition}}:{service}:…")
        return value

    return check


def reference(service: str, kind: str) -> _Check:
    """A check of a name, an ARN or a parameter's path; `kind` is how messages call what is meant."""
    check_arn = arn_or_parameter(service, kind)

    def check(value: str) -> str:
        if is_name(value):
            return check_function_name(value)
        if is_parameter(value) or value.startswith("arn:"):
            return check_arn(value)
        raise ValueError(
            f"{shown(value)} names no {kind}: use a name of lower-case letters, digits and hyphens, an ARN, or the "
            "path of an SSM parameter that holds the ARN"
        )

    return check


def check_stream(value: str) -> str:
    """Return a table's name, the ARN of a table's stream, or a parameter's path.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    """
    reference("dynamodb", "table's stream")(value)
    if value.startswith("arn:") and "/stream/" not in value:
        raise ValueError(f"{shown(value)} is a table: name its stream, which ends with /stream/ and its time")
    return value


def check_secret(value: str) -> str:
    """Return the name of a secret of Secrets Manager, which may hold `${Environment}`, or its ARN."""
    if value.startswith("arn:"):
        return arn_or_parameter("secretsmanager", "secret")(value)
    if not re.fullmatch(r"(?:[A-Za-z0-9/_+=.@-]|\$\{Environment\}){1,480}", value):
        raise ValueError(f"{shown(value)} is not a secret's name: use letters, digits and / _ + = . @ -")
    return value


def check_certificate(value: str) -> str:
    """Return the ARN of an ACM certificate."""
    return _exact(value, r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[A-Za-z0-9-]+", "ARN of an ACM certificate")


def check_user_pool(value: str) -> str:
    """Return the ARN of a Cognito user pool."""
    pattern = r"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool/[a-z0-9-]+_[A-Za-z0-9]+"
    return _exact(value, pattern, "ARN of a Cognito user pool")


def check_vpc_endpoint(value: str) -> str:
    """Return the id of a VPC endpoint."""
    return _exact(value, r"vpce-[0-9a-f]{8,17}", "VPC endpoint's id such as vpce-0123456789abcdef0")


def check_repository(value: str) -> str:
    """Return a repository as its host writes it: `owner/name`, GitLab's groups included."""
    pattern = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_.-]{1,100}){1,5}"
    if any(part in {".", ".."} for part in value.split("/")):
        raise ValueError(f"{shown(value)} is not a repository such as owner/name")
    return _exact(value, pattern, "repository such as owner/name")


def check_domain(value: str) -> str:
    """Return a domain name in lower case: `orders.example.com`."""
    pattern = r"(?=.{4,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.[a-z]{2,63}"
    return _exact(value, pattern, "domain such as orders.example.com, in lower case")


def check_model_file(value: str) -> str:
    """Return the path of a JSON Schema file beside samgen.yaml: `models/order.json`."""
    return _exact(value, r"models/[A-Za-z][A-Za-z0-9_-]{0,60}\.json", "model such as models/order.json")


def check_attribute(value: str) -> str:
    """Return the name of a table's attribute.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html allows more characters;
    these need no placeholder in an expression.
    """
    return _exact(value, r"[A-Za-z_][A-Za-z0-9_]{0,254}", "attribute's name: letters, digits and _, no digit first")


def check_index(value: str) -> str:
    """Return the name of a table's index: 3 to 255 letters, digits and _ . -."""
    return _exact(value, r"[A-Za-z0-9_.-]{3,255}", "index's name: 3 to 255 letters, digits and _ . -")


def check_key_part(value: str) -> str:
    """Return the beginning or end of an object's key, without characters that are a pattern's to IAM or EventBridge."""
    return _exact(
        value, r"[A-Za-z0-9/_.=+@!,-]{0,200}", "part of an object's key: letters, digits and / _ . = + @ ! , -"
    )


def _exact(value: str, pattern: str, kind: str) -> str:
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{shown(value)} is not a{'n' if kind[0] in 'aAiI' else ''} {kind}")
    return value
