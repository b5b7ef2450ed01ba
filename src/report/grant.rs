//! `grant`: one, or all; and the end of one.

use super::{MAX_CELL_LEN, counted, grouped, listed, plain, shortened, table, wrapped};
use crate::ledger::Why;
use crate::ledger::grant::{self, Listed};
use crate::ledger::sign;
use crate::statement::terms::Subject;
use crate::statement::{Date, Terms};
use serde::Serialize;

/// A grant.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recorded {
    /// The first day without it, if it was ended.
    pub ended: Option<String>,
    /// Its log index; none where a dry run recorded nothing.
    pub entry: Option<u64>,
    /// Its name.
    pub id: String,
    /// Whether the licensor signed it.
    pub signed: bool,
    /// Its terms.
    pub terms: Terms,
}

/// A grant that its licensor has signed, and no ledger has yet.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Signed {
    /// Length of the envelope.
    pub bytes: u64,
    /// Where it is.
    pub envelope: String,
    /// Its name.
    pub id: String,
    /// The verifier key of the licensor's that it verifies with.
    pub key: String,
    /// Its terms, as they were signed.
    pub terms: Terms,
}

/// All grants.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct List {
    /// In log order.
    pub grants: Vec<Recorded>,
}

/// A grant that was ended.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ended {
    /// Why, as a code of the lab's.
    pub because: String,
    /// The first day without it as it was before, if it had been ended for a later day.
    pub before: Option<String>,
    /// The first day without it.
    pub effective: String,
    /// Log index of the end.
    pub entry: u64,
    /// Log index of the grant.
    pub grant: u64,
    /// The grant's name.
    pub id: String,
    /// Size of the log afterwards.
    pub log_size: u64,
    /// Why, in words.
    pub note: Option<String>,
    /// Days by which it lies before the day of recording; 0 if it does not.
    pub retroactive_days: u64,
}

impl Ended {
    /// From the ledger.
    pub fn new(ended: &grant::Ended, effective: Date, why: Why) -> Ended {
        Ended {
            because: why.because,
            before: ended.before.map(|day| day.to_string()),
            effective: effective.to_string(),
            entry: ended.entry,
            grant: ended.grant,
            id: ended.terms.id.to_string(),
            log_size: ended.checkpoint.size(),
            note: why.note,
            retroactive_days: u64::try_from(ended.recorded.days_since(effective)).unwrap_or(0),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let row = |name: &str, value: String| vec![name.to_owned(), plain(&value)];
        let mut rows = vec![
            row("grant", format!("{} (entry {})", self.id, self.grant)),
            row("ENDED", format!("{}: the first day without it", self.effective)),
        ];
        rows.extend(self.before.as_ref().map(|day| row("before", format!("ended {day}; the earlier end counts"))));
        if self.retroactive_days > 0 {
            let days = counted(self.retroactive_days, "day", "days");
            rows.push(row("retroactive", format!("by {days}: it is shown with the day of recording beside it")));
        }
        rows.push(row("because", self.because.clone()));
        rows.extend(self.note.clone().map(|note| row("note", note)));
        rows.push(row("recorded", format!("as entry {}", self.entry)));
        table(&rows)
    }
}

impl Recorded {
    /// From the ledger.
    pub fn new(grant: &Listed) -> Recorded {
        Recorded {
            ended: grant.ended.map(|d| d.to_string()),
            entry: Some(grant.index),
            id: grant.terms.id.to_string(),
            signed: grant.grant.envelope.is_some(),
            terms: grant.terms.clone(),
        }
    }

    /// The same, of a dry run.
    pub fn as_if(self) -> Recorded {
        Recorded { entry: None, ..self }
    }

    /// For people.
    pub fn text(&self) -> String {
        let entry = self.entry.map_or_else(String::new, |entry| format!(" (entry {entry})"));
        let mut rows = vec![row("grant", format!("{}{entry}", self.id))];
        rows.extend(rows_of(&self.terms));
        let standing = if self.signed { "an envelope that the licensor signed" } else { "terms that the lab asserts" };
        rows.push(row("recorded as", standing.to_owned()));
        if let (true, Some(key)) = (self.signed, &self.terms.licensor.key) {
            rows.push(row("signed by", key.clone()));
        }
        rows.extend(self.ended.as_ref().map(|d| row("ENDED", d.clone())));
        table(&rows)
    }
}

impl Signed {
    /// What was signed, and where it was written.
    pub fn new(envelope: &str, signed: &sign::Signed) -> Signed {
        Signed {
            bytes: signed.envelope.len() as u64 + 1,
            envelope: envelope.to_owned(),
            id: signed.terms.id.to_string(),
            key: signed.terms.licensor.key.clone().unwrap_or_default(),
            terms: signed.terms.clone(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut rows = vec![row("grant", self.id.clone())];
        rows.extend(rows_of(&self.terms));
        rows.extend(self.terms.licensee.log.as_ref().map(|log| row("for the log", log.clone())));
        rows.push(row("signed by", self.key.clone()));
        let file = if self.envelope == "-" { "stdout" } else { &self.envelope };
        rows.push(row("envelope", format!("{file} ({} bytes)", grouped(self.bytes))));
        let next = match &self.terms.subject {
            Subject::Catalogue(_) => {
                "Give the lab the envelope and a catalogue of the same works in the same order: what is signed is its root. \
                 Auditors need the key, from you."
            }
            Subject::Licence(_) | Subject::Party(_) => {
                "Give the lab the envelope. Without a catalogue, which works it covers is the lab's word, and no work's standing \
                 is `signed`."
            }
        };
        format!("{}\n{}", table(&rows), wrapped("", next))
    }
}

impl List {
    /// From the ledger.
    pub fn new(grants: &[Listed]) -> List {
        List { grants: grants.iter().map(Recorded::new).collect() }
    }

    /// For people.
    pub fn text(&self) -> String {
        if self.grants.is_empty() {
            return "no grants yet\n".to_owned();
        }
        let mut rows = vec![["GRANT", "LICENSOR", "PURPOSES", "FROM", "TO", "ENTRY"].map(str::to_owned).to_vec()];
        for g in &self.grants {
            let to = g.ended.as_ref().map(|d| format!("ended {d}"));
            let to = to.or_else(|| g.terms.valid_to.map(|d| d.to_string())).unwrap_or_else(|| "-".to_owned());
            let name = plain(&shortened(&g.terms.licensor.name, MAX_CELL_LEN));
            let purposes = shortened(&listed(&g.terms.purposes), MAX_CELL_LEN);
            rows.push(vec![
                g.id.clone(),
                name,
                purposes,
                g.terms.valid_from.to_string(),
                to,
                g.entry.map_or_else(String::new, |entry| entry.to_string()),
            ]);
        }
        format!("{}\n{}\n", table(&rows), counted(self.grants.len() as u64, "grant", "grants"))
    }
}

/// A subject in words.
pub fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Catalogue(rows) => format!("a catalogue of {}", counted(rows.count, "identifier", "identifiers")),
        Subject::Licence(spdx) => format!("every work under {spdx}"),
        Subject::Party(party) => format!("every work of {party}"),
    }
}

fn row(name: &str, value: String) -> Vec<String> {
    vec![name.to_owned(), plain(&value)]
}

/// What terms say, member by member.
fn rows_of(t: &Terms) -> Vec<Vec<String>> {
    let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    let mut rows = vec![
        row("licensor", t.licensor.name.clone()),
        row("licensee", t.licensee.name.clone()),
        row("basis", t.basis.to_string()),
        row("licence", t.licence.clone()),
        row("subject", subject(&t.subject)),
        row("layers", or_none(listed(&t.layers))),
        row("uses", or_none(listed(&t.uses))),
    ];
    if !t.not_uses.is_empty() {
        rows.push(row("not uses", listed(&t.not_uses)));
    }
    rows.push(row("purposes", or_none(listed(&t.purposes))));
    rows.push(row("territories", or_none(listed(&t.territories))));
    if !t.not_territories.is_empty() {
        rows.push(row("except", listed(&t.not_territories)));
    }
    rows.push(row("from", t.valid_from.to_string()));
    rows.push(row("to", t.valid_to.map_or_else(|| "no end".to_owned(), |d| format!("{d} (not included)"))));
    if let Some(models) = &t.models {
        let versions = models.versions.map_or(String::new(), |n| format!(", at most {} versions", grouped(n)));
        rows.push(row("models", format!("{}{versions}", or_none(listed(&models.names)))));
    }
    if !t.obligations.is_empty() {
        rows.push(row("obligations", listed(&t.obligations)));
    }
    rows.extend(t.on_end.map(|e| row("on end", e.to_string())));
    if !t.evidence.is_empty() {
        rows.push(row("evidence", counted(t.evidence.len() as u64, "document", "documents")));
    }
    rows
}
