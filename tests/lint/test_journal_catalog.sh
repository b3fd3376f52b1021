#!/usr/bin/env bash
# Every message id has its entry in the catalog, and no entry is without one.
set -euo pipefail
cd "$CONCERN_SOURCE"
ids=$(grep -o '^#define MESSAGE_ID_[A-Z_]* "[0-9a-f]*"' daemon/io/message_ids.h |
    sed 's/.*"\(.*\)"/\1/' | sort)
entries=$(grep '^-- ' systemd/concernd.catalog | cut -c4- | sort)
[ -n "$ids" ]
diff <(echo "$ids") <(echo "$entries")
[ "$(echo "$ids" | wc -l)" = "$(echo "$ids" | sort -u | wc -l)" ]
! echo "$ids" | grep -vE '^[0-9a-f]{32}$'
if command -v journalctl >/dev/null; then
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/concern catalog XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    mkdir -p "$scratch/usr/lib/systemd/catalog" "$scratch/var/lib/systemd/catalog"
    cp systemd/concernd.catalog "$scratch/usr/lib/systemd/catalog/"
    journalctl --root="$scratch" --update-catalog > "$scratch/said" 2>&1 ||
        { cat "$scratch/said"; exit 1; }
    [ ! -s "$scratch/said" ] || { cat "$scratch/said"; exit 1; }
fi
