"""Single values of the spec that AWS gives a grammar: CIDR ranges, routes, schedules, actions, ARNs.

Each function returns the value in canonical form or raises ValueError with a sentence that says what is
allowed. Standard library only, as the hooks call them where pydantic is not installed.
"""

from __future__ import annotations

import difflib
import ipaddress
import re

from generator.spec.lintdata import iam_actions, regions
from generator.spec.names import check_text, shown

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "ANY")


def check_whole_number(value: object) -> object:
    """Return the value unless it is true or false, which Python takes for 1 and 0 where numbers are listed."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


def check_region(value: str) -> str:
    """Return a region that cfn-lint has schemas for; without cfn-lint its shape alone is checked."""
    known = regions()
    if known is not None and value not in known:
        near = difflib.get_close_matches(value, known, n=3, cutoff=0.5)
        raise ValueError(f"{shown(value)} is not a region; did you mean {' or '.join(near) or 'us-west-2'}?")
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", value):
        raise ValueError(f"{shown(value)} is not a region such as us-west-2")
    return value


def check_account(value: str) -> str:
    """Return a twelve-digit account id."""
    if not re.fullmatch(r"[0-9]{12}", value):
        raise ValueError(f"{shown(value)} is not an AWS account id: use its 12 digits, quoted if they start with 0")
    return value


def check_cidr(value: str) -> str:
    """Return an address range as AWS WAF takes it: `203.0.113.7` becomes `203.0.113.7/32`.

    WAF takes every IPv4 and IPv6 range except /0
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-wafv2-ipset.html).
    """
    try:
        # Python takes any text after a % for the zone of an IPv6 address; WAF knows no zones.
        network = ipaddress.ip_network("" if "%" in value else value, strict=False)
    except ValueError:
        raise ValueError(f"{shown(value)} is not an IPv4 or IPv6 range such as 10.20.0.0/16") from None
    if network.prefixlen == 0:
        raise ValueError(f"{value} is everyone: to open the environment to the internet say so with 'public: true'")
    if "/" in value and ipaddress.ip_interface(value).ip != network.network_address:
        raise ValueError(f"{value} names an address inside a range: did you mean {network}?")
    return network.compressed


def check_origin(value: str) -> str:
    """Return a CORS origin: scheme and host, and a port where there is one."""
    if not re.fullmatch(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|http://localhost(:\d{1,5})?", value):
        raise ValueError(
            f"{shown(value)} is not an origin: use https://host[:port] without a path, or http://localhost[:port]"
        )
    return value


def check_email(value: str) -> str:
    """Return an address that SNS can send alarms to."""
    if len(value) > 254 or not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value):  # noqa: PLR2004
        raise ValueError(f"{shown(value)} is not an e-mail address")
    return value


# API Gateway's own: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
# (path parts take a-zA-Z0-9._-:, braces only around a whole part, a greedy {name+} only at the end;
# /ping and /sping are kept for the service's health check).
_PART = re.compile(r"[A-Za-z0-9._:-]+|\{[A-Za-z][A-Za-z0-9_]*\}")
_GREEDY = re.compile(r"\{[A-Za-z][A-Za-z0-9_]*\+\}")
_PATH_LIMIT = 256


def check_path(value: str) -> str:
    """Return the path of a route: `/orders/{id}`, `/files/{path+}`."""
    if len(value) > _PATH_LIMIT:
        raise ValueError(f"the path has {len(value):,} characters; at most {_PATH_LIMIT} are allowed")
    if value == "/":
        return value
    parts = value[1:].split("/")
    good = all(_PART.fullmatch(part) for part in parts[:-1]) and (
        _PART.fullmatch(parts[-1]) or _GREEDY.fullmatch(parts[-1])
    )
    if not value.startswith("/") or not good or any(part in {".", ".."} for part in parts):
        raise ValueError(
            f"{shown(value)} is not a path: use /part/{{parameter}}, letters, digits and . _ - : in a part, "
            "and {name+} only at the end"
        )
    if value in {"/ping", "/sping"}:
        raise ValueError(f"API Gateway keeps {value} for its own health check: use another path")
    names = path_parameters(value)
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the path has two parameters called {shown(name)}: use another name")
    return value


def path_parameters(path: str) -> list[str]:
    """`/orders/{id}/lines/{line}` → `["id", "line"]`; a greedy parameter without its plus."""
    return re.findall(r"\{([A-Za-z0-9_]+)\+?\}", path)


_RATE = re.compile(r"rate\((\d{1,5}) (minutes?|hours?|days?)\)")
_CRON_FIELD = re.compile(r"[A-Z0-9*?,/#LW-]+")
_CRON_FIELDS = 6


def check_schedule(value: str) -> str:
    """Return a recurring schedule of EventBridge Scheduler: `rate(5 minutes)` or `cron(0 6 ? * MON-FRI *)`.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
    """
    if match := _RATE.fullmatch(value):
        number, unit = int(match[1]), match[2]
        if number < 1 or (number == 1) == unit.endswith("s"):
            raise ValueError(f"{shown(value)}: say rate(1 minute) or rate(2 minutes), with a number from 1")
        return value
    if value.startswith("cron(") and value.endswith(")"):
        fields = value[5:-1].split(" ")
        if len(fields) != _CRON_FIELDS or not all(_CRON_FIELD.fullmatch(field) for field in fields):
            raise ValueError(f"{shown(value)}: cron takes six fields, minute hour day month weekday year")
        if (fields[2] == "?") == (fields[4] == "?"):
            raise ValueError(f"{shown(value)}: exactly one of day and weekday must be '?'")
        return value
    raise ValueError(f"{shown(value)} is not a schedule: use rate(5 minutes) or cron(0 6 ? * MON-FRI *)")


def check_timezone(value: str) -> str:
    """Return the name of a time zone as IANA writes it: `Europe/Vienna`."""
    if not re.fullmatch(r"[A-Za-z]+([/_+-][A-Za-z0-9]+){0,5}", value) or len(value) > 50:  # noqa: PLR2004
        raise ValueError(f"{shown(value)} is not a time zone such as UTC or Europe/Vienna")
    return value


_LAMBDA_RESERVED = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_.*|LAMBDA_.*|POWERTOOLS_.*|PATH|LD_LIBRARY_PATH|PYTHONPATH|NODE_PATH|LANG|TZ"
    r"|ENVIRONMENT|SERVICE|ALLOWED_ORIGINS"
)
_SECRET_NAME = re.compile(r"(^|_)(PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"(AKIA|ASIA)[A-Z0-9]{16}|-----BEGIN|gh[pousr]_[A-Za-z0-9]{30,}|xox[abp]-")
_VARIABLE_LIMIT = 1024


def check_variable_name(value: str) -> str:
    """Return an environment variable's name that Lambda leaves to its users."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{1,63}", value):
        raise ValueError(f"{shown(value)} is not a variable name: use 2 to 64 letters, digits and _, a letter first")
    if _LAMBDA_RESERVED.fullmatch(value):
        raise ValueError(f"{value} is set by Lambda or by the template: use another name")
    if _SECRET_NAME.search(value):
        raise ValueError(f"{value} looks like a secret: list it under 'secrets', where it is encrypted, not here")
    return value


def check_variable_value(value: str) -> str:
    """Return an environment variable's value: one line of visible text that is not a credential."""
    check_text(value, _VARIABLE_LIMIT)
    if _SECRET_VALUE.search(value):
        raise ValueError("the value looks like a credential: put it under 'secrets', where it is encrypted")
    return value


def check_action(value: str) -> str:
    """Return an IAM action that exists by cfn-lint's data; wildcards are refused."""
    match = re.fullmatch(r"([a-z0-9-]+):([A-Za-z0-9]+)", value)
    if match is None:
        raise ValueError(f"{shown(value)} is not an action such as dynamodb:GetItem; wildcards are not allowed")
    known = iam_actions()
    if known is not None and match[2].lower() not in known.get(match[1], {}).get("Actions", {}):
        raise ValueError(f"IAM has no action {shown(value)}")
    return value


def can_be_limited(action: str) -> bool:
    """Whether IAM can limit the action to a resource; true where cfn-lint's data is not installed."""
    known = iam_actions()
    if known is None:
        return True
    service, _, name = action.partition(":")
    return bool(known.get(service, {}).get("Actions", {}).get(name.lower(), {}).get("Resources"))


_PSEUDO = ("${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}", "${Environment}")
_ARN_FIELDS = 6


def check_resource(value: str) -> str:
    """Return an ARN of a permission; it may use the pseudo parameters and `${Environment}`, no other."""
    if value == "*":
        return value
    plain = value
    for name in _PSEUDO:
        plain = plain.replace(name, "x")
    if not re.fullmatch(r"[A-Za-z0-9_:/.*+=,@~-]+", plain) or len(value) > 512:  # noqa: PLR2004
        raise ValueError(f"{shown(value)} is not an ARN: beside plain characters only {', '.join(_PSEUDO)} may stand")
    fields = plain.split(":", _ARN_FIELDS - 1)
    if len(fields) < _ARN_FIELDS or fields[0] != "arn" or not fields[2] or "*" in fields[2] or not fields[5].strip("*"):
        raise ValueError(
            f"{shown(value)} is not an ARN that names a resource: arn:partition:service:region:account:resource"
        )
    return value
