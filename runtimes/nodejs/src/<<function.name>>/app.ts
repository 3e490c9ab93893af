/** << function.title | comment >> */

#% if function.is_authorizer
import { createHash, timingSafeEqual } from "node:crypto";

#% endif
#% if function.handles_batches
import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
#% endif
#% if function.routes
import { HttpError, Router } from "@aws-lambda-powertools/event-handler/http";
import { cors } from "@aws-lambda-powertools/event-handler/http/middleware";
import { tracer as traceRoutes } from "@aws-lambda-powertools/event-handler/http/middleware/tracer";
#% endif
import { Logger } from "@aws-lambda-powertools/logger";
#% if function.routes
import { correlationPaths, search } from "@aws-lambda-powertools/logger/correlationId";
#% endif
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
#% if function.secrets
import { getParameter } from "@aws-lambda-powertools/parameters/ssm";
#% endif
import { Tracer } from "@aws-lambda-powertools/tracer";
import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";
import middy from "@middy/core";
#% if function.receives_aws_events
import type {
#% if function.is_authorizer
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayTokenAuthorizerEvent,
#% endif
#% if function.routes
  Context,
#% endif
#% if "dynamodb" in function.kinds
  DynamoDBRecord,
  DynamoDBStreamEvent,
#% endif
#% if "eventbridge" in function.kinds or "s3" in function.kinds
  EventBridgeEvent,
#% endif
#% if "schedule" in function.kinds
  ScheduledEvent,
#% endif
#% if "sns" in function.kinds
  SNSEvent,
#% endif
#% if "sqs" in function.kinds
  SQSEvent,
  SQSRecord,
#% endif
#% if function.is_authorizer
  Statement,
#% endif
} from "aws-lambda";
#% endif

#% if function.routes
const logger = new Logger({ correlationIdSearchFn: search });
#% endif
#% if not function.routes
const logger = new Logger();
#% endif
const tracer = new Tracer();
const metrics = new Metrics();
#% if "sqs" in function.kinds
const messages = new BatchProcessor(EventType.SQS);
#% endif
#% if "dynamodb" in function.kinds
const changes = new BatchProcessor(EventType.DynamoDBStreams);
#% endif

/** What tells one event from another. */
export interface Arrival {
  source?: string;
#% if function.is_authorizer
  methodArn?: string;
#% endif
#% if function.routes
  httpMethod?: string;
#% endif
#% if "eventbridge" in function.kinds
  "detail-type"?: string;
#% endif
#% if "function" in function.kinds
  requestPayload?: unknown;
#% endif
#% if function.reads_records
  Records?: { eventSource?: string; EventSource?: string }[];
#% endif
}
#% if "s3" in function.kinds

/** What EventBridge tells of a change in a bucket; there is more in it. */
interface ObjectChange {
  bucket: { name: string };
  object: { key: string };
}
#% endif
#% if "function" in function.kinds

/** What a function's destination gets: the event that the function had, and what became of it. */
interface Outcome {
  requestContext: { requestId: string; functionArn: string; condition: string };
  requestPayload: unknown;
  responsePayload: unknown;
}
#% endif
#% if function.secrets

/** The secret whose parameter name the variable holds, decrypted; kept in memory for five minutes. */
export const readSecret = async (variable: string): Promise<string> => {
  const name = process.env[variable];
  const secret = name && (await getParameter(name, { decrypt: true, maxAge: 300 }));
  if (!secret) throw new Error(`There is no secret for ${variable}`);
  return secret;
};
#% endif
#% if function.is_authorizer

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Let requests pass that carry the shared token. An error here, too, lets nobody pass. */
const authorize = async (
  event: APIGatewayRequestAuthorizerEvent | APIGatewayTokenAuthorizerEvent,
): Promise<APIGatewayAuthorizerResult> => {
  metrics.addMetric("Authorizations", MetricUnit.Count, 1);
  const headers = event.type === "TOKEN" ? { authorization: event.authorizationToken } : event.headers;
  const given = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === "authorization")?.[1];
  const token = /^bearer (.+)$/i.exec(given ?? "")?.[1];
  if (token === undefined) throw new Error("Unauthorized"); // API Gateway answers 401 to exactly this text
  const known = timingSafeEqual(digest(token), digest(await readSecret("API_TOKEN_PARAMETER")));
  // The whole stage and not this method alone: API Gateway keeps the answer and uses it for other methods.
  const stage = event.methodArn.split("/").slice(0, 2).join("/");
  const statement: Statement = {
    Action: "execute-api:Invoke",
    Effect: known ? "Allow" : "Deny",
    Resource: `${stage}/*/*`,
  };
  return { principalId: "api-token", policyDocument: { Version: "2012-10-17", Statement: [statement] } };
};
#% endif
#% if function.routes

const app = new Router({ logger });
app.use(async ({ next }) => {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof HttpError)) logger.error("A route failed", error as Error);
    throw error;
  }
});
app.use(traceRoutes(tracer));
app.use(cors({ origin: (process.env.ALLOWED_ORIGINS ?? "").split(",").filter(Boolean) }));
#% endif
#% for route in function.routes

/** Answers << route.method >> << route.path | comment >>. */
app.route(
#% if route.parameters
  async ({ params }) => {
    metrics.addMetric(<< route.id | yaml >>, MetricUnit.Count, 1);
    return { ...params, message: << ("Hello from " ~ function.name) | yaml >> };
  },
#% endif
#% if not route.parameters
  async () => {
    metrics.addMetric(<< route.id | yaml >>, MetricUnit.Count, 1);
    return { message: << ("Hello from " ~ function.name) | yaml >> };
  },
#% endif
  { method: << route.methods | yaml >>, path: << route.path | ts_route >> },
);
#% endfor
#% if "schedule" in function.kinds

/** Do what is due. An exception here is retried and then kept in the dead-letter queue. */
const onSchedule = async (event: ScheduledEvent): Promise<{ handled: string }> => {
  metrics.addMetric("ScheduledRuns", MetricUnit.Count, 1);
  return { handled: event.id };
};
#% endif
#% if "sqs" in function.kinds

/** Handle one message of a queue. After an exception this message alone is tried again. */
const onMessage = async (record: SQSRecord): Promise<void> => {
  metrics.addMetric("Messages", MetricUnit.Count, 1);
  const message = JSON.parse(record.body) as object;
  logger.info("Message", { fields: Object.keys(message).sort() });
};
#% endif
#% if "sns" in function.kinds

/** Handle a message of a topic. An exception here is retried and then kept in the dead-letter queue. */
const onNotification = async (event: SNSEvent): Promise<{ handled: string[] }> => {
  metrics.addMetric("Notifications", MetricUnit.Count, 1);
  return { handled: event.Records.map((record) => record.Sns.MessageId) };
};
#% endif
#% if "eventbridge" in function.kinds

/** Handle an event of a bus. An exception here is retried and then kept in the dead-letter queue. */
const onEvent = async (event: EventBridgeEvent<string, unknown>): Promise<{ handled: string }> => {
  metrics.addMetric("Events", MetricUnit.Count, 1);
  return { handled: event.id };
};
#% endif
#% if "s3" in function.kinds

/** Handle a change in a bucket. An exception here is retried and then kept in the dead-letter queue. */
const onObject = async (event: EventBridgeEvent<string, ObjectChange>): Promise<{ handled: string }> => {
  metrics.addMetric("Objects", MetricUnit.Count, 1);
  return { handled: event.detail.object.key };
};
#% endif
#% if "dynamodb" in function.kinds

/** Handle one change in a table. After an exception this change and those after it are tried again. */
const onChange = async (record: DynamoDBRecord): Promise<void> => {
  metrics.addMetric("Changes", MetricUnit.Count, 1);
  const key = record.dynamodb?.Keys;
  if (key === undefined) throw new Error("The change names no item");
  logger.info("Change", { key: Object.keys(key).sort() });
};
#% endif
#% if "function" in function.kinds

/** Go on after another function. An exception here is retried and then kept in the dead-letter queue. */
const onOutcome = async (event: Outcome): Promise<{ handled: string }> => {
  metrics.addMetric("Outcomes", MetricUnit.Count, 1);
  return { handled: event.requestContext.requestId };
};
#% endif
#% if function.is_plain

/** Do the function's work. An exception reaches who waits for the answer; else it is retried and then kept. */
const onInvoke = async (event: Arrival): Promise<{ message: string; received: string[] }> => {
  metrics.addMetric("Invocations", MetricUnit.Count, 1);
  return { message: << ("Hello from " ~ function.name) | yaml >>, received: Object.keys(event).sort() };
};
#% endif
#% if function.routes

/** Let the route answer. What it cannot handle is an error of the function, so that a deployment's alarm sees it. */
const respond = async (event: Arrival, context: Context): Promise<unknown> => {
  const response = await app.resolve(event, context);
  if (response.statusCode === 500) throw new Error("A route failed");
  return response;
};
#% endif

/** What arrives decides who answers. */
#% if function.routes
const answer = async (event: Arrival, context: Context): Promise<unknown> => {
#% endif
#% if not function.routes
const answer = async (event: Arrival): Promise<unknown> => {
#% endif
  if (event.source === "pre-traffic") return { status: "ok" };
#% if function.is_authorizer
  if (event.methodArn !== undefined) return authorize(event as APIGatewayRequestAuthorizerEvent);
#% endif
#% if function.routes
  if (event.httpMethod !== undefined) return respond(event, context);
#% endif
#% if "schedule" in function.kinds
  if (event.source === "aws.scheduler") return onSchedule(event as ScheduledEvent);
#% endif
#% if "s3" in function.kinds
  if (event.source === "aws.s3") return onObject(event as EventBridgeEvent<string, ObjectChange>);
#% endif
#% if "eventbridge" in function.kinds
  if (event["detail-type"] !== undefined) return onEvent(event as EventBridgeEvent<string, unknown>);
#% endif
#% if "function" in function.kinds
  if (event.requestPayload !== undefined) return onOutcome(event as Outcome);
#% endif
#% if function.reads_records
  const first = event.Records?.[0];
#% endif
#% if "sns" in function.kinds
  if (first?.EventSource === "aws:sns") return onNotification(event as SNSEvent);
#% endif
#% if "sqs" in function.kinds
  if (first?.eventSource === "aws:sqs") return processPartialResponse(event as SQSEvent, onMessage, messages);
#% endif
#% if "dynamodb" in function.kinds
  if (first?.eventSource === "aws:dynamodb") {
    return processPartialResponse(event as DynamoDBStreamEvent, onChange, changes);
  }
#% endif
#% if function.is_plain
  return onInvoke(event);
#% endif
#% if not function.is_plain
  throw new Error(`Nothing here answers an event with ${Object.keys(event).sort().join(", ")}`);
#% endif
};

/** Entry point of the function. */
export const handler = middy<Arrival, unknown>()
  .use(captureLambdaHandler(tracer))
#% if function.routes
  .use(injectLambdaContext(logger, { correlationIdPath: correlationPaths.API_GATEWAY_REST }))
#% endif
#% if not function.routes
  .use(injectLambdaContext(logger))
#% endif
  .use(logMetrics(metrics))
  .handler(answer);
