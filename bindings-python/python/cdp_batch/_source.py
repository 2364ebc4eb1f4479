"""What can be uploaded, and how it reaches the core: files are read there, everything else is fed to it."""

from __future__ import annotations

import glob
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Literal, TypeAlias

from cdp_batch import _native

Nan: TypeAlias = Literal["error", "null", "omit"]
"""What becomes of a NaN in a row."""

Source: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | IO[str] | Iterable[Any]
"""Records: a file, a pattern of files, bytes, an open file, or rows."""

AsyncSource: TypeAlias = Source | AsyncIterable[Any]
"""The same, and rows that are awaited."""

Chunk: TypeAlias = bytes | _native.Lines
"""What is fed at once: bytes of a file, or rows as lines."""

CHUNK_BYTES = 1 << 18
"""Bytes that are fed at a time."""

CHUNK_ROWS = 4_096
"""Most rows that are held at a time."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What has to be fed, and to whom. It is pulled on the caller's thread, no faster than it is taken."""

    writer: _native.Writer
    chunks: Iterator[Chunk] | AsyncIterator[Chunk]

    def push(self, chunk: Chunk, ms: int) -> bool | None:
        """Feeds one chunk, waiting so long; whether it is in, or None when nothing reads any more."""
        if isinstance(chunk, bytes):
            return self.writer.push_bytes(chunk, ms)
        return self.writer.push_lines(chunk, ms)


def opened(source: AsyncSource, nan: Nan, default: Callable[[Any], Any] | None) -> tuple[_native.Source, Feed | None]:
    """The core's source, and what has to be fed to it."""
    if isinstance(source, str):
        return _native.Source.glob(source) if glob.has_magic(source) else _native.Source.path(source), None
    if isinstance(source, os.PathLike):
        return _native.Source.path(source), None
    if isinstance(source, bytes | bytearray | memoryview):
        return _native.Source.bytes(bytes(source)), None
    if isinstance(source, list | tuple) and source and all(isinstance(path, os.PathLike) for path in source):
        return _native.Source.paths(list(source)), None
    if not isinstance(source, AsyncIterable) and hasattr(source, "read"):
        name = getattr(source, "name", None)
        opened, writer = _native.Source.stream(name if isinstance(name, str) else "stream")
        return opened, Feed(writer, _blocks(source))
    rows = Rows(nan, default)
    opened, writer = _native.Source.rows()
    if isinstance(source, AsyncIterable):
        return opened, Feed(writer, rows.awaited(source))
    if isinstance(source, Mapping) or not hasattr(source, "__iter__"):
        raise TypeError("give a path, bytes, an open file or an iterable of rows, but not one row or anything else")
    return opened, Feed(writer, rows.chunks(source))


def _blocks(file: Any) -> Iterator[bytes]:
    """A file from where it stands; it is left open."""
    while block := file.read(CHUNK_BYTES):
        yield block.encode() if isinstance(block, str) else block


class Rows:
    """Makes lines of JSON of rows, in chunks of about the same size however large a row is."""

    def __init__(self, nan: Nan, default: Callable[[Any], Any] | None) -> None:
        self._encoder = _native.RowEncoder(nan, default)
        self._taken = 0
        self._wanted = 1

    def encode(self, rows: list[Any]) -> _native.Lines:
        """The next rows as lines."""
        chunk = self._encoder.encode(rows, self._taken)
        self._taken += len(rows)
        self._wanted = max(1, min(CHUNK_ROWS, len(rows) * CHUNK_BYTES // max(1, len(chunk))))
        return chunk

    def chunks(self, source: Iterable[Any]) -> Iterator[_native.Lines]:
        """All rows of an iterable."""
        left = iter(source)
        while rows := list(islice(left, self._wanted)):
            yield self.encode(rows)

    async def awaited(self, source: AsyncIterable[Any]) -> AsyncIterator[_native.Lines]:
        """All rows of an async iterable."""
        rows: list[Any] = []
        async for row in source:
            rows.append(row)
            if len(rows) >= self._wanted:
                yield self.encode(rows)
                rows = []
        if rows:
            yield self.encode(rows)
