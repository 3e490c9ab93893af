#!/usr/bin/env bash
# Looks for the Chromium that tests of the HTML report open it in, and installs Debian's where that can be done.
# Exits with 1 where there is none: those tests are skipped then, except in continuous integration.
set -uo pipefail

for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null; then exit 0; fi
done

if [[ "${EUID}" -eq 0 ]] && command -v apt-get >/dev/null; then
  echo "Installing Chromium, which tests of the HTML report need..."
  export DEBIAN_FRONTEND=noninteractive
  if timeout 300 apt-get update -qq >/dev/null &&
    timeout 900 apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null; then
    exit 0
  fi
fi

echo "There is no Chromium, so tests of the HTML report are skipped; install one, e.g.: sudo apt-get install chromium"
exit 1
