//! Admitting works: sources go through the gate in batches; what passes is recorded, what does not is reported, and all of
//! it is one commit. Input order numbers the entries.
//!
//! Three stages work on batches at a time, each a thread, with short queues between them:
//!
//! | stage | does | in |
//! |---|---|---|
//! | read | reads a source, makes its records works, derives their keys and sorts them | `read.rs`, `keyed.rs` |
//! | screen | meets the keys with what the dataset has, with catalogues and lists; decides in input order; numbers | `screen.rs` |
//! | write | makes works entries, salts, prints and hashes them, writes them and the tiles that they fill, on every core; appends | `encode.rs`, here |
//!
//! Then, once: the run of the index, the screening, the commit. Memory holds some batches, the filter of what the dataset
//! has, and the run under way, which spills.

mod encode;
mod keyed;
pub(super) mod lists;
mod read;
mod report;
pub(super) mod request;
mod screen;

use super::candidate::SourceWork;
use super::gate::{Gate, Tally};
use super::overrides::{Overrides, Unused};
use super::source::{Input, Source};
use super::{LedgerError, Writer};
use crate::index::{PendingRun, Seen};
use crate::ingest::{Mapping, Progress};
use crate::licence::Rules;
use crate::log::LogWriter;
use crate::statement::screening::{List, ListKind};
use crate::statement::vocabulary::{Code, CodeCounts};
use crate::statement::{Identifier, Is, Name, Screening, Statement, V1};
use crate::storage::Mode;
use crate::tlog::VerifiedCheckpoint;
use encode::Numbered;
use lists::OpenLists;
use read::{ReadOut, Reader};
use report::Report;
use screen::{Batch, Screen};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

pub use report::ReportLine;

/// Batches that wait between two stages.
const QUEUE: usize = 1;

/// Works of each outcome that are kept to show a person.
pub const MAX_EXAMPLES: usize = 5;

/// How a source is admitted.
pub struct Options {
    /// Only these grants count; all, if there are none.
    pub grants: Vec<Name>,
    /// The rules for open licences.
    pub rules: Rules,
    /// Lists of works to refuse.
    pub lists: Vec<(ListKind, Input)>,
    /// Works that a person lets in against the gate.
    pub overrides: Option<Input>,
    /// What columns mean.
    pub map: Vec<Mapping>,
    /// Record nothing.
    pub dry_run: bool,
    /// Record nothing unless every work is admitted or there already.
    pub all_or_nothing: bool,
    /// Where the report goes besides the ledger.
    pub report: Option<Box<dyn Write>>,
    /// Who watches, and may stop it.
    pub progress: Progress,
}

/// What happened to a batch.
#[derive(Debug)]
pub struct Outcome {
    /// Counts.
    pub tally: Tally,
    /// Log index of the batch's first entry.
    pub first_entry: u64,
    /// Size of the log afterwards.
    pub log_size: u64,
    /// Whether it was recorded.
    pub recorded: bool,
    /// Log index of its screening, if it was.
    pub screening: Option<u64>,
    /// The report in the ledger.
    pub report: Option<String>,
    /// Grants of open licences that were recorded with it.
    pub open_grants: Vec<Name>,
    /// Files that were read.
    pub files_read: u64,
    /// Files that an earlier run had read, and that nothing has touched since.
    pub files_known: u64,
    /// Columns that meant nothing.
    pub ignored: Vec<String>,
    /// Patterns of a folder's copyright file that fit no file: its name, the line and the pattern.
    pub unfitted: Vec<String>,
    /// Works of those admitted that a person let in against the gate.
    pub overridden: u64,
    /// Lines of the overrides that let no work in.
    pub unused_overrides: Vec<Unused>,
    /// The first works of each code that were not admitted.
    pub examples: BTreeMap<Code, Vec<ReportLine>>,
    /// The checkpoint afterwards, if it was recorded.
    pub checkpoint: Option<VerifiedCheckpoint>,
}

impl Outcome {
    fn new(first_entry: u64) -> Outcome {
        Outcome {
            tally: Tally::default(),
            first_entry,
            log_size: first_entry,
            recorded: false,
            screening: None,
            report: None,
            open_grants: Vec::new(),
            files_read: 0,
            files_known: 0,
            ignored: Vec::new(),
            unfitted: Vec::new(),
            overridden: 0,
            unused_overrides: Vec::new(),
            examples: BTreeMap::new(),
            checkpoint: None,
        }
    }
}

/// Screens works and records them.
///
/// # Errors
/// A source cannot be read, or the disk refuses; then nothing was recorded.
pub fn admit(
    mut writer: Writer,
    dataset: &Name,
    sources: Vec<Source>,
    options: Options,
) -> Result<Outcome, LedgerError> {
    let (dataset, statement) = writer.view().dataset(dataset)?;
    let mut gate = Gate::open(writer.view(), statement, &options.grants, options.rules.clone())?;
    let lists = OpenLists::read(writer.disk(), options.lists, !options.dry_run)?;
    let overrides = options.overrides.map(|input| Overrides::read(input, &[])).transpose()?.unwrap_or_default();
    let (first_entry, disk) = (writer.next(), writer.disk().clone());
    let mut seen = Seen::new(writer.index().runs(dataset)?, PendingRun::new(&disk, dataset, first_entry));
    let reader = Reader {
        sources,
        map: options.map,
        progress: options.progress.clone(),
        disk: disk.clone(),
        now: writer.now(),
        asks_sha256: lists.asks_sha256,
    };
    let removed = writer.view().removed(dataset, first_entry)?;
    let (numbering, log) = writer.parts();
    let seed = numbering.seed;
    let mut screen = Screen {
        numbering,
        dataset,
        gate: &mut gate,
        lists: &lists.lists,
        overrides,
        dry_run: options.dry_run,
        removed: &removed,
        seen: &mut seen,
        report: Report::new(options.report, options.dry_run),
        outcome: Outcome::new(first_entry),
        facts: Vec::new(),
        terms: Vec::new(),
        declared: Vec::new(),
    };
    let read = run(reader, &mut screen, &seed, log)?;
    if options.progress.stopped() {
        return Err(LedgerError::Interrupted);
    }
    let Screen { overrides, mut report, mut outcome, .. } = screen;
    (outcome.files_read, outcome.files_known) = (read.files_read, read.files_known);
    (outcome.ignored, outcome.unfitted) = (read.ignored, read.unfitted);
    let all_admitted = outcome.tally.refused == 0 && outcome.tally.held == 0;
    outcome.recorded = !options.dry_run && (all_admitted || !options.all_or_nothing);
    let report = report.finish(outcome.recorded)?;
    outcome.unused_overrides = overrides.unused();
    if !outcome.recorded {
        return Ok(outcome);
    }
    record_screening(&mut writer, dataset, &mut outcome, report, lists.named, &options.rules)?;
    let register_grew = !outcome.open_grants.is_empty();
    let end = writer.next() + u64::from(register_grew);
    let run = seen.finish(end)?;
    writer.add_run(run);
    let checkpoint = writer.commit(register_grew)?;
    outcome.log_size = checkpoint.size();
    outcome.checkpoint = Some(checkpoint);
    Ok(outcome)
}

/// Keeps the rules, and appends what became of the works.
fn record_screening(
    writer: &mut Writer,
    dataset: u64,
    outcome: &mut Outcome,
    report: Option<Identifier>,
    lists: Vec<List>,
    rules: &Rules,
) -> Result<(), LedgerError> {
    let rules_path = format!("rules/{}", rules.digest().value());
    if !writer.disk().exists(&rules_path)? {
        writer.disk().write_atomic(&rules_path, rules.bytes(), Mode::Public)?;
    }
    outcome.report = report.as_ref().map(|digest| format!("report/{}", digest.value()));
    let (at, salt, tally) = (writer.now(), writer.salt(), &outcome.tally);
    let screening = writer.append(&Statement::Screening(Screening {
        admitted: tally.admitted,
        at,
        considered: tally.considered,
        dataset,
        duplicates: tally.duplicates,
        first_entry: outcome.first_entry,
        held: tally.held,
        kind: Is,
        lists,
        reasons: CodeCounts(tally.reasons.clone()),
        refused: tally.refused,
        report,
        rules: rules.digest().clone(),
        salt,
        v: V1,
    }))?;
    outcome.screening = Some(screening);
    Ok(())
}

/// Runs the stages, the gate's in this thread. The first stage that fails ends all: those before it find nobody who takes
/// what they make, those after it nothing more to take.
fn run(reader: Reader, screen: &mut Screen<'_>, seed: &[u8; 32], log: &mut LogWriter) -> Result<ReadOut, LedgerError> {
    std::thread::scope(|scope| {
        let (to_screen, batches) = sync_channel(QUEUE);
        let (to_write, numbered) = sync_channel(QUEUE);
        let (to_read, spare) = channel();
        let read = scope.spawn(move || reader.run(&to_screen, &spare));
        let write = scope.spawn(move || written(&numbered, log, seed, &to_read));
        let screened = screened(&batches, to_write, screen);
        drop(batches);
        let written = write.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let read = read.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // A stage that could not hand on what it made ends well: the one after it says why.
        screened.and(written).and(read)
    })
}

fn screened(
    batches: &Receiver<Batch>,
    to_write: SyncSender<Numbered>,
    screen: &mut Screen<'_>,
) -> Result<(), LedgerError> {
    for batch in batches {
        if to_write.send(screen.batch(batch)?).is_err() {
            break;
        }
    }
    Ok(())
}

fn written(
    numbered: &Receiver<Numbered>,
    log: &mut LogWriter,
    seed: &[u8; 32],
    to_read: &Sender<Vec<SourceWork>>,
) -> Result<(), LedgerError> {
    let encoder = log.encoder();
    for mut batch in numbered {
        for entries in batch.encode(seed, &encoder)? {
            log.append_all(&entries)?;
        }
        // Memory that goes round need not be asked of the system. A reader that has ended needs none.
        batch.works.clear();
        let _ = to_read.send(batch.works);
    }
    Ok(())
}
