#!/usr/bin/env python3
"""A witness that cosigns whatever it is shown, with the package aics-tlog.

usage: witness.py key | witness.py cosign CHECKPOINT

Its key is the same each time. A real witness remembers what it has seen and asks for a consistency proof first; the
verifiers check those themselves.
"""

import hashlib
import sys
import time
from pathlib import Path

import aics_tlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAME = "witness.example/interop"
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(NAME.encode()).digest())

if sys.argv[1] == "key":
    print(aics_tlog.format_vkey(aics_tlog.cosignature_vkey(NAME, KEY.public_key())))
else:
    note = aics_tlog.parse_note(Path(sys.argv[2]).read_bytes())
    checkpoint = aics_tlog.parse_checkpoint(note.text)
    _, line = aics_tlog.sign_cosignature(
        KEY, NAME, int(time.time()), checkpoint.origin, checkpoint.size, checkpoint.root
    )
    text = aics_tlog.Note(text=note.text, signatures=(line,)).serialise()
    sys.stdout.write(text)
