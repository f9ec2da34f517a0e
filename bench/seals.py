"""Verifies the sealed ledger that `qishu bench --export` wrote, with the hashes of Python's own library (OpenSSL).

    seals.py LEDGER.jsonl --json PEERS.json

It hashes every fact with SM3 and leads it to the root of its block; signatures it does not look at, which is less work
than ours. The time is added to the file of the peers.
"""

import argparse
import hashlib
import json
import struct
import time
from pathlib import Path

NUMBERS_AND_TEXTS = (
    ("position", "i"), ("kind", "t"), ("class", "t"), ("subject", "i"), ("counterparty", "I"), ("unit", "i"),
    ("region", "i"), ("industry", "t"), ("size", "i"), ("above_scale", "i"), ("occurred_on", "t"), ("quantity", "i"),
    ("amount_fen", "i"), ("record", "i"), ("reverses", "I"), ("reason", "T"), ("recorded_at", "t"), ("recorded_by", "t"),
)


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def leaf(fact: dict) -> bytes:
    out = [b"\0"]
    for name, sort in NUMBERS_AND_TEXTS:
        value = fact[name]
        if sort in "IT":
            if value is None:
                out.append(b"\0")
                continue
            out.append(b"\1")
        if sort in "iI":
            out.append(struct.pack(">q", value))
        else:
            text = value.encode()
            out.append(struct.pack(">I", len(text)) + text)
    return sm3(b"".join(out))


def root(level: list[bytes]) -> bytes:
    while len(level) > 1:
        pairs = [sm3(b"\1" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + (level[-1:] if len(level) % 2 else [])
    return level[0]


def verify(path: Path) -> int:
    leaves, facts = [], 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            (name, inside), = json.loads(line).items()
            if name == "fact":
                leaves.append(leaf(inside))
            elif name == "seal":
                if root(leaves).hex() != inside["header"]["root"]:
                    raise SystemExit(f"block {inside['header']['number']} does not come out")
                facts += len(leaves)
                leaves = []
    return facts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--json", type=Path, required=True)
    args = parser.parse_args()
    if "sm3" not in hashlib.algorithms_available:
        raise SystemExit("this Python has no SM3")
    begun = time.perf_counter()
    facts = verify(args.ledger)
    found = {"facts": facts, "verify_s": time.perf_counter() - begun}
    peers = json.loads(args.json.read_text(encoding="utf-8")) if args.json.exists() else {}
    peers["seals"] = found
    args.json.write_text(json.dumps(peers, indent=2) + "\n", encoding="utf-8")
    print(f"Python: {facts:,} facts verified in {found['verify_s']:.1f} s")


if __name__ == "__main__":
    main()
