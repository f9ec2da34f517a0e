#!/usr/bin/env bash
# Tries what docs/operations.md says of PostgreSQL, with real servers in a temporary directory:
#  1. a synchronous standby loses no acknowledged write when the first server is killed with -9 while people write;
#  2. a base backup and archived logs bring the database back to a moment.
# usage: scripts/check-postgres-recovery.sh [SECONDS of writing, 5]      (needs `make build`-like binaries: it builds `hammer`)
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-5}
bin=$(pg_config --bindir 2>/dev/null || true)
[ -x "$bin/initdb" ] || bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
[ -x "$bin/initdb" ] || { echo "PostgreSQL's server programs are missing: install the package 'postgresql'" >&2; exit 3; }
${CARGO:-cargo} build -q --workspace --bins
hammer=$(realpath "${CARGO_TARGET_DIR:-target}/debug/hammer")

dir=$(mktemp -d)
# The programs of the server refuse to run as root, and the server user must reach them.
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    as() { runuser -u postgres -- "$@"; }
fi
first=$((20000 + RANDOM % 6000)) second=$((26000 + RANDOM % 6000))
cleanup() {
    for data in first second later; do
        as "$bin/pg_ctl" -D "$dir/$data" -m immediate stop >/dev/null 2>&1 || true
    done
    rm -rf "$dir"
}
trap cleanup EXIT

say() { echo "== $*"; }
ask() { psql -X -q -A -t -h 127.0.0.1 -p "$1" -U qishu -d "${3:-qishu}" -c "$2"; }
start() { # data, port, more options
    as "$bin/pg_ctl" -D "$dir/$1" -w -l "$dir/$1.log" -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir ${3:-}" start >/dev/null
}
# Acts that were acknowledged and are not in the database with all their facts. Titles go in as data.
lost() { # port, file of acknowledged titles
    psql -X -q -A -t -h 127.0.0.1 -p "$1" -U qishu -d qishu <<SQL
CREATE TEMP TABLE acknowledged (title TEXT);
\copy acknowledged FROM '$2'
SELECT count(*) FROM acknowledged a WHERE NOT EXISTS (
  SELECT 1 FROM record r WHERE r.title = a.title
     AND r.document = (SELECT count(*)::TEXT FROM fact f WHERE f.record_id = r.id));
SQL
}
until_true() { # what, command...
    local what=$1; shift
    for _ in $(seq 900); do "$@" && return 0; sleep 0.1; done
    echo "timed out: $what" >&2; exit 1
}

say "first server with archived logs, and a base backup that becomes its synchronous standby"
cd /
as "$bin/initdb" -D "$dir/first" -U qishu -A trust -E UTF8 --locale=C >/dev/null
as mkdir "$dir/archive"
as tee -a "$dir/first/postgresql.conf" >/dev/null <<CONF
wal_level = replica
archive_mode = on
archive_command = 'test ! -f $dir/archive/%f && cp %p $dir/archive/%f'
max_wal_senders = 5
synchronous_commit = on
CONF
start first "$first"
ask "$first" "CREATE DATABASE qishu" postgres
as "$bin/pg_basebackup" -h 127.0.0.1 -p "$first" -U qishu -D "$dir/second" -R -X stream -c fast -d "application_name=second" >/dev/null
as "$bin/pg_basebackup" -h 127.0.0.1 -p "$first" -U qishu -D "$dir/later" -X stream -c fast >/dev/null
sed -i "s/primary_conninfo = '/primary_conninfo = 'application_name=second /" "$dir/second/postgresql.auto.conf"
start second "$second"
ask "$first" "ALTER SYSTEM SET synchronous_standby_names = 'second'" && ask "$first" "SELECT pg_reload_conf()" >/dev/null
is_sync() { [ "$(ask "$first" "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" = 1 ]; }
until_true "a synchronous standby" is_sync

say "people write for $seconds seconds, then the first server is killed with -9"
"$hammer" "postgres://qishu@127.0.0.1:$first/qishu" 1 >"$dir/acknowledged" 2>"$dir/hammer.log" &
writer=$!
until_true "a first act" test -s "$dir/acknowledged"
sleep "$seconds"
# First what is acknowledged, then the moment: everything in the copy was committed before it.
sed '$d' "$dir/acknowledged" >"$dir/before"
before=$(wc -l <"$dir/before")
moment=$(ask "$first" "SELECT clock_timestamp()")
sleep 1
# The file of the moment must reach the archive: the rest of this log file is closed.
ask "$first" "SELECT pg_switch_wal()" >/dev/null
archived() { [ "$(ask "$first" "SELECT last_archived_time > '$moment' FROM pg_stat_archiver")" = t ]; }
until_true "the archive" archived
postmaster=$(head -n 1 "$dir/first/postmaster.pid")
kill -9 "$postmaster"
wait "$writer" 2>/dev/null || true
# A line cut off by the end of the writer was not acknowledged.
[ -z "$(tail -c 1 "$dir/acknowledged")" ] || sed -i '$d' "$dir/acknowledged"
all=$(wc -l <"$dir/acknowledged")

say "the standby is promoted"
as "$bin/pg_ctl" -D "$dir/second" -w promote >/dev/null
missing=$(lost "$second" "$dir/acknowledged")
echo "   $all acts acknowledged, $missing lost"
[ "$missing" = 0 ] && [ "$all" -gt 20 ] || { echo "acknowledged acts were lost, or nobody wrote" >&2; exit 1; }
"$hammer" "postgres://qishu@127.0.0.1:$second/qishu" 2 >"$dir/after" 2>/dev/null &
writer=$!
until_true "an act on the promoted server" test -s "$dir/after"
kill -9 "$writer"; wait "$writer" 2>/dev/null || true
echo "   the promoted server takes acts"

say "back to a moment: base backup and archived logs, up to $moment"
as tee -a "$dir/later/postgresql.conf" >/dev/null <<CONF
restore_command = 'cp $dir/archive/%f %p'
recovery_target_time = '$moment'
recovery_target_action = 'promote'
CONF
as touch "$dir/later/recovery.signal"
third=$((first + 1))
start later "$third" "-c archive_mode=off -c synchronous_standby_names="
promoted() { [ "$(ask "$third" "SELECT pg_is_in_recovery()" 2>/dev/null)" = f ]; }
until_true "the end of recovery" promoted
missing=$(lost "$third" "$dir/before")
late=$(ask "$third" "SELECT count(*) FROM fact WHERE recorded_at > '$moment'")
held=$(ask "$third" "SELECT count(*) FROM record WHERE title LIKE 'act %'")
echo "   $before acts acknowledged by then, $missing lost; $held held; $late facts of a later moment"
[ "$missing" = 0 ] && [ "$late" = 0 ] && [ "$held" -lt "$all" ] || { echo "the moment was missed" >&2; exit 1; }
say "all is well"
