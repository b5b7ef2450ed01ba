#!/usr/bin/env python3
"""Real music through the whole command: two of Debian's packages, counted independently.

usage: music.py DEEDBOOK WORK-FOLDER

Fetches singularity-music (tracks whose own tags name a licence) and hyperrogue-music (a machine-readable copyright
file, DEP-5) with apt, unpacks them without installing, and works out from the files alone what a research dataset and
a commercial one must admit, hold and refuse. Then it asks the command, and compares: the copyright file once as a
catalogue made of it here, and once as it stands in the package. Needs apt-get, dpkg-deb and the standard library; nothing
of Deedbook but the command.
"""

import csv
import fnmatch
import hashlib
import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

DEEDBOOK, WORK = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
CC_URL = re.compile(rb"https?://creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)")


def fetch(package):
    """Downloads and unpacks a package; tries three times, then names the download that failed."""
    target = WORK / package
    if target.is_dir():
        return target
    for attempt in range(3):
        got = subprocess.run(["apt-get", "download", package], cwd=WORK, capture_output=True, text=True)
        if got.returncode == 0:
            break
        time.sleep(5 * attempt)
        subprocess.run(["apt-get", "update"], capture_output=True)
    else:
        sys.exit(f"apt-get download {package} failed three times:\n{got.stderr}")
    [archive] = WORK.glob(f"{package}_*.deb")
    subprocess.run(["dpkg-deb", "-x", archive, target], check=True)
    return target


def dep5(text):
    """The (patterns, licence) of each Files paragraph of a machine-readable copyright file, in its order."""
    for paragraph in re.split(r"\n\s*\n", text):
        fields, name = {}, None
        for line in paragraph.splitlines():
            if line[:1].isspace():
                fields[name] += "\n" + line.strip()
            elif ":" in line:
                name, value = line.split(":", 1)
                fields[name] = value.strip()
        if "Files" in fields and "License" in fields:
            yield fields["Files"].split(), fields["License"].splitlines()[0]


def licence_of(path, paragraphs):
    """The last paragraph that matches counts."""
    found = None
    for patterns, licence in paragraphs:
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
            found = licence
    return found


def installed(path, paragraphs):
    """The licence of a file by its installed path: the last paragraph that matches the end of it, from any folder on."""
    names = path.split("/")
    ends = ["/".join(names[start:]) for start in range(len(names))]
    last = {paragraphs.index(p) for p in paragraphs for end in ends if licence_of(end, [p])}
    return paragraphs[max(last)][1] if last else None


def in_tags(path):
    """The licences whose addresses stand in the comments at the beginning of an Ogg file."""
    with open(path, "rb") as file:
        head = file.read(16384)
    return {f"CC-{kind.decode().upper()}-{version.decode()}" for kind, version in CC_URL.findall(head)}


def outcome(licence, purpose):
    """What the default rules say (docs/formats/rules.md), for the licences that occur here."""
    if licence is None:
        return "held"
    if "-NC" in licence:
        return "admitted" if purpose == "research" else "refused"
    if any(part in licence for part in ("-SA", "-ND", "GPL-")):
        return "admitted" if purpose == "research" and "-ND" not in licence else "held"
    return "admitted"


def run(*args, code=0):
    ran = subprocess.run([DEEDBOOK, "--json", *map(str, args)], cwd=WORK / "deeds", capture_output=True, text=True)
    if ran.returncode != code:
        sys.exit(f"deedbook {' '.join(map(str, args))}: exit {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return json.loads(ran.stdout) if ran.stdout else {}


def expected(licences, purpose):
    """Counts for files and their licences; a second file of the same bytes is a duplicate of one admitted."""
    counts, seen = Counter(), set()
    for path, licence in sorted(licences.items()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        said = "duplicates" if digest in seen else outcome(licence, purpose)
        counts[said] += 1
        if said == "admitted":
            seen.add(digest)
    return counts


def compare(what, found, wanted):
    found = {key: found[key] for key in ("admitted", "held", "refused", "duplicates")}
    wanted = {key: wanted[key] for key in found}
    print(f"{what}: {found}")
    if found != wanted:
        sys.exit(f"{what}: counted independently, it is {wanted}")


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    singularity = fetch("singularity-music") / "usr/share/games/singularity/music"
    package = fetch("hyperrogue-music")
    hyperrogue = package / "usr/share/hyperrogue"

    # The tags of one, the copyright file of the other.
    tagged = {path: in_tags(path) for path in singularity.rglob("*") if path.is_file()}
    assert all(len(licences) == 1 for licences in tagged.values()), tagged
    tagged = {path: licences.pop() for path, licences in tagged.items()}
    paragraphs = list(dep5((package / "usr/share/doc/hyperrogue-music/copyright").read_text()))
    described = {path: None for path in hyperrogue.rglob("*") if path.is_file()}
    for path in described:
        if path.suffix == ".ogg":
            described[path] = licence_of(path.relative_to(hyperrogue).as_posix(), paragraphs)
            assert in_tags(path) <= {described[path]}, f"{path}: tags and copyright file disagree"
    print("DEP-5:", Counter(filter(None, described.values())))
    with open(WORK / "hyperrogue.csv", "w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["path", "licence"])
        rows.writerows([p.relative_to(hyperrogue), licence] for p, licence in described.items() if licence)

    # The whole package, and its copyright file as Debian wrote it.
    native = {path: installed(path.relative_to(package).as_posix(), paragraphs) for path in package.rglob("*") if path.is_file()}
    assert all(native[path] == licence for path, licence in described.items() if licence), "paths of source and package"
    print("DEP-5 of the installed package:", Counter(native.values()))

    # Files are remembered only once they have been left alone for two seconds.
    time.sleep(3)
    (WORK / "deeds").mkdir(exist_ok=True)
    key = run("init", "deeds", "--origin", "lab.example/music")["verifier_key"]
    ledger = ["--ledger", WORK / "deeds" / "deeds"]
    for purpose in ("research", "commercial"):
        run(*ledger, "dataset", "new", purpose, "--use", "generative-training", "--purpose", purpose, "--layer", "master")
        compare(f"singularity, {purpose}", run(*ledger, "admit", purpose, singularity), expected(tagged, purpose))
        admitted = run(*ledger, "admit", purpose, hyperrogue, "--catalogue", WORK / "hyperrogue.csv")
        compare(f"hyperrogue, {purpose}", admitted, expected(described, purpose))
        run(*ledger, "dataset", "new", f"native-{purpose}", "--use", "generative-training", "--purpose", purpose, "--layer", "master")
        by_copyright = ["--catalogue", package / "usr/share/doc/hyperrogue-music/copyright"]
        admitted = run(*ledger, "admit", f"native-{purpose}", package, *by_copyright)
        compare(f"hyperrogue by its copyright file, {purpose}", admitted, expected(native, purpose))
        again = run(*ledger, "admit", purpose, singularity)
        assert again["admitted"] == 0 and again["files_read"] == 0, again
        run(*ledger, "seal", purpose, "1")

    # Patterns of sources that the package leaves out are told; a copyright file in prose is no evidence.
    assert admitted["unfitted_patterns"] > 0, admitted
    prose = WORK / "singularity-music/usr/share/doc/singularity-music/copyright"
    run(*ledger, "admit", "research", singularity, "--catalogue", prose, code=2)

    # Every track is in the research release, proven and verified; one bit later it is not, by digest.
    run(*ledger, "check", "research@1", singularity, "--require", "present")
    proof = WORK / "singularity.proof"
    run(*ledger, "prove", "research@1", singularity, "-o", proof)
    verified = run("verify", proof, "--key", key, "--works", singularity, "--release", "research@1", "--require", "present,covered")
    assert len(verified["present"]) == len(tagged), verified
    track = sorted(tagged)[0]
    changed = bytearray(track.read_bytes())
    changed[len(changed) // 2] ^= 1
    (WORK / "changed.ogg").write_bytes(changed)
    run(*ledger, "check", "research@1", WORK / "changed.ogg", "--require", "absent")
    run(*ledger, "prove", "research@1", WORK / "changed.ogg", "-o", WORK / "changed.proof")
    run("verify", WORK / "changed.proof", "--key", key, "--works", WORK / "changed.ogg", "--require", "absent")
    run(*ledger, "log", "fsck")
    print("sealed, proven, verified; one bit changed is absent")


main()
