//! `coverage`: what was covered on a day, and what gaps may cost.
//!
//! Invariant: no figure of dollars goes without its assumptions, in text and in JSON.

use super::{counted, grouped, listed, plain, shortened, table, wrapped};
use crate::ledger::coverage::{Coverage, Found, GrantUse, Part, Touched};
use crate::ledger::exposure::{Counted, EACH, Exposure, Range};
use crate::report::admit::meaning;
use crate::statement::terms::Standing;
use crate::statement::vocabulary::{Basis, Code, Layer, Purpose, Use};
use crate::statement::{Codes, Identifier, Name};
use crate::verify::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;

/// The columns of the table of works.
pub const COLUMNS: [&str; 9] =
    ["release", "entry", "work", "title", "identifiers", "verdict", "codes", "grants", "withdrawn"];

/// Grants, and licensors, that the text lists; `--json` has all.
const MAX_LISTED: usize = 20;

/// What every figure of exposure rests on.
pub const ASSUMPTIONS: [&str; 7] = [
    "arithmetic on 17 U.S.C. 504(c), not advice: a court sets each award, and other law may apply",
    "every work with a gap is taken as infringed, and as a work that US law protects",
    "the awards are per work, whatever the number of copies, models and runs: 750 to 30,000 dollars, up to 150,000 if wilful, down to 200 if innocent",
    "registration is what the ledger records (uscopyright); a work without it is counted apart, and no award is due for it unless it was registered in time (17 U.S.C. 412)",
    "works that share a upc or mbid-release are taken as parts of one compilation, which counts as one work",
    "a work that a person let in against the gate, or whose admission was erased, is not among the gaps, and not counted",
    "what a work would have earned, its owner's actual damages, is not counted",
];

/// What was covered on a day.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// The size of the log as of which it is answered.
    pub as_of: u64,
    /// The day judged; absent: each run's own days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What the gaps may cost, if it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure: Option<ExposureReport>,
    /// What the end of the grant in question touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_ended: Option<TouchedReport>,
    /// Until when all that has effect is known.
    pub known_until: String,
    /// One for a release; for a model, one for each release of each run.
    pub parts: Vec<PartReport>,
}

/// The works of one release, for one need.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartReport {
    /// Works with a gap that were covered on the first day of the run.
    pub at_start_only: u64,
    /// Covered works by the basis of their grants; one with grants of several counts for each.
    pub bases: BTreeMap<Basis, u64>,
    /// Works with a gap by code; one may have several.
    pub codes: BTreeMap<Code, u64>,
    /// Log index of the release.
    pub entry: u64,
    /// The grants that works rely on.
    pub grants: Vec<GrantReport>,
    /// Works by each required layer.
    pub layers: BTreeMap<Layer, LayerReport>,
    /// Covered works by licensor, as bases.
    pub licensors: BTreeMap<String, u64>,
    /// To what end they were needed.
    pub purpose: Purpose,
    /// The release.
    pub release: String,
    /// The run that was trained on it, of a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunReport>,
    /// Covered works by the lowest standing of their grants.
    pub standings: BTreeMap<Standing, u64>,
    /// Where they were needed; none means worldwide.
    pub territories: Vec<String>,
    /// What they were needed for.
    pub uses: Vec<Use>,
    /// Works by verdict.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// Works.
    pub works: u64,
}

/// A grant, and the works of a release that rely on it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GrantReport {
    /// What it rests on.
    pub basis: Basis,
    /// Those of its works that are covered.
    pub covered: u64,
    /// The earliest end, if it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Its log index.
    pub entry: u64,
    /// Its name.
    pub id: String,
    /// Who grants.
    pub licensor: String,
    /// How well it is attested.
    pub standing: Standing,
    /// The first day.
    pub valid_from: String,
    /// The first day after; absent: perpetual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// Works that rely on it.
    pub works: u64,
}

/// Works by whether a layer of theirs is covered.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LayerReport {
    /// It is.
    pub covered: u64,
    /// It is not.
    pub gap: u64,
}

/// A run.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunReport {
    /// When it ended.
    pub end: String,
    /// Its log index.
    pub entry: u64,
    /// The model.
    pub model: String,
    /// When it started.
    pub start: String,
}

/// What rests on a grant.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TouchedReport {
    /// The grant.
    pub grant: String,
    /// Models trained on those releases.
    pub models: Vec<String>,
    /// Releases, and how many of their works rely on it.
    pub releases: BTreeMap<String, u64>,
    /// Log indices of the runs on those releases.
    pub runs: Vec<u64>,
}

/// What gaps may cost.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExposureReport {
    /// What every figure rests on.
    pub assumptions: Vec<&'static str>,
    /// Works whose registration is recorded.
    pub registered: Dollars,
    /// Works of whose registration the ledger knows nothing: what they may cost if they are registered.
    pub unrecorded: Dollars,
}

/// Works, and dollars for them.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dollars {
    /// Works, with all parts of a compilation as one: what the dollars are for.
    pub compilations: u64,
    /// At 750 each.
    pub least: u64,
    /// At 200 each.
    pub least_if_innocent: u64,
    /// At 30,000 each.
    pub most: u64,
    /// At 150,000 each.
    pub most_if_wilful: u64,
    /// Works, each by itself.
    pub works: u64,
}

/// One admission of a release: a line of `--report`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Line<'a> {
    /// Why it is not covered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
    /// Log index of the admission.
    pub entry: u64,
    /// The grant of each required layer, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub grants: BTreeMap<Layer, Name>,
    /// Its identifiers.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub identifiers: &'a [Identifier],
    /// The release.
    pub release: &'a str,
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether it was withdrawn since.
    pub withdrawn: bool,
    /// Log index of the first admission of the same work.
    pub work: u64,
}

impl<'a> Line<'a> {
    /// From the ledger; `release` is its name, `grants` those of its part.
    pub fn new(found: &'a Found, release: &'a str, grants: &[GrantUse]) -> Line<'a> {
        let admission = found.admission.as_ref();
        let name = |index: u64| grants.iter().find(|g| g.index == index).map(|g| g.terms.id.clone());
        Line {
            codes: found.layers.iter().fold(Codes::NONE, |all, (_, _, codes)| all.union(*codes)).iter().collect(),
            entry: found.index,
            grants: found.layers.iter().filter_map(|(layer, grant, _)| Some((*layer, name((*grant)?)?))).collect(),
            identifiers: admission.map_or(&[], |a| &a.identifiers),
            release,
            title: admission.and_then(|a| a.title.as_deref()),
            verdict: found.verdict,
            withdrawn: found.withdrawn,
            work: admission.and_then(|a| a.same_as).unwrap_or(found.index),
        }
    }
}

impl Report {
    /// From the ledger.
    pub fn new(coverage: &Coverage, exposure: Option<&Exposure>) -> Report {
        Report {
            as_of: coverage.log_size,
            at: coverage.at.map(|day| day.to_string()),
            exposure: exposure.map(ExposureReport::new),
            if_ended: coverage.touched.as_ref().map(TouchedReport::new),
            known_until: coverage.known_until.to_string(),
            parts: coverage.parts.iter().map(PartReport::new).collect(),
        }
    }

    /// Whether every work of every part is covered.
    pub fn is_covered(&self) -> bool {
        self.parts.iter().all(|part| part.verdicts.keys().all(|verdict| *verdict == Verdict::Covered))
    }

    /// For people.
    pub fn text(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(|part| part.text(self.at.as_deref(), self.as_of)).collect();
        let mut text = parts.join("\n");
        if self.parts.iter().any(|part| part.verdicts.contains_key(&Verdict::Unknown)) {
            text += &format!(
                "\nUnknown: covered by all that is recorded; what has effect after {} may still be.\n",
                self.known_until
            );
        }
        if let Some(touched) = &self.if_ended {
            text += &touched.text();
        }
        if let Some(exposure) = &self.exposure {
            text += &exposure.text();
        }
        text
    }
}

impl PartReport {
    fn new(part: &Part) -> PartReport {
        let run = part.run.as_ref();
        let (uses, territories) = match run {
            Some((_, run)) => (run.uses.to_vec(), &run.territories),
            None => (part.dataset.uses.to_vec(), &part.dataset.territories),
        };
        let layer =
            |(layer, (covered, gap)): (&Layer, &(u64, u64))| (*layer, LayerReport { covered: *covered, gap: *gap });
        PartReport {
            at_start_only: part.at_start_only,
            bases: part.bases.clone(),
            codes: part.codes.clone(),
            entry: part.entry,
            grants: part.grants.iter().map(GrantReport::new).collect(),
            layers: part.layers.iter().map(layer).collect(),
            licensors: part.licensors.clone(),
            purpose: run.map_or(part.dataset.purpose, |(_, run)| run.purpose),
            release: part.release.to_string(),
            run: run.map(|(entry, run)| RunReport {
                end: run.end.to_string(),
                entry: *entry,
                model: run.model.to_string(),
                start: run.start.to_string(),
            }),
            standings: part.standings.clone(),
            territories: territories.iter().map(ToString::to_string).collect(),
            uses,
            verdicts: part.verdicts.clone(),
            works: part.works,
        }
    }

    /// Of a run that is being recorded, which has no log index yet.
    pub(super) fn of_run(part: &Part) -> PartReport {
        PartReport { run: None, ..PartReport::new(part) }
    }

    fn text(&self, at: Option<&str>, as_of: u64) -> String {
        let when = match (at, &self.run) {
            (Some(day), _) => format!("on {day}"),
            (None, Some(run)) => format!("from {} to {}", run.start, run.end),
            (None, None) => String::new(),
        };
        let run = self.run.as_ref().map(|run| format!("{} (entry {}) trained on ", plain(&run.model), run.entry));
        let entries = counted(as_of, "entry", "entries");
        format!("{}{} {when}, as of {entries}\n", run.unwrap_or_default(), self.release) + &self.judged()
    }

    /// What was needed, and what was found.
    pub(super) fn judged(&self) -> String {
        let territories = if self.territories.is_empty() { "worldwide".to_owned() } else { listed(&self.territories) };
        let layers = listed(self.layers.keys());
        let need = format!("{}, {}, {territories}; each work needs {layers}", listed(&self.uses), self.purpose);
        let mut text = wrapped("", &need);
        text += &format!("\n{}\n", counted(self.works, "work", "works"));
        let mut rows = Vec::new();
        for (verdict, count) in &self.verdicts {
            rows.push(vec![format!("  {}", verdict.word()), grouped(*count)]);
            if *verdict == Verdict::Gap {
                rows.extend(self.codes.iter().map(|(code, count)| vec![format!("    {code}"), grouped(*count)]));
            }
        }
        text += &table(&rows);
        if self.at_start_only > 0 {
            let works = counted(self.at_start_only, "work was", "works were");
            text += &format!("  {works} covered at the start only\n");
        }
        text + &self.tables()
    }

    /// Layers, grants and totals.
    fn tables(&self) -> String {
        let mut text = String::new();
        if self.layers.len() > 1 {
            let mut rows = vec![["LAYER", "COVERED", "GAP"].map(str::to_owned).to_vec()];
            let row = |(layer, l): (&Layer, &LayerReport)| vec![layer.to_string(), grouped(l.covered), grouped(l.gap)];
            rows.extend(self.layers.iter().map(row));
            text += &format!("\n{}", table(&rows));
        }
        if !self.grants.is_empty() {
            let mut most: Vec<&GrantReport> = self.grants.iter().collect();
            most.sort_by_key(|grant| std::cmp::Reverse(grant.works));
            let head = ["GRANT", "ENTRY", "WORKS", "COVERED", "FROM", "UNTIL", "STANDING", "BASIS", "LICENSOR"];
            let mut rows = vec![head.map(str::to_owned).to_vec()];
            rows.extend(most.into_iter().take(MAX_LISTED).map(GrantReport::row));
            text += &format!("\n{}", table(&rows));
            if self.grants.len() > MAX_LISTED {
                let more = (self.grants.len() - MAX_LISTED) as u64;
                text += &format!("... and {} for fewer works; --json has all\n", counted(more, "grant", "grants"));
            }
        }
        let words = |mut counts: Vec<(String, u64)>| {
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            let more = counts.len().saturating_sub(MAX_LISTED);
            let shown = counts.iter().take(MAX_LISTED).map(|(word, count)| format!("{} {word}", grouped(*count)));
            listed(shown.chain((more > 0).then(|| format!("and {} more", grouped(more as u64)))))
        };
        for (what, counts) in [
            ("by standing  ", self.standings.iter().map(|(s, n)| (s.word().to_owned(), *n)).collect::<Vec<_>>()),
            ("by basis     ", self.bases.iter().map(|(b, n)| (b.to_string(), *n)).collect()),
            ("by licensor  ", self.licensors.iter().map(|(l, n)| (plain(l), *n)).collect()),
        ] {
            if !counts.is_empty() {
                let blank = if what.starts_with("by standing") { "\n" } else { "" };
                text += &format!("{blank}{}", wrapped(what, &words(counts)));
            }
        }
        text + &self.meanings()
    }

    /// What the codes of the gaps mean.
    fn meanings(&self) -> String {
        let lines = self.codes.keys().map(|code| wrapped(&format!("{code}: "), meaning(*code)));
        let lines: String = lines.collect();
        if lines.is_empty() { lines } else { format!("\n{lines}") }
    }
}

impl GrantReport {
    fn new(used: &GrantUse) -> GrantReport {
        let terms = &used.terms;
        GrantReport {
            basis: terms.basis,
            covered: used.covered,
            ended: used.ended.map(|day| day.to_string()),
            entry: used.index,
            id: terms.id.to_string(),
            licensor: terms.licensor.name.clone(),
            standing: used.standing,
            valid_from: terms.valid_from.to_string(),
            valid_to: terms.valid_to.map(|day| day.to_string()),
            works: used.works,
        }
    }

    fn row(&self) -> Vec<String> {
        let until = match (&self.ended, &self.valid_to) {
            (Some(end), Some(to)) if end > to => to.clone(),
            (Some(end), _) => format!("{end} (ended)"),
            (None, Some(to)) => to.clone(),
            (None, None) => "-".to_owned(),
        };
        vec![
            shortened(&plain(&self.id), super::MAX_CELL_LEN),
            self.entry.to_string(),
            grouped(self.works),
            grouped(self.covered),
            self.valid_from.clone(),
            until,
            self.standing.word().to_owned(),
            self.basis.to_string(),
            shortened(&plain(&self.licensor), super::MAX_CELL_LEN),
        ]
    }
}

impl TouchedReport {
    fn new(touched: &Touched) -> TouchedReport {
        let mut models: Vec<String> = touched.runs.iter().map(|(_, model)| model.to_string()).collect();
        models.sort_unstable();
        models.dedup();
        TouchedReport {
            grant: touched.grant.to_string(),
            models,
            releases: touched.releases.iter().map(|(name, works)| (name.to_string(), *works)).collect(),
            runs: touched.runs.iter().map(|(index, _)| *index).collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!("\nThe end of {} would touch\n", self.grant);
        if self.releases.is_empty() {
            return text + "  nothing: no work of a release relies on it\n";
        }
        let works = |(name, works): (&String, &u64)| format!("{} of {name}", counted(*works, "work", "works"));
        text += &wrapped("  works     ", &listed(self.releases.iter().map(works)));
        if self.runs.is_empty() {
            return text + "  models    none: no run is recorded on those releases\n";
        }
        text += &wrapped("  runs      ", &listed(self.runs.iter().map(|index| format!("entry {index}"))));
        text + &wrapped("  models    ", &listed(self.models.iter().map(|model| plain(model))))
    }
}

impl ExposureReport {
    fn new(exposure: &Exposure) -> ExposureReport {
        ExposureReport {
            assumptions: ASSUMPTIONS.to_vec(),
            registered: Dollars::new(exposure.registered),
            unrecorded: Dollars::new(exposure.unrecorded),
        }
    }

    fn text(&self) -> String {
        let dollars = |amount: u64| format!("${}", grouped(amount));
        let mut text = "\nExposure of the gaps\n".to_owned();
        for (what, d) in [("registered", &self.registered), ("registration not recorded", &self.unrecorded)] {
            if d.works == 0 {
                text += &format!("  {what}: no works\n");
                continue;
            }
            let as_one = match d.works == d.compilations {
                true => String::new(),
                false => format!(", {} with each compilation as one", grouped(d.compilations)),
            };
            let condition = if what == "registered" { "" } else { ", if they are" };
            text += &format!("  {what}: {}{as_one}{condition}\n", counted(d.works, "work", "works"));
            text += &format!("    {} to {}\n", dollars(d.least), dollars(d.most_if_wilful));
            let parts = [
                format!("{} at {} each", dollars(d.least), EACH.least),
                format!("{} at {}", dollars(d.most), grouped(EACH.most)),
                format!("{} at {} if wilful", dollars(d.most_if_wilful), grouped(EACH.most_if_wilful)),
                format!("{} at {} if innocent", dollars(d.least_if_innocent), EACH.least_if_innocent),
            ];
            text += &wrapped("    ", &listed(parts));
        }
        text += "  assuming\n";
        self.assumptions.iter().fold(text, |text, line| text + &wrapped("  - ", line))
    }
}

impl Dollars {
    fn new(counted: Counted) -> Dollars {
        let Range { least_if_innocent, least, most, most_if_wilful } = Range::of(counted.compilations);
        let Counted { works, compilations } = counted;
        Dollars { compilations, least, least_if_innocent, most, most_if_wilful, works }
    }
}
