#!/usr/bin/env bash
# test_core_is_pure.sh - core decides: no clock, no files, no sockets, no log.
#
# Builds core as a release is built, for sanitizers add symbols of their own, and lists what it
# needs from elsewhere: anything but functions of memory and strings fails.
set -euo pipefail

source="${CONCERN_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

allowed='^(mem[a-z]+|_*str[a-z]+|str[a-z]+|malloc|calloc|realloc|free|(__)?v?snprintf(_chk)?|__mem[a-z]+_chk|__str[a-z]+_chk|__stack_chk_fail|qsort|bsearch|_GLOBAL_OFFSET_TABLE_)$'
# These look like functions of strings, and know a place, a clock or a past call.
forbidden='^(strerror.*|strftime.*|strptime|strsignal|strtok.*|strtol|strtoul|strcoll.*|strfmon.*)$'

compile() {
    local object
    for file in "$1"/*.c; do
        object="$2/$(basename "$file" .c).o"
        cc -std=gnu17 -D_GNU_SOURCE -O2 -DNDEBUG -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
            -I "$source/daemon" -c "$file" -o "$object"
    done
}

# The names that the objects of a folder need and none of them has.
needed() {
    comm -23 <(nm -u "$1"/*.o | awk '$1 == "U" { print $2 }' | sort -u) \
        <(nm --defined-only "$1"/*.o | awk 'NF == 3 { print $3 }' | sort -u)
}

impure() {
    needed "$1" | { grep -Ev "$allowed" || true; }
    needed "$1" | { grep -E "$forbidden" || true; }
}

mkdir "$work/core" "$work/sample" "$work/sample_objects"
compile "$source/daemon/core" "$work/core"
found="$(impure "$work/core")"

# The lint finds what it is for.
cat >"$work/sample/sample.c" <<'SAMPLE'
#include <stdio.h>
#include <time.h>
long now(void);
long now(void) { return puts("x") + (long)time(0); }
SAMPLE
compile "$work/sample" "$work/sample_objects"
if [ "$(impure "$work/sample_objects" | tr '\n' ' ')" != "puts time " ]; then
    echo "the lint itself is broken: it found $(impure "$work/sample_objects" | tr '\n' ' ')"
    exit 1
fi

if [ -n "$found" ]; then
    echo "core needs what only io may use:"
    for symbol in $found; do
        echo "  $symbol, in: $(cd "$work/core" && grep -l "\b$symbol\b" ./*.o | xargs -n1 basename | tr '\n' ' ')"
    done
    exit 1
fi
echo "$(find "$work/core" -name '*.o' | wc -l) objects of core are pure: $(needed "$work/core" | tr '\n' ' ')"
