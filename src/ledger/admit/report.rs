//! What was not admitted, line by line: a file of the ledger, named by its digest once it is whole, and a copy for the user.

use crate::ledger::LedgerError;
use crate::ledger::candidate::Place;
use crate::rows::Blake3;
use crate::statement::vocabulary::{Code, Codes};
use crate::statement::{Identifier, Name, json};
use crate::storage::{Disk, FileWriter};
use serde::Serialize;
use std::io::Write;

/// A line of the report: a work that was not admitted, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportLine {
    /// Every rule that said no.
    pub codes: Codes,
    /// The grants that came closest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Name>,
    /// Its identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// The licence, as it stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Where it stands in the source.
    #[serde(flatten)]
    pub place: Place,
    /// `refused`, `held` or `duplicate`.
    pub outcome: String,
    /// The source.
    pub source: String,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is wrong with single values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
}

/// What became of a work with these codes.
pub(super) fn outcome(codes: Codes) -> &'static str {
    match codes {
        codes if codes.has(Code::Duplicate) => "duplicate",
        codes if codes.is_held() => "held",
        _ => "refused",
    }
}

/// The report under way.
pub(super) struct Report {
    file: Option<FileWriter>,
    digest: Blake3,
    copy: Option<Box<dyn Write>>,
    dry_run: bool,
    lines: u64,
}

impl Report {
    pub fn new(copy: Option<Box<dyn Write>>, dry_run: bool) -> Report {
        Report { file: None, digest: Blake3::new(), copy, dry_run, lines: 0 }
    }

    pub fn line(&mut self, disk: &Disk, line: &ReportLine) -> Result<(), LedgerError> {
        let mut text = json::print(line);
        text.push('\n');
        if let Some(copy) = &mut self.copy {
            let fail = |error| LedgerError::Io { path: "the report".to_owned(), error };
            copy.write_all(text.as_bytes()).map_err(fail)?;
        }
        self.lines += 1;
        if self.dry_run {
            return Ok(());
        }
        self.digest.update(text.as_bytes());
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(disk.create("report/new")?),
        };
        file.write(text.as_bytes())?;
        Ok(())
    }

    /// Gives the file its name; `None` where there was nothing to report, or nothing is recorded.
    pub fn finish(&mut self, recorded: bool) -> Result<Option<Identifier>, LedgerError> {
        if let Some(copy) = &mut self.copy {
            copy.flush().map_err(|error| LedgerError::Io { path: "the report".to_owned(), error })?;
        }
        let Some(file) = self.file.take().filter(|_| recorded) else { return Ok(None) };
        let digest = Identifier::blake3(&self.digest.finish());
        file.finish_as(&format!("report/{}", digest.value()))?;
        Ok(Some(digest))
    }
}
