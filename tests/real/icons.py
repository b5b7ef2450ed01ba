#!/usr/bin/env python3
"""Real licences by the hundred thousand: the icons of the npm package @iconify/json, counted independently.

usage: icons.py DEEDBOOK WORK-FOLDER

Fetches the package with npm, writes a catalogue of its icons (one line each, with the licence and author of its set), and
works out from the package alone what a commercial dataset and a research one must admit, hold and refuse. Then it asks
the command, and compares. Needs npm and the standard library; nothing of Deedbook but the command.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import time
from collections import Counter
from pathlib import Path

DEEDBOOK, WORK = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
PACKAGE, VERSION = "@iconify/json", "2.2.535"
ICONS, SETS = 379_454, 238

# What the default rules say (docs/formats/rules.md) of the licences that occur here: commercially, and for research.
# Of the Open Font License they say nothing. GPL-3.0 is the retired name of GPL-3.0-only.
OUTCOMES = {
    "MIT": ("admitted", "admitted"),
    "Apache-2.0": ("admitted", "admitted"),
    "ISC": ("admitted", "admitted"),
    "BSD-3-Clause": ("admitted", "admitted"),
    "CC0-1.0": ("admitted", "admitted"),
    "Unlicense": ("admitted", "admitted"),
    "CC-BY-3.0": ("admitted", "admitted"),
    "CC-BY-4.0": ("admitted", "admitted"),
    "CC-BY-SA-3.0": ("held", "admitted"),
    "CC-BY-SA-4.0": ("held", "admitted"),
    "MPL-2.0": ("held", "admitted"),
    "GPL-2.0-only": ("held", "admitted"),
    "GPL-2.0-or-later": ("held", "admitted"),
    "GPL-3.0": ("held", "admitted"),
    "GPL-3.0-or-later": ("held", "admitted"),
    "OFL-1.1": ("held", "held"),
    "CC-BY-NC-4.0": ("refused", "admitted"),
    "CC-BY-NC-SA-4.0": ("refused", "admitted"),
}


def fetch():
    """Downloads the package; tries three times, then names the download that failed."""
    name = f"{PACKAGE}@{VERSION}"
    for attempt in range(3):
        got = subprocess.run(["npm", "pack", "--silent", name], cwd=WORK, capture_output=True, text=True)
        if got.returncode == 0:
            return WORK / got.stdout.split()[-1]
        time.sleep(5 * attempt)
    sys.exit(f"npm pack {name} failed three times:\n{got.stderr}")


def sets(package):
    """Each set of icons that the package lists, as its own file describes it."""
    with tarfile.open(package) as archive:
        listed = json.load(archive.extractfile("package/collections.json"))
        for member in archive:
            if member.name.startswith("package/json/") and member.name.endswith(".json"):
                icon_set = json.load(archive.extractfile(member))
                if icon_set["prefix"] in listed:
                    yield icon_set, listed[icon_set["prefix"]]["total"]


def shown(icon_set):
    """The icons that the package counts: those not hidden, and aliases that show another turned, flipped or moved."""
    own = [name for name, icon in icon_set["icons"].items() if not icon.get("hidden")]
    aliases = icon_set.get("aliases", {}).items()
    return own + [name for name, icon in aliases if icon.keys() - {"parent", "hidden"} and not icon.get("hidden")]


def write_catalogue(package, file):
    """One line for each icon. Returns how many sets there are, icons under each licence, and icons of each outcome."""
    licences, expected = Counter(), (Counter(), Counter())
    count = 0
    for count, (icon_set, total) in enumerate(sets(package), 1):
        info, prefix, names = icon_set["info"], icon_set["prefix"], shown(icon_set)
        assert len(names) == total, f"{prefix}: {len(names)} icons, and the package says {total}"
        spdx = info["license"]["spdx"]
        for name in names:
            line = {
                "id": f"iconify/{prefix}:{name}",
                "title": f"{prefix}:{name}",
                "author": info["author"]["name"],
                "licence": spdx,
                "layer": "image",
                "type": "image",
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        licences[spdx] += len(names)
        for which, outcome in enumerate(OUTCOMES[spdx]):
            expected[which][outcome] += len(names)
    return count, licences, expected


def run(*args):
    began = time.monotonic()
    ran = subprocess.run([DEEDBOOK, "--json", *map(str, args)], cwd=WORK, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"deedbook {' '.join(map(str, args))}: exit {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return json.loads(ran.stdout) if ran.stdout else {}, time.monotonic() - began


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    package = fetch()
    fetched = time.monotonic() - began
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    print(f"{package.name}: {package.stat().st_size:,} bytes, sha256 {digest}, fetched in {fetched:.1f} s")

    began = time.monotonic()
    catalogue = WORK / "icons.jsonl"
    with open(catalogue, "w", encoding="utf-8") as file:
        count, licences, expected = write_catalogue(package, file)
    package.unlink()
    total = sum(licences.values())
    print(f"{total:,} icons in {count} sets, written in {time.monotonic() - began:.1f} s: {dict(licences)}")
    assert (count, total) == (SETS, ICONS), (count, total)
    assert (licences["CC-BY-NC-SA-4.0"], licences["CC-BY-NC-4.0"]) == (1_737, 479), licences

    run("init", "deeds", "--origin", "lab.example/icons")
    ledger = ["--ledger", WORK / "deeds"]
    for which, purpose in enumerate(("commercial", "research")):
        run(*ledger, "dataset", "new", purpose, "--use", "generative-training", "--purpose", purpose, "--layer", "image")
        found, took = run(*ledger, "admit", purpose, catalogue)
        wanted = {**dict.fromkeys(("admitted", "held", "refused", "duplicates"), 0), **expected[which]}
        found = {key: found[key] for key in (*wanted, "reasons")}
        print(f"{purpose}, in {took:.1f} s: {found}")
        reasons = found.pop("reasons")
        if found != wanted:
            sys.exit(f"{purpose}: counted independently, it is {wanted}")
        refused = {"purpose-not-covered": wanted["refused"], "needs-review": wanted["held"]}
        assert reasons == {code: number for code, number in refused.items() if number}, reasons
        run(*ledger, "seal", purpose, "1")

    # What was refused commercially is in no release of that dataset, icon by icon, and all of it is in the other.
    refused = WORK / "refused.jsonl"
    with open(catalogue, encoding="utf-8") as lines, open(refused, "w", encoding="utf-8") as out:
        out.writelines(line for line in lines if "-NC-" in json.loads(line)["licence"])
    run(*ledger, "check", "commercial@1", refused, "--require", "absent")
    run(*ledger, "check", "research@1", refused, "--require", "present")
    _, took = run(*ledger, "log", "fsck")
    print(f"sealed and checked; fsck in {took:.1f} s")


main()
