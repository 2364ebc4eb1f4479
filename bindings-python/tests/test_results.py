"""What calls return, and what they tell meanwhile."""

import copy
import json
import logging
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import cdp_batch
from cdp_batch import events
from cdp_batch.testing import Emulator


def test_a_report_is_a_frozen_value_that_prints_counts_and_reasons(client: cdp_batch.Client, faulty: str) -> None:
    report = client.upload(faulty, run_id="nightly", raise_on="never")
    assert repr(report).startswith("<RunReport nightly: 2 of 5 records confirmed, 3 rejected; 1 x ")
    assert "<td>envelope.mode</td>" in report._repr_html_()
    assert json.loads(report.to_json()) == report.to_dict()
    assert [reason.to_dict() for reason in report.summary()] == report.to_dict()["summary"]
    assert report.counts.to_dict() == report.to_dict()["counts"]
    assert [batch.to_dict() for batch in report.batches] == report.to_dict()["batches"]
    assert copy.deepcopy(report) is report
    with pytest.raises(AttributeError):
        report.ok = True  # type: ignore[misc]


def test_rejects_are_read_lazily_and_again(client: cdp_batch.Client, faulty: str) -> None:
    report = client.upload(faulty, raise_on="never")
    first = next(report.rejects())
    assert (first.by, first.source, first.line, first.code) == ("us", faulty, 2, "json.syntax")
    assert first.record == Path(faulty).read_bytes().splitlines()[1]
    assert [reject.line for reject in report.rejects()] == [2, 3, 4]
    assert first.to_dict()["record"] == first.record.decode()


def test_a_report_from_another_process_writes_its_rejects(
    client: cdp_batch.Client, faulty: str, tmp_path: Path
) -> None:
    report = client.upload(faulty, raise_on="never")
    again = pickle.loads(pickle.dumps(report))
    assert list(again.rejects()) == list(report.rejects())
    for name, of in (("here", report), ("there", again)):
        assert of.write_rejects(tmp_path / name) == 3
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()
    reasons = [(tmp_path / f"{name}.reasons.jsonl").read_bytes() for name in ("here", "there")]
    assert reasons[0] == reasons[1] != b""


def test_findings_are_read_lazily_and_again_also_in_another_process(client: cdp_batch.Client, faulty: str) -> None:
    found = client.validate(faulty, check="model")
    first = next(iter(found.findings))
    assert (first.source, first.line, first.rule) == (faulty, 2, "json.syntax")
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert list(again.findings) == list(found.findings) == list(found.findings)
    assert len(list(found.findings)) == found.errors + found.warnings
    assert json.loads(found.to_json())["findings"][0] == first.to_dict()


# Checks records that are all wrong, and says how much memory that took more than checking a few.
CHECKED = """
import cdp_batch, resource
client = cdp_batch.Client(base_url="http://127.0.0.1:1", client_key="k", api_token="t")
def peak(count):
    found = client.validate(b'{"ref":1}' for _ in range(count))
    assert (found.read, found.invalid) == (count, count)
    assert sum(1 for _ in found.findings) == found.errors + found.warnings >= count
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
few = peak(20_000)
print((peak(300_000) - few) // 1024)
"""


def test_findings_take_no_memory_that_grows_with_the_input() -> None:
    done = subprocess.run([sys.executable, "-c", CHECKED], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 24, "MiB"


def test_batches_are_filtered_and_sorted(client: cdp_batch.Client, guests: str, faulty: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    refs = [client.upload(source, raise_on="never").batches[0].ref for source in (guests, faulty, guests)]

    def found(**query: Any) -> list[str]:
        return [batch.ref for batch in client.batches(**query)]

    assert sorted(found()) == sorted(refs)
    assert found(status="error") == found(status=["error", "corrupted"]) == refs[1:2]
    assert found(ref_prefix=refs[2][:13]) == refs[2:]
    assert found(sort="created") == found(sort="-created")[::-1]
    assert found(sort="modified", limit=2) == found(sort="-modified")[:0:-1]
    for name in ("created", "modified"):
        assert found(**{f"{name}_after": before}).__len__() == 3
        assert found(**{f"{name}_before": before}) == []
    info = client.batch(refs[1]).status()
    assert info.stats is not None
    assert (info.ref, info.status, info.stats.total, info.has_log) == (refs[1], "error", 3, True)
    with pytest.raises(cdp_batch.InvalidOptionsError, match="created_after"):
        found(created_after="yesterday")


def test_nothing_that_the_core_tells_is_lost_on_the_way(client: cdp_batch.Client, faulty: str) -> None:
    from cdp_batch import _native

    kept = client.upload(faulty, raise_on="never")._rejects._kept
    assert isinstance(kept, _native.Rejects)
    for known, record in kept:
        reject = cdp_batch.Reject.from_dict({**json.loads(known), "record": record})
        assert reject.to_dict() == {**json.loads(known), "record": record.decode()}


def test_events_come_in_order_and_end_with_done(client: cdp_batch.Client, guests: str) -> None:
    told: list[cdp_batch.Event] = []
    report = client.upload(guests, on_event=told.append)
    kinds = [event.type for event in told]
    assert kinds[0] == "started" and kinds[-1] == "done"
    assert [kind for kind in kinds if kind != "progress"] == [
        "started",
        "packed",
        "allocated",
        "uploaded",
        *["status"] * kinds.count("status"),
        "done",
    ]
    done = told[-1]
    assert isinstance(done, events.Done) and done.confirmed == report.counts.confirmed
    changed = next(event for event in told if isinstance(event, events.StatusChanged))
    assert changed.to_dict() == {"type": "status", "ref": changed.ref, "from": changed.from_, "to": changed.to}


def test_a_submitted_run_tells_events_and_then_reports(client: cdp_batch.Client, guests: str) -> None:
    run = client.submit(guests)
    assert [event.type for event in run.events()][-1] == "done"
    assert run.wait().ok
    with pytest.raises(cdp_batch.ClosedError, match="already waited for"):
        run.wait()


def test_waiting_for_a_run_tells_what_was_not_told_yet(client: cdp_batch.Client, guests: str) -> None:
    told: list[cdp_batch.Event] = []
    client.submit(guests).wait(on_event=told.append)
    assert [event.type for event in told].count("done") == 2
    told_twice: list[cdp_batch.Event] = []
    run = client.submit(guests, on_event=told_twice.append)
    assert [event.type for event in told_twice].count("done") == 1
    run.wait(on_event=told_twice.append)
    kinds = [event.type for event in told_twice]
    assert kinds.count("done") == 2 and kinds[-1] == "done"


def test_submit_returns_before_the_batch_is_processed(slow_emulator: Emulator, guests: str) -> None:
    with cdp_batch.Client.from_env() as client:
        run = client.submit(guests)
        assert client.batch(run.refs[0]).status().status == "processing"


def test_progress_draws_bars_where_tqdm_is_installed(
    client: cdp_batch.Client, guests: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[cdp_batch.Event] = []
    client.upload(guests, progress=True, on_event=told.append)
    out, err = capsys.readouterr()
    assert out == "" and "confirmed: 3 records" in err
    assert told


def test_progress_is_plain_lines_without_tqdm(
    client: cdp_batch.Client, guests: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    client.upload(guests, progress=True, run_id="nightly")
    out, err = capsys.readouterr()
    assert out == "" and err.splitlines()[0] == "run nightly"
    assert "part 0: uploaded" in err


def test_logging_is_opt_in(client: cdp_batch.Client, guests: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client.upload(guests)
        assert [record for record in caplog.records if record.name != "asyncio"] == []
        client.upload(guests, on_event=cdp_batch.log_events(logging.getLogger("nightly")), run_id="nightly")
    assert caplog.record_tuples[0] == ("nightly", logging.INFO, "run nightly")


def test_another_process_needs_only_the_refs(client: cdp_batch.Client, faulty: str) -> None:
    refs = client.submit(faulty).refs
    assert [batch.status for batch in client.wait(refs)] == ["error"]
    report = client.report(refs)
    assert (report.counts.confirmed, report.counts.rejected) == (2, 1)
    assert [reject.code for reject in client.batch(refs[0]).errors()] == ["400"]
    assert client.batch(refs[0]).status().has_log
    assert [batch.ref for batch in client.batches(status="error")] == refs


def test_the_journal_is_read(client: cdp_batch.Client, guests: str, tmp_path: Path) -> None:
    with cdp_batch.Client.from_env(state_dir=tmp_path, wait={"min_ms": 5}) as stateful:
        stateful.upload(guests, run_id="nightly")
        [run] = stateful.runs()
        assert (run.run_id, run.state, run.sources, run.confirmed) == ("nightly", "finished", (guests,), 3)
        found = stateful.reconcile()
        assert (found.never_uploaded, found.processing, found.failed, found.unknown) == ((), (), (), ())


def test_a_bundle_of_authorities_that_is_none_is_named(
    client: cdp_batch.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("no certificate")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with pytest.raises(cdp_batch.InvalidOptionsError, match="bundle.pem"):
        cdp_batch.Client.from_env()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none"))
    cdp_batch.Client.from_env().close()
