#!/usr/bin/env bash
# test_format.sh - every C file is as .clang-format writes it.
set -euo pipefail

source="${CONCERN_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}"
cd "$source"

if ! command -v clang-format >/dev/null; then
    echo "skipped: clang-format is not installed, so the format was not looked at"
    exit 0
fi
find daemon protocol clients tests \( -name build -o -name node_modules \) -prune -o -name '*.[ch]' -print0 |
    xargs -0 clang-format --dry-run -Werror
echo "every C file is well formatted, says $(clang-format --version)"
