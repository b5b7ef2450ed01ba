//! `proofs.json`: proof files with the question they answer; how one is made, and how it is run.

use super::{Vector, forged, honest, judge, publish, same, text};
use crate::lab::*;
use crate::verify::truth::{Answer, Case};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use deedbook::rows::RowsError;
use deedbook::statement::terms::Standing;
use deedbook::statement::{Date, Identifier, ReleaseName, Statement};
use deedbook::tlog::{Policy, SigningKey, VerifierKey};
use deedbook::verify::{Facts, Licensors, Question, Trust, VerifyError, verify};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ABOUT: &str =
    "Proof files (docs/formats/proof.md), each with the auditor's trust and question, and the answer wanted.";

const FLAGS: [(&str, &str); 6] = [
    ("bytes", "the file is spelt otherwise than its one canonical form"),
    ("lab", "the log's keeper logged or committed to something false, and signed it"),
    ("prover", "the log is honest, and what the file discloses is not"),
    ("splice", "the file is made of parts of two honest files"),
    ("trust", "the answer rests on what the auditor brought"),
    ("unseen", "accepted although the log's keeper lies: only who holds the missing entry can show it"),
];

#[test]
fn proofs_answer_as_published() {
    let groups = honest::groups().into_iter().chain(forged::groups()).collect();
    publish("proofs.json", ABOUT, &FLAGS, groups, run);
}

// ---------------------------------------------------------------------------------------------------------------------
// Making one

/// What an auditor brings and asks.
#[derive(Clone)]
pub struct Asked {
    /// A policy, or else the log's key alone.
    pub policy: Option<String>,
    pub key: String,
    /// Lines of the licensors file: party and key.
    pub licensors: Vec<(String, String)>,
    pub release: Option<&'static str>,
    pub works: Option<Vec<Vec<Identifier>>>,
    pub at: Option<&'static str>,
}

impl Asked {
    /// What a careful auditor asks who knows the log's key alone.
    pub fn of(lab: &Lab, release: &'static str, works: &[Vec<Identifier>]) -> Asked {
        let (policy, key, works) = (None, lab.key().verifier().to_string(), Some(works.to_vec()));
        Asked { policy, key, licensors: Vec::new(), release: Some(release), works, at: None }
    }

    pub fn licensor(mut self, party: &Identifier, key: &SigningKey) -> Asked {
        self.licensors.push((party.to_string(), key.verifier().to_string()));
        self
    }

    /// With these members in a vector.
    pub fn write(&self, vector: Vector) -> Vector {
        let mut vector = match &self.policy {
            Some(policy) => vector.with("policy", policy.as_str()),
            None => vector.with("key", self.key.as_str()),
        };
        if !self.licensors.is_empty() {
            let lines = self.licensors.iter().map(|(party, key)| format!("licensor {party} {key}\n"));
            vector = vector.with("licensors", lines.collect::<String>());
        }
        if let Some(release) = self.release {
            vector = vector.with("release", release);
        }
        if let Some(works) = &self.works {
            vector = vector.with("works", ids_json(works));
        }
        match self.at {
            Some(at) => vector.with("at", at),
            None => vector,
        }
    }
}

fn ids_json(works: &[Vec<Identifier>]) -> Value {
    works.iter().map(|ids| ids.iter().map(Identifier::as_str).collect::<Vec<_>>()).collect::<Vec<_>>().into()
}

/// The file of a vector: a text, or base64 where it is none.
pub fn with_file(vector: Vector, bytes: &[u8]) -> Vector {
    match std::str::from_utf8(bytes) {
        Ok(text) => vector.with("file", text),
        Err(_) => vector.with("file_base64", BASE64_STANDARD.encode(bytes)),
    }
}

/// An honest answer as the log gives it: no rows, registers, proofs or signatures are looked at.
pub fn expected(lab: &Lab, release: u64, state: u64, size: u64, asked: &Asked) -> Value {
    // Every grant of the stories is North Press's.
    let is_north = |(party, _): &&(String, String)| *party == north().to_string();
    let trusted: Vec<String> = asked.licensors.iter().filter(is_north).map(|(_, key)| key.clone()).collect();
    let case = Case { lab, release, state, at: asked.at.map(date), trusted: &trusted };
    let Some(Statement::Release(sealed)) = lab.statement(release) else { panic!("no release") };
    let Some(Statement::Dataset(dataset)) = lab.statement(sealed.dataset) else { panic!("no dataset") };
    let mut grants = BTreeSet::new();
    let works = asked.works.iter().flatten().map(|ids| {
        let answer: Answer = case.truth(ids);
        let entries: Vec<u64> = answer.admissions.iter().map(|(index, ..)| *index).collect();
        let read = entries.iter().filter(|i| !lab.entries[**i as usize].is_erased);
        let named = read.flat_map(|i| lab.admission(*i).unwrap().grants);
        grants.extend(named.filter(|(layer, _)| dataset.layers.contains(layer)).map(|(_, grant)| grant));
        json!({
            "entries": entries,
            "standing": answer.standing.map(Standing::word),
            "verdict": answer.verdict.word(),
            "work": ids.iter().map(Identifier::as_str).collect::<Vec<_>>(),
        })
    });
    let works = works.collect::<Vec<_>>();
    let grants = grants.iter().map(|grant| grant_json(lab, *grant, state, asked)).collect::<Vec<_>>();
    json!({
        "grants": grants,
        "log_size": size,
        "origin": lab.origin,
        "release": format!("{}@{}", dataset.id, sealed.version),
        "state": state,
        "witnessed": false,
        "witnesses": [],
        "works": works,
    })
}

fn grant_json(lab: &Lab, index: u64, state: u64, asked: &Asked) -> Value {
    let Some(Statement::Grant(grant)) = lab.statement(index) else { panic!("no grant") };
    let terms = grant.terms().unwrap();
    let ends = (0..state).filter_map(|i| match lab.statement(i)? {
        Statement::GrantEnd(end) if end.grant == index => Some(end.effective),
        _ => None,
    });
    let is_signer = |(party, key): &&(String, String)| {
        terms.licensor.ids.contains(&id(party)) && lab.signers.get(&index) == Some(key)
    };
    json!({
        "ended": ends.min().map(|d| d.to_string()),
        "entry": index,
        "id": terms.id.as_str(),
        "licensor": terms.licensor.name,
        "signed_by": asked.licensors.iter().find(is_signer).map(|(party, _)| party),
    })
}

// ---------------------------------------------------------------------------------------------------------------------
// Running one

fn run(vector: &Value) -> Result<(), String> {
    let bytes = match vector.get("file_base64") {
        Some(encoded) => BASE64_STANDARD.decode(encoded.as_str().unwrap()).unwrap(),
        None => text(vector, "file").as_bytes().to_vec(),
    };
    let (trust, question) = read_question(vector);
    let answer = verify(&bytes, &trust, &question);
    judge(vector, &answer)?;
    match answer {
        Ok(facts) => same(vector, "expected", said(&facts)),
        Err(error) if steps(&error).contains(&text(vector, "reason")) => Ok(()),
        Err(error) => Err(format!("refused in another step than {}: {error}", text(vector, "reason"))),
    }
}

/// The auditor's trust and question.
fn read_question(vector: &Value) -> (Trust, Question) {
    let policy = match vector.get("policy") {
        Some(policy) => Policy::parse(policy.as_str().unwrap()).unwrap(),
        None => Policy::from_log(VerifierKey::parse(text(vector, "key")).unwrap()).unwrap(),
    };
    let optional = |member: &str| vector.get(member).map(|value| value.as_str().unwrap());
    let licensors = optional("licensors").map_or_else(Licensors::default, |text| Licensors::parse(text).unwrap());
    let work = |ids: &Value| ids.as_array().unwrap().iter().map(|i| id(i.as_str().unwrap())).collect();
    let question = Question {
        release: optional("release").map(|name| ReleaseName::parse(name).unwrap()),
        works: vector.get("works").map(|works| works.as_array().unwrap().iter().map(work).collect()),
        at: optional("at").map(|day| Date::parse(day).unwrap()),
    };
    (Trust { policy, licensors }, question)
}

/// The facts in the words of `expected`.
fn said(facts: &Facts) -> Value {
    let works = facts.works.iter().map(|work| {
        json!({
            "entries": work.admissions.iter().map(|a| a.index).collect::<Vec<_>>(),
            "standing": work.standing.map(Standing::word),
            "verdict": work.verdict.word(),
            "work": work.identifiers.iter().map(Identifier::as_str).collect::<Vec<_>>(),
        })
    });
    let grants = facts.grants.iter().map(|grant| {
        json!({
            "ended": grant.ended.map(|d| d.to_string()),
            "entry": grant.index,
            "id": grant.terms.id.as_str(),
            "licensor": grant.terms.licensor.name,
            "signed_by": grant.signed_by.as_ref().map(Identifier::as_str),
        })
    });
    let time = |seconds: u64| deedbook::statement::Time::from_unix(seconds as i64).unwrap().to_string();
    let witnesses = facts.witnesses.iter().map(|(name, seconds)| json!({ "name": name, "time": time(*seconds) }));
    json!({
        "grants": grants.collect::<Vec<_>>(),
        "log_size": facts.log_size,
        "origin": facts.origin,
        "release": facts.release.to_string(),
        "state": facts.state.0,
        "witnessed": facts.witnessed,
        "witnesses": witnesses.collect::<Vec<_>>(),
        "works": works.collect::<Vec<_>>(),
    })
}

/// The steps of the page in which an error can be found.
fn steps(error: &VerifyError) -> &'static [&'static str] {
    match error {
        VerifyError::TooLong { .. } | VerifyError::Empty | VerifyError::Json(_) => &["form"],
        VerifyError::Checkpoint(_) | VerifyError::NoLogKey => &["checkpoint"],
        VerifyError::Anchor(_)
        | VerifyError::TooManyAnchors { .. }
        | VerifyError::AnchorOrder { .. }
        | VerifyError::Consistency { .. } => &["anchors"],
        VerifyError::WitnessTime { .. } => &["checkpoint", "anchors"],
        VerifyError::Inclusion(_)
        | VerifyError::TextAndLeaf { .. }
        | VerifyError::EntryTooLong { .. }
        | VerifyError::Statement { .. }
        | VerifyError::ForwardReference { .. }
        | VerifyError::WrongKind { .. } => &["entries"],
        VerifyError::TimeDecreases { .. } | VerifyError::TimeAfterWitnesses { .. } => &["times"],
        VerifyError::NotDisclosed { .. } => &["subjects", "tables", "register", "rows", "grants"],
        VerifyError::Erased { .. } => &["subjects", "register", "rows", "grants"],
        VerifyError::NotLedger
        | VerifyError::NotOne { .. }
        | VerifyError::LogSize { .. }
        | VerifyError::StateBeforeRelease { .. }
        | VerifyError::OtherRelease { .. } => &["subjects"],
        VerifyError::Tables => &["tables", "grants"],
        VerifyError::Rows { error: RowsError::Incomplete { .. }, .. } => &["register", "claims", "rows", "grants"],
        VerifyError::Rows { error: RowsError::UnusedRow { .. }, .. } | VerifyError::UnusedEntry { .. } => {
            &["leftovers"]
        }
        VerifyError::Rows { .. } => &["tables"],
        VerifyError::RowBeyond { .. } => &["register", "claims"],
        VerifyError::RowMismatch { .. } => &["register", "rows"],
        VerifyError::NotRegistered { .. } | VerifyError::NameTwice { .. } => &["register", "grants"],
        VerifyError::Dispute { .. } => &["register", "rows", "grants"],
        VerifyError::Claims => &["claims"],
        VerifyError::TakenOut { .. } | VerifyError::RowMissing { .. } => &["rows"],
        VerifyError::OtherLicensee { .. } => &["grants"],
        VerifyError::NotAnswered { .. } | VerifyError::EmptyQuestion | VerifyError::TooManyAnswers => &["answers"],
        // Of evidence, whose vectors name no steps.
        _ => &[],
    }
}
