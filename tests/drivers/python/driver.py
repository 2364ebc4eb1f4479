"""The behaviour suite's driver for Python: does what one JSON object a line asks for, through the public API, and
answers the same way. `tests/README.md` describes the protocol.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cdp_batch import BatchInfo, CdpBatchError, Client, Event, Run, RunReport

Request = dict[str, Any]


class Stopped(Exception):
    """Raised inside a call to cancel it, as Ctrl-C would be."""


class Driver:
    """What later requests refer to."""

    def __init__(self) -> None:
        self.client: Client
        self.run: Run
        self.report: RunReport
        self.events: list[dict[str, Any]] = []

    def answer(self, request: Request) -> dict[str, Any]:
        """Does what is asked. A call that was cancelled has the error that says so as its cause."""
        self.events = []
        try:
            return {"ok": self.do(request), "events": self.events}
        except CdpBatchError as error:
            told = error
        except Stopped as stopped:
            assert isinstance(stopped.__cause__, CdpBatchError)
            told = stopped.__cause__
        fields = told.to_dict()
        if told.report:
            self.report = told.report
            fields["report"] = report_value(told.report)
        return {"error": fields, "events": self.events}

    def do(self, request: Request) -> Any:
        options = request.get("options", {})
        heard: Any = {"on_event": self.listener(request.get("cancel_after_event"))}
        match request["op"]:
            case "client":
                address = {name: request[name] for name in ("region", "base_url") if name in request}
                credentials = {name: request[name] for name in ("client_key", "api_token")}
                self.client = Client(**address, **credentials, **options)
                return {}
            case "upload":
                return self.reported(self.client.upload(source(request["source"]), **heard, **options))
            case "submit":
                self.run = self.client.submit(source(request["source"]), **heard, **options)
                return {"run_id": self.run.run_id, "refs": self.run.refs}
            case "run_wait":
                return self.reported(self.run.wait(**heard))
            case "writer":
                with self.client.writer(**heard, **options) as writer:
                    for row in request["rows"]:
                        writer.write(row)
                return self.reported(writer.close())
            case "wait":
                return batches(self.client.wait(request["refs"], **options))
            case "report":
                return self.reported(self.client.report(request["refs"]))
            case "batch_status":
                return self.client.batch(request["ref"]).status().to_dict()
            case "batch_wait":
                return self.client.batch(request["ref"]).wait().to_dict()
            case "batch_errors":
                return [reject.to_dict() for reject in self.client.batch(request["ref"]).errors()]
            case "batches":
                return batches(self.client.batches(**request.get("query", {})))
            case "validate":
                return self.client.validate(source(request["source"]), **options).to_dict()
            case "pack":
                packed = self.client.pack(source(request["source"]), request["out"], **options)
                return {**packed.to_dict(), "rejects": [reject.to_dict() for reject in packed.rejects()]}
            case "write_rejects":
                return {"written": self.report.write_rejects(request["path"])}
            case other:
                raise ValueError(f"there is no operation {other}")

    def listener(self, cancel_after: str | None) -> Any:
        """Keeps the events of a call, and stops it once after one of this type."""
        left = [cancel_after] if cancel_after else []

        def listen(event: Event) -> None:
            self.events.append(event.to_dict())
            if event.type in left:
                left.clear()
                raise Stopped

        return listen

    def reported(self, report: RunReport) -> Any:
        self.report = report
        return report_value(report)


def source(asked: Request) -> Any:
    """A source of the public API."""
    [(kind, value)] = asked.items()
    match kind:
        case "path":
            return Path(value)
        case "paths":
            return [Path(path) for path in value]
        case "glob":
            return value
        case "text":
            return value.encode()
        case _:
            return base64.b64decode(value)


def batches(found: Iterable[BatchInfo]) -> list[dict[str, Any]]:
    return [batch.to_dict() for batch in found]


def report_value(report: RunReport) -> dict[str, Any]:
    return {**report.to_dict(), "rejects": [reject.to_dict() for reject in report.rejects()]}


def main() -> None:
    driver = Driver()
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], **driver.answer(request)}), flush=True)


if __name__ == "__main__":
    main()
