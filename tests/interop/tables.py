#!/usr/bin/env python3
"""Tables written by pyarrow, each beside its rows as JSON lines: what tests/parquet reads must say the same.

usage: tables.py FOLDER

Every codec, both versions of pages, with and without dictionaries, lists, strings of three kinds, small pages and row
groups. Needs pyarrow and nothing of Deedbook.
"""

import datetime
import itertools
import json
import random
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = Path(sys.argv[1])
FOLDER.mkdir(parents=True, exist_ok=True)


def rows(count, seed):
    dice = random.Random(seed)
    isbns = ["9780306406157", "978-1-86197-271-2", "9783161484109", None]
    for number in range(count):
        yield {
            "isbn": dice.choice(isbns),
            "title": f"The {'same long ' * dice.randrange(4)}beginning of {number} \u00e9\u4e16",
            "bytes": dice.choice([None, number, 2**53 - 1 - number]),
            "used_from": dice.choice([None, datetime.date(1969, 12, 31), datetime.date(2024, 2, 29)]),
            "author": dice.choice([None, [], ["A; B"], ["A", None, f"C {number}"]]),
            "layer": dice.choice([[], ["text"], ["text", "image"]]),
            "audiodownload_allowed": dice.choice([None, True, False]),
            "jamendo": dice.randrange(2**32),
            "price": dice.random(),
            "seen": datetime.datetime(2024, 1, 1),
            "image": {"bytes": b"\x00", "path": "a.jpg"},
        }


def schema(text):
    return pa.schema([
        ("isbn", text), ("title", pa.dictionary(pa.int32(), pa.string())), ("bytes", pa.int64()), ("used_from", pa.date32()),
        ("author", pa.list_(text)), ("layer", pa.large_list(pa.string())), ("audiodownload_allowed", pa.bool_()),
        ("jamendo", pa.uint32()), ("price", pa.float64()), ("seen", pa.timestamp("us")),
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
    ])


def as_json(row):
    kept = {name: value for name, value in row.items() if name not in ("price", "seen", "image") and value is not None}
    if "used_from" in kept:
        kept["used_from"] = str(kept["used_from"])
    if "author" in kept:
        kept["author"] = [name for name in kept["author"] if name is not None]
    return json.dumps(kept)


codecs = ["none", "snappy", "gzip", "zstd", "lz4"]
choices = itertools.product(codecs, ["1.0", "2.0"], [True, False], [pa.string(), pa.large_string(), pa.string_view()])
for number, (codec, version, dictionary, text) in enumerate(choices):
    data = list(rows(300 + number, number))
    table = pa.Table.from_pylist(data, schema(text))
    name = FOLDER / f"{number:02}-{codec}-{version}-{'dictionary' if dictionary else 'plain'}"
    encoding = None
    if not dictionary and number % 2:
        encoding = {"isbn": "DELTA_BYTE_ARRAY", "author.list.element": "DELTA_LENGTH_BYTE_ARRAY", "bytes": "DELTA_BINARY_PACKED"}
    pq.write_table(
        table, f"{name}.parquet", compression=codec, data_page_version=version, use_dictionary=dictionary,
        column_encoding=encoding, row_group_size=97 + number, data_page_size=512, write_batch_size=16,
        write_page_index=bool(number % 3),
    )
    Path(f"{name}.jsonl").write_text("\n".join(map(as_json, data)) + "\n")
