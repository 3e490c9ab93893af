"""SG102 and SG107: what is encrypted with which key, and what is open to the public."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.checks.case import Case, as_list, literal, truth
from generator.checks.facts.statements import Statement, put, resource_statements
from generator.checks.facts.variables import names_a_key, unencrypted_variables
from generator.checks.rule import Problem, rule
from generator.findings import Severity
from generator.project import Deployment, Resource
from generator.project.evaluate import UNKNOWN, is_known

BUCKET = "AWS::S3::Bucket"
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
# Data whose encryption AWS turns on by itself, and the property that names a key of one's own.
_BY_DEFAULT = {
    "AWS::DynamoDB::Table": ("SSESpecification",),
    "AWS::DynamoDB::GlobalTable": ("SSESpecification",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId", "SqsManagedSseEnabled"),
    BUCKET: ("BucketEncryption",),
}
# Data that is in clear unless a property says otherwise.
_IN_CLEAR = {
    "AWS::DocDB::DBCluster": "StorageEncrypted",
    "AWS::EFS::FileSystem": "Encrypted",
    "AWS::Kinesis::Stream": "StreamEncryption",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamEncryptionConfigurationInput",
    "AWS::Neptune::DBCluster": "StorageEncrypted",
    "AWS::RDS::DBCluster": "StorageEncrypted",
    "AWS::RDS::DBInstance": "StorageEncrypted",
    "AWS::SNS::Topic": "KmsMasterKeyId",
}
# What makes it of something else, which says whether it is encrypted.
_OF_ANOTHER = ("DBClusterIdentifier", "SnapshotIdentifier", "DBSnapshotIdentifier", "SourceDBInstanceIdentifier",
               "SourceDBClusterIdentifier", "KinesisStreamSourceConfiguration")  # fmt: skip
_PUBLIC = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"


@rule(
    "SG102",
    "Environment variables are encrypted with a key of the service's own, which rotates and is not everybody's.",
    Severity.WARNING,
    "Set KmsKeyArn on every function with variables, and EnableKeyRotation on the key.",
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
)
def variables(case: Case) -> Iterator[Problem]:
    """Functions with variables and no key, keys that never change, keys for everybody."""
    for _, function in unencrypted_variables(case):
        if not names_a_key(function):  # one that comes to nothing is SG302's
            message = f"{function.owner} has environment variables and no KmsKeyArn, so AWS's own key encrypts them."
            yield put(function, message, "Environment")
    for _, key in case.of_type("AWS::KMS::Key"):
        if _can_rotate(key) and _is_off(key.get("EnableKeyRotation")):
            message = f"The key {key.owner} never changes."
            yield put(key, message, "EnableKeyRotation", mend="Set EnableKeyRotation to true.")
        for statement in resource_statements(key):
            if _open(statement):
                message = f"Everybody may use the key {key.owner}."
                mend = "Name accounts, roles or services, or add a condition on who calls."
                yield statement.problem(message, "Principal", severity=Severity.ERROR, mend=mend)


@rule(
    "SG107",
    "Queues, topics, tables, buckets and logs are encrypted and private, and buckets take TLS only.",
    Severity.WARNING,
    "Encrypt it with the service's key, block public access, and deny what comes without TLS.",
    _PUBLIC,
)
def data(case: Case) -> Iterator[Problem]:
    """Data that anybody may read: where it rests, on its way, or by a policy."""
    for deployment in case.deployments:
        for resource in deployment.resources():
            yield from _at_rest(resource)
            if resource.type == BUCKET:
                yield from _private(resource)
                yield from _tls(deployment, resource)
            if resource.type != "AWS::KMS::Key":
                for statement in resource_statements(resource):
                    if _open(statement):
                        message = f"{resource.owner} lets everybody in the world {_first(statement)}."
                        mend = "Name accounts, roles or services, or add a condition on who calls."
                        yield statement.problem(message, "Principal", severity=Severity.ERROR, mend=mend)


def _at_rest(resource: Resource) -> Iterator[Problem]:
    needed = _IN_CLEAR.get(resource.type)
    if needed and _is_off(resource.get(needed)) and all(resource.get(name) is None for name in _OF_ANOTHER):
        yield put(resource, f"What is in {resource.owner} is not encrypted.", needed, mend=f"Set {needed}.")
    if resource.type == "AWS::RDS::DBInstance" and truth(resource.get("PubliclyAccessible")):
        message = f"The whole internet reaches {resource.owner}."
        mend = "Set PubliclyAccessible to false, and reach it from within its network."
        yield put(resource, message, "PubliclyAccessible", severity=Severity.ERROR, mend=mend)
    if resource.type == "AWS::SQS::Queue" and truth(resource.get("SqsManagedSseEnabled")) is False:
        if resource.get("KmsMasterKeyId") is None:
            yield put(resource, f"What is in {resource.owner} is not encrypted.", "SqsManagedSseEnabled")
        return
    if resource.type.startswith("AWS::DynamoDB::") and truth(resource.get("SSESpecification", "SSEEnabled")) is False:
        message = f"{resource.owner} is encrypted with a key that AWS owns, not with one of the account's."
        yield put(resource, message, "SSESpecification", severity=Severity.INFO)
    names = _BY_DEFAULT.get(resource.type)
    if names and all(resource.get(name) is None for name in names):
        message = f"{resource.owner} is encrypted as AWS does it by default, not with a key of the service's own."
        yield put(resource, message, severity=Severity.INFO, mend=f"Set {names[0]}.")


def _private(bucket: Resource) -> Iterator[Problem]:
    control = literal(bucket.get("AccessControl")) or ""
    if control.startswith(("Public", "Authenticated")):
        message = f"The bucket {bucket.owner} is open by its access control, {control}."
        yield put(bucket, message, "AccessControl", severity=Severity.ERROR)
    blocks = bucket.get("PublicAccessBlockConfiguration")
    if blocks is None:
        message = f"The bucket {bucket.owner} relies on the default for not being public."
        yield put(bucket, message, severity=Severity.INFO, mend="Set PublicAccessBlockConfiguration.")
    missing = [name for name in _BLOCKS if isinstance(blocks, dict) and _is_off(blocks.get(name))]
    if missing:
        message = f"The bucket {bucket.owner} may become public: it does not set {', '.join(missing)}."
        step = (missing[0],) if missing[0] in (blocks or {}) else ()
        yield put(bucket, message, "PublicAccessBlockConfiguration", *step)


def _tls(deployment: Deployment, bucket: Resource) -> Iterator[Problem]:
    for policy in deployment.of_type("AWS::S3::BucketPolicy"):
        target = policy.get("Bucket")
        if not is_known(target) or policy.get("PolicyDocument") is UNKNOWN:
            return  # it may well be this bucket's
        if deployment.find(target, BUCKET) is bucket and any(map(_asks_for_tls, resource_statements(policy))):
            return
    message = f"The bucket {bucket.owner} takes requests without TLS."
    yield put(bucket, message, mend="Add a bucket policy that denies what comes with aws:SecureTransport false.")


def _asks_for_tls(statement: Statement) -> bool:
    conditions = statement.body.get("Condition")
    if literal(statement.body.get("Effect")) != "Deny" or not isinstance(conditions, dict):
        return False
    for operator, test in conditions.items():
        denied = "Not" in str(operator)
        for key, value in test.items() if isinstance(test, dict) else ():
            without = any(truth(item) is denied for item in as_list(value))
            if str(key).lower() == "s3:tlsversion" or (str(key).lower() == "aws:securetransport" and without):
                return True
    return False


def _open(statement: Statement) -> bool:
    return statement.allows and statement.of_everybody and not statement.conditional


def _first(statement: Statement) -> str:
    return f"do {statement.actions[0]}" if statement.actions else "in"


def _can_rotate(key: Resource) -> bool:
    """Whether AWS can rotate a key: symmetric ones that it made itself."""
    spec, usage, origin = (key.get(name) for name in ("KeySpec", "KeyUsage", "Origin"))
    return spec in (None, "SYMMETRIC_DEFAULT") and usage in (None, "ENCRYPT_DECRYPT") and origin in (None, "AWS_KMS")


def _is_off(value: Any) -> bool:
    """Whether a switch is not set or is off; one that is not known is neither."""
    return value is None or truth(value) is False
