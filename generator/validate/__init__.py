"""The verdict of SAM, cfn-lint and the links between stacks on a project, in process and in parallel.

Importing this package is cheap; cfn-lint and SAM are loaded when something is validated.
"""

from __future__ import annotations

from generator.validate.aws import AwsValidator
from generator.validate.report import Check, Report
from generator.validate.validator import Validator, validate_project

__all__ = ["AwsValidator", "Check", "Report", "Validator", "validate_project"]
