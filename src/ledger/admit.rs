//! Admitting works: a source goes through the gate in batches; what passes is recorded, what does not is reported, and
//! all of it is one commit. Input order numbers the entries.
//!
//! The stages of a batch: read; key; sort; join with what the dataset has, the grants' catalogues and the lists; then,
//! in input order, decide, encode and append. Memory holds one batch, and the index run under way, which spills.

use super::candidate::{Place, SourceWork};
use super::catalogue::Opened;
use super::gate::{Gate, Lists, Tally};
use super::overrides::{CameOfIt, Overrides, Unused};
use super::source::{Input, Opening, Reader, Source, Works, keys};
use super::view::Removed;
use super::writer::admission_rows;
use super::{LedgerError, Writer};
use crate::index::{AdmissionFact, PendingRun};
use crate::ingest::{Mapping, Problem, Progress};
use crate::licence::Rules;
use crate::rows::{Blake3, Key};
use crate::statement::admission::Override;
use crate::statement::identifier::Class;
use crate::statement::screening::{List, ListKind};
use crate::statement::vocabulary::{Code, CodeCounts, Codes, Layer};
use crate::statement::{Admission, Grant, Identifier, Is, Name, Screening, Set, Statement, V1, json};
use crate::storage::{FileWriter, Mode};
use crate::tlog::VerifiedCheckpoint;
use crate::tlog::tile::MAX_ENTRY_LEN;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::rc::Rc;

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

/// Screens works and records them.
///
/// # Errors
/// A source cannot be read, or the disk refuses; then nothing was recorded.
pub fn admit(writer: Writer, dataset: &Name, sources: Vec<Source>, options: Options) -> Result<Outcome, LedgerError> {
    let mut batch = Admitting::open(writer, dataset, options)?;
    for mut source in sources {
        if let Source::Files(folder) = &mut source {
            folder.reading.sha256 |= batch.asks_sha256;
        }
        let opening = Opening {
            map: &batch.map,
            progress: &batch.progress,
            ledger: Some(batch.writer.disk()),
            remember: Some(batch.writer.now()),
            asks: false,
        };
        let mut works = Works::open(source, &opening)?;
        let name = works.name().to_owned();
        loop {
            let chunk = works.chunk()?;
            if chunk.is_empty() {
                break;
            }
            batch.chunk(&name, chunk)?;
        }
        let (read, known) = works.files();
        batch.outcome.files_read += read;
        batch.outcome.files_known += known;
        batch.outcome.unfitted.extend_from_slice(works.unfitted());
        for column in works.ignored() {
            if !batch.outcome.ignored.contains(column) {
                batch.outcome.ignored.push(column.clone());
            }
        }
    }
    if batch.progress.stopped() {
        return Err(LedgerError::Interrupted);
    }
    batch.finish()
}

struct Admitting {
    writer: Writer,
    dataset: u64,
    gate: Gate,
    rules: Rules,
    lists: Lists,
    list_statements: Vec<List>,
    /// Whether a list names works by their SHA-256 digests.
    asks_sha256: bool,
    overrides: Overrides,
    map: Vec<Mapping>,
    progress: Progress,
    dry_run: bool,
    all_or_nothing: bool,
    committed: crate::index::Runs,
    removed: Removed,
    run: PendingRun,
    /// What releases count of the admissions of the chunk under way, in log order.
    facts: Vec<AdmissionFact>,
    report: Report,
    outcome: Outcome,
    /// The log index of the next entry: the writer's, or in a dry run what it would be.
    next: u64,
}

impl Admitting {
    fn open(writer: Writer, dataset: &Name, options: Options) -> Result<Admitting, LedgerError> {
        let (index, statement) = writer.view().dataset(dataset)?;
        let gate = Gate::open(writer.view(), statement, &options.grants, options.rules.clone())?;
        let (mut lists, mut list_statements, mut asks_sha256) = (Lists::default(), Vec::new(), false);
        for (kind, input) in options.lists {
            let (digest, opened) = open_list(&writer, input, !options.dry_run)?;
            let code = if kind == ListKind::Deny { Code::Denied } else { Code::Reserved };
            lists.0.push((code, opened.file));
            list_statements.push(List { digest, kind, rows: opened.rows });
            asks_sha256 |= opened.has_sha256;
        }
        let overrides = options.overrides.map(|input| Overrides::read(input, &[])).transpose()?.unwrap_or_default();
        let (first_entry, committed) = (writer.next(), writer.index().runs(index)?);
        Ok(Admitting {
            removed: writer.view().removed(index, first_entry)?,
            run: PendingRun::new(writer.disk(), index, first_entry),
            report: Report::new(options.report, options.dry_run),
            dataset: index,
            gate,
            rules: options.rules,
            lists,
            list_statements,
            asks_sha256,
            overrides,
            map: options.map,
            progress: options.progress,
            dry_run: options.dry_run,
            all_or_nothing: options.all_or_nothing,
            committed,
            facts: Vec::new(),
            outcome: Outcome {
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
            },
            next: first_entry,
            writer,
        })
    }

    fn chunk(&mut self, source: &str, works: Vec<SourceWork>) -> Result<(), LedgerError> {
        let mut keyed = Keyed::new(&works);
        let removed = &self.removed;
        let firsts = &mut keyed.firsts;
        let mut first = |key: usize, admission: u64| {
            if !removed.has(admission) {
                firsts[key] = Some(firsts[key].map_or(admission, |f: u64| f.min(admission)));
            }
        };
        self.committed.join(&keyed.keys, &mut first)?;
        self.run.join(&keyed.keys, &mut first)?;
        let mut listed: Vec<(usize, usize)> = Vec::new();
        self.gate.join(&keyed.keys, |key, grant| listed.extend(keyed.works_of(key).map(|work| (work, grant))))?;
        listed.sort_unstable();
        listed.dedup();
        let mut on_lists = vec![Codes::NONE; works.len()];
        self.lists.join(&keyed.keys, |key, code| {
            keyed.works_of(key).for_each(|work| on_lists[work] = on_lists[work].with(code));
        })?;
        let mut rows = Vec::new();
        for (place, work) in works.into_iter().enumerate() {
            let from = listed.partition_point(|(w, _)| *w < place);
            let grants: Vec<usize> = listed[from..].iter().take_while(|(w, _)| *w == place).map(|(_, g)| *g).collect();
            if let Some((index, admission)) = self.work(source, work, &keyed, place, &grants, on_lists[place])? {
                let (work_rows, fact) = admission_rows(index, &admission);
                for slot in keyed.slots(place) {
                    keyed.firsts[slot].get_or_insert(index);
                }
                rows.extend(work_rows);
                self.facts.push(fact);
            }
        }
        let facts = std::mem::take(&mut self.facts);
        self.run.add(rows, facts).map_err(LedgerError::from)
    }

    /// Takes one work through the gate; gives the admission, if it is one.
    fn work(
        &mut self,
        source: &str,
        work: SourceWork,
        keyed: &Keyed,
        place: usize,
        grants: &[usize],
        on_lists: Codes,
    ) -> Result<Option<(u64, Box<Admission>)>, LedgerError> {
        let now = self.writer.now();
        if let Some(day) = work.used_from.filter(|day| *day > now.date()) {
            return Err(LedgerError::UsedInFuture { place: work.place.within(source), day });
        }
        let mut codes = work.problems.iter().fold(on_lists, |codes, p| codes.with(p.code));
        let slots: Vec<usize> = keyed.work_slots(place, &work).collect();
        let firsts: Vec<Option<u64>> = slots.iter().map(|slot| keyed.firsts[*slot]).collect();
        let first = firsts.iter().flatten().min().copied();
        let person = self.overrides.find(slots.iter().map(|slot| keyed.keys[*slot]));
        if firsts.is_empty() {
            // Without a name of its own, no grant can be asked about it; a code may say already why it has none.
            let said = [Code::BadIdentifier, Code::Unreadable, Code::ChangedWhileRead].iter().any(|c| codes.has(*c));
            codes = codes.with_if(!said, Code::NoIdentifier);
            return self.refuse(source, work, person, codes, Vec::new());
        }
        // A decision lets a work in once, however often its batch is run.
        let could_enter = codes.is_empty() || person.is_some() && Overrides::can_decide(codes);
        if could_enter && firsts.iter().all(Option::is_some) {
            return self.refuse(source, work, person, Code::Duplicate.into(), Vec::new());
        }
        if codes.has(Code::Unreadable) || codes.has(Code::ChangedWhileRead) {
            // What it says of its licence is not known either.
            return self.refuse(source, work, person, codes, Vec::new());
        }
        let day = work.used_from.unwrap_or(now.date());
        let decision = self.gate.decide(grants, &work, day);
        codes = codes.union(decision.codes);
        let override_ = self.overrides.against(person, codes);
        if !codes.is_empty() && override_.is_none() {
            return self.refuse(source, work, person, codes, decision.closest);
        }
        let is_overridden = override_.is_some();
        let same_as = first.map(|index| self.first_of(index)).transpose()?;
        let recorded = self.record(source, work, &decision.chosen, same_as, override_)?;
        self.overrides.note(
            person,
            match (&recorded, is_overridden) {
                (None, _) => CameOfIt::NotPossible,
                (Some(_), false) => CameOfIt::NotNeeded,
                (Some(_), true) => CameOfIt::LetIn,
            },
        );
        self.outcome.overridden += u64::from(recorded.is_some() && is_overridden);
        Ok(recorded)
    }

    /// Records a work that may enter, unless it is too large for an entry.
    fn record(
        &mut self,
        source: &str,
        work: SourceWork,
        chosen: &[(Layer, usize)],
        same_as: Option<u64>,
        override_: Option<Override>,
    ) -> Result<Option<(u64, Box<Admission>)>, LedgerError> {
        let licence = self.gate.licence(work.licence.as_ref());
        // What is too large is known before anything is recorded for it; the largest index stands for those to come.
        let placeholder = |(layer, grant): &(Layer, usize)| {
            (*layer, self.gate.grants[*grant].index.unwrap_or(crate::statement::json::MAX_INTEGER))
        };
        let likely = chosen.iter().map(placeholder).collect();
        let mut admission = self.admission(work, licence, likely, chosen, same_as);
        admission.1.override_ = override_;
        let is_new = |(_, grant): &(Layer, usize)| self.gate.grants[*grant].index.is_none();
        if (self.dry_run || chosen.iter().any(is_new)) && json::print(&admission.1).len() > MAX_ENTRY_LEN {
            self.too_large(source, admission)?;
            return Ok(None);
        }
        let mut named = BTreeMap::new();
        for (layer, grant) in chosen {
            named.insert(*layer, self.grant_index(*grant)?);
        }
        admission.1.grants = named;
        // The grants may have taken the index, and so the salt, that it had before.
        admission.1.salt = self.writer.salt();
        self.append(source, admission)
    }

    fn admission(
        &self,
        work: SourceWork,
        licence: Option<crate::statement::admission::Licence>,
        grants: BTreeMap<Layer, u64>,
        chosen: &[(Layer, usize)],
        same_as: Option<u64>,
    ) -> (Place, Admission) {
        let obligations: Set<_> = self.gate.obligations(chosen).collect();
        let admission = Admission {
            at: self.writer.now(),
            dataset: self.dataset,
            embodiments: work.embodiments,
            grants,
            identifiers: work.identifiers.into(),
            kind: Is,
            layers: work.layers.into(),
            licence,
            obligations,
            override_: None,
            parties: work.parties,
            salt: self.writer.salt(),
            same_as,
            title: work.title,
            used_from: work.used_from,
            v: V1,
            work_type: work.work_type,
        };
        (work.place, admission)
    }

    fn append(
        &mut self,
        source: &str,
        (place, admission): (Place, Admission),
    ) -> Result<Option<(u64, Box<Admission>)>, LedgerError> {
        let (index, admission) = if self.dry_run {
            (self.next, Box::new(admission))
        } else {
            match self.writer.append_admission(admission)? {
                Ok(appended) => appended,
                Err(admission) => {
                    self.too_large(source, (place, *admission))?;
                    return Ok(None);
                }
            }
        };
        self.next = index + 1;
        self.outcome.tally.count(Codes::NONE);
        Ok(Some((index, admission)))
    }

    fn too_large(&mut self, source: &str, (place, admission): (Place, Admission)) -> Result<(), LedgerError> {
        self.line(ReportLine {
            codes: Code::TooLarge.into(),
            grants: Vec::new(),
            identifiers: admission.identifiers.to_vec(),
            licence: admission.licence.map(|l| l.raw),
            place,
            outcome: outcome(Code::TooLarge.into()).to_owned(),
            source: source.to_owned(),
            title: admission.title,
            why: vec![format!("does not fit an entry of {MAX_ENTRY_LEN} bytes")],
        })
    }

    /// Reports a work that does not enter, whatever a person decided about it.
    fn refuse(
        &mut self,
        source: &str,
        work: SourceWork,
        person: Option<usize>,
        codes: Codes,
        grants: Vec<Name>,
    ) -> Result<Option<(u64, Box<Admission>)>, LedgerError> {
        self.overrides.note(person, CameOfIt::NotPossible);
        let mut why: Vec<String> = work.problems.iter().map(Problem::words).collect();
        let licensable = !codes.has(Code::Duplicate);
        why.extend(work.offer.filter(|_| licensable).map(|offer| format!("another licence is sold at {offer}")));
        let digests = work.embodiments.iter().flat_map(|e| &e.digests).cloned();
        self.line(ReportLine {
            codes,
            grants,
            identifiers: work.identifiers.iter().cloned().chain(digests).collect(),
            licence: work.licence.map(|l| l.raw),
            place: work.place,
            outcome: outcome(codes).to_owned(),
            source: source.to_owned(),
            title: work.title,
            why,
        })?;
        Ok(None)
    }

    fn line(&mut self, line: ReportLine) -> Result<(), LedgerError> {
        self.outcome.tally.count(line.codes);
        self.report.line(&self.writer, &line)?;
        for code in line.codes.iter() {
            let examples = self.outcome.examples.entry(code).or_default();
            if examples.len() < MAX_EXAMPLES {
                examples.push(line.clone());
            }
        }
        Ok(())
    }

    /// The log index of a grant, which is recorded now if it is an open licence's that no work has needed before.
    fn grant_index(&mut self, place: usize) -> Result<u64, LedgerError> {
        if let Some(index) = self.gate.grants[place].index {
            return Ok(index);
        }
        let mut terms = self.gate.grants[place].terms.clone();
        terms.id = free_name(&self.writer, &terms.id)?;
        self.outcome.open_grants.push(terms.id.clone());
        let index = if self.dry_run {
            self.next
        } else {
            let (at, salt) = (self.writer.now(), self.writer.salt());
            let grant = Grant { at, envelope: None, kind: Is, salt, terms: Some(terms), v: V1 };
            self.writer.append(&Statement::Grant(Box::new(grant)))?
        };
        self.next = index + 1;
        self.gate.grants[place].index = Some(index);
        Ok(index)
    }

    /// The first admission of the work that an admission is of.
    fn first_of(&self, index: u64) -> Result<u64, LedgerError> {
        if let Ok(place) = self.facts.binary_search_by_key(&index, |fact| fact.index) {
            return Ok(self.facts[place].work);
        }
        if index >= self.outcome.first_entry {
            return Ok(self.run.first_of(index)?.unwrap_or(index));
        }
        match self.writer.view().statement(index)? {
            Statement::Admission(admission) => Ok(admission.same_as.unwrap_or(index)),
            other => Err(LedgerError::WrongKind { index, wanted: "an admission", found: other.head().0 }),
        }
    }

    fn finish(mut self) -> Result<Outcome, LedgerError> {
        let all_admitted = self.outcome.tally.refused == 0 && self.outcome.tally.held == 0;
        self.outcome.recorded = !self.dry_run && (all_admitted || !self.all_or_nothing);
        let report = self.report.finish(self.outcome.recorded)?;
        self.outcome.log_size = self.outcome.first_entry;
        self.outcome.unused_overrides = self.overrides.unused();
        if !self.outcome.recorded {
            return Ok(self.outcome);
        }
        let writer = &mut self.writer;
        let rules_path = format!("rules/{}", self.rules.digest().value());
        if !writer.disk().exists(&rules_path)? {
            writer.disk().write_atomic(&rules_path, self.rules.bytes(), Mode::Public)?;
        }
        self.outcome.report = report.as_ref().map(|digest| format!("report/{}", digest.value()));
        let tally = &self.outcome.tally;
        let (at, salt) = (writer.now(), writer.salt());
        let screening = writer.append(&Statement::Screening(Screening {
            admitted: tally.admitted,
            at,
            considered: tally.considered,
            dataset: self.dataset,
            duplicates: tally.duplicates,
            first_entry: self.outcome.first_entry,
            held: tally.held,
            kind: Is,
            lists: self.list_statements,
            reasons: CodeCounts(tally.reasons.clone()),
            refused: tally.refused,
            report,
            rules: self.rules.digest().clone(),
            salt,
            v: V1,
        }))?;
        self.outcome.screening = Some(screening);
        let register_grew = !self.outcome.open_grants.is_empty();
        let end = writer.next() + u64::from(register_grew);
        let run = self.run.finish(end)?;
        writer.add_run(run);
        let checkpoint = self.writer.commit(register_grew)?;
        self.outcome.log_size = checkpoint.size();
        self.outcome.checkpoint = Some(checkpoint);
        Ok(self.outcome)
    }
}

/// Names tried for the grant of an open licence: each is another rules file's, or a lab's own.
const MAX_NAMES: u32 = 1000;

/// The name itself, or the first of `name-2`, `name-3` ... that no grant has.
fn free_name(writer: &Writer, name: &Name) -> Result<Name, LedgerError> {
    let mut candidate = name.clone();
    for n in 2..MAX_NAMES {
        if writer.view().look_up(&format!("grant:{candidate}"))?.is_empty() {
            return Ok(candidate);
        }
        let text: String = name.as_str().chars().take(58).collect();
        candidate = Name::parse(&format!("{text}-{n}")).unwrap_or(candidate);
    }
    Err(LedgerError::Taken { what: "grant", name: name.to_string(), index: 0 })
}

fn outcome(codes: Codes) -> &'static str {
    match codes {
        codes if codes.has(Code::Duplicate) => "duplicate",
        codes if codes.is_held() => "held",
        _ => "refused",
    }
}

/// Opens a list: the digest of its file, taken while it is read, and its rows.
fn open_list(writer: &Writer, input: Input, keep: bool) -> Result<(Identifier, Opened), LedgerError> {
    let digest = Rc::new(RefCell::new(Blake3::new()));
    let reader = Box::new(Hashing { inner: input.reader, digest: Rc::clone(&digest) });
    let input = Input { reader: reader.into(), ..input };
    let opened = super::catalogue::open_catalogue(writer.disk(), input, &[], |_| keep)?;
    let digest = Identifier::blake3(&digest.borrow().finish());
    Ok((digest, opened))
}

/// A reader that digests what passes through it.
struct Hashing {
    inner: Reader,
    digest: Rc<RefCell<Blake3>>,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.digest.borrow_mut().update(&buffer[..len]);
        Ok(len)
    }
}

/// The keys of a batch: sorted and each once, with the works that have them.
struct Keyed {
    keys: Vec<Key>,
    /// (place in `keys`, work), ascending.
    owners: Vec<(u32, u32)>,
    /// For each work, where its slots begin in `slots`; one more at the end.
    starts: Vec<u32>,
    /// Places in `keys`, in the order of each work's identifiers.
    slots: Vec<u32>,
    /// The first admission that has the key, if any has.
    firsts: Vec<Option<u64>>,
}

impl Keyed {
    fn new(works: &[SourceWork]) -> Keyed {
        let mut all: Vec<(Key, u32)> = Vec::new();
        let mut starts = vec![0];
        let mut owner = Vec::new();
        for (work, place) in works.iter().zip(0u32..) {
            for (key, _) in keys(work) {
                all.push((key, all.len() as u32));
                owner.push(place);
            }
            starts.push(all.len() as u32);
        }
        all.sort_unstable();
        let (mut distinct, mut slots) = (Vec::with_capacity(all.len()), vec![0; all.len()]);
        let mut owners = Vec::with_capacity(all.len());
        for (key, slot) in all {
            if distinct.last() != Some(&key) {
                distinct.push(key);
            }
            let place = distinct.len() as u32 - 1;
            slots[slot as usize] = place;
            owners.push((place, owner[slot as usize]));
        }
        owners.sort_unstable();
        Keyed { firsts: vec![None; distinct.len()], keys: distinct, owners, starts, slots }
    }

    /// The works that have a key.
    fn works_of(&self, key: usize) -> impl Iterator<Item = usize> {
        let from = self.owners.partition_point(|(k, _)| (*k as usize) < key);
        self.owners[from..].iter().take_while(move |(k, _)| *k as usize == key).map(|(_, work)| *work as usize)
    }

    /// The places of a work's keys.
    fn slots(&self, work: usize) -> Vec<usize> {
        let range = self.starts[work] as usize..self.starts[work + 1] as usize;
        self.slots[range].iter().map(|slot| *slot as usize).collect()
    }

    /// The places of the keys that name the work itself, not a group.
    fn work_slots(&self, place: usize, work: &SourceWork) -> impl Iterator<Item = usize> {
        let slots = self.slots(place).into_iter();
        let is_work = |id: &Identifier| id.scheme().class(work.work_type) == Class::Work;
        slots.zip(work.looked_up_by()).filter(move |(_, id)| is_work(id)).map(|(slot, _)| slot)
    }
}

/// The report under way: a file of the ledger, named by its digest when it is whole, and a copy for the user.
struct Report {
    file: Option<FileWriter>,
    digest: Blake3,
    copy: Option<Box<dyn Write>>,
    dry_run: bool,
    lines: u64,
}

impl Report {
    fn new(copy: Option<Box<dyn Write>>, dry_run: bool) -> Report {
        Report { file: None, digest: Blake3::new(), copy, dry_run, lines: 0 }
    }

    fn line(&mut self, writer: &Writer, line: &ReportLine) -> Result<(), LedgerError> {
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
            None => self.file.insert(writer.disk().create("report/new")?),
        };
        file.write(text.as_bytes())?;
        Ok(())
    }

    /// Gives the file its name; `None` where there was nothing to report, or nothing is recorded.
    fn finish(&mut self, recorded: bool) -> Result<Option<Identifier>, LedgerError> {
        if let Some(copy) = &mut self.copy {
            copy.flush().map_err(|error| LedgerError::Io { path: "the report".to_owned(), error })?;
        }
        let Some(file) = self.file.take().filter(|_| recorded) else { return Ok(None) };
        let digest = Identifier::blake3(&self.digest.finish());
        file.finish_as(&format!("report/{}", digest.value()))?;
        Ok(Some(digest))
    }
}
