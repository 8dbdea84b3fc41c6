#!/usr/bin/env bash
# Lints openapi.json, then starts the service with the demo's data and checks it against the document: with the examples
# through a validating proxy, and with data that Schemathesis makes up from the schemas.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-$PWD/../../target}
python=$target/tools/openapi-python
scratch=$(mktemp -d)
trap 'kill "${server:-}" "${proxy:-}" 2>/dev/null || true; rm -rf "$scratch"' EXIT

(cd ../.. && cargo build --locked --quiet --bin ansinh)
npm ci --no-audit --no-fund --silent --ignore-scripts
if ! cmp --silent requirements.txt "$python/requirements.txt"; then
    rm -rf "$python"
    python3 -m venv "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt
    cp requirements.txt "$python/requirements.txt"
fi

export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true PATH="$PWD/node_modules/.bin:$PATH"
spectral lint --quiet --fail-severity hint --ruleset spectral.yaml ../../openapi.json
redocly lint --config redocly.yaml ../../openapi.json

wait_for() {
    for _ in $(seq 600); do
        curl --silent --fail --output "$scratch/answer" "$1" && return
        sleep 0.2
    done
    cat "$scratch"/*.log >&2
    exit 1
}

port=$((20000 + RANDOM % 20000))
url=http://127.0.0.1:$port
# One client asks more at once than an office does.
ANSINH_LIMITS__RATE=1000000 ANSINH_LIMITS__ELSEWHERE=1000000 RUST_LOG=warn "$target/debug/ansinh" demo --data "$scratch/data" --listen "127.0.0.1:$port" >"$scratch/server.log" 2>&1 &
server=$!
wait_for "$url/readyz"
prism proxy ../../openapi.json "$url" --port $((port + 1)) >"$scratch/proxy.log" 2>&1 &
proxy=$!
wait_for "http://127.0.0.1:$((port + 1))/livez"
PROXY=http://127.0.0.1:$((port + 1)) CREDENTIALS=$scratch/data/demo-clients.json node walk.mjs

# The offices that may push, between them every kind.
for role in labour policy-bank health education; do
    secret=$(grep -A1 "\"client_id\": \"demo-$role\"" "$scratch/data/demo-clients.json" | sed -n 's/.*"client_secret": "\(.*\)".*/\1/p')
    token=$(curl --silent --user "demo-$role:$secret" --data grant_type=client_credentials "$url/oauth/token" |
        sed 's/.*"access_token":"\([^"]*\)".*/\1/')
    PYTHONPATH=. "$python/bin/schemathesis" --config-file schemathesis.toml run ../../openapi.json --url "$url" \
        --header "Authorization: Bearer $token" --seed 1 --generation-database none --max-examples 15 \
        --phases coverage,fuzzing --checks all --warnings off --no-color >"$scratch/found" 2>&1 || {
        cat "$scratch/found" >&2
        exit 1
    }
    echo "$role: $(tail -n 1 "$scratch/found" | tr -d =)"
done
