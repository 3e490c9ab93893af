#!/usr/bin/env bash
# Ends every emulator that runs from an environment, with all that it started: stop.sh FOLDER
# Needs nothing that is installed, because it runs where the environment is about to be removed.
set -euo pipefail

command="$1/bin/ministack"

# The emulators' processes; each leads a group, in which the functions are that it runs.
leaders() {
    ps -eww -o pid=,stat=,args= | awk -v command="$command" '
        $2 !~ /^Z/ { for (word = 3; word <= NF && word <= 6; word++) if ($word == command) { print $1; next } }'
}

found=$(leaders)
[ -n "$found" ] || exit 0
for pid in $found; do kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true; done
for _ in $(seq 50); do
    [ -n "$(leaders)" ] || break
    sleep 0.1
done
for pid in $found; do kill -KILL -- "-$pid" 2>/dev/null || true; done
echo "Stopped $(wc -w <<<"$found" | tr -d ' ') emulator(s) of $1."
