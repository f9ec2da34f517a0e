#!/usr/bin/env bash
# Signs in through a real OpenID Connect provider (the Python package oidc-provider-mock) on a demonstration of its own.
# usage: oidc.sh [PROGRAM]; the provider is installed in a temporary place and goes with it.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/debug/qishu}")
dir=$(mktemp -d)
started=()
stop() {
    for one in "${started[@]}"; do kill "$one" 2>/dev/null || true; done
    rm -rf "$dir"
}
trap stop EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q -r scripts/oidc-requirements.txt
port=$((20000 + RANDOM % 12000))
own=http://127.0.0.1:$port
provider=http://127.0.0.1:$((port + 1))
"$dir/venv/bin/oidc-provider-mock" --port $((port + 1)) >"$dir/provider.log" 2>&1 &
started+=($!)
echo "a secret of the test" >"$dir/secret"
"$program" demo --data "$dir/data" >/dev/null
"$program" serve --data "$dir/data" --listen "127.0.0.1:$port" --public-url "$own" \
    --oidc-issuer "$provider" --oidc-client qishu --oidc-secret "$dir/secret" >"$dir/server.log" 2>&1 &
started+=($!)
for address in "$own/readyz" "$provider/.well-known/openid-configuration"; do
    for _ in $(seq 100); do
        curl -sf "$address" >/dev/null && break
        sleep 0.1
    done
done
python3 scripts/oidc.py "$own" "$provider" daye huangshi-2021 || { tail -20 "$dir"/*.log; exit 1; }
