//! A plain list: one identifier a line, or one digest and the name of a file, as `sha256sum` and `b3sum` print them.
//!
//! Deny and reserve lists often are no more. Empty lines and those that begin with `#` say nothing. The names of files are
//! not looked at. A digest that no scheme stands before is SHA-256 or BLAKE3, whichever the list's own name says; where it
//! says neither it is taken as both, so that no work on the list is missed. Invariant: memory is bounded by one line.

use super::MAX_RECORD_LEN;
use super::columns::Field;
use super::error::{Fault, Place, Placed};
use super::record::Record;
use crate::statement::{Identifier, Scheme};
use std::io::{BufRead, BufReader, Read};

/// Hexadecimal digits of a digest of either kind.
const DIGEST_LEN: usize = 64;

/// The lines of a list.
#[derive(Debug)]
pub(super) struct List<R> {
    input: BufReader<R>,
    line: u64,
    /// What a digest without scheme is.
    bare: &'static [Scheme],
}

impl<R: Read> List<R> {
    pub(super) fn new(file: &str, input: R) -> List<R> {
        List { input: BufReader::with_capacity(1 << 16, input), line: 0, bare: digests_of(file) }
    }

    /// The next work; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Record>, Placed> {
        loop {
            let mut bytes = Vec::new();
            let most = MAX_RECORD_LEN as u64 + 1;
            let read = self.input.by_ref().take(most).read_until(b'\n', &mut bytes).map_err(Fault::Read)?;
            if read == 0 {
                return if self.line == 0 { Err(Fault::Empty.into()) } else { Ok(None) };
            }
            self.line += 1;
            if bytes.len() > MAX_RECORD_LEN {
                return Err(Placed(Place::At(self.line, 1), Fault::TooLong));
            }
            if bytes.contains(&0) {
                return Err(Placed(Place::Line(self.line), Fault::Nul));
            }
            let line = bytes.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.line == 1).unwrap_or(&bytes).trim_ascii();
            if !line.is_empty() && !line.starts_with(b"#") {
                return self.work(line).map(Some);
            }
        }
    }

    fn work(&self, line: &[u8]) -> Result<Record, Placed> {
        let mut record = Record { line: self.line, ..Record::default() };
        let digests = match tagged(line) {
            Some((scheme, hex)) => vec![digest(scheme, hex)],
            None => {
                bare(line).map(|hex| self.bare.iter().map(|scheme| digest(*scheme, hex)).collect()).unwrap_or_default()
            }
        };
        if !digests.is_empty() {
            record.digests = digests.into_iter().flatten().collect();
            return Ok(record);
        }
        let text = std::str::from_utf8(line).map_err(|error| {
            let (field, byte) = ("the line".to_owned(), error.valid_up_to() + 1);
            Placed(Place::Line(self.line), Fault::Utf8 { field, byte })
        })?;
        record.put(Field::Identifiers, "line", text).map_err(|what| {
            let (field, raw) = ("line".to_owned(), text.to_owned());
            Placed(Place::Line(self.line), Fault::Value { field, raw, what })
        })?;
        Ok(record)
    }
}

/// What the name of a list says that its digests are.
fn digests_of(file: &str) -> &'static [Scheme] {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file).to_ascii_lowercase();
    let blake3 = name.contains("blake3") || name.contains("b3sum") || name.ends_with(".b3");
    match (name.contains("sha256"), blake3) {
        (true, false) => &[Scheme::Sha256],
        (false, true) => &[Scheme::Blake3],
        (false, false) | (true, true) => &[Scheme::Sha256, Scheme::Blake3],
    }
}

/// `SHA256 (name) = hex`, as `--tag` prints it.
fn tagged(line: &[u8]) -> Option<(Scheme, &[u8])> {
    let kinds: [(&[u8], Scheme); 2] = [(b"SHA256 (", Scheme::Sha256), (b"BLAKE3 (", Scheme::Blake3)];
    let line = line.strip_prefix(b"\\").unwrap_or(line);
    let scheme = kinds.iter().find(|(tag, _)| line.starts_with(tag))?.1;
    let (before, hex) = line.split_at_checked(line.len().checked_sub(DIGEST_LEN)?)?;
    (before.ends_with(b") = ") && is_digest(hex)).then_some((scheme, hex))
}

/// `hex  name`, or the digest alone. A backslash before it says that the name has escapes.
fn bare(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_prefix(b"\\").unwrap_or(line);
    let (hex, rest) = line.split_at_checked(DIGEST_LEN)?;
    let ends = rest.first().is_none_or(|byte| matches!(byte, b' ' | b'\t'));
    (ends && is_digest(hex)).then_some(hex)
}

fn is_digest(hex: &[u8]) -> bool {
    hex.iter().all(u8::is_ascii_hexdigit)
}

fn digest(scheme: Scheme, hex: &[u8]) -> Option<Identifier> {
    Identifier::parse(&format!("{}:{}", scheme.name(), String::from_utf8_lossy(hex).to_ascii_lowercase())).ok()
}
