//! Where the service lives (protocol.md section 1.1), and which addresses may be spoken to.

use url::{Host, Url};

use crate::error::{Error, Result, Stage};
use crate::kind::Kind;

/// A region of Sitecore CDP. A tenant belongs to one; the product shows it under Company information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// Europe.
    Eu,
    /// United States.
    Us,
    /// Asia-Pacific.
    Ap,
    /// Japan.
    Jp,
}

impl Region {
    /// Every region.
    pub const ALL: [Region; 4] = [Region::Eu, Region::Us, Region::Ap, Region::Jp];

    /// The region with this name, in either case.
    ///
    /// # Errors
    /// `invalid_options`, naming the nearest region.
    pub fn parse(name: &str) -> Result<Self> {
        let wanted = name.trim().to_ascii_lowercase();
        if let Some(region) = Region::ALL.into_iter().find(|region| region.name() == wanted) {
            return Ok(region);
        }
        let near = |region: &Region| strsim::jaro_winkler(region.name(), &wanted);
        let nearest =
            Region::ALL.into_iter().reduce(|best, other| if near(&other) > near(&best) { other } else { best });
        let nearest = nearest.map_or("eu", Region::name);
        Err(invalid(format!("there is no region {wanted:?}; the nearest one is {nearest} (known: eu, us, ap, jp)")))
    }

    /// The name: `eu`, `us`, `ap` or `jp`.
    pub const fn name(self) -> &'static str {
        match self {
            Region::Eu => "eu",
            Region::Us => "us",
            Region::Ap => "ap",
            Region::Jp => "jp",
        }
    }

    /// The base URL in text; Japan's host says `jpe`.
    pub const fn url(self) -> &'static str {
        match self {
            Region::Eu => "https://api-engage-eu.sitecorecloud.io",
            Region::Us => "https://api-engage-us.sitecorecloud.io",
            Region::Ap => "https://api-engage-ap.sitecorecloud.io",
            Region::Jp => "https://api-engage-jpe.sitecorecloud.io",
        }
    }
}

/// The address in front of `/v2/batches`: https, or plain http to this machine alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// The base URL of the region with this name.
    ///
    /// # Errors
    /// `invalid_options`, naming the nearest region.
    pub fn of_region(name: &str) -> Result<Self> {
        BaseUrl::parse(Region::parse(name)?.url())
    }

    /// The base URL of a region or the one given: a host gives one of both.
    ///
    /// # Errors
    /// `invalid_options`, also for none or both.
    pub fn given(region: Option<&str>, base_url: Option<&str>) -> Result<Self> {
        match (region, base_url) {
            (Some(region), None) => BaseUrl::of_region(region),
            (None, Some(url)) => BaseUrl::parse(url),
            _ => Err(invalid("give either region or base_url".to_string())),
        }
    }

    /// Reads a base URL. A path in front and a slash at the end are fine; a query, a user or a password are not.
    ///
    /// # Errors
    /// `invalid_options`.
    pub fn parse(text: &str) -> Result<Self> {
        let url = Url::parse(text.trim()).map_err(|reason| {
            invalid(format!("base_url is not a URL ({reason}): give one like {}", Region::Eu.url()))
        })?;
        if url.host().is_none() || !matches!(url.scheme(), "https" | "http") {
            return Err(invalid(format!("base_url must start with https:// and a host, like {}", Region::Eu.url())));
        }
        if !is_protected(&url) {
            return Err(invalid("base_url must be https: plain http would show the API token to the network"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("base_url must not hold a user or password: give client_key and api_token"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("base_url must end with its host or path, without a query or fragment"));
        }
        Ok(BaseUrl(url))
    }

    /// The address of a Batch API endpoint: `/v2/batches` and these path segments.
    pub(crate) fn batches(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v2", "batches"]).extend(segments);
        }
        url
    }
}

/// Whether what is sent there cannot be read on the way: https, or a connection that stays on this machine.
pub(crate) fn is_protected(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether the host is this machine: 127.0.0.0/8, ::1 or localhost.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Kind::InvalidOptions, message).with_stage(Stage::Options)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn list_url(base: &str) -> String {
        BaseUrl::parse(base).unwrap().batches(&["inspect"]).to_string()
    }

    #[test]
    fn every_region_has_its_host() {
        for (name, host) in [("EU", "eu"), ("us", "us"), (" ap ", "ap"), ("jp", "jpe")] {
            let url = BaseUrl::of_region(name).unwrap().batches(&["x"]);
            assert_eq!(url.as_str(), format!("https://api-engage-{host}.sitecorecloud.io/v2/batches/x"));
        }
    }

    #[test]
    fn an_unknown_region_names_the_nearest_one() {
        for (name, nearest) in [("jpe", "jp"), ("usa", "us"), ("europe", "eu"), ("apac", "ap")] {
            let error = Region::parse(name).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidOptions);
            assert!(error.message().contains(&format!("the nearest one is {nearest}")), "{error}");
        }
    }

    #[test]
    fn a_trailing_slash_and_a_path_in_front_are_kept_apart_from_the_endpoint() {
        assert_eq!(list_url("https://gate.example/cdp/"), "https://gate.example/cdp/v2/batches/inspect");
        assert_eq!(list_url("https://gate.example"), "https://gate.example/v2/batches/inspect");
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for base in ["http://127.0.0.1:8080", "http://127.9.9.9", "http://[::1]:1", "http://localhost:1/"] {
            assert!(BaseUrl::parse(base).is_ok(), "{base}");
        }
        for base in [
            "http://api.example",
            "http://10.0.0.1",
            "http://localhost.example",
            "ftp://127.0.0.1",
            "api.example",
            "",
            "https://user:pw@api.example",
            "https://api.example/?x=1",
        ] {
            assert_eq!(BaseUrl::parse(base).unwrap_err().kind(), Kind::InvalidOptions, "{base}");
        }
    }
}
