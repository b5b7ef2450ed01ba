//! A folder's files read: walked, joined by path with a catalogue and with what is remembered of them, digested on every
//! core, and asked what they say of themselves.
//!
//! First the plan: every path with its catalogue records and, if an earlier run read the same file, what it found. The
//! plan knows how much there is to do, and holds files of one `work` together. Then the reading, batch by batch, in a
//! thread of its own, while the caller works on the batch before. Invariants: files come in the order of their paths,
//! those of named works after the others and by name; memory holds three batches and what [`SORT_CHUNK_LEN`] allows,
//! whatever the folder holds.
//!
//! [`SORT_CHUNK_LEN`]: super::SORT_CHUNK_LEN

use super::Progress;
use super::catalogue::Catalogue;
use super::content::{self, Digested, Fail};
use super::dep5::Copyright;
use super::error::{Fault, IngestError, Placed};
use super::media::{self, About};
use super::record::Record;
use super::shards::{self, MAX_RECORDS_OF_SHARD};
use super::sorted::{Sorted, Sorter};
use super::walk::{Found, Stamp, Walk, Walking, path_key, refuse_within};
use crate::statement::vocabulary::Code;
use crate::statement::{Identifier, identifier::Scheme};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::io::{self, BufReader, Read, Seek as _};
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

/// Files of one batch.
pub const BATCH_FILES: usize = 4096;

/// Files that a shard of a batch stands for: so many shards are read at once.
pub const SHARD_FILES: usize = 512;

/// Bytes of one batch, from which on no further file joins it.
pub const BATCH_LEN: u64 = 512 << 20;

/// Records of a catalogue that say different things of one file; more than one is a contradiction already.
pub const MAX_RECORDS_OF_FILE: usize = 16;

/// How files are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    /// How the folder is walked.
    pub walking: Walking,
    /// SHA-256 beside BLAKE3.
    pub sha256: bool,
    /// What the files say of themselves.
    pub describe: bool,
    /// Whether of archives the members are the works.
    pub shards: bool,
}

/// What reading a file gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Size in bytes.
    pub len: u64,
    /// Its digest.
    pub blake3: Identifier,
    /// Its other digest, if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Identifier>,
    /// What it says of itself, if asked, or why that cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Result<About, String>>,
}

/// A file that an earlier run has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its path in the folder.
    pub path: String,
    /// What it was then.
    pub stamp: Stamp,
    /// What was found.
    pub content: Content,
}

/// A file, read or not.
#[derive(Debug, Clone)]
pub struct Scanned {
    /// Its path in the folder.
    pub path: String,
    /// What the catalogue says of it; several records contradict each other, as what says the same is here once.
    pub records: Vec<Record>,
    /// What it is, or why it cannot be said.
    pub content: Result<Content, (Code, String)>,
    /// What it was, if it was read just now.
    pub read: Option<Stamp>,
    /// Whether it is a member of a shard, and not a file of the folder.
    pub is_member: bool,
    /// Of a member of a tar archive, the name that it shares with those of the same work.
    pub sample: Option<String>,
}

/// What else speaks of a folder's files.
pub enum Beside<'a, R> {
    /// Nothing.
    Nothing,
    /// A catalogue that names them by their paths.
    Catalogue(&'a mut Catalogue<R>),
    /// A Debian copyright file, whose patterns fit them.
    Copyright(&'a mut Copyright),
}

/// A folder, or one file, about to be read.
#[derive(Debug)]
pub struct Scan {
    batches: Receiver<Result<Vec<Scanned>, IngestError>>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Serialize, Deserialize)]
struct Planned {
    path: String,
    found: Result<Stamp, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    records: Vec<Record>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<Content>,
    /// Of a shard, what the catalogue says of its members, each with its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shard: Option<Vec<(String, Record)>>,
}

impl Planned {
    fn new(path: String, found: Result<Stamp, String>, records: Vec<Record>) -> Planned {
        Planned { path, found, records, known: None, shard: None }
    }
}

impl Scanned {
    /// A file that is no work, and why.
    pub(super) fn refused(path: String, records: Vec<Record>, code: Code, why: String) -> Scanned {
        Scanned { path, records, content: Err((code, why)), read: None, is_member: false, sample: None }
    }
}

impl Scan {
    /// Plans to read a folder; what is `beside` it is joined by path, `known` may come in any order and of one path the last
    /// counts.
    ///
    /// # Errors
    /// The folder or the catalogue cannot be read, or the temporary folder refuses.
    pub fn folder<R: Read>(
        root: &Path,
        reading: Reading,
        beside: Beside<'_, R>,
        known: impl Iterator<Item = Known>,
        progress: &Progress,
    ) -> Result<Scan, IngestError> {
        let name = root.display().to_string();
        let fail = |error| Placed::from(Fault::Temporary(error)).of(&name);
        let walk = Walk::open(root, reading.walking, progress)?;
        let (mut catalogue, copyright) = match beside {
            Beside::Nothing => (None, None),
            Beside::Catalogue(catalogue) => (Some(catalogue), None),
            Beside::Copyright(copyright) => (None, Some(copyright)),
        };
        let roots = absolute(root);
        let mut plan = Plan { sorter: Sorter::new(), files: 0, bytes: 0 };
        let (mut records, mut members) = (Sorter::new(), Sorter::new());
        let (mut named, mut unnamed) = (false, false);
        for record in catalogue.iter_mut().flatten() {
            let record: Record = record?;
            match record.path.as_deref().map(|path| inside(&roots, path)) {
                Some(path) => {
                    named = true;
                    match shards::split(&path).filter(|_| reading.shards) {
                        Some((shard, _)) => members.push(&path_key(shard), &(path.clone(), record)),
                        None => records.push(&path_key(&path), &record),
                    }
                    .map_err(fail)?;
                }
                None => {
                    unnamed = true;
                    plan.orphan(record).map_err(fail)?;
                }
            }
        }
        // Another catalogue was meant, or its paths stand under another name: not that many unreadable files.
        if let Some(catalogue) = catalogue.filter(|_| unnamed && !named) {
            return Err(catalogue.without_paths());
        }
        let mut remembered = Sorter::new();
        for file in known {
            remembered.push(&path_key(&file.path), &file).map_err(fail)?;
        }
        let records = records.finish().map_err(fail)?.peekable();
        let known = remembered.finish().map_err(fail)?.peekable();
        let members = members.finish().map_err(fail)?.peekable();
        let plan = plan.joined(walk, Joined { records, members, copyright, known, reading }, progress, &fail)?;
        if plan.is_empty() {
            return Err(Placed::from(Fault::NoFiles).of(&name));
        }
        Ok(Scan::start(root.to_owned(), reading, plan, progress.clone(), name))
    }

    /// Plans to read a single file.
    ///
    /// # Errors
    /// It is not there, or no plain file.
    pub fn file(path: &Path, reading: Reading, progress: &Progress) -> Result<Scan, IngestError> {
        let name = path.display().to_string();
        let fail = |error| Placed::from(Fault::Read(error)).of(&name);
        let meta = std::fs::metadata(path).map_err(fail)?;
        if !meta.is_file() {
            return Err(fail(io::Error::other("it is not a file")));
        }
        refuse_within(path, reading.walking.never).map_err(|fault| Placed::from(fault).of(&name))?;
        let file_name = path.file_name().map_or_else(|| name.clone(), |n| n.to_string_lossy().into_owned());
        let mut plan = Plan { sorter: Sorter::new(), files: 0, bytes: 0 };
        let shard = (reading.shards && shards::is_shard(&file_name)).then(Vec::new);
        plan.push(Planned { shard, ..Planned::new(file_name, Ok(Stamp::of(&meta)), Vec::new()) }).map_err(fail)?;
        // It was named, so a link is meant.
        let reading = Reading { walking: Walking { follow: true, ..reading.walking }, ..reading };
        progress.expect(plan.files, plan.bytes);
        let planned = plan.sorter.finish().map_err(fail)?;
        Ok(Scan::start(path.parent().unwrap_or(Path::new("")).to_owned(), reading, planned, progress.clone(), name))
    }

    fn start(root: PathBuf, reading: Reading, plan: Sorted<Planned>, progress: Progress, name: String) -> Scan {
        let (sender, batches) = sync_channel(1);
        let reader = std::thread::spawn(move || {
            let mut plan = plan.peekable();
            while let Some(batch) = next_batch(&mut plan, &root, reading, &progress, &name) {
                let ended = batch.is_err();
                // A receiver that is gone wants no more.
                if sender.send(batch).is_err() || ended {
                    break;
                }
            }
        });
        Scan { batches, reader: Some(reader) }
    }
}

impl Iterator for Scan {
    type Item = Result<Vec<Scanned>, IngestError>;

    /// The next batch of files, in the order of the plan.
    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(batch) = self.batches.recv() {
            return Some(batch);
        }
        // A reader that panicked has not come to the end, and half a folder must not look like all of it.
        if let Some(Err(panic)) = self.reader.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        None
    }
}

/// Of each path the last that comes, in the order of the paths.
///
/// # Errors
/// The temporary folder refuses.
pub fn newest(
    files: impl Iterator<Item = Known>,
) -> Result<impl Iterator<Item = Result<Known, IngestError>>, IngestError> {
    let fail = |error| Placed::from(Fault::Temporary(error)).of("what is remembered of files");
    let mut sorter = Sorter::new();
    for file in files {
        sorter.push(&path_key(&file.path), &file).map_err(fail)?;
    }
    let mut sorted = sorter.finish().map_err(fail)?.map(move |item| item.map_err(fail)).peekable();
    Ok(std::iter::from_fn(move || {
        loop {
            let item = match sorted.next()? {
                Ok(item) => item,
                Err(error) => return Some(Err(error)),
            };
            let again = sorted.peek().is_some_and(|next| next.as_ref().is_ok_and(|(key, _)| *key == item.0));
            if !again {
                return Some(Ok(item.1));
            }
        }
    }))
}

struct Plan {
    sorter: Sorter<Planned>,
    files: u64,
    bytes: u64,
}

struct Joined<'a> {
    records: Peekable<Sorted<Record>>,
    members: Peekable<Sorted<(String, Record)>>,
    copyright: Option<&'a mut Copyright>,
    known: Peekable<Sorted<Known>>,
    reading: Reading,
}

impl Plan {
    /// Files of one work stand beside each other, after those of none.
    fn push(&mut self, planned: Planned) -> io::Result<()> {
        let work = planned.records.iter().find_map(|r| r.work.as_deref()).unwrap_or_default();
        // No name's key is the beginning of another's: inside, a NUL is followed by a one; two NULs end it.
        let mut key: Vec<u8> = work.bytes().flat_map(|b| [b, 1].into_iter().take(1 + usize::from(b == 0))).collect();
        key.extend([0, 0]);
        key.extend(path_key(&planned.path));
        self.files += 1;
        let to_read = planned.found.as_ref().map_or(0, |stamp| stamp.len);
        self.bytes += to_read;
        self.sorter.push(&key, &planned)
    }

    /// A record that no file belongs to.
    fn orphan(&mut self, record: Record) -> io::Result<()> {
        let path = record.path.clone().unwrap_or_default();
        let why = if path.is_empty() { "the record names no path" } else { "is not in the folder" };
        self.push(Planned::new(path, Err(why.to_owned()), vec![record]))
    }

    fn joined(
        mut self,
        walk: Walk,
        mut joined: Joined<'_>,
        progress: &Progress,
        fail: &dyn Fn(io::Error) -> IngestError,
    ) -> Result<Sorted<Planned>, IngestError> {
        for walked in walk {
            let (path, found) = walked?;
            let key = path_key(&path);
            while let Some(record) = joined.record(|k| k < &key[..]).map_err(fail)? {
                self.orphan(record).map_err(fail)?;
            }
            let mut records = Vec::new();
            while let Some(record) = joined.record(|k| k == key).map_err(fail)? {
                // However often one thing is said, what says another is kept.
                let again = records.first().is_some_and(|first: &Record| first.says_the_same(&record));
                if !again && records.len() < MAX_RECORDS_OF_FILE {
                    records.push(record);
                }
            }
            let mut found = match found {
                Found::File(stamp) => Ok(stamp),
                Found::Unreadable(why) => Err(why),
            };
            while let Some((_, record)) = joined.member(|k| k < &key[..]).map_err(fail)? {
                self.orphan(record).map_err(fail)?;
            }
            if joined.reading.shards && found.is_ok() && shards::is_shard(&path) {
                let mut members = Vec::new();
                while let Some(member) = joined.member(|k| k == key).map_err(fail)? {
                    if members.len() == MAX_RECORDS_OF_SHARD {
                        found = Err(format!(
                            "is a shard of which the catalogue has more than {MAX_RECORDS_OF_SHARD} records"
                        ));
                    } else {
                        members.push(member);
                    }
                }
                for record in records {
                    let why = "is a shard, whose members are the works".to_owned();
                    self.push(Planned::new(path.clone(), Err(why), vec![record])).map_err(fail)?;
                }
                let shard = found.is_ok().then_some(members);
                self.push(Planned { shard, ..Planned::new(path, found, Vec::new()) }).map_err(fail)?;
                continue;
            }
            if let Some(copyright) = joined.copyright.as_mut().filter(|_| found.is_ok()) {
                records.extend(copyright.record(&path));
            }
            let known = joined.known(&key, found.as_ref().ok(), &records).map_err(fail)?;
            self.push(Planned { known, ..Planned::new(path, found, records) }).map_err(fail)?;
        }
        while let Some(record) = joined.record(|_| true).map_err(fail)? {
            self.orphan(record).map_err(fail)?;
        }
        while let Some((_, record)) = joined.member(|_| true).map_err(fail)? {
            self.orphan(record).map_err(fail)?;
        }
        progress.expect(self.files, self.bytes);
        self.sorter.finish().map_err(fail)
    }
}

impl Joined<'_> {
    fn member(&mut self, wanted: impl Fn(&[u8]) -> bool) -> io::Result<Option<(String, Record)>> {
        let next = self.members.next_if(|next| next.as_ref().map_or(true, |(key, _)| wanted(key)));
        Ok(next.transpose()?.map(|(_, member)| member))
    }

    fn record(&mut self, wanted: impl Fn(&[u8]) -> bool) -> io::Result<Option<Record>> {
        let next = self.records.next_if(|next| next.as_ref().map_or(true, |(key, _)| wanted(key)));
        Ok(next.transpose()?.map(|(_, record)| record))
    }

    /// What is remembered of a file, if it is still the same and all was found that is wanted now.
    fn known(&mut self, key: &[u8], stamp: Option<&Stamp>, records: &[Record]) -> io::Result<Option<Content>> {
        let mut newest = None;
        while let Some(next) = self.known.next_if(|next| next.as_ref().map_or(true, |(k, _)| &k[..] <= key)) {
            let (k, known) = next?;
            newest = (k == key).then_some(known).or(newest);
        }
        let Some(known) = newest.filter(|known| Some(&known.stamp) == stamp) else { return Ok(None) };
        let content = known.content;
        let sha256 = content.sha256.is_some() || !wants_sha256(self.reading, records);
        let about = content.about.is_some() || !self.reading.describe;
        Ok(Some(content).filter(|_| sha256 && about))
    }
}

/// A digest that a catalogue claims is computed, so that the claim can be checked.
pub(super) fn wants_sha256(reading: Reading, records: &[Record]) -> bool {
    reading.sha256 || records.iter().flat_map(|r| &r.digests).any(|d| d.scheme() == Scheme::Sha256)
}

/// The folder as absolute paths may name it: with the links on the way to it, and without.
fn absolute(root: &Path) -> Vec<PathBuf> {
    [std::path::absolute(root), root.canonicalize()].into_iter().flatten().collect()
}

/// A catalogue's path as one inside the folder: relative, without empty names and `.`. Where `..` leads depends on
/// links, so it leads nowhere.
fn inside(roots: &[PathBuf], path: &str) -> String {
    let mut relative = path;
    if Path::new(path).is_absolute() {
        let stripped = roots.iter().find_map(|root| Path::new(path).strip_prefix(root).ok()?.to_str());
        let Some(stripped) = stripped else { return path.to_owned() };
        relative = stripped;
    }
    let names: Vec<&str> = relative.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    // What ends so is a folder.
    let folder = if path.ends_with('/') || path.ends_with("/.") { "/" } else { "" };
    names.join("/") + folder
}

fn next_batch(
    plan: &mut Peekable<Sorted<Planned>>,
    root: &Path,
    reading: Reading,
    progress: &Progress,
    name: &str,
) -> Option<Result<Vec<Scanned>, IngestError>> {
    let fail = |fault: Fault| Placed::from(fault).of(name);
    let (mut batch, mut files, mut bytes) = (Vec::new(), 0, 0);
    while files < BATCH_FILES && bytes < BATCH_LEN {
        match plan.next() {
            None => break,
            Some(Err(error)) => return Some(Err(fail(Fault::Temporary(error)))),
            Some(Ok((_, planned))) if planned.shard.is_some() => {
                files += SHARD_FILES;
                batch.push(planned);
            }
            Some(Ok((_, planned))) => {
                files += 1;
                bytes += planned.found.as_ref().map_or(0, |stamp| stamp.len);
                batch.push(planned);
            }
        }
    }
    if batch.is_empty() {
        return None;
    }
    let scan = |piece: &mut Vec<u8>, planned| scan(root, reading, planned, piece, progress);
    let scanned: Result<Vec<_>, Interrupted> = batch.into_par_iter().map_init(Vec::new, scan).collect();
    Some(scanned.map(|found| found.into_iter().flatten().collect()).map_err(|Interrupted| fail(Fault::Interrupted)))
}

struct Interrupted;

fn scan(
    root: &Path,
    reading: Reading,
    planned: Planned,
    piece: &mut Vec<u8>,
    progress: &Progress,
) -> Result<Vec<Scanned>, Interrupted> {
    let Planned { path, found, records, known, shard } = planned;
    if let (Ok(stamp), Some(members)) = (&found, shard) {
        let found = shards::read(root, &path, stamp, members, reading, progress);
        progress.add(1, 0);
        return found.map_err(|_| Interrupted);
    }
    let mut read = None;
    let content = match (found, known) {
        (Err(why), _) => Err((Code::Unreadable, why)),
        (Ok(stamp), Some(content)) => {
            progress.add(0, stamp.len);
            Ok(content)
        }
        (Ok(stamp), None) => {
            let reading = Reading { sha256: wants_sha256(reading, &records), ..reading };
            read = Some(stamp);
            match content(&root.join(&path), &stamp, reading, piece, progress) {
                Ok(content) => Ok(content),
                Err(Fail::Refused(code, why)) => Err((code, why)),
                Err(Fail::Interrupted) => return Err(Interrupted),
            }
        }
    };
    progress.add(1, 0);
    let file = Scanned { path, records, content, read, is_member: false, sample: None };
    if progress.stopped() { Err(Interrupted) } else { Ok(vec![file]) }
}

fn content(
    path: &Path,
    stamp: &Stamp,
    reading: Reading,
    piece: &mut Vec<u8>,
    progress: &Progress,
) -> Result<Content, Fail> {
    let file = content::open(path, reading.walking.follow)?;
    let Digested { blake3, sha256, head } = content::digest(&file, stamp, reading.sha256, piece, progress)?;
    let mut about = None;
    if reading.describe {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let mut input = BufReader::new(&file);
        let rewound = input.rewind().map_err(|error| error.to_string());
        let described =
            rewound.and_then(|()| media::describe(&name, &head, input, stamp.len).map_err(|e| e.to_string()));
        about = Some(described);
    }
    // All that is handed out was read between two looks at the same file.
    content::unchanged(&file, stamp)?;
    Ok(Content { len: stamp.len, blake3, sha256, about })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "the reader's own")]
    fn a_reader_that_panics_is_no_end() {
        let (sender, batches) = sync_channel(1);
        let reader = std::thread::spawn(move || {
            drop(sender);
            panic!("the reader's own");
        });
        let _ = Scan { batches, reader: Some(reader) }.next();
    }
}
