"""A small template of a platform team's own, with its snapshots, and `samgen regress` over it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "{{ cookiecutter.project_slug }}"
FILES = {
    "template.yaml": """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      KmsMasterKeyId: alias/{{ cookiecutter.key }}
      MessageRetentionPeriod: 60
{%- if cookiecutter.fifo %}
      FifoQueue: true
{%- endif %}
""",
    "app.py": "def handler(event, context):\n    return 1\n\n\ndef other():\n    return 2\n",
    "README.md": "# {{ cookiecutter.key }}\n\nOne\ntwo\nthree\n\nfour\nfive\nsix\n",
    "zz.txt": "The last by name.\n",
    "settings.toml": 'a = 1\n[table]\nb = "x"\n',
}


@dataclass(frozen=True)
class Team:
    """A template in a folder, and what `samgen regress` says of it there."""

    folder: Path

    @property
    def project(self) -> Path:
        """The folder of the template's files."""
        return self.folder / "template" / PROJECT

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of a run."""
        return {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(self.folder / "cache"), "NO_COLOR": "1"}

    def make(self) -> None:
        """Write the template."""
        self.project.mkdir(parents=True)
        settings = {"project_slug": "queue", "key": ["aws/sqs", "own"], "fifo": False}
        (self.folder / "template" / "cookiecutter.json").write_text(json.dumps(settings), encoding="utf-8")
        for name, text in FILES.items():
            (self.project / name).write_text(text, encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        """The command line of a run, which takes errors for findings only."""
        start = [sys.executable, "-m", "generator", "regress", "--template", "template", "--severity", "error"]
        return [*start, "--jobs", "1", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it without a terminal."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file of the template."""
        path = self.project / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
