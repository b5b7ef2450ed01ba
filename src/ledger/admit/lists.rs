//! The deny and reserve lists of a batch: opened, and digested as they are read.

use crate::ledger::catalogue::{Opened, open_catalogue};
use crate::ledger::source::{Input, Reader};
use crate::ledger::{LedgerError, Writer};
use crate::rows::Blake3;
use crate::statement::Identifier;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// Opens a list: the digest of its file, taken while it is read, and its rows.
pub(super) fn open_list(writer: &Writer, input: Input, keep: bool) -> Result<(Identifier, Opened), LedgerError> {
    let digest = Arc::new(Mutex::new(Blake3::new()));
    let reader = Box::new(Hashing { inner: input.reader, digest: Arc::clone(&digest) });
    let input = Input { reader: reader.into(), ..input };
    let opened = open_catalogue(writer.disk(), input, &[], |_| keep)?;
    let digest = Identifier::blake3(&digest.lock().unwrap_or_else(PoisonError::into_inner).finish());
    Ok((digest, opened))
}

/// A reader that digests what passes through it.
struct Hashing {
    inner: Reader,
    digest: Arc<Mutex<Blake3>>,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.digest.lock().unwrap_or_else(PoisonError::into_inner).update(&buffer[..len]);
        Ok(len)
    }
}
