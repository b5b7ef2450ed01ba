//! Shards: archives whose members are the works. Each member is digested as it passes by; nothing is unpacked to disk.
//!
//! A tar archive is read from its beginning to its end, compressed with gzip or not, and members that share a name up to
//! its first dot are one sample, as WebDataset has it; a zip archive by its directory. A member that is no plain file, or
//! cannot be read, is a work that is refused; a shard that cannot be read to its end is one such work, and none of its
//! members counts. Invariants: names are only names; at most [`MAX_MEMBERS`] members are held, and no more bytes
//! are decompressed than [`MAX_RATIO`] times those of the shard and [`FREE_LEN`].

#[cfg(feature = "parquet")]
mod table;
mod tar;
mod zip;

pub use self::zip::MAX_END_LEN;
pub use tar::MAX_EXTENSION_LEN;

use super::Progress;
use super::content::{self, Fail, HEAD_LEN, PIECE_LEN};
use super::folder::{Content, Reading, Scanned, wants_sha256};
use super::media::{self, MAX_METADATA_LEN};
use super::record::Record;
use super::walk::{Stamp, of_io};
use crate::rows::Blake3;
use crate::statement::Identifier;
use crate::statement::limit::MAX_TEXT_LEN;
use crate::statement::vocabulary::Code;
use crate::tlog::Sha256;
use flate2::read::MultiGzDecoder;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// Members of a shard. Shards as tools write them have some ten thousand samples of a few members.
pub const MAX_MEMBERS: usize = 131_072;

/// Records of a catalogue that are about one shard: some say something twice.
pub const MAX_RECORDS_OF_SHARD: usize = 262_144;

/// Bytes that are decompressed for each byte of a shard. Text becomes ten times as long, logs fifty times.
pub const MAX_RATIO: u64 = 200;

/// Bytes that are decompressed of any shard, however small.
pub const FREE_LEN: u64 = 64 << 20;

/// The endings of shards' names.
const ENDINGS: &[(&str, Kind)] = &[
    (".tar", Kind::Tar),
    (".tar.gz", Kind::TarGz),
    (".tgz", Kind::TarGz),
    (".zip", Kind::Zip),
    #[cfg(feature = "parquet")]
    (".parquet", Kind::Table),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tar,
    TarGz,
    Zip,
    #[cfg(feature = "parquet")]
    Table,
}

impl Kind {
    /// Whether members that share a name are one work.
    fn has_samples(self) -> bool {
        match self {
            Kind::Tar | Kind::TarGz => true,
            Kind::Zip => false,
            #[cfg(feature = "parquet")]
            Kind::Table => false,
        }
    }
}

/// Why a shard is not read to its end.
#[derive(Debug)]
enum Flaw {
    /// It is damaged, or beyond a limit.
    Shard(String),
    Read(io::Error),
}

/// A shard's file, whose reading is told, and ends where the run shall.
struct Input<'a> {
    file: &'a File,
    progress: &'a Progress,
    /// Bytes that may still be read, where that is bounded.
    budget: Option<&'a Cell<u64>>,
}

/// A stream that may become so long and no longer.
struct Bounded<R> {
    inner: R,
    left: u64,
}

/// What was found in a shard so far.
struct Members<'a> {
    shard: &'a str,
    reading: Reading,
    /// Whether members that share a name are one work.
    has_samples: bool,
    records: HashMap<String, Vec<Record>>,
    /// What the shard itself says of the next member.
    said: Option<Record>,
    names: HashSet<String>,
    found: Vec<Scanned>,
    /// The sample that the next member may still belong to, and the name of its work.
    sample: Option<(String, String)>,
    /// Bytes that may still be decompressed.
    left: u64,
    piece: Vec<u8>,
    kept: Vec<u8>,
}

/// Whether a name says that the file is a shard.
pub fn is_shard(name: &str) -> bool {
    kind(name).is_some()
}

/// A path that leads into a shard: the shard's, and the member's name.
pub(super) fn split(path: &str) -> Option<(&str, &str)> {
    let parts = path.match_indices('!').map(|(at, _)| (&path[..at], &path[at + 1..]));
    parts.into_iter().find(|(shard, member)| is_shard(shard) && !member.is_empty())
}

/// The members of a shard, as files; or the shard, as one that cannot be read. `records` are those about its members,
/// each with its path.
pub(super) fn read(
    root: &Path,
    shard: &str,
    stamp: &Stamp,
    records: Vec<(String, Record)>,
    reading: Reading,
    progress: &Progress,
) -> Result<Vec<Scanned>, Fail> {
    let mut by_name: HashMap<String, Vec<Record>> = HashMap::new();
    for (path, record) in records {
        let name = split(&path).map_or("", |(_, member)| plain(member));
        by_name.entry(name.to_owned()).or_default().push(record);
    }
    let mut members = Members {
        shard,
        reading,
        has_samples: kind(shard).is_some_and(Kind::has_samples),
        records: by_name,
        said: None,
        names: HashSet::new(),
        found: Vec::new(),
        sample: None,
        left: stamp.len.saturating_mul(MAX_RATIO).saturating_add(FREE_LEN),
        piece: vec![0; PIECE_LEN],
        kept: Vec::new(),
    };
    match through(&root.join(shard), stamp, reading, &mut members, progress) {
        Ok(()) => Ok(members.finish()),
        Err(Fail::Refused(code, why)) => Ok(vec![Scanned::refused(shard.to_owned(), Vec::new(), code, why)]),
        Err(Fail::Interrupted) => Err(Fail::Interrupted),
    }
}

fn through(
    path: &Path,
    stamp: &Stamp,
    reading: Reading,
    members: &mut Members<'_>,
    progress: &Progress,
) -> Result<(), Fail> {
    let file = content::open(path, reading.walking.follow)?;
    content::unchanged(&file, stamp)?;
    let input = Input { file: &file, progress, budget: None };
    let read = match kind(members.shard) {
        Some(Kind::Tar) => each(tar::Tar::new(BufReader::with_capacity(PIECE_LEN, input)), members),
        Some(Kind::TarGz) => {
            let stream = MultiGzDecoder::new(BufReader::with_capacity(PIECE_LEN, input));
            let stream = Bounded { inner: stream, left: members.left };
            each(tar::Tar::new(BufReader::with_capacity(PIECE_LEN, stream)), members)
        }
        Some(Kind::Zip) => zip::read(input, members),
        #[cfg(feature = "parquet")]
        Some(Kind::Table) => table::read(&file, members, progress),
        None => Err(Flaw::Shard("is no shard".to_owned())),
    };
    if progress.stopped() {
        return Err(Fail::Interrupted);
    }
    // What has changed meanwhile may look damaged, too.
    content::unchanged(&file, stamp)?;
    read.map_err(|flaw| {
        let why = match flaw {
            Flaw::Shard(why) => why,
            Flaw::Read(error) => of_io(&error),
        };
        Fail::Refused(Code::Unreadable, why)
    })
}

/// Hands every member of a tar archive on.
fn each<R: Read>(mut archive: tar::Tar<R>, members: &mut Members<'_>) -> Result<(), Flaw> {
    while let Some(member) = archive.next()? {
        match member.file {
            _ if member.folder => {}
            Ok(size) => members.take(&member.name, Some(size), &mut archive)?,
            Err(why) => members.refuse(&member.name, why)?,
        }
    }
    Ok(())
}

impl Members<'_> {
    /// A member that cannot be a work's file.
    fn refuse(&mut self, name: &[u8], why: &str) -> Result<(), Flaw> {
        let (path, _, records) = self.named(name)?;
        self.found
            .push(Scanned { is_member: true, ..Scanned::refused(path, records, Code::Unreadable, why.to_owned()) });
        Ok(())
    }

    /// A member; with its size where all follow each other in one stream.
    fn take(&mut self, name: &[u8], size: Option<u64>, input: &mut dyn Read) -> Result<(), Flaw> {
        let utf8 = std::str::from_utf8(name).map(plain);
        let long = name.len() > MAX_TEXT_LEN;
        let Some(text) = utf8.ok().filter(|text| !long && !text.is_empty()) else {
            let why = if long { "has a name that is too long" } else { "has a name that is not UTF-8, or none" };
            return self.refuse(name, why);
        };
        if self.names.contains(text) {
            return self.refuse(name, "is a second member of this name");
        }
        let (path, sample, records) = self.named(name)?;
        let sha256 = wants_sha256(self.reading, &records);
        let content = match self.digest(text, sha256, size.is_some(), input)? {
            Ok(content) if size.is_some_and(|size| size != content.len) => {
                return Err(Flaw::Shard("ends before its archive does".to_owned()));
            }
            Ok(content) => Ok(content),
            Err(why) => Err((Code::Unreadable, why)),
        };
        self.names.insert(text.to_owned());
        self.found.push(Scanned { path, records, content, read: None, is_member: true, sample });
        Ok(())
    }

    /// Path, work and records of a member. The first of a sample has the records of the sample, too.
    fn named(&mut self, name: &[u8]) -> Result<(String, Option<String>, Vec<Record>), Flaw> {
        if self.found.len() == MAX_MEMBERS {
            return Err(too_many());
        }
        let text = String::from_utf8_lossy(&name[..name.len().min(MAX_TEXT_LEN)]);
        let text = plain(&text);
        let path = self.path(text);
        let mut records: Vec<Record> = self.said.take().into_iter().collect();
        records.extend(self.records.remove(text).unwrap_or_default());
        if !self.has_samples {
            return Ok((path, None, records));
        }
        let sample = sample(text);
        let open = self.sample.take().filter(|(open, _)| open == sample).map(|(_, work)| work);
        if open.is_none() {
            records.extend(self.records.remove(sample).unwrap_or_default());
        }
        let own = records.iter().find_map(|record| record.work.clone());
        let work = own.or(open).unwrap_or_else(|| self.path(sample));
        self.sample = Some((sample.to_owned(), work.clone()));
        Ok((path, Some(work), records))
    }

    fn path(&self, name: &str) -> String {
        format!("{}!{name}", self.shard)
    }

    /// Reads a member to its end. An error inside is the member's own, or, where members follow each other in one stream,
    /// the shard's.
    fn digest(
        &mut self,
        name: &str,
        sha256: bool,
        stream: bool,
        input: &mut dyn Read,
    ) -> Result<Result<Content, String>, Flaw> {
        let mut hashes = (Blake3::new(), sha256.then(Sha256::new));
        let mut len = 0_u64;
        self.kept.clear();
        loop {
            let read = match input.read(&mut self.piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if stream => return Err(Flaw::Read(error)),
                Err(error) => return Ok(Err(of_io(&error))),
            };
            len += read as u64;
            self.left = self.left.checked_sub(read as u64).ok_or_else(|| Flaw::Shard(too_long()))?;
            let piece = &self.piece[..read];
            hashes.0.update(piece);
            if let Some(sha256) = &mut hashes.1 {
                sha256.update(piece);
            }
            // What a file says of itself is read from memory, of those that have room there.
            if len <= MAX_METADATA_LEN {
                self.kept.extend_from_slice(piece);
            }
        }
        let about = (self.reading.describe && len == self.kept.len() as u64).then(|| {
            let head = &self.kept[..self.kept.len().min(HEAD_LEN)];
            media::describe(base(name), head, Cursor::new(&self.kept), len).map_err(|error| error.to_string())
        });
        let sha256 = hashes.1.map(|hash| Identifier::sha256(&hash.finish()));
        Ok(Ok(Content { len, blake3: Identifier::blake3(&hashes.0.finish()), sha256, about }))
    }

    /// All members, and the records that belong to none.
    fn finish(mut self) -> Vec<Scanned> {
        let mut orphans: Vec<_> = std::mem::take(&mut self.records).into_iter().collect();
        orphans.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for (name, records) in orphans {
            let path = self.path(&name);
            for record in records {
                let refused =
                    Scanned::refused(path.clone(), vec![record], Code::Unreadable, "is not in the shard".to_owned());
                self.found.push(Scanned { is_member: true, ..refused });
            }
        }
        self.found
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.progress.stopped() {
            return Err(io::Error::other("the run was stopped"));
        }
        let len = self.file.read(buffer)?;
        if let Some(budget) = self.budget {
            let left = budget.get().checked_sub(len as u64);
            budget.set(left.ok_or_else(|| io::Error::other("its directory is not found"))?);
        }
        self.progress.add(0, len as u64);
        Ok(len)
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(len as u64).ok_or_else(|| io::Error::other(too_long()))?;
        Ok(len)
    }
}

impl Seek for Input<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn kind(name: &str) -> Option<Kind> {
    let ends = |ending: &str| {
        let at = name.len().checked_sub(ending.len());
        at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
    };
    ENDINGS.iter().find(|(ending, _)| ends(ending)).map(|(_, kind)| *kind)
}

/// A member's name without the `./` that tar puts before every name of a folder that was packed as `.`.
fn plain(name: &str) -> &str {
    let mut name = name;
    while let Some(rest) = name.strip_prefix("./") {
        name = rest;
    }
    name
}

/// The last part of a name.
fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The sample that a member belongs to: its name up to the first dot of the last part, as WebDataset has it. A name
/// without a dot, or that begins with one, is a sample by itself.
fn sample(name: &str) -> &str {
    let folder = name.len() - base(name).len();
    match base(name).find('.') {
        None | Some(0) => name,
        Some(dot) => &name[..folder + dot],
    }
}

fn too_long() -> String {
    format!("becomes more than {MAX_RATIO} times as long when it is decompressed")
}

fn too_many() -> Flaw {
    Flaw::Shard(format!("has more than {MAX_MEMBERS} members"))
}
