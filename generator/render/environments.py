"""Views of environments: what samconfig.toml says of each, a table for each of its regions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.spec.model import Environment, Service


@dataclass(frozen=True)
class EnvironmentView:
    """An environment with the values that samconfig.toml gives its stacks."""

    environment: Environment
    service: Service
    has_api: bool
    has_events: bool
    api_parameters: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        """The environment's own fields."""
        return getattr(self.environment, name)

    @property
    def region_texts(self) -> list[str]:
        """Its regions in words, the first one first."""
        further = getattr(self.environment, "further_regions", [])
        return [self.environment.region, *(f"{region.name} ({region.role})" for region in further)]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The root stack's parameters in the first region, the same names in every environment."""
        environment = self.environment
        cidrs: dict[str, str] = {}
        if self.has_api:
            cidrs = {
                "PublicAccess": str(environment.public).lower(),
                "AllowedIpv4Cidrs": ",".join(c for c in environment.allowed_cidrs if ":" not in c),
                "AllowedIpv6Cidrs": ",".join(c for c in environment.allowed_cidrs if ":" in c),
            }
        return {
            "Environment": environment.name,
            **({"RegionRole": "primary"} if self.has_events else {}),
            **cidrs,
            **(self.api_parameters if self.has_api else {}),
            "LogLevel": environment.log_level,
            "LogRetentionDays": str(environment.log_retention_days),
            "DeploymentPreference": environment.deployment_preference,
            "AlarmEmail": getattr(environment, "alarm_email", None) or "",
            "ConfigRules": "true",
        }

    @cached_property
    def tags(self) -> dict[str, str]:
        """The stacks' tags, which CloudFormation hands on to every resource."""
        service = self.service
        named = {
            "Environment": self.environment.name,
            "Service": service.name,
            "Owner": service.owner,
            "CostCenter": service.cost_center,
        }
        return named | dict(sorted(_plain_mapping(service.tags).items()))

    @cached_property
    def regions(self) -> list[RegionView]:
        """The regions it is deployed to, in their order."""
        further = getattr(self.environment, "further_regions", None) or []
        first = RegionView(self, self.environment.region, "primary")
        return [first, *(RegionView(self, region.name, region.role) for region in further)]

    @property
    def region_names(self) -> list[str]:
        """Their names."""
        return [region.region for region in self.regions]


@dataclass(frozen=True)
class RegionView:
    """An environment in one of its regions: a stack, and a table of samconfig.toml."""

    environment: EnvironmentView
    region: str
    role: str

    @property
    def name(self) -> str:
        """What samconfig.toml calls it: `prod` in the first region, `prod-eu-west-1` in another."""
        return config_name(self.environment.name, None if self.role == "primary" else self.region)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The root stack's parameters: the environment's, and what differs in this region."""
        given = self.environment.parameters
        if self.role == "primary":
            return given
        # A certificate is one of the first region's, and a name leads to one region.
        own = {"RegionRole": self.role, "DomainName": "", "CertificateArn": ""}
        return {name: own.get(name, value) for name, value in given.items()}

    @property
    def bucket(self) -> str:
        """Where its deployments put their artifacts."""
        return f"sam-artifacts-{self.environment.account}-{self.region}"

    @property
    def stack(self) -> str:
        """Its stack's name, the same in every region."""
        return f"{self.environment.name}-{self.environment.service.name}"

    def role_arn(self, part: str) -> str:
        """A role that bootstrap/pipeline.yaml makes: `deploy` or `stacks`."""
        return f"arn:{partition_of(self.region)}:iam::{self.environment.account}:role/bootstrap/{self.stack}-{part}"


def config_name(environment: str, further_region: str | None) -> str:
    """The table of samconfig.toml for an environment in its first region, or in a further one."""
    return environment if further_region is None else f"{environment}-{further_region}"


def partition_of(region: str) -> str:
    """The part of AWS that a region belongs to, first in every ARN.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _plain_mapping(values: Any) -> dict[str, str]:
    return dict(values) if isinstance(values, dict) else dict(vars(values))
