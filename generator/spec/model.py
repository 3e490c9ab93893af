"""The service spec: what samgen.yaml holds, as typed models.

Every field has a description, which `samgen schema` and editors show. A default that depends on another
field (an environment's name, how many functions share the account) is filled in by `defaults` before the
models see the document, so that the models say only what is allowed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from generator.spec import names, values
from generator.spec.runtimes import check_runtime

# The periods CloudWatch Logs knows, in days.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]

# CodeDeploy's predefined configurations for Lambda, as SAM names them.
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
DeploymentPreference = Literal[
    "AllAtOnce",
    "Canary10Percent5Minutes",
    "Canary10Percent10Minutes",
    "Canary10Percent15Minutes",
    "Canary10Percent30Minutes",
    "Linear10PercentEvery1Minute",
    "Linear10PercentEvery2Minutes",
    "Linear10PercentEvery3Minutes",
    "Linear10PercentEvery10Minutes",
]

Authorization = Literal["iam", "cognito"]
LogLevel = Literal["ERROR", "WARN"]
Architecture = Literal["arm64", "x86_64"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "ANY"]

Text = Annotated[str, AfterValidator(names.check_text)]
TagValue = Annotated[str, Field(max_length=names.TAG_VALUE_LIMIT), AfterValidator(names.check_tag_value)]
TagKey = Annotated[str, Field(max_length=names.TAG_KEY_LIMIT), AfterValidator(names.check_tag_key)]
SecretName = Annotated[str, AfterValidator(names.check_function_name)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Service(_Model):
    """What the service is and who answers for it."""

    name: Annotated[str, AfterValidator(names.check_service_name)]
    """The service's name, part of every physical name: lower-case letters, digits, hyphens; up to 40."""
    description: Annotated[Text, Field(min_length=1)] = "A serverless service"
    """What the service is for, in one line; stands in the README and on every stack."""
    owner: Annotated[TagValue, Field(min_length=1)] = "platform-team"
    """The team that answers for the service; becomes the tag Owner."""
    cost_center: Annotated[TagValue, Field(min_length=1)] = "unassigned"
    """Who pays for it; becomes the tag CostCenter."""
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=40)] = Field(default_factory=dict)
    """Further tags for every resource, beside Environment, Service, Owner and CostCenter."""


class Throttling(_Model):
    """How many requests the API's stage lets through before it answers 429."""

    rate_limit: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Requests a second, steady."""
    burst_limit: Annotated[int, Field(ge=1, le=5_000)] = 100
    """Requests at once, above the steady rate."""


class Api(_Model):
    """The REST API in front of the functions that have an api trigger."""

    name: Annotated[str, AfterValidator(names.check_api_name)] = "MyAPI"
    """The API is called `<environment>-<name>`."""
    authorization: Authorization = "iam"
    """Who may call: `iam` (signed requests) or `cognito` (tokens of a user pool that the project creates)."""
    cors_origins: Annotated[list[Annotated[str, AfterValidator(values.check_origin)]], Field(max_length=20)] = Field(
        default_factory=list
    )
    """Origins whose pages may call the API, such as https://app.example.com; none until one is named."""
    throttling: Throttling = Field(default_factory=Throttling)
    """Throttling of the stage."""


class Environment(_Model):
    """A place the service is deployed to; one stack, one set of values in samconfig.toml."""

    name: Annotated[str, AfterValidator(names.check_environment_name)]
    """The environment's name, first part of every physical name; up to 16 characters."""
    region: Annotated[str, AfterValidator(values.check_region)] = "us-west-2"
    """The AWS region it is deployed to."""
    account: Annotated[str, AfterValidator(values.check_account)] = "123456789012"
    """The AWS account it is deployed to, 12 digits; a deployment to another account is refused."""
    production: bool = False
    """Whether the defaults are those of production; true by itself where the name is prod or production."""
    log_level: LogLevel = "WARN"
    """The lowest level that is logged: ERROR or WARN; ERROR in production."""
    allowed_cidrs: Annotated[list[Annotated[str, AfterValidator(values.check_cidr)]], Field(max_length=1_000)] = Field(
        default_factory=list
    )
    """Address ranges that may call the API; the WAF blocks everyone else, and everyone while there is none."""
    public: bool = False
    """Open the API to every address; managed rules and the rate limit still apply."""
    deployment_preference: DeploymentPreference = "AllAtOnce"
    """How traffic moves to a new version; Canary10Percent5Minutes in production."""
    log_retention_days: RetentionDays = 30
    """How long logs are kept, in days; 365 in production."""
    alarm_email: Annotated[str, AfterValidator(values.check_email)] | None = None
    """Who is written to when an alarm goes off; nobody until named."""
    concurrency_limit: Annotated[int, Field(ge=101, le=1_000_000)] = 1_000
    """The account's quota of concurrent Lambda executions in the region; Lambda keeps 100 of it unreserved."""


class ApiTrigger(_Model):
    """A route of the API."""

    type: Literal["api"]
    """A request to the API."""
    method: Method = "GET"
    """The HTTP method, or ANY."""
    path: Annotated[str, AfterValidator(values.check_path)]
    """The path, such as /orders/{id} or /files/{path+}."""
    authorization: Literal["iam", "cognito", "none"] | None = None
    """Another authorization than the API's for this route; `none` lets everyone call it who passes the WAF."""


class ScheduleTrigger(_Model):
    """A recurring invocation by EventBridge Scheduler."""

    type: Literal["schedule"]
    """A schedule."""
    expression: Annotated[str, AfterValidator(values.check_schedule)]
    """When: rate(5 minutes) or cron(0 6 ? * MON-FRI *)."""
    timezone: Annotated[str, AfterValidator(values.check_timezone)] = "UTC"
    """The time zone of a cron expression."""


Trigger = Annotated[ApiTrigger | ScheduleTrigger, Field(discriminator="type")]


class Permission(_Model):
    """A statement of the function's role beside what its triggers, secrets, logs and traces need."""

    actions: Annotated[list[Annotated[str, AfterValidator(values.check_action)]], Field(min_length=1)]
    """IAM actions, each by name: dynamodb:GetItem."""
    resources: Annotated[list[Annotated[str, AfterValidator(values.check_resource)]], Field(min_length=1)]
    """ARNs; may hold ${AWS::Partition}, ${AWS::Region}, ${AWS::AccountId}, ${Environment}."""
    reason: Annotated[Text, Field(min_length=10)]
    """Why the function needs it; stands beside the statement."""


class Function(_Model):
    """A Lambda function with its own role, log group, dead-letter queue and alarms."""

    name: Annotated[str, AfterValidator(names.check_function_name)]
    """The function is called `<environment>-<service>-<name>`; up to 40 characters."""
    description: Text = ""
    """What the function does, in one line."""
    runtime: Annotated[str, AfterValidator(check_runtime)]
    """The Lambda runtime; the newest Python by default."""
    memory_size: Annotated[int, Field(ge=128, le=10_240)] = 256
    """Memory in MB; CPU grows with it."""
    timeout: Annotated[int, Field(ge=1, le=900)] = 10
    """Seconds until Lambda ends an invocation; at most 29 with an api trigger."""
    reserved_concurrency: Annotated[int, Field(ge=1, le=100_000)] = 10
    """How many invocations may run at once; reserved from the account's quota."""
    architecture: Architecture = "arm64"
    """The processor: arm64 or x86_64."""
    triggers: Annotated[list[Trigger], Field(max_length=50)] = Field(default_factory=list)
    """What invokes the function; `GET /<name>` by default, and an empty list for nothing."""
    environment: Annotated[
        dict[
            Annotated[str, AfterValidator(values.check_variable_name)],
            Annotated[str, AfterValidator(values.check_variable_value)],
        ],
        Field(max_length=50),
    ] = Field(default_factory=dict)
    """Environment variables, the same in every environment; encrypted with the service's key."""
    secrets: Annotated[list[SecretName], Field(max_length=20)] = Field(default_factory=list)
    """Secrets the function reads at run time from SecureString parameters /<environment>/<service>/<name>."""
    permissions: Annotated[list[Permission], Field(max_length=20)] = Field(default_factory=list)
    """What else the function may do in AWS."""


class ServiceSpec(_Model):
    """samgen.yaml: the one source of truth of a generated project."""

    service: Service
    """What the service is and who answers for it."""
    api: Api = Field(default_factory=Api)
    """The REST API in front of the functions."""
    environments: Annotated[list[Environment], Field(min_length=1, max_length=20)]
    """Where the service is deployed to; dev and prod by default."""
    functions: Annotated[list[Function], Field(min_length=1)]
    """The functions; one called hello by default."""
