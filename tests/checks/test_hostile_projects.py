"""`samgen check` on what is no sound project: a finding or one sentence, soon and without a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from forking import Answer, Forks

# Of a processor, for each process: whatever else the machine does has no part in it. A thousand resources, the longest
# of these, take ten seconds in a single process; the rest is for slower machines.
CPU_SECONDS = 40
MEGABYTES = 1500

QUEUE = "Resources: {Queue: {Type: AWS::SQS::Queue}}\n"
SAM = "Transform: AWS::Serverless-2016-10-31\n"
FUNCTION = "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: a.b, Runtime: python3.13}}\n"


FORKS = Forks()
LIMITS = {"RLIMIT_AS": MEGABYTES << 20, "RLIMIT_CPU": CPU_SECONDS}


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    FORKS.end()


def check(path: Path, *options: str) -> Answer:
    """Run the command in a process of its own, with as much memory and processor time as it may have."""
    answer = FORKS.run("check", *options, "--", str(path), **LIMITS)
    assert "Traceback" not in answer.out + answer.err
    assert answer.code in {0, 1, 2}, answer.err
    return answer


def write(folder: Path, text: str | bytes, name: str = "template.yaml") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def bomb() -> str:
    lines = ["A0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"A{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines) + "\n" + QUEUE


def joined(depth: int) -> str:
    value = '{"Fn::Join": ["", [' * depth + '"x"' + "]]}" * depth
    return '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": ' + value + "}}}}"


# What stands in template.yaml, and what its finding says.
UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "truncated": ("Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: [a", "Not valid YAML"),
    "large": ("# " + "x" * 20_000_000 + "\n" + QUEUE, "20,000,0"),
    "aliases": (bomb(), "aliases expand to more than"),
    "alias of itself": ("Resources: &r {Queue: *r}\n", "refers to a part that contains it"),
    "deep": ("Resources: " + nested(100_000), "nested deeper than 100"),
    "deep JSON": ('{"Resources": ' + nested(100_000) + "}", "nested"),
    "binary": (bytes(range(256)) * 100, "not UTF-8"),
    "null bytes": (b"\0" * 1000, "Not valid YAML"),
    "UTF-16": (QUEUE.encode("utf-16"), "not UTF-8"),
    "deep functions": (joined(1000), "nested"),
    "a list": ("- a\n- b\n", "this is a list"),
    "a word": ("hello", "a single value"),
    "empty": ("", "empty"),
    "a key twice": (QUEUE + QUEUE, "written twice"),
    "a tag of Python": ("Resources: !!python/object/apply:os.system [true]\n", "means nothing"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_template_that_cannot_be_read_is_a_finding(tmp_path: Path, name: str) -> None:
    text, says = UNREADABLE[name]
    answer = check(write(tmp_path, text))
    assert answer.code == 1
    assert says in answer.out
    assert len(answer.out) < 20_000


# What can be read, and is nothing that CloudFormation would take.
MALFORMED = {
    "sections are lists": "Resources: [a]\nParameters: [b]\nOutputs: [c]\nConditions: [d]\nMappings: [e]\n" + SAM,
    "sections are null": "Resources:\nParameters:\nOutputs:\nConditions:\nMappings:\nTransform:\nGlobals:\nMetadata:\n",
    "sections are text": "Resources: a\nParameters: b\nOutputs: c\nConditions: d\nMappings: e\nGlobals: f\n" + SAM,
    "entries are null": "Resources: {A: }\nParameters: {B: }\nOutputs: {C: }\nConditions: {D: }\nMappings: {E: }\n"
    + SAM,
    "keys are numbers": "Resources: {1: {Type: AWS::SQS::Queue}, 2.5: {}, true: []}\nParameters: {1: {Type: String}}\n",
    "unknown transform": "Transform: [OurMacro, {Name: Other}, 5]\n" + QUEUE,
    "unknown transform of SAM": "Transform: [AWS::Serverless-2016-10-31, OurMacro]\nResources:\n" + FUNCTION,
    "circular conditions": "Conditions: {A: !Not [Condition: B], B: !Not [Condition: A]}\n"
    "Resources: {Q: {Type: AWS::SQS::Queue, Condition: A}}\n",
    "chained conditions": "Conditions:\n"
    + "".join(f"  C{n}: !Not [Condition: C{n + 1}]\n" for n in range(300))
    + "  C300: !Equals [a, a]\nResources: {Q: {Type: AWS::SQS::Queue, Condition: C0}}\n",
    "mappings of wrong shape": "Mappings: {M: [], N: {a: x}, O: {b: {c: {d: e}}}}\nResources:\n  Q:\n"
    "    Type: AWS::SQS::Queue\n"
    "    Properties: {QueueName: !FindInMap [M, a, b], DelaySeconds: !FindInMap [N, a, b]}\n",
    "deep functions": joined(30),
    "resources in a circle": "Resources: {A: {Type: AWS::SNS::Topic, DependsOn: B, Properties: {TopicName: !Ref B}},"
    " B: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref A}}}\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_template_of_any_shape_is_reviewed(tmp_path: Path, name: str) -> None:
    answer = check(write(tmp_path, MALFORMED[name]))
    assert answer.code == 1
    assert answer.out


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    plain, marked = write(tmp_path / "a", QUEUE), write(tmp_path / "b", b"\xef\xbb\xbf" + QUEUE.encode())
    assert check(plain).out == check(marked).out


# What makes a folder that holds no template which could be read.
def _fifo(folder: Path) -> None:
    os.mkfifo(folder / "template.yaml")


def _folder(folder: Path) -> None:
    (folder / "template.yaml").mkdir()


def _device(folder: Path) -> None:
    (folder / "template.yaml").symlink_to("/dev/zero")


def _dangling(folder: Path) -> None:
    (folder / "template.yaml").symlink_to("nowhere")


def _loop(folder: Path) -> None:
    (folder / "template.yaml").symlink_to("template.yaml")


@pytest.mark.parametrize("make", [_fifo, _folder, _device, _dangling, _loop])
def test_what_is_no_file_is_one_sentence(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path)
    for path in (tmp_path, tmp_path / "template.yaml"):
        answer = check(path)
        assert answer.code == 2
        assert answer.out == ""
        assert len(answer.err.strip().splitlines()) <= 3


@pytest.mark.parametrize("make", [_fifo, _device, _dangling, _loop, _folder])
def test_what_is_no_file_cannot_be_nested_or_included(tmp_path: Path, make: Callable[[Path], None]) -> None:
    (tmp_path / "odd").mkdir()
    make(tmp_path / "odd")
    include = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: odd/template.yaml}}}"
    text = (
        "Resources:\n  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: odd/template.yaml}}\n"
        f"  Queue: {{Type: AWS::SQS::Queue, Properties: {include}}}\n"
        "  Api: {Type: AWS::ApiGateway::RestApi, Properties: {BodyS3Location: odd/template.yaml}}\n"
    )
    answer = check(write(tmp_path, text))
    assert answer.code == 1
    assert "odd/template.yaml" in answer.out


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    write(tmp_path, QUEUE)
    (tmp_path / "template.yaml").chmod(0)
    answer = check(tmp_path)
    assert answer.code == 1
    assert "cannot be read" in answer.out


def test_a_template_that_may_not_be_read_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As above, for those who run the tests as root.
    def refuse(*_arguments: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    from generator.project import load_project

    write(tmp_path, QUEUE)
    monkeypatch.setattr(Path, "open", refuse)
    (finding,) = load_project(tmp_path).findings
    assert finding.message == "The file cannot be read: Permission denied."


def test_folders_that_link_to_each_other_end(tmp_path: Path) -> None:
    write(tmp_path, QUEUE)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "self").symlink_to("self")
    answer = check(tmp_path)
    assert answer.code == 1
    assert "a/up" not in answer.out


def test_ten_thousand_files_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, QUEUE)
    for number in range(10_000):
        (tmp_path / f"{number}.{('yaml', 'json')[number % 2]}").write_text('{"a": "Resources"}')
    assert check(tmp_path).code == 1


CONFIGS: dict[str, str | bytes] = {
    "large": "x = 1\n" * 500_000,
    "invalid": "[dev.deploy.parameters\nregion = ",
    "binary": bytes(range(256)),
    "UTF-16": 'version = "0.1"'.encode("utf-16"),
    "deep": "x = " + nested(5000),
    "a key twice": "a = 1\na = 2\n",
    "a table twice": "[dev.deploy]\n[dev.deploy]\n",
    "dotted": ".".join("a" * 5000) + " = 1\n",
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_samconfig_that_cannot_be_read_is_a_finding(tmp_path: Path, name: str) -> None:
    write(write(tmp_path, QUEUE), CONFIGS[name], "samconfig.toml")
    answer = check(tmp_path)
    assert answer.code == 1
    assert "samconfig.toml:" in answer.out


@pytest.mark.parametrize(
    "text",
    [
        "dev = 1\n[[prod]]\n",
        "[dev]\ndeploy = 1\nglobal = []\naccount = 'x'\n",
        "[dev.deploy.parameters]\nregion = 1\nparameter_overrides = 5\n",
        "[dev.deploy.parameters]\nregion = ''\nparameter_overrides = [1, [2], {a = 1}]\n",
        '[dev.deploy.parameters]\nparameter_overrides = "A=\'"\n[dev.account.parameters]\nid = 5\n',
        "[dev.deploy.parameters]\nparameter_overrides = {A = [1], B = 1979-05-27}\n",
    ],
)
def test_a_samconfig_of_any_shape_is_read(tmp_path: Path, text: str) -> None:
    template = "Parameters: {A: {Type: String}}\n" + SAM + "Resources:\n" + FUNCTION
    assert check(write(write(tmp_path, template), text, "samconfig.toml")).code == 1


def test_a_samconfig_that_is_no_file_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(write(tmp_path, QUEUE) / "samconfig.toml")
    assert check(tmp_path).code == 1


def stack(name: str) -> str:
    return f"{{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {name}}}}}"


def test_stacks_that_nest_in_each_other_are_a_finding(tmp_path: Path) -> None:
    write(tmp_path, f"Resources: {{B: {stack('b.yaml')}}}\n")
    write(tmp_path, f"Resources: {{A: {stack('template.yaml')}, B: {stack('b.yaml')}}}\n", "b.yaml")
    answer = check(tmp_path)
    assert answer.code == 1
    assert "nest in each other without end" in answer.out


def test_a_thousand_levels_of_stacks_are_a_finding(tmp_path: Path) -> None:
    from generator.checks.run import read_case
    from generator.project import check_links

    write(tmp_path, f"Resources: {{S: {stack('t1.yaml')}}}\n")
    for number in range(1, 1000):
        write(tmp_path, f"Resources: {{S: {stack(f't{number + 1}.yaml')}}}\n", f"t{number}.yaml")
    write(tmp_path, QUEUE, "t1000.yaml")
    # Linting a thousand templates takes its time and is not samgen's to shorten.
    case = read_case(tmp_path)
    assert len(case.project.templates) == 1001
    assert [finding.rule for finding in case.project.findings] == ["link-depth"]
    assert check_links(case.project) == []
    assert len(case.deployments[0].stacks) == 21


def test_stacks_that_multiply_are_a_finding(tmp_path: Path) -> None:
    write(tmp_path, "Resources:\n" + "".join(f"  S{n}: {stack('t1.yaml')}\n" for n in range(10)))
    for number in range(1, 12):
        text = "".join(f"  S{n}: {stack(f't{number + 1}.yaml')}\n" for n in range(10))
        write(tmp_path, "Resources:\n" + text, f"t{number}.yaml")
    write(tmp_path, QUEUE, "t12.yaml")
    answer = check(tmp_path)
    assert answer.code == 1
    assert "more than 500 stacks" in answer.out


@pytest.mark.slow
def test_a_thousand_resources_are_reviewed(tmp_path: Path) -> None:
    template = SAM + "Resources:\n"
    for n in range(250):
        template += FUNCTION.replace("  F:", f"  F{n}:")
        template += f"  Q{n}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: q-{n}}}}}\n"
        template += f"  T{n}: {{Type: AWS::SNS::Topic}}\n  S{n}: {{Type: AWS::S3::Bucket}}\n"
    answer = check(write(tmp_path, template))
    assert answer.code == 1
    assert "500" in answer.out


def test_several_projects_of_which_one_is_none(tmp_path: Path) -> None:
    write(tmp_path / "good", QUEUE)
    (tmp_path / "none").mkdir()
    assert check(tmp_path / "good", str(tmp_path / "none")).code == 2


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github", "html"])
def test_every_form_can_say_that_nothing_can_be_read(tmp_path: Path, form: str) -> None:
    answer = check(write(write(tmp_path, b"\xff\x00\x1b[31m"), b"\xff", "samconfig.toml"), "--format", form)
    assert answer.code == 1
    if form in {"json", "sarif"}:
        json.loads(answer.out)
