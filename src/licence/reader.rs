//! Strict reading of TOML and JSON: every member is accounted for, and every complaint names its field and its place.
//!
//! Not a general configuration reader. TOML and JSON become one tree, so that the same file means the same in both; a
//! TOML date stands for its text. Nesting is bounded by the parsers (80 and 128 levels), size by the caller.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Fault, FileError, Position};
use crate::statement::Set;
use crate::statement::json::MAX_INTEGER;
use crate::statement::limit::MAX_TEXT_LEN;

/// A value and where it begins.
struct Node {
    offset: Option<usize>,
    value: Value,
}

enum Value {
    Text(String),
    Whole(u64),
    List(Vec<Node>),
    Table(Vec<Member>),
    /// Something that no field of ours is, by its name.
    Other(&'static str),
}

struct Member {
    name: String,
    offset: Option<usize>,
    node: Node,
}

/// Where a value stands: what an error says.
#[derive(Clone)]
pub(super) struct Place<'a> {
    source: &'a str,
    field: String,
    offset: Option<usize>,
}

/// A value that is being read.
pub(super) struct Item<'a> {
    pub(super) place: Place<'a>,
    value: Value,
}

/// A table with a fixed set of members.
pub(super) struct Members<'a> {
    pub(super) place: Place<'a>,
    members: Vec<Member>,
}

/// Reads a TOML file.
pub(super) fn toml(bytes: &[u8], most: usize) -> Result<Item<'_>, FileError> {
    let source = text(bytes, most)?;
    let table = DeTable::parse(source).map_err(|e| FileError {
        at: e.span().map(|span| position(source, span.start)),
        field: String::new(),
        fault: Fault::Syntax { format: "TOML", what: e.message().to_owned() },
    })?;
    Ok(Item::root(source, from_toml(DeValue::Table(table.into_inner()))))
}

/// Reads a JSON file.
pub(super) fn json(bytes: &[u8], most: usize) -> Result<Item<'_>, FileError> {
    let source = text(bytes, most)?;
    let node: Node = serde_json::from_str(source).map_err(|e| {
        // serde_json ends its messages with the position, which we give apart.
        let what = e.to_string().split(" at line ").next().unwrap_or_default().to_owned();
        let at = Some(Position { line: e.line(), column: e.column() });
        FileError { at, field: String::new(), fault: Fault::Syntax { format: "JSON", what } }
    })?;
    Ok(Item::root(source, node.value))
}

fn text(bytes: &[u8], most: usize) -> Result<&str, FileError> {
    let whole = |fault| FileError { at: None, field: String::new(), fault };
    if bytes.len() > most {
        return Err(whole(Fault::TooLong { len: bytes.len(), most }));
    }
    std::str::from_utf8(bytes).map_err(|_| whole(Fault::NotUtf8))
}

impl<'a> Place<'a> {
    /// The error that this is wrong here.
    pub(super) fn fail(&self, fault: Fault) -> FileError {
        FileError { at: self.offset.map(|o| position(self.source, o)), field: self.field.clone(), fault }
    }

    fn member(&self, name: &str, offset: Option<usize>) -> Place<'a> {
        let field = if self.field.is_empty() { name.to_owned() } else { format!("{}.{name}", self.field) };
        Place { source: self.source, field, offset }
    }
}

impl<'a> Item<'a> {
    fn root(source: &'a str, value: Value) -> Item<'a> {
        Item { place: Place { source, field: String::new(), offset: None }, value }
    }

    fn mistyped(&self, expected: &'static str) -> FileError {
        let found = match &self.value {
            Value::Text(_) => "a text",
            Value::Whole(_) => "a number",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other(name) => name,
        };
        self.place.fail(Fault::Type { found, expected })
    }

    /// A table with no other members than `known`.
    pub(super) fn members(self, known: &[&'static str]) -> Result<Members<'a>, FileError> {
        let Value::Table(members) = self.value else {
            return Err(self.mistyped("a table"));
        };
        if let Some(m) = members.iter().find(|m| !known.contains(&m.name.as_str())) {
            let fault = Fault::UnknownMember { near: nearest(&m.name, known), known: known.to_vec() };
            return Err(self.place.member(&m.name, m.offset).fail(fault));
        }
        Ok(Members { place: self.place, members })
    }

    /// A table with members of any name.
    pub(super) fn entries(self) -> Result<Vec<(String, Item<'a>)>, FileError> {
        let Value::Table(members) = self.value else {
            return Err(self.mistyped("a table"));
        };
        let item = |m: Member| {
            let place = self.place.member(&m.name, m.offset);
            (m.name, Item { place, value: m.node.value })
        };
        Ok(members.into_iter().map(item).collect())
    }

    /// A text, not empty and not longer than any text of a statement.
    pub(super) fn text(self) -> Result<String, FileError> {
        match self.value {
            Value::Text(text) if text.is_empty() => Err(self.place.fail(Fault::Empty)),
            Value::Text(text) if text.len() > MAX_TEXT_LEN => {
                Err(self.place.fail(Fault::TooLong { len: text.len(), most: MAX_TEXT_LEN }))
            }
            Value::Text(text) => Ok(text),
            _ => Err(self.mistyped("a text")),
        }
    }

    /// A text that `parse` accepts.
    pub(super) fn parse<T, E: Display>(self, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, FileError> {
        let place = self.place.clone();
        let text = self.text()?;
        parse(&text).map_err(|e| place.fail(Fault::Text { text, why: e.to_string() }))
    }

    /// A word of a vocabulary.
    pub(super) fn word<T: Copy>(self, all: &[T], spelling: fn(T) -> &'static str) -> Result<T, FileError> {
        let place = self.place.clone();
        let word = self.text()?;
        all.iter().copied().find(|w| spelling(*w) == word).ok_or_else(|| {
            let known: Vec<&'static str> = all.iter().map(|w| spelling(*w)).collect();
            place.fail(Fault::UnknownWord { near: nearest(&word, &known), word, known })
        })
    }

    /// A whole number from 1 to 2^53-1, the largest that a statement holds.
    pub(super) fn count(self) -> Result<u64, FileError> {
        match self.value {
            Value::Whole(n) if (1..=MAX_INTEGER).contains(&n) => Ok(n),
            Value::Whole(_) => Err(self.place.fail(Fault::Range)),
            _ => Err(self.mistyped("a whole number")),
        }
    }

    /// A list with at least one item and at most `most`.
    pub(super) fn list(self, most: usize) -> Result<Vec<Item<'a>>, FileError> {
        let Value::List(nodes) = self.value else {
            return Err(self.mistyped("a list"));
        };
        match nodes.len() {
            0 => return Err(self.place.fail(Fault::Empty)),
            count if count > most => return Err(self.place.fail(Fault::TooMany { count, most })),
            _ => {}
        }
        let item = |(i, node): (usize, Node)| {
            let field = format!("{}[{i}]", self.place.field);
            Item { place: Place { source: self.place.source, field, offset: node.offset }, value: node.value }
        };
        Ok(nodes.into_iter().enumerate().map(item).collect())
    }

    /// A list without repetition, in its own order.
    pub(super) fn distinct<T: Ord + Clone>(
        self,
        most: usize,
        read: impl Fn(Item<'a>) -> Result<T, FileError>,
    ) -> Result<Vec<T>, FileError> {
        let mut seen = BTreeSet::new();
        let item = |item: Item<'a>| {
            let place = item.place.clone();
            let value = read(item)?;
            if seen.insert(value.clone()) { Ok(value) } else { Err(place.fail(Fault::Repeated)) }
        };
        self.list(most)?.into_iter().map(item).collect()
    }

    /// A list without repetition, sorted.
    pub(super) fn set<T: Ord + Clone>(
        self,
        most: usize,
        read: impl Fn(Item<'a>) -> Result<T, FileError>,
    ) -> Result<Set<T>, FileError> {
        Ok(self.distinct(most, read)?.into())
    }

    /// A list of words of a vocabulary.
    pub(super) fn words<T: Copy + Ord>(self, all: &[T], spelling: fn(T) -> &'static str) -> Result<Set<T>, FileError> {
        self.set(all.len(), |item| item.word(all, spelling))
    }
}

impl<'a> Members<'a> {
    /// Where a member stands, there or not.
    pub(super) fn place_of(&self, name: &str) -> Place<'a> {
        let member = self.members.iter().find(|m| m.name == name);
        self.place.member(name, member.map_or(self.place.offset, |m| m.node.offset))
    }

    /// A member that may be absent.
    pub(super) fn optional(&mut self, name: &str) -> Option<Item<'a>> {
        let place = self.place_of(name);
        let at = self.members.iter().position(|m| m.name == name)?;
        Some(Item { place, value: self.members.swap_remove(at).node.value })
    }

    /// A member that must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<Item<'a>, FileError> {
        let missing = self.place_of(name);
        self.optional(name).ok_or_else(|| missing.fail(Fault::Missing))
    }
}

/// The known word within one edit of this one, or two where it is long: a misspelling, not another word.
fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let close = known.iter().map(|k| (edits(word, k), *k)).filter(|(n, k)| *n <= if k.len() < 6 { 1 } else { 2 });
    close.min_by_key(|(n, _)| *n).map(|(_, k)| k)
}

/// Insertions, deletions and replacements from one word to the other; words of very different lengths are not compared.
fn edits(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

fn position(source: &str, offset: usize) -> Position {
    let before = source.get(..offset).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

fn from_toml(value: DeValue) -> Value {
    let node = |v: Spanned<DeValue>| Node { offset: Some(v.span().start), value: from_toml(v.into_inner()) };
    match value {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(n) => {
            u64::from_str_radix(n.as_str(), n.radix()).map_or(Value::Other("a number out of range"), Value::Whole)
        }
        DeValue::Float(_) => Value::Other("a number with a fraction"),
        DeValue::Boolean(_) => Value::Other("true or false"),
        DeValue::Datetime(date) => Value::Text(date.to_string()),
        DeValue::Array(items) => Value::List(items.into_iter().map(node).collect()),
        DeValue::Table(table) => Value::Table(
            table
                .into_iter()
                .map(|(name, value)| {
                    let Range { start, .. } = name.span();
                    Member { name: name.into_inner().into_owned(), offset: Some(start), node: node(value) }
                })
                .collect(),
        ),
    }
}

/// JSON values, without a place; a member that is there twice is refused.
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Node, D::Error> {
        struct AnyValue;
        impl<'de> Visitor<'de> for AnyValue {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a JSON value")
            }
            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
                Ok(Value::Whole(n))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
                Ok(Value::Other("a number out of range"))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
                Ok(Value::Other("a number with a fraction"))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
                Ok(Value::Other("true or false"))
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Other("null"))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(node) = items.next_element()? {
                    list.push(node);
                }
                Ok(Value::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut table: Vec<Member> = Vec::new();
                let mut names = BTreeSet::new();
                while let Some((name, node)) = entries.next_entry::<String, Node>()? {
                    if !names.insert(name.clone()) {
                        return Err(de::Error::custom(format_args!("member {name:?} is there twice")));
                    }
                    table.push(Member { name, offset: None, node });
                }
                Ok(Value::Table(table))
            }
        }
        Ok(Node { offset: None, value: d.deserialize_any(AnyValue)? })
    }
}
