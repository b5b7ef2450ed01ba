//! Steps 12 to 14: grants, questions that are not answered, and what nothing needs.

use super::*;

pub fn grants() -> Vec<Vector> {
    let licensor = key("north.example", 7);
    let mut vectors = Vec::new();
    let namesake = key("lab.example/deeds", 200).verifier().id();
    for (id, log) in [
        ("grant-signed-for-no-log", None),
        ("grant-signed-for-another-log", Some("other.example/deeds+00000000".to_owned())),
        ("grant-signed-for-another-key-of-the-log", Some(format!("lab.example/deeds+{namesake}"))),
    ] {
        let mut lab = Lab::new("lab.example/deeds");
        let dataset = lab.dataset("songs");
        let mut north = terms("north");
        north.licensee.log = log;
        let grant = lab.enveloped(&licensor, north);
        lab.admit(dataset, &ids(&[FIRST]), grant);
        let release = lab.release(dataset, "1");
        lab.state();
        vectors.push(by_lab(id, "", "grants", &lab, release, &[FIRST]));
    }
    let s = story();
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.entries.remove(&s.grant);
    vectors.push(forged("hidden-grant", "", "grants", &first(&s.lab), &plan.file(&s.lab).print()).flag("prover"));
    let mut grant = 0;
    let s = story_with(|lab, _, _| grant = lab.signed_grant(&licensor, terms("signed"), &ids(&[FIRST])));
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.entries.insert(grant);
    plan.keys.insert(grant, BTreeSet::from([work_key(FIRST)]));
    let comment = "It is another grant's that covers the work.";
    vectors.push(
        forged("catalogue-that-no-work-needs", comment, "grants", &first(&s.lab), &plan.file(&s.lab).print())
            .flag("prover"),
    );
    for (id, is_signed) in [("catalogue-of-an-asserted-grant", false), ("catalogue-of-a-signed-grant-of-a-party", true)]
    {
        let rows = catalogue_rows(&ids(&[FIRST]));
        let mut lab = Lab::new("lab.example/deeds");
        let dataset = lab.dataset("songs");
        let mut north = terms("north");
        let grant = if is_signed {
            north.licensee.log = Some(format!("{}+{}", lab.origin, lab.key().verifier().id()));
            lab.enveloped(&licensor, north)
        } else {
            let root: RowsRef = rows_ref(Kind::Catalogue, &rows);
            lab.grant(Terms { subject: Subject::Catalogue(root), ..north })
        };
        lab.tables.insert(grant, (Kind::Catalogue, rows));
        lab.admit(dataset, &ids(&[FIRST]), grant);
        let release = lab.release(dataset, "1");
        lab.state();
        let comment = "Only a licensor's signature makes a catalogue worth proving.";
        vectors.push(by_lab(id, comment, "tables", &lab, release, &[FIRST]));
    }
    vectors
}

pub fn answers() -> Vec<Vector> {
    let mut s = story();
    let other = s.lab.dataset("other");
    let empty = s.lab.release(other, "1");
    let next = s.lab.release(s.dataset, "2");
    s.lab.state();
    let asked = works(&[&[FIRST]]);
    let case = |id: &str, comment: &str, reason: &str, release: u64, question: &[Vec<Identifier>]| {
        let bytes = s.lab.prove(release, &asked);
        forged(id, comment, reason, &Asked::of(&s.lab, "songs@1", question), &bytes).flag("prover")
    };
    vec![
        case("about-another-version", "An honest proof about songs@2.", "subjects", next, &asked),
        case("about-another-dataset", "An honest proof of absence from other@1.", "subjects", empty, &asked),
        case("about-another-work", "", "answers", s.release, &works(&[&[SECOND]])),
        case(
            "about-one-identifier-of-two",
            "Each identifier asked must have been looked up.",
            "answers",
            s.release,
            &works(&[&[FIRST, FIRST_TOO]]),
        ),
    ]
}

pub fn leftovers() -> Vec<Vector> {
    let s = story_with(|lab, dataset, _| {
        for i in 0..9 {
            lab.admit(dataset, &ids(&[&format!("id:many/{i}")]), dataset + 1);
            lab.dataset(&format!("other-{i}"));
        }
    });
    let plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    let mut more = plan.clone();
    more.entries.insert(s.admissions[1]);
    let bytes = more.file(&s.lab).print();
    let mut vectors = vec![forged("entry-too-many", "", "leftovers", &first(&s.lab), &bytes).flag("prover")];
    for (id, statement) in [("row-too-many-in-the-release", s.release), ("row-too-many-in-the-register", s.state)] {
        let rows = s.lab.tables[&statement].1.clone();
        let needed = disclosed_table(&rows, statement, &plan.keys[&statement]).rows;
        let mut positions: BTreeSet<usize> = needed.iter().map(|r| r.position as usize).collect();
        let unused = (0..rows.len()).find(|p| !positions.contains(p)).expect("a row that is not needed");
        positions.insert(unused);
        let mut file = plan.file(&s.lab);
        *file.tables.iter_mut().find(|t| t.statement == statement).unwrap() = table_of(&rows, statement, &positions);
        vectors.push(forged(id, "", "leftovers", &first(&s.lab), &file.print()).flag("prover"));
    }
    vectors
}
