#!/usr/bin/env python3
"""pymerkle: the tree of RFC 6962 in memory.

usage: pymerkle_peer.py FOLDER WORK WORKS

Prints seconds, root and version, as the Rust peers do.
"""

import time

CLOCK = time.perf_counter()

import importlib.metadata
import sys
from base64 import b64encode
from pathlib import Path

from pymerkle import InmemoryTree, verify_inclusion


def main():
    folder, works = Path(sys.argv[1]), int(sys.argv[3])
    tree = InmemoryTree(algorithm="sha256")
    indices = []
    with open(folder / "entries.tsv", "rb") as lines:
        for line in lines:
            first, _, entry = line.rstrip(b"\n").split(b"\t", 2)
            if first and len(indices) == works:
                break
            index = tree.append_entry(entry)
            if first:
                indices.append(index)
    size, asked = tree.get_size(), indices[len(indices) // 2]
    root = tree.get_state(size)
    verify_inclusion(tree.get_leaf(asked), root, tree.prove_inclusion(asked, size))
    seconds = time.perf_counter() - CLOCK
    print(f"{seconds:.6f} {b64encode(root).decode()} {importlib.metadata.version('pymerkle')}")


main()
