"""The emulator, as users test their jobs with it."""

import os
import time
from datetime import timedelta
from typing import Any

import pytest

import cdp_batch
from cdp_batch.testing import Emulator, FaultPlan

GUEST: dict[str, Any] = {
    "ref": "a2e8da23-3b5e-4bd5-8d84-b2f3b0e0f4a1",
    "schema": "guest",
    "mode": "upsert",
    "value": {"guestType": "customer", "identifiers": [{"provider": "CRM", "id": "G1"}]},
}


def test_what_arrived_is_what_was_sent() -> None:
    with Emulator() as emulator, emulator.client() as client:
        report = client.upload([GUEST])
        [record] = emulator.arrived()
        [batch] = emulator.batches()
    assert record.record == GUEST
    assert (record.ref, record.index, record.code[0]) == (GUEST["ref"], 0, "2")
    assert (batch.ref, batch.status, batch.uploads, batch.violations) == (report.batches[0].ref, "success", 1, ())


def test_faults_are_met_and_can_be_replaced() -> None:
    busy: FaultPlan = {"rules": [{"on": "allocate", "match": {"try": [1]}, "do": {"type": "status", "status": 503}}]}
    with Emulator(faults=busy) as emulator, emulator.client() as client:
        client.upload([GUEST])
        asked = [request for request in emulator.requests() if request.endpoint == "allocate"]
        assert [(request.status, request.faults) for request in asked] == [(503, ("status",)), (201, ())]
        emulator.reset()
        assert (emulator.arrived(), emulator.requests()) == ([], [])
        emulator.set_faults({"rules": [{"on": "upload", "do": {"type": "reject_records", "every": 1}}]})
        with pytest.raises(cdp_batch.RecordsRejectedError):
            client.upload([GUEST])


@pytest.mark.parametrize(
    "plan",
    [
        {"rules": [{"on": "alocate", "do": {"type": "hang"}}]},
        {"rule": []},
        {"rules": [{"on": "log", "do": {"type": "x"}}]},
    ],
)
def test_a_plan_that_is_not_valid_is_refused(plan: Any) -> None:
    with pytest.raises(ValueError, match="fault plan is not valid"):
        Emulator(faults=plan)


def test_the_clock_moves() -> None:
    with Emulator(records_per_second=0.001) as emulator, emulator.client() as client:
        run = client.submit([GUEST], max_in_flight=2)
        while emulator.batches()[0].status != "processing":
            time.sleep(0.01)
        emulator.advance_clock(timedelta(hours=1))
        assert run.wait().ok
        with pytest.raises(ValueError, match="the clock cannot be moved"):
            emulator.advance_clock(timedelta(hours=-1))


def test_a_closed_emulator_says_so() -> None:
    emulator = Emulator()
    emulator.close()
    emulator.close()
    with pytest.raises(RuntimeError, match="closed"):
        emulator.arrived()


def test_the_fixture_is_where_the_environment_points(cdp_emulator: Emulator) -> None:
    with cdp_batch.Client.from_env(wait={"min_ms": 5}) as client:
        assert client.upload([GUEST]).ok
    assert len(cdp_emulator.arrived()) == 1


async def upload(emulator: Emulator) -> bool:
    async with emulator.async_client() as client:
        return (await client.upload([GUEST])).ok


def test_there_is_a_client_to_await(cdp_emulator: Emulator) -> None:
    import asyncio

    assert asyncio.run(upload(cdp_emulator))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_ends_without_its_parents_emulator() -> None:
    with Emulator() as emulator:
        child = os.fork()
        if child == 0:
            try:
                emulator.arrived()
            except RuntimeError:
                emulator.close()
                os._exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        assert emulator.arrived() == []
