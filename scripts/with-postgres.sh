#!/usr/bin/env bash
# Runs a command with a throw-away PostgreSQL server, named by QISHU_TEST_POSTGRES.
# The server binaries come from the system's packages; the data lives in a temporary directory and goes with it.
set -euo pipefail

bin=$(pg_config --bindir 2>/dev/null || true)
if [ ! -x "$bin/initdb" ]; then
    bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
fi
if [ ! -x "$bin/initdb" ]; then
    echo "PostgreSQL's server programs are missing: install the package 'postgresql' (see CONTRIBUTING.md)" >&2
    exit 3
fi

dir=$(mktemp -d)
# Below the range from which the system gives ports to clients.
port=$((20000 + RANDOM % 12000))
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    # The server refuses to run as root.
    chown postgres "$dir"
    as() { runuser -u postgres -- "$@"; }
fi
stop() {
    as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap stop EXIT
cd /
as "$bin/initdb" -D "$dir/data" -U qishu -A trust -E UTF8 --locale=C >/dev/null
# Tests create many databases and throw them away: durability is tested elsewhere, with its own server.
as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir -c max_connections=400 -c fsync=${QISHU_PG_FSYNC:-off}" start >/dev/null
cd - >/dev/null
export QISHU_TEST_POSTGRES="postgres://qishu@127.0.0.1:$port" QISHU_TEST_BOTH=1
"$@"
