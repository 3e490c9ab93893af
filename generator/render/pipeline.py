"""What a pipeline may do in an account: the deploy role's part, the stacks' part and the functions' boundary.

The actions of each resource type are those that its CloudFormation handlers name and that this project's
resources need; `tests/template/test_bootstrap.py` holds them against cfn-lint's copy of the handlers and of
the service authorization reference. Standard library only, as a bare cookiecutter renders with it too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.spec.authorization import schemes

if TYPE_CHECKING:
    from generator.render.environments import EnvironmentView

# What the pipeline installs: the versions that this template was tested with.
SAM_CLI = "1.170.0"
AWS_CLI = "1.46.3"
# For projects whose functions run none that scripts/ can use, which need 3.11.
SCRIPTS_PYTHON = "3.13"
_SCRIPTS_NEED = [3, 11]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What CloudFormation does on the way to each resource.
# https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html (handlers)
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
ACTIONS: Mapping[str, str] = {
    "AWS::CloudFormation::Stack": """cloudformation:CreateStack cloudformation:DeleteStack
        cloudformation:DescribeStacks cloudformation:UpdateStack cloudformation:GetTemplate
        cloudformation:UpdateTerminationProtection cloudformation:CreateChangeSet
        cloudformation:DescribeChangeSet cloudformation:ExecuteChangeSet cloudformation:TagResource
        cloudformation:UntagResource""",
    "AWS::Logs::LogGroup": """logs:CreateLogGroup logs:DeleteLogGroup logs:DescribeLogGroups
        logs:PutRetentionPolicy logs:DeleteRetentionPolicy logs:AssociateKmsKey logs:DisassociateKmsKey
        logs:TagResource logs:UntagResource logs:ListTagsForResource logs:GetDataProtectionPolicy
        logs:DescribeIndexPolicies logs:DescribeResourcePolicies""",
    "AWS::Lambda::Function": """lambda:CreateFunction lambda:DeleteFunction lambda:GetFunction
        lambda:GetFunctionCodeSigningConfig lambda:GetFunctionRecursionConfig lambda:GetFunctionScalingConfig
        lambda:GetRuntimeManagementConfig lambda:PutFunctionConcurrency lambda:DeleteFunctionConcurrency
        lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration lambda:TagResource lambda:UntagResource""",
    "AWS::Lambda::Version": """lambda:PublishVersion lambda:GetFunctionConfiguration lambda:DeleteFunction
        lambda:ListVersionsByFunction lambda:GetProvisionedConcurrencyConfig""",
    "AWS::Lambda::Alias": """lambda:CreateAlias lambda:DeleteAlias lambda:GetAlias lambda:UpdateAlias
        lambda:GetProvisionedConcurrencyConfig""",
    "AWS::Lambda::Permission": "lambda:AddPermission lambda:GetPolicy lambda:RemovePermission",
    "AWS::Lambda::EventInvokeConfig": """lambda:DeleteFunctionEventInvokeConfig lambda:GetFunctionEventInvokeConfig
        lambda:PutFunctionEventInvokeConfig lambda:UpdateFunctionEventInvokeConfig""",
    "AWS::Lambda::EventSourceMapping": """lambda:DeleteEventSourceMapping lambda:GetEventSourceMapping
        lambda:UpdateEventSourceMapping lambda:ListTags lambda:TagResource lambda:UntagResource
        lambda:CreateEventSourceMapping""",
    "AWS::CodeDeploy::Application": """codedeploy:CreateApplication codedeploy:DeleteApplication
        codedeploy:GetApplication codedeploy:ListTagsForResource codedeploy:TagResource codedeploy:UntagResource
        codedeploy:RegisterApplicationRevision codedeploy:GetApplicationRevision""",
    "AWS::CodeDeploy::DeploymentGroup": """codedeploy:CreateDeploymentGroup codedeploy:DeleteDeploymentGroup
        codedeploy:GetDeploymentGroup codedeploy:UpdateDeploymentGroup codedeploy:CreateDeployment
        codedeploy:GetDeployment codedeploy:GetDeploymentConfig codedeploy:ListDeployments codedeploy:StopDeployment
        codedeploy:ListTagsForResource codedeploy:TagResource codedeploy:UntagResource""",
    "AWS::SQS::Queue": """sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags
        sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue""",
    "AWS::SQS::QueuePolicy": "sqs:SetQueueAttributes",
    "AWS::SNS::Topic": """sns:CreateTopic sns:DeleteTopic sns:GetTopicAttributes sns:SetTopicAttributes
        sns:ListSubscriptionsByTopic sns:ListTagsForResource sns:TagResource sns:UntagResource
        sns:GetDataProtectionPolicy""",
    "AWS::SNS::TopicPolicy": "sns:SetTopicAttributes",
    "AWS::SNS::Subscription": """sns:Subscribe sns:Unsubscribe sns:GetSubscriptionAttributes
        sns:SetSubscriptionAttributes""",
    "AWS::Scheduler::Schedule": """scheduler:CreateSchedule scheduler:DeleteSchedule scheduler:GetSchedule
        scheduler:UpdateSchedule""",
    "AWS::Scheduler::ScheduleGroup": """scheduler:CreateScheduleGroup scheduler:DeleteScheduleGroup
        scheduler:GetScheduleGroup scheduler:DeleteSchedule scheduler:ListTagsForResource scheduler:TagResource
        scheduler:UntagResource""",
    "AWS::Events::Rule": """events:PutRule events:DeleteRule events:DescribeRule events:PutTargets
        events:RemoveTargets events:ListTargetsByRule events:ListTagsForResource events:TagResource
        events:UntagResource""",
    "AWS::Events::EventBus": """events:CreateEventBus events:DeleteEventBus events:DescribeEventBus
        events:UpdateEventBus events:ListTagsForResource events:TagResource events:UntagResource""",
    "AWS::DynamoDB::Table": """dynamodb:CreateTable dynamodb:DeleteTable dynamodb:DescribeTable dynamodb:UpdateTable
        dynamodb:DescribeContinuousBackups dynamodb:UpdateContinuousBackups dynamodb:DescribeTimeToLive
        dynamodb:UpdateTimeToLive dynamodb:DescribeContributorInsights dynamodb:UpdateContributorInsights
        dynamodb:DescribeKinesisStreamingDestination dynamodb:GetResourcePolicy dynamodb:ListTagsOfResource
        dynamodb:TagResource dynamodb:UntagResource""",
    "AWS::S3::Bucket": """s3:CreateBucket s3:DeleteBucket s3:ListBucket s3:GetBucketVersioning
        s3:PutBucketVersioning s3:GetEncryptionConfiguration s3:PutEncryptionConfiguration
        s3:GetBucketPublicAccessBlock s3:PutBucketPublicAccessBlock s3:GetBucketOwnershipControls
        s3:PutBucketOwnershipControls s3:GetLifecycleConfiguration s3:PutLifecycleConfiguration
        s3:GetBucketNotification s3:PutBucketNotification s3:GetBucketTagging s3:PutBucketTagging
        s3:GetBucketLogging s3:PutBucketLogging s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketWebsite
        s3:GetAccelerateConfiguration s3:GetAnalyticsConfiguration s3:GetBucketObjectLockConfiguration
        s3:GetIntelligentTieringConfiguration s3:GetInventoryConfiguration s3:GetMetricsConfiguration
        s3:GetReplicationConfiguration s3:GetBucketAbac s3:GetBucketMetadataTableConfiguration
        s3:ListTagsForResource s3:TagResource s3:UntagResource""",
    "AWS::S3::BucketPolicy": "s3:GetBucketPolicy s3:PutBucketPolicy s3:DeleteBucketPolicy",
    "AWS::ApiGateway::RestApi": """apigateway:GET apigateway:POST apigateway:PUT apigateway:PATCH apigateway:DELETE
        apigateway:UpdateRestApiPolicy""",
    "AWS::ApiGateway::ApiKey": "apigateway:GET apigateway:POST apigateway:PUT apigateway:PATCH apigateway:DELETE",
    "AWS::ApiGateway::DomainName": "apigateway:GET apigateway:POST apigateway:PUT apigateway:PATCH apigateway:DELETE",
    "AWS::WAFv2::IPSet": """wafv2:CreateIPSet wafv2:DeleteIPSet wafv2:GetIPSet wafv2:UpdateIPSet
        wafv2:ListTagsForResource wafv2:TagResource wafv2:UntagResource""",
    "AWS::WAFv2::WebACL": """wafv2:CreateWebACL wafv2:DeleteWebACL wafv2:GetWebACL wafv2:UpdateWebACL
        wafv2:ListTagsForResource wafv2:TagResource wafv2:UntagResource""",
    "AWS::WAFv2::WebACLAssociation": """wafv2:AssociateWebACL wafv2:DisassociateWebACL wafv2:GetWebACLForResource
        wafv2:GetWebACL apigateway:SetWebACL""",
    "AWS::WAFv2::LoggingConfiguration": """wafv2:PutLoggingConfiguration wafv2:GetLoggingConfiguration
        wafv2:DeleteLoggingConfiguration logs:CreateLogDelivery logs:DeleteLogDelivery logs:PutResourcePolicy
        logs:DescribeResourcePolicies logs:DescribeLogGroups""",
    "AWS::Cognito::UserPool": """cognito-idp:CreateUserPool cognito-idp:DeleteUserPool cognito-idp:DescribeUserPool
        cognito-idp:UpdateUserPool cognito-idp:AddCustomAttributes cognito-idp:GetUserPoolMfaConfig
        cognito-idp:SetUserPoolMfaConfig cognito-idp:ListTagsForResource cognito-idp:TagResource
        cognito-idp:UntagResource""",
    "AWS::Cognito::UserPoolClient": """cognito-idp:CreateUserPoolClient cognito-idp:DeleteUserPoolClient
        cognito-idp:DescribeUserPoolClient cognito-idp:UpdateUserPoolClient cognito-idp:ListUserPoolClientSecrets""",
    "AWS::CloudWatch::Alarm": """cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms
        cloudwatch:ListTagsForResource cloudwatch:TagResource cloudwatch:UntagResource""",
    "AWS::CloudWatch::CompositeAlarm": """cloudwatch:PutCompositeAlarm cloudwatch:DeleteAlarms
        cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource cloudwatch:TagResource cloudwatch:UntagResource""",
    "AWS::CloudWatch::Dashboard": """cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:DeleteDashboards
        cloudwatch:ListTagsForResource cloudwatch:TagResource cloudwatch:UntagResource""",
    "AWS::Config::ConfigRule": """config:PutConfigRule config:DeleteConfigRule config:DescribeConfigRules
        config:DescribeComplianceByConfigRule""",
    "AWS::XRay::Group": """xray:CreateGroup xray:DeleteGroup xray:GetGroup xray:UpdateGroup xray:ListTagsForResource
        xray:TagResource xray:UntagResource""",
    "AWS::XRay::SamplingRule": """xray:CreateSamplingRule xray:DeleteSamplingRule xray:GetSamplingRules
        xray:UpdateSamplingRule xray:ListTagsForResource xray:TagResource xray:UntagResource""",
    "AWS::Logs::QueryDefinition": "logs:PutQueryDefinition logs:DeleteQueryDefinition logs:DescribeQueryDefinitions",
}

# Types that the actions of another cover: their parts of an API share its paths.
COVERED = {
    "AWS::ApiGateway::Deployment": "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage": "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::UsagePlan": "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::UsagePlanKey": "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::BasePathMapping": "AWS::ApiGateway::DomainName",
}

# IAM cannot limit these to a resource: they list, or the resource has no name yet.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
UNLIMITED = _words(
    """logs:DescribeLogGroups logs:DescribeIndexPolicies logs:DescribeResourcePolicies logs:CreateLogDelivery
    logs:DeleteLogDelivery logs:PutResourcePolicy logs:PutQueryDefinition logs:DeleteQueryDefinition
    logs:DescribeQueryDefinitions codedeploy:StopDeployment xray:GetSamplingRules config:DescribeConfigRules
    config:DescribeComplianceByConfigRule cognito-idp:CreateUserPool"""
)
# Their statements stand in the template: a condition says which function, or which tags, they are for, or a
# name would be too narrow.
CONDITIONED = _words(
    """lambda:CreateEventSourceMapping lambda:DeleteEventSourceMapping lambda:UpdateEventSourceMapping
    cognito-idp:TagResource cloudwatch:DescribeAlarms"""
)

_ANYWHERE = "arn:${AWS::Partition}:%s:*:${AWS::AccountId}:%s"
_API = "arn:${AWS::Partition}:apigateway:*::%s"
# What CloudFormation names by itself begins with the stack's name, cut where the whole would be too long.
_GENERATED_NAME = 40
# X-Ray's names have 32 characters: of a long service's name ten are left, and a digest.
_XRAY_NAME = len("${Environment}-") + 10


@dataclass(frozen=True)
class Grant:
    """A statement of a policy: what is allowed and on what, with the reason."""

    sid: str
    reason: str
    actions: list[str]
    resources: list[str]
    tagged: bool = False


@dataclass(frozen=True)
class Policy:
    """A managed policy of the role that CloudFormation works with."""

    name: str
    title: str
    grants: list[Grant]

    @property
    def statements(self) -> list[Grant]:
        """Its statements on resources whose ARN says whose they are."""
        return [grant for grant in self.grants if not grant.tagged]

    @property
    def tagged_statements(self) -> list[Grant]:
        """Its statements on resources whose tags say it."""
        return [grant for grant in self.grants if grant.tagged]

    @property
    def id(self) -> str:
        """Its logical id."""
        return f"Stacks{self.name.title()}Policy"


@dataclass(frozen=True)
class Stage:
    """An environment that the pipeline deploys to, after those before it."""

    environment: EnvironmentView
    after: str

    @property
    def name(self) -> str:
        """The environment's name."""
        return str(self.environment.name)

    @property
    def needs(self) -> list[str]:
        """The jobs that come before."""
        return ["build", f"deploy-{self.after}"] if self.after else ["build"]

    @property
    def region(self) -> str:
        """The environment's first region."""
        return self.environment.regions[0].region

    @property
    def role(self) -> str:
        """The role that the job takes, which bootstrap/pipeline.yaml makes."""
        return self.environment.regions[0].role_arn("deploy")

    @property
    def session(self) -> str:
        """What CloudTrail calls the job."""
        return f"{self.environment.regions[0].stack}-deploy"

    @property
    def production(self) -> bool:
        """Whether somebody has to approve."""
        return bool(self.environment.production)


def stages(environments: Sequence[EnvironmentView]) -> list[Stage]:
    """The environments in the order in which a change passes them: production comes last."""
    ordered = sorted(environments, key=lambda environment: bool(environment.production))
    return [Stage(e, ordered[i - 1].name if i else "") for i, e in enumerate(ordered)]


@dataclass(frozen=True)
class PipelineView:
    """What deploys the service, and what it may do in an account."""

    provider: str
    repository: str
    policies: list[Policy]
    boundary: list[Grant]
    parameter_arns: list[str]
    types: frozenset[str]
    stages: list[Stage]
    runtimes: list[str]
    sam_cli: str = SAM_CLI
    aws_cli: str = AWS_CLI

    @property
    def limits(self) -> list[Grant]:
        """The boundary's statements on resources whose ARN says whose they are."""
        return [grant for grant in self.boundary if not grant.tagged]

    @property
    def tagged_limits(self) -> list[Grant]:
        """The boundary's statements on resources whose tags say it."""
        return [grant for grant in self.boundary if grant.tagged]

    @property
    def deploys(self) -> bool:
        """Whether a pipeline deploys, through roles that bootstrap/pipeline.yaml makes."""
        return self.provider != "none"

    @property
    def is_github(self) -> bool:
        """Whether it runs in GitHub Actions."""
        return self.provider == "github"

    @property
    def is_gitlab(self) -> bool:
        """Whether it runs in GitLab CI."""
        return self.provider == "gitlab"

    @property
    def python_versions(self) -> list[str]:
        """The versions of Python that build the functions and run the scripts, the newest last."""
        found = {runtime.removeprefix("python") for runtime in self.runtimes if runtime.startswith("python")}
        versions = sorted(found, key=lambda version: [int(part) for part in version.split(".")])
        newest = [int(part) for part in versions[-1].split(".")] if versions else []
        return versions if newest >= _SCRIPTS_NEED else [*versions, SCRIPTS_PYTHON]

    @property
    def node_version(self) -> str:
        """The newest version of Node.js among the functions' runtimes, or an empty string."""
        found = (re.fullmatch(r"nodejs(\d+)\.x", runtime) for runtime in self.runtimes)
        versions = [int(match[1]) for match in found if match]
        return str(max(versions)) if versions else ""

    @property
    def maps_event_sources(self) -> bool:
        """Whether its stacks have event source mappings."""
        return "AWS::Lambda::EventSourceMapping" in self.types

    @property
    def makes_user_pool(self) -> bool:
        """Whether its stacks have a user pool."""
        return "AWS::Cognito::UserPool" in self.types


def pipeline_view(
    spec: Any, environments: Sequence[EnvironmentView], statements: Iterable[Any], runtimes: Iterable[str]
) -> PipelineView:
    """The pipeline of a spec; the statements are those of its functions' roles, the runtimes those it builds for."""
    pipeline = spec.pipeline
    repository = getattr(pipeline, "repository", None) or ""
    paths = [_ANYWHERE % ("ssm", f"parameter{path}") for path in parameter_paths(spec)]
    return PipelineView(
        provider=pipeline.provider,
        repository=repository,
        policies=stack_policies(spec),
        boundary=boundary(spec, statements),
        parameter_arns=paths,
        types=frozenset(resource_types(spec)),
        stages=stages(environments),
        runtimes=sorted(set(runtimes)),
    )


_REFERENCES = ("queue", "topic", "bus", "bucket", "table", "key", "kms_key")
_TYPED = ("dynamodb", "s3", "sqs", "sns", "events", "kms")


def parameter_paths(spec: Any) -> list[str]:
    """The SSM parameters that hold ARNs for the stacks: CloudFormation reads them when it deploys."""
    items: list[Any] = [trigger for function in spec.functions for trigger in function.triggers]
    permissions = [permission for function in spec.functions for permission in function.permissions]
    items += [getattr(permission, kind, None) for permission in permissions for kind in _TYPED]
    named = (getattr(item, reference, None) for item in items for reference in _REFERENCES)
    return sorted({path for path in named if isinstance(path, str) and path.startswith("/")})


@dataclass(frozen=True)
class _Area:
    """Resource types whose ARNs have a form in common, and the policy they belong to."""

    policy: str
    sid: str
    types: str
    reason: str
    resources: tuple[str, ...]
    tagged: bool = False


def _areas(prefix: str, api: str) -> list[_Area]:
    """Every area, for resources that are named `<prefix>-…` and an API called `api`."""

    def named(service: str, *forms: str) -> tuple[str, ...]:
        return tuple(_ANYWHERE % (service, form.replace("NAME", prefix)) for form in forms)

    return [
        _Area("functions", "NestedStacks", "CloudFormation::Stack",
              "The nested stacks.", named("cloudformation", "stack/NAME-*/*")),
        _Area("functions", "Functions",
              "Lambda::Function Lambda::Version Lambda::Alias Lambda::Permission Lambda::EventInvokeConfig",
              "Functions, versions and aliases.",
              named("lambda", "function:NAME-*")),
        _Area("functions", "EventSourceMappings", "Lambda::EventSourceMapping",
              "Mappings have an id of AWS's making.", named("lambda", "event-source-mapping:*")),
        _Area("functions", "Deployments", "CodeDeploy::Application CodeDeploy::DeploymentGroup",
              "SAM's deployment application, which CloudFormation names after the nested stack.",
              named("codedeploy", f"application:{cut(prefix)}", f"deploymentgroup:{cut(prefix)}/*",
                    "deploymentconfig:CodeDeployDefault.Lambda*")),
        _Area("functions", "Schedules", "Scheduler::Schedule Scheduler::ScheduleGroup",
              "Schedules, in the service's own group.",
              named("scheduler", "schedule/NAME/NAME-*", "schedule-group/NAME")),
        _Area("functions", "FunctionLogs", "Logs::LogGroup", "Log groups.",
              (*named("logs", "log-group:/aws/lambda/NAME-*", "log-group:aws-waf-logs-NAME*"),
               _ANYWHERE % ("logs", f"log-group:/aws/apigateway/{api}*"))),
        _Area("data", "Queues", "SQS::Queue SQS::QueuePolicy", "Queues and dead-letter queues.",
              named("sqs", "NAME-*")),
        _Area("data", "Topics", "SNS::Topic SNS::TopicPolicy SNS::Subscription",
              "The alarm topic and the service's own, with their subscriptions.", named("sns", "NAME-*")),
        _Area("data", "Events", "Events::Rule Events::EventBus",
              "Rules and buses.", named("events", "rule/NAME-*", "rule/*/NAME-*", "event-bus/NAME-*")),
        _Area("data", "Tables", "DynamoDB::Table", "Tables.", named("dynamodb", "table/NAME-*")),
        _Area("data", "Buckets", "S3::Bucket S3::BucketPolicy",
              "Buckets.", (f"arn:${{AWS::Partition}}:s3:::{prefix}-*",)),
        _Area("api", "RestApi", "ApiGateway::RestApi",
              "The id of a REST API is of AWS's making, so its path cannot hold a name.",
              (_API % "/restapis", _API % "/restapis/*", _API % "/tags/*")),
        _Area("api", "ApiKeys", "ApiGateway::ApiKey", "Ids of API keys and usage plans are of AWS's making.",
              (_API % "/apikeys", _API % "/apikeys/*", _API % "/usageplans", _API % "/usageplans/*")),
        _Area("api", "Domains", "ApiGateway::DomainName",
              "Domains of the API.", (_API % "/domainnames", _API % "/domainnames/*")),
        _Area("api", "WebAcl", "WAFv2::IPSet WAFv2::WebACL WAFv2::WebACLAssociation WAFv2::LoggingConfiguration",
              "The web ACL, its sets of addresses, AWS's rule groups in it, and the stage that it guards.",
              (*named("wafv2", "regional/webacl/NAME*/*", "regional/ipset/NAME-*/*"),
               "arn:${AWS::Partition}:wafv2:*:aws:regional/managedruleset/*",
               _ANYWHERE % ("wafv2", "regional/managedruleset/*"), _API % "/restapis/*/stages/*")),
        _Area("api", "UserPools", "Cognito::UserPool Cognito::UserPoolClient",
              "The id of a user pool is of AWS's making, so its tags decide.",
              named("cognito-idp", "userpool/*"), tagged=True),
        _Area("monitoring", "Alarms", "CloudWatch::Alarm CloudWatch::CompositeAlarm", "Alarms.",
              named("cloudwatch", "alarm:NAME-*")),
        _Area("monitoring", "Dashboards", "CloudWatch::Dashboard", "Dashboards, which have no region.",
              (f"arn:${{AWS::Partition}}:cloudwatch::${{AWS::AccountId}}:dashboard/{prefix}*",)),
        _Area("monitoring", "ConfigRules", "Config::ConfigRule", "The ARN of a Config rule holds an id of AWS's.",
              named("config", "config-rule/*")),
        _Area("monitoring", "Traces", "XRay::Group XRay::SamplingRule", "Groups and sampling rules of traces.",
              named("xray", f"group/{prefix[:_XRAY_NAME]}*/*", f"sampling-rule/{prefix[:_XRAY_NAME]}*")),
        _Area("monitoring", "Queries", "Logs::QueryDefinition", "Saved queries.", ()),
    ]  # fmt: skip


def cut(prefix: str) -> str:
    """A pattern for a name that CloudFormation makes from a stack's: `dev-orders-*`."""
    return f"{prefix}-*" if len(prefix) < _GENERATED_NAME else f"{prefix[:_GENERATED_NAME]}*"


TITLES = {
    "functions": "functions, versions, deployments, schedules and logs",
    "data": "queues, topics, buses, tables and buckets",
    "api": "API, web ACL and user pool",
    "monitoring": "alarms, dashboards, Config rules, traces and queries",
}


def stack_policies(spec: Any) -> list[Policy]:
    """What CloudFormation may do for this spec's resources and no others, in policies that IAM's size allows."""
    types = resource_types(spec)
    prefix = f"${{Environment}}-{spec.service.name}"
    policies: dict[str, list[Grant]] = {name: [] for name in TITLES}
    unlimited: dict[str, set[str]] = {name: set() for name in TITLES}
    for area in _areas(prefix, f"${{Environment}}-{spec.api.name}"):
        actions = {a for t in area.types.split() if f"AWS::{t}" in types for a in ACTIONS[f"AWS::{t}"].split()}
        unlimited[area.policy] |= actions & UNLIMITED
        if limited := sorted(actions - UNLIMITED - CONDITIONED):
            policies[area.policy].append(Grant(area.sid, area.reason, limited, list(area.resources), area.tagged))
    for name, actions in unlimited.items():
        if actions:
            reason = "IAM cannot limit these: they list, or what they make has no name before."
            policies[name].append(Grant(f"{name.title()}WithoutResource", reason, sorted(actions), ["*"]))
    return [Policy(name, TITLES[name], grants) for name, grants in policies.items() if grants]


_ALWAYS = _words(
    """CloudFormation::Stack Logs::LogGroup Lambda::Function Lambda::Version Lambda::Alias
    Lambda::EventInvokeConfig CodeDeploy::Application CodeDeploy::DeploymentGroup SQS::Queue SNS::Topic
    SNS::TopicPolicy SNS::Subscription CloudWatch::Alarm CloudWatch::CompositeAlarm CloudWatch::Dashboard
    Config::ConfigRule XRay::Group XRay::SamplingRule Logs::QueryDefinition"""
)


def resource_types(spec: Any) -> set[str]:
    """The types that the spec's stacks may hold, beside keys and roles, which have statements of their own."""
    kinds = {trigger.type for function in spec.functions for trigger in function.triggers}
    tables, queues, buses = _of(spec, "tables"), _of(spec, "queues"), _of(spec, "event_buses")
    named = {
        "Lambda::Permission": kinds & {"api", "sns", "eventbridge", "s3"},
        "Lambda::EventSourceMapping": kinds & {"sqs", "dynamodb"},
        "SQS::QueuePolicy": queues or kinds - {"api"},
        "Scheduler::Schedule": kinds & {"schedule"},
        "Scheduler::ScheduleGroup": kinds & {"schedule"},
        "Events::Rule": kinds & {"eventbridge", "s3"},
        "Events::EventBus": buses or kinds & {"eventbridge"},
        "DynamoDB::Table": tables,
        "S3::Bucket": _of(spec, "buckets") or kinds & {"s3"},
        "S3::BucketPolicy": _of(spec, "buckets") or kinds & {"s3"},
    }
    types = _ALWAYS | {name for name, needed in named.items() if needed}
    if "api" in kinds:
        types |= {"ApiGateway::RestApi", *(f"WAFv2::{t}" for t in _WAF)}
        types |= {"ApiGateway::ApiKey"} if spec.api.api_key else set()
        types |= {"ApiGateway::DomainName"} if any(_has(e, "domain") for e in spec.environments) else set()
        types |= {"Cognito::UserPool", "Cognito::UserPoolClient"} if _uses_created_pool(spec) else set()
    return {f"AWS::{name}" for name in types}


_WAF = ("IPSet", "WebACL", "WebACLAssociation", "LoggingConfiguration")


def _of(spec: Any, section: str) -> Collection[Any]:
    found: Collection[Any] = getattr(spec, section, None) or []
    return found


def _has(item: Any, name: str) -> bool:
    return getattr(item, name, None) is not None


def _uses_created_pool(spec: Any) -> bool:
    routes = [t for function in spec.functions for t in function.triggers if t.type == "api"]
    used = schemes(
        spec.api.authorization, spec.api.health, [(r.path, getattr(r, "authorization", None)) for r in routes]
    )
    return "cognito" in used and spec.api.user_pool == "created"


# The roles of functions, schedules, rules and of CodeDeploy never do more than this, whatever their own
# policies say. Each service's actions end at the service's own names.
_BOUNDARY: Mapping[str, tuple[str, ...]] = {
    "cloudwatch": ("alarm:*",),
    "codedeploy": ("deploymentgroup:CUT/*",),
    "dynamodb": ("table/NAME-*",),
    "events": ("event-bus/NAME-*", "event-bus/default"),
    "kms": ("key/*",),
    "lambda": ("function:NAME-*",),
    "logs": ("log-group:/aws/lambda/NAME-*",),
    "sns": ("NAME-*",),
    "sqs": ("NAME-*",),
    "ssm": ("parameter/${Environment}/SERVICE/*",),
}
# What every service's roles need beside what its spec asks for: logs, the key, dead letters, schedules, and
# CodeDeploy with the hook that it calls.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambdaLimited.html
_BASE = _words(
    """logs:CreateLogStream logs:PutLogEvents kms:Decrypt kms:GenerateDataKey sqs:SendMessage sns:Publish
    lambda:InvokeFunction lambda:GetAlias lambda:UpdateAlias lambda:GetProvisionedConcurrencyConfig
    codedeploy:GetDeployment codedeploy:PutLifecycleEventHookExecutionStatus cloudwatch:DescribeAlarms"""
)
_BASE_UNLIMITED = _words("xray:PutTraceSegments xray:PutTelemetryRecords")
# IAM allows 6,144 characters a managed policy; what the spec names beyond its own takes at most so much of it.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_FOREIGN_CHARACTERS = 1_500


def boundary(spec: Any, statements: Iterable[Any]) -> list[Grant]:
    """The most that a role of the service may do: what the given statements of its functions need, by AWS service."""
    limited: dict[str, set[str]] = {}
    foreign: dict[str, set[str]] = {}
    unlimited = set(_BASE_UNLIMITED)
    for action in _BASE:
        limited.setdefault(_service(action), set()).add(action)
    for statement in statements:
        if list(statement.resources) == ["*"]:
            unlimited.update(statement.actions)
            continue
        for action in statement.actions:
            limited.setdefault(_service(action), set()).add(action)
            foreign.setdefault(_service(action), set()).update(statement.resources)
    reason = "IAM cannot limit these to a resource."
    return [*_by_service(spec, limited, foreign), Grant("WithoutResource", reason, sorted(unlimited), ["*"])]


def _service(action: str) -> str:
    return action.partition(":")[0]


def _by_service(spec: Any, limited: Mapping[str, set[str]], foreign: Mapping[str, set[str]]) -> Iterator[Grant]:
    own = {service: _own(spec, service) for service in limited}
    others = {service: sorted({_everywhere(a, service) for a in arns}) for service, arns in foreign.items()}
    others = {service: [a for a in arns if not _covered(a, own[service])] for service, arns in others.items()}
    fits = sum(len(arn) for arns in others.values() for arn in arns) <= _FOREIGN_CHARACTERS
    for service, actions in sorted(limited.items()):
        beyond = others.get(service, [])
        resources = [*own[service], *beyond] if fits or not beyond else ["*"]
        reason = f"What roles do with {service}."
        if not fits and beyond:
            reason += " The ARNs that the spec names are too many for a policy; the roles have them one by one."
        # A key's ARN does not say whose it is. What the spec names of others may have a key with other tags, or none.
        tagged = service == "kms" and not any(others.values())
        yield Grant(f"Use{service.title().replace('-', '')}", reason, sorted(actions), resources, tagged)


def _own(spec: Any, service: str) -> list[str]:
    prefix = f"${{Environment}}-{spec.service.name}"
    if service == "s3":
        return [f"arn:${{AWS::Partition}}:s3:::{prefix}-*"]
    forms = (f.replace("NAME", prefix).replace("CUT", cut(prefix)) for f in _BOUNDARY.get(service, ()))
    return [_ANYWHERE % (service, form.replace("SERVICE", spec.service.name)) for form in forms]


def _everywhere(arn: str, service: str) -> str:
    """An ARN of a statement for all regions; what only a parameter of a region knows, for the whole account."""
    if "{{resolve:" in arn:
        return "arn:${AWS::Partition}:s3:::*" if service == "s3" else _ANYWHERE % (service, "*")
    return arn.replace("${AWS::Region}", "*")


def _covered(arn: str, own: Iterable[str]) -> bool:
    """Whether one of the service's own patterns covers an ARN."""
    return any(arn == pattern or (pattern.endswith("*") and arn.startswith(pattern[:-1])) for pattern in own)
