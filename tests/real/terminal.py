#!/usr/bin/env python3
"""The command on a terminal, and in front of Ctrl-C.

usage: terminal.py DEEDBOOK WORK-FOLDER

Admits a folder on a pseudo-terminal: progress is drawn, and wiped. Interrupts another run in its middle: exit code
130, the old state, and the next run goes on. Without a terminal nothing is drawn. Needs the standard library.
"""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

DEEDBOOK, WORK = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
FILES = 40_000


def plain(*args):
    ran = subprocess.run([DEEDBOOK, "--ledger", WORK / "deeds", *args], capture_output=True, text=True)
    assert ran.returncode == 0, ran
    return ran


def on_terminal(*args, interrupt_at=None):
    """Runs a command with stderr on a terminal; gives its exit code and what the terminal got."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [DEEDBOOK, "--ledger", WORK / "deeds", *args], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs,
        # Whoever runs this may have SIGINT ignored, as shells do in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(theirs)
    drawn = b""
    while True:
        ready, _, _ = select.select([ours], [], [], 60)
        assert ready, "nothing was drawn for a minute"
        try:
            more = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        drawn += more
        if interrupt_at is not None and interrupt_at in drawn:
            child.send_signal(signal.SIGINT)
            interrupt_at = None
    return child.wait(), drawn


def main():
    (WORK / "works").mkdir(parents=True)
    for number in range(FILES):
        (WORK / "works" / f"{number:05}.txt").write_text(f"License: CC0-1.0\n\n{number}\n")
    with open(WORK / "works" / "z.bin", "wb") as big:
        big.truncate(8 << 30)  # sparse: seconds of hashing
    time.sleep(3)
    subprocess.run([DEEDBOOK, "init", WORK / "deeds", "--origin", "lab.example/deeds"], check=True, capture_output=True)
    plain("dataset", "new", "texts", "--use", "generative-training", "--purpose", "commercial", "--layer", "text")
    size = json.loads(plain("--json", "log", "status").stdout)["size"]

    code, drawn = on_terminal("admit", "texts", str(WORK / "works"), interrupt_at=b"40,000")
    if code == 0:
        sys.exit("the run was over before it was interrupted")
    assert code == 130 and b"interrupted; nothing was recorded" in drawn, (code, drawn[-500:])
    assert json.loads(plain("--json", "log", "status").stdout)["size"] == size
    plain("log", "fsck")
    assert not list((WORK / "deeds").rglob("*.tmp")), "temporary files are left"

    os.truncate(WORK / "works" / "z.bin", 1)
    code, drawn = on_terminal("admit", "texts", str(WORK / "works"))
    assert code == 0 and b"admitting" in drawn and b"/s" in drawn, (code, drawn[-500:])
    again = plain("--json", "admit", "texts", str(WORK / "works"))
    assert again.stderr == "" and json.loads(again.stdout)["duplicates"] == FILES, again
    print(f"drawn on a terminal: {len(drawn)} bytes; interrupted with exit code 130; nowhere else drawn")


main()
