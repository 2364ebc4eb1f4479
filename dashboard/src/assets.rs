//! The files of `page/`, as they are.

use axum::Router;
use axum::http::header;
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const ICON: &str = "image/svg+xml";

/// Path, kind and text of each.
macro_rules! files {
    ($($kind:ident $path:literal),* $(,)?) => {
        &[$((concat!("/", $path), $kind, include_str!(concat!("../page/", $path)))),*]
    };
}

const FILES: &[(&str, &str, &str)] = files![
    HTML "index.html",
    STYLE "style.css",
    SCRIPT "app.js",
    SCRIPT "chart.js",
    SCRIPT "code.js",
    SCRIPT "details.js",
    SCRIPT "list.js",
    SCRIPT "runs.js",
    SCRIPT "service.js",
    SCRIPT "text.js",
    SCRIPT "theme.js",
    TEXT "code/curl.sh",
    TEXT "code/node.mjs",
    TEXT "code/python.py",
    TEXT "code/rust.rs",
    ICON "icon.svg",
];

pub(crate) fn router() -> Router {
    FILES.iter().fold(Router::new(), |router, &(path, kind, text)| {
        let path = if path == "/index.html" { "/" } else { path };
        router.route(path, get(move || async move { ([(header::CONTENT_TYPE, kind)], text) }))
    })
}
