import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/unit/**/*.test.ts"],
    silent: "passed-only",
    // The variables that the template sets, and nothing that reaches AWS.
    env: {
      POWERTOOLS_TRACE_ENABLED: "false",
      POWERTOOLS_DEV: "true",
      POWERTOOLS_SERVICE_NAME: << service.name | yaml >>,
      POWERTOOLS_METRICS_NAMESPACE: << service.name | yaml >>,
      ENVIRONMENT: "test",
      AWS_REGION: << default_environment.region | yaml >>,
    },
    coverage: { include: ["src/*/*.ts"] },
  },
});
