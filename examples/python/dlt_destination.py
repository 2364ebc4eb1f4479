"""A dlt destination, and a pipeline that loads guests into it.

With a batch size of 0 dlt hands over a whole file, and a file is one run. The run is named after the file: when dlt
tries a file again, what was sent before is found, and not sent again.
"""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dlt
from dlt.common.json import json
from dlt.common.schema import TTableSchema
from dlt.common.storages import FileStorage
from dlt.common.storages.load_package import ParsedLoadJobFileName

from cdp_batch import Client


@dlt.destination(batch_size=0, loader_file_format="typed-jsonl", name="sitecore_cdp")
def sitecore_cdp(path: Any, table: TTableSchema) -> None:
    """Uploads a file of guests, which dlt names. Raises if one of them was refused, so that dlt marks the file as failed."""
    with Client.from_env() as client:
        file = ParsedLoadJobFileName.parse(path).file_id
        report = client.upload(
            rows(path, table), run_id=f"dlt-{file}", schema="guest", mode="upsert", ref_field="email"
        )
    print(f"{table['name']}: {report.counts.confirmed} of {report.counts.read} rows are confirmed")


def rows(path: str, table: TTableSchema) -> Iterator[dict[str, Any]]:
    """The rows of a file of dlt, with their types, without the columns of its own."""
    with FileStorage.open_zipsafe_ro(path, "rb") as file:
        for line in file:
            for row in json.typed_loadb(line):
                yield {name: value for name, value in row.items() if name in table["columns"]}


@dlt.resource
def guests() -> Iterator[dict[str, Any]]:
    """Stands for a source of dlt."""
    for number in range(1, 101):
        yield {
            "guestType": "customer",
            "email": f"customer{number}@example.com",
            "lastSeen": datetime(2026, 1, 31, 12, number % 60, tzinfo=UTC),
            "identifiers": [{"provider": "CRM", "id": f"C-{number}"}],
        }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline("guests", destination=sitecore_cdp(), pipelines_dir=folder)
        pipeline.run(guests())
