"""Every kind of event in every runtime: the generated code is clean, and its own tests run nearly all of it."""

from __future__ import annotations

import ast
import builtins
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from code_matrix import functions, project_document
from rendering import ROOT, document, render

from generator import paths
from generator.spec.runtimes import newest

RUNTIMES = {family: runtime for family in ("python", "nodejs") if (runtime := newest(family))}
COVERED = 90
OFFLINE = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "PIP_NO_INDEX": "1",
    "npm_config_offline": "true",
}
NODE_FILES = {"package.json", "tsconfig.json", "eslint.config.mjs", "vitest.config.mts", "make/nodejs.mk"}


def needed(what: str, found: object) -> None:
    """Skip without a tool, but not in continuous integration, which has to have it."""
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is not installed")


def run(project: Path, *command: str, **extra: str) -> str:
    """Run a command in a project; returns what it printed."""
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, **extra, "PATH": search, "SAM_CLI_TELEMETRY": "0"}
    env.pop("PYTHONPATH", None)
    env.pop("COVERAGE_FILE", None)
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def names(project: Path) -> set[str]:
    """The project's files, by their paths."""
    return {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def python_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = project_document({"python": RUNTIMES["python"]}, authorizer="python")
    return render(data, tmp_path_factory.mktemp("python"))


@pytest.fixture(scope="module")
def mixed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of both runtimes, with what npm installs."""
    needed("npm", shutil.which("npm"))
    project = render(project_document(RUNTIMES, authorizer="nodejs"), tmp_path_factory.mktemp("mixed"))
    run(project, "make", "install-nodejs")
    return project


def test_python_code_is_formatted(python_project: Path) -> None:
    run(python_project, sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    run(python_project, sys.executable, "-m", "ruff", "format", "--check", "--no-cache", ".")


def test_python_tests_cover_the_handlers(python_project: Path) -> None:
    needed("coverage", find_spec("coverage"))
    coverage = (sys.executable, "-m", "coverage")
    run(python_project, *coverage, "run", "--include=src/*/app.py", "-m", "pytest", "-q", "tests/unit", **OFFLINE)
    report = json.loads(run(python_project, *coverage, "json", "-q", "-o", "/dev/stdout"))
    measured = {name: figures["summary"]["percent_covered"] for name, figures in report["files"].items()}
    assert len(measured) >= len(functions("python", RUNTIMES["python"]))
    assert min(measured.values()) >= COVERED, measured


@pytest.mark.slow
def test_python_code_is_typed(python_project: Path) -> None:
    # What `make lint` does, without the scripts, which do not depend on the functions.
    for folder in sorted(python_project.glob("src/*")):
        run(python_project, sys.executable, "-m", "mypy", str(folder.relative_to(python_project)))
    for name in ("tests/unit", "tests/integration"):
        run(python_project, sys.executable, "-m", "mypy", name)


@pytest.mark.slow
def test_a_mixed_project_is_clean_and_tested_offline(mixed_project: Path) -> None:
    tested = run(mixed_project, "make", "test", f"PYTHON={sys.executable}", **OFFLINE)
    assert "Test Files" in tested
    assert "passed in" in tested
    run(mixed_project, "make", "lint-nodejs", **OFFLINE)


@pytest.mark.slow
def test_node_tests_cover_the_handlers(mixed_project: Path) -> None:
    vitest = str(mixed_project / "node_modules/.bin/vitest")
    run(mixed_project, vitest, "run", "--coverage", "--coverage.reporter=json-summary", **OFFLINE)
    report = json.loads((mixed_project / "coverage/coverage-summary.json").read_text("utf-8"))
    measured = {name: figures["lines"]["pct"] for name, figures in report.items() if name != "total"}
    assert len(measured) >= len(functions("nodejs", RUNTIMES["nodejs"]))
    assert min(measured.values()) >= COVERED, measured


BUNDLE = """
const fs = require("fs");
const { handler } = require(process.cwd() + "/" + process.argv[1]);
const context = { functionName: "f", awsRequestId: "1", getRemainingTimeInMillis: () => 5000 };
const events = process.argv.slice(2).map((name) => JSON.parse(fs.readFileSync(name)));
Promise.all(events.map((event) => handler(event, context))).then((answers) => {
  console.log("\\n" + JSON.stringify({ arguments: handler.length, answers }));
});
"""


@pytest.mark.slow
def test_what_sam_builds_of_node_functions_runs(tmp_path: Path) -> None:
    needed("npm", shutil.which("npm"))
    needed("SAM CLI", shutil.which("sam") or (Path(sys.executable).parent / "sam").exists())
    triggers = [{"type": "api", "path": "/files/{path+}"}, {"type": "sqs", "queue": "work"}]
    data = document(functions=[{"name": "hello", "runtime": RUNTIMES["nodejs"], "triggers": triggers}])
    project = render(data, tmp_path)
    template = (project / "stacks/functions/template.yaml").read_text("utf-8")
    # The hook's function is Python, which SAM builds with that very version alone; it is not what is tested here.
    run(project, "sam", "build", "--template", "stacks/functions/template.yaml", "HelloFunction")
    assert f'"Target": "node{RUNTIMES["nodejs"].removeprefix("nodejs").removesuffix(".x")}"' in template
    built = project / ".aws-sam/build/HelloFunction"
    assert {path.name for path in built.iterdir()} == {"app.js", "app.js.map"}
    assert (built / "app.js").stat().st_size < 1_000_000
    events = [f"events/hello/{name}.json" for name in ("get_files_path", "sqs_1")]
    lambda_has = {"POWERTOOLS_METRICS_NAMESPACE": "orders", "POWERTOOLS_TRACE_ENABLED": "false"}
    printed = run(project, "node", "-e", BUNDLE, ".aws-sam/build/HelloFunction/app.js", *events, **lambda_has)
    answer = json.loads(printed.strip().splitlines()[-1])
    # Node.js 24 refuses a handler with a callback, the third argument.
    assert answer["arguments"] <= 2
    assert json.loads(answer["answers"][0]["body"]) == {"path": "example", "message": "Hello from hello"}
    assert answer["answers"][1] == {"batchItemFailures": []}


def test_no_handler_hides_a_builtin(python_project: Path) -> None:
    defined = {
        node.name
        for file in python_project.glob("src/*/app.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert "any_root" in defined
    assert not defined & set(dir(builtins))


def test_a_declared_authorizer_gets_its_token(python_project: Path) -> None:
    template = (python_project / "stacks/functions/template.yaml").read_text("utf-8")
    assert 'API_TOKEN_PARAMETER: !Sub "/${Environment}/orders/api-token"' in template


def test_a_description_stays_a_comment_in_typescript(tmp_path: Path) -> None:
    hello = {"name": "hello", "runtime": RUNTIMES["nodejs"]}
    described = [{**hello, "description": text} for text in ("Says hello", "*/ process.exit(1); /* `x` \\u002a/ //")]
    one, other = (render(document(functions=[f]), tmp_path) / "src/hello/app.ts" for f in described)
    comment, _, code = other.read_text("utf-8").partition("\n")
    assert code == one.read_text("utf-8").partition("\n")[2]
    assert comment.startswith("/** ")
    assert comment.index("*/") == len(comment) - 2


def test_a_project_has_only_the_files_of_its_runtimes(python_project: Path, tmp_path: Path) -> None:
    assert not names(python_project) & NODE_FILES
    assert not {name for name in names(python_project) if name.endswith((".ts", ".mts", ".mjs"))}
    hello = {"name": "hello", "runtime": RUNTIMES["nodejs"]}
    node = names(render(document(functions=[hello]), tmp_path))
    assert node >= NODE_FILES | {"src/hello/app.ts", "src/hello/package.json", "tests/unit/hello.test.ts"}
    # Functions that every project has stand in the template itself.
    own = {path.name for path in (ROOT / paths.PROJECT_FOLDER / "tests/unit").glob("test_*.py")}
    assert {Path(name).name for name in node if name.startswith("tests/unit/test_")} == own
    assert ("tests/unit/conftest.py" in node) is bool(own)


@pytest.mark.parametrize("family", sorted(RUNTIMES))
def test_each_runtime_ignores_what_it_installs(family: str, tmp_path: Path) -> None:
    project = render(document(functions=[{"name": "hello", "runtime": RUNTIMES[family]}]), tmp_path)
    ignored = (project / ".gitignore").read_text("utf-8").splitlines()
    assert {".aws-sam/", ".venv/"} <= set(ignored)
    assert ("node_modules/" in ignored) is (family == "nodejs")
    assert len(set(ignored)) == len(ignored)


def test_every_trigger_has_an_event_that_names_its_source(python_project: Path) -> None:
    events = {
        path.name: json.loads(path.read_text("utf-8")) for path in (python_project / "events/python-all").iterdir()
    }
    prefix, account = "dev-orders", "us-west-2:123456789012"
    assert events["sqs_1.json"]["Records"][0]["eventSourceARN"] == f"arn:aws:sqs:{account}:{prefix}-python-all"
    assert events["sns_1.json"]["Records"][0]["Sns"]["TopicArn"] == f"arn:aws:sns:{account}:{prefix}-news"
    stream = events["dynamodb_1.json"]["Records"][0]["eventSourceARN"]
    assert stream.startswith(f"arn:aws:dynamodb:{account}:table/{prefix}-orders/stream/")
    changed = events["s3_1.json"]
    assert changed["detail"]["object"]["key"] == "in/example.pdf"
    assert changed["resources"] == [f"arn:aws:s3:::{prefix}-files-123456789012-us-west-2"]
    assert changed["detail"]["bucket"]["name"] == f"{prefix}-files-123456789012-us-west-2"
    assert (events["eventbridge_1.json"]["source"], events["eventbridge_1.json"]["detail-type"]) == ("shop", "Order")
    outcome = events["function_1.json"]["requestContext"]
    assert outcome["functionArn"] == f"arn:aws:lambda:{account}:function:{prefix}-python-sns:live"
    assert outcome["condition"] == "RetriesExhausted"
