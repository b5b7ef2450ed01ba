//! For every honest lab, what verifies is the truth: whatever it logged, for every work, in each of its releases.

use super::truth::{Answer, Case};
use super::world::{Act, World, act, chosen, day, licensor};
use super::*;
use deedbook::verify::Verdict;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_honest_lab_proves_the_truth(
        layers in 1..4u8,
        before in proptest::collection::vec(act(), 1..14),
        after in proptest::collection::vec(act(), 0..6),
        groups in proptest::collection::vec(1..128u8, 1..5),
        at in proptest::option::weighted(0.3, 0..120u8),
        which in any::<usize>(),
    ) {
        let mut world = World::new(layers);
        before.iter().for_each(|a| world.act(a));
        world.act(&Act::Seal);
        world.lab.state();
        after.iter().for_each(|a| world.act(a));
        let state = world.lab.state();

        let number = which % world.releases.len();
        let release = world.releases[number];
        let lab = &world.lab;
        let works: Vec<Vec<Identifier>> = groups.iter().map(|bits| chosen(*bits)).collect();
        let question = Question { at: at.map(day), ..question(&format!("songs@{number}"), &works) };
        let trust = lab.trust_with(&format!("licensor {} {}\n", north(), licensor().verifier()));
        let bytes = lab.prove(release, &works);
        crate::size::hold(&bytes);
        let facts = verify(&bytes, &trust, &question).unwrap();

        let trusted = [licensor().verifier().to_string()];
        let case = Case { lab, release, state, at: question.at, trusted: &trusted };
        for (work, asked) in facts.works.iter().zip(&works) {
            prop_assert_eq!(&work.identifiers, asked);
            let said: Answer = Case::of(work);
            prop_assert_eq!(said, case.truth(asked));
            prop_assert_eq!(work.verdict == Verdict::Absent, work.admissions.is_empty());
        }
        prop_assert_eq!(facts.works.len(), works.len());
    }
}
