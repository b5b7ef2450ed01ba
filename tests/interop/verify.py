#!/usr/bin/env python3
"""Verifies what make.py made, with the package aics-tlog.

usage: verify.py WORK-FOLDER

Notes, cosignatures, tiles, bundles and proofs are checked by the package; here is only a reader of the few lines of
tlog-proof, which the package does not have. Then files are changed by one byte at a time, and each change must be
noticed.
"""

import base64
import json
import sys
from pathlib import Path

import aics_tlog

WORK = Path(sys.argv[1])
FACTS = json.loads((WORK / "facts.json").read_text())
LOG = aics_tlog.parse_vkey(FACTS["key"])
POLICY = aics_tlog.WitnessPolicy(quorum=1, witnesses=(aics_tlog.parse_vkey(FACTS["witness"]),))
# Inclusion proofs made from the tiles of one tree; the package makes them slowly. Of larger trees no file is changed.
MADE_PROOFS, FEW_LEAVES = 40, 1000
# Bytes of a file that are changed, evenly apart. Of the checkpoints and proofs of these sizes every byte is.
POSITIONS = 5
EACH_BYTE = (2, 513)


class Refused(Exception):
    pass


class Changed:
    """A reader of tiles for which one file has one byte changed."""

    def __init__(self, folder, changed=None, at=0):
        self.folder, self.changed, self.at = folder, changed, at

    def _read(self, path):
        file = self.folder / path
        if not file.is_file():
            return None
        data = file.read_bytes()
        return change(data, self.at) if path == self.changed else data

    def read_tile(self, level, index, width):
        return self._read(aics_tlog.tiles.tile_path(level, index, width))

    def read_entry_bundle(self, index, width):
        return self._read(aics_tlog.tiles.entry_bundle_path(index, width))


def change(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def checkpoint(note):
    """The checkpoint of a note that the log signed and the witness cosigned."""
    verified = aics_tlog.verify_checkpoint(aics_tlog.parse_note(note), LOG, policy=POLICY, expected_origin=LOG.name)
    if not verified.ok or verified.witnesses != [w.name for w in POLICY.witnesses]:
        raise Refused(f"checkpoint: {verified.error}")
    return verified


def tree(reader, head, has_entries):
    """Every tile, and every entry where there are some, against a verified head; then inclusion proofs from tiles."""
    aics_tlog.audit_tiles(reader, head.size, head.root, entries=has_entries)
    proven = aics_tlog.VerifiedTileReader(reader, head.size, head.root)
    for index in {*range(0, head.size, 1 + head.size // MADE_PROOFS), head.size - 1}:
        path = aics_tlog.inclusion_proof_from_tiles(proven, index, head.size)
        leaf = aics_tlog.leaf_hash(proven.entry(index)) if has_entries else proven.leaf_hash(index)
        if not aics_tlog.verify_inclusion(leaf, index, head.size, path, head.root):
            raise Refused(f"entry {index}")


def single(text, entry, index):
    """A C2SP tlog-proof of an entry; the package verifies what it says as one of its own bundles."""
    head, found, note = text.decode().partition("\n\n")
    lines = head.split("\n")
    if not found or lines[:2] != ["c2sp.org/tlog-proof@v1", f"index {index}"]:
        raise Refused("not a tlog-proof of this entry")
    path = [base64.b64decode(line, validate=True) for line in lines[2:]]
    if [base64.b64encode(hash).decode() for hash in path] != lines[2:]:
        raise Refused("a hash in another spelling")
    bundle = aics_tlog.Bundle(entry_bytes=entry, index=index, inclusion_proof=tuple(path), checkpoint_note=note)
    verified = aics_tlog.verify_bundle(bundle, LOG, policy=POLICY, expected_origin=LOG.name)
    if not verified.ok:
        raise Refused(verified.error)


class Count:
    def __init__(self, what):
        self.what, self.checked, self.changed = what, 0, 0

    def must_fail(self, where, check, *args):
        try:
            check(*args)
        except (Refused, ValueError, OSError, UnicodeDecodeError):
            self.changed += 1
            return
        sys.exit(f"NOT NOTICED: {where}")

    def say(self):
        if not self.checked or not self.changed:
            sys.exit(f"no {self.what} were verified")
        print(f"aics-tlog: {self.checked} {self.what} verified; {self.changed} changes of one byte noticed")


def positions(data):
    return sorted({len(data) * part // POSITIONS for part in range(POSITIONS)} | {len(data) - 1})


def trees():
    count, signed, heads = Count("trees"), Count("cosigned checkpoints"), {}
    for made in FACTS["trees"]:
        folder = WORK / made["dir"]
        note = (folder / "checkpoint").read_bytes()
        head = heads[made["size"]] = checkpoint(note)
        if head.size != made["size"]:
            sys.exit(f"{made['dir']} is of size {head.size}")
        signed.checked += 1
        for at in range(len(note)) if head.size in EACH_BYTE else positions(note):
            signed.must_fail(f"{made['dir']}/checkpoint, byte {at}", checkpoint, change(note, at))
        has_entries = made["bundles"] > 0
        tree(Changed(folder), head, has_entries)
        count.checked += 1
        if head.size > FEW_LEAVES:
            continue
        for file in sorted(folder.glob("tile/**/*")):
            if file.is_file():
                path, data = str(file.relative_to(folder)), file.read_bytes()
                for at in positions(data):
                    count.must_fail(f"{file}, byte {at}", tree, Changed(folder, path, at), head, has_entries)
    signed.say()
    count.say()
    return heads


def consistency(heads):
    count = Count("consistency proofs")

    def check(pair, path):
        old, new = heads[pair["old"]], heads[pair["new"]]
        if not aics_tlog.verify_consistency(old.size, new.size, old.root, new.root, path):
            raise Refused("not consistent")

    for pair in FACTS["consistency"]:
        path = [base64.b64decode(hash) for hash in pair["path"]]
        check(pair, path)
        count.checked += 1
        for place, hash in enumerate(path):
            changed = path[:place] + [change(hash, place % 32)] + path[place + 1 :]
            count.must_fail(f"consistency {pair['old']} {pair['new']}, hash {place}", check, pair, changed)
    count.say()


def singles():
    count = Count("single proofs")
    for made in FACTS["proofs"]:
        text, entry = (WORK / made["proof"]).read_bytes(), (WORK / made["entry"]).read_bytes()
        single(text, entry, made["index"])
        count.checked += 1
        each = made["index"] == 0 and made["size"] in EACH_BYTE
        for at in range(len(text)) if each else positions(text):
            count.must_fail(f"{made['proof']}, byte {at}", single, change(text, at), entry, made["index"])
        for at in range(len(entry)) if each else positions(entry):
            count.must_fail(f"{made['entry']}, byte {at}", single, text, change(entry, at), made["index"])
    count.say()


heads = trees()
consistency(heads)
singles()
