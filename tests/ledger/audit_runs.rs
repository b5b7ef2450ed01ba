//! Runs in an auditor's full copy: those that were recorded as the judge found are sound whatever was recorded later;
//! one that hides gaps, or tells of fewer, is named.

use crate::lab::*;
use deedbook::ledger::fsck::{Audit, audit};
use deedbook::ledger::run::{self, Declared};
use deedbook::statement::run::Gaps;
use deedbook::statement::vocabulary::CodeCounts;
use deedbook::statement::{
    Code, Date, GrantEnd, Is, Layer, Model, Purpose, ReleaseName, Run, Set, Statement, Time, Use, V1,
};
use deedbook::verify::Trust;
use std::collections::BTreeMap;

fn audited(lab: &Lab) -> Audit {
    let found = audit(lab.path(), &Trust::log(key().verifier().clone()).unwrap(), now(200)).unwrap();
    assert_eq!(found.report.damage, [""; 0]);
    found
}

/// What is said of runs that record other gaps than follow.
fn differences(lab: &Lab) -> Vec<(u64, Vec<String>)> {
    let found = audited(lab);
    assert_eq!(found.is_sound(), found.judged.differences.is_empty());
    found.judged.differences.into_iter().map(|d| (d.index, d.what)).collect()
}

/// Ten books under a contract for commerce and two versions of models, five under a licence that everybody has.
fn lab() -> (Lab, u64) {
    let lab = Lab::new();
    lab.dataset("books", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text]);
    let ids: Vec<String> = (1..=10).map(|n| format!("{:?}", isbn(n))).collect();
    let subject = format!("{{ works = [{}] }}", ids.join(", "));
    let grant = lab.grant(&contract("press", &subject, &[("models", "{ versions = 2 }")]));
    let rows: String = (1..=10).map(|n| format!("Book {n},{}\n", &isbn(n)[5..])).collect();
    assert_eq!(lab.admit("books", &format!("title,isbn\n{rows}")).tally.admitted, 10);
    lab.admit("books", &books(11..=15));
    lab.seal("books@v1");
    (lab, grant)
}

fn run_for(lab: &Lab, model: &str, purpose: Purpose) -> u64 {
    let declared = Declared {
        model: Model::parse(model).unwrap(),
        releases: vec![release("books@v1")],
        purpose,
        uses: [Use::GenerativeTraining].into_iter().collect(),
        territories: Set::new(),
        start: Time::parse("2026-02-01T00:00:00Z").unwrap(),
        end: Time::parse("2026-03-01T00:00:00Z").unwrap(),
        weights: Set::new(),
        despite_gaps: Some("decided".to_owned()),
        dry_run: false,
    };
    run::add(lab.writer(), declared).unwrap().recorded.unwrap().0
}

/// A run as a lab wrote it without asking the judge.
fn forge(lab: &Lab, change: impl Fn(&mut Run)) -> u64 {
    let releases = vec![lab.view().release(&ReleaseName::parse("books@v1").unwrap()).unwrap().0].into();
    let mut run = Run {
        at: now(0).at,
        end: Time::parse("2026-03-01T00:00:00Z").unwrap(),
        gaps: None,
        kind: Is,
        model: Model::parse("forged@1").unwrap(),
        purpose: Purpose::Commercial,
        releases,
        salt: deedbook::statement::Salt([0; 16]),
        start: Time::parse("2026-02-01T00:00:00Z").unwrap(),
        territories: Set::new(),
        uses: [Use::GenerativeTraining].into_iter().collect(),
        v: V1,
        weights: Set::new(),
    };
    change(&mut run);
    lab.append(|w| Statement::Run(Run { at: w.now(), salt: w.salt(), ..run.clone() }))
}

fn gaps(codes: &[(Code, u64)]) -> Option<Gaps> {
    Some(Gaps { because: "decided".to_owned(), codes: CodeCounts(codes.iter().copied().collect()) })
}

fn end(lab: &Lab, grant: u64, effective: &str) {
    let effective = Date::parse(effective).unwrap();
    lab.append(|w| {
        let (at, salt, because) = (w.now(), w.salt(), "breach".to_owned());
        Statement::GrantEnd(GrantEnd { at, because, effective, grant, kind: Is, note: None, salt, v: V1 })
    });
}

#[test]
fn runs_are_judged_by_what_was_recorded_before_them() {
    let (lab, grant) = lab();
    run_for(&lab, "sonata@1", Purpose::Commercial);
    run_for(&lab, "sonata@2", Purpose::Research);
    run_for(&lab, "sonata@3", Purpose::Commercial);
    // The third version is one too many, and what ends now was in force then.
    let recorded: Vec<_> = run::list(&lab.view()).unwrap().into_iter().map(|(_, run, _)| run.gaps).collect();
    assert_eq!(recorded[0], None);
    assert_eq!(recorded[1], gaps(&[(Code::PurposeNotCovered, 10)]));
    assert_eq!(recorded[2], gaps(&[(Code::ModelsExhausted, 10)]));
    end(&lab, grant, "2026-01-02");
    std::fs::remove_dir_all(lab.path().join("index")).unwrap();
    assert_eq!(differences(&lab), []);
    assert_eq!(audited(&lab).judged.runs, (3, 0));
}

#[test]
fn a_run_that_hides_gaps_is_named() {
    let (lab, grant) = lab();
    end(&lab, grant, "2026-02-10");
    let silent = forge(&lab, |_| {});
    let fewer = forge(&lab, |run| run.gaps = gaps(&[(Code::Ended, 9)]));
    let others = forge(&lab, |run| run.gaps = gaps(&[(Code::Expired, 10)]));
    let honest = forge(&lab, |run| run.gaps = gaps(&[(Code::Ended, 10)]));
    let early = forge(&lab, |run| run.end = Time::parse("2026-02-10T00:00:00Z").unwrap());
    let said = |recorded: &str| vec![format!("the gaps of its works are 10 ended, and it records {recorded}")];
    let found = differences(&lab);
    assert_eq!(found, [(silent, said("none")), (fewer, said("9 ended")), (others, said("10 expired"))]);
    assert!(honest < early);
}

/// What was counted for coverage, in a file that nobody signed, is not asked.
#[test]
fn a_file_of_counts_hides_no_gap() {
    let (lab, grant) = lab();
    end(&lab, grant, "2026-02-10");
    let forged = forge(&lab, |_| {});
    let entry = lab.view().release(&release("books@v1")).unwrap().0;
    let path = lab.path().join("index/relied").join(entry.to_string());
    let text = std::fs::read_to_string(&path).unwrap();
    let (_, json) = text.trim_end().split_once('\n').unwrap();
    // As if all works relied on what the five do.
    let parsed: serde_json::Value = serde_json::from_str(json).unwrap();
    let mut counts = parsed.clone();
    counts["works"] = serde_json::json!([[[1], 15]]);
    let json = serde_json::to_string(&counts).unwrap();
    std::fs::write(&path, format!("{}\n{json}\n", blake3::hash(json.as_bytes()))).unwrap();
    assert_eq!(differences(&lab).into_iter().map(|(index, _)| index).collect::<Vec<u64>>(), [forged]);
}

/// Of a work that was erased since, nobody knows: it may have been a gap, and cannot have made one less.
#[test]
fn an_erasure_makes_no_honest_run_false() {
    let (lab, grant) = lab();
    end(&lab, grant, "2026-02-10");
    run_for(&lab, "sonata@1", Purpose::Commercial);
    let codes: BTreeMap<Code, u64> = run::list(&lab.view()).unwrap()[0].1.gaps.clone().unwrap().codes.0;
    assert_eq!(codes, BTreeMap::from([(Code::Ended, 10)]));
    let view = lab.view();
    let admission = |i: &u64| matches!(view.statement(*i), Ok(Statement::Admission(_)));
    let first = (0..view.log().size()).find(admission).unwrap();
    drop(view);
    lab.erase(first);
    assert_eq!(differences(&lab), []);
    let fewer = forge(&lab, |run| run.gaps = gaps(&[(Code::Ended, 8)]));
    let found: Vec<u64> = differences(&lab).into_iter().map(|(index, _)| index).collect();
    assert_eq!(found, [fewer]);
}
