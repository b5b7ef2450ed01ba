//! Dates, times, names and canonical JSON: one text each, and every other spelling refused.

use deedbook::rows::Root;
use deedbook::statement::admission::{Embodiment, Licence, Override, Party};
use deedbook::statement::dataset::Dataset;
use deedbook::statement::json::{self, JsonError, MAX_INTEGER};
use deedbook::statement::ledger::Ledger;
use deedbook::statement::name::NameError;
use deedbook::statement::release::{Completeness, Keying};
use deedbook::statement::run::Gaps;
use deedbook::statement::screening::{List, ListKind};
use deedbook::statement::terms::{Evidence, Licensee, Licensor, Models, Subject};
use deedbook::statement::time::TimeError;
use deedbook::statement::vocabulary::{Basis, CodeCounts, DigestBy, EncodingRole, Obligation, OnEnd, Role, Territory};
use deedbook::statement::withdrawal::IndexRange;
use deedbook::statement::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

// --- dates and times ---

/// The days of a calendar kept by hand, which knows only how long months are.
fn calendar() -> impl Iterator<Item = (i64, String)> {
    let months = |year: i64| {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    };
    let days = (1..=9999).flat_map(move |year| {
        months(year)
            .into_iter()
            .enumerate()
            .flat_map(move |(m, len)| (1..=len).map(move |day| format!("{year:04}-{:02}-{day:02}", m + 1)))
    });
    // 0001-01-01 lies 719,162 days before 1970-01-01.
    (-719_162..).zip(days)
}

#[test]
fn every_day_of_ten_thousand_years_has_one_text() {
    let mut last = None;
    for (days, text) in calendar() {
        let date = Date::parse(&text).unwrap();
        assert_eq!(date.start().unix(), days * 86_400, "{text}");
        // Printing each would take long; the turns of months and years are where it could go wrong.
        if days % 7 == 0 || text.ends_with("-01") || text[8..] > *"27" {
            assert_eq!(date.to_string(), text);
        }
        last = Some(date);
    }
    assert_eq!(last, Some(Date::MAX));
    assert_eq!(Date::MAX.to_string(), "9999-12-31");
}

#[test]
fn days_are_counted_between_dates() {
    let day = |text| Date::parse(text).unwrap();
    assert_eq!(day("2024-03-01").days_since(day("2024-02-28")), 2);
    assert_eq!(day("2023-03-01").days_since(day("2023-02-28")), 1);
    assert_eq!(day("1900-03-01").days_since(day("1900-02-28")), 1);
    assert_eq!(day("2000-01-01").days_since(day("2001-01-01")), -366);
    assert_eq!(Date::MAX.days_since(day("0001-01-01")), 3_652_058);
}

#[test]
fn days_that_do_not_exist_are_refused() {
    for (text, field) in [
        ("0000-01-01", "year"),
        ("2024-00-01", "month"),
        ("2024-13-01", "month"),
        ("2024-01-00", "day"),
        ("2024-01-32", "day"),
        ("2024-04-31", "day"),
        ("2024-02-30", "day"),
        ("2023-02-29", "day"),
        ("1900-02-29", "day"),
    ] {
        assert_eq!(Date::parse(text), Err(TimeError::NoSuch(field)), "{text}");
    }
    assert!(Date::parse("2000-02-29").is_ok() && Date::parse("2024-02-29").is_ok());
}

#[test]
fn other_spellings_of_dates_are_refused() {
    for text in [
        "",
        "2024-1-01",
        "2024-01-1",
        "24-01-01",
        "20240101",
        "2024/01/01",
        "2024-01-01 ",
        " 2024-01-1",
        "2024-01-01Z",
        "+024-01-01",
        "-024-01-01",
        "2024-+1-01",
        "2024-W01-1",
        "2024-0x-01",
        "\u{662}024-01-0",
        "2024-01\u{2010}",
        "12024-01-01",
    ] {
        assert_eq!(Date::parse(text), Err(TimeError::Shape("YYYY-MM-DD")), "{text:?}");
    }
}

#[test]
fn seconds_come_back_and_keep_their_order() {
    let (first, last) = (-62_135_596_800, 253_402_300_799);
    let mut before = None;
    // A step that meets every second of the day and every day of the year sooner or later.
    for seconds in (first..=last).step_by(9_999_991).chain([-1, 0, 1, 59, 60, 3_599, 3_600, 86_399, 86_400, last]) {
        let time = Time::from_unix(seconds).unwrap();
        assert_eq!((time.unix(), Time::parse(&time.to_string())), (seconds, Ok(time)));
        assert_eq!(time.date().start().unix(), seconds.div_euclid(86_400) * 86_400);
        if let Some((earlier, text)) = before.replace((time, time.to_string())) {
            assert_eq!(earlier < time, text < time.to_string(), "texts sort as moments do");
        }
    }
    for beyond in [first - 1, last + 1, i64::MIN, i64::MAX] {
        assert_eq!(Time::from_unix(beyond), None);
    }
    assert_eq!(Time::from_unix(0).unwrap().to_string(), "1970-01-01T00:00:00Z");
    assert_eq!(Time::from_unix(-1).unwrap().to_string(), "1969-12-31T23:59:59Z");
    // RFC 3339, section 5.8, without its fraction.
    assert_eq!(Time::parse("1985-04-12T23:20:50Z").unwrap().unix(), 482_196_050);
}

#[test]
fn other_spellings_of_times_are_refused() {
    let good = "2024-02-29T23:59:59Z";
    assert!(Time::parse(good).is_ok());
    for (text, error) in [
        ("2024-02-29T24:00:00Z", TimeError::NoSuch("hour")),
        ("2024-02-29T23:60:00Z", TimeError::NoSuch("minute")),
        ("2016-12-31T23:59:60Z", TimeError::NoSuch("second")), // a leap second that was
        ("2023-02-29T00:00:00Z", TimeError::NoSuch("day")),
        ("2024-13-01T00:00:00Z", TimeError::NoSuch("month")),
    ] {
        assert_eq!(Time::parse(text), Err(error), "{text}");
    }
    for text in [
        "2024-02-29",
        "2024-02-29T23:59:59",
        "2024-02-29T23:59:59z",
        "2024-02-29t23:59:59Z",
        "2024-02-29 23:59:59Z",
        "2024-02-29T23:59:59+00:00",
        "2024-02-29T23:59:59-00:00",
        "2024-02-29T23:59:59.0Z",
        "2024-02-29T23:59:59.000Z",
        "2024-02-29T23:59Z",
        "20240229T235959Z",
        "2024-02-29T3:59:590Z",
        "2024-02-29T+3:59:59Z",
        "2024-02-29T23:59:59Z ",
        " 2024-02-29T23:59:59Z",
        "2024-02-2\u{e9}23:59:59Z",
    ] {
        assert_eq!(Time::parse(text), Err(TimeError::Shape("YYYY-MM-DDThh:mm:ssZ")), "{text:?}");
    }
    // No character of it can be another one but a digit.
    for at in 0..good.len() {
        for with in ["x", "-", ":", " ", "\u{e9}"] {
            let text = format!("{}{with}{}", &good[..at], &good[at + 1..]);
            assert_eq!(Time::parse(&text).is_ok(), text == good, "{text}");
        }
    }
}

// --- names ---

#[test]
fn names_are_safe_as_file_names() {
    let long = "a".repeat(64);
    for text in ["a", "0", "a.b_c-d", "2024.1", "a-", "a_", "a..b", &long] {
        assert_eq!(Name::parse(text).unwrap().as_str(), text);
    }
    let longer = "a".repeat(65);
    for text in
        ["", ".", "..", ".a", "a.", "_a", "-a", "A", "a b", "a/b", "a\\b", "a\0", "\u{e9}", "a@b", "a\n", &longer]
    {
        assert_eq!(Name::parse(text), Err(NameError::Name), "{text:?}");
    }
}

#[test]
fn releases_are_two_names() {
    let release = ReleaseName::parse("books@2024.1").unwrap();
    assert_eq!((release.dataset.as_str(), release.version.as_str()), ("books", "2024.1"));
    assert_eq!(release.to_string(), "books@2024.1");
    for text in ["books", "@1", "books@", "a@b@c", "Books@1", "books@1."] {
        assert_eq!(ReleaseName::parse(text), Err(NameError::Release), "{text:?}");
    }
}

#[test]
fn models_are_a_name_and_a_version() {
    let half = "m".repeat(128);
    for text in ["Big/Model:7B@v1.0", &format!("{half}@{half}")] {
        let model = Model::parse(text).unwrap();
        assert_eq!((model.to_string().as_str(), model.name()), (text, text.split_once('@').unwrap().0));
    }
    for text in
        ["m", "@1", "m@", "m@1@2", "m m@1", "m@1 ", "\u{e9}@1", "m@\n", &format!("{half}m@1"), &format!("m@{half}1")]
    {
        assert_eq!(Model::parse(text), Err(NameError::Model), "{text:?}");
    }
}

#[test]
fn territories_are_two_letters_or_the_world() {
    assert_eq!(Territory::parse("DE").unwrap().to_string(), "DE");
    assert_eq!(Territory::parse("worldwide"), Ok(Territory::Worldwide));
    for text in ["", "D", "de", "De", "DEU", "D1", "World", "WORLDWIDE", "\u{c4}", "\u{c4}A"] {
        assert!(Territory::parse(text).is_err(), "{text:?}");
    }
}

// --- canonical JSON ---

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn id(text: &str) -> Identifier {
    Identifier::parse(text).unwrap()
}

fn digest(byte: u8) -> Identifier {
    Identifier::sha256(&[byte; 32])
}

fn rows(count: u64) -> RowsRef {
    RowsRef { count, root: Root([0xfb; 32]) }
}

/// Text with all that JSON escapes, and what it must not escape.
const AWKWARD: &str = "\"\\/\u{8}\u{9}\u{a}\u{c}\u{d}\u{0}\u{1f}\u{7f}\u{80}\u{e9}\u{2028}\u{feff}\u{1f600} </script>";

fn terms(subject: Subject) -> Terms {
    Terms {
        basis: Basis::Contract,
        evidence: vec![
            Evidence {
                by: Some("Ann".into()),
                captured_at: Some(time("2026-01-05T10:00:00Z")),
                digest: digest(1),
                what: Some(AWKWARD.into()),
            },
            Evidence { by: None, captured_at: None, digest: digest(2), what: None },
        ],
        id: name("north-press-2026"),
        layers: vec![Layer::Text, Layer::Code].into(),
        licence: "LicenseRef-north-press-2026".into(),
        licensee: Licensee {
            ids: vec![id("id:example/lab")].into(),
            log: Some("lab.example/deeds".into()),
            name: "Lab".into(),
        },
        licensor: Licensor {
            ids: vec![id("isni:000000012150090X"), id("id:example/np")].into(),
            key: None,
            name: AWKWARD.into(),
            role: Some(Role::SubPublisher),
        },
        models: Some(Models { names: vec!["b".to_owned(), "a".to_owned()].into(), versions: Some(MAX_INTEGER) }),
        not_territories: vec![Territory::parse("US").unwrap()].into(),
        not_uses: vec![Use::Redistribution].into(),
        obligations: vec![Obligation::ShareAlike, Obligation::Attribution].into(),
        on_end: Some(OnEnd::StopTraining),
        purposes: vec![Purpose::Research, Purpose::NonCommercial].into(),
        rules: Some(digest(3)),
        subject,
        territories: vec![Territory::Worldwide, Territory::parse("DE").unwrap()].into(),
        uses: vec![Use::Tdm, Use::AiTraining].into(),
        valid_from: Date::parse("2026-01-01").unwrap(),
        valid_to: Some(Date::MAX),
    }
}

fn admission() -> Statement {
    Statement::Admission(Box::new(Admission {
        at: time("2026-02-03T04:05:06Z"),
        dataset: 1,
        embodiments: vec![Embodiment {
            bytes: Some(MAX_INTEGER),
            derived_from: Some(digest(4)),
            digest_by: Some(DigestBy::Catalogue),
            digests: vec![digest(6), Identifier::blake3(&[5; 32])].into(),
            media_type: Some("audio/flac".into()),
            path: Some("a/\u{1f600}.flac".into()),
            role: Some(EncodingRole::Transcode),
        }],
        grants: BTreeMap::from([(Layer::Master, 7), (Layer::Composition, 6)]),
        identifiers: vec![id("isrc:AA6Q72000047"), id("doi:10.1000/182")].into(),
        kind: Is,
        layers: vec![Layer::Master, Layer::Composition].into(),
        licence: Some(Licence {
            raw: AWKWARD.into(),
            source: "catalogue:license_url".into(),
            spdx: Some("CC-BY-4.0".into()),
        }),
        obligations: vec![Obligation::Reporting].into(),
        override_: Some(Override {
            because: "b".into(),
            by: "a".into(),
            codes: [Code::NeedsReview, Code::NoGrant].into_iter().fold(Codes::NONE, Codes::with),
        }),
        parties: vec![
            Party { ids: vec![id("ipi:00014107338")].into(), name: AWKWARD.into(), role: Some(Role::LicensorAgent) },
            Party { ids: Set::new(), name: "B".into(), role: None },
        ],
        salt: Salt([0xff; 16]),
        same_as: Some(3),
        title: Some(AWKWARD.into()),
        used_from: Some(Date::parse("2026-01-01").unwrap()),
        v: V1,
        work_type: Some(WorkType::SoundRecording),
    }))
}

/// One statement of every kind that needs no signature, with every member that it may have.
fn statements() -> Vec<Statement> {
    let (at, salt, because) = (time("2026-02-03T04:05:06Z"), Salt([0xa5; 16]), || AWKWARD.to_owned());
    let (uses, model) = (|| Set::from(vec![Use::Tdm, Use::Evaluation]), || Model::parse("m@1").unwrap());
    let grant = |subject| {
        Statement::Grant(Box::new(Grant { at, envelope: None, kind: Is, salt, terms: Some(terms(subject)), v: V1 }))
    };
    let title = Some(AWKWARD.to_owned());
    vec![
        Statement::Ledger(Ledger {
            at,
            kind: Is,
            origin: "lab.example/deeds".into(),
            salt,
            title: title.clone(),
            v: V1,
        }),
        Statement::Dataset(Dataset {
            at,
            id: name("books"),
            kind: Is,
            layers: vec![Layer::Text].into(),
            models: vec![model()].into(),
            purpose: Purpose::Commercial,
            salt,
            territories: vec![Territory::Worldwide].into(),
            title: title.clone(),
            uses: uses(),
            v: V1,
        }),
        grant(Subject::Catalogue(rows(5))),
        grant(Subject::Licence("CC-BY-4.0".into())),
        grant(Subject::Party("North Press".into())),
        admission(),
        Statement::Screening(Screening {
            admitted: 1,
            at,
            considered: 10,
            dataset: 1,
            duplicates: 2,
            first_entry: 3,
            held: 3,
            kind: Is,
            lists: vec![List { digest: digest(7), kind: ListKind::Reserve, rows: rows(0) }],
            reasons: CodeCounts(BTreeMap::from([(Code::NoGrant, 4), (Code::Denied, 2), (Code::Ended, 1)])),
            refused: 4,
            report: Some(digest(8)),
            rules: digest(9),
            salt,
            v: V1,
        }),
        Statement::Release(Release {
            at,
            bytes: MAX_INTEGER,
            completeness: Completeness::AllAdmissions,
            dataset: 1,
            keying: Keying::Plain,
            kind: Is,
            log_size: 9,
            rows: rows(1),
            salt,
            v: V1,
            version: name("2026.1"),
            works: 1,
        }),
        Statement::State(State { at, kind: Is, log_size: 10, register: rows(7), salt, v: V1 }),
        Statement::Withdrawal(Withdrawal {
            at,
            because: because(),
            dataset: 1,
            entries: vec![IndexRange { count: 2, first: 3 }, IndexRange { count: 1, first: 9 }],
            kind: Is,
            note: title.clone(),
            salt,
            v: V1,
        }),
        Statement::GrantEnd(GrantEnd {
            at,
            because: because(),
            effective: Date::MAX,
            grant: 2,
            kind: Is,
            note: title.clone(),
            salt,
            v: V1,
        }),
        Statement::Run(Run {
            at,
            end: at,
            gaps: Some(Gaps {
                because: because(),
                codes: CodeCounts(BTreeMap::from([(Code::Expired, 2), (Code::NoGrant, 1)])),
            }),
            kind: Is,
            model: model(),
            purpose: Purpose::Research,
            releases: vec![9, 11].into(),
            salt,
            start: at,
            territories: vec![Territory::parse("DE").unwrap()].into(),
            uses: uses(),
            v: V1,
            weights: vec![digest(1)].into(),
        }),
        Statement::Correction(Correction {
            at,
            because: because(),
            entry: 5,
            kind: Is,
            parties: vec![Party { ids: Set::new(), name: "C".into(), role: Some(Role::Cmo) }],
            salt,
            title,
            v: V1,
        }),
        Statement::Erasure(Erasure { at, because: because(), entry: 5, kind: Is, salt, v: V1 }),
    ]
}

#[test]
fn printing_is_canonical_json_by_another_library_s_judgement() {
    for statement in statements() {
        let text = statement.print();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let canonical = serde_json_canonicalizer::to_string(&value).unwrap();
        assert_eq!(text, canonical, "{}", statement.head().0);
        assert_eq!(Statement::parse(text.as_bytes()), Ok(statement));
    }
}

#[test]
fn every_character_is_escaped_as_json_asks() {
    for c in ('\0'..='\u{ff}').chain(['\u{2028}', '\u{d7ff}', '\u{ffff}', '\u{1f4d6}']) {
        for text in [c.to_string(), format!("before {c}"), format!("{c}{c} after, and more than a word of it")] {
            let canonical = serde_json_canonicalizer::to_string(&text).unwrap();
            assert_eq!(json::print(&text), canonical, "{c:?}");
        }
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        (0..=MAX_INTEGER).prop_map(serde_json::Value::from),
        (-1000i64..0).prop_map(serde_json::Value::from),
        ".*".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(serde_json::Value::from),
            prop::collection::btree_map(".*", inner, 0..8).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    /// Lists, objects, numbers and texts of any nesting, by serde_json's judgement.
    #[test]
    fn anything_without_floats_is_printed_as_json(value in any_json()) {
        let text = json::print(&value);
        prop_assert_eq!(&text, &serde_json::to_string(&value).unwrap());
        prop_assert_eq!(json::parse(text.as_bytes()), by_serde_json::<serde_json::Value>(text.as_bytes()));
    }
}

/// A float has other canonical spellings than the printer's, which has none.
#[test]
#[should_panic(expected = "a float")]
fn floats_are_not_printed() {
    json::print(&[0.5]);
}

/// Every other way to write the same value is refused, and so is every value that is not quite the same.
#[test]
fn spellings_that_are_not_canonical_are_refused() {
    let good = statements()[0].print();
    let cases = [
        ("white space", good.replace("\"kind\":", "\"kind\": ")),
        ("white space before", format!(" {good}")),
        ("white space after", format!("{good}\n")),
        ("order", good.replace(",\"v\":1}", "}").replacen('{', "{\"v\":1,", 1)),
        ("a member twice", good.replace("\"v\":1", "\"v\":1,\"v\":1")),
        ("an unknown member", good.replace("\"v\":1", "\"v\":1,\"w\":1")),
        ("null", good.replace(",\"title\":\"", ",\"title\":null,\"x\":\"")),
        ("a missing member", good.replace(",\"origin\":\"lab.example/deeds\"", "")),
        ("a fraction", good.replace("\"v\":1", "\"v\":1.0")),
        ("an exponent", good.replace("\"v\":1", "\"v\":1e0")),
        ("an escaped letter", good.replace("deeds", "d\\u0065eds")),
        ("an escaped slash", good.replace("lab.example/deeds", "lab.example\\/deeds")),
        ("upper-case hex", good.replace("\\u001f", "\\u001F")),
        ("a long escape", good.replace("\\n", "\\u000a")),
        ("an escaped surrogate pair", good.replace('\u{1f600}', "\\ud83d\\ude00")),
        ("an escaped letter outside ASCII", good.replace('\u{e9}', "\\u00e9")),
        ("another salt alphabet", good.replace("paWl", "p-Wl")),
        ("text after it", format!("{good}{{}}")),
        ("half of it", good[..good.len() / 2].to_owned()),
    ];
    for (what, text) in cases {
        assert_ne!(text, good, "{what} changes nothing");
        assert!(Statement::parse(text.as_bytes()).is_err(), "{what} passes: {text}");
    }
    assert!(Statement::parse(&[good.as_bytes(), b"\xff"].concat()).is_err());
}

/// What `json::parse` must say: serde_json's value, if it prints as it was written.
fn by_serde_json<T: serde::Serialize + serde::de::DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    let value: T = json::parse_loose(text)?;
    let again = json::print(&value);
    if again.as_bytes() == text {
        return Ok(value);
    }
    Err(JsonError::NotCanonical { offset: again.bytes().zip(text).take_while(|(a, b)| a == *b).count() })
}

fn is_read_as_by_serde_json<T>(text: &[u8])
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    assert_eq!(json::parse::<T>(text), by_serde_json::<T>(text), "{}", String::from_utf8_lossy(text));
}

/// The reader that comes before serde_json has its own idea of no text, whatever was done to it.
#[test]
fn no_text_is_read_otherwise_than_by_serde_json() {
    const BYTES: &[u8] = b"\"\\{}[]:,0159-+.eEtfn u/\x00\x1f\x7f\x80\xc3\xff";
    let mut next = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |bound: usize| {
        next ^= next << 13;
        next ^= next >> 7;
        next ^= next << 17;
        (next >> 16) as usize % bound
    };
    let of_every_kind = |text: &[u8]| {
        is_read_as_by_serde_json::<Admission>(text);
        is_read_as_by_serde_json::<Dataset>(text);
        is_read_as_by_serde_json::<Grant>(text);
        is_read_as_by_serde_json::<Release>(text);
        is_read_as_by_serde_json::<Run>(text);
        is_read_as_by_serde_json::<Screening>(text);
        is_read_as_by_serde_json::<Withdrawal>(text);
    };
    for statement in statements() {
        let text = statement.print().into_bytes();
        of_every_kind(&text);
        for _ in 0..400 {
            let mut changed = text.clone();
            for _ in 0..=below(2) {
                let (at, byte) = (below(changed.len()), BYTES[below(BYTES.len())]);
                match below(4) {
                    0 => changed[at] = byte,
                    1 => changed.insert(at, byte),
                    2 => drop(changed.remove(at)),
                    _ => changed.truncate(at.max(1)),
                }
            }
            of_every_kind(&changed);
        }
    }
    for depth in [1, 126, 127, 128, 129, 100_000] {
        is_read_as_by_serde_json::<serde_json::Value>(&[vec![b'['; depth], vec![b']'; depth]].concat());
    }
    for text in
        ["", "\"", "\"a", "[", "[1", "[1,", "[,1]", "[1 ]", "{\"a\"", "{\"a\":", "{\"a\":1,}", "007", "1 ", "\u{feff}1"]
    {
        is_read_as_by_serde_json::<serde_json::Value>(text.as_bytes());
    }
}

#[test]
fn where_a_text_leaves_its_canonical_form_is_told() {
    let at = |text: &str| json::parse::<RowsRef>(text.as_bytes()).unwrap_err();
    let good = json::print(&rows(5));
    assert_eq!(json::parse::<RowsRef>(good.as_bytes()), Ok(rows(5)));
    assert_eq!(at(&good.replace(":5", ": 5")), JsonError::NotCanonical { offset: 9 });
    assert_eq!(at(&format!("{good} ")), JsonError::NotCanonical { offset: good.len() });
    let shape = at(&good.replace("count", "tally"));
    assert!(matches!(&shape, JsonError::Shape { line: 1, column: 8, what } if what.contains("tally")), "{shape}");
}

/// Whole numbers from 0 to 2^53-1, written plainly, and nothing else.
#[test]
fn numbers_have_one_spelling() {
    let read = |number: &str| {
        let text = json::print(&rows(5)).replace(":5", &format!(":{number}"));
        json::parse::<RowsRef>(text.as_bytes()).map(|r| r.count)
    };
    for number in [0, 1, 10, 4_294_967_296, MAX_INTEGER] {
        assert_eq!(read(&number.to_string()), Ok(number));
    }
    for number in ["9007199254740992", "18446744073709551615", "18446744073709551616", &"9".repeat(400)] {
        assert_eq!(read(number), Err(JsonError::IntegerTooLarge { offset: 9 }), "{number}");
    }
    for number in
        ["1.0", "1e3", "1E3", "-0", "-1", "01", "00", "+1", "0x1", "1_000", "\"1\"", "null", "true", "[1]", ".5", ""]
    {
        assert!(read(number).is_err(), "{number} passes");
    }
    // Digits in a text are no number, whatever stands before them.
    let text = format!("\"\\\\\\\"{}\"", "9".repeat(30));
    assert_eq!(json::parse::<String>(text.as_bytes()), Ok(format!("\\\"{}", "9".repeat(30))));
}

#[test]
fn lists_that_are_sets_are_sorted_and_without_repetition() {
    let set = Set::from(vec![Layer::Text, Layer::Code, Layer::Text]);
    assert_eq!(json::print(&set), "[\"code\",\"text\"]");
    assert_eq!(json::parse::<Set<Layer>>(b"[\"code\",\"text\"]"), Ok(set));
    for text in ["[\"text\",\"code\"]", "[\"code\",\"code\"]", "[\"code\",]", "[\"Code\"]"] {
        assert!(json::parse::<Set<Layer>>(text.as_bytes()).is_err(), "{text}");
    }
    // Codes stand in the order of the gate's rules, which is not that of their names.
    let codes = Codes::NONE.with(Code::Ended).with(Code::BadIdentifier);
    assert_eq!(json::print(&codes), "[\"bad-identifier\",\"ended\"]");
    assert!(json::parse::<Codes>(b"[\"ended\",\"bad-identifier\"]").is_err());
}

#[test]
fn salts_are_sixteen_bytes_in_one_spelling() {
    let salt = Salt::parse("AAECAwQFBgcICQoLDA0ODw==").unwrap();
    assert_eq!((salt.0, salt.to_string().as_str()), (std::array::from_fn(|i| i as u8), "AAECAwQFBgcICQoLDA0ODw=="));
    for text in [
        "",
        "AAECAwQFBgcICQoLDA0ODw",
        "AAECAwQFBgcICQoLDA0ODx==", // bits beyond the sixteenth byte
        "AAECAwQFBgcICQoLDA0O",
        "AAECAwQFBgcICQoLDA0ODxA=",
        "AAECAwQFBgcICQoLDA0ODw==\n",
    ] {
        assert!(Salt::parse(text).is_err(), "{text:?}");
    }
}

/// DSSE lets unknown members and white space by; what it calls an object is one.
#[test]
fn an_envelope_and_its_signature_are_objects() {
    use deedbook::statement::dsse::{Envelope, PAYLOAD_TYPE};
    let kind = PAYLOAD_TYPE;
    let object =
        format!(r#" {{"payload":"e30=","payloadType":"{kind}","signatures":[{{"sig":"AA==","x":[1]}}],"y":{{}}}} "#);
    assert!(Envelope::parse(&object).is_ok());
    for list in [
        format!(r#"["e30=","{kind}",[{{"sig":"AA=="}}]]"#),
        format!(r#"{{"payload":"e30=","payloadType":"{kind}","signatures":[["","AA=="]]}}"#),
        format!(r#"{{"payload":"e30=","payloadType":"{kind}","signatures":[[null,"AA=="]]}}"#),
    ] {
        assert!(Envelope::parse(&list).is_err(), "{list}");
    }
}
