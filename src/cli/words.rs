//! Words that an option may have, as help and completions show them.
//!
//! Any text is taken here: the command itself refuses what is no such word, with better advice than clap's.

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};
use std::ffi::OsStr;

/// Takes any text, and shows these.
#[derive(Clone)]
pub(crate) struct Words(Vec<&'static str>);

impl Words {
    pub fn new(words: &[&'static str]) -> Words {
        Words(words.to_vec())
    }

    /// All words of a vocabulary.
    pub fn of<T: Copy>(all: &[T], spelled: fn(T) -> &'static str) -> Words {
        Words(all.iter().map(|word| spelled(*word)).collect())
    }
}

impl TypedValueParser for Words {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(PossibleValue::new)))
    }
}
