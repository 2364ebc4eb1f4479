//! Chunks into parts: append while they fit, cut between records when they do not.

use super::chunk::{Chunk, stopped, too_large};
use super::engine::Engine;
use super::gzip::Member;
use super::origin::Origins;
use super::{Output, Part, Settings};
use crate::error::Result;
use crate::options::OnInvalid;

/// Takes chunks in input order and writes parts. Every deflated piece is measured before it is written, so a part is
/// never over the cap; pieces shrink towards the room that is left, so a part is cut only when it is 99.9 % full or
/// the next record alone does not fit.
pub(super) struct Cutter<'a> {
    output: &'a mut dyn Output,
    settings: &'a Settings,
    engine: Box<dyn Engine>,
    part: Option<Open>,
    next_index: u64,
    piece: Vec<u8>,
}

/// Of a piece no longer than this, in bytes of text, the head of its block is much.
const SHORT_PIECE: usize = 1 << 16;

/// The part that is being written.
struct Open {
    member: Member,
    records: u64,
    origins: Origins,
    /// Bytes of text right before the next record that are in this part: what a dictionary may hold.
    reach: usize,
}

/// Some records of a chunk: how many bytes, how many records.
#[derive(Clone, Copy)]
struct Piece {
    bytes: usize,
    records: u32,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(settings: &'a Settings, next_index: u64, output: &'a mut dyn Output) -> Self {
        Cutter { output, settings, engine: settings.engine(), part: None, next_index, piece: Vec::new() }
    }

    /// Takes the next chunk.
    pub(super) fn push(&mut self, chunk: &mut Chunk) -> Result<()> {
        self.output.read(chunk.read);
        if self.fits_whole(chunk)? {
            let whole = Piece { bytes: chunk.text().len(), records: chunk.records() };
            let deflated = std::mem::take(&mut chunk.deflated);
            let crc = chunk.crc.clone();
            self.append(chunk, Piece { bytes: 0, records: 0 }, whole, &deflated, &crc)?;
            chunk.deflated = deflated;
        } else {
            self.fill(chunk)?;
        }
        let all = chunk.records();
        self.reject_before(chunk, all, all)
    }

    /// Ends the last part.
    pub(super) fn finish(mut self) -> Result<()> {
        self.seal()
    }

    /// Whether the chunk as it was deflated can be appended: it fits, and refers to nothing outside the part.
    fn fits_whole(&mut self, chunk: &Chunk) -> Result<bool> {
        if chunk.text().is_empty() {
            return Ok(false);
        }
        let (room, max_records) = (self.room()?, self.settings.max_records);
        let part = self.open()?;
        Ok(chunk.dictionary() <= part.reach
            && chunk.deflated.len() as u64 <= room
            && part.records + u64::from(chunk.records()) <= max_records)
    }

    /// Appends the chunk piece by piece, ending parts as they fill.
    fn fill(&mut self, chunk: &mut Chunk) -> Result<()> {
        let mut done = Piece { bytes: 0, records: 0 };
        // What to expect of the next piece: deflated bytes for bytes of text.
        let mut ratio = (chunk.deflated.len().max(1) as u64, chunk.text().len().max(1) as u64);
        while done.bytes < chunk.text().len() {
            let room = self.room()?;
            let free_records = self.settings.max_records - self.open()?.records;
            if free_records == 0 || (self.open()?.records > 0 && room * 1000 < self.settings.max_bytes) {
                self.seal()?;
                continue;
            }
            let mut guess = scale(room, ratio.1, ratio.0);
            loop {
                let rest = &chunk.text()[done.bytes..];
                let piece = whole_records(rest, guess, free_records);
                let size = self.deflate(chunk, done, piece)?;
                if size <= room {
                    let (piece, size) = self.lengthen(chunk, done, (piece, size), room, free_records)?;
                    let deflated = std::mem::take(&mut self.piece);
                    let mut crc = crc32fast::Hasher::new();
                    crc.update(&rest[..piece.bytes]);
                    self.append(chunk, done, piece, &deflated, &crc)?;
                    self.piece = deflated;
                    done = Piece { bytes: done.bytes + piece.bytes, records: done.records + piece.records };
                    ratio = (size, piece.bytes as u64);
                    break;
                }
                if piece.records == 1 {
                    if self.open()?.records > 0 {
                        self.seal()?;
                    } else {
                        self.refuse(chunk, done, piece)?;
                        done = Piece { bytes: done.bytes + piece.bytes, records: done.records + 1 };
                    }
                    break;
                }
                guess = scale(room, piece.bytes as u64, size).min(piece.bytes - 1);
            }
        }
        Ok(())
    }

    /// Adds records to a short piece, which fits, while it still does: a record costs less in a block with others than in
    /// one of its own. Returns the piece and its size.
    fn lengthen(
        &mut self,
        chunk: &Chunk,
        done: Piece,
        (mut piece, mut size): (Piece, u64),
        room: u64,
        free_records: u64,
    ) -> Result<(Piece, u64)> {
        while piece.bytes <= SHORT_PIECE && (room - size) * 1000 >= self.settings.max_bytes {
            let rest = &chunk.text()[done.bytes + piece.bytes..];
            let free_records = free_records - u64::from(piece.records);
            if rest.is_empty() || free_records == 0 {
                break;
            }
            let next = whole_records(rest, scale(room - size, piece.bytes as u64, size), free_records);
            let longer = Piece { bytes: piece.bytes + next.bytes, records: piece.records + next.records };
            let deflated = std::mem::take(&mut self.piece);
            let longer_size = self.deflate(chunk, done, longer)?;
            if longer_size > room {
                self.piece = deflated;
                break;
            }
            (piece, size) = (longer, longer_size);
        }
        Ok((piece, size))
    }

    /// Deflates a piece as it would stand in the open part; returns its size.
    fn deflate(&mut self, chunk: &Chunk, done: Piece, piece: Piece) -> Result<u64> {
        let reach = self.open()?.reach;
        let (data, dictionary) = chunk.with_dictionary(done.bytes, done.bytes + piece.bytes, reach);
        self.piece.clear();
        self.engine.deflate(data, dictionary, &mut self.piece);
        Ok(self.piece.len() as u64)
    }

    fn append(
        &mut self,
        chunk: &mut Chunk,
        done: Piece,
        piece: Piece,
        deflated: &[u8],
        crc: &crc32fast::Hasher,
    ) -> Result<()> {
        let end = done.records + piece.records;
        self.reject_before(chunk, end, done.records)?;
        self.output.write(deflated)?;
        let part = self.open()?;
        part.member.append(deflated, crc, piece.bytes)?;
        part.records += u64::from(piece.records);
        part.origins.extend(&chunk.source, &chunk.lines, done.records..end);
        part.reach += piece.bytes;
        Ok(())
    }

    /// Refuses a record that is too large for any part.
    fn refuse(&mut self, chunk: &mut Chunk, done: Piece, piece: Piece) -> Result<()> {
        let text = &chunk.text()[done.bytes..done.bytes + piece.bytes];
        let reject = too_large(chunk, done.records, text, self.settings.max_bytes);
        if self.settings.on_invalid == OnInvalid::Stop {
            return Err(stopped(&reject));
        }
        self.reject_before(chunk, done.records, done.records)?;
        let after = self.open()?.records;
        self.output.reject(reject, after)?;
        // What follows does not follow this record in the part.
        self.open()?.reach = 0;
        Ok(())
    }

    /// Hands on the chunk's rejects from before this record. `done` records of the chunk are in parts.
    fn reject_before(&mut self, chunk: &mut Chunk, record: u32, done: u32) -> Result<()> {
        let before = self.part.as_ref().map_or(0, |part| part.records);
        for (after, reject) in chunk.rejects_before(record) {
            self.output.reject(reject, before + u64::from(after.saturating_sub(done)))?;
        }
        Ok(())
    }

    /// Bytes of deflated text that still fit.
    fn room(&mut self) -> Result<u64> {
        let cap = self.settings.max_bytes;
        Ok(cap.saturating_sub(self.open()?.member.size_if_finished()))
    }

    fn open(&mut self) -> Result<&mut Open> {
        if self.part.is_none() {
            let (member, header) = Member::new(self.settings.verify)?;
            self.output.write(header)?;
            self.part = Some(Open { member, records: 0, origins: Origins::default(), reach: 0 });
        }
        self.part.as_mut().ok_or_else(unreachable_part)
    }

    /// Ends the part, if one holds records.
    fn seal(&mut self) -> Result<()> {
        let Some(part) = self.part.take_if(|part| part.records > 0) else {
            return Ok(());
        };
        let (footer, size, md5) = part.member.finish()?;
        self.output.write(&footer)?;
        let index = self.next_index;
        self.next_index += 1;
        self.output.seal(Part { index, records: part.records, size, md5, origins: part.origins })
    }
}

fn unreachable_part() -> crate::error::Error {
    crate::error::Error::new(crate::kind::Kind::Internal, "a part was not opened")
}

/// `value * numerator / denominator`, a little less so that the next try fits.
fn scale(value: u64, numerator: u64, denominator: u64) -> usize {
    let scaled = u128::from(value) * u128::from(numerator) * 99 / (u128::from(denominator) * 100);
    usize::try_from(scaled).unwrap_or(usize::MAX)
}

/// The records at the start of `text` that lie within `bytes` and are at most `records`; at least one.
fn whole_records(text: &[u8], bytes: usize, records: u64) -> Piece {
    let within = &text[..bytes.min(text.len())];
    let mut piece = match memchr::memrchr(b'\n', within) {
        Some(last) => Piece { bytes: last + 1, records: memchr::memchr_iter(b'\n', &within[..=last]).count() as u32 },
        None => Piece { bytes: memchr::memchr(b'\n', text).map_or(text.len(), |first| first + 1), records: 1 },
    };
    if u64::from(piece.records) > records {
        let last = memchr::memchr_iter(b'\n', text).nth(records.saturating_sub(1) as usize);
        piece = Piece { bytes: last.map_or(text.len(), |last| last + 1), records: records as u32 };
    }
    piece
}
