"""Exceptions: their tree, their fields, their way to other processes."""

import builtins
import copy
import json
import pickle
from pathlib import Path

import pytest

import cdp_batch
from cdp_batch import errors
from cdp_batch.testing import Emulator

KINDS = list(errors.BY_CODE.values())
FIELDS = {
    "stage": "upload",
    "attempts": 3,
    "http_status": 503,
    "request_id": "r-1",
    "retry_after_ms": 100,
    "run_id": "nightly",
    "refs": ("6b1f0e0a-51c3-4f0d-9a55-6d3f0a7c1e12",),
    "source": "guests.ndjson",
    "line": 7,
}


@pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])
@pytest.mark.parametrize(
    "again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"]
)
def test_every_exception_comes_back_whole(kind: type[cdp_batch.CdpBatchError], again: object) -> None:
    error = kind("it failed; try again", **FIELDS)  # type: ignore[arg-type]
    other = again(error)  # type: ignore[operator]
    assert type(other) is kind
    assert str(other) == "it failed; try again"
    assert other.to_dict() == error.to_dict()
    assert other.to_dict() == {
        **FIELDS,
        "refs": list(FIELDS["refs"]),  # type: ignore[call-overload]
        "code": kind.code,
        "message": "it failed; try again",
        "retryable": kind.retryable,
    }


@pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])
def test_every_exception_is_exported(kind: type[cdp_batch.CdpBatchError]) -> None:
    assert getattr(cdp_batch, kind.__name__) is kind
    assert kind.__name__ in cdp_batch.__all__


def test_builtins_catch_what_they_should() -> None:
    for code, base in {
        "invalid_options": ValueError,
        "io": OSError,
        "unauthorized": PermissionError,
        "not_found": LookupError,
        "unavailable": ConnectionError,
        "timeout": builtins.TimeoutError,
        "closed": RuntimeError,
    }.items():
        assert issubclass(errors.BY_CODE[code], base)


def test_a_missing_file_names_it_and_has_the_systems_error_as_cause(client: cdp_batch.Client) -> None:
    with pytest.raises(cdp_batch.IoError, match="missing.ndjson") as caught:
        client.upload("missing.ndjson")
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert caught.value.source == "missing.ndjson"


def test_an_option_that_does_not_exist_names_the_nearest(client: cdp_batch.Client, guests: str) -> None:
    with pytest.raises(ValueError, match="there is no option levle; the nearest one is level"):
        client.upload(guests, levle=3)  # type: ignore[call-arg]


def test_records_rejected_carries_the_report_also_through_pickle(
    client: cdp_batch.Client, faulty: str, tmp_path: Path
) -> None:
    with pytest.raises(cdp_batch.RecordsRejectedError) as caught:
        client.upload(faulty, run_id="nightly")
    error = caught.value
    assert (error.code, error.stage, error.run_id, error.retryable) == ("records_rejected", "report", "nightly", False)
    assert error.report
    other = pickle.loads(pickle.dumps(error))
    assert other.report.to_json() == error.report.to_json()
    assert list(other.report.rejects()) == list(error.report.rejects())
    assert error.report.write_rejects(tmp_path / "rejects.ndjson") == 3


def test_raise_on_never_returns_the_report(client: cdp_batch.Client, faulty: str) -> None:
    assert not client.upload(faulty, raise_on="never").ok


def test_a_closed_client_says_so(cdp_emulator: Emulator, guests: str) -> None:
    with cdp_batch.Client.from_env() as client:
        pass
    with pytest.raises(cdp_batch.ClosedError, match="make a new one"):
        client.upload(guests)


def test_region_and_base_url_exclude_each_other() -> None:
    with pytest.raises(cdp_batch.InvalidOptionsError, match="either region or base_url"):
        cdp_batch.Client(client_key="k", api_token="t")


def test_no_secret_is_printed(cdp_emulator: Emulator) -> None:
    client = cdp_batch.Client(base_url=cdp_emulator.base_url, client_key="planted-key", api_token="planted-token")
    with pytest.raises(cdp_batch.UnauthorizedError) as caught:
        client.upload(["{}"], check="none")
    assert "planted" not in f"{client!r} {caught.value!r} {json.dumps(caught.value.to_dict())}"
