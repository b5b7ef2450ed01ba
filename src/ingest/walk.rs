//! A folder's files, one after another, in the order of their paths; nothing is opened.
//!
//! What is not a plain file is not passed over in silence: links, pipes, devices, names that are not UTF-8 and folders
//! that cannot be read are handed out with what is wrong, because a work that nobody read must not look screened.
//! Invariants: paths are relative to the folder, with `/` between names, in the order of [`path_key`]; symbolic links
//! are followed only if asked, and then no loop is entered; memory holds the names of one folder per level.

use super::error::{Fault, IngestError, Placed};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{FileType, Metadata};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Names in one folder: some 400 MB of memory. Archives of more than a few hundred thousand are spread over subfolders.
pub const MAX_FOLDER_NAMES: usize = 1 << 22;

/// Folders inside folders: a path of one-letter names is then half of what systems allow.
pub const MAX_DEPTH: usize = 1024;

/// What tells that a file is still the one that was read: two equal stamps mean unchanged content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Size in bytes.
    pub len: u64,
    /// Last change of the content, in nanoseconds since 1970.
    pub modified: i64,
    /// Last change of content or attributes; programs cannot set it back. 0 where the system has none.
    pub changed: i64,
    /// Number of the file in its filesystem, and of the filesystem; 0 where the system has none.
    pub inode: (u64, u64),
}

/// What stands under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A plain file.
    File(Stamp),
    /// Something that cannot be read as a work's file, and why.
    Unreadable(String),
}

/// How a folder is walked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Walking {
    /// Symbolic links are followed.
    pub follow: bool,
    /// A folder that must not be met, nor anything in it, by [`Stamp::inode`]: the ledger's own.
    pub never: Option<(u64, u64)>,
}

/// The files of a folder: path and what stands there.
#[derive(Debug)]
pub struct Walk {
    root: PathBuf,
    walking: Walking,
    levels: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    /// Relative path with a last `/`; the root's is empty.
    path: String,
    names: std::vec::IntoIter<OsString>,
    id: (u64, u64),
}

impl Stamp {
    /// The stamp of what the system says of a file.
    pub fn of(meta: &Metadata) -> Stamp {
        let (modified, changed, inode) = times_and_inode(meta);
        Stamp { len: meta.len(), modified, changed, inode }
    }
}

/// A path as bytes whose order is the order of a walk: a folder's content stands before its longer-named neighbours.
pub fn path_key(path: &str) -> Vec<u8> {
    // No name holds a NUL.
    path.bytes().map(|b| if b == b'/' { 0 } else { b }).collect()
}

impl Walk {
    /// Begins to walk a folder.
    ///
    /// # Errors
    /// It is no folder that can be read.
    pub fn open(root: &Path, walking: Walking) -> Result<Walk, IngestError> {
        let mut walk = Walk { root: root.to_owned(), walking, levels: Vec::new() };
        let read = fs::metadata(root).and_then(|meta| Ok((Stamp::of(&meta).inode, walk.names("")?)));
        let fail = |fault: Fault| Placed::from(fault).of(&root.display().to_string());
        let (id, names) = read.map_err(|error| fail(Fault::Read(error)))?;
        refuse_within(root, walking.never).map_err(fail)?;
        walk.enter(String::new(), id, names).map_err(fail)?;
        Ok(walk)
    }

    fn enter(&mut self, path: String, id: (u64, u64), names: Vec<OsString>) -> Result<(), Fault> {
        if id != (0, 0) && self.walking.never == Some(id) {
            return Err(Fault::HoldsLedger);
        }
        self.levels.push(Level { path, names: names.into_iter(), id });
        Ok(())
    }

    /// The names in a folder, sorted.
    fn names(&self, path: &str) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join(path))? {
            if names.len() == MAX_FOLDER_NAMES {
                return Err(io::Error::other(format!("it holds more than {MAX_FOLDER_NAMES} names")));
            }
            names.push(entry?.file_name());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Looks at one name; a folder is entered, and there is nothing to hand out.
    fn look(&mut self, path: String) -> Result<Option<(String, Found)>, Fault> {
        let unreadable = |path, why: String| Ok(Some((path, Found::Unreadable(why))));
        let full = self.root.join(&path);
        let mut meta = match fs::symlink_metadata(&full) {
            Ok(meta) => meta,
            Err(error) => return unreadable(path, of_io(&error)),
        };
        if meta.is_symlink() {
            if !self.walking.follow {
                return unreadable(path, "is a symbolic link; --follow reads what it points to".to_owned());
            }
            meta = match fs::metadata(&full) {
                Ok(meta) => meta,
                Err(error) => return unreadable(path, format!("is a symbolic link to nothing: {error}")),
            };
            refuse_within(&full, self.walking.never)?;
        }
        if meta.is_file() {
            return Ok(Some((path, Found::File(Stamp::of(&meta)))));
        }
        if !meta.is_dir() {
            return unreadable(path, format!("is {}, not a file", kind_of(meta.file_type())));
        }
        let id = Stamp::of(&meta).inode;
        if id != (0, 0) && self.levels.iter().any(|level| level.id == id) {
            return unreadable(path, "is a symbolic link to a folder above it".to_owned());
        }
        if self.levels.len() == MAX_DEPTH {
            return unreadable(path, format!("lies deeper than {MAX_DEPTH} folders"));
        }
        match self.names(&path) {
            Ok(names) => self.enter(path + "/", id, names).map(|()| None),
            Err(error) => unreadable(path, format!("is a folder that cannot be read: {error}")),
        }
    }
}

impl Iterator for Walk {
    type Item = Result<(String, Found), IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let level = self.levels.last_mut()?;
            let Some(name) = level.names.next() else {
                self.levels.pop();
                continue;
            };
            let path = match name.into_string() {
                Ok(name) => format!("{}{name}", level.path),
                Err(name) => {
                    let path = format!("{}{}", level.path, name.to_string_lossy());
                    return Some(Ok((path, Found::Unreadable("has a name that is not UTF-8".to_owned()))));
                }
            };
            match self.look(path) {
                Ok(None) => {}
                Ok(Some(found)) => return Some(Ok(found)),
                Err(fault) => return Some(Err(Placed::from(fault).of(&self.root.display().to_string()))),
            }
        }
    }
}

/// Refuses what lies in the folder that must not be met; the folder itself is found on entering it.
pub(super) fn refuse_within(path: &Path, never: Option<(u64, u64)>) -> Result<(), Fault> {
    let Some(never) = never.filter(|id| *id != (0, 0)) else { return Ok(()) };
    let full = path.canonicalize().map_err(Fault::Read)?;
    let is_never = |dir: &Path| fs::metadata(dir).is_ok_and(|meta| Stamp::of(&meta).inode == never);
    if full.ancestors().skip(1).any(is_never) { Err(Fault::InLedger) } else { Ok(()) }
}

/// An error of the system, in a report's words.
pub(super) fn of_io(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "is not there any more".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

#[cfg(unix)]
fn times_and_inode(meta: &Metadata) -> (i64, i64, (u64, u64)) {
    use std::os::unix::fs::MetadataExt as _;
    // Enough until the year 2262.
    let nanoseconds = |s: i64, n: i64| s.saturating_mul(1_000_000_000).saturating_add(n);
    let modified = nanoseconds(meta.mtime(), meta.mtime_nsec());
    (modified, nanoseconds(meta.ctime(), meta.ctime_nsec()), (meta.ino(), meta.dev()))
}

#[cfg(not(unix))]
fn times_and_inode(meta: &Metadata) -> (i64, i64, (u64, u64)) {
    let modified = meta.modified().ok().and_then(|m| m.duration_since(std::time::UNIX_EPOCH).ok());
    (modified.and_then(|d| i64::try_from(d.as_nanos()).ok()).unwrap_or(0), 0, (0, 0))
}

#[cfg(unix)]
fn kind_of(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match kind {
        k if k.is_fifo() => "a pipe",
        k if k.is_socket() => "a socket",
        k if k.is_block_device() || k.is_char_device() => "a device",
        _ => "something else",
    }
}

#[cfg(not(unix))]
fn kind_of(_kind: FileType) -> &'static str {
    "something else"
}
