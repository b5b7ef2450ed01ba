//! An SQLite table with a digest column: what is at hand when nobody asks for a proof.
//!
//! Rollback journal and full syncing, which are SQLite's defaults (WAL off). Both identifiers are unique, so that a
//! duplicate is refused. There is no tree: the root is a digest over all digests in order, and a row is checked against
//! its own digest alone.

use super::{ABSENT, base64, must};
use crate::Outcome;
use crate::entries::Entry;
use rusqlite::{Connection, OptionalExtension, Statement, params};
use sha2::{Digest, Sha256};
use std::path::Path;

/// When rows become durable.
#[derive(Clone, Copy)]
pub enum Commit {
    /// One transaction for all.
    Once,
    /// One transaction for each row.
    EachWork,
}

const TABLE: &str = "CREATE TABLE works (
    number INTEGER PRIMARY KEY,
    first TEXT NOT NULL UNIQUE,
    second TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL,
    entry BLOB NOT NULL
)";

/// The version of SQLite itself.
pub fn version() -> String {
    rusqlite::version().to_owned()
}

/// Inserts every work, digests the column, checks the row asked, and asks for a duplicate and an absent one.
pub fn run(entries: &[Entry<'_>], asked: usize, folder: &Path, commit: Commit) -> Outcome<String> {
    let mut table = Connection::open(folder.join("works.sqlite"))?;
    let mode: String = table.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let sync: i64 = table.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    must(mode == "delete" && sync == 2, "SQLite: other defaults than a rollback journal and full syncing")?;
    table.execute(TABLE, [])?;
    let works = || entries.iter().filter(|entry| entry.is_work());
    match commit {
        Commit::Once => {
            let all = table.transaction()?;
            let mut insert = all.prepare(INSERT)?;
            works().try_for_each(|work| add(&mut insert, work).map(drop))?;
            drop(insert);
            all.commit()?;
        }
        Commit::EachWork => {
            let mut insert = table.prepare(INSERT)?;
            works().try_for_each(|work| add(&mut insert, work).map(drop))?;
        }
    }
    let root = digest_of_digests(&table)?;

    let entry = &entries[asked];
    let (digest, kept): (Vec<u8>, Vec<u8>) =
        table.query_row("SELECT digest, entry FROM works WHERE second = ?1", [entry.second], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    must(Sha256::digest(&kept).as_slice() == digest, "SQLite: a row is not what its digest says")?;
    must(add(&mut table.prepare(INSERT)?, entry)? == 0, "SQLite: a duplicate was inserted")?;
    let absent = table.query_row("SELECT 1 FROM works WHERE second = ?1", [ABSENT], |_| Ok(())).optional()?;
    must(absent.is_none(), "SQLite: an absent work was found")?;
    Ok(base64(&root))
}

const INSERT: &str = "INSERT INTO works (first, second, digest, entry) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";

/// How many rows were added: none where either identifier is there already.
fn add(insert: &mut Statement<'_>, work: &Entry<'_>) -> rusqlite::Result<usize> {
    insert.execute(params![work.first, work.second, Sha256::digest(work.bytes).as_slice(), work.bytes])
}

fn digest_of_digests(table: &Connection) -> Outcome<Vec<u8>> {
    let mut all = Sha256::new();
    let mut column = table.prepare("SELECT digest FROM works ORDER BY number")?;
    let mut rows = column.query([])?;
    while let Some(row) = rows.next()? {
        all.update(row.get_ref(0)?.as_blob()?);
    }
    Ok(all.finalize().to_vec())
}
