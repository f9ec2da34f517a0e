"""What an office's own script does with a ledger: pandas reads it, every row is checked as ours is, SQLite keeps it.

    workbook_peer.py check|import ORGS.xlsx FACTS.xlsx FILE.sqlite

The register is put into the database first, by another run of this script, so that its time is not counted.
The checks are those of our form: known code with its check character, known kind, day that is and has been, amount,
quantity, counterparty, title, the name beside the code, twice in the file, stored before.
"""

import datetime
import json
import re
import sqlite3
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pandas

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
WEIGHTS = [pow(3, i, 31) for i in range(17)]
KINDS = {"放款": True}
AMOUNT = re.compile(r"^\d+(\.\d+)?$")


def read(path: str) -> pandas.DataFrame:
    return pandas.read_excel(path, dtype=object, engine="openpyxl")


def open_store(path: str, orgs: str) -> sqlite3.Connection:
    fresh = not Path(path).exists()
    store = sqlite3.connect(path)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    if fresh:
        store.executescript(
            "CREATE TABLE org (id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT);"
            "CREATE TABLE record (id INTEGER PRIMARY KEY, title TEXT, document TEXT, detail TEXT, recorded_at TEXT);"
            "CREATE TABLE fact (id INTEGER PRIMARY KEY, kind TEXT, subject INTEGER, other INTEGER, on_day TEXT, quantity INTEGER, fen INTEGER, record INTEGER);"
            "CREATE INDEX fact_by_kind ON fact (kind, on_day); CREATE INDEX fact_by_subject ON fact (subject);"
            "CREATE TABLE key (row_key TEXT PRIMARY KEY, digest TEXT, record INTEGER);"
            "CREATE TABLE trace (record INTEGER, sheet TEXT, cell TEXT, value TEXT);"
        )
        frame = read(orgs)
        store.executemany("INSERT INTO org (code, name) VALUES (?, ?)", zip(frame["统一社会信用代码"], frame["名称"]))
        store.commit()
    return store


def code_of(text: object) -> str | None:
    code = str(text).strip().upper().replace(" ", "")
    if len(code) != 18 or any(letter not in VALUES for letter in code):
        return None
    total = sum(VALUES[letter] * weight for letter, weight in zip(code, WEIGHTS))
    return code if VALUES[code[17]] == (31 - total % 31) % 31 else None


def check(store: sqlite3.Connection, path: str) -> tuple:
    frame = read(path)
    orgs = {code: (number, name) for number, code, name in store.execute("SELECT id, code, name FROM org")}
    stored = dict(store.execute("SELECT row_key, digest FROM key"))
    today, seen, good, faults, same = datetime.date.today(), {}, [], [], 0
    for number, row in enumerate(frame.itertuples(index=False), start=2):
        key_of, kind, code, name, on, quantity, amount, other, title, document = row
        told = []
        if kind not in KINDS:
            told.append(("B", "种类不在列表中"))
        firm = orgs.get(code_of(code) or "")
        if firm is None:
            told.append(("C", "没有这个代码"))
        elif isinstance(name, str) and name.strip() != firm[1]:
            told.append(("D", "名称与企业库不同"))
        bank = None
        if isinstance(other, str):
            bank = orgs.get(code_of(other) or "")
            if bank is None:
                told.append(("H", "没有这个对方"))
        day = None
        try:
            day = on.date() if isinstance(on, datetime.datetime) else datetime.date.fromisoformat(str(on).strip())
            if day > today:
                told.append(("E", "日期在今天之后"))
        except ValueError:
            told.append(("E", "看不懂日期"))
        try:
            count = int(str(quantity))
        except ValueError:
            told.append(("F", "不是整数"))
            count = 0
        fen = 0
        try:
            text = str(amount).replace(",", "")
            if not AMOUNT.match(text):
                raise InvalidOperation
            fen = int(Decimal(text) * 1_000_000)
        except InvalidOperation:
            told.append(("G", "不是金额"))
        if not isinstance(title, str) or not title.strip() or len(title) > 200:
            told.append(("I", "请写明依据"))
        if told:
            faults += [(number, *one) for one in told]
            continue
        key, digest = f"{kind}|{firm[0]}|#{key_of}", f"{firm[0]}|{bank and bank[0]}|{day}|{count}|{fen}|{title}|{document}"
        if key in seen:
            faults.append((number, "A", f"与第 {seen[key]} 行重复"))
            continue
        seen[key] = number
        if key in stored:
            if stored[key] == digest:
                same += 1
            else:
                faults.append((number, "A", "编号已用于另一笔"))
            continue
        good.append((key, digest, kind, firm[0], bank and bank[0], day.isoformat(), count, fen, title, document, number))
    return good, faults, same


def save(store: sqlite3.Connection, good: list) -> None:
    at = datetime.datetime.now().isoformat()
    with store:
        for key, digest, kind, subject, other, day, count, fen, title, document, number in good:
            detail = f"导入自 facts.xlsx，名单 A{number}:J{number}"
            record = store.execute("INSERT INTO record (title, document, detail, recorded_at) VALUES (?, ?, ?, ?)", (title, document, detail, at)).lastrowid
            store.execute("INSERT INTO fact (kind, subject, other, on_day, quantity, fen, record) VALUES (?, ?, ?, ?, ?, ?, ?)", (kind, subject, other, day, count, fen, record))
            store.execute("INSERT INTO key VALUES (?, ?, ?)", (key, digest, record))
            store.execute("INSERT INTO trace VALUES (?, ?, ?, ?)", (record, "名单", f"A{number}:J{number}", f"{day} {fen}"))


def main() -> None:
    act, orgs, facts, path = sys.argv[1:5]
    if act == "register":
        open_store(path, orgs).close()
        return
    store = open_store(path, orgs)
    good, faults, same = check(store, facts)
    if act == "import" and not faults:
        save(store, good)
    print(json.dumps({"to_save": len(good), "faults": len(faults), "same": same}))


if __name__ == "__main__":
    main()
