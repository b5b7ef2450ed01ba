//! Terms: laws of the judge `cover`, each of its codes alone, and what no terms may be.

use std::collections::BTreeSet;

use deedbook::rows::Root;
use deedbook::statement::limit::{MAX_EVIDENCE, MAX_IDENTIFIERS, MAX_MODELS, MAX_TEXT_LEN};
use deedbook::statement::terms::{Evidence, Facts, Licensee, Licensor, Models, Need, Standing, Subject, cover};
use deedbook::statement::vocabulary::{Basis, Territory};
use deedbook::statement::{
    Code, Codes, Date, Grant, Identifier, Is, Layer, Model, Name, Purpose, RowsRef, Salt, Set, Statement,
    StatementError, Terms, Time, Use, V1,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::RngSeed;

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn country(text: &str) -> Territory {
    Territory::parse(text).unwrap()
}

/// A grant that covers [`question`] and nothing to spare.
fn covering() -> Terms {
    Terms {
        basis: Basis::Contract,
        evidence: Vec::new(),
        id: Name::parse("north-press-2026").unwrap(),
        layers: Set::from(vec![Layer::Text]),
        licence: "LicenseRef-north-press-2026".to_owned(),
        licensee: Licensee { ids: Set::new(), log: None, name: "Example Lab".to_owned() },
        licensor: Licensor { ids: Set::new(), key: None, name: "North Press".to_owned(), role: None },
        models: Some(Models { names: Set::from(vec!["scribe".to_owned()]), versions: Some(1) }),
        not_territories: Set::new(),
        not_uses: Set::from(vec![Use::Redistribution]),
        obligations: Set::new(),
        on_end: None,
        purposes: Set::from(vec![Purpose::Commercial]),
        rules: None,
        subject: Subject::Catalogue(RowsRef { count: 1, root: Root([0; 32]) }),
        territories: Set::from(vec![country("DE")]),
        uses: Set::from(vec![Use::GenerativeTraining]),
        valid_from: day("2026-01-01"),
        valid_to: Some(day("2028-01-01")),
    }
}

/// Everything else that the judge is asked with.
#[derive(Debug, Clone)]
struct Question {
    uses: Vec<Use>,
    purpose: Purpose,
    territories: Vec<Territory>,
    models: Vec<Model>,
    layer: Layer,
    facts: Facts,
    day: Date,
}

fn question() -> Question {
    Question {
        uses: vec![Use::GenerativeTraining],
        purpose: Purpose::Commercial,
        territories: vec![country("DE")],
        models: vec![Model::parse("scribe@1").unwrap()],
        layer: Layer::Text,
        facts: Facts { in_subject: true, ended: None, versions: 1 },
        day: day("2027-01-01"),
    }
}

fn ask(q: &Question, terms: &Terms) -> Codes {
    let need = Need { uses: &q.uses, purpose: q.purpose, territories: &q.territories, models: &q.models };
    cover(&need, q.layer, terms, q.facts, q.day)
}

// --- each code alone ---

/// One minimal change to a covering grant, or to what is asked of it, and the one code that it gives.
#[test]
fn each_code_of_the_judge_is_produced_alone_by_one_change() {
    assert_eq!(ask(&question(), &covering()), Codes::NONE);
    type Change = fn(&mut Terms, &mut Question);
    #[rustfmt::skip]
    let changes: &[(&str, Code, Change)] = &[
        ("outside the subject", Code::NotInSubject, |_, q| q.facts.in_subject = false),
        ("no layers", Code::LayerNotCovered, |t, _| t.layers = Set::new()),
        ("another layer granted", Code::LayerNotCovered, |t, _| t.layers = Set::from(vec![Layer::Translation])),
        ("another layer asked", Code::LayerNotCovered, |_, q| q.layer = Layer::Translation),
        ("no uses", Code::UseNotGranted, |t, _| t.uses = Set::new()),
        ("another use granted", Code::UseNotGranted, |t, _| t.uses = Set::from(vec![Use::Evaluation])),
        ("a wider use asked", Code::UseNotGranted, |_, q| q.uses = vec![Use::AiTraining]),
        ("one use of two not granted", Code::UseNotGranted, |_, q| q.uses.push(Use::Retrieval)),
        ("no use declared", Code::UseNotGranted, |_, q| q.uses.clear()),
        ("the use prohibited", Code::UseProhibited, |t, _| t.not_uses = Set::from(vec![Use::GenerativeTraining])),
        ("a wider use prohibited", Code::UseProhibited, |t, _| t.not_uses = Set::from(vec![Use::Tdm])),
        ("no purposes", Code::PurposeNotCovered, |t, _| t.purposes = Set::new()),
        ("another purpose granted", Code::PurposeNotCovered, |t, _| t.purposes = Set::from(vec![Purpose::NonCommercial])),
        ("another purpose asked", Code::PurposeNotCovered, |_, q| q.purpose = Purpose::Research),
        ("no territories", Code::TerritoryNotCovered, |t, _| t.territories = Set::new()),
        ("another territory granted", Code::TerritoryNotCovered, |t, _| t.territories = Set::from(vec![country("FR")])),
        ("the territory excepted", Code::TerritoryNotCovered, |t, _| t.not_territories = Set::from(vec![country("DE")])),
        ("one territory of two not granted", Code::TerritoryNotCovered, |_, q| q.territories.push(country("FR"))),
        ("worldwide asked by saying nothing", Code::TerritoryNotCovered, |_, q| q.territories.clear()),
        ("worldwide asked", Code::TerritoryNotCovered, |_, q| q.territories = vec![Territory::Worldwide]),
        ("the day before", Code::NotYetValid, |_, q| q.day = day("2025-12-31")),
        ("the day of the end", Code::Expired, |_, q| q.day = day("2028-01-01")),
        ("ended that day", Code::Ended, |_, q| q.facts.ended = Some(day("2027-01-01"))),
        ("ended before, even before it began", Code::Ended, |_, q| q.facts.ended = Some(day("2020-01-01"))),
        ("another model", Code::ModelsExhausted, |_, q| q.models = vec![Model::parse("painter@1").unwrap()]),
        ("one model of two not named", Code::ModelsExhausted, |_, q| q.models.push(Model::parse("painter@1").unwrap())),
        ("one version too many", Code::ModelsExhausted, |_, q| q.facts.versions = 2),
    ];
    let mut produced = BTreeSet::new();
    for (what, code, change) in changes {
        let (mut terms, mut q) = (covering(), question());
        change(&mut terms, &mut q);
        assert_eq!(ask(&q, &terms), Codes::from(*code), "{what}");
        produced.insert(*code);
    }
    // From `not-in-subject` to `models-exhausted`: all that the judge can say.
    let all = Code::ALL.iter().copied().filter(|c| (Code::NotInSubject..=Code::ModelsExhausted).contains(c));
    assert_eq!(produced, all.collect());
}

#[test]
fn the_codes_of_several_reasons_are_all_given() {
    let (mut terms, mut q) = (covering(), question());
    (terms.layers, terms.not_uses) = (Set::new(), Set::from(vec![Use::Tdm]));
    (q.purpose, q.facts.in_subject) = (Purpose::Education, false);
    let all = [Code::NotInSubject, Code::LayerNotCovered, Code::UseProhibited, Code::PurposeNotCovered];
    assert_eq!(ask(&q, &terms).iter().collect::<Vec<_>>(), all);
}

#[test]
fn codes_are_a_set_in_the_order_of_the_rules() {
    let mut all = Codes::NONE;
    for (count, code) in (1..).zip(Code::ALL.iter().rev().copied()) {
        assert!(!all.has(code));
        all = all.with(code);
        assert!(all.has(code) && !all.is_empty());
        assert_eq!((all.with(code), all.union(code.into()), all.with_if(false, code)), (all, all, all));
        assert_eq!(all.iter().collect::<Vec<_>>(), Code::ALL[Code::ALL.len() - count..]);
        assert_eq!(all.count() as usize, count);
    }
    assert!(Codes::NONE.is_empty() && Codes::NONE.count() == 0 && !Codes::NONE.is_held());
    let two = Codes::from(Code::Ended).with(Code::NotInSubject);
    assert_eq!((two.to_string().as_str(), Codes::NONE.to_string().as_str()), ("not-in-subject, ended", ""));
    assert_eq!(format!("{two:?}"), "{\"not-in-subject\", \"ended\"}");
    // A person must look only where every code leaves the answer open.
    let open = [Code::NoIdentifier, Code::ConflictingEvidence, Code::LicenceUnknown, Code::NeedsReview];
    for &code in Code::ALL {
        assert_eq!(Codes::from(code).is_held(), open.contains(&code), "{code}");
        assert_eq!(Codes::from(Code::NeedsReview).with(code).is_held(), open.contains(&code), "{code}");
    }
}

#[test]
fn absent_fields_grant_nothing() {
    let mut terms = covering();
    (terms.layers, terms.uses, terms.purposes, terms.territories) = (Set::new(), Set::new(), Set::new(), Set::new());
    let nothing = [Code::LayerNotCovered, Code::UseNotGranted, Code::PurposeNotCovered, Code::TerritoryNotCovered];
    assert_eq!(ask(&question(), &terms).iter().collect::<Vec<_>>(), nothing);
}

// --- the lattice of uses ---

/// The three that contain one another, the widest first; every other use stands alone.
const CHAIN: [Use; 3] = [Use::Tdm, Use::AiTraining, Use::GenerativeTraining];

/// The lattice written out again, from places in the chain.
fn is_wider_or_equal(a: Use, b: Use) -> bool {
    let place = |u: Use| CHAIN.iter().position(|c| *c == u);
    a == b || matches!((place(a), place(b)), (Some(a), Some(b)) if a <= b)
}

#[test]
fn a_grant_of_the_wider_use_covers_the_narrower_and_no_other() {
    for &granted in Use::ALL {
        for &asked in Use::ALL {
            let (mut terms, mut q) = (covering(), question());
            (terms.uses, terms.not_uses, q.uses) = (Set::from(vec![granted]), Set::new(), vec![asked]);
            let expected = Codes::NONE.with_if(!is_wider_or_equal(granted, asked), Code::UseNotGranted);
            assert_eq!(ask(&q, &terms), expected, "{granted} granted, {asked} asked");
        }
    }
}

#[test]
fn a_prohibition_binds_what_is_wider_equal_or_narrower() {
    for &prohibited in Use::ALL {
        for &asked in Use::ALL {
            let (mut terms, mut q) = (covering(), question());
            terms.uses = Use::ALL.iter().copied().collect();
            (terms.not_uses, q.uses) = (Set::from(vec![prohibited]), vec![asked]);
            let touches = is_wider_or_equal(prohibited, asked) || is_wider_or_equal(asked, prohibited);
            let expected = Codes::NONE.with_if(touches, Code::UseProhibited);
            assert_eq!(ask(&q, &terms), expected, "{prohibited} prohibited, {asked} asked");
        }
    }
}

#[test]
fn purposes_are_disjoint() {
    for &granted in Purpose::ALL {
        for &asked in Purpose::ALL {
            let (mut terms, mut q) = (covering(), question());
            (terms.purposes, q.purpose) = (Set::from(vec![granted]), asked);
            assert_eq!(ask(&q, &terms).has(Code::PurposeNotCovered), granted != asked, "{granted}, {asked}");
        }
    }
}

// --- days ---

#[test]
fn days_are_half_open_at_both_edges() {
    #[rustfmt::skip]
    let days = [
        ("2025-12-31", Some(Code::NotYetValid)), ("2026-01-01", None),
        ("2027-12-31", None), ("2028-01-01", Some(Code::Expired)), ("9999-12-31", Some(Code::Expired)),
    ];
    for (text, code) in days {
        let q = Question { day: day(text), ..question() };
        assert_eq!(ask(&q, &covering()), code.map_or(Codes::NONE, Codes::from), "{text}");
    }
    let perpetual = Terms { valid_to: None, ..covering() };
    assert_eq!(ask(&Question { day: Date::MAX, ..question() }, &perpetual), Codes::NONE);
}

#[test]
fn an_end_takes_effect_on_its_day_and_stays() {
    for (end, is_ended) in [("2026-12-31", true), ("2027-01-01", true), ("2027-01-02", false), ("2029-01-01", false)] {
        let mut q = question();
        q.facts.ended = Some(day(end));
        assert_eq!(ask(&q, &covering()), Codes::NONE.with_if(is_ended, Code::Ended), "{end}");
    }
}

// --- territories ---

#[test]
fn territories_and_their_exceptions() {
    type Texts = &'static [&'static str];
    #[rustfmt::skip]
    let cases: &[(Texts, Texts, Texts, bool)] = &[
        // granted, excepted, needed, covered
        (&["worldwide"], &[], &[], true),
        (&["worldwide"], &[], &["worldwide"], true),
        (&["worldwide"], &[], &["DE", "US"], true),
        (&["worldwide"], &["US"], &[], false),
        (&["worldwide"], &["US"], &["worldwide"], false),
        (&["worldwide"], &["US"], &["DE"], true),
        (&["worldwide"], &["US"], &["DE", "US"], false),
        (&["worldwide"], &["worldwide"], &["DE"], false),
        (&["DE", "FR"], &[], &["DE"], true),
        (&["DE", "FR"], &[], &["FR", "DE"], true),
        (&["DE", "FR"], &[], &["DE", "US"], false),
        (&["DE", "FR"], &["FR"], &["DE"], true),
        (&["DE", "FR"], &["FR"], &["FR"], false),
        (&["DE", "FR"], &[], &["worldwide"], false),
        (&["DE", "FR"], &[], &[], false),
        (&["DE", "worldwide"], &["DE"], &["DE"], false),
        (&[], &[], &["DE"], false),
        (&[], &[], &[], false),
    ];
    for (granted, excepted, needed, covered) in cases {
        let list = |texts: &[&str]| texts.iter().map(|t| country(t)).collect::<Vec<_>>();
        let terms = Terms { territories: list(granted).into(), not_territories: list(excepted).into(), ..covering() };
        let q = Question { territories: list(needed), ..question() };
        let expected = Codes::NONE.with_if(!covered, Code::TerritoryNotCovered);
        assert_eq!(ask(&q, &terms), expected, "{granted:?} without {excepted:?} for {needed:?}");
    }
}

// --- models ---

#[test]
fn models_are_counted_and_named_by_name_without_version() {
    let models = |names: &[&str], versions| Models { names: names.iter().map(|n| (*n).to_owned()).collect(), versions };
    let cases = [
        (None, "painter@7", 99, true),
        (Some(models(&[], None)), "painter@7", 99, true),
        (Some(models(&[], Some(2))), "painter@7", 2, true),
        (Some(models(&[], Some(2))), "painter@7", 3, false),
        (Some(models(&["scribe"], None)), "scribe@7", 99, true),
        (Some(models(&["scribe"], None)), "scribe-xl@7", 1, false),
        (Some(models(&["scribe@7"], None)), "scribe@7", 1, false),
        (Some(models(&["painter", "scribe"], Some(1))), "painter@7", 1, true),
    ];
    for (models, asked, versions, covered) in cases {
        let terms = Terms { models: models.clone(), ..covering() };
        let mut q = question();
        q.models = vec![Model::parse(asked).unwrap()];
        q.facts.versions = versions;
        assert_eq!(ask(&q, &terms).is_empty(), covered, "{models:?} for {asked}, {versions} versions");
    }
    // With no model known yet, only the count can speak; the run asks again.
    let q = Question { models: Vec::new(), ..question() };
    assert_eq!(ask(&q, &covering()), Codes::NONE);
}

// --- what no terms may be ---

/// A grant of these terms, read back from its own text; else the member that is wrong.
fn read_back(terms: Terms) -> Result<Terms, &'static str> {
    let at = Time::parse("2026-01-05T10:00:00Z").unwrap();
    let grant = Grant { at, envelope: None, kind: Is, salt: Salt([0; 16]), terms: Some(terms), v: V1 };
    match Statement::parse(Statement::Grant(Box::new(grant)).print().as_bytes()) {
        Ok(Statement::Grant(grant)) => Ok(grant.terms.unwrap()),
        Err(StatementError::Invalid { error, .. }) => Err(error.field),
        other => panic!("{other:?}"),
    }
}

#[test]
fn terms_have_limits_and_an_end_after_their_beginning() {
    type Change = fn(&mut Terms, usize);
    type Edit = fn(&mut Terms);
    // A member, the most that it may have, and how to give it so many bytes or items.
    #[rustfmt::skip]
    let limited: &[(&str, usize, Change)] = &[
        ("licence", MAX_TEXT_LEN, |t, n| t.licence = text(n)),
        ("licensor.name", MAX_TEXT_LEN, |t, n| t.licensor.name = text(n)),
        ("licensee.name", MAX_TEXT_LEN, |t, n| t.licensee.name = text(n)),
        ("licensor.key", MAX_TEXT_LEN, |t, n| t.licensor.key = Some(text(n))),
        ("licensee.log", MAX_TEXT_LEN, |t, n| t.licensee.log = Some(text(n))),
        ("evidence.by", MAX_TEXT_LEN, |t, n| t.evidence = vec![Evidence { by: Some(text(n)), ..document() }]),
        ("evidence.what", MAX_TEXT_LEN, |t, n| t.evidence = vec![document(), Evidence { what: Some(text(n)), ..document() }]),
        ("subject.licence", MAX_TEXT_LEN, |t, n| t.subject = Subject::Licence(text(n))),
        ("subject.party", MAX_TEXT_LEN, |t, n| t.subject = Subject::Party(text(n))),
        ("models.names", MAX_TEXT_LEN, |t, n| t.models = Some(Models { names: Set::from(vec!["scribe".to_owned(), text(n)]), versions: None })),
        ("models.names", MAX_MODELS, |t, n| t.models = Some(Models { names: (0..n).map(|i| i.to_string()).collect(), versions: None })),
        ("licensor.ids", MAX_IDENTIFIERS, |t, n| t.licensor.ids = ids(n)),
        ("licensee.ids", MAX_IDENTIFIERS, |t, n| t.licensee.ids = ids(n)),
        ("evidence", MAX_EVIDENCE, |t, n| t.evidence = vec![document(); n]),
    ];
    for (member, most, change) in limited {
        let with = |count| {
            let mut terms = covering();
            change(&mut terms, count);
            (read_back(terms.clone()), terms)
        };
        let (read, terms) = with(*most);
        assert_eq!(read, Ok(terms), "{member} of {most}");
        assert_eq!(with(most + 1).0, Err(*member), "{member} of {}", most + 1);
        if *most == MAX_TEXT_LEN {
            assert_eq!(with(0).0, Err(*member), "an empty {member}");
        }
    }
    #[rustfmt::skip]
    let refused: &[(&str, Edit)] = &[
        ("evidence.digest", |t| t.evidence = vec![Evidence { digest: ids(1)[0].clone(), ..document() }]),
        ("rules", |t| t.rules = Some(ids(1)[0].clone())),
        ("subject.catalogue", |t| t.subject = catalogue(1 << 31)),
        ("valid_to", |t| t.valid_to = Some(t.valid_from)),
        ("valid_to", |t| (t.valid_from, t.valid_to) = (day("2028-01-01"), Some(day("2027-12-31")))),
    ];
    for (member, change) in refused {
        let mut terms = covering();
        change(&mut terms);
        assert_eq!(read_back(terms), Err(*member));
    }
    // A grant of one day, of the largest catalogue, by a rules file.
    let (valid_to, rules, subject) = (Some(day("2026-01-02")), Some(document().digest), catalogue((1 << 31) - 1));
    let edge = Terms { valid_to, rules, subject, ..covering() };
    assert_eq!(read_back(edge.clone()), Ok(edge));
}

fn text(len: usize) -> String {
    "x".repeat(len)
}

fn ids(count: usize) -> Set<Identifier> {
    (0..count).map(|i| Identifier::parse(&format!("id:example/{i}")).unwrap()).collect()
}

fn catalogue(count: u64) -> Subject {
    Subject::Catalogue(RowsRef { count, root: Root([0; 32]) })
}

fn document() -> Evidence {
    Evidence { by: None, captured_at: None, digest: Identifier::sha256(&[1; 32]), what: None }
}

#[test]
fn a_standing_has_one_spelling() {
    for (standing, word) in
        [(Standing::Asserted, "asserted"), (Standing::Evidenced, "evidenced"), (Standing::Signed, "signed")]
    {
        assert_eq!(standing.word(), word);
        assert_eq!(serde_json::to_value(standing).unwrap(), word);
    }
}

// --- which of several grants is named ---

#[test]
fn the_grant_to_name_has_the_highest_standing_then_the_latest_end_then_the_lowest_index() {
    let until = |end: Option<&str>| Terms { valid_to: end.map(day), ..covering() };
    let (short, long, perpetual) = (until(Some("2027-06-01")), until(Some("2028-01-01")), until(None));
    // From the one to name to the last.
    let order = [
        (&short, Standing::Signed, 9),
        (&perpetual, Standing::Evidenced, 9),
        (&long, Standing::Evidenced, 3),
        (&long, Standing::Evidenced, 4),
        (&short, Standing::Evidenced, 1),
        (&perpetual, Standing::Asserted, 0),
    ];
    let ranks: Vec<_> = order.iter().map(|(terms, standing, index)| terms.rank(*standing, *index)).collect();
    assert!(ranks.windows(2).all(|pair| pair[0] > pair[1]), "{ranks:?}");
}

// --- laws ---

fn some<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = Vec<T>> {
    subsequence(all.to_vec(), 0..=all.len())
}

fn territories() -> impl Strategy<Value = Vec<Territory>> {
    subsequence(["worldwide", "DE", "FR", "US"].map(country).to_vec(), 0..=4)
}

/// Few days, so that edges meet.
fn days() -> impl Strategy<Value = Date> {
    select(["0001-01-01", "2026-01-01", "2026-01-02", "2026-01-03", "9999-12-31"].map(day).to_vec())
}

fn models() -> impl Strategy<Value = Option<Models>> {
    let names = subsequence(vec!["scribe".to_owned(), "painter".to_owned()], 0..=2).prop_map(Set::from);
    let some = (names, prop::option::of(1..4_u64)).prop_map(|(names, versions)| Models { names, versions });
    prop::option::of(some)
}

fn any_terms() -> impl Strategy<Value = Terms> {
    let sets = (some(Layer::ALL), some(Use::ALL), subsequence(Use::ALL.to_vec(), 0..=1), some(Purpose::ALL));
    (
        sets,
        territories(),
        subsequence(vec![country("DE"), country("US")], 0..=2),
        days(),
        prop::option::of(days()),
        models(),
    )
        .prop_map(
            |((layers, uses, not_uses, purposes), territories, not_territories, valid_from, valid_to, models)| Terms {
                layers: layers.into(),
                uses: uses.into(),
                not_uses: not_uses.into(),
                purposes: purposes.into(),
                territories: territories.into(),
                not_territories: not_territories.into(),
                valid_from,
                valid_to,
                models,
                ..covering()
            },
        )
}

fn any_question() -> impl Strategy<Value = Question> {
    let asked = ["scribe@1", "scribe@2", "painter@1"].map(|m| Model::parse(m).unwrap()).to_vec();
    let uses = subsequence(Use::ALL.to_vec(), 0..=2);
    let need = (uses, select(Purpose::ALL), territories(), subsequence(asked, 0..=2));
    let facts = (prop::bool::weighted(0.8), prop::option::of(days()), 0..4_u64)
        .prop_map(|(in_subject, ended, versions)| Facts { in_subject, ended, versions });
    (need, select(Layer::ALL), facts, days()).prop_map(|((uses, purpose, territories, models), layer, facts, day)| {
        Question { uses, purpose, territories, models, layer, facts, day }
    })
}

fn with<T: Ord + Copy>(set: &Set<T>, more: T) -> Set<T> {
    set.iter().copied().chain([more]).collect()
}

fn without<T: Ord + Copy>(set: &Set<T>, less: T) -> Set<T> {
    set.iter().copied().filter(|item| *item != less).collect()
}

/// The grant widened in one field, for each field; prohibitions and exceptions are widened by taking one away.
fn widened(t: &Terms, layer: Layer, use_: Use, purpose: Purpose, place: Territory, date: Date) -> Vec<Terms> {
    let more_models = t.models.as_ref().map(|m| Models { names: Set::new(), versions: m.versions.map(|n| n + 1) });
    let end = |to: Date| if date > to { None } else { Some(to) };
    vec![
        Terms { layers: with(&t.layers, layer), ..t.clone() },
        Terms { uses: with(&t.uses, use_), ..t.clone() },
        Terms { not_uses: without(&t.not_uses, use_), ..t.clone() },
        Terms { purposes: with(&t.purposes, purpose), ..t.clone() },
        Terms { territories: with(&t.territories, place), ..t.clone() },
        Terms { not_territories: without(&t.not_territories, place), ..t.clone() },
        Terms { valid_from: t.valid_from.min(date), ..t.clone() },
        Terms { valid_to: t.valid_to.map(|to| to.max(date)), ..t.clone() },
        Terms { valid_to: t.valid_to.and_then(end), ..t.clone() },
        Terms { models: more_models, ..t.clone() },
        Terms { models: None, ..t.clone() },
    ]
}

fn is_subset(less: Codes, more: Codes) -> bool {
    less.union(more) == more
}

/// The same questions on every run.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 1024, rng_seed: RngSeed::Fixed(17), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// Total: it answers, and only with codes that are its own; the same question has the same answer.
    #[test]
    fn the_judge_answers_every_question_with_its_own_codes(terms in any_terms(), q in any_question()) {
        let codes = ask(&q, &terms);
        prop_assert!(codes.iter().all(|c| (Code::NotInSubject..=Code::ModelsExhausted).contains(&c)), "{codes:?}");
        prop_assert_eq!(ask(&q, &terms), codes);
        prop_assert!(!codes.is_held(), "the judge never leaves an answer open");
    }

    /// Widening a grant in any one field never makes it say no where it did not.
    #[test]
    fn a_wider_grant_never_covers_less(
        terms in any_terms(),
        q in any_question(),
        layer in select(Layer::ALL),
        use_ in select(Use::ALL),
        purpose in select(Purpose::ALL),
        place in select(["worldwide", "DE", "FR", "US"].map(country).to_vec()),
        date in days(),
    ) {
        let before = ask(&q, &terms);
        for wider in widened(&terms, layer, use_, purpose, place, date) {
            let after = ask(&q, &wider);
            prop_assert!(is_subset(after, before), "{before:?} became {after:?} with {wider:?}");
        }
    }

    /// A prohibition or an exception never makes it say yes where it did not.
    #[test]
    fn a_prohibition_never_covers_more(
        terms in any_terms(),
        q in any_question(),
        use_ in select(Use::ALL),
        place in select(["worldwide", "DE", "FR", "US"].map(country).to_vec()),
    ) {
        let before = ask(&q, &terms);
        let stricter = [
            Terms { not_uses: with(&terms.not_uses, use_), ..terms.clone() },
            Terms { not_territories: with(&terms.not_territories, place), ..terms.clone() },
        ];
        for stricter in stricter {
            let after = ask(&q, &stricter);
            prop_assert!(is_subset(before, after), "{before:?} became {after:?} with {stricter:?}");
        }
    }

    /// A need is covered exactly where each use and each territory of it is, asked alone.
    #[test]
    fn a_need_is_covered_where_all_its_parts_are(
        terms in any_terms(),
        q in any_question(),
        uses in subsequence(Use::ALL.to_vec(), 1..=3),
        territories in subsequence(["worldwide", "DE", "FR", "US"].map(country).to_vec(), 1..=4),
    ) {
        let q = Question { uses, territories, ..q };
        let mut parts = Codes::NONE;
        for use_ in &q.uses {
            for place in &q.territories {
                let part = Question { uses: vec![*use_], territories: vec![*place], ..q.clone() };
                parts = parts.union(ask(&part, &terms));
            }
        }
        prop_assert_eq!(ask(&q, &terms), parts);
    }

    /// What is granted for a wider use stays granted when a narrower one is asked instead.
    #[test]
    fn asking_a_narrower_use_is_never_less_granted(terms in any_terms(), q in any_question(), i in 0..3_usize, j in 0..3_usize) {
        let (wide, narrow) = (CHAIN[i.min(j)], CHAIN[i.max(j)]);
        let asked = |use_| ask(&Question { uses: vec![use_], ..q.clone() }, &terms);
        prop_assert!(!asked(narrow).has(Code::UseNotGranted) || asked(wide).has(Code::UseNotGranted));
    }
}
