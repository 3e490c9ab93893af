"""CloudFormation's own opinion of the expanded templates; the only part of samgen that asks AWS."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from generator.errors import ToolError
from generator.findings import Finding, Severity

if TYPE_CHECKING:
    from generator.project import Template

TOOL = "cloudformation"
# What ValidateTemplate takes as TemplateBody; larger ones would have to be uploaded to S3 first.
MAX_BODY = 51_200

_BAD_TEMPLATE = "ValidationError"
_WORD = re.compile(r"[A-Za-z0-9]+")


class AwsValidator:
    """Asks CloudFormation's ValidateTemplate.

    Args:
        client: a botocore client of CloudFormation; `connect` makes one.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(cls, region: str) -> AwsValidator:
        """A validator for a region, with the credentials that boto3 finds.

        Raises:
            ToolError: there is no way to make a client, such as a profile that does not exist.
        """
        import boto3
        from botocore.exceptions import BotoCoreError

        try:
            return cls(boto3.session.Session(region_name=region).client("cloudformation"))
        except (BotoCoreError, ValueError) as error:
            raise _failure(str(error)) from error

    def check(self, template: Template, data: dict[str, Any]) -> list[Finding]:
        """What CloudFormation says about the expansion `data` of a template.

        Raises:
            ToolError: credentials are missing or refused, or AWS cannot be reached.
        """
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        body = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        size = len(body.encode())
        if size > MAX_BODY:
            message = f"Not sent to CloudFormation: the expansion has {size:,} bytes, the limit is {MAX_BODY:,}."
            return [Finding(template.name, 1, 1, TOOL, Severity.INFO, message, "", TOOL)]
        try:
            self._client.validate_template(TemplateBody=body)
        except ClientError as error:
            details = error.response.get("Error", {})
            message = " ".join(str(details.get("Message", error)).split())
            if details.get("Code") != _BAD_TEMPLATE:
                raise _failure(message) from error
            line, column = _place(template, message)
            return [Finding(template.name, line, column, TOOL, Severity.ERROR, message, "", TOOL)]
        except NoCredentialsError as error:
            raise _failure("there are no credentials") from error
        except BotoCoreError as error:
            raise _failure(str(error)) from error
        return []


def _failure(reason: str) -> ToolError:
    text = reason.rstrip(".")
    return ToolError(f"CloudFormation cannot be asked: {text}; log in to AWS, or leave out --aws.")


def _place(template: Template, message: str) -> tuple[int, int]:
    """The line of what the message names: a resource first, then a parameter or output."""
    words = _WORD.findall(message)
    for section in ("Resources", "Parameters", "Outputs", "Conditions"):
        for word in words:
            if word in template.section(section):
                return template.line_of(section, word)
    return 1, 1
