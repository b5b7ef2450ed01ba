//! Recording grants: terms that the lab asserts, or an envelope that the licensor signed.

use super::catalogue::{open_catalogue, write_catalogue, write_list};
use super::source::Input;
use super::{LedgerError, View, Writer};
use crate::ingest::Mapping;
use crate::licence::{FileSubject, TermsFile};
use crate::statement::terms::Subject;
use crate::statement::{Date, Grant, Is, Kind, Name, Statement, Terms, V1, dsse};
use crate::tlog::{KeyKind, VerifiedCheckpoint};
use std::collections::BTreeMap;

/// Records terms that the lab asserts. A catalogue named in them is given as `catalogue`.
///
/// # Errors
/// The name is taken, the catalogue is missing or malformed, or the terms break a rule.
pub fn add(
    mut writer: Writer,
    terms: TermsFile,
    catalogue: Option<Input>,
    map: &[Mapping],
) -> Result<(u64, Terms, VerifiedCheckpoint), LedgerError> {
    let id = terms.id().clone();
    refuse_taken(&writer, &id)?;
    let rows = match (&terms.subject, catalogue) {
        (FileSubject::Works(ids), None) => Some(write_list(writer.disk(), ids)?),
        (FileSubject::Catalogue(_), Some(input)) => Some(write_catalogue(writer.disk(), input, map)?),
        (FileSubject::Catalogue(_), None) => return Err(LedgerError::NoCatalogue { id }),
        (FileSubject::Licence(_) | FileSubject::Party(_), None) => None,
        (_, Some(input)) => return Err(LedgerError::NotACatalogue { id, file: input.name }),
    };
    let terms =
        terms.into_terms(rows).map_err(|error| LedgerError::File { path: id.to_string(), error: Box::new(error) })?;
    let (at, salt) = (writer.now(), writer.salt());
    let grant = Grant { at, envelope: None, kind: Is, salt, terms: Some(terms.clone()), v: V1 };
    let index = writer.append(&Statement::Grant(Box::new(grant)))?;
    Ok((index, terms, writer.commit(true)?))
}

/// Records an envelope verbatim. Its signature must be the licensor's, by the key that the terms name, and it must be
/// for this log; whether that key is really the licensor's is for the auditor to know.
///
/// # Errors
/// The name is taken, the envelope is not such a one, or its catalogue is not the one it commits to.
pub fn add_signed(
    mut writer: Writer,
    envelope: &str,
    catalogue: Option<Input>,
    map: &[Mapping],
) -> Result<(u64, Terms, VerifiedCheckpoint), LedgerError> {
    let parsed = dsse::Envelope::parse(envelope)?;
    let terms = parsed.grant()?;
    refuse_taken(&writer, &terms.id)?;
    let key = terms.licensor.key.as_deref().unwrap_or_default();
    let key = crate::tlog::VerifierKey::parse(key)
        .map_err(|error| LedgerError::Key { what: "the licensor's key in the terms", error })?;
    if key.kind() != KeyKind::Ed25519 {
        return Err(LedgerError::WitnessKey);
    }
    parsed.verify(&key)?;
    let this = format!("{}+{}", writer.view().key().name(), writer.view().key().id());
    let found = terms.licensee.log.clone().unwrap_or_default();
    if found != this {
        return Err(LedgerError::OtherLog { found, this });
    }
    match (&terms.subject, catalogue) {
        (Subject::Catalogue(signed), Some(input)) => {
            let file = input.name.clone();
            if open_catalogue(writer.disk(), input, map, |rows| rows == *signed)?.0 != *signed {
                return Err(LedgerError::OtherCatalogue { id: terms.id.clone(), file });
            }
        }
        (Subject::Catalogue(_), None) => {
            return Err(LedgerError::NoCatalogue { id: terms.id.clone() });
        }
        (Subject::Licence(_) | Subject::Party(_), None) => {}
        (_, Some(input)) => return Err(LedgerError::NotACatalogue { id: terms.id.clone(), file: input.name }),
    }
    let (at, salt) = (writer.now(), writer.salt());
    let grant = Grant { at, envelope: Some(envelope.to_owned()), kind: Is, salt, terms: None, v: V1 };
    let index = writer.append(&Statement::Grant(Box::new(grant)))?;
    Ok((index, terms, writer.commit(true)?))
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
