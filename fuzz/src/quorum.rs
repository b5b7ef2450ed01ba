//! `quorum`: a policy and a cosigned checkpoint, judged a second time by the definition: the quorum is met at the least
//! time by which enough witnesses had cosigned, and one false signature of a known key spoils the note.

use crate::lab::{key, witness};
use arbitrary::{Arbitrary, Unstructured};
use deedbook::tlog::cosignature::cosign;
use deedbook::tlog::{Checkpoint, Hash, Note, NoteSignature, Policy, SigningKey};
use std::collections::BTreeSet;
use std::sync::LazyLock;

pub use crate::corpus::none as seeds;

const WITNESSES: usize = 5;
const TIMES: [u64; 4] = [10, 20, 30, 40];

#[derive(Arbitrary, Debug)]
struct Input {
    /// Witnesses of the policy, a bit for each.
    known: u8,
    groups: Vec<Group>,
    quorum: u8,
    /// Witness and time of each cosignature; `TIMES.len()` stands for a signature over something else.
    lines: Vec<(u8, u8)>,
    log: Log,
}

/// A group of the policy: members are chosen among the witnesses and groups above it.
#[derive(Arbitrary, Debug)]
struct Group {
    threshold: u8,
    members: u16,
}

#[derive(Arbitrary, Debug, Clone, Copy, PartialEq)]
enum Log {
    Signed,
    Unsigned,
    SignedWrongly,
}

struct Signed {
    log: SigningKey,
    witnesses: Vec<SigningKey>,
    text: String,
    note: Note,
    wrong: Note,
    /// By witness and time; the last is false.
    lines: Vec<Vec<NoteSignature>>,
}

static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let log = key("log.example", 1);
    let witnesses: Vec<SigningKey> = (0..WITNESSES).map(|i| witness(&format!("w{i}.example"), 10 + i as u8)).collect();
    let of_size = |size| Checkpoint { origin: "log.example".into(), size, root: Hash([7; 32]) };
    let (note, other) = (of_size(9).sign(&log).unwrap(), of_size(8).sign(&log).unwrap());
    let text = note.text().to_owned();
    let wrong = note.to_string().replace(&note.signatures()[0].to_string(), &other.signatures()[0].to_string());
    let line = |w: &SigningKey, time, text: &str| cosign(w, time, text).unwrap();
    let lines = |w: &SigningKey| {
        TIMES.iter().map(|time| line(w, *time, &text)).chain([line(w, 5, other.text())]).collect::<Vec<_>>()
    };
    let lines = witnesses.iter().map(lines).collect();
    Signed { log, witnesses, text, note, wrong: Note::parse(&wrong).unwrap(), lines }
});

/// A policy, as the definition has it.
struct Model {
    /// Witnesses and groups in the order of their lines.
    parties: Vec<Party>,
    quorum: Option<usize>,
}

enum Party {
    Witness(usize),
    Group(usize, Vec<usize>),
}

/// Requires that the policy is read, and the note judged, as the definition says.
pub fn check(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let (text, model) = policy(&input);
    let policy = Policy::parse(&text);
    let Some(Model { parties, quorum }) = model else {
        return assert!(policy.is_err(), "accepted:\n{text}");
    };
    let policy = policy.unwrap_or_else(|e| panic!("{e}:\n{text}"));
    let note = note(&input);
    let opened = policy.open(&note.to_string());
    let known = |w: usize| input.known >> w & 1 == 1;
    let lines: Vec<(usize, usize)> = lines(&input).collect();
    let is_spoilt = lines.iter().any(|(w, time)| known(*w) && *time == TIMES.len());
    let met = |time: u64| {
        let cosigned = |w: usize| lines.iter().any(|(by, at)| *by == w && TIMES.get(*at).is_some_and(|at| *at <= time));
        quorum.is_none_or(|quorum| is_met(&parties, quorum, &cosigned))
    };
    let least = TIMES.into_iter().find(|time| met(*time));
    let is_accepted = input.log == Log::Signed && !is_spoilt && least.is_some();
    assert_eq!(opened.is_ok(), is_accepted, "{input:?}: {opened:?}");
    if let Ok(opened) = opened {
        assert_eq!(opened.time(), quorum.and(least), "{input:?}");
        let cosigned: BTreeSet<usize> = lines.iter().map(|(w, _)| *w).filter(|w| known(*w)).collect();
        let names: BTreeSet<usize> =
            opened.witnesses().iter().map(|w| w.name[1..2].parse().expect("w and a digit")).collect();
        assert_eq!(names, cosigned);
        assert_eq!(opened.checkpoint().note().text(), SIGNED.text);
    }
}

fn lines(input: &Input) -> impl Iterator<Item = (usize, usize)> {
    let line = |(w, time): &(u8, u8)| (usize::from(*w) % WITNESSES, usize::from(*time) % (TIMES.len() + 1));
    input.lines.iter().take(8).map(line)
}

fn note(input: &Input) -> Note {
    let mut note = match input.log {
        Log::Signed => SIGNED.note.clone(),
        Log::Unsigned => Note::parse(&format!("{}\n{}", SIGNED.text, SIGNED.lines[0][0])).unwrap(),
        Log::SignedWrongly => SIGNED.wrong.clone(),
    };
    for (w, time) in lines(input) {
        note.add(SIGNED.lines[w][time].clone()).expect("a few signatures");
    }
    note
}

/// The policy's text, and what it means; nothing where it breaks a rule.
fn policy(input: &Input) -> (String, Option<Model>) {
    let mut text = format!("log {}\n", SIGNED.log.verifier());
    let (mut parties, mut names, mut is_right) = (Vec::new(), Vec::new(), true);
    for w in (0..WITNESSES).filter(|w| input.known >> w & 1 == 1) {
        text += &format!("witness w{w} {}\n", SIGNED.witnesses[w].verifier());
        parties.push(Party::Witness(w));
        names.push(format!("w{w}"));
    }
    let mut taken = BTreeSet::new();
    for (group, number) in input.groups.iter().take(5).zip(0..) {
        let members: Vec<usize> = (0..parties.len()).filter(|m| group.members >> m & 1 == 1).collect();
        let listed: String = members.iter().map(|m| format!(" {}", names[*m])).collect();
        let (word, threshold) = match group.threshold % 8 {
            6 => ("any".to_owned(), 1),
            7 => ("all".to_owned(), members.len()),
            k => (k.to_string(), usize::from(k)),
        };
        text += &format!("group g{number} {word}{listed}\n");
        is_right &= (1..=members.len()).contains(&threshold) && members.iter().all(|m| taken.insert(*m));
        parties.push(Party::Group(threshold, members));
        names.push(format!("g{number}"));
    }
    let quorum = usize::from(input.quorum) % (parties.len() + 1);
    text += &format!("quorum {}\n", names.get(quorum).map_or("none", String::as_str));
    let quorum = (quorum < parties.len()).then_some(quorum);
    (text, is_right.then_some(Model { parties, quorum }))
}

fn is_met(parties: &[Party], party: usize, cosigned: &impl Fn(usize) -> bool) -> bool {
    match &parties[party] {
        Party::Witness(w) => cosigned(*w),
        Party::Group(threshold, members) => {
            members.iter().filter(|m| is_met(parties, **m, cosigned)).count() >= *threshold
        }
    }
}
