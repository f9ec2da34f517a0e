"""Workbooks of many rows: read with all checks, saved and written, ours beside pandas and openpyxl.

    workbooks.py --qishu BINARY --dir EMPTY --json RESULTS.json [--rows 100000]

Makes a register and a ledger as an office would send them, with openpyxl, which is timed: that is the peer's export.
Every other part runs in a process of its own, whose time and highest resident memory are what the system says of it.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(number: int) -> str:
    """A code that passes its check, in a region that does not exist."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    body = f"MA{number:06d}"
    rest = sum(digits.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    check = {1: "X", 0: "0"}.get(rest, str(11 - rest))
    code = f"91420299{body}{check}"
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + ALPHABET[(31 - total % 31) % 31]


def firms(count: int):
    dice = random.Random(7)
    for number in range(count):
        yield {
            "code": credit_code(number),
            "name": f"第{number:06d}号样例企业有限公司",
            "unit": f"第{number % 7 + 1}单元",
            "industry": dice.choice(("3130", "3451", "1511", "2614", "3982")),
            "founded": f"{dice.randint(1990, 2018)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
            "capital": dice.randint(10, 99_999) / 10,
            "address": f"样例路{dice.randint(1, 999)}号",
        }


def write(path: Path, heads: list, rows) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.append(heads)
    for row in rows:
        sheet.append(row)
    book.save(path)


def register(path: Path, count: int) -> None:
    heads = ["统一社会信用代码", "名称", "填报单元", "行业", "经营状态", "成立日期", "注册资本（万元）", "住所", "规模以上", "起始日期", "依据"]
    write(path, heads, ([f["code"], f["name"], f["unit"], f["industry"], "存续", f["founded"], f["capital"], f["address"], "否", "2019-01-01", "营业执照"] for f in firms(count)))


def yearly(path: Path, count: int) -> None:
    dice = random.Random(9)
    heads = ["统一社会信用代码", "名称", "年度", "从业人员（人）", "营业收入（万元）", "资产总额（万元）", "依据"]
    write(path, heads, ([f["code"], f["name"], 2020, dice.randint(5, 900), dice.randint(100, 99_999), dice.randint(100, 99_999), "2020 年年报"] for f in firms(count)))


def ledger(path: Path, count: int) -> None:
    dice = random.Random(8)
    heads = ["编号", "事实种类", "统一社会信用代码", "名称", "发生日期", "数量", "金额（万元）", "对方代码", "记录名称", "文号"]
    held = list(firms(count))

    def rows():
        for number in range(count):
            firm, other = held[dice.randrange(count)], held[dice.randrange(50)]
            day = f"{dice.randint(2019, 2021)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
            yield [f"HT-{number:07d}", "放款", firm["code"], firm["name"], day, 1, dice.randint(1, 500_000) / 100, other["code"], "流动资金贷款放款凭证", f"样贷〔{number}〕号"]

    write(path, heads, rows())


def measured(command: list, most: int = 0) -> dict:
    """Runs a command and says how long it took and what memory it had at most."""
    begun = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status) > most:
        raise SystemExit(f"{command} failed:\n{said.decode()[-2000:]}")
    return {"seconds": round(seconds, 2), "peak_mb": round(used.ru_maxrss / 1024, 1)}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--qishu", type=Path, required=True)
    arguments.add_argument("--dir", type=Path, required=True)
    arguments.add_argument("--json", type=Path, required=True)
    arguments.add_argument("--rows", type=int, default=100_000)
    asked = arguments.parse_args()
    asked.dir.mkdir(parents=True)
    data, here = asked.dir / "data", Path(__file__).parent
    results: dict = {"rows": asked.rows}
    units = [part for n in range(1, 8) for part in ("--unit", f"u{n}=第{n}单元")]
    subprocess.run([asked.qishu, "init", "--data", data, "--city", "样例市", *units], input=b"a-password-for-benches\n", check=True, stderr=subprocess.DEVNULL)
    makers = {"orgs": register, "years": yearly, "facts": ledger}
    for what, make in makers.items():
        path = asked.dir / f"{what}.xlsx"
        begun = time.perf_counter()
        make(path, asked.rows)
        results[f"{what}_made"] = {"seconds": round(time.perf_counter() - begun, 2)}
        if what == "orgs":
            results["export_peer"] = results["orgs_made"]
        for act, more in (("check", ["--check"]), ("import", [])):
            results[f"{what}_{act}"] = measured([asked.qishu, "import", path, "--template", what, "--data", data, *more])
            print(what, act, results[f"{what}_{act}"], file=sys.stderr)
    results["export"] = measured([asked.qishu, "export", "orgs", asked.dir / "out.xlsx", "--data", data])
    print("export", results["export"], file=sys.stderr)
    peer = [asked.dir / "orgs.xlsx", asked.dir / "facts.xlsx", asked.dir / "peer.sqlite"]
    subprocess.run([sys.executable, here / "workbook_peer.py", "register", *peer], check=True)
    for act in ("check", "import"):
        results[f"facts_{act}_peer"] = measured([sys.executable, here / "workbook_peer.py", act, *peer])
        print("peer", act, results[f"facts_{act}_peer"], file=sys.stderr)
    asked.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
