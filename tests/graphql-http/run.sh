#!/usr/bin/env bash
# Starts the service on a database of its own and runs every audit of the graphql-http package against it.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-$PWD/../../target}
scratch=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$scratch"' EXIT

(cd ../.. && cargo build --locked --quiet --bin ansinh)
npm ci --no-audit --no-fund --silent

port=$((20000 + RANDOM % 20000))
export DATABASE_URL="sqlite://$scratch/ansinh.db"
ANSINH_SECRET_KEY=$(head -c 32 /dev/urandom | base64)
export ANSINH_SECRET_KEY ANSINH_ISSUER="http://127.0.0.1:$port" RUST_LOG=warn
ansinh="$target/debug/ansinh"
"$ansinh" migrate up >"$scratch/log" 2>&1
"$ansinh" client add "Audit of the GraphQL door" --role labour --client-id audit >>"$scratch/log" 2>&1
"$ansinh" serve --listen "127.0.0.1:$port" >>"$scratch/log" 2>&1 &
server=$!
ANSINH_TOKEN=$("$ansinh" token --client-id audit 2>>"$scratch/log")
export ANSINH_TOKEN ANSINH_URL="http://127.0.0.1:$port/graphql"
for _ in $(seq 100); do
    node audit.mjs && exit 0 || code=$?
    # 2: not up yet.
    [ "$code" = 2 ] || exit "$code"
    sleep 0.2
done
cat "$scratch/log" >&2
exit 2
