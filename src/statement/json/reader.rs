//! A reader of canonical JSON as nearly all of it is: no white space, no escapes in texts, no negative numbers, fractions
//! or words. It reads such a value in half the time of serde_json (docs/performance.md).
//!
//! Not the judge of what is canonical, nor of what is wrong: whatever else it meets, it gives up, and its caller asks
//! serde_json. Invariant: what it reads, serde_json reads as the same value.

use super::MAX_INTEGER;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt::Display;

/// Lists and objects in each other, as many as serde_json reads.
const MAX_DEPTH: u8 = 127;

/// Reads a value. `None` says nothing of the text: it is not JSON, not of this type, or beyond this reader.
pub(super) fn read<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    let mut reader = Reader { rest: std::str::from_utf8(text).ok()?, depth: 0 };
    let value = T::deserialize(&mut reader).ok()?;
    reader.rest.is_empty().then_some(value)
}

/// The end of reading, for whatever reason.
#[derive(Debug, thiserror::Error)]
#[error("given up")]
struct GivenUp;

impl de::Error for GivenUp {
    fn custom<T: Display>(_: T) -> GivenUp {
        GivenUp
    }
}

struct Reader<'t> {
    /// What is to be read yet.
    rest: &'t str,
    /// Lists and objects under way.
    depth: u8,
}

/// A list or an object under way.
struct Items<'r, 't> {
    reader: &'r mut Reader<'t>,
    end: u8,
    is_first: bool,
}

impl<'t> Reader<'t> {
    /// Passes over an ASCII character.
    #[inline]
    fn expect(&mut self, what: u8) -> Result<(), GivenUp> {
        if self.rest.as_bytes().first() != Some(&what) {
            return Err(GivenUp);
        }
        self.rest = self.rest.get(1..).ok_or(GivenUp)?;
        Ok(())
    }

    #[inline]
    fn text(&mut self) -> Result<&'t str, GivenUp> {
        self.expect(b'"')?;
        let (text, rest) = self.rest.split_at_checked(plain_len(self.rest.as_bytes())).ok_or(GivenUp)?;
        self.rest = rest;
        self.expect(b'"').map(|()| text)
    }

    fn number(&mut self) -> Result<u64, GivenUp> {
        let len = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(len).ok_or(GivenUp)?;
        if digits.starts_with('0') && len > 1 {
            return Err(GivenUp);
        }
        self.rest = rest;
        digits.parse().ok().filter(|number| *number <= MAX_INTEGER).ok_or(GivenUp)
    }

    fn items<T>(
        &mut self,
        (begin, end): (u8, u8),
        visit: impl FnOnce(Items<'_, 't>) -> Result<T, GivenUp>,
    ) -> Result<T, GivenUp> {
        self.expect(begin)?;
        if self.depth == MAX_DEPTH {
            return Err(GivenUp);
        }
        self.depth += 1;
        let value = visit(Items { reader: self, end, is_first: true })?;
        self.depth -= 1;
        self.expect(end).map(|()| value)
    }
}

impl Items<'_, '_> {
    #[inline]
    fn has_next(&mut self) -> Result<bool, GivenUp> {
        if self.reader.rest.as_bytes().first() == Some(&self.end) {
            return Ok(false);
        }
        if !std::mem::replace(&mut self.is_first, false) {
            self.reader.expect(b',')?;
        }
        Ok(true)
    }
}

impl<'t> SeqAccess<'t> for Items<'_, 't> {
    type Error = GivenUp;

    fn next_element_seed<T: DeserializeSeed<'t>>(&mut self, seed: T) -> Result<Option<T::Value>, GivenUp> {
        if self.has_next()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'t> MapAccess<'t> for Items<'_, 't> {
    type Error = GivenUp;

    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, GivenUp> {
        if !self.has_next()? {
            return Ok(None);
        }
        let name = self.reader.text()?;
        self.reader.expect(b':')?;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, GivenUp> {
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = GivenUp;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GivenUp> {
        match self.rest.as_bytes().first() {
            Some(b'"') => visitor.visit_borrowed_str(self.text()?),
            Some(b'{') => self.items((b'{', b'}'), |members| visitor.visit_map(members)),
            Some(b'[') => self.items((b'[', b']'), |items| visitor.visit_seq(items)),
            Some(b'0'..=b'9') => visitor.visit_u64(self.number()?),
            _ => Err(GivenUp),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GivenUp> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, GivenUp> {
        visitor.visit_newtype_struct(self)
    }

    /// One of a set of words; a variant with a value is an object.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GivenUp> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.text()?))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// How many bytes stand before the first that is `"` or `\` or below U+0020.
fn plain_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\')).unwrap_or(bytes.len())
}
