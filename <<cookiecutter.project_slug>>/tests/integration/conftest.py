"""The stage that `make integration` names; without one these tests are skipped."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from stage import Stage

TARGET = "INTEGRATION_TARGET"


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The stage, as scripts/integration.py has written it down."""
    if TARGET not in os.environ:
        pytest.skip("these tests need a stage: `make integration`, or `make integration STAGE=…`")
    found = Stage(**json.loads(Path(os.environ[TARGET]).read_text(encoding="utf-8")))
    yield found
    found.forget_user()
