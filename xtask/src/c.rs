//! C and C++: the library laid out as it is installed, packed for others, and what is built against it here.

mod tests;
mod tools;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::Result;
use crate::run::{cargo, output, run};
use crate::workspace::{self, read, root};

pub(crate) use tests::tests;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A library: its name, the name that cargo gives its files, and what it is for.
const LIBRARIES: &[(&str, &str, &str)] = &[
    ("cdp_batch", "cdp_batch_ffi", "Moves guest and order data into Sitecore CDP through its Batch API"),
    ("cdp_batch_testing", "cdp_batch_testing", "A local Batch API for tests of programs that use cdp_batch"),
];
const HEADERS: &[&str] = &["cdp_batch.h", "cdp_batch.hpp", "cdp_batch_errors.hpp", "cdp_batch_testing.h"];

/// What a program that links the static library needs besides, as rustc tells and a test holds.
const STATIC_LIBS: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

/// How every C and C++ source of the repository is compiled.
const STRICT: &[&str] = &["-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-pthread"];

pub(crate) fn command(arguments: &[String]) -> Result {
    crate::only_flags(arguments, [])?;
    println!("the library is built; its prefix is {}", develop()?.display());
    Ok(())
}

/// `package c`: the tarball that is handed out.
pub(crate) fn package(arguments: &[String]) -> Result {
    match arguments {
        [language] if language == "c" => {}
        _ => return Err(format!("name a language: c\n\n{}", crate::usage())),
    }
    run(&mut cargo(&[
        "build",
        "--release",
        "--locked",
        "--package",
        "cdp-batch-ffi",
        "--package",
        "cdp-batch-ffi-testing",
    ]))?;
    let target = workspace::target()?;
    let name = format!("cdp_batch-{VERSION}-{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let folder = target.join("package");
    println!("{}", pack(&target.join("release"), &folder, &name)?.display());
    Ok(())
}

/// Lays out what was built in `from`, and packs it into `NAME.tar.gz` in `folder`, with the checksum beside it.
fn pack(from: &Path, folder: &Path, name: &str) -> Result<PathBuf> {
    let prefix = folder.join(name);
    install(from, &prefix)?;
    let mut sums = Command::new("sh");
    let list = "find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum > SHA256SUMS";
    run(sums.args(["-c", list]).current_dir(&prefix))?;
    let tarball = format!("{name}.tar.gz");
    let mut tar = Command::new("tar");
    tar.args(["--create", "--gzip", "--file", &tarball, "--sort=name", "--owner=0", "--group=0", "--mtime=@0", name]);
    run(tar.current_dir(folder))?;
    let sum = output(Command::new("sha256sum").arg(&tarball).current_dir(folder))?;
    write(&folder.join(format!("{tarball}.sha256")), &sum)?;
    Ok(folder.join(tarball))
}

/// The library, installed in a prefix. Once: what was installed stays.
pub(crate) fn prefix() -> Result<PathBuf> {
    static INSTALLED: OnceLock<Result<PathBuf>> = OnceLock::new();
    let install = || {
        let built = workspace::built()?;
        let prefix = built.join("c/prefix");
        install(&built, &prefix)?;
        Ok(prefix)
    };
    INSTALLED.get_or_init(install).clone()
}

/// Sees to it that pkg-config is there.
pub(crate) fn have_pkg_config() -> Result {
    tools::have(tools::PKG_CONFIG)
}

/// Builds the library and the programs that use it here, and gives the prefix it is installed in.
pub(crate) fn develop() -> Result<PathBuf> {
    let (built, prefix) = (workspace::built()?, prefix()?);
    for (language, needs) in [("c", tools::CJSON), ("cpp", tools::NLOHMANN_JSON)] {
        tools::have(needs)?;
        let source = root().join(format!("tests/drivers/{language}/driver.{language}"));
        if source.exists() {
            compile(&prefix, &built.join("c").join(format!("driver-{language}")), &[source], needs.flags)?;
        }
    }
    Ok(prefix)
}

/// The program of an example, built.
pub(crate) fn example(language: &str, name: &str) -> Result<PathBuf> {
    let (built, prefix) = (workspace::built()?, prefix()?);
    let program = built.join("c").join(format!("example-{name}-{language}"));
    compile(&prefix, &program, &[root().join(format!("examples/{language}/{name}.{language}"))], &[])?;
    Ok(program)
}

/// Compiles sources of one language into a program that finds the libraries where they are installed.
fn compile(prefix: &Path, program: &Path, sources: &[PathBuf], flags: &[&str]) -> Result {
    let is_c = sources.iter().all(|source| source.extension().is_some_and(|extension| extension == "c"));
    let (compiler, standard) = if is_c { ("cc", "-std=c11") } else { ("c++", "-std=c++17") };
    let mut command = Command::new(compiler);
    // POSIX, for threads and forks.
    command.arg(standard).arg("-D_POSIX_C_SOURCE=200809L").args(STRICT).arg("-I").arg(prefix.join("include"));
    command.arg("-o").arg(program).args(sources).arg("-L").arg(prefix.join("lib"));
    command.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display()));
    run(command.args(["-lcdp_batch", "-lcdp_batch_testing"]).args(flags))
}

/// Lays out libraries, headers and their descriptions in a prefix of their own.
fn install(from: &Path, prefix: &Path) -> Result {
    // What an earlier version left would be taken for what this one made.
    let _ = fs::remove_dir_all(prefix);
    for folder in ["lib/pkgconfig", "lib/cmake/cdp_batch", "include", "share/doc/cdp_batch"] {
        let folder = prefix.join(folder);
        fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    }
    let lib = prefix.join("lib");
    for (library, file, about) in LIBRARIES {
        copy(&from.join(format!("lib{file}.a")), &lib.join(format!("lib{library}.a")))?;
        let shared = format!("lib{library}.so");
        copy(&from.join(format!("lib{file}.so")), &lib.join(format!("{shared}.{VERSION}")))?;
        for (target, link) in [(VERSION, format!("{shared}.{}", abi())), (abi().as_str(), shared.clone())] {
            symlink(format!("{shared}.{target}"), lib.join(&link))
                .map_err(|error| format!("cannot link {link}: {error}"))?;
        }
        let description = filled("library.pc.in", library, about)?;
        write(&lib.join(format!("pkgconfig/{library}.pc")), &description)?;
    }
    for file in ["cdp_batch-config.cmake", "cdp_batch-config-version.cmake"] {
        write(&lib.join("cmake/cdp_batch").join(file), &filled(&format!("{file}.in"), "", "")?)?;
    }
    for header in HEADERS {
        copy(&root().join("include").join(header), &prefix.join("include").join(header))?;
    }
    for (from, to) in
        [("bindings-ffi/README.md", "README.md"), ("LICENSE-MIT", "LICENSE-MIT"), ("LICENSE-APACHE", "LICENSE-APACHE")]
    {
        copy(&root().join(from), &prefix.join("share/doc/cdp_batch").join(to))?;
    }
    Ok(())
}

/// The part of the version that promises the same ABI, as `bindings-ffi/build.rs` has it.
fn abi() -> String {
    let mut numbers = VERSION.split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    if major == "0" { format!("0.{minor}") } else { major.to_string() }
}

/// A description with its blanks filled.
fn filled(file: &str, library: &str, about: &str) -> Result<String> {
    let libraries: Vec<_> = STATIC_LIBS.split_whitespace().map(|library| library.trim_start_matches("-l")).collect();
    let text = read(&format!("bindings-ffi/packaging/{file}"))?;
    Ok(text
        .replace("@LIBRARY@", library)
        .replace("@ABOUT@", about)
        .replace("@VERSION@", VERSION)
        .replace("@ABI@", &abi())
        .replace("@STATIC_LIBS@", STATIC_LIBS)
        .replace("@STATIC_LIBS_CMAKE@", &libraries.join(";")))
}

/// Without a second copy of what is large, where the file system can.
fn copy(from: &Path, to: &Path) -> Result {
    let copied = fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ()));
    copied.map_err(|error| format!("cannot copy {} to {}: {error}", from.display(), to.display()))
}

fn write(path: &Path, text: &str) -> Result {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
