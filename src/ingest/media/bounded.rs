//! A file with a budget: so many bytes, so many places.
//!
//! The tag and archive libraries have loops of their own, over lengths and counts that a file claims. Each of them reads
//! or seeks, so that a budget on both ends all of them. What ended a reading is kept, since a library may swallow the
//! error. Short jumps stay in the buffer.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Bytes that are read of one file for its metadata, and the longest tag. Cover art lies in tags and takes some
/// megabytes; what is longer than this is no description of a work.
pub const MAX_METADATA_LEN: u64 = 1 << 24;

/// Places of one file that are gone to. A container has some dozens of parts before its metadata.
pub const MAX_SEEKS: u32 = 65_536;

/// See the module.
#[derive(Debug)]
pub(super) struct Bounded<R> {
    input: BufReader<R>,
    len: u64,
    position: u64,
    bytes_left: u64,
    seeks_left: u32,
    fault: Option<String>,
}

impl<R: Read + Seek> Bounded<R> {
    /// `input` stands at its start and has `len` bytes.
    pub(super) fn new(input: R, len: u64) -> Bounded<R> {
        let (bytes_left, seeks_left) = (MAX_METADATA_LEN, MAX_SEEKS);
        Bounded { input: BufReader::new(input), len, position: 0, bytes_left, seeks_left, fault: None }
    }

    /// Size of the file.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Bytes from here to its end.
    pub(super) fn rest(&self) -> u64 {
        self.len.saturating_sub(self.position)
    }

    /// Where it stands.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// What ended the reading before the file did.
    pub(super) fn fault(&mut self) -> Option<String> {
        self.fault.take()
    }

    /// The next bytes, if there are as many.
    pub(super) fn next<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut bytes = [0; N];
        if self.rest() < N as u64 {
            return Ok(None);
        }
        self.read_exact(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// The next `len` bytes, of which the caller knows that they are there and not more than the budget.
    pub(super) fn piece(&mut self, len: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.take(len.min(MAX_METADATA_LEN)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn fail(&mut self, fault: String) -> io::Error {
        let error = io::Error::other(fault.clone());
        self.fault.get_or_insert(fault);
        error
    }
}

impl<R: Read + Seek> Read for Bounded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.bytes_left == 0 && !buf.is_empty() {
            return Err(self.fail(format!("its metadata are longer than {MAX_METADATA_LEN} bytes")));
        }
        let most = usize::try_from(self.bytes_left).unwrap_or(usize::MAX).min(buf.len());
        let read = match self.input.read(&mut buf[..most]) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(self.fail(format!("its metadata cannot be read: {error}"))),
        };
        self.position += read as u64;
        self.bytes_left -= read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Seek for Bounded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        let Some(target) = target.filter(|t| i64::try_from(*t).is_ok()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a place before the start of the file"));
        };
        if target == self.position {
            return Ok(target);
        }
        let Some(left) = self.seeks_left.checked_sub(1) else {
            return Err(self.fail(format!("its metadata lie in more than {MAX_SEEKS} places")));
        };
        self.seeks_left = left;
        // Both are less than 2^63.
        if let Err(error) = self.input.seek_relative(target as i64 - self.position as i64) {
            return Err(self.fail(format!("its metadata cannot be read: {error}")));
        }
        self.position = target;
        Ok(target)
    }
}
