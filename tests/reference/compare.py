#!/usr/bin/env python3
"""Holds `deedbook verify` against verify.py, the verifier that was written from the pages alone.

usage: compare.py DEEDBOOK WORK-FOLDER [COUNT [SEED]]

Makes COUNT proof files (10,000 unless told), asks both about each, and exits with 1 on any disagreement: about validity,
about trouble with the auditor's own files, and, for a valid proof, about any member of `--json`. Files that disagree
are kept in WORK-FOLDER. The files are

- proofs of ledgers that the command made: the demo, a folder of files, open licences, signed grants, several releases;
- proofs of random ledgers that forge.py made, with every kind of statement, witnesses and anchors, mostly honest;
- mutations of both. *Shallow* ones change bytes or members of the file. *Deep* ones change an entry, terms inside an
  envelope or the rows of a table, and then everything above is hashed and signed again, so that the change reaches
  the step that judges it.

The command is run once for each file, which takes some 2 ms.
"""

import base64
import copy
import json
import random
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import forge
import verify as v

HERE = Path(__file__).resolve().parent
ZERO_TO_MAX = [0, 1, 2, 2**31 - 1, 2**31, 2**53 - 1, 2**53, -1, 1.5]
DATES = [
    "2026-02-29", "2028-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "2026-13-01", "2026-3-1", "2026-03-00",
    "\u0662026-01-01", "2026-03-02", "2026-03-05", "2019-01-01",
]  # fmt: skip
TIMES = [
    "2026-03-01T23:59:59Z", "2026-03-01T23:59:60Z", "2026-03-01T24:00:00Z", "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-03-01t00:00:00z", "2026-02-29T00:00:00Z",
    "2026-03-01T00:00:00+00:00",
]  # fmt: skip
IDENTIFIERS = [
    *forge.POOL, *forge.PARTIES, "isbn:9780306406158", "isbn:9790306406156", "ISBN:9780306406157", "issn:0317847X",
    "orcid:0000000218250097", "iscc:KACYPXW445FTYNJ3", "swhid:swh:1:cnt:" + "0" * 40, "swhid:swh:1:abc:" + "0" * 40,
    "doi:10.1000/ABC", "doi:10./x", "doi:10.1/", "id:a", "id:/a", "id:a/", "jamendo:01", "upc:12345678901234",
    "uscopyright:TX0001234567", "uscopyright:TXAB12345678", "uscopyright:123456789012", "ipi:123", "url:HTTP://x",
    "url:a://", "url:x", "iscc:" + "A" * 129, "id:a/" + "x" * 507, "id:a/" + "x" * 508, "blake3:" + "A1" * 32, "foo:bar",
    "isbn:978030640615\u0667", "grid:A12425GABC1234002N", "iswc:T0345246802", "eidr:10.5240/7791-8534-2C23-9030-8610-6",
    "isni:0000000121464380", "upc:00012345600013", "isrc:QZDEE260000A", "asin:b000000000", "doi:10..1/x", "doi:10.1/%zz", "doi:10.1/%25", "doi:10.1/a%61", "doi:10.1/%e4", "doi:10.1/%E4", "id:a//", "url:a+.-://x",
]  # fmt: skip
WORDS = [
    *v.LAYERS, *v.USES, *v.PURPOSES, *v.OBLIGATIONS, *v.BASES, *v.ON_END, *v.ROLES, *v.WORK_TYPES, *v.CODES,
    *v.SHAPES, *DATES, *TIMES, *IDENTIFIERS, "DE", "FR", "worldwide", "all-admissions", "plain", "deny", "", "none",
    "reader@1", "reader", "a@b@c", "x" * 4096, "x" * 4097, "\u00e9" * 2049, "lab.example/deeds", "books", "other",
    "Books", "-x", "x.", "x" * 64, "x" * 65, "1", "\u0000", "\u001f\u007f\u2028", "\U0001f600",
]  # fmt: skip
KINDS = [v.LAYERS, v.USES, v.PURPOSES, v.OBLIGATIONS, v.BASES, v.ON_END, v.ROLES, v.WORK_TYPES, v.CODES, list(v.SHAPES)]


def kin(text):
    """Words of the kind that a text is of."""
    if len(text) == 10 and text[4] == "-":
        return DATES
    if len(text) == 20 and text[4] == "-":
        return TIMES
    if text.partition(":")[0] in v.SCHEMES:
        return IDENTIFIERS
    return next((words for words in KINDS if text in words), WORDS)


# -- Mutations -----------------------------------------------------------------------------------


def places(value, at=()):
    """Every (path, node) below a JSON value."""
    yield at, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*at, key))


def near(rng, node, pool):
    """Another value, mostly of the same kind and near."""
    if isinstance(node, bool) or node is None:
        return 0
    if isinstance(node, int):
        return rng.choice([node + 1, node - 1, node + 1, node - 1, rng.choice(ZERO_TO_MAX), rng.choice(pool["int"])])
    if isinstance(node, str):
        how = rng.randrange(9)
        if how == 0 or not node:
            return rng.choice(WORDS)
        if how == 8:
            return rng.choice(kin(node))
        if how == 1:
            return node[: rng.randrange(len(node))]
        if how == 2:
            return node + rng.choice([node[-1], " ", "\n", "=", "A"])
        if how in (3, 4):
            i = rng.randrange(len(node))
            return node[:i] + rng.choice([chr(ord(node[i]) ^ 1), rng.choice("0A9z-+/=. X")]) + node[i + 1 :]
        if how in (5, 6):
            return rng.choice(pool["str"])
        if how == 7 and len(node) in (10, 20) and node[4] == "-":
            moved = [b"%d" % i for i in range(10)]
            return node[:9] + moved[rng.randrange(10)].decode() + node[10:]
        return rng.choice(WORDS)
    if isinstance(node, list):
        out = list(node)
        how = rng.randrange(6)
        if how == 0:
            return []
        if how == 1 and out:
            out.insert(rng.randrange(len(out) + 1), copy.deepcopy(rng.choice(out)))
        elif how == 2 and len(out) > 1:
            i, j = rng.sample(range(len(out)), 2)
            out[i], out[j] = out[j], out[i]
        elif how == 3 and out:
            del out[rng.randrange(len(out))]
        else:
            item = (
                rng.choice(kin(out[0] if out else ""))
                if all(isinstance(i, str) for i in out)
                else rng.choice(pool["int"])
            )
            out.append(item)
            if rng.random() < 0.7 and all(isinstance(i, str) for i in out):
                out = sorted(set(out), key=lambda s: s.encode("utf-8", "surrogatepass"))
        return out
    return {}


def mutate_value(rng, value, pool=None):
    """A copy of a JSON value with one thing changed."""
    value = copy.deepcopy(value)
    found = [p for p in places(value) if p[0]]
    if not found:
        return value
    pool = pool or {kind.__name__: [n for _, n in found if isinstance(n, kind)] or [kind()] for kind in (int, str)}
    path, node = rng.choice(found)
    parent = value
    for key in path[:-1]:
        parent = parent[key]
    how = rng.random()
    if how < 0.68:
        parent[path[-1]] = near(rng, node, pool)
    elif how < 0.76:
        del parent[path[-1]]
    elif how < 0.84 and isinstance(parent, dict):
        parent[
            rng.choice(
                [
                    "x",
                    "note",
                    "title",
                    "at",
                    "leaf",
                    "territories",
                    "same_as",
                    "used_from",
                    "valid_to",
                    "models",
                    "not_uses",
                    "licence",
                    "override",
                    "evidence",
                ]
            )
        ] = rng.choice(
            [
                1,
                "x",
                [],
                {},
                "2026-03-01",
                node,
                ["tdm"],
                {"names": ["reader"]},
                {"names": []},
                {"raw": "a", "source": "b"},
                {"because": "a", "by": "b", "codes": ["no-grant"]},
            ]
        )
    elif how < 0.90:
        parent[path[-1]] = rng.choice(
            [None, True, [], {}, "", 0, [node], str(node) if not isinstance(node, (dict, list)) else 0]
        )
    else:
        _, other = rng.choice(found)
        parent[path[-1]] = copy.deepcopy(other)
    return value


def printed(rng, value):
    """Canonical, mostly."""
    try:
        data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (UnicodeEncodeError, ValueError):
        return b"{}"
    if rng.random() < 0.04:
        data = rng.choice(
            [
                json.dumps(value, sort_keys=True, separators=(",", ":")).encode(),
                json.dumps(value, sort_keys=True, ensure_ascii=False).encode(),
                json.dumps(dict(reversed(value.items())), separators=(",", ":"), ensure_ascii=False).encode()
                if isinstance(value, dict)
                else data,
                data[:-1] + b',"v":1}',
                data.replace(b"/", b"\\/"),
                data.replace(b"a", b"\\u0061", 1),
                b" " + data,
                data + b"\n",
            ]
        )
    return data


def mutate_bytes(rng, data, others):
    data = bytearray(data)
    i = rng.randrange(len(data))
    how = rng.randrange(8)
    if how == 0:
        data[i] ^= 1 << rng.randrange(8)
    elif how == 1:
        del data[i]
    elif how == 2:
        data[i:i] = bytes([rng.randrange(256)])
    elif how == 3:
        j = min(len(data), i + rng.randrange(1, 200))
        data[i:i] = data[i:j]
    elif how == 4:
        del data[i : i + rng.randrange(1, 200)]
    elif how == 5:
        other = rng.choice(others)
        data[i:] = other[min(i, len(other)) :]
    elif how == 6:
        data[i : i + 1] = rng.choice([b"", b"  ", b"\\u0041", b'"', b"\xff", b"\x00", b"\r\n", b"\xed\xa0\x80"])
    else:
        digits = [k for k, c in enumerate(data) if 48 <= c <= 57]
        k = rng.choice(digits)
        data[k] = 48 + (data[k] - 48 + rng.choice([1, 9])) % 10
    return bytes(data)


def mutate_note(rng, note):
    """Signature lines and text of a note; S + L, other lengths, unknown keys, repeated lines."""
    head, _, lines = note.rpartition("\n\n")
    lines = lines.split("\n")[:-1]
    how = rng.randrange(9)
    i = rng.randrange(len(lines))
    if how == 0:
        lines.append(rng.choice(lines))
    elif how == 1:
        del lines[i]
    elif how == 2:
        rng.shuffle(lines)
    elif how == 3:
        lines.insert(
            i, "\u2014 unknown.example " + base64.b64encode(rng.randbytes(rng.choice([3, 4, 5, 68, 76]))).decode()
        )
    elif how == 4:
        lines[i] = lines[i].replace("\u2014", rng.choice(["-", "\u2013", "\u2014 "]))
    elif how in (5, 6):
        words = lines[i].split(" ")
        data = bytearray(base64.b64decode(words[2]))
        if how == 5:
            s = int.from_bytes(data[-32:], "little") + v.L
            data[-32:] = s.to_bytes(32, "little") if s < 2**256 else data[-32:]
        else:
            data = rng.choice(
                [
                    data[:-1],
                    data + b"\0",
                    data[:4] + bytes(64),
                    data[:4] + b"\1" + bytes(63),
                    rng.randbytes(4) + data[4:],
                ]
            )
        words[2] = base64.b64encode(data).decode()
        lines[i] = " ".join(words)
    elif how == 7:
        head = rng.choice([head + "\nextension", head.replace("\n", "\n0", 1), head + "\n", "\n" + head, head.upper()])
    else:
        lines = lines * 101 if rng.random() < 0.5 else lines * 50
    return head + "\n\n" + "".join(line + "\n" for line in lines)


def mutate_file(rng, data, others):
    """A shallow mutation of a proof file."""
    if rng.random() < 0.3:
        return mutate_bytes(rng, data, others)
    proof = json.loads(data)
    if rng.random() < 0.3:
        target = rng.choice([proof, *proof.get("anchors", [])])
        member = "checkpoint" if target is proof else "note"
        target[member] = mutate_note(rng, target[member])
    elif rng.random() < 0.15:
        other = json.loads(rng.choice(others))
        member = rng.choice(list(proof))
        proof[member] = other.get(member, [])
    else:
        member = rng.choice(list(proof))
        proof[member] = mutate_value(rng, {member: proof[member]}).get(member, None)
        if proof[member] is None and rng.random() < 0.8:
            del proof[member]
    return printed(rng, proof) + (b"\n" if rng.random() < 0.99 else b"")


def mutate_text(rng, text, signers):
    """An entry's text with one member changed, or terms inside its envelope, signed again or not."""
    value = json.loads(text)
    if "envelope" not in value or rng.random() < 0.15:
        for _ in range(rng.choice([1, 1, 1, 2])):
            value = mutate_value(rng, value)
        return printed(rng, value)
    outer = json.loads(value["envelope"])
    if rng.random() < 0.2:
        outer = mutate_value(rng, outer)
        value["envelope"] = rng.choice(
            [
                json.dumps(outer),
                json.dumps(outer),
                printed(rng, outer).decode("utf-8", "replace"),
                json.dumps(outer)[:-1] + ',"x":1}',
                json.dumps(outer) + " ",
            ]
        )
        return printed(rng, value)
    inner = json.loads(base64.b64decode(outer["payload"]))
    if rng.random() < 0.15:
        inner = mutate_value(rng, inner)
    else:
        inner["predicate"] = mutate_value(rng, inner["predicate"])
        if rng.random() < 0.95:
            inner["subject"][0]["digest"]["sha256"] = v.sha256(printed(random.Random(1), inner["predicate"])).hex()
    payload = printed(rng, inner)
    outer["payload"] = base64.b64encode(payload).decode()
    if rng.random() < 0.8:
        message = b"DSSEv1 28 application/vnd.in-toto+json %d " % len(payload) + payload
        outer["signatures"][0]["sig"] = base64.b64encode(rng.choice(signers).private.sign(message)).decode()
    if rng.random() < 0.1:
        outer["signatures"][0]["sig"] = mutate_signature(rng, outer["signatures"][0]["sig"])
    value["envelope"] = printed(rng, outer).decode("utf-8", "replace")
    return printed(rng, value)


def mutate_signature(rng, text):
    """S + L, R of small order, a flipped bit, another length."""
    data = bytearray(base64.b64decode(text))
    how = rng.randrange(4)
    if how == 0:
        data[32:] = (int.from_bytes(data[32:], "little") + v.L).to_bytes(32, "little")
    elif how == 1:
        data[:32] = rng.choice(
            [bytes(32), b"\1" + bytes(31), b"\1" + bytes(30) + b"\x80", (v.P + 1).to_bytes(32, "little")]
        )
    elif how == 2:
        data[rng.randrange(64)] ^= 1 << rng.randrange(8)
    else:
        data = rng.choice([data[:63], data + b"\0", b""])
    return base64.b64encode(data).decode()


def mutate_ledger(rng, ledger):
    """A deep mutation of a ledger that forge.py made."""
    ledger = copy.copy(ledger)
    ledger.texts, ledger.erased, ledger.times = dict(ledger.texts), set(ledger.erased), dict(ledger.times)
    how = rng.random()
    if how < 0.75:
        index = rng.choice([i for i in range(len(ledger.statements)) if i not in ledger.erased])
        ledger.texts[index] = mutate_text(rng, ledger.text(index), [*forge.PRESSES, forge.HOLDER])
    elif how < 0.90:
        member, statement, of = rng.choice(
            [("release_rows", ledger.release, "rows"), ("register", ledger.state, "register")]
        )
        table = getattr(ledger, member)
        rows = list(table.rows)
        change = rng.randrange(6)
        if rows and change == 0:
            del rows[rng.randrange(len(rows))]
        elif rows and change == 1:
            i = rng.randrange(len(rows))
            rows[i] = (rows[i][0], max(0, rows[i][1] + rng.choice([-1, 1])))
        elif change == 2:
            keys = [v.work_key(i) for i in forge.POOL] + [v.register_key(f"entry:{i}") for i in range(8)]
            rows.append((rng.choice(keys), rng.randrange(len(ledger.statements) + 1)))
        elif len(rows) > 1:
            i = rng.randrange(len(rows) - 1)
            j = i + 1 if change == 3 else rng.randrange(len(rows))
            rows[i], rows[j] = rows[j], rows[i]
        rows = rows if change >= 3 else sorted(rows)
        table = forge.Rows(table.kind, rows)
        setattr(ledger, member, table)
        ledger.statements = list(ledger.statements)
        ledger.statements[statement] = ledger.statements[statement] | {of: table.reference()}
    elif how < 0.95:
        index = rng.randrange(len(ledger.statements))
        ledger.erased ^= {index}
    else:
        ledger.extra = [rng.randrange(len(ledger.statements))]
    return ledger


def reseal(proof, signer):
    """Computes the root of a proof's entries and path anew and signs it."""
    origin, size, _ = proof["checkpoint"].split("\n")[:3]
    leaves = [
        (e["index"], v.leaf_hash(e["text"].encode()) if "text" in e else base64.b64decode(e["leaf"]))
        for e in proof["entries"]
    ]
    root = v.batch_inclusion_root(int(size), leaves, [base64.b64decode(h) for h in proof["path"]])
    text = forge.checkpoint_text(origin, int(size), root)
    proof["checkpoint"] = text.decode() + "\n" + signer.sign_note(text)


def mutate_resealed(rng, data, signer):
    """A deep mutation of a proof that the command made."""
    proof = json.loads(data)
    entry = rng.choice([e for e in proof["entries"] if "text" in e])
    entry["text"] = mutate_text(rng, entry["text"].encode(), forge.PRESSES).decode("utf-8", "replace")
    reseal(proof, signer)
    return printed(rng, proof) + b"\n"


# -- Ledgers of the command ----------------------------------------------------------------------


class Command:
    """Ledgers made by the command in WORK-FOLDER, and proofs of them."""

    def __init__(self, deedbook, work):
        self.deedbook, self.work, self.proofs = deedbook, work, []  # (data, question, signer)

    def run(self, *words, ledger=None, stdin=None):
        place = ["--ledger", str(ledger)] if ledger else []
        ran = subprocess.run([self.deedbook, *place, *map(str, words)], input=stdin, capture_output=True, text=True)
        if ran.returncode != 0:
            sys.exit(f"deedbook {words} failed:\n{ran.stderr}")
        return ran.stdout

    def prove(self, ledger, release, works, sources=(), **question):
        path = self.work / "one.proof"
        asked = [word for work in works for word in ("--work", work)]
        self.run("prove", release, *asked, *sources, "-o", path, ledger=ledger)
        private = (ledger / "private/key").read_text().strip().split("+", 4)
        signer = forge.Signer(private[2], v.LOG_TYPE, base64.b64decode(private[4])[1:])
        question = {"key": signer.verifier_key, **question}
        self.proofs.append((path.read_bytes(), question, signer))
        self.proofs.append((path.read_bytes(), {**question, "release": release, "works": works or None}, signer))
        self.proofs.append((path.read_bytes(), {**question, "at": "2020-01-01"}, signer))

    def demo(self):
        ledger = self.work / "demo"
        self.run("demo", ledger)
        self.prove(ledger, "songs@2026-01", ["isrc:QZDEE2600003"])
        lines = self.run("show", "songs@2026-01", "--works", ledger=ledger).splitlines()
        works = [i for line in lines for i in json.loads(line).get("identifiers", []) if v.class_of(i) != "party"]
        self.prove(ledger, "songs@2026-01", works[:12] + ["isrc:QZDEE2699999", "isbn:9780306406157"])

    def books(self):
        """Contracts asserted, evidenced and signed; open licences; several layers and releases; refusals; files."""
        ledger = self.work / "books"
        self.run("init", ledger, "--origin", "lab.example/books")
        vkey = json.loads(self.run("--json", "log", "status", ledger=ledger))["verifier_key"]
        self.run(
            "dataset",
            "new",
            "books",
            "--use",
            "generative-training",
            "--purpose",
            "research",
            "--layer",
            "text",
            "--model",
            "reader@1",
            "--territory",
            "DE",
            ledger=ledger,
        )
        self.run(
            "dataset",
            "new",
            "songs",
            "--use",
            "tdm",
            "--purpose",
            "research",
            "--layer",
            "master",
            "--layer",
            "composition",
            ledger=ledger,
        )
        base = {
            "basis": "contract", "layers": ["text"], "licence": "LicenseRef-x", "uses": ["tdm"], "purposes": ["research"],
            "territories": ["worldwide"], "valid_from": "2020-01-01", "licensee": {"name": "Lab"},
            "licensor": {"name": "North"},
        }  # fmt: skip
        isbns = [f"isbn:{isbn13(978000000000 + i)}" for i in range(60)]
        grants = [
            {"id": "north", "subject": {"works": isbns[:20]}},
            {
                "id": "party",
                "subject": {"party": "South"},
                "evidence": [{"digest": "sha256:" + "0" * 64, "what": "contract"}],
            },
            {"id": "songs", "subject": {"works": ["isrc:QZDEE2600001", "isrc:QZDEE2600002"]}, "layers": ["master"]},
            {"id": "tunes", "subject": {"works": ["iswc:T0345246801"]}, "layers": ["composition"]},
        ]
        for grant in grants:
            path = self.work / "terms.json"
            path.write_text(json.dumps(base | grant))
            self.run("grant", "add", path, ledger=ledger)
        press = forge.PRESSES[0]
        catalogue = self.work / "signed.csv"
        catalogue.write_text("isbn\n" + "".join(i.removeprefix("isbn:") + "\n" for i in isbns[20:30]))
        rows = forge.Rows(v.CATALOGUE, sorted((v.work_key(i), n) for n, i in enumerate(isbns[20:30], 1)))
        log = "+".join(vkey.split("+")[:2])
        terms = base | {
            "id": "signed", "licensee": {"log": log, "name": "Lab"}, "subject": {"catalogue": rows.reference()},
            "licensor": {"ids": ["id:example/south"], "key": press.verifier_key, "name": "Signed Press"},
        }  # fmt: skip
        path = self.work / "signed.json"
        path.write_text(forge.envelope("urn:deedbook:grant:v1", "signed", terms, press))
        self.run("grant", "add", path, "--catalogue", catalogue, ledger=ledger)
        lines = ["title,author,isbn,issn,licence,blake3"]
        for n, isbn in enumerate(isbns[:50]):
            author, licence = (
                ("South" if 30 <= n < 36 else "North"),
                ("CC-BY-4.0" if 36 <= n < 42 else "CC-BY-ND-4.0" if n > 46 else ""),
            )
            lines.append(
                f"Book {n},{author},{isbn[5:]},{'0317-8471' if n % 7 == 0 else ''},{licence},{'ab%062x' % n if n % 3 == 0 else ''}"
            )
        works = self.work / "works.csv"
        works.write_text("\n".join(lines[:30]) + "\n")
        self.run("admit", "books", works, ledger=ledger)
        self.run("seal", "books", "1", ledger=ledger)
        works.write_text("\n".join(lines) + "\n")
        self.run("admit", "books", works, ledger=ledger)
        songs = self.work / "songs.csv"
        songs.write_text(
            "title,isrc,iswc\nA,QZDEE2600001,T0345246801\nB,QZDEE2600002,T0345246801\nC,QZDEE2600003,T0345246801\n"
        )
        self.run("admit", "songs", songs, ledger=ledger)
        self.run("seal", "songs", "1", ledger=ledger)
        self.run("seal", "books", "2.0-b", ledger=ledger)
        self.run("dataset", "new", "empty", "--use", "tdm", "--purpose", "research", "--layer", "text", ledger=ledger)
        self.run("seal", "empty", "1", ledger=ledger)
        trust = {"licensors": self.licensors(press.verifier_key)}
        self.prove(ledger, "books@1", [isbns[0]])
        self.prove(ledger, "books@1", [isbns[59]])
        self.prove(ledger, "books@2.0-b", isbns, **trust)
        self.prove(ledger, "books@2.0-b", [isbns[i] for i in (3, 21, 22, 31, 37, 48)] + ["issn:03178471"], **trust)
        self.prove(ledger, "books@2.0-b", [], [works])
        self.prove(ledger, "books@2.0-b", [isbns[25]], **trust)
        self.prove(ledger, "songs@1", ["isrc:QZDEE2600001", "iswc:T0345246801", "isrc:QZDEE2600009"])
        self.prove(ledger, "empty@1", ["isrc:QZDEE2600001"])

    def files(self):
        """A folder of files, by their digests and their own licences."""
        ledger, examples = self.work / "files", HERE.parent.parent / "examples/works"
        self.run("init", ledger, "--origin", "lab.example/files")
        self.run(
            "dataset",
            "new",
            "songs",
            "--use",
            "generative-training",
            "--purpose",
            "research",
            "--layer",
            "master",
            ledger=ledger,
        )
        self.run("admit", "songs", examples / "songs", "--catalogue", examples / "songs.csv", "--sha256", ledger=ledger)
        self.run("seal", "songs", "1", ledger=ledger)
        self.prove(ledger, "songs@1", [], [examples / "songs"])

    def licensors(self, vkey):
        path = self.work / "licensors"
        path.write_text(f"# keys\n\nlicensor id:example/south {vkey}\n")
        return str(path)


def isbn13(twelve):
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(str(twelve)))
    return f"{twelve}{-total % 10}"


# -- Questions over ledgers of forge.py ----------------------------------------------------------


SPELLINGS = [  # of policies and licensors files
    ("\n", "\r\n"), ("\n", "\n  # comment\n"), ("\n", "\n# comment\n"), ("\n", "\n \t\n"), (" ", "\t"), (" ", "  "), (" ", "\u00a0"),
    (" ", "\x1c"), (" ", "\x0b"), (" ", "\x85"), ("\n", " # comment\n"), ("\n", " https://a.example\n"), ("\n", "\n" * 3999),
    ("any", "0"), ("any", "01"), ("any", "4"), ("any n0", "any n0 n0"), ("group g", "group none"), ("quorum g", "quorum n9"),
    ("quorum", "group h all g\nquorum"), ("quorum", "quorum none\nquorum"), ("witness n1", "witness n0"), ("log", "LOG"), ("+Ab", "+BL"),
    ("licensor", "licensor isbn:9780306406157"), ("id:example", "isbn:9780306406157#"), ("not-after 2026", "not-after 1026"), ("not-after ", ""),
]  # fmt: skip


class Questions:
    """Policies and licensors files, written once each; sometimes broken, which must be trouble for both."""

    def __init__(self, rng, work):
        self.rng, self.work, self.written = rng, work, {}

    def file(self, text):
        if text not in self.written:
            path = self.work / f"trust-{len(self.written)}"
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            self.written[text] = str(path)
        return self.written[text]

    def broken(self, text):
        if self.rng.random() > 0.06:
            return text
        if self.rng.random() < 0.5:
            old, new = self.rng.choice(SPELLINGS)
            return text.replace(old, new, 1)
        data = mutate_bytes(self.rng, text.encode(), [text.encode()])
        return data.decode("utf-8", "surrogateescape")

    def policy(self, witnesses):
        rng = self.rng
        lines = [f"log {forge.LAB.verifier_key}"]
        witnesses = rng.sample(witnesses, len(witnesses))
        if rng.random() < 0.1:
            lines.insert(rng.randrange(2), f"log {forge.NEXT.verifier_key}")
        lines += [f"witness n{i} {w.verifier_key}" for i, w in enumerate(witnesses)]
        names = " ".join(f"n{i}" for i in range(len(witnesses)))
        if witnesses:
            lines += [f"group g {rng.choice(['any', 'all', '1', str(len(witnesses))])} {names}"]
        lines += [f"quorum {rng.choice(['g', 'g', 'n0', 'none']) if witnesses else 'none'}"]
        if rng.random() < 0.03:
            rng.shuffle(lines)
        return self.file(self.broken("\n".join(lines) + "\n"))

    def licensors(self):
        rng = self.rng
        lines = []
        for press in [*forge.PRESSES, forge.HOLDER]:
            for party in rng.sample([*forge.PARTIES, "id:example/x"], 2):
                after = rng.choice(["", "", " not-after 2026-03-03", " not-after 2030-01-01"])
                lines.append(f"licensor {party} {press.verifier_key}{after}")
        rng.shuffle(lines)
        return self.file(self.broken("\n".join(lines) + "\n"))

    def ask(self, witnesses, claims):
        rng, question = self.rng, {}
        if witnesses or rng.random() < 0.3:
            question["policy"] = self.policy(witnesses)
        else:
            question["key"] = forge.LAB.verifier_key
        if rng.random() < 0.6:
            question["licensors"] = self.licensors()
        if rng.random() < 0.2:
            question["release"] = rng.choice(["books@1", "books@1", "books@2"])
        if rng.random() < 0.3:
            asked = [i for claim in claims for i in claim]
            question["works"] = rng.sample(asked, rng.randint(1, len(asked))) + (
                [rng.choice(forge.POOL)] if rng.random() < 0.1 else []
            )
        if rng.random() < 0.2:
            question["at"] = rng.choice(["2026-03-02", "2026-03-05", "2026-03-20", "2027-06-01", "2025-01-01"])
        return question


def cases(rng, command, questions, count):
    """(data, question) of COUNT files."""
    made = command.proofs
    files = [data for data, _, _ in made]
    yield from ((data, question) for data, question, _ in made)
    done = len(made)
    recent = list(files)
    while done < count:
        if rng.random() < 0.25:
            data, question, signer = rng.choice(made)
            how = rng.random()
            yield (mutate_file(rng, data, files) if how < 0.5 else mutate_resealed(rng, data, signer)), question
            done += 1
            continue
        maker = forge.Maker(rng)
        for _ in range(2):
            claims = [rng.sample(forge.POOL, rng.choice([1, 1, 1, 2, 4])) for _ in range(rng.randint(1, 4))]
            question = questions.ask(maker.witnesses, claims)
            honest = maker.ledger.prove(claims)
            recent = [*recent[-50:], honest]
            yield honest, question
            for _ in range(3):
                yield mutate_ledger(rng, maker.ledger).prove(claims), question
            for _ in range(2):
                yield mutate_file(rng, honest, recent), question
            done += 6


# -- Comparing -----------------------------------------------------------------------------------


def ask_command(deedbook, path, question):
    words = [deedbook, "verify", path, "--json"]
    for name in ("key", "policy", "licensors", "release", "at"):
        if question.get(name):
            words += [f"--{name}", question[name]]
    for work in question.get("works") or []:
        words += ["--work", work]
    ran = subprocess.run(words, capture_output=True)
    if ran.returncode == 2:
        return {"error": ran.stderr.decode()}
    if ran.returncode not in (0, 1):
        return {"crash": ran.stderr.decode()}
    report = json.loads(ran.stdout)
    return report if report["valid"] == (ran.returncode == 0) else {"crash": "exit code and `valid` differ"}


def differ(ours, theirs):
    """What two answers disagree about, or None."""
    if "crash" in theirs:
        return "crash"
    if ("error" in ours) != ("error" in theirs):
        return "trouble"
    if "error" in ours:
        return None
    if ours["valid"] != theirs["valid"]:
        return "validity"
    names = (ours.keys() | theirs.keys()) - {"reason"}
    found = sorted(name for name in names if ours.get(name) != theirs.get(name))
    return ", ".join(found) or None


def excerpt(answer, what):
    names = ["reason", "error", "crash", "valid", *what.split(", ")]
    return json.dumps({name: answer[name] for name in names if name in answer}, ensure_ascii=False)[:1500]


def main():
    deedbook, work = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    started = time.time()
    (work / "files").mkdir(parents=True)
    (work / "made").mkdir()
    command = Command(deedbook, work / "made")
    command.demo()
    command.books()
    command.files()

    asked, paths = [], []
    with open(work / "batch.jsonl", "w") as batch:
        for n, (data, question) in enumerate(cases(rng, command, Questions(rng, work), count)):
            path = work / "files" / f"{n}.proof"
            path.write_bytes(data)
            asked.append(question)
            paths.append(str(path))
            batch.write(json.dumps({"proof": str(path), **question}) + "\n")
    print(f"{len(paths)} proof files made in {time.time() - started:.0f}s")

    started = time.time()
    with open(work / "second.jsonl", "w") as answers:
        second = subprocess.Popen([sys.executable, HERE / "verify.py", "--batch", work / "batch.jsonl"], stdout=answers)
    with ThreadPoolExecutor(2) as pool:
        theirs = list(pool.map(lambda p: ask_command(deedbook, *p), zip(paths, asked)))
    if second.wait() != 0:
        sys.exit("verify.py failed")
    ours = [json.loads(line) for line in (work / "second.jsonl").read_text().split("\n")[:-1]]
    print(f"verified by both in {time.time() - started:.0f}s")

    outcomes, works, disagreements = Counter(), Counter(), []
    for path, question, mine, its in zip(paths, asked, ours, theirs, strict=True):
        outcomes["trouble" if "error" in mine else "valid" if mine["valid"] else "invalid"] += 1
        for answer in mine.get("present", []) + mine.get("absent", []):
            works[f"{answer['verdict']} {answer['standing'] or '-'}"] += 1
        what = differ(mine, its)
        if what:
            disagreements.append((what, path, question, mine, its))
    print("files:", ", ".join(f"{n} {what}" for what, n in outcomes.most_common()))
    print("answers:", ", ".join(f"{n} {what}" for what, n in works.most_common()))
    reasons = Counter(mine["reason"] for mine in ours if mine.get("reason"))
    print(f"{len(reasons)} different reasons to refuse a file")
    shown = Counter()
    for what, path, question, mine, its in disagreements:
        shown[what] += 1
        if shown[what] > 3:
            continue
        print(f"\nDISAGREEMENT about {what}: {path}\n  asked {json.dumps(question)}")
        for who, answer in (("verify.py", mine), ("deedbook", its)):
            print(f"  {who}: {excerpt(answer, what)}")
    if disagreements:
        sys.exit(f"\n{len(disagreements)} disagreements: {Counter(d[0] for d in disagreements)}")
    for path in paths:
        Path(path).unlink()
    print("no disagreement")


if __name__ == "__main__":
    main()
