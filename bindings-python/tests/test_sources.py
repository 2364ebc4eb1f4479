"""Everything that can be uploaded."""

import asyncio
import gzip
import io
import itertools
import os
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
import pytest

import cdp_batch
from cdp_batch.testing import Emulator


def lines(guests: str) -> list[bytes]:
    return Path(guests).read_bytes().splitlines()


def arrived(emulator: Emulator) -> list[bytes]:
    return [record.text.encode() for record in emulator.arrived()]


class Fspath:
    def __init__(self, path: str) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return self.path


SOURCES: dict[str, Any] = {
    "str": lambda path: path,
    "path": Path,
    "path-like": Fspath,
    "pattern": lambda path: path.replace("guests.", "guest?."),
    "bytes": lambda path: Path(path).read_bytes(),
    "bytearray": lambda path: bytearray(Path(path).read_bytes()),
    "memoryview": lambda path: memoryview(Path(path).read_bytes()),
    "gzip bytes": lambda path: gzip.compress(Path(path).read_bytes()),
    "binary file": lambda path: io.BytesIO(Path(path).read_bytes()),
    "text file": lambda path: io.StringIO(Path(path).read_text()),
    "gzip file": lambda path: io.BytesIO(gzip.compress(Path(path).read_bytes())),
    "json array": lambda path: b"[" + b",".join(lines(path)) + b"]",
    "list of bytes": lines,
    "tuple of str": lambda path: tuple(line.decode() for line in lines(path)),
    "generator": lambda path: (line for line in lines(path)),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_arrives_byte_for_byte(
    kind: str, client: cdp_batch.Client, cdp_emulator: Emulator, guests: str
) -> None:
    assert client.upload(SOURCES[kind](guests)).ok
    assert arrived(cdp_emulator) == lines(guests)


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_arrives_byte_for_byte_also_when_awaited(kind: str, cdp_emulator: Emulator, guests: str) -> None:
    async def main() -> bool:
        async with cdp_batch.AsyncClient.from_env(wait={"min_ms": 5}) as client:
            return (await client.upload(SOURCES[kind](guests))).ok

    assert asyncio.run(main())
    assert arrived(cdp_emulator) == lines(guests)


def test_an_async_iterable_is_uploaded(cdp_emulator: Emulator, guests: str) -> None:
    async def rows() -> AsyncIterator[bytes]:
        for line in lines(guests):
            await asyncio.sleep(0)
            yield line

    async def main() -> bool:
        async with cdp_batch.AsyncClient.from_env(wait={"min_ms": 5}) as client:
            return (await client.upload(rows())).ok

    assert asyncio.run(main())
    assert arrived(cdp_emulator) == lines(guests)


def test_several_paths_are_read_in_their_order(client: cdp_batch.Client, guests: str, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("b.ndjson", "a.ndjson")]
    for path, line in zip(paths, lines(guests), strict=False):
        path.write_bytes(line)
    found = client.validate(paths)
    assert (found.read, found.invalid) == (2, 0)


@pytest.mark.parametrize("mode", ["r", "rb"])
def test_a_file_is_read_from_where_it_stands_and_stays_open(
    mode: str, client: cdp_batch.Client, cdp_emulator: Emulator, guests: str
) -> None:
    with open(guests, mode) as file:
        file.readline()
        assert client.upload(file).counts.read == 2
        assert not file.closed
    assert arrived(cdp_emulator) == lines(guests)[1:]


def test_a_pipe_is_read_to_its_end(client: cdp_batch.Client, guests: str) -> None:
    reading, writing = os.pipe()
    with open(writing, "wb") as file:
        file.write(Path(guests).read_bytes())
    with open(reading, "rb") as file:
        assert client.upload(file).ok


def guest(number: int) -> dict[str, Any]:
    return {"guestType": "customer", "identifiers": [{"provider": "CRM", "id": f"C-{number}"}]}


class Identifier(pydantic.BaseModel):
    provider: str
    id: str


class Model(pydantic.BaseModel):
    guestType: str
    identifiers: list[Identifier]


@dataclass
class Record:
    guestType: str
    identifiers: list[Identifier]


class Plain:
    def __init__(self) -> None:
        self.guestType = "customer"
        self.identifiers = [{"provider": "CRM", "id": "C-1"}]


@pytest.mark.parametrize(
    "row",
    [guest(1), Model(**guest(1)), Record("customer", [Identifier(provider="CRM", id="C-1")])],
    ids=["dict", "pydantic", "dataclass"],
)
def test_rows_are_serialised(row: object, client: cdp_batch.Client, cdp_emulator: Emulator) -> None:
    assert client.upload([row], schema="guest", mode="upsert").ok
    assert cdp_emulator.arrived()[0].record["value"] == guest(1)


def test_default_makes_something_of_anything_else(client: cdp_batch.Client, cdp_emulator: Emulator) -> None:
    assert client.upload([Plain()], default=vars, schema="guest", mode="upsert").ok
    assert cdp_emulator.arrived()[0].record["value"] == guest(1)


@pytest.mark.parametrize(("nan", "value"), [("null", {"firstName": None}), ("omit", {})], ids=["null", "omit"])
def test_nan_is_refused_unless_told_otherwise(
    nan: Any, value: dict[str, Any], client: cdp_batch.Client, cdp_emulator: Emulator
) -> None:
    row = {**guest(1), "firstName": float("nan")}
    with pytest.raises(cdp_batch.InvalidRecordError, match="row 1: firstName") as caught:
        client.upload([row], schema="guest", mode="upsert")
    assert isinstance(caught.value, ValueError)
    client.upload([row], nan=nan, schema="guest", mode="upsert", raise_on="never")
    assert cdp_emulator.arrived()[0].record["value"] == {**guest(1), **value}


@pytest.mark.parametrize("source", [{"ref": 1}, 7, None])
def test_what_is_no_source_is_a_type_error(source: Any, client: cdp_batch.Client) -> None:
    with pytest.raises(TypeError, match="iterable of rows"):
        client.upload(source)


def test_a_generator_is_pulled_no_faster_than_parts_are_packed(client: cdp_batch.Client, tmp_path: Path) -> None:
    pulled = 0
    row = "x" * 1_000

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal pulled
        for pulled in range(100_000):
            yield {**guest(pulled), "firstName": row}

    # The run ends at the first bad record, long before the generator would.
    bad = itertools.chain([{"guestType": 1}], rows())
    with pytest.raises(cdp_batch.InvalidRecordError):
        client.pack(bad, tmp_path, schema="guest", mode="upsert", check="model", on_invalid="stop", threads=1)
    assert pulled < 50_000


def test_memory_is_flat_in_the_number_of_rows(client: cdp_batch.Client, tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        try:
            packed = client.pack(map(guest, range(rows)), tmp_path, schema="guest", mode="upsert")
            assert packed.counts.packed == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1_000)
    assert peak(100_000) < 2 * peak(20_000) + 1_000_000


def test_a_writer_pushes_rows_and_gives_up_when_its_block_fails(
    client: cdp_batch.Client, cdp_emulator: Emulator, guests: str
) -> None:
    with client.writer() as writer:
        for line in lines(guests):
            writer.write(line)
    assert writer.report and writer.report.ok
    assert writer.close() is writer.report
    with pytest.raises(LookupError), client.writer() as writer:
        writer.write(lines(guests)[0])
        raise LookupError
    assert arrived(cdp_emulator) == lines(guests)


def test_a_writer_says_why_the_run_ended_early(cdp_emulator: Emulator, guests: str) -> None:
    client = cdp_batch.Client(base_url=cdp_emulator.base_url, client_key="k", api_token="wrong")
    with pytest.raises(cdp_batch.UnauthorizedError), client.writer(max_batch_records=1) as writer:
        for line in itertools.cycle(lines(guests)):
            writer.write(line)
