//! `dataset`: one, or all.

use super::{counted, listed, plain, table};
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
    /// Where; none means worldwide.
    pub territories: Vec<String>,
    /// Its title.
    pub title: Option<String>,
    /// What is done with its works.
    pub uses: Vec<Use>,
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
            territories: d.territories.iter().map(ToString::to_string).collect(),
            title: d.title.clone(),
            uses: d.uses.to_vec(),
        }
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
        table(&rows)
    }
}

impl List {
    /// From statements.
    pub fn new(datasets: impl Iterator<Item = (u64, Dataset)>) -> List {
        List { datasets: datasets.map(|(index, d)| Declared::new(index, &d)).collect() }
    }

    /// For people.
    pub fn text(&self) -> String {
        if self.datasets.is_empty() {
            return "no datasets yet\n".to_owned();
        }
        let mut rows = vec![["DATASET", "PURPOSE", "USES", "LAYERS", "ENTRY"].map(str::to_owned).to_vec()];
        for d in &self.datasets {
            let (uses, layers) = (listed(&d.uses), listed(&d.layers));
            rows.push(vec![d.id.clone(), d.purpose.to_string(), uses, layers, d.entry.to_string()]);
        }
        format!("{}\n{}\n", table(&rows), counted(self.datasets.len() as u64, "dataset", "datasets"))
    }
}
