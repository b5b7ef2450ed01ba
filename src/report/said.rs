//! What was said of an entry after it was recorded: disputes, corrections, withdrawals, ends. Shown beside the entry, by
//! `verify` as far as a proof discloses it, and by `show`.

use super::{counted, grouped, listed, plain, wrapped};
use crate::statement::admission::Party;
use crate::statement::{Statement, Withdrawal};
use crate::verify::Facts;
use crate::verify::facts::{self, Attestation};
use serde::Serialize;
use std::collections::BTreeMap;

/// Lines about one thing; `--json` has all.
const MAX_LISTED: usize = 20;

/// A rightsholder's dispute.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Disputed {
    /// Log index of the entry that it is about.
    pub about: u64,
    /// When it was recorded, as the lab says.
    pub at: String,
    /// What it says.
    pub claim: String,
    /// Its log index.
    pub entry: u64,
    /// The party identifiers in it.
    pub ids: Vec<String>,
    /// Who says so.
    pub name: String,
    /// `signed` by a party in it, by the key that the auditor gave; `not-signed` by any key given for one; `unchecked`:
    /// no such key was given.
    pub signature: &'static str,
    /// The party whose signature was checked.
    pub signed_by: Option<String>,
    /// What these two say.
    #[serde(skip)]
    attestation: Attestation,
}

/// A correction.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Corrected {
    /// Log index of the entry that it is about.
    pub about: u64,
    /// When it was recorded, as the lab says.
    pub at: String,
    /// Why.
    pub because: String,
    /// Its log index.
    pub entry: u64,
    /// The right parties.
    pub parties: Vec<Party>,
    /// The right title.
    pub title: Option<String>,
}

/// A withdrawal of works that were asked.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Withdrawn {
    /// When it was recorded, as the lab says.
    pub at: String,
    /// Why, as a code of the lab's.
    pub because: String,
    /// Those of its admissions that are of the works asked.
    pub entries: Vec<u64>,
    /// Its log index.
    pub entry: u64,
    /// Why, in words.
    pub note: Option<String>,
}

impl Disputed {
    /// From verified facts.
    pub fn new(dispute: &facts::Disputed) -> Disputed {
        let facts::Disputed { index, at, claim, attestation } = dispute;
        let signed_by = match attestation {
            Attestation::Signed(party) => Some(party.to_string()),
            Attestation::NotSigned | Attestation::Unchecked => None,
        };
        Disputed {
            about: claim.entry,
            at: at.to_string(),
            claim: claim.claim.clone(),
            entry: *index,
            ids: claim.ids.iter().map(ToString::to_string).collect(),
            name: claim.name.clone(),
            signature: attestation.word(),
            signed_by,
            attestation: attestation.clone(),
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        let Disputed { about, claim, entry, name, .. } = self;
        format!("entry {about}, by entry {entry}: {name}: {claim} ({})", self.attested())
    }

    /// What is known of the signature, in words.
    fn attested(&self) -> String {
        match &self.attestation {
            Attestation::Signed(party) => format!("signed by {party}, whose key you gave"),
            Attestation::NotSigned => format!("NOT signed by a key that you gave for {}", listed(&self.ids)),
            Attestation::Unchecked => "signature not checked: no known key".to_owned(),
        }
    }
}

/// The corrections of what the answers rest on, in log order.
pub fn corrections(facts: &Facts) -> Vec<Corrected> {
    let mut found = BTreeMap::new();
    for about in subjects(facts) {
        for (index, statement) in about {
            let Statement::Correction(c) = statement else { continue };
            let correction = Corrected {
                about: c.entry,
                at: c.at.to_string(),
                because: c.because.clone(),
                entry: *index,
                parties: c.parties.clone(),
                title: c.title.clone(),
            };
            found.insert(*index, correction);
        }
    }
    found.into_values().collect()
}

/// The withdrawals that name admissions which the answers rest on, in log order.
pub fn withdrawals(facts: &Facts) -> Vec<Withdrawn> {
    let admissions: Vec<u64> = admissions(facts).into_keys().collect();
    let mut found = Vec::new();
    for (index, statement) in &facts.about_dataset {
        let Statement::Withdrawal(w) = statement else { continue };
        let entries = named(w, &admissions);
        if !entries.is_empty() {
            let (at, because, note) = (w.at.to_string(), w.because.clone(), w.note.clone());
            found.push(Withdrawn { at, because, entries, entry: *index, note });
        }
    }
    found
}

/// The withdrawals that name an admission, with their log indices.
pub fn withdrawn_by(admission: u64, facts: &Facts) -> impl Iterator<Item = (u64, &Withdrawal)> {
    facts.about_dataset.iter().filter_map(move |(index, statement)| match statement {
        Statement::Withdrawal(w) if w.names(admission) => Some((*index, w)),
        _ => None,
    })
}

/// What the register has about something, in a line each.
pub fn lines(what: &str, about: &[(u64, Statement)], facts: &Facts) -> String {
    let line = |(index, statement): &(u64, Statement)| {
        note(what, *index, statement, &words(statement, Some(&Told { index: *index, facts })))
    };
    about.iter().take(MAX_LISTED).map(line).collect::<String>() + &more(about.len())
}

/// What the register has about the dataset, in a line each; withdrawals of other works are only counted.
pub fn of_dataset(facts: &Facts) -> String {
    let admissions: Vec<u64> = admissions(facts).into_keys().collect();
    let elsewhere =
        |(_, s): &&(u64, Statement)| matches!(s, Statement::Withdrawal(w) if named(w, &admissions).is_empty());
    let (others, said): (Vec<_>, Vec<_>) = facts.about_dataset.iter().partition(elsewhere);
    let said: Vec<(u64, Statement)> = said.into_iter().cloned().collect();
    let text = lines("the dataset", &said, facts);
    match others.len() as u64 {
        0 => text,
        n => {
            let withdrawals = counted(n, "withdrawal", "withdrawals");
            text + &wrapped("  note      ", &format!("the dataset: {withdrawals} of none of the works asked"))
        }
    }
}

/// What is said of the admissions that the answers rest on, where they are too many to be listed each.
pub fn of_admissions(facts: &Facts) -> String {
    let all = admissions(facts);
    let said = || all.iter().flat_map(|(of, about)| about.iter().map(move |(index, s)| (*of, *index, s)));
    let line = |(of, index, statement): (u64, u64, &Statement)| {
        note(&format!("entry {of}"), index, statement, &words(statement, Some(&Told { index, facts })))
    };
    let text = said().take(MAX_LISTED).map(line).collect::<String>() + &more(said().count());
    if text.is_empty() { text } else { format!("\nsaid of these works\n{text}") }
}

/// A line about an entry of a ledger, for somebody who gave no keys.
pub fn of_entry(entry: u64, index: u64, statement: &Statement) -> String {
    note(&format!("entry {entry}"), index, statement, &words(statement, None))
}

/// What an auditor knows of a statement.
struct Told<'a> {
    index: u64,
    facts: &'a Facts,
}

fn note(what: &str, index: u64, statement: &Statement, words: &str) -> String {
    wrapped("  note      ", &format!("{what}, entry {index} of {}: {}", statement.head().1, plain(words)))
}

fn more(count: usize) -> String {
    match count.saturating_sub(MAX_LISTED) as u64 {
        0 => String::new(),
        more => format!("            ... and {} more (--json lists all)\n", grouped(more)),
    }
}

fn words(statement: &Statement, told: Option<&Told<'_>>) -> String {
    match statement {
        Statement::Dispute(d) => match d.claim() {
            Ok(claim) => format!("disputed by {}: {} ({})", claim.name, claim.claim, signature(told)),
            Err(_) => "disputed".to_owned(),
        },
        Statement::Correction(c) => {
            let title = c.title.as_ref().map(|title| format!("title {title:?}"));
            let all: Vec<String> = title.into_iter().chain(c.parties.iter().map(party)).collect();
            format!("corrected to {}: {}", listed(all), c.because)
        }
        Statement::Erasure(e) => format!("erased: {}", e.because),
        Statement::GrantEnd(e) => format!("ended from {} on: {}", e.effective, e.because),
        Statement::Withdrawal(w) => format!("withdrawal from later releases{}: {}", asked(w, told), w.because),
        Statement::Run(r) => format!("run of {}", r.model),
        other => format!("a {}", other.head().0),
    }
}

/// A party and its part.
fn party(party: &Party) -> String {
    party.role.map_or_else(|| format!("party {}", party.name), |role| format!("{role} {}", party.name))
}

fn signature(told: Option<&Told<'_>>) -> String {
    let known = told.and_then(|Told { index, facts }| {
        let place = facts.disputes.binary_search_by_key(index, |dispute| dispute.index).ok()?;
        Some(Disputed::new(&facts.disputes[place]).attested())
    });
    known.unwrap_or_else(|| "signature not checked".to_owned())
}

/// How many of the works that were asked a withdrawal is about.
fn asked(withdrawal: &Withdrawal, told: Option<&Told<'_>>) -> String {
    let Some(Told { facts, .. }) = told else { return String::new() };
    let admissions: Vec<u64> = admissions(facts).into_keys().collect();
    let named = named(withdrawal, &admissions).len() as u64;
    format!(", of {} of the works asked", counted(named, "entry", "entries"))
}

/// Those of some admissions, ascending, that a withdrawal names.
fn named(withdrawal: &Withdrawal, admissions: &[u64]) -> Vec<u64> {
    let within = |first: u64, count: u64| {
        let from = admissions.partition_point(|index| *index < first);
        let to = admissions.partition_point(|index| *index < first.saturating_add(count));
        &admissions[from..to]
    };
    withdrawal.entries.iter().flat_map(|range| within(range.first, range.count)).copied().collect()
}

/// The admissions that the answers rest on, each once, with what is said of them.
fn admissions(facts: &Facts) -> BTreeMap<u64, &[(u64, Statement)]> {
    facts.works.iter().flat_map(|work| &work.admissions).map(|a| (a.index, &a.about[..])).collect()
}

/// All that the answers rest on and that something may be said of.
fn subjects(facts: &Facts) -> impl Iterator<Item = &[(u64, Statement)]> {
    let grants = facts.grants.iter().map(|grant| &grant.about[..]);
    std::iter::once(&facts.about_dataset[..]).chain(grants).chain(admissions(facts).into_values())
}
