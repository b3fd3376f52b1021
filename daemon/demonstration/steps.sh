# steps.sh - the steps of daemon/quickstart, each a function; sourced, not run.
# Sets: work, mail_port, webhook_port, feed_port, endpoint, concernd.

started=()   # process ids to stop, whatever happens
began=$SECONDS

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
done_() { printf '   %s\n' "$*"; }

fail() {
    printf '\nquickstart failed: %s\n' "$*" >&2
    [ ! -s "${work:-}/keyring.yaml" ] || printf 'everything it made, and what each program said, is in %s\n' "$work" >&2
    exit 1
}

stop_everything() {
    local pid
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in "${started[@]}"; do
        wait "$pid" 2>/dev/null || true
    done
    started=()
}
trap stop_everything EXIT
trap 'exit 130' INT TERM

build() {
    local top=$1 log
    mkdir -p "$top/build/release" 2>/dev/null && [ -w "$top/build/release" ] ||
        fail "$top/build/release cannot be written by $(id -un): run it as the owner of the clone"
    log=$(mktemp)
    if ! { cmake -S "$top" --preset release && cmake --build "$top/build/release" --target concernd concernctl; } \
         >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        rm -f "$log"
        fail "the build did not succeed"
    fi
    rm -f "$log"
    concernd=$top/build/release/daemon/concernd
    concernctl_program=$top/build/release/clients/concernctl/concernctl
}

make_directory() {
    if [ -n "$1" ]; then
        mkdir -p -- "$1" 2>/dev/null || fail "the directory $1 cannot be made"
        [ -z "$(ls -A -- "$1")" ] || fail "the directory $1 is not empty"
        [ -w "$1" ] || fail "the directory $1 cannot be written"
        work=$(cd -- "$1" && pwd)
    else
        work=$(mktemp -d "${TMPDIR:-/tmp}/concernd-quickstart.XXXXXX")
    fi
    mkdir -m 700 "$work/keys" "$work/secrets" "$work/run"
    mkdir "$work/mail" "$work/webhooks" "$work/christmas" "$work/christmas/mail"
}

concernctl() {
    "$concernctl_program" "$@"
}

# Waits until a program has written its port, or has ended.
wait_for_port() {
    local file=$1 pid=$2 name=$3 tries=0
    until [ -s "$file" ]; do
        kill -0 "$pid" 2>/dev/null || fail "$name did not start; see $work/$name.log"
        [ $((tries += 1)) -lt 300 ] || fail "$name did not say its port; see $work/$name.log"
        sleep 0.1
    done
    cat "$file"
}

make_keys() {
    concernctl keys make --server --directory "$work/keys" >/dev/null 2>&1
    concernctl keys make housing --directory "$work/keys" --agency northtown-housing --board plcsab \
        --source urn:northtown:housing >"$work/keys/housing.txt" 2>&1
    concernctl keys make asc-feed --directory "$work/keys" --agency northtown-asc --board plcsab \
        --source urn:northtown:asc >"$work/keys/asc-feed.txt" 2>&1
    concernctl keys make subscriber --directory "$work/keys" --board plcsab >/dev/null 2>&1
    public_key() { sed -n 's/.*public-key *= *"\(.*\)".*/\1/p' "$1"; }
    cat >"$work/keyring.yaml" <<KEYS
keys:
  - {key: "$(public_key "$work/keys/housing.key")", agency: northtown-housing, boards: [plcsab], sources: ["urn:northtown:housing"], procedures: [plcsab-adults], types: [all], rights: [publish, close]}
  - {key: "$(public_key "$work/keys/asc-feed.key")", agency: northtown-asc, boards: [plcsab], sources: ["urn:northtown:asc"], procedures: [plcsab-adults], types: [all], rights: [publish]}
KEYS
    chmod 600 "$work/keyring.yaml"
    printf 'whsec_%s\n' "$(openssl rand -base64 32)" >"$work/secrets/housing-system"
    openssl rand -hex 16 >"$work/secrets/mail-password"
    chmod 600 "$work"/secrets/*
}

make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
        -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
        -keyout "$work/keys/tls.key" -out "$work/keys/tls.crt" 2>"$work/openssl.log" ||
        fail "openssl made no certificate; see $work/openssl.log"
}

start_mail_server() {
    rm -f "$work/run/mail.port"
    /usr/bin/python3 "$demonstration/mail_server.py" "$work/run/mail.port" "$work/keys/tls.crt" \
        "$work/keys/tls.key" concernd "$(cat "$work/secrets/mail-password")" "${1:-$work/mail}" \
        >>"$work/mail-server.log" 2>&1 </dev/null &
    started+=($!)
    mail_server=$!
    mail_port=$(wait_for_port "$work/run/mail.port" "$!" mail-server)
}

start_webhook_receiver() {
    /usr/bin/python3 "$demonstration/webhook_receiver.py" "$work/run/webhook.port" \
        "$work/keys/tls.crt" "$work/keys/tls.key" "$work/secrets/housing-system" "$work/webhooks" \
        >"$work/webhook-receiver.log" 2>&1 </dev/null &
    started+=($!)
    webhook_port=$(wait_for_port "$work/run/webhook.port" "$!" webhook-receiver)
}

start_feed_publisher() {
    /usr/bin/python3 "$demonstration/feed_publisher.py" "$work/run/feed.port" \
        "$work/keys/asc-feed.key_secret" "$work/keys/subscriber.key" "$work/run/feed-events" \
        >"$work/feed-publisher.log" 2>&1 </dev/null &
    started+=($!)
    feed_port=$(wait_for_port "$work/run/feed.port" "$!" feed-publisher)
}

# Who is who: invented people of two invented agencies and a board.
write_directory() {
    cat <<DIRECTORY
# Invented people of invented agencies.
agencies:
  northtown-housing:
    name: Northtown Housing
    kind: statutory
    domains: [housing.northtown.example]
    roles:
      practitioner: {holder: housing-worker}
      line_manager: {holder: housing-manager}
      head_of_service: {holder: housing-head}
      strategic_head: {holder: housing-director}
      safeguarding_lead: {holder: housing-lead}
$1
  northtown-asc:
    name: Northtown Adult Social Care
    kind: statutory
    domains: [asc.northtown.example]
    roles:
      practitioner: {holder: asc-worker}
      line_manager: {holder: asc-manager}
      head_of_service: {holder: asc-head}
      strategic_head: {holder: asc-director}
      safeguarding_lead: {holder: asc-lead}
boards:
  plcsab:
    name: Pan Lancashire and Cumbria SAB (a sample)
    procedures: [plcsab-adults]
    references: ["D-####-####"]
    roles:
      board_team: {holder: board-unit}
people:
$(for person in housing-worker housing-manager housing-head housing-director housing-lead; do
    printf '  %s: {name: Invented, routes: ["email:%s@housing.northtown.example"]}\n' "$person" "$person"
done
for person in asc-worker asc-manager asc-head asc-director asc-lead; do
    printf '  %s: {name: Invented, routes: ["email:%s@asc.northtown.example"]}\n' "$person" "$person"
done)
  board-unit: {name: Invented, routes: ["email:unit@board.example"]}
$2
operator: ["email:operator@board.example"]
DIRECTORY
}

# The settings of one daemon: its folder, the lines of its own, its directory file.
write_config() {
    cat <<SETTINGS
control: "$1/control"
state: "$2"
keyring: "$work/keyring.yaml"
server_key: "$work/keys/server.key_secret"
secrets: "$work/secrets"
data: "$top/config"
directory: "$3"
mail:
  url: "smtp://localhost:$mail_port"
  user: concernd
  password_file: "$work/secrets/mail-password"
  ca: "$work/keys/tls.crt"
  from: concernd@board.example
$4
SETTINGS
}

start_daemon() {
    local name=$1 config=$2 state
    shift 2
    if [ "$name" = real ]; then
        write_directory "    systems: [housing-system]" "endpoints:
  housing-system: {kind: webhook, url: \"https://localhost:$webhook_port/concernd\", secret: housing-system, ca: \"$work/keys/tls.crt\", allow: [127.0.0.0/8, \"::1/128\"]}" >"$work/directory.yaml"
        write_config "$work/run" "$work/state" "$work/directory.yaml" "listen: \"tcp://127.0.0.1:*\"
http: \"127.0.0.1:0\"
feeds:
  - {name: asc, endpoint: \"tcp://127.0.0.1:$feed_port\", server_key: \"$(public_key "$work/keys/asc-feed.key")\", secret_key: \"$work/keys/subscriber.key_secret\", sources: [\"urn:northtown:asc\"], boards: [plcsab]}" >"$config"
        export RUNTIME_DIRECTORY=$work/run
    fi
    "$concernd" --config "$config" "$@" >"$work/concernd-$name.log" 2>&1 </dev/null &
    started+=($!)
    daemon_pid=$!
    endpoint=$(wait_for_daemon "$name")
}

wait_for_daemon() {
    local tries=0 found
    until found=$(concernctl status --json 2>/dev/null | sed -n 's/.*"endpoint": *"\([^"]*\)".*/\1/p') && [ -n "$found" ]; do
        kill -0 "$daemon_pid" 2>/dev/null || { tail -n 5 "$work/concernd-$1.log" >&2; fail "the daemon did not start; see $work/concernd-$1.log"; }
        [ $((tries += 1)) -lt 300 ] || fail "the daemon is not ready; see $work/concernd-$1.log"
        sleep 0.1
    done
    say "$found"
}

stop_daemon() {
    kill "$daemon_pid"
    wait "$daemon_pid" || fail "the daemon did not stop cleanly; see $work/concernd-$1.log"
}

raise() {
    concernctl raise --reference "$1" --procedure plcsab-adults --board plcsab \
        --challenging northtown-housing --challenged northtown-asc \
        --source urn:northtown:housing --fact relates_to=individual "${@:2}" \
        --endpoint "$endpoint" --server-key "$work/keys/server.key" \
        --key "$work/keys/housing.key_secret" --wait 30 || fail "the event was not acknowledged"
}

# Puts the event that the feed's publisher is to publish where it looks for it.
event_of_feed() {
    cat >"$work/run/feed-events.part" <<EVENT
{"specversion":"1.0","id":"asc-1","source":"urn:northtown:asc","type":"concernd.risk.changed","subject":"$1","time":"$(date -u +%Y-%m-%dT%H:%M:%SZ)","datacontenttype":"application/json","data":{"risk":"life_threatening"}}
EVENT
    mv "$work/run/feed-events.part" "$work/run/feed-events"
}

# Waits until a file in a folder holds a line; what was awaited is said where it does not come.
wait_for() {
    local what=$1 folder=$2 pattern=$3 tries=0
    until grep -rqs -e "$pattern" "$folder"; do
        kill -0 "$daemon_pid" 2>/dev/null || fail "the daemon has ended while waiting for $what"
        [ $((tries += 1)) -lt 600 ] || { concernctl outbox >&2 || true; fail "$what did not arrive within a minute"; }
        sleep 0.1
    done
}

readable() {
    /usr/bin/python3 - "$1" <<'READ'
import email, email.policy, sys
mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
for name in ("From", "To", "Subject"):
    print(f"   | {name}: {mail[name]}")
print("   |")
for line in mail.get_body(("plain",)).get_content().splitlines():
    print(f"   | {line}")
READ
}

show_mail() {
    readable "$(grep -rls -e "$1" "$work/mail" | sort | head -n 1)"
}

show_webhook() {
    say ""
    head -n 1 "$work/webhook-receiver.log" | sed 's/^/   /'
}

show_subjects() {
    grep -B 1 -e "$1" "$work/mail-server.log" | sed 's/^/   /' || true
}

play_christmas() {
    local folder=$work/christmas from
    kill "$mail_server" && wait "$mail_server" 2>/dev/null || true
    start_mail_server "$folder/mail"
    from=$(wc -l <"$work/mail-server.log")
    mkdir -m 700 -p "$folder/run"
    write_directory "" "" >"$folder/directory.yaml"
    write_config "$folder/run" "$folder/state" "$folder/directory.yaml" "listen: \"tcp://127.0.0.1:*\"
http: none" >"$folder/concernd.yaml"
    # A minute of this clock is a millisecond: no mail server answers in ten of them.
    echo "escalate: {after: 30 days, urgent: 30 days, told: 30 days}" >>"$folder/concernd.yaml"
    export RUNTIME_DIRECTORY=$folder/run
    start_daemon christmas "$folder/concernd.yaml" --clock "2026-12-18T16:59:00Zx60000"
    raise D-2026-0210 --time 2026-12-18T16:59:00Z
    tail -n "+$((from + 1))" -f "$work/mail-server.log" --pid="$daemon_pid" | sed -u 's/^/   /' &
    wait_for "the board team's message as seniors get involved" "$folder/mail" '^To:.*unit@board.example'
    wait_for "the message that the third stage and the 15 days are over" "$work/mail-server.log" 'Stage 3.*limit.*D-2026-0210'
    stop_daemon christmas
    done_ "a stage passed, the next one was entered, the board was told: $((SECONDS - began)) s in all"
}
