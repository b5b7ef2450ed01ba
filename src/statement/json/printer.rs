//! The printer of canonical JSON: appends a value to a buffer as RFC 8785 writes it, member by member as they come.
//!
//! Our types have their members in sorted order (a test holds every kind against an independent canonicaliser), so
//! nothing is sorted here. Numbers are whole; a float is an error, as its canonical spelling is another matter. It does
//! what serde_json does in half the time (docs/performance.md): a text is looked over for escapes at once, not byte by byte.
//! Source: RFC 8785, section 3.2.2.

use serde::ser::{self, Serialize};
use std::fmt::Display;

/// Appends `value` to `out`.
///
/// # Errors
/// The value has what this JSON has no form for: a float, bytes, a key that is not text.
pub(super) fn append<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), Unprintable> {
    value.serialize(Printer(out))
}

/// What cannot be printed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unprintable(String);

impl Unprintable {
    fn a(what: &str) -> Unprintable {
        Unprintable(format!("a {what}"))
    }
}

impl ser::Error for Unprintable {
    fn custom<T: Display>(what: T) -> Unprintable {
        Unprintable(what.to_string())
    }
}

struct Printer<'o>(&'o mut Vec<u8>);

/// A list or an object under way.
struct Items<'o> {
    out: &'o mut Vec<u8>,
    /// What stands before the next item: `[` or `{`, then `,`.
    before: u8,
    after_all: u8,
}

impl<'o> Items<'o> {
    fn list(out: &'o mut Vec<u8>) -> Items<'o> {
        Items { out, before: b'[', after_all: b']' }
    }

    fn object(out: &'o mut Vec<u8>) -> Items<'o> {
        Items { out, before: b'{', after_all: b'}' }
    }

    #[inline]
    fn begin_next(&mut self) {
        self.out.push(self.before);
        self.before = b',';
    }

    /// A member whose name needs no escapes.
    #[inline]
    fn member<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unprintable> {
        self.out.extend_from_slice(&[self.before, b'"']);
        self.before = b',';
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        append(value, self.out)
    }

    fn finish(mut self) -> Result<(), Unprintable> {
        if self.before != b',' {
            self.begin_next();
        }
        self.out.push(self.after_all);
        Ok(())
    }
}

/// An item of a list that is refused.
type Never = ser::Impossible<(), Unprintable>;

impl<'o> ser::Serializer for Printer<'o> {
    type Ok = ();
    type Error = Unprintable;
    type SerializeSeq = Items<'o>;
    type SerializeTuple = Items<'o>;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Items<'o>;
    type SerializeStruct = Items<'o>;
    type SerializeStructVariant = Never;

    fn serialize_bool(self, v: bool) -> Result<(), Unprintable> {
        self.word(if v { "true" } else { "false" })
    }

    fn serialize_i8(self, v: i8) -> Result<(), Unprintable> {
        self.serialize_i64(v.into())
    }

    fn serialize_i16(self, v: i16) -> Result<(), Unprintable> {
        self.serialize_i64(v.into())
    }

    fn serialize_i32(self, v: i32) -> Result<(), Unprintable> {
        self.serialize_i64(v.into())
    }

    fn serialize_i64(self, v: i64) -> Result<(), Unprintable> {
        if v < 0 {
            self.0.push(b'-');
        }
        self.serialize_u64(v.unsigned_abs())
    }

    fn serialize_u8(self, v: u8) -> Result<(), Unprintable> {
        self.serialize_u64(v.into())
    }

    fn serialize_u16(self, v: u16) -> Result<(), Unprintable> {
        self.serialize_u64(v.into())
    }

    fn serialize_u32(self, v: u32) -> Result<(), Unprintable> {
        self.serialize_u64(v.into())
    }

    fn serialize_u64(self, mut v: u64) -> Result<(), Unprintable> {
        // u64::MAX has 20 digits.
        let (mut digits, mut from) = ([0; 20], 20);
        loop {
            from -= 1;
            digits[from] = b'0' + (v % 10) as u8;
            v /= 10;
            if v == 0 {
                self.0.extend_from_slice(&digits[from..]);
                return Ok(());
            }
        }
    }

    fn serialize_f32(self, _: f32) -> Result<(), Unprintable> {
        Err(Unprintable::a("float"))
    }

    fn serialize_f64(self, _: f64) -> Result<(), Unprintable> {
        Err(Unprintable::a("float"))
    }

    fn serialize_char(self, v: char) -> Result<(), Unprintable> {
        self.serialize_str(v.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, v: &str) -> Result<(), Unprintable> {
        self.0.push(b'"');
        put_text(v.as_bytes(), self.0);
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unprintable> {
        Err(Unprintable::a("string of bytes"))
    }

    fn serialize_none(self) -> Result<(), Unprintable> {
        self.word("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unprintable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unprintable> {
        self.word("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unprintable> {
        self.word("null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Unprintable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unprintable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unprintable> {
        let mut object = Items::object(self.0);
        object.member(variant, value)?;
        object.finish()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'o>, Unprintable> {
        Ok(Items::list(self.0))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'o>, Unprintable> {
        Ok(Items::list(self.0))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Never, Unprintable> {
        Err(Unprintable::a("struct without names"))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Never, Unprintable> {
        Err(Unprintable::a("variant with members"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Items<'o>, Unprintable> {
        Ok(Items::object(self.0))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Items<'o>, Unprintable> {
        Ok(Items::object(self.0))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never, Unprintable> {
        Err(Unprintable::a("variant with members"))
    }
}

impl Printer<'_> {
    fn word(self, word: &str) -> Result<(), Unprintable> {
        self.0.extend_from_slice(word.as_bytes());
        Ok(())
    }
}

impl ser::SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unprintable> {
        self.begin_next();
        append(value, self.out)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.finish()
    }
}

impl ser::SerializeTuple for Items<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unprintable> {
        self.begin_next();
        append(value, self.out)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.finish()
    }
}

impl ser::SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unprintable> {
        self.begin_next();
        let start = self.out.len();
        append(key, self.out)?;
        if self.out.get(start) == Some(&b'"') { Ok(()) } else { Err(Unprintable::a("key that is not text")) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unprintable> {
        self.out.push(b':');
        append(value, self.out)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.finish()
    }
}

impl ser::SerializeStruct for Items<'_> {
    type Ok = ();
    type Error = Unprintable;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unprintable> {
        self.member(name, value)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.finish()
    }
}

/// Appends a text without its quotes: `"`, `\` and what is below U+0020 escaped, in the short form where there is one.
fn put_text(text: &[u8], out: &mut Vec<u8>) {
    let escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    // Without a way out of it, this goes over many bytes at a time.
    if !text.iter().fold(false, |any, byte| any | escaped(*byte)) {
        return out.extend_from_slice(text);
    }
    for byte in text {
        let short = match byte {
            b'"' | b'\\' => *byte,
            0x08 => b'b',
            0x09 => b't',
            0x0a => b'n',
            0x0c => b'f',
            0x0d => b'r',
            0x00..0x20 => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
                continue;
            }
            _ => {
                out.push(*byte);
                continue;
            }
        };
        out.extend([b'\\', short]);
    }
}
