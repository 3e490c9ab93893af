"""Refuses bad answers before anything is rendered. The work is in `generator.hooks`."""

import base64
import json
import sys
from pathlib import Path

# Letters and digits only: no answer can become code here.
ANSWERS = json.loads(base64.b64decode("<< cookiecutter | base64 >>"))
sys.path.append(ANSWERS["_repo_dir"])

import generator  # noqa: E402 (found through the line above)

# Cookiecutter and this hook find an installed samgen before the repository's own: its code is not this template's.
FOUND = Path(generator.__file__ or "").resolve().parent
OWN = Path(ANSWERS["_repo_dir"]).resolve() / "generator"
RELEASED = (FOUND / "_template").is_dir()
SAME = RELEASED and (FOUND / "__init__.py").read_bytes() == (OWN / "__init__.py").read_bytes()
if OWN.is_dir() and FOUND != OWN and not SAME:
    sys.exit(f"Another samgen than this template's stands in {FOUND}: use a cookiecutter without it, or 'samgen new'.")

from generator.hooks import pre_gen_project  # noqa: E402 (only now)

sys.exit(pre_gen_project(ANSWERS))
