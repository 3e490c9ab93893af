"""SG106: variables that hold a secret, by their name or by what the value looks like, and those that hold none."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_projects import findings

MIXED = "a1B2"
SECRETS = [
    *("DB_PASS: hunter2", "MYSQL_PWD: hunter22", "DB_PASSWORD: 12345678", "DB_PASSWORD: '12345678'"),
    *("DbPassword: letmein1", "db_credentials: user/pass1", "DB_PASSWORD_PROD: hunter2", "API_KEY_2: k-1234567"),
    *("ENCRYPTION_KEY: c2VjcmV0LWtleS0xMjM0", "CLIENT_SECRET: abcd-efgh", "CREDS: 'me:hunter2'"),
    "CONNECTION: 'Server=db;Database=a;User Id=sa;Password=Pa55w0rd;'",
    "REDIS: 'redis://:secretpw@host:6379'",
    "DATABASE: 'jdbc:postgresql://me:hunter2@host/orders'",
    "HEADER: 'Bearer abcdef1234567890'",
    "HEADER: 'Basic dXNlcjpwYXNzd29yZA=='",
    "OTHER: " + "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "OTHER: https://hooks.slack" + ".com/services/T00000000/B00000000/" + MIXED * 6,
    *(f"OTHER: {prefix}{MIXED * 9}" for prefix in ("sk_" + "test_", "npm" + "_", "sk-" + "proj-", "gh" + "s_")),
    f"OTHER: {'SG' + '.'}{(MIXED * 6)[:22]}.{(MIXED * 11)[:43]}",
    "A: !Sub '{{resolve:secretsmanager:${AWS::StackName}-x:SecretString:p}}'",
    "A: '{{resolve:ssm-secure:/x:1}}'",
]
HARMLESS = [
    *("SECRET_ARN: arn:aws:secretsmanager:us-east-1:1:secret:x", "SECRET_NAME: orders-db", "SECRET_ID: orders-db"),
    *("DB_SECRET: orders/db", "DB_SECRET: /orders/db/password", "PASSWORD_PARAMETER: /orders/db", "SECRETS_PREFIX: a/"),
    *("TOKEN_TTL: 3600", "MAX_TOKENS: 4096", "TOKEN_VALIDITY: 1h", "ACCESS_TOKEN_EXPIRES_IN: 15m", "TOKENIZER: cl100k"),
    *(
        "TOKEN_URL: https://auth.example.com/token",
        "TOKEN_ISSUER: https://x",
        "TOKEN_TYPE: Bearer",
        "USE_TOKEN: always",
    ),
    *("PASSWORD_MIN_LENGTH: 12", "PASSWORD_POLICY: strong", "PASSWORD_FIELD: pw", "AUTH_TOKEN_HEADER: X-Token"),
    *(
        "PARTITION_KEY: id",
        "SORT_KEY: sk",
        "IDEMPOTENCY_KEY: orderId",
        "S3_KEY: input/data.csv",
        "API_KEY_ID: abcdef12",
    ),
    *("KMS_KEY: alias/orders", "ENCRYPTION_KEY: alias/orders", "PUBLIC_KEY: MIIBIjANBgkqhkiG9w0BAQ", "COMPASS: north"),
    "ENCRYPTION_KEY: 1234abcd-12ab-34cd-56ef-1234567890ab",
    "GIT_SHA: da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "USER_URL: https://user@example.com/x",
    "ENDPOINT: !Sub 'https://${AWS::StackName}:443/x@1'",
    "NAME: '{{resolve:ssm:/x/name}}'",
    "DB_SECRET: !Sub '${AWS::StackName}-db'",
]
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      CodeUri: src
      Environment:
        Variables:
          {}
"""


@pytest.mark.parametrize("variable", SECRETS)
def test_a_secret_is_found_at_its_variable(variable: str, tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "SG106", TEMPLATE.format(variable))

    assert (found.line, found.column) == (11, 11)


@pytest.mark.parametrize("variable", HARMLESS)
def test_what_only_points_to_a_secret_is_none(variable: str, tmp_path: Path) -> None:
    assert findings(tmp_path, "SG106", TEMPLATE.format(variable)) == []


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("Parameters:\n  Token: { Type: String, Default: KEY }\n", 2),
        ("Mappings:\n  Keys:\n    eu-west-1:\n      key: KEY\n", 4),
        ("Resources:\n  Flow:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      Comment: KEY\n", 5),
        ("Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code: { ZipFile: KEY }\n", 5),
        ("Outputs:\n  Key:\n    Value: KEY\n", 3),
    ],
)
def test_a_key_of_aws_is_found_wherever_it_stands(template: str, line: int, tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "SG106", template.replace("KEY", "AKIA" + "IOSFODNN7EXAMPLE"))

    assert found.line == line
