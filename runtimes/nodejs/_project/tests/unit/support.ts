/** What every test needs: event files and an invocation's context. No AWS, no network. */

import { readFileSync } from "node:fs";

import type { Context } from "aws-lambda";

/** A file under events/. */
export const readEvent = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../events/${name}`, import.meta.url), "utf-8"));

/** What a handler reads of Lambda's context. */
export const context = {
  functionName: "test",
  functionVersion: "1",
  invokedFunctionArn: "arn:aws:lambda:us-west-2:123456789012:function:test:live",
  memoryLimitInMB: "128",
  awsRequestId: "00000000-0000-4000-8000-000000000000",
  logGroupName: "/aws/lambda/test",
  logStreamName: "test",
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 1000,
} as Context;
