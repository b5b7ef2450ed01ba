//! A file read from end to end: its digests, and whether it stayed the same meanwhile.
//!
//! Small files are read in pieces, one file a thread; a big one in blocks, of which one is hashed on every core while
//! the next is read. Invariant: as many bytes are digested as the [`Stamp`] says, or none count; that the stamp is the same
//! after the last of them, the caller asks with [`unchanged`] before it hands a digest out.

use super::Progress;
use super::walk::{Stamp, of_io};
use crate::rows::Blake3;
use crate::statement::Identifier;
use crate::statement::vocabulary::Code;
use crate::tlog::Sha256;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// Bytes of a file's beginning that tell what it is.
pub const HEAD_LEN: usize = 4096;

/// Bytes read at once: larger pieces do not fit the processor's cache, smaller ones cost calls.
pub const PIECE_LEN: usize = 128 << 10;

/// From this length on all cores work on one file. Below, one file a core is faster.
pub const BIG_FILE_LEN: u64 = 256 << 20;

/// Bytes of a big file that are hashed while as many are read.
pub const BLOCK_LEN: usize = 8 << 20;

/// What reading a file gave.
pub(super) struct Digested {
    pub blake3: Identifier,
    pub sha256: Option<Identifier>,
    /// Its first bytes, at most [`HEAD_LEN`].
    pub head: Vec<u8>,
}

/// Why it gave nothing.
pub(super) enum Fail {
    /// The work is refused.
    Refused(Code, String),
    Interrupted,
}

/// Opens a file of a folder that was walked; what has become a pipe or a link since does not hold the reader up.
pub(super) fn open(path: &Path, follow: bool) -> Result<File, Fail> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = if follow { OFlags::NONBLOCK } else { OFlags::NONBLOCK | OFlags::NOFOLLOW };
        // The bits of two flags fit.
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits() as i32);
    }
    options.open(path).map_err(|error| unreadable(&error))
}

/// The digests of a file that was found with this stamp, and that has it still when reading begins. Whether it had it to
/// the end the caller asks, once it has read all that it wants: [`unchanged`].
pub(super) fn digest(
    file: &File,
    stamp: &Stamp,
    sha256: bool,
    piece: &mut Vec<u8>,
    progress: &Progress,
) -> Result<Digested, Fail> {
    unchanged(file, stamp)?;
    let mut hashes = (Blake3::new(), sha256.then(Sha256::new));
    let mut head = Vec::new();
    let read = if stamp.len >= BIG_FILE_LEN {
        big(file, stamp.len, &mut hashes, &mut head, progress)?
    } else {
        pieces(file, stamp.len, &mut hashes, &mut head, piece, progress)?
    };
    if read != stamp.len {
        return Err(changed());
    }
    let (blake3, sha256) = hashes;
    let sha256 = sha256.map(|hash| Identifier::sha256(&hash.finish()));
    Ok(Digested { blake3: Identifier::blake3(&blake3.finish()), sha256, head })
}

type Hashes = (Blake3, Option<Sha256>);

fn pieces(
    mut file: &File,
    most: u64,
    hashes: &mut Hashes,
    head: &mut Vec<u8>,
    piece: &mut Vec<u8>,
    progress: &Progress,
) -> Result<u64, Fail> {
    piece.resize(PIECE_LEN, 0);
    let mut total = 0;
    loop {
        let len = match file.read(piece) {
            Ok(0) => return Ok(total),
            Ok(len) => len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(&error)),
        };
        head.extend_from_slice(&piece[..len.min(HEAD_LEN.saturating_sub(head.len()))]);
        hashes.0.update(&piece[..len]);
        if let Some(sha256) = &mut hashes.1 {
            sha256.update(&piece[..len]);
        }
        total += len as u64;
        no_longer(total, most)?;
        count(progress, len)?;
    }
}

fn big(mut file: &File, most: u64, hashes: &mut Hashes, head: &mut Vec<u8>, progress: &Progress) -> Result<u64, Fail> {
    let mut fill = |block: &mut Vec<u8>| {
        block.clear();
        (&mut file).take(BLOCK_LEN as u64).read_to_end(block).map_err(|error| unreadable(&error))
    };
    let (mut block, mut next) = (Vec::with_capacity(BLOCK_LEN), Vec::with_capacity(BLOCK_LEN));
    fill(&mut block)?;
    head.extend_from_slice(&block[..block.len().min(HEAD_LEN)]);
    let mut total = 0;
    while !block.is_empty() {
        let (blake3, sha256) = (&mut hashes.0, &mut hashes.1);
        let hash = || {
            let sequential = || sha256.as_mut().map(|sha256| sha256.update(&block));
            rayon::join(|| blake3.update_parallel(&block), sequential);
        };
        let (_, filled) = rayon::join(hash, || fill(&mut next));
        filled?;
        total += block.len() as u64;
        no_longer(total, most)?;
        count(progress, block.len())?;
        std::mem::swap(&mut block, &mut next);
    }
    Ok(total)
}

/// A file that is written as fast as it is read has no end.
fn no_longer(total: u64, most: u64) -> Result<(), Fail> {
    if total > most { Err(changed()) } else { Ok(()) }
}

fn count(progress: &Progress, len: usize) -> Result<(), Fail> {
    progress.add(0, len as u64);
    if progress.stopped() { Err(Fail::Interrupted) } else { Ok(()) }
}

/// Whether the file is still the one that was found.
pub(super) fn unchanged(file: &File, stamp: &Stamp) -> Result<(), Fail> {
    let meta = file.metadata().map_err(|error| unreadable(&error))?;
    if meta.is_file() && Stamp::of(&meta) == *stamp { Ok(()) } else { Err(changed()) }
}

fn changed() -> Fail {
    Fail::Refused(Code::ChangedWhileRead, "changed while it was read".to_owned())
}

fn unreadable(error: &io::Error) -> Fail {
    Fail::Refused(Code::Unreadable, of_io(error))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn stamp(path: &Path) -> Stamp {
        Stamp::of(&std::fs::metadata(path).unwrap())
    }

    fn read(path: &Path, stamp: &Stamp, progress: &Progress) -> Result<Digested, Fail> {
        digest(&open(path, false)?, stamp, false, &mut Vec::new(), progress)
    }

    fn is_changed<T>(outcome: &Result<T, Fail>) -> bool {
        matches!(outcome, Err(Fail::Refused(Code::ChangedWhileRead, _)))
    }

    /// Of what is not the file that was found, not a byte is read.
    #[test]
    fn another_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "text").unwrap();
        let found = stamp(&path);
        let others = [
            Stamp { len: 5, ..found },
            Stamp { modified: found.modified + 1, ..found },
            Stamp { changed: found.changed - 1, ..found },
            Stamp { inode: (found.inode.0 + 1, found.inode.1), ..found },
        ];
        for other in others {
            let progress = Progress::default();
            assert!(is_changed(&read(&path, &other, &progress)));
            assert_eq!(progress.seen().bytes, 0);
        }
        assert!(read(&path, &found, &Progress::default()).is_ok());
    }

    /// Some files of the kernel have fewer bytes than they say.
    #[test]
    fn a_file_that_ends_early_is_not_digested() {
        let path = Path::new("/sys/kernel/mm/transparent_hugepage/enabled");
        let content = std::fs::read(path).map(|bytes| bytes.len() as u64).ok();
        let claimed = std::fs::metadata(path).map(|meta| meta.len()).ok();
        if content >= claimed {
            return eprintln!("skipped: this system has no such file");
        }
        assert!(is_changed(&read(path, &stamp(path), &Progress::default())));
    }

    /// A pipe or a link in a file's place, put there after the walk: neither is waited for nor followed.
    #[test]
    fn what_took_a_files_place_is_not_waited_for_nor_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (file, pipe, link) = (dir.path().join("file"), dir.path().join("pipe"), dir.path().join("link"));
        std::fs::write(&file, "").unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        symlink(&file, &link).unwrap();
        assert!(is_changed(&read(&pipe, &stamp(&file), &Progress::default())));
        assert!(open(&link, false).is_err() && open(&link, true).is_ok());
    }

    /// A byte is replaced by another while the file is read; on a busy machine a try may come too late.
    #[test]
    fn a_change_under_the_same_length_is_seen_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
        let seen = (0..50).any(|_| {
            let (progress, over) = (Progress::default(), AtomicBool::new(false));
            let found = stamp(&path);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while progress.seen().bytes == 0 && !over.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                    std::fs::OpenOptions::new().write(true).open(&path).unwrap().write_all(b"x").unwrap();
                });
                let file = open(&path, false).ok().unwrap();
                let digested = digest(&file, &found, false, &mut Vec::new(), &progress);
                let changed = is_changed(&unchanged(&file, &found));
                over.store(true, Ordering::Relaxed);
                digested.is_ok() && changed
            })
        });
        assert!(seen);
    }
}
