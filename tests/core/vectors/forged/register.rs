//! Step 9 and later look-ups in the register: names, what is said of entries, and what is hidden of that.

use super::*;

pub fn register() -> Vec<Vector> {
    let mut vectors = names();
    vectors.extend(lies_in_the_register());
    vectors.extend(hidden_ends());
    vectors.extend(hidden_as_erased());
    let claim = |s: &Story, entry: u64| DisputeClaim {
        claim: "It is mine.".into(),
        entry,
        ids: Set::new(),
        leaf: s.lab.entries[entry as usize].leaf,
        name: "South Press".into(),
        origin: s.lab.origin.clone(),
    };
    let mut s = story();
    s.lab.dispute_of(DisputeClaim { leaf: Hash([7; 32]), ..claim(&s, s.admissions[0]) });
    s.lab.state();
    vectors.push(by_lab("dispute-about-another-leaf", "", "rows", &s.lab, s.release, &[FIRST]));
    let mut s = story();
    s.lab.dispute_of(DisputeClaim { origin: "other.example/deeds".into(), ..claim(&s, s.dataset) });
    s.lab.state();
    vectors.push(by_lab("dispute-of-another-log", "", "register", &s.lab, s.release, &[FIRST]));
    let mut s = story();
    let erased = s.lab.dispute(s.admissions[0]);
    s.lab.dispute_of(DisputeClaim { leaf: Hash([7; 32]), ..claim(&s, erased) });
    s.lab.erase(erased);
    s.lab.state();
    vectors.push(by_lab("dispute-about-another-leaf-of-an-erased-entry", "", "rows", &s.lab, s.release, &[FIRST]));
    vectors
}

fn names() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (id, name, reason) in [
        ("register-without-the-dataset", "dataset:songs", "register"),
        ("register-without-the-release", "release:songs@1", "register"),
        ("register-without-the-grant", "grant:north", "grants"),
    ] {
        let mut s = story();
        s.lab.state_with(|rows| rows.retain(|r| r.key != register_key(name)), |_| {});
        vectors.push(by_lab(id, "Its name has no row.", reason, &s.lab, s.release, &[FIRST]));
    }
    let mut s = story();
    s.lab.dataset("songs");
    s.lab.state();
    vectors.push(by_lab("two-datasets-of-one-name", "", "register", &s.lab, s.release, &[FIRST]));
    let mut s = story();
    s.lab.grant(Terms { valid_to: None, ..terms("north") });
    s.lab.state();
    vectors.push(by_lab("two-grants-of-one-name", "", "grants", &s.lab, s.release, &[FIRST]));
    let mut s = story();
    let second = s.lab.release_with(s.dataset, "1", |rows| rows.clear(), |_| {});
    s.lab.state();
    vectors.push(by_lab("two-releases-of-one-name", "Both are disclosed.", "subjects", &s.lab, s.release, &[FIRST]));
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.entries.remove(&second);
    let bytes = plan.file(&s.lab).print();
    vectors.push(
        forged("two-releases-of-one-name-one-hidden", "", "register", &first(&s.lab), &bytes)
            .flag("lab")
            .flag("prover"),
    );
    s.lab.entries[second as usize].is_erased = true;
    plan.entries.insert(second);
    let bytes = plan.file(&s.lab).print();
    let comment = "The other stands as its leaf hash, as if erased.";
    vectors.push(
        forged("two-releases-of-one-name-one-as-a-leaf", comment, "register", &first(&s.lab), &bytes)
            .flag("lab")
            .flag("prover"),
    );
    let mut s = story();
    s.lab.grant(terms("north"));
    s.lab.state_with(|rows| rows.retain(|r| *r != registered("grant:north", s.grant)), |_| {});
    vectors.push(by_lab("name-of-a-grant-given-to-another", "", "grants", &s.lab, s.release, &[FIRST]));
    vectors
}

/// Rows that lead to entries saying something else, or to none.
fn lies_in_the_register() -> Vec<Vector> {
    type Lie = fn(&mut Story) -> (String, u64);
    let lies: [(&str, &str, Lie); 4] = [
        ("dispute-put-under-another-entry", "rows", |s| {
            (format!("entry:{}", s.admissions[0]), s.lab.dispute(s.admissions[1]))
        }),
        ("end-put-under-the-dataset", "register", |s| {
            (format!("entry:{}", s.dataset), s.lab.end(s.grant, "2027-01-01"))
        }),
        ("admission-put-under-another-entry", "rows", |s| (format!("entry:{}", s.admissions[0]), s.admissions[1])),
        ("dataset-put-under-another-name", "register", |s| ("dataset:songs".into(), s.lab.dataset("other"))),
    ];
    let mut vectors = Vec::new();
    for (id, reason, lie) in lies {
        let mut s = story();
        let (name, index) = lie(&mut s);
        let edit = |rows: &mut Vec<Row>| {
            rows.retain(|r| r.value != index);
            add(rows, registered(&name, index));
        };
        s.lab.state_with(edit, |_| {});
        vectors.push(by_lab(
            id,
            "A row of the register leads to an entry that says something else.",
            reason,
            &s.lab,
            s.release,
            &[FIRST],
        ));
    }
    let mut s = story();
    let (name, own) = (format!("entry:{}", s.dataset), s.lab.size());
    s.lab.state_with(|rows| add(rows, registered(&name, own)), |_| {});
    vectors.push(by_lab("register-row-that-leads-to-its-state", "", "register", &s.lab, s.release, &[FIRST]));
    vectors
}

/// An honest register has the end of the grant, and the prover would rather not show it.
fn hidden_ends() -> Vec<Vector> {
    let mut s = story();
    let end = s.lab.end(s.grant, "2026-01-01");
    let state = s.lab.state();
    let rows = s.lab.tables[&state].1.clone();
    let hidden = rows.iter().position(|r| r.value == end).unwrap();
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    let shown = |id: &str, comment: &str, reason: &str, file: &ProofFile| {
        forged(id, comment, reason, &first(&s.lab), &file.print()).flag("prover")
    };
    plan.entries.remove(&end);
    let without_entry =
        shown("hidden-grant-end-entry", "Its row is shown, the entry is not.", "grants", &plan.file(&s.lab));
    let replaced = |table: DisclosedTable| {
        let mut file = plan.file(&s.lab);
        *file.tables.iter_mut().find(|t| t.statement == state).unwrap() = table;
        file
    };
    let others: BTreeSet<usize> = (0..rows.len()).filter(|p| *p != hidden).collect();
    let left_out: Vec<Row> = rows.iter().filter(|r| r.value != end).copied().collect();
    let comment = "Every row but its own, with a proof: the look-up has a hole.";
    let without_row = shown("hidden-grant-end-row", comment, "register", &replaced(table_of(&rows, state, &others)));
    let comment = "A proof over rows that lack it.";
    let doctored = disclosed_table(&left_out, state, &plan.keys[&state]);
    let with_other_rows = shown("hidden-grant-end-in-other-rows", comment, "tables", &replaced(doctored));
    let mut lab = s.lab.clone();
    lab.entries[end as usize].is_erased = true;
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.register(&lab, state, &format!("entry:{end}"));
    let file = plan.file(&lab);
    let comment = "It stands as its leaf hash, and nothing erased it.";
    let as_leaf = forged("hidden-grant-end-as-a-leaf", comment, "grants", &first(&lab), &file.print()).flag("prover");
    vec![without_entry, without_row, with_other_rows, as_leaf]
}

/// Entries that stand as their leaf hashes, and that no erasure names.
fn hidden_as_erased() -> Vec<Vector> {
    let mut s = story();
    s.lab.dispute(s.admissions[0]);
    let state = s.lab.state();
    let plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    let mut vectors = Vec::new();
    for (id, hidden, reason) in [
        ("ledger-as-a-leaf", 0, "subjects"),
        ("dataset-as-a-leaf", s.dataset, "subjects"),
        ("release-as-a-leaf", s.release, "subjects"),
        ("state-as-a-leaf", state, "subjects"),
        ("grant-as-a-leaf", s.grant, "grants"),
        ("admission-as-a-leaf", s.admissions[0], "rows"),
        ("dispute-as-a-leaf", s.state + 1, "rows"),
    ] {
        let mut lab = s.lab.clone();
        lab.entries[hidden as usize].is_erased = true;
        let mut plan = plan.clone();
        plan.register(&lab, state, &format!("entry:{hidden}"));
        vectors.push(forged(id, "", reason, &first(&lab), &plan.file(&lab).print()).flag("prover"));
    }
    let mut s = story();
    let first_dispute = s.lab.dispute(s.admissions[0]);
    let second = s.lab.dispute(first_dispute);
    s.lab.erase(first_dispute);
    s.lab.entries[second as usize].is_erased = true;
    let state = s.lab.state();
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.register(&s.lab, state, &format!("entry:{second}"));
    let comment = "A dispute about an erased dispute, hidden as if erased too.";
    let bytes = plan.file(&s.lab).print();
    vectors
        .push(forged("dispute-about-an-erased-dispute-as-a-leaf", comment, "rows", &first(&s.lab), &bytes).flag("lab"));
    vectors
}
