//! The gate: for each work, whether grants cover every layer that the dataset requires, on the day.
//!
//! Which grants contain a work is settled per batch by joining sorted keys; whether their terms cover the need is asked
//! of `statement::terms::cover` once per grant, layer and day, not once per work. What is left per work is small.

use super::candidate::SourceWork;
use super::grant::Listed;
use super::{LedgerError, View};
use crate::index::{RowsFile, join_all, root_of};
use crate::licence::{RuleDecision, Rules, Understood, understand};
use crate::rows::{self, Key};
use crate::statement::admission::named_parties;
use crate::statement::terms::{self, Facts, Standing, Subject, Terms};
use crate::statement::vocabulary::{Code, Codes, Layer, Obligation};
use crate::statement::{Dataset, Date, Name, RowsRef};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Raw licences whose meaning is remembered. A catalogue has a few hundred; a hostile one could have as many as works.
const MAX_LICENCES: usize = 4096;

/// Grants of open licences that one batch may record; works under further licences are held. A catalogue names a few.
const MAX_OPEN_GRANTS: usize = 1024;

/// Days for which the judge's answers are remembered: they come from `used_from` columns, some ten years' worth.
const MAX_DAYS: usize = 4096;

/// A grant that the gate may rely on.
#[derive(Debug)]
pub struct GateGrant {
    /// Log index; `None` for an open licence's, which is recorded when the first work needs it.
    pub index: Option<u64>,
    /// Its terms.
    pub terms: Terms,
    /// What it is worth for a work that it covers. A licensor's signature was checked when the grant was recorded;
    /// whose key it is, the auditor will say.
    standing: Standing,
    /// The earliest end.
    ended: Option<Date>,
    /// The rows of its catalogue.
    catalogue: Option<RowsFile>,
}

/// What the gate decided about a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Why not; none means admitted.
    pub codes: Codes,
    /// For each required layer that is covered, the place of the covering grant in [`Gate::grants`].
    pub chosen: Vec<(Layer, usize)>,
    /// The names of the grants that came closest, where none covers.
    pub closest: Vec<Name>,
    /// What the work's own licence was understood as.
    pub spdx: Option<Arc<str>>,
}

/// The gate of one dataset.
#[derive(Debug)]
pub struct Gate {
    dataset: Dataset,
    /// All grants that may cover, in log order; open licences' at the end as they are met.
    pub grants: Vec<GateGrant>,
    rules: Rules,
    /// Only grants that the user named count.
    named_only: bool,
    by_licence: HashMap<String, Vec<usize>>,
    by_party: HashMap<String, Vec<usize>>,
    has_contracts: bool,
    licences: HashMap<String, Own>,
    judged: BTreeMap<Date, Vec<Vec<Codes>>>,
}

/// What a work's own licence comes to for this dataset.
#[derive(Debug, Clone)]
struct Own {
    spdx: Option<Arc<str>>,
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    /// Its open grant, in [`Gate::grants`].
    Open(usize),
    /// The rules refuse or hold it.
    Codes(Codes),
    /// A contract, which is no licence to everyone.
    Contract,
}

impl Gate {
    /// The gate of a dataset: every grant of the ledger, or only those named.
    ///
    /// # Errors
    /// A named grant does not exist, or its catalogue's rows are missing.
    pub fn open(view: &View, dataset: Dataset, named: &[Name], rules: Rules) -> Result<Gate, LedgerError> {
        let mut wanted = Vec::new();
        for name in named {
            wanted.push(view.grant(name)?.0);
        }
        let mut gate = Gate {
            dataset,
            grants: Vec::new(),
            rules,
            named_only: !named.is_empty(),
            by_licence: HashMap::new(),
            by_party: HashMap::new(),
            has_contracts: false,
            licences: HashMap::new(),
            judged: BTreeMap::new(),
        };
        for listed in super::grant::list(view)? {
            if named.is_empty() || wanted.contains(&listed.index) {
                gate.add(view, listed)?;
            }
        }
        Ok(gate)
    }

    fn add(&mut self, view: &View, listed: Listed) -> Result<(), LedgerError> {
        let Listed { index, grant, terms, ended } = listed;
        let place = self.grants.len();
        let mut catalogue = None;
        match &terms.subject {
            Subject::Catalogue(signed) => {
                let path = super::prove::catalogue_path(&signed.root);
                // What is licensed is taken from it: one flipped bit must not be believed.
                let (count, root) = root_of(view.disk(), &path, rows::Kind::Catalogue, false)?;
                if (RowsRef { count, root }) != *signed {
                    return Err(LedgerError::BadRows { path, index });
                }
                catalogue = Some(RowsFile::open(view.disk(), &path, rows::Kind::Catalogue)?);
                self.has_contracts = true;
            }
            // The grant of an open licence is found through the rules, which must still admit it.
            Subject::Licence(_) if terms.rules.is_some() && !self.named_only => {}
            Subject::Licence(spdx) => self.by_licence.entry(spdx.clone()).or_default().push(place),
            Subject::Party(party) => {
                self.by_party.entry(party.clone()).or_default().push(place);
                self.has_contracts = true;
            }
        }
        let signed = grant.envelope.is_some() && catalogue.is_some();
        let standing = if signed { Standing::Signed } else { terms.stated_standing() };
        self.grants.push(GateGrant { index: Some(index), terms, standing, ended, catalogue });
        Ok(())
    }

    /// For ascending keys, calls `each` with the place of a key and of a grant whose catalogue has it.
    ///
    /// # Errors
    /// A catalogue cannot be read.
    pub fn join(&self, keys: &[Key], mut each: impl FnMut(usize, usize)) -> Result<(), LedgerError> {
        let catalogues = self.grants.iter().enumerate().filter_map(|(place, g)| Some((place, g.catalogue.as_ref()?)));
        let (places, tables): (Vec<usize>, Vec<&RowsFile>) = catalogues.unzip();
        Ok(join_all(&tables, keys, |table, key| each(key, places[table]))?)
    }

    /// Decides about a work: `listed` are the grants whose catalogue has it, by place.
    pub fn decide(&mut self, listed: impl Iterator<Item = usize>, work: &SourceWork, day: Date) -> Decision {
        let raw = work.licence.as_ref().map(|l| l.raw.as_str());
        let own = raw.map(|raw| self.own(raw));
        let mut containing: Vec<usize> = listed.collect();
        if let Some(spdx) = own.as_ref().and_then(|o| o.spdx.as_ref()) {
            containing.extend(self.by_licence.get(&**spdx).into_iter().flatten());
        }
        if !self.by_party.is_empty() {
            let names = named_parties(&work.parties, &work.identifiers);
            containing.extend(names.filter_map(|name| self.by_party.get(name)).flatten());
        }
        if let Some(Outcome::Open(place)) = own.as_ref().map(|o| o.outcome) {
            containing.push(place);
        }
        containing.sort_unstable();
        containing.dedup();
        let spdx = own.as_ref().and_then(|own| own.spdx.clone());
        let mut decision = Decision { codes: Codes::NONE, chosen: Vec::new(), closest: Vec::new(), spdx };
        if containing.is_empty() {
            decision.codes = self.nothing_contains(own.map(|o| o.outcome));
            return decision;
        }
        self.judge_on(day);
        let judged = &self.judged[&day];
        for (i, layer) in self.dataset.layers.iter().enumerate() {
            let codes = |place: &usize| judged[*place][i];
            let covering = containing.iter().copied().filter(|p| codes(p).is_empty());
            match covering.max_by_key(|p| self.rank(*p)) {
                Some(place) => decision.chosen.push((*layer, place)),
                None => {
                    // The grant that comes closest says what is missing; with several, one that others would hide.
                    let Some(closest) = containing.iter().copied().min_by_key(|p| codes(p).count()) else { continue };
                    decision.codes = decision.codes.union(codes(&closest));
                    decision.closest.push(self.grants[closest].terms.id.clone());
                }
            }
        }
        decision.closest.dedup();
        decision
    }

    /// Takes back that open licences' grants are entries from this index on: they were not appended.
    pub fn undeclare(&mut self, from: u64) {
        let undeclared = self.grants.iter_mut().filter(|g| g.index.is_some_and(|index| index >= from));
        undeclared.for_each(|grant| grant.index = None);
    }

    /// The duties of the grants chosen.
    pub fn obligations(&self, chosen: &[(Layer, usize)]) -> impl Iterator<Item = Obligation> {
        chosen.iter().flat_map(|(_, place)| &self.grants[*place].terms.obligations).copied()
    }

    fn rank(&self, place: usize) -> (Standing, Date, std::cmp::Reverse<u64>) {
        let grant = &self.grants[place];
        grant.terms.rank(grant.standing, grant.index.unwrap_or(u64::MAX))
    }

    /// The codes of a work that no grant's subject contains.
    fn nothing_contains(&self, own: Option<Outcome>) -> Codes {
        let missing = if self.grants.is_empty() { Code::NoGrant } else { Code::NotInSubject };
        match own {
            Some(Outcome::Codes(codes)) => codes,
            Some(Outcome::Contract | Outcome::Open(_)) => missing.into(),
            // With contracts in force, a work outside them is simply not licensed; with none, nobody said anything.
            None if self.has_contracts || self.named_only => missing.into(),
            None => Code::LicenceUnknown.into(),
        }
    }

    fn own(&mut self, raw: &str) -> Own {
        if let Some(own) = self.licences.get(raw) {
            return own.clone();
        }
        if self.licences.len() >= MAX_LICENCES {
            self.licences.clear();
        }
        let own = self.understand(raw);
        self.licences.insert(raw.to_owned(), own.clone());
        own
    }

    fn understand(&mut self, raw: &str) -> Own {
        let understood = understand(raw);
        let spdx = understood.expression().map(str::to_owned);
        let outcome = match &understood {
            Understood::Reference(reference) if !self.rules.lists(reference) => Outcome::Contract,
            Understood::Licence(_) | Understood::Reference(_) if self.named_only => Outcome::Contract,
            Understood::Licence(_) | Understood::Reference(_) | Understood::Unknown => {
                match self.rules.decide(spdx.as_deref(), &self.dataset.need()) {
                    RuleDecision::Admit(terms) => {
                        let place = self.open_grant(*terms);
                        place.map_or(Outcome::Codes(Code::NeedsReview.into()), Outcome::Open)
                    }
                    RuleDecision::Hold(codes) | RuleDecision::Refuse(codes) => Outcome::Codes(codes),
                }
            }
        };
        Own { spdx: spdx.map(Into::into), outcome }
    }

    /// The place of an open licence's grant: the recorded one with these terms, or a new one.
    fn open_grant(&mut self, terms: Terms) -> Option<usize> {
        // The rules file, the expression and the choice determine everything but the name, which may have been taken.
        let same = |g: &GateGrant| {
            (&g.terms.rules, &g.terms.subject, &g.terms.licence) == (&terms.rules, &terms.subject, &terms.licence)
        };
        if let Some(place) = self.grants.iter().position(same) {
            return Some(place);
        }
        if self.grants.iter().filter(|g| g.index.is_none()).count() >= MAX_OPEN_GRANTS {
            return None;
        }
        let standing = terms.stated_standing();
        self.grants.push(GateGrant { index: None, terms, standing, ended: None, catalogue: None });
        Some(self.grants.len() - 1)
    }

    /// Asks the judge about every grant, for every required layer, on a day; once.
    fn judge_on(&mut self, day: Date) {
        if self.judged.len() >= MAX_DAYS {
            self.judged.clear();
        }
        let judged = self.judged.entry(day).or_default();
        let need = self.dataset.need();
        for grant in &self.grants[judged.len()..] {
            let facts = Facts { in_subject: true, ended: grant.ended, versions: 0 };
            let cover = |layer: &Layer| terms::cover(&need, *layer, &grant.terms, facts, day);
            judged.push(self.dataset.layers.iter().map(cover).collect());
        }
    }
}

/// The lists of works that are refused whatever the grants say.
#[derive(Debug, Default)]
pub struct Lists(pub Vec<(Code, RowsFile)>);

impl Lists {
    /// For ascending keys, calls `each` with the place of a key and the code of a list that has it.
    ///
    /// # Errors
    /// A list cannot be read.
    pub fn join(&self, keys: &[Key], mut each: impl FnMut(usize, Code)) -> Result<(), LedgerError> {
        let tables: Vec<&RowsFile> = self.0.iter().map(|(_, file)| file).collect();
        Ok(join_all(&tables, keys, |list, key| each(key, self.0[list].0))?)
    }
}

/// Counts of what happened to works, by outcome and by code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)] // as in `statement::Screening`
pub struct Tally {
    pub considered: u64,
    pub admitted: u64,
    pub refused: u64,
    pub held: u64,
    pub duplicates: u64,
    pub reasons: BTreeMap<Code, u64>,
}

impl Tally {
    /// Counts one work.
    pub fn count(&mut self, codes: Codes) {
        self.considered += 1;
        let outcome = match codes {
            none if none.is_empty() => &mut self.admitted,
            codes if codes.has(Code::Duplicate) => &mut self.duplicates,
            codes if codes.is_held() => &mut self.held,
            _ => &mut self.refused,
        };
        *outcome += 1;
        for code in codes.iter() {
            *self.reasons.entry(code).or_default() += 1;
        }
    }
}
