//! Nothing in an honest file can be changed: the file is refused, or says the very same.
//!
//! What a prover may leave out to its own loss (an anchor, the catalogue of a signed grant) is named here, and gives
//! the same presence, verdict and coverage with less behind it.

use super::*;
use deedbook::statement::Terms;
use deedbook::statement::terms::Standing;
use deedbook::verify::Verdict;
use deedbook::verify::facts::Facts;
use serde_json::Value;

/// An honest file, the question it answers, and what it establishes.
struct Proven {
    lab: Lab,
    trust: Trust,
    question: Question,
    bytes: Vec<u8>,
    facts: String,
}

impl Proven {
    fn new(lab: Lab, trust: Trust, plan: &Plan, asked: &[Vec<Identifier>]) -> Proven {
        let (bytes, question) = (plan.file(&lab).print(), question("songs@1", asked));
        let facts = say(&verify(&bytes, &trust, &question).unwrap());
        Proven { lab, trust, question, bytes, facts }
    }

    /// A small file: one work present, one absent.
    fn small() -> Proven {
        let s = story();
        let asked = works(&[&[FIRST, FIRST_TOO], &[ABSENT]]);
        let (plan, trust) = (s.lab.plan(s.release, &asked), s.lab.trust());
        Proven::new(s.lab, trust, &plan, &asked)
    }

    /// A file with everything that a file can have.
    fn rich() -> Proven {
        let licensor = key("north.example", 7);
        let s = story_with(|lab, dataset, _| {
            let grant = lab.signed_grant(&licensor, terms("signed"), &ids(&[ABSENT, THIRD, "id:example/9"]));
            lab.admit(dataset, &ids(&[ABSENT]), grant);
        });
        let mut lab = s.lab;
        let dispute = lab.dispute(s.admissions[0]);
        lab.end(s.grant, "2027-01-01");
        lab.correct(s.dataset);
        lab.withdraw(s.dataset, s.admissions[2], 1);
        lab.erase(dispute);
        lab.erase(s.admissions[1]);
        lab.state();
        let w = witness("witness.example", 21);
        let mut trust = lab.trust_with(&format!("licensor {} {}\n", north(), licensor.verifier()));
        trust.policy = lab.trust_witnessed(&[&w]).policy;
        let asked = works(&[&[FIRST], &[SECOND], &[ABSENT], &["id:example/5"]]);
        let mut plan = lab.plan(s.release, &asked);
        plan.checkpoint = lab.cosigned(plan.size, &[(&w, "2026-03-01T00:00:00Z")]);
        plan.anchors = [(2, "2026-02-01T00:01:30Z"), (s.release + 1, "2026-02-01T06:00:00Z")]
            .map(|(size, at)| lab.anchor(size, plan.size, &[(&w, at)]))
            .to_vec();
        Proven::new(lab, trust, &plan, &asked)
    }

    fn check(&self, bytes: &[u8], what: impl Fn() -> String) -> Outcome {
        match verify(bytes, &self.trust, &self.question) {
            Err(_) => Outcome::Refused,
            Ok(facts) if say(&facts) == self.facts => Outcome::Same,
            Ok(facts) => {
                let honest = verify(&self.bytes, &self.trust, &self.question).unwrap();
                assert!(is_weaker(&facts, &honest), "{}: {facts:#?}", what());
                Outcome::Weaker
            }
        }
    }

    /// Requires that a change is refused; inside an anchor, which may go, it may also weaken the file.
    fn refuse(&self, bytes: &[u8], what: impl Fn() -> String) {
        if bytes == self.bytes {
            return;
        }
        let outcome = self.check(bytes, &what);
        let same = bytes.iter().zip(&self.bytes).take_while(|(a, b)| a == b).count();
        let is_anchor = self.bytes[same.min(self.bytes.len() - 1)..].windows(13).any(|w| w == b"\"checkpoint\":");
        assert!(outcome == Outcome::Refused || outcome == Outcome::Weaker && is_anchor, "{}: {outcome:?}", what());
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Refused,
    Same,
    Weaker,
}

fn say(facts: &Facts) -> String {
    format!("{facts:?}")
}

/// Whether presence and verdicts are the same, and standing and brackets no better.
fn is_weaker(facts: &Facts, honest: &Facts) -> bool {
    let mut pairs = facts.works.iter().zip(&honest.works);
    facts.works.len() == honest.works.len()
        && facts.witnessed <= honest.witnessed
        && facts.witnessed_at == honest.witnessed_at
        && pairs.all(|(a, b)| {
            let brackets = a.admissions.iter().zip(&b.admissions).all(|(a, b)| {
                a.bracket.start <= b.bracket.start && a.bracket.end.is_none_or(|end| Some(end) >= b.bracket.end)
            });
            let is_same = (&a.identifiers, &a.found_by, a.verdict) == (&b.identifiers, &b.found_by, b.verdict);
            is_same && admissions(a) == admissions(b) && a.standing <= b.standing && brackets
        })
}

// ---------------------------------------------------------------------------------------------------------------------
// Bytes

/// Every `step`th byte: one bit flipped, the byte gone, the byte twice.
fn change_bytes(proven: &Proven, step: usize) {
    for at in (0..proven.bytes.len()).step_by(step) {
        let mut flipped = proven.bytes.clone();
        flipped[at] ^= 1 << (at / step % 8);
        proven.refuse(&flipped, || format!("byte {at} flipped"));
        let mut without = proven.bytes.clone();
        let byte = without.remove(at);
        proven.refuse(&without, || format!("byte {at} removed"));
        let mut twice = proven.bytes.clone();
        twice.insert(at, byte);
        proven.refuse(&twice, || format!("byte {at} twice"));
    }
}

#[test]
fn no_byte_of_a_file_can_be_changed() {
    change_bytes(&Proven::small(), 17);
    change_bytes(&Proven::rich(), 211);
}

#[test]
#[ignore = "minutes in a debug build; the sample above runs always"]
fn no_byte_at_all_of_a_file_can_be_changed() {
    change_bytes(&Proven::small(), 1);
    change_bytes(&Proven::rich(), 1);
}

#[test]
fn a_file_ends_with_one_line_feed_and_begins_with_nothing() {
    let small = Proven::small();
    let text = std::str::from_utf8(&small.bytes).unwrap();
    let line = text.strip_suffix('\n').unwrap();
    for (text, what) in [
        (line.to_owned(), "no line feed"),
        (format!("{text}\n"), "two line feeds"),
        (format!("{line}\r\n"), "a carriage return"),
        (format!("{text} "), "a space"),
        (format!("{text}\0"), "a zero byte"),
        (format!("{line} \n"), "a space before the line feed"),
        (format!("\u{feff}{text}"), "a byte order mark"),
        (format!("\n{text}"), "a line feed before"),
        (format!("{text}{text}"), "two files"),
        (format!("[{line}]\n"), "a list"),
    ] {
        small.refuse(text.as_bytes(), || what.to_owned());
    }
    for len in (0..text.len()).step_by(97) {
        small.refuse(&text.as_bytes()[..len], || format!("cut to {len} bytes"));
    }
}

#[test]
fn another_spelling_of_the_same_file_is_refused() {
    let small = Proven::small();
    let text = std::str::from_utf8(&small.bytes).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(value.to_string() + "\n", text, "the library prints the file's own spelling");
    let reversed = value.as_object().unwrap().iter().rev().map(|(k, v)| format!("\"{k}\":{v}"));
    let twice = text.replacen("\"claims\":", "\"claims\":[],\"claims\":", 1);
    for (other, what) in [
        (serde_json::to_string_pretty(&value).unwrap() + "\n", "white space"),
        (text.replacen(':', ": ", 1), "a space"),
        (format!("{{{}}}\n", reversed.collect::<Vec<_>>().join(",")), "members in another order"),
        (twice, "a member twice"),
        (text.replacen("{\"checkpoint\"", "{\"anchors\":[],\"checkpoint\"", 1), "an empty member"),
        (text.replacen("{\"checkpoint\"", "{\"anchors\":null,\"checkpoint\"", 1), "a null"),
        (text.replacen("\"index\":0,", "\"index\":0,\"leaf\":null,", 1), "a null leaf"),
        (text.replacen("\"index\":0,", "\"index\":0.0,", 1), "a fraction"),
        (text.replacen("\"index\":1,", "\"index\":1e0,", 1), "an exponent"),
        (text.replacen("\"index\":1,", "\"index\":01,", 1), "a leading zero"),
        (text.replacen("\"index\":0,", "\"index\":-0,", 1), "a sign"),
        (text.replacen("deeds", "\\u0064eeds", 1), "an escape that is not needed"),
        (text.replacen("\\n", "\\u000a", 1), "another escape"),
        (text.replacen("/deeds", "\\/deeds", 1), "an escaped slash"),
        (text.replacen("proof/v1", "proof/v2", 1), "another version"),
        (text.replacen("proof/v1", "fork/v1", 1), "another format"),
    ] {
        assert_ne!(other, text, "{what}");
        small.refuse(other.as_bytes(), || what.to_owned());
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Members

/// The JSON pointers of all values, the whole among them.
pub(super) fn pointers(value: &Value, at: String, out: &mut Vec<String>) {
    out.push(at.clone());
    match value {
        Value::Array(items) => items.iter().zip(0..).for_each(|(v, i): (_, u32)| pointers(v, format!("{at}/{i}"), out)),
        Value::Object(members) => members.iter().for_each(|(k, v)| pointers(v, format!("{at}/{k}"), out)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What could stand in the place of a value, with a word for it.
pub(super) fn others(value: &Value, foreign: Option<&Value>) -> Vec<(String, Value)> {
    let mut others = Vec::new();
    match value {
        Value::Array(items) => {
            for i in 0..items.len() {
                let mut without = items.clone();
                without.remove(i);
                others.push((format!("without {i}"), without.into()));
                let mut twice = items.clone();
                twice.insert(i, items[i].clone());
                others.push((format!("{i} twice"), twice.into()));
            }
            for i in 1..items.len() {
                let mut swapped = items.clone();
                swapped.swap(i - 1, i);
                others.push((format!("{i} swapped"), swapped.into()));
            }
            others.push(("reversed".into(), items.iter().rev().cloned().collect::<Vec<_>>().into()));
        }
        Value::Object(members) => {
            for name in members.keys() {
                let mut without = members.clone();
                without.remove(name);
                others.push((format!("without {name}"), without.into()));
            }
            let mut more = members.clone();
            more.insert("more".into(), 1.into());
            others.push(("more".into(), more.into()));
        }
        Value::Number(number) => {
            let number = number.as_u64().unwrap();
            others.push(("more".into(), (number + 1).into()));
            others.extend(number.checked_sub(1).map(|less| ("less".into(), less.into())));
        }
        Value::String(text) => {
            others.push(("empty".into(), "".into()));
            others.push(("longer".into(), format!("{text}A").into()));
        }
        Value::Null | Value::Bool(_) => {}
    }
    others.push(("null".into(), Value::Null));
    others.extend(foreign.map(|foreign| ("foreign".into(), foreign.clone())));
    others
}

/// Changes every value in each way, takes every `step`th change, and gives those that were not refused.
fn change_members(proven: &Proven, foreign: &Value, step: usize, phase: usize) -> Vec<(String, Outcome)> {
    let value: Value = serde_json::from_slice(&proven.bytes).unwrap();
    let mut all = Vec::new();
    pointers(&value, String::new(), &mut all);
    let mut accepted = Vec::new();
    let mut number = phase;
    for pointer in all {
        let here = value.pointer(&pointer).unwrap();
        for (what, other) in others(here, foreign.pointer(&pointer)) {
            number += 1;
            if !number.is_multiple_of(step) || other == *here {
                continue;
            }
            let mut changed = value.clone();
            *changed.pointer_mut(&pointer).unwrap() = other;
            let name = format!("{pointer} {what}");
            match proven.check((changed.to_string() + "\n").as_bytes(), || name.clone()) {
                Outcome::Refused => {}
                outcome => accepted.push((name, outcome)),
            }
        }
    }
    accepted
}

fn foreign(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn no_member_of_a_file_can_be_changed_or_taken_from_another_release_of_the_log() {
    let small = Proven::small();
    let mut lab = small.lab.clone();
    let next = lab.release(1, "2");
    lab.state();
    let other = lab.prove(next, &works(&[&[FIRST, FIRST_TOO], &[SECOND], &[ABSENT]]));
    assert_eq!(change_members(&small, &foreign(&other), 2, 0), []);
}

#[test]
fn no_member_of_a_file_can_be_taken_from_another_log() {
    let small = Proven::small();
    let mut lab = small.lab.clone();
    lab.seed ^= 1;
    lab.entries[2] = {
        let mut other = Lab::new("lab.example/deeds");
        other.dataset("songs");
        other.grant(Terms { valid_to: None, ..terms("north") });
        other.entries[2].clone()
    };
    let other = lab.prove(7, &works(&[&[FIRST, FIRST_TOO], &[ABSENT]]));
    assert_eq!(change_members(&small, &foreign(&other), 2, 1), []);
}

#[test]
fn what_a_rich_file_may_leave_out_weakens_it() {
    let rich = Proven::rich();
    let honest = verify(&rich.bytes, &rich.trust, &rich.question).unwrap();
    let verdicts = [Verdict::Covered, Verdict::Erased, Verdict::Covered, Verdict::Absent];
    assert_eq!(honest.works.iter().map(|w| w.verdict).collect::<Vec<_>>(), verdicts);
    assert_eq!((honest.works[2].standing, honest.witnessed), (Some(Standing::Signed), true));
    for (member, count) in [("anchors", 2), ("tables", 3)] {
        let value: Value = serde_json::from_slice(&rich.bytes).unwrap();
        assert_eq!(value[member].as_array().unwrap().len(), count);
        let outcomes: Vec<Outcome> = (0..count)
            .map(|i| {
                let mut without = value.clone();
                without[member].as_array_mut().unwrap().remove(i);
                rich.check((without.to_string() + "\n").as_bytes(), || format!("{member} {i}"))
            })
            .collect();
        let expected = match member {
            "anchors" => vec![Outcome::Weaker; 2],
            _ => vec![Outcome::Weaker, Outcome::Refused, Outcome::Refused],
        };
        assert_eq!(outcomes, expected, "{member}");
    }
}

#[test]
fn no_other_member_of_a_rich_file_can_be_changed() {
    let rich = Proven::rich();
    let may_go = ["/anchors without", "/tables without 0", " without anchors"];
    for (name, outcome) in change_members(&rich, &foreign(&Proven::small().bytes), 13, 0) {
        assert!(outcome == Outcome::Weaker && may_go.iter().any(|m| name.starts_with(m)), "{name}: {outcome:?}");
    }
}

#[test]
#[ignore = "minutes in a debug build; a sample above runs always"]
fn no_other_member_at_all_of_a_rich_file_can_be_changed() {
    let (rich, small) = (Proven::rich(), Proven::small());
    let may_go = ["/anchors without", "/tables without 0", " without anchors"];
    for (name, outcome) in change_members(&rich, &foreign(&small.bytes), 1, 0) {
        assert!(outcome == Outcome::Weaker && may_go.iter().any(|m| name.starts_with(m)), "{name}: {outcome:?}");
    }
    assert_eq!(change_members(&small, &foreign(&rich.bytes), 1, 0), []);
}

/// Lines that nobody knows are not the log's word: the note stays what it is.
#[test]
fn a_cosignature_by_an_unknown_witness_says_nothing() {
    let small = Proven::small();
    let mut file = deedbook::verify::ProofFile::parse(&small.bytes).unwrap();
    let w = witness("witness.example", 21);
    file.checkpoint = small.lab.cosigned(small.lab.size(), &[(&w, "1999-01-01T00:00:00Z")]);
    assert_eq!(small.check(&file.print(), || "cosigned".into()), Outcome::Same);
}
