//! `GET /v2/batches/inspect`: the batches of the last 30 days (protocol.md section 2.6).

use crate::api::{bad_request, json_answer, log_url};
use crate::batch::Status;
use crate::clock::Moment;
use crate::faults::Fault;
use crate::service::{Answer, Exchange};
use http::StatusCode;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const WINDOW: Duration = Duration::from_hours(30 * 24);
const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 1000;

struct Filter {
    statuses: Option<Vec<Status>>,
    before: Option<Moment>,
    after: Option<Moment>,
    offset: usize,
    limit: usize,
}

struct Item {
    reference: Uuid,
    status: Status,
    created_at: Moment,
    modified_at: Moment,
    index: usize,
    has_log: bool,
}

/// Newest modified first, which is the order the product's own page shows. Wrong parameters are refused, where what the
/// service does is unknown.
pub(crate) fn list(exchange: &Exchange<'_>) -> Answer {
    let filter = match Filter::read(exchange.request.uri.query().unwrap_or_default(), exchange.now) {
        Ok(filter) => filter,
        Err(reason) => return bad_request(&reason),
    };
    let lag = exchange.faults.iter().find_map(|fault| match fault {
        Fault::Lag { seconds } => Some(Duration::from_secs(*seconds)),
        _ => None,
    });
    let as_of = exchange.now.minus(lag.unwrap_or_default());
    let mut items = exchange.service.store.view_all(|batch| {
        let known = batch.history.iter().rev().find(|(at, _)| *at <= as_of);
        let (changed_at, status) = *known?;
        let item = Item {
            reference: Uuid::try_parse(&batch.reference).ok()?,
            status,
            created_at: batch.created_at(),
            modified_at: if lag.is_some() { changed_at } else { batch.modified_at },
            index: batch.index,
            has_log: status == Status::Error && batch.has_log(),
        };
        filter.takes(&item, exchange.now).then_some(item)
    });
    items.sort_by_key(|item| std::cmp::Reverse((item.modified_at, item.index)));
    let page: Vec<_> = items
        .iter()
        .skip(filter.offset)
        .take(filter.limit)
        .map(|item| {
            let mut shown = json!({
                "href": format!("{}://{}/v2/batches/inspect/{}", exchange.scheme, exchange.host, item.reference),
                "ref": item.reference.to_string(),
                "status": item.status.code(),
                "createdAt": item.created_at.iso(),
                "modifiedAt": item.modified_at.iso(),
            });
            // A flat key, as the documents' table prints it beside a string `status` (protocol.md section 2.6).
            if item.has_log {
                shown["status.log"] = log_url(exchange, item.reference).into();
            }
            shown
        })
        .collect();
    let document = json!({ "totalCount": items.len(), "offset": filter.offset, "limit": filter.limit, "items": page });
    json_answer(StatusCode::OK, &document)
}

impl Filter {
    fn read(query: &str, now: Moment) -> Result<Self, String> {
        let mut filter = Self { statuses: None, before: None, after: None, offset: 0, limit: DEFAULT_LIMIT };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "status" => {
                    let codes = value.split(',').map(|code| {
                        Status::from_code(code).ok_or_else(|| format!("status does not know the code '{code}'"))
                    });
                    filter.statuses = Some(codes.collect::<Result<_, _>>()?);
                }
                "createdBefore" => filter.before = Some(date(&name, &value, now)?),
                "createdAfter" => filter.after = Some(date(&name, &value, now)?),
                "offset" => filter.offset = value.parse().map_err(|_| "offset must be an integer from 0")?,
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                    filter.limit = limit.ok_or("limit must be an integer from 1 to 1000")?;
                }
                _ => return Err(format!("There is no parameter '{name}'")),
            }
        }
        Ok(filter)
    }

    fn takes(&self, item: &Item, now: Moment) -> bool {
        item.created_at >= now.minus(WINDOW)
            && self.statuses.as_ref().is_none_or(|statuses| statuses.contains(&item.status))
            && self.before.is_none_or(|before| item.created_at < before)
            && self.after.is_none_or(|after| item.created_at > after)
    }
}

fn date(name: &str, value: &str, now: Moment) -> Result<Moment, String> {
    let date = Moment::from_iso(value).ok_or_else(|| format!("{name} must have the form YYYY-MM-DDTHH:mm:ss.SSSZ"))?;
    if date < now.minus(WINDOW) {
        return Err(format!("{name} must lie within the last 30 days"));
    }
    Ok(date)
}
