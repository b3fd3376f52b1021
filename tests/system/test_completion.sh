#!/usr/bin/env bash
# The shell completes the commands and options that concernctl takes.
set -euo pipefail
PATH="$CONCERN_BUILD/clients/concernctl:$PATH"
source "$CONCERN_SOURCE/clients/concernctl/concernctl.bash"

# completes WORDS... WANTED: what the last word may become has WANTED among it.
completes()
{
    local wanted=${*: -1}
    COMP_WORDS=("${@:1:$#-1}")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _concernctl
    printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$wanted" ||
        { echo "${COMP_WORDS[*]} does not become $wanted, but: ${COMPREPLY[*]}"; exit 1; }
}

completes concernctl pub publish
completes concernctl help lis list
completes concernctl publish --end --endpoint
completes concernctl raise --challenge --challenged
completes concernctl keys m make
completes concernctl silence a add
completes concernctl test sys systems@
completes concernctl test --wa --wait
completes concernctl due --lim --limit
