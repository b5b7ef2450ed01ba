//! What the rows of a batch say, as records. Needs no file: batches may be taken on any core.

use super::{Batch, Column, Kind, Typed, Values};
use crate::ingest::columns::{Field, excerpt};
use crate::ingest::error::{Fault, Place, Placed};
use crate::ingest::jsonl::SHOWN_LEN;
use crate::ingest::{MAX_RECORD_LEN, Record};
use crate::statement::Time;
use std::fmt::Write as _;
use std::ops::Range;

/// Where a column is read next.
#[derive(Clone, Default)]
pub(super) struct At {
    level: usize,
    value: usize,
}

/// The records of a batch, in the order of its rows.
pub(in crate::ingest) fn records(batch: &Batch, columns: &[Column]) -> Result<Vec<Record>, Placed> {
    let mut records = Vec::with_capacity(batch.rows);
    let mut at = vec![At::default(); columns.len()];
    let mut number = String::new();
    for row in (batch.before + 1..).take(batch.rows) {
        // There are no lines; a row's number tells as much.
        let mut record = Record { line: row, ..Record::default() };
        let mut len = 0;
        let described = columns.iter().zip(&batch.columns).zip(&mut at);
        for ((column, values), at) in described.filter(|((column, _), _)| column.field != Field::Ignore) {
            let fail = |fault| Placed(Place::Row(row), fault);
            let list = column.description.max_rep_level() > 0;
            for index in values.next_row(column, at) {
                let text = values.values.text(index, column, &mut number).map_err(fail)?;
                len += text.len();
                if len > MAX_RECORD_LEN {
                    return Err(fail(Fault::TooLong));
                }
                put(&mut record, column, text, list).map_err(fail)?;
            }
        }
        records.push(record);
    }
    Ok(records)
}

fn put(record: &mut Record, column: &Column, text: &str, list: bool) -> Result<(), Fault> {
    let put = match (text.contains('\0'), list) {
        (true, _) => Err("holds a NUL character".to_owned()),
        // What is a list already has no separators.
        (false, true) => record.put(column.field, &column.name, text),
        (false, false) => record.put_cell(column.field, &column.name, text),
    };
    put.map_err(|what| Fault::Value { field: column.name.clone(), raw: excerpt(text, SHOWN_LEN), what })
}

impl Values {
    /// Which values the next row has: none where it is null, of a list those that are not.
    pub(super) fn next_row(&self, column: &Column, at: &mut At) -> Range<usize> {
        let first = at.value;
        let there = column.description.max_def_level();
        loop {
            let is_value = there == 0 || self.definitions.get(at.level) == Some(&there);
            at.value += usize::from(is_value);
            at.level += 1;
            // A level of 0 begins the next row.
            if self.repetitions.get(at.level).is_none_or(|level| *level == 0) {
                return first..at.value;
            }
        }
    }
}

impl Typed {
    /// A value as text; `number` is where one that is no text is written.
    fn text<'a>(&'a self, index: usize, column: &Column, number: &'a mut String) -> Result<&'a str, Fault> {
        number.clear();
        // Writing to a string does not fail.
        let _ = match self {
            Typed::Text(values) => return text(values.get(index).map_or(&[], |value| value.data()), column),
            Typed::Boolean(values) => {
                return Ok(if values.get(index) == Some(&true) { "true" } else { "false" });
            }
            Typed::Int32(values) => {
                let value = values.get(index).copied().unwrap_or_default();
                match column.kind {
                    Kind::Date => return Ok(date(value, number)),
                    Kind::Unsigned => write!(number, "{}", value.cast_unsigned()),
                    Kind::Text | Kind::Integer | Kind::Boolean => write!(number, "{value}"),
                }
            }
            Typed::Int64(values) => {
                let value = values.get(index).copied().unwrap_or_default();
                match column.kind {
                    Kind::Unsigned => write!(number, "{}", value.cast_unsigned()),
                    Kind::Text | Kind::Integer | Kind::Date | Kind::Boolean => write!(number, "{value}"),
                }
            }
        };
        Ok(number)
    }
}

fn text<'a>(bytes: &'a [u8], column: &Column) -> Result<&'a str, Fault> {
    std::str::from_utf8(bytes)
        .map_err(|error| Fault::Utf8 { field: column.name.clone(), byte: error.valid_up_to() + 1 })
}

/// A day since 1970, as catalogues write it; one that no catalogue can write is left a number, which is no date.
fn date(days: i32, text: &mut String) -> &str {
    let _ = match Time::from_unix(i64::from(days) * 86_400) {
        Some(time) => write!(text, "{}", time.date()),
        None => write!(text, "{days}"),
    };
    text
}
