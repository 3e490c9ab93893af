"""`make demo-local` says what answered, and ends with 1 where something did not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts import demo_local
from scripts.demo_local import Row


@pytest.mark.parametrize(("good", "code", "said"), [(True, 0, "2 of 2"), (False, 1, "1 of 2")])
def test_the_code_says_whether_everything_answered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], good: bool, code: int, said: str
) -> None:
    called = []

    def samgen(*arguments: str, project: Path | None = None) -> Any:
        called.append(arguments[:2])
        return {"routes": []}

    @contextlib.contextmanager
    def running(project: Path, environment: str | None) -> Iterator[None]:
        yield None

    monkeypatch.setattr(demo_local, "samgen", samgen)
    monkeypatch.setattr(demo_local, "running", running)
    monkeypatch.setattr(demo_local, "routes", lambda _here, _report: [Row("GET /", "200", True)])
    monkeypatch.setattr(demo_local, "triggers", lambda _here: [Row("sqs to f", "?", good)])
    assert demo_local.main() == code
    assert f"{said} answered as they should" in capsys.readouterr().out
    assert called[1:] == [("local", "up"), ("local", "down")]


def test_what_is_up_is_taken_down_when_the_demonstration_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def samgen(*arguments: str, project: Path | None = None) -> Any:
        called.append(arguments[1])
        if arguments[1] == "up":
            raise SystemExit(3)

    monkeypatch.setattr(demo_local, "samgen", samgen)
    with pytest.raises(SystemExit):
        demo_local.main()
    assert called[-1] == "down"
