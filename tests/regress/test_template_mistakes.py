"""Deliberate mistakes in the template: each is told once, as what it is, with what it does to a service, no more."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from generator import paths
from generator.findings import Severity
from generator.project import load_project
from generator.regress.cache import Cache
from generator.regress.compare import compare
from generator.regress.matrix import Combination
from generator.regress.rendering import Template
from generator.regress.report.words import lines, title
from generator.regress.run import Work, prepare
from generator.regress.snapshot import parts_of
from generator.regress.store import Snapshots, read_snapshots, write_snapshots

ROOT = paths.template_root()
SMALL = Combination("small", {"service": {"name": "shop"}})
LARGE = Combination(
    "large",
    {
        "service": {"name": "shop"},
        "tables": [{"name": "orders", "partition_key": {"name": "id"}}],
        "queues": [{"name": "work"}],
        "buckets": [{"name": "files"}],
        "functions": [
            {"name": "work", "triggers": [{"type": "sqs", "queue": "work"}]},
            {"name": "hello", "permissions": [{"dynamodb": {"table": "orders", "access": "read"}}]},
        ],
    },
)
BOTH = ("large", "small")
WITH_DATA = ("large",)


class Seen(NamedTuple):
    """What the template makes of both combinations, and what is found in the large one: severity and rule."""

    snapshots: Snapshots
    findings: list[tuple[str, str]]


def look(work: Work, folder: Path) -> Seen:
    folder.mkdir(exist_ok=True)
    found = Snapshots()
    outcome = work(LARGE)
    assert not outcome.refused
    found.add(LARGE.name, LARGE.choices, outcome.parts)
    # Reviewed is what has everything; of the other it is enough to see which changes they share.
    found.add(SMALL.name, SMALL.choices, parts_of(load_project(Template().render(SMALL, folder))))
    failing = {(f.severity.value, f.rule) for f in outcome.findings if f.severity is not Severity.INFO}
    return Seen(found, sorted(failing))


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Loads the tools once; templates that a mistake leaves alone are not linted again."""
    return prepare(Template(), Cache(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def before(work: Work, tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    """As the template is, by way of a disk."""
    folder = tmp_path_factory.mktemp("snapshots")
    seen = look(work, folder)
    assert seen.findings == []
    write_snapshots(folder / "kept", seen.snapshots)
    return read_snapshots(folder / "kept")


@dataclass(frozen=True)
class Mistake:
    """One edit of the template, and what is to be told of it: nothing else.

    Attributes:
        file: the template's file.
        old: what stands there.
        new: what stands there by mistake.
        told: for each change its title, and the combinations that have it.
        inside: a line of the edits of the first change.
        found: severity and rule of each finding.
    """

    file: str
    old: str
    new: str
    told: dict[str, tuple[str, ...]]
    inside: str = ""
    found: Sequence[tuple[str, str]] = ()


DATA_STACK, FUNCTIONS, SECURITY, API, MONITORING = (
    f"stacks/{name}/template.yaml" for name in ("data", "functions", "security", "api", "monitoring")
)
LOST = ", WITH THE DATA THAT IT HOLDS"
TABLE = f"{DATA_STACK}: OrdersTable (AWS::DynamoDB::Table)"
DEAD_LETTERS = (
    '!Sub "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:'
    '${Environment}-<< service.name >>-<< function.name >>-dlq"'
)
KEPT = "    DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n"
MISTAKES = {
    "a table's logical id": Mistake(
        DATA_STACK,
        "  << table.id >>Table:\n",
        "  << table.id >>TableNew:\n",
        {f"{TABLE} is now called OrdersTableNew; it is replaced{LOST}": WITH_DATA},
    ),
    "a table's name": Mistake(
        DATA_STACK,
        'TableName: !Sub "${Environment}-',
        'TableName: !Sub "${Environment}-new-',
        {f"{TABLE} changed; it is replaced{LOST}": WITH_DATA},
        'Properties.TableName.Fn::Sub: "${Environment}-shop-orders" → "${Environment}-new-shop-orders"',
        found=[("warning", "SG404")],
    ),
    "a dropped dead-letter queue": Mistake(
        DATA_STACK,
        """      RedrivePolicy:
        deadLetterTargetArn: !GetAtt << queue.id >>QueueDeadLetters.Arn
        maxReceiveCount: << queue.max_receive_count >>
""",
        "",
        {f"{DATA_STACK}: WorkQueue (AWS::SQS::Queue) changed; it is updated in place": WITH_DATA},
        "Properties.RedrivePolicy: ",
        found=[("warning", "SG505")],
    ),
    "a policy for deletion": Mistake(
        DATA_STACK,
        "  << table.id >>Table:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: RetainExceptOnCreate\n",
        "  << table.id >>Table:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: Delete\n",
        {f"{TABLE} changed; it stays as it is": WITH_DATA},
        'DeletionPolicy: "RetainExceptOnCreate" → "Delete"',
        found=[("warning", "SG705")],
    ),
    "a bucket that is gone": Mistake(
        DATA_STACK,
        "#% for bucket in data.buckets\n  << bucket.id >>Bucket:",
        "#% for bucket in data.buckets[1:]\n  << bucket.id >>Bucket:",
        {
            f"{DATA_STACK}: FilesBucket (AWS::S3::Bucket) removed; it is deleted{LOST}": WITH_DATA,
            f"{DATA_STACK}: FilesBucketPolicy (AWS::S3::BucketPolicy) removed; it is deleted": WITH_DATA,
        },
    ),
    "a changed default": Mistake(
        FUNCTIONS,
        "    EphemeralStorage: { Size: 512 }\n",
        "    EphemeralStorage: { Size: 1024 }\n",
        {f"{FUNCTIONS}: Function (Globals) changed": BOTH},
        "EphemeralStorage.Size: 512 → 1024",
    ),
    "a function's name": Mistake(
        FUNCTIONS,
        'FunctionName: !Sub "${Environment}-<< service.name >>-<< function.name >>"',
        'FunctionName: !Sub "<< service.name >>-${Environment}-<< function.name >>"',
        {
            f"{FUNCTIONS}: HelloFunction (AWS::Serverless::Function) changed; it is replaced": BOTH,
            f"{FUNCTIONS}: WorkFunction (AWS::Serverless::Function) changed; it is replaced": WITH_DATA,
        },
        "Properties.FunctionName.Fn::Sub: ",
        found=[("warning", "SG402"), ("warning", "SG404"), ("warning", "SG801")],
    ),
    "a widened role": Mistake(
        SECURITY,
        f"                Action: sqs:SendMessage\n                Resource: {DEAD_LETTERS}\n              # X-Ray",
        '                Action: sqs:*\n                Resource: "*"\n              # X-Ray',
        {
            f"{SECURITY}: HelloRole (AWS::IAM::Role) changed; it is updated in place": BOTH,
            f"{SECURITY}: WorkRole (AWS::IAM::Role) changed; it is updated in place": WITH_DATA,
        },
        'Properties.Policies[function].PolicyDocument.Statement[KeepFailedEvents].Action: "sqs:SendMessage" → "sqs:*"',
        found=[("error", "SG101")],
    ),
    "a table that is not encrypted": Mistake(
        DATA_STACK,
        "      SSESpecification: { SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !Ref KmsKeyArn }\n",
        "",
        {f"{TABLE} changed; it is updated in place": WITH_DATA},
        'Properties.SSESpecification: {"KMSMasterKeyId": ',
    ),
    "a public route": Mistake(
        API,
        "security: << operation.security | yaml >>",
        "security: []",
        {f"{API}: Api (AWS::Serverless::Api) changed; it is updated in place": BOTH},
        'Properties.DefinitionBody.paths./hello.get.security[0]: {"iam": []} → nothing',
        found=[("error", "SG104")],
    ),
    "logs that are kept for a day": Mistake(
        FUNCTIONS,
        "      RetentionInDays: !Ref LogRetentionDays\n",
        "      RetentionInDays: 1\n",
        {
            f"{FUNCTIONS}: HelloLogGroup (AWS::Logs::LogGroup) changed; it is updated in place": BOTH,
            f"{FUNCTIONS}: WorkLogGroup (AWS::Logs::LogGroup) changed; it is updated in place": WITH_DATA,
        },
        'Properties.RetentionInDays: {"Ref": "LogRetentionDays"} → 1',
    ),
    "messages that are lost after an hour": Mistake(
        DATA_STACK,
        'queue-dlq"\n      KmsMasterKeyId: !Ref KmsKeyArn\n      MessageRetentionPeriod: 1209600\n',
        'queue-dlq"\n      KmsMasterKeyId: !Ref KmsKeyArn\n      MessageRetentionPeriod: 3600\n',
        {f"{DATA_STACK}: WorkQueueDeadLetters (AWS::SQS::Queue) changed; it is updated in place": WITH_DATA},
        "Properties.MessageRetentionPeriod: 1209600 → 3600",
    ),
    "no policy for deletion": Mistake(
        DATA_STACK,
        f"Table:\n    Type: AWS::DynamoDB::Table\n{KEPT}",
        "Table:\n    Type: AWS::DynamoDB::Table\n",
        {f"{TABLE} changed; it stays as it is": WITH_DATA},
        'UpdateReplacePolicy: "Retain" → nothing',
        found=[("warning", "SG705")],
    ),
    "a timeout": Mistake(
        FUNCTIONS,
        "Timeout: << function.timeout >>",
        "Timeout: 300",
        {
            f"{FUNCTIONS}: HelloFunction (AWS::Serverless::Function) changed; it is updated in place": BOTH,
            f"{FUNCTIONS}: WorkFunction (AWS::Serverless::Function) changed; it is updated in place": WITH_DATA,
        },
        "Properties.Timeout: 10 → 300",
        found=[("error", "SG502"), ("warning", "SG502")],
    ),
    "a dropped alarm": Mistake(
        MONITORING,
        "#% for alarm in monitoring.alarms\n",
        "#% for alarm in monitoring.alarms[1:]\n",
        {f"{MONITORING}: Api5xxAlarm (AWS::CloudWatch::Alarm) removed; it is deleted": BOTH},
        found=[("error", "SG202"), ("warning", "SG404")],
    ),
    "an output": Mistake(
        SECURITY,
        "Outputs:\n",
        "Outputs:\n  Extra: { Value: 1 }\n",
        {f"{SECURITY}: Extra (Outputs) added": BOTH},
        found=[("warning", "SG003")],
    ),
    "a file": Mistake("Makefile", "\n", "\n# by mistake\n", {"Makefile: File changed": BOTH}),
    "a setting": Mistake(
        "samconfig.toml",
        "version = 0.1\n",
        "version = 0.2\n",
        {"samconfig.toml: version changed": BOTH},
        "(whole): 0.1 → 0.2",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_and_nothing_else(
    mistake: Mistake, before: Snapshots, work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "template"
    shutil.copytree(ROOT / paths.PROJECT_FOLDER, template / paths.PROJECT_FOLDER)
    shutil.copy(ROOT / "cookiecutter.json", template)
    for name in ("runtimes", "hooks"):
        shutil.copytree(ROOT / name, template / name)
    path = template / paths.PROJECT_FOLDER / mistake.file
    text = path.read_text(encoding="utf-8")
    assert mistake.old in text
    path.write_text(text.replace(mistake.old, mistake.new, 1), encoding="utf-8")
    monkeypatch.setattr(paths, "template_root", lambda: template)

    seen = look(work, tmp_path / "rendered")
    found = compare(before, seen.snapshots)

    assert {title(change): change.combinations for change in found.changes} == mistake.told
    assert seen.findings == list(mistake.found)
    assert (found.added, found.removed) == ((), ())
    assert any(line.startswith(mistake.inside) for line in lines(found.changes[0])) or not mistake.inside


def test_nothing_is_told_where_nothing_is_different(before: Snapshots, work: Work, tmp_path: Path) -> None:
    seen = look(work, tmp_path)

    assert compare(before, seen.snapshots).same
    assert seen.findings == []
