"""One table of what was measured: ours beside the peers, with the criterion and whether it is met.

    table.py OURS.json PEERS.json WORKBOOKS.json

The ratio is the peer's median over our 95th percentile: the comparison that is harder on us.
For rates it is ours over the peer's.
"""

import json
import sys
from pathlib import Path


class Table:
    def __init__(self):
        self.rows = []

    def add(self, line: str, ours: str, peer: str = "", ratio: float | None = None, criterion: str = "", met: bool | None = None) -> None:
        verdict = "" if met is None else ("met" if met else "NOT MET")
        self.rows.append((line, ours, peer, f"{ratio:.1f}×" if ratio is not None else "", criterion, verdict))

    def print(self) -> None:
        rows = [("line", "ours", "peer", "ratio", "criterion", ""), *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(6)]
        for n, row in enumerate(rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
            if n == 0:
                print("  ".join("-" * width for width in widths))


def ms(value: dict) -> str:
    return f"p95 {value['p95_ms']:.2f} ms (p50 {value['p50_ms']:.2f})"


def rate(value: float) -> str:
    return f"{value:,.0f}/s"


def limit(table: Table, line: str, value: dict | None, most: float) -> None:
    """A line that only has a ceiling."""
    if value is None:
        table.add(line, "not measured", criterion=f"p95 ≤ {most:g} ms", met=False)
    else:
        table.add(line, ms(value), criterion=f"p95 ≤ {most:g} ms", met=value["p95_ms"] <= most)


def beside(table: Table, line: str, ours: dict | None, peer: dict | None, name: str, least: float | None = None) -> None:
    """Our time beside a peer's median; with `least`, that many times faster is asked for."""
    if ours is None or peer is None:
        table.add(f"{line}, {name}", "", "not measured", criterion=f"≥ {least:g}×" if least else "", met=False if least else None)
        return
    ratio = peer["p50_ms"] / ours["p95_ms"]
    shown = f"{name}: p50 {peer['p50_ms']:.2f} ms" + (f" ({peer['best']})" if peer.get("best", "plain") != "plain" else "")
    table.add(f"{line}, {name}", ms(ours), shown, ratio, f"≥ {least:g}×" if least else "", ratio >= least if least else None)


def publication(table: Table, since: str, measured: dict | None) -> None:
    """Sixty published figures asked again as known then, and their rows with all that changed."""
    if measured is None:
        limit(table, f"60 figures as known then, a {since} ago", None, 200)
        return
    limit(table, f"60 figures as known then, a {since} ago", measured["then"], 200)
    table.add(f"re-derived with every row, a {since} ago", ms(measured["rederived"]), f"{measured['since']:,} facts since, {measured['moved']} figures moved")


def memory(table: Table, line: str, mb: float | None, most: float) -> None:
    shown = "not measured" if mb is None else f"{mb:.1f} MB"
    table.add(line, shown, criterion=f"≤ {most:g} MB", met=mb is not None and mb <= most)


def append(table: Table, ours: dict, peers: dict) -> None:
    ours = ours.get("append")
    if ours is None:
        table.add("append with tallies", "not measured", criterion="≥ 50,000/s", met=False)
        return
    shown = f"{rate(ours['per_second'])} (last tenth {rate(ours['last_tenth_per_second'])})"
    copied = peers.get("postgres", {}).get("load")
    peer = f"PostgreSQL COPY and indexes, no tallies: {rate(copied['with_indexes_per_second'])}" if copied else ""
    table.add("append with tallies", shown, peer, criterion="≥ 50,000/s", met=ours["per_second"] >= 50_000)


def commits(table: Table, ours: dict, peers: dict) -> None:
    mine, theirs = ours.get("commits"), peers.get("postgres", {}).get("inserts", {})
    if mine is None:
        table.add("durable single commits", "not measured", met=False)
        return
    line = f"{mine['clients']} clients, durable commits"
    lines = [("lanes_per_second", "the same rows: fact and sums, in lanes", True), ("no_lanes_per_second", "the same rows, sums without lanes", False), ("plain_per_second", "the fact alone", False)]
    for key, what, is_criterion in lines:
        if key in theirs:
            ratio = mine["per_second"] / theirs[key]
            criterion = "≥ PostgreSQL" if is_criterion else ""
            table.add(line, rate(mine["per_second"]), f"PostgreSQL, {what}: {rate(theirs[key])}", ratio, criterion, ratio >= 1 if is_criterion else None)
    if not any(key in theirs for key, _, _ in lines):
        table.add(line, rate(mine["per_second"]), "PostgreSQL: not measured", criterion="≥ PostgreSQL", met=False)


def seals(table: Table, ours: dict, peers: dict) -> None:
    mine, theirs = ours.get("seals"), peers.get("seals")
    if mine is None:
        table.add("verify a million sealed facts", "not measured", criterion="≤ 10 s", met=False)
        return
    shown = f"{mine['verify_s']:.1f} s"
    table.add(f"verify {mine['facts']:,} sealed facts, signatures included", shown, criterion="≤ 10 s", met=mine["verify_s"] <= 10)
    if "verify_file_s" in mine and theirs:
        peer = f"Python and OpenSSL, without signatures: {theirs['verify_s']:.1f} s"
        table.add("the same from the exported file", f"{mine['verify_file_s']:.1f} s", peer, theirs["verify_s"] / mine["verify_file_s"])
def workbooks(table: Table, books: dict) -> None:
    """Workbooks: seconds, rows a second and highest memory; the peer does the same checks on the same file."""
    rows = books.get("rows", 0)
    for act, line in (("check", "ledger workbook, all checks"), ("import", "ledger workbook, checked and saved")):
        mine, theirs = books.get(f"facts_{act}"), books.get(f"facts_{act}_peer")
        if not mine or not theirs:
            table.add(line, "not measured", criterion="≥ 10×, ≤ 1/5 memory", met=False)
            continue
        shown = [f"{s['seconds']:.1f} s, {rate(rows / s['seconds'])}, {s['peak_mb']:.0f} MB" for s in (mine, theirs)]
        ratio = theirs["seconds"] / mine["seconds"]
        table.add(f"{line}, {rows:,} rows", shown[0], f"pandas: {shown[1]}", ratio, "≥ 10×", ratio >= 10)
        less = theirs["peak_mb"] / mine["peak_mb"]
        table.add(f"{line}, memory", f"{mine['peak_mb']:.0f} MB", f"pandas: {theirs['peak_mb']:.0f} MB", less, "≥ 5× less", less >= 5)
    for what in ("orgs", "years", "facts"):
        peak = max((books.get(f"{what}_{act}") or {}).get("peak_mb", 0) for act in ("check", "import"))
        memory(table, f"workbook of {rows:,} {what}, peak", peak or None, 200)
    mine, theirs = books.get("export"), books.get("export_peer")
    if mine and theirs:
        ratio = theirs["seconds"] / mine["seconds"]
        table.add(f"register written, {rows:,} rows", f"{mine['seconds']:.1f} s", f"openpyxl: {theirs['seconds']:.1f} s", ratio, "≥ 10×", ratio >= 10)
    else:
        table.add("register written", "not measured", criterion="≥ 10×", met=False)


def access(table: Table, ours: dict) -> None:
    """Who may: the check of every request, signing in, and a page within a scope beside the whole."""
    mine = ours.get("access")
    if mine is None:
        table.add("permission check, sign-in, scoped pages", "not measured", criterion="≤ 50 µs, ≤ 300 ms, ≤ 1.2×", met=False)
        return
    table.add("permission check", f"{mine['check_us']:.2f} µs", criterion="≤ 50 µs", met=mine["check_us"] <= 50)
    limit(table, "sign-in, Argon2id", mine["sign_in"], 300)
    for what, line in (("orgs", "page of organisations"), ("facts", "page of the ledger")):
        _, unit, ratio = mine[what]
        table.add(f"{line}, one unit", f"{ms(unit)}, {ratio:.2f}× of all", criterion="≤ 1.2×", met=ratio <= 1.2)


def server(table: Table, ours: dict) -> None:
    full, demo = ours.get("server_full") or {}, ours.get("server_demo") or {}
    limit(table, "server ready, full ledger", full.get("start"), 200)
    memory(table, "server idle, full ledger", full.get("idle_mb"), 150)
    memory(table, "server after 200 boards, full ledger", full.get("after_boards_mb"), 150)
    memory(table, "server idle, demonstration city", demo.get("idle_mb"), 80)
    if full.get("boards"):
        table.add("board page over HTTP", ms(full["boards"]))


def main() -> None:
    ours, peers, books = (json.loads(Path(path).read_text(encoding="utf-8")) if Path(path).exists() else {} for path in sys.argv[1:4])
    postgres, duck = peers.get("postgres", {}), peers.get("duckdb", {})
    print(
        f"{ours.get('facts', 0):,} facts, {ours.get('orgs', 0):,} organisations, {ours.get('indicators', 0)} indicators, {ours.get('cores', 0)} cores; "
        f"PostgreSQL {postgres.get('version', 'not measured')}, DuckDB {duck.get('version', 'not measured')}"
    )
    if "facts" in peers and peers.get("facts") != ours.get("facts"):
        print(f"The peers hold {peers.get('facts', 0):,} facts: the lines beside them do not compare.")
    table = Table()
    append(table, ours, peers)
    limit(table, "board, all indicators, all units", ours.get("board"), 20)
    beside(table, "board", ours.get("board"), postgres.get("board"), "PostgreSQL", 50)
    beside(table, "board", ours.get("board"), duck.get("board"), "DuckDB", 5)
    limit(table, "board, all indicators, one unit", ours.get("board_unit"), 20)
    limit(table, "breakdown unit × month × industry", ours.get("breakdown"), 5)
    beside(table, "breakdown", ours.get("breakdown"), postgres.get("breakdown"), "PostgreSQL")
    beside(table, "breakdown", ours.get("breakdown"), duck.get("breakdown"), "DuckDB")
    limit(table, "drill page of 50, sums", ours.get("drill_sum"), 20)
    limit(table, "drill page of 50, distinct counts", ours.get("drill_distinct"), 20)
    for since in ("month", "year"):
        publication(table, since, ours.get(f"publication_{since}"))
    then = (ours.get("publication_year") or {}).get("then")
    beside(table, "60 figures as known then", then, postgres.get("then"), "PostgreSQL")
    beside(table, "60 figures as known then", then, duck.get("then"), "DuckDB")
    limit(table, "search, part of a name", ours.get("search_part"), 20)
    limit(table, "assess a questionnaire", ours.get("assess_questionnaire"), 1)
    limit(table, "search, pinyin initials", ours.get("search_initials"), 20)
    limit(table, "list of 100,000 cases, a page and its count", ours.get("case_list"), 30)
    bulk = ours.get("bulk")
    table.add(
        "10,000 cases decided at once",
        f"{bulk['bulk_s']:.1f} s (looked through in {bulk['draft_s']:.1f} s)" if bulk else "not measured",
        criterion="≤ 10 s",
        met=bool(bulk) and bulk["bulk_s"] <= 10,
    )
    if ours.get("search_common_word"):
        table.add("search, a word in most names", ms(ours["search_common_word"]))
    commits(table, ours, peers)
    seals(table, ours, peers)
    access(table, ours)
    workbooks(table, books)
    server(table, ours)
    table.print()


if __name__ == "__main__":
    main()
