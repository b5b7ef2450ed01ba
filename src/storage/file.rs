//! Open files: positioned reads, and a writer for files too big to hold in memory.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use super::{Disk, Op, StorageError};

/// Bytes that a [`FileWriter`] gathers before it asks the system to write them. Larger ones gain nothing.
const BUFFER_LEN: usize = 256 << 10;

/// A file open for reading at positions, by any number of threads.
#[derive(Debug)]
pub struct FileReader {
    path: PathBuf,
    file: File,
    len: u64,
}

impl FileReader {
    pub(super) fn new(path: PathBuf, file: File, len: u64) -> FileReader {
        FileReader { path, file, len }
    }

    /// Length in bytes when it was opened.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it had no bytes when it was opened.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Fills `buffer` with the bytes from `offset`.
    ///
    /// Fails if the file ends before the buffer is full.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), StorageError> {
        read_exact_at(&self.file, offset, buffer).map_err(|e| StorageError::new("read", &self.path, e))
    }
}

/// Writes one file front to back under a temporary name; nobody sees it before [`finish`](FileWriter::finish).
///
/// Dropped without `finish` it leaves nothing behind.
#[derive(Debug)]
pub struct FileWriter {
    disk: Disk,
    path: String,
    temp: String,
    /// `None` once the file has its name, or is given up after a failed write.
    file: Option<File>,
    buffer: Vec<u8>,
    /// Bytes already handed to the system.
    flushed: u64,
}

impl FileWriter {
    pub(super) fn new(disk: Disk, path: &str, temp: String, file: File) -> FileWriter {
        let buffer = Vec::with_capacity(BUFFER_LEN);
        FileWriter { disk, path: path.to_owned(), temp, file: Some(file), buffer, flushed: 0 }
    }

    /// Bytes written so far.
    pub fn len(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        if self.buffer.len() + bytes.len() > BUFFER_LEN {
            self.flush()?;
        }
        if bytes.len() >= BUFFER_LEN {
            return self.put(self.flushed, bytes).map(|()| self.flushed += bytes.len() as u64);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Fills `buffer` with bytes that were written before.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), StorageError> {
        let in_file = self.flushed.saturating_sub(offset).min(buffer.len() as u64) as usize;
        let (start, rest) = buffer.split_at_mut(in_file);
        let fail = |e| StorageError::new("read", &self.disk.root().join(&self.temp), e);
        if let Some(file) = &self.file {
            read_exact_at(file, offset, start).map_err(fail)?;
        }
        let from = (offset + in_file as u64).saturating_sub(self.flushed) as usize;
        let there = self.buffer.get(from..from + rest.len());
        rest.copy_from_slice(there.ok_or_else(|| fail(io::ErrorKind::UnexpectedEof.into()))?);
        Ok(())
    }

    /// Overwrites bytes that were written before: a header whose counts are known last.
    pub fn patch(&mut self, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        self.flush()?;
        self.put(offset, bytes)
    }

    /// Gives the file its name. It is durable after the next [`Disk::sync`].
    pub fn finish(self) -> Result<(), StorageError> {
        let path = self.path.clone();
        self.finish_as(&path)
    }

    /// As [`finish`](FileWriter::finish), under a name that was not known before the last byte: a digest.
    pub fn finish_as(mut self, path: &str) -> Result<(), StorageError> {
        self.flush()?;
        let given_up = || StorageError::new("name", self.disk.root(), io::Error::other("an earlier write failed"));
        let file = self.file.take().ok_or_else(given_up)?;
        self.disk.adopt(file, &self.temp, path).inspect_err(|_| self.discard())
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.buffer);
        self.put(self.flushed, &bytes)?;
        self.flushed += bytes.len() as u64;
        self.buffer = bytes;
        self.buffer.clear();
        Ok(())
    }

    fn put(&mut self, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let full = self.disk.writable(&self.temp)?;
        let fail = |e| StorageError::new("write", &full, e);
        // After a failed write there is a gap: nothing may follow it, and the file must never get its name.
        let mut file = self.file.take().ok_or_else(|| fail(io::Error::other("an earlier write failed")))?;
        if let Err(e) = file.seek(SeekFrom::Start(offset)).and_then(|_| file.write_all(bytes)) {
            self.discard();
            return Err(fail(e));
        }
        self.file = Some(file);
        self.disk.record(|| Op::Write { path: self.temp.clone(), offset, bytes: bytes.to_vec() });
        Ok(())
    }

    fn discard(&self) {
        // Nobody can be told; a leftover is found by its name.
        let _ = self.disk.remove(&self.temp);
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            self.discard();
        }
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        let n = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[n..];
        offset += n as u64;
    }
    Ok(())
}
