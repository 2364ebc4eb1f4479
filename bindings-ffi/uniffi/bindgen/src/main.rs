//! Writes what calls the UniFFI library from a language: `cdp-batch-bindgen kotlin|swift FOLDER`. The library is the one
//! built beside this program. A program of its own, because the generator takes long to compile and few need it.
#![expect(clippy::print_stderr, reason = "this program talks to the person who runs it")]

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;
use std::process::ExitCode;

use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["kotlin", folder] => write(TargetLanguage::Kotlin, folder),
        ["swift", folder] => write(TargetLanguage::Swift, folder),
        _ => Err("use: cdp-batch-bindgen kotlin|swift FOLDER".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("cdp-batch-bindgen: {message}");
            ExitCode::FAILURE
        }
    }
}

fn write(language: TargetLanguage, folder: &str) -> Result<(), String> {
    let here = std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
    let library = here.with_file_name(format!("{DLL_PREFIX}cdp_batch_uniffi{DLL_SUFFIX}"));
    let text = |path: PathBuf| path.to_string_lossy().into_owned().into();
    let options = GenerateOptions {
        languages: vec![language],
        source: text(library),
        out_dir: folder.into(),
        config_override: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../uniffi.toml").into()),
        ..GenerateOptions::default()
    };
    generate(options).map_err(|error| format!("the bindings cannot be generated: {error:#}"))
}
