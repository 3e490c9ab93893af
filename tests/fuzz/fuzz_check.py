"""Feeds bytes to `samgen check` as template.yaml and samconfig.toml, guided by coverage; pytest does not collect it.

It needs atheris, which is not among samgen's dependencies, in an environment of its own that has them too:

    python3.11 -m venv /tmp/fuzz
    /tmp/fuzz/bin/pip install --constraint constraints.txt . atheris
    mkdir -p /tmp/corpus && /tmp/fuzz/bin/python tests/fuzz/fuzz_check.py --seed /tmp/corpus
    /tmp/fuzz/bin/python tests/fuzz/fuzz_check.py /tmp/corpus -max_total_time=600 -rss_limit_mb=2048 -timeout=30

What follows the corpus is libFuzzer's; an input that breaks is written to the current folder, and given instead of a
corpus it is tried again. An input is a template, and after its first null byte a samconfig.toml. The rules and SAM's
translator see it, cfn-lint does not: it is not samgen's to mend, and a hundred times slower.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random
from typing import cast

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

with atheris.instrument_imports(include=["generator"]):
    from generator.checks import load_rules
    from generator.checks.review import Reviewer
    from generator.errors import SamgenError
    from generator.validate import Report, Validator

from structures import API, KEYS, as_yaml, good_templates, mutated

RULES = load_rules()
FOLDER = Path(tempfile.mkdtemp(prefix="samgen-fuzz-"))


class NoTools:
    """Stands where SAM's and cfn-lint's verdicts would come from."""

    forked = False
    jobs = 1

    def start(self) -> None:
        """There is nothing to start."""

    def validate(self, _project: object) -> Report:
        return Report((), (), ())


REVIEWER = Reviewer(cast("Validator", NoTools()), RULES)


def one(data: bytes) -> None:
    """Review one input; whatever it raises that is no answer to a person is a failure of samgen."""
    template, _, config = data.partition(b"\0")
    (FOLDER / "template.yaml").write_bytes(template)
    (FOLDER / "samconfig.toml").write_bytes(config)
    try:
        review = REVIEWER.review([FOLDER])
    except SamgenError:
        return
    if review.failures:
        raise AssertionError("; ".join(review.failures))


def change(data: bytes, limit: int, number: int) -> bytes:
    """The next input: bytes changed as libFuzzer would, or parts of the template, which stays YAML then."""
    random = Random(number)  # noqa: S311 - nothing secret
    template, separator, config = data.partition(b"\0")
    if random.random() < 1 / 4:
        return bytes(atheris.Mutate(data, limit))
    return (mutated(template, random) + separator + config)[:limit]


def seed(corpus: Path) -> None:
    """Start a corpus with the templates that the tests call good."""
    config = b'[dev.deploy.parameters]\nregion = "eu-west-1"\nparameter_overrides = ["Stage=dev"]\n'
    for number, data in enumerate(good_templates()):
        text = as_yaml(data).encode()
        (corpus / f"{number:04}").write_bytes(text)
        (corpus / f"{number:04}-config").write_bytes(text + b"\0" + config)


def main() -> None:
    """Seed a corpus, or fuzz."""
    if sys.argv[1:2] == ["--seed"]:
        seed(Path(sys.argv[2]))
        return
    (FOLDER / "keys.yaml").write_text(KEYS, encoding="utf-8")
    (FOLDER / "api.yaml").write_text(API, encoding="utf-8")
    atheris.Setup(sys.argv, one, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
