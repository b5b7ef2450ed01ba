//! What the ledger says: one entry of the log is one statement, a JSON object in canonical form.
//!
//! A statement has `at` (when, a claim), `kind`, `v` and `salt`, and the members of its kind, each kind in a file of
//! its own. It names other statements by their log index, always lower than its own. [`Statement::parse`] accepts
//! exactly the bytes that [`Statement::print`] gives. Nothing here knows where an entry stands or whether what it
//! names exists: that is checked where the log is at hand, with [`Statement::names`] and [`Statement::register_keys`].

pub mod admission;
pub mod correction;
pub mod dataset;
pub mod dispute;
pub mod dsse;
pub mod erasure;
pub mod grant;
pub mod grant_end;
pub mod identifier;
pub mod json;
pub mod key;
pub mod kind;
pub mod ledger;
pub mod limit;
pub mod name;
pub mod release;
pub mod run;
pub mod screening;
pub mod state;
pub mod terms;
pub mod text;
pub mod time;
pub mod vocabulary;
pub mod withdrawal;

pub use admission::Admission;
pub use correction::Correction;
pub use dataset::Dataset;
pub use dispute::Dispute;
pub use erasure::Erasure;
pub use grant::Grant;
pub use grant_end::GrantEnd;
pub use identifier::{Identifier, Scheme};
pub use key::Key;
pub use kind::{Is, Kind, Salt, V1};
pub use ledger::Ledger;
pub use limit::Invalid;
pub use name::{Model, Name, ReleaseName};
pub use release::Release;
pub use run::Run;
pub use screening::Screening;
pub use state::State;
pub use terms::{RowsRef, Terms};
pub use text::Set;
pub use time::{Date, Time};
pub use vocabulary::{Code, Codes, Layer, Purpose, Use, WorkType};
pub use withdrawal::Withdrawal;

use crate::rows;
use json::JsonError;

/// One entry's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // each kind is described in its own file
pub enum Statement {
    Admission(Box<Admission>),
    Correction(Correction),
    Dataset(Dataset),
    Dispute(Dispute),
    Erasure(Erasure),
    Grant(Box<Grant>),
    GrantEnd(GrantEnd),
    Key(Key),
    Ledger(Ledger),
    Release(Release),
    Run(Run),
    Screening(Screening),
    State(State),
    Withdrawal(Withdrawal),
}

/// Why bytes are not a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not a JSON object with a kind and a version.
    #[error("not a statement: {0}")]
    NotOne(JsonError),
    /// A kind or version that this program does not know.
    #[error("kind {kind:?} version {v}: written by a newer Deedbook")]
    Newer {
        /// Its kind.
        kind: String,
        /// Its version.
        v: u64,
    },
    /// A known kind that breaks its form.
    #[error("{kind}: {error}")]
    Json {
        /// Its kind.
        kind: Kind,
        /// What is wrong.
        error: JsonError,
    },
    /// A member that breaks a rule.
    #[error("{kind}: {error}")]
    Invalid {
        /// Its kind.
        kind: Kind,
        /// What is wrong.
        error: Invalid,
    },
}

/// A row of the register that a statement has: what it declares, or which earlier entry it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterKey {
    /// `dataset:ID`
    Dataset(Name),
    /// `grant:ID`
    Grant(Name),
    /// `release:D@V`, the dataset given by its log index
    Release(u64, Name),
    /// `run:NAME@VERSION`
    Run(Model),
    /// `entry:<index>`
    Entry(u64),
}

impl Statement {
    /// Reads an entry.
    ///
    /// # Errors
    /// [`StatementError`]: anything but the canonical bytes of a valid statement.
    pub fn parse(text: &[u8]) -> Result<Statement, StatementError> {
        // Nearly every entry is an admission, and what can be read as one is one: its type has no other kind and version.
        if let Ok(admission) = json::parse::<Box<Admission>>(text) {
            let (kind, invalid) = (Kind::Admission, admission.check());
            invalid.map_err(|error| StatementError::Invalid { kind, error })?;
            return Ok(Statement::Admission(admission));
        }
        #[derive(serde::Deserialize)]
        struct Head<'a> {
            #[serde(borrow)]
            kind: std::borrow::Cow<'a, str>,
            v: u64,
        }
        let head: Head =
            serde_json::from_slice(text).map_err(|_| match json::parse_loose::<serde_json::Value>(text) {
                Err(error) => StatementError::NotOne(error),
                Ok(_) => StatementError::NotOne(JsonError::Shape {
                    what: "a JSON object with kind and v is needed".into(),
                    line: 1,
                    column: 1,
                }),
            })?;
        let Some(kind) = Kind::parse(&head.kind).filter(|_| head.v == 1) else {
            return Err(StatementError::Newer { kind: head.kind.into_owned(), v: head.v });
        };
        let statement = Statement::read(kind, text).map_err(|error| StatementError::Json { kind, error })?;
        statement.check().map_err(|error| StatementError::Invalid { kind, error })?;
        Ok(statement)
    }

    fn read(kind: Kind, text: &[u8]) -> Result<Statement, JsonError> {
        Ok(match kind {
            Kind::Admission => Statement::Admission(json::parse(text)?),
            Kind::Correction => Statement::Correction(json::parse(text)?),
            Kind::Dataset => Statement::Dataset(json::parse(text)?),
            Kind::Dispute => Statement::Dispute(json::parse(text)?),
            Kind::Erasure => Statement::Erasure(json::parse(text)?),
            Kind::Grant => Statement::Grant(json::parse(text)?),
            Kind::GrantEnd => Statement::GrantEnd(json::parse(text)?),
            Kind::Key => Statement::Key(json::parse(text)?),
            Kind::Ledger => Statement::Ledger(json::parse(text)?),
            Kind::Release => Statement::Release(json::parse(text)?),
            Kind::Run => Statement::Run(json::parse(text)?),
            Kind::Screening => Statement::Screening(json::parse(text)?),
            Kind::State => Statement::State(json::parse(text)?),
            Kind::Withdrawal => Statement::Withdrawal(json::parse(text)?),
        })
    }

    /// The entry's bytes.
    pub fn print(&self) -> String {
        match self {
            Statement::Admission(s) => json::print(s),
            Statement::Correction(s) => json::print(s),
            Statement::Dataset(s) => json::print(s),
            Statement::Dispute(s) => json::print(s),
            Statement::Erasure(s) => json::print(s),
            Statement::Grant(s) => json::print(s),
            Statement::GrantEnd(s) => json::print(s),
            Statement::Key(s) => json::print(s),
            Statement::Ledger(s) => json::print(s),
            Statement::Release(s) => json::print(s),
            Statement::Run(s) => json::print(s),
            Statement::Screening(s) => json::print(s),
            Statement::State(s) => json::print(s),
            Statement::Withdrawal(s) => json::print(s),
        }
    }

    /// Checks the rules that types alone do not keep. [`Statement::parse`] has done so; a writer does before it prints.
    ///
    /// # Errors
    /// The member that breaks a rule.
    pub fn check(&self) -> Result<(), Invalid> {
        match self {
            Statement::Admission(s) => s.check(),
            Statement::Correction(s) => s.check(),
            Statement::Dataset(s) => s.check(),
            Statement::Dispute(s) => s.check(),
            Statement::Erasure(s) => s.check(),
            Statement::Grant(s) => s.check(),
            Statement::GrantEnd(s) => s.check(),
            Statement::Key(s) => s.check(),
            Statement::Ledger(s) => s.check(),
            Statement::Release(s) => s.check(),
            Statement::Run(s) => s.check(),
            Statement::Screening(s) => s.check(),
            Statement::State(s) => s.check(),
            Statement::Withdrawal(s) => s.check(),
        }
    }

    /// Its kind and when it was made, as the lab says.
    pub fn head(&self) -> (Kind, Time) {
        match self {
            Statement::Admission(s) => (Kind::Admission, s.at),
            Statement::Correction(s) => (Kind::Correction, s.at),
            Statement::Dataset(s) => (Kind::Dataset, s.at),
            Statement::Dispute(s) => (Kind::Dispute, s.at),
            Statement::Erasure(s) => (Kind::Erasure, s.at),
            Statement::Grant(s) => (Kind::Grant, s.at),
            Statement::GrantEnd(s) => (Kind::GrantEnd, s.at),
            Statement::Key(s) => (Kind::Key, s.at),
            Statement::Ledger(s) => (Kind::Ledger, s.at),
            Statement::Release(s) => (Kind::Release, s.at),
            Statement::Run(s) => (Kind::Run, s.at),
            Statement::Screening(s) => (Kind::Screening, s.at),
            Statement::State(s) => (Kind::State, s.at),
            Statement::Withdrawal(s) => (Kind::Withdrawal, s.at),
        }
    }

    /// The log indices that it names, and the kinds that may stand there. All must be lower than its own.
    pub fn names(&self) -> Vec<(u64, &'static [Kind])> {
        const ANY: &[Kind] = &Kind::ALL;
        match self {
            Statement::Admission(s) => s.names(),
            Statement::Correction(s) => vec![(s.entry, ANY)],
            Statement::Dispute(s) => s.claim().map_or(Vec::new(), |c| vec![(c.entry, ANY)]),
            Statement::Erasure(s) => vec![(s.entry, &[Kind::Admission, Kind::Dispute])],
            Statement::GrantEnd(s) => vec![(s.grant, &[Kind::Grant])],
            Statement::Release(s) => vec![(s.dataset, &[Kind::Dataset])],
            Statement::Run(s) => s.releases.iter().map(|r| (*r, &[Kind::Release] as &[Kind])).collect(),
            Statement::Screening(s) => vec![(s.dataset, &[Kind::Dataset])],
            // A withdrawal's ranges are of its dataset's admissions; other entries between them are not meant.
            Statement::Withdrawal(s) => vec![(s.dataset, &[Kind::Dataset])],
            Statement::Dataset(_) | Statement::Grant(_) | Statement::Key(_) | Statement::Ledger(_) => Vec::new(),
            Statement::State(_) => Vec::new(),
        }
    }

    /// The keys of its rows in the register.
    pub fn register_keys(&self) -> Vec<RegisterKey> {
        match self {
            Statement::Dataset(s) => vec![RegisterKey::Dataset(s.id.clone())],
            Statement::Grant(s) => s.terms().map_or(Vec::new(), |t| vec![RegisterKey::Grant(t.id)]),
            Statement::Release(s) => vec![RegisterKey::Release(s.dataset, s.version.clone())],
            Statement::Run(s) => {
                let releases = s.releases.iter().map(|r| RegisterKey::Entry(*r));
                std::iter::once(RegisterKey::Run(s.model.clone())).chain(releases).collect()
            }
            Statement::GrantEnd(s) => vec![RegisterKey::Entry(s.grant)],
            Statement::Withdrawal(s) => vec![RegisterKey::Entry(s.dataset)],
            Statement::Dispute(s) => s.claim().map_or(Vec::new(), |c| vec![RegisterKey::Entry(c.entry)]),
            Statement::Correction(s) => vec![RegisterKey::Entry(s.entry)],
            Statement::Erasure(s) => vec![RegisterKey::Entry(s.entry)],
            Statement::Admission(_) | Statement::Screening(_) | Statement::State(_) => Vec::new(),
            Statement::Key(_) | Statement::Ledger(_) => Vec::new(),
        }
    }
}

impl RegisterKey {
    /// The text that is looked up. A release is named through its dataset's name, which the caller resolves from the log.
    pub fn text(&self, dataset_name: impl FnOnce(u64) -> Option<Name>) -> Option<String> {
        Some(match self {
            RegisterKey::Dataset(id) => format!("dataset:{id}"),
            RegisterKey::Grant(id) => format!("grant:{id}"),
            RegisterKey::Release(dataset, version) => format!("release:{}@{version}", dataset_name(*dataset)?),
            RegisterKey::Run(model) => format!("run:{model}"),
            RegisterKey::Entry(index) => format!("entry:{index}"),
        })
    }

    /// The register's row key, made of [`RegisterKey::text`].
    pub fn row_key(&self, dataset_name: impl FnOnce(u64) -> Option<Name>) -> Option<rows::Key> {
        self.text(dataset_name).map(|text| rows::register_key(&text))
    }
}
