#!/bin/sh
# Measures the platform and its peers on one set of facts and prints one table. Builds nothing.
#   BENCH_FACTS, BENCH_ORGS   sizes (default 10,000,000 and 500,000)
#   BENCH_ROWS                rows of the workbooks (default 100,000)
#   BENCH_SECONDS             how long the clients commit, on each side (default 10)
#   BENCH_PYTHON              a Python with bench/requirements.txt (default bench/out/venv, else python3)
#   BENCH_BOARD               address of the board's page (default /board)
#   BENCH_KEEP=1              keep the data that was made
set -eu
cd "$(dirname "$0")/.."

qishu=target/release/qishu
out=bench/out
facts=${BENCH_FACTS:-10000000}
orgs=${BENCH_ORGS:-500000}
seconds=${BENCH_SECONDS:-10}
python=${BENCH_PYTHON:-$out/venv/bin/python}

if [ ! -x "$qishu" ]; then
    echo "$qishu is missing: run make release first" >&2
    exit 1
fi
[ -x "$python" ] || python=python3
if ! "$python" -c 'import duckdb, openpyxl, pandas, psycopg2' 2>/dev/null; then
    echo "the peers need bench/requirements.txt: run make bench, or set BENCH_PYTHON" >&2
    exit 1
fi

mkdir -p "$out"
rm -rf "$out/data" "$out/demo" "$out/export" "$out/workbooks" "$out/ours.json" "$out/peers.json" "$out/workbooks.json"

echo "== the demonstration city" >&2
"$qishu" demo --data "$out/demo" >&2

# A part that fails leaves its lines "not measured" in the table, and the whole run failed.
failed=0
echo "== ours" >&2
"$qishu" bench --facts "$facts" --orgs "$orgs" --dir "$out/data" --json "$out/ours.json" --export "$out/export" \
    --demo "$out/demo" --board "${BENCH_BOARD:-/board}" --seconds "$seconds" >&2 || failed=1

echo "== peers" >&2
if [ -f "$out/export/facts.csv" ]; then
    "$python" bench/peers.py --in "$out/export" --json "$out/peers.json" --seconds "$seconds" >&2 || failed=1
fi
if [ -f "$out/export/ledger.jsonl" ]; then
    "$python" bench/seals.py "$out/export/ledger.jsonl" --json "$out/peers.json" >&2 || failed=1
fi

echo "== workbooks" >&2
"$python" bench/workbooks.py --qishu "$qishu" --dir "$out/workbooks" --json "$out/workbooks.json" \
    --rows "${BENCH_ROWS:-100000}" || failed=1

"$python" bench/table.py "$out/ours.json" "$out/peers.json" "$out/workbooks.json" | tee "$out/table.txt"
[ "${BENCH_KEEP:-0}" = 1 ] || rm -rf "$out/data" "$out/demo" "$out/export" "$out/workbooks"
exit "$failed"
