//! The behaviour suite's driver for the Rust SDK: does what one JSON object a line asks for, through the public API, and
//! answers the same way. `tests/README.md` describes the protocol.
#![expect(clippy::print_stdout, reason = "it answers on standard output")]

use std::io::BufRead as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cdp_batch::api::batch::Status;
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::client::{Client, Run};
use cdp_batch::event::Event;
use cdp_batch::operation::Operation;
use cdp_batch::rejects::Rejects;
use cdp_batch::run::RunReport;
use cdp_batch::secret::Secret;
use cdp_batch::source::Source;
use cdp_batch::{Error, Kind, Options, Result, local};
use serde_json::{Map, Value, json};

/// What later requests refer to.
#[derive(Default)]
struct Driver {
    client: Option<Client>,
    run: Option<Run>,
    report: Option<RunReport>,
    events: Vec<Event>,
}

fn main() -> std::io::Result<()> {
    let mut driver = Driver::default();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let mut answer = match driver.answer(&request) {
            Ok(value) => json!({"ok": value}),
            Err(error) => json!({"error": driver.told(&error)?}),
        };
        answer["id"] = request["id"].clone();
        answer["events"] = serde_json::to_value(std::mem::take(&mut driver.events))?;
        println!("{answer}");
    }
    Ok(())
}

impl Driver {
    fn answer(&mut self, request: &Value) -> Result<Value> {
        if request["op"] == "client" {
            let base = match request["region"].as_str() {
                Some(region) => BaseUrl::of_region(region)?,
                None => BaseUrl::parse(text(&request["base_url"]))?,
            };
            let secret = |name: &str| Secret::new(text(&request[name]));
            let options = Options::from_map(&map(&request["options"]))?;
            self.client = Some(Client::new(base, secret("client_key"), secret("api_token"), options)?);
            return Ok(json!({}));
        }
        let client = self.client.clone().ok_or_else(|| misuse("there is no client"))?;
        let options = client.options_with(&map(&request["options"]))?;
        let refs = || request["refs"].as_array().into_iter().flatten().map(batch_ref).collect::<Result<Vec<_>>>();
        match text(&request["op"]) {
            "upload" => {
                let upload = client.upload(source(&request["source"])?, options);
                self.reported(upload, request)
            }
            "writer" => {
                let (writer, upload) = client.writer(options);
                for row in request["rows"].as_array().into_iter().flatten() {
                    // When nothing reads any more, the upload says why.
                    if writer.push(text(row).as_bytes()).is_err() {
                        break;
                    }
                }
                writer.finish();
                self.reported(upload, request)
            }
            "submit" => {
                let run = self.ended(client.submit(source(&request["source"])?, options), request)?;
                let answer = json!({"run_id": run.run_id, "refs": run.refs});
                self.run = Some(run);
                Ok(answer)
            }
            "run_wait" => {
                let wait = self.run.as_ref().map(Run::wait).ok_or_else(|| misuse("no run was submitted"))?;
                self.reported(wait, request)
            }
            "report" => self.reported(client.report(refs()?), request),
            "wait" => value(self.ended(client.wait(refs()?, options), request)?),
            "batch_status" => value(self.ended(client.batch(batch_ref(&request["ref"])?).status(), request)?),
            "batch_wait" => value(self.ended(client.batch(batch_ref(&request["ref"])?).wait(), request)?),
            "batch_errors" => rejects(&self.ended(client.batch(batch_ref(&request["ref"])?).errors(), request)?),
            "batches" => value(client.batches(query(&request["query"])?).collect::<Result<Vec<_>>>()?),
            "write_rejects" => {
                let report = self.report.as_ref().ok_or_else(|| misuse("there is no report"))?;
                Ok(json!({"written": report.write_rejects(text(&request["path"]))?}))
            }
            "pack" => {
                let packed = local::pack(source(&request["source"])?, text(&request["out"]), &options)?;
                Ok(json!({"parts": packed.parts, "counts": packed.counts, "rejects": rejects(&packed.rejects)?}))
            }
            "validate" => value(local::check(source(&request["source"])?, &options)?),
            other => Err(misuse(&format!("there is no operation {other}"))),
        }
    }

    /// Waits for an operation, collecting its events, and cancels it after the event the request names.
    fn ended<T: Send + 'static>(&mut self, operation: Operation<T>, request: &Value) -> Result<T> {
        let events = operation.events();
        while !matches!(self.events.last(), Some(Event::Done { .. })) {
            let Some(event) = events.next(Duration::from_secs(1)) else { continue };
            if request["cancel_after_event"] == value(&event)?["type"] {
                operation.cancel();
            }
            self.events.push(event);
        }
        operation.join()
    }

    fn reported(&mut self, operation: Operation<RunReport>, request: &Value) -> Result<Value> {
        let ended = self.ended(operation, request);
        self.report = ended.as_ref().map_or_else(|error| RunReport::of(error).cloned(), |report| Some(report.clone()));
        report_value(&ended?)
    }

    /// The error's fields, and the report if one is attached.
    fn told(&self, error: &Error) -> std::io::Result<Value> {
        let mut fields = serde_json::to_value(error)?;
        if let Some(report) = RunReport::of(error) {
            fields["report"] = report_value(report).map_err(std::io::Error::other)?;
        }
        Ok(fields)
    }
}

fn report_value(report: &RunReport) -> Result<Value> {
    let mut fields = value(report)?;
    fields["rejects"] = rejects(report.rejects())?;
    Ok(fields)
}

fn rejects(rejects: &Rejects) -> Result<Value> {
    value(rejects.iter().collect::<Result<Vec<_>>>()?)
}

fn source(asked: &Value) -> Result<Source> {
    let (kind, value) = asked.as_object().and_then(|fields| fields.iter().next()).ok_or_else(|| misuse("no source"))?;
    match kind.as_str() {
        "path" => Ok(Source::path(text(value))),
        "paths" => {
            Ok(Source::many(value.as_array().into_iter().flatten().map(|path| Source::path(text(path))).collect()))
        }
        "glob" => Source::glob(text(value)),
        "text" => Ok(Source::bytes("text", text(value))),
        _ => {
            let bytes = STANDARD.decode(text(value)).map_err(|error| misuse(&error.to_string()))?;
            Ok(Source::bytes("bytes", bytes))
        }
    }
}

fn query(asked: &Value) -> Result<ListQuery> {
    let time = |name: &str| asked[name].as_str().and_then(|time| time.parse().ok());
    Ok(ListQuery {
        status: asked["status"].as_array().into_iter().flatten().map(|name| Status::from(text(name))).collect(),
        created_after: time("created_after"),
        created_before: time("created_before"),
        modified_after: time("modified_after"),
        modified_before: time("modified_before"),
        ref_prefix: asked["ref_prefix"].as_str().map(String::from),
        sort: asked["sort"].as_str().map(str::parse).transpose()?,
        limit: asked["limit"].as_u64().and_then(|limit| limit.try_into().ok()),
        ..ListQuery::default()
    })
}

fn batch_ref(asked: &Value) -> Result<uuid::Uuid> {
    text(asked).parse().map_err(|_| misuse("a ref is a UUID"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn value(of: impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(of).map_err(|error| misuse(&error.to_string()))
}

/// A request this driver cannot do anything with.
fn misuse(message: &str) -> Error {
    Error::new(Kind::Internal, format!("the driver was asked wrongly: {message}"))
}
