//! `admit`: what the gate did with a batch.

use super::{MAX_CELL_LEN, MAX_LINE_LEN, counted, grouped, listed, plain, shortened, wrapped};
use crate::ledger::admit::{Outcome, ReportLine};
use crate::ledger::overrides::{CameOfIt, Unused};
use crate::statement::Identifier;
use crate::statement::vocabulary::{Code, CodeCounts};
use serde::Serialize;
use std::time::Duration;

/// Lines of overrides that are named.
const LINES: usize = 10;

/// Works shown for each code.
const SHOWN: usize = 2;

/// Lines, at most, of what is wrong with one of them: both sides of a contradiction.
const WHY_LINES: usize = 4;

/// Patterns without files that the text lists.
const MAX_UNFITTED: usize = 5;

/// A batch.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Works admitted.
    pub admitted: u64,
    /// Works looked at.
    pub considered: u64,
    /// Works that were there already.
    pub duplicates: u64,
    /// Files that were read.
    pub files_read: u64,
    /// Files that an earlier run had read, and that nothing has touched since.
    pub files_unchanged: u64,
    /// Log index of the batch's first entry.
    pub first_entry: u64,
    /// Works that a person must look at.
    pub held: u64,
    /// Size of the log afterwards.
    pub log_size: u64,
    /// Grants of open licences that were recorded with the batch.
    pub open_grants: Vec<String>,
    /// Works of those admitted that a person let in against the gate.
    pub overridden: u64,
    /// Lines of the overrides that let no work in.
    pub overrides_unused: Vec<Unused>,
    /// How many works each code was given to.
    pub reasons: CodeCounts,
    /// Whether the batch was recorded.
    pub recorded: bool,
    /// Works refused.
    pub refused: u64,
    /// The report of the works not admitted, in the ledger.
    pub report: Option<String>,
    /// Log index of the screening, by which the batch can be withdrawn as a whole.
    pub screening: Option<u64>,
    /// How long it took.
    pub seconds: f64,
    /// Patterns of a folder's copyright file that fit no file.
    pub unfitted_patterns: u64,
}

impl Report {
    /// From the ledger.
    pub fn new(outcome: &Outcome, took: Duration) -> Report {
        let tally = &outcome.tally;
        Report {
            admitted: tally.admitted,
            considered: tally.considered,
            duplicates: tally.duplicates,
            files_read: outcome.files_read,
            files_unchanged: outcome.files_known,
            first_entry: outcome.first_entry,
            held: tally.held,
            log_size: outcome.log_size,
            open_grants: outcome.open_grants.iter().map(ToString::to_string).collect(),
            overridden: outcome.overridden,
            overrides_unused: outcome.unused_overrides.clone(),
            reasons: CodeCounts(tally.reasons.clone()),
            recorded: outcome.recorded,
            refused: tally.refused,
            report: outcome.report.clone(),
            screening: outcome.screening,
            seconds: (took.as_secs_f64() * 1000.0).round() / 1000.0,
            unfitted_patterns: outcome.unfitted.len() as u64,
        }
    }

    /// For people. `reports` are the files that list the works not admitted.
    pub fn text(&self, outcome: &Outcome, dataset: &str, dry_run: bool, reports: &[String]) -> String {
        let row = |name: &str, count: u64| format!("  {name:24}{:>10}\n", grouped(count));
        let mut text = format!("{} for {dataset}\n", counted(self.considered, "work", "works"));
        text += &row("admitted", self.admitted);
        if self.overridden > 0 {
            text += &row("  against the gate", self.overridden);
        }
        text += &row("refused", self.refused);
        text += &row("held", self.held);
        text += &row("duplicates", self.duplicates);
        if self.files_unchanged > 0 {
            let unchanged = counted(self.files_unchanged, "file", "files");
            text += &format!("\n{unchanged} unchanged since an earlier run, not read again\n");
        }
        if self.duplicates > 0 && self.duplicates == self.considered {
            text += "\nnothing is new: every work is in the dataset already\n";
        }
        if !self.reasons.0.is_empty() {
            text += "\nwhy works were not admitted\n";
            for (code, count) in &self.reasons.0 {
                text += &format!("{}  {}\n", row(code.word(), *count).trim_end(), meaning(*code));
                let examples = outcome.examples.get(code).map_or(&[][..], Vec::as_slice);
                for example in examples.iter().take(SHOWN) {
                    text += &format!("      {}\n", shortened(&in_a_line(example), MAX_LINE_LEN - 6));
                    for why in example.why.iter().take(SHOWN) {
                        text += &wrapped("        ", &shortened(&plain(why), WHY_LINES * MAX_LINE_LEN));
                    }
                }
                if *count > SHOWN as u64 {
                    let all = if self.report.is_some() { ", in the report" } else { "; --report FILE lists all" };
                    text += &format!("      ... and {} more{all}\n", grouped(*count - SHOWN as u64));
                }
            }
        }
        if self.unfitted_patterns > 0 {
            let shown: Vec<String> = outcome.unfitted.iter().take(MAX_UNFITTED).map(|p| plain(p)).collect();
            let more = outcome.unfitted.len() - shown.len();
            let more = if more > 0 { format!(" ... and {} more", grouped(more as u64)) } else { String::new() };
            let told = counted(self.unfitted_patterns, "pattern fits", "patterns fit");
            text += "\n";
            text += &wrapped(&format!("{told} no file here: "), &format!("{}{more}", listed(&shown)));
        }
        text += &unused(&self.overrides_unused);
        if !self.open_grants.is_empty() {
            let verb = if self.recorded { "recorded" } else { "that would be recorded" };
            text += "\n";
            text += &wrapped(&format!("open licences {verb} as grants: "), &listed(&self.open_grants));
        }
        text += &match (self.recorded, dry_run) {
            (true, _) => format!("\nrecorded: the log has {}\n", counted(self.log_size, "entry", "entries")),
            (false, true) => "\ndry run: nothing was recorded\n".to_owned(),
            (false, false) => "\nnothing was recorded: --all-or-nothing\n".to_owned(),
        };
        if !reports.is_empty() {
            text += "report of the works not admitted:\n";
            for report in reports {
                text += &format!("  {}\n", plain(report));
            }
        }
        text
    }
}

/// The lines of overrides that let no work in, by why.
fn unused(lines: &[Unused]) -> String {
    let mut text = String::new();
    let whys = [
        (CameOfIt::NoSuchWork, "no work of the batch has the identifier"),
        (CameOfIt::NotNeeded, "the gate admits the work anyway"),
        (CameOfIt::NotPossible, "the work cannot be let in: see why it was not admitted"),
    ];
    for (why, words) in whys {
        let of: Vec<u64> = lines.iter().filter(|unused| unused.why == why).map(|unused| unused.line).collect();
        if !of.is_empty() {
            let more = if of.len() > LINES {
                format!(" and {} more", grouped((of.len() - LINES) as u64))
            } else {
                String::new()
            };
            text += &format!("  line {}{more}: {words}\n", listed(of.iter().take(LINES)));
        }
    }
    if text.is_empty() { text } else { format!("\noverrides that let no work in\n{text}") }
}

/// One work that was not admitted, without why.
fn in_a_line(line: &ReportLine) -> String {
    // A file has its path, which tells people more than its digest.
    let says_more = |id: &&Identifier| line.place.path.is_none() || !id.scheme().is_digest();
    let id = line.identifiers.iter().find(says_more).map_or_else(String::new, |id| format!(" {id}"));
    let title = line.title.as_ref().map_or_else(String::new, |t| format!(" {:?}", shortened(t, MAX_CELL_LEN)));
    let licence = line.licence.as_ref().map_or_else(String::new, |l| format!(" [{}]", shortened(l, 2 * MAX_CELL_LEN)));
    let grants = if line.grants.is_empty() { String::new() } else { format!(" (closest: {})", listed(&line.grants)) };
    plain(&format!("{}{id}{title}{licence}{grants}", line.place.within(&line.source)))
}

/// A code in words.
pub fn meaning(code: Code) -> &'static str {
    match code {
        Code::BadIdentifier => "an identifier is malformed or has a wrong check digit",
        Code::NoIdentifier => "nothing identifies the work itself",
        Code::TooLarge => "a field is over its limit",
        Code::Unreadable => "the file could not be read",
        Code::ChangedWhileRead => "the file changed while it was read",
        Code::Duplicate => "every identifier is in the dataset already",
        Code::Denied => "on a deny list",
        Code::Reserved => "the rights are reserved: on an opt-out list",
        Code::ConflictingEvidence => "sources contradict each other",
        Code::NoGrant => "there is no grant",
        Code::NotInSubject => "no grant is about this work",
        Code::LayerNotCovered => "the grant does not cover a layer that is required",
        Code::UseNotGranted => "the grant does not give a use that is declared",
        Code::UseProhibited => "the grant forbids a use that is declared",
        Code::PurposeNotCovered => "the grant is for other purposes than the one declared",
        Code::TerritoryNotCovered => "the grant is for other territories",
        Code::NotYetValid => "the grant starts later",
        Code::Expired => "the grant's term is over",
        Code::Ended => "the grant was ended",
        Code::ModelsExhausted => "the grant is for other models, or its versions are used up",
        Code::LicenceUnknown => "the licence is missing, or not known",
        Code::NeedsReview => "the rules leave this licence to a person",
    }
}
