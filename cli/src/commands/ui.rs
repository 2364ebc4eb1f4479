//! `cdp-batch ui`.

use cdp_batch::journal;
use cdp_batch_dashboard::{Page, serve};
use serde_json::{Map, json};

use crate::args::Ui;
use crate::failure::{Failure, Outcome, SUCCESS};
use crate::{connect, interrupt, output};

/// Serves the page until Ctrl-C.
pub(crate) fn run(ui: &Ui) -> Outcome {
    // Whoever looks at the page would rather read what is wrong than wait; the page asks again by itself.
    let mut options = Map::from_iter([("retry".to_string(), json!({ "attempts": 2 }))]);
    if let Some(folder) = &ui.state_dir {
        // A folder without a journal is said here, not in the browser.
        journal::runs(folder)?;
        options.insert("state_dir".to_string(), json!(folder));
    }
    let client = connect::client(&ui.connection, options)?;
    let page = Page::new(client, connect::base_url(&ui.connection)?.trim_end_matches('/'));
    let served = serve(page).map_err(|error| Failure::local("cannot serve the page", error))?;
    interrupt::listen();
    output::print(&format!("page on {}\n", served.url()))?;
    eprintln!("The address opens once, in one browser. Ctrl-C ends the page.");
    interrupt::wait();
    Ok(SUCCESS)
}
