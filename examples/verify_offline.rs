//! A verifier on the core alone: no ledger, no network, no clock. Builds with `--no-default-features`.
//!
//! `cargo run --no-default-features --example verify_offline -- PROOF VERIFIER-KEY [IDENTIFIER...]`

use deedbook::{Identifier, NOT_PROVEN, Question, Trust, VerifierKey, verify_proof};
use std::error::Error;
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [proof, key, asked @ ..] = arguments.as_slice() else {
        return Err("usage: verify_offline PROOF VERIFIER-KEY [IDENTIFIER...]".into());
    };
    let trust = Trust::log(VerifierKey::parse(key)?)?;
    // Every identifier named is a work that the proof must answer; with none, whatever it answers is shown.
    let works = asked.iter().map(|id| Ok(vec![Identifier::parse(id).map_err(|e| format!("{id} {e}"))?]));
    let works = works.collect::<Result<Vec<_>, String>>()?;
    let question = Question { works: (!works.is_empty()).then_some(works), ..Question::default() };
    let facts = match verify_proof(&std::fs::read(proof)?, &trust, &question) {
        Ok(facts) => facts,
        Err(error) => {
            println!("invalid: {error}");
            return Ok(ExitCode::from(1));
        }
    };
    println!("log {} of {} entries, release {}", facts.origin, facts.log_size, facts.release);
    for work in &facts.works {
        let ids: Vec<&str> = work.identifiers.iter().map(Identifier::as_str).collect();
        println!("{}: {}", ids.join(" "), work.verdict.word());
    }
    println!("never proven: {}", NOT_PROVEN.map(|(word, _)| word).join(", "));
    Ok(ExitCode::SUCCESS)
}
