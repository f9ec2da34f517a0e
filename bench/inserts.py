"""Durable single commits by many clients on PostgreSQL, driven by its own `pgbench`.

Three ways: the fact alone (what a system without sums would write), the fact with the sums our platform keeps,
each in a lane of its own client as our platform does, and the same without lanes.
"""

import datetime
import re

MAX_SCRIPTS = 100

TALLY = """CREATE TABLE tally (series BIGINT NOT NULL, grain BIGINT NOT NULL, unit_id BIGINT NOT NULL, period BIGINT NOT NULL,
    industry BIGINT NOT NULL, lane BIGINT NOT NULL, n BIGINT NOT NULL, quantity BIGINT NOT NULL, amount_fen BIGINT NOT NULL,
    PRIMARY KEY (series, grain, unit_id, period, industry, lane))"""

DRAWN = """\\set subject random(1, 500000)
\\set unit random(1, 7)
\\set industry random(10, 99)
\\set size random(1, 4)
\\set above random(0, 9) / 9
\\set amount {amount}
"""

FACT = (
    "INSERT INTO fact (position, kind, class, subject_id, counterparty_id, unit_id, region, industry, size, above_scale, occurred_on, "
    "quantity, amount_fen, record_id, reverses, reason, recorded_at, recorded_by) VALUES (nextval('fact_position'), {kind}, '{klass}', "
    ":subject, NULL, :unit, 420202, '3451', :size, :above, DATE '{today}', 1, :amount, 1, NULL, NULL, now(), 'bench');\n"
)


def series_of(questions: dict, kind: int, klass: str) -> list:
    """Number and remaining condition of every sum that a fact of this kind and class belongs to."""
    found = []
    for number, kept in enumerate(questions["sums"], start=1):
        if kind in kept["kinds"] and (not kept["classes"] or klass in kept["classes"]):
            conditions = [":above = 1"] if kept["above_scale"] else []
            conditions += [f":size IN ({', '.join(map(str, kept['sizes']))})"] if kept["sizes"] else []
            found.append((number, " AND ".join(conditions) or "TRUE"))
    return found


def sums_sql(questions: dict, kind: int, klass: str, today: datetime.date, lane: str) -> str:
    """One statement that adds a fact to all of its sums: day, month and year of all units and of its own, month by industry."""
    day, month, year = today.strftime("%Y%m%d"), today.strftime("%Y%m"), today.strftime("%Y")
    rows = []
    for series, condition in series_of(questions, kind, klass):
        for grain, period in ((1, day), (2, month), (3, year)):
            rows += [f"({series}, {grain}, {unit}, {period}, 0, {condition})" for unit in ("0", ":unit")]
        rows.append(f"({series}, 4, :unit, {month}, :industry, {condition})")
    if not rows:
        return ""
    return (
        "INSERT INTO tally SELECT v.series, v.grain, v.unit_id, v.period, v.industry, "
        f"{lane}, 1, 1, :amount FROM (VALUES {', '.join(rows)}) AS v (series, grain, unit_id, period, industry, holds) WHERE v.holds "
        "ON CONFLICT (series, grain, unit_id, period, industry, lane) DO UPDATE SET n = tally.n + excluded.n, "
        "quantity = tally.quantity + excluded.quantity, amount_fen = tally.amount_fen + excluded.amount_fen;\n"
    )


def scripts(questions: dict, directory, way: str) -> list:
    """One weighted script for every kind and class, as `pgbench` takes them."""
    today = datetime.date.today()
    files = []
    kinds = sorted(questions["kinds"], key=lambda kind: kind["share"], reverse=True)
    pairs = [(kind, klass, kind["share"] / max(1, len(kind["classes"]))) for kind in kinds for klass in kind["classes"] or [""]]
    for number, (kind, klass, share) in enumerate(pairs[:MAX_SCRIPTS]):
        text = DRAWN.format(amount="random(1000000, 9000000000)" if kind["money"] else "0")
        fact = FACT.format(kind=kind["id"], klass=klass.replace("'", "''"), today=today)
        lane = "pg_backend_pid() % 64" if way == "lanes" else "0"
        sums = "" if way == "plain" else sums_sql(questions, kind["id"], klass, today, lane)
        text += f"BEGIN;\n{fact}{sums}COMMIT;\n" if sums else fact
        path = directory / f"{way}-{number}.sql"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        files.append(f"{path}@{max(1, round(share * 10000))}")
    return files


def measure(server, questions: dict, clients: int, seconds: int) -> dict:
    if not (server.bin / "pgbench").exists():
        return {"note": "pgbench was not found"}
    with server.connect() as link, link.cursor() as cursor:
        cursor.execute(f"CREATE SEQUENCE fact_position START {questions['known'] + 1}")
        cursor.execute(TALLY)
    result = {"clients": clients, "seconds": seconds}
    for way in ("plain", "lanes", "no_lanes"):
        with server.connect() as link, link.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        arguments = [part for file in scripts(questions, server.place, way) for part in ("-f", file)]
        out = server.run("pgbench", "-h", server.place, "-U", "postgres", "-n", "-M", "prepared", "-c", clients, "-j", 2, "-T", seconds, *arguments, "postgres")
        rate = re.search(r"^tps = ([0-9.]+)", out, re.MULTILINE)
        failed = re.search(r"number of failed transactions: (\d+)", out)
        if not rate or (failed and failed.group(1) != "0"):
            raise SystemExit(f"pgbench gave no rate:\n{out[:2000]}")
        result[f"{way}_per_second"] = round(float(rate.group(1)))
    return result
