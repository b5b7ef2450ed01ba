#!/usr/bin/env python3
"""Ledgers for the programs of others to verify, made by the command alone.

usage: make.py DEEDBOOK MAKE_CATALOGUE WORK-FOLDER

One log is grown through sizes around the edges of tiles (255 to 257, 511 to 513, 65,535 to 65,537 and more); each size
that it stops at is exported, with entries where there are few and at the end, and cosigned by the witness of
`witness.py`, which is no program of ours. `facts.json` says what was made: sizes, folders, keys, entries with their
proofs, and a consistency path for every pair of published checkpoints. The verifiers take nothing else from it than
where to look and what to ask; keys stand in it as an auditor would have been given them.
"""

import json
import subprocess
import sys
from pathlib import Path

DEEDBOOK, CATALOGUE, WORK = (Path(arg).resolve() for arg in sys.argv[1:4])
STOPS = [255, 256, 257, 511, 512, 513, 65535, 65536, 65537, 65793, 66049]
ORIGIN = "lab.example/interop"


def deedbook(*args):
    """Runs the command and gives what it printed."""
    ran = subprocess.run([DEEDBOOK, *map(str, args)], cwd=WORK, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"deedbook {' '.join(map(str, args))}: exit code {ran.returncode}\n{ran.stderr}")
    return ran.stdout


def answer(*args):
    return json.loads(deedbook(*args, "--json", "--ledger", "ledger"))


def size():
    return answer("log", "checkpoint")["size"]


class Catalogue:
    """Works that no earlier batch had."""

    def __init__(self, count):
        made = subprocess.run([CATALOGUE, str(count)], capture_output=True, text=True, check=True)
        self.header, *self.rows = made.stdout.splitlines()
        self.first = self.rows[0]

    def batch(self, count):
        """A catalogue of this many new works; of none, one that is there already."""
        rows = [self.rows.pop() for _ in range(count)] or [self.first]
        (WORK / "batch.csv").write_text("\n".join([self.header, *rows]) + "\n")
        return "batch.csv"


def grow(catalogue, stop):
    """A batch of n works is n + 1 entries, its screening among them; a grant that the first one needs is one more."""
    while (now := size()) < stop:
        answer("admit", "books", catalogue.batch(stop - now - 1))
    if now != stop:
        sys.exit(f"the log has {now} entries and should have {stop}")


def samples(size):
    """Indices at the edges of tiles, and some between."""
    wanted = {0, 1, 2, 254, 255, 256, 257, 510, 511, 512, 65534, 65535, 65536, size // 2, size // 3, size - 2, size - 1}
    return sorted(index for index in wanted if 0 <= index < size)


def main():
    WORK.mkdir(parents=True)
    key = json.loads(deedbook("init", "ledger", "--origin", ORIGIN, "--json"))["verifier_key"]
    witness = subprocess.run(
        [sys.executable, Path(__file__).with_name("witness.py"), "key"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (WORK / "witness.policy").write_text(f"log {key}\nwitness w {witness}\nquorum w\n")
    facts = {"key": key, "witness": witness, "trees": [], "consistency": [], "proofs": []}
    stop(facts, size())
    answer("dataset", "new", "books", "--use", "generative-training", "--purpose", "commercial", "--layer", "text")
    stop(facts, size())
    catalogue = Catalogue(STOPS[-1])
    # The first batch records the grant of the open licence, and with it a state: it stays well below the first stop.
    answer("admit", "books", catalogue.batch(100))
    catalogue.first = catalogue.rows[-1]
    answer("admit", "books", catalogue.batch(1))
    for size_wanted in STOPS:
        grow(catalogue, size_wanted)
        stop(facts, size_wanted)
    # A release's row files are not in the log, but its statements are: the log's last entry is of another kind.
    answer("seal", "books", "1")
    stop(facts, size())
    facts["consistency"] = [pair for pair in consistency([tree["size"] for tree in facts["trees"]])]
    (WORK / "facts.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(f"made: one log at {len(facts['trees'])} sizes up to {size():,}, {len(facts['proofs'])} single proofs,")
    print(f"      {len(facts['consistency'])} consistency proofs, every checkpoint cosigned")


def stop(facts, at):
    """Has the checkpoint cosigned, exports the tree of this size, and proves some of its entries."""
    (WORK / "checkpoint").write_text(deedbook("log", "checkpoint", "--ledger", "ledger"))
    lines = subprocess.run(
        [sys.executable, Path(__file__).with_name("witness.py"), "cosign", WORK / "checkpoint"],
        capture_output=True, text=True, check=True,
    ).stdout
    (WORK / "answer").write_text(lines)
    cosigned = answer("log", "cosign", "add", "answer", "--policy", "witness.policy")
    if cosigned["witnessed_at"] is None:
        sys.exit(f"the quorum was not met: {cosigned}")
    last = at > STOPS[-1]
    entries = ["--with-entries"] if at < 1000 or last else []
    exported = answer("log", "export", f"tree-{at}", *entries)
    facts["trees"].append({"size": at, "dir": exported["dir"], "tiles": exported["tiles"], "bundles": exported["bundles"]})
    for index in samples(at):
        proof, entry = f"{at}-{index}.tlog-proof", f"{at}-{index}.entry"
        answer("log", "proof", index, "-o", proof, "--entry", entry)
        facts["proofs"].append({"size": at, "index": index, "proof": proof, "entry": entry})


def consistency(sizes):
    for place, new in enumerate(sizes):
        for old in sizes[: place + 1]:
            compared = answer("log", "consistency", old, new)
            if not compared["consistent"]:
                sys.exit(f"{old} and {new} are not consistent: {compared}")
            yield {"old": old, "new": new, "path": compared["path"]}


main()
