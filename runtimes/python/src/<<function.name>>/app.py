"""<< function.title | docstring >>"""

#% if function.routes or function.secrets
import os
#% endif
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
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()
#% if function.routes
metrics = Metrics()

ORIGINS = [origin for origin in os.environ.get("ALLOWED_ORIGINS", "").split(",") if origin]
CORS = CORSConfig(allow_origin=ORIGINS[0], extra_origins=ORIGINS[1:], max_age=600) if ORIGINS else None
app = APIGatewayRestResolver(cors=CORS)


#% endif
#% if not function.routes
metrics = Metrics()


#% endif
#% if function.secrets
def read_secret(variable: str) -> str:
    """The secret whose parameter name the variable holds, decrypted; kept in memory for five minutes."""
    return str(parameters.get_parameter(os.environ[variable], decrypt=True, max_age=300))


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
#% if function.schedules
@tracer.capture_method
def on_schedule(event: dict[str, Any]) -> None:
    """Do what is due. An exception here is retried and then kept in the dead-letter queue."""
    metrics.add_metric(name="ScheduledRuns", unit=MetricUnit.Count, value=1)
    logger.info("Scheduled run", extra={"time": event["time"]})


#% endif
#% if not function.routes and not function.schedules
@tracer.capture_method
def on_event(event: dict[str, Any]) -> dict[str, Any]:
    """Do the function's work. An exception here is retried and then kept in the dead-letter queue."""
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
#% if function.routes and function.schedules
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:
    """Entry point of the function: what arrives decides who answers."""
    if event.get("source") == "aws.scheduler":
        return on_schedule(event)
    return app.resolve(event, context)
#% endif
#% if function.routes and not function.schedules
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point of the function."""
    return app.resolve(event, context)
#% endif
#% if function.schedules and not function.routes
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Entry point of the function."""
    on_schedule(event)
#% endif
#% if not function.routes and not function.schedules
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point of the function."""
    return on_event(event)
#% endif
