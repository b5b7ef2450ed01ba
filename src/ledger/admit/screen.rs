//! The gate's stage: a batch is met with what the dataset has, with the grants' catalogues and with the lists; then each
//! work, in input order, is decided, and numbered if it may enter.

use super::encode::{EntryTerms, Numbered};
use super::keyed::Keyed;
use super::report::{Report, ReportLine, outcome};
use super::{MAX_EXAMPLES, Outcome};
use crate::index::{AdmissionFact, Seen};
use crate::ingest::Problem;
use crate::ledger::LedgerError;
use crate::ledger::candidate::SourceWork;
use crate::ledger::gate::{Decision, Gate, Lists};
use crate::ledger::overrides::{CameOfIt, Overrides};
use crate::ledger::view::{Removed, View};
use crate::ledger::writer::Numbering;
use crate::rows::Row;
use crate::statement::admission::Override;
use crate::statement::vocabulary::{Code, Codes, Layer};
use crate::statement::{Grant, Is, Name, Set, Statement, V1, json};
use crate::tlog::tile::MAX_ENTRY_LEN;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Terms of the last works of a batch among which those of the next are looked for.
const RECENT_TERMS: usize = 8;

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
    /// What works of the batch under way were admitted on.
    pub terms: Vec<EntryTerms>,
    /// Other entries of it.
    pub declared: Vec<(u64, String)>,
}

/// A work that entered.
pub(super) struct Admitted {
    /// The log index of its entry.
    pub index: u64,
    /// On what, as a place in the batch's terms.
    pub terms: u32,
    /// The first admission of the same work.
    pub same_as: Option<u64>,
    /// Who let it in against the gate.
    pub override_: Option<Box<Override>>,
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
        let (rows, numbered) = self.decide(batch)?;
        self.seen.add(rows, std::mem::take(&mut self.facts))?;
        Ok(numbered)
    }

    /// Takes a batch through the gate; gives the rows and the entries of what it admits.
    ///
    /// # Errors
    /// As [`Screen::batch`].
    pub fn decide(&mut self, batch: Batch) -> Result<(Vec<Row>, Numbered), LedgerError> {
        let Batch { source, mut works, keyed } = batch;
        let first = self.numbering.next;
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
        let mut admitted = Vec::with_capacity(works.len());
        let mut from = 0;
        for (place, work) in works.iter_mut().enumerate() {
            let grants = listed[from..].iter().take_while(|(work, _)| *work == place).count();
            let grants = &listed[from..from + grants];
            from += grants.len();
            let (source, keyed, firsts_now) = (&*source, &keyed, &*firsts);
            let known = Known { source, keyed, firsts: firsts_now, place, grants, on_lists: on_lists[place] };
            let entered = self.work(work, &known)?;
            if let Some(Admitted { index, .. }) = entered {
                for slot in keyed.slots(place) {
                    firsts[slot].get_or_insert(index);
                }
            }
            admitted.push(entered);
        }
        let rows = keyed.rows(|work| admitted[work].as_ref().map(|entered| entered.index));
        let (terms, declared) = (std::mem::take(&mut self.terms), std::mem::take(&mut self.declared));
        let end = if self.dry_run { first } else { self.numbering.next };
        Ok((rows, Numbered { first, end, works, admitted, terms, declared }))
    }

    /// Takes one work through the gate. One that is not let in is used up in its report.
    fn work(&mut self, work: &mut SourceWork, known: &Known<'_>) -> Result<Option<Admitted>, LedgerError> {
        let today = self.numbering.at.date();
        if let Some(day) = work.used_from.filter(|day| *day > today) {
            return Err(LedgerError::UsedInFuture { place: work.place.within(known.source), day });
        }
        let mut codes = work.problems.iter().fold(known.on_lists, |codes, p| codes.with(p.code));
        let slots = || known.keyed.work_slots(known.place);
        let person = self.overrides.find(slots().map(|slot| known.keyed.keys[slot]));
        let (mut has_name, mut is_there, mut first) = (false, true, None);
        for slot in slots() {
            let before = known.firsts[slot];
            (has_name, is_there) = (true, is_there && before.is_some());
            first = first.into_iter().chain(before).min();
        }
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
        let decision = self.gate.decide(known.grants.iter().map(|(_, grant)| *grant), work, day);
        codes = codes.union(decision.codes);
        let override_ = self.overrides.against(person, codes);
        if !codes.is_empty() && override_.is_none() {
            return self.refuse(known.source, work, person, codes, decision.closest);
        }
        let is_overridden = override_.is_some();
        let same_as = first.map(|index| self.first_of(index)).transpose()?;
        let recorded = self.record(known, work, decision, same_as, override_)?;
        let came_of_it = match (&recorded, is_overridden) {
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
        known: &Known<'_>,
        work: &mut SourceWork,
        decision: Decision,
        same_as: Option<u64>,
        override_: Option<Override>,
    ) -> Result<Option<Admitted>, LedgerError> {
        let size = known.keyed.size(known.place);
        let by_person = override_.as_ref().map_or(0, |o| 6 * (o.because.len() + o.by.len()) + 4096);
        let by_gate = 512 * decision.chosen.len() + 6 * decision.spdx.as_ref().map_or(0, |spdx| spdx.len());
        let mut admitted = Admitted { index: 0, terms: 0, same_as, override_: override_.map(Box::new) };
        if size.printed + by_person + by_gate + OTHERS_PRINTED > MAX_ENTRY_LEN
            && self.printed_len(work, &decision, &admitted) > MAX_ENTRY_LEN
        {
            self.too_large(known.source, work)?;
            return Ok(None);
        }
        admitted.terms = self.terms(decision)?;
        admitted.index = self.numbering.take();
        let (index, work) = (admitted.index, same_as.unwrap_or(admitted.index));
        let terms = &self.terms[admitted.terms as usize];
        let reliance = terms.reliance(admitted.override_.is_some(), size.registered);
        self.facts.push(AdmissionFact { index, work, bytes: size.bytes, reliance });
        self.outcome.tally.count(Codes::NONE);
        Ok(Some(admitted))
    }

    /// How long the entry of a work would be. It is known before anything is recorded for it; the largest index stands
    /// for those to come.
    fn printed_len(&self, work: &SourceWork, decision: &Decision, admitted: &Admitted) -> usize {
        let likely =
            |(layer, grant): &(Layer, usize)| (*layer, self.gate.grants[*grant].index.unwrap_or(json::MAX_INTEGER));
        let (chosen, grants) = (decision.chosen.clone(), decision.chosen.iter().map(likely).collect());
        let head = (self.numbering.at, self.dataset);
        let terms = EntryTerms::new(head, self.gate, chosen, grants, decision.spdx.clone());
        json::print(&terms.admission(work.clone(), admitted)).len()
    }

    /// The place of the terms of a decision, whose grants are recorded if they were not yet.
    fn terms(&mut self, decision: Decision) -> Result<u32, LedgerError> {
        let Decision { chosen, spdx, .. } = decision;
        let recent = self.terms.len().saturating_sub(RECENT_TERMS);
        let same = |terms: &EntryTerms| terms.chosen == chosen && terms.spdx == spdx;
        if let Some(place) = self.terms[recent..].iter().rposition(same) {
            return Ok((recent + place) as u32);
        }
        let mut grants = BTreeMap::new();
        for (layer, grant) in &chosen {
            let index = match self.gate.grants[*grant].index {
                Some(index) => index,
                None => self.declare(*grant)?,
            };
            grants.insert(*layer, index);
        }
        let head = (self.numbering.at, self.dataset);
        self.terms.push(EntryTerms::new(head, self.gate, chosen, grants, spdx));
        Ok(self.terms.len() as u32 - 1)
    }

    fn too_large(&mut self, source: &str, work: &mut SourceWork) -> Result<(), LedgerError> {
        let work = std::mem::take(work);
        self.line(ReportLine {
            codes: Code::TooLarge.into(),
            grants: Vec::new(),
            // Sorted and each once, as in an entry.
            identifiers: Set::from(work.identifiers).to_vec(),
            licence: work.licence.map(|l| l.raw),
            place: work.place,
            outcome: outcome(Code::TooLarge.into()).to_owned(),
            source: source.to_owned(),
            title: work.title,
            why: vec![format!("does not fit an entry of {MAX_ENTRY_LEN} bytes")],
        })
    }

    /// Reports a work that does not enter, whatever a person decided about it.
    fn refuse(
        &mut self,
        source: &str,
        work: &mut SourceWork,
        person: Option<usize>,
        codes: Codes,
        grants: Vec<Name>,
    ) -> Result<Option<Admitted>, LedgerError> {
        let work = std::mem::take(work);
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
            self.declared.push((index, text));
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

/// More bytes than an entry has besides what says something of the work, its grants and their person.
const OTHERS_PRINTED: usize = 16384;

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
