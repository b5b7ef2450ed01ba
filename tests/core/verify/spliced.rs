//! Files of random honest logs, changed in one place or spliced from two: each is refused, or says the truth.
//!
//! [`super::mutation`] changes every member of two fixed files; here the files are random, and so are the changes and
//! the files that parts are taken from: another release, an older size, another log, another dataset, other works under
//! other grants, another key. The truth is read from the log by [`super::truth`].

use super::mutation::{others, pointers};
use super::property::act;
use super::truth::{Answer, Case};
use super::world::{Act, World, chosen, day, licensor};
use super::*;
use deedbook::statement::Identifier;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

/// One change of a file; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Change {
    /// A value replaced by another one: an item less, twice or moved, a number more or less, a foreign part.
    Member { place: usize, other: usize, donor: usize },
    /// A part of the other file where a part of the same name stood.
    Part { place: usize, from: usize, donor: usize },
    /// A byte changed.
    Byte { at: usize, bit: u8 },
}

fn change() -> impl Strategy<Value = Change> {
    let places = any::<[usize; 3]>();
    prop_oneof![
        4 => places.prop_map(|[place, other, donor]| Change::Member { place, other, donor }),
        4 => places.prop_map(|[place, from, donor]| Change::Part { place, from, donor }),
        1 => (any::<usize>(), 0..8u8).prop_map(|(at, bit)| Change::Byte { at, bit }),
    ]
}

/// An honest file with its truth, and files over other things.
struct Files {
    lab: Lab,
    release: u64,
    state: u64,
    works: Vec<Vec<Identifier>>,
    file: Value,
    donors: Vec<Value>,
}

impl Files {
    fn new(layers: u8, [before, after, elsewhere]: [&[Act]; 3], [asked, others]: [&[u8]; 2]) -> Files {
        let works = |groups: &[u8]| groups.iter().map(|bits| chosen(*bits)).collect::<Vec<_>>();
        let (asked, others) = (works(asked), works(others));
        let mut world = World::new(layers);
        before.iter().for_each(|a| world.act(a));
        world.act(&Act::Seal);
        let early = *world.releases.last().unwrap();
        world.lab.state();
        let other = world.lab.dataset("other");
        world.lab.admit(other, &chosen(0b101), world.grants[0]);
        let others_release = world.lab.release(other, "1");
        let release = world.lab.release(world.dataset, "final");
        world.lab.state();
        let smaller = world.lab.clone();
        after.iter().for_each(|a| world.act(a));
        let state = world.lab.state();
        let mut stranger = World::new(layers);
        elsewhere.iter().chain(before).for_each(|a| stranger.act(a));
        let strangers_release = stranger.lab.release(stranger.dataset, "final");
        stranger.lab.state();
        stranger.lab.seed ^= 1;
        let lab = world.lab;
        let mut namesake = lab.clone();
        namesake.seed ^= 1;
        let mut cut = lab.plan(release, &asked);
        cut.checkpoint = lab.checkpoint(lab.size() - 1);
        let donors = [
            lab.prove(early, &asked),
            smaller.prove(release, &asked),
            stranger.lab.prove(strangers_release, &asked),
            lab.prove(others_release, &asked),
            lab.prove(release, &others),
            namesake.prove(release, &asked),
            cut.file(&lab).print(),
        ];
        let read = |bytes: &Vec<u8>| serde_json::from_slice(bytes).unwrap();
        let file = read(&lab.prove(release, &asked));
        Files { release, state, works: asked, file, donors: donors.iter().map(read).collect(), lab }
    }

    fn changed(&self, change: &Change) -> Vec<u8> {
        let mut changed = self.file.clone();
        match *change {
            Change::Member { place, other, donor } => {
                let place = pick(&places(&self.file), place);
                let foreign = self.donors[donor % self.donors.len()].pointer(&place);
                let all = others(self.file.pointer(&place).unwrap(), foreign);
                *changed.pointer_mut(&place).unwrap() = pick(&all, other).1;
            }
            Change::Part { place, from, donor } => {
                let donor = &self.donors[donor % self.donors.len()];
                let place = pick(&places(&self.file), place);
                let same = |other: &String| member(other) == member(&place);
                let places: Vec<String> = places(donor).into_iter().filter(same).collect();
                if !places.is_empty() {
                    *changed.pointer_mut(&place).unwrap() = donor.pointer(&pick(&places, from)).unwrap().clone();
                }
            }
            Change::Byte { .. } => {}
        }
        let mut bytes = format!("{changed}\n").into_bytes();
        if let Change::Byte { at, bit } = *change {
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
        }
        bytes
    }
}

/// All places in a file but the whole of it: another honest file is no forgery.
fn places(file: &Value) -> Vec<String> {
    let mut all = Vec::new();
    pointers(file, String::new(), &mut all);
    all.remove(0);
    all
}

/// What stands at a place: the names on the way to it, without numbers.
fn member(place: &str) -> Vec<&str> {
    place.split('/').filter(|step| step.parse::<usize>().is_err()).collect()
}

fn pick<T: Clone>(items: &[T], number: usize) -> T {
    items[number % items.len()].clone()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48, rng_seed: RngSeed::Fixed(37), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn no_file_spliced_from_two_or_changed_gets_a_false_yes(
        layers in 1..4u8,
        before in proptest::collection::vec(act(), 2..10),
        after in proptest::collection::vec(act(), 0..5),
        elsewhere in proptest::collection::vec(act(), 1..4),
        asked in proptest::collection::vec(1..128u8, 1..4),
        others in proptest::collection::vec(1..128u8, 1..3),
        (at, is_open) in (proptest::option::weighted(0.3, 0..120u8), any::<bool>()),
        changes in proptest::collection::vec(change(), 24),
    ) {
        let files = Files::new(layers, [&before, &after, &elsewhere], [&asked, &others]);
        let trust = files.lab.trust_with(&format!("licensor {} {}\n", north(), licensor().verifier()));
        let trusted = [licensor().verifier().to_string()];
        let (release, state, at) = (files.release, files.state, at.map(day));
        let case = Case { lab: &files.lab, release, state, at, trusted: &trusted };
        let question = Question { at, ..question("songs@final", &files.works) };
        let question = if is_open { Question { works: None, ..question } } else { question };
        let honest = format!("{}\n", files.file);
        prop_assert!(verify(honest.as_bytes(), &trust, &question).is_ok());
        for change in &changes {
            let bytes = files.changed(change);
            let Ok(facts) = verify(&bytes, &trust, &question) else { continue };
            for work in &facts.works {
                let (said, truth): (Answer, Answer) = (Case::of(work), case.truth(&work.identifiers));
                prop_assert!(said.standing <= truth.standing, "{change:?}: {:?}", said.standing);
                prop_assert_eq!(Answer { standing: truth.standing, ..said }, truth, "{:?}", change);
            }
            // Claims are questions, and a licensor's catalogue may go: nothing else may change.
            let said: Value = serde_json::from_slice(&bytes).unwrap();
            let is_same = |member: &str| said[member] == files.file[member];
            prop_assert!(["anchors", "checkpoint", "entries", "format", "path"].into_iter().all(is_same), "{change:?}");
            let tables = |file: &Value| file["tables"].as_array().unwrap().clone();
            prop_assert!(tables(&said).iter().all(|t| tables(&files.file).contains(t)), "{change:?}");
        }
    }
}
