//! What a person lets in against the gate: recorded as such, never covered, and never where nobody can decide.

use super::lab::*;
use deedbook::ingest::Format;
use deedbook::ledger::LedgerError;
use deedbook::ledger::admit::{Options, Outcome};
use deedbook::ledger::overrides::{CameOfIt, Unused};
use deedbook::ledger::source::Input;
use deedbook::statement::screening::ListKind;
use deedbook::statement::{Admission, Code, Codes, Layer, Purpose, Statement, Use};
use deedbook::verify::Verdict;
use std::collections::BTreeMap;

fn decided(text: &str) -> Input {
    Input { name: "decided.csv".to_owned(), ..csv(text) }
}

fn with(overrides: &str) -> Options {
    Options { overrides: Some(decided(overrides)), ..options() }
}

/// Lines `isbn,who,because` for books of these numbers.
fn lines(numbers: &[u64]) -> String {
    let mut text = "isbn,who,because\n".to_owned();
    numbers.iter().for_each(|n| text += &format!("{},C. Curator,asked the author on the phone\n", &isbn(*n)[5..]));
    text
}

fn admission(lab: &Lab, index: u64) -> Admission {
    match lab.view().statement(index).unwrap() {
        Statement::Admission(admission) => *admission,
        other => panic!("{other:?}"),
    }
}

fn unused(outcome: &Outcome) -> Vec<(u64, CameOfIt)> {
    outcome.unused_overrides.iter().map(|Unused { line, why }| (*line, *why)).collect()
}

#[test]
fn a_person_lets_a_work_in_and_the_record_says_who_why_and_against_what() {
    let lab = Lab::new();
    lab.books();
    let text =
        "title,isbn,licence\nHeld,{1},who knows\nRefused,{2},CC-BY-NC-4.0\nFree,{3},CC0-1.0\nLeft,{4},who knows\n";
    let text = (1..5).fold(text.to_owned(), |text, n| text.replace(&format!("{{{n}}}"), &isbn(n)[5..]));
    let outcome = lab.try_admit("books", &text, with(&lines(&[1, 2]))).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.held, outcome.tally.refused), (3, 1, 0));
    assert_eq!((outcome.overridden, unused(&outcome)), (2, vec![]));
    // What was decided otherwise is no reason for a work not admitted.
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::LicenceUnknown, 1)]));
    let held = admission(&lab, outcome.first_entry);
    let said = held.override_.unwrap();
    assert_eq!((said.by.as_str(), said.because.as_str()), ("C. Curator", "asked the author on the phone"));
    assert_eq!(said.codes, Codes::from(Code::LicenceUnknown));
    assert!(held.grants.is_empty());
    let refused = admission(&lab, outcome.first_entry + 1).override_.unwrap();
    assert_eq!(refused.codes, Codes::from(Code::PurposeNotCovered));
    // Its own verdict in a proof, and in a copy of the ledger.
    lab.seal("books@v1");
    let proven = lab.prove("books@v1", &[&isbn(1), &isbn(2), &isbn(3)]);
    let verdicts: Vec<Verdict> = proven.facts.works.iter().map(|w| w.verdict).collect();
    assert_eq!(verdicts, [Verdict::Override, Verdict::Override, Verdict::Covered]);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn the_grants_of_the_layers_that_are_covered_are_named_all_the_same() {
    let lab = Lab::new();
    lab.dataset("songs", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Composition, Layer::Master]);
    let subject = "{ works = [\"isrc:QZDEE2600001\"] }";
    let society = lab.grant(&contract("society", subject, &[("layers", "[\"composition\"]")]));
    let decided = "isrc,who,because\nQZDEE2600001,C. Curator,the label agreed in writing\n";
    let outcome = lab.try_admit("songs", "title,isrc\nA,QZDEE2600001\n", with(decided)).unwrap();
    let song = admission(&lab, outcome.first_entry);
    assert_eq!(song.override_.unwrap().codes, Codes::from(Code::LayerNotCovered));
    assert_eq!(song.grants, BTreeMap::from([(Layer::Composition, society)]));
    lab.seal("songs@v1");
    assert_eq!(lab.prove("songs@v1", &["isrc:QZDEE2600001"]).facts.works[0].verdict, Verdict::Override);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn a_deny_list_can_be_decided_against_once() {
    let lab = Lab::new();
    lab.books();
    let run = || {
        let lists = vec![Lab::list(ListKind::Deny, &lines(&[1])), Lab::list(ListKind::Reserve, &lines(&[2]))];
        lab.try_admit("books", &books(1..4), Options { lists, ..with(&lines(&[1, 2])) }).unwrap()
    };
    let outcome = run();
    assert_eq!((outcome.tally.admitted, outcome.overridden), (3, 2));
    let codes: Vec<Codes> = (1..3).map(|n| admission(&lab, outcome.first_entry + n).override_.unwrap().codes).collect();
    assert_eq!(codes, [Codes::from(Code::Denied), Codes::from(Code::Reserved)]);
    // Run again, it is there already: a decision is no way around that.
    let again = run();
    assert_eq!((again.tally.admitted, again.tally.duplicates), (0, 3));
    assert_eq!(unused(&again), [(2, CameOfIt::NotPossible), (3, CameOfIt::NotPossible)]);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn a_line_that_lets_nothing_in_is_told() {
    let lab = Lab::new();
    lab.books();
    // The second work has a second identifier that is wrong: nobody can decide that it is right.
    let text = format!(
        "title,isbn,doi,licence\nFree,{},,CC0-1.0\nWrong,{},not a doi,CC0-1.0\nHeld,{},,who knows\n",
        &isbn(1)[5..],
        &isbn(2)[5..],
        &isbn(3)[5..]
    );
    let outcome = lab.try_admit("books", &text, with(&lines(&[1, 2, 3, 9]))).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.refused, outcome.overridden), (2, 1, 1));
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::BadIdentifier, 1)]));
    let told = [(2, CameOfIt::NotNeeded), (3, CameOfIt::NotPossible), (5, CameOfIt::NoSuchWork)];
    assert_eq!(unused(&outcome), told);
    // What the gate admits is covered, whoever would have let it in.
    assert_eq!(admission(&lab, outcome.first_entry + 1).override_, None);
}

#[test]
fn what_is_too_large_for_an_entry_stays_out() {
    let lab = Lab::new();
    lab.books();
    let artists: String = (0..200).map(|n| format!("{}{n}|", "Player".repeat(80))).collect();
    let text = format!("isbn,licence,artist\n{},who knows,{artists}\n", &isbn(1)[5..]);
    let outcome = lab.try_admit("books", &text, with(&lines(&[1]))).unwrap();
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::TooLarge, 1)]));
    assert_eq!((outcome.overridden, unused(&outcome)), (0, vec![(2, CameOfIt::NotPossible)]));
}

#[test]
fn a_dry_run_decides_the_same_and_records_nothing() {
    let lab = Lab::new();
    lab.books();
    let text = format!("isbn,licence\n{},who knows\n", &isbn(1)[5..]);
    let size = lab.view().log().size();
    let outcome = lab.try_admit("books", &text, Options { dry_run: true, ..with(&lines(&[1])) }).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.overridden, outcome.recorded), (1, 1, false));
    assert_eq!(lab.view().log().size(), size);
}

#[test]
fn who_and_why_are_required_and_the_work_itself() {
    let cases = [
        ("isbn,because\n{},reason\n", "the column `who`"),
        ("isbn,who\n{},C. Curator\n", "the column `because`"),
        ("isbn,who,because\n{}, ,reason\n", "the column `who`"),
        ("issn,who,because\n2049-3630,C. Curator,reason\n", "names no single work"),
        ("isbn,who,because\n9780306406158,C. Curator,reason\n", "9780306406158"),
        ("isbn,who,because\n{},C. Curator,reason\n{},C. Curator,another\n", "decides otherwise"),
    ];
    for (overrides, wanted) in cases {
        let lab = Lab::new();
        lab.books();
        let size = lab.view().log().size();
        let overrides = overrides.replace("{}", &isbn(1)[5..]);
        let error = lab.try_admit("books", &books(1..3), with(&overrides)).unwrap_err();
        assert!(matches!(error, LedgerError::Unfit { .. }), "{error}");
        let words = error.to_string();
        assert!(words.contains("decided.csv:") && words.contains(wanted), "{words}");
        assert_eq!(lab.view().log().size(), size);
    }
    // The same decision twice is one.
    let lab = Lab::new();
    lab.books();
    let text = format!("isbn,licence\n{},who knows\n", &isbn(1)[5..]);
    assert_eq!(lab.try_admit("books", &text, with(&lines(&[1, 1]))).unwrap().overridden, 1);
    // In a catalogue of works these columns mean nothing.
    let outcome = lab.admit("books", &lines(&[2]));
    assert_eq!(outcome.ignored, ["who", "because"]);
    let jsonl = format!("{{\"isbn\":\"{}\",\"who\":\"C. Curator\",\"because\":\"reason\"}}\n", &isbn(3)[5..]);
    let overrides = Some(Input { format: Format::Jsonl, ..decided(&jsonl) });
    let text = format!("isbn,licence\n{},who knows\n", &isbn(3)[5..]);
    assert_eq!(lab.try_admit("books", &text, Options { overrides, ..options() }).unwrap().overridden, 1);
}

#[test]
fn overrides_have_a_most() {
    let lab = Lab::new();
    lab.books();
    let most = deedbook::ledger::overrides::MAX_OVERRIDES as u64;
    let mut text = "id,who,because\n".to_owned();
    (0..=most).for_each(|n| text += &format!("example/{n},C. Curator,reason\n"));
    let error = lab.try_admit("books", &books(1..3), with(&text)).unwrap_err().to_string();
    assert!(error.contains(&format!("decided.csv:{}", most + 2)), "{error}");
}
