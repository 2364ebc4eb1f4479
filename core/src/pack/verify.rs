//! Decoding a part while it is written, so that one that is not what it should be is never sealed and so never sent.

use std::io::{Sink, Write, sink};

use flate2::write::GzDecoder;

use crate::error::{Error, Result, Stage};
use crate::kind::Kind;

/// Decodes a gzip member as its bytes pass, with zlib-rs, which has nothing in common with our engine, in constant
/// memory. The CRC-32 and the length that the member ends with were taken of the text before it was deflated: if the
/// decoder finds them right, the text is the records.
pub(super) struct Verifier(GzDecoder<Sink>);

impl Default for Verifier {
    fn default() -> Self {
        Verifier(GzDecoder::new(sink()))
    }
}

impl Verifier {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// `internal` if they are no deflate blocks.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).map_err(broken)
    }

    /// Takes the end.
    ///
    /// # Errors
    /// `internal` if it comes too soon, or if the text is not what was deflated.
    pub(super) fn finish(mut self) -> Result<()> {
        self.0.try_finish().map_err(broken)
    }
}

fn broken(reason: std::io::Error) -> Error {
    let message = format!("a part does not unpack to its records ({reason}); nothing of it was sent, please report it");
    Error::new(Kind::Internal, message).with_stage(Stage::Pack)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::engine::{Engine, Level, engine};
    use super::super::{Input, Origins, Output, Part, Settings, pack};
    use super::*;
    use crate::options::Check;
    use crate::options::Options;
    use crate::pack::Block;
    use crate::reject::Reject;

    /// Gives one block.
    struct Once(Option<Block>);

    impl Input for Once {
        fn next(&mut self, _recycled: Vec<u8>) -> Result<Option<Block>> {
            Ok(self.0.take())
        }
    }

    /// Counts parts.
    #[derive(Default)]
    struct Sealed(u64);

    impl Output for Sealed {
        fn read(&mut self, _records: u64) {}

        fn reject(&mut self, _reject: Reject, _after: u64) -> Result<()> {
            Ok(())
        }

        fn write(&mut self, _bytes: &[u8]) -> Result<()> {
            Ok(())
        }

        fn seal(&mut self, part: Part) -> Result<()> {
            let _: (u64, Origins) = (part.size, part.origins);
            self.0 += 1;
            Ok(())
        }
    }

    /// Does to what the real engine writes what it is told to.
    struct Broken(fn(&mut Vec<u8>));

    impl Engine for Broken {
        fn deflate(&mut self, data: &[u8], dict_len: usize, out: &mut Vec<u8>) {
            engine(Level::DEFAULT).deflate(data, dict_len, out);
            (self.0)(out);
        }
    }

    fn packed_with(engine: fn(Level) -> Box<dyn Engine>, verify: bool) -> (Result<()>, u64) {
        let text = (0..2_000).map(|n| format!("{{\"number\":{}}}\n", n * n)).collect::<String>();
        let mut block = Block { text: text.into_bytes(), ..Block::default() };
        block.lines.push_run(1, 2_000);
        let options = Options { check: Check::None, threads: Some(1), verify, ..Options::default() };
        let settings = Settings { engine, ..Settings::new(&options).unwrap() };
        let mut output = Sealed::default();
        (pack(&mut Once(Some(block)), &settings, &mut output), output.0)
    }

    #[test]
    fn a_part_of_a_broken_engine_is_never_sealed() {
        let engines: [fn(Level) -> Box<dyn Engine>; 4] = [
            // Bytes that are no deflate block.
            |_| Box::new(Broken(|out| out.fill(0xFF))),
            // Less than there was.
            |_| Box::new(Broken(|out| *out = vec![0, 0, 0, 0xFF, 0xFF])),
            // Other text of the same length.
            |_| {
                Box::new(Broken(|out| {
                    *out = vec![0, 2, 0, 0xFD, 0xFF];
                    out.extend(b"{}");
                }))
            },
            // One bit.
            |_| {
                Box::new(Broken(|out| {
                    let middle = out.len() / 2;
                    out[middle] ^= 4;
                }))
            },
        ];
        for (number, engine) in engines.into_iter().enumerate() {
            let (error, parts) = packed_with(engine, true);
            let error = error.unwrap_err();
            assert_eq!((error.kind(), error.stage(), parts), (Kind::Internal, Some(Stage::Pack), 0), "engine {number}");
            assert!(error.message().contains("does not unpack"), "{error}");
            assert!(matches!(packed_with(engine, false), (Ok(()), 1)), "engine {number}, not verified");
        }
    }

    #[test]
    fn a_good_part_is_sealed() {
        assert!(matches!(packed_with(engine, true), (Ok(()), 1)));
    }
}
