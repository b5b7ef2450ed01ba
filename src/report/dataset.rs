//! `dataset`: one, or all.

use super::{MAX_CELL_LEN, counted, grouped, listed, plain, shortened, table};
use crate::ledger::view;
use crate::statement::Dataset;
use crate::statement::vocabulary::{Layer, Purpose, Use};
use serde::Serialize;

/// A dataset.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Declared {
    /// Its log index.
    pub entry: u64,
    /// Its name.
    pub id: String,
    /// Layers that must be covered.
    pub layers: Vec<Layer>,
    /// Models that it is for.
    pub models: Vec<String>,
    /// To what end.
    pub purpose: Purpose,
    /// Its releases in log order, where the ledger was asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub releases: Option<Vec<Released>>,
    /// Where; none means worldwide.
    pub territories: Vec<String>,
    /// Its title.
    pub title: Option<String>,
    /// What is done with its works.
    pub uses: Vec<Use>,
}

/// A release of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Released {
    /// When it was sealed, as the lab says.
    pub at: String,
    /// Its log index.
    pub entry: u64,
    /// Its name: `DATASET@VERSION`.
    pub release: String,
    /// Its works.
    pub works: u64,
}

/// All datasets.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct List {
    /// In log order.
    pub datasets: Vec<Declared>,
}

impl Declared {
    /// A dataset at its log index.
    pub fn new(entry: u64, d: &Dataset) -> Declared {
        Declared {
            entry,
            id: d.id.to_string(),
            layers: d.layers.to_vec(),
            models: d.models.iter().map(ToString::to_string).collect(),
            purpose: d.purpose,
            releases: None,
            territories: d.territories.iter().map(ToString::to_string).collect(),
            title: d.title.clone(),
            uses: d.uses.to_vec(),
        }
    }

    /// With its releases.
    pub fn with_releases(mut self, releases: &[view::Released]) -> Declared {
        let released = |r: &view::Released| Released {
            at: r.release.at.to_string(),
            entry: r.index,
            release: r.name.to_string(),
            works: r.release.works,
        };
        self.releases = Some(releases.iter().map(released).collect());
        self
    }

    /// For people.
    pub fn text(&self) -> String {
        let territories = if self.territories.is_empty() { "worldwide".to_owned() } else { listed(&self.territories) };
        let mut rows = vec![
            vec!["dataset".to_owned(), format!("{} (entry {})", self.id, self.entry)],
            vec!["uses".to_owned(), listed(&self.uses)],
            vec!["purpose".to_owned(), self.purpose.to_string()],
            vec!["layers".to_owned(), listed(&self.layers)],
            vec!["territories".to_owned(), territories],
        ];
        if !self.models.is_empty() {
            rows.push(vec!["models".to_owned(), plain(&listed(&self.models))]);
        }
        rows.extend(self.title.as_ref().map(|t| vec!["title".to_owned(), plain(t)]));
        match self.releases.as_deref() {
            None => table(&rows),
            Some([]) => table(&rows) + "\nno releases yet\n",
            Some(releases) => format!("{}\n{}", table(&rows), listed_releases(releases)),
        }
    }
}

impl List {
    /// From the ledger.
    pub fn new(datasets: Vec<Declared>) -> List {
        List { datasets }
    }

    /// For people.
    pub fn text(&self) -> String {
        if self.datasets.is_empty() {
            return "no datasets yet\n".to_owned();
        }
        let mut rows = vec![["DATASET", "PURPOSE", "USES", "LAYERS", "RELEASES", "ENTRY"].map(str::to_owned).to_vec()];
        for d in &self.datasets {
            let [uses, layers] = [listed(&d.uses), listed(&d.layers)].map(|cell| shortened(&cell, MAX_CELL_LEN));
            let releases = grouped(d.releases.as_ref().map_or(0, |all| all.len() as u64));
            rows.push(vec![d.id.clone(), d.purpose.to_string(), uses, layers, releases, d.entry.to_string()]);
        }
        format!("{}\n{}\n", table(&rows), counted(self.datasets.len() as u64, "dataset", "datasets"))
    }
}

fn listed_releases(releases: &[Released]) -> String {
    let mut rows = vec![["RELEASE", "WORKS", "SEALED", "ENTRY"].map(str::to_owned).to_vec()];
    for r in releases {
        rows.push(vec![r.release.clone(), grouped(r.works), r.at.clone(), r.entry.to_string()]);
    }
    table(&rows)
}
