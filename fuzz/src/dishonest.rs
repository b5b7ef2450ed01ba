//! `dishonest`: a lab that does what it likes, act by act, and may lie about the rows of its last release and of its
//! register; then it proves, twice and in two ways, from the log that it has signed.
//!
//! Where it did not lie, its file is accepted and is the truth, and no other choice of what to disclose gives another
//! answer. Where it lied, two files that are both accepted say the same; and if the committed rows ascend, what they
//! lead to is what is found.

use crate::forge::{Choice, answering, as_disclosed, beside, choose};
use crate::lab::*;
use crate::truth::{Answer, Case};
use crate::world::{Act, GrantChoice, World, chosen, day, licensor};
use arbitrary::{Arbitrary, Result, Unstructured};
use deedbook::rows::{Key, Row, register_key, work_key};
use deedbook::statement::{Identifier, Purpose, Time};
use deedbook::verify::facts::Facts;
use deedbook::verify::{ProofFile, Question, verify};
use std::collections::BTreeSet;

pub use crate::corpus::none as seeds;

/// What the fuzzer chooses.
struct Input {
    layers: u8,
    before: Vec<Act>,
    after: Vec<Act>,
    lies: Lies,
    works: Vec<u8>,
    at: Option<u8>,
    /// Another way to prove: what the prover pretends not to know, which gap it shows instead, what else it changes.
    hidden: Vec<u8>,
    gap: u8,
    choices: Vec<Choice>,
}

/// What the lab commits to that its log does not give.
#[derive(Arbitrary, Debug, Default)]
struct Lies {
    release: Vec<RowLie>,
    register: Vec<RowLie>,
    /// Seldom, the dataset is declared a second time, for another purpose.
    twin: u8,
    /// Seldom, it sets its clock back before it seals.
    backdated: u8,
}

#[derive(Arbitrary, Debug, Clone)]
enum RowLie {
    Without(u8),
    Swap(u8, u8),
    Twice(u8),
    /// A row of an identifier of the world, or of an entry.
    More(u8, u8, u8),
    Leads(u8, u8),
}

impl Lies {
    fn is_honest(&self) -> bool {
        self.release.is_empty() && self.register.is_empty() && !self.has_twin() && self.days_back() == 0
    }

    fn has_twin(&self) -> bool {
        self.twin % 8 == 7
    }

    fn days_back(&self) -> i64 {
        i64::from(self.backdated.saturating_sub(240))
    }
}

impl RowLie {
    fn apply(&self, rows: &mut Vec<Row>, size: u64, is_register: bool) {
        let len = rows.len();
        match *self {
            RowLie::Without(at) if len > 0 => drop(rows.remove(usize::from(at) % len)),
            RowLie::Swap(a, b) if len > 0 => rows.swap(usize::from(a) % len, usize::from(b) % len),
            RowLie::Twice(at) if len > 0 => rows.insert(usize::from(at) % len, rows[usize::from(at) % len]),
            RowLie::More(at, name, value) => {
                let key = match is_register {
                    true => register_key(&format!("entry:{}", u64::from(name) % size)),
                    false => work_key(chosen(1 << (name % 7))[0].as_str()),
                };
                rows.insert(usize::from(at) % (len + 1), Row { key, value: u64::from(value) % size });
            }
            RowLie::Leads(at, value) if len > 0 => rows[usize::from(at) % len].value = u64::from(value) % size,
            RowLie::Without(_) | RowLie::Swap(..) | RowLie::Twice(_) | RowLie::Leads(..) => {}
        }
    }
}

/// Requires one answer, and the truth where nobody lied.
pub fn check(data: &[u8]) {
    let Ok(input) = input(&mut Unstructured::new(data)) else { return };
    let (world, release, state) = run(&input);
    let lab = &world.lab;
    let works: Vec<Vec<Identifier>> = input.works.iter().map(|bits| chosen(1.max(bits & 127))).collect();
    let number = world.releases.len() - 1;
    let question = Question { at: input.at.map(day), ..question(&format!("songs@{number}"), &works) };
    let trust = lab.trust_with(&format!("licensor {} {}\n", north(), licensor().verifier()));
    let mut files = vec![file(lab, release, state, &works, &[], 0)];
    let mut other = file(lab, release, state, &works, &input.hidden, usize::from(input.gap));
    files.extend(choose(lab, &mut other, &input.choices).map(|()| other));
    let verified: Vec<_> = files.iter().map(|file| verify(&file.print(), &trust, &question)).collect();
    let accepted: Vec<(&ProofFile, &Facts)> =
        files.iter().zip(&verified).filter_map(|(file, facts)| Some((file, &**facts.as_ref().ok()?))).collect();
    if input.lies.has_twin() && input.lies.register.is_empty() {
        assert!(accepted.is_empty(), "a dataset that is declared twice, and the register says so");
    }
    if input.lies.is_honest() {
        assert!(verified[0].is_ok(), "an honest file: {:?}", verified[0]);
        let trusted = [licensor().verifier().to_string()];
        for (file, facts) in &accepted {
            let lab = &as_disclosed(lab, file);
            check_truth(&Case { lab, release, state, at: question.at, trusted: &trusted }, facts);
        }
        let case = Case { lab, release, state, at: question.at, trusted: &trusted };
        assert!(answers(accepted[0].1, true).eq(works.iter().map(|work| case.truth(work))), "no proof gives more");
    } else if let [(file, facts), (other, others)] = accepted[..] {
        let presence = |facts| answers(facts, false).map(|answer| (answer.found_by, answer.admissions.len()));
        assert!(presence(facts).eq(presence(others)), "present and absent in one log");
        if erased(file) == erased(other) {
            assert!(answers(facts, false).eq(answers(others, false)), "two answers from one log");
            assert_eq!(register(facts), register(others), "two registers in one log");
        }
    }
    let rows = &lab.tables[&release].1;
    if rows.windows(2).all(|w| w[0] < w[1]) {
        accepted.iter().for_each(|(_, facts)| check_rows(rows, facts));
    }
}

/// The entries that a file shows as erased: a lab that remembers one may show it to one auditor and not to another.
fn erased(file: &ProofFile) -> Vec<u64> {
    file.entries.iter().filter(|entry| entry.leaf.is_some()).map(|entry| entry.index).collect()
}

fn check_truth(case: &Case, facts: &Facts) {
    for work in &facts.works {
        let (said, truth) = (Case::of(work), case.truth(&work.identifiers));
        assert!(said.standing <= truth.standing, "{said:?} is better than {truth:?}");
        assert_eq!(Answer { standing: truth.standing, ..said }, truth);
    }
}

/// What the committed rows lead to is what is found.
fn check_rows(rows: &[Row], facts: &Facts) {
    for work in &facts.works {
        let keys: Vec<_> = work.identifiers.iter().map(|id| work_key(id.as_str())).collect();
        let committed: BTreeSet<u64> = rows.iter().filter(|row| keys.contains(&row.key)).map(|row| row.value).collect();
        assert!(work.admissions.iter().map(|a| a.index).eq(committed), "{work:?}");
    }
}

/// The answers; standing only where nothing behind it may be left out.
fn answers(facts: &Facts, with_standing: bool) -> impl Iterator<Item = Answer> {
    let answer = move |work| {
        let answer = Case::of(work);
        Answer { standing: answer.standing.filter(|_| with_standing), ..answer }
    };
    facts.works.iter().map(answer)
}

type About = (u64, Vec<u64>);

/// What the register is said to have about the dataset, the admissions and the grants.
fn register(facts: &Facts) -> (Vec<u64>, Vec<About>, Vec<About>) {
    let indices = |about: &[(u64, deedbook::Statement)]| about.iter().map(|(index, _)| *index).collect::<Vec<_>>();
    let admissions = facts.works.iter().flat_map(|work| &work.admissions);
    let admissions = admissions.map(|a| (a.index, indices(&a.about))).collect();
    let grants = facts.grants.iter().map(|g| (g.index, indices(&g.about))).collect();
    (indices(&facts.about_dataset), admissions, grants)
}

/// The lab's story, its last release and its last state.
fn run(input: &Input) -> (World, u64, u64) {
    let mut world = World::new(input.layers);
    input.before.iter().for_each(|act| world.act(act));
    let lies = &input.lies;
    if lies.has_twin() {
        world.lab.dataset_with("songs", |twin| twin.purpose = Purpose::Research);
    }
    world.lab.now = Time::from_unix(world.lab.now.unix() - 86_400 * lies.days_back()).expect("this century");
    let (version, size) = (world.releases.len().to_string(), world.lab.size());
    let edit = |rows: &mut Vec<Row>| lies.release.iter().for_each(|lie| lie.apply(rows, size, false));
    let release = world.lab.release_with(world.dataset, &version, edit, |_| {});
    world.releases.push(release);
    input.after.iter().filter(|act| !matches!(act, Act::Seal)).for_each(|act| world.act(act));
    let size = world.lab.size();
    let edit = |rows: &mut Vec<Row>| lies.register.iter().for_each(|lie| lie.apply(rows, size, true));
    let state = world.lab.state_with(edit, |_| {});
    (world, release, state)
}

/// A file for these works. Rows of a hidden number are pretended not to be there: nothing is disclosed on their account,
/// and their key is shown to be absent, in a gap that fits, if there is one.
fn file(lab: &Lab, release: u64, state: u64, works: &[Vec<Identifier>], hidden: &[u8], gap: usize) -> ProofFile {
    let mut known = lab.clone();
    let mut number = 0_usize;
    for statement in [release, state] {
        let rows = &mut known.tables.get_mut(&statement).expect("it was just committed").1;
        rows.retain(|_| {
            number += 1;
            !hidden.iter().any(|hidden| usize::from(*hidden % 64) == number)
        });
    }
    let plan = known.plan_at(release, state, works);
    let mut file = plan.file(lab);
    for table in &mut file.tables {
        let (rows, known) = (&lab.tables[&table.statement].1, &known.tables[&table.statement].1);
        let positions = |key: &Key| match known.iter().any(|row| row.key == *key) {
            true => answering(rows, key, gap),
            false => beside(rows, key, gap),
        };
        let positions = plan.keys[&table.statement].iter().flat_map(positions).collect();
        *table = table_of(rows, table.statement, &positions);
    }
    file
}

// ---------------------------------------------------------------------------------------------------------------------
// Choices from bytes

fn input(u: &mut Unstructured) -> Result<Input> {
    Ok(Input {
        layers: 1 + u.arbitrary::<u8>()? % 3,
        before: acts(u, 10)?,
        after: acts(u, 4)?,
        lies: if u.arbitrary()? { Lies::arbitrary(u)? } else { Lies::default() },
        works: (0..1 + u.arbitrary::<u8>()? % 3).map(|_| u.arbitrary()).collect::<Result<_>>()?,
        at: u.arbitrary::<Option<u8>>()?.map(|day| day % 120),
        hidden: (0..u.arbitrary::<u8>()? % 4).map(|_| u.arbitrary()).collect::<Result<_>>()?,
        gap: u.arbitrary()?,
        choices: if u.arbitrary()? { Vec::arbitrary(u)? } else { Vec::new() },
    })
}

fn acts(u: &mut Unstructured, most: u8) -> Result<Vec<Act>> {
    (0..u.arbitrary::<u8>()? % (most + 1)).map(|_| act(u)).collect()
}

fn act(u: &mut Unstructured) -> Result<Act> {
    Ok(match u.arbitrary::<u8>()? % 16 {
        0..=4 => Act::Admit {
            work: 1.max(u.arbitrary::<u8>()? % 64),
            grants: [usize::from(u.arbitrary::<u8>()?), usize::from(u.arbitrary::<u8>()?)],
            used_from: u.arbitrary::<Option<u8>>()?.map(|day| day % 60),
            is_override: u.arbitrary::<u8>()? % 8 == 1,
        },
        5..=6 => Act::Grant(grant(u)?),
        7 => Act::End { grant: usize::from(u.arbitrary::<u8>()?), day: u.arbitrary::<u8>()? % 90 },
        8 => Act::Withdraw {
            first: u64::from(u.arbitrary::<u8>()? % 20),
            count: 1 + u64::from(u.arbitrary::<u8>()? % 3),
        },
        9 => Act::Erase { entry: usize::from(u.arbitrary::<u8>()?) },
        10 => Act::Dispute { entry: u64::from(u.arbitrary::<u8>()? % 20) },
        11 => Act::Correct { entry: u64::from(u.arbitrary::<u8>()? % 20) },
        12 => Act::Screen,
        13 => Act::Run,
        14 => Act::Seal,
        _ => Act::Sleep { days: 1 + u.arbitrary::<u8>()? % 29 },
    })
}

fn grant(u: &mut Unstructured) -> Result<GrantChoice> {
    let bits: u8 = u.arbitrary()?;
    Ok(GrantChoice {
        attested: u.arbitrary::<u8>()? % 4,
        from: u.arbitrary::<u8>()? % 40,
        days: u.arbitrary()?,
        wide: bits & 1 == 1,
        prohibits: bits & 6 == 6,
        research_only: bits & 24 == 24,
        subject: u.arbitrary()?,
        catalogue: u.arbitrary()?,
        layers: 1 + u.arbitrary::<u8>()? % 3,
        elsewhere: bits & 96 == 96,
    })
}
