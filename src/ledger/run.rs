//! Binding a model to the releases that it was trained on: the judge is asked again, for what the run was.
//!
//! A dataset declares what it is for, and the gate holds works against that. Whoever trains on a release for something
//! else, or when a grant has ended, is told here, before the run is recorded; or records it with its gaps, and why.

use super::coverage::{Counts, Days, Known, Part};
use super::files::Folder;
use super::source::{Opening, Source, asked};
use super::{LedgerError, View, Writer};
use crate::ingest::{Progress, Reading, Walking};
use crate::statement::run::Gaps;
use crate::statement::vocabulary::{Code, CodeCounts, Purpose, Territory, Use};
use crate::statement::{Identifier, Is, Model, ReleaseName, Run, Set, Statement, Time, V1};
use crate::tlog::VerifiedCheckpoint;
use crate::verify::{Licensors, Verdict};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A run to be recorded.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The model.
    pub model: Model,
    /// What it was trained on.
    pub releases: Vec<ReleaseName>,
    /// To what end.
    pub purpose: Purpose,
    /// What was done with the works.
    pub uses: Set<Use>,
    /// Where; none means worldwide.
    pub territories: Set<Territory>,
    /// When it started.
    pub start: Time,
    /// When it ended; the run is the interval [start, end).
    pub end: Time,
    /// Digests of the weights.
    pub weights: Set<Identifier>,
    /// Why it is recorded although grants are missing; absent: then it is not.
    pub despite_gaps: Option<String>,
    /// Only ask.
    pub dry_run: bool,
}

/// What became of it.
#[derive(Debug)]
pub struct Judged {
    /// The works of each release, as the judge sees them for this run.
    pub parts: Vec<Part>,
    /// The run as it is recorded, with its log index; `None`: nothing was written.
    pub recorded: Option<(u64, Run, VerifiedCheckpoint)>,
}

impl Judged {
    /// Whether grants are missing.
    pub fn has_gaps(&self) -> bool {
        self.parts.iter().any(has_gaps)
    }
}

/// Asks the judge about a run, and records it if every work is covered from its first day to its last, or if gaps are
/// to be recorded. A work that a person let in against the gate was let in for what its dataset declares, not for the
/// run; so it is a gap, as is one whose admission was erased.
///
/// # Errors
/// There is no such release, the run ends before it starts, or the disk refuses.
pub fn add(mut writer: Writer, declared: Declared) -> Result<Judged, LedgerError> {
    let Declared { model, purpose, uses, territories, start, end, weights, .. } = declared;
    if end < start {
        return Err(LedgerError::BackwardRun { start, end });
    }
    let found = declared.releases.iter().map(|name| Ok(writer.view().release(name)?.0));
    let releases = found.collect::<Result<Vec<u64>, LedgerError>>()?.into();
    let (at, salt) = (writer.now(), writer.salt());
    let mut run =
        Run { at, end, gaps: None, kind: Is, model, purpose, releases, salt, start, territories, uses, v: V1, weights };
    let parts = {
        let log_size = writer.view().log().size();
        let mut known = Known::below(writer.view(), log_size, &Licensors::default())?;
        judge(&mut known, writer.next(), &run)?
    };
    if declared.dry_run {
        return Ok(Judged { parts, recorded: None });
    }
    if parts.iter().any(has_gaps) {
        let Some(because) = declared.despite_gaps else { return Ok(Judged { parts, recorded: None }) };
        run.gaps = Some(Gaps { because, codes: CodeCounts(codes(&parts)) });
    }
    let index = writer.append(&Statement::Run(run.clone()))?;
    Ok(Judged { parts, recorded: Some((index, run, writer.commit(true)?)) })
}

/// The works of a run's releases, as the judge sees them with what is known at that entry of the log.
fn judge(known: &mut Known, index: u64, run: &Run) -> Result<Vec<Part>, LedgerError> {
    let days = Days::of(run);
    // Of a day to come, what is recorded now is all that can be asked.
    let known_until = days.last.max(run.at.date());
    let part = |release: &u64| known.part(*release, &run.need(), days, known_until, Some((index, run.clone())));
    run.releases.iter().map(part).collect()
}

/// A run that records other gaps than follow from the entries before it.
#[derive(Debug)]
pub(super) struct Other {
    /// Log index.
    pub index: u64,
    /// Works by code, as they follow.
    pub found: BTreeMap<Code, u64>,
    /// As they are recorded.
    pub recorded: BTreeMap<Code, u64>,
}

/// What came of judging runs again.
#[derive(Debug, Default)]
pub(super) struct Again {
    /// Runs that were judged.
    pub judged: u64,
    /// Runs on releases that are too large, or rely on too many sets of grants, to be judged.
    pub left_out: u64,
    /// Those that say otherwise.
    pub others: Vec<Other>,
}

/// Judges every run again, with what the log had when it was recorded, and believes no file but entries. Of works that
/// were erased since, nobody knows: then a run may record more gaps than follow, and none less.
///
/// # Errors
/// An entry cannot be read, or the rows of a release.
pub(super) fn judge_again(view: &View) -> Result<Again, LedgerError> {
    let all = Known::below(view, view.log().size(), &Licensors::default())?;
    let (mut counts, mut again) = (Counts::new(), Again::default());
    for (&index, run) in all.runs() {
        let mut known = Known::below(view, index, &Licensors::default())?.by_entries(counts);
        let parts = judge(&mut known, index, run);
        counts = known.into_counts();
        let parts = match parts {
            Err(LedgerError::ManySets { .. } | LedgerError::LongLog { .. }) => {
                again.left_out += 1;
                continue;
            }
            parts => parts?,
        };
        again.judged += 1;
        let erased: u64 = parts.iter().filter_map(|part| part.verdicts.get(&Verdict::Erased)).sum();
        let mut found = codes(&parts);
        found.entry(Code::NeedsReview).and_modify(|count| *count -= erased);
        found.retain(|_, count| *count > 0);
        let recorded = run.gaps.as_ref().map(|gaps| gaps.codes.0.clone()).unwrap_or_default();
        // What was erased may have been in the release of an earlier run, which counts for the versions of models.
        let is_told = match counts.values().all(|(_, erased)| *erased == 0) {
            true => found == recorded,
            false => found.iter().all(|(code, count)| recorded.get(code).is_some_and(|told| told >= count)),
        };
        if !is_told {
            again.others.push(Other { index, found, recorded });
        }
    }
    Ok(again)
}

fn has_gaps(part: &Part) -> bool {
    part.verdicts.keys().any(|verdict| *verdict != Verdict::Covered)
}

/// Works of all releases by code; those that are neither covered nor a gap are for a person to look at.
fn codes(parts: &[Part]) -> BTreeMap<Code, u64> {
    let mut codes = BTreeMap::new();
    for part in parts {
        part.codes.iter().for_each(|(code, count)| *codes.entry(*code).or_default() += count);
        let open = part.verdicts.iter().filter(|(v, _)| !matches!(v, Verdict::Covered | Verdict::Gap));
        open.for_each(|(_, count)| *codes.entry(Code::NeedsReview).or_default() += count);
    }
    codes
}

/// The digests of files of weights, and of the files in folders of them.
///
/// # Errors
/// One cannot be read, or the run was stopped.
pub fn weights(paths: &[PathBuf], progress: &Progress) -> Result<Set<Identifier>, LedgerError> {
    let mut digests = Vec::new();
    for path in paths {
        let reading =
            Reading { walking: Walking { follow: true, never: None }, sha256: false, describe: false, shards: false };
        let folder = Folder { path: path.clone(), reading, reread: true, catalogue: None };
        let before = digests.len();
        for file in asked(Source::Files(folder), &Opening::new(&[], progress))? {
            let found = file.identifiers.iter().filter(|id| id.scheme().is_digest()).cloned();
            let known = digests.len();
            digests.extend(found);
            if digests.len() == known {
                let (place, what) = (file.place.within(&file.source), file.why.join("; "));
                return Err(LedgerError::Unfit { place, what });
            }
        }
        if digests.len() == before {
            let (place, what) = (path.display().to_string(), "has no files".to_owned());
            return Err(LedgerError::Unfit { place, what });
        }
    }
    Ok(digests.into())
}

/// The runs of a ledger, in log order, with the names of their releases.
///
/// # Errors
/// An entry cannot be read.
pub fn list(view: &View) -> Result<Vec<(u64, Run, Vec<ReleaseName>)>, LedgerError> {
    let known = Known::below(view, view.log().size(), &Licensors::default())?;
    let name = |release: &u64| known.release_name(*release).cloned();
    let named = |(index, run): (&u64, &Run)| (*index, run.clone(), run.releases.iter().filter_map(name).collect());
    Ok(known.runs().iter().map(named).collect())
}
