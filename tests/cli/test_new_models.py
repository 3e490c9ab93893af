"""`samgen new --spec` with JSON Schema files: read beside the spec, or nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doors import Door, digests

QUICK = ("--skip-validation", "--no-git")
SPEC = """\
service: {name: orders}
functions:
  - name: create
    triggers: [{type: api, method: POST, path: /orders, request_model: models/order.json}]
"""
ORDER = '{"type":"object","required":["sku"],"properties":{"sku":{"type":"string"}}}'


def write(folder: Path, model: str | None = ORDER) -> None:
    (folder / "models").mkdir(parents=True)
    (folder / "spec.yaml").write_text(SPEC, encoding="utf-8")
    if model is not None:
        (folder / "models/order.json").write_text(model, encoding="utf-8")


def test_models_are_read_beside_the_spec_and_travel_with_the_project(samgen: Door) -> None:
    write(samgen.folder / "given")
    run = samgen("new", "--spec", "given/spec.yaml", *QUICK, "-o", ".")
    assert run.code == 0, run
    project = samgen.folder / "orders"
    copied = (project / "models/order.json").read_text("utf-8")
    assert json.loads(copied) == json.loads(ORDER)
    assert copied.startswith('{\n  "type": "object",\n')
    assert '"$ref": "#/components/schemas/Order"' in (project / "stacks/api/template.yaml").read_text("utf-8")

    (samgen.folder / "again").mkdir()
    assert samgen("new", "--spec", "orders/samgen.yaml", *QUICK, "-o", "again").code == 0
    assert digests(samgen.folder / "again/orders") == digests(project)


def test_standard_input_has_the_models_of_the_current_folder(samgen: Door) -> None:
    write(samgen.folder)
    assert samgen("new", "--spec", "-", *QUICK, stdin=SPEC).code == 0
    assert (samgen.folder / "orders/models/order.json").exists()


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (None, "models/order.json is missing: put it beside samgen.yaml"),
        ('{"type": "object", "$ref": "/etc/passwd"}', "models/order.json: $ref: write the schema out"),
        ("{", "models/order.json:1: not JSON"),
    ],
    ids=["missing", "reference", "broken"],
)
def test_a_model_that_cannot_be_used_is_one_sentence(samgen: Door, model: str | None, says: str) -> None:
    write(samgen.folder, model)
    message = samgen.refuses("new", "--spec", "spec.yaml", *QUICK)
    assert message.startswith(says)
    assert "\n" not in message


@pytest.mark.parametrize(
    "path", ["../order.json", "/etc/passwd", "models/../../x.json", "models/a/b.json", "order.json"]
)
def test_a_model_lies_in_the_folder_models(samgen: Door, path: str) -> None:
    text = SPEC.replace("models/order.json", path)
    assert "is not a model such as models/order.json" in samgen.refuses("new", "--spec", "-", *QUICK, stdin=text)
