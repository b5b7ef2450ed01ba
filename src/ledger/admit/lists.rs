//! The deny and reserve lists that works are held against: read, keyed and digested once, and open from then on.

use crate::ledger::LedgerError;
use crate::ledger::catalogue::{Opened, open_catalogue};
use crate::ledger::gate::Lists;
use crate::ledger::source::{Input, Reader};
use crate::ledger::writer::invalid;
use crate::rows::Blake3;
use crate::statement::limit::{Invalid, MAX_ITEMS};
use crate::statement::screening::{List, ListKind};
use crate::statement::vocabulary::Code;
use crate::statement::{Identifier, Kind};
use crate::storage::Disk;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// Lists that were read.
#[derive(Default)]
pub(in crate::ledger) struct OpenLists {
    /// Where works are looked up.
    pub lists: Lists,
    /// What a screening says of them.
    pub named: Vec<List>,
    /// Whether one of them names works by their SHA-256 digests.
    pub asks_sha256: bool,
}

impl OpenLists {
    /// Reads lists; unless `keep`, nothing of them stays on disk once they are closed.
    ///
    /// # Errors
    /// There are more than a screening names, one cannot be read, or has a record with a malformed identifier.
    pub fn read(disk: &Disk, lists: Vec<(ListKind, Input)>, keep: bool) -> Result<OpenLists, LedgerError> {
        if lists.len() > MAX_ITEMS {
            // Said before works are read, and before a request has appended some.
            let what = format!("has {} items, the most is {MAX_ITEMS}", lists.len());
            return Err(invalid(Kind::Screening, Invalid { field: "lists", what }));
        }
        let mut open = OpenLists::default();
        for (kind, input) in lists {
            let (digest, opened) = open_list(disk, input, keep)?;
            let code = match kind {
                ListKind::Deny => Code::Denied,
                ListKind::Reserve => Code::Reserved,
            };
            open.lists.0.push((code, opened.file));
            open.named.push(List { digest, kind, rows: opened.rows });
            open.asks_sha256 |= opened.has_sha256;
        }
        Ok(open)
    }
}

/// Opens a list: the digest of its file, taken while it is read, and its rows.
fn open_list(disk: &Disk, input: Input, keep: bool) -> Result<(Identifier, Opened), LedgerError> {
    let digest = Arc::new(Mutex::new(Blake3::new()));
    let reader = Box::new(Hashing { inner: input.reader, digest: Arc::clone(&digest) });
    let input = Input { reader: reader.into(), ..input };
    let opened = open_catalogue(disk, input, &[], |_| keep)?;
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
