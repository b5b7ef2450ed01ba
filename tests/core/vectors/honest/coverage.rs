//! What grants cover on the day judged, and what the register says of them.

use super::*;

pub fn verdicts() -> Vec<Vector> {
    let mut vectors = gaps();
    let s = story();
    for (id, at, verdict) in [
        ("asked-for-the-day-before-the-grant", "2025-12-31", "gap"),
        ("asked-for-the-first-day-of-the-grant", "2026-01-01", "covered"),
        ("asked-for-the-day-of-the-state", "2026-02-01", "covered"),
        ("asked-for-the-day-after-the-state", "2026-02-02", "unknown"),
        ("asked-for-the-first-day-after-the-grant", "2028-01-01", "gap"),
    ] {
        let asked = Asked { at: Some(at), ..Asked::of(&s.lab, "songs@1", &works(&[&[FIRST]])) };
        vectors.push(honest(
            id,
            "The question's date is judged instead of the admission's.",
            &s.lab,
            s.release,
            &asked,
            &[verdict],
        ));
    }
    let by_hand = || Some(Override { because: "asked".into(), by: "A. Person".into(), codes: Codes::NONE });
    let s = story_with(|lab, dataset, _| {
        let grant = dataset + 1;
        for (work, day) in [(ABSENT, "2026-01-15"), (FIFTH, "2025-12-31")] {
            lab.admit_with(dataset, &ids(&[work]), grant, |a| a.used_from = Some(date(day)));
        }
        lab.admit_with(dataset, &ids(&["id:example/6"]), grant, |a| a.override_ = by_hand());
        let short = lab.grant(Terms { valid_to: Some(date("2026-01-31")), ..terms("short") });
        lab.admit_with(dataset, &ids(&["id:example/7"]), short, |a| a.override_ = by_hand());
        lab.admit(dataset, &ids(&[SECOND]), short);
    });
    vectors.push(one(
        "used-before-it-was-recorded",
        "The day is the lab's claim.",
        &s,
        &[ABSENT],
        "covered-as-claimed",
    ));
    let asked = Asked { at: Some("2026-01-20"), ..Asked::of(&s.lab, "songs@1", &works(&[&[ABSENT]])) };
    let comment = "The auditor's own day is no claim of the lab's.";
    vectors.push(honest(
        "used-before-it-was-recorded-and-asked-for-a-day",
        comment,
        &s.lab,
        s.release,
        &asked,
        &["covered"],
    ));
    vectors.push(one("used-before-the-grant", "", &s, &[FIFTH], "gap"));
    vectors.push(one("override-although-covered", "Never covered.", &s, &["id:example/6"], "override"));
    vectors.push(one("override-although-not-covered", "", &s, &["id:example/7"], "override"));
    vectors.push(one("covered-once-and-once-not", "The worst admission counts.", &s, &[SECOND], "gap"));
    vectors
}

/// A gap for each code of the rules, under terms that are otherwise enough.
fn gaps() -> Vec<Vector> {
    let north = || terms("north");
    let germany = || vec![Territory::parse("DE").unwrap()].into();
    let models = Some(Models { names: vec!["m".to_owned()].into(), versions: None });
    let cases: [(&str, Terms, &str); 15] = [
        (
            "covered-by-the-licence-of-the-work",
            Terms { subject: Subject::Licence("LicenseRef-north".into()), ..north() },
            "covered",
        ),
        (
            "covered-by-an-identifier-of-a-party",
            Terms { subject: Subject::Party("id:example/north-press".into()), ..north() },
            "covered",
        ),
        ("covered-by-a-wider-use", Terms { uses: vec![Use::Tdm].into(), ..north() }, "covered"),
        ("covered-for-the-models-named", Terms { models, ..north() }, "covered"),
        ("gap-licence-not-in-subject", Terms { subject: Subject::Licence("CC-BY-4.0".into()), ..north() }, "gap"),
        ("gap-party-not-in-subject", Terms { subject: Subject::Party("South".into()), ..north() }, "gap"),
        ("gap-layer-not-covered", Terms { layers: vec![Layer::Image].into(), ..north() }, "gap"),
        ("gap-use-not-granted", Terms { uses: vec![Use::Evaluation].into(), ..north() }, "gap"),
        (
            "gap-use-prohibited-by-a-narrower-one",
            Terms { uses: vec![Use::Tdm].into(), not_uses: vec![Use::GenerativeTraining].into(), ..north() },
            "gap",
        ),
        ("gap-purpose-not-covered", Terms { purposes: vec![Purpose::Research].into(), ..north() }, "gap"),
        ("gap-one-country-is-not-worldwide", Terms { territories: germany(), ..north() }, "gap"),
        ("gap-one-country-left-out", Terms { not_territories: germany(), ..north() }, "gap"),
        ("gap-not-yet-valid", Terms { valid_from: date("2026-02-02"), ..north() }, "gap"),
        ("gap-expired", Terms { valid_to: Some(date("2026-02-01")), ..north() }, "gap"),
        (
            "gap-other-model",
            Terms { models: Some(Models { names: vec!["n".to_owned()].into(), versions: None }), ..north() },
            "gap",
        ),
    ];
    let mut vectors = Vec::new();
    for (id, terms, verdict) in cases {
        let mut lab = Lab::new("lab.example/deeds");
        let dataset = lab.dataset_with("songs", |d| d.models = vec![Model::parse("m@1").unwrap()].into());
        let grant = lab.grant(terms);
        lab.admit(dataset, &ids(&[FIRST]), grant);
        let release = lab.release(dataset, "1");
        lab.state();
        vectors.push(plain(id, "", &lab, release, &[&[FIRST]], &[verdict]));
    }
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset_with("songs", |d| d.layers = vec![Layer::Composition, Layer::Master].into());
    let grants = [(Layer::Composition, "composition"), (Layer::Master, "master")]
        .map(|(layer, name)| (layer, lab.grant(Terms { layers: vec![layer].into(), ..terms(name) })));
    for (work, named) in [(FIRST, &grants[..]), (SECOND, &grants[..1])] {
        lab.admit_with(dataset, &ids(&[work]), 0, |a| a.grants = named.iter().copied().collect());
    }
    let release = lab.release(dataset, "1");
    lab.state();
    vectors.push(plain(
        "covered-in-both-layers",
        "The dataset requires two, under a grant each.",
        &lab,
        release,
        &[&[FIRST]],
        &["covered"],
    ));
    vectors.push(plain(
        "gap-no-grant-for-a-layer",
        "Standing is null: a layer has no grant.",
        &lab,
        release,
        &[&[SECOND]],
        &["gap"],
    ));
    vectors
}

pub fn register() -> Vec<Vector> {
    let ended = |id: &str, comment: &str, days: &[&str], verdict: &str| {
        let mut s = story();
        for day in days {
            s.lab.end(s.grant, day);
        }
        s.lab.state();
        one(id, comment, &s, &[FIRST], verdict)
    };
    let mut vectors = vec![
        ended("ended-after-the-day-judged", "", &["2026-02-02"], "covered"),
        ended("ended-on-the-day-judged", "", &["2026-02-01"], "gap"),
        ended("ended-three-times", "The earliest counts.", &["2026-03-01", "2026-01-01", "2026-04-01"], "gap"),
    ];
    let mut s = story();
    s.lab.end(s.grant, "2026-01-01");
    vectors.push(one(
        "ended-after-the-state",
        "What was logged after the state is not seen: see its index.",
        &s,
        &[FIRST],
        "covered",
    ));
    let mut s = story();
    for entry in [s.admissions[0], s.grant, s.dataset] {
        s.lab.dispute(entry);
        s.lab.correct(entry);
    }
    s.lab.run(s.release);
    s.lab.state();
    vectors.push(one(
        "disputed-and-corrected",
        "Shown, and nothing changes. The run is about the release, and not needed.",
        &s,
        &[FIRST],
        "covered",
    ));
    for (id, comment, verdict) in [
        ("erased-dispute-about-the-grant", "It could have been an end: unknown.", "unknown"),
        ("erased-dispute-about-the-dataset", "It could have been a withdrawal: unknown.", "unknown"),
        ("erased-dispute-about-the-admission", "Coverage does not rest on it.", "covered"),
        ("erased-dispute-about-an-erased-dispute", "Each erased entry needs an erasure of its own.", "covered"),
    ] {
        let mut s = story();
        let about = match id {
            "erased-dispute-about-the-grant" => s.grant,
            "erased-dispute-about-the-dataset" => s.dataset,
            _ => s.admissions[0],
        };
        let dispute = s.lab.dispute(about);
        if id.ends_with("erased-dispute") {
            let second = s.lab.dispute(dispute);
            s.lab.erase(second);
        }
        s.lab.erase(dispute);
        s.lab.state();
        vectors.push(one(id, comment, &s, &[FIRST], verdict));
    }
    vectors
}
