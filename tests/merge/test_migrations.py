"""Migrations of tests, on small projects: what each kind of step does to both sides, and what it leaves alone."""

from __future__ import annotations

import pytest

from generator.merge.files import SPEC, File
from generator.merge.migrations import (
    MIGRATIONS,
    Migrated,
    Migration,
    MoveFile,
    MoveResource,
    RenameKey,
    RenameResource,
    migrate,
)
from generator.merge.migrations.model import Step
from generator.merge.migrations.texts import add_resource, cut_resource
from generator.merge.project import merge_project
from generator.merge.versions import version_key

CODE = "\n".join(f"line {number} of a handler" for number in range(12)) + "\n"
TEMPLATE = """\
Resources:
  # Keeps events.
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: queue

  Function:
    Type: AWS::Lambda::Function
    DependsOn: [Queue, QueuePolicy]
    Properties:
      Environment:
        Variables:
          A: !Ref Queue
          B: !GetAtt Queue.Arn
          C: !Sub "${Queue} ${Queue.Arn} ${QueueName} ${!Queue} Queue"
          D: {"Fn::GetAtt": [Queue, Queue]}
          E: {"Fn::Sub": ["${Queue}${X}", {X: {Ref: Queue}}]}
          F: Queue

  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    DependsOn: Queue
"""


def files(**texts: str) -> dict[str, File]:
    return {name.replace("__", "/").replace("_", "."): File(text.encode()) for name, text in texts.items()}


def taken(step: Step, base: dict[str, File], ours: dict[str, File]) -> Migrated:
    return migrate(base, ours, "0.1.0", [Migration("0.2.0", "told", (step,))])


def text(files: dict[str, File], name: str) -> str:
    return files[name].data.decode()


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_key_is_renamed_wherever_it_stands_and_nothing_else_changes(ends: str, mark: str) -> None:
    spec = mark + ends.join(
        [
            "# Ours: memory is dear",
            "service: {name: shop, memory: no}",
            "functions:",
            '  - "memory" : 512   # memory',
            "    name: memory",
            "  - {name: b, memory: 128}",
            "  - {name: c, memory: 1, memory_size: 2}",
            "",
        ]
    )
    step = RenameKey(("functions", "*", "memory"), "memory_size")
    found = taken(step, {}, {SPEC: File(spec.encode())})
    expected = spec.replace('"memory" :', '"memory_size" :').replace("b, memory:", "b, memory_size:")
    assert text(found.ours, SPEC) == expected
    assert [one.version for one in found.taken] == ["0.2.0"]
    assert not taken(step, {}, found.ours).taken


@pytest.mark.parametrize(
    "spec", ["functions: [", "- a\n", "", "functions: {a: 1}\n", "a: &a [*a]\n", "\x00", "memory: 1"]
)
def test_a_spec_that_has_nothing_of_it_stays(spec: str) -> None:
    ours = {SPEC: File(spec.encode())}
    assert taken(RenameKey(("functions", "*", "memory"), "memory_size"), {}, ours) == Migrated({}, ours)


def test_a_file_moves_with_its_edits_and_a_folder_with_what_is_in_it() -> None:
    base = files(lib__a_py=CODE, lib__b_py=CODE + "b\n")
    ours = files(lib__a_py=CODE + "mine\n", lib__b_py=CODE + "b\n", lib__mine_py="mine")
    found = taken(MoveFile("lib", "src/lib"), base, ours)
    assert found.base == files(src__lib__a_py=CODE, src__lib__b_py=CODE + "b\n")
    theirs = files(src__lib__a_py="theirs\n" + CODE, src__lib__b_py=CODE + "b\n")
    merge = merge_project(found.base, found.ours, theirs)
    assert merge.written == files(src__lib__a_py="theirs\n" + CODE + "mine\n")
    assert not merge.removed
    assert not merge.conflicts
    assert "src/lib/mine.py" in found.ours


def test_a_file_that_the_user_has_moved_or_deleted_or_put_there_already() -> None:
    base = files(a_py=CODE)
    elsewhere = taken(MoveFile("a.py", "b.py"), base, files(mine_py=CODE))
    assert merge_project(elsewhere.base, elsewhere.ours, files(b_py=CODE + "x\n")).written == files(
        mine_py=CODE + "x\n"
    )
    deleted = taken(MoveFile("a.py", "b.py"), base, {})
    assert not merge_project(deleted.base, deleted.ours, files(b_py=CODE)).changes
    both = taken(MoveFile("a.py", "b.py"), base, files(a_py=CODE, b_py="mine"))
    assert both.ours == files(a_py=CODE, b_py="mine")
    assert [(c.file, c.kind) for c in both.conflicts] == [("a.py", "migration")]


def test_a_resource_is_renamed_with_all_that_refers_to_it() -> None:
    ours = TEMPLATE.replace("QueueName: queue", "QueueName: mine  # Queue")
    step = RenameResource("a*.yaml", "Queue", "Jobs")
    found = taken(step, files(a_yaml=TEMPLATE), files(a_yaml=ours, b_yaml=TEMPLATE))
    expected = (
        ours.replace("  Queue:", "  Jobs:")
        .replace("[Queue, QueueP", "[Jobs, QueueP")
        .replace("!Ref Queue", "!Ref Jobs")
        .replace("!GetAtt Queue.Arn", "!GetAtt Jobs.Arn")
        .replace('"${Queue} ${Queue.Arn}', '"${Jobs} ${Jobs.Arn}')
        .replace("[Queue, Queue]", "[Jobs, Queue]")
        .replace('"${Queue}${X}", {X: {Ref: Queue}}', '"${Jobs}${X}", {X: {Ref: Jobs}}')
        .replace("DependsOn: Queue", "DependsOn: Jobs")
    )
    assert text(found.ours, "a.yaml") == expected
    assert text(found.ours, "b.yaml") == TEMPLATE
    theirs = files(a_yaml=text(found.base, "a.yaml").replace("QueueName: queue", "QueueName: queue\n      Tags: []"))
    merge = merge_project(found.base, found.ours, theirs)
    assert merge.written == files(a_yaml=expected.replace("# Queue\n", "# Queue\n      Tags: []\n"))


def test_resources_of_each_function_are_renamed_by_a_pattern() -> None:
    base = files(a_yaml=TEMPLATE.replace("Queue", "HelloQueue"))
    found = taken(RenameResource("a.yaml", "*Queue", "*Jobs"), base, base)
    assert "  HelloJobs:\n" in text(found.ours, "a.yaml")
    assert "  HelloQueuePolicy:\n" in text(found.ours, "a.yaml")
    assert "HelloQueue " not in text(found.ours, "a.yaml").replace("${!HelloQueue} HelloQueue", "")


def test_a_resource_is_not_renamed_onto_another() -> None:
    base, ours = files(a_yaml=TEMPLATE), files(a_yaml=TEMPLATE + "\n  Jobs:\n    Type: AWS::SQS::Queue\n")
    found = taken(RenameResource("a.yaml", "Queue", "Jobs"), base, ours)
    assert found.ours == ours
    assert [(c.file, c.path, c.kind) for c in found.conflicts] == [("a.yaml", "Resources/Queue", "migration")]


def test_a_resource_moves_to_another_template_with_its_edits_and_comments() -> None:
    target = "Parameters:\n  A: {Type: String}\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\nOutputs: {}\n"
    base = files(a_yaml=TEMPLATE, b_yaml=target)
    ours = files(a_yaml=TEMPLATE.replace("QueueName: queue", "QueueName: mine  # ours"), b_yaml=target)
    found = taken(MoveResource("Queue", "a.yaml", "b.yaml"), base, ours)
    block = "  # Keeps events.\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: mine  # ours\n"
    assert text(found.ours, "b.yaml") == target.replace("SNS::Topic\n", f"SNS::Topic\n\n{block}")
    assert text(found.ours, "a.yaml") == TEMPLATE.replace(block.replace("mine  # ours", "queue") + "\n", "")
    changed = block.replace("mine  # ours", "queue\n      Tags: []")
    theirs = {
        "a.yaml": found.base["a.yaml"],
        **files(b_yaml=target.replace("SNS::Topic\n", f"SNS::Topic\n\n{changed}")),
    }
    merge = merge_project(found.base, found.ours, theirs)
    assert "QueueName: mine  # ours\n      Tags: []" in text(merge.written, "b.yaml")
    assert not merge.conflicts


def test_a_resource_moves_to_a_template_that_is_new() -> None:
    base = files(a_yaml=TEMPLATE)
    ours = files(a_yaml=TEMPLATE.replace("QueueName: queue", "QueueName: mine"))
    found = taken(MoveResource("Queue", "a.yaml", "data.yaml"), base, ours)
    theirs = files(data_yaml="Description: Data\n" + text(found.base, "data.yaml"))
    merge = merge_project(found.base, found.ours, {"a.yaml": found.base["a.yaml"], **theirs})
    after = text({**found.ours, **merge.written}, "data.yaml")
    assert after.startswith("Description: Data\n")
    assert "QueueName: mine" in after
    assert not merge.conflicts


@pytest.mark.parametrize(
    "ours",
    [
        files(a_yaml='{"Resources": {"Queue": {"Type": "A"}, "B": {}}}', b_yaml=TEMPLATE),
        files(a_yaml=TEMPLATE, b_yaml=TEMPLATE),
        files(a_yaml=TEMPLATE),
        files(a_yaml=TEMPLATE, b_yaml="Resources: {}\n"),
        files(a_yaml="Resources:\n  Queue: {}\n", b_yaml=TEMPLATE),
    ],
)
def test_a_resource_that_cannot_move_stays_and_is_told(ours: dict[str, File]) -> None:
    base = files(a_yaml=TEMPLATE, b_yaml="Resources:\n  Topic:\n    Type: A\n")
    found = taken(MoveResource("Queue", "a.yaml", "b.yaml"), base, ours)
    assert found.ours == ours
    assert [(c.file, c.kind) for c in found.conflicts] == [("a.yaml", "migration")]


def test_the_last_resource_goes_with_its_comments_and_what_follows_stays() -> None:
    cut = cut_resource(TEMPLATE + "# The end\nOutputs: {}\n", "QueuePolicy")
    assert cut is not None
    assert cut.block == "  QueuePolicy:\n    Type: AWS::SQS::QueuePolicy\n    DependsOn: Queue\n"
    assert cut.rest.endswith("F: Queue\n\n# The end\nOutputs: {}\n")
    assert add_resource(cut.rest, cut.block) == TEMPLATE + "\n# The end\nOutputs: {}\n"


def test_migrations_are_taken_in_order_from_the_recorded_version_on() -> None:
    steps = [
        Migration("0.10.0", "last", (RenameKey(("c",), "d"),)),
        Migration("0.2.0", "first", (RenameKey(("a",), "b"),)),
        Migration("0.3.0", "second", (RenameKey(("b",), "c"),)),
        Migration("0.1.0", "before", (RenameKey(("x",), "y"),)),
    ]
    found = migrate({}, files(samgen_yaml="a: 1\nx: 1\n"), "0.1.0", steps)
    assert text(found.ours, SPEC) == "d: 1\nx: 1\n"
    assert [one.told for one in found.taken] == ["first", "second", "last"]


def test_the_packages_own_migrations_are_told_in_whole_sentences() -> None:
    for one in MIGRATIONS:
        assert version_key(one.version)[0]
        assert one.told.endswith(".")
        assert one.steps
