//! `correct`.

use super::{plain, table};
use crate::ledger::correct::Corrected;
use crate::statement::admission::Party;
use crate::statement::vocabulary::Role;
use serde::Serialize;

/// A correction that was recorded.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Log index of the entry that it is about.
    pub about: u64,
    /// Why.
    pub because: String,
    /// Its log index.
    pub entry: u64,
    /// Size of the log afterwards.
    pub log_size: u64,
    /// The right parties.
    pub parties: Vec<Party>,
    /// The right title.
    pub title: Option<String>,
}

impl Report {
    /// From the ledger.
    pub fn new(corrected: &Corrected) -> Report {
        let c = &corrected.correction;
        Report {
            about: c.entry,
            because: c.because.clone(),
            entry: corrected.entry,
            log_size: corrected.checkpoint.size(),
            parties: c.parties.clone(),
            title: c.title.clone(),
        }
    }

    /// For people.
    pub fn text(&self, corrected: &Corrected) -> String {
        let row = |name: &str, value: String| vec![name.to_owned(), plain(&value)];
        let mut rows = vec![row("correction", format!("of entry {}", self.about))];
        if let Some(title) = &self.title {
            let was = corrected.admission.title.as_ref();
            let was = was.map_or_else(|| "it has none".to_owned(), |was| format!("it has {was:?}"));
            rows.push(row("title", format!("{title:?} ({was})")));
        }
        rows.extend(self.parties.iter().map(|p| row(p.role.map_or("party", Role::word), p.name.clone())));
        rows.push(row("because", self.because.clone()));
        rows.push(row("recorded", format!("as entry {}; the entry itself stays as it is", self.entry)));
        table(&rows)
    }
}
