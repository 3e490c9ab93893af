"""The service spec: what samgen.yaml holds, as typed models.

Every field has a description, which `samgen schema` and editors show. A default that depends on another
field (an environment's name, how many functions share the account) is filled in by `defaults` before the
models see the document, so that the models say only what is allowed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from generator.spec import names, patterns, references, values
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

Authorization = Literal["iam", "cognito", "lambda"]
LogLevel = Literal["ERROR", "WARN"]
ObjectEvent = Literal["Object Created", "Object Deleted", "Object Restore Completed"]
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


class UsagePlan(_Model):
    """What one API key may ask for; beside the stage's own throttling."""

    rate_limit: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Requests a second with one key, steady."""
    burst_limit: Annotated[int, Field(ge=1, le=5_000)] = 20
    """Requests at once with one key, above the steady rate."""
    daily_quota: Annotated[int, Field(ge=1, le=100_000_000)] = 100_000
    """Requests a day with one key."""


class Api(_Model):
    """The REST API in front of the functions that have an api trigger."""

    name: Annotated[str, AfterValidator(names.check_api_name)] = "MyAPI"
    """The API is called `<environment>-<name>`."""
    authorization: Authorization = "iam"
    """Who may call: `iam` (signed requests), `cognito` (tokens of a user pool) or `lambda` (an authorizer function)."""
    user_pool: Literal["created", "given"] = "created"
    """Cognito's pool: `created` by the project, or `given` by each environment's user_pool_arn."""
    authorizer: Annotated[str, AfterValidator(names.check_function_name)] = "authorizer"
    """The function that decides where the authorization is `lambda`; generated unless functions name it."""
    api_key: bool = False
    """Whether callers send an API key as well; it counts their requests and is no authorization by itself."""
    usage_plan: UsagePlan = Field(default_factory=UsagePlan)
    """What one API key may ask for."""
    endpoint: Literal["regional", "private"] = "regional"
    """`regional` answers on the internet, `private` through the environment's VPC endpoints alone."""
    health: bool = True
    """Whether GET /health answers without a function; with the API's own authorization."""
    cors_origins: Annotated[list[Annotated[str, AfterValidator(values.check_origin)]], Field(max_length=20)] = Field(
        default_factory=list
    )
    """Origins whose pages may call the API, such as https://app.example.com; none until one is named."""
    throttling: Throttling = Field(default_factory=Throttling)
    """Throttling of the stage."""


class Domain(_Model):
    """The name under which an environment's API answers beside API Gateway's own."""

    name: Annotated[str, AfterValidator(references.check_domain)]
    """The domain, such as orders.example.com."""
    certificate_arn: Annotated[str, AfterValidator(references.check_certificate)]
    """An ACM certificate of the environment's region for it."""


class FurtherRegion(_Model):
    """Another region that an environment is deployed to, after its own."""

    name: Annotated[str, AfterValidator(values.check_region)]
    """The AWS region."""
    role: Literal["active", "standby"] = "standby"
    """`active` handles events like the first region; in `standby` the API answers and event sources rest."""


class Environment(_Model):
    """A place the service is deployed to; one stack, one set of values in samconfig.toml."""

    name: Annotated[str, AfterValidator(names.check_environment_name)]
    """The environment's name, first part of every physical name; up to 16 characters."""
    region: Annotated[str, AfterValidator(values.check_region)] = "us-west-2"
    """The AWS region it is deployed to."""
    further_regions: Annotated[list[FurtherRegion], Field(max_length=5)] = Field(default_factory=list)
    """Further regions, each with a stack of its own; what exists once stays in `region`."""
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
    log_retention_days: Annotated[RetentionDays, BeforeValidator(values.check_whole_number)] = 30
    """How long logs are kept, in days; 365 in production."""
    alarm_email: Annotated[str, AfterValidator(values.check_email)] | None = None
    """Who is written to when an alarm goes off; nobody until named."""
    concurrency_limit: Annotated[int, Field(ge=101, le=1_000_000)] = 1_000
    """The account's quota of concurrent Lambda executions in the region; Lambda keeps 100 of it unreserved."""
    domain: Domain | None = None
    """The API's own domain name; API Gateway's until named."""
    user_pool_arn: Annotated[str, AfterValidator(references.check_user_pool)] | None = None
    """The Cognito user pool whose tokens the API accepts, where api.user_pool is `given`."""
    vpc_endpoint_ids: Annotated[
        list[Annotated[str, AfterValidator(references.check_vpc_endpoint)]], Field(max_length=10)
    ] = Field(default_factory=list)
    """The execute-api VPC endpoints that may call the API, where api.endpoint is `private`."""


# What a table, queue and the others are called by: a name that the spec declares, an ARN, or the path of an
# SSM parameter that holds the ARN.
TableReference = Annotated[str, AfterValidator(references.reference("dynamodb", "table"))]
QueueReference = Annotated[str, AfterValidator(references.reference("sqs", "queue"))]
TopicReference = Annotated[str, AfterValidator(references.reference("sns", "topic"))]
BucketReference = Annotated[str, AfterValidator(references.reference("s3", "bucket"))]
BusReference = Annotated[str, AfterValidator(references.reference("events", "event bus"))]
KeyReference = Annotated[str, AfterValidator(references.arn_or_parameter("kms", "key"))]
ResourceName = Annotated[str, AfterValidator(names.check_function_name)]


class Attribute(_Model):
    """A key attribute of a table."""

    name: Annotated[str, AfterValidator(references.check_attribute)]
    """The attribute's name."""
    type: Literal["S", "N", "B"] = "S"
    """S for text, N for a number, B for bytes."""


class Index(_Model):
    """A global secondary index of a table; all attributes are projected."""

    name: Annotated[str, AfterValidator(references.check_index)]
    """The index's name."""
    partition_key: Attribute
    """The attribute that items are found by."""
    sort_key: Attribute | None = None
    """The attribute that items with the same partition key are ordered by."""


class Table(_Model):
    """A DynamoDB table: on-demand, encrypted with the service's key, with point-in-time recovery."""

    name: ResourceName
    """The table is called `<environment>-<service>-<name>`."""
    partition_key: Attribute
    """The attribute that items are found by."""
    sort_key: Attribute | None = None
    """The attribute that items with the same partition key are ordered by."""
    indexes: Annotated[list[Index], Field(max_length=20)] = Field(default_factory=list)
    """Global secondary indexes."""
    time_to_live: Annotated[str, AfterValidator(references.check_attribute)] | None = None
    """The attribute that holds when an item expires, in seconds since 1970."""


class Queue(_Model):
    """An SQS queue, encrypted with the service's key, with a dead-letter queue of its own."""

    name: ResourceName
    """The queue is called `<environment>-<service>-<name>`."""
    retention_days: Annotated[int, Field(ge=1, le=14)] = 4
    """How long an unread message is kept, in days."""
    max_receive_count: Annotated[int, Field(ge=1, le=1_000)] = 5
    """How often a message is tried before it moves to the dead-letter queue."""


class Topic(_Model):
    """An SNS topic, encrypted with the service's key."""

    name: ResourceName
    """The topic is called `<environment>-<service>-<name>`."""


class Bucket(_Model):
    """An S3 bucket: private, TLS only, versioned, encrypted with the service's key."""

    name: ResourceName
    """The bucket is called `<environment>-<service>-<name>-<account>-<region>`, as names are global."""
    expiration_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """After how many days objects are deleted; never until said."""


class EventBus(_Model):
    """An EventBridge bus of the service's own."""

    name: ResourceName
    """The bus is called `<environment>-<service>-<name>`."""


class ApiTrigger(_Model):
    """A route of the API."""

    type: Literal["api"]
    """A request to the API."""
    method: Method = "GET"
    """The HTTP method, or ANY."""
    path: Annotated[str, AfterValidator(values.check_path)]
    """The path, such as /orders/{id} or /files/{path+}."""
    authorization: Literal["iam", "cognito", "lambda", "none"] | None = None
    """Another authorization than the API's for this route; `none` lets everyone call it who passes the WAF."""
    request_model: Annotated[str, AfterValidator(references.check_model_file)] | None = None
    """A JSON Schema file beside samgen.yaml that bodies are checked against: models/order.json."""
    response_model: Annotated[str, AfterValidator(references.check_model_file)] | None = None
    """A JSON Schema file beside samgen.yaml that describes the answer."""


class ScheduleTrigger(_Model):
    """A recurring invocation by EventBridge Scheduler."""

    type: Literal["schedule"]
    """A schedule."""
    expression: Annotated[str, AfterValidator(values.check_schedule)]
    """When: rate(5 minutes) or cron(0 6 ? * MON-FRI *)."""
    timezone: Annotated[str, AfterValidator(values.check_timezone)] = "UTC"
    """The time zone of a cron expression."""


class SqsTrigger(_Model):
    """Messages of an SQS queue, in batches of which each message may fail by itself."""

    type: Literal["sqs"]
    """Messages of a queue."""
    queue: QueueReference
    """A queue of the spec (created where it is not declared), an ARN, or an SSM parameter's path."""
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Messages an invocation at most; above 10 a batching window is needed."""
    batching_window: Annotated[int, Field(ge=0, le=300)] = 0
    """Seconds to wait for a full batch."""
    maximum_concurrency: Annotated[int, Field(ge=2, le=1_000)] = 5
    """How many invocations the queue starts at once; not above the function's reserved concurrency."""
    kms_key: KeyReference | None = None
    """The key of an existing queue that is encrypted with another than the service's."""


class SnsTrigger(_Model):
    """Messages of an SNS topic."""

    type: Literal["sns"]
    """Messages of a topic."""
    topic: TopicReference
    """A topic of the spec (created where it is not declared), an ARN, or an SSM parameter's path."""
    filter: Annotated[dict[Annotated[Text, Field(min_length=1)], list[Text]], Field(max_length=5)] = Field(
        default_factory=dict
    )
    """Message attributes and the values of each that are let through; all messages by default."""


class EventBridgeTrigger(_Model):
    """Events of an EventBridge bus that match a pattern."""

    type: Literal["eventbridge"]
    """Events of a bus."""
    bus: BusReference = "default"
    """The account's default bus, a bus of the spec (created where it is not declared), an ARN, or an SSM path."""
    pattern: Annotated[dict[str, JsonValue], Field(min_length=1), AfterValidator(patterns.check_pattern)]
    """The event pattern: {source: [shop], detail-type: [OrderPlaced]}."""


class S3Trigger(_Model):
    """Changes of objects in a bucket, by way of EventBridge."""

    type: Literal["s3"]
    """Changes in a bucket."""
    bucket: BucketReference
    """A bucket of the spec (created where it is not declared), an ARN, or an SSM path; an existing bucket has to
    send its notifications to EventBridge."""
    events: Annotated[list[ObjectEvent], Field(min_length=1)] = ["Object Created"]
    """Which changes."""
    prefix: Annotated[str, AfterValidator(references.check_key_part)] = ""
    """What the object's key begins with."""
    suffix: Annotated[str, AfterValidator(references.check_key_part)] = ""
    """What the object's key ends with."""


class DynamoDbTrigger(_Model):
    """Changes of a table's items, from its stream."""

    type: Literal["dynamodb"]
    """Changes in a table."""
    table: Annotated[str, AfterValidator(references.check_stream)]
    """A table of the spec, the ARN of an existing table's stream, or the path of an SSM parameter that holds it."""
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Records an invocation at most."""
    batching_window: Annotated[int, Field(ge=0, le=300)] = 0
    """Seconds to wait for a full batch."""
    starting_position: Literal["LATEST", "TRIM_HORIZON"] = "LATEST"
    """Where to begin: with new changes, or with the oldest that the stream still has."""
    maximum_retries: Annotated[int, Field(ge=0, le=10_000)] = 3
    """How often a failing record is tried again before it goes to the dead-letter queue."""
    maximum_record_age: Annotated[int, Field(ge=60, le=86_400)] = 3_600
    """Seconds after which a record is given up and goes to the dead-letter queue."""
    kms_key: KeyReference | None = None
    """The key of an existing table that is encrypted with another than the service's."""


class FunctionTrigger(_Model):
    """The outcome of another function of the service that was invoked asynchronously."""

    type: Literal["function"]
    """Another function's outcome."""
    function: ResourceName
    """The other function, which a schedule, topic, bus, bucket or another function invokes."""
    outcome: Literal["success", "failure"] = "success"
    """After which outcome: Lambda's on-success or on-failure destination."""


Trigger = Annotated[
    ApiTrigger
    | ScheduleTrigger
    | SqsTrigger
    | SnsTrigger
    | EventBridgeTrigger
    | S3Trigger
    | DynamoDbTrigger
    | FunctionTrigger,
    Field(discriminator="type"),
]


class TableAccess(_Model):
    """What a function may do with a table's items."""

    table: TableReference
    """A table of the spec, an ARN, or an SSM parameter's path."""
    access: Literal["read", "write", "readwrite"] = "read"
    """`read` gets and queries, `write` puts, updates and deletes, `readwrite` both; none of them scans."""


class BucketAccess(_Model):
    """What a function may do with a bucket's objects."""

    bucket: BucketReference
    """A bucket of the spec, an ARN, or an SSM parameter's path."""
    prefix: Annotated[str, AfterValidator(references.check_key_part)] = ""
    """What the objects' keys begin with; all objects by default."""
    access: Literal["read", "write", "readwrite"] = "read"
    """`read` gets and lists, `write` puts and deletes, `readwrite` both."""


class QueueAccess(_Model):
    """Sending messages to a queue."""

    queue: QueueReference
    """A queue of the spec, an ARN, or an SSM parameter's path."""
    access: Literal["send"] = "send"
    """What it may do."""


class TopicAccess(_Model):
    """Publishing to a topic."""

    topic: TopicReference
    """A topic of the spec, an ARN, or an SSM parameter's path."""
    access: Literal["publish"] = "publish"
    """What it may do."""


class BusAccess(_Model):
    """Putting events on a bus."""

    bus: BusReference = "default"
    """The account's default bus, a bus of the spec, an ARN, or an SSM parameter's path."""
    access: Literal["put"] = "put"
    """What it may do."""


class ParameterAccess(_Model):
    """Reading a parameter that is not one of the function's secrets."""

    parameter: Annotated[str, AfterValidator(references.check_parameter)]
    """The parameter's path, which may hold ${Environment}: /${Environment}/shared/endpoint."""
    access: Literal["read"] = "read"
    """What it may do."""


class SecretAccess(_Model):
    """Reading a secret of AWS Secrets Manager."""

    secret: Annotated[str, AfterValidator(references.check_secret)]
    """The secret's name, which may hold ${Environment}, or its ARN."""
    access: Literal["read"] = "read"
    """What it may do."""


class KeyAccess(_Model):
    """Using a key beside the service's own."""

    key: KeyReference
    """The key's ARN, or the path of an SSM parameter that holds it."""
    access: Literal["decrypt", "encrypt"] = "decrypt"
    """`decrypt` reads what others encrypted, `encrypt` can do both."""


class FunctionAccess(_Model):
    """Invoking another function."""

    function: ResourceName
    """Another function of the service, called through its alias."""


class Permission(_Model):
    """What the function may do in AWS beside what its triggers, secrets, logs and traces need: one of these."""

    dynamodb: TableAccess | None = None
    """Items of a table: {table: orders, access: read}."""
    s3: BucketAccess | None = None
    """Objects of a bucket: {bucket: invoices, prefix: 2026/, access: write}."""
    sqs: QueueAccess | None = None
    """Messages to a queue: {queue: fulfilment}."""
    sns: TopicAccess | None = None
    """Messages to a topic: {topic: order-events}."""
    events: BusAccess | None = None
    """Events to a bus: {bus: shop}."""
    ssm: ParameterAccess | None = None
    """A parameter: {parameter: "/${Environment}/shared/endpoint"}."""
    secrets: SecretAccess | None = None
    """A secret of Secrets Manager: {secret: "${Environment}/database"}."""
    kms: KeyAccess | None = None
    """Another key than the service's: {key: ARN, access: decrypt}."""
    invoke: FunctionAccess | None = None
    """Another function: {function: charge}."""
    actions: Annotated[list[Annotated[str, AfterValidator(values.check_action)]], Field(min_length=1)] | None = None
    """A raw statement: IAM actions, each by name: dynamodb:GetItem."""
    resources: Annotated[list[Annotated[str, AfterValidator(values.check_resource)]], Field(min_length=1)] | None = None
    """A raw statement's ARNs; may hold ${AWS::Partition}, ${AWS::Region}, ${AWS::AccountId}, ${Environment}."""
    reason: Annotated[Text, Field(min_length=10)] | None = None
    """Why; a raw statement has to say it, and it stands beside the statement."""


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


class Pipeline(_Model):
    """What deploys the service when its code changes."""

    provider: Literal["github", "gitlab", "none"] = "github"
    """GitHub Actions, GitLab CI, or nothing but `make deploy`."""
    repository: Annotated[str, AfterValidator(references.check_repository)] | None = None
    """The repository that may assume the deploy role: owner/name."""


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
    tables: Annotated[list[Table], Field(max_length=50)] = Field(default_factory=list)
    """DynamoDB tables."""
    queues: Annotated[list[Queue], Field(max_length=50)] = Field(default_factory=list)
    """SQS queues."""
    topics: Annotated[list[Topic], Field(max_length=50)] = Field(default_factory=list)
    """SNS topics."""
    buckets: Annotated[list[Bucket], Field(max_length=20)] = Field(default_factory=list)
    """S3 buckets."""
    event_buses: Annotated[list[EventBus], Field(max_length=20)] = Field(default_factory=list)
    """EventBridge buses."""
    pipeline: Pipeline = Field(default_factory=Pipeline)
    """What deploys the service when its code changes."""
