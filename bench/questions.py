"""The questions of `questions.json` as plain SQL over the fact table.

Every condition is made from what the Rust side exported; nothing is written a second time by hand.
The SQL is one text for PostgreSQL and DuckDB.
"""

import datetime
import json
from pathlib import Path

COUNT = "SUM(CASE WHEN f.reverses IS NULL THEN 1 ELSE -1 END)"
MEASURES = {"count": COUNT, "quantity": "SUM(f.quantity)", "amount": "SUM(f.amount_fen)"}
GROUPED = {"count": "SUM(g.n)", "quantity": "SUM(g.quantity)", "amount": "SUM(g.amount)"}


def load(directory: Path) -> dict:
    return json.loads((directory / "questions.json").read_text(encoding="utf-8"))


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def listed(values) -> str:
    return "(" + ", ".join(text(v) if isinstance(v, str) else str(v) for v in values) + ")"


def filters(indicator: dict, alias: str) -> str:
    """Kinds, classes, above-scale and sizes of an indicator."""
    parts = [f"{alias}.kind IN {listed(indicator['kinds'])}"]
    if indicator["classes"]:
        parts.append(f"{alias}.class IN {listed(indicator['classes'])}")
    if indicator["above_scale"]:
        parts.append(f"{alias}.above_scale = 1")
    if indicator["sizes"]:
        parts.append(f"{alias}.size IN {listed(indicator['sizes'])}")
    return " AND ".join(parts)


def condition(indicator: dict, window: list, known: int) -> str:
    """Which facts count in a window, as known at a position."""
    first, last = window
    days = f"f.occurred_on <= DATE '{last}'" + (f" AND f.occurred_on >= DATE '{first}'" if first else "")
    return f"{filters(indicator, 'f')} AND {days} AND f.position <= {known}"


def one(indicator: dict, window: list, known: int) -> str:
    """A query whose only value is the figure."""
    where = condition(indicator, window, known)
    measure = indicator["measure"]
    if measure == "distinct":
        of = "f." + indicator["of"]
        return (
            f"SELECT COUNT(*) FROM (SELECT {of} FROM fact f WHERE {where} AND {of} IS NOT NULL "
            f"GROUP BY {of} HAVING SUM(f.quantity) > 0) x"
        )
    if measure == "first_day":
        return (
            f"SELECT f.occurred_on FROM fact f WHERE {where} AND f.reverses IS NULL AND NOT EXISTS "
            f"(SELECT 1 FROM fact r WHERE r.reverses = f.position AND r.position <= {known}) "
            "ORDER BY f.occurred_on LIMIT 1"
        )
    return f"SELECT CAST(COALESCE({MEASURES[measure]}, 0) AS BIGINT) FROM fact f WHERE {where}"


def known(questions: dict, board: dict) -> int:
    """The position a board is asked at: its own, or the last."""
    return board.get("known", questions["known"])


def asked(questions: dict, board: dict) -> list:
    """Number, indicator and window of every figure of a board whose window is not empty."""
    pairs = zip(questions["indicators"], board["windows"])
    return [(i, indicator, window) for i, (indicator, window) in enumerate(pairs) if window]


def each(questions: dict, board: dict) -> list:
    """The board as one statement per indicator."""
    return [(i, one(indicator, window, known(questions, board))) for i, indicator, window in asked(questions, board)]


def union(questions: dict, board: dict) -> str:
    """The board as one statement that adds one row per indicator."""
    rows = [f"SELECT {i} AS i, CAST(({sql}) AS TEXT) AS v" for i, sql in each(questions, board)]
    return " UNION ALL ".join(rows)


def grouped(questions: dict, board: dict) -> str:
    """The board as one statement that scans once for all sums; distinct counts and first days keep their own scan.

    The days are cut at every beginning and end of a window; facts are summed per kind, class, mark, size
    and stretch of days; every figure is then a sum over a few of these groups.
    """
    at, figures = known(questions, board), asked(questions, board)
    sums = [(i, indicator, window) for i, indicator, window in figures if indicator["measure"] in MEASURES]
    others = [(i, indicator, window) for i, indicator, window in figures if indicator["measure"] not in MEASURES]
    after = {window[1]: next_day(window[1]) for _, _, window in sums}
    cuts = sorted({w[0] for _, _, w in sums if w[0]} | set(after.values()))
    kinds = sorted({kind for _, indicator, _ in sums for kind in indicator["kinds"]})
    stretch = "CASE " + " ".join(f"WHEN f.occurred_on < DATE '{cut}' THEN {n}" for n, cut in enumerate(cuts)) + f" ELSE {len(cuts)} END"
    scan = (
        f"SELECT f.kind, f.class, f.above_scale, f.size, {stretch} AS stretch, {COUNT} AS n, "
        f"SUM(f.quantity) AS quantity, SUM(f.amount_fen) AS amount FROM fact f "
        f"WHERE f.kind IN {listed(kinds)} AND f.position <= {at} AND f.occurred_on < DATE '{cuts[-1]}' GROUP BY 1, 2, 3, 4, 5"
    )
    rows = []
    for i, indicator, (first, last) in sums:
        lowest = cuts.index(first) + 1 if first else 0
        where = f"{filters(indicator, 'g')} AND g.stretch BETWEEN {lowest} AND {cuts.index(after[last])}"
        rows.append(f"SELECT {i} AS i, CAST(CAST(COALESCE({GROUPED[indicator['measure']]}, 0) AS BIGINT) AS TEXT) AS v FROM g WHERE {where}")
    rows += [f"SELECT {i} AS i, CAST(({one(indicator, window, at)}) AS TEXT) AS v" for i, indicator, window in others]
    return f"WITH g AS MATERIALIZED ({scan}) " + " UNION ALL ".join(rows)


def next_day(day: str) -> str:
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat()


def cube(questions: dict, asked_cube: dict) -> str:
    """Unit by month by industry division of an amount."""
    indicator = questions["indicators"][asked_cube["indicator"]]
    return (
        "SELECT f.unit_id, date_trunc('month', f.occurred_on) AS month, substr(f.industry, 1, 2) AS division, "
        f"{COUNT} AS n, SUM(f.quantity) AS quantity, SUM(f.amount_fen) AS amount FROM fact f "
        f"WHERE {condition(indicator, asked_cube['window'], questions['known'])} GROUP BY 1, 2, 3"
    )


def check_board(questions: dict, board: dict, answers: dict) -> None:
    """Raises when a peer's answer is not ours: then the questions would not be the same."""
    for i, indicator, _ in asked(questions, board):
        ours, theirs = board["answers"][i], answers.get(i)
        if ours != "not compared" and str(ours) != str(theirs):
            raise SystemExit(f"different answers for {indicator['code']} about {board['about']}: ours {ours}, theirs {theirs}")


def check_cube(asked_cube: dict, rows: list) -> None:
    cells = [row for row in rows if row[3] or row[4] or row[5]]
    total = sum(int(row[5]) for row in cells)
    if (len(cells), total) != (asked_cube["cells"], asked_cube["total"]):
        raise SystemExit(
            f"different breakdown to {asked_cube['window'][1]}: ours {asked_cube['cells']} cells, {asked_cube['total']} fen, "
            f"theirs {len(cells)} cells, {total} fen"
        )
