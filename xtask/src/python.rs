//! Python: the environment that the package is built into, and what runs in it.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;
use crate::run::{output, run, watch};
use crate::tally::Tally;
use crate::workspace::{self, root};

/// The package, from the root.
pub(crate) const PACKAGE: &str = "bindings-python";

/// The environment of people, editors and tests, from the root.
const ENVIRONMENT: &str = ".venv";
/// What it holds besides the package.
const REQUIREMENTS: &str = "bindings-python/requirements-dev.txt";

/// What may be called Python, the usual name first.
const NAMES: &[&str] = &["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
/// Exits with 0 on a version the package is for.
const IS_NEW_ENOUGH: &str = "import sys; sys.exit(sys.version_info < (3, 11))";

pub(crate) fn command(arguments: &[String]) -> Result {
    crate::only_flags(arguments, [])?;
    println!("the package is built; its interpreter is {}", develop()?.display());
    Ok(())
}

/// Makes the environment, or brings it up to date.
pub(crate) fn setup() -> Result<PathBuf> {
    environment(&root().join(ENVIRONMENT), REQUIREMENTS)
}

/// Builds the package where it is imported from, and gives the interpreter.
///
/// Cargo builds it with everything else, instead of once more with the choices of a packaging tool.
pub(crate) fn develop() -> Result<PathBuf> {
    let python = setup()?;
    let built = workspace::built()?.join(format!("{DLL_PREFIX}_native{DLL_SUFFIX}"));
    let module = root().join(PACKAGE).join("python/cdp_batch/_native.abi3.so");
    // A program may be running the old one: it keeps what is removed, but not what is written over.
    let _ = fs::remove_file(&module);
    let copied = fs::copy(&built, &module);
    copied.map_err(|error| format!("cannot copy {} to {}: {error}", built.display(), module.display()))?;
    Ok(python)
}

/// A virtual environment in `folder` with what `requirements` lists, and with the package where it lies. Gives its
/// interpreter. Nothing is installed when the list is that of the last time.
fn environment(folder: &Path, requirements: &str) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    let (wanted, stamp) = (workspace::read(requirements)?, folder.join("installed.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("installing {requirements} into {}", folder.display());
    if !python.exists() {
        run(Command::new(interpreter()?).args(["-m", "venv"]).arg(folder))?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements]);
    run(pip.current_dir(root()))?;
    let mut place = Command::new(&python);
    place.args(["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]);
    let packages = output(&mut place)?;
    let package = root().join(PACKAGE).join("python");
    let path = Path::new(packages.trim()).join("cdp_batch.pth");
    write(&path, &format!("{}\n", package.display()))?;
    write(&stamp, &wanted)?;
    Ok(python)
}

/// The interpreter of an example that needs more than the package, with what its list names.
pub(crate) fn example_environment(name: &str) -> Result<PathBuf> {
    environment(&workspace::target()?.join("python").join(name), &requirements_of(name))
}

/// Whether an example lists what it needs besides the package.
pub(crate) fn has_requirements(name: &str) -> bool {
    root().join(requirements_of(name)).exists()
}

fn requirements_of(name: &str) -> String {
    format!("examples/python/requirements-{name}.txt")
}

/// The examples that do.
fn with_requirements() -> Result<Vec<String>> {
    let name = |file: &String| Some(file.strip_prefix("examples/python/")?.strip_suffix(".py")?.to_owned());
    Ok(workspace::files()?.iter().filter_map(name).filter(|name| has_requirements(name)).collect())
}

/// An interpreter of this machine that is new enough.
pub(crate) fn interpreter() -> Result<&'static str> {
    let is_new_enough = |name: &&&str| {
        let mut ask = Command::new(name);
        let asked = ask.args(["-c", IS_NEW_ENOUGH]).stdin(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    let found = NAMES.iter().find(is_new_enough).copied();
    found.ok_or_else(|| "there is no Python 3.11 or newer; `cargo xtask setup` says how to get it".into())
}

/// The package's own tests.
pub(crate) fn tests() -> Result<Tally> {
    let mut pytest = Command::new(develop()?);
    pytest.args(["-m", "pytest", "--quiet", "-p", "cdp_batch._pytest_plugin"]).current_dir(root().join(PACKAGE));
    let mut tally = Tally::default();
    let ended_well = watch(&mut pytest, |line| tally = Tally::of_pytest(line).unwrap_or(tally))?;
    if !ended_well && tally.failed == 0 {
        tally += Tally::ONE_FAILURE;
    }
    Ok(tally)
}

/// Format, lints and types of the package, its tests, the examples and the driver; and the native module against its
/// stubs.
pub(crate) fn check() -> Result {
    let python = develop()?;
    let tools: &[&[&str]] = &[
        &["ruff", "check", "--config", "bindings-python/pyproject.toml"],
        &["ruff", "format", "--check", "--config", "bindings-python/pyproject.toml"],
        // Those import libraries that are not in this environment.
        &["mypy", "--config-file", "bindings-python/pyproject.toml", "--exclude", "(airflow_operator|dlt_destination)"],
        &["pyright", "--pythonpath", ".venv/bin/python", "--project", "bindings-python"],
    ];
    let sources: &[&str] =
        &["bindings-python/python", "bindings-python/tests", "examples/python", "tests/drivers/python"];
    let mut wrong = Vec::new();
    for tool in tools {
        let mut command = Command::new(&python);
        command.arg("-m").args(*tool).current_dir(root());
        // Pyright takes what its project names.
        if tool[0] != "pyright" {
            command.args(sources);
        }
        wrong.extend(run(&mut command).err());
    }
    for name in with_requirements()? {
        // Against the real libraries, where they could be had.
        match example_environment(&name) {
            Ok(own) => {
                let mut mypy = Command::new(&python);
                mypy.args(["-m", "mypy", "--config-file", "bindings-python/pyproject.toml", "--python-executable"]);
                mypy.arg(&own).arg(format!("examples/python/{name}.py")).current_dir(root());
                wrong.extend(run(&mut mypy).err());
                let mut pyright = Command::new(&python);
                pyright.args(["-m", "pyright", "--pythonpath"]).arg(own).arg(format!("{name}.py"));
                // Its project file there leaves out what the types of those libraries leave open.
                wrong.extend(run(pyright.current_dir(root().join("examples/python"))).err());
            }
            Err(reason) => println!("types of the example {name}: SKIPPED: {reason}"),
        }
    }
    let mut stubtest = Command::new(&python);
    stubtest.args(["-m", "mypy.stubtest", "cdp_batch._native"]).current_dir(root().join(PACKAGE));
    wrong.extend(run(&mut stubtest).err());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn write(path: &Path, text: &str) -> Result {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
