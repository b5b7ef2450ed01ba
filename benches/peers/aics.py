#!/usr/bin/env python3
"""aics-tlog: the tree of RFC 6962 as tiles and bundles in files, with a signed checkpoint.

usage: aics.py FOLDER OWN WORKS

Its own writer and store, with the syncing that is their default: each file and its folder. Prints seconds, root and
version, as the Rust peers do.
"""

import time

CLOCK = time.perf_counter()

import importlib.metadata
import sys
from base64 import b64encode
from pathlib import Path

from aics_tlog import (
    Checkpoint,
    DirectoryTileStore,
    IncrementalTileWriter,
    inclusion_proof_from_tiles,
    sign_checkpoint,
    verify_leaf_inclusion,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "lab.example/deeds"


def parse(path, works):
    """Entries up to and with that many works, and for each whether it is one."""
    entries, is_work = [], []
    with open(path, "rb") as lines:
        for line in lines:
            first, _, entry = line.rstrip(b"\n").split(b"\t", 2)
            if first:
                if works == 0:
                    break
                works -= 1
            entries.append(entry)
            is_work.append(bool(first))
    return entries, is_work


def main():
    folder, own, works = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    entries, is_work = parse(folder / "entries.tsv", works)
    asked = next(i for i in range(len(entries) // 2, 0, -1) if is_work[i])

    store = DirectoryTileStore(own)
    writer = IncrementalTileWriter(store)
    writer.append(entries)
    root, size = writer.root(), writer.size
    note = sign_checkpoint(Checkpoint(ORIGIN, size, root), Ed25519PrivateKey.generate(), ORIGIN)
    store.write_checkpoint(note.to_bytes())

    proof = inclusion_proof_from_tiles(store, asked, size)
    if not verify_leaf_inclusion(entries[asked], asked, size, proof, root):
        sys.exit("aics-tlog: its proof does not verify")
    seconds = time.perf_counter() - CLOCK
    print(f"{seconds:.6f} {b64encode(root).decode()} {importlib.metadata.version('aics-tlog')}")


main()
