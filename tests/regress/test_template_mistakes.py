"""Ten deliberate mistakes in the template: each is told once, with what it does to a service, and nothing else is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator import paths
from generator.project import load_project
from generator.regress.compare import compare
from generator.regress.matrix import Combination
from generator.regress.rendering import Template
from generator.regress.report.words import lines, title
from generator.regress.snapshot import parts_of
from generator.regress.store import Snapshots, read_snapshots, write_snapshots

ROOT = paths.template_root()
DATA = {
    "tables": [{"name": "orders", "partition_key": {"name": "id"}}],
    "queues": [{"name": "work"}],
    "buckets": [{"name": "files"}],
}
COMBINATIONS = [
    Combination("small", {"service": {"name": "shop"}}),
    Combination(
        "queue",
        {
            "service": {"name": "shop"},
            **DATA,
            "functions": [
                {"name": "work", "triggers": [{"type": "sqs", "queue": "work"}]},
                {"name": "hello", "permissions": [{"dynamodb": {"table": "orders", "access": "read"}}]},
            ],
        },
    ),
    Combination("another", {"service": {"name": "shop"}, **DATA, "api": {"authorization": "cognito"}}),
]
ALL = ("another", "queue", "small")


def snapshots(folder: Path) -> Snapshots:
    found = Snapshots()
    for combination in COMBINATIONS:
        holder = folder / combination.name
        holder.mkdir(parents=True)
        found.add(combination.name, combination.choices, parts_of(load_project(Template().render(combination, holder))))
    return found


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    """As the template is, by way of a disk."""
    folder = tmp_path_factory.mktemp("snapshots")
    write_snapshots(folder / "kept", snapshots(folder / "rendered"))
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
    """

    file: str
    old: str
    new: str
    told: dict[str, tuple[str, ...]]
    inside: str = ""


DATA_STACK, FUNCTIONS, SECURITY = (f"stacks/{name}/template.yaml" for name in ("data", "functions", "security"))
WITH_DATA = ("another", "queue")
LOST = ", WITH THE DATA THAT IT HOLDS"
TABLE = f"{DATA_STACK}: OrdersTable (AWS::DynamoDB::Table)"
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
    ),
    "a policy for deletion": Mistake(
        DATA_STACK,
        "  << table.id >>Table:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: RetainExceptOnCreate\n",
        "  << table.id >>Table:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: Delete\n",
        {f"{TABLE} changed; it stays as it is": WITH_DATA},
        'DeletionPolicy: "RetainExceptOnCreate" → "Delete"',
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
        {f"{FUNCTIONS}: Function (Globals) changed": ALL},
        "EphemeralStorage.Size: 512 → 1024",
    ),
    "a function's name": Mistake(
        FUNCTIONS,
        'FunctionName: !Sub "${Environment}-<< service.name >>-<< function.name >>"',
        'FunctionName: !Sub "<< service.name >>-${Environment}-<< function.name >>"',
        {
            f"{FUNCTIONS}: HelloFunction (AWS::Serverless::Function) changed; it is replaced": ALL,
            f"{FUNCTIONS}: WorkFunction (AWS::Serverless::Function) changed; it is replaced": ("queue",),
        },
        "Properties.FunctionName.Fn::Sub: ",
    ),
    "an output": Mistake(
        SECURITY, "Outputs:\n", "Outputs:\n  Extra: { Value: 1 }\n", {f"{SECURITY}: Extra (Outputs) added": ALL}
    ),
    "a file": Mistake("Makefile", "\n", "\n# by mistake\n", {"Makefile: File changed": ALL}),
    "a setting": Mistake(
        "samconfig.toml",
        "version = 0.1\n",
        "version = 0.2\n",
        {"samconfig.toml: version changed": ALL},
        "(whole): 0.1 → 0.2",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_and_nothing_else(
    mistake: Mistake, before: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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

    found = compare(before, snapshots(tmp_path / "rendered"))

    assert {title(change): change.combinations for change in found.changes} == mistake.told
    assert (found.added, found.removed) == ((), ())
    assert any(line.startswith(mistake.inside) for line in lines(found.changes[0])) or not mistake.inside


def test_nothing_is_told_where_nothing_is_different(before: Snapshots, tmp_path: Path) -> None:
    assert compare(before, snapshots(tmp_path)).same
