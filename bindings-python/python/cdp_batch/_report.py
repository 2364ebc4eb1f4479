"""What came of a run."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from html import escape
from typing import TYPE_CHECKING, Any, Literal, Self

from cdp_batch import _native
from cdp_batch._value import Value

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

REASONS_SHOWN = 3
"""Reasons that a printed report names."""


@dataclass(frozen=True, slots=True)
class Counts(Value):
    """How many records went which way. ``read == confirmed + rejected + unknown``.

    Attributes:
        read: Records read from the source, bad ones included.
        packed: Records put into parts.
        sent: Records in parts that storage accepted.
        confirmed: Records the service confirmed.
        rejected: Records refused, by us or by the service.
        unknown: Records whose fate is not known: not sent, not yet processed, or in a batch that failed as a whole.

    Example:
        >>> counts = client.upload(faulty, raise_on="never").counts
        >>> (counts.read, counts.confirmed, counts.rejected, counts.unknown)
        (5, 2, 3, 0)
    """

    read: int
    packed: int
    sent: int
    confirmed: int
    rejected: int
    unknown: int


@dataclass(frozen=True, slots=True)
class BatchReport(Value):
    """One batch of a run.

    Attributes:
        ref: Its ref, a UUID.
        status: The service's last word on it; ``"packed"`` before it was sent.
        size: Its size in bytes.
        md5: Its MD5 in hex.
        records: Records packed into it; None if another process did.
        total: Records the service read.
        succeeded: Records the service took.
        failed: Records the service refused.
        logged: Records that its error log refuses; None without a log. It may disagree with ``failed``.
        created_at: When it was allocated, as the service spells it.
        modified_at: When it last changed, as the service spells it.

    Example:
        >>> [batch] = client.upload(guests).batches
        >>> (batch.status, batch.records, batch.succeeded)
        ('success', 3, 3)
    """

    ref: str
    status: str
    size: int | None
    md5: str | None
    records: int | None
    total: int | None
    succeeded: int | None
    failed: int | None
    logged: int | None
    created_at: str | None
    modified_at: str | None


@dataclass(frozen=True, slots=True)
class Reject(Value):
    """A record that was refused.

    Attributes:
        by: Who refused it: ``"us"``, before anything was sent, or ``"service"``.
        source: The source it came from, such as a file name; None if only the service's log is at hand.
        line: The line it began on, counted from 1.
        ref: Its ref, if it has one.
        batch: The batch it was in, if it was sent.
        byte_range: Where it lies in the uncompressed text of that batch: first byte, and the one after the last. None
            if it was not sent, or if the batch is not at hand.
        code: Why: the rule that it broke, such as ``"envelope.ref"``, or the service's code, such as ``"400"``.
        message: Why, in words.
        record: The record exactly as it was read, without its line break; empty if it is not at hand.

    Example:
        >>> reject = next(client.upload(faulty, raise_on="never").rejects())
        >>> (reject.by, reject.line, reject.code, reject.record[:7])
        ('us', 2, 'json.syntax', b'{"ref":')
    """

    by: Literal["us", "service"]
    source: str | None
    line: int | None
    ref: str | None
    batch: str | None
    byte_range: tuple[int, int] | None
    code: str
    message: str
    record: bytes

    @classmethod
    def from_dict(cls, known: dict[str, Any]) -> Self:
        """The value with these fields."""
        span = known["byte_range"]
        known = {**known, "byte_range": None if span is None else tuple(span)}
        return cls(**{field.name: known[field.name] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Example(Value):
    """Where to find a refused record.

    Attributes:
        source: Its source, if known.
        line: Its line, counted from 1, if known.
        ref: Its ref, if it has one.

    Example:
        >>> reason = client.upload(faulty, raise_on="never").summary()[0]
        >>> reason.examples[0].line
        4
    """

    source: str | None
    line: int | None
    ref: str | None


@dataclass(frozen=True, slots=True)
class Reason(Value):
    """Records that were refused for the same reason.

    Attributes:
        code: The rule that was broken, or the service's code.
        message: The message, with what differs from record to record replaced by ``...``.
        count: How many records.
        help: What usually helps, in plain words; None where nobody knows, or where the message says it.
        examples: Some of them.

    Example:
        >>> reason = client.upload(faulty, raise_on="never").summary()[0]
        >>> (reason.code, reason.message, reason.count, reason.examples[0].line)
        ('400', 'Not enough identifying information', 1, 4)
    """

    code: str
    message: str
    count: int
    help: str | None
    examples: tuple[Example, ...]

    @classmethod
    def from_dict(cls, known: dict[str, Any]) -> Self:
        """The value with these fields."""
        examples = tuple(Example.from_dict(example) for example in known["examples"])
        return cls(known["code"], known["message"], known["count"], known["help"], examples)


class Rejects:
    """Refused records in the order of the input, read lazily and as often as wanted.

    Example:
        >>> ref = client.upload(faulty, raise_on="never").batches[0].ref
        >>> rejects = client.batch(ref).errors()
        >>> len(list(rejects)) == len(list(rejects)) == 1
        True
    """

    __slots__ = ("_kept",)

    def __init__(self, kept: _native.Rejects) -> None:
        self._kept = kept

    def __iter__(self) -> Iterator[Reject]:
        """The records, from the first."""
        for known, record in self._kept:
            yield Reject.from_dict({**json.loads(known), "record": record})

    def write(self, path: str | os.PathLike[str]) -> int:
        """Writes the records as they were read, one a line, and the reasons beside them, as `RunReport.write_rejects`.

        Args:
            path: The file, which is replaced.

        Returns:
            How many were written; those whose record is not at hand are left out.

        Raises:
            IoError: The file cannot be written.

        Example:
            >>> ref = client.upload(faulty, raise_on="never").batches[0].ref
            >>> client.batch(ref).errors().write(folder / "rejects.ndjson")
            0
        """
        return self._kept.write(path)

    @classmethod
    def _again(cls, known: list[tuple[str, bytes]]) -> Self:
        return cls(_native.Rejects(known))

    def __reduce__(self) -> tuple[Callable[..., Rejects], tuple[list[tuple[str, bytes]]]]:
        return (Rejects._again, (list(self._kept),))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class RunReport:
    """What came of a run. Prints its counts and the top reasons; can be pickled, with all rejects.

    Attributes:
        run_id: The run's name; empty in a report made from refs alone.
        ok: Whether every record read was confirmed.
        resumed: Whether this run found parts that were sent before.
        counts: How many records went which way.
        batches: Every batch, in order.

    Example:
        >>> report = client.upload(guests)
        >>> report.ok, report.counts.confirmed
        (True, 3)
    """

    run_id: str
    ok: bool
    resumed: bool
    counts: Counts
    batches: tuple[BatchReport, ...]
    _summary: tuple[Reason, ...]
    _repeats: tuple[Reason, ...]
    _text: str
    _rejects: Rejects

    @classmethod
    def of(cls, handle: _native.Report) -> Self:
        """The report behind a handle."""
        return cls._read(handle.json(), Rejects(handle.rejects()))

    @classmethod
    def _read(cls, text: str, rejects: Rejects) -> Self:
        known = json.loads(text)
        return cls(
            run_id=known["run_id"],
            ok=known["ok"],
            resumed=known["resumed"],
            counts=Counts.from_dict(known["counts"]),
            batches=tuple(BatchReport.from_dict(batch) for batch in known["batches"]),
            _summary=tuple(Reason.from_dict(reason) for reason in known["summary"]),
            _repeats=tuple(Reason.from_dict(reason) for reason in known["repeats"]),
            _text=text,
            _rejects=rejects,
        )

    def rejects(self) -> Iterator[Reject]:
        """Every record that was refused, in the order of the input. Read lazily, anew with every call.

        Raises:
            IoError: The temporary file that holds them cannot be read.

        Example:
            >>> report = client.upload(faulty, raise_on="never")
            >>> for reject in report.rejects():
            ...     print(reject.line, reject.code)
            2 json.syntax
            3 envelope.mode
            4 400
        """
        return iter(self._rejects)

    def summary(self) -> list[Reason]:
        """Why records were refused: equal reasons together, the most frequent first.

        Example:
            >>> report = client.upload(faulty, raise_on="never")
            >>> [(reason.code, reason.count) for reason in report.summary()]
            [('400', 1), ('envelope.mode', 1), ('json.syntax', 1)]
        """
        return list(self._summary)

    def repeats(self) -> list[Reason]:
        """Why records that the service took must be sent again: a deletion that matched several guests deleted one.

        Example:
            >>> client.upload(guests).repeats()
            []
        """
        return list(self._repeats)

    def write_rejects(self, path: str | os.PathLike[str]) -> int:
        """Writes the refused records as they were read, one a line, to be corrected and uploaded again.

        The reasons go to a file beside it, with ``.reasons.jsonl`` after its name: a line for each record.

        Args:
            path: The file, which is replaced.

        Returns:
            How many were written; those whose record is not at hand are left out.

        Raises:
            IoError: The file cannot be written.

        Example:
            >>> report = client.upload(faulty, raise_on="never")
            >>> report.write_rejects(folder / "rejects.ndjson")
            3
        """
        return self._rejects.write(path)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, without the rejects.

        Example:
            >>> client.upload(guests).to_dict()["counts"]["read"]
            3
        """
        known: dict[str, Any] = json.loads(self._text)
        return known

    def to_json(self) -> str:
        """The report as JSON text, the same in every language; without the rejects.

        Example:
            >>> client.upload(guests, run_id="nightly").to_json()
            '{"run_id":"nightly","ok":true,...}'
        """
        return self._text

    def __reduce__(self) -> tuple[Callable[..., RunReport], tuple[str, Rejects]]:
        return (RunReport._read, (self._text, self._rejects))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __repr__(self) -> str:
        reasons = "".join(
            f"; {reason.count} x {reason.code} {reason.message}" for reason in self._summary[:REASONS_SHOWN]
        )
        return f"<RunReport {self.run_id or 'of refs'}: {self._words()}{reasons}>"

    def _words(self) -> str:
        counts = self.counts
        words = f"{counts.confirmed} of {counts.read} records confirmed"
        words += f", {counts.rejected} rejected" if counts.rejected else ""
        return words + (f", {counts.unknown} unknown" if counts.unknown else "")

    def _repr_html_(self) -> str:
        """The report as a notebook shows it."""
        counts = "".join(
            f"<tr><th style='text-align:left'>{name}</th><td>{count}</td></tr>"
            for name, count in self.counts.to_dict().items()
        )
        reasons = "".join(
            f"<tr><td>{reason.count}</td><td>{escape(reason.code)}</td><td>{escape(reason.message)}</td></tr>"
            for reason in self._summary
        )
        if reasons:
            reasons = f"<table><tr><th>records</th><th>code</th><th>message</th></tr>{reasons}</table>"
        title = f"<b>{escape(self.run_id or 'report of refs')}</b>: {self._words()}"
        return f"<div>{title}<table>{counts}</table>{reasons}</div>"
