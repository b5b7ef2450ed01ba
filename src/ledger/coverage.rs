//! Coverage on a day: for the works of a release, or of all releases that a model was trained on, which grants were in
//! force, and what is missing.
//!
//! Whether terms cover a need, `statement::terms::cover` decides, here as at the gate. What the works of a release rely
//! on is counted once ([`super::relied`]), so that distinct sets of grants are judged, not works. What later entries say
//! does not change what an earlier size of the log said: everything is computed as of a size.
//!
//! Taken from the admissions, not looked up again: that a grant's subject contains the work. `verify` proves that.

use super::relied;
use super::works::{ReleaseWork, release_works};
use super::{LedgerError, View};
use crate::index::{Reliance, Relied};
use crate::statement::terms::{self, Facts, Need, Standing, Subject};
use crate::statement::vocabulary::{Basis, Code, Codes, Layer};
use crate::statement::{
    Admission, Dataset, Date, Grant, Model, Name, Release, ReleaseName, Run, Statement, Terms, Time,
};
use crate::verify::{Licensors, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Of which works, and for what they were needed.
    pub scope: Scope,
    /// The day; absent: today for a release, and for a run its own days.
    pub at: Option<Date>,
    /// The size of the log as of which it is answered; absent: all of it.
    pub as_of: Option<u64>,
    /// A grant that is taken to have ended on the day.
    pub if_ended: Option<Name>,
}

/// Of which works.
#[derive(Debug, Clone)]
pub enum Scope {
    /// Of a release, for what its dataset declares.
    Release(ReleaseName),
    /// Of the releases that a model's runs were trained on, for what each run declares.
    Model(Model),
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// The day judged; absent: each run's own.
    pub at: Option<Date>,
    /// The size of the log as of which it is answered.
    pub log_size: u64,
    /// Until when what is recorded is known: what has effect on later days may still be recorded.
    pub known_until: Date,
    /// One part for a release; for a model, one for each release of each run.
    pub parts: Vec<Part>,
    /// What the end of the grant in question touches.
    pub touched: Option<Touched>,
}

/// The works of one release, for one need.
#[derive(Debug, Clone)]
pub struct Part {
    /// The release.
    pub release: ReleaseName,
    /// Its log index.
    pub entry: u64,
    /// The run, by its log index, if it is about one.
    pub run: Option<(u64, Run)>,
    /// What the dataset declares.
    pub dataset: Dataset,
    /// Works; an erased admission, whose work nobody knows, counts as one.
    pub works: u64,
    /// Works by verdict; the worst of a work's admissions counts.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// Works with a gap whose grants covered the first day of the run, and not the last.
    pub at_start_only: u64,
    /// Works by each code of their gaps.
    pub codes: BTreeMap<Code, u64>,
    /// Works by each required layer: covered, and not.
    pub layers: BTreeMap<Layer, (u64, u64)>,
    /// Each grant that works rely on.
    pub grants: Vec<GrantUse>,
    /// Covered works by the basis of their grants; a work with grants of several counts for each.
    pub bases: BTreeMap<Basis, u64>,
    /// Covered works by the lowest standing of their grants.
    pub standings: BTreeMap<Standing, u64>,
    /// Covered works by licensor, likewise.
    pub licensors: BTreeMap<String, u64>,
    /// Works with a gap whose registration at the US Copyright Office is not recorded.
    pub unregistered_gaps: u64,
    /// What was found for each set of grants, in the order of the release's.
    pub findings: BTreeMap<Reliance, Finding>,
}

/// What a grant is to a release.
#[derive(Debug, Clone)]
pub struct GrantUse {
    /// Log index.
    pub index: u64,
    /// Its terms.
    pub terms: Terms,
    /// The earliest end.
    pub ended: Option<Date>,
    /// How well it is attested.
    pub standing: Standing,
    /// Works that rely on it.
    pub works: u64,
    /// Those of them that are covered, in all layers.
    pub covered: u64,
}

/// What is found for a set of grants.
#[derive(Debug, Clone)]
pub struct Finding {
    /// For each required layer, its grant and the codes of the rules that say no.
    pub layers: Vec<(Layer, Option<u64>, Codes)>,
    /// The verdict.
    pub verdict: Verdict,
    /// It is a gap, and was none on the first day.
    pub at_start_only: bool,
}

/// What rests on a grant: works in releases, runs, models.
#[derive(Debug, Clone)]
pub struct Touched {
    /// The grant.
    pub grant: Name,
    /// Releases, and how many of their works rely on it.
    pub releases: Vec<(ReleaseName, u64)>,
    /// Runs on those releases, by log index.
    pub runs: Vec<(u64, Model)>,
}

/// All that is declared below a size of the log.
pub struct Known<'v> {
    view: &'v View,
    grants: BTreeMap<u64, KnownGrant>,
    datasets: BTreeMap<u64, Dataset>,
    releases: BTreeMap<u64, (ReleaseName, Release)>,
    runs: BTreeMap<u64, Run>,
    relied: Counts,
    count: Count,
}

/// What the works of releases rely on, by log index, and how many of their admissions were erased.
pub(super) type Counts = BTreeMap<u64, (Relied, u64)>;

type Count = fn(&View, &ReleaseName) -> Result<(Relied, u64), LedgerError>;

struct KnownGrant {
    terms: Terms,
    standing: Standing,
    ended: Option<Date>,
}

/// The days on which a need must be covered: one, or the first and the last of a run.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
}

impl Days {
    /// Of a run, which is the interval [start, end).
    pub fn of(run: &Run) -> Days {
        let end = Time::from_unix(run.end.unix() - 1).unwrap_or(run.end);
        Days { first: run.start.date(), last: end.max(run.start).date() }
    }

    /// One day.
    pub fn on(day: Date) -> Days {
        Days { first: day, last: day }
    }
}

/// Answers.
///
/// # Errors
/// There is no such release, model or grant as of that size, or an entry cannot be read.
pub fn coverage(view: &View, question: &Question, licensors: &Licensors, today: Date) -> Result<Coverage, LedgerError> {
    let log_size = question.as_of.unwrap_or(view.log().size());
    if log_size > view.log().size() {
        return Err(LedgerError::BeyondLog { size: log_size, log_size: view.log().size() });
    }
    let mut known = Known::below(view, log_size, licensors)?;
    let day = question.at.unwrap_or(today);
    if let Some(id) = &question.if_ended {
        known.end(id, day)?;
    }
    let known_until = known.until(log_size, today)?;
    let mut parts = Vec::new();
    let at = match &question.scope {
        Scope::Release(name) => {
            let (index, release) = view.release(name)?;
            if index >= log_size {
                return Err(LedgerError::NotYet { what: format!("the release {name}"), index, size: log_size });
            }
            let dataset = known.dataset(release.dataset)?.clone();
            parts.push(known.part(index, &dataset.need(), Days::on(day), known_until, None)?);
            Some(day)
        }
        Scope::Model(model) => {
            let runs: Vec<(u64, Run)> = known.runs.iter().filter(|(_, r)| r.model == *model).map(own).collect();
            if runs.is_empty() {
                let models: BTreeSet<String> = known.runs.values().map(|r| r.model.to_string()).collect();
                let known = models.into_iter().collect();
                return Err(LedgerError::Unknown { what: "model", name: model.to_string(), known });
            }
            for (index, run) in runs {
                let days = question.at.map_or_else(|| Days::of(&run), Days::on);
                for release in &run.releases {
                    parts.push(known.part(*release, &run.need(), days, known_until, Some((index, run.clone())))?);
                }
            }
            question.at
        }
    };
    let touched = question.if_ended.as_ref().map(|id| known.touched(id)).transpose()?;
    Ok(Coverage { at, log_size, known_until, parts, touched })
}

fn own((index, run): (&u64, &Run)) -> (u64, Run) {
    (*index, run.clone())
}

/// An admission of a release, as the judge sees it.
#[derive(Debug, Clone)]
pub struct Found {
    /// Log index.
    pub index: u64,
    /// What it says; nothing where it was erased.
    pub admission: Option<Admission>,
    /// Whether it was withdrawn since.
    pub withdrawn: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// For each required layer, its grant and the codes of the rules that say no.
    pub layers: Vec<(Layer, Option<u64>, Codes)>,
}

/// The admissions of a part, in log order, each with its finding.
///
/// # Errors
/// The rows are not those that were sealed; in the iterator, an entry cannot be read.
pub fn admissions<'a>(
    view: &View,
    part: &'a Part,
) -> Result<impl Iterator<Item = Result<Found, LedgerError>> + use<'a>, LedgerError> {
    let unknown = Finding { layers: Vec::new(), verdict: Verdict::Erased, at_start_only: false };
    Ok(release_works(view, &part.release)?.map(move |work| {
        let ReleaseWork { index, admission, withdrawn } = work?;
        let finding = admission.as_ref().and_then(|admission| part.findings.get(&Reliance::of(admission)));
        let Finding { layers, verdict, .. } = finding.unwrap_or(&unknown).clone();
        Ok(Found { index, admission, withdrawn, verdict, layers })
    }))
}

impl<'v> Known<'v> {
    /// Reads it.
    ///
    /// # Errors
    /// An entry cannot be read.
    pub fn below(view: &'v View, log_size: u64, licensors: &Licensors) -> Result<Known<'v>, LedgerError> {
        let this_log = view.key().short();
        let (grants, datasets, releases) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (runs, relied) = (BTreeMap::new(), BTreeMap::new());
        let mut known = Known { view, grants, datasets, releases, runs, relied, count: relied::relied };
        for (index, statement) in view.registered()?.into_iter().filter(|(index, _)| *index < log_size) {
            match statement {
                Statement::Dataset(dataset) => drop(known.datasets.insert(index, dataset)),
                Statement::Grant(grant) => {
                    let terms = grant.terms().map_err(|e| super::writer::invalid(crate::statement::Kind::Grant, e))?;
                    let standing = standing(&grant, &terms, &this_log, licensors);
                    known.grants.insert(index, KnownGrant { terms, standing, ended: None });
                }
                Statement::GrantEnd(end) => {
                    if let Some(grant) = known.grants.get_mut(&end.grant) {
                        grant.ended = Some(grant.ended.map_or(end.effective, |e| e.min(end.effective)));
                    }
                }
                Statement::Release(release) => {
                    let Some(dataset) = known.datasets.get(&release.dataset) else { continue };
                    let name = ReleaseName { dataset: dataset.id.clone(), version: release.version.clone() };
                    known.releases.insert(index, (name, release));
                }
                Statement::Run(run) => drop(known.runs.insert(index, run)),
                _ => {}
            }
        }
        Ok(known)
    }

    /// The same for who believes no file but entries: with what was counted from them before.
    pub(super) fn by_entries(self, relied: Counts) -> Known<'v> {
        Known { relied, count: relied::from_entries, ..self }
    }

    /// What was counted.
    pub(super) fn into_counts(self) -> Counts {
        self.relied
    }

    /// The runs, by log index.
    pub fn runs(&self) -> &BTreeMap<u64, Run> {
        &self.runs
    }

    /// The name of the release at a log index.
    pub fn release_name(&self, index: u64) -> Option<&ReleaseName> {
        self.releases.get(&index).map(|(name, _)| name)
    }

    /// The works of a release, for a need, on some days. A run is judged with the versions of models that were trained
    /// under each grant by it and by those before it; `run` says where it stands among them, if it is recorded.
    ///
    /// # Errors
    /// The release's works cannot be read.
    pub fn part(
        &mut self,
        release: u64,
        need: &Need,
        days: Days,
        known_until: Date,
        run: Option<(u64, Run)>,
    ) -> Result<Part, LedgerError> {
        let (name, statement) =
            self.releases.get(&release).cloned().ok_or(LedgerError::NoRelease { index: release })?;
        let dataset = self.dataset(statement.dataset)?.clone();
        let versions = match need.models {
            [model] if run.is_some() => self.versions(run.as_ref().map(|(index, _)| *index), model)?,
            _ => BTreeMap::new(),
        };
        let (relied, erased) = self.relied(release)?.clone();
        let judge = |set: &Reliance| self.finding(set, &dataset.layers, need, days, known_until, &versions);
        let findings: Vec<Finding> = relied.sets.iter().map(judge).collect();
        let mut part = Part {
            release: name,
            entry: release,
            run,
            works: relied.total() + erased,
            verdicts: BTreeMap::new(),
            at_start_only: 0,
            codes: BTreeMap::new(),
            layers: dataset.layers.iter().map(|layer| (*layer, (0, 0))).collect(),
            grants: Vec::new(),
            bases: BTreeMap::new(),
            standings: BTreeMap::new(),
            licensors: BTreeMap::new(),
            unregistered_gaps: 0,
            findings: BTreeMap::new(),
            dataset,
        };
        if erased > 0 {
            part.verdicts.insert(Verdict::Erased, erased);
        }
        let mut uses: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for (sets, count) in &relied.works {
            let of = || sets.iter().map(|set| &findings[*set as usize]);
            let registered = sets.iter().any(|set| relied.sets[*set as usize].registered);
            self.count(&mut part, &mut uses, of, *count, registered);
        }
        part.grants = uses.into_iter().filter_map(|(index, uses)| self.grant_use(index, uses)).collect();
        part.findings = relied.sets.into_iter().zip(findings).collect();
        Ok(part)
    }

    /// Counts works that have the same findings.
    fn count<'f, I: Iterator<Item = &'f Finding>>(
        &self,
        part: &mut Part,
        uses: &mut BTreeMap<u64, (u64, u64)>,
        findings: impl Fn() -> I,
        count: u64,
        registered: bool,
    ) {
        let verdict = findings().map(|f| f.verdict).max().unwrap_or(Verdict::Unknown);
        *part.verdicts.entry(verdict).or_default() += count;
        if verdict == Verdict::Gap {
            let at_start = findings().all(|f| f.verdict != Verdict::Gap || f.at_start_only);
            part.at_start_only += if at_start { count } else { 0 };
            part.unregistered_gaps += if registered { 0 } else { count };
            let codes = findings().flat_map(|f| &f.layers).fold(Codes::NONE, |all, (_, _, codes)| all.union(*codes));
            codes.iter().for_each(|code| *part.codes.entry(code).or_default() += count);
        }
        for (layer, (covered, missing)) in &mut part.layers {
            let mut own = findings().flat_map(|f| &f.layers).filter(|(of, ..)| of == layer);
            *(if own.all(|(_, _, codes)| codes.is_empty()) { covered } else { missing }) += count;
        }
        let grants: BTreeSet<u64> = findings().flat_map(|f| &f.layers).filter_map(|(_, grant, _)| *grant).collect();
        let is_covered = verdict == Verdict::Covered;
        for grant in &grants {
            let (works, covered) = uses.entry(*grant).or_default();
            *works += count;
            *covered += if is_covered { count } else { 0 };
        }
        if !is_covered {
            return;
        }
        let known = || grants.iter().filter_map(|grant| self.grants.get(grant));
        let bases: BTreeSet<Basis> = known().map(|g| g.terms.basis).collect();
        bases.into_iter().for_each(|basis| *part.bases.entry(basis).or_default() += count);
        let licensors: BTreeSet<&String> = known().map(|g| &g.terms.licensor.name).collect();
        licensors.into_iter().for_each(|name| *part.licensors.entry(name.clone()).or_default() += count);
        if let Some(lowest) = known().map(|g| g.standing).min() {
            *part.standings.entry(lowest).or_default() += count;
        }
    }

    /// Asks the judge about a set of grants.
    fn finding(
        &self,
        set: &Reliance,
        layers: &[Layer],
        need: &Need,
        days: Days,
        known_until: Date,
        versions: &BTreeMap<u64, u64>,
    ) -> Finding {
        let mut finding = Finding { layers: Vec::new(), verdict: Verdict::Covered, at_start_only: false };
        let mut first = Codes::NONE;
        for layer in layers {
            let named = set.grants.get(layer).copied().filter(|grant| self.grants.contains_key(grant));
            let codes = match named.and_then(|grant| Some((grant, self.grants.get(&grant)?))) {
                None => [Codes::from(Code::NoGrant); 2],
                Some((index, grant)) => {
                    let versions = versions.get(&index).copied().unwrap_or_default();
                    let facts = Facts { in_subject: true, ended: grant.ended, versions };
                    [days.first, days.last].map(|day| terms::cover(need, *layer, &grant.terms, facts, day))
                }
            };
            first = first.union(codes[0]);
            finding.layers.push((*layer, named, codes[0].union(codes[1])));
        }
        let all = finding.layers.iter().fold(Codes::NONE, |all, (_, _, codes)| all.union(*codes));
        finding.verdict = match all.is_empty() {
            // What a person let in against the gate is never covered, whatever grants say.
            _ if set.overridden => Verdict::Override,
            false => Verdict::Gap,
            true if days.last > known_until => Verdict::Unknown,
            true => Verdict::Covered,
        };
        finding.at_start_only = finding.verdict == Verdict::Gap && first.is_empty();
        finding
    }

    /// How many versions of models each grant has been used for: by the runs up to this one, and by this model.
    fn versions(&mut self, run: Option<u64>, model: &Model) -> Result<BTreeMap<u64, u64>, LedgerError> {
        let runs: Vec<(u64, Run)> = self.runs.iter().filter(|(at, _)| run.is_none_or(|r| **at <= r)).map(own).collect();
        let mut models: BTreeMap<u64, BTreeSet<Model>> = BTreeMap::new();
        for (_, earlier) in runs {
            for release in &earlier.releases {
                for grant in self.grants_of(*release)? {
                    models.entry(grant).or_default().insert(earlier.model.clone());
                }
            }
        }
        let all: Vec<u64> = self.grants.keys().copied().collect();
        let with = |grant: u64| {
            let before = models.get(&grant);
            let count = before.map_or(0, BTreeSet::len) + usize::from(!before.is_some_and(|m| m.contains(model)));
            (grant, count as u64)
        };
        Ok(all.into_iter().map(with).collect())
    }

    /// The grants that works of a release rely on.
    fn grants_of(&mut self, release: u64) -> Result<BTreeSet<u64>, LedgerError> {
        Ok(self.relied(release)?.0.sets.iter().flat_map(|set| set.grants.values().copied()).collect())
    }

    fn relied(&mut self, release: u64) -> Result<&(Relied, u64), LedgerError> {
        if !self.relied.contains_key(&release) {
            let (name, _) = self.releases.get(&release).ok_or(LedgerError::NoRelease { index: release })?;
            let counted = (self.count)(self.view, name)?;
            self.relied.insert(release, counted);
        }
        Ok(&self.relied[&release])
    }

    fn dataset(&self, index: u64) -> Result<&Dataset, LedgerError> {
        self.datasets.get(&index).ok_or(LedgerError::NoDataset { index })
    }

    fn grant_use(&self, index: u64, (works, covered): (u64, u64)) -> Option<GrantUse> {
        let KnownGrant { terms, standing, ended } = self.grants.get(&index)?;
        Some(GrantUse { index, terms: terms.clone(), ended: *ended, standing: *standing, works, covered })
    }

    /// Takes a grant to have ended on a day.
    fn end(&mut self, id: &Name, day: Date) -> Result<(), LedgerError> {
        match self.grants.values_mut().find(|grant| grant.terms.id == *id) {
            Some(grant) => grant.ended = Some(grant.ended.map_or(day, |ended| ended.min(day))),
            None => {
                let known = self.grants.values().map(|grant| grant.terms.id.to_string()).collect();
                return Err(LedgerError::Unknown { what: "grant", name: id.to_string(), known });
            }
        }
        Ok(())
    }

    fn touched(&mut self, id: &Name) -> Result<Touched, LedgerError> {
        let grant = self.grants.iter().find(|(_, grant)| grant.terms.id == *id).map(|(index, _)| *index);
        let mut touched = Touched { grant: id.clone(), releases: Vec::new(), runs: Vec::new() };
        let mut releases = BTreeSet::new();
        for index in self.releases.keys().copied().collect::<Vec<u64>>() {
            let (relied, _) = self.relied(index)?;
            let relies = |set: &u32| relied.sets[*set as usize].grants.values().any(|g| Some(*g) == grant);
            let works = relied.works.iter().filter(|(sets, _)| sets.iter().any(relies)).map(|(_, count)| count).sum();
            if works > 0 {
                releases.insert(index);
                touched.releases.push((self.releases[&index].0.clone(), works));
            }
        }
        let on = |run: &Run| run.releases.iter().any(|release| releases.contains(release));
        touched.runs = self.runs.iter().filter(|(_, run)| on(run)).map(|(at, run)| (*at, run.model.clone())).collect();
        Ok(touched)
    }

    /// Until when the log of this size was all there was: until the entry after it, or now.
    fn until(&self, log_size: u64, today: Date) -> Result<Date, LedgerError> {
        if log_size == self.view.log().size() {
            return Ok(today);
        }
        match self.view.statement(log_size) {
            Ok(next) => Ok(next.head().1.date()),
            // What was erased had a time, which nobody knows: the day of the newest entry that is known here is no later.
            Err(LedgerError::Erased { .. }) => {
                let known = self.view.registered()?.into_iter().filter(|(index, _)| *index < log_size);
                Ok(known.map(|(_, statement)| statement.head().1.date()).max().unwrap_or(today))
            }
            Err(error) => Err(error),
        }
    }
}

/// How well a grant is attested: `signed` where it is about a catalogue, and the signature is by a key that the licensors
/// file names for that party. Of any other subject the lab says which works it has, whoever signed.
fn standing(grant: &Grant, terms: &Terms, this_log: &str, licensors: &Licensors) -> Standing {
    let for_us = terms.licensee.log.as_deref() == Some(this_log);
    let lists = matches!(terms.subject, Subject::Catalogue(_));
    match licensors.signer(grant, terms, None) {
        Some(_) if for_us && lists => Standing::Signed,
        _ => terms.stated_standing(),
    }
}
