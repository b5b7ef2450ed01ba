//! `run`: one that was recorded or refused, or all.

use super::coverage::PartReport;
use super::{MAX_CELL_LEN, counted, grouped, listed, plain, shortened, table};
use crate::ledger::run::Judged;
use crate::statement::vocabulary::{Code, Purpose, Use};
use crate::statement::{ReleaseName, Run};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a run.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Added {
    /// Whether grants cover it from its start to its end.
    pub covered: bool,
    /// What the judge says of each release.
    pub parts: Vec<PartReport>,
    /// Whether it was recorded.
    pub recorded: bool,
    /// It, if it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Recorded>,
}

/// A run.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recorded {
    /// When it ended.
    pub end: String,
    /// Its log index.
    pub entry: u64,
    /// Works by the codes of their gaps, if it was recorded with gaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gaps: Option<BTreeMap<Code, u64>>,
    /// Why it was recorded all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The model.
    pub model: String,
    /// To what end.
    pub purpose: Purpose,
    /// What it was trained on.
    pub releases: Vec<String>,
    /// When it started.
    pub start: String,
    /// Where; none means worldwide.
    pub territories: Vec<String>,
    /// What was done with the works.
    pub uses: Vec<Use>,
    /// Digests of the weights.
    pub weights: Vec<String>,
}

/// All runs.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct List {
    /// In log order.
    pub runs: Vec<Recorded>,
}

impl Recorded {
    /// A run at its log index, with the names of its releases.
    pub fn new(entry: u64, run: &Run, releases: &[ReleaseName]) -> Recorded {
        Recorded {
            end: run.end.to_string(),
            entry,
            gaps: run.gaps.as_ref().map(|gaps| gaps.codes.0.clone()),
            because: run.gaps.as_ref().map(|gaps| gaps.because.clone()),
            model: run.model.to_string(),
            purpose: run.purpose,
            releases: releases.iter().map(ToString::to_string).collect(),
            start: run.start.to_string(),
            territories: run.territories.iter().map(ToString::to_string).collect(),
            uses: run.uses.to_vec(),
            weights: run.weights.iter().map(ToString::to_string).collect(),
        }
    }

    fn row(&self) -> Vec<String> {
        let gaps = match &self.gaps {
            None => "none".to_owned(),
            Some(gaps) => listed(gaps.iter().map(|(code, count)| format!("{} {code}", grouped(*count)))),
        };
        vec![
            shortened(&plain(&self.model), MAX_CELL_LEN),
            self.entry.to_string(),
            self.start.chars().take(10).collect(),
            self.end.chars().take(10).collect(),
            self.purpose.to_string(),
            shortened(&listed(&self.releases), MAX_CELL_LEN),
            gaps,
        ]
    }
}

impl Added {
    /// From the ledger.
    pub fn new(judged: &Judged) -> Added {
        let names: Vec<ReleaseName> = judged.parts.iter().map(|part| part.release.clone()).collect();
        let run = judged.recorded.as_ref().map(|(index, run, _)| Recorded::new(*index, run, &names));
        let (covered, recorded) = (!judged.has_gaps(), run.is_some());
        Added { covered, parts: judged.parts.iter().map(PartReport::of_run).collect(), recorded, run }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = match &self.run {
            None if self.covered => "grants cover this run; nothing was recorded\n\n".to_owned(),
            None => "REFUSED: grants do not cover this run; nothing was recorded\n\n".to_owned(),
            Some(run) => {
                let gaps = if run.gaps.is_some() { ", with gaps" } else { "" };
                format!("run {} recorded as entry {}{gaps}\n\n", plain(&run.model), run.entry)
            }
        };
        let parts: Vec<String> = self.parts.iter().map(|p| format!("{}\n{}", p.release, p.judged())).collect();
        text += &parts.join("\n");
        if let Some(because) = self.run.as_ref().and_then(|run| run.because.as_ref()) {
            text += &format!("\nrecorded because: {}\n", plain(because));
        }
        text
    }
}

impl List {
    /// Runs with the names of their releases.
    pub fn new(runs: &[(u64, Run, Vec<ReleaseName>)]) -> List {
        List { runs: runs.iter().map(|(index, run, releases)| Recorded::new(*index, run, releases)).collect() }
    }

    /// For people.
    pub fn text(&self) -> String {
        if self.runs.is_empty() {
            return "no run is recorded\n".to_owned();
        }
        let head = ["MODEL", "ENTRY", "START", "END", "PURPOSE", "RELEASES", "GAPS"].map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(self.runs.iter().map(Recorded::row)).collect();
        format!("{}{}\n", table(&rows), counted(self.runs.len() as u64, "run", "runs"))
    }
}
