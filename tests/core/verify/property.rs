//! For every honest lab, what verifies is the truth: whatever it logged, for every work, in each of its releases.

use super::truth::{Answer, Case};
use super::world::{Act, GrantChoice, World, chosen, day, licensor};
use super::*;
use deedbook::verify::Verdict;
use proptest::prelude::*;

/// What a lab may do next.
pub fn act() -> impl Strategy<Value = Act> {
    let grant = (0..4u8, 0..40u8, any::<Option<u8>>(), any::<[bool; 2]>(), any::<u8>(), any::<u8>(), 0..16u8).prop_map(
        |(attested, from, days, [wide, prohibits], subject, catalogue, rest)| {
            let (research_only, elsewhere, layers) = (rest == 7, rest == 11, 1 + rest % 3);
            let prohibits = prohibits && rest == 5;
            let choice = GrantChoice {
                attested,
                from,
                days,
                wide,
                prohibits,
                research_only,
                subject,
                catalogue,
                layers,
                elsewhere,
            };
            Act::Grant(choice)
        },
    );
    let admit = (1..64u8, any::<[usize; 2]>(), proptest::option::weighted(0.2, 0..60u8), proptest::bool::weighted(0.1))
        .prop_map(|(work, grants, used_from, is_override)| Act::Admit { work, grants, used_from, is_override });
    prop_oneof![
        6 => admit,
        3 => grant,
        1 => (any::<usize>(), 0..90u8).prop_map(|(grant, day)| Act::End { grant, day }),
        1 => (0..20u64, 1..4u64).prop_map(|(first, count)| Act::Withdraw { first, count }),
        1 => any::<usize>().prop_map(|entry| Act::Erase { entry }),
        2 => (0..20u64).prop_map(|entry| Act::Dispute { entry }),
        1 => (0..20u64).prop_map(|entry| Act::Correct { entry }),
        1 => Just(Act::Screen),
        1 => Just(Act::Run),
        1 => Just(Act::Seal),
        2 => (1..30u8).prop_map(|days| Act::Sleep { days }),
    ]
}

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
