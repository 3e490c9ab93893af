"""A Chromium without a window: opens a page of this machine, and nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # the sandbox does not start for root, as in containers; the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--password-store=basic",
    "--use-mock-keychain",
)
_SECONDS = 120


def find_browser() -> str | None:
    """The first Chromium or Chrome on the path; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def open_page(page: Path, profile: Path, *flags: str, width: int = 1200, height: int = 900) -> str:
    """Open a page; returns what the flags make the browser print.

    Args:
        page: the file.
        profile: a folder for what the browser keeps; the caller removes it.
        flags: what to do with the page: `--dump-dom`, `--screenshot=FILE`, `--print-to-pdf=FILE`…
        width: the window's width in pixels.
        height: its height.

    Raises:
        RuntimeError: there is no browser, or it failed.
        TimeoutExpired: it did not end in time.
    """
    browser = find_browser()
    if browser is None:
        raise RuntimeError("There is no Chromium; scripts/browser.sh installs one.")
    command = [browser, *_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}", *flags, page.as_uri()]
    # What it keeps beside the profile lands there too.
    home = {name: str(profile) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    profile.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        command,
        env={**os.environ, **home},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            shown, said = process.communicate(timeout=_SECONDS)
        finally:
            # Whatever happens, none of its processes stays behind.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        raise RuntimeError(f"{browser} failed ({process.returncode}): {said.strip()[-500:]}")
    return shown
