//! Bulk admission gives, file for file and byte for byte, the ledger that admitting one work after another gives.
//!
//! The oracle has no stages, threads, batches, filters or sorted files: it asks the gate about each work alone, remembers
//! every identifier in a map, and appends each statement on its own.

use super::lab::{Lab, csv, files, isbn, key, name, options};
use deedbook::index::{AdmissionFact, PendingRun, Reliance};
use deedbook::ingest::Progress;
use deedbook::ledger::admit::{ReportLine, admit};
use deedbook::ledger::candidate::SourceWork;
use deedbook::ledger::gate::{Gate, Tally};
use deedbook::ledger::source::{BATCH_WORKS, Opening, Source, Works};
use deedbook::licence::Rules;
use deedbook::log::LogWriter;
use deedbook::rows::{Row, work_key};
use deedbook::statement::admission::Licence;
use deedbook::statement::vocabulary::{Code, CodeCounts, Codes};
use deedbook::statement::{Admission, Grant, Identifier, Is, Screening, Set, Statement, V1, json};
use deedbook::storage::{Disk, Mode};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Admits a catalogue to `books`, one work at a time.
fn one_by_one(lab: &Lab, text: &str) {
    let mut writer = lab.writer();
    let (dataset, statement) = writer.view().dataset(&name("books")).unwrap();
    let mut gate = Gate::open(writer.view(), statement, &[], Rules::default_rules()).unwrap();
    let (first_entry, disk, at) = (writer.next(), writer.disk().clone(), writer.now());
    let mut known: BTreeMap<String, u64> = BTreeMap::new();
    let mut same_works: BTreeMap<u64, u64> = BTreeMap::new();
    for index in 0..first_entry {
        if let Statement::Admission(before) = writer.view().statement(index).unwrap() {
            remember(&mut known, index, before.looked_up_by());
            same_works.insert(index, before.same_as.unwrap_or(index));
        }
    }
    let mut run = PendingRun::new(&disk, dataset, first_entry);
    let (mut tally, mut report, mut grants_recorded) = (Tally::default(), String::new(), false);
    let (progress, source) = (Progress::default(), "works.csv");
    for work in Works::open(Source::from(csv(text)), &Opening { asks: false, ..Opening::new(&[], &progress) }).unwrap()
    {
        let work = work.unwrap();
        let ids: Vec<Identifier> = work.looked_up_by().cloned().collect();
        let first = ids.iter().filter_map(|id| known.get(id.as_str())).min().copied();
        let mut codes = work.problems.iter().fold(Codes::NONE, |codes, problem| codes.with(problem.code));
        let (mut closest, mut decision) = (Vec::new(), None);
        if ids.is_empty() {
            codes = codes.with_if(!codes.has(Code::BadIdentifier), Code::NoIdentifier);
        } else if codes.is_empty() && ids.iter().all(|id| known.contains_key(id.as_str())) {
            codes = Code::Duplicate.into();
        } else {
            let decided = gate.decide(std::iter::empty(), &work, at.date());
            (codes, closest) = (codes.union(decided.codes), decided.closest.clone());
            decision = Some(decided);
        }
        tally.count(codes);
        let Some(decided) = decision.filter(|_| codes.is_empty()) else {
            report.push_str(&refused(source, work, codes, closest));
            continue;
        };
        for (_, place) in &decided.chosen {
            if gate.grants[*place].index.is_none() {
                let terms = Some(gate.grants[*place].terms.clone());
                let grant = Grant { at, envelope: None, kind: Is, salt: writer.salt(), terms, v: V1 };
                gate.grants[*place].index = Some(writer.append(&Statement::Grant(Box::new(grant))).unwrap());
                grants_recorded = true;
            }
        }
        let spdx = decided.spdx.as_deref().map(str::to_owned);
        let same_as = first.map(|index| same_works[&index]);
        let admission = Admission {
            at,
            dataset,
            embodiments: work.embodiments,
            grants: decided.chosen.iter().map(|(layer, g)| (*layer, gate.grants[*g].index.unwrap())).collect(),
            identifiers: work.identifiers.into(),
            kind: Is,
            layers: work.layers.into(),
            licence: work.licence.map(|l| Licence { raw: l.raw, source: l.source, spdx }),
            obligations: gate.obligations(&decided.chosen).collect::<Set<_>>(),
            override_: None,
            parties: work.parties,
            salt: writer.salt(),
            same_as,
            title: work.title,
            used_from: work.used_from,
            v: V1,
            work_type: work.work_type,
        };
        let index = writer.append(&Statement::Admission(Box::new(admission.clone()))).unwrap();
        remember(&mut known, index, admission.looked_up_by());
        same_works.insert(index, same_as.unwrap_or(index));
        let rows = ids.iter().map(|id| Row { key: work_key(id.as_str()), value: index }).collect();
        let (work, bytes, reliance) = (same_works[&index], admission.bytes(), Reliance::of(&admission).key());
        run.add(rows, [AdmissionFact { index, work, bytes, reliance }]).unwrap();
    }
    let report = (!report.is_empty()).then(|| Identifier::blake3(&deedbook::rows::blake3(report.as_bytes()))).inspect(
        |digest| {
            disk.write_atomic(&format!("report/{}", digest.value()), report.as_bytes(), Mode::Public).unwrap();
        },
    );
    let rules = Rules::default_rules();
    disk.write_atomic(&format!("rules/{}", rules.digest().value()), rules.bytes(), Mode::Public).unwrap();
    let salt = writer.salt();
    let screening = Statement::Screening(Screening {
        admitted: tally.admitted,
        at,
        considered: tally.considered,
        dataset,
        duplicates: tally.duplicates,
        first_entry,
        held: tally.held,
        kind: Is,
        lists: Vec::new(),
        reasons: CodeCounts(tally.reasons),
        refused: tally.refused,
        report,
        rules: rules.digest().clone(),
        salt,
        v: V1,
    });
    writer.append(&screening).unwrap();
    let run = run.finish(writer.next() + u64::from(grants_recorded)).unwrap();
    writer.add_run(run);
    writer.commit(grants_recorded).unwrap();
}

fn remember<'a>(known: &mut BTreeMap<String, u64>, index: u64, ids: impl Iterator<Item = &'a Identifier>) {
    for id in ids {
        known.entry(id.to_string()).or_insert(index);
    }
}

fn refused(source: &str, work: SourceWork, codes: Codes, grants: Vec<deedbook::statement::Name>) -> String {
    let outcome = match codes {
        codes if codes.has(Code::Duplicate) => "duplicate",
        codes if codes.is_held() => "held",
        _ => "refused",
    };
    let line = ReportLine {
        codes,
        grants,
        identifiers: work.identifiers,
        licence: work.licence.map(|l| l.raw),
        place: work.place,
        outcome: outcome.to_owned(),
        source: source.to_owned(),
        title: work.title,
        why: work.problems.iter().map(deedbook::ingest::Problem::words).collect(),
    };
    json::print(&line) + "\n"
}

/// All files but the lock and the register's working copy, which is a database of its own making.
fn ledger(root: &Path) -> BTreeMap<String, Vec<u8>> {
    files(root).into_iter().filter(|(path, _)| !path.starts_with("index/register")).collect()
}

fn assert_same(text: &str, again: &str) {
    let (bulk, slow) = (Lab::new(), Lab::new());
    for lab in [&bulk, &slow] {
        lab.books();
    }
    for text in [text, again] {
        admit(bulk.writer(), &name("books"), vec![csv(text).into()], options()).unwrap();
        one_by_one(&slow, text);
    }
    let (bulk, slow) = (ledger(bulk.path()), ledger(slow.path()));
    assert_eq!(bulk.keys().collect::<Vec<_>>(), slow.keys().collect::<Vec<_>>());
    for (path, bytes) in &bulk {
        assert!(bytes == &slow[path], "{path} differs");
    }
}

/// A work of a catalogue: an ISBN, numbers of the lab's own, and a licence; each may be missing or wrong.
fn line() -> impl Strategy<Value = String> {
    let isbn = prop_oneof![
        6 => (0..40u64).prop_map(isbn),
        2 => Just(String::new()),
        1 => Just("9780000000000".to_owned()),
    ];
    let licence = prop_oneof![
        5 => Just("CC-BY-4.0"),
        3 => Just("CC0-1.0"),
        1 => Just("CC-BY-NC-4.0"),
        1 => Just("All rights reserved"),
        1 => Just(""),
    ];
    let own = prop::collection::vec(0..60u64, 0..3);
    (isbn, own, licence).prop_map(|(isbn, own, licence)| {
        let own: Vec<String> = own.iter().map(|n| format!("lab/{n}")).collect();
        let own: Vec<String> = own.iter().map(|id| format!("id:{id}")).collect();
        format!("{isbn},{},Title of it,{licence}\n", own.join(" ; "))
    })
}

fn catalogue(lines: impl IntoIterator<Item = String>) -> String {
    std::iter::once("isbn,identifiers,title,licence\n".to_owned()).chain(lines).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Duplicates, further identifiers of known works, refusals, and open licences met for the first time, in any order;
    /// the second catalogue meets what the first has left.
    #[test]
    fn small_catalogues(first in prop::collection::vec(line(), 0..60), second in prop::collection::vec(line(), 0..60)) {
        assert_same(&catalogue(first), &catalogue(second));
    }
}

/// Three batches and more: what is looked up was let in by an earlier one, through the filter and sorted parts.
#[test]
fn a_catalogue_of_several_batches() {
    let count = BATCH_WORKS as u64 + 4_000;
    let licence = |n: u64| if n.is_multiple_of(7_001) { "CC-BY-NC-4.0" } else { "CC-BY-4.0" };
    let line = |n: u64| format!("{},id:lab/{n},Book {n},{}\n", isbn(n), licence(n));
    let later = |n: u64| match n % 3 {
        0 => format!("{},,Book {n},CC0-1.0\n", isbn(n)),
        1 => format!(",id:lab/{n} ; id:edition/{n},Book {n},CC0-1.0\n"),
        _ => format!("{},id:lab/{n},Book {n},CC0-1.0\n", isbn(n + count)),
    };
    let all = (0..count).map(line).chain((0..3_000).map(|n| later(n * 23)));
    assert_same(&catalogue(all), &catalogue((0..300).map(|n| later(n * 211))));
}

/// An open licence's grant, which is recorded before the first work that needs it, is the last entry of what one core
/// encodes, or the first of what another does, or stands between.
#[test]
fn a_grant_where_entries_are_cut() {
    for before in 4089..=4096 {
        let licence = |n: u64| if n < before { "CC-BY-4.0" } else { "CC0-1.0" };
        let all = (0..before + 5).map(|n| format!("{},id:lab/{n},Book {n},{}\n", isbn(n), licence(n)));
        assert_same(&catalogue(all), &catalogue([]));
    }
}

/// What a writer appends ahead of time is what it appends one by one, wherever bundles begin and end.
#[test]
fn entries_made_ahead_are_the_same_log() {
    let entry = |index: u64| format!("entry {index} {}", "x".repeat(index as usize % 50)).into_bytes();
    for (before, pieces) in [
        (0, vec![1]),
        (0, vec![255, 1, 1]),
        (0, vec![256, 256]),
        (1, vec![254, 1, 300]),
        (3, vec![253, 512, 7]),
        (200, vec![56, 1]),
        (255, vec![1, 1024, 3]),
        (256, vec![255, 2, 0, 600]),
        (300, vec![1000, 24]),
        (65_530, vec![700]),
    ] {
        let total = before + pieces.iter().sum::<u64>();
        let made = |ahead: bool| {
            let dir = super::lab::folder();
            let disk = Disk::open(dir.path()).unwrap();
            let mut log = LogWriter::create(&disk, key()).unwrap();
            (0..before).for_each(|index| assert_eq!(log.append(&entry(index)).unwrap(), index));
            let mut first = before;
            for count in &pieces {
                if ahead {
                    let mut entries = log.encoder().entries(first).unwrap();
                    for index in first..first + count {
                        entries.push(|out| out.extend_from_slice(&entry(index))).unwrap();
                    }
                    assert_eq!((entries.first(), entries.count()), (first, *count));
                    log.append_all(&entries).unwrap();
                } else {
                    (first..first + count).for_each(|index| assert_eq!(log.append(&entry(index)).unwrap(), index));
                }
                first += count;
            }
            assert_eq!(log.size(), total);
            log.commit(deedbook::log::History::Keep).unwrap();
            files(dir.path())
        };
        assert_eq!(made(true), made(false), "{before} entries, then {pieces:?}");
    }
}

/// Entries for another place than the log's end, and entries that are none, change nothing.
#[test]
fn entries_that_do_not_fit_are_refused() {
    let dir = super::lab::folder();
    let disk = Disk::open(dir.path()).unwrap();
    let mut log = LogWriter::create(&disk, key()).unwrap();
    let encoder = log.encoder();
    let mut gap = encoder.entries(1).unwrap();
    gap.push(|out| out.push(b'a')).unwrap();
    assert!(log.append_all(&gap).is_err());
    let mut entries = encoder.entries(0).unwrap();
    assert!(entries.push(|_| ()).is_err());
    assert!(entries.push(|out| out.resize(out.len() + 65_536, b'a')).is_err());
    assert_eq!(entries.count(), 0);
    entries.push(|out| out.extend_from_slice(b"the first")).unwrap();
    log.append_all(&entries).unwrap();
    assert!(log.append_all(&entries).is_err(), "twice");
    assert_eq!(log.size(), 1);
    assert!(log.encoder().entries(0).is_err(), "an index that the log has");
}
