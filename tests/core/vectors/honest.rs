//! Honest proof files: what they answer is stated beside them, and follows from the log.

mod coverage;
mod presence;
mod questions;
mod standing;
mod witnesses;

use super::forged::out_of_order;
use super::proofs::{Asked, expected, with_file};
use super::{Group, Vector};
use crate::lab::*;
use crate::verify::{ABSENT, FIRST, FIRST_TOO, SECOND, Story, THIRD, story, story_with, works};
use coverage::{register, verdicts};
use deedbook::rows::{Kind, Row, work_key};
use deedbook::statement::admission::Override;
use deedbook::statement::terms::{Evidence, Models, Subject};
use deedbook::statement::vocabulary::{Codes, Territory};
use deedbook::statement::{Grant, Identifier, Is, Layer, Model, Purpose, Statement, Terms, Use};
use deedbook::tlog::SigningKey;
use deedbook::verify::ProofFile;
use presence::{absent, present, taken_out};
use questions::{questions, unseen};
use serde_json::{Value, json};
use standing::{north_press, signed, standing, standing_is};
use std::collections::BTreeSet;
pub use witnesses::policy;
use witnesses::witnesses;

const FIFTH: &str = "id:example/5";
const DIGEST: &str = "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

pub fn groups() -> Vec<Group> {
    vec![
        group("absent", "No row of the release has an identifier of the work.", absent()),
        group("present", "Rows of the release lead to admissions of the work, and all of them are shown.", present()),
        group("taken out", "Withdrawals and erasures, before the release and after it.", taken_out()),
        group("verdicts", "Whether grants covered what the dataset declares, on the day judged.", verdicts()),
        group("register", "What else was said: ends, disputes, corrections, runs.", register()),
        group("standing", "Who attests a grant: the lab, a document, the licensor over its catalogue.", standing()),
        group("witnesses", "Policies with witnesses, cosignatures, anchors and the brackets of entries.", witnesses()),
        group("questions", "The file does not choose what is asked.", questions()),
        group(
            "unseen",
            "Lies that no proof file shows. Accepting these is right, and why a proof never says more.",
            unseen(),
        ),
    ]
}

fn group(name: &'static str, about: &'static str, vectors: Vec<Vector>) -> Group {
    Group { name, about, vectors }
}

fn newest_state(lab: &Lab) -> u64 {
    (0..lab.size()).rev().find(|i| matches!(lab.statement(*i), Some(Statement::State(_)))).unwrap()
}

/// The honest file about what is asked, and the verdicts wanted.
fn honest(id: &str, comment: &str, lab: &Lab, release: u64, asked: &Asked, verdicts: &[&str]) -> Vector {
    let plan = lab.plan(release, asked.works.as_ref().unwrap());
    planned(id, comment, lab, release, asked, &plan.file(lab), verdicts)
}

fn planned(
    id: &str,
    comment: &str,
    lab: &Lab,
    release: u64,
    asked: &Asked,
    file: &ProofFile,
    verdicts: &[&str],
) -> Vector {
    let answer = expected(lab, release, newest_state(lab), lab.size(), asked);
    let found: Vec<&str> = answer["works"].as_array().unwrap().iter().map(|w| w["verdict"].as_str().unwrap()).collect();
    assert_eq!(found, verdicts, "{id}: what the log says");
    let vector = asked.write(Vector::valid(id, comment)).with("expected", answer);
    with_file(vector, &file.print())
}

/// The same where the question is the release `songs@1` and these works.
fn plain(id: &str, comment: &str, lab: &Lab, release: u64, work: &[&[&str]], verdicts: &[&str]) -> Vector {
    honest(id, comment, lab, release, &Asked::of(lab, "songs@1", &works(work)), verdicts)
}

/// One work of the story.
fn one(id: &str, comment: &str, s: &Story, work: &[&str], verdict: &str) -> Vector {
    plain(id, comment, &s.lab, s.release, &[work], &[verdict])
}

/// A release of these works, each admitted by itself.
fn release_of(works: &[&str]) -> (Lab, u64) {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let grant = lab.grant(terms("north"));
    for work in works {
        lab.admit(dataset, &ids(&[work]), grant);
    }
    let release = lab.release(dataset, "1");
    lab.state();
    (lab, release)
}

/// Identifiers that are in none of the stories, in the order of their keys.
pub fn others() -> Vec<String> {
    let mut all: Vec<String> = (0..40).map(|i| format!("id:other/{i}")).collect();
    all.sort_by_key(|text| work_key(text));
    all
}
