"""One stack in the emulator: created, updated or left as it is, with a limit to every wait."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from generator.errors import ToolError
from generator.local.aws import Aws
from generator.local.logfile import last_lines
from generator.local.workplace import Workplace

LIMIT = 300.0
_POLL = 0.02
# A stack in one of these was never whole: CloudFormation lets it be deleted only.
_BROKEN = frozenset(
    ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"]
)
_GOOD = frozenset(["CREATE_COMPLETE", "UPDATE_COMPLETE"])
_REASONS = 3


class CloudFormation:
    """The emulator's CloudFormation.

    Args:
        aws: its clients.
        workplace: where its log is, for errors.
    """

    def __init__(self, aws: Aws, workplace: Workplace) -> None:
        self._aws = aws
        self._workplace = workplace

    def status(self, name: str) -> str:
        """What a stack is in; empty where there is none."""
        from botocore.exceptions import ClientError

        try:
            stack = self._aws["cloudformation"].describe_stacks(StackName=name)["Stacks"][0]
        except ClientError:
            return ""
        status = str(stack["StackStatus"])
        return "" if status == "DELETE_COMPLETE" else status

    def outputs(self, name: str) -> dict[str, str]:
        """The outputs of a stack."""
        stack = self._aws["cloudformation"].describe_stacks(StackName=name)["Stacks"][0]
        return {output["OutputKey"]: str(output["OutputValue"]) for output in stack.get("Outputs", [])}

    def is_whole(self, name: str) -> bool:
        """Whether a stack's last deployment succeeded."""
        return self.status(name) in _GOOD

    def apply(self, name: str, template: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        """Create or update a stack; one that an earlier run left broken is made anew.

        Raises:
            ToolError: CloudFormation refuses it, it fails, or it takes too long.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        client, bucket = self._aws["cloudformation"], self._aws.state.token
        status = self._settled(name)
        if status in _BROKEN:
            self.delete(name)
            status = ""
        key = f"templates/{name}.json"
        self._aws["s3"].put_object(Bucket=bucket, Key=key, Body=json.dumps(template, default=str).encode())
        call = client.update_stack if status else client.create_stack
        try:
            call(
                StackName=name,
                TemplateURL=f"{self._aws.url}/{bucket}/{key}",
                Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
                Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            )
        except ClientError as error:
            if "No updates" in str(error):
                return
            raise ToolError(f"The emulator refuses the stack {name}: {error}.") from error
        except BotoCoreError as error:
            raise ToolError(
                f"The emulator fails at the stack {name} ({error}). {last_lines(self._workplace)}"
            ) from error
        if self._settled(name) not in _GOOD:
            raise ToolError(f"The stack {name} cannot be deployed: {self._reasons(name)}")

    def delete(self, name: str) -> None:
        """Delete a stack.

        Raises:
            ToolError: it cannot be deleted, or that takes too long.
        """
        if not self._settled(name):
            return
        self._aws["cloudformation"].delete_stack(StackName=name)
        if self._settled(name):
            raise ToolError(f"The stack {name} cannot be deleted: {self._reasons(name)}")

    def _settled(self, name: str) -> str:
        """A stack's status once nothing is in progress any more."""
        deadline = time.monotonic() + LIMIT
        while (status := self.status(name)).endswith("IN_PROGRESS"):
            if time.monotonic() > deadline:
                message = f"The stack {name} is still {status} after {LIMIT:.0f} seconds."
                raise ToolError(f"{message} {last_lines(self._workplace)}")
            time.sleep(_POLL)
        return status

    def _reasons(self, name: str) -> str:
        events = self._aws["cloudformation"].describe_stack_events(StackName=name)["StackEvents"]
        failed = [e for e in events if "FAILED" in e["ResourceStatus"] and e.get("ResourceStatusReason")]
        told = [f"{e['LogicalResourceId']}: {e['ResourceStatusReason']}" for e in reversed(failed)]
        return "; ".join(told[:_REASONS]) or last_lines(self._workplace)
