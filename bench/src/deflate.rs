//! One file deflated once, on one thread: for counting instructions.

use cdp_batch::pack::lab::Lab;

use crate::Result;

/// The command with which this is asked for.
pub(crate) const DEFLATE: &str = "deflate";

const CHUNK: usize = 512 * 1024;
const WINDOW: usize = 32 * 1024;

/// Carries out `deflate engine|baseline LEVEL FILE`.
pub(crate) fn deflate(arguments: &[String]) -> Result {
    let [engine, level, file] = arguments else {
        return Err(format!("{DEFLATE} needs an engine, a level and a file"));
    };
    let level = level.parse().map_err(|_| format!("{level} is no level"))?;
    let lab = if engine == "baseline" { Lab::baseline(level) } else { Lab::engine(level) };
    let mut lab = lab.ok_or("levels are 1 to 9")?;
    let text = std::fs::read(file).map_err(|error| format!("cannot read {file}: {error}"))?;
    let (mut out, mut size) = (Vec::new(), 0);
    for start in (0..text.len()).step_by(CHUNK) {
        let dict_len = start.min(WINDOW);
        out.clear();
        lab.deflate(&text[start - dict_len..text.len().min(start + CHUNK)], dict_len, &mut out);
        size += out.len();
    }
    println!("{:.3} %", size as f64 / text.len() as f64 * 100.0);
    Ok(())
}
