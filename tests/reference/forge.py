"""Ledgers of every kind of statement, made in Python, and proofs over them; for compare.py.

The command writes no runs and erasures yet, and never lies. A `Ledger` here
is a list of entries under a key that this file knows, so that anything can stand in it and still be signed: every
proof that it makes leads to a signed checkpoint, whatever was done to the entries or to the rows of its tables.

Builders only: what counts as valid is decided by the two verifiers. Hashes and rows are those of verify.py.
"""

import base64
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import verify as v

DAY = 86_400
START = 1_767_225_600  # 2026-01-01T00:00:00Z


def b64(data):
    return base64.b64encode(data).decode()


@dataclass(frozen=True)
class Signer:
    """A key with its seed."""

    name: str
    type: int
    seed: bytes

    @property
    def private(self):
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def key(self):
        return v.Key(self.name, self.type, self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def verifier_key(self):
        return f"{self.name}+{self.key.id.hex()}+{b64(bytes([self.type]) + self.key.public)}"

    def line(self, signature):
        return f"\u2014 {self.name} {b64(self.key.id + signature)}\n"

    def sign_note(self, text):
        return self.line(self.private.sign(text))

    def cosign(self, text, time):
        message = b"cosignature/v1\ntime %d\n" % time + text
        return self.line(time.to_bytes(8, "big") + self.private.sign(message))


def checkpoint_text(origin, size, root):
    return f"{origin}\n{size}\n{b64(root)}\n".encode()


def envelope(predicate_type, name, predicate, signer):
    payload = v.print_json(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "predicate": predicate,
            "predicateType": predicate_type,
            "subject": [{"digest": {"sha256": v.sha256(v.print_json(predicate)).hex()}, "name": name}],
        }
    )
    message = b"DSSEv1 28 application/vnd.in-toto+json %d " % len(payload) + payload
    return v.print_json(
        {
            "payload": b64(payload),
            "payloadType": v.PAYLOAD_TYPE,
            "signatures": [{"keyid": signer.key.id.hex(), "sig": b64(signer.private.sign(message))}],
        }
    ).decode()


# -- Trees ---------------------------------------------------------------------------------------


def subtree(leaves, a, b):
    if b - a == 1:
        return leaves[a]
    k = a + v.largest_power_below(b - a)
    return v.node_hash(subtree(leaves, a, k), subtree(leaves, k, b))


def batch_path(leaves, indices):
    def walk(a, b):
        if not any(a <= i < b for i in indices):
            return [subtree(leaves, a, b)]
        if b - a == 1:
            return []
        k = a + v.largest_power_below(b - a)
        return walk(a, k) + walk(k, b)

    return walk(0, len(leaves))


def consistency_path(leaves, small):
    """RFC 9162, 2.1.4.1."""

    def sub(m, a, b, whole):
        if m == b - a:
            return [] if whole else [subtree(leaves, a, b)]
        k = v.largest_power_below(b - a)
        if m <= k:
            return [*sub(m, a, a + k, whole), subtree(leaves, a + k, b)]
        return [*sub(m - k, a + k, b, False), subtree(leaves, a, a + k)]

    return sub(small, 0, len(leaves), True)


class Rows:
    """A table as a prover has it: all rows, in whatever order it pleases."""

    def __init__(self, kind, rows):
        self.kind, self.rows = kind, rows
        n = len(rows)
        width = 1 << (n - 1).bit_length() if n else 0
        lowest = 2 * n - width
        self.place = [width - 1 + p if p < lowest else n - 1 + p - lowest for p in range(n)]
        self.nodes = [None] * (2 * n - 1)
        for place, row in zip(self.place, rows):
            self.nodes[place] = v.row_leaf(row)
        for i in range(n - 2, -1, -1):
            self.nodes[i] = v.row_merge(self.nodes[2 * i + 1], self.nodes[2 * i + 2])

    def reference(self):
        top = self.nodes[0][0] + self.nodes[0][1] if self.rows else bytes(64)
        return {"count": len(self.rows), "root": b64(v.rows_root(self.kind, len(self.rows), top))}

    def values(self, key):
        return [value for k, value in self.rows if k == key]

    def disclose(self, keys, statement):
        positions = set()
        for key in keys:
            own = [p for p, (k, _) in enumerate(self.rows) if k == key]
            low = own[0] - 1 if own else max((p for p, (k, _) in enumerate(self.rows) if k < key), default=-1)
            positions.update(own, (low, own[-1] + 1 if own else low + 1))
        positions = sorted(p for p in positions if 0 <= p < len(self.rows))
        known = {self.place[p] for p in positions}
        proof = []
        for i in range(len(self.nodes) - 1, 0, -1):  # descending in tree index
            if i in known or (i - 1 if i % 2 == 0 else i + 1) in known:
                if i not in known:
                    proof.append(i)
                known.add((i - 1) // 2)
        return {
            "proof": [b64(b"".join(self.nodes[i])) for i in sorted(proof, reverse=True)],
            "rows": [{"key": b64(self.rows[p][0]), "position": p, "value": self.rows[p][1]} for p in positions],
            "statement": statement,
        }


# -- Ledgers -------------------------------------------------------------------------------------

LAB = Signer("lab.example/deeds", v.LOG_TYPE, bytes([1]) * 32)
NEXT = Signer("lab.example/deeds", v.LOG_TYPE, bytes([9]) * 32)  # the key after a rotation
WITNESSES = [Signer(f"w{i}.example", v.WITNESS_TYPE, bytes([0x30 + i]) * 32) for i in range(3)]
PRESSES = [Signer(f"press{i}.example", v.LOG_TYPE, bytes([0x40 + i]) * 32) for i in range(2)]
HOLDER = Signer("holder.example", v.LOG_TYPE, bytes([0x50]) * 32)

POOL = [
    "isbn:9780306406157", "isbn:9780262033848", "isbn:9780131103627", "issn:03178471", "iswc:T0345246801",
    "isrc:QZDEE2600003", "doi:10.1000/182", "id:shop/a/b", "grid:A12425GABC1234002M", "jamendo:17",
    "eidr:10.5240/7791-8534-2C23-9030-8610-5", "mbid-work:0a1b2c3d-0000-1111-2222-333344445555",
    "blake3:" + "a1" * 32, "sha256:" + "b2" * 32, "url:https://a.example/x", "upc:00012345600012", "asin:B000000000",
]  # fmt: skip
PARTIES = ["isni:000000012146438X", "id:example/south", "ipi:00012345678"]
OPEN = "CC-BY-4.0"


@dataclass
class Ledger:
    """Entries, what the tables hold, and the questions that a proof of it answers."""

    statements: list = field(default_factory=list)  # objects; None: its text does not matter
    texts: dict = field(default_factory=dict)  # index: bytes that stand instead of the statement's
    erased: set = field(default_factory=set)
    times: dict = field(default_factory=dict)  # size: {witness: time} of a checkpoint
    catalogues: dict = field(default_factory=dict)  # grant's index: Rows
    names: dict = field(default_factory=dict)  # signed grant's index: name
    signers: tuple = (LAB,)
    tables: bool = True  # whether catalogues' look-ups are given
    release: int = None
    state: int = None
    release_rows: Rows = None
    register: Rows = None
    extra: list = field(default_factory=list)  # entries that are disclosed although nothing asks for them

    def leaves(self):
        return [v.leaf_hash(self.text(i)) for i in range(len(self.statements))]

    def text(self, index):
        return self.texts[index] if index in self.texts else v.print_json(self.statements[index])

    def note(self, size, leaves):
        text = checkpoint_text(LAB.name, size, subtree(leaves[:size], 0, size))
        lines = [signer.sign_note(text) for signer in self.signers]
        lines += [witness.cosign(text, time) for witness, time in self.times.get(size, {}).items()]
        return text.decode() + "\n" + "".join(lines)

    def prove(self, claims):
        claims = sorted(map(sorted, claims), key=lambda c: [i.encode() for i in c])
        claims = [c for i, c in enumerate(claims) if i == 0 or c != claims[i - 1]]
        asked = {i for claim in claims for i in claim}
        entries, texts, catalogue_keys = {0, self.release, self.state}, [], {}
        dataset = self.statements[self.release]["dataset"]
        name = self.statements[dataset]["id"]

        def register(text):
            texts.append(text)
            found = self.register.values(v.register_key(text))
            entries.update(i for i in found if i < len(self.statements))
            return found

        def about(index, seen=()):
            for other in register(f"entry:{index}"):
                if other in self.erased and other not in seen:
                    about(other, (*seen, other))

        register(f"dataset:{name}")
        register(f"release:{name}@{self.statements[self.release]['version']}")
        about(dataset)
        for identifier in asked:
            for index in self.release_rows.values(v.work_key(identifier)):
                if index >= len(self.statements):
                    continue
                entries.add(index)
                about(index)
                admission = self.statements[index]
                if index in self.erased or admission["kind"] != "admission":
                    continue
                for layer in self.statements[dataset]["layers"]:
                    grant = admission.get("grants", {}).get(layer)
                    if grant is None:
                        continue
                    entries.add(grant)
                    register(f"grant:{self.grant_name(grant)}")
                    about(grant)
                    if grant in self.catalogues and self.tables:
                        catalogue_keys.setdefault(grant, set()).add(v.work_key(identifier))
        tables = [
            self.release_rows.disclose([v.work_key(i) for i in asked], self.release),
            self.register.disclose([v.register_key(t) for t in texts], self.state),
            *(self.catalogues[g].disclose(keys, g) for g, keys in catalogue_keys.items()),
        ]
        entries = sorted(entries | {dataset} | set(self.extra))
        leaves = self.leaves()
        size = len(leaves)
        proof = {
            "checkpoint": self.note(size, leaves),
            "claims": [{"identifiers": claim} for claim in claims],
            "entries": [
                {"index": i, "leaf": b64(leaves[i])}
                if i in self.erased
                else {"index": i, "text": self.text(i).decode()}
                for i in entries
            ],
            "format": "deedbook-proof/v1",
            "path": [b64(h) for h in batch_path(leaves, entries)],
            "tables": sorted(tables, key=lambda t: t["statement"]),
        }
        anchors = [s for s in sorted(self.times) if s < size]
        if anchors:
            proof["anchors"] = [
                {"note": self.note(s, leaves), "path": [b64(h) for h in consistency_path(leaves, s)]} for s in anchors
            ]
        return v.print_json(proof) + b"\n"

    def grant_name(self, index):
        grant = self.statements[index]
        if "terms" in grant:
            return grant["terms"]["id"]
        return self.names.get(index, "none")


class Maker:
    """A random ledger. Mostly honest: a few choices are those of a lab that cheats or errs."""

    def __init__(self, rng):
        self.rng, self.ledger, self.now = rng, Ledger(), START + 60 * DAY
        self.register_rows, self.seen = [], {}
        self.witnesses = rng.choice([[], [], WITNESSES[:1], WITNESSES])
        self.make()

    def chance(self, p):
        return self.rng.random() < p

    def some(self, items, least=1):
        return sorted(self.rng.sample(items, self.rng.randint(least, len(items))), key=str.encode)

    def add(self, kind, texts=(), **members):
        members = {k: x for k, x in members.items() if x not in (None, [], {}, "")}
        index = len(self.ledger.statements)
        self.now += self.rng.choice([0, 1, 3600, DAY])
        salt = b64(v.sha256(b"%d" % index)[:16])
        self.ledger.statements.append({"at": v.print_time(self.now), "kind": kind, "salt": salt, "v": 1, **members})
        self.register_rows += [(v.register_key(text), index) for text in texts]
        if self.witnesses and self.chance(0.15):
            self.checkpoint()
        return index

    def checkpoint(self):
        """Sometimes a witness's clock is off."""
        times = {}
        for witness in self.witnesses:
            if self.chance(0.9):
                times[witness] = self.now + self.rng.choice(
                    [0, 0, 60, 2 * DAY, 2 * DAY, -30 if self.chance(0.05) else 5]
                )
        self.ledger.times[len(self.ledger.statements)] = times

    def day(self, *offsets):
        return v.print_time(START + self.rng.choice(offsets) * DAY)[:10]

    def terms(self, number, need):
        rng = self.rng
        subject = rng.choice(["catalogue", "catalogue", "catalogue", "licence", "party"])
        terms = {
            "basis": "contract",
            "id": f"grant-{number}",
            "layers": need["layers"] if self.chance(0.93) else self.some(v.LAYERS),
            "licence": "LicenseRef-x",
            "licensee": {"name": "Example Lab"},
            "licensor": {"name": f"Press {number}"},
            "purposes": self.some(v.PURPOSES, 3) if self.chance(0.1) else [need["purpose"]],
            "territories": ["worldwide"] if self.chance(0.93) else self.some(["DE", "FR", "GB", "worldwide"]),
            "uses": ["tdm", *(u for u in need["uses"] if u not in v.CONTAINED["tdm"] and u != "tdm")]
            if self.chance(0.93)
            else self.some(v.USES),
            "valid_from": self.day(0, 0, 0, 0, 0, 0, 61, 64),
        }
        terms["uses"] = sorted(set(terms["uses"]))
        if self.chance(0.3):
            terms["valid_to"] = self.day(365, 365, 70, 75, 66)
        if self.chance(0.1):
            terms["not_uses"] = self.some(["evaluation", "redistribution", "synthetic-generation", "tdm"])
        if self.chance(0.05):
            terms["not_territories"] = self.some(["DE", "IT", "worldwide"])
        if self.chance(0.2):
            terms["models"] = rng.choice([{"names": ["reader"]}, {"names": ["reader", "writer"]}, {"versions": 1}])
        if self.chance(0.3):
            terms["evidence"] = [{"digest": "sha256:" + "0" * 64}]
        terms["subject"] = {"licence": OPEN} if subject == "licence" else {"party": rng.choice(["North", PARTIES[1]])}
        if subject == "catalogue":
            rows = Rows(v.CATALOGUE, sorted((v.work_key(i), n) for n, i in enumerate(self.some(POOL, 10), 1)))
            terms["subject"] = {"catalogue": rows.reference()}
            return terms, rows
        return terms, None

    def make(self):
        rng, ledger = self.rng, self.ledger
        self.add("ledger", origin=LAB.name)
        need = {
            "layers": self.some(["master", "text"]),
            "uses": self.some(["ai-training", "evaluation", "generative-training", "tdm"]),
            "purpose": rng.choice(v.PURPOSES[:3]),
            "territories": rng.choice([[], ["DE"], ["DE", "FR"], ["worldwide"]]),
            "models": rng.choice([[], ["reader@1"], ["reader@1", "writer@2"]]),
        }
        dataset = self.add("dataset", ["dataset:books"], id="books", title="B" if self.chance(0.5) else None, **need)
        other = (
            self.add("dataset", ["dataset:other"], id="other", layers=["text"], purpose="research", uses=["tdm"])
            if self.chance(0.3)
            else None
        )
        grants = []
        for number in range(rng.randint(1, 4)):
            terms, rows = self.terms(number, need)
            texts = [f"grant:{terms['id']}"]
            if self.chance(0.5):
                press = rng.choice(PRESSES)
                terms["licensee"]["log"] = f"{LAB.name}+{LAB.key.id.hex() if self.chance(0.98) else '00000000'}"
                terms["licensor"] |= {"ids": sorted([rng.choice(PARTIES), "id:example/x"]), "key": press.verifier_key}
                index = self.add("grant", texts, envelope=envelope("urn:deedbook:grant:v1", terms["id"], terms, press))
                ledger.names[index] = terms["id"]
                if rows:
                    ledger.catalogues[index] = rows
            else:
                index = self.add("grant", texts, terms=terms)
            grants.append(index)
        admissions = {}
        for _ in range(rng.randint(1, 8)):
            identifiers = self.some([i for i in POOL if v.scheme_of(i) not in v.DIGEST_SCHEMES])[
                : rng.choice([0, 1, 1, 2, 3])
            ]
            digests = self.some(POOL[12:14]) if self.chance(0.4) or not identifiers else []
            parties = [{"name": rng.choice(["North", "South"]), **({"ids": [PARTIES[1]]} if self.chance(0.4) else {})}]
            index = self.add(
                "admission",
                dataset=dataset,
                embodiments=[{"digest_by": "deedbook", "digests": digests}] if digests else None,
                grants={layer: rng.choice(grants) for layer in need["layers"] if self.chance(0.98)},
                identifiers=sorted([*identifiers, *([PARTIES[0]] if self.chance(0.2) else [])], key=str.encode),
                licence={"raw": "x", "source": "y", "spdx": OPEN} if self.chance(0.6) else None,
                override={"because": "b", "by": "c", "codes": ["no-grant"]} if self.chance(0.1) else None,
                parties=parties if self.chance(0.7) else None,
                used_from=self.day(30, 58, 60) if self.chance(0.15) else None,
            )
            admissions[index] = [*identifiers, *digests]
        everything = dict(admissions)
        for _ in range(rng.choice([0, 0, 1])):
            index = rng.choice(list(admissions))
            self.say_removed(dataset, index)
            if not self.chance(0.1):
                admissions.pop(index, None)
            if not admissions:
                break
        rows = sorted({(v.work_key(i), index) for index, by in admissions.items() for i in by})
        ledger.release_rows = Rows(v.RELEASE, rows)
        ledger.release = self.add(
            "release", ["release:books@1"], bytes=0, completeness="all-admissions", dataset=dataset, keying="plain",
            log_size=len(ledger.statements), rows=ledger.release_rows.reference(), version="1", works=len(admissions),
        )  # fmt: skip
        for _ in range(rng.choice([0, 1, 3])):
            self.say_later(dataset, grants, list(everything))
        if other is not None and self.chance(0.3):
            self.add(
                "grant",
                [f"grant:{ledger.grant_name(grants[0])}"] if self.chance(0.3) else ["grant:late"],
                terms=self.terms(99, need)[0] | {"id": "late"},
            )
        ledger.register = Rows(v.REGISTER, sorted(set(self.register_rows)))
        size = len(ledger.statements)
        ledger.state = self.add("state", log_size=size, register=ledger.register.reference())
        for _ in range(rng.choice([0, 0, 1, 2])):
            self.add("admission", dataset=dataset, identifiers=["isbn:9780306406157"])
        if self.witnesses:
            self.checkpoint()
        sizes = sorted(s for s in ledger.times if s < len(ledger.statements))
        for size in sizes[: max(0, len(sizes) - (4 if not self.chance(0.05) else 5))]:
            del ledger.times[size]
        ledger.tables = self.chance(0.7)
        ledger.signers = self.rng.choice([(LAB,)] * 8 + [(LAB, NEXT), (NEXT, LAB)])

    def say_removed(self, dataset, index):
        if self.chance(0.5):
            self.add(
                "withdrawal", [f"entry:{dataset}"], because="x", dataset=dataset, entries=[{"count": 1, "first": index}],
                note="y" if self.chance(0.3) else None,
            )  # fmt: skip
        else:
            self.add("erasure", [f"entry:{index}"], because="x", entry=index)
            if self.chance(0.9):
                self.ledger.erased.add(index)

    def say_later(self, dataset, grants, admissions):
        about = self.rng.choice([dataset, *grants, *admissions, *admissions])
        kind = self.rng.choice(["grant-end", "grant-end", "dispute", "correction", "erasure", "withdrawal", "run"])
        text = [f"entry:{about}"]
        if kind == "grant-end":
            grant = self.rng.choice(grants)
            self.add(kind, [f"entry:{grant}"], because="x", effective=self.day(61, 63, 66, 70, 400), grant=grant)
        elif kind == "dispute":
            leaf = b64(self.ledger.leaves()[about if self.chance(0.97) else 0])
            origin = LAB.name if self.chance(0.97) else "other.example"
            claim = {"claim": "no", "entry": about, "leaf": leaf, "name": "H", "origin": origin}
            if self.chance(0.7):
                claim["ids"] = sorted({self.rng.choice(PARTIES), self.rng.choice([*PARTIES, "id:example/x"])})
            signer = self.rng.choice([HOLDER, *PRESSES])
            index = self.add(kind, text, envelope=envelope("urn:deedbook:dispute:v1", "d", claim, signer))
            if self.chance(0.4):
                self.add("erasure", [f"entry:{index}"], because="x", entry=index)
                self.ledger.erased.add(index)
        elif kind == "correction":
            title = "Y" if self.chance(0.6) else None
            parties = [{"name": "P", "role": "author"}, {"ids": [PARTIES[0]], "name": "Q"}] if self.chance(0.5) else []
            self.add(kind, text, because="x", entry=about, title=title, parties=parties)
        elif kind == "erasure":
            about = self.rng.choice(admissions)
            self.add(kind, [f"entry:{about}"], because="x", entry=about)
            self.ledger.erased.add(about)
        elif kind == "withdrawal":
            self.say_removed(dataset, self.rng.choice(admissions))
        else:
            release = self.ledger.release
            self.add(
                kind, ["run:reader@1", f"entry:{release}"], start=v.print_time(self.now), end=v.print_time(self.now),
                model="reader@1", purpose="research", releases=[release], uses=["tdm"],
            )  # fmt: skip
