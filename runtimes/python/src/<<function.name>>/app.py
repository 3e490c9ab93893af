"""<< function.title | docstring >>"""

#% if function.is_authorizer
import hmac
#% endif
#% if function.routes or function.secrets
import os
#% endif
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
#% if function.routes
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig
from aws_lambda_powertools.logging import correlation_paths
#% endif
from aws_lambda_powertools.metrics import MetricUnit
#% if function.secrets
from aws_lambda_powertools.utilities import parameters
#% endif
#% if function.handles_batches
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
#% endif
#% if "dynamodb" in function.kinds
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
#% endif
#% if "sqs" in function.kinds
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
#% endif
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()
metrics = Metrics()
#% if "sqs" in function.kinds
messages = BatchProcessor(event_type=EventType.SQS)
#% endif
#% if "dynamodb" in function.kinds
changes = BatchProcessor(event_type=EventType.DynamoDBStreams)
#% endif
#% if function.routes

ORIGINS = [origin for origin in os.environ.get("ALLOWED_ORIGINS", "").split(",") if origin]
CORS = CORSConfig(allow_origin=ORIGINS[0], extra_origins=ORIGINS[1:], max_age=600) if ORIGINS else None
app = APIGatewayRestResolver(cors=CORS)
#% endif
#% if function.secrets


def read_secret(variable: str) -> str:
    """The secret whose parameter name the variable holds, decrypted; kept in memory for five minutes."""
    return str(parameters.get_parameter(os.environ[variable], decrypt=True, max_age=300))
#% endif
#% if function.is_authorizer


@tracer.capture_method
def authorize(event: dict[str, Any]) -> dict[str, Any]:
    """Let requests pass that carry the shared token. An error here, too, lets nobody pass."""
    metrics.add_metric(name="Authorizations", unit=MetricUnit.Count, value=1)
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, token = (event.get("authorizationToken") or headers.get("authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Exception("Unauthorized")  # API Gateway answers 401 to exactly this text
    known = hmac.compare_digest(token.encode(), read_secret("API_TOKEN_PARAMETER").encode())
    # The whole stage and not this method alone: API Gateway keeps the answer and uses it for other methods.
    api, stage = event["methodArn"].split("/")[:2]
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow" if known else "Deny",
        "Resource": f"{api}/{stage}/*/*",
    }
    return {"principalId": "api-token", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
#% endif
#% for route in function.routes


#% if route.is_long
# fmt: off
#% endif
@app.route(<< route.powertools_rule | python >>, method=<< route.methods | pylist >>)
@tracer.capture_method
def << route.handler >>(<< route.arguments.values() | arguments >>) -> dict[str, Any]:
    """Answer << route.method >> << route.path | docstring >>."""
    metrics.add_metric(name=<< route.id | python >>, unit=MetricUnit.Count, value=1)
#% if route.greedy_parameter
    rest = app.current_event["pathParameters"][<< route.greedy_parameter | python >>]
    return {"message": << ("Hello from " ~ function.name) | python >>, << route.greedy_parameter | python >>: rest<< route.arguments | entries >>}
#% endif
#% if not route.greedy_parameter
    return {"message": << ("Hello from " ~ function.name) | python >><< route.arguments | entries >>}
#% endif
#% if route.is_long
# fmt: on
#% endif
#% endfor
#% if "schedule" in function.kinds


@tracer.capture_method
def on_schedule(event: dict[str, Any]) -> dict[str, Any]:
    """Do what is due. An exception here is retried and then kept in the dead-letter queue."""
    metrics.add_metric(name="ScheduledRuns", unit=MetricUnit.Count, value=1)
    return {"handled": event["id"]}
#% endif
#% if "sqs" in function.kinds


@tracer.capture_method
def on_message(record: SQSRecord) -> None:
    """Handle one message of a queue. After an exception this message alone is tried again."""
    metrics.add_metric(name="Messages", unit=MetricUnit.Count, value=1)
    logger.info("Message", extra={"fields": sorted(record.json_body)})
#% endif
#% if "sns" in function.kinds


@tracer.capture_method
def on_notification(event: dict[str, Any]) -> dict[str, Any]:
    """Handle a message of a topic. An exception here is retried and then kept in the dead-letter queue."""
    metrics.add_metric(name="Notifications", unit=MetricUnit.Count, value=1)
    return {"handled": [record["Sns"]["MessageId"] for record in event["Records"]]}
#% endif
#% if "eventbridge" in function.kinds


@tracer.capture_method
def on_event(event: dict[str, Any]) -> dict[str, Any]:
    """Handle an event of a bus. An exception here is retried and then kept in the dead-letter queue."""
    metrics.add_metric(name="Events", unit=MetricUnit.Count, value=1)
    return {"handled": event["id"]}
#% endif
#% if "s3" in function.kinds


@tracer.capture_method
def on_object(event: dict[str, Any]) -> dict[str, Any]:
    """Handle a change in a bucket. An exception here is retried and then kept in the dead-letter queue."""
    metrics.add_metric(name="Objects", unit=MetricUnit.Count, value=1)
    return {"handled": event["detail"]["object"]["key"]}
#% endif
#% if "dynamodb" in function.kinds


@tracer.capture_method
def on_change(record: DynamoDBRecord) -> None:
    """Handle one change in a table. After an exception this change and those after it are tried again."""
    metrics.add_metric(name="Changes", unit=MetricUnit.Count, value=1)
    logger.info("Change", extra={"key": sorted(record["dynamodb"]["Keys"])})
#% endif
#% if "function" in function.kinds


@tracer.capture_method
def on_outcome(event: dict[str, Any]) -> dict[str, Any]:
    """Go on after another function. An exception here is retried and then kept in the dead-letter queue."""
    metrics.add_metric(name="Outcomes", unit=MetricUnit.Count, value=1)
    return {"handled": event["requestContext"]["requestId"]}
#% endif
#% if function.is_plain


@tracer.capture_method
def on_invoke(event: dict[str, Any]) -> dict[str, Any]:
    """Do the function's work. An exception reaches who waits for the answer; else it is retried and then kept."""
    metrics.add_metric(name="Invocations", unit=MetricUnit.Count, value=1)
    return {"message": << ("Hello from " ~ function.name) | python >>, "received": sorted(event)}
#% endif


#% if function.routes
@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
#% endif
#% if not function.routes
@logger.inject_lambda_context
#% endif
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Mapping[str, Any]:
    """Entry point of the function: what arrives decides who answers."""
    if event.get("source") == "pre-traffic":
        return {"status": "ok"}
#% if function.is_authorizer
    if "methodArn" in event:
        return authorize(event)
#% endif
#% if function.routes
    if "httpMethod" in event:
        return app.resolve(event, context)
#% endif
#% if "schedule" in function.kinds
    if event.get("source") == "aws.scheduler":
        return on_schedule(event)
#% endif
#% if "s3" in function.kinds
    if event.get("source") == "aws.s3":
        return on_object(event)
#% endif
#% if "eventbridge" in function.kinds
    if "detail-type" in event:
        return on_event(event)
#% endif
#% if "function" in function.kinds
    if "requestPayload" in event:
        return on_outcome(event)
#% endif
#% if function.reads_records
    first = event.get("Records", [{}])[0]
#% endif
#% if "sns" in function.kinds
    if first.get("EventSource") == "aws:sns":
        return on_notification(event)
#% endif
#% if "sqs" in function.kinds
    if first.get("eventSource") == "aws:sqs":
        return process_partial_response(event=event, record_handler=on_message, processor=messages)
#% endif
#% if "dynamodb" in function.kinds
    if first.get("eventSource") == "aws:dynamodb":
        return process_partial_response(event=event, record_handler=on_change, processor=changes)
#% endif
#% if function.is_plain
    return on_invoke(event)
#% endif
#% if not function.is_plain
    raise ValueError(f"Nothing here answers an event with {sorted(event)}")
#% endif
