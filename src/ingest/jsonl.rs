//! JSON lines: one object a line, one object a record; members are named as columns are. And one document with a list of
//! such objects, `results`: a response of Jamendo's API (version 3).
//!
//! Unlike CSV there is no header: columns become known as members appear, so that what only a whole file can tell (a
//! mapped column that is nowhere) is told at its end. Invariant: memory is bounded by one line, or
//! by the longest response.

use super::MAX_RECORD_LEN;
use super::columns::{Columns, Field, excerpt};
use super::error::{Fault, Place, Placed};
use super::record::Record;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind, Read};

/// How much of a wrong value an error shows, in bytes.
pub(super) const SHOWN_LEN: usize = 80;

/// Bytes of a response. One has at most 200 tracks, of some two kilobytes each.
pub const MAX_RESPONSE_LEN: u64 = 16 << 20;

/// Lines of a JSONL file, and what its members are.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: BufReader<R>,
    text: Vec<u8>,
    line: u64,
    /// The field of every member met, and the line that last had it.
    members: HashMap<String, (Field, u64)>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Lines<R> {
        Lines { input: BufReader::with_capacity(1 << 16, input), text: Vec::new(), line: 0, members: HashMap::new() }
    }

    /// The next record; `None` at the end.
    pub(super) fn next(&mut self, columns: &mut Columns) -> Result<Option<Record>, Placed> {
        while self.read_line()? {
            let text = std::str::from_utf8(&self.text).map_err(|e| {
                let (field, byte) = ("the line".to_owned(), e.valid_up_to() + 1);
                Placed(Place::Line(self.line), Fault::Utf8 { field, byte })
            })?;
            let text = if self.line == 1 { text.trim_start_matches('\u{feff}') } else { text };
            if text.trim().is_empty() {
                continue;
            }
            let mut record = Record { line: self.line, ..Record::default() };
            let mut fault = None;
            let object = Object { columns, members: &mut self.members, record: &mut record, fault: &mut fault };
            let mut json = serde_json::Deserializer::from_str(text);
            let read = json.deserialize_map(object).and_then(|()| json.end());
            return match (read, fault) {
                (_, Some(fault)) => Err(Placed(Place::Line(self.line), fault)),
                (Err(e), None) => Err(unreadable(self.line, text, &e)),
                (Ok(()), None) => Ok(Some(record)),
            };
        }
        if columns.names().is_empty() {
            return Err(Fault::Empty.into());
        }
        columns.finish()?;
        Ok(None)
    }

    /// Reads a line into `text`, without reading much more than a record may have; `false` at the end.
    fn read_line(&mut self) -> Result<bool, Placed> {
        self.text.clear();
        self.line += 1;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(Fault::Read(e).into()),
            };
            let end = chunk.iter().position(|b| *b == b'\n');
            self.text.extend_from_slice(&chunk[..end.unwrap_or(chunk.len())]);
            let (taken, ended) = (end.map_or(chunk.len(), |end| end + 1), chunk.is_empty());
            self.input.consume(taken);
            if self.text.len() > MAX_RECORD_LEN {
                return Err(Placed(Place::At(self.line, 1), Fault::TooLong));
            }
            if end.is_some() || ended {
                return Ok(end.is_some() || !self.text.is_empty());
            }
        }
    }
}

/// The records of a response.
pub(super) fn response<R: Read>(input: R, columns: &mut Columns) -> Result<Vec<Record>, Placed> {
    let mut bytes = Vec::new();
    input.take(MAX_RESPONSE_LEN + 1).read_to_end(&mut bytes).map_err(Fault::Read)?;
    if bytes.len() as u64 > MAX_RESPONSE_LEN {
        return Err(Fault::FileTooLong { most: MAX_RESPONSE_LEN }.into());
    }
    columns.of_jamendo();
    let mut fault = None;
    let results = Results { columns, fault: &mut fault };
    let mut json = serde_json::Deserializer::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    let read = json.deserialize_map(results).and_then(|records| json.end().map(|()| records));
    match (read, fault) {
        (_, Some(fault)) => Err(fault.into()),
        (Err(error), None) => {
            let (line, column) = (error.line().max(1) as u64, error.column().max(1) as u64);
            Err(Placed(Place::At(line, column), Fault::Json(words(&error))))
        }
        (Ok(None), None) => Err(Fault::NoResults.into()),
        (Ok(Some(records)), None) => {
            if !records.is_empty() {
                columns.finish()?;
            }
            Ok(records)
        }
    }
}

/// Reads a response, or the list in it.
struct Results<'a> {
    columns: &'a mut Columns,
    fault: &'a mut Option<Fault>,
}

impl<'de> Visitor<'de> for Results<'_> {
    type Value = Option<Vec<Record>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a response with a list of results")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Results { columns, fault } = self;
        let mut records = None;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "results" if records.is_some() => {
                    return Err(A::Error::custom("member \"results\" stands there twice"));
                }
                "results" => records = map.next_value_seed(Results { columns, fault })?,
                _ => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(records)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let Results { columns, fault } = self;
        let (mut records, mut members) = (Vec::new(), HashMap::new());
        loop {
            // The place of a result takes that of a line while it is read; there is no line to tell of.
            let mut record = Record { line: records.len() as u64 + 1, ..Record::default() };
            let one = OneResult(Object { columns, members: &mut members, record: &mut record, fault });
            if list.next_element_seed(one)?.is_none() {
                return Ok(Some(records));
            }
            records.push(Record { line: 0, ..record });
        }
    }
}

impl<'de> DeserializeSeed<'de> for Results<'_> {
    type Value = Option<Vec<Record>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

/// One object of the list.
struct OneResult<'a>(Object<'a>);

impl<'de> DeserializeSeed<'de> for OneResult<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self.0)
    }
}

/// What serde_json says, without the position that it ends with.
fn words(error: &serde_json::Error) -> String {
    let what = error.to_string();
    what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what).to_owned()
}

/// serde_json's error, whose message ends with a position that counts bytes of this line.
fn unreadable(line: u64, text: &str, error: &serde_json::Error) -> Placed {
    let what = words(error);
    let column = text.bytes().take(error.column()).filter(|b| b & 0xc0 != 0x80).count().max(1);
    Placed(Place::At(line, column as u64), Fault::Json(what))
}

/// Reads one line's object into a record. What JSON knows nothing of goes to `fault`.
struct Object<'a> {
    columns: &'a mut Columns,
    members: &'a mut HashMap<String, (Field, u64)>,
    record: &'a mut Record,
    fault: &'a mut Option<Fault>,
}

impl Object<'_> {
    /// The field of a member, unless this line has had it already.
    fn field(&mut self, name: &str) -> Result<Option<Field>, Fault> {
        let line = self.record.line;
        if let Some((field, last)) = self.members.get_mut(name) {
            return Ok((std::mem::replace(last, line) != line).then_some(*field));
        }
        let field = self.columns.add(name)?;
        self.members.insert(name.to_owned(), (field, line));
        Ok(Some(field))
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let field = self.field(&name).map_err(|fault| {
                *self.fault = Some(fault);
                A::Error::custom("")
            })?;
            match field {
                None => return Err(A::Error::custom(format_args!("member {name:?} stands there twice"))),
                Some(Field::Ignore) => map.next_value::<IgnoredAny>().map(|_| ())?,
                Some(field) => {
                    let (record, fault) = (&mut *self.record, &mut *self.fault);
                    map.next_value_seed(Value { field, name: &name, in_list: false, record, fault })?;
                }
            }
        }
        Ok(())
    }
}

/// Reads one member's value.
struct Value<'a> {
    field: Field,
    name: &'a str,
    in_list: bool,
    record: &'a mut Record,
    fault: &'a mut Option<Fault>,
}

impl Value<'_> {
    fn put<E: Error>(self, text: &str) -> Result<(), E> {
        let put = match (text.contains('\0'), self.in_list) {
            (true, _) => Err("holds a NUL character".to_owned()),
            (false, true) => self.record.put(self.field, self.name, text),
            (false, false) => self.record.put_cell(self.field, self.name, text),
        };
        put.map_err(|what| {
            let (field, raw) = (self.name.to_owned(), excerpt(text, SHOWN_LEN));
            *self.fault = Some(Fault::Value { field, raw, what });
            E::custom("")
        })
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = if self.in_list || !self.field.holds_many() { "" } else { " or a list of them" };
        write!(f, "text or a whole number{list} as {:?}", excerpt(self.name, SHOWN_LEN))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(text)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.put(&number.to_string())
    }

    fn visit_bool<E: Error>(self, is: bool) -> Result<(), E> {
        match self.field {
            Field::Download => self.put(if is { "true" } else { "false" }),
            _ => Err(E::invalid_type(Unexpected::Bool(is), &self)),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.in_list || !self.field.holds_many() {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let Value { field, name, record, fault, .. } = self;
        loop {
            let (record, fault) = (&mut *record, &mut *fault);
            if list.next_element_seed(Value { field, name, in_list: true, record, fault })?.is_none() {
                return Ok(());
            }
        }
    }
}
