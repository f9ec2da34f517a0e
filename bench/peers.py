"""The same facts and the same questions on PostgreSQL and on DuckDB, as plain SQL over the fact table.

    peers.py --in DIR --json OUT [--clients 64] [--seconds 10] [--budget 120] [--without postgres,duckdb]

DIR holds `facts.csv` and `questions.json`, written by `qishu bench --export DIR`.
PostgreSQL is a server of our own in a temporary directory, with default durability; it is removed at the end.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import inserts
import questions as ask
from postgres import Server

COLUMNS = {
    "position": "BIGINT", "kind": "BIGINT", "class": "TEXT", "subject_id": "BIGINT", "counterparty_id": "BIGINT",
    "unit_id": "BIGINT", "region": "BIGINT", "industry": "TEXT", "size": "BIGINT", "above_scale": "BIGINT",
    "occurred_on": "DATE", "quantity": "BIGINT", "amount_fen": "BIGINT", "record_id": "BIGINT", "reverses": "BIGINT",
    "reason": "TEXT", "recorded_at": "TIMESTAMPTZ", "recorded_by": "TEXT",
}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def spread(times: list) -> dict:
    """What is kept of times in seconds."""
    times = sorted(times)
    p95 = times[max(0, -(-len(times) * 95 // 100) - 1)]
    return {"n": len(times), "p50_ms": round(statistics.median(times) * 1e3, 3), "p95_ms": round(p95 * 1e3, 3), "max_ms": round(times[-1] * 1e3, 3)}


def timed(run):
    started = time.perf_counter()
    answer = run()
    return time.perf_counter() - started, answer


def first(rows: list):
    return rows[0][0] if rows else None


class Board:
    """Ways to ask for a board. `rows(sql)` runs a statement and fetches all of its rows."""

    def __init__(self, questions: dict, rows):
        self.questions, self.rows = questions, rows

    def each(self, board: dict) -> dict:
        return {i: first(self.rows(sql)) for i, sql in ask.each(self.questions, board)}

    def union(self, board: dict) -> dict:
        return dict(self.rows(ask.union(self.questions, board)))

    def grouped(self, board: dict) -> dict:
        return dict(self.rows(ask.grouped(self.questions, board)))

    def measure(self, ways: dict, budget: float) -> dict:
        """Tries every way once warm, then asks all days the best way until the budget is spent (three rounds at most)."""
        boards = self.questions["boards"]
        tried = {}
        for name, way in ways.items():
            way(boards[0])
            took, answers = timed(lambda: way(boards[1]))
            ask.check_board(self.questions, boards[1], answers)
            tried[name] = round(took * 1e3, 1)
            say(f"  board, {name}: {took * 1e3:.1f} ms")
        best = min(tried, key=tried.get)
        times, started = [], time.perf_counter()
        for turn in range(3):
            for board in boards:
                if len(times) >= 5 and time.perf_counter() - started > budget:
                    break
                took, answers = timed(lambda: ways[best](board))
                times.append(took)
                if turn == 0:
                    ask.check_board(self.questions, board, answers)
        return {**spread(times), "best": best, "tried_ms": tried}

    def cubes(self, ways: dict, budget: float) -> dict | None:
        """The breakdowns, in every way of running a statement; the better is reported."""
        cubes, results = self.questions["cubes"], {}
        if not cubes:
            return None
        for name, rows in ways.items():
            rows(ask.cube(self.questions, cubes[0]))
            times, started = [], time.perf_counter()
            for cube in cubes * 3:
                if len(times) >= 5 and time.perf_counter() - started > budget:
                    break
                took, found = timed(lambda: rows(ask.cube(self.questions, cube)))
                ask.check_cube(cube, found)
                times.append(took)
            results[name] = spread(times)
        best = min(results, key=lambda name: results[name]["p50_ms"])
        return {**results[best], "best": best}


def postgres(directory: Path, questions: dict, options) -> dict:
    with Server(directory) as server:
        say(f"PostgreSQL {server.version}")
        link = server.connect()
        result = {"version": server.version, "settings": server.settings, "same_disk": server.same_disk}
        result["load"] = postgres_load(link, directory / "facts.csv", questions["facts"])
        say(f"  loaded: {result['load']}")

        def rows(sql: str, jit: str = "on") -> list:
            with link.cursor() as cursor:
                cursor.execute(f"SET jit = {jit}")
                cursor.execute(sql)
                return cursor.fetchall()

        plans = {"jit": lambda sql: rows(sql, "on"), "no jit": lambda sql: rows(sql, "off")}
        ways = {}
        for plan, run in plans.items():
            board = Board(questions, run)
            ways |= {f"one query per indicator, {plan}": board.each, f"union, {plan}": board.union, f"one scan, {plan}": board.grouped}
        result["board"] = Board(questions, rows).measure(ways, options.budget)
        result["then"] = Board({**questions, "boards": questions["then"]}, rows).measure(ways, options.budget / 2)
        result["breakdown"] = Board(questions, rows).cubes(plans, options.budget / 2)
        say(f"  board {result['board']['p50_ms']} ms, as known then {result['then']['p50_ms']} ms, breakdown {result['breakdown']}")
        link.close()
        result["inserts"] = inserts.measure(server, questions, options.clients, options.seconds)
        say(f"  inserts: {result['inserts']}")
        return result


def postgres_load(link, facts: Path, count: int) -> dict:
    """COPY into a table with its key, then indexes and statistics."""
    with link.cursor() as cursor:
        columns = ", ".join(f"{name} {kind}" + ("" if name in ("counterparty_id", "reverses", "reason") else " NOT NULL") for name, kind in COLUMNS.items())
        cursor.execute(f"CREATE TABLE fact ({columns}, PRIMARY KEY (position))")
        with facts.open("rb") as source:
            copied, _ = timed(lambda: cursor.copy_expert("COPY fact FROM STDIN (FORMAT csv, HEADER)", source))
        indexed, _ = timed(lambda: [cursor.execute(sql) for sql in (
            "CREATE INDEX fact_by_day ON fact (kind, occurred_on)",
            "CREATE INDEX fact_by_subject ON fact (kind, subject_id)",
            "CREATE INDEX fact_reversed ON fact (reverses) WHERE reverses IS NOT NULL",
        )])
        cursor.execute("VACUUM ANALYZE fact")
        cursor.execute("SELECT COUNT(*), pg_total_relation_size('fact') / 1000000 FROM fact")
        held, size = cursor.fetchone()
    if held != count:
        raise SystemExit(f"PostgreSQL holds {held} facts, not {count}")
    return {"copy_per_second": round(count / copied), "with_indexes_per_second": round(count / (copied + indexed)), "table_mb": int(size)}


def duckdb(directory: Path, questions: dict, options) -> dict:
    import duckdb as engine

    with tempfile.TemporaryDirectory(prefix="qishu-bench-duck-", dir=directory) as place:
        link = engine.connect(str(Path(place) / "facts.duckdb"))
        link.execute("SET preserve_insertion_order = false")
        types = ", ".join(f"{ask.text(name)}: {ask.text(kind)}" for name, kind in COLUMNS.items())
        source = ask.text(str(directory / "facts.csv"))
        loading = (
            f"CREATE TABLE fact AS SELECT * FROM read_csv({source}, header = true, columns = {{{types}}}, quote = '\"', "
            "nullstr = '', allow_quoted_nulls = false) ORDER BY kind, occurred_on"
        )
        loaded, _ = timed(lambda: link.execute(loading))
        link.execute("CHECKPOINT")
        held = link.execute("SELECT COUNT(*) FROM fact").fetchone()[0]
        if held != questions["facts"]:
            raise SystemExit(f"DuckDB holds {held} facts, not {questions['facts']}")
        result = {"version": engine.__version__, "threads": link.execute("SELECT current_setting('threads')").fetchone()[0]}
        result["load"] = {"per_second": round(held / loaded)}
        say(f"DuckDB {result['version']}: loaded {result['load']}")
        board = Board(questions, lambda sql: link.execute(sql).fetchall())
        ways = {"one query per indicator": board.each, "union": board.union, "one scan": board.grouped}
        result["board"] = board.measure(ways, options.budget)
        result["then"] = Board({**questions, "boards": questions["then"]}, board.rows).measure(ways, options.budget / 2)
        result["breakdown"] = board.cubes({"plain": board.rows}, options.budget / 2)
        say(f"  board {result['board']['p50_ms']} ms, breakdown {result['breakdown']}")
        link.close()
        return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in", dest="directory", type=Path, required=True, help="where facts.csv and questions.json are")
    parser.add_argument("--json", type=Path, required=True, help="file for the results")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=10, help="how long the clients insert")
    parser.add_argument("--budget", type=float, default=120, help="seconds for the boards of one peer")
    parser.add_argument("--without", default="", help="peers to leave out, with commas")
    options = parser.parse_args()
    questions = ask.load(options.directory)
    results, left_out = {"facts": questions["facts"]}, options.without.split(",")
    try:
        for name, peer in {"duckdb": duckdb, "postgres": postgres}.items():
            if name not in left_out:
                results[name] = peer(options.directory, questions, options)
    finally:
        options.json.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
