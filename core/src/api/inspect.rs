//! Listing the batches of the last 30 days (protocol.md section 2.6).

use std::str::FromStr;

use jiff::Timestamp;
use serde::de::{Deserialize, DeserializeOwned};
use serde_json::{Map, Value};

use crate::api::answer::{Answer, number};
use crate::api::batch::{BatchInfo, Status};
use crate::api::region::BaseUrl;
use crate::api::request::Request;
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::secret::SafeUrl;

/// The most items of one page (protocol.md section 2.6).
pub const MAX_LIMIT: u32 = 1_000;

/// Which batches to list, and in which order. Empty fields do not filter.
///
/// The service filters by status and by creation; what else is asked for is applied here, to what it lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Any of these statuses.
    pub status: Vec<Status>,
    /// Allocated after this, within the last 30 days.
    pub created_after: Option<Timestamp>,
    /// Allocated before this.
    pub created_before: Option<Timestamp>,
    /// Changed last after this.
    pub modified_after: Option<Timestamp>,
    /// Changed last before this.
    pub modified_before: Option<Timestamp>,
    /// The beginning of the ref.
    pub ref_prefix: Option<String>,
    /// The order; without one, the service's own, which no document tells. Sorting reads the whole list first.
    pub sort: Option<Sort>,
    /// Matches to skip; the service's default is 0.
    pub offset: Option<u64>,
    /// Items of a page, 1 to 1,000; the service's default is 50.
    pub limit: Option<u32>,
}

/// An order of the list, written as `modified`, or `-modified` for the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    by: Time,
    newest_first: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Time {
    Created,
    Modified,
}

impl Time {
    fn of(self, batch: &BatchInfo) -> Option<Timestamp> {
        let text = match self {
            Time::Created => &batch.created_at,
            Time::Modified => &batch.modified_at,
        };
        text.as_ref()?.parse().ok()
    }
}

impl FromStr for Sort {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (newest_first, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let by = match name {
            "created" => Time::Created,
            "modified" => Time::Modified,
            _ => {
                let message =
                    format!("sort is {text:?}, but must be created, modified, or one of them after a minus sign");
                return Err(invalid(message));
            }
        };
        Ok(Sort { by, newest_first })
    }
}

impl Sort {
    /// Brings batches into this order; those without the time come last.
    pub fn sort(self, batches: &mut [BatchInfo]) {
        batches.sort_by_cached_key(|batch| {
            let time = self.by.of(batch).map(|time| time.as_nanosecond());
            (time.is_none(), time.map(|time| if self.newest_first { -time } else { time }))
        });
    }
}

/// What a query may hold.
const FIELDS: &[&str] = &[
    "status",
    "created_after",
    "created_before",
    "modified_after",
    "modified_before",
    "ref_prefix",
    "sort",
    "offset",
    "limit",
];

impl ListQuery {
    /// A query as hosts write it: `status` is a name or a list of names, a time such as `2026-01-31T00:00:00Z`, the rest
    /// as above; `null` is as good as nothing.
    ///
    /// # Errors
    /// `invalid_options` for a name that is none of these, and for a value that cannot be.
    pub fn from_map(query: &Map<String, Value>) -> Result<Self> {
        if let Some(name) = query.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(invalid(format!("a list cannot be asked for by {name}; there are {}", FIELDS.join(", "))));
        }
        let status: Vec<String> = match query.get("status") {
            Some(Value::String(status)) => vec![status.clone()],
            _ => field(query, "status", "a name, or a list of names")?.unwrap_or_default(),
        };
        let time = "a time such as 2026-01-31T00:00:00Z";
        Ok(ListQuery {
            status: status.iter().map(|status| Status::from(status.as_str())).collect(),
            created_after: parsed(query, "created_after", time)?,
            created_before: parsed(query, "created_before", time)?,
            modified_after: parsed(query, "modified_after", time)?,
            modified_before: parsed(query, "modified_before", time)?,
            ref_prefix: field(query, "ref_prefix", "text")?,
            sort: field::<String>(query, "sort", "text")?.map(|sort| sort.parse()).transpose()?,
            offset: field(query, "offset", "a number from 0")?,
            limit: field(query, "limit", "a number from 1")?,
        })
    }

    /// Whether the service alone can answer it.
    #[cfg(feature = "client")]
    pub(crate) fn is_served(&self) -> bool {
        self.modified_after.or(self.modified_before).is_none() && self.ref_prefix.is_none() && self.sort.is_none()
    }

    /// Whether a batch passes the filters that the service does not have.
    pub fn takes(&self, batch: &BatchInfo) -> bool {
        let modified = Time::Modified.of(batch);
        let is_after = |bound: Timestamp| modified.is_some_and(|time| time > bound);
        let is_before = |bound: Timestamp| modified.is_some_and(|time| time < bound);
        let is_named = |prefix: &str| batch.batch_ref.to_string().starts_with(&prefix.to_ascii_lowercase());
        self.modified_after.is_none_or(is_after)
            && self.modified_before.is_none_or(is_before)
            && self.ref_prefix.as_deref().is_none_or(is_named)
    }
}

/// A field of a query, if it is there.
fn field<T: DeserializeOwned>(query: &Map<String, Value>, name: &str, wanted: &str) -> Result<Option<T>> {
    let value = query.get(name).unwrap_or(&Value::Null);
    Option::deserialize(value).map_err(|_| invalid(format!("{name} is {value}, but must be {wanted}")))
}

/// A field that must read as a `T`, if it is there.
fn parsed<T: FromStr>(query: &Map<String, Value>, name: &str, wanted: &str) -> Result<Option<T>> {
    let text = field::<String>(query, name, wanted)?;
    let parse = |text: String| text.parse().map_err(|_| invalid(format!("{name} is {text:?}, but must be {wanted}")));
    text.map(parse).transpose()
}

/// One page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// All matches, if the service counts them.
    pub total_count: Option<u64>,
    /// The batches of this page: ref, status and times, rarely more.
    pub items: Vec<BatchInfo>,
    /// Items that were left out: other tools may have used a ref that is no UUID.
    pub skipped: u64,
}

impl Page {
    /// How far `offset` must move to reach the next page.
    pub fn len(&self) -> u64 {
        self.items.len() as u64 + self.skipped
    }

    /// Whether the end of the list was passed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `GET /v2/batches/inspect` with these filters.
///
/// # Errors
/// `invalid_options` for a filter the service does not have.
pub fn request(base: &BaseUrl, query: &ListQuery) -> Result<Request> {
    let mut request = Request::ask(Stage::List, base, &["inspect"]);
    let mut pairs: Vec<(&str, String)> = Vec::new();
    if !query.status.is_empty() {
        pairs.push(("status", names(&query.status)?));
    }
    let mut time = |name, time: Option<Timestamp>| pairs.extend(time.map(|time| (name, format!("{time:.3}"))));
    time("createdAfter", query.created_after);
    time("createdBefore", query.created_before);
    pairs.extend(query.offset.map(|offset| ("offset", offset.to_string())));
    if let Some(limit) = query.limit {
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(invalid(format!("limit is {limit}, but must be between 1 and {MAX_LIMIT}")));
        }
        pairs.push(("limit", limit.to_string()));
    }
    if !pairs.is_empty() {
        let mut url = request.url.expose().clone();
        url.query_pairs_mut().extend_pairs(pairs);
        request.url = SafeUrl::from(url);
    }
    Ok(request)
}

/// Reads a page.
///
/// # Errors
/// `protocol` without a list of items.
pub fn parse(answer: &Answer<'_>) -> Result<Page> {
    let fields = answer.object()?;
    let items = fields.get("items").and_then(Value::as_array).ok_or_else(|| answer.unknown("has no items"))?;
    let read = |item: &Value| BatchInfo::read(item.as_object()?, None);
    let batches: Vec<BatchInfo> = items.iter().filter_map(read).collect();
    let skipped = (items.len() - batches.len()) as u64;
    Ok(Page { total_count: number(fields.get("totalCount")), items: batches, skipped })
}

fn names(statuses: &[Status]) -> Result<String> {
    if let Some(unknown) = statuses.iter().find(|status| matches!(status, Status::Unknown(_))) {
        let known = Status::KNOWN.each_ref().map(Status::name).join(", ");
        return Err(invalid(format!("there is no status {:?}; known are {known}", unknown.name())));
    }
    Ok(statuses.iter().map(Status::name).collect::<Vec<_>>().join(","))
}

fn invalid(message: String) -> Error {
    Error::new(Kind::InvalidOptions, message).with_stage(Stage::List)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<ListQuery> {
        ListQuery::from_map(&serde_json::from_str(query).unwrap())
    }

    #[test]
    fn a_query_is_read_as_hosts_write_it() {
        assert_eq!(asked("{}").unwrap(), ListQuery::default());
        assert_eq!(asked(r#"{"status": "error", "limit": null}"#).unwrap().status, [Status::from("error")]);
        let query = r#"{"status": ["error", "success"], "created_after": "2026-01-31T00:00:00Z", "sort": "-modified",
            "ref_prefix": "ab", "offset": 2, "limit": 3}"#;
        let query = asked(query).unwrap();
        assert_eq!((query.status.len(), query.offset, query.limit), (2, Some(2), Some(3)));
        assert_eq!(query.created_after.unwrap().to_string(), "2026-01-31T00:00:00Z");
        assert!(query.sort.is_some() && query.ref_prefix.as_deref() == Some("ab"));
    }

    #[test]
    fn a_query_that_cannot_be_is_refused_by_name() {
        for (query, word) in [
            (r#"{"statuses": []}"#, "statuses"),
            (r#"{"limit": "many"}"#, "limit"),
            (r#"{"created_after": "soon"}"#, "created_after"),
            (r#"{"sort": "size"}"#, "sort"),
            (r#"{"status": [1]}"#, "status"),
        ] {
            let error = asked(query).unwrap_err();
            assert!(error.kind() == Kind::InvalidOptions && error.message().contains(word), "{}", error.message());
        }
    }
}
