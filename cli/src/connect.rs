//! Arguments into sources, options and a client.

use std::io;

use cdp_batch::api::region::{BaseUrl, Region};
use cdp_batch::client::Client;
use cdp_batch::secret::Secret;
use cdp_batch::source::Source;
use cdp_batch::{Error, Kind, Options, Result, Stage};
use serde_json::{Map, Value, json};

use crate::args::Connection;

/// A client for the service that the arguments and the environment name; `options` are its defaults.
pub(crate) fn client(connection: &Connection, mut options: Map<String, Value>) -> Result<Client> {
    for (name, value) in [("proxy", json!(connection.proxy)), ("ca_file", json!(connection.ca_file))] {
        if !value.is_null()
            && let Value::Object(http) = options.entry("http").or_insert_with(|| json!({}))
        {
            http.insert(name.to_string(), value);
        }
    }
    let base = BaseUrl::parse(base_url(connection)?)?;
    let key = connection.client_key.clone().ok_or_else(|| missing("the Client Key", "CDP_CLIENT_KEY"))?;
    let token = std::env::var("CDP_API_TOKEN").map_err(|_| missing("the API Token", "CDP_API_TOKEN"))?;
    Client::new(base, Secret::new(key), Secret::new(token), Options::from_map(&options)?)
}

/// Where the service is.
pub(crate) fn base_url(connection: &Connection) -> Result<&str> {
    match (&connection.base_url, &connection.region) {
        (Some(url), _) => Ok(url),
        (None, Some(region)) => Ok(Region::parse(region)?.url()),
        (None, None) => Err(missing("the service", "CDP_REGION (or CDP_BASE_URL)")),
    }
}

/// The source that INPUT arguments name.
pub(crate) fn source(inputs: &[String]) -> Result<Source> {
    let sources = inputs.iter().map(|input| match input.as_str() {
        "-" => Ok(Source::reader("stdin", Box::new(io::stdin()))),
        pattern if is_pattern(pattern) => Source::glob(pattern),
        path => Ok(Source::path(path)),
    });
    Ok(Source::many(sources.collect::<Result<_>>()?))
}

/// A name that exists is a file, whatever characters it has.
fn is_pattern(input: &str) -> bool {
    input.contains(['*', '?', '[']) && !std::path::Path::new(input).exists()
}

fn missing(what: &str, variable: &str) -> Error {
    let message = format!("{what} is not given; set {variable}");
    Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
}
