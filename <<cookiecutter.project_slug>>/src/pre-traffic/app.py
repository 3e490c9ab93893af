"""Calls a new version before traffic reaches it: CodeDeploy's hook BeforeAllowTraffic of every function.

Each function answers the event {"source": "pre-traffic"} with {"status": "ok"} as soon as its code, its
dependencies and its configuration are loaded, and does no work. Whatever else happens here, an exception
included, fails the deployment: no traffic moves, and the alias stays on the version before.
"""

import json
import logging
from typing import Any

import boto3
from botocore.config import Config

PROBE = {"source": "pre-traffic"}
EXPECTED = {"status": "ok"}

logger = logging.getLogger()
codedeploy = boto3.client("codedeploy")
# Shorter than this function's own timeout, so that the time is left to report the failure.
functions = boto3.client(
    "lambda", config=Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 3})
)


class NotReadyError(Exception):
    """The new version must not get traffic; says why."""


def handler(event: dict[str, str], _context: Any) -> dict[str, str]:
    """Probe the version that CodeDeploy is about to shift traffic to, and report what became of it."""
    status = "Failed"
    try:
        probe(*target(event["DeploymentId"]))
        status = "Succeeded"
    except NotReadyError as problem:
        logger.error("The new version is not ready: %s", problem)
    except Exception:
        logger.exception("The new version could not be probed")
    codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )
    return {"status": status}


def target(deployment_id: str) -> tuple[str, str]:
    """The name and the new version of the function that a deployment is about."""
    revision = codedeploy.get_deployment(deploymentId=deployment_id)["deploymentInfo"]["revision"]
    # CodeDeploy kept the same document under `string` before it was called `appSpecContent`.
    content = (revision.get("appSpecContent") or revision["string"])["content"]
    ((resource,),) = (item.values() for item in lower(json.loads(content))["resources"])
    properties = resource["properties"]
    return properties["name"], properties["targetversion"]


def lower(value: Any) -> Any:
    """The same document with its keys in lower case: AWS writes them both ways."""
    if isinstance(value, dict):
        return {key.lower(): lower(item) for key, item in value.items()}
    return [lower(item) for item in value] if isinstance(value, list) else value


def probe(name: str, version: str) -> None:
    """Invoke one version of a function; NotReadyError unless it answers as it should."""
    answer = functions.invoke(FunctionName=name, Qualifier=version, Payload=json.dumps(PROBE).encode())
    body = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise NotReadyError(f"{name}:{version} failed: {body[:1000]}")
    if json.loads(body) != EXPECTED:
        raise NotReadyError(f"{name}:{version} answered {body[:1000]}")
