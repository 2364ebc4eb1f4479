//! Fault plans: which requests misbehave, and how. What each fault does to a request is in `effects`, `api`, `s3` and
//! `process`; the table of where each one has a meaning is [`Fault::endpoints`].

use crate::route::Endpoint;
use crate::sync::lock;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::sync::Mutex;
use uuid::Uuid;

/// A seeded list of rules in the JSON form of the emulator's README. Read it with [`str::parse`] or through serde;
/// unknown fields, impossible values and faults that mean nothing on their endpoint are errors.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Draft")]
pub struct FaultPlan {
    seed: u64,
    rules: Vec<Rule>,
}

/// A plan as written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    rules: Vec<Rule>,
}

impl FromStr for FaultPlan {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

impl TryFrom<Draft> for FaultPlan {
    type Error = String;

    fn try_from(draft: Draft) -> Result<Self, String> {
        for (index, rule) in draft.rules.iter().enumerate() {
            rule.check().map_err(|problem| format!("rule {index}: {problem}"))?;
        }
        Ok(Self { seed: draft.seed, rules: draft.rules })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    on: On,
    #[serde(default, rename = "match")]
    when: When,
    #[serde(rename = "do")]
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum On {
    Allocate,
    Upload,
    Status,
    Inspect,
    List,
    Log,
    Any,
}

impl On {
    fn covers(self, endpoint: Endpoint) -> bool {
        match self {
            Self::Any => true,
            Self::Allocate => endpoint == Endpoint::Allocate,
            Self::Upload => endpoint == Endpoint::Upload,
            Self::Status => endpoint == Endpoint::Status,
            Self::Inspect => endpoint == Endpoint::Inspect,
            Self::List => endpoint == Endpoint::List,
            Self::Log => endpoint == Endpoint::Log,
        }
    }
}

/// When a rule applies; every condition given must hold. Requests are counted from 1.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct When {
    r#try: Option<Vec<u64>>,
    from: Option<u64>,
    every: Option<u64>,
    probability: Option<f64>,
    ref_index: Option<usize>,
    per: Per,
}

/// What `try`, `from` and `every` count: requests to this endpoint for the same ref, or for any.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Per {
    #[default]
    Ref,
    Endpoint,
}

/// One misbehaviour. Braces everywhere, so that serde refuses unknown fields on the ones without settings too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Fault {
    /// Answer with this instead; nothing else happens.
    Status {
        status: u16,
        #[serde(default)]
        headers: BTreeMap<String, String>,
        body: Option<String>,
    },
    /// Wait, in real time, before anything happens.
    Delay { ms: u64 },
    /// Never answer.
    Hang {},
    /// Close the connection before anything happens.
    DropBefore {},
    /// Do all the work, then close the connection without an answer.
    DropAfter {},
    /// Do all the work, then answer with this status instead.
    StatusAfter { status: u16 },
    /// Close the connection after that many bytes of the answer; on `upload`, of the request body.
    CutBody { after: u64 },
    /// Send the answer in pieces of `bytes`; on `upload`, take the request body in that way.
    SlowDrip { bytes: usize, every_ms: u64 },
    /// On `allocate` the URL handed out has run out already; on `upload` and `log` the URL used is treated as such.
    ExpireUrl {},
    /// Allocate echoes another checksum than the one sent.
    WrongChecksumEcho {},
    /// The batch stays `uploading` although its file arrived.
    StuckUploading {},
    /// The batch ends `corrupted`.
    Corrupted {},
    /// The batch ends `error` without statistics of its records or a log.
    ErrorWithoutLog {},
    /// The log tells of records that were taken, too, and is there even where all were.
    WholeLog {},
    /// A batch or log that exists is answered as not found.
    NotFoundFlicker {},
    /// The list shows the state of so many seconds ago.
    Lag { seconds: u64 },
    /// The error log has an odd form.
    LogQuirk { quirk: Quirk },
    /// Every n-th record of the batch is refused, if no record rule refuses it before.
    RejectRecords {
        every: u64,
        #[serde(default = "default_code", deserialize_with = "text_or_number")]
        code: String,
        #[serde(default = "default_message")]
        message: String,
    },
    /// The answer is cut to JSON that does not parse.
    BadJson {},
    /// 200 with an HTML page, as a captive portal gives.
    HtmlPage {},
}

/// Odd forms of an error log (protocol.md section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quirk {
    Crlf,
    Cr,
    NumberCodes,
    NullRefs,
    SuccessLines,
    NotGzip,
    Empty,
    Html,
    NoFinalNewline,
}

impl Fault {
    /// The name in the plan, and the endpoints where the fault has a meaning.
    pub(crate) fn row(&self) -> (&'static str, &'static [Endpoint]) {
        use Endpoint::{Allocate, Inspect, List, Log, Status, Upload};
        const ALL: &[Endpoint] = &[Allocate, Upload, Status, Inspect, List, Log];
        const ACCEPTING: &[Endpoint] = &[Allocate, Upload];
        match self {
            Self::Status { .. } => ("status", ALL),
            Self::Delay { .. } => ("delay", ALL),
            Self::Hang {} => ("hang", ALL),
            Self::DropBefore {} => ("drop_before", ALL),
            Self::DropAfter {} => ("drop_after", ALL),
            Self::StatusAfter { .. } => ("status_after", ALL),
            Self::CutBody { .. } => ("cut_body", ALL),
            Self::SlowDrip { .. } => ("slow_drip", ALL),
            Self::ExpireUrl {} => ("expire_url", &[Allocate, Upload, Log]),
            Self::WrongChecksumEcho {} => ("wrong_checksum_echo", &[Allocate]),
            Self::StuckUploading {} => ("stuck_uploading", ACCEPTING),
            Self::Corrupted {} => ("corrupted", ACCEPTING),
            Self::ErrorWithoutLog {} => ("error_without_log", ACCEPTING),
            Self::WholeLog {} => ("whole_log", ACCEPTING),
            Self::NotFoundFlicker {} => ("not_found_flicker", &[Status, Inspect, Log]),
            Self::Lag { .. } => ("lag", &[List]),
            Self::LogQuirk { .. } => ("log_quirk", &[Log]),
            Self::RejectRecords { .. } => ("reject_records", ACCEPTING),
            Self::BadJson {} => ("bad_json", &[Allocate, Status, Inspect, List]),
            Self::HtmlPage {} => ("html_page", ALL),
        }
    }

    /// Whether the fault stays with the batch and acts when it is processed.
    pub(crate) fn stays_with_batch(&self) -> bool {
        matches!(
            self,
            Self::StuckUploading {}
                | Self::Corrupted {}
                | Self::ErrorWithoutLog {}
                | Self::WholeLog {}
                | Self::RejectRecords { .. }
        )
    }
}

impl Rule {
    fn check(&self) -> Result<(), String> {
        let (name, endpoints) = self.fault.row();
        if self.on != On::Any && !endpoints.iter().any(|endpoint| self.on.covers(*endpoint)) {
            return Err(format!("{name} has no meaning on this endpoint; use one of {endpoints:?}").to_lowercase());
        }
        if self.when.every == Some(0) {
            return Err("every must be at least 1".into());
        }
        if self.when.probability.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Err("probability must lie between 0 and 1".into());
        }
        match &self.fault {
            Fault::Status { status, headers, .. } => {
                if *status < 200 || StatusCode::from_u16(*status).is_err() {
                    return Err(format!("{status} is not a final HTTP status"));
                }
                let bad = headers
                    .iter()
                    .find(|(name, value)| HeaderName::from_str(name).is_err() || HeaderValue::from_str(value).is_err());
                bad.map_or(Ok(()), |(name, _)| Err(format!("{name} is not a valid header")))
            }
            Fault::StatusAfter { status } if *status < 200 || StatusCode::from_u16(*status).is_err() => {
                Err(format!("{status} is not a final HTTP status"))
            }
            Fault::SlowDrip { bytes: 0, .. } => Err("bytes must be at least 1".into()),
            Fault::RejectRecords { every: 0, .. } => Err("every must be at least 1".into()),
            _ => Ok(()),
        }
    }
}

fn default_code() -> String {
    "400".into()
}

fn default_message() -> String {
    "Validation error".into()
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a code as text or as a number")]
    enum Code {
        Text(String),
        Number(u16),
    }
    Ok(match Code::deserialize(deserializer)? {
        Code::Text(text) => text,
        Code::Number(number) => number.to_string(),
    })
}

/// A plan at work: its counters and its random numbers.
pub(crate) struct Faults(Mutex<Progress>);

struct Progress {
    plan: FaultPlan,
    random: fastrand::Rng,
    per_ref: HashMap<(Endpoint, Option<Uuid>), u64>,
    per_endpoint: HashMap<Endpoint, u64>,
    refs: HashMap<Uuid, usize>,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        Self(Mutex::new(Progress::new(plan, HashMap::new())))
    }

    /// Starts another plan: counters and random numbers start anew, the order of refs stays known.
    pub(crate) fn replace(&self, plan: FaultPlan) {
        let mut progress = lock(&self.0);
        let refs = std::mem::take(&mut progress.refs);
        *progress = Progress::new(plan, refs);
    }

    /// Starts `plan` and forgets the refs as well.
    pub(crate) fn reset(&self, plan: FaultPlan) {
        *lock(&self.0) = Progress::new(plan, HashMap::new());
    }

    /// Counts one request and gives the faults it meets, in the order of the plan.
    pub(crate) fn meet(&self, endpoint: Endpoint, reference: Option<Uuid>) -> Vec<Fault> {
        lock(&self.0).meet(endpoint, reference)
    }
}

impl Progress {
    fn new(plan: FaultPlan, refs: HashMap<Uuid, usize>) -> Self {
        let random = fastrand::Rng::with_seed(plan.seed);
        Self { plan, random, per_ref: HashMap::new(), per_endpoint: HashMap::new(), refs }
    }

    fn meet(&mut self, endpoint: Endpoint, reference: Option<Uuid>) -> Vec<Fault> {
        if let (Endpoint::Allocate, Some(reference)) = (endpoint, reference) {
            let next = self.refs.len();
            self.refs.entry(reference).or_insert(next);
        }
        let of_ref = self.per_ref.entry((endpoint, reference)).or_default();
        *of_ref += 1;
        let of_endpoint = self.per_endpoint.entry(endpoint).or_default();
        *of_endpoint += 1;
        let (of_ref, of_endpoint) = (*of_ref, *of_endpoint);
        let ref_index = reference.and_then(|reference| self.refs.get(&reference).copied());
        let mut met = Vec::new();
        for rule in &self.plan.rules {
            let count = match rule.when.per {
                Per::Ref => of_ref,
                Per::Endpoint => of_endpoint,
            };
            if rule.on.covers(endpoint)
                && rule.fault.row().1.contains(&endpoint)
                && rule.when.holds(count, ref_index)
                && rule.when.probability.is_none_or(|probability| self.random.f64() < probability)
            {
                met.push(rule.fault.clone());
            }
        }
        met
    }
}

impl When {
    fn holds(&self, count: u64, ref_index: Option<usize>) -> bool {
        self.r#try.as_ref().is_none_or(|tries| tries.contains(&count))
            && self.from.is_none_or(|from| count >= from)
            && self.every.is_none_or(|every| count.is_multiple_of(every))
            && self.ref_index.is_none_or(|index| ref_index == Some(index))
    }
}

#[cfg(test)]
#[path = "faults_tests.rs"]
mod tests;
