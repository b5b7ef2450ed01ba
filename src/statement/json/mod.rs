//! Canonical JSON (RFC 8785, JCS) for the values that Deedbook writes.
//!
//! Every type that is written lists its fields in sorted order, so that printing them as they come *is* canonical; numbers
//! are whole, from 0 to 2^53-1. Parsing prints the value again and compares bytes, which refuses duplicate and unknown
//! members, `null`, other orders, other spellings and white space at once; so it does not matter that a quick reader comes
//! before serde_json, which has the last word on what is wrong.
//! Not a general canonicaliser: a type with unsorted fields would be printed wrongly (a test compares every
//! kind with an independent canonicaliser).

mod printer;
mod reader;

use serde::{Serialize, de::DeserializeOwned};

/// The largest integer in any of our JSON: 2^53-1, exact in every JSON reader.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Why bytes are not the canonical JSON of the type that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, or not of this shape: a member is missing, unknown, twice there or of another type.
    #[error("{what}, at line {line}, column {column}")]
    Shape {
        /// What is wrong.
        what: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The right value, written another way than the canonical one.
    #[error("not in canonical form (RFC 8785) from byte {offset} on")]
    NotCanonical {
        /// The first byte that differs.
        offset: usize,
    },
    /// An integer above 2^53-1.
    #[error("an integer above 2^53-1 at byte {offset}")]
    IntegerTooLarge {
        /// Where its digits begin.
        offset: usize,
    },
}

/// Bytes that most statements have room in.
const USUAL_LEN: usize = 512;

/// The canonical bytes of `value`, without a final line feed.
///
/// # Panics
/// Never for this crate's types: they hold no float, no bytes, no map with keys that are not text.
pub fn print<T: Serialize>(value: &T) -> String {
    let mut out = Vec::with_capacity(USUAL_LEN);
    print_into(value, &mut out);
    String::from_utf8(out).expect("texts and what stands between them are UTF-8")
}

/// Appends the canonical bytes of `value` to `out`.
///
/// # Panics
/// As [`print()`].
pub fn print_into<T: Serialize>(value: &T, out: &mut Vec<u8>) {
    printer::append(value, out).expect("our types always serialise");
}

/// Reads `text`, and refuses it unless printing the value gives the same bytes.
///
/// # Errors
/// [`JsonError`] says what and where.
pub fn parse<T: Serialize + DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    let mut again = Vec::with_capacity(text.len());
    let mut is_canonical = |value: &T| {
        again.clear();
        print_into(value, &mut again);
        again == text
    };
    if let Some(value) = reader::read(text).filter(&mut is_canonical) {
        return Ok(value);
    }
    let value: T = parse_loose(text)?;
    if is_canonical(&value) {
        return Ok(value);
    }
    let same = again.iter().zip(text).take_while(|(a, b)| a == b).count();
    Err(JsonError::NotCanonical { offset: same })
}

/// Reads JSON that others wrote and that need not be canonical. Integers are bounded all the same.
///
/// # Errors
/// [`JsonError`] says what and where.
pub fn parse_loose<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    if let Some(offset) = integer_too_large(text) {
        return Err(JsonError::IntegerTooLarge { offset });
    }
    serde_json::from_slice(text).map_err(|e| {
        // serde_json ends its messages with the position, which we give apart.
        let what = e.to_string();
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        JsonError::Shape { what, line: e.line(), column: e.column() }
    })
}

/// The offset of the first run of digits outside strings that is a number above 2^53-1. Types read integers as `u64`,
/// which alone would let 2^53..2^64-1 pass.
fn integer_too_large(text: &[u8]) -> Option<usize> {
    if !has_long_number(text) {
        return None;
    }
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'"' => at = end_of_string(text, at + 1),
            b'0'..=b'9' => {
                let digits = text[at..].iter().take_while(|b| b.is_ascii_digit()).count();
                let number = std::str::from_utf8(&text[at..at + digits]).unwrap_or_default();
                if digits >= 16 && number.parse::<u64>().map_or(true, |n| n > MAX_INTEGER) {
                    return Some(at);
                }
                at += digits;
            }
            _ => at += 1,
        }
    }
    None
}

/// Whether there are as many digits in a row as such a number has, 16 at least, wherever they stand. One of so many stands
/// at every sixteenth byte.
fn has_long_number(text: &[u8]) -> bool {
    (15..text.len()).step_by(16).filter(|at| text[*at].is_ascii_digit()).any(|at| {
        let before = text[..at].iter().rev().take_while(|b| b.is_ascii_digit()).take(16).count();
        let after = text[at..].iter().take_while(|b| b.is_ascii_digit()).take(16).count();
        before + after >= 16
    })
}

fn end_of_string(text: &[u8], mut at: usize) -> usize {
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}
