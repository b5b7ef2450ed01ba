//! `licence`: raw licences, rules files and terms files. A canonical expression is its own; a rules file decides as the
//! judge does over the terms that it makes; terms that are read keep a statement's rules.

use crate::corpus::selected;
use crate::lab::time;
use crate::repository;
use deedbook::licence::{
    CreativeCommons, FileError, FileSubject, Flag, Format, RuleDecision, Rules, Understood, read_terms, territory,
    understand,
};
use deedbook::rows::Root;
use deedbook::statement::limit::MAX_TEXT_LEN;
use deedbook::statement::terms::{Facts, Need, cover};
use deedbook::statement::{Grant, Is, Layer, Purpose, RowsRef, Statement, Terms, Use, kind};

/// Where a rules file is judged: licences beyond these are skipped, each costs a table of cells.
const MAX_JUDGED: usize = 20;

/// The first byte chooses the reader.
pub fn check(data: &[u8]) {
    let Some((selector, bytes)) = data.split_first() else { return };
    match selector % 4 {
        0 => check_raw(bytes),
        1 => check_rules(bytes),
        2 => check_terms(bytes, Format::Toml),
        _ => check_terms(bytes, Format::Json),
    }
}

fn check_raw(bytes: &[u8]) {
    let Ok(raw) = std::str::from_utf8(bytes) else { return };
    let understood = understand(raw);
    if let Some(expression) = understood.expression() {
        assert_eq!(understand(expression), understood, "{expression:?} from {raw:?}");
    }
    if raw.len() > MAX_TEXT_LEN {
        return assert_eq!(understood, Understood::Unknown, "too long for any entry");
    }
    for licence in CreativeCommons::parse(raw).into_iter().chain(CreativeCommons::of_notice(raw)) {
        assert_eq!(understand(licence.spdx), Understood::Licence(licence.spdx.into()), "{raw:?}");
        assert!(matches!(understood, Understood::Licence(_)), "{raw:?}");
    }
    if let Ok(known) = territory(raw) {
        assert_eq!(known.to_string(), raw);
    }
}

fn check_rules(bytes: &[u8]) {
    let rules = match Rules::parse(bytes) {
        Ok(rules) => rules,
        Err(error) => return check_error(bytes, &error),
    };
    assert_eq!(rules.bytes(), bytes);
    let listed: Vec<String> = rules.licences().take(MAX_JUDGED).map(|(licence, _)| licence.to_owned()).collect();
    for licence in &listed {
        assert_eq!(understand(licence).expression(), Some(licence.as_str()));
        let terms = rules.open_grants(licence);
        assert!(terms.len() <= 1, "{licence} alone leaves no choice");
        terms.iter().for_each(check_statement);
        for purpose in Purpose::ALL {
            Use::ALL.iter().for_each(|use_| check_cell(&rules, licence, terms.first(), *purpose, *use_));
        }
    }
}

/// `decide` admits exactly where the judge finds nothing against the terms; it refuses with the judge's codes.
fn check_cell(rules: &Rules, licence: &str, terms: Option<&Terms>, purpose: Purpose, use_: Use) {
    let need = Need { uses: &[use_], purpose, territories: &[], models: &[] };
    let decision = rules.decide(Some(licence), &need);
    let facts = Facts { in_subject: true, ..Facts::default() };
    let codes = terms.map(|terms| cover(&need, Layer::Text, terms, facts, terms.valid_from));
    let is_covered = codes.is_some_and(|codes| codes.is_empty());
    assert_eq!(
        matches!(decision, RuleDecision::Admit(_)),
        is_covered,
        "{licence} {purpose:?} {use_:?}: {decision:?}, {codes:?}"
    );
    if let RuleDecision::Hold(codes) | RuleDecision::Refuse(codes) = &decision {
        assert!(!codes.is_empty(), "{licence} {purpose:?} {use_:?}: no without a code");
    }
    let cells = Flag::ALL.map(|flag| rules.cell(flag, purpose, use_));
    assert!(cells.len() == Flag::ALL.len());
}

fn check_terms(bytes: &[u8], format: Format) {
    let file = match read_terms(bytes, format) {
        Ok(file) => file,
        Err(error) => return check_error(bytes, &error),
    };
    let rows = RowsRef { count: 1, root: Root([0; 32]) };
    let needs_rows = matches!(file.subject, FileSubject::Works(_) | FileSubject::Catalogue(_));
    assert!(file.clone().into_terms((!needs_rows).then_some(rows)).is_err());
    let id = file.id().clone();
    let terms = file.into_terms(needs_rows.then_some(rows)).expect("rows exactly where the subject has rows");
    assert_eq!(terms.id, id);
    check_statement(&terms);
}

/// What is read passes a statement's own check, and stands in an entry.
fn check_statement(terms: &Terms) {
    let grant = Grant {
        at: time("2026-01-01T00:00:00Z"),
        envelope: None,
        kind: Is,
        salt: kind::Salt([0; 16]),
        terms: Some(terms.clone()),
        v: Default::default(),
    };
    let statement = Statement::Grant(Box::new(grant));
    assert_eq!(statement.check(), Ok(()));
    assert_eq!(Statement::parse(statement.print().as_bytes()).as_ref(), Ok(&statement));
}

/// An error has words, and a place that the file has.
fn check_error(bytes: &[u8], error: &FileError) {
    assert!(!error.to_string().is_empty());
    if let Some(at) = error.at {
        let lines = bytes.iter().filter(|b| **b == b'\n').count() + 1;
        assert!((1..=lines).contains(&at.line) && at.column <= bytes.len() + 1, "{error}");
    }
}

/// Licences as people write them, the rules that ship with the program, and terms in both formats.
pub fn seeds() -> Vec<Vec<u8>> {
    let raw: [&[u8]; 9] = [
        b"CC-BY-4.0",
        b"(mit OR Apache-2.0) and BSD-3-Clause",
        b"GPL-2.0+ WITH Classpath-exception-2.0",
        b"LicenseRef-north",
        b"DocumentRef-a:LicenseRef-b",
        b"https://creativecommons.org/licenses/by-nc/3.0/fr/deed.en",
        b"publicdomain/zero/1.0",
        b"2011 A. Author. Licensed to the public under http://creativecommons.org/licenses/by/4.0/ verify at http://a",
        b"worldwide",
    ];
    let rules = repository!("src/licence/rules.toml");
    let terms: [&[u8]; 4] = [
        &repository!("examples/demo/choir-society.toml"),
        &repository!("examples/demo/harbour.toml"),
        &repository!("examples/demo/low-tide-2025.toml"),
        &repository!("examples/demo/meridian-2026.toml"),
    ];
    let json = br#"{"basis":"contract","evidence":[{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}],"id":"a","layers":["text"],"licence":"LicenseRef-a","licensee":{"name":"Lab"},"licensor":{"name":"Press"},"models":{"names":["m"],"versions":2},"purposes":["commercial"],"subject":{"works":["id:a/1"]},"territories":["worldwide"],"uses":["generative-training"],"valid_from":"2026-01-01","valid_to":"2027-01-01"}"#;
    let mut seeds: Vec<Vec<u8>> = raw.iter().flat_map(|raw| selected([0], raw)).collect();
    seeds.extend(selected([1], &rules));
    seeds.extend(terms.iter().flat_map(|terms| selected([2], terms)));
    seeds.extend(selected([3], json));
    seeds
}
