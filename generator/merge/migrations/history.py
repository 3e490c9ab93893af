"""The migrations of samgen's own template, oldest first.

A version that renames a key of samgen.yaml, or gives a file or resource another place or name, brings one, with a test.
"""

from __future__ import annotations

from generator.merge.migrations.model import Migration
from generator.merge.migrations.steps import RenameResource

_MONITORING = "stacks/monitoring*/template.yaml"

MIGRATIONS: tuple[Migration, ...] = (
    # Of projects from before there were records: whatever records a version has these names already.
    Migration(
        "0.1.0",
        "The alarms of the API and of the web ACL have other logical ids and keep their names, which CloudFormation "
        "refuses while the old ones are there: delete the alarms <environment>-<service>-api-4xx, -api-5xx and "
        "-waf-blocks of an environment before you deploy it.",
        (
            RenameResource(_MONITORING, "ApiClientErrorsAlarm", "Api4xxAlarm"),
            RenameResource(_MONITORING, "ApiServerErrorsAlarm", "Api5xxAlarm"),
            RenameResource(_MONITORING, "WebAclBlocksAlarm", "WafBlocksAlarm"),
        ),
    ),
)
