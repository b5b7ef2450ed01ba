//! The digests of a run's blocks, so that whoever reads some rows of it checks those and no others.
//!
//! A block is [`SUM_ROWS`] rows, the last one what is left. The sum of a block is the BLAKE3 digest of its bytes; the
//! digest of a file is the BLAKE3 digest of its sums one after another, or, of a file of one block, that block's sum. The
//! register has the digest of each file; the sums of more than one block are a file of their own, which is read whole when
//! the run is opened: 1/1280 of it, 625 KB for 20 million rows.
//!
//! Not here: releases and whatever else has a signed root.

use super::IndexError;
use crate::rows::{Blake3, ROW_LEN, blake3};
use crate::storage::{Disk, StorageError};

/// Rows of a block, 40 KB: a look-up reads and digests a few of them.
pub const SUM_ROWS: u64 = 1024;
/// Bytes of a sum.
const DIGEST_LEN: usize = 32;
/// Bytes of a block.
const BLOCK_LEN: usize = 40 << 10;
const _: () = assert!(BLOCK_LEN as u64 == SUM_ROWS * ROW_LEN as u64);

/// Takes the sums of rows as they are written.
#[derive(Debug, Default)]
pub(super) struct Summing {
    block: Option<Blake3>,
    /// Bytes of the block under way.
    len: usize,
    sums: Vec<u8>,
}

/// The sums of all blocks of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sums(Vec<u8>);

impl Summing {
    /// Takes encoded rows.
    pub fn update(&mut self, mut rows: &[u8]) {
        while !rows.is_empty() {
            let (these, rest) = rows.split_at(rows.len().min(BLOCK_LEN - self.len));
            self.block.get_or_insert_with(Blake3::new).update(these);
            self.len += these.len();
            if self.len == BLOCK_LEN {
                self.end_block();
            }
            rows = rest;
        }
    }

    fn end_block(&mut self) {
        self.sums.extend(self.block.take().map(|block| block.finish()).into_iter().flatten());
        self.len = 0;
    }

    /// The sums of all rows that were taken.
    pub fn finish(mut self) -> Sums {
        self.end_block();
        Sums(self.sums)
    }
}

impl Sums {
    /// The sums of a file of so many rows, which has this digest; those of more than one block are read from `path`.
    ///
    /// # Errors
    /// The file of sums cannot be read, or is not the one that was written.
    pub fn open(disk: &Disk, path: &str, rows: u64, digest: [u8; 32]) -> Result<Sums, IndexError> {
        let blocks = rows.div_ceil(SUM_ROWS);
        if blocks == 1 {
            return Ok(Sums(digest.to_vec()));
        }
        let damaged = || IndexError::DamagedRun { path: path.to_owned() };
        let len = blocks * DIGEST_LEN as u64;
        let sums = match disk.read(path, len) {
            _ if blocks == 0 => Sums(Vec::new()),
            Err(StorageError::TooLong { .. }) => return Err(damaged()),
            read => Sums(read?),
        };
        if sums.0.len() as u64 == len && sums.digest() == digest { Ok(sums) } else { Err(damaged()) }
    }

    /// Writes those of more than one block.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&self, disk: &Disk, path: &str) -> Result<(), IndexError> {
        if self.0.len() <= DIGEST_LEN {
            return Ok(());
        }
        let mut file = disk.create(path)?;
        file.write(&self.0)?;
        Ok(file.finish()?)
    }

    /// The digest of the file.
    pub fn digest(&self) -> [u8; 32] {
        match <[u8; DIGEST_LEN]>::try_from(self.0.as_slice()) {
            Ok(only) => only,
            Err(_) => blake3(&self.0),
        }
    }

    /// Whether these bytes are whole blocks of the file, from block `first` on.
    pub fn agree(&self, first: u64, bytes: &[u8]) -> bool {
        let sums = self.0.as_chunks::<DIGEST_LEN>().0.iter().skip(first as usize);
        let mut blocks = bytes.chunks(BLOCK_LEN).zip(sums);
        blocks.len() == bytes.len().div_ceil(BLOCK_LEN) && blocks.all(|(block, sum)| blake3(block) == *sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the rows come, the sums are those of their blocks.
    #[test]
    fn sums_do_not_depend_on_how_rows_come() {
        for rows in [0, 1, 1023, 1024, 1025, 3000] {
            let bytes: Vec<u8> = (0..rows * ROW_LEN).map(|n| (n % 251) as u8).collect();
            let sums: Vec<u8> = bytes.chunks(BLOCK_LEN).flat_map(blake3).collect();
            for step in [1, 7, 1024, 5000] {
                let mut summing = Summing::default();
                bytes.chunks(step * ROW_LEN).for_each(|rows| summing.update(rows));
                assert_eq!(summing.finish(), Sums(sums.clone()), "{rows} rows, {step} at a time");
            }
        }
    }

    #[test]
    fn bytes_agree_only_in_their_place() {
        let bytes: Vec<u8> = (0..2500 * ROW_LEN).map(|n| (n % 251) as u8).collect();
        let mut summing = Summing::default();
        summing.update(&bytes);
        let sums = summing.finish();
        assert!(sums.agree(0, &bytes) && sums.agree(1, &bytes[BLOCK_LEN..]) && sums.agree(2, &bytes[2 * BLOCK_LEN..]));
        assert!(!sums.agree(0, &bytes[BLOCK_LEN..]) && !sums.agree(3, &bytes[2 * BLOCK_LEN..]));
        assert!(!sums.agree(2, &bytes[2 * BLOCK_LEN..bytes.len() - ROW_LEN]));
    }
}
