"""What the tests of the template share."""

from __future__ import annotations

import os

import pytest
import rendering


@pytest.fixture(scope="session", autouse=True)
def _shared_verdicts(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the processes of a run share cfn-lint's verdicts; each has a folder inside that of the run."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        rendering.share(tmp_path_factory.getbasetemp().parent / "verdicts")
