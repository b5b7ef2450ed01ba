//! What the pure verifier promises: an honest proof file gives the truth, and no other file gives a false yes.
//!
//! The files come from the lab of [`crate::lab`], which can lie at every step.

mod dishonest;
mod honest;
mod mutation;
mod property;
mod truth;
mod world;

use crate::lab::*;
use deedbook::statement::Identifier;
use deedbook::verify::{Question, Trust, Verified, VerifyError, Work};

/// A log with one dataset, one grant and a release of three works, of which the first has two identifiers.
pub struct Story {
    pub lab: Lab,
    pub dataset: u64,
    pub grant: u64,
    pub admissions: [u64; 3],
    pub release: u64,
    pub state: u64,
}

pub const FIRST: &str = "isbn:9780306406157";
pub const FIRST_TOO: &str = "id:example/1";
pub const SECOND: &str = "id:example/2";
pub const THIRD: &str = "id:example/3";
pub const ABSENT: &str = "id:example/4";

/// An entry between others, so that not every index counts.
pub fn story() -> Story {
    story_with(|_, _, _| {})
}

/// The story with more entries before the release: the lab, its dataset and its admissions.
pub fn story_with(more: impl FnOnce(&mut Lab, u64, [u64; 3])) -> Story {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let grant = lab.grant(terms("north"));
    let admissions = [
        lab.admit(dataset, &ids(&[FIRST, FIRST_TOO]), grant),
        lab.admit(dataset, &ids(&[SECOND]), grant),
        lab.admit(dataset, &ids(&[THIRD]), grant),
    ];
    lab.screen(dataset, admissions[0]);
    more(&mut lab, dataset, admissions);
    let release = lab.release(dataset, "1");
    let state = lab.state();
    Story { lab, dataset, grant, admissions, release, state }
}

pub fn verify(bytes: &[u8], trust: &Trust, question: &Question) -> Result<Verified, VerifyError> {
    deedbook::verify::verify(bytes, trust, question)
}

/// The verified answer to a question about one work.
pub fn ask(lab: &Lab, release: u64, work: &[&str]) -> Result<Work, VerifyError> {
    let works = [ids(work)];
    let question = Question { works: Some(works.to_vec()), ..Question::default() };
    let facts = verify(&lab.prove(release, &works), &lab.trust(), &question)?;
    Ok(facts.works[0].clone())
}

/// The indices of the admissions of an answer.
pub fn admissions(work: &Work) -> Vec<u64> {
    work.admissions.iter().map(|a| a.index).collect()
}

pub fn works(texts: &[&[&str]]) -> Vec<Vec<Identifier>> {
    texts.iter().map(|t| ids(t)).collect()
}
