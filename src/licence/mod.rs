//! What a licence says, in terms that the judge understands: raw spellings to SPDX, the rules for open licences, and
//! terms as people write them.
//!
//! Sections "Grant" and "Open licences" of the domain. Nothing here decides about a work: [`Rules`] *prepares* the
//! terms that an open licence has by itself and says which cells a person must look at; whether terms cover a need is
//! for [`cover`](crate::statement::terms::cover) to say. No guessing: a text that is not a Creative Commons URL, an SPDX
//! expression or a reference is unknown, and what is unknown is held. No files are read here, only bytes.
//!
//! Reading order: `creative_commons`, `debian` and `expression` (raw text to an SPDX expression), `choices` (what an expression
//! leaves to the licensee), `rules` (an expression to terms), `terms_file` (a contract to terms), then `reader` (strict
//! TOML and JSON) and `error` under both. SPDX data lives in the first five, TOML in `reader`.

mod choices;
mod creative_commons;
mod debian;
mod error;
mod expression;
mod reader;
mod rules;
mod terms_file;
mod territory;

pub use choices::MAX_LICENCES_OF_EXPRESSION;
pub use creative_commons::{CreativeCommons, Elements};
pub use error::{Fault, FileError, Position};
pub use expression::{Understood, understand};
pub use rules::{Decision, Flag, MAX_RULES_LEN, RuleDecision, Rules};
pub use terms_file::{FileSubject, Format, MAX_TERMS_LEN, MAX_WORKS, TermsFile, read_terms};

use crate::statement::vocabulary::Territory;

/// Reads a country that is in use, or `worldwide`.
///
/// # Errors
/// Why it is none, with the one that was meant where that is plain.
pub fn territory(text: &str) -> Result<Territory, String> {
    territory::parse(text)
}
