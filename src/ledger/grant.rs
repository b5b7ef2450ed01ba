//! Recording grants: terms that the lab asserts, or an envelope that the licensor signed; and their ends.

use super::catalogue::{Keep, open_catalogue, subject_rows};
use super::source::Input;
use super::{LedgerError, View, Why, Writer};
use crate::ingest::Mapping;
use crate::licence::TermsFile;
use crate::statement::terms::Subject;
use crate::statement::{Date, Grant, GrantEnd, Is, Kind, Name, Statement, Terms, V1, dsse};
use crate::tlog::{KeyKind, VerifiedCheckpoint, VerifierKey};
use std::collections::BTreeMap;

/// A grant that was added, or would be.
#[derive(Debug)]
pub struct Added {
    /// What stands in the ledger, or would.
    pub listed: Listed,
    /// The checkpoint that has it; none after a dry run.
    pub checkpoint: Option<VerifiedCheckpoint>,
}

/// Records terms that the lab asserts. A catalogue named in them is given as `catalogue`. A dry run checks the same and
/// records nothing.
///
/// # Errors
/// The name is taken, the catalogue is missing or malformed, or the terms break a rule.
pub fn add(
    writer: Writer,
    terms: TermsFile,
    catalogue: Option<Input>,
    map: &[Mapping],
    dry_run: bool,
) -> Result<Added, LedgerError> {
    let id = terms.id().clone();
    refuse_taken(&writer, &id)?;
    let keep = if dry_run { Keep::Nothing } else { Keep::Rows };
    let rows = subject_rows(writer.disk(), &terms, catalogue, map, keep)?;
    let terms =
        terms.into_terms(rows).map_err(|error| LedgerError::File { path: id.to_string(), error: Box::new(error) })?;
    let (at, salt) = (writer.now(), writer.salt());
    let grant = Grant { at, envelope: None, kind: Is, salt, terms: Some(terms.clone()), v: V1 };
    record(writer, grant, terms, dry_run)
}

/// Records an envelope verbatim, but for white space at its end. Its signature must be the licensor's, by the key that the terms name, and it must be
/// for this log; whether that key is really the licensor's is for the auditor to know. A dry run checks the same and
/// records nothing.
///
/// # Errors
/// The name is taken, the envelope is not such a one, or its catalogue is not the one it commits to.
pub fn add_signed(
    writer: Writer,
    envelope: &str,
    catalogue: Option<Input>,
    map: &[Mapping],
    dry_run: bool,
) -> Result<Added, LedgerError> {
    let envelope = envelope.trim_end();
    let parsed = dsse::Envelope::parse(envelope)?;
    let terms = parsed.grant()?;
    let id = || terms.id.clone();
    refuse_taken(&writer, &terms.id)?;
    let key = terms.licensor.key.as_deref().ok_or_else(|| LedgerError::NoLicensorKey { id: id() })?;
    let key =
        VerifierKey::parse(key).map_err(|error| LedgerError::Key { what: "the licensor's key in the terms", error })?;
    if key.kind() != KeyKind::Ed25519 {
        return Err(LedgerError::WitnessKey { key: key.to_string() });
    }
    parsed.verify(&key).map_err(|_| LedgerError::NotByLicensor { key: key.to_string() })?;
    let this = writer.view().key().short();
    let found = terms.licensee.log.clone().unwrap_or_default();
    if found != this {
        return Err(LedgerError::OtherLog { found, this });
    }
    match (&terms.subject, catalogue) {
        (Subject::Catalogue(signed), Some(input)) => {
            let (signed, file) = (*signed, input.name.clone());
            let keep = |rows| rows == signed && !dry_run;
            let found = open_catalogue(writer.disk(), input, map, keep)?.rows;
            if found != signed {
                let (found, signed) = (found.count, signed.count);
                return Err(LedgerError::OtherCatalogue { id: id(), file, found, signed });
            }
        }
        (Subject::Catalogue(_), None) => return Err(LedgerError::NoCatalogue { id: id() }),
        (Subject::Licence(_) | Subject::Party(_), None) => {}
        (_, Some(input)) => return Err(LedgerError::NotACatalogue { id: id(), file: input.name }),
    }
    let (at, salt) = (writer.now(), writer.salt());
    let grant = Grant { at, envelope: Some(envelope.to_owned()), kind: Is, salt, terms: None, v: V1 };
    record(writer, grant, terms, dry_run)
}

fn record(mut writer: Writer, grant: Grant, terms: Terms, dry_run: bool) -> Result<Added, LedgerError> {
    let statement = Statement::Grant(Box::new(grant.clone()));
    statement.check().map_err(|error| super::writer::invalid(Kind::Grant, error))?;
    let listed = |index| Listed { index, grant, terms, ended: None };
    if dry_run {
        return Ok(Added { listed: listed(writer.next()), checkpoint: None });
    }
    let index = writer.append(&statement)?;
    Ok(Added { listed: listed(index), checkpoint: Some(writer.commit(true)?) })
}

/// A grant that was ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Log index of the end.
    pub entry: u64,
    /// Log index of the grant.
    pub grant: u64,
    /// The grant's terms.
    pub terms: Terms,
    /// The end as it was before: an earlier one counts.
    pub before: Option<Date>,
    /// When it was recorded.
    pub recorded: Date,
    /// The checkpoint after it.
    pub checkpoint: VerifiedCheckpoint,
}

/// Ends a grant from a day on, which may lie before today or after it. An end is final, and the earliest counts.
///
/// # Errors
/// There is no such grant, or it is over by that day already: then nothing would change.
pub fn end(mut writer: Writer, id: &Name, effective: Date, why: Why) -> Result<Ended, LedgerError> {
    let (grant, _, terms) = writer.view().grant(id)?;
    let before = ends(writer.view(), grant)?;
    if let Some((index, ended)) = before.filter(|(_, ended)| *ended <= effective) {
        return Err(LedgerError::AlreadyEnded { id: id.clone(), ended, index });
    }
    if let Some(to) = terms.valid_to.filter(|to| *to <= effective) {
        return Err(LedgerError::AlreadyOver { id: id.clone(), to });
    }
    let (at, salt, Why { because, note }) = (writer.now(), writer.salt(), why);
    let end = GrantEnd { at, because, effective, grant, kind: Is, note, salt, v: V1 };
    let entry = writer.append(&Statement::GrantEnd(end))?;
    let before = before.map(|(_, ended)| ended);
    Ok(Ended { entry, grant, terms, before, recorded: at.date(), checkpoint: writer.commit(true)? })
}

/// The end that counts: the earliest, and of several of one day the first that was logged.
fn ends(view: &View, grant: u64) -> Result<Option<(u64, Date)>, LedgerError> {
    let mut earliest: Option<(u64, Date)> = None;
    for index in view.look_up(&format!("entry:{grant}"))? {
        // Nothing but an admission or a dispute is ever erased, and neither ends a grant.
        if let Ok(Statement::GrantEnd(end)) = view.statement(index)
            && earliest.is_none_or(|(_, ended)| end.effective < ended)
        {
            earliest = Some((index, end.effective));
        }
    }
    Ok(earliest)
}

/// A grant of the ledger and its end.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Log index.
    pub index: u64,
    /// The statement.
    pub grant: Grant,
    /// Its terms.
    pub terms: Terms,
    /// The earliest end.
    pub ended: Option<Date>,
}

/// All grants, in log order.
///
/// # Errors
/// An entry cannot be read.
pub fn list(view: &View) -> Result<Vec<Listed>, LedgerError> {
    let registered = view.registered()?;
    let mut ends: BTreeMap<u64, Date> = BTreeMap::new();
    for (_, statement) in &registered {
        if let Statement::GrantEnd(end) = statement {
            let earliest = ends.entry(end.grant).or_insert(end.effective);
            *earliest = end.effective.min(*earliest);
        }
    }
    let mut grants = Vec::new();
    for (index, statement) in &registered {
        let Statement::Grant(grant) = statement else { continue };
        let terms = grant.terms().map_err(|e| super::writer::invalid(Kind::Grant, e))?;
        let ended = ends.get(index).copied();
        grants.push(Listed { index: *index, grant: (**grant).clone(), terms, ended });
    }
    Ok(grants)
}

fn refuse_taken(writer: &Writer, id: &Name) -> Result<(), LedgerError> {
    match writer.view().look_up(&format!("grant:{id}"))?.first() {
        Some(index) => Err(LedgerError::Taken { what: "grant", name: id.to_string(), index: *index }),
        None => Ok(()),
    }
}
