//! Names the library as programs that link it will look for it: with the part of the version that promises the same ABI.

use std::env::var;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let of = |name: &str| var(name).unwrap_or_default();
    let (major, minor) = (of("CARGO_PKG_VERSION_MAJOR"), of("CARGO_PKG_VERSION_MINOR"));
    // Before 1.0 a minor version may break what came before it.
    let abi = if major == "0" { format!("0.{minor}") } else { major };
    let library = if of("CARGO_PKG_NAME").ends_with("testing") { "cdp_batch_testing" } else { "cdp_batch" };
    match of("CARGO_CFG_TARGET_OS").as_str() {
        "macos" => println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/lib{library}.{abi}.dylib"),
        _ => println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,lib{library}.so.{abi}"),
    }
}
