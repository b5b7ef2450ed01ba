//! `proof`: honest proof files, changed after the lab has signed. What is still accepted is true of the lab's log, for
//! the release and the state that the file is about, and answers the auditor's question.
//!
//! Most changes break a signature or a hash and are refused at once. Therefore the prover may also choose otherwise what
//! it discloses, and then its proofs are made anew ([`crate::forge::Choice`]).

use crate::forge::{Choice, Edit, as_disclosed, choose, rewrite};
use crate::lab::*;
use crate::truth::{Answer, Case};
use crate::world::{Act, World, chosen, licensor};
use arbitrary::{Arbitrary, Unstructured};
use deedbook::statement::Statement;
use deedbook::tlog::SigningKey;
use deedbook::verify::facts::{Bracket, Facts, Work};
use deedbook::verify::{ProofFile, Question, Trust, verify};
use serde_json::Value;
use std::sync::LazyLock;

pub use crate::corpus::none as seeds;

#[derive(Arbitrary, Debug)]
struct Input {
    file: u8,
    donor: u8,
    trust: u8,
    question: u8,
    choices: Vec<Choice>,
    edits: Vec<Edit>,
}

/// A lab that kept an honest log, auditors, their questions and honest files.
struct Scene {
    lab: Lab,
    trusts: Vec<Trust>,
    questions: Vec<Question>,
    files: Vec<ProofFile>,
    donors: Vec<Value>,
    /// Size and time of every cosigned checkpoint.
    cosigned: Vec<(u64, &'static str)>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(Scene::new);

impl Scene {
    fn new() -> Scene {
        let mut world = World::new(1);
        let admit = |work, grant| Act::Admit { work, grants: [grant, 7], used_from: None, is_override: false };
        [admit(0b11, 8), admit(0b100, 8), admit(0b1100, 8)].iter().for_each(|act| world.act(act));
        let works = [chosen(0b100_0000), chosen(0b1000)].concat();
        let signed = world.lab.signed_grant(&licensor(), terms("signed"), &works);
        world.grants.push(signed);
        world.act(&admit(0b100_0000, 1));
        world.act(&Act::Screen);
        world.act(&Act::Seal);
        let early = world.lab.state();
        let (first, admissions) = (world.releases[0], [3, 4, 5]);
        let dispute = world.lab.dispute(admissions[0]);
        world.lab.end(2, "2027-01-01");
        world.lab.correct(world.dataset);
        world.lab.withdraw(world.dataset, admissions[2], 1);
        world.lab.erase(dispute);
        world.lab.erase(admissions[1]);
        world.act(&Act::Seal);
        world.act(&Act::Run);
        world.lab.state();
        Scene::of(world, [first, early])
    }

    fn of(world: World, [first, early]: [u64; 2]) -> Scene {
        let World { lab, releases, .. } = world;
        let w = witness("witness.example", 21);
        let cosigned = vec![
            (2, "2026-02-01T00:01:30Z"),
            (first + 1, "2026-02-01T06:00:00Z"),
            (lab.size(), "2026-03-01T00:00:00Z"),
        ];
        let licensors = format!("licensor {} {}\n", north(), licensor().verifier());
        let policy = lab.trust_witnessed(&[&w]).policy;
        let trusts = vec![lab.trust(), lab.trust_with(&licensors), Trust { policy, ..lab.trust_with(&licensors) }];
        let asked =
            [vec![chosen(0b11), chosen(0b100)], vec![chosen(1), chosen(0b100), chosen(0b100_0000), chosen(0b10_0000)]];
        let mut questions: Vec<Question> =
            asked.iter().flat_map(|works| ["songs@0", "songs@1"].map(|release| question(release, works))).collect();
        questions.push(Question::default());
        questions.push(Question { at: Some(date("2027-06-01")), ..question("songs@0", &asked[1]) });
        let mut files = Vec::new();
        for works in &asked {
            for release in &releases {
                let mut plan = lab.plan(*release, works);
                files.push(plan.file(&lab));
                (plan.checkpoint, plan.anchors) = Scene::anchored(&lab, &w, &cosigned);
                files.push(plan.file(&lab));
            }
            let before = forgetting_nothing(&lab);
            files.push(before.plan_at(first, early, works).file(&before));
        }
        let value = |file: &ProofFile| serde_json::from_slice(&file.print()).expect("a proof file is JSON");
        let donors = files.iter().map(value).collect();
        let scene = Scene { lab, trusts, questions, files, donors, cosigned };
        let answers =
            |file: &ProofFile| scene.questions.iter().any(|q| verify(&file.print(), &scene.trusts[1], q).is_ok());
        assert!(scene.files.iter().all(answers), "an honest file answers");
        scene
    }

    fn anchored(lab: &Lab, w: &SigningKey, cosigned: &[(u64, &str)]) -> (String, Vec<deedbook::verify::proof::Anchor>) {
        let anchors = cosigned[..2].iter().map(|(size, at)| lab.anchor(*size, lab.size(), &[(w, at)])).collect();
        (lab.cosigned(lab.size(), &[(w, cosigned[2].1)]), anchors)
    }
}

/// Requires that what is accepted is the truth.
pub fn check(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let scene = &*SCENE;
    let at = usize::from(input.trust) % scene.trusts.len();
    let trust = &scene.trusts[at];
    let question = &scene.questions[usize::from(input.question) % scene.questions.len()];
    let mut file = scene.files[usize::from(input.file) % scene.files.len()].clone();
    if !input.choices.is_empty() && choose(&scene.lab, &mut file, &input.choices).is_none() {
        return;
    }
    let donor = &scene.donors[usize::from(input.donor) % scene.donors.len()];
    let bytes = if input.edits.is_empty() { file.print() } else { rewrite(&file, donor, &input.edits) };
    if let Ok(facts) = verify(&bytes, trust, question) {
        let file = ProofFile::parse(&bytes).expect("it was verified");
        assert_eq!(file.print(), bytes);
        check_facts(scene, &as_disclosed(&scene.lab, &file), at, question, &facts);
    }
}

/// The lab as it was before it erased anything.
fn forgetting_nothing(lab: &Lab) -> Lab {
    let mut lab = lab.clone();
    lab.entries.iter_mut().for_each(|entry| entry.is_erased = false);
    lab
}

fn check_facts(scene: &Scene, lab: &Lab, trust: usize, question: &Question, facts: &Facts) {
    let ((release, sealed), (state, _)) = (&facts.release_entry, facts.state);
    assert_eq!(lab.statement(*release), Some(Statement::Release(sealed.clone())));
    assert!(matches!(lab.statement(state), Some(Statement::State(_))));
    assert!(question.release.as_ref().is_none_or(|asked| *asked == facts.release));
    if let Some(works) = &question.works {
        assert!(works.iter().eq(facts.works.iter().map(|work| &work.identifiers)), "not what was asked");
    }
    let licensor = [licensor().verifier().to_string()];
    let trusted = if trust == 0 { &[][..] } else { &licensor };
    let case = Case { lab, release: *release, state, at: question.at, trusted };
    for work in &facts.works {
        check_work(scene, trust, work, case.truth(&work.identifiers));
    }
    assert!(!facts.witnessed || trust == 2, "witnessed by nobody that the auditor knows");
}

/// The answer is the truth; standing may be lower, if the prover left out what it rests on.
fn check_work(scene: &Scene, trust: usize, work: &Work, truth: Answer) {
    let said = Case::of(work);
    assert!(said.standing <= truth.standing, "{said:?} is better than {truth:?}");
    assert_eq!(Answer { standing: truth.standing, ..said }, truth);
    for admitted in &work.admissions {
        check_bracket(scene, trust, admitted.index, admitted.bracket);
    }
}

/// A bracket says no more than some witnessed checkpoint did.
fn check_bracket(scene: &Scene, trust: usize, index: u64, bracket: Bracket) {
    let seen = |has: bool| {
        scene.cosigned.iter().filter(move |(size, _)| trust == 2 && (*size > index) == has).map(|(_, at)| time(at))
    };
    assert!(bracket.start.is_none_or(|start| seen(false).any(|at| start <= at)), "{index}: {bracket:?}");
    assert!(bracket.end.is_none_or(|end| seen(true).any(|at| at <= end)), "{index}: {bracket:?}");
}
