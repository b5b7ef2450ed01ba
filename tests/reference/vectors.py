#!/usr/bin/env python3
"""Holds verify.py, the verifier that was written from the pages alone, against the vectors of tests/vectors.

usage: vectors.py [FOLDER]

Each vector is asked as its file's members say; the result must be the one wanted, and what is said of a valid one too.
A refused proof file must moreover be refused in the step that the vector names: verify.py keeps the page's order.
Exits with 1 on any difference. Nothing here is imported from Deedbook.
"""

import base64
import json
import sys
from collections import Counter
from pathlib import Path

import verify as v

HERE = Path(__file__).resolve().parent


def hash_of(text):
    return v.base64_bytes(text, 32)


# -- Proof files ---------------------------------------------------------------------------------

STEPS = {  # method of `Verification`: word
    "form": "form", "checkpoint_": "checkpoint", "anchors": "anchors", "proven_times": "times", "entries_": "entries",
    "times": "times", "subjects": "subjects", "tables_": "tables", "register_": "register", "look_ups": "claims",
    "rows_say_what_admissions_say": "rows", "grants_": "grants", "answers_": "answers", "nothing_left_over": "leftovers",
}  # fmt: skip

# Rules about one statement or one member by itself, which verify.py has where these are read.
EARLIER = {("form", "claims"), ("entries", "subjects")}


def step_of(error):
    """The step in which a proof file was refused: the outermost frame that is one."""
    frame, names = error.__traceback__, []
    while frame is not None:
        names.append(frame.tb_frame.f_code.co_name)
        frame = frame.tb_next
    return next(STEPS[name] for name in names if name in STEPS)


def proof(vector):
    file = vector["file"].encode() if "file" in vector else base64.b64decode(vector["file_base64"])
    policy = v.parse_policy(vector["policy"]) if "policy" in vector else v.policy_of_key(vector["key"])
    question = v.Question(policy)
    question.licensors = v.parse_licensors(vector.get("licensors", ""))
    question.release, question.works = vector.get("release"), vector.get("works")
    question.at = v.parse_date(vector["at"]) if "at" in vector else None
    try:
        found = v.Verification(file, question)
    except v.Invalid as error:
        step, wanted = step_of(error), vector.get("reason")
        if wanted is not None and step != wanted and (step, wanted) not in EARLIER:
            raise Difference(f"refused in step {step} ({error}), not {wanted}") from None
        raise
    report = v.report_of(found)
    said = {name: report[name] for name in ("grants", "log_size", "origin", "release", "state", "witnessed", "witnesses")}
    said["works"] = [{name: work[name] for name in ("entries", "standing", "verdict", "work")} for work in found.answers]
    return said


# -- Evidence: fork.md, lie.md ---------------------------------------------------------------------------

def inclusion_root(index, size, leaf, path):
    """RFC 9162, 2.1.3.2."""
    v.require(index < size, "an index beyond the size")
    fn, sn, root = index, size - 1, leaf
    for item in path:
        v.require(sn != 0, "an inclusion path is too long")
        if fn & 1 or fn == sn:
            root = v.node_hash(item, root)
            while fn & 1 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = v.node_hash(root, item)
        fn, sn = fn >> 1, sn >> 1
    v.require(sn == 0, "an inclusion path is too short")
    return root


def evidence(vector):
    data = vector["file"].encode()
    policy = v.Policy([v.parse_verifier_key(key) for key in vector["keys"]], quorum="none")
    is_lie = data.startswith(b'{"format":"deedbook-lie/v1"')
    report = v.lie_report(data, policy) if is_lie else v.fork_report(data, policy)
    v.require(report.pop("lie" if is_lie else "fork"), report.pop("error"))
    report.pop("error", None)
    return report


# -- Identifiers, rows, log ----------------------------------------------------------------------


def encoded(data):
    return base64.b64encode(data).decode()


def identifier(vector):
    if "name" in vector:
        return {"key": encoded(v.register_key(vector["name"]))}
    found = v.identifier(vector["identifier"])
    return {"class": v.class_of(found), "key": encoded(v.work_key(found))}


def root_of(rows, a, b):
    """The node over rows a to b - 1: the left subtree of a complete binary tree is as deep as it can be."""
    count = b - a
    if count == 1:
        return v.row_leaf(rows[a])
    width = 1 << (count - 1).bit_length()
    left = min(width // 2, count - width // 4)
    return v.row_merge(root_of(rows, a, a + left), root_of(rows, a + left, b))


def rows(vector):
    if "table" in vector:
        table = [(hash_of(key), value) for key, value in vector["table"]]
        node = b"".join(root_of(table, 0, len(table))) if table else bytes(64)
        return {"root": encoded(v.rows_root(vector["kind"], len(table), node))}
    disclosed = [(row["position"], (hash_of(row["key"]), row["value"])) for row in vector["rows"]]
    proof = [v.base64_bytes(node, 64) for node in vector["proof"]]
    table = v.Table(vector["kind"], vector["count"], hash_of(vector["root"]), disclosed, proof)
    keys = [{"key": asked["key"], "values": table.look_up(hash_of(asked["key"]))} for asked in vector["keys"]]
    v.require(table.all_used(), "a row is disclosed that no look-up needed")
    return {"keys": keys}


def log(vector):
    if "entry" in vector:
        return {"leaf": encoded(v.leaf_hash(vector["entry"].encode()))}
    if "entries" in vector:
        leaves = [v.leaf_hash(entry.encode()) for entry in vector["entries"]]
        return {"root": encoded(subtree(leaves))}
    path = [hash_of(item) for item in vector["path"]]
    if "leaves" in vector:
        leaves = [(leaf["index"], hash_of(leaf["leaf"])) for leaf in vector["leaves"]]
        v.require(leaves and v.ascend([index for index, _ in leaves]), "no leaves, or not ascending")
        v.require(leaves[-1][0] < vector["size"], "a leaf beyond the size")
        v.require(v.batch_inclusion_root(vector["size"], leaves, path) == hash_of(vector["root"]), "another root")
    elif "leaf" in vector:
        root = inclusion_root(vector["index"], vector["size"], hash_of(vector["leaf"]), path)
        v.require(root == hash_of(vector["root"]), "another root")
    else:
        roots = hash_of(vector["old_root"]), hash_of(vector["new_root"])
        v.check_consistency(vector["old"], roots[0], vector["new"], roots[1], path)
    return {}


def subtree(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else v.sha256(b"")
    k = v.largest_power_below(len(leaves))
    return v.node_hash(subtree(leaves[:k]), subtree(leaves[k:]))


# -- Notes and statements ------------------------------------------------------------------------


def note(vector):
    if "text" in vector:
        v.parse_policy(vector["text"])
        return {}
    if "note" not in vector:
        key = v.parse_verifier_key(vector["key"])
        return {"key_id": key.id.hex(), "kind": key.type, "name": key.name, "public": key.public.hex()}
    policy = v.parse_policy(vector["policy"])
    checkpoint = v.parse_checkpoint(vector["note"])
    logs, times = v.signers(checkpoint, policy)
    v.require(logs, "no log key signed")
    met, time = policy.quorum_met(times)
    v.require(met, "no quorum")
    witnesses = [{"name": key.name, "time": times[key]} for key in policy.witnesses.values() if key in times]
    root = encoded(checkpoint.root)
    said = {"origin": checkpoint.origin, "root": root, "size": checkpoint.size, "time": time, "witnesses": witnesses}
    return {"expected": said}


def statement(vector):
    data = vector["text"].encode()
    found = v.parse_statement(data, vector["index"])
    texts = sorted(v.register_texts(found, lambda index: vector["datasets"].get(str(index))))
    register = [{"key": encoded(v.register_key(text)), "text": text} for text in texts]
    return {"kind": found["kind"], "leaf": encoded(v.leaf_hash(data)), "register": register}


# -- Comparing -----------------------------------------------------------------------------------

FILES = {
    "evidence.json": lambda vector: {"expected": evidence(vector)},
    "identifiers.json": identifier,
    "log.json": log,
    "notes.json": note,
    "proofs.json": lambda vector: {"expected": proof(vector)},
    "rows.json": rows,
    "statements.json": statement,
}


class Difference(Exception):
    """Another answer than the one wanted."""


def difference(answer, vector):
    """What is said otherwise than wanted, or None."""
    try:
        said = answer(vector)
    except v.Invalid as error:
        return None if vector["result"] == "invalid" else f"refused: {error}"
    except Difference as error:
        return str(error)
    if vector["result"] == "invalid":
        return "accepted"
    wrong = [name for name in said if said[name] != vector[name]]
    return "; ".join(f"{name} is {said[name]}, not {vector[name]}" for name in wrong) or None


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "vectors"
    found = {path.name for path in folder.glob("*.json")}
    if found != FILES.keys():
        sys.exit(f"the files of {folder} are {sorted(found)}")
    results, wrong = Counter(), 0
    for name, answer in FILES.items():
        file = json.loads((folder / name).read_text(encoding="utf-8"))
        for vector in (vector for group in file["groups"] for vector in group["tests"]):
            results[vector["result"]] += 1
            what = difference(answer, vector)
            if what:
                wrong += 1
                print(f"{name}: {vector['id']}: {what}")
    print(f"{results['valid']} valid and {results['invalid']} invalid vectors, {wrong} differences")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
