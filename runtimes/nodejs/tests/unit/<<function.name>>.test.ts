/** Tests of << function.name >>: offline, one call after another. */

#% if function.routes
import { Metrics } from "@aws-lambda-powertools/metrics";
#% endif
#% if function.secrets
import { getParameter } from "@aws-lambda-powertools/parameters/ssm";
#% endif
#% if function.receives_aws_events
import type {
#% if function.is_authorizer
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
#% endif
#% if function.routes
  APIGatewayProxyEvent,
  APIGatewayProxyResult,
#% endif
#% if "dynamodb" in function.kinds
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
#% endif
} from "aws-lambda";
#% endif
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Arrival } from << ("../../src/" ~ function.name ~ "/app.js") | yaml >>;
#% if function.is_plain
import { context } from "./support.js";
#% endif
#% if not function.is_plain
import { context, readEvent } from "./support.js";
#% endif

#% if function.secrets
vi.mock("@aws-lambda-powertools/parameters/ssm", () => ({ getParameter: vi.fn() }));

#% endif
const FUNCTION = << function.name | yaml >>;

describe(FUNCTION, () => {
  beforeEach(() => {
    vi.resetModules();
    vi.unstubAllEnvs();
  });

  const load = () => import(<< ("../../src/" ~ function.name ~ "/app.js") | yaml >>);
  const handle = async (event: Arrival) => (await load()).handler(event, context);

  it("does no work for the pre-traffic check", async () => {
    expect(await handle({ source: "pre-traffic" })).toEqual({ status: "ok" });
  });
#% for route in function.routes

  it(<< ("answers " ~ route.method ~ " " ~ route.path) | yaml >>, async () => {
    const request = readEvent(`${FUNCTION}/<< route.handler >>.json`) as APIGatewayProxyEvent;
    const response = (await handle(request)) as APIGatewayProxyResult;
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(response.body)).toEqual({ ...request.pathParameters, message: `Hello from ${FUNCTION}` });
    expect(response.headers).not.toHaveProperty("access-control-allow-origin");
  });
#% endfor
#% if function.routes

  it("answers an allowed origin", async () => {
    vi.stubEnv("ALLOWED_ORIGINS", "https://app.example.com,https://other.example.com");
    const request = readEvent(`${FUNCTION}/<< function.routes[0].handler >>.json`) as APIGatewayProxyEvent;
    const response = (await handle(request)) as APIGatewayProxyResult;
    expect(response.headers).toMatchObject({ "access-control-allow-origin": "https://app.example.com" });
  });

  it("fails where a route fails", async () => {
    const request = readEvent(`${FUNCTION}/<< function.routes[0].handler >>.json`) as APIGatewayProxyEvent;
    vi.spyOn(Metrics.prototype, "addMetric").mockImplementationOnce(() => {
      throw new Error("broken");
    });
    await expect(handle(request)).rejects.toThrow("A route failed");
  });
#% endif
#% for schedule in function.schedules

  it("does what << schedule.name >> wants", async () => {
    const due = readEvent(`${FUNCTION}/schedule_<< schedule.number >>.json`) as ScheduledEvent;
    expect(await handle(due)).toEqual({ handled: due.id });
  });
#% endfor
#% for source in function.sources
#% if source.kind == "sqs"

  it("returns the messages of << source.file >> that failed", async () => {
    const batch = readEvent(`${FUNCTION}/<< source.file >>.json`) as SQSEvent;
    expect(await handle(batch)).toEqual({ batchItemFailures: [] });
    const [first, second] = batch.Records;
    batch.Records = batch.Records.map((record) => ({ ...record, body: record === second ? "not JSON" : record.body }));
    expect(await handle(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: second?.messageId }] });
    batch.Records = batch.Records.filter((record) => record.messageId !== first?.messageId);
    await expect(handle(batch)).rejects.toThrow("All records failed");
  });
#% endif
#% if source.kind == "dynamodb"

  it("returns the changes of << source.file >> that failed", async () => {
    const batch = readEvent(`${FUNCTION}/<< source.file >>.json`) as DynamoDBStreamEvent;
    expect(await handle(batch)).toEqual({ batchItemFailures: [] });
    const [first, second] = batch.Records;
    delete second?.dynamodb?.Keys;
    const failed = { itemIdentifier: second?.dynamodb?.SequenceNumber };
    expect(await handle(batch)).toEqual({ batchItemFailures: [failed] });
    delete first?.dynamodb?.Keys;
    await expect(handle(batch)).rejects.toThrow("All records failed");
  });
#% endif
#% if source.kind == "sns"

  it("handles << source.file >>", async () => {
    const notification = readEvent(`${FUNCTION}/<< source.file >>.json`) as SNSEvent;
    expect(await handle(notification)).toEqual({ handled: [notification.Records[0]?.Sns.MessageId] });
  });
#% endif
#% if source.kind == "eventbridge"

  it("handles << source.file >>", async () => {
    const happened = readEvent(`${FUNCTION}/<< source.file >>.json`) as EventBridgeEvent<string, unknown>;
    expect(await handle(happened)).toEqual({ handled: happened.id });
  });
#% endif
#% if source.kind == "s3"

  it("handles << source.file >>", async () => {
    const change = readEvent(`${FUNCTION}/<< source.file >>.json`) as EventBridgeEvent<
      string,
      { object: { key: string } }
    >;
    expect(await handle(change)).toEqual({ handled: change.detail.object.key });
  });
#% endif
#% if source.kind == "function"

  it("handles << source.file >>", async () => {
    const outcome = readEvent(`${FUNCTION}/<< source.file >>.json`) as { requestContext: { requestId: string } };
    expect(await handle(outcome as Arrival)).toEqual({ handled: outcome.requestContext.requestId });
  });
#% endif
#% endfor
#% if function.is_plain

  it("is invoked by its name", async () => {
    expect(await handle({ key: "value" } as Arrival)).toMatchObject({ received: ["key"] });
  });
#% endif
#% if not function.is_plain

  it("knows no other event", async () => {
    await expect(handle({ key: "value" } as Arrival)).rejects.toThrow("Nothing here answers");
  });
#% endif
#% if function.secrets

  it("reads a secret by its parameter's name", async () => {
    vi.stubEnv("A_PARAMETER", "/dev/service/a");
    vi.mocked(getParameter).mockResolvedValue("example");
    const { readSecret } = await load();
    expect(await readSecret("A_PARAMETER")).toBe("example");
    expect(getParameter).toHaveBeenLastCalledWith("/dev/service/a", { decrypt: true, maxAge: 300 });
    await expect(readSecret("ANOTHER_PARAMETER")).rejects.toThrow("ANOTHER_PARAMETER");
  });
#% endif
#% if function.is_authorizer

  describe("the authorizer", () => {
    beforeEach(() => {
      vi.stubEnv("API_TOKEN_PARAMETER", "/dev/service/api-token");
      vi.mocked(getParameter).mockResolvedValue("example");
    });

    const request = (header?: string) => {
      const event = readEvent(`${FUNCTION}/authorizer.json`) as APIGatewayRequestAuthorizerEvent;
      return { ...event, headers: header === undefined ? {} : { authorization: header } };
    };
    const decide = async (event: Arrival) => {
      const { policyDocument } = (await handle(event)) as APIGatewayAuthorizerResult;
      return policyDocument.Statement;
    };

    it("opens the stage to the token", async () => {
      const event = readEvent(`${FUNCTION}/authorizer.json`) as APIGatewayRequestAuthorizerEvent;
      const [arn, stage] = event.methodArn.split("/");
      expect(await decide(event)).toEqual([
        { Action: "execute-api:Invoke", Effect: "Allow", Resource: `${String(arn)}/${String(stage)}/*/*` },
      ]);
    });

    it("takes a token alone", async () => {
      const { methodArn } = request();
      const event = { type: "TOKEN", authorizationToken: "bearer example", methodArn };
      expect(await decide(event)).toMatchObject([{ Effect: "Allow" }]);
    });

    it("denies another token", async () => {
      expect(await decide(request("Bearer examples"))).toMatchObject([{ Effect: "Deny" }]);
    });

    it.each([undefined, "", "Bearer ", "Basic example"])("lets nobody pass with the header %j", async (header) => {
      await expect(handle(request(header))).rejects.toThrow(/^Unauthorized$/);
    });

    it("lets nobody pass without headers", async () => {
      await expect(handle({ ...request(), headers: null } as Arrival)).rejects.toThrow(/^Unauthorized$/);
    });

    it("lets nobody pass while the secret cannot be read", async () => {
      vi.mocked(getParameter).mockRejectedValue(new Error("unreadable"));
      await expect(handle(request("Bearer example"))).rejects.toThrow("unreadable");
    });
  });
#% endif
});
