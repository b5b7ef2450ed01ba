//! The licences of the MTG-Jamendo dataset, as its `audio_licenses.txt` lists them: of each track its path in the dataset, a
//! credit with its address at Jamendo, and a sentence with the address of its licence; then an empty line.
//!
//! The credit (`TITLE by ARTIST from Jamendo: ADDRESS`) is prose: of it only the track's number is taken, at the end. What the
//! sentence means is for `licence` to say. Invariant: memory is bounded by one entry.

use super::MAX_RECORD_LEN;
use super::columns::Field;
use super::error::{Fault, Place, Placed};
use super::record::Record;
use crate::statement::Scheme;
use std::io::{BufRead, BufReader, Read};

/// What the dataset calls the file.
pub(super) const FILE: &str = "audio_licenses.txt";

/// The entries of the file.
#[derive(Debug)]
pub(super) struct MtgLicences<R> {
    input: BufReader<R>,
    line: u64,
}

impl<R: Read> MtgLicences<R> {
    pub(super) fn new(input: R) -> MtgLicences<R> {
        MtgLicences { input: BufReader::new(input), line: 0 }
    }

    /// The next track; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Record>, Placed> {
        let mut path = Some(String::new());
        while path.as_deref() == Some("") {
            path = self.read_line()?;
        }
        let Some(path) = path else {
            return if self.line == 0 { Err(Fault::Empty.into()) } else { Ok(None) };
        };
        let line = self.line;
        let rest = [self.read_line()?, self.read_line()?, self.read_line()?].map(Option::unwrap_or_default);
        let [credit, licence, end] = &rest;
        if credit.is_empty() || licence.is_empty() || !end.is_empty() {
            return Err(Placed(Place::Line(line), Fault::NotThreeLines));
        }
        let mut record = Record { line, ..Record::default() };
        let address = credit.split_whitespace().next_back().unwrap_or_default();
        let fields = [
            (Field::Path, "path", path.as_str()),
            (Field::Identifier(Scheme::Jamendo), "credit", address),
            (Field::Licence, "licence", licence),
        ];
        for (field, name, value) in fields {
            record.put(field, name, value).map_err(|_| Placed(Place::Line(line), Fault::NotThreeLines))?;
        }
        Ok(Some(record))
    }

    /// A line without its end and the space around; `None` at the end of the file.
    fn read_line(&mut self) -> Result<Option<String>, Placed> {
        let mut bytes = Vec::new();
        let most = MAX_RECORD_LEN as u64 + 1;
        let read = self.input.by_ref().take(most).read_until(b'\n', &mut bytes).map_err(Fault::Read)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if bytes.len() > MAX_RECORD_LEN {
            return Err(Placed(Place::At(self.line, 1), Fault::TooLong));
        }
        if bytes.contains(&0) {
            return Err(Placed(Place::Line(self.line), Fault::Nul));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let (field, byte) = ("the line".to_owned(), error.utf8_error().valid_up_to() + 1);
            Placed(Place::Line(self.line), Fault::Utf8 { field, byte })
        })?;
        Ok(Some(text.trim_start_matches('\u{feff}').trim().to_owned()))
    }
}
