//! `--report` of `check` and `verify`, one line for each work asked, in the order asked; of `coverage`, one for each
//! admission, in the order of the log.
//!
//! As JSON lines, whose schema is the contract (docs/formats/report.md); or as a table for a person and a spreadsheet,
//! with the same members as columns, the values of a list between `; `.
//!
//! Invariant: the table begins with a byte order mark, without which spreadsheets do not take it for UTF-8, and no cell
//! of it begins as a formula does: titles are somebody else's.

use super::{coverage, grouped, plain, wrapped};
use crate::ledger::candidate::Place;
use crate::ledger::check::Answer;
use crate::ledger::source::Presence;
use crate::statement::json;
use crate::statement::terms::Standing;
use crate::statement::vocabulary::Code;
use crate::statement::{Identifier, Name};
use crate::verify::Verdict;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};

/// The columns of the table of `check`.
pub const CHECKED: [&str; 9] = ["source", "line", "path", "title", "identifiers", "answer", "by", "entries", "why"];

/// The columns of the table of `verify`.
pub const VERIFIED: [&str; 13] = [
    "source",
    "line",
    "path",
    "title",
    "identifiers",
    "answer",
    "by",
    "entries",
    "verdict",
    "standing",
    "grants",
    "codes",
    "why",
];

/// Works that could not be asked and that the text shows; the report has all.
const MAX_EXAMPLES: usize = 5;

/// The verified answer about one work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Line<'a> {
    /// `present`, `absent` or `invalid`.
    pub answer: Presence,
    /// The identifiers that the release has.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub by: &'a [Identifier],
    /// Why a layer that the dataset requires is not covered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
    /// Log indices of its admissions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<u64>,
    /// The grants that the answer rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<&'a Name>,
    /// The identifiers asked.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub identifiers: &'a [Identifier],
    /// Where it stands in the source.
    #[serde(flatten)]
    pub place: Place,
    /// The source, as it was named; empty where none was.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub source: &'a str,
    /// The lowest standing of its grants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Title, as the source has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    /// What is established; nothing where nothing could be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub why: &'a [String],
}

/// How the lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON lines.
    Lines,
    /// A table for a spreadsheet.
    Table,
}

/// Where the lines go.
pub enum Answers<W: Write> {
    /// JSON lines.
    Lines(W),
    /// A table.
    Table(Box<csv::Writer<W>>),
}

impl Form {
    /// The form that a file's name asks for: a table if it ends in `.csv`.
    pub fn of(file: &str) -> Form {
        let ending = file.rsplit_once('.').map(|(_, ending)| ending);
        if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) { Form::Table } else { Form::Lines }
    }
}

impl<W: Write> Answers<W> {
    /// Begins; a table has these columns.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn new(mut out: W, form: Form, columns: &[&str]) -> io::Result<Answers<W>> {
        if form == Form::Lines {
            return Ok(Answers::Lines(out));
        }
        out.write_all("\u{feff}".as_bytes())?;
        let mut table = csv::Writer::from_writer(out);
        table.write_record(columns)?;
        Ok(Answers::Table(Box::new(table)))
    }

    /// Writes an answer of `check`.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn checked(&mut self, answer: &Answer) -> io::Result<()> {
        self.write(answer, || {
            let title = answer.title.as_deref();
            let row = [
                origin(&answer.source, &answer.place, title, &answer.identifiers),
                vec![
                    answer.answer.word().to_owned(),
                    joined(&answer.by),
                    joined(&answer.entries),
                    answer.why.join("; "),
                ],
            ];
            row.concat()
        })
    }

    /// Writes an answer of `verify`.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn verified(&mut self, answer: &Line<'_>) -> io::Result<()> {
        self.write(answer, || {
            let found = [answer.answer.word().to_owned(), joined(answer.by), joined(&answer.entries)];
            let judged = [
                answer.verdict.map_or("", Verdict::word).to_owned(),
                answer.standing.map_or("", Standing::word).to_owned(),
                joined(&answer.grants),
                joined(&answer.codes),
                answer.why.join("; "),
            ];
            [&origin(answer.source, &answer.place, answer.title, answer.identifiers)[..], &found, &judged].concat()
        })
    }

    /// Writes what `coverage` found about an admission.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn covered(&mut self, line: &coverage::Line<'_>) -> io::Result<()> {
        self.write(line, || {
            vec![
                line.release.to_owned(),
                line.entry.to_string(),
                line.work.to_string(),
                line.title.unwrap_or_default().to_owned(),
                joined(line.identifiers),
                line.verdict.word().to_owned(),
                joined(&line.codes),
                joined(&line.grants.iter().map(|(layer, grant)| format!("{layer}: {grant}")).collect::<Vec<_>>()),
                (if line.withdrawn { "yes" } else { "" }).to_owned(),
            ]
        })
    }

    /// Writes a line, or a row of these cells.
    fn write(&mut self, line: &impl Serialize, cells: impl FnOnce() -> Vec<String>) -> io::Result<()> {
        match self {
            Answers::Lines(out) => writeln!(out, "{}", json::print(line)),
            Answers::Table(table) => Ok(table.write_record(cells().iter().map(|cell| harmless(cell).into_owned()))?),
        }
    }

    /// Writes what is left, and gives back what it wrote to.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Answers::Lines(out) => Ok(out),
            Answers::Table(table) => table.into_inner().map_err(csv::IntoInnerError::into_error),
        }
    }
}

/// Works without an answer: how many, and the first of them.
#[derive(Debug, Default)]
pub struct Unanswered {
    count: u64,
    examples: Vec<String>,
}

impl Unanswered {
    /// Adds a work of a source.
    pub fn add(&mut self, source: &str, place: &Place, why: &[String]) {
        self.count += 1;
        if self.examples.len() < MAX_EXAMPLES {
            self.examples.push(wrapped(&format!("    {}  ", plain(&place.within(source))), &plain(&why.join("; "))));
        }
    }

    /// Adds an answer of `check`, if it is none.
    pub fn see(&mut self, answer: &Answer) {
        match answer.answer {
            Presence::Invalid => self.add(&answer.source, &answer.place, &answer.why),
            Presence::Present | Presence::Absent => {}
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first of them.
    pub fn examples(&self) -> &[String] {
        &self.examples
    }

    /// The first of them, a line each, and how many more there are.
    pub fn text(&self) -> String {
        let more = self.count - self.examples.len() as u64;
        let more = if more > 0 { format!("    ... and {} more\n", grouped(more)) } else { String::new() };
        self.examples.concat() + &more
    }
}

/// The cells that say what was asked.
fn origin(source: &str, place: &Place, title: Option<&str>, identifiers: &[Identifier]) -> Vec<String> {
    let line = place.line.map(|line| line.to_string()).unwrap_or_default();
    let path = place.path.clone().unwrap_or_default();
    vec![source.to_owned(), line, path, title.unwrap_or_default().to_owned(), joined(identifiers)]
}

/// A cell that no spreadsheet takes for a formula: an apostrophe stands before what begins as one.
fn harmless(cell: &str) -> Cow<'_, str> {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{cell}")),
        false => Cow::Borrowed(cell),
    }
}

fn joined<T: Display>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
