//! Random labs that cheat in one place, and random provers who disclose what they like: zero false yes.
//!
//! A yes is **false** if a file is accepted and says of a work anything that [`super::truth`] does not say, which reads
//! what was logged, without rows, registers or proofs; a lower standing is no lie. One kind of lie no verifier can see,
//! and only it bends the truth here: what the lab leaves out of what it commits to. An identifier left out of a
//! release's rows, and an end or dispute left out of a register, count as never said; the entry itself is then the
//! evidence. And nobody can read an erased entry: a row may lead to it that it never gave, and the work is then `erased`,
//! never covered. Where a cheat meets the question, an accepted file is a failure whatever it says.

use super::property::act;
use super::truth::{Answer, Case};
use super::world::{Act, World, chosen, day, licensor};
use super::*;
use deedbook::rows::{Key, Kind, Row, register_key, work_key};
use deedbook::statement::dsse::DisputeClaim;
use deedbook::statement::{Identifier, Set, Statement, Terms, Time};
use deedbook::tlog::Hash;
use deedbook::verify::{ProofFile, Verdict};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use std::collections::{BTreeMap, BTreeSet};

// ---------------------------------------------------------------------------------------------------------------------
// What labs and provers do

/// What a lab does that an honest one would not; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Cheat {
    /// A row too many in the release: an identifier leads to some entry.
    ListMore { work: u8, entry: u64 },
    /// A row too few in the release: an admission is hidden from one of its identifiers.
    ListLess { row: usize },
    /// What was withdrawn or erased stays in the release.
    KeepTakenOut,
    /// The same, and no register says that it was withdrawn.
    KeepAndHush,
    /// A row too many in the register: some entry is said to be about some entry, or to declare a name.
    SayMore { name: u8, about: u64, entry: u64 },
    /// A row too few in the register.
    SayLess { row: usize },
    /// A second dataset, release or grant of one name.
    NameTwice { what: u8 },
    /// A release or state that gives another size of the log.
    WrongSize { is_state: bool, size: u64 },
    /// A count of rows that is off by one.
    WrongCount { is_state: bool, is_more: bool },
    /// Rows committed under the root of another kind of table.
    WrongKind { is_state: bool },
    /// An entry dated before those that precede it.
    Backdate { days: u8 },
    /// An admission under a grant that is logged after it.
    NameLater { work: u8 },
    /// A licensor's signed grant, proven with rows that are not its catalogue's.
    ForeignCatalogue { catalogue: u8 },
    /// A grant that the licensor signed for another log.
    OtherLicensee { work: u8 },
    /// A dispute about another leaf or another log.
    ForeignDispute { entry: u64, is_leaf: bool },
}

/// What a prover does to a plan or its file; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Trick {
    /// An entry less.
    Hide { entry: usize },
    /// An entry more.
    Show { entry: u64 },
    /// An entry's leaf hash, as if its text had been erased.
    Erase { entry: usize },
    /// A row less, or more, of a table.
    Toggle { table: usize, row: usize },
    /// A register without a row that is there, under a proof made for the rest.
    Doctor { table: usize, row: usize },
}

const CHEATS: u32 = 15;
const NAMES: [&str; 4] = ["dataset:songs", "release:songs@final", "grant:north", "entry:"];

fn cheat() -> impl Strategy<Value = Cheat> {
    let rows = (1..128u8, 0..40u64, any::<usize>());
    let (small, flags) = ((0..4u8, 0..40u64, 1..30u8), any::<[bool; 2]>());
    (0..CHEATS, rows, small, flags).prop_map(|(n, (work, entry, row), (name, about, days), [is_state, flag])| match n {
        0 => Cheat::ListMore { work, entry },
        1 => Cheat::ListLess { row },
        2 => Cheat::KeepTakenOut,
        3 => Cheat::KeepAndHush,
        4 => Cheat::SayMore { name, about, entry },
        5 => Cheat::SayLess { row },
        6 => Cheat::NameTwice { what: name },
        7 => Cheat::WrongSize { is_state, size: entry },
        8 => Cheat::WrongCount { is_state, is_more: flag },
        9 => Cheat::WrongKind { is_state },
        10 => Cheat::Backdate { days },
        11 => Cheat::NameLater { work },
        12 => Cheat::ForeignCatalogue { catalogue: work },
        13 => Cheat::OtherLicensee { work },
        _ => Cheat::ForeignDispute { entry: about, is_leaf: flag },
    })
}

fn trick() -> impl Strategy<Value = Trick> {
    prop_oneof![
        any::<usize>().prop_map(|entry| Trick::Hide { entry }),
        (0..40u64).prop_map(|entry| Trick::Show { entry }),
        any::<usize>().prop_map(|entry| Trick::Erase { entry }),
        any::<[usize; 2]>().prop_map(|[table, row]| Trick::Toggle { table, row }),
        any::<[usize; 2]>().prop_map(|[table, row]| Trick::Doctor { table, row }),
    ]
}

/// A history, what is wrong with it, what is asked of it and what the prover does.
#[derive(Debug, Clone)]
struct Attempt {
    layers: u8,
    before: Vec<Act>,
    after: Vec<Act>,
    groups: Vec<u8>,
    at: Option<u8>,
    cheat: Option<Cheat>,
    tricks: Vec<Trick>,
}

fn attempt(cheat: impl Strategy<Value = Option<Cheat>>, tricks: usize) -> impl Strategy<Value = Attempt> {
    let acts = |n: std::ops::Range<usize>| proptest::collection::vec(act(), n);
    let question = (proptest::collection::vec(1..128u8, 1..4), proptest::option::weighted(0.3, 0..120u8));
    let wrong = (cheat, proptest::collection::vec(trick(), 0..=tricks));
    (1..4u8, acts(2..14), acts(0..6), question, wrong).prop_map(
        |(layers, before, after, (groups, at), (cheat, tricks))| Attempt {
            layers,
            before,
            after,
            groups,
            at,
            cheat,
            tricks,
        },
    )
}

// ---------------------------------------------------------------------------------------------------------------------
// The cheating lab

/// A log that was kept dishonestly, and what is to be believed of it.
struct Cheated {
    lab: Lab,
    /// The log without what was left out of a release or register: what can be known.
    told: Lab,
    release: u64,
    state: u64,
    /// The works asked.
    works: Vec<Vec<Identifier>>,
    /// Identifiers that the release leads to an erased entry, which may never have had them.
    unread: BTreeSet<Identifier>,
    /// What the honest prover discloses.
    plan: Plan,
    /// Whether that meets the cheat, so that it must be refused.
    meets: bool,
    /// Whether there was anything to cheat with.
    is_applied: bool,
}

/// What the cheat did.
#[derive(Default)]
struct Deed {
    is_applied: bool,
    /// Rows added to or missing from the release.
    more: BTreeSet<Row>,
    less: BTreeSet<Row>,
    /// Register keys that no honest answer has.
    names: BTreeSet<Key>,
    /// Entries that contradict what comes before them, or what they are proven with.
    entries: BTreeSet<u64>,
    /// Entries about others that the register leaves out.
    unsaid: BTreeSet<u64>,
    /// Whether every proof is refused.
    always: bool,
}

impl Attempt {
    fn lab(&self) -> Cheated {
        let mut world = World::new(self.layers);
        let mut deed = Deed::default();
        self.before_history(&mut world, &mut deed);
        self.before.iter().for_each(|a| world.act(a));
        self.before_release(&mut world, &mut deed);
        let release = self.release(&mut world, &mut deed);
        world.releases.push(release);
        world.lab.state();
        self.after.iter().for_each(|a| world.act(a));
        self.before_state(&mut world, &mut deed);
        let state = self.state(&mut world, &mut deed, release);
        let works: Vec<Vec<Identifier>> = self.groups.iter().map(|bits| chosen(*bits)).collect();
        let told = deed.told(&world.lab);
        let mut lab = world.lab;
        self.before_proof(&mut lab, &mut deed);
        let plan = lab.plan_at(release, state, &works);
        let meets = deed.meets(&lab, &plan, &works, release, state);
        let unread = deed.more.iter().filter(|row| is_unread(&lab, row, world.dataset, release));
        let unread: BTreeSet<Key> = unread.map(|row| row.key).collect();
        let unread = chosen(u8::MAX).into_iter().filter(|i| unread.contains(&work_key(i.as_str()))).collect();
        Cheated { told, release, state, works, unread, plan, meets, is_applied: deed.is_applied, lab }
    }

    fn before_history(&self, world: &mut World, deed: &mut Deed) {
        if let Some(Cheat::OtherLicensee { work }) = self.cheat {
            let mut signed = terms("elsewhere");
            signed.licensee.log = Some("other.example/deeds+00000000".into());
            let grant = world.lab.enveloped(&licensor(), signed);
            world.lab.admit(world.dataset, &chosen(work), grant);
            deed.entry(grant);
        }
    }

    fn before_release(&self, world: &mut World, deed: &mut Deed) {
        let lab = &mut world.lab;
        match self.cheat {
            Some(Cheat::Backdate { days }) => {
                lab.now = Time::from_unix(lab.now.unix() - i64::from(days) * 86_400).unwrap();
                lab.admit(world.dataset, &chosen(1), world.grants[0]);
                deed.is_applied = true; // where it is met, is seen from the times themselves
            }
            Some(Cheat::NameLater { work }) => {
                let admission = lab.admit(world.dataset, &chosen(work), lab.size() + 1);
                lab.grant(terms("later"));
                deed.entry(admission);
            }
            Some(Cheat::ForeignDispute { entry, is_leaf }) => {
                let entry = entry % lab.size();
                let leaf = lab.entries[entry as usize].leaf;
                let (leaf, origin) =
                    if is_leaf { (Hash([7; 32]), lab.origin.clone()) } else { (leaf, "other.example".into()) };
                let (claim, name, ids) = ("It is mine.".into(), "South Press".into(), Set::new());
                deed.entry(lab.dispute_of(DisputeClaim { claim, entry, ids, leaf, name, origin }));
            }
            _ => {}
        }
    }

    fn release(&self, world: &mut World, deed: &mut Deed) -> u64 {
        let (lab, dataset) = (&mut world.lab, world.dataset);
        let honest = lab.release_rows(dataset, lab.size());
        let mut rows: BTreeSet<Row> = honest.iter().copied().collect();
        match self.cheat {
            Some(Cheat::ListMore { work, entry }) => {
                let row = Row { key: work_key(chosen(work)[0].as_str()), value: entry % lab.size() };
                if rows.insert(row) {
                    deed.more.insert(row);
                }
            }
            Some(Cheat::ListLess { row }) if !honest.is_empty() => {
                let row = honest[row % honest.len()];
                rows.remove(&row);
                deed.less.insert(row);
            }
            Some(Cheat::KeepTakenOut | Cheat::KeepAndHush) => {
                let all = all_admissions(lab, dataset);
                deed.more = all.difference(&rows).copied().collect();
                rows = all;
            }
            _ => {}
        }
        deed.is_applied |= !deed.more.is_empty() || !deed.less.is_empty();
        let cheat = self.cheat.clone();
        let rows: Vec<Row> = rows.into_iter().collect();
        let own = lab.size();
        let edit = |r: &mut deedbook::statement::Release| match cheat {
            Some(Cheat::WrongSize { is_state: false, size }) if size != own => (r.log_size, deed.always) = (size, true),
            Some(Cheat::WrongCount { is_state: false, is_more }) => {
                deed.always = wrong_count(&mut r.rows.count, is_more);
            }
            Some(Cheat::WrongKind { is_state: false }) => {
                (r.rows, deed.always) = (rows_ref(Kind::Catalogue, &rows), true);
            }
            _ => {}
        };
        let release = lab.release_with(dataset, "final", |all| *all = rows.clone(), edit);
        deed.is_applied |= deed.always;
        release
    }

    fn before_state(&self, world: &mut World, deed: &mut Deed) {
        let lab = &mut world.lab;
        if let Some(Cheat::NameTwice { what }) = self.cheat {
            let name = match what % 3 {
                0 => {
                    lab.dataset("songs");
                    "dataset:songs"
                }
                1 => {
                    lab.release(world.dataset, "final");
                    "release:songs@final"
                }
                _ => {
                    lab.grant(Terms { valid_to: None, ..terms("north") });
                    "grant:north"
                }
            };
            deed.name(name);
        }
    }

    fn state(&self, world: &mut World, deed: &mut Deed, release: u64) -> u64 {
        let lab = &mut world.lab;
        let honest = lab.register_rows(lab.size());
        let mut rows: BTreeSet<Row> = honest.iter().copied().collect();
        match self.cheat {
            Some(Cheat::SayMore { name, about, entry }) => {
                let name = match NAMES[usize::from(name) % NAMES.len()] {
                    "entry:" => format!("entry:{}", about % lab.size()),
                    name => name.to_owned(),
                };
                let row = Row { key: register_key(&name), value: entry % (lab.size() + 2) };
                // An erased entry may be said to be about any other: nobody knows what it said, which helps nobody.
                let is_erased = lab.entries.get(row.value as usize).is_some_and(|e| e.is_erased);
                if !is_erased && rows.insert(row) {
                    deed.name(&name);
                }
            }
            Some(Cheat::SayLess { row }) => {
                let row = honest[row % honest.len()];
                rows.remove(&row);
                deed.is_applied = true;
                match lab.statement(row.value) {
                    // What coverage rests on is then not said; what presence rests on is in the release all the same.
                    Some(Statement::GrantEnd(_) | Statement::Dispute(_)) => drop(deed.unsaid.insert(row.value)),
                    Some(Statement::Dataset(_) | Statement::Grant(_)) => drop(deed.names.insert(row.key)),
                    Some(Statement::Release(_)) if row.value == release => drop(deed.names.insert(row.key)),
                    _ => {}
                }
            }
            Some(Cheat::KeepAndHush) => {
                let is_withdrawal = |r: &Row| matches!(lab.statement(r.value), Some(Statement::Withdrawal(_)));
                deed.unsaid = rows.iter().filter(|r| is_withdrawal(r)).map(|r| r.value).collect();
                rows.retain(|r| !is_withdrawal(r));
            }
            _ => {}
        }
        let cheat = self.cheat.clone();
        let rows: Vec<Row> = rows.into_iter().collect();
        let own = lab.size();
        let edit = |s: &mut deedbook::statement::State| match cheat {
            Some(Cheat::WrongSize { is_state: true, size }) if size != own => (s.log_size, deed.always) = (size, true),
            Some(Cheat::WrongCount { is_state: true, is_more }) => {
                deed.always = wrong_count(&mut s.register.count, is_more);
            }
            Some(Cheat::WrongKind { is_state: true }) => {
                (s.register, deed.always) = (rows_ref(Kind::Release, &rows), true);
            }
            _ => {}
        };
        let state = lab.state_with(|all| *all = rows.clone(), edit);
        deed.is_applied |= deed.always;
        state
    }

    fn before_proof(&self, lab: &mut Lab, deed: &mut Deed) {
        if let Some(Cheat::ForeignCatalogue { catalogue }) = self.cheat {
            let foreign = catalogue_rows(&chosen(catalogue));
            let signed: Vec<u64> = lab.signers.keys().copied().collect();
            for grant in signed {
                let differs = lab.tables.get(&grant).is_some_and(|(_, rows)| *rows != foreign);
                if differs {
                    lab.tables.insert(grant, (Kind::Catalogue, foreign.clone()));
                    deed.entry(grant);
                }
            }
        }
    }
}

/// The rows of a release that left nobody out.
fn all_admissions(lab: &Lab, dataset: u64) -> BTreeSet<Row> {
    let admissions = (0..lab.size()).filter_map(|i| Some((i, lab.admission(i)?)));
    let own = admissions.filter(|(_, a)| a.dataset == dataset);
    own.flat_map(|(value, a)| {
        carried(&a).into_iter().map(move |i| Row { key: work_key(i.as_str()), value }).collect::<Vec<_>>()
    })
    .collect()
}

/// Whether a row leads to what was erased since the release, and by nothing before it was taken out.
fn is_unread(lab: &Lab, row: &Row, dataset: u64, release: u64) -> bool {
    lab.entries.get(row.value as usize).is_some_and(|e| e.is_erased) && !lab.is_taken_out(row.value, dataset, release)
}

fn wrong_count(count: &mut u64, is_more: bool) -> bool {
    let wrong = if is_more { count.checked_add(1) } else { count.checked_sub(1) };
    *count = wrong.unwrap_or(*count);
    wrong.is_some()
}

impl Deed {
    fn entry(&mut self, index: u64) {
        self.is_applied = true;
        self.entries.insert(index);
    }

    fn name(&mut self, name: &str) {
        self.is_applied = true;
        self.names.insert(register_key(name));
    }

    /// The log as if what was left out had never been logged.
    fn told(&self, lab: &Lab) -> Lab {
        let mut told = lab.clone();
        for index in &self.unsaid {
            told.entries[*index as usize].say(String::new());
        }
        for row in &self.less {
            let Some(mut admission) = told.admission(row.value) else { panic!("a row of an admission") };
            let keep = |i: &Identifier| work_key(i.as_str()) != row.key;
            admission.identifiers = admission.identifiers.iter().filter(|i| keep(i)).cloned().collect();
            for embodiment in &mut admission.embodiments {
                embodiment.digests = embodiment.digests.iter().filter(|i| keep(i)).cloned().collect();
                embodiment.digest_by = embodiment.digest_by.filter(|_| !embodiment.digests.is_empty());
            }
            let entry = &mut told.entries[row.value as usize];
            entry.say(Statement::Admission(Box::new(admission)).print());
            assert!(entry.statement.is_some(), "{}", entry.text);
        }
        told
    }

    /// Whether what an honest prover discloses for these works shows the cheat.
    fn meets(&self, lab: &Lab, plan: &Plan, works: &[Vec<Identifier>], release: u64, state: u64) -> bool {
        let asked: BTreeSet<Key> = works.iter().flatten().map(|i| work_key(i.as_str())).collect();
        let Some(Statement::Release(sealed)) = lab.statement(release) else { panic!("a release") };
        let dataset = sealed.dataset;
        let shown = |index: &u64| plan.entries.contains(index) && !lab.entries[*index as usize].is_erased;
        let erases = |i: u64, entry: u64| matches!(lab.statement(i), Some(Statement::Erasure(e)) if e.entry == entry);
        let hushed = |row: &Row| !self.unsaid.is_empty() && !(0..release).any(|i| erases(i, row.value));
        // An admission hidden from one identifier is seen where another one leads to it.
        let other_leads = |row: &Row| {
            let rows = &lab.tables[&release].1;
            shown(&row.value) && rows.iter().any(|r| r.value == row.value && asked.contains(&r.key))
        };
        let times: Vec<Time> =
            plan.entries.iter().filter(|i| shown(i)).filter_map(|i| Some(lab.statement(*i)?.head().1)).collect();
        self.always
            || self
                .more
                .iter()
                .any(|row| asked.contains(&row.key) && !hushed(row) && !is_unread(lab, row, dataset, release))
            || self.less.iter().any(|row| asked.contains(&row.key) && other_leads(row))
            || self.names.iter().any(|key| plan.keys[&state].contains(key))
            || self.entries.iter().any(shown)
            || times.windows(2).any(|w| w[1] < w[0])
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// The prover, and what must hold

/// The file that a prover makes who plays these tricks.
fn tricked(cheated: &Cheated, tricks: &[Trick]) -> ProofFile {
    let (mut lab, mut plan) = (cheated.lab.clone(), cheated.plan.clone());
    let mut tables = BTreeMap::new();
    for trick in tricks {
        let disclosed: Vec<u64> = plan.entries.iter().copied().collect();
        match *trick {
            Trick::Hide { entry } => drop(plan.entries.remove(&disclosed[entry % disclosed.len()])),
            Trick::Show { entry } => drop(plan.entries.insert(entry % lab.size())),
            Trick::Erase { entry } => lab.entries[disclosed[entry % disclosed.len()] as usize].is_erased = true,
            Trick::Toggle { table, row } => {
                let (index, keys) = plan.keys.iter().nth(table % plan.keys.len()).unwrap();
                let rows = &lab.tables[index].1;
                let needed = disclosed_table(rows, *index, keys).rows;
                let mut positions: BTreeSet<usize> = needed.iter().map(|r| r.position as usize).collect();
                let row = row % rows.len().max(1);
                if !positions.remove(&row) && row < rows.len() {
                    positions.insert(row);
                }
                tables.insert(*index, table_of(rows, *index, &positions));
            }
            Trick::Doctor { table, row } => {
                let (index, keys) = plan.keys.iter().nth(table % plan.keys.len()).unwrap();
                let mut rows = lab.tables[index].1.clone();
                if !rows.is_empty() {
                    rows.remove(row % rows.len());
                    tables.insert(*index, disclosed_table(&rows, *index, keys));
                }
            }
        }
    }
    let mut file = plan.file(&lab);
    for table in &mut file.tables {
        if let Some(other) = tables.remove(&table.statement) {
            *table = other;
        }
    }
    file
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Accepted,
    Refused,
}

/// Makes the file, asks the verifier, and holds its answer against the truth.
fn hold(attempt: &Attempt) -> Result<(Cheated, Outcome), TestCaseError> {
    let cheated = attempt.lab();
    let file = tricked(&cheated, &attempt.tricks);
    let question = Question { at: attempt.at.map(day), ..question("songs@final", &cheated.works) };
    let trust = cheated.lab.trust_with(&format!("licensor {} {}\n", north(), licensor().verifier()));
    let facts = match verify(&file.print(), &trust, &question) {
        Ok(facts) => facts,
        Err(error) => {
            let is_honest = attempt.cheat.is_none() && attempt.tricks.is_empty();
            prop_assert!(!is_honest, "an honest file is refused: {}", error);
            return Ok((cheated, Outcome::Refused));
        }
    };
    // A trick may take the cheat out of the file (and with it what the file needs), but not the honest prover.
    prop_assert!(!(cheated.meets && attempt.tricks.is_empty()), "accepted: {:?}", facts.works);
    let trusted = [licensor().verifier().to_string()];
    let (release, state) = (cheated.release, cheated.state);
    let case = Case { lab: &cheated.told, release, state, at: question.at, trusted: &trusted };
    prop_assert_eq!(facts.works.len(), cheated.works.len());
    for (work, asked) in facts.works.iter().zip(&cheated.works) {
        let (said, truth): (Answer, Answer) = (Case::of(work), case.truth(asked));
        prop_assert_eq!(&work.identifiers, asked);
        if asked.iter().any(|i| cheated.unread.contains(i)) {
            prop_assert!(said.verdict >= Verdict::Erased, "{:?}", said);
            continue;
        }
        prop_assert!(said.standing <= truth.standing, "{:?} instead of {:?}", said.standing, truth.standing);
        prop_assert_eq!(Answer { standing: truth.standing, ..said }, truth);
    }
    Ok((cheated, Outcome::Accepted))
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 128,
        rng_seed: RngSeed::Fixed(29),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_cheat_of_a_lab_gets_a_false_yes(attempt in attempt(cheat().prop_map(Some), 0)) {
        hold(&attempt)?;
    }

    #[test]
    fn no_trick_of_a_prover_gets_a_false_yes_from_an_honest_log(attempt in attempt(Just(None), 3)) {
        hold(&attempt)?;
    }

    #[test]
    fn a_lab_and_a_prover_together_get_no_false_yes(attempt in attempt(cheat().prop_map(Some), 2)) {
        hold(&attempt)?;
    }
}

/// The properties above are not empty: each cheat is tried, met and refused, and let by where nobody asks about it.
#[test]
fn each_cheat_is_met_and_refused() {
    let mut runner = TestRunner::new(ProptestConfig { rng_seed: RngSeed::Fixed(31), ..config() });
    let mut seen: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    for _ in 0..600 {
        let attempt = attempt(cheat().prop_map(Some), 0).new_tree(&mut runner).unwrap().current();
        let (cheated, outcome) = hold(&attempt).unwrap_or_else(|e| panic!("{attempt:?}: {e}"));
        if cheated.is_applied {
            let name = format!("{:?}", attempt.cheat.unwrap());
            let name = name.split([' ', '(']).next().unwrap().to_owned();
            seen.entry(name).or_default()[outcome as usize] += 1;
        }
    }
    let always = ["NameTwice", "WrongCount", "WrongKind", "WrongSize"];
    assert_eq!(seen.len(), CHEATS as usize, "{seen:?}");
    for (name, [accepted, refused]) in &seen {
        assert!(*refused >= 3, "{name}: {seen:?}");
        assert_eq!(*accepted == 0, always.contains(&name.as_str()) && name != "NameTwice", "{name}: {seen:?}");
    }
}
