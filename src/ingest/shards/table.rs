//! A Parquet table whose rows hold works: each row is one, by its path or, where it has none, its number.

use super::{Flaw, Members};
use crate::ingest::Progress;
use crate::ingest::error::{Place, Placed};
use crate::ingest::parquet::Embedded;
use std::fs::File;

/// Hands the work of every row on, with what the row says of it.
pub(super) fn read(file: &File, members: &mut Members<'_>, progress: &Progress) -> Result<(), Flaw> {
    let failed = |Placed(place, fault): Placed| match place {
        Place::Row(row) => Flaw::Shard(format!("row {row}: {fault}")),
        Place::File | Place::Line(_) | Place::At(..) => Flaw::Shard(fault.to_string()),
    };
    let mut table = Embedded::open(file.try_clone().map_err(Flaw::Read)?, &Progress::default()).map_err(failed)?;
    while let Some(rows) = table.next().map_err(failed)? {
        for mut row in rows {
            // That the run is stopped, whoever called will see.
            if progress.stopped() {
                return Ok(());
            }
            let number = row.record.line;
            let path = row.path.or_else(|| row.record.path.take().map(String::into_bytes));
            let name = path.filter(|path| !path.is_empty()).unwrap_or_else(|| number.to_string().into_bytes());
            members.said = Some(row.record);
            match row.bytes {
                Some(bytes) => {
                    progress.add(0, bytes.len() as u64);
                    members.take(&name, None, &mut bytes.data())?;
                }
                None => members.refuse(&name, "is a row without bytes")?,
            }
        }
    }
    Ok(())
}
