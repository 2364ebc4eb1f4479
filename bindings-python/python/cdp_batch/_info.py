"""What batches, checks, files and journals tell."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, Self

from cdp_batch import _native
from cdp_batch._report import Reject, Rejects
from cdp_batch._value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Stats(Value):
    """What came of a batch's records, by the service's count.

    Attributes:
        time_to_process_ms: Time the service took, in milliseconds.
        total: Records read.
        succeeded: Records taken.
        failed: Records refused.

    Example:
        >>> stats = client.batch(client.upload(faulty, raise_on="never").batches[0].ref).status().stats
        >>> stats.total, stats.succeeded, stats.failed
        (3, 2, 1)
    """

    time_to_process_ms: int | None
    total: int | None
    succeeded: int | None
    failed: int | None


@dataclass(frozen=True, slots=True)
class BatchInfo(Value):
    """A batch as the service tells of it.

    Attributes:
        ref: Its ref, a UUID.
        status: Where it is on its way: ``"uploading"``, ``"file_uploaded"``, ``"processing"``, and in the end
            ``"success"``, ``"error"`` or ``"corrupted"``.
        size: Its declared size in bytes; absent from lists.
        checksum: Its declared MD5 in hex; absent from lists.
        stats: What came of its records, once processed; absent from lists.
        created_at: When it was allocated, as the service spells it.
        modified_at: When it last changed, as the service spells it.
        expiry: When its upload location stops working.
        has_log: Whether there is an error log.

    Example:
        >>> ref = client.upload(guests).batches[0].ref
        >>> batch = client.batch(ref).status()
        >>> (batch.status, batch.stats.total, batch.has_log)
        ('success', 3, False)
    """

    ref: str
    status: str
    size: int | None
    checksum: str | None
    stats: Stats | None
    created_at: str | None
    modified_at: str | None
    expiry: str | None
    has_log: bool

    @classmethod
    def from_dict(cls, known: dict[str, Any]) -> Self:
        """The value with these fields."""
        stats = known["stats"]
        known = {**known, "stats": None if stats is None else Stats.from_dict(stats)}
        return cls(**{field.name: known[field.name] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Finding(Value):
    """One remark about one place of a record.

    Attributes:
        source: The source of the record, such as a file name.
        line: The line it began on, counted from 1.
        path: The place in it, such as ``"$.value.identifiers[0].id"``.
        rule: The rule's stable name, such as ``"envelope.ref"``.
        severity: ``"error"`` if the record would not be sent, else ``"warning"``.
        message: What is wrong and what is expected.
        section: Where the rule is from.

    Example:
        >>> finding = next(iter(client.validate(faulty).findings))
        >>> (finding.line, finding.rule, finding.path, finding.severity)
        (2, 'json.syntax', '$', 'error')
    """

    source: str
    line: int
    path: str
    rule: str
    severity: Literal["warning", "error"]
    message: str
    section: str


class Findings:
    """Remarks about records in the order of the input, read lazily and as often as wanted.

    Example:
        >>> findings = client.validate(faulty).findings
        >>> [finding.line for finding in findings] == [finding.line for finding in findings]
        True
    """

    __slots__ = ("_kept",)

    def __init__(self, kept: _native.Findings | list[str]) -> None:
        self._kept = kept

    def __iter__(self) -> Iterator[Finding]:
        """The findings, from the first."""
        for known in self._kept:
            yield Finding.from_dict(json.loads(known))

    def __reduce__(self) -> tuple[type[Findings], tuple[list[str]]]:
        return (Findings, (list(self._kept),))


@dataclass(frozen=True, slots=True)
class CheckReport(Value):
    """What a check found.

    Attributes:
        read: Records read.
        invalid: Records with an error: they would not be sent.
        errors: Errors found.
        warnings: Warnings found: the record would be sent.
        findings: Each error and warning with its place, in the order of the input.

    Example:
        >>> found = client.validate(guests)
        >>> (found.ok, found.read, list(found.findings))
        (True, 3, [])
    """

    read: int
    invalid: int
    errors: int
    warnings: int
    findings: Findings = field(repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether every record would be sent."""
        return self.invalid == 0

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, with every finding."""
        counts = {known.name: getattr(self, known.name) for known in fields(self) if known.compare}
        return {**counts, "findings": [finding.to_dict() for finding in self.findings]}

    @classmethod
    def of(cls, found: tuple[str, _native.Findings]) -> Self:
        """The report of these counts, in JSON, and findings."""
        counts, findings = found
        return cls.from_dict({**json.loads(counts), "findings": Findings(findings)})


@dataclass(frozen=True, slots=True)
class Part(Value):
    """A file made by packing.

    Attributes:
        path: The gzip file.
        size: Its size in bytes.
        md5: Its MD5 in hex, as the service wants it when the batch is allocated.
        content_md5: The same in Base64, as the ``Content-MD5`` header wants it.
        records: Records in it.

    Example:
        >>> [part] = client.pack(guests, folder).parts
        >>> (part.records, len(part.md5), len(part.content_md5))
        (3, 32, 24)
    """

    path: str
    size: int
    md5: str
    content_md5: str
    records: int


@dataclass(frozen=True, slots=True)
class PackCounts(Value):
    """How many records were packed. ``read == packed + rejected``.

    Attributes:
        read: Records read, bad ones included.
        packed: Records in the files.
        rejected: Records refused.

    Example:
        >>> counts = client.pack(faulty, folder).counts
        >>> counts.read, counts.packed, counts.rejected
        (5, 3, 2)
    """

    read: int
    packed: int
    rejected: int


class PackReport:
    """What packing made: a list of parts, how many records went which way, and those that are in no file.

    Attributes:
        parts: The files, in order.
        counts: How many records went which way.

    Example:
        >>> client.pack(guests, folder)
        <PackReport: 3 of 3 records, parts: 1>
    """

    __slots__ = ("_rejects", "counts", "parts")

    def __init__(self, native: _native.Packed) -> None:
        known = json.loads(native.json())
        self.parts = tuple(Part.from_dict(part) for part in known["parts"])
        self.counts = PackCounts.from_dict(known["counts"])
        self._rejects = Rejects(native.rejects())

    def rejects(self) -> Iterator[Reject]:
        """Every record that is in no file, in the order of the input. Read lazily, anew with every call.

        Example:
            >>> [reject.line for reject in client.pack(faulty, folder).rejects()]
            [2, 3]
        """
        return iter(self._rejects)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, without the rejects.

        Example:
            >>> client.pack(guests, folder).to_dict()["counts"]
            {'read': 3, 'packed': 3, 'rejected': 0}
        """
        return {"parts": [part.to_dict() for part in self.parts], "counts": self.counts.to_dict()}

    def __repr__(self) -> str:
        counts = self.counts
        return f"<PackReport: {counts.packed} of {counts.read} records, parts: {len(self.parts)}>"


@dataclass(frozen=True, slots=True)
class RunInfo(Value):
    """A run as its journal has it.

    Attributes:
        run_id: Its name.
        created_at: When it was begun.
        state: ``"packing"`` until its last part is packed, ``"packed"`` until every part is settled, then
            ``"finished"``.
        sources: Names of its sources.
        parts: Parts packed so far.
        packed: Records in them.
        confirmed: Records the service confirmed.
        rejected: Records refused, by us or by the service.

    Example:
        >>> with cdp_batch.Client.from_env(state_dir=folder) as stateful:
        ...     report = stateful.upload(guests, run_id="nightly")
        ...     [(run.run_id, run.confirmed) for run in stateful.runs()]
        [('nightly', 3)]
    """

    run_id: str
    created_at: str
    state: str
    sources: tuple[str, ...]
    parts: int
    packed: int
    confirmed: int
    rejected: int

    @classmethod
    def from_dict(cls, known: dict[str, Any]) -> Self:
        """The value with these fields."""
        known = {**known, "sources": tuple(known["sources"])}
        return cls(**{field.name: known[field.name] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class OpenBatch(Value):
    """A batch that needs a look.

    Attributes:
        ref: Its ref.
        run_id: The run it belongs to; None if the journal does not know it.
        part: The part it holds, counted from 0; None if the journal does not know it.
        status: What the service says; None if it does not list it.

    Example:
        >>> with cdp_batch.Client.from_env(state_dir=folder) as stateful:
        ...     sent_elsewhere = client.upload(guests)
        ...     report = stateful.upload(guests)
        ...     [batch] = stateful.reconcile().unknown
        >>> batch.status, batch.run_id, batch.ref == sent_elsewhere.batches[0].ref
        ('success', None, True)
    """

    ref: str
    run_id: str | None
    part: int | None
    status: str | None


@dataclass(frozen=True, slots=True)
class Reconciliation(Value):
    """What the journal and the service together tell. Batches that are done and known are left out.

    Attributes:
        never_uploaded: Packed, perhaps allocated, but storage does not have them: resume the run.
        processing: Uploaded, and the service has not finished with them.
        failed: The service could not read them or refused records of them, and they were not sent again.
        unknown: Listed by the service, but not in this journal: sent from elsewhere.

    Example:
        >>> with cdp_batch.Client.from_env(state_dir=folder) as stateful:
        ...     sent_elsewhere = client.upload(guests)
        ...     report = stateful.upload(guests)
        ...     len(stateful.reconcile().unknown)
        1
    """

    never_uploaded: tuple[OpenBatch, ...]
    processing: tuple[OpenBatch, ...]
    failed: tuple[OpenBatch, ...]
    unknown: tuple[OpenBatch, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """The reconciliation in this JSON."""

        def batches(listed: Iterable[dict[str, Any]]) -> tuple[OpenBatch, ...]:
            return tuple(OpenBatch.from_dict(batch) for batch in listed)

        return cls.from_dict({name: batches(listed) for name, listed in json.loads(text).items()})
