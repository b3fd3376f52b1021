#!/usr/bin/env bash
# Each unit file is one that systemd understands whole, and is as closed as it was made.
set -euo pipefail

if ! command -v systemd-analyze >/dev/null; then
    echo "skipped: systemd-analyze is not installed"
    exit 0
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/concern unit XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# check UNIT PROGRAM; a template, "name@.service", is looked at as an instance of it.
check()
{
    local built="$CONCERN_BUILD/systemd/$1" program="$CONCERN_BUILD/$2" name="${1/@./@housing.}"
    [ -f "$built" ] || { echo "no $built"; exit 1; }

    # A path with a space is quoted; what is verified is that the program is there.
    sed "s|^ExecStart=[^ ]*|ExecStart=\"${program//|/\\|}\"|" "$built" > "$scratch/$name"

    # It exits with 0 for unknown keys, and names them: nothing may be said at all.
    (cd "$scratch" && systemd-analyze verify --man=no "./$name") > "$scratch/said" 2>&1 ||
        { echo "systemd-analyze verify $1:"; cat "$scratch/said"; exit 1; }
    if [ -s "$scratch/said" ]; then
        echo "systemd-analyze verify $1 says:"
        cat "$scratch/said"
        exit 1
    fi

    # Exposure of 1.5 at most, of 10.
    (cd "$scratch" && systemd-analyze security --offline=true --threshold=15 --no-pager \
        "./$name") > "$scratch/score" 2>&1 || { cat "$scratch/score"; exit 1; }
    tail -n 1 "$scratch/score"
}

check concernd.service daemon/concernd
check concern-bridge.service clients/bridge/concern-bridge
check concern-spool@.service clients/spool/concern-spool

if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers --dry-run "$CONCERN_SOURCE"/systemd/sysusers.d/*.conf > "$scratch/users" 2>&1 ||
        { cat "$scratch/users"; exit 1; }
fi
