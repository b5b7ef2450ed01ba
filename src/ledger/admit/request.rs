//! A few works on their way through the gate of a ledger that stays open: what `admit` does in stages for millions, in one
//! piece, and in a commit that others share.
//!
//! Not here: who shares it, and the commit ([`crate::ledger::desk`]). Invariant: a request that fails has appended nothing
//! and changed nothing that later ones are decided by.

use super::keyed::Keyed;
use super::lists::OpenLists;
use super::report::Report;
use super::screen::{Batch, Screen};
use super::{Outcome, record_screening};
use crate::index::{AdmissionFact, PendingRun, Seen};
use crate::ingest::Progress;
use crate::ledger::gate::{Gate, Lists};
use crate::ledger::overrides::Overrides;
use crate::ledger::source::{Input, Opening, Works};
use crate::ledger::view::Removed;
use crate::ledger::{LedgerError, Writer};
use crate::licence::Rules;
use crate::log::Entries;
use crate::rows::Row;
use crate::statement::screening::List;
use crate::statement::{Identifier, Name};

/// Works of a request: one batch, in memory until it is committed.
pub const MAX_REQUEST_WORKS: usize = 4096;

/// Works that are to be admitted together, read and keyed.
pub(in crate::ledger) struct Request {
    pub dataset: Name,
    batch: Batch,
    ignored: Vec<String>,
}

impl Request {
    /// Reads the works of a catalogue.
    ///
    /// # Errors
    /// It cannot be read, or has more than [`MAX_REQUEST_WORKS`] works.
    pub fn read(dataset: &Name, input: Input) -> Result<Request, LedgerError> {
        let progress = Progress::default();
        let opening = Opening { map: &[], progress: &progress, ledger: None, remember: None, asks: false };
        let mut source = Works::open(input.into(), &opening)?;
        let mut works = Vec::new();
        while let Some(work) = source.next().transpose()? {
            if works.len() == MAX_REQUEST_WORKS {
                return Err(LedgerError::LongRequest { name: source.name().to_owned(), most: MAX_REQUEST_WORKS });
            }
            works.push(work);
        }
        let (name, ignored) = (source.name().into(), source.ignored().to_vec());
        let batch = Batch { source: name, keyed: Keyed::new(&works), works };
        Ok(Request { dataset: dataset.clone(), batch, ignored })
    }

    /// How many works it has.
    pub fn works(&self) -> usize {
        self.batch.works.len()
    }
}

/// The gate of a dataset, and what the dataset has, from request to request.
pub(in crate::ledger) struct OpenGate {
    dataset: u64,
    gate: Gate,
    removed: Removed,
    seen: Seen,
}

impl OpenGate {
    /// Opens the gate of a dataset, as of the last commit.
    ///
    /// # Errors
    /// A file of the ledger cannot be read.
    pub fn open(writer: &Writer, name: &Name, rules: &Rules) -> Result<OpenGate, LedgerError> {
        let (dataset, statement) = writer.view().dataset(name)?;
        let gate = Gate::open(writer.view(), statement, &[], rules.clone())?;
        let removed = writer.view().removed(dataset, writer.next())?;
        let seen = seen(writer, dataset)?;
        Ok(OpenGate { dataset, gate, removed, seen })
    }

    /// Takes a request through the gate, and appends what passes, and its screening, which names the lists. The outer
    /// error is the ledger's, and nothing more can be appended; the inner one is the request's.
    pub fn admit(
        &mut self,
        writer: &mut Writer,
        request: Request,
        lists: &OpenLists,
        rules: &Rules,
    ) -> Result<Result<Outcome, LedgerError>, LedgerError> {
        let first_entry = writer.next();
        match self.decide(writer, request, &lists.lists) {
            Ok(decided) => self.record(writer, decided, lists.named.clone(), rules).map(Ok),
            Err(error) => {
                writer.abandon();
                self.gate.undeclare(first_entry);
                Ok(Err(error))
            }
        }
    }

    fn decide(&mut self, writer: &mut Writer, request: Request, lists: &Lists) -> Result<Decided, LedgerError> {
        let first_entry = writer.next();
        let (numbering, log) = writer.parts();
        let (seed, encoder) = (numbering.seed, log.encoder());
        let mut screen = Screen {
            numbering,
            dataset: self.dataset,
            gate: &mut self.gate,
            lists,
            overrides: Overrides::default(),
            dry_run: false,
            removed: &self.removed,
            seen: &mut self.seen,
            report: Report::new(None, false),
            outcome: Outcome::new(first_entry),
            facts: Vec::new(),
            terms: Vec::new(),
            declared: Vec::new(),
        };
        let (rows, mut numbered) = screen.decide(request.batch)?;
        let Screen { mut report, mut outcome, facts, .. } = screen;
        let entries = numbered.encode(&seed, &encoder)?;
        (outcome.recorded, outcome.ignored) = (true, request.ignored);
        Ok(Decided { rows, facts, entries, report: report.finish(true)?, outcome })
    }

    fn record(
        &mut self,
        writer: &mut Writer,
        decided: Decided,
        lists: Vec<List>,
        rules: &Rules,
    ) -> Result<Outcome, LedgerError> {
        let Decided { rows, facts, entries, report, mut outcome } = decided;
        let (_, log) = writer.parts();
        entries.iter().try_for_each(|entries| log.append_all(entries))?;
        self.seen.add(rows, facts)?;
        record_screening(writer, self.dataset, &mut outcome, report, lists, rules)?;
        Ok(outcome)
    }

    /// Writes the run of what was admitted since the index was last handed over; gives what is left of the gate.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self, writer: &mut Writer) -> Result<ClosedGate, LedgerError> {
        let OpenGate { dataset, gate, removed, seen } = self;
        let run = seen.finish(writer.next())?;
        writer.add_run(run);
        Ok(ClosedGate { dataset, gate, removed })
    }
}

/// A gate whose dataset's index is being handed over.
pub(in crate::ledger) struct ClosedGate {
    pub dataset: u64,
    gate: Gate,
    removed: Removed,
}

impl ClosedGate {
    /// Opens it again, where the register has not grown meanwhile.
    ///
    /// # Errors
    /// A run cannot be opened.
    pub fn open(self, writer: &Writer) -> Result<OpenGate, LedgerError> {
        let ClosedGate { dataset, gate, removed } = self;
        Ok(OpenGate { dataset, gate, removed, seen: seen(writer, dataset)? })
    }
}

fn seen(writer: &Writer, dataset: u64) -> Result<Seen, LedgerError> {
    Ok(Seen::new(writer.index().runs(dataset)?, PendingRun::new(writer.disk(), dataset, writer.next())))
}

/// A request that was decided, of which nothing is appended yet.
struct Decided {
    rows: Vec<Row>,
    facts: Vec<AdmissionFact>,
    entries: Vec<Entries>,
    report: Option<Identifier>,
    outcome: Outcome,
}
