//! A folder or a file as a source, and what the ledger remembers of files that it has read.
//!
//! What is remembered lies in `index/files/<folder>/`, in segments of lines, each with its own digest: a line that is
//! damaged is a file that is read again. A segment is written for every batch, so that an interrupted run is not lost;
//! nothing rests on it. Invariant: a file is remembered only if nothing had touched it for
//! [`SETTLED_SECONDS`] when the run began, so that a change within the clock's resolution cannot hide.

use super::LedgerError;
use super::candidate::SourceWork;
use super::source::{Input, Opening};
use crate::ingest::{Beside, Copyright, Format, Known, Reading, Scan, Scanned};
use crate::rows;
use crate::statement::{Identifier, Time, json};
use crate::storage::Disk;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Seconds for which a file must have been left alone before its stamp is trusted: filesystems of whole seconds, and
/// of two (FAT), are told apart.
pub const SETTLED_SECONDS: i64 = 2;

/// Segments of one folder from which on they are written anew as one.
pub const MAX_SEGMENTS: usize = 64;

/// A longer line is not written, and its file read again: a file's own words are some hundred bytes.
pub const MAX_KNOWN_LEN: usize = 1 << 20;

/// What lines are digested with; a later reader that finds more in files has another.
const VERSION: &str = "deedbook files v2 ";

/// A folder, or one file.
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// How its files are read.
    pub reading: Reading,
    /// Every file is read, even if it is known.
    pub reread: bool,
    /// A catalogue, or a Debian copyright file, that is joined to the files by path.
    pub catalogue: Option<Input>,
}

/// Its files, as works.
pub(super) struct Files {
    scan: Scan,
    batch: std::vec::IntoIter<Scanned>,
    memory: Option<Memory>,
    ignored: Vec<String>,
    unfitted: Vec<String>,
    read: u64,
    known: u64,
}

impl Files {
    pub(super) fn open(folder: Folder, opening: &Opening<'_>) -> Result<Files, LedgerError> {
        let Folder { path, mut reading, reread, catalogue } = folder;
        reading.walking.never = opening.ledger.map(|disk| folder_id(disk.root())).transpose()?;
        if !path.is_dir() {
            return Ok(Files::new(Scan::file(&path, reading, opening.progress)?, None));
        }
        let memory = match (opening.ledger, opening.remember) {
            (Some(disk), Some(now)) => Some(Memory::open(disk, &path, now)?),
            _ => None,
        };
        let known = memory.as_ref().filter(|_| !reread).map(Memory::lines).into_iter().flatten();
        let scan = |beside: Beside<'_, Box<dyn Read>>| Scan::folder(&path, reading, beside, known, opening.progress);
        match catalogue {
            None => Ok(Files::new(scan(Beside::Nothing)?, memory)),
            Some(input) if input.format == Format::Dep5 => {
                let mut copyright = Copyright::read(&input.name, input.reader)?;
                let scan = scan(Beside::Copyright(&mut copyright))?;
                let shown = |(line, pattern): (u64, &str)| format!("{}:{line} {pattern}", copyright.name());
                let unfitted = copyright.unfitted().map(shown).collect();
                Ok(Files { unfitted, ..Files::new(scan, memory) })
            }
            Some(input) => {
                let mut catalogue = input.catalogue(opening)?;
                let scan = scan(Beside::Catalogue(&mut catalogue))?;
                Ok(Files { ignored: catalogue.ignored().to_vec(), ..Files::new(scan, memory) })
            }
        }
    }

    fn new(scan: Scan, memory: Option<Memory>) -> Files {
        let batch = Vec::new().into_iter();
        Files { scan, batch, memory, ignored: Vec::new(), unfitted: Vec::new(), read: 0, known: 0 }
    }

    pub(super) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Patterns of the copyright file that fit no file: its name, the line and the pattern.
    pub(super) fn unfitted(&self) -> &[String] {
        &self.unfitted
    }

    /// Files read, and files known.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.read, self.known)
    }

    /// The next file, with the name of the work that it belongs to.
    pub(super) fn next(&mut self) -> Option<Result<(Option<String>, SourceWork), LedgerError>> {
        loop {
            if let Some(file) = self.batch.next() {
                match (file.read, &file.content) {
                    (Some(_), _) => self.read += 1,
                    (None, Ok(_)) if file.is_member => self.read += 1,
                    (None, Ok(_)) => self.known += 1,
                    (None, Err(_)) => {}
                }
                let named = file.records.iter().find_map(|record| record.work.clone());
                let work = named.or_else(|| file.sample.clone());
                return Some(Ok((work, SourceWork::of_file(file))));
            }
            let batch = match self.scan.next() {
                None => return self.memory.take().and_then(|memory| memory.close().err().map(Err)),
                Some(Err(error)) => return Some(Err(error.into())),
                Some(Ok(batch)) => batch,
            };
            if let Some(Err(error)) = self.memory.as_mut().map(|memory| memory.remember(&batch)) {
                return Some(Err(error));
            }
            self.batch = batch.into_iter();
        }
    }
}

/// What is remembered of one folder's files.
struct Memory {
    disk: Disk,
    dir: String,
    /// Segments there are, by number.
    segments: BTreeMap<u64, String>,
    /// Files changed at or after this time, in nanoseconds since 1970, are not remembered.
    settled: i64,
}

impl Memory {
    fn open(disk: &Disk, folder: &Path, now: Time) -> Result<Memory, LedgerError> {
        let io = |error| LedgerError::Io { path: folder.display().to_string(), error };
        let absolute = std::fs::canonicalize(folder).map_err(io)?;
        let dir = format!("index/files/{}", blake3(absolute.as_os_str().as_encoded_bytes()).value());
        let mut segments = BTreeMap::new();
        if disk.exists(&dir)? {
            for listed in disk.list(&dir)? {
                if let Ok(number) = listed.name.parse::<u64>() {
                    segments.insert(number, format!("{dir}/{}", listed.name));
                }
            }
        }
        let settled = (now.unix() - SETTLED_SECONDS).saturating_mul(1_000_000_000);
        Ok(Memory { disk: disk.clone(), dir, segments, settled })
    }

    /// All that is remembered, the oldest first. What cannot be read is not remembered.
    fn lines(&self) -> impl Iterator<Item = Known> + use<> {
        let (disk, paths) = (self.disk.clone(), self.segments.values().cloned().collect::<Vec<_>>());
        // One after another: a run of terabytes leaves more segments than a process may have open.
        let files = paths.into_iter().filter_map(move |path| disk.open_file(&path).ok());
        files.flat_map(|file| Lines { file, at: 0, buffer: Vec::new(), start: 0 })
    }

    /// Writes a segment of the files that were read just now.
    fn remember(&mut self, batch: &[Scanned]) -> Result<(), LedgerError> {
        let mut lines = Vec::new();
        for file in batch {
            let (Some(stamp), Ok(content)) = (file.read, &file.content) else { continue };
            // What could not be read may be readable next time.
            let readable = content.about.as_ref().is_none_or(Result::is_ok);
            if readable && stamp.modified.max(stamp.changed) < self.settled {
                let line = line(&Known { path: file.path.clone(), stamp, content: content.clone() });
                lines.extend_from_slice(if line.len() > MAX_KNOWN_LEN { &[] } else { line.as_bytes() });
            }
        }
        if !lines.is_empty() {
            let mut file = self.create()?;
            file.write(&lines)?;
            file.finish()?;
        }
        Ok(())
    }

    fn create(&mut self) -> Result<crate::storage::FileWriter, LedgerError> {
        let number = self.segments.last_key_value().map_or(0, |(last, _)| last + 1);
        let path = format!("{}/{number}", self.dir);
        let file = self.disk.create(&path)?;
        self.segments.insert(number, path);
        Ok(file)
    }

    /// Writes many segments anew as one; of one file the newest line stays.
    fn close(mut self) -> Result<(), LedgerError> {
        if self.segments.len() <= MAX_SEGMENTS {
            return Ok(());
        }
        let old: Vec<String> = self.segments.values().cloned().collect();
        let newest = crate::ingest::newest(self.lines())?;
        let mut file = self.create()?;
        for known in newest {
            file.write(line(&known?).as_bytes())?;
        }
        file.finish()?;
        for path in old {
            self.disk.remove(&path)?;
        }
        Ok(())
    }
}

fn line(known: &Known) -> String {
    let text = json::print(known);
    format!("{} {text}\n", digest(&text))
}

fn digest(text: &str) -> String {
    blake3(format!("{VERSION}{text}").as_bytes()).value().to_owned()
}

fn blake3(bytes: &[u8]) -> Identifier {
    Identifier::blake3(&rows::blake3(bytes))
}

fn folder_id(path: &Path) -> Result<(u64, u64), LedgerError> {
    let io = |error| LedgerError::Io { path: path.display().to_string(), error };
    std::fs::metadata(path).map(|meta| crate::ingest::Stamp::of(&meta).inode).map_err(io)
}

/// The lines of a segment that are whole.
struct Lines {
    file: crate::storage::FileReader,
    at: u64,
    buffer: Vec<u8>,
    start: usize,
}

/// Bytes of a segment that are read at once.
const READ_LEN: usize = 256 << 10;

impl Iterator for Lines {
    type Item = Known;

    fn next(&mut self) -> Option<Known> {
        loop {
            let rest = &self.buffer[self.start..];
            if let Some(end) = rest.iter().position(|b| *b == b'\n') {
                let known = parse(&rest[..end]);
                self.start += end + 1;
                if known.is_some() {
                    return known;
                }
                continue;
            }
            if rest.len() > MAX_KNOWN_LEN {
                return None;
            }
            let len = READ_LEN.min(usize::try_from(self.file.len() - self.at).ok()?);
            if len == 0 {
                return None;
            }
            self.buffer.drain(..self.start);
            self.start = 0;
            let from = self.buffer.len();
            self.buffer.resize(from + len, 0);
            self.file.read_at(self.at, &mut self.buffer[from..]).ok()?;
            self.at += len as u64;
        }
    }
}

fn parse(line: &[u8]) -> Option<Known> {
    let (digested, text) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    if digest(text) == digested { serde_json::from_str(text).ok() } else { None }
}
