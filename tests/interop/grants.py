#!/usr/bin/env python3
"""Grants that licensors sign, held against the programs of others in both directions.

usage: grants.py DEEDBOOK WORK-FOLDER

securesystemslib (DSSE) verifies what `grant sign` made, and in-toto-attestation reads its statement; each change of one
byte must be noticed. Then securesystemslib signs payloads: the very bytes of ours, with our key, and a payload made here
with a key that it generated. The command must record both, and `verify --licensors` find the works signed. Keys and
canonical JSON are made here from the specifications alone.
"""

import base64
import copy
import hashlib
import json
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

DEEDBOOK, WORK = (Path(arg).resolve() for arg in sys.argv[1:3])
ORIGIN = "lab.example/interop-grants"
PARTY = "id:example/press"
WORKS = 300


def run(*args):
    return subprocess.run([DEEDBOOK, *map(str, args)], cwd=WORK, capture_output=True, text=True)


def deedbook(*args):
    """Runs the command and gives what it printed."""
    ran = run(*args)
    if ran.returncode != 0:
        sys.exit(f"deedbook {' '.join(map(str, args))}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def answer(*args):
    return json.loads(deedbook(*args, "--json", "--ledger", "ledger"))


def canonical(value):
    """RFC 8785 for what has no fractions, and members in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def verifier_key(name, public):
    """The C2SP signed-note spelling of an Ed25519 key."""
    key = b"\x01" + public
    key_id = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(key).decode()}"


def their_key(verifier, key_id):
    """The key of a C2SP spelling as securesystemslib has it, under the key id of an envelope."""
    public = base64.b64decode(verifier.split("+", 2)[2])
    return SSlibKey(key_id, "ed25519", "ed25519", {"public": public[1:].hex()})


def verifies(envelope, key):
    try:
        Envelope.from_dict(copy.deepcopy(envelope)).verify([key], 1)
    except (VerificationError, ValueError):
        return False
    return True


def change(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def terms(name, log):
    catalogue = f"{name}.csv"
    lines = ["id,title"] + [f"{name}/{n:04},Work {n}" for n in range(WORKS)]
    (WORK / catalogue).write_text("\n".join(lines) + "\n")
    written = {
        "id": name, "basis": "contract", "licence": f"LicenseRef-{name}", "layers": ["text"],
        "uses": ["generative-training"], "purposes": ["commercial"], "territories": ["worldwide"],
        "valid_from": "2020-01-01", "licensor": {"name": "Füller & Söhne", "ids": [PARTY]},
        "licensee": {"name": "Example Lab", "log": log}, "subject": {"catalogue": catalogue},
    }
    (WORK / f"{name}.json").write_text(json.dumps(written))
    return f"{name}.json", catalogue


def ours_with_theirs(envelope, verifier):
    """What `grant sign` made, verified and read by the others."""
    key = their_key(verifier, envelope["signatures"][0]["keyid"])
    if not verifies(envelope, key):
        sys.exit("securesystemslib does not verify an envelope of `grant sign`")
    payload = base64.b64decode(envelope["payload"])
    signature = base64.b64decode(envelope["signatures"][0]["sig"])
    for at in range(len(payload)):
        changed = {**envelope, "payload": base64.b64encode(change(payload, at)).decode()}
        if verifies(changed, key):
            sys.exit(f"NOT NOTICED: payload, byte {at}")
    for at in range(len(signature)):
        sig = base64.b64encode(change(signature, at)).decode()
        if verifies({**envelope, "signatures": [{**envelope["signatures"][0], "sig": sig}]}, key):
            sys.exit(f"NOT NOTICED: signature, byte {at}")
    statement = json_format.Parse(payload, statement_pb2.Statement())
    Statement.copy_from_pb(statement).validate()
    said = json.loads(payload)
    if canonical(said) != payload:
        sys.exit("the payload is not canonical")
    digest = hashlib.sha256(canonical(said["predicate"])).hexdigest()
    if [dict(subject.digest) for subject in statement.subject] != [{"sha256": digest}]:
        sys.exit("the subject is not the predicate's digest")
    if statement.predicate["id"] != said["predicate"]["id"]:
        sys.exit("in-toto-attestation reads other terms")
    return len(payload) + len(signature)


def signed_by_theirs(payload, private, key_id=None):
    """Their envelope over these payload bytes, as their JSON."""
    public = SSlibKey.from_crypto(private.public_key(), keyid=key_id)
    envelope = Envelope(payload, "application/vnd.in-toto+json", {})
    envelope.sign(CryptoSigner(private, public))
    return envelope.to_dict()


def private_key(file):
    """The key in a file of `key new`: PRIVATE+KEY+name+id+base64 of algorithm and seed."""
    seed = base64.b64decode((WORK / file).read_text().strip().split("+", 4)[4])
    return Ed25519PrivateKey.from_private_bytes(seed[1:])


def proven(name, catalogue, verifier):
    """Admits the works of a grant, and asks of a proof of some what an auditor would."""
    answer("admit", "books", catalogue, "--grant", name, "--require", "all-admitted")
    answer("seal", "books", name)
    asked = [f"id:{name}/{n:04}" for n in (0, WORKS // 2, WORKS - 1)]
    deedbook("prove", f"books@{name}", *[arg for work in asked for arg in ("--work", work)], "-o", f"{name}.proof", "--ledger", "ledger")
    (WORK / "licensors").write_text(f"licensor {PARTY} {verifier}\n")
    key = answer("log", "status")["verifier_key"]
    verify = ["verify", f"{name}.proof", "--key", key, "--require", "signed", "--json"]
    found = json.loads(deedbook(*verify, "--licensors", "licensors"))
    standings = [work["standing"] for work in found["present"]]
    if standings != ["signed"] * len(asked):
        sys.exit(f"{name}: {standings}")
    if run(*verify).returncode != 1:
        sys.exit(f"{name}: signed without the licensor's key")


def must_be_refused(what, envelope, catalogue):
    (WORK / "wrong.json").write_text(json.dumps(envelope))
    ran = run("grant", "add", "wrong.json", "--catalogue", catalogue, "--ledger", "ledger")
    if ran.returncode != 2:
        sys.exit(f"NOT REFUSED: {what}\n{ran.stdout}{ran.stderr}")


def main():
    WORK.mkdir(parents=True)
    deedbook("init", "ledger", "--origin", ORIGIN)
    answer("dataset", "new", "books", "--use", "generative-training", "--purpose", "commercial", "--layer", "text")
    log = answer("log", "status")["log"]
    verifier = json.loads(deedbook("key", "new", "press.example", "-o", "press.key", "--json"))["verifier_key"]
    private = private_key("press.key")
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    if verifier_key("press.example", public) != verifier:
        sys.exit(f"the key is spelled {verifier}")

    # Ours, verified by theirs.
    file, catalogue = terms("ours", log)
    deedbook("grant", "sign", file, "--signing-key", "press.key", "-o", "ours.grant.json")
    ours = json.loads((WORK / "ours.grant.json").read_text())
    changed = ours_with_theirs(ours, verifier)
    print(f"securesystemslib: 1 envelope verified; {changed} changes of one byte noticed")
    print("in-toto-attestation: its statement read and valid")

    # Theirs over our payload bytes, with another key id and other spacing: the signature is the same.
    theirs = signed_by_theirs(base64.b64decode(ours["payload"]), private)
    if theirs["signatures"][0]["keyid"] == ours["signatures"][0]["keyid"]:
        sys.exit("the key ids were to differ")
    if theirs["signatures"][0]["sig"] != ours["signatures"][0]["sig"]:
        sys.exit("two Ed25519 signatures of one key over one text differ")
    (WORK / "theirs.json").write_text(json.dumps(theirs, indent=2) + "\n")
    stranger = signed_by_theirs(base64.b64decode(ours["payload"]), Ed25519PrivateKey.generate())
    must_be_refused("a stranger's signature over the licensor's payload", stranger, catalogue)
    twice = {**theirs, "signatures": theirs["signatures"] + stranger["signatures"]}
    must_be_refused("two signatures", twice, catalogue)
    answer("grant", "add", "theirs.json", "--catalogue", catalogue)
    proven("ours", catalogue, verifier)

    # Theirs from beginning to end: their key, their payload, their envelope. Only the catalogue's root is ours.
    file, catalogue = terms("theirs", log)
    deedbook("grant", "sign", file, "--signing-key", "press.key", "-o", "rooted.json")
    predicate = json.loads(base64.b64decode(json.loads((WORK / "rooted.json").read_text())["payload"]))["predicate"]
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    predicate["licensor"]["key"] = verifier_key("fueller.example", public)
    digest = hashlib.sha256(canonical(predicate)).hexdigest()
    payload = canonical({
        "_type": "https://in-toto.io/Statement/v1", "predicate": predicate, "predicateType": "urn:deedbook:grant:v1",
        "subject": [{"digest": {"sha256": digest}, "name": "a grant"}],
    })
    (WORK / "made.json").write_text(json.dumps(signed_by_theirs(payload, private)))
    answer("grant", "add", "made.json", "--catalogue", catalogue)
    proven("theirs", catalogue, predicate["licensor"]["key"])
    deedbook("log", "fsck", "--ledger", "ledger")
    print(f"securesystemslib: 2 envelopes signed, recorded, and found signed in proofs of {WORKS} works each")


main()
