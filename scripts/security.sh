#!/usr/bin/env bash
# Attacks a demonstration of its own: schemathesis over the description of the API by every account, sqlmap on lists and search.
# usage: security.sh [PROGRAM]; what is found stays in security/out. SECURITY_EXAMPLES: examples of each operation (default 40).
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/debug/qishu}")
out=$PWD/security/out
venv=$out/venv
mkdir -p "$out"
scripts/need.sh sqlmap
if [ ! -x "$venv/bin/st" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q -r scripts/security-requirements.txt
fi
# What the tools leave lying about lies there.
cd "$out"

dir=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$dir"
}
trap stop EXIT
port=$((20000 + RANDOM % 12000))
base=http://127.0.0.1:$port
"$program" demo --data "$dir/data" >"$out/demo.log" 2>&1
"$program" serve --data "$dir/data" --listen "127.0.0.1:$port" --requests-per-minute 0 --sign-ins-per-minute 0 >"$out/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
    curl -sf "$base/readyz" >/dev/null && break
    sleep 0.1
done

# The cookie of an account, once signed in.
cookie() {
    curl -s -o /dev/null -D - -H 'Sec-Fetch-Site: same-origin' --data-urlencode "login=$1" \
        --data-urlencode "password=huangshi-2021" "$base/sign-in" |
        sed -n 's/^set-cookie: \(qishu_session=[^;]*\).*/\1/Ip' | tail -n 1
}

failed=0
for login in lingdao jingban daye qiye yinhang shenji; do
    echo "schemathesis as $login"
    if ! "$venv/bin/st" run "$base/api/openapi.json" -H "Cookie: $(cookie "$login")" \
        --checks not_a_server_error,response_schema_conformance,content_type_conformance \
        --max-examples "${SECURITY_EXAMPLES:-40}" --seed 1 --workers 2 --suppress-health-check all --no-color \
        >"$out/schemathesis-$login.log" 2>&1; then
        echo "  found something: $out/schemathesis-$login.log"
        failed=1
    fi
done

held=$(cookie jingban)
for path in '/orgs?q=%E5%A4%A7%E5%86%B6&unit=1' '/ledger?unit=1&kind=diagnosis.completed' '/api/v1/organisations?q=%E5%A4%A7%E5%86%B6' '/api/v1/facts?unit=1' \
    '/orgs/mismatches?unit=1' '/indicators/diagnosis.completed/rows?unit=1'; do
    echo "sqlmap on $path"
    sqlmap -u "$base$path" --cookie "$held" --batch --level 2 --risk 2 --threads 2 --flush-session --disable-coloring \
        --skip-waf --ignore-code 401 --output-dir "$out/sqlmap" >"$out/sqlmap.log" 2>&1 || true
    cat "$out/sqlmap.log" >>"$out/sqlmap-all.log"
    if grep -qE 'is vulnerable|identified the following injection' "$out/sqlmap.log"; then
        cp "$out/sqlmap.log" "$out/sqlmap-found.log"
        echo "  found something: $out/sqlmap-found.log"
        failed=1
    fi
    grep -qE 'do not appear to be injectable|identified the following' "$out/sqlmap.log" || {
        echo "  sqlmap could not test it: $out/sqlmap.log"
        tail -n 5 "$out/sqlmap.log"
        failed=1
    }
done

kill -0 "$server" || { echo "the server has died: $out/server.log"; failed=1; }
if grep -qE 'panic|incident' "$out/server.log"; then
    echo "the server reported a defect: $out/server.log"
    failed=1
fi
[ "$failed" = 0 ] && echo "nothing found"
exit "$failed"
