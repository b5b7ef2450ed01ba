//! `verify` of a folder: what an auditor finds in a whole copy of a ledger.

use super::said::Disputed;
use super::verify::Witness;
use super::{counted, grouped, listed, plain, wrapped};
use crate::ledger::fsck::{self, Audit};
use crate::report::admit::meaning;
use crate::statement::terms::Standing;
use crate::statement::{Code, Codes};
use crate::verify::{NOT_PROVEN, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// What of [`NOT_PROVEN`] a whole copy proves: its releases are held against all admissions, and nothing is asked whose
/// neighbours would show.
const PROVEN_BY_A_COPY: [&str; 2] = ["release-complete", "neighbours"];

/// Findings, and disputes, that the text lists; `--json` has more.
const MAX_LISTED: usize = 20;

/// What was found in a copy of a ledger.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Admissions whose time witnesses bound from both sides.
    pub bracketed: u64,
    /// How many admissions were found to break each rule of the gate.
    pub codes: BTreeMap<Code, u64>,
    /// What is wrong, each with the file or entry that has it.
    pub damage: Vec<String>,
    /// Entries that say something else than follows from the ledger.
    pub differences: Vec<Difference>,
    /// Rightsholders' disputes, in log order: they change nothing and are shown.
    pub disputes: Vec<Disputed>,
    /// Entries of each kind.
    pub entries: BTreeMap<String, u64>,
    /// Erased entries.
    pub erased: u64,
    /// The file with evidence of what a state or a release hides, if there is any and it was asked for.
    pub evidence: Option<String>,
    /// Files that nothing names.
    pub leftovers: Vec<String>,
    /// Size of the log.
    pub log_size: u64,
    /// What is never proven.
    pub not_proven: Vec<&'static str>,
    /// Findings left out of the lists.
    pub omitted: u64,
    /// The log.
    pub origin: String,
    /// Its releases, in log order.
    pub releases: Vec<Release>,
    /// Runs that were judged again with what was recorded before them.
    pub runs_judged: u64,
    /// Runs on releases that are too large for that.
    pub runs_left_out: u64,
    /// Admissions by the lowest standing of their grants.
    pub standings: BTreeMap<Standing, u64>,
    /// Whether nothing is wrong and nothing differs.
    pub valid: bool,
    /// Admissions by what their grants come to when they are judged again.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// By when a quorum of the policy's witnesses had seen the checkpoint.
    pub witnessed_at: Option<String>,
    /// Witnesses of the checkpoint.
    pub witnesses: Vec<Witness>,
}

/// An entry that says something else than follows.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Difference {
    /// Rules of the gate that its work breaks.
    pub codes: Codes,
    /// Its log index.
    pub entry: u64,
    /// What else differs.
    pub what: Vec<String>,
}

/// A release that was held against the admissions.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// Its log index.
    pub entry: u64,
    /// Its name.
    pub release: String,
    /// Its rows.
    pub rows: u64,
    /// Its works.
    pub works: u64,
}

impl Report {
    /// From the ledger.
    pub fn new(audit: &Audit) -> Report {
        let Audit { report, judged, .. } = audit;
        let difference = |d: &fsck::Difference| Difference { codes: d.codes, entry: d.index, what: d.what.clone() };
        let release = |(entry, name, release): &(u64, crate::statement::ReleaseName, crate::statement::Release)| {
            Release { entry: *entry, release: name.to_string(), rows: release.rows.count, works: release.works }
        };
        let witness = |w: &crate::tlog::Cosigner| Witness::new(&(w.name.clone(), w.time));
        let never = NOT_PROVEN.iter().map(|(word, _)| *word).filter(|word| !PROVEN_BY_A_COPY.contains(word));
        Report {
            bracketed: judged.bracketed,
            codes: judged.codes.clone(),
            damage: report.damage.clone(),
            differences: judged.differences.iter().map(difference).collect(),
            disputes: judged.disputes.iter().map(Disputed::new).collect(),
            entries: report.entries.iter().map(|(kind, count)| (kind.to_string(), *count)).collect(),
            erased: report.erased,
            evidence: None,
            leftovers: report.leftovers.clone(),
            log_size: report.log_size,
            not_proven: never.collect(),
            omitted: report.omitted + judged.omitted,
            origin: audit.log_key.name().to_owned(),
            releases: report.releases.iter().map(release).collect(),
            runs_judged: judged.runs.0,
            runs_left_out: judged.runs.1,
            standings: judged.standings.clone(),
            valid: audit.is_sound(),
            verdicts: judged.verdicts.clone(),
            witnessed_at: audit.witnessed_at.map(|t| t.to_string()),
            witnesses: audit.witnesses.iter().map(witness).collect(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let origin = plain(&self.origin);
        let mut text = match self.damage.len() + self.differences.len() {
            0 => format!("VALID: this copy of the ledger {origin} is whole, and all of it follows from its log\n\n"),
            n => format!("INVALID: {} in this copy of {origin}\n\n", counted(n as u64, "finding", "findings")),
        };
        text += &self.findings();
        if self.log_size == 0 {
            return text + "Nothing else of it could be checked.\n";
        }
        let kinds = self.entries.iter().map(|(kind, count)| format!("{} {kind}", grouped(*count)));
        let erased = (self.erased > 0).then(|| format!("{} erased", grouped(self.erased)));
        let log = format!("{}: {}", counted(self.log_size, "entry", "entries"), listed(kinds.chain(erased)));
        text += &wrapped("log         ", &log);
        for release in &self.releases {
            text += &format!("release     {} (entry {}): ", plain(&release.release), release.entry);
            let (works, rows) = (counted(release.works, "work", "works"), counted(release.rows, "row", "rows"));
            text += &format!("{works}, {rows}\n");
        }
        let words = |counts: Vec<(&'static str, u64)>| {
            let words = listed(counts.into_iter().map(|(word, count)| format!("{} {word}", grouped(count))));
            if words.is_empty() { "none".to_owned() } else { words }
        };
        let verdicts = words(self.verdicts.iter().map(|(v, n)| (v.word(), *n)).collect());
        let standings = words(self.standings.iter().map(|(s, n)| (s.word(), *n)).collect());
        text += &format!("admissions  judged again: {verdicts}\n            standing: {standings}\n");
        let left_out = (self.runs_left_out > 0).then(|| format!("{} too large to judge", grouped(self.runs_left_out)));
        let runs = (self.runs_judged > 0).then(|| format!("{} judged again", grouped(self.runs_judged)));
        if runs.is_some() || left_out.is_some() {
            text += &format!("runs        {}\n", listed(runs.into_iter().chain(left_out)));
        }
        text += &self.disputes();
        text += &match &self.witnessed_at {
            Some(at) => {
                let names = listed(self.witnesses.iter().map(|w| plain(&w.name)));
                let bracketed = counted(self.bracketed, "admission", "admissions");
                format!("time        witnessed: {names} had seen this log by {at}; {bracketed} bounded on both sides\n")
            }
            None => "time        no witness was asked: all times are the lab's word\n".to_owned(),
        };
        if let Some(file) = &self.evidence {
            text += &format!("evidence    {} shows what is hidden to anybody\n", plain(file));
        }
        text += &self.leftovers();
        text += "\nNever proven by such a copy:\n";
        for (_, sentence) in NOT_PROVEN.iter().filter(|(word, _)| self.not_proven.contains(word)) {
            text += &wrapped("  - ", sentence);
        }
        text
    }

    fn findings(&self) -> String {
        let mut text = String::new();
        for what in self.damage.iter().take(MAX_LISTED) {
            text += &wrapped("DAMAGE: ", &plain(what));
        }
        for difference in self.differences.iter().take(MAX_LISTED) {
            let codes = difference.codes.iter().map(|code| format!("{code}: {}", meaning(code)));
            let all = listed(codes.chain(difference.what.iter().map(|what| plain(what))));
            text += &wrapped("DIFFERS: ", &format!("entry {}: {all}", difference.entry));
        }
        let hidden = self.damage.len().saturating_sub(MAX_LISTED) + self.differences.len().saturating_sub(MAX_LISTED);
        match (hidden, self.omitted) {
            (0, 0) => {}
            (hidden, 0) => text += &format!("and {} more (--json lists all)\n", grouped(hidden as u64)),
            (hidden, omitted) => text += &format!("and {} more\n", grouped(hidden as u64 + omitted)),
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    fn disputes(&self) -> String {
        let line = |(place, dispute): (usize, &Disputed)| {
            wrapped(if place == 0 { "disputes    " } else { "            " }, &plain(&dispute.words()))
        };
        let text: String = self.disputes.iter().take(MAX_LISTED).enumerate().map(line).collect();
        match self.disputes.len().saturating_sub(MAX_LISTED) as u64 {
            0 => text,
            more => format!("{text}            and {} more (--json lists them)\n", grouped(more)),
        }
    }

    fn leftovers(&self) -> String {
        let Some(first) = self.leftovers.first() else { return String::new() };
        let files = counted(self.leftovers.len() as u64, "file", "files");
        format!("leftovers   {files} that nothing names, {} for one; harmless\n", plain(first))
    }
}
