//! The auditor's door: a proof file and the auditor's trust in, verified facts or one failure out.
//!
//! Everything here is pure: no file, network or clock. [`verify`] is the whole of it, in the order of its steps:
//!
//! 1. `opened`: the checkpoint is signed as the policy asks, the entries are in its log, names run backwards, times fit.
//! 2. `register`: the state's rows answer, completely, what was declared and what was said of each entry relied on.
//! 3. here: the release's rows answer each identifier asked; every row leads to an admission that says what the row
//!    says; what an admission says is in the rows; nothing earlier withdrew or erased it.
//! 4. `judge`: the grants, asked of the one judge of `statement::terms`.
//! 5. Whatever the file holds and no step needed makes it invalid.
//!
//! Beside it: [`against`] holds two verified files against each other, and [`fork`] and [`lie`] verify the evidence that
//! the log's key has contradicted itself.
//!
//! Sizes, counts and roots are read from signed statements, never from the prover's side; rows are not assumed to be
//! sorted, the rows proof checks it. Time and memory are linear in the file, which [`proof::MAX_PROOF_LEN`] bounds.

pub mod against;
pub mod facts;
pub mod fork;
mod judge;
pub mod lie;
mod opened;
pub mod proof;
mod register;
pub mod trust;

pub use facts::{Attestation, Facts, NOT_PROVEN, Verdict, Work};
pub use proof::{MAX_PROOF_LEN, ProofFile};
pub use trust::{Licensors, LicensorsError, Question, Trust};

use crate::rows::{self, RowsError, Table, work_key};
use crate::statement::identifier::Class;
use crate::statement::json::JsonError;
use crate::statement::terms::Subject;
use crate::statement::{Dataset, Identifier, Release, ReleaseName, State, Statement, StatementError};
use crate::tlog::{NoteError, ProofError, tile::MAX_ENTRY_LEN};
use judge::Judge;
use opened::Opened;
use proof::DisclosedTable;
use register::Register;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Why a proof file establishes nothing. One failure is enough; the first found is named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it; `index` is a log index, `statement` that of a table's statement
pub enum VerifyError {
    #[error("the file has {len} bytes, the most is {MAX_PROOF_LEN}")]
    TooLong { len: u64 },
    #[error("the file is empty")]
    Empty,
    #[error("this is not a Deedbook proof file: {0}")]
    Json(JsonError),
    #[error("the checkpoint is not one of this log: {0}")]
    Checkpoint(NoteError),
    #[error("the checkpoint is not signed by a log of the policy")]
    NoLogKey,
    #[error("the two sides do not contradict each other: this is no evidence of a fork")]
    NoContradiction,
    #[error("the file has {len} bytes, the most is {most}")]
    EvidenceTooLong { len: u64, most: u64 },
    #[error("the two files are not of one log")]
    TwoLogs,
    #[error("there must be one side or two, the smaller checkpoint first")]
    Sides,
    #[error("entry {index} must be disclosed with its text")]
    NoText { index: u64 },
    #[error("entry {index} is disclosed on both sides")]
    OnBothSides { index: u64 },
    #[error("the tables must be that of a state, or those of a release and of a later state")]
    EvidenceTables,
    #[error(
        "the entries must be the statements of the tables, one entry that is left out, and what shows that it should not be"
    )]
    EvidenceEntries,
    #[error("nothing shows that entry {statement} leaves out entry {index}: this is no evidence of a lie")]
    NothingLeftOut { statement: u64, index: u64 },
    #[error("entry {by} took entry {index} out before the release: leaving it out is no lie")]
    RightlyLeftOut { index: u64, by: u64 },
    #[error("an anchor is not a checkpoint of this log: {0}")]
    Anchor(NoteError),
    #[error("{count} anchors, the most is 4")]
    TooManyAnchors { count: usize },
    #[error("the anchor of size {size} is out of order")]
    AnchorOrder { size: u64 },
    #[error("the anchor of size {size} is not consistent with the checkpoint: {error}")]
    Consistency { size: u64, error: ProofError },
    #[error("a witness gives a time beyond the calendar: {seconds}")]
    WitnessTime { seconds: u64 },
    #[error("the entries are not in the checkpoint's log: {0}")]
    Inclusion(ProofError),
    #[error("entry {index} must have either a text or a leaf hash")]
    TextAndLeaf { index: u64 },
    #[error("entry {index} has {len} bytes, the most is {MAX_ENTRY_LEN}")]
    EntryTooLong { index: u64, len: usize },
    #[error("entry {index} is not a statement: {error}")]
    Statement { index: u64, error: StatementError },
    #[error("entry {index} names entry {named}, which is not before it")]
    ForwardReference { index: u64, named: u64 },
    #[error("entry {index} names entry {named}, which is of another kind")]
    WrongKind { index: u64, named: u64 },
    #[error("entry {index} is dated before an entry that precedes it")]
    TimeDecreases { index: u64 },
    #[error("entry {index} is dated after witnesses had seen it")]
    TimeAfterWitnesses { index: u64 },
    #[error("entry {index} is needed and not disclosed")]
    NotDisclosed { index: u64 },
    #[error("entry {index} is erased, and no erasure names it")]
    Erased { index: u64 },
    #[error("entry {index} is disclosed and nothing needs it")]
    UnusedEntry { index: u64 },
    #[error("entry 0 is not this log's ledger statement")]
    NotLedger,
    #[error("there must be exactly one {what} among the entries")]
    NotOne { what: &'static str },
    #[error("entry {index} does not give its own index as its log size")]
    LogSize { index: u64 },
    #[error("the state at entry {state} does not lie after the release at entry {release}")]
    StateBeforeRelease { state: u64, release: u64 },
    #[error("the proof is about {found}, and {asked} was asked")]
    OtherRelease { found: ReleaseName, asked: ReleaseName },
    #[error("the tables are not those of the release, the state and signed grants, ascending, each once")]
    Tables,
    #[error("the rows of entry {statement}: {error}")]
    Rows { statement: u64, error: RowsError },
    #[error("the rows of entry {statement} lead to entry {index}, which is not before it")]
    RowBeyond { statement: u64, index: u64 },
    #[error("the rows of entry {statement} lead to entry {index}, which says something else")]
    RowMismatch { statement: u64, index: u64 },
    #[error("{name} is not in the register as entry {index}")]
    NotRegistered { name: String, index: u64 },
    #[error("{name} is declared twice, by entries {first} and {second}")]
    NameTwice { name: String, first: u64, second: u64 },
    #[error("the dispute at entry {index} is not about this log and entry")]
    Dispute { index: u64 },
    #[error("the claims are not ascending, each once, with at least one identifier of a work or group each")]
    Claims,
    #[error("entry {index} is in the release, though entry {by} took it out before")]
    TakenOut { index: u64, by: u64 },
    #[error("entry {index} has {identifier}, whose look-up in the release does not lead to it")]
    RowMissing { index: u64, identifier: Identifier },
    #[error("the signed grant at entry {index} is for another log")]
    OtherLicensee { index: u64 },
    #[error("{identifier} was asked, and the proof does not look it up")]
    NotAnswered { identifier: Identifier },
    #[error("a work was asked without any identifier of a work or group")]
    EmptyQuestion,
    #[error("the answer has more than 4,194,304 admissions, counted for each work that they answer")]
    TooManyAnswers,
}

/// The most admissions in an answer, each counted for every work that it answers: a file of [`MAX_PROOF_LEN`] can
/// disclose fewer, but could let many works share them all.
pub const MAX_ANSWERS: usize = 1 << 22;

/// Facts that were verified. Only [`verify`] makes it.
#[derive(Debug, Clone)]
pub struct Verified(Facts);

impl std::ops::Deref for Verified {
    type Target = Facts;
    fn deref(&self) -> &Facts {
        &self.0
    }
}

/// Verifies a proof file.
///
/// # Errors
/// The first reason found why the file does not establish an answer to the question.
pub fn verify(bytes: &[u8], trust: &Trust, question: &Question) -> Result<Verified, VerifyError> {
    let len = bytes.len() as u64;
    if len > MAX_PROOF_LEN {
        return Err(VerifyError::TooLong { len });
    }
    if bytes.is_empty() {
        return Err(VerifyError::Empty);
    }
    let file = ProofFile::parse(bytes).map_err(VerifyError::Json)?;
    let mut opened = Opened::open(&file, trust)?;
    opened.check_times()?;
    let subject = Subjects::find(&mut opened, question)?;
    let mut tables = Tables::verify(&file.tables, &mut opened, &subject)?;
    let dataset = (subject.release.1.dataset, subject.dataset.id.clone());
    let mut register = Register::new(tables.register.take().ok_or(VerifyError::Tables)?, subject.state.0, dataset);
    register.declared_once(&mut opened, &format!("dataset:{}", subject.dataset.id), subject.release.1.dataset)?;
    register.declared_once(&mut opened, &format!("release:{}", subject.name), subject.release.0)?;

    let found = look_up_claims(&file.claims, &mut tables, &subject)?;
    check_admissions(&found, &mut opened, &mut register, &subject)?;
    let mut judge = Judge::new(trust, question, &subject, &mut opened, &mut register);
    judge.grants(&found, &mut tables)?;
    let works = match &question.works {
        Some(works) => works.clone(),
        None => file.claims.iter().map(|c| c.identifiers.to_vec()).collect(),
    };
    check_answers(&works, &found)?;
    let works = works.iter().map(|ids| judge.work(ids, &found)).collect::<Result<Vec<_>, _>>()?;
    let facts = judge.facts(works)?;
    tables.finish()?;
    register.finish()?;
    opened.finish()?;
    Ok(Verified(facts))
}

/// The statements that a proof is about.
struct Subjects {
    name: ReleaseName,
    release: (u64, Release),
    dataset: Dataset,
    state: (u64, State),
}

impl Subjects {
    fn find(opened: &mut Opened, question: &Question) -> Result<Subjects, VerifyError> {
        let origin = opened.checkpoint.origin().to_owned();
        match opened.statement(0)? {
            Statement::Ledger(ledger) if ledger.origin == origin => {}
            _ => return Err(VerifyError::NotLedger),
        }
        let release = one(opened, "release", |s| if let Statement::Release(r) = s { Some(r.clone()) } else { None })?;
        let state = one(opened, "state", |s| if let Statement::State(r) = s { Some(r.clone()) } else { None })?;
        for (index, log_size) in [(release.0, release.1.log_size), (state.0, state.1.log_size)] {
            opened.entry(index)?;
            if index != log_size {
                return Err(VerifyError::LogSize { index });
            }
        }
        if state.0 <= release.0 {
            return Err(VerifyError::StateBeforeRelease { state: state.0, release: release.0 });
        }
        let Statement::Dataset(dataset) = opened.statement(release.1.dataset)? else {
            return Err(VerifyError::WrongKind { index: release.0, named: release.1.dataset });
        };
        let dataset = dataset.clone();
        let name = ReleaseName { dataset: dataset.id.clone(), version: release.1.version.clone() };
        match &question.release {
            Some(asked) if *asked != name => Err(VerifyError::OtherRelease { found: name, asked: asked.clone() }),
            _ => Ok(Subjects { name, release, dataset, state }),
        }
    }
}

fn one<T>(
    opened: &Opened,
    what: &'static str,
    pick: impl Fn(&Statement) -> Option<T>,
) -> Result<(u64, T), VerifyError> {
    let mut all = opened.statements().filter_map(|(index, s)| Some((index, pick(s)?)));
    match (all.next(), all.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(VerifyError::NotOne { what }),
    }
}

/// The verified tables of a proof file.
struct Tables {
    release: (u64, Table),
    register: Option<Table>,
    /// By the log index of the signed grant.
    catalogues: BTreeMap<u64, Table>,
}

impl Tables {
    fn verify(disclosed: &[DisclosedTable], opened: &mut Opened, subject: &Subjects) -> Result<Tables, VerifyError> {
        if !disclosed.windows(2).all(|w| w[0].statement < w[1].statement) {
            return Err(VerifyError::Tables);
        }
        let (mut release, mut register, mut catalogues) = (None, None, BTreeMap::new());
        for table in disclosed {
            let index = table.statement;
            if index == subject.release.0 {
                release = Some(open_table(table, rows::Kind::Release, subject.release.1.rows)?);
            } else if index == subject.state.0 {
                register = Some(open_table(table, rows::Kind::Register, subject.state.1.register)?);
            } else {
                catalogues.insert(index, catalogue(table, opened)?);
            }
        }
        let release = (subject.release.0, release.ok_or(VerifyError::Tables)?);
        Ok(Tables { release, register, catalogues })
    }

    fn finish(&self) -> Result<(), VerifyError> {
        let catalogues = self.catalogues.iter().map(|(index, table)| (*index, table));
        for (statement, table) in catalogues.chain([(self.release.0, &self.release.1)]) {
            table.finish().map_err(|error| VerifyError::Rows { statement, error })?;
        }
        Ok(())
    }
}

fn open_table(
    table: &DisclosedTable,
    kind: rows::Kind,
    signed: crate::statement::RowsRef,
) -> Result<Table, VerifyError> {
    let disclosed: Vec<_> = table.rows.iter().map(proof::DisclosedRow::at).collect();
    Table::verify(kind, signed.count, &signed.root, &disclosed, &table.proof)
        .map_err(|error| VerifyError::Rows { statement: table.statement, error })
}

/// The table of a catalogue: only a signed grant's is worth proving, another is the lab's own word.
fn catalogue(table: &DisclosedTable, opened: &mut Opened) -> Result<Table, VerifyError> {
    let Statement::Grant(grant) = opened.statement(table.statement)? else { return Err(VerifyError::Tables) };
    let terms = grant.terms().map_err(|_| VerifyError::Tables)?;
    match terms.subject {
        Subject::Catalogue(signed) if grant.envelope.is_some() => open_table(table, rows::Kind::Catalogue, signed),
        Subject::Catalogue(_) | Subject::Licence(_) | Subject::Party(_) => Err(VerifyError::Tables),
    }
}

/// Each identifier looked up, and the log indices of the admissions that its rows lead to.
type Found = BTreeMap<Identifier, Vec<u64>>;

/// Looks up every identifier of every claim in the release.
fn look_up_claims(claims: &[proof::Claim], tables: &mut Tables, subject: &Subjects) -> Result<Found, VerifyError> {
    if claims.is_empty() || !claims.windows(2).all(|w| w[0] < w[1]) {
        return Err(VerifyError::Claims);
    }
    let mut found = Found::new();
    for claim in claims {
        let names_works = |id: &Identifier| id.scheme().class(None) != Class::Party;
        if claim.identifiers.is_empty() || !claim.identifiers.iter().all(names_works) {
            return Err(VerifyError::Claims);
        }
        for id in &claim.identifiers {
            if found.contains_key(id) {
                continue;
            }
            let release = subject.release.0;
            let rows = tables.release.1.look_up(&work_key(id.as_str()));
            let rows = rows.map_err(|error| VerifyError::Rows { statement: release, error })?;
            let indices: Vec<u64> = rows.iter().map(|(_, row)| row.value).collect();
            if let Some(index) = indices.iter().find(|a| **a >= release) {
                return Err(VerifyError::RowBeyond { statement: release, index: *index });
            }
            found.insert(id.clone(), indices);
        }
    }
    Ok(found)
}

/// Bounds the work of answering: many works may share an identifier that leads to many admissions.
fn check_answers(works: &[Vec<Identifier>], found: &Found) -> Result<(), VerifyError> {
    let rows = works.iter().flatten().map(|id| found.get(id).map_or(0, Vec::len));
    if rows.fold(0, usize::saturating_add) > MAX_ANSWERS { Err(VerifyError::TooManyAnswers) } else { Ok(()) }
}

/// Checks that rows and admissions agree, both ways, and that nothing before the release took an admission out.
fn check_admissions(
    found: &Found,
    opened: &mut Opened,
    register: &mut Register,
    subject: &Subjects,
) -> Result<(), VerifyError> {
    let release = &subject.release;
    let about_dataset = register.about(opened, release.1.dataset)?.to_vec();
    let withdrawn = withdrawn(&about_dataset, release.0);
    for (id, indices) in found {
        for index in indices {
            match opened.entry(*index)? {
                None => {}
                Some(Statement::Admission(a))
                    if a.dataset == release.1.dataset && a.looked_up_by().any(|i| i == id) => {}
                Some(_) => return Err(VerifyError::RowMismatch { statement: release.0, index: *index }),
            }
        }
    }
    for index in found.values().flatten().copied().collect::<BTreeSet<u64>>() {
        let before = withdrawn.partition_point(|(range, _)| range.start <= index);
        if let Some((range, by)) = before.checked_sub(1).map(|i| &withdrawn[i])
            && range.contains(&index)
        {
            return Err(VerifyError::TakenOut { index, by: *by });
        }
        let about = register.about(opened, index)?.to_vec();
        for (by, statement) in &about {
            if *by < release.0 && matches!(statement, Some(Statement::Erasure(_))) {
                return Err(VerifyError::TakenOut { index, by: *by });
            }
        }
        let Some(Statement::Admission(admission)) = opened.entry(index)? else {
            register.erased(opened, index)?;
            continue;
        };
        // What an admission carries, its rows must have: else a look-up could be answered from a doctored table. (Rows
        // of one key ascend by value.)
        for id in admission.looked_up_by() {
            if found.get(id).is_some_and(|indices| indices.binary_search(&index).is_err()) {
                return Err(VerifyError::RowMissing { index, identifier: id.clone() });
            }
        }
    }
    Ok(())
}

/// The index ranges that withdrawals before the release took out, ascending and merged, each with one of them.
fn withdrawn(about_dataset: &[(u64, Option<Statement>)], release: u64) -> Vec<(Range<u64>, u64)> {
    let mut ranges = Vec::new();
    for (by, statement) in about_dataset.iter().filter(|(by, _)| *by < release) {
        let Some(Statement::Withdrawal(w)) = statement else { continue };
        ranges.extend(w.entries.iter().map(|r| (r.first..r.first.saturating_add(r.count), *by)));
    }
    ranges.sort_unstable_by_key(|(range, _)| range.start);
    let mut merged: Vec<(Range<u64>, u64)> = Vec::with_capacity(ranges.len());
    for (range, by) in ranges {
        match merged.last_mut() {
            Some((last, _)) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push((range, by)),
        }
    }
    merged
}
