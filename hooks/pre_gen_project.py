"""Refuses bad answers before anything is rendered. The work is in `generator.hooks`."""

import base64
import json
import sys

# Letters and digits only: no answer can become code here.
ANSWERS = json.loads(base64.b64decode("<< cookiecutter | base64 >>"))
sys.path.append(ANSWERS["_repo_dir"])

from generator.hooks import pre_gen_project  # noqa: E402 (found through the line above)

sys.exit(pre_gen_project(ANSWERS))
