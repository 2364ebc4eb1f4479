"""rows.py ENGINE RECORDS FOLDER: makes packed parts of dicts, and prints the seconds and the bytes that took as JSON.

ENGINE is `cdp-batch`, which checks nothing like the others, or `checked`, which does, or the module that serialises in
a loop around zlib and hashlib, as a script would have it. The dicts are made, and modules imported, before the clock
starts.

rows.py memory COUNT FOLDER: packs so many rows of a generator, for its peak memory.
"""

import hashlib
import importlib
import json
import sys
import time
import zlib
from pathlib import Path

from cdp_batch import Client

LEVEL = 6
THREADS = 2
PART_BYTES = 50_000_000
LINES_BYTES = 1 << 18
CHECKS = {"cdp-batch": "none", "checked": "envelope"}


def loop(dumps, is_text, rows, folder):
    """Lines are gathered so that zlib is not called for each, and a part ends shortly before it would be too large."""
    total = number = 0
    part = None
    lines, waiting = [], 0

    def flush():
        data = part["gzip"].compress(b"".join(lines))
        part["md5"].update(data)
        part["size"] += part["file"].write(data)
        lines.clear()

    def close():
        nonlocal total
        flush()
        data = part["gzip"].flush()
        part["md5"].update(data)
        total += part["size"] + part["file"].write(data)
        part["file"].close()
        part["md5"].hexdigest()

    for row in rows:
        if part is None:
            gzip = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
            part = {"gzip": gzip, "md5": hashlib.md5(), "size": 0, "file": open(folder / f"{number}.json.gz", "wb")}
            number += 1
        line = dumps(row)
        lines.append(line.encode() + b"\n" if is_text else line + b"\n")
        waiting += len(line)
        if waiting > LINES_BYTES:
            flush()
            waiting = 0
            if part["size"] > PART_BYTES - 2 * LINES_BYTES:
                close()
                part = None
    if part:
        close()
    return total


def ours(rows, folder, check):
    with Client(base_url="http://127.0.0.1:1", client_key="k", api_token="t") as client:
        packed = client.pack(rows, folder, level=LEVEL, threads=THREADS, check=check)
    return sum(part.size for part in packed.parts)


def generated(count):
    for number in range(count):
        yield {
            "ref": f"00000000-0000-4000-8000-{number:012}",
            "schema": "guest",
            "mode": "upsert",
            "value": {
                "guestType": "customer",
                "email": f"customer{number}@example.com",
                "identifiers": [{"provider": "CRM", "id": f"C-{number}"}],
            },
        }


def main(engine, source, folder):
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    if engine == "memory":
        ours(generated(int(source)), folder, "envelope")
        return
    with open(source, "rb") as records:
        rows = [json.loads(line) for line in records]
    if engine in CHECKS:
        start = time.perf_counter()
        size = ours(rows, folder, CHECKS[engine])
    else:
        dumps = importlib.import_module(engine).dumps
        start = time.perf_counter()
        size = loop(dumps, engine == "json", rows, folder)
    print(json.dumps({"seconds": time.perf_counter() - start, "bytes": size}))


main(*sys.argv[1:])
