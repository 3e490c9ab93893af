"""Takes docs/pictures/check-*.png: what `samgen check --format html` shows of an example, as it is and broken.

    python -m scripts.report_pictures

Needs Chromium, which scripts/browser.sh installs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.browser import open_page
from scripts.examples import EXAMPLES, ROOT, render
from scripts.png import read_png, write_png

PICTURES = ROOT / "docs" / "pictures"
LARGEST = 200_000
SIZES = {"check-passed": (1100, 1350), "check-findings": (1100, 2350)}

# What people do to a project: file, text, and what becomes of it.
FAULTS = [
    ("stacks/security/template.yaml", "Action: sqs:SendMessage", 'Action: "sqs:*"'),
    ("samconfig.toml", "AllowedIpv4Cidrs=52.94.80.0/24", "AllowedIpv4Cidrs=0.0.0.0/0"),
    ("stacks/monitoring/template.yaml", "MetricName: IteratorAge", "MetricName: IteratorAges"),
    ("stacks/functions/template.yaml", "iam::${AWS::AccountId}:role/", "iam::123456789012:role/"),
    ("stacks/data/template.yaml", 'TableName: !Sub "${Environment}-orders-orders"', "TableName: orders"),
    ("template.yaml", "ApiName: !GetAtt Api.Outputs.ApiName", "ApiName: !GetAtt Api.Outputs.ApiNaem"),
]


def break_project(project: Path) -> None:
    """Make every fault in a rendered example."""
    for name, old, new in FAULTS:
        file = project / name
        text = file.read_text("utf-8")
        if old not in text:
            sys.exit(f"{name} does not hold {old!r} any more.")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")


def take(project: Path, name: str, scratch: Path) -> None:
    """Check a project, open the report in a browser and keep the picture."""
    page, picture = scratch / f"{name}.html", scratch / f"{name}.png"
    options = ["--format", "html", "--output", str(page)]
    subprocess.run([sys.executable, "-m", "generator", "check", str(project), *options], cwd=ROOT, check=False)
    width, height = SIZES[name]
    flags = (f"--screenshot={picture}", "--blink-settings=preferredColorScheme=1")
    open_page(page, scratch / "profile", *flags, width=width, height=height)
    _, _, rows = read_png(picture.read_bytes())
    small = write_png(rows)
    if len(small) > LARGEST:
        sys.exit(f"{name}.png has {len(small):,} bytes, more than {LARGEST:,}.")
    (PICTURES / f"{name}.png").write_bytes(small)


def main() -> None:
    """Render the example, take its picture, break it, take another."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        project = render(EXAMPLES / "orders" / "samgen.yaml", scratch / "projects")
        take(project, "check-passed", scratch)
        break_project(project)
        take(project, "check-findings", scratch)


if __name__ == "__main__":
    main()
