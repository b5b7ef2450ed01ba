//! `statement`: the JSON formats. What is accepted prints to the same bytes, keeps its own rules, and answers what is
//! asked of it.
//!
//! The bytes are read as they stand, and a second time in canonical form, which a fuzzer would seldom hit by itself.

use crate::lab::{Lab, id, key, terms};
use crate::world::{Act, GrantChoice, World, licensor};
use deedbook::statement::dsse::{self, Envelope};
use deedbook::statement::json;
use deedbook::statement::key::KeyEvent;
use deedbook::statement::{Is, Key, Statement, Terms};
use deedbook::tlog::VerifierKey;
use deedbook::verify::fork::{ForkFile, verify_fork};
use deedbook::verify::{ProofFile, VerifyError};
use serde_json::Value;
use std::sync::LazyLock;

static LOG: LazyLock<VerifierKey> = LazyLock::new(|| key("lab.example/deeds", 1).verifier().clone());

/// Requires that each reader accepts only what it would print.
pub fn check(data: &[u8]) {
    check_as_it_stands(data);
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        let canonical = value.to_string();
        check_as_it_stands(canonical.as_bytes());
        check_as_it_stands(format!("{canonical}\n").as_bytes());
    }
}

fn check_as_it_stands(data: &[u8]) {
    if let Ok(statement) = Statement::parse(data) {
        assert_eq!(statement.print().as_bytes(), data);
        check_statement(&statement);
    }
    if let Ok(file) = ProofFile::parse(data) {
        assert_eq!(file.print(), data);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        check_envelope(text);
    }
    // Without a signature of the log nothing is a fork; what is read and refused for that is canonical.
    match verify_fork(data, std::slice::from_ref(&LOG)) {
        Ok(fork) => panic!("a fork by nobody: {fork:?}"),
        Err(VerifyError::NoLogKey) => assert!(ForkFile::claims(data) && is_canonical(data)),
        Err(_) => {}
    }
}

fn is_canonical(data: &[u8]) -> bool {
    let line = data.strip_suffix(b"\n").unwrap_or(data);
    serde_json::from_slice::<Value>(line).is_ok_and(|value| value.to_string().as_bytes() == line)
}

fn check_statement(statement: &Statement) {
    assert_eq!(statement.check(), Ok(()));
    statement.names();
    let (kind, _) = statement.head();
    for key in statement.register_keys() {
        key.row_key(|_| None);
    }
    if let Statement::Grant(grant) = statement {
        check_terms(&grant.terms().expect("a grant has terms"));
    }
    if let Statement::Dispute(dispute) = statement {
        assert!(dispute.claim().is_ok(), "a {kind} without a claim");
    }
    if let Statement::Admission(admission) = statement {
        admission.looked_up_by().for_each(|own| assert_eq!(id(own.as_str()), *own));
        assert_eq!(admission.day_judged(), admission.used_from.unwrap_or(admission.at.date()));
    }
}

fn check_terms(terms: &Terms) {
    let text = json::print(terms);
    assert_eq!(json::parse::<Terms>(text.as_bytes()).as_ref(), Ok(terms));
}

fn check_envelope(text: &str) {
    let Ok(envelope) = Envelope::parse(text) else { return };
    if let Ok(terms) = envelope.grant() {
        check_terms(&terms);
        assert!(envelope.dispute().is_err(), "both a grant and a dispute");
    }
    if let Ok(claim) = envelope.dispute() {
        let again = json::print(&claim);
        assert_eq!(json::parse(again.as_bytes()), Ok(claim));
    }
}

/// Every kind of statement, their envelopes, a proof and a fork.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut world = World::new(3);
    let grant = |attested| GrantChoice {
        attested,
        from: 0,
        days: Some(200),
        wide: true,
        prohibits: true,
        research_only: false,
        subject: 1,
        catalogue: 127,
        layers: 3,
        elsewhere: true,
    };
    let acts = [
        Act::Grant(grant(1)),
        Act::Grant(grant(2)),
        Act::Admit { work: 127, grants: [1, 2], used_from: Some(3), is_override: true },
        Act::Dispute { entry: 4 },
        Act::Correct { entry: 4 },
        Act::Erase { entry: 0 },
        Act::Withdraw { first: 3, count: 1 },
        Act::End { grant: 1, day: 90 },
        Act::Screen,
        Act::Seal,
        Act::Run,
    ];
    acts.iter().for_each(|act| world.act(act));
    world.lab.state();
    let lab = &world.lab;
    let note = lab.checkpoint(3);
    let mut seeds: Vec<Vec<u8>> = lab.entries.iter().map(|entry| entry.text.clone().into_bytes()).collect();
    seeds.push(envelope(lab));
    seeds.push(Statement::Key(rotation(lab)).print().into_bytes());
    seeds.push(lab.prove(world.releases[0], &[vec![id("id:example/1")]]));
    seeds.push(ForkFile::of_notes(&note, &lab.checkpoint(4)).print());
    seeds
}

fn envelope(lab: &Lab) -> Vec<u8> {
    let mut terms = terms("signed");
    terms.licensee.log = Some(lab.origin.clone());
    let (payload, to_sign) = dsse::to_sign(terms, dsse::GRANT_TYPE, "grant");
    dsse::seal(&payload, "", &licensor().sign(&to_sign)).into_bytes()
}

fn rotation(lab: &Lab) -> Key {
    Key {
        at: lab.now,
        because: "yearly".into(),
        effective: lab.now,
        event: KeyEvent::Rotation,
        key: lab.key().verifier().to_string(),
        kind: Is,
        salt: lab.salt(),
        successor: Some(key("lab.example/deeds", 2).verifier().to_string()),
        v: Default::default(),
    }
}
