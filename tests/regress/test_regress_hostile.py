"""`samgen regress` over what is damaged, foreign or meant badly: one sentence, an exit code, and nothing is written."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from generator.cli import main
from generator.regress.store import VERSION

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "{{ cookiecutter.project_slug }}"
TEMPLATE = """\
Resources:
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {SqsManagedSseEnabled: {{ "true" if cookiecutter.encrypted == "yes" else "false" }}}
"""
QUEUES = "variants/AWS%3A%3ASQS%3A%3AQueue.json"
PARTS = "parts/template.yaml.json"


@dataclass(frozen=True)
class Run:
    """What a run came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Place:
    """A folder with a template of two combinations, and with their snapshots."""

    folder: Path

    def __call__(self, *arguments: str | Path) -> Run:
        """Run `samgen regress` in this process."""
        out, err = io.StringIO(), io.StringIO()
        words = ["samgen", "regress", "--jobs", "1", "--severity", "error", *map(str, arguments)]
        code: Any = 0
        with mock.patch.object(sys, "argv", words), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as stop:
                code = stop.code
        return Run(code, out.getvalue(), err.getvalue())

    def template(self, *arguments: str | Path) -> Run:
        """Run it over the template."""
        return self("--template", "template", *arguments)

    def refuses(self, *arguments: str | Path) -> str:
        """Run it over the template, check that it is refused in the way every refusal is; the sentence."""
        before = self.content()
        run = self.template(*arguments)
        assert run.code == 2, run
        assert run.out == ""
        assert run.err.count("\n") == 1, run.err
        assert "Traceback" not in run.err
        assert run.err.strip().isprintable()
        assert self.content() == before
        return run.err.strip()

    def content(self) -> dict[str, bytes]:
        """Every file that is there, the cache aside."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(p): p.read_bytes() for p in files if "cache" not in p.relative_to(self.folder).parts}


def make(folder: Path, settings: Any, files: dict[str, str]) -> Path:
    """Write a cookiecutter template."""
    folder.mkdir()
    (folder / "cookiecutter.json").write_text(json.dumps(settings), encoding="utf-8")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    make(folder / "template", {"project_slug": "q", "encrypted": ["yes", "no"]}, {f"{PROJECT}/template.yaml": TEMPLATE})
    with inside(folder):
        done = Place(folder).template("--snapshots", "kept", "--update", "--cache", "cache")
    assert done.code == 0, done.err
    return folder


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.fixture
def place(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    shutil.copytree(original, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "here" / "cache"))
    return Place(tmp_path / "here")


# --- the matrix

MATRICES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "m.yaml is not a mapping."),
    "binary": (bytes(range(256)), "not valid YAML: unacceptable character"),
    "no UTF-8": (b'axes: {a: {"\xff": {}}}', "not valid YAML"),
    "two documents": ("axes: {}\n---\naxes: {}", "m.yaml:2: not valid YAML"),
    "a bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "m.yaml:2: not valid YAML: aliases are not taken here."),
    "nested": ("axes: " + "[" * 5000, "not valid YAML: it is nested too deep."),
    "mappings in mappings": ("axes: {a: {b: " + "{x: " * 3000 + "1" + "}" * 3002, "it is nested too deep."),
    "huge": ("# " + "x" * 5_000_000, "has more than 5,000,000 bytes."),
    "a part twice": ("axes: {a: {b: {}}}\naxes: {}", "m.yaml:2: not valid YAML: 'axes' stands twice in one mapping."),
    "a choice twice": ('axes: {a: {1: {}, "1": {x: 1}}}', "'1' stands twice in one mapping."),
    "a list for a key": ("? [a]\n: 1", "not valid YAML: found unhashable key."),
    "code": ("axes: !!python/object:os.system {}", "not valid YAML: could not determine a constructor"),
    "no part": ("axis: {}", "'axis' is no part of a matrix; it has axes, base, exclude, fixed."),
    "axes": ("axes: [a]", "axes is not a mapping."),
    "choices": ("axes: {a: [b]}", "axes.a is not a mapping of choices to what each adds."),
    "no choice": ("axes: {a: {}}", "axes.a is not a mapping of choices to what each adds."),
    "a choice": ("axes: {a: {b: [1]}}", "axes.a.b is not a mapping."),
    "base": ("base: [1]", "base is not a mapping."),
    "rules": ("exclude: {a: b}", "exclude is not a list of mappings of two or more axes to choices."),
    "a rule of one": ("exclude: [{encrypted: yes}]", "exclude is not a list of mappings of two or more axes"),
    "a rule of nothing": (
        'exclude: [{encrypted: "yes", x: "\\e[1m"}]',
        r"exclude names x: \x1b[1m, which is no choice",
    ),
    "everything excluded": (
        'axes: {a: {b: {}}}\nexclude: [{a: b, encrypted: "yes"}, {a: b, encrypted: "no"}]',
        "The matrix excludes everything.",
    ),
    "fixed": ("fixed: [1]", "fixed is not a mapping."),
    "a fixed list": ("fixed: {a: [1]}", "fixed.a is neither a document nor the path of one."),
    "a fixed spec that is missing": ("fixed: {a: ../no.yaml}", "no.yaml is no file."),
    "a fixed spec that is a folder": ("fixed: {a: template}", "template is no file."),
    "a fixed spec that is broken": ("fixed: {a: broken.yaml}", "broken.yaml:1: not valid YAML"),
    "a name of nothing": ("fixed: {' ': {}}", "' ' is no name: it is empty, or has characters that cannot be shown."),
    "a name of control": ('axes: {a: {"\\e[31m": {}}}', r"'\x1b[31m' is no name"),
    "a name of two lines": ('fixed: {"a\\nb": {}}', r"'a\nb' is no name"),
    "half a character": ('axes: {"\\uD800": {b: {}}}', "no"),
    "a name from right to left": ('axes: {"\u202egnp.a": {b: {}}}', r"'\u202egnp.a' is no name"),
}


@pytest.mark.parametrize("name", MATRICES)
def test_what_is_no_matrix(name: str, place: Place) -> None:
    text, said = MATRICES[name]
    Path("m.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    Path("broken.yaml").write_text("a: [", encoding="utf-8")

    assert said in place.refuses("--matrix", "m.yaml")


def test_names_may_be_any_text_that_can_be_shown(place: Place) -> None:
    axis = '{a/../b: {"../../x": {}, "é 日本 % : , <b>": {}}, true: {null: {}}}'
    Path("m.yaml").write_text(f'axes: {axis}\nfixed: {{"../../out": {{encrypted: "no"}}}}\n', encoding="utf-8")
    done = place.template("--matrix", "m.yaml", "--snapshots", "other", "--update")

    assert done.code == 0, done.err
    assert sorted(path.name for path in place.folder.iterdir()) == ["cache", "kept", "m.yaml", "other", "template"]
    listed = place.template("--matrix", "m.yaml", "--list").out.splitlines()
    assert listed[0] == "../../out"
    assert len(listed) == 5
    assert all("true=null" in line for line in listed[1:])
    assert place.template("--matrix", "m.yaml", "--snapshots", "other").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--matrix", "nowhere.yaml"], "nowhere.yaml is no file."),
        (["--matrix", "template"], "template is no file."),
        (["--matrix", "x" * 5000], "cannot be read: File name too long."),
        (["--template", "x" * 5000], "cannot be read: File name too long."),
        (["--snapshots", "x" * 5000], "cannot be read: File name too long."),
        (["--template", "template/cookiecutter.json"], "is no cookiecutter template"),
        (["--shard", "0/4"], "--shard '0/4' is not I/N, such as 1/4."),
        (["--shard", "5/4"], "--shard '5/4' is not I/N, such as 1/4."),
        (["--shard", "a/b"], "--shard 'a/b' is not I/N, such as 1/4."),
        (["--shard", "1/0"], "--shard '1/0' is not I/N, such as 1/4."),
        (["--shard", "\N{FULLWIDTH DIGIT ONE}/2"], "is not I/N, such as 1/4."),
        (["--strength", "9"], "Invalid value for '--strength'"),
        (["--strength", "3"], "The matrix has 1 axes: --strength is at most that."),
        (["--github-matrix", "0"], "Invalid value for '--github-matrix'"),
        (["--jobs", "0"], "Invalid value for '--jobs'"),
        (["--since", "HEAD", "--snapshots", "kept"], "--since asks git in template, which says: "),
        (["--since", "--output=x", "--snapshots", "kept"], "'--output=x' is no revision."),
        (["--snapshots", "/", "--update"], "/ holds something else than snapshots: name an empty folder."),
        (["--snapshots", "..", "--update"], ".. holds something else than snapshots: name an empty folder."),
        (["--snapshots", "kept/combinations.json"], "kept/combinations.json cannot be read: Not a directory."),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, place: Place) -> None:
    assert said in place.refuses(*arguments)


@pytest.mark.parametrize("output", ["no/such/file", "template", ""])
def test_a_report_that_cannot_be_written(output: str, place: Place) -> None:
    before = place.content()
    done = place.template("--snapshots", "kept", "--output", output)

    assert (done.code, done.out) == (2, "")
    assert "cannot be written: " in done.err
    assert place.content() == before


# --- templates


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", "cookiecutter.json: not valid JSON: "),
        ("[]", "cookiecutter.json is not a mapping."),
        ('{"a": 1, "a": 2}', "cookiecutter.json: not valid JSON: 'a' stands twice in one mapping."),
        ("[" * 99_999, "cookiecutter.json: not valid JSON: "),
    ],
)
def test_what_is_no_template(settings: str, said: str, place: Place) -> None:
    Path("template/cookiecutter.json").write_text(settings, encoding="utf-8")

    assert said in place.refuses()


def test_a_template_with_two_projects(place: Place) -> None:
    Path("template/{{cookiecutter.other}}").mkdir()
    Path("template/cookiecutter-docs").mkdir()

    assert "template has several folders for the project, {{ cookiecutter.project_slug }} and " in place.refuses()


TEMPLATES: dict[str, tuple[Any, dict[str, str], str]] = {
    "no project": ({}, {"README.md": ""}, "it has no folder for the project"),
    "no template": ({}, {f"{PROJECT}/README.md": ""}, "refused: q holds no CloudFormation template"),
    "a statement": ({}, {f"{PROJECT}/template.yaml": "{% if %}"}, "does not render: Expected an expression"),
    "a hook that fails": (
        {},
        {f"{PROJECT}/template.yaml": "a: b", "hooks/post_gen_project.sh": "#!/bin/sh\necho oh no >&2\nexit 3\n"},
        "does not render: Hook script failed (exit status: 3) oh no",
    ),
    "a hook that makes more": (
        {},
        {f"{PROJECT}/template.yaml": "a: b", "hooks/post_gen_project.sh": "#!/bin/sh\nmkdir ../second\n"},
        "renders more than its project: second is beside it.",
    ),
    "a hook that leaves nothing": (
        {},
        {f"{PROJECT}/template.yaml": "a: b", "hooks/post_gen_project.sh": "#!/bin/sh\nrm template.yaml\n"},
        "renders no files.",
    ),
    "a project elsewhere": (
        {"project_slug": "HERE/evil"},
        {f"{PROJECT}/template.yaml": "a: b"},
        "which is outside the folder that it is given.",
    ),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_does_not_render_is_a_finding(name: str, place: Place) -> None:
    settings, files, said = TEMPLATES[name]
    slug = settings.get("project_slug", "q").replace("HERE", str(place.folder))
    make(place.folder / "other", {"project_slug": slug}, files)
    before = place.content()
    done = place("--template", place.folder / "other")

    assert done.code == 1, done.err
    assert done.out.startswith("refused: ")
    assert said in done.out
    assert "samgen-regress-" not in done.out
    assert place.content() == before
    assert not (place.folder / "evil").exists()


def test_what_a_template_names_and_says_is_shown_harmlessly(place: Place) -> None:
    settings = '{\n\t"project_slug": "q",\n\t"a": ["x\\u001b[31m", "y\\u202e"]\n}'
    project = make(place.folder / "other", {}, {f"{PROJECT}/template.yaml": "Resources: {Q: {Type: 'AWS::\u202ex'}}\n"})
    (project / "cookiecutter.json").write_text(settings, encoding="utf-8")
    for form in ("text", "github"):
        done = place("--template", project, "--snapshots", "new", "--format", form)
        assert done.code == 1
        assert done.out.replace("\n", "").isprintable(), ascii(done.out)
    assert place("--template", project, "--list").out.splitlines()[0].endswith(r"a=x\x1b[31m")


# --- snapshots


def without(name: str) -> Callable[[Path], None]:
    def change(kept: Path) -> None:
        shutil.rmtree(kept / name) if (kept / name).is_dir() else (kept / name).unlink()

    return change


def text(name: str, content: str) -> Callable[[Path], None]:
    def change(kept: Path) -> None:
        (kept / name).write_text(content, encoding="utf-8")

    return change


def edited(name: str, edit: Callable[[Any], Any]) -> Callable[[Path], None]:
    def change(kept: Path) -> None:
        data = json.loads((kept / name).read_text(encoding="utf-8"))
        edit(data)
        (kept / name).write_text(json.dumps(data), encoding="utf-8")

    return change


def every_variant(value: Any) -> Callable[[Path], None]:
    return edited(QUEUES, lambda data: data["variants"].update(dict.fromkeys(data["variants"], value)))


def every_range(value: Any) -> Callable[[Path], None]:
    return edited(PARTS, lambda data: data["Resources"].update(Queue=dict.fromkeys(data["Resources"]["Queue"], value)))


def cut(kept: Path) -> None:
    path = kept / "combinations.json"
    path.write_bytes(path.read_bytes()[:60])


def a_file(kept: Path) -> None:
    shutil.rmtree(kept)
    kept.write_text("x", encoding="utf-8")


COMBINATION = f'{{"version": {VERSION}, "combinations": {{"a": %s}}}}'
DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a file": (a_file, "kept cannot be read: Not a directory."),
    "something else": (without("combinations.json"), "kept holds something else than snapshots: name an empty folder."),
    "cut": (cut, "kept/combinations.json is not JSON: "),
    "empty": (text("combinations.json", ""), "kept/combinations.json is not JSON: "),
    "conflict": (text(PARTS, "<<<<<<< ours\n{}\n"), "is not JSON: "),
    "a list": (text("combinations.json", "[]"), "kept/combinations.json holds no snapshots."),
    "newer": (
        text("combinations.json", '{"version": 99, "x": 1}'),
        "kept holds snapshots of another version of samgen",
    ),
    "no combinations": (text("combinations.json", f'{{"version": {VERSION}}}'), "kept is damaged (KeyError"),
    "a number of text": (text("combinations.json", COMBINATION % '{"number": "x", "choices": {}}'), "kept is damaged"),
    "no number": (text("combinations.json", COMBINATION % '{"number": 1e999, "choices": {}}'), "kept is damaged"),
    "choices": (text("combinations.json", COMBINATION % '{"number": 0, "choices": {"a": 1}}'), "kept is damaged"),
    "one number": (
        edited("combinations.json", lambda data: [c.update(number=0) for c in data["combinations"].values()]),
        "kept is damaged",
    ),
    "no variants": (without("variants"), "kept is damaged (KeyError"),
    "no parts": (without("parts"), "kept is damaged (ValueError: some of parts/ is missing)"),
    "a part": (text(PARTS, '{"Resources": {"Queue": 1}}'), "kept is damaged"),
    "a range": (every_range("x"), "kept is damaged"),
    "an endless range": (every_range("0-999999999999999"), "kept is damaged"),
    "a range of nothing": (every_range("5-2"), "kept is damaged"),
    "no range": (every_range(None), "kept is damaged"),
    "a piece that is missing": (every_variant({"$": "gone"}), "kept is damaged (KeyError"),
    "no piece": (every_variant({"$": ["a"]}), "kept is damaged"),
    "lines": (every_variant({"$lines": 5}), "kept is damaged"),
    "an edited variant": (every_variant({"Type": "AWS::SQS::Queue"}), "has been edited at "),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_snapshots_that_are_damaged_or_foreign(name: str, place: Place) -> None:
    damage, said = DAMAGES[name]
    damage(place.folder / "kept")

    assert said in place.refuses("--snapshots", "kept")
    assert said in place.refuses("--snapshots", "kept", "--update")


def test_pieces_that_stand_in_each_other(place: Place) -> None:
    every_variant({"$": "a"})(place.folder / "kept")
    edited(QUEUES, lambda data: data.update(pieces={"a": [{"$": "a"}]}))(place.folder / "kept")

    assert "kept is damaged (RecursionError" in place.refuses("--snapshots", "kept")


def test_snapshots_that_cannot_be_read_or_written(place: Place) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read and write everything")
    (place.folder / QUEUES).chmod(0)
    assert "cannot be read: Permission denied." in place.refuses("--snapshots", "kept")


@pytest.mark.parametrize("folder", ["/proc/self/no", "/dev/null/x"])
def test_where_nothing_can_be_written(folder: str, place: Place) -> None:
    done = place.template("--snapshots", folder, "--update")

    assert done.code == 2
    assert f"{folder} cannot be " in done.err


def test_a_link_leads_to_the_snapshots(place: Place) -> None:
    Path("kept").rename("elsewhere")
    Path("kept").symlink_to("elsewhere")
    for _ in range(2):
        assert place.template("--snapshots", "kept", "--update").code == 0

    assert Path("kept").is_symlink()
    assert place.template("--snapshots", "elsewhere").code == 0


# --- the cache


def each(change: Callable[[Path], Any]) -> Callable[[Path], None]:
    def all_of_them(cache: Path) -> None:
        entries = sorted(cache.rglob("*.json.gz"))
        assert entries
        for entry in entries:
            change(entry)

    return all_of_them


def packed(data: Any) -> Callable[[Path], None]:
    return each(lambda entry: entry.write_bytes(gzip.compress(json.dumps(data).encode())))


def flip(entry: Path) -> None:
    content = bytearray(entry.read_bytes())
    content[len(content) // 2] ^= 0xFF
    entry.write_bytes(content)


def folder_of_it(entry: Path) -> None:
    entry.unlink()
    entry.mkdir()


def a_file_of_it(cache: Path) -> None:
    shutil.rmtree(cache)
    cache.write_text("x", encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        each(lambda entry: entry.write_bytes(entry.read_bytes()[:30])),
        each(lambda entry: entry.write_bytes(b"")),
        each(flip),
        each(folder_of_it),
        each(lambda entry: entry.write_bytes(gzip.compress(b"[" * 100_000))),
        packed(None),
        packed([[1]]),
        packed({"parts": [], "findings": [], "refused": []}),
        packed({"parts": [[[1, 2, 3], 1]], "findings": [], "refused": ""}),
        packed({"parts": [], "findings": [{"severity": "error"}], "refused": ""}),
        a_file_of_it,
    ],
    ids=["cut", "empty", "flipped", "folders", "deep", "null", "lists", "reason", "parts", "findings", "file"],
)
def test_a_damaged_cache_is_as_none(damage: Callable[[Path], None], place: Place) -> None:
    damage(place.folder / "cache")
    done = place.template("--snapshots", "kept", "--cache", "cache")

    assert done.code == 0, done
    assert "2 combinations, 0 of them known" in done.err
    assert "All as the snapshots say." in done.err


# --- several at once, and killed ones


def process(place: Place, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "generator", "regress", "--jobs", "1", "--template", "template", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_two_at_once_on_one_cache_and_one_folder(place: Place) -> None:
    shutil.rmtree("cache")
    Path("template", PROJECT, "new.txt").write_text("x", encoding="utf-8")
    both = [process(place, "--severity", "error", "--snapshots", "kept", "--update") for _ in range(2)]

    assert [one.communicate()[1].count(b"Wrote kept.") for one in both] == [1, 1]
    assert sorted(path.name for path in Path().iterdir()) == ["cache", "kept", "template"]
    assert place.template("--snapshots", "kept").code == 0


@pytest.mark.parametrize("how", ["reads", "writes"])
def test_whoever_exchanges_the_snapshots_does_it_alone(how: str, place: Place) -> None:
    from generator.regress.exchange import held
    from generator.regress.store import Snapshots, read_snapshots, write_snapshots

    kept = Path("kept").resolve()
    seen: list[int] = []

    def work() -> None:
        if how == "writes":
            write_snapshots(kept, Snapshots())
        seen.append(len(read_snapshots(kept).parts))

    with held(kept, alone=True):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(0.3)
        assert seen == []
        assert (kept / "combinations.json").is_file()
    thread.join()
    assert seen == [0 if how == "writes" else 2]


KILLED = """
import json, os, shutil, signal, sys
from pathlib import Path
from generator.regress.snapshot import Part
from generator.regress.store import Snapshots, read_snapshots, write_snapshots

TOUCHING = {"open", "os.rename", "os.mkdir", "os.rmdir", "os.remove"}
fresh, seen = Snapshots(), []
fresh.add("new", {}, {Part("a", "File", ""): {"sha256": "1"}})

def write(moment):
    left = [moment]
    def kill(event, arguments):
        if event in TOUCHING and ".kept." in str(arguments):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(kill)
    write_snapshots(Path("kept"), fresh)

for moment in range(1, 60):
    for path in Path().glob("*kept*"):
        shutil.rmtree(path)
    shutil.copytree("copy", "kept")
    child = os.fork()
    if not child:
        write(moment)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    seen.append([status, sorted(read_snapshots(Path("kept")).parts)])
    if status == 0:
        break
print(json.dumps(seen))
"""


def test_killed_while_it_writes_the_old_or_the_new_are_there(place: Place) -> None:
    """At each moment at which it touches the disk; what is left over is gone after the next run that writes."""
    shutil.copytree("kept", "copy")
    done = subprocess.run(
        [sys.executable, "-c", KILLED], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    *killed, (code, names) = json.loads(done.stdout)
    old = sorted(json.loads(Path("copy/combinations.json").read_text(encoding="utf-8"))["combinations"])

    assert (code, names) == (0, ["new"])
    assert len(killed) > 10
    assert {status for status, _ in killed} == {signal.SIGKILL}
    # One state after the other, and nothing between.
    states = [names for _, names in killed]
    turn = states.index(["new"])
    assert turn > 0
    assert states == [old] * turn + [["new"]] * (len(states) - turn)


def test_killed_while_it_works_the_snapshots_stay(place: Place) -> None:
    before = place.content()
    shutil.rmtree("cache")
    started = process(place, "--snapshots", "kept", "--update", "--severity", "error")
    time.sleep(0.7)
    started.kill()
    started.communicate()

    assert place.content() == before
    assert place.template("--snapshots", "kept").code == 0
