"""What every exception of this package has."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, ClassVar

from cdp_batch._report import RunReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cdp_batch._native import Report


class CdpBatchError(Exception):
    """The base of all errors: what failed and what to do, in one sentence.

    Catch this for anything that can go wrong, or one of its subclasses for what you can act on. Every subclass also
    derives from a fitting builtin, so ``except ConnectionError`` or ``except ValueError`` work as expected. All of them
    can be pickled and copied.

    Attributes:
        code: The kind of error, the same in every language, such as ``"records_rejected"``.
        message: The sentence. Meant for people: act on the class or on `code`.
        stage: Where in the run it happened, such as ``"upload"``; None before any.
        retryable: Whether the same call may succeed later without a change.
        attempts: How often the request was tried; 0 when none was made.
        http_status: The HTTP status of the last answer.
        request_id: The service's id of the request, for its support.
        retry_after_ms: How long the service asked to wait, in milliseconds.
        run_id: The run, to carry on with.
        refs: The batches it is about.
        source: The source of the record it is about.
        line: The line of that record, counted from 1.
        report: What is known of the run, if it had begun.

    Example:
        >>> from cdp_batch import CdpBatchError, UnavailableError
        >>> try:
        ...     raise UnavailableError("the service is down; try later", attempts=6)
        ... except CdpBatchError as error:
        ...     print(error.code, error.retryable, error.attempts, isinstance(error, ConnectionError))
        unavailable True 6 True
    """

    code: ClassVar[str] = ""
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        stage: str | None = None,
        attempts: int = 0,
        http_status: int | None = None,
        request_id: str | None = None,
        retry_after_ms: int | None = None,
        run_id: str | None = None,
        refs: Sequence[str] = (),
        source: str | None = None,
        line: int | None = None,
        report: RunReport | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.stage = stage
        self.attempts = attempts
        self.http_status = http_status
        self.request_id = request_id
        self.retry_after_ms = retry_after_ms
        self.run_id = run_id
        self.refs = tuple(refs)
        self.source = source
        self.line = line
        self.report = report

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values, the same in every language; without the report.

        Example:
            >>> from cdp_batch import ClosedError
            >>> ClosedError("make a new client").to_dict()["code"]
            'closed'
        """
        fields = {name: value for name, value in vars(self).items() if name != "report" and not name.startswith("_")}
        return {**fields, "code": self.code, "retryable": self.retryable, "refs": list(self.refs)}


def from_native(fields: str, report: Report | None, errno: int | None) -> CdpBatchError:
    """The exception for an error of the core; what the operating system said becomes its cause."""
    from cdp_batch.errors import BY_CODE

    known: dict[str, Any] = json.loads(fields)
    kind = BY_CODE[known.pop("code")]
    del known["retryable"]
    error = kind(**known, report=RunReport.of(report) if report else None)
    if errno is not None:
        error.__cause__ = OSError(errno, os.strerror(errno))
    return error
