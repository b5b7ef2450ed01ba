//! The gate's stage: a batch is met with what the dataset has, with the grants' catalogues and with the lists; then each
//! work, in input order, is decided, and numbered if it may enter.

use super::encode::Numbered;
use super::keyed::Keyed;
use super::report::{Report, ReportLine, outcome};
use super::{MAX_EXAMPLES, Outcome};
use crate::index::{AdmissionFact, Reliance, RelianceKey, Seen};
use crate::ingest::Problem;
use crate::ledger::LedgerError;
use crate::ledger::candidate::{Place, SourceWork};
use crate::ledger::gate::{Decision, Gate, Lists};
use crate::ledger::overrides::{CameOfIt, Overrides};
use crate::ledger::view::{Removed, View};
use crate::ledger::writer::Numbering;
use crate::rows::Row;
use crate::statement::admission::{Licence, Override};
use crate::statement::vocabulary::{Code, Codes, Layer};
use crate::statement::{Admission, Grant, Is, Name, Salt, Scheme, Set, Statement, V1, json};
use crate::tlog::tile::MAX_ENTRY_LEN;
use std::sync::Arc;

/// A batch of works of one source, ready for the gate.
pub(super) struct Batch {
    pub source: Arc<str>,
    pub works: Vec<SourceWork>,
    pub keyed: Keyed,
}

/// The gate of one dataset at work.
pub(super) struct Screen<'w> {
    pub numbering: Numbering<'w>,
    pub dataset: u64,
    pub gate: &'w mut Gate,
    pub lists: &'w Lists,
    pub overrides: Overrides,
    pub dry_run: bool,
    pub removed: &'w Removed,
    pub seen: &'w mut Seen,
    pub report: Report,
    pub outcome: Outcome,
    /// What releases count of the admissions of the batch under way, in log order.
    pub facts: Vec<AdmissionFact>,
    /// The entries of the batch under way.
    pub numbered: Numbered,
    /// What the last admission relied on: mostly the next one's too.
    pub reliance: Option<(Reliance, RelianceKey)>,
}

/// What of a work the batch knows beforehand.
struct Known<'a> {
    source: &'a str,
    keyed: &'a Keyed,
    /// Of each key of the batch, the first admission that has it, if any has.
    firsts: &'a [Option<u64>],
    /// Its place in the batch.
    place: usize,
    /// The grants whose catalogues have it.
    grants: &'a [(usize, usize)],
    /// The codes of the lists that have it.
    on_lists: Codes,
}

impl Screen<'_> {
    /// Takes a batch through the gate, and notes what it admits; gives its entries.
    ///
    /// # Errors
    /// A file of the ledger cannot be read, or a report cannot be written.
    pub fn batch(&mut self, batch: Batch) -> Result<Numbered, LedgerError> {
        let rows = self.decide(batch)?;
        self.seen.add(rows, std::mem::take(&mut self.facts))?;
        Ok(std::mem::take(&mut self.numbered))
    }

    /// Takes a batch through the gate; gives the rows of what it admits.
    ///
    /// # Errors
    /// As [`Screen::batch`].
    pub fn decide(&mut self, batch: Batch) -> Result<Vec<Row>, LedgerError> {
        let Batch { source, works, keyed } = batch;
        let mut firsts: Vec<Option<u64>> = vec![None; keyed.keys.len()];
        let removed = self.removed;
        self.seen.join(&keyed.keys, |key, admission| {
            if !removed.has(admission) {
                firsts[key] = Some(firsts[key].map_or(admission, |first| first.min(admission)));
            }
        })?;
        let mut listed: Vec<(usize, usize)> = Vec::new();
        self.gate.join(&keyed.keys, |key, grant| listed.extend(keyed.works_of(key).map(|work| (work, grant))))?;
        listed.sort_unstable();
        listed.dedup();
        let mut on_lists = vec![Codes::NONE; works.len()];
        self.lists.join(&keyed.keys, |key, code| {
            keyed.works_of(key).for_each(|work| on_lists[work] = on_lists[work].with(code));
        })?;
        let mut admitted = vec![None; works.len()];
        let mut from = 0;
        for (place, work) in works.into_iter().enumerate() {
            let grants = listed[from..].iter().take_while(|(work, _)| *work == place).count();
            let grants = &listed[from..from + grants];
            from += grants.len();
            let (source, keyed, firsts_now) = (&*source, &keyed, &*firsts);
            let known = Known { source, keyed, firsts: firsts_now, place, grants, on_lists: on_lists[place] };
            admitted[place] = self.work(work, &known)?;
            if let Some(index) = admitted[place] {
                for slot in keyed.slots(place) {
                    firsts[slot].get_or_insert(index);
                }
            }
        }
        Ok(keyed.rows(&admitted))
    }

    /// Takes one work through the gate; gives the log index of its admission, if it is let in.
    fn work(&mut self, work: SourceWork, known: &Known<'_>) -> Result<Option<u64>, LedgerError> {
        let today = self.numbering.at.date();
        if let Some(day) = work.used_from.filter(|day| *day > today) {
            return Err(LedgerError::UsedInFuture { place: work.place.within(known.source), day });
        }
        let mut codes = work.problems.iter().fold(known.on_lists, |codes, p| codes.with(p.code));
        let slots = || known.keyed.work_slots(known.place, &work);
        let person = self.overrides.find(slots().map(|slot| known.keyed.keys[slot]));
        let first = slots().filter_map(|slot| known.firsts[slot]).min();
        let has_name = slots().next().is_some();
        let is_there = first.is_some() && slots().all(|slot| known.firsts[slot].is_some());
        if !has_name {
            // Without a name of its own, no grant can be asked about it; a code may say already why it has none.
            let said = [Code::BadIdentifier, Code::Unreadable, Code::ChangedWhileRead].iter().any(|c| codes.has(*c));
            codes = codes.with_if(!said, Code::NoIdentifier);
            return self.refuse(known.source, work, person, codes, Vec::new());
        }
        // A decision lets a work in once, however often its batch is run.
        let could_enter = codes.is_empty() || person.is_some() && Overrides::can_decide(codes);
        if could_enter && is_there {
            return self.refuse(known.source, work, person, Code::Duplicate.into(), Vec::new());
        }
        if codes.has(Code::Unreadable) || codes.has(Code::ChangedWhileRead) {
            // What it says of its licence is not known either.
            return self.refuse(known.source, work, person, codes, Vec::new());
        }
        let day = work.used_from.unwrap_or(today);
        let decision = self.gate.decide(known.grants.iter().map(|(_, grant)| *grant), &work, day);
        codes = codes.union(decision.codes);
        let override_ = self.overrides.against(person, codes);
        if !codes.is_empty() && override_.is_none() {
            return self.refuse(known.source, work, person, codes, decision.closest);
        }
        let is_overridden = override_.is_some();
        let same_as = first.map(|index| self.first_of(index)).transpose()?;
        let recorded = self.record(known.source, work, decision, same_as, override_)?;
        let came_of_it = match (recorded, is_overridden) {
            (None, _) => CameOfIt::NotPossible,
            (Some(_), false) => CameOfIt::NotNeeded,
            (Some(_), true) => CameOfIt::LetIn,
        };
        self.overrides.note(person, came_of_it);
        self.outcome.overridden += u64::from(recorded.is_some() && is_overridden);
        Ok(recorded)
    }

    /// Numbers a work that may enter, unless it is too large for an entry.
    fn record(
        &mut self,
        source: &str,
        work: SourceWork,
        decision: Decision,
        same_as: Option<u64>,
        override_: Option<Override>,
    ) -> Result<Option<u64>, LedgerError> {
        let chosen = &decision.chosen;
        // What is too large is known before anything is recorded for it; the largest index stands for those to come.
        let likely =
            |(layer, grant): &(Layer, usize)| (*layer, self.gate.grants[*grant].index.unwrap_or(json::MAX_INTEGER));
        let spdx = decision.spdx.as_deref().map(str::to_owned);
        let mut admission = Admission {
            at: self.numbering.at,
            dataset: self.dataset,
            embodiments: work.embodiments,
            grants: chosen.iter().map(likely).collect(),
            identifiers: work.identifiers.into(),
            kind: Is,
            layers: work.layers.into(),
            licence: work.licence.map(|l| Licence { raw: l.raw, source: l.source, spdx }),
            obligations: self.gate.obligations(chosen).collect::<Set<_>>(),
            override_,
            parties: work.parties,
            // That of its index is given once it is printed.
            salt: Salt([0; 16]),
            same_as,
            title: work.title,
            used_from: work.used_from,
            v: V1,
            work_type: work.work_type,
        };
        if may_be_long(&admission) && json::print(&admission).len() > MAX_ENTRY_LEN {
            self.too_large(source, work.place, admission)?;
            return Ok(None);
        }
        for (layer, grant) in chosen {
            let index = match self.gate.grants[*grant].index {
                Some(index) => index,
                None => self.declare(*grant)?,
            };
            admission.grants.insert(*layer, index);
        }
        let index = self.numbering.take();
        let (work, bytes, reliance) = (same_as.unwrap_or(index), admission.bytes(), self.reliance(&admission));
        self.facts.push(AdmissionFact { index, work, bytes, reliance });
        if !self.dry_run {
            self.numbered.admit(index, admission);
        }
        self.outcome.tally.count(Codes::NONE);
        Ok(Some(index))
    }

    fn reliance(&mut self, admission: &Admission) -> RelianceKey {
        let registered = admission.identifiers.iter().any(|id| id.scheme() == Scheme::Uscopyright);
        let overridden = admission.override_.is_some();
        match &self.reliance {
            Some((last, key))
                if (last.overridden, last.registered) == (overridden, registered)
                    && last.grants == admission.grants =>
            {
                *key
            }
            _ => {
                let reliance = Reliance::of(admission);
                let key = reliance.key();
                self.reliance = Some((reliance, key));
                key
            }
        }
    }

    fn too_large(&mut self, source: &str, place: Place, admission: Admission) -> Result<(), LedgerError> {
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
    ) -> Result<Option<u64>, LedgerError> {
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
        self.report.line(self.numbering.view.disk(), &line)?;
        for code in line.codes.iter() {
            let examples = self.outcome.examples.entry(code).or_default();
            if examples.len() < MAX_EXAMPLES {
                examples.push(line.clone());
            }
        }
        Ok(())
    }

    /// Records the grant of an open licence, which no work has needed before; gives its log index.
    fn declare(&mut self, place: usize) -> Result<u64, LedgerError> {
        let mut terms = self.gate.grants[place].terms.clone();
        terms.id = free_name(self.numbering.view, &terms.id)?;
        self.outcome.open_grants.push(terms.id.clone());
        let index = if self.dry_run {
            self.numbering.take()
        } else {
            let (at, salt) = (self.numbering.at, self.numbering.salt());
            let grant = Grant { at, envelope: None, kind: Is, salt, terms: Some(terms), v: V1 };
            let (index, text) = self.numbering.declare(&Statement::Grant(Box::new(grant)))?;
            self.numbered.declare(index, text);
            index
        };
        self.gate.grants[place].index = Some(index);
        Ok(index)
    }

    /// The first admission of the work that an admission is of.
    fn first_of(&self, index: u64) -> Result<u64, LedgerError> {
        if let Ok(place) = self.facts.binary_search_by_key(&index, |fact| fact.index) {
            return Ok(self.facts[place].work);
        }
        if index >= self.numbering.view.log().size() {
            return Ok(self.seen.first_of(index)?.unwrap_or(index));
        }
        match self.numbering.view.statement(index)? {
            Statement::Admission(admission) => Ok(admission.same_as.unwrap_or(index)),
            other => Err(LedgerError::WrongKind { index, wanted: "an admission", found: other.head().0 }),
        }
    }
}

/// Whether an admission can be too long for an entry: printed, a byte of text is at most six, and what stands beside the
/// texts of each of its parts is below 512.
fn may_be_long(admission: &Admission) -> bool {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let parties = admission.parties.iter().map(|p| p.name.len() + 512 * (1 + p.ids.len()));
    let forms = admission.embodiments.iter().map(|e| text(&e.path) + text(&e.media_type) + 512 * (1 + e.digests.len()));
    let licence = admission.licence.as_ref().map_or(0, |l| l.raw.len() + l.source.len() + text(&l.spdx));
    let override_ = admission.override_.as_ref().map_or(0, |o| o.because.len() + o.by.len() + 2048);
    let texts = text(&admission.title) + licence + override_ + parties.sum::<usize>() + forms.sum::<usize>();
    // An identifier has at most 512 bytes, and no escapes.
    let lists = 512 * (admission.identifiers.len() + admission.layers.len() + admission.obligations.len());
    6 * texts + lists + 2048 > MAX_ENTRY_LEN
}

/// Names tried for the grant of an open licence: each is another rules file's, or a lab's own.
const MAX_NAMES: u32 = 1000;

/// The name itself, or the first of `name-2`, `name-3` ... that no grant has.
fn free_name(view: &View, name: &Name) -> Result<Name, LedgerError> {
    let mut candidate = name.clone();
    for n in 2..MAX_NAMES {
        if view.look_up(&format!("grant:{candidate}"))?.is_empty() {
            return Ok(candidate);
        }
        let text: String = name.as_str().chars().take(58).collect();
        candidate = Name::parse(&format!("{text}-{n}")).unwrap_or(candidate);
    }
    Err(LedgerError::Taken { what: "grant", name: name.to_string(), index: 0 })
}
