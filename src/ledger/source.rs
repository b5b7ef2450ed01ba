//! What a user calls SOURCE: a catalogue, a folder of files, a file or a sealed release, whose works come one after
//! another; the same for `admit`, `prove` and `check`.

use super::LedgerError;
use super::candidate::{Place, SourceWork};
use super::files::{Files, Folder};
use super::works::{ReleaseWorks, candidate};
use crate::ingest::{Catalogue, Format, Mapping, Problem, Progress};
use crate::statement::vocabulary::Code;
use crate::statement::{Identifier, Name, ReleaseName, Time};
use crate::storage::Disk;
use serde::Serialize;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

/// Works in one batch.
pub const BATCH_WORKS: usize = 1 << 16;

/// Bytes of works after which a batch takes no further one: usual works have some 600.
pub const BATCH_WEIGHT: usize = 256 << 20;

/// Where works come from.
pub enum Source {
    /// A catalogue.
    Catalogue(Input),
    /// A folder, or a file.
    Files(Folder),
    /// A sealed release of this ledger, to be screened anew.
    Release(ReleaseName, Box<ReleaseWorks>),
}

/// A catalogue to read: its name for messages, its format, its bytes.
pub struct Input {
    /// Path, or `-`.
    pub name: String,
    /// How it is written.
    pub format: Format,
    /// The bytes.
    pub reader: Reader,
    /// How many, where that is known.
    pub len: Option<u64>,
}

/// The bytes of a catalogue.
pub enum Reader {
    /// One after another.
    Stream(Box<dyn Read + Send>),
    /// At any place: a Parquet file is read from its end.
    File(File),
}

/// What opening a source needs to know.
pub struct Opening<'a> {
    /// What columns mean.
    pub map: &'a [Mapping],
    /// Who watches.
    pub progress: &'a Progress,
    /// The ledger that asks: its own folder is no source, and it may remember files that it has read.
    pub ledger: Option<&'a Disk>,
    /// Files are remembered if nothing has touched them since this time.
    pub remember: Option<Time>,
    /// Whether works are only asked about: of a catalogue, only what names them is read.
    pub asks: bool,
}

impl<R: Read + Send + 'static> From<Box<R>> for Reader {
    fn from(stream: Box<R>) -> Reader {
        Reader::Stream(stream)
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Reader::Stream(stream) => stream.read(buffer),
            Reader::File(file) => file.read(buffer),
        }
    }
}

impl From<Input> for Source {
    fn from(input: Input) -> Source {
        Source::Catalogue(input)
    }
}

impl<'a> Opening<'a> {
    /// A source that is asked about, outside of any ledger.
    pub fn new(map: &'a [Mapping], progress: &'a Progress) -> Opening<'a> {
        Opening { map, progress, ledger: None, remember: None, asks: true }
    }
}

impl Input {
    /// Opens a file whose name ends in `.csv`, `.tsv`, `.jsonl` or `.parquet`.
    ///
    /// # Errors
    /// Another ending, or it cannot be opened.
    pub fn open(path: &str) -> Result<Input, LedgerError> {
        Input::open_as(path, Format::of(path)?)
    }

    /// Opens a file of any name.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open_as(path: &str, format: Format) -> Result<Input, LedgerError> {
        let fail = |error| LedgerError::Io { path: path.to_owned(), error };
        let file = File::open(path).map_err(fail)?;
        let meta = file.metadata().map_err(fail)?;
        let len = meta.is_file().then_some(meta.len());
        Ok(Input { name: path.to_owned(), format, reader: Reader::File(file), len })
    }

    /// Opens it as a catalogue whose progress is told.
    pub(super) fn catalogue(self, opening: &Opening<'_>) -> Result<Catalogue<Box<dyn Read>>, LedgerError> {
        self.opened(opening.map, opening.asks, opening.progress)
    }

    /// The same for whoever opens no source.
    pub(super) fn opened(
        self,
        map: &[Mapping],
        asks: bool,
        progress: &Progress,
    ) -> Result<Catalogue<Box<dyn Read>>, LedgerError> {
        let reader = match (self.format, self.reader) {
            (Format::Parquet, Reader::File(file)) => {
                return Ok(Catalogue::open_table(&self.name, file, map, asks, progress)?);
            }
            (_, reader) => reader,
        };
        progress.expect(0, self.len.unwrap_or(0));
        let counted: Box<dyn Read> = Box::new(Counted { reader, progress: progress.clone() });
        let open = if asks { Catalogue::open_asking } else { Catalogue::open };
        Ok(open(&self.name, counted, self.format, map)?)
    }
}

/// The works of a source, one after another.
pub struct Works {
    name: String,
    stream: Stream,
    progress: Progress,
    /// The work that the next record may still belong to.
    open: Option<(Option<String>, SourceWork)>,
}

enum Stream {
    Catalogue(Catalogue<Box<dyn Read>>),
    Files(Files),
    Release(Name, Box<ReleaseWorks>),
}

impl Works {
    /// Opens a source.
    ///
    /// # Errors
    /// It cannot be read, or its columns cannot be understood.
    pub fn open(source: Source, opening: &Opening<'_>) -> Result<Works, LedgerError> {
        let (name, stream) = match source {
            Source::Catalogue(input) => {
                let name = input.name.clone();
                (name, Stream::Catalogue(input.catalogue(opening)?))
            }
            Source::Files(folder) => {
                let whole = folder.path.is_dir().then_some(&*folder.path);
                let name = whole.or(folder.path.parent()).unwrap_or(&folder.path).display().to_string();
                (name, Stream::Files(Files::open(folder, opening)?))
            }
            Source::Release(name, works) => {
                opening.progress.expect(works.total(), 0);
                (name.to_string(), Stream::Release(name.dataset, works))
            }
        };
        Ok(Works { name, stream, progress: opening.progress.clone(), open: None })
    }

    /// The next works, as many as are taken through the gate at once, in the place of those in `chunk`; none at the end.
    ///
    /// # Errors
    /// The source cannot be read, or the run was stopped.
    pub fn next_chunk(&mut self, chunk: &mut Vec<SourceWork>) -> Result<(), LedgerError> {
        let mut weight = 0;
        chunk.clear();
        let mut name = self.open.take().map(|(name, work)| {
            weight += work.weight();
            chunk.push(work);
            name
        });
        while let Some(part) = self.part() {
            let (next, work) = part?;
            weight += work.weight();
            if let Some(same) = chunk.last_mut().filter(|_| next.is_some() && name.as_ref() == Some(&next)) {
                same.absorb(work);
            } else if chunk.len() == BATCH_WORKS || !chunk.is_empty() && weight > BATCH_WEIGHT {
                // Only now is it known that the last work has no further part.
                self.open = Some((next, work));
                break;
            } else {
                chunk.push(work);
                name = Some(next);
            }
        }
        if self.progress.stopped() { Err(LedgerError::Interrupted) } else { Ok(()) }
    }

    /// The source's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Columns that mean nothing to Deedbook; of JSON lines, those met so far.
    pub fn ignored(&self) -> &[String] {
        match &self.stream {
            Stream::Catalogue(records) => records.ignored(),
            Stream::Files(files) => files.ignored(),
            Stream::Release(..) => &[],
        }
    }

    /// Patterns of the folder's copyright file that fit no file: its name, the line and the pattern.
    pub fn unfitted(&self) -> &[String] {
        match &self.stream {
            Stream::Catalogue(_) | Stream::Release(..) => &[],
            Stream::Files(files) => files.unfitted(),
        }
    }

    /// Files that were read, and that were known from an earlier run.
    pub fn files(&self) -> (u64, u64) {
        match &self.stream {
            Stream::Catalogue(_) | Stream::Release(..) => (0, 0),
            Stream::Files(files) => files.counts(),
        }
    }

    /// The next record or file, with the name of the work that it belongs to.
    fn part(&mut self) -> Option<Result<(Option<String>, SourceWork), LedgerError>> {
        if self.progress.stopped() {
            return Some(Err(LedgerError::Interrupted));
        }
        match &mut self.stream {
            Stream::Catalogue(records) => {
                let record = records.next()?.map(|mut record| {
                    self.progress.add(1, 0);
                    (record.work.take(), SourceWork::of_record(record))
                });
                Some(record.map_err(LedgerError::from))
            }
            Stream::Files(files) => files.next(),
            Stream::Release(dataset, works) => {
                self.progress.add(1, 0);
                Some(works.next()?.map(|work| (None, candidate(work, dataset))))
            }
        }
    }
}

impl Iterator for Works {
    type Item = Result<SourceWork, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(part) = self.part() else { return self.open.take().map(|(_, work)| Ok(work)) };
            let (name, work) = match part {
                Ok(part) => part,
                Err(error) => return Some(Err(error)),
            };
            match &mut self.open {
                Some((Some(open), same)) if Some(&*open) == name.as_ref() => same.absorb(work),
                _ => {
                    if let Some((_, done)) = self.open.replace((name, work)) {
                        return Some(Ok(done));
                    }
                }
            }
        }
    }
}

/// A work of a source as it is asked about, by `check`, `prove` and `verify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The source, as it was named.
    pub source: Arc<str>,
    /// Where it stands in the source.
    pub place: Place,
    /// Title, as the source has it.
    pub title: Option<String>,
    /// What it is looked up by; none if nothing of the kind can be read.
    pub identifiers: Vec<Identifier>,
    /// What is wrong with it.
    pub why: Vec<String>,
    /// Whether what is wrong may hide an identifier.
    hides: bool,
}

/// What is answered about a work that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Presence {
    /// The release has a row of one of its identifiers.
    Present,
    /// It has none of any.
    Absent,
    /// Nothing can be said: no identifier, or none that was found and some that cannot be read.
    Invalid,
}

impl Presence {
    /// Its spelling.
    pub const fn word(self) -> &'static str {
        match self {
            Presence::Present => "present",
            Presence::Absent => "absent",
            Presence::Invalid => "invalid",
        }
    }
}

impl Asked {
    /// A work by its identifiers, of no source.
    pub fn by(identifiers: Vec<Identifier>) -> Asked {
        let (source, place) = ("".into(), Place::default());
        Asked { source, place, title: None, identifiers, why: Vec::new(), hides: false }
    }

    pub(super) fn of(source: &Arc<str>, work: SourceWork) -> Asked {
        let identifiers = work.looked_up_by().cloned().collect();
        Asked::with(identifiers, source, work)
    }

    /// As `of`, but by what names the work itself: a record that names an article does not mean its journal.
    pub(super) fn itself(source: &Arc<str>, work: SourceWork) -> Asked {
        let identifiers = work.named_by().cloned().collect();
        Asked::with(identifiers, source, work)
    }

    fn with(mut identifiers: Vec<Identifier>, source: &Arc<str>, work: SourceWork) -> Asked {
        identifiers.sort_unstable();
        identifiers.dedup();
        // What the records of a work say otherwise of it takes no identifier away.
        let hides = work.problems.iter().any(|p| p.code != Code::ConflictingEvidence);
        let mut why: Vec<String> = work.problems.iter().map(Problem::words).collect();
        if identifiers.is_empty() && !hides {
            why.push("no identifier of a work".to_owned());
        }
        Asked { source: source.clone(), place: work.place, title: work.title, identifiers, why, hides }
    }

    /// The answer, once it is known whether the release has one of its identifiers. Absence by the identifiers that can
    /// be read says nothing of one that cannot.
    pub fn answer(&self, found: bool) -> Presence {
        match found {
            true => Presence::Present,
            false if self.identifiers.is_empty() || self.hides => Presence::Invalid,
            false => Presence::Absent,
        }
    }
}

/// The works of a source, for `prove` and `verify`: also those that have no identifier to be asked by.
///
/// # Errors
/// The source cannot be read.
pub fn asked(source: Source, opening: &Opening<'_>) -> Result<Vec<Asked>, LedgerError> {
    let works = Works::open(source, opening)?;
    let name = works.name().into();
    works.map(|work| Ok(Asked::of(&name, work?))).collect()
}

/// A reader that tells how far it is.
struct Counted {
    reader: Reader,
    progress: Progress,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = self.reader.read(buffer)?;
        self.progress.add(0, len as u64);
        Ok(len)
    }
}
