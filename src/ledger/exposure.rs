//! What gaps may cost under US law: arithmetic, not advice.
//!
//! 17 U.S.C. 504(c): statutory damages are per *work* infringed, whatever the number of infringements; all parts of a
//! compilation constitute one work; 412 leaves them to works that were registered in time. Registration is taken as
//! recorded (`uscopyright`); works of one `upc` or `mbid-release` are taken as parts of one compilation.
//!
//! Invariant: a figure never goes without the assumption that it rests on.

use super::bitmap::Bitmap;
use super::coverage::{Coverage, admissions};
use super::{LedgerError, View};
use crate::rows::{Key, work_key};
use crate::statement::{Admission, Identifier, Scheme};
use crate::verify::Verdict;
use std::collections::HashMap;

/// What the statute sets for each work.
pub const EACH: Range = Range { least_if_innocent: 200, least: 750, most: 30_000, most_if_wilful: 150_000 };

/// Compilations that are told apart; works of further ones count by themselves, which the result says.
pub const MAX_COMPILATIONS: usize = 1 << 22;

/// Works of the gaps, counted as a court might.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Works whose registration is recorded.
    pub registered: Counted,
    /// Works of whose registration the ledger knows nothing.
    pub unrecorded: Counted,
    /// There were more than [`MAX_COMPILATIONS`], so that some works count by themselves.
    pub ungrouped: bool,
}

/// A number of works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Each by itself.
    pub works: u64,
    /// With all parts of a compilation as one.
    pub compilations: u64,
}

/// Dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The least, if it was infringed innocently.
    pub least_if_innocent: u64,
    /// The least otherwise.
    pub least: u64,
    /// The most, unless it was infringed wilfully.
    pub most: u64,
    /// The most, if it was.
    pub most_if_wilful: u64,
}

impl Range {
    /// For this many works.
    pub fn of(works: u64) -> Range {
        Range {
            least_if_innocent: works.saturating_mul(EACH.least_if_innocent),
            least: works.saturating_mul(EACH.least),
            most: works.saturating_mul(EACH.most),
            most_if_wilful: works.saturating_mul(EACH.most_if_wilful),
        }
    }
}

/// The works of the gaps, each once, however many releases of a model have it.
///
/// # Errors
/// An entry cannot be read.
pub fn exposure(view: &View, coverage: &Coverage) -> Result<Exposure, LedgerError> {
    let bits = || Bitmap::below(coverage.log_size);
    let mut gaps = Gaps { all: bits(), registered: bits(), grouped: bits(), groups: Groups::default() };
    for part in coverage.parts.iter().filter(|part| part.verdicts.contains_key(&Verdict::Gap)) {
        for found in admissions(view, part)? {
            let found = found?;
            if let (Some(admission), Verdict::Gap) = (&found.admission, found.verdict) {
                gaps.add(found.index, admission);
            }
        }
    }
    Ok(gaps.count())
}

/// The works of gaps, by the log index of their first admission.
struct Gaps {
    all: Bitmap,
    registered: Bitmap,
    /// Those that are part of a compilation.
    grouped: Bitmap,
    groups: Groups,
}

impl Gaps {
    fn add(&mut self, index: u64, admission: &Admission) {
        let work = admission.same_as.unwrap_or(index);
        self.all.add(work);
        let of = |schemes: &'static [Scheme]| admission.identifiers.iter().filter(|id| schemes.contains(&id.scheme()));
        let registered = of(&[Scheme::Uscopyright]).next().is_some();
        if registered {
            self.registered.add(work);
        }
        if self.groups.add(of(&[Scheme::Upc, Scheme::MbidRelease]), registered) {
            self.grouped.add(work);
        }
    }

    fn count(self) -> Exposure {
        let (mut registered, mut unrecorded) = (Counted::default(), Counted::default());
        let mut next = 0;
        while let Some(work) = self.all.next_from(next) {
            let counted = if self.registered.has(work) { &mut registered } else { &mut unrecorded };
            counted.works += 1;
            counted.compilations += u64::from(!self.grouped.has(work));
            next = work + 1;
        }
        let (with, without) = self.groups.count();
        registered.compilations += with;
        unrecorded.compilations += without;
        Exposure { registered, unrecorded, ungrouped: self.groups.full }
    }
}

/// Compilations: identifiers of groups, those of one work united.
#[derive(Default)]
struct Groups {
    places: HashMap<Key, usize>,
    /// Where each leads to: itself, or one that it was united with.
    parents: Vec<usize>,
    /// Whether some work of it is registered; counts where a place leads to itself.
    registered: Vec<bool>,
    full: bool,
}

impl Groups {
    /// Takes the groups of one work; `false` if it is in none.
    fn add<'a>(&mut self, groups: impl Iterator<Item = &'a Identifier>, registered: bool) -> bool {
        let mut first = None;
        for group in groups {
            let key = work_key(group.as_str());
            if self.places.len() >= MAX_COMPILATIONS && !self.places.contains_key(&key) {
                self.full = true;
                continue;
            }
            let place = *self.places.entry(key).or_insert(self.parents.len());
            if place == self.parents.len() {
                self.parents.push(place);
                self.registered.push(false);
            }
            let root = self.root(place);
            let united = *first.get_or_insert(root);
            let united = self.root(united);
            self.parents[root] = united;
            self.registered[united] |= self.registered[root] || registered;
        }
        first.is_some()
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.parents[place] != place {
            self.parents[place] = self.parents[self.parents[place]];
            place = self.parents[place];
        }
        place
    }

    /// How many compilations there are: with a registered work, and without.
    fn count(&self) -> (u64, u64) {
        let roots = self.parents.iter().enumerate().filter(|(place, parent)| place == *parent);
        let registered = roots.clone().filter(|(place, _)| self.registered[*place]).count() as u64;
        (registered, roots.count() as u64 - registered)
    }
}
