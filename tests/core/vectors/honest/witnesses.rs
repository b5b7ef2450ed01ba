//! Policies with witnesses, anchors, and the brackets of entries.

use super::*;

/// A policy with these witnesses, of which a number must have cosigned.
pub fn policy(lab: &Lab, threshold: &str, witnesses: &[&SigningKey]) -> String {
    let mut policy = format!("log {}\n", lab.key().verifier());
    let mut group = format!("group quorum-group {threshold}");
    for (witness, i) in witnesses.iter().zip(1..) {
        policy += &format!("witness w{i} {}\n", witness.verifier());
        group += &format!(" w{i}");
    }
    format!("{policy}{group}\nquorum quorum-group\n")
}

/// What the log says, and what its witnesses add.
struct Seen<'a> {
    witnessed: bool,
    witnesses: &'a [(&'a SigningKey, &'a str)],
    /// Where brackets change what the log alone says.
    verdict: Option<&'a str>,
}

impl Seen<'_> {
    fn write(&self, mut vector: Vector) -> Vector {
        let names = self.witnesses.iter().map(|(key, time)| json!({ "name": key.verifier().name(), "time": time }));
        let names: Vec<Value> = names.collect();
        let answer = vector.0.get_mut("expected").unwrap();
        answer["witnessed"] = self.witnessed.into();
        answer["witnesses"] = names.into();
        if let Some(verdict) = self.verdict {
            answer["works"][0]["verdict"] = verdict.into();
        }
        vector.flag("trust")
    }
}

const NOON: &str = "2026-02-01T12:00:00Z";
const FEBRUARY: &str = "2026-02-10T00:00:00Z";
const MARCH: &str = "2026-03-01T00:00:00Z";

pub fn witnesses() -> Vec<Vector> {
    let s = story();
    let (w, v, u) = (witness("w.example", 21), witness("v.example", 22), witness("u.example", 23));
    let first = s.admissions[0];
    let case = |id: &str, comment: &str, policy: &str, work: &str, anchors: &[(u64, &SigningKey, &str)], seen: Seen| {
        let asked = Asked { policy: Some(policy.to_owned()), ..Asked::of(&s.lab, "songs@1", &works(&[&[work]])) };
        let mut plan = s.lab.plan(s.release, &works(&[&[work]]));
        plan.checkpoint = s.lab.cosigned(plan.size, seen.witnesses);
        plan.anchors = anchors.iter().map(|(size, w, at)| s.lab.anchor(*size, plan.size, &[(*w, at)])).collect();
        let verdict = if work == ABSENT { "absent" } else { "covered" };
        seen.write(planned(id, comment, &s.lab, s.release, &asked, &plan.file(&s.lab), &[verdict]))
    };
    let all = policy(&s.lab, "all", &[&w]);
    let seen = |witnessed, witnesses| Seen { witnessed, witnesses, verdict: None };
    let march = &[(&w, MARCH)][..];
    let mut vectors = vec![
        case("witnessed-without-anchors", "The bracket has an end and no start.", &all, FIRST, &[], seen(false, march)),
        case("witnessed-absence-needs-no-bracket", "No admission is relied on.", &all, ABSENT, &[], seen(true, march)),
        case(
            "witnessed-on-both-sides",
            "Anchors of the sizes before the admission and with it.",
            &all,
            FIRST,
            &[(first, &w, NOON), (first + 1, &w, FEBRUARY)],
            seen(true, march),
        ),
        case(
            "witnessed-with-four-anchors",
            "The most that there may be.",
            &all,
            FIRST,
            &[(1, &w, NOON), (2, &w, NOON), (first, &w, NOON), (first + 1, &w, FEBRUARY)],
            seen(true, march),
        ),
        case(
            "witnessed-earlier-in-a-larger-log",
            "The anchor's later time becomes that of the checkpoint.",
            &all,
            FIRST,
            &[(first, &w, NOON), (first + 1, &w, "2026-04-01T00:00:00Z")],
            seen(true, march),
        ),
        case(
            "anchor-by-an-unknown-witness",
            "It proves no time and does no harm.",
            &all,
            FIRST,
            &[(first, &v, NOON)],
            seen(false, march),
        ),
    ];
    let late = Seen { witnessed: true, witnesses: march, verdict: Some("unknown") };
    let comment =
        "First seen without the admission after its date: judged on that day too, which is after the state's.";
    vectors.push(case(
        "witnessed-late-and-after-the-state",
        comment,
        &all,
        FIRST,
        &[(first, &w, "2026-02-02T00:00:00Z")],
        late,
    ));
    let both = &[(&w, MARCH), (&v, "2026-03-02T00:00:00Z")][..];
    let two_of_three = policy(&s.lab, "2", &[&w, &v, &u]);
    vectors.push(case(
        "witnessed-by-two-of-three",
        "Names in the policy's order.",
        &two_of_three,
        ABSENT,
        &[],
        seen(true, both),
    ));
    let future = &[(&w, "9999-12-31T23:59:59Z")][..];
    let comment = "A verifier has no clock: the latest time that there is. Whoever has a clock may warn.";
    vectors.push(case("cosignature-from-the-future", comment, &all, ABSENT, &[], seen(true, future)));
    let none = format!("log {}\nquorum none\n", s.lab.key().verifier());
    let unknown = Seen { witnessed: false, witnesses: march, verdict: None };
    let mut vector = case(
        "cosigned-and-nobody-asked",
        "Without witnesses in the policy no time is proven.",
        &none,
        FIRST,
        &[(first, &w, NOON)],
        unknown,
    );
    vector.0.get_mut("expected").unwrap()["witnesses"] = json!([]);
    vectors.push(vector);
    vectors.extend(late_witnesses(&w));
    vectors.push(not_after(&w, "2026-03-02", "signed"));
    vectors.push(not_after(&w, "2026-03-01", "asserted"));
    vectors
}

/// A grant that ended between the admission's own date and the day on which witnesses had not seen it yet.
fn late_witnesses(w: &SigningKey) -> [Vector; 2] {
    [("2026-06-02", "covered"), ("2026-06-01", "gap")].map(|(valid_to, verdict)| {
        let mut lab = Lab::new("lab.example/deeds");
        let dataset = lab.dataset("songs");
        let grant = lab.grant(Terms { valid_to: Some(date(valid_to)), ..terms("north") });
        let admission = lab.admit(dataset, &ids(&[FIRST]), grant);
        let release = lab.release(dataset, "1");
        lab.set_time("2026-07-01T00:00:00Z");
        lab.state();
        let asked =
            Asked { policy: Some(policy(&lab, "all", &[w])), ..Asked::of(&lab, "songs@1", &works(&[&[FIRST]])) };
        let mut plan = lab.plan(release, &works(&[&[FIRST]]));
        let seen = [(w, "2026-08-01T00:00:00Z")];
        plan.checkpoint = lab.cosigned(plan.size, &seen);
        plan.anchors = vec![lab.anchor(admission, plan.size, &[(w, "2026-06-01T00:00:00Z")])];
        let id = format!("witnessed-late-and-{}", if verdict == "gap" { "expired-by-then" } else { "still-covered" });
        let comment = "Dated 1 February, not yet in the log on 1 June: both days are judged.";
        let vector = planned(&id, comment, &lab, release, &asked, &plan.file(&lab), &["covered"]);
        Seen { witnessed: true, witnesses: &seen, verdict: Some(verdict) }.write(vector)
    })
}

/// A licensor's key that is over counts for what was witnessed before.
fn not_after(w: &SigningKey, day: &str, standing: &str) -> Vector {
    let (lab, release) = signed();
    let mut asked = Asked::of(&lab, "songs@1", &works(&[&[FIRST]]));
    asked.policy = Some(policy(&lab, "all", &[w]));
    if standing == "signed" {
        asked = asked.licensor(&north(), &north_press());
    }
    let mut plan = lab.plan(release, &works(&[&[FIRST]]));
    let seen = [(w, MARCH)];
    plan.checkpoint = lab.cosigned(plan.size, &seen);
    let (id, comment) = (format!("signed-by-a-key-until-{day}"), "The grant's bracket ends on 2026-03-01.");
    let vector = planned(&id, comment, &lab, release, &asked, &plan.file(&lab), &["covered"]);
    let line = format!("licensor {} {} not-after {day}\n", north(), north_press().verifier());
    let vector = standing_is(vector, standing).with("licensors", line);
    Seen { witnessed: false, witnesses: &seen, verdict: None }.write(vector)
}
