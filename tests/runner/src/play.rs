//! Plays one case: its steps in order, then everything that must be true at the end.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::case::{Action, Ask, Case, Outcome, Step};
use crate::content::Content;
use crate::contract::Contract;
use crate::driver::{Driver, Transcript};
use crate::folder::Folder;
use crate::pattern::{Saved, mismatches};
use crate::secrets;
use crate::service::Service;

/// A case that takes longer has failed.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs `case` with the driver that `command` starts. Gives what was not as expected.
pub(crate) fn play(case: &Case, command: &[String], contract: &Contract) -> Vec<String> {
    let transcript = Transcript::default();
    let played = Play::begin(case, command, contract, &transcript).and_then(|mut play| {
        let ended = play.steps();
        let mut found = std::mem::take(&mut play.found);
        found.extend(ended.err());
        found.extend(play.end()?);
        Ok(found)
    });
    played.unwrap_or_else(|error| vec![error])
}

struct Play<'a> {
    case: &'a Case,
    command: &'a [String],
    contract: &'a Contract,
    service: Service,
    folder: Folder,
    driver: Driver,
    transcript: &'a Transcript,
    deadline: Instant,
    saved: Saved,
    secrets: Vec<String>,
    found: Vec<String>,
}

impl<'a> Play<'a> {
    fn begin(
        case: &'a Case,
        command: &'a [String],
        contract: &'a Contract,
        transcript: &'a Transcript,
    ) -> Result<Self, String> {
        let deadline = Instant::now() + LIMIT;
        let service = Service::start(&case.name, &case.service)?;
        let folder = Folder::create(&case.files)?;
        let driver = Driver::start(command, &folder.work(), &folder.temporary(), transcript)?;
        let mut saved = Saved::from([("base_url".into(), service.base_url().into())]);
        if let Some(pem) = service.ca_pem() {
            saved.insert("ca_file".into(), folder.keep("ca.pem", &pem)?.to_string_lossy().into());
        }
        if let Some(url) = &service.proxy_url {
            saved.insert("proxy_url".into(), url.as_str().into());
        }
        let secrets = [service.secrets(), case.secrets.clone()].concat();
        let found = Vec::new();
        Ok(Play { case, command, contract, service, folder, driver, transcript, deadline, saved, secrets, found })
    }

    fn steps(&mut self) -> Result<(), String> {
        let case = self.case;
        let begins_with_client = matches!(case.steps.first(), Some(Step::Ask(ask)) if ask.ask["op"] == "client");
        if !begins_with_client {
            self.ask("client", &plain_client())?;
        }
        for (index, step) in case.steps.iter().enumerate() {
            match step {
                Step::Act(action) => self.act(action)?,
                Step::Ask(ask) => self.ask(&format!("step {}", index + 1), ask)?,
            }
        }
        Ok(())
    }

    fn act(&mut self, action: &Action) -> Result<(), String> {
        match action {
            Action::Faults(plan) => self.service.set_faults(plan.clone()),
            Action::AdvanceSeconds(seconds) => self.service.advance_clock(Duration::from_secs(*seconds)),
            Action::FreshDriver(client) => {
                let (work, temporary) = (self.folder.work(), self.folder.temporary());
                let fresh = Driver::start(self.command, &work, &temporary, self.transcript)?;
                std::mem::replace(&mut self.driver, fresh).finish(self.deadline)?;
                let mut ask = plain_client();
                ask.ask.extend(client.clone());
                self.ask("client", &ask)?;
            }
            Action::Append { .. } | Action::Truncate { .. } => self.folder.change(action, &self.case.files)?,
        }
        Ok(())
    }

    fn ask(&mut self, name: &str, ask: &Ask) -> Result<(), String> {
        let op = ask.ask["op"].as_str().unwrap_or_default();
        let mut request = match self.filled(&Value::Object(ask.ask.clone()))? {
            Value::Object(request) => request,
            _ => Map::new(),
        };
        if op == "client" {
            self.complete(&mut request);
        }
        let mut due = ask.meanwhile.as_ref();
        let (service, folder, files) = (&self.service, &mut self.folder, &self.case.files);
        let answer = self.driver.ask(request, self.deadline, || {
            if let Some(now) = due.take_if(|due| service.seen(&due.after) >= due.seen) {
                match &now.then {
                    Action::Faults(plan) => service.set_faults(plan.clone()),
                    Action::AdvanceSeconds(seconds) => service.advance_clock(Duration::from_secs(*seconds)),
                    Action::FreshDriver(_) => return Err("a driver cannot be replaced while it works".into()),
                    Action::Append { .. } | Action::Truncate { .. } => folder.change(&now.then, files)?,
                }
            }
            Ok(())
        })?;
        let mut found = self.contract.mismatches(op, &answer);
        found.extend(due.map(|due| format!("{} {} requests never came", due.seen, due.after)));
        found.extend(outcome(&ask.expect, &answer, &mut self.saved));
        self.found.extend(found.into_iter().map(|problem| format!("{name} ({op}): {problem}")));
        Ok(())
    }

    /// Gives a client what the case leaves open: where the service is, who asks, and short pauses.
    fn complete(&mut self, request: &mut Map<String, Value>) {
        if !request.contains_key("region") {
            request.entry("base_url").or_insert_with(|| self.service.base_url().into());
        }
        for (name, given) in [("client_key", &self.service.client_key), ("api_token", &self.service.api_token)] {
            let value = request.entry(name).or_insert_with(|| given.as_str().into());
            self.secrets.extend(value.as_str().filter(|text| !text.is_empty()).map(str::to_owned));
        }
        let options = request.entry("options").or_insert_with(|| json!({}));
        for (group, name, value) in
            [("wait", "min_ms", 5), ("wait", "max_ms", 40), ("retry", "base_ms", 1), ("retry", "max_ms", 10)]
        {
            if let Some(options) = options.as_object_mut() {
                let group = options.entry(group).or_insert_with(|| json!({}));
                if let Some(group) = group.as_object_mut() {
                    group.entry(name).or_insert_with(|| value.into());
                }
            }
        }
    }

    /// A request with what it refers to: `{"$saved": name}`, `{"$base64": content}`, `{"$lines": content}`.
    fn filled(&self, value: &Value) -> Result<Value, String> {
        let content = |content: &Value| {
            serde_json::from_value::<Content>(content.clone()).map_err(|error| format!("bad content: {error}"))
        };
        Ok(match value {
            Value::Object(members) => {
                if let Some(name) = members.get("$saved") {
                    let name = name.as_str().unwrap_or_default();
                    return self.saved.get(name).cloned().ok_or_else(|| format!("nothing was saved as {name}"));
                }
                if let Some(of) = members.get("$base64") {
                    return Ok(STANDARD.encode(content(of)?.bytes(&self.case.files)?).into());
                }
                if let Some(of) = members.get("$lines") {
                    return Ok(content(of)?.lines(&self.case.files)?.into());
                }
                let filled = members.iter().map(|(name, value)| Ok((name.clone(), self.filled(value)?)));
                Value::Object(filled.collect::<Result<_, String>>()?)
            }
            Value::Array(all) => Value::Array(all.iter().map(|one| self.filled(one)).collect::<Result<_, _>>()?),
            other => other.clone(),
        })
    }

    /// Ends the driver and compares what is left.
    fn end(self) -> Result<Vec<String>, String> {
        let Play { case, service, folder, driver, transcript, deadline, mut saved, secrets, .. } = self;
        let mut found: Vec<String> = driver.finish(deadline).err().into_iter().collect();
        found.extend(service.mismatches(&case.expect, &case.files, &mut saved)?);
        found.extend(folder.mismatches(&case.expect, &case.files)?);
        let printed = transcript.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut outputs = vec![("the driver's output".to_owned(), printed)];
        outputs.extend(folder.written()?);
        found.extend(secrets::found(&outputs, &secrets));
        Ok(found)
    }
}

/// The request for a client of which a case says nothing.
fn plain_client() -> Ask {
    let ask = Map::from_iter([("op".to_owned(), json!("client"))]);
    Ask { ask, meanwhile: None, expect: Outcome { ok: Some(json!({})), ..Outcome::default() } }
}

fn outcome(expected: &Outcome, answer: &Value, saved: &mut Saved) -> Vec<String> {
    let mut found = Vec::new();
    for (name, pattern) in [("ok", &expected.ok), ("error", &expected.error)] {
        match (pattern, answer.get(name)) {
            (Some(pattern), Some(part)) => found.extend(mismatches(pattern, part, name, saved)),
            (Some(pattern), None) => found.push(format!("{name} expected: {pattern}")),
            (None, Some(part)) => found.push(format!("unexpected {name}: {part}")),
            (None, None) => {}
        }
    }
    if !found.is_empty() {
        found.extend(answer["error"]["message"].as_str().map(|message| format!("the error says: {message}")));
    }
    let events = answer["events"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fits = |pattern: &Value, event: &Value| mismatches(pattern, event, "event", &mut Saved::new()).is_empty();
    let mut rest = events.iter();
    if let Some(missing) = expected.events.iter().find(|pattern| !rest.any(|event| fits(pattern, event))) {
        found.push(format!("events: {missing} does not come in its place among {}", answer["events"]));
    }
    let unwanted = expected.no_event.iter().flat_map(|pattern| events.iter().filter(|event| fits(pattern, event)));
    found.extend(unwanted.map(|event| format!("events: {event} must not come")));
    found
}
