"""The naming convention, in one place: what a name may look like and what AWS resources are called.

Physical names are `<environment>-<service>-<function>`, the API is `<environment>-<api name>`, parameters
are `/<environment>/<service>/<name>`. The limits are AWS's own:

- Lambda function name: 64 characters (Lambda API reference, CreateFunction, FunctionName)
- IAM role name: 64 characters (IAM API reference, CreateRole, RoleName)
- EventBridge Scheduler schedule name: 64 characters (Scheduler API reference, CreateSchedule, Name)
- SQS queue name: 80 characters (SQS API reference, CreateQueue, QueueName)
- API name: 1,024 characters; CloudFormation stack name: 128 characters, of which a nested stack's own
  name and random suffix take up to 40

Standard library only: the hooks call it where samgen's other dependencies are not installed.
"""

from __future__ import annotations

import re
import unicodedata

FUNCTION_NAME_LIMIT = 64
STACK_NAME_LIMIT = 88  # 128 less "-<nested logical id>-<13 random characters>"

# The function that every project has beside those of its spec: it calls new versions before traffic reaches them.
HOOK = "pre-traffic"

SERVICE_LIMIT = 40
ENVIRONMENT_LIMIT = 16
FUNCTION_LIMIT = 40
API_NAME_LIMIT = 64
TEXT_LIMIT = 200

NAME_PATTERN = r"^[a-z](-?[a-z0-9])*$"
NAME_RULE = "lower-case letters a-z, digits and single hyphens, starting with a letter and not ending with a hyphen"
API_NAME_PATTERN = r"^[A-Za-z](-?[A-Za-z0-9])*$"

# Windows refuses these as file or folder names, whatever the extension.
WINDOWS_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))]
)


def shown(value: object) -> str:
    """A value as an error message may show it: printable ASCII, quoted, at most 60 characters."""
    text = ascii(value) if not isinstance(value, str) else ascii(value)[1:-1]
    return f"'{text[:57]}…'" if len(text) > 60 else f"'{text}'"  # noqa: PLR2004 (both are the docstring's 60)


def check_name(value: str, limit: int) -> str:
    """Return a service, environment or function name; ValueError says what is allowed."""
    if not re.fullmatch(NAME_PATTERN, value):
        raise ValueError(f"{shown(value)} is not a name: use {NAME_RULE}")
    if len(value) > limit:
        raise ValueError(f"{shown(value)} has {len(value)} characters; at most {limit} are allowed")
    if value in WINDOWS_RESERVED:
        raise ValueError(f"'{value}' is a reserved name on Windows, where the project could not be checked out")
    return value


def check_service_name(value: str) -> str:
    """Return a service's name, which is also the project's folder; ValueError says what is allowed."""
    return check_name(value, SERVICE_LIMIT)


def check_environment_name(value: str) -> str:
    """Return an environment's name; ValueError says what is allowed."""
    if value == "default":
        raise ValueError("'default' is what samconfig.toml calls the settings of every environment: use another name")
    return check_name(value, ENVIRONMENT_LIMIT)


def check_function_name(value: str) -> str:
    """Return a function's name; ValueError says what is allowed."""
    return check_name(value, FUNCTION_LIMIT)


def check_api_name(value: str) -> str:
    """Return an API's name, which may have capitals (`MyAPI`); ValueError says what is allowed."""
    if not re.fullmatch(API_NAME_PATTERN, value):
        raise ValueError(f"{shown(value)} is not an API name: use letters, digits and single hyphens, a letter first")
    if len(value) > API_NAME_LIMIT:
        raise ValueError(f"{shown(value)} has {len(value)} characters; at most {API_NAME_LIMIT} are allowed")
    return value


def check_text(value: str, limit: int = TEXT_LIMIT) -> str:
    """Return one line of free text without characters that hide or reorder others, or that AWS evaluates."""
    if len(value) > limit:
        raise ValueError(f"the text has {len(value):,} characters; at most {limit:,} are allowed")
    for character in value:
        # Cc control, Cf format (right-to-left marks, zero width), Cs surrogate, Co private, Cn unassigned,
        # Zl and Zp line and paragraph separators
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
            raise ValueError(f"the character U+{ord(character):04X} is not allowed: use one line of visible text")
    if "{{resolve:" in value:
        raise ValueError("'{{resolve:' is evaluated by CloudFormation: name a secret under the function's secrets")
    if re.search(r"\$\{[A-Za-z0-9_:.]+\}", value):
        # Plain text to CloudFormation, but cfn-lint takes it for a forgotten Fn::Sub (E1029).
        raise ValueError("'${name}' looks like one of CloudFormation's variables: write it without the dollar sign")
    return value


# The characters that tag keys and values share over all AWS services, letters and digits in ASCII alone as
# SAM CLI reads no others from samconfig.toml.
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_TAG_CHARACTERS = re.compile(r"[A-Za-z0-9_ .:/=+@-]*")
TAG_KEY_LIMIT = 128
TAG_VALUE_LIMIT = 256


def check_tag_value(value: str) -> str:
    """Return a tag's value; ValueError says what AWS allows."""
    check_text(value, TAG_VALUE_LIMIT)
    if not _TAG_CHARACTERS.fullmatch(value):
        raise ValueError(f"{shown(value)} is not a tag value: use ASCII letters, digits, spaces and _ . : / = + - @")
    if value != value.strip():
        raise ValueError(f"{shown(value)} begins or ends with a space")
    return value


def check_tag_key(value: str) -> str:
    """Return a tag's key; ValueError says what AWS and the naming convention allow."""
    check_text(value, TAG_KEY_LIMIT)
    if not value or not re.fullmatch(r"[A-Za-z0-9_.:/+@-]+", value):
        raise ValueError(f"{shown(value)} is not a tag key: use ASCII letters, digits and _ . : / + - @")
    if value.lower().startswith("aws:"):
        raise ValueError("tag keys that start with 'aws:' belong to AWS")
    if value in {"Environment", "Service", "Owner", "CostCenter"}:
        raise ValueError(f"the tag '{value}' is set from the field of that name")
    return value


def logical_id(name: str) -> str:
    """`order-items` → `OrderItems`: CloudFormation's logical ids are alphanumeric.

    >>> logical_id("order-items")
    'OrderItems'
    """
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def physical_name(environment: str, service: str, *parts: str) -> str:
    """`prod`, `orders`, `create` → `prod-orders-create`."""
    return "-".join([environment, service, *parts])
