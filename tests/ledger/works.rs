//! The works of a release, one after another: exactly those that were sealed, whatever came later; as CSV they are a
//! catalogue of themselves; and to another dataset they are candidates.

use super::lab::*;
use deedbook::index::{root_of, write_rows};
use deedbook::ingest::{Catalogue, Format, Record};
use deedbook::ledger::seal::release_path;
use deedbook::ledger::works::{MAX_MARKED, ReleaseWork, candidate, release_works};
use deedbook::ledger::{LedgerError, View};
use deedbook::report::works::{COLUMNS, Csv, Line};
use deedbook::rows::{Kind, Row, work_key};
use deedbook::statement::admission::{Embodiment, Licence, Party};
use deedbook::statement::release::{Completeness, Keying};
use deedbook::statement::vocabulary::{Code, DigestBy, EncodingRole, Role, WorkType};
use deedbook::statement::{
    Admission, Identifier, Is, Layer, Purpose, Release, RowsRef, Scheme, Statement, Time, Use, V1,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeMap;

fn works(view: &View, name: &str) -> Vec<ReleaseWork> {
    release_works(view, &release(name)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Index, whether its text is there, whether it is marked as withdrawn.
fn outline(works: &[ReleaseWork]) -> Vec<(u64, bool, bool)> {
    works.iter().map(|w| (w.index, w.admission.is_some(), w.withdrawn)).collect()
}

/// The naive version: every admission of the dataset below the release that was not removed before it.
fn expected(view: &View, name: &str, removed_before: &[u64]) -> Vec<(u64, Admission)> {
    let (at, release) = view.release(&release(name)).unwrap();
    let admission = |index| match view.statement(index) {
        Ok(Statement::Admission(a)) if a.dataset == release.dataset => Some((index, *a)),
        _ => None,
    };
    (0..at).filter(|i| !removed_before.contains(i)).filter_map(admission).collect()
}

/// The admissions of a dataset in the log, by index.
fn admissions(lab: &Lab, dataset: u64) -> Vec<u64> {
    let view = lab.view();
    let of = |i: &u64| matches!(view.statement(*i), Ok(Statement::Admission(a)) if a.dataset == dataset);
    (0..view.log().size()).filter(of).collect()
}

#[test]
fn a_release_has_the_works_that_were_sealed_and_no_others() {
    let lab = Lab::new();
    let dataset = lab.books();
    lab.dataset("other", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text]);
    // Two datasets in turn, over several bundles.
    lab.admit("books", &books(0..300));
    lab.admit("other", &books(200..700));
    lab.admit("books", &books(300..301));
    lab.admit("other", &books(700..701));
    lab.admit("books", &books(400..900));
    let of_books = admissions(&lab, dataset);
    let (before, after, erased) = (of_books[10], of_books[20], of_books[30]);
    lab.withdraw(dataset, before);
    lab.seal("books@v1");
    lab.seal("other@v1");
    let view = lab.view();
    let sealed: Vec<(u64, Admission)> =
        works(&view, "books@v1").into_iter().map(|w| (w.index, w.admission.unwrap())).collect();
    assert_eq!(sealed, expected(&view, "books@v1", &[before]));
    assert_eq!((sealed.len(), works(&view, "other@v1").len()), (800, 501));

    // What comes later is marked, not taken out; what is admitted later is not in it.
    lab.withdraw(dataset, after);
    lab.erase(erased);
    lab.admit("books", &books(2000..2010));
    let view = lab.view();
    let listed = release_works(&view, &release("books@v1")).unwrap();
    assert_eq!(listed.total(), 800);
    let wanted: Vec<_> = sealed.iter().map(|(index, _)| (*index, *index != erased, *index == after)).collect();
    assert_eq!(outline(&works(&view, "books@v1")), wanted);
    lab.seal("books@v2");
    let v2 = works(&lab.view(), "books@v2");
    assert_eq!(v2.len(), 808);
    assert!(v2.iter().all(|w| ![before, after, erased].contains(&w.index) && !w.withdrawn && w.admission.is_some()));
}

#[test]
fn a_release_without_works_has_none() {
    let lab = Lab::new();
    lab.books();
    lab.seal("books@v1");
    assert_eq!(works(&lab.view(), "books@v1"), []);
}

/// What is read next may have moved: the partial bundle that was there has become the beginning of a full one.
#[test]
fn the_works_outlive_the_view_and_what_a_writer_appends() {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(0..20));
    lab.seal("books@v1");
    let view = lab.view();
    let wanted = expected(&view, "books@v1", &[]);
    let listed = release_works(&view, &release("books@v1")).unwrap();
    drop(view);
    lab.admit("books", &books(20..600));
    let found: Vec<_> = listed.map(|w| w.map(|w| (w.index, w.admission.unwrap())).unwrap()).collect();
    assert_eq!(found, wanted);
}

#[test]
fn rows_that_were_not_sealed_are_refused() {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(0..5));
    lab.seal("books@v1");
    let path = lab.path().join(release_path(&release("books@v1")));
    let honest = std::fs::read(&path).unwrap();
    let opened = || release_works(&lab.view(), &release("books@v1")).map(drop);
    // The last byte is an index: the rows still ascend, and another entry would be listed.
    let mut wrong = honest.clone();
    *wrong.last_mut().unwrap() ^= 1;
    std::fs::write(&path, wrong).unwrap();
    assert!(matches!(opened(), Err(LedgerError::BadRows { .. })));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(opened(), Err(LedgerError::Index(_))));
    std::fs::write(&path, honest).unwrap();
    opened().unwrap();
    let unknown = |name: &str| release_works(&lab.view(), &release(name)).map(drop).unwrap_err().to_string();
    assert_eq!(unknown("books@v2"), "there is no release books@v2");
    assert_eq!(unknown("films@v1"), "there is no dataset films");
}

#[test]
fn a_damaged_entry_ends_the_list() {
    let lab = Lab::new();
    let dataset = lab.books();
    lab.admit("books", &books(0..600));
    lab.seal("books@v1");
    let damaged = admissions(&lab, dataset)[300];
    lab.remove_text(damaged);
    let view = lab.view();
    let mut listed = release_works(&view, &release("books@v1")).unwrap();
    assert_eq!(listed.by_ref().take_while(Result::is_ok).count(), 300);
    assert!(listed.next().is_none());
    let error = release_works(&view, &release("books@v1")).unwrap().find_map(Result::err);
    assert!(matches!(error, Some(LedgerError::Emptied { index }) if index == damaged), "{error:?}");
}

/// Seals rows that lead to `values`, as a lab might that writes its own log.
fn seal_rows(lab: &Lab, dataset: u64, version: &str, values: &[u64], log_size: Option<u64>) {
    let path = release_path(&release(&format!("books@{version}")));
    let mut rows: Vec<Row> = values.iter().map(|v| Row { key: work_key(&isbn(*v)), value: *v }).collect();
    rows.sort_unstable();
    write_rows(&lab.disk, &path, Kind::Release, rows.into_iter().map(Ok)).unwrap();
    let (count, root) = root_of(&lab.disk, &path, Kind::Release, true).unwrap();
    lab.append(|w| {
        let (at, salt, rows) = (w.now(), w.salt(), RowsRef { count, root });
        let (completeness, keying) = (Completeness::AllAdmissions, Keying::Plain);
        let (log_size, version, works) = (log_size.unwrap_or(w.next()), name(version), count);
        let (bytes, kind, v) = (0, Is, V1);
        let release =
            Release { at, bytes, completeness, dataset, keying, kind, log_size, rows, salt, v, version, works };
        Statement::Release(release)
    });
}

#[test]
fn a_release_that_lies_is_refused() {
    let lab = Lab::new();
    let dataset = lab.books();
    let other = lab.dataset("other", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text]);
    lab.admit("books", &books(0..5));
    lab.admit("other", &books(0..5));
    let (own, foreign) = (admissions(&lab, dataset)[0], admissions(&lab, other)[0]);
    let size = lab.view().log().size();
    // An entry that is none of its admissions, its own entry, one far beyond; and a size that is not its own.
    for (version, values, log_size) in [
        ("v1", vec![own, foreign], None),
        ("v2", vec![own, 0], None),
        ("v3", vec![own, size + 4], None),
        ("v4", vec![own, u64::MAX >> 11], None),
        ("v5", vec![own, size + 9], Some(size + 100)),
    ] {
        seal_rows(&lab, dataset, version, &values, log_size);
        let listed = release_works(&lab.view(), &release(&format!("books@{version}")));
        let error = listed.and_then(|works| works.collect::<Result<Vec<_>, _>>().map(drop)).unwrap_err();
        let lie = values[1];
        assert!(matches!(error, LedgerError::ForeignRow { index, .. } if index == lie), "{version}: {error}");
    }
    seal_rows(&lab, dataset, "v6", &[own], Some(MAX_MARKED + 1));
    let listed = release_works(&lab.view(), &release("books@v6"));
    assert!(matches!(listed, Err(LedgerError::LongLog { .. })));
    seal_rows(&lab, dataset, "v7", &[own], None);
    assert_eq!(works(&lab.view(), "books@v7").len(), 1);
}

// --- candidates for another dataset ---

fn full() -> Admission {
    Admission {
        at: Time::parse("2026-02-01T08:00:00Z").unwrap(),
        dataset: 2,
        embodiments: vec![embodiment("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")],
        grants: BTreeMap::from([(Layer::Text, 3)]),
        identifiers: [id("isbn:9780306406157"), id("isni:000000012150090X")].into_iter().collect(),
        kind: Is,
        layers: [Layer::Text].into_iter().collect(),
        licence: Some(Licence {
            raw: "CC BY 4.0 ".to_owned(),
            source: "catalogue:licence".to_owned(),
            spdx: Some("CC-BY-4.0".to_owned()),
        }),
        obligations: [deedbook::statement::vocabulary::Obligation::Attribution].into_iter().collect(),
        override_: None,
        parties: vec![Party {
            ids: [id("ipi:00014107338")].into_iter().collect(),
            name: "A".into(),
            role: Some(Role::Author),
        }],
        salt: deedbook::statement::Salt([9; 16]),
        same_as: Some(7),
        title: Some("A book".to_owned()),
        used_from: Some(deedbook::statement::Date::parse("2025-01-01").unwrap()),
        v: V1,
        work_type: Some(WorkType::Book),
    }
}

fn embodiment(digest: &str) -> Embodiment {
    Embodiment {
        bytes: Some(12),
        derived_from: None,
        digest_by: Some(DigestBy::Deedbook),
        digests: [id(&format!("blake3:{digest}"))].into_iter().collect(),
        media_type: Some("text/plain".to_owned()),
        path: Some("a/b.txt".to_owned()),
        role: Some(EncodingRole::Original),
    }
}

#[test]
fn a_candidate_keeps_what_is_true_of_the_work_and_nothing_that_was_decided() {
    let admission = full();
    let work = ReleaseWork { index: 17, admission: Some(admission.clone()), withdrawn: false };
    let found = candidate(work, &name("books"));
    assert_eq!(
        (found.place.entry, found.title.as_deref(), found.work_type),
        (Some(17), Some("A book"), Some(WorkType::Book))
    );
    assert_eq!((&found.parties, &found.embodiments), (&admission.parties, &admission.embodiments));
    assert_eq!(found.identifiers, admission.identifiers.to_vec());
    assert_eq!(found.layers, [Layer::Text]);
    let licence = found.licence.unwrap();
    assert_eq!((licence.raw.as_str(), licence.source.as_str()), ("CC BY 4.0 ", "catalogue:licence"));
    assert_eq!((found.used_from, found.problems), (None, Vec::new()));
}

#[test]
fn a_candidate_says_what_happened_to_it_since() {
    let told = |admission: Option<Admission>, withdrawn: bool| {
        let found = candidate(ReleaseWork { index: 17, admission, withdrawn }, &name("books"));
        assert_eq!(found.place.entry, Some(17));
        found.problems.iter().map(|p| (p.code, format!("{} {} {}", p.field, p.raw, p.what))).collect::<Vec<_>>()
    };
    let withdrawn = (Code::NeedsReview, "entry 17 was withdrawn from books since".to_owned());
    let erased = (Code::Unreadable, "entry 17 was erased".to_owned());
    assert_eq!(told(Some(full()), true), std::slice::from_ref(&withdrawn));
    assert_eq!(told(None, false), std::slice::from_ref(&erased));
    assert_eq!(told(None, true), [erased, withdrawn]);
}

// --- lines ---

fn csv_of(works: &[ReleaseWork], for_terminal: bool) -> String {
    let mut csv = Csv::new(Vec::new(), for_terminal).unwrap();
    works.iter().for_each(|work| csv.write(work).unwrap());
    String::from_utf8(csv.finish().unwrap()).unwrap()
}

fn read(text: &str) -> Vec<Record> {
    let catalogue = Catalogue::open("works.csv", text.as_bytes(), Format::Csv, &[]).unwrap();
    catalogue.collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn with(identifiers: &[Identifier]) -> ReleaseWork {
    let identifiers = identifiers.iter().cloned().collect();
    ReleaseWork { index: 5, admission: Some(Admission { identifiers, ..full() }), withdrawn: false }
}

#[test]
fn the_csv_of_a_release_is_a_catalogue_of_it() {
    let other = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    let mut second = full();
    second.embodiments.push(Embodiment { bytes: None, path: None, ..embodiment(other) });
    second.title = Some("Two, \"quoted\"\nlines".to_owned());
    let bare = Admission { embodiments: Vec::new(), licence: None, title: None, work_type: None, ..full() };
    let work = |index, admission| ReleaseWork { index, admission, withdrawn: false };
    let text = csv_of(&[work(5, Some(full())), work(6, Some(second)), work(7, None), work(8, Some(bare))], false);
    let records = read(&text);
    // An erased one is not among them; one with two embodiments is two neighbours of one work.
    assert_eq!(records.iter().map(|r| r.work.as_deref()).collect::<Vec<_>>(), [None, Some("6"), Some("6"), None]);
    let admission = full();
    let one = &records[0];
    assert_eq!(one.identifiers, admission.identifiers.to_vec());
    assert_eq!(one.digests, admission.embodiments[0].digests.to_vec());
    assert_eq!((one.title.as_deref(), one.work_type, one.bytes), (Some("A book"), admission.work_type, Some(12)));
    assert_eq!((one.path.as_deref(), one.media_type.as_deref()), (Some("a/b.txt"), Some("text/plain")));
    assert_eq!((one.layers.as_slice(), one.licence.as_ref().unwrap().raw.as_str()), (&[Layer::Text][..], "CC BY 4.0"));
    assert_eq!(records[1].title.as_deref(), Some("Two, \"quoted\"\nlines"));
    assert_eq!(records[2].digests, [id(&format!("blake3:{other}"))]);
    assert_eq!((records[2].path.as_deref(), records[2].bytes), (None, None));
    assert_eq!(records[3].identifiers, admission.identifiers.to_vec());
    let catalogue = Catalogue::open("works.csv", text.as_bytes(), Format::Csv, &[]).unwrap();
    assert_eq!(catalogue.ignored(), ["entry", "at", "withdrawn"]);
}

#[test]
fn withdrawn_works_are_marked() {
    let work = ReleaseWork { withdrawn: true, ..with(&[id("isbn:9780306406157")]) };
    assert_eq!(COLUMNS.last(), Some(&"withdrawn"));
    assert!(csv_of(&[work], false).ends_with(",true\n"));
}

#[test]
fn identifiers_of_every_scheme_come_back_from_the_csv() {
    let digest = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
    let texts = [
        "asin:B000002UAL",
        "doi:10.1000.10/(sici)a:b<1::c>2;d-%c3%a9",
        "doi:10.1000/a;doi:10.1000/b",
        "eidr:10.5240/7791-8534-2C23-9030-8610-5",
        "grid:A12425GABC1234002M",
        "id:example/A:b|c;d",
        "id:id:x/y",
        "ipi:00014107338",
        "isbn:9783161484100",
        "iscc:KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY",
        "isni:000000012150090X",
        "isrc:AA6Q72000047",
        "issn:2434561X",
        "iswc:T0345246801",
        "jamendo:214",
        "mbid-recording:ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d",
        "mbid-release:44b7cab1-0ce1-404e-9089-b458eb3fa530",
        "mbid-work:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "orcid:000000021694233X",
        "swhid:swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b",
        "upc:00036000291452",
        "url:https://example.org/;isbn:9783161484100;",
        "url:https://example.org/a;b?c|d",
        "uscopyright:SR0000320918",
    ];
    let ids: Vec<Identifier> = texts.iter().map(|text| id(text)).collect();
    let covers = |scheme: &Scheme| scheme.is_digest() || ids.iter().any(|id| id.scheme() == *scheme);
    assert!(Scheme::ALL.iter().all(covers));
    // Each alone; in one cell those that nothing can be mistaken in, and all.
    let plain: Vec<Identifier> = ids.iter().filter(|id| !id.value().contains([';', '|'])).cloned().collect();
    for chosen in ids.chunks(1).chain([&plain[..], &ids[..]]) {
        let [record] = &read(&csv_of(&[with(chosen)], false))[..] else { panic!("one record") };
        assert_eq!((record.identifiers.as_slice(), &record.problems), (chosen, &Vec::new()));
    }
    let mut digests = full();
    digests.embodiments[0].digests =
        [id(&format!("blake3:{digest}")), id(&format!("sha256:{digest}"))].into_iter().collect();
    let work = ReleaseWork { index: 5, admission: Some(digests.clone()), withdrawn: false };
    assert_eq!(read(&csv_of(&[work], false))[0].digests, digests.embodiments[0].digests.to_vec());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000, rng_seed: RngSeed::Fixed(23), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// The schemes whose values may hold almost any character, in texts made of what might be taken for structure.
    #[test]
    fn identifiers_that_look_like_several_come_back_from_the_csv(
        values in prop::collection::vec(("id:x/|url:a://b|doi:10\\.1/", "(;|\\||id:x/|url:a://|isbn:|[\\[\\]\",:<>%;a-c|-]){1,9}"), 1..4)
    ) {
        let ids = values.iter().filter_map(|(start, rest)| Identifier::parse(&format!("{start}{rest}")).ok());
        let ids: deedbook::statement::Set<Identifier> = ids.collect();
        prop_assume!(!ids.is_empty());
        let records = read(&csv_of(&[with(&ids)], false));
        prop_assert_eq!(records.len(), 1);
        prop_assert_eq!(&records[0].identifiers[..], &ids[..]);
        prop_assert!(records[0].problems.is_empty());
    }

    /// JSON says the same to whoever parses it, with nothing in it that a terminal acts on; so does CSV for a terminal,
    /// which only people read. CSV for anything else keeps every character.
    #[test]
    fn no_title_reaches_a_terminal_raw(title in "([a-z\u{e9}\u{4e2d}\",]|[\u{1}-\u{1f}\u{7f}-\u{9f}\u{200e}\u{202e}\u{2066}\u{2069}\u{feff}]){1,70}") {
        let admission = Admission { title: Some(title.clone()), ..full() };
        let work = ReleaseWork { index: 5, admission: Some(admission), withdrawn: false };
        let json = Line::new(&work, |_| Ok::<_, ()>(name("north"))).unwrap().json();
        let wild = |c: char| c.is_control() || matches!(c, '\u{200e}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        prop_assert!(!json.trim_end_matches('\n').contains(wild), "{json:?}");
        let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(parsed["title"].as_str(), Some(title.as_str()));
        let shown = csv_of(std::slice::from_ref(&work), true);
        prop_assert!(!shown.replace('\n', "").contains(wild), "{shown:?}");
        prop_assert_eq!(shown.lines().count(), 2);
        let piped = csv_of(&[work], false);
        let mut fields = csv_fields(&piped);
        prop_assert_eq!(fields.remove(COLUMNS.len() + 3), title);
    }
}

/// The fields of a CSV, read as RFC 4180 says.
fn csv_fields(text: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => fields.last_mut().unwrap().extend(chars.next()),
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}
