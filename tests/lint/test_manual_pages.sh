#!/usr/bin/env bash
# Each manual page can be made and has no error, and says all there is to say: every
# command and option of the programs' own help, every key that their readers know.
set -euo pipefail

for tool in scdoc mandoc; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 0; }
done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/concern manual XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$CONCERN_SOURCE"
faults=0

fault()
{
    echo "$*"
    faults=$((faults + 1))
}

# page SOURCE: made, without an error, and as plain text in $scratch.
page()
{
    local name
    name=$(basename "$1" .scd)
    scdoc < "$1" > "$scratch/$name" || { fault "$1: scdoc refuses it"; return; }
    mandoc -T lint -W error "$scratch/$name" || fault "$1: mandoc finds an error"
    mandoc -T ascii -O width=200 "$scratch/$name" | col -bx > "$scratch/$name.txt"
}

# says PAGE WORD...: the page has each of the words, whole.
says()
{
    local text="$scratch/$1.txt" word
    shift
    [ -s "$text" ] || { fault "$(basename "$text" .txt) is not there"; return; }
    for word in "$@"; do
        grep -qE -- "(^|[^a-z_-])${word//./\\.}([^a-z_-]|\$)" "$text" ||
            fault "$(basename "$text" .txt) does not name $word"
    done
}

# keys FILE...: the names in the tables of the readers.
keys()
{
    grep -ohE '^ *\{ (\{ )?"[a-z_.]+", +("|YAML_KEY)' "$@" | sed 's/^[^"]*"\([^"]*\)".*/\1/' | sort -u
}

while IFS= read -r source; do page "$source"; done < <(find clients daemon config protocol -name '*.scd')

ctl="$CONCERN_BUILD/clients/concernctl/concernctl"
commands=$("$ctl" --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')
[ -n "$commands" ]
for command in $commands; do
    says concernctl.1 "$command"
    mapfile -t options < <("$ctl" help "$command" | grep -oE -- '--[a-z][a-z-]*' | sort -u)
    says concernctl.1 "${options[@]}"
done

daemon="$CONCERN_BUILD/daemon/concernd"
if "$daemon" --help > "$scratch/help" 2>/dev/null; then
    mapfile -t options < <(grep -oE -- '--[a-z][a-z-]*' "$scratch/help" | sort -u)
    says concernd.8 "${options[@]}"
fi

# What is taken out of the environment: the page's list and the code's are one.
sed -n '/^## Taken out/,/^# /p' daemon/concernd.8.scd | grep -E '^\*' | grep -oE '[A-Za-z_]{2,}' |
    sort > "$scratch/taken out by the page"
sed -n '/names\[\]/,/};/p' daemon/io/environment.c | grep -oE '"[A-Za-z_]+"' | tr -d '"' |
    sort > "$scratch/taken out by the code"
[ -s "$scratch/taken out by the code" ] || fault "environment.c takes nothing out"
diff "$scratch/taken out by the page" "$scratch/taken out by the code" ||
    fault "concernd.8 and environment.c take out different variables"

bridge="$CONCERN_BUILD/clients/bridge/concern-bridge"
mapfile -t options < <("$bridge" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u)
says concern-bridge.1 "${options[@]}"
mapfile -t functions < <(grep -oE 'concern_[a-z_]+\(' clients/libconcern/concern.h | tr -d '(' | sort -u)
[ ${#functions[@]} -gt 40 ]
says libconcern.3 "${functions[@]}"
spool="$CONCERN_BUILD/clients/spool/concern-spool"
mapfile -t options < <("$spool" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u)
says concern-spool.1 "${options[@]}" $(keys clients/spool/mapping.c clients/spool/options.c)

# A file of tables that is not there has no key to name.
shopt -s nullglob
policy=daemon/policy
settings=("$policy"/settings*.c) directory=("$policy"/directory_*.c)
procedure=("$policy"/procedure_*.c) keyring=(daemon/io/keyring_file.c)
[ ${#settings[@]} = 0 ] || says concernd.yaml.5 $(keys "${settings[@]}")
[ ${#keyring[@]} = 0 ] || says concernd.yaml.5 $(keys "${keyring[@]}")
[ ${#directory[@]} = 0 ] || says concernd-directory.5 $(keys "${directory[@]}")
says concernd-procedure.5 $(keys "${procedure[@]}")

[ "$faults" = 0 ]
