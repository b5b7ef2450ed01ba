#!/usr/bin/env python3
"""A second verifier of Deedbook's proof, fork and lie files, written from docs/formats and the public
specifications alone, so that the two can be held against each other (compare.py does).

    verify.py PROOF (--key VKEY | --policy FILE) [--licensors FILE]
              [--release D@V] [--work ID ...] [--at DATE] [--json]
    verify.py --batch FILE.jsonl

Exit code 0: valid; 1: invalid, or evidence of a fork or a lie; 2: trouble (a wrong option, a file that cannot be read).

`--json` prints what docs/formats/json.md says of `verify`, with the same members and words;
only `reason` is in this program's own words.  Works are asked by canonical identifiers: no
catalogues are read and no spelling is made canonical.

`--batch` reads lines {"proof": PATH, "key": VKEY or "policy": PATH, "licensors": PATH,
"release": D@V, "works": [ID or [ID, ...], ...], "at": DATE}, all but `proof` and one of `key`
and `policy` optional, and prints one line for each: the `--json` object, or {"error": TEXT}.

Left out: members of an envelope that nobody reads and that nest some 900 deep are refused here.

Needs Python 3.11 and the packages `blake3` and `cryptography`.

The sections follow the pages of docs/formats:

     1  README.md      canonical JSON, times, names, identifiers
     2  log.md         keys, notes, checkpoints, cosignatures, policies, tree
     3  rows.md        tables of rows, complete look-ups
     4  grant-terms.md terms, envelopes, disputes, whether terms cover a need
     5  statements.md  what an entry says
     6  register.md    register keys
     7  proof.md       the fourteen steps, verdicts, standing
     8  fork.md lie.md evidence that a log's key has contradicted itself
     9  json.md        what is printed

Everything foreign is refused by raising `Invalid`; wrong input of the auditor's own by `Trouble`.
"""

import argparse
import base64
import binascii
import functools
import hashlib
import json
import re
import sys
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import blake3 as blake3_package
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Invalid(Exception):
    """The proof is not valid."""


class Trouble(Exception):
    """The question cannot be asked: a wrong option, or a file of the auditor's that is none."""


def require(condition, reason):
    if not condition:
        raise Invalid(reason)


def ascend(items):
    """Whether items ascend strictly."""
    return all(a < b for a, b in zip(items, items[1:]))


# ================================================================================================
# 1  README.md: common rules
# ================================================================================================

MAX_INTEGER = 2**53 - 1
MAX_TEXT_LEN = 4096


def sha256(data):
    return hashlib.sha256(data).digest()


def base64_bytes(text, length=None):
    """Standard base64 with padding, unused bits zero."""
    require(isinstance(text, str), "base64 is not a text")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise Invalid("not base64") from None
    require(base64.b64encode(data).decode() == text, "base64 is not in its one spelling")
    require(length is None or len(data) == length, "base64 of another length")
    return data


# -- Canonical JSON ------------------------------------------------------------------------------


class Members(dict):
    """The members of an object, and the names that stood twice."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.twice = set() if len(self) == len(pairs) else {n for n, _ in pairs if sum(m == n for m, _ in pairs) > 1}


def parse_json(text, any_number=False):
    """JSON of texts, lists, objects and integers; of other numbers too, where nobody reads them."""

    def whole(digits):
        require(len(digits) <= 17 and abs(int(digits)) <= MAX_INTEGER, "an integer above 2^53-1")
        return int(digits)

    def with_fraction(digits):
        require(any_number, "a number that is not an integer")
        for run in re.findall("[0-9]+", digits):  # of the fraction and the exponent too
            whole(run)
        return 0.5

    def no_constant(_):
        raise Invalid("a number that JSON does not have")

    try:
        return json.loads(
            text, object_pairs_hook=Members, parse_int=whole, parse_float=with_fraction, parse_constant=no_constant
        )
    except (ValueError, RecursionError):
        raise Invalid("not JSON") from None


def print_json(value):
    """RFC 8785 for the values of section "Canonical JSON": names are ASCII, numbers integers."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    except (UnicodeEncodeError, RecursionError):
        raise Invalid("not canonical JSON") from None


def canonical_json(data):
    """The value of bytes that are exactly what the printer prints of it."""
    try:
        value = parse_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Invalid("not UTF-8") from None
    require(print_json(value) == data, "not canonical JSON")
    return value


# -- Shapes: what members an object has, and what each of them is --------------------------------
#
# A shape is a function that takes a JSON value, raises `Invalid` or returns the value read.


def text(value, limit=MAX_TEXT_LEN):
    require(isinstance(value, str), "not a text")
    require(1 <= len(value.encode("utf-8")) <= limit, "a text is empty or too long")
    return value


def any_text(value):
    require(isinstance(value, str), "not a text")
    return value


def integer(value):
    require(isinstance(value, int) and not isinstance(value, bool), "not an integer")
    require(0 <= value <= MAX_INTEGER, "an integer is out of range")
    return value


def base64_of(length):
    return lambda value: base64_bytes(value, length)


def one_of(words):
    def read(value):
        require(
            isinstance(value, str) and value in words,
            f"not a word of {words[0]}, {words[1]} ..." if len(words) > 1 else f"not {words[0]}",
        )
        return value

    return read


def list_of(shape, least=1, most=None):
    def read(value):
        require(isinstance(value, list), "not a list")
        require(len(value) >= least, "a list is too short, or is there although it is empty")
        require(most is None or len(value) <= most, "a list is too long")
        return [shape(item) for item in value]

    return read


def set_of(shape, least=1, most=None):
    """Ascending without repetition: texts by their bytes, integers by value."""
    items = list_of(shape, least, most)

    def read(value):
        found = items(value)
        order = [item.encode() if isinstance(item, str) else item for item in value]
        require(ascend(order), "a set is out of order or repeats an item")
        return found

    return read


def map_of(key_shape, shape, least=0):
    def read(value):
        require(isinstance(value, dict) and len(value) >= least, "not an object with members")
        return {key_shape(key): shape(item) for key, item in value.items()}

    return read


def shaped(required, optional=None):
    """An object with exactly these members. Absent optional ones are read as None."""
    optional = optional or {}

    def read(value):
        require(isinstance(value, dict), "not an object")
        for name in required:
            require(name in value, f"the member {name} is missing")
        for name in value:
            require(name in required or name in optional, f"the member {name} is unknown")
        out = {name: None for name in optional}
        for name, item in value.items():
            out[name] = (required.get(name) or optional.get(name))(item)
        return out

    return read


# -- Times and dates -----------------------------------------------------------------------------

TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_time(value):
    """Seconds since 1970."""
    require(isinstance(value, str) and TIME.fullmatch(value), "not a time")
    try:
        moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("no such time") from None
    require(value[17:19] < "60", "a leap second")
    return (moment - EPOCH) // timedelta(seconds=1)


def parse_date(value):
    """A `date`."""
    require(isinstance(value, str) and DATE.fullmatch(value), "not a date")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid("no such date") from None


def print_time(seconds):
    moment = EPOCH + timedelta(seconds=seconds)
    return f"{moment.year:04}-" + moment.strftime("%m-%dT%H:%M:%SZ")


def day_of(seconds):
    return (EPOCH + timedelta(seconds=seconds)).date()


# -- Names ---------------------------------------------------------------------------------------

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?")
MODEL_PART = re.compile(r"[!-?A-~]{1,128}")  # 0x21 to 0x7E without `@`
TERRITORY = re.compile(r"[A-Z]{2}|worldwide")


def matching(pattern, what):
    def read(value):
        require(isinstance(value, str) and pattern.fullmatch(value), f"not {what}")
        return value

    return read


name = matching(NAME, "a name")
model_name = matching(MODEL_PART, "a model's name")
territory = matching(TERRITORY, "a territory")


def model(value):
    require(isinstance(value, str) and value.count("@") == 1, "not a model")
    for part in value.split("@"):
        model_name(part)
    return value


def release_name(value):
    require(isinstance(value, str) and value.count("@") == 1, "not a release")
    for part in value.split("@"):
        name(part)
    return value


WHITE_SPACE = re.compile(r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def key_name(value):
    """Of a key, and so of a log: its origin."""
    require(isinstance(value, str) and 1 <= len(value.encode("utf-8")) <= 255, "a key's name is empty or too long")
    require("+" not in value and not WHITE_SPACE.search(value), "white space or + in a key's name")
    require(all(c >= " " for c in value), "a control character in a key's name")
    return value


# -- Identifiers ---------------------------------------------------------------------------------

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def decimal_with_x(character):
    return 10 if character == "X" else int(character)


def gs1(digits):
    return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(reversed(digits))) % 10 == 0


def mod_11(characters):
    return sum((8 - i) * decimal_with_x(c) for i, c in enumerate(characters)) % 11 == 0


def mod_11_2(characters):
    m = 0
    for digit in characters[:15]:
        m = (m + int(digit)) * 2 % 11
    return (m + decimal_with_x(characters[15])) % 11 == 1


def mod_10(characters):
    digits = [int(d) for d in characters[1:]]
    return (1 + sum(i * d for i, d in enumerate(digits[:9], 1)) + digits[9]) % 10 == 0


def mod_37_36(characters):
    p, s = 36, 0
    for character in characters:
        s = (p + ALPHANUMERIC.index(character)) % 36
        p = 2 * (s or 36) % 37
    return s == 1


def any_check(_):
    return True


UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SCHEMES = {  # scheme: class, canonical value, check
    "asin": ("work", r"[0-9A-Z]{10}", any_check),
    "blake3": ("work", r"[0-9a-f]{64}", any_check),
    "doi": ("work", r"10\.[0-9][0-9.]*/(?:[!-$&-@\[-~]|%(?:[01][0-9a-f]|20|25|7f|[89a-f][0-9a-f]))+", any_check),
    "eidr": ("work", r"10\.5240/(?:[0-9A-F]{4}-){5}[0-9A-Z]", lambda v: mod_37_36(v[8:].replace("-", ""))),
    "grid": ("work", r"A1[0-9A-Z]{16}", mod_37_36),
    "id": ("work", r"[^/]+/.+", any_check),
    "ipi": ("party", r"[0-9]{11}", any_check),
    "isbn": ("work", r"97(?:8|9(?!0))[0-9]{10}", gs1),
    "iscc": ("work", r"[A-Z2-7]{10,128}", any_check),
    "isni": ("party", r"[0-9]{15}[0-9X]", mod_11_2),
    "isrc": ("work", r"[A-Z]{2}[0-9A-Z]{3}[0-9]{7}", any_check),
    "issn": ("group", r"[0-9]{7}[0-9X]", mod_11),
    "iswc": ("group", r"T[0-9]{10}", mod_10),
    "jamendo": ("work", r"[1-9][0-9]{0,19}", any_check),
    "mbid-recording": ("work", UUID, any_check),
    "mbid-release": ("group", UUID, any_check),
    "mbid-work": ("work", UUID, any_check),
    "orcid": ("party", r"[0-9]{15}[0-9X]", mod_11_2),
    "sha256": ("work", r"[0-9a-f]{64}", any_check),
    "swhid": ("work", r"swh:1:(?:cnt|dir|rev|rel|snp):[0-9a-f]{40}", any_check),
    "upc": ("group", r"[0-9]{14}", gs1),
    "url": ("work", r"[a-z][a-z0-9+.-]*://.+", any_check),
    "uscopyright": ("group", r"(?=.{12}$)[A-Z]{1,3}[0-9]+", any_check),
}
DIGEST_SCHEMES = ("blake3", "sha256")


@functools.lru_cache(maxsize=100_000)
def is_identifier(value):
    scheme, colon, rest = value.partition(":")
    if not colon or scheme not in SCHEMES or len(value) > 512 or not all("!" <= c <= "~" for c in rest):
        return False
    _, pattern, check = SCHEMES[scheme]
    return bool(re.fullmatch(pattern, rest)) and check(rest)


def identifier(value):
    require(isinstance(value, str) and is_identifier(value), "not an identifier in canonical form")
    return value


def scheme_of(value):
    return value.partition(":")[0]


def class_of(value):
    return SCHEMES[scheme_of(value)][0]


def digest(value):
    identifier(value)
    require(scheme_of(value) in DIGEST_SCHEMES, "not a digest")
    return value


def not_a_digest(value):
    identifier(value)
    require(scheme_of(value) not in DIGEST_SCHEMES, "a digest among the identifiers")
    return value


def work_or_group(value):
    identifier(value)
    require(class_of(value) != "party", "an identifier of a party")
    return value


# ================================================================================================
# 2  log.md
# ================================================================================================

# -- Ed25519, strictly ---------------------------------------------------------------------------
#
# OpenSSL recomputes R and compares its bytes: the equation without the cofactor, and no other
# spelling of R. It takes keys and R of small order and keys that are not canonical, so these are
# refused here; and so is S >= L, whatever OpenSSL does.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def decode_point(data):
    """(x, y) of a canonical encoding of a point of the curve, else None (RFC 8032, 5.1.3)."""
    encoded = int.from_bytes(data, "little")
    y, sign = encoded & (2**255 - 1), encoded >> 255
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * SQRT_M1 % P
    if v * x * x % P != u or (x == 0 and sign == 1):
        return None
    return (P - x if x & 1 != sign else x, y)


def has_small_order(point):
    for _ in range(3):
        x, y = point
        k = D * x * x * y * y % P
        point = (2 * x * y * pow(1 + k, -1, P) % P, (y * y + x * x) * pow(1 - k, -1, P) % P)
    return point == (0, 1)


@functools.lru_cache(maxsize=10_000)
def is_strict_point(data):
    point = decode_point(data)
    return point is not None and not has_small_order(point)


def ed25519_verifies(public_key, message, signature):
    if len(signature) != 64 or not is_strict_point(public_key) or not is_strict_point(signature[:32]):
        return False
    if int.from_bytes(signature[32:], "little") >= L:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# -- Keys ----------------------------------------------------------------------------------------

LOG_TYPE, WITNESS_TYPE = 0x01, 0x04


@dataclass(frozen=True)
class Key:
    name: str
    type: int
    public: bytes

    @property
    def id(self):
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public)[:4]


def parse_verifier_key(value):
    require(isinstance(value, str), "not a verifier key")
    parts = value.split("+", 2)  # base64 may hold more of them
    require(len(parts) == 3, "not a verifier key")
    data = base64_bytes(parts[2], 33)
    key = Key(key_name(parts[0]), data[0], data[1:])
    require(key.type in (LOG_TYPE, WITNESS_TYPE), "a verifier key of an unknown type")
    require(re.fullmatch("[0-9a-f]{8}", parts[1]) and key.id.hex() == parts[1], "a verifier key with another id")
    require(is_strict_point(key.public), "a public key that is no point, or of small order")
    return key


def verifier_key(value):
    parse_verifier_key(value)
    return value


# -- Notes and checkpoints -----------------------------------------------------------------------

MAX_NOTE_LEN = 1 << 20
MAX_SIGNATURES = 100
MAX_COSIGNATURE_TIME = 253_402_300_799


@dataclass
class Checkpoint:
    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: list  # (key name, key id, signature)


def parse_checkpoint(note):
    require(isinstance(note, str) and len(note.encode()) <= MAX_NOTE_LEN, "a note is too long")
    cut = note.rfind("\n\n")
    require(cut >= 0 and note.endswith("\n"), "a note has no signatures")
    body, lines = note[: cut + 1], note[cut + 2 :].split("\n")[:-1]
    require(all(c >= " " or c == "\n" for c in note), "a control character in a note")
    require(1 <= len(lines) <= MAX_SIGNATURES, "a note has no signature, or too many")
    signatures = []
    for line in lines:
        parts = line.split(" ")
        require(len(parts) == 3 and parts[0] == "\u2014", "not a signature line")
        data = base64_bytes(parts[2])
        require(len(data) > 4, "a signature line without a signature")
        require(parts[1] and "+" not in parts[1] and not WHITE_SPACE.search(parts[1]), "not the name of a key")
        signatures.append((parts[1], data[:4], data[4:]))

    fields = body.split("\n")
    require(len(fields) == 4, "a checkpoint has three lines")
    origin, size, root = fields[:3]
    require(re.fullmatch("0|[1-9][0-9]{0,15}", size) and int(size) <= MAX_INTEGER, "not a size")
    checkpoint = Checkpoint(key_name(origin), int(size), base64_bytes(root, 32), body.encode(), signatures)
    require(checkpoint.size > 0 or checkpoint.root == sha256(b""), "a root of no leaves that is another")
    return checkpoint


def signers(checkpoint, policy):
    """The log keys that signed and {witness's key: earliest time}. Every line of a known key must verify."""
    logs, witnesses = [], {}
    for key_name_, key_id, signature in checkpoint.signatures:
        for key in policy.known_keys():
            if key.name != key_name_ or key.id != key_id:
                continue
            if key.type == LOG_TYPE:
                require(
                    ed25519_verifies(key.public, checkpoint.text, signature),
                    "a signature of a known key does not verify",
                )
                if key.name == checkpoint.origin:
                    logs.append(key)
            else:
                require(len(signature) == 72, "a cosignature of another length")
                time = int.from_bytes(signature[:8], "big")
                require(time <= MAX_COSIGNATURE_TIME, "a cosignature after the year 9999")
                message = b"cosignature/v1\ntime %d\n" % time + checkpoint.text
                require(
                    ed25519_verifies(key.public, message, signature[8:]),
                    "a cosignature of a known witness does not verify",
                )
                witnesses[key] = min(time, witnesses.get(key, time))
    return logs, witnesses


# -- Policies ------------------------------------------------------------------------------------

MAX_POLICY_LINES = 4000  # an empty one after the last LF included
MAX_POLICY_ITEMS = 100


@dataclass
class Policy:
    logs: list = field(default_factory=list)
    witnesses: dict = field(default_factory=dict)  # name: Key
    groups: dict = field(default_factory=dict)  # name: (threshold, member names)
    quorum: str = None

    def known_keys(self):
        return [*self.logs, *self.witnesses.values()]

    def time_of(self, member, times):
        """The least time at which a witness or group has seen what `times` ({Key: time}) says, else None."""
        if member in self.witnesses:
            return times.get(self.witnesses[member])
        threshold, names = self.groups[member]
        found = sorted(t for t in (self.time_of(n, times) for n in names) if t is not None)
        return found[threshold - 1] if len(found) >= threshold else None

    def quorum_met(self, times):
        """(whether the quorum is met, the proven time)."""
        if self.quorum == "none":
            return True, None
        time = self.time_of(self.quorum, times)
        return time is not None, time


def policy_of_key(vkey):
    key = parse_verifier_key(vkey)
    require(key.type == LOG_TYPE, "not the key of a log")
    return Policy([key], quorum="none")


def parse_policy(source):
    policy, members = Policy(), set()
    lines = source.split("\n")
    require(len(lines) <= MAX_POLICY_LINES, "too many lines")
    require(all(c >= " " and c != "\x7f" or c in "\n\t" for c in source), "a control character")
    for line in lines:
        words = [w for w in re.split("[ \t]+", line) if w]
        if not words or words[0].startswith("#"):
            continue
        kind, rest = words[0], words[1:]
        if kind == "log":
            require(len(rest) in (1, 2), "log <verifier key> [<url>]")
            policy_key(policy, rest[0], LOG_TYPE)
            policy.logs.append(parse_verifier_key(rest[0]))
        elif kind == "witness":
            require(len(rest) in (2, 3), "witness <name> <verifier key> [<url>]")
            policy_name(policy, rest[0])
            policy_key(policy, rest[1], WITNESS_TYPE)
            policy.witnesses[rest[0]] = parse_verifier_key(rest[1])
        elif kind == "group":
            require(len(rest) >= 3, "group <name> all|any|<k> <name>...")
            policy_name(policy, rest[0])
            names = rest[2:]
            for member in names:
                require(
                    member in policy.witnesses or member in policy.groups, "a group names what does not stand above it"
                )
                require(member not in members, "a member of two groups")
                members.add(member)
            threshold = {"all": str(len(names)), "any": "1"}.get(rest[1], rest[1])
            require(re.fullmatch("[1-9][0-9]{0,3}", threshold) and int(threshold) <= len(names), "not a threshold")
            policy.groups[rest[0]] = (int(threshold), names)
        elif kind == "quorum":
            require(len(rest) == 1 and policy.quorum is None, "quorum <name>|none, once")
            require(
                rest[0] == "none" or rest[0] in policy.witnesses or rest[0] in policy.groups,
                "a quorum of nothing above",
            )
            policy.quorum = rest[0]
        else:
            raise Invalid("an unknown line")
    require(policy.quorum is not None, "no quorum")
    require(len(policy.logs) <= MAX_POLICY_ITEMS, "too many logs")
    require(len(policy.witnesses) + len(policy.groups) <= MAX_POLICY_ITEMS, "too many witnesses and groups")
    return policy


def policy_name(policy, value):
    require(value != "none" and value not in policy.witnesses and value not in policy.groups, "a name is taken")


def policy_key(policy, value, type_):
    key = parse_verifier_key(value)
    require(key.type == type_, "a key of another type")
    require(all(key.public != other.public for other in policy.known_keys()), "a public key stands twice")


# -- Tree: batch inclusion, consistency ----------------------------------------------------------


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def largest_power_below(n):
    return 1 << ((n - 1).bit_length() - 1)


def batch_inclusion_root(size, leaves, path):
    """The root that leaves [(index, hash)] and a path lead to."""
    hashes = iter(path)

    def subtree(a, b, disclosed):
        if not disclosed:
            found = next(hashes, None)
            require(found is not None, "the inclusion path is too short")
            return found
        if b - a == 1:
            return disclosed[0][1]
        middle = a + largest_power_below(b - a)
        left = subtree(a, middle, [d for d in disclosed if d[0] < middle])
        right = subtree(middle, b, [d for d in disclosed if d[0] >= middle])
        return node_hash(left, right)

    root = subtree(0, size, leaves)
    require(next(hashes, None) is None, "the inclusion path is too long")
    return root


def check_consistency(small, small_root, large, large_root, path):
    """RFC 9162, 2.1.4.2."""
    require(path, "a consistency path is empty")
    if small & (small - 1) == 0:
        path = [small_root, *path]
    fn, sn = small - 1, large - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for item in path[1:]:
        require(sn != 0, "a consistency path is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(item, fr), node_hash(item, sr)
            while fn & 1 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, item)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0 and fr == small_root and sr == large_root, "a consistency path does not lead to the checkpoint")


# ================================================================================================
# 3  rows.md
# ================================================================================================

MAX_ROWS = 2**31
RELEASE, CATALOGUE, REGISTER = 1, 2, 3


def derive(context, material):
    return blake3_package.blake3(material, derive_key_context=context).digest()


@functools.lru_cache(maxsize=100_000)
def work_key(value):
    return derive("deedbook v1 work key", value.encode())


@functools.lru_cache(maxsize=100_000)
def register_key(value):
    return derive("deedbook v1 register key", value.encode())


def row_leaf(row):
    key, value = row
    return key, derive("deedbook v1 row", key + value.to_bytes(8, "big") + bytes(24))


def row_merge(left, right):
    return left[0], derive("deedbook v1 row node", left[1] + right[1] + right[0] + bytes(32))


def rows_root(kind, count, node=bytes(64)):
    return derive("deedbook v1 rows root", bytes([kind]) + count.to_bytes(8, "big") + node)


class Table:
    """A verified table. It answers complete look-ups and remembers which rows served one."""

    def __init__(self, kind, count, root, rows, proof):
        """`rows`: [(position, (key, value))]; `proof`: nodes of 64 bytes."""
        require(count < MAX_ROWS, "a table has too many rows")
        require(ascend([row[0] for row in rows]), "positions do not ascend")
        require(all(position < count for position, _ in rows), "a position beyond the table")
        require(ascend([row[1] for row in rows]), "rows do not ascend")
        if count == 0:
            require(not rows and not proof, "a table without rows discloses something")
            require(rows_root(kind, 0) == root, "rows do not lead to the signed root")
        else:
            require(rows, "a table discloses nothing")
            node = self._root_node(count, rows, [(n[:32], n[32:]) for n in proof])
            require(rows_root(kind, count, node[0] + node[1]) == root, "rows do not lead to the signed root")
        self.count, self.rows, self.used = count, rows, set()
        self.at = {position: row for position, row in rows}
        self.of_key = {}
        for position, (key, _) in rows:
            self.of_key.setdefault(key, []).append(position)

    @staticmethod
    def _root_node(count, rows, proof):
        width = 1 << (count - 1).bit_length()  # L
        lowest = 2 * count - width  # d
        # Items are (tree index, node, least and greatest key disclosed below it, or None).
        items = []
        for position, row in rows:
            index = width - 1 + position if position < lowest else count - 1 + position - lowest
            items.append((index, row_leaf(row), (row[0], row[0])))
        queue, nodes = deque(sorted(items, key=lambda item: -item[0])), deque(proof)
        while queue[0][0] > 0:
            index, node, keys = queue.popleft()
            if index % 2 == 0 and queue and queue[0][0] == index - 1:
                _, sibling, sibling_keys = queue.popleft()
            else:
                require(nodes, "a combined proof is too short")
                sibling, sibling_keys = nodes.popleft(), None
            left, right = (
                ((node, keys), (sibling, sibling_keys)) if index % 2 else ((sibling, sibling_keys), (node, keys))
            )
            separator = right[0][0]
            require(left[1] is None or left[1][1] <= separator, "a separator lies below a key on its left")
            require(right[1] is None or separator <= right[1][0], "a separator lies above a key on its right")
            both = [k for k in (left[1], right[1]) if k is not None]
            queue.append(((index - 1) // 2, row_merge(left[0], right[0]), (both[0][0], both[-1][1])))
        require(not nodes, "a combined proof is too long")
        return queue[0][1]

    def look_up(self, key):
        """All values of a key, in order. Anything less than a complete look-up is refused."""
        positions = self.of_key.get(key, [])
        if positions:
            first, last = positions[0], positions[-1]
            require(last - first + 1 == len(positions), "a look-up has a hole")
            require(first == 0 or first - 1 in self.at, "a look-up has no row before it")
            require(last + 1 == self.count or last + 1 in self.at, "a look-up has no row after it")
            self.used.update(p for p in range(first - 1, last + 2) if p in self.at)
            return [self.at[p][1] for p in positions]
        if self.count == 0:
            return []
        before = self._last_below(key)
        after = 0 if before is None else before + 1
        require(after == self.count or after in self.at, "an absence has no row after it")
        self.used.update(p for p in (before, after) if p in self.at)
        return []

    def _last_below(self, key):
        """Position of the last disclosed row below an absent key."""
        low, high = 0, len(self.rows)
        while low < high:
            middle = (low + high) // 2
            if self.rows[middle][1][0] < key:
                low = middle + 1
            else:
                high = middle
        return self.rows[low - 1][0] if low else None

    def all_used(self):
        return len(self.used) == len(self.rows)


# ================================================================================================
# 4  grant-terms.md
# ================================================================================================

MAX_IDENTIFIERS, MAX_PARTIES, MAX_EMBODIMENTS, MAX_EVIDENCE = 64, 256, 64, 64
MAX_MODELS, MAX_ITEMS, MAX_RANGES, MAX_ENVELOPE_LEN = 256, 256, 1500, 60_000

LAYERS = ["code", "composition", "database", "image", "master", "metadata", "performance", "text", "translation"]
USES = [
    "ai-training",
    "evaluation",
    "generative-training",
    "redistribution",
    "retrieval",
    "synthetic-generation",
    "tdm",
]
PURPOSES = ["commercial", "education", "non-commercial", "personal", "research"]
OBLIGATIONS = ["attribution", "compensation", "deletion", "no-derivatives", "reporting", "share-alike"]
BASES = ["contract", "open-licence", "own-work", "public-domain", "statutory-exception"]
ON_END = ["retain-model", "retrain", "stop-training"]
ROLES = [
    "aggregator", "author", "cmo", "composer", "curator", "distributor", "label", "licensor-agent",
    "performer", "publisher", "sub-publisher",
]  # fmt: skip
WORK_TYPES = [
    "article", "audiobook", "audiovisual", "book", "dataset", "image", "lyrics", "musical-work", "other",
    "software", "sound-recording",
]  # fmt: skip
CODES = [
    "bad-identifier", "no-identifier", "too-large", "unreadable", "changed-while-read", "duplicate",
    "denied", "reserved", "conflicting-evidence", "no-grant", "not-in-subject", "layer-not-covered",
    "use-not-granted", "use-prohibited", "purpose-not-covered", "territory-not-covered", "not-yet-valid",
    "expired", "ended", "models-exhausted", "licence-unknown", "needs-review",
]  # fmt: skip

identifiers = set_of(identifier, most=MAX_IDENTIFIERS)
layers = set_of(one_of(LAYERS))
rows_reference = shaped({"count": integer, "root": base64_of(32)})


def rows_of(value):
    found = rows_reference(value)
    require(found["count"] < MAX_ROWS, "too many rows")
    return found


def subject(value):
    require(isinstance(value, dict) and len(value) == 1, "a subject has exactly one member")
    return shaped({}, {"catalogue": rows_of, "licence": text, "party": text})(value)


TERMS = shaped(
    {
        "basis": one_of(BASES),
        "id": name,
        "licence": text,
        "licensee": shaped({"name": text}, {"ids": identifiers, "log": text}),
        "licensor": shaped({"name": text}, {"ids": identifiers, "key": text, "role": one_of(ROLES)}),
        "subject": subject,
        "valid_from": parse_date,
    },
    {
        "evidence": list_of(
            shaped({"digest": digest}, {"by": text, "captured_at": parse_time, "what": text}), most=MAX_EVIDENCE
        ),
        "layers": layers,
        "models": shaped({}, {"names": set_of(text, most=MAX_MODELS), "versions": integer}),
        "not_territories": set_of(territory),
        "not_uses": set_of(one_of(USES)),
        "obligations": set_of(one_of(OBLIGATIONS)),
        "on_end": one_of(ON_END),
        "purposes": set_of(one_of(PURPOSES)),
        "rules": digest,
        "territories": set_of(territory),
        "uses": set_of(one_of(USES)),
        "valid_to": parse_date,
    },
)


def terms_of(value):
    terms = TERMS(value)
    require(terms["valid_to"] is None or terms["valid_to"] > terms["valid_from"], "terms end before they begin")
    return terms


# -- Whether terms cover a need ------------------------------------------------------------------

CONTAINED = {"tdm": {"ai-training", "generative-training"}, "ai-training": {"generative-training"}}


def contains(wider, narrower):
    return wider == narrower or narrower in CONTAINED.get(wider, ())


def subject_contains(terms, admission):
    """Membership in a catalogue is taken from the admission."""
    if terms["subject"]["licence"] is not None:
        return (admission["licence"] or {}).get("spdx") == terms["subject"]["licence"]
    if terms["subject"]["party"] is not None:
        wanted = terms["subject"]["party"]
        return any(p["name"] == wanted or wanted in (p["ids"] or []) for p in admission["parties"] or [])
    return True


def covers_territories(terms, needed):
    given, exceptions = terms["territories"] or [], terms["not_territories"] or []
    for country in needed or ["worldwide"]:
        if country == "worldwide":
            if "worldwide" not in given or exceptions:
                return False
        elif country in exceptions or "worldwide" in exceptions:
            return False
        elif country not in given and "worldwide" not in given:
            return False
    return True


def judge(terms, ended, admission, need, layer, day):
    """The codes that say no, for one layer on one day."""
    models = terms["models"] or {"names": None}
    no = {
        "not-in-subject": not subject_contains(terms, admission),
        "layer-not-covered": layer not in (terms["layers"] or []),
        "use-not-granted": not need["uses"]
        or any(not any(contains(given, use) for given in terms["uses"] or []) for use in need["uses"]),
        "use-prohibited": any(
            contains(use, banned) or contains(banned, use) for use in need["uses"] for banned in terms["not_uses"] or []
        ),
        "purpose-not-covered": need["purpose"] not in (terms["purposes"] or []),
        "territory-not-covered": not covers_territories(terms, need["territories"]),
        "not-yet-valid": day < terms["valid_from"],
        "expired": terms["valid_to"] is not None and day >= terms["valid_to"],
        "ended": ended is not None and day >= ended,
        "models-exhausted": models["names"] is not None
        and any(m.split("@")[0] not in models["names"] for m in need["models"] or []),
    }
    return {code for code, holds in no.items() if holds}


# -- Envelopes -----------------------------------------------------------------------------------

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass
class Envelope:
    predicate: dict
    message: bytes  # what was signed
    signature: bytes


def read_members(value, names):
    """These members of an object; others are ignored."""
    require(isinstance(value, dict), "an envelope or its signature is no object")
    require(all(is_unicode(n) for n in value), "half a surrogate pair in a member's name")
    require(not value.twice & set(names), "a member stands twice")
    return {n: value.get(n) for n in names}


def is_unicode(value):
    """A text without half a surrogate pair, which JSON can spell and UTF-8 cannot."""
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)


def parse_envelope(source, predicate_type, shape):
    require(
        isinstance(source, str) and 1 <= len(source.encode()) <= MAX_ENVELOPE_LEN, "an envelope is empty or too long"
    )
    outer = parse_json(source, any_number=True)
    outer = read_members(outer, ["payload", "payloadType", "signatures"])
    require(outer["payloadType"] == PAYLOAD_TYPE, "an envelope of another type")
    require(isinstance(outer["signatures"], list) and len(outer["signatures"]) == 1, "an envelope has one signature")
    signed = read_members(outer["signatures"][0], ["keyid", "sig"])
    require(signed["keyid"] is None or is_unicode(signed["keyid"]), "a keyid is a text")
    signature, payload = base64_bytes(signed["sig"]), base64_bytes(outer["payload"])
    inner = shaped(
        {
            "_type": one_of(["https://in-toto.io/Statement/v1"]),
            "predicate": lambda value: value,
            "predicateType": one_of([predicate_type]),
            "subject": list_of(
                shaped(
                    {"digest": shaped({"sha256": matching(re.compile("[0-9a-f]{64}"), "a digest")}), "name": any_text}
                ),
                most=1,
            ),
        }
    )(canonical_json(payload))
    require(
        inner["subject"][0]["digest"]["sha256"] == sha256(print_json(inner["predicate"])).hex(),
        "an envelope's digest is another",
    )
    message = b"DSSEv1 %d %s %d " % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload)) + payload
    return Envelope(shape(inner["predicate"]), message, signature)


DISPUTE = shaped(
    {"claim": text, "entry": integer, "leaf": base64_of(32), "name": text, "origin": text}, {"ids": identifiers}
)


# ================================================================================================
# 5  statements.md
# ================================================================================================

MAX_ENTRY_LEN = 65_535

PARTY = shaped({"name": text}, {"ids": identifiers, "role": one_of(ROLES)})
COUNTS = map_of(one_of(CODES), integer)


def codes_in_order(value):
    found = list_of(one_of(CODES), least=0)(value)
    places = [CODES.index(code) for code in found]
    require(ascend(places), "codes are out of order")
    return found


EMBODIMENT = shaped(
    {},
    {
        "bytes": integer,
        "derived_from": digest,
        "digest_by": one_of(["catalogue", "deedbook"]),
        "digests": set_of(digest, most=MAX_IDENTIFIERS),
        "media_type": text,
        "path": text,
        "role": one_of(["excerpt", "original", "tokenized", "transcode"]),
    },
)

SHAPES = {  # kind: required and optional members, beside those of every statement
    "ledger": ({"origin": key_name}, {"title": text}),
    "state": ({"log_size": integer, "register": rows_of}, {}),
    "dataset": (
        {
            "id": name,
            "layers": set_of(one_of(LAYERS), most=MAX_ITEMS),
            "purpose": one_of(PURPOSES),
            "uses": set_of(one_of(USES), most=MAX_ITEMS),
        },
        {"models": set_of(model, most=MAX_MODELS), "territories": set_of(territory), "title": text},
    ),
    "grant": ({}, {"envelope": lambda v: text(v, MAX_ENVELOPE_LEN), "terms": terms_of}),
    "admission": (
        {"dataset": integer},
        {
            "embodiments": list_of(EMBODIMENT, most=MAX_EMBODIMENTS),
            "grants": map_of(one_of(LAYERS), integer, least=1),
            "identifiers": set_of(not_a_digest, most=MAX_IDENTIFIERS),
            "layers": layers,
            "licence": shaped({"raw": text, "source": text}, {"spdx": text}),
            "obligations": set_of(one_of(OBLIGATIONS)),
            "override": shaped({"because": text, "by": text, "codes": codes_in_order}),  # may be empty
            "parties": list_of(PARTY, most=MAX_PARTIES),
            "same_as": integer,
            "title": text,
            "used_from": parse_date,
            "work_type": one_of(WORK_TYPES),
        },
    ),
    "screening": (
        {
            "admitted": integer,
            "considered": integer,
            "dataset": integer,
            "duplicates": integer,
            "first_entry": integer,
            "held": integer,
            "reasons": COUNTS,
            "refused": integer,
            "rules": digest,
        },
        {
            "lists": list_of(
                shaped({"digest": digest, "kind": one_of(["deny", "reserve"]), "rows": rows_of}), most=MAX_ITEMS
            ),
            "report": digest,
        },
    ),
    "release": (
        {
            "bytes": integer,
            "completeness": one_of(["all-admissions"]),
            "dataset": integer,
            "keying": one_of(["plain"]),
            "log_size": integer,
            "rows": rows_of,
            "version": name,
            "works": integer,
        },
        {},
    ),
    "withdrawal": (
        {
            "because": text,
            "dataset": integer,
            "entries": list_of(shaped({"count": integer, "first": integer}), most=MAX_RANGES),
        },
        {"note": text},
    ),
    "grant-end": ({"because": text, "effective": parse_date, "grant": integer}, {"note": text}),
    "run": (
        {
            "end": parse_time,
            "model": model,
            "purpose": one_of(PURPOSES),
            "releases": set_of(integer, most=MAX_ITEMS),
            "start": parse_time,
            "uses": set_of(one_of(USES), most=MAX_ITEMS),
        },
        {
            "gaps": shaped({"because": text, "codes": COUNTS}),
            "territories": set_of(territory),
            "weights": set_of(digest, most=MAX_ITEMS),
        },
    ),
    "dispute": ({"envelope": lambda v: text(v, MAX_ENVELOPE_LEN)}, {}),
    "correction": ({"because": text, "entry": integer}, {"parties": list_of(PARTY, most=MAX_PARTIES), "title": text}),
    "erasure": ({"because": text, "entry": integer}, {}),
    "key": (
        {"because": text, "effective": parse_time, "event": one_of(["revocation", "rotation"]), "key": verifier_key},
        {"successor": verifier_key},
    ),
}


def exactly_one(value):
    require(integer(value) == 1, "written by a newer version")
    return value


def parse_statement(data, index):
    """The members of an entry's statement. What it says of other entries is checked by `references`."""
    require(1 <= len(data) <= MAX_ENTRY_LEN, "an entry is empty or too long")
    value = canonical_json(data)
    require(isinstance(value, dict), "an entry is no object")
    kind = value.get("kind")
    require(isinstance(kind, str) and kind in SHAPES, "a kind that is unknown: written by a newer version")
    required, optional = SHAPES[kind]
    every = {"at": parse_time, "kind": text, "salt": base64_of(16), "v": exactly_one}
    statement = shaped({**every, **required}, optional)(value)
    RULES.get(kind, lambda s, i: None)(statement, index)
    return statement


# -- What the members of one statement ask of each other -----------------------------------------


def ledger_rules(s, index):
    require(index == 0, "a ledger stands at entry 0 only")


def own_size_rules(s, index):
    require(s["log_size"] == index, "log_size is not the statement's own index")


def grant_rules(s, index):
    require((s["envelope"] is None) != (s["terms"] is None), "a grant has either an envelope or terms")
    s["signed"] = None
    if s["envelope"] is not None:
        s["signed"] = parse_envelope(s["envelope"], "urn:deedbook:grant:v1", terms_of)
        s["terms"] = s["signed"].predicate


def admission_rules(s, index):
    for embodiment in s["embodiments"] or []:
        require((embodiment["digests"] is None) == (embodiment["digest_by"] is None), "digest_by goes with digests")
    require(s["used_from"] is None or s["used_from"] <= day_of(s["at"]), "used after it was recorded")
    s["looked_up_by"] = {i for i in s["identifiers"] or [] if class_of(i) != "party"}
    for embodiment in s["embodiments"] or []:
        s["looked_up_by"].update(embodiment["digests"] or [])


def screening_rules(s, index):
    total = s["admitted"] + s["duplicates"] + s["held"] + s["refused"]
    require(s["considered"] == total, "outcomes do not add up")


def withdrawal_rules(s, index):
    end = None
    for entries in s["entries"]:
        require(entries["count"] >= 1, "an empty range")
        require(end is None or entries["first"] > end, "ranges touch or do not ascend")
        end = entries["first"] + entries["count"]


def run_rules(s, index):
    require(s["end"] >= s["start"], "a run ends before it starts")


def dispute_rules(s, index):
    s["signed"] = parse_envelope(s["envelope"], "urn:deedbook:dispute:v1", DISPUTE)
    s["dispute"] = s["signed"].predicate


def correction_rules(s, index):
    require(s["parties"] is not None or s["title"] is not None, "a correction of nothing")


def key_rules(s, index):
    require((s["successor"] is not None) == (s["event"] == "rotation"), "a successor goes with a rotation")


RULES = {
    "ledger": ledger_rules,
    "state": own_size_rules,
    "grant": grant_rules,
    "admission": admission_rules,
    "screening": screening_rules,
    "release": own_size_rules,
    "withdrawal": withdrawal_rules,
    "run": run_rules,
    "dispute": dispute_rules,
    "correction": correction_rules,
    "key": key_rules,
}


def references(s):
    """(index, kinds that may stand there or None for any) of every entry that a statement names."""
    kind = s["kind"]
    if kind in ("admission", "screening", "release", "withdrawal"):
        yield s["dataset"], ("dataset",)
    if kind == "admission":
        for grant in (s["grants"] or {}).values():
            yield grant, ("grant",)
        if s["same_as"] is not None:
            yield s["same_as"], ("admission",)
    elif kind == "withdrawal":
        last = s["entries"][-1]
        yield last["first"] + last["count"] - 1, None
    elif kind == "grant-end":
        yield s["grant"], ("grant",)
    elif kind == "run":
        for release in s["releases"]:
            yield release, ("release",)
    elif kind == "dispute":
        yield s["dispute"]["entry"], None
    elif kind == "correction":
        yield s["entry"], None
    elif kind == "erasure":
        yield s["entry"], ("admission", "dispute")


def withdraws(s, index):
    return any(r["first"] <= index < r["first"] + r["count"] for r in s["entries"])


# ================================================================================================
# 6  register.md
# ================================================================================================


def register_texts(s, dataset_name):
    """The texts under which the register has a statement. `dataset_name`: index of a dataset -> its name or None."""
    kind = s["kind"]
    if kind == "dataset":
        return {f"dataset:{s['id']}"}
    if kind == "grant":
        return {f"grant:{s['terms']['id']}"}
    if kind == "release":
        return {f"release:{dataset_name(s['dataset'])}@{s['version']}"}
    if kind == "run":
        return {f"run:{s['model']}", *(f"entry:{r}" for r in s["releases"])}
    if kind == "grant-end":
        return {f"entry:{s['grant']}"}
    if kind == "withdrawal":
        return {f"entry:{s['dataset']}"}
    if kind == "dispute":
        return {f"entry:{s['dispute']['entry']}"}
    if kind in ("correction", "erasure"):
        return {f"entry:{s['entry']}"}
    return set()


# ================================================================================================
# 7  proof.md
# ================================================================================================

MAX_PROOF_LEN = 512 << 20
MAX_ANCHORS = 4
MAX_ANSWERS = 4_194_304
MAX_LICENSORS_LEN = 4 << 20

VERDICTS = ["absent", "covered", "covered-as-claimed", "override", "erased", "unknown", "gap"]  # worst last
STANDINGS = ["asserted", "evidenced", "signed"]

TABLE = shaped(
    {
        "proof": list_of(base64_of(64), least=0),
        "rows": list_of(shaped({"key": base64_of(32), "position": integer, "value": integer}), least=0),
        "statement": integer,
    }
)
PROOF = shaped(
    {
        "checkpoint": lambda value: value,
        "claims": list_of(shaped({"identifiers": set_of(work_or_group)}), least=0),
        "entries": list_of(
            shaped({"index": integer}, {"leaf": base64_of(32), "text": lambda v: text(v, MAX_ENTRY_LEN)}), least=0
        ),
        "format": one_of(["deedbook-proof/v1"]),
        "path": list_of(base64_of(32), least=0),
        "tables": list_of(TABLE, least=0),
    },
    {
        "anchors": list_of(
            shaped({"note": lambda value: value, "path": list_of(base64_of(32), least=0)}), most=MAX_ANCHORS
        )
    },
)


@dataclass
class Licensor:
    party: str
    key: Key
    not_after: date


def parse_licensors(source):
    found = []
    for line in source.split("\n"):
        words = [w for w in WHITE_SPACE.split(line) if w]
        if not words or line.startswith("#"):
            continue
        require(
            words[0] == "licensor" and len(words) in (3, 5),
            "licensor <party identifier> <verifier key> [not-after <date>]",
        )
        party = identifier(words[1])
        require(class_of(party) == "party" or scheme_of(party) == "id", "not the identifier of a party")
        require(len(words) == 3 or words[3] == "not-after", "not-after was expected")
        key = parse_verifier_key(words[2])
        require(key.type == LOG_TYPE, "the key of a witness")
        found.append(Licensor(party, key, parse_date(words[4]) if len(words) == 5 else None))
    return found


@dataclass
class Question:
    policy: Policy
    licensors: list = field(default_factory=list)
    release: str = None
    works: list = None  # lists of identifiers, in the auditor's order
    at: date = None


@dataclass
class About:
    """What the register says about one entry."""

    entries: list  # (index, statement or None if erased)

    def of(self, kind):
        return [(i, s) for i, s in self.entries if s is not None and s["kind"] == kind]

    def erased(self):
        return any(s is None for _, s in self.entries)


class Verification:
    """The fourteen steps, in order."""

    def __init__(self, data, question):
        self.question = question
        self.form(data)
        self.checkpoint_()
        self.anchors()
        self.proven_times()
        self.entries_()
        self.times()
        self.subjects()
        self.tables_()
        self.register_()
        self.look_ups()
        self.rows_say_what_admissions_say()
        self.grants_()
        self.answers = self.answers_()
        self.nothing_left_over()

    # 1. Form
    def form(self, data):
        require(0 < len(data) <= MAX_PROOF_LEN, "the file is empty or too long")
        require(data.endswith(b"\n"), "the file does not end in LF")
        self.proof = PROOF(canonical_json(data[:-1]))

    # 2. Checkpoint
    def checkpoint_(self):
        policy = self.question.policy
        self.checkpoint = parse_checkpoint(self.proof["checkpoint"])
        logs, self.witnesses = signers(self.checkpoint, policy)
        require(logs, "no log key of the policy signed the checkpoint")
        self.log_key = next(key for key in policy.logs if key in logs)
        met, self.time = policy.quorum_met(self.witnesses)
        require(met, "the checkpoint does not meet the quorum")

    # 3. Anchors
    def anchors(self):
        self.sized_times = []
        size = 0
        for anchor in self.proof["anchors"] or []:
            earlier = parse_checkpoint(anchor["note"])
            logs, witnesses = signers(earlier, self.question.policy)
            require(self.log_key in logs, "an anchor is not signed by the log's key")
            require(size < earlier.size < self.checkpoint.size, "an anchor's size is out of order")
            size = earlier.size
            check_consistency(size, earlier.root, self.checkpoint.size, self.checkpoint.root, anchor["path"])
            self.sized_times.append((size, self.question.policy.quorum_met(witnesses)[1]))
        self.sized_times.append((self.checkpoint.size, self.time))

    # 4. Proven times
    def proven_times(self):
        later, found = None, []
        for size, time in reversed(self.sized_times):
            if time is None:
                continue
            later = time if later is None else min(time, later)
            found.append((size, later))
        self.proven = found[::-1]

    def bracket(self, index):
        """(start, end) between which an entry joined the witnessed log; either may be None."""
        start = [time for size, time in self.proven if size <= index]
        end = [time for size, time in self.proven if size > index]
        return (start[-1] if start else None, end[0] if end else None)

    # 5. Entries
    def entries_(self):
        self.statements, self.leaves = {}, {}
        disclosed = self.proof["entries"]
        require(disclosed, "no entry is disclosed")
        order = [entry["index"] for entry in disclosed]
        require(ascend(order), "entries do not ascend")
        require(order[-1] < self.checkpoint.size, "an entry beyond the checkpoint")
        for entry in disclosed:
            require((entry["text"] is None) != (entry["leaf"] is None), "an entry has either a text or a leaf")
            self.leaves[entry["index"]] = entry["leaf"] or leaf_hash(entry["text"].encode())
        root = batch_inclusion_root(self.checkpoint.size, sorted(self.leaves.items()), self.proof["path"])
        require(root == self.checkpoint.root, "the entries do not lead to the checkpoint's root")
        for entry in disclosed:
            index, data = entry["index"], entry["text"]
            self.statements[index] = None if data is None else parse_statement(data.encode(), index)
        for index, statement in self.statements.items():
            for other, kinds in references(statement) if statement else ():
                require(other < index, "a statement names an entry that is not below it")
                found = self.statements.get(other)
                require(
                    kinds is None or found is None or found["kind"] in kinds,
                    "a statement names an entry of another kind",
                )
        self.needed = set()

    # 6. Times
    def times(self):
        latest = None
        for index, statement in self.statements.items():
            if statement is None:
                continue
            require(latest is None or statement["at"] >= latest, "times run backwards")
            latest = statement["at"]
            end = self.bracket(index)[1]
            require(end is None or latest <= end, "an entry is later than a witness saw it")

    # 7. Subjects
    def subjects(self):
        ledger = self.statements.get(0)
        require(ledger is not None and ledger["kind"] == "ledger", "entry 0 is no ledger")
        require(ledger["origin"] == self.checkpoint.origin, "the ledger has another origin")
        self.release_index, self.release = self.only("release")
        self.state_index, self.state = self.only("state")
        require(self.state_index > self.release_index, "the state lies below the release")
        self.dataset_index = self.release["dataset"]
        self.dataset = self.statements.get(self.dataset_index)
        require(self.dataset is not None, "the dataset is not disclosed")
        self.release_name = f"{self.dataset['id']}@{self.release['version']}"
        require(self.question.release in (None, self.release_name), "the proof is about another release")
        self.needed |= {0, self.release_index, self.state_index, self.dataset_index}

    def only(self, kind):
        found = [(i, s) for i, s in self.statements.items() if s is not None and s["kind"] == kind]
        require(len(found) == 1, f"not exactly one {kind}")
        return found[0]

    # 8. Tables
    def tables_(self):
        self.grant_tables, self.tables = {}, []
        given = self.proof["tables"]
        order = [table["statement"] for table in given]
        require(ascend(order), "tables do not ascend")
        require(
            self.release_index in order and self.state_index in order, "the release's or the state's table is missing"
        )
        for table in given:
            index = table["statement"]
            if index == self.release_index:
                kind, rows = RELEASE, self.release["rows"]
            elif index == self.state_index:
                kind, rows = REGISTER, self.state["register"]
            else:
                statement = self.statements.get(index)
                require(
                    statement is not None and statement["kind"] == "grant" and statement["signed"],
                    "a table of no signed grant",
                )
                kind, rows = CATALOGUE, statement["terms"]["subject"]["catalogue"]
                require(rows is not None, "a table of a grant without a catalogue")
            disclosed = [(row["position"], (row["key"], row["value"])) for row in table["rows"]]
            verified = Table(kind, rows["count"], rows["root"], disclosed, table["proof"])
            self.tables.append(verified)
            if kind == RELEASE:
                self.release_table = verified
            elif kind == REGISTER:
                self.register_table = verified
            else:
                self.grant_tables[index] = verified

    # 9. Register
    def register_(self):
        self.looked_up_about = {}
        require(
            self.in_register(f"dataset:{self.dataset['id']}") == [self.dataset_index],
            "the dataset's name is not the register's",
        )
        require(
            self.in_register(f"release:{self.release_name}") == [self.release_index],
            "the release's name is not the register's",
        )
        self.about_dataset = self.about(self.dataset_index)

    def in_register(self, what):
        """Log indices of all entries under a text."""
        found = self.register_table.look_up(register_key(what))
        for index in found:
            require(index < self.state_index, "a register row leads to the state or beyond")
            require(index in self.statements, "a register row leads to an entry that is not disclosed")
            self.needed.add(index)
            statement = self.statements[index]
            if statement is not None:
                require(
                    what in register_texts(statement, self.dataset_name),
                    "a register row leads to an entry that is not under its text",
                )
        return found

    def dataset_name(self, index):
        statement = self.statements.get(index)
        return statement["id"] if statement is not None else None

    def about(self, index):
        if index in self.looked_up_about:
            return self.looked_up_about[index]
        found = About([(i, self.statements[i]) for i in self.in_register(f"entry:{index}")])
        self.looked_up_about[index] = found
        for _, statement in found.of("dispute"):
            dispute = statement["dispute"]
            require(dispute["origin"] == self.checkpoint.origin, "a dispute is about another log")
            require(
                self.leaves.get(dispute["entry"], dispute["leaf"]) == dispute["leaf"],
                "a dispute is about another entry",
            )
        for other, statement in found.entries:
            if statement is None:
                require(self.about(other).of("erasure"), "nothing says that an entry was erased")
        return found

    # 10. Look-ups
    def look_ups(self):
        claims = [[i.encode() for i in claim["identifiers"]] for claim in self.proof["claims"]]
        require(claims, "no work is asked")
        require(ascend(claims), "claims do not ascend")
        self.found = {}  # identifier: log indices of admissions
        for claim in self.proof["claims"]:
            for asked in claim["identifiers"]:
                if asked not in self.found:
                    self.found[asked] = self.release_table.look_up(work_key(asked))
                    require(all(i < self.release_index for i in self.found[asked]), "a row leads beyond the release")

    # 11. Rows say what admissions say
    def rows_say_what_admissions_say(self):
        self.led_to = {}  # log index of an admission: identifiers that led to it
        for asked, indices in self.found.items():
            for index in indices:
                require(index in self.statements, "a row leads to an entry that is not disclosed")
                self.led_to.setdefault(index, set()).add(asked)
        withdrawals = [s for i, s in self.about_dataset.of("withdrawal") if i < self.release_index]
        for index, by in self.led_to.items():
            statement = self.statements[index]
            self.needed.add(index)
            if statement is not None:
                require(statement["kind"] == "admission", "a row leads to no admission")
                require(statement["dataset"] == self.dataset_index, "a row leads to an admission to another dataset")
                require(by <= statement["looked_up_by"], "a row leads to an admission without its identifier")
            require(not any(withdraws(s, index) for s in withdrawals), "a withdrawn admission is in the release")
            erasures = self.about(index).of("erasure")
            require(all(i > self.release_index for i, _ in erasures), "an erased admission is in the release")
            require(statement is not None or erasures, "nothing says that an admission was erased")
        for index, statement in self.statements.items():
            if statement is not None and statement["kind"] == "admission":
                for asked in statement["looked_up_by"] & self.found.keys():
                    require(
                        index in self.found[asked], "a disclosed admission is missing among the rows of its identifier"
                    )

    # 12. Grants
    def grants_(self):
        self.grants = {}  # log index of a grant: (statement, what is about it, its end)
        used_tables = set()
        for index, by in self.led_to.items():
            admission = self.statements[index]
            for layer in self.dataset["layers"] if admission else ():
                grant = (admission["grants"] or {}).get(layer)
                if grant is None:
                    continue
                if grant not in self.grants:
                    self.grants[grant] = self.grant(grant)
                if grant in self.grant_tables:
                    used_tables.add(grant)
                    for asked in by:
                        self.grant_tables[grant].look_up(work_key(asked))
        require(used_tables == self.grant_tables.keys(), "a table of a grant that nothing needed")

    def grant(self, index):
        statement = self.statements.get(index)
        require(statement is not None and statement["kind"] == "grant", "a grant is not disclosed")
        terms = statement["terms"]
        require(self.in_register(f"grant:{terms['id']}") == [index], "a grant's name is not the register's")
        about = self.about(index)
        ends = [s["effective"] for _, s in about.of("grant-end")]
        if statement["signed"]:
            this_log = f"{self.log_key.name}+{self.log_key.id.hex()}"
            require(terms["licensee"]["log"] == this_log, "a signed grant is for another log")
        return statement, about, min(ends, default=None)

    # 13. Answers
    def answers_(self):
        works = self.question.works
        if works is None:
            works = [claim["identifiers"] for claim in self.proof["claims"]]
        answers, total = [], 0
        for work in works:
            for asked in work:
                require(asked in self.found, "a work was asked that the proof does not look up")
            entries = sorted({i for asked in work for i in self.found[asked]})
            total += len(entries)
            require(total <= MAX_ANSWERS, "the answers rest on too many admissions")
            verdicts = [self.verdict(i) for i in entries] or ["absent"]
            verdict = max(verdicts, key=VERDICTS.index)
            standings = [s for i in entries for s in self.standings(i, work)]
            answers.append(
                {
                    "covered": verdict == "covered",
                    "entries": entries,
                    "standing": None if None in standings else min(standings, key=STANDINGS.index, default=None),
                    "verdict": verdict,
                    "work": list(work),
                }
            )
        return answers

    def days(self, index, admission):
        if self.question.at is not None:
            return [self.question.at]
        if admission["used_from"] is not None:
            return [admission["used_from"]]
        start = self.bracket(index)[0]
        if start is not None and admission["at"] < start:
            return [day_of(admission["at"]), day_of(start)]
        return [day_of(admission["at"])]

    def verdict(self, index):
        admission = self.statements[index]
        if admission is None:
            return "erased"
        if admission["override"] is not None:
            return "override"
        days = self.days(index, admission)
        named = [(layer, (admission["grants"] or {}).get(layer)) for layer in self.dataset["layers"]]
        for layer, grant in named:
            if grant is None:
                return "gap"  # no-grant
            statement, _, ended = self.grants[grant]
            if any(judge(statement["terms"], ended, admission, self.dataset, layer, day) for day in days):
                return "gap"
        if self.about_dataset.erased() or any(self.grants[grant][1].erased() for _, grant in named):
            return "unknown"
        if max(days) > day_of(self.state["at"]):
            return "unknown"
        if admission["used_from"] is not None and self.question.at is None:
            return "covered-as-claimed"
        return "covered"

    def standings(self, index, work):
        """Of an admission, one for each layer that the dataset requires; None if it is erased or names no grant."""
        admission = self.statements[index]
        if admission is None:
            yield None
            return
        for layer in self.dataset["layers"]:
            grant = (admission["grants"] or {}).get(layer)
            if grant is None:
                yield None
            else:
                yield self.standing(grant, [asked for asked in work if index in self.found[asked]])

    def standing(self, grant, by):
        statement = self.grants[grant][0]
        table = self.grant_tables.get(grant)
        if table and self.signed_by(grant) is not None and all(table.look_up(work_key(asked)) for asked in by):
            return "signed"
        return "evidenced" if statement["terms"]["evidence"] else "asserted"

    def signed_by(self, grant):
        """The party of the auditor's licensors file whose key verifies the grant's signature."""
        statement = self.grants[grant][0]
        if statement["signed"] is None:
            return None
        return self.signer(grant, statement["signed"], self.lines_about(statement["terms"]["licensor"]["ids"]))

    def lines_about(self, parties):
        return [line for line in self.question.licensors if line.party in (parties or [])]

    def signer(self, index, signed, lines):
        """The party of the first of these lines whose key counts for the entry and verifies the signature."""
        end = self.bracket(index)[1]
        for line in lines:
            if line.not_after is not None and (end is None or day_of(end) >= line.not_after):
                continue
            if ed25519_verifies(line.key.public, signed.message, signed.signature):
                return line.party
        return None

    # 14. Nothing left over
    def nothing_left_over(self):
        require(all(table.all_used() for table in self.tables), "a row is disclosed that no look-up needed")
        require(self.needed | self.grants.keys() == self.statements.keys(), "an entry is disclosed that nothing needed")

    def witnesses_in_order(self):
        """Of the checkpoint, in the policy's order."""
        return [(key, self.witnesses[key]) for key in self.question.policy.witnesses.values() if key in self.witnesses]

    # What the answers rest on

    def admissions_relied_on(self):
        return sorted({i for answer in self.answers for i in answer["entries"]})

    def grants_relied_on(self):
        admissions = [self.statements[i] for i in self.admissions_relied_on() if self.statements[i] is not None]
        named = {(a["grants"] or {}).get(layer) for a in admissions for layer in self.dataset["layers"]}
        return sorted(named - {None})

    def said(self, kind):
        """The statements of a kind about the dataset, the grants and the admissions that the answers rest on."""
        subjects = [self.dataset_index, *self.grants_relied_on(), *self.admissions_relied_on()]
        return sorted({i: s for subject in subjects for i, s in self.about(subject).of(kind)}.items())

    def witnessed(self):
        if self.question.policy.quorum == "none":
            return False
        return all(None not in self.bracket(i) for i in self.admissions_relied_on())


# ================================================================================================
# 8  fork.md, lie.md
# ================================================================================================

MAX_FORK_LEN = 5 << 20
MAX_LIE_LEN = 64 << 20

FORK = shaped(
    {
        "format": one_of(["deedbook-fork/v1"]),
        "sides": list_of(
            shaped({"note": any_text}, {"leaf": base64_of(32), "path": list_of(base64_of(32), least=0)}), least=2, most=2
        ),
    },
    {"index": integer},
)
LIE = shaped(
    {
        "format": one_of(["deedbook-lie/v1"]),
        "sides": list_of(
            shaped(
                {
                    "entries": list_of(shaped({"index": integer, "text": lambda v: text(v, MAX_ENTRY_LEN)})),
                    "note": any_text,
                    "path": list_of(base64_of(32), least=0),
                }
            ),
            most=2,
        ),
        "tables": list_of(TABLE, most=2),
    }
)


def evidence_form(data, limit, shape):
    require(len(data) <= limit, "the file is too long")
    require(data.endswith(b"\n"), "the file does not end in LF")
    return shape(canonical_json(data[:-1]))


def checkpoints_of_one_key(notes, policy):
    """The checkpoints of notes that one of the policy's log keys signed, all of them."""
    for key in policy.logs:
        try:
            opened = [parse_checkpoint(note) for note in notes]
            if all(signers(checkpoint, Policy(logs=[key]))[0] for checkpoint in opened):
                return opened
        except Invalid:
            continue
    raise Invalid("no log key of the auditor signed every note")


def audit_path_root(index, size, leaf, path):
    """RFC 9162, 2.1.3.2."""
    require(index < size, "an index beyond the checkpoint")
    fn, sn, root = index, size - 1, leaf
    for item in path:
        require(sn != 0, "an inclusion path is too long")
        if fn & 1 or fn == sn:
            root = node_hash(item, root)
            while fn & 1 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, item)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "an inclusion path is too short")
    return root


def fork(data, policy):
    """The index that has two leaves or None, the sizes, the two roots or leaves, and the origin."""
    file = evidence_form(data, MAX_FORK_LEN, FORK)
    sides, index = file["sides"], file["index"]
    require(sides[0]["note"].encode() < sides[1]["note"].encode(), "the sides do not ascend")
    checkpoints = checkpoints_of_one_key([side["note"] for side in sides], policy)
    if index is None:
        require(all(side["leaf"] is None and side["path"] is None for side in sides), "a leaf of no index")
        require(checkpoints[0].size == checkpoints[1].size, "two sizes")
        values = [checkpoint.root for checkpoint in checkpoints]
    else:
        for side, checkpoint in zip(sides, checkpoints):
            require(side["leaf"] is not None and side["path"] is not None, "an index without leaf or path")
            root = audit_path_root(index, checkpoint.size, side["leaf"], side["path"])
            require(root == checkpoint.root, "a leaf is not in its log")
        values = [side["leaf"] for side in sides]
    require(values[0] != values[1], "no contradiction")
    return index, [c.size for c in checkpoints], values, checkpoints[0].origin


class LieVerification:
    """The five steps of lie.md, in order."""

    def __init__(self, data, policy):
        self.file = evidence_form(data, MAX_LIE_LEN, LIE)
        self.checkpoints = checkpoints_of_one_key([side["note"] for side in self.file["sides"]], policy)
        self.origin = self.checkpoints[0].origin
        self.sizes = [checkpoint.size for checkpoint in self.checkpoints]
        require(ascend(self.sizes), "the smaller checkpoint does not come first")
        self.entries()
        self.tables()
        self.release_name = None
        if len(self.open) == 1:
            self.state()
        else:
            self.release()
        require(set(self.statements) == self.needed, "an entry that nothing needs")
        require(all(table.all_used() for _, table in self.open), "a row that no look-up needs")

    def entries(self):
        self.statements = {}
        for side, checkpoint in zip(self.file["sides"], self.checkpoints):
            order = [entry["index"] for entry in side["entries"]]
            require(ascend(order) and order[-1] < checkpoint.size, "entries out of order, or beyond the checkpoint")
            leaves = [(entry["index"], leaf_hash(entry["text"].encode())) for entry in side["entries"]]
            root = batch_inclusion_root(checkpoint.size, leaves, side["path"])
            require(root == checkpoint.root, "the entries do not lead to the checkpoint's root")
            for entry in side["entries"]:
                index = entry["index"]
                require(index not in self.statements, "an entry on both sides")
                self.statements[index] = parse_statement(entry["text"].encode(), index)
        for index, statement in self.statements.items():
            for other, kinds in references(statement):
                require(other < index, "a statement names an entry that is not below it")
                found = self.statements.get(other)
                require(kinds is None or found is None or found["kind"] in kinds, "an entry of another kind is named")

    def tables(self):
        self.open = []
        given = self.file["tables"]
        kinds = ["state"] if len(given) == 1 else ["release", "state"]
        require(ascend([table["statement"] for table in given]), "the state does not lie above the release")
        for table, kind in zip(given, kinds):
            index = table["statement"]
            statement = self.statements.get(index)
            require(statement is not None and statement["kind"] == kind, f"a table that is not of a disclosed {kind}")
            rows_kind, rows = (REGISTER, statement["register"]) if kind == "state" else (RELEASE, statement["rows"])
            disclosed = [(row["position"], (row["key"], row["value"])) for row in table["rows"]]
            self.open.append((index, Table(rows_kind, rows["count"], rows["root"], disclosed, table["proof"])))

    def missing_of(self, index, table, keys):
        """Those of {text: key} that the table answers without a row that leads to the hidden entry."""
        require(self.hidden < index, "what is hidden does not lie below")
        found = []
        for name, key in keys.items():
            used = set(table.used)
            try:
                leads = self.hidden in table.look_up(key)
            except Invalid:
                leads = True
            if leads:
                table.used = used
            else:
                found.append(name)
        require(found, "nothing is hidden")
        return found

    def state(self):
        ((index, table),) = self.open
        others = sorted(set(self.statements) - {index})
        require(1 <= len(others) <= 2, "not one entry that is hidden")
        self.hidden = others[-1]
        hidden = self.statements[self.hidden]
        name = None
        if hidden["kind"] == "release":
            dataset = self.statements.get(hidden["dataset"])
            require(dataset is not None and dataset["kind"] == "dataset", "a release without its dataset")
            name = dataset["id"]
            self.needed = {index, self.hidden, hidden["dataset"]}
        else:
            self.needed = {index, self.hidden}
        texts = register_texts(hidden, lambda _: name)
        if hidden["kind"] == "dispute" and hidden["dispute"]["origin"] != self.origin:
            texts = set()
        self.by, self.state_index = (index, "state"), index
        self.missing = self.missing_of(index, table, {t: register_key(t) for t in texts})

    def release(self):
        (index, rows), (state, register) = self.open
        release = self.statements[index]
        d = release["dataset"]
        dataset = self.statements.get(d)
        require(dataset is not None and dataset["kind"] == "dataset", "a release without its dataset")
        admissions = [i for i, s in self.statements.items() if s["kind"] == "admission"]
        require(len(admissions) == 1, "not one admission")
        self.hidden = admissions[0]
        admission = self.statements[self.hidden]
        require(admission["dataset"] == d, "an admission to another dataset")
        self.missing = self.missing_of(index, rows, {i: work_key(i) for i in admission["looked_up_by"]})
        said = {
            value
            for about in (d, self.hidden)
            for value in register.look_up(register_key(f"entry:{about}"))
            if value < index
        }
        for by in said:
            statement = self.statements.get(by)
            require(statement is not None, "what was said before the release is not disclosed")
            withdrawn = statement["kind"] == "withdrawal" and statement["dataset"] == d
            require(not (withdrawn and withdraws(statement, self.hidden)), "the admission was withdrawn")
            erased = statement["kind"] == "erasure" and statement["entry"] == self.hidden
            require(not erased, "the admission was erased")
        self.needed = {d, self.hidden, index, state} | said
        self.by, self.state_index = (index, "release"), state
        self.release_name = f"{dataset['id']}@{release['version']}"


# ================================================================================================
# 9  json.md
# ================================================================================================

NOT_PROVEN = [
    "records-complete", "release-complete", "licensor-owned", "absent-from-training", "asserted-facts", "lawful",
    "neighbours",
]  # fmt: skip


def report_of(verification):
    v = verification
    return {
        "absent": [a for a in v.answers if a["verdict"] == "absent"],
        "corrections": [correction_report(index, s) for index, s in v.said("correction")],
        "dataset": {
            "entry": v.dataset_index,
            "id": v.dataset["id"],
            "layers": v.dataset["layers"],
            "models": v.dataset["models"] or [],
            "purpose": v.dataset["purpose"],
            "territories": v.dataset["territories"] or [],
            "title": v.dataset["title"],
            "uses": v.dataset["uses"],
        },
        "disputes": [dispute_report(v, index, s) for index, s in v.said("dispute")],
        "grants": [grant_report(v, index) for index in v.grants_relied_on()],
        "invalid": [],  # works of a catalogue that cannot be asked: here works are asked by their identifiers
        "log_size": v.checkpoint.size,
        "not_proven": NOT_PROVEN,
        "origin": v.checkpoint.origin,
        "present": [a for a in v.answers if a["verdict"] != "absent"],
        "release": v.release_name,
        "state": v.state_index,
        "valid": True,
        "witnessed": v.witnessed(),
        "withdrawals": [w for index, s in v.about_dataset.of("withdrawal") if (w := withdrawal_report(v, index, s))],
        "witnesses": [{"name": key.name, "time": print_time(time)} for key, time in v.witnesses_in_order()],
    }


def correction_report(index, s):
    parties = [{name: value for name, value in party.items() if value} for party in s["parties"] or []]
    return {
        "about": s["entry"], "at": print_time(s["at"]), "because": s["because"], "entry": index, "parties": parties,
        "title": s["title"],
    }  # fmt: skip


def dispute_report(verification, index, s):
    claim = s["dispute"]
    lines = verification.lines_about(claim["ids"])
    party = verification.signer(index, s["signed"], lines)
    return {
        "about": claim["entry"],
        "at": print_time(s["at"]),
        "claim": claim["claim"],
        "entry": index,
        "ids": claim["ids"] or [],
        "name": claim["name"],
        "signature": "signed" if party else "not-signed" if lines else "unchecked",
        "signed_by": party,
    }


def withdrawal_report(verification, index, s):
    """None where it names no admission that an answer rests on."""
    entries = [i for i in verification.admissions_relied_on() if withdraws(s, i)]
    if not entries:
        return None
    at, because, note = print_time(s["at"]), s["because"], s["note"]
    return {"at": at, "because": because, "entries": entries, "entry": index, "note": note}


def grant_report(verification, index):
    statement, _, ended = verification.grants[index]
    return {
        "ended": ended.isoformat() if ended else None,
        "entry": index,
        "id": statement["terms"]["id"],
        "licensor": statement["terms"]["licensor"]["name"],
        "signed_by": verification.signed_by(index),
    }


def report_of_invalid(reason):
    return {
        "absent": [], "corrections": [], "disputes": [], "grants": [], "invalid": [], "log_size": 0,
        "not_proven": NOT_PROVEN, "origin": "", "present": [], "reason": reason, "release": "", "state": 0, "valid": False,
        "withdrawals": [], "witnessed": False, "witnesses": [],
    }  # fmt: skip


def text_of_hash(value):
    return base64.b64encode(value).decode()


def fork_report(data, policy):
    report = {"error": None, "fork": False, "index": None, "origin": None, "sizes": [], "values": []}
    try:
        index, sizes, values, origin = fork(data, policy)
    except Invalid as reason:
        return {**report, "error": str(reason)}
    values = [text_of_hash(value) for value in values]
    return {**report, "fork": True, "index": index, "origin": origin, "sizes": sizes, "values": values}


def lie_report(data, policy):
    report = {
        "error": None, "hidden": None, "lie": False, "missing": [], "origin": None, "release": None, "sizes": [],
        "state": None, "statement": None,
    }  # fmt: skip
    try:
        v = LieVerification(data, policy)
    except Invalid as reason:
        return {**report, "error": str(reason)}
    return {
        **report,
        "hidden": {"entry": v.hidden, "kind": v.statements[v.hidden]["kind"]},
        "lie": True,
        "missing": sorted(v.missing),
        "origin": v.origin,
        "release": v.release_name,
        "sizes": v.sizes,
        "state": v.state_index,
        "statement": {"entry": v.by[0], "kind": v.by[1]},
    }


def verify(data, question):
    """The report on the bytes of a proof file, or of one with evidence."""
    if data.startswith(b'{"format":"deedbook-fork/v1"'):
        return fork_report(data, question.policy)
    if data.startswith(b'{"format":"deedbook-lie/v1"'):
        return lie_report(data, question.policy)
    try:
        return report_of(Verification(data, question))
    except Invalid as reason:
        return report_of_invalid(str(reason))


# -- The command line ----------------------------------------------------------------------------


def read_file(path, limit):
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Trouble(f"{path}: {error.strerror}") from None
    return data


def read_text(path, limit):
    data = read_file(path, limit)
    require(len(data) <= limit, f"{path} is too long")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{path} is not UTF-8") from None


def question_of(request):
    """A `Question` of a batch line's members. Whatever is wrong with it is trouble."""
    try:
        require((request.get("key") is None) != (request.get("policy") is None), "one of key and policy is needed")
        if request.get("policy") is not None:
            policy = parse_policy(read_text(request["policy"], 1 << 20))
        else:
            key = request["key"]
            policy = policy_of_key(key if "+" in key else read_text(key, 4096).removesuffix("\n"))
        question = Question(policy)
        if request.get("licensors") is not None:
            question.licensors = parse_licensors(read_text(request["licensors"], MAX_LICENSORS_LEN))
        if request.get("release") is not None:
            question.release = release_name(request["release"])
        if request.get("works") is not None:
            works = [[w] if isinstance(w, str) else w for w in request["works"]]
            question.works = [[work_or_group(i) for i in work] for work in works]
        if request.get("at") is not None:
            question.at = parse_date(request["at"])
        return question
    except Invalid as reason:
        raise Trouble(str(reason)) from None


def batch(path):
    questions = {}
    for line in read_text(path, 1 << 32).splitlines():
        request = json.loads(line)
        try:
            same = json.dumps({k: v for k, v in request.items() if k != "proof"}, sort_keys=True)
            if same not in questions:
                questions[same] = question_of(request)
            report = verify(read_file(request["proof"], MAX_PROOF_LEN), questions[same])
        except Trouble as trouble:
            report = {"error": str(trouble)}
        print(json.dumps(report, ensure_ascii=False))


def print_text(report):
    if "valid" not in report:
        print(json.dumps(report, ensure_ascii=False))
        return
    if not report["valid"]:
        print(f"invalid: {report['reason']}")
        return
    print(f"valid: {report['release']} of {report['origin']}, {report['log_size']} entries, state {report['state']}")
    for answer in report["present"] + report["absent"]:
        standing = f", {answer['standing']}" if answer["standing"] else ""
        print(f"  {' '.join(answer['work'])}: {answer['verdict']}{standing}")
    print("never proven: " + ", ".join(report["not_proven"]))


def main():
    parser = argparse.ArgumentParser(description="Verify a Deedbook proof file.", allow_abbrev=False)
    parser.add_argument("proof", nargs="?")
    parser.add_argument("--batch", metavar="FILE.jsonl")
    parser.add_argument("--key", metavar="VKEY")
    parser.add_argument("--policy", metavar="FILE")
    parser.add_argument("--licensors", metavar="FILE")
    parser.add_argument("--release", metavar="D@V")
    parser.add_argument("--work", metavar="ID", action="append", dest="works")
    parser.add_argument("--at", metavar="DATE")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        if options.batch:
            batch(options.batch)
            return 0
        if options.proof is None:
            raise Trouble("a proof file, or --batch, is needed")
        report = verify(read_file(options.proof, MAX_PROOF_LEN), question_of(vars(options)))
    except (Trouble, Invalid) as trouble:
        print(f"error: {trouble}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print_text(report)
    return 0 if report.get("valid") else 1


if __name__ == "__main__":
    sys.exit(main())
