//! A zip archive's members, in the order of its directory.
//!
//! The zip crate reads one entry of the directory at a time, so that no directory is held in memory; a member is
//! decompressed as it is digested, and its CRC compared.

use super::{Flaw, Input, MAX_MEMBERS, Members};
use ::zip::ZipReadOptions;
use ::zip::read::Config;
use ::zip::unstable::read::ZipIterable;
use std::cell::Cell;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes that are read in search of a directory's end: it stands in the last 64 KiB, and records of large archives before
/// it. What lies in front of an archive is searched for its directory's beginning.
pub const MAX_END_LEN: u64 = 256 << 20;

/// Hands every member of an archive on.
pub(super) fn read(input: Input<'_>, members: &mut Members<'_>) -> Result<(), Flaw> {
    // As in `media`: a panic of the library costs this shard, and its message goes to stderr.
    let read = || each(input, members);
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Flaw::Shard("cannot be read: the library that reads it gave up".to_owned())))
}

fn each(input: Input<'_>, members: &mut Members<'_>) -> Result<(), Flaw> {
    let failed = |error: ::zip::result::ZipError| Flaw::Shard(format!("cannot be read as a zip archive: {error}"));
    let budget = Cell::new(MAX_END_LEN);
    let input = Input { budget: Some(&budget), ..input };
    let mut archive = ZipIterable::try_new(BufReader::new(input), Config::default()).map_err(failed)?;
    budget.set(u64::MAX);
    if archive.len() > MAX_MEMBERS {
        return Err(super::too_many());
    }
    let files = archive.files().map_err(failed)?;
    while let Some(entry) = files.next() {
        let entry = entry.map_err(failed)?;
        let name = entry.name_raw().to_vec();
        if entry.is_dir() {
            continue;
        }
        if entry.is_symlink() {
            members.refuse(&name, "is a symbolic link, not a file")?;
        } else if entry.encrypted() {
            members.refuse(&name, "is encrypted")?;
        } else {
            match entry.with_reader(files.reader_mut(), ZipReadOptions::new()) {
                Ok(mut file) => members.take(&name, None, &mut file)?,
                Err(error) => members.refuse(&name, &format!("cannot be read: {error}"))?,
            }
        }
    }
    Ok(())
}
