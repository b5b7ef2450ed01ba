//! Steps 10 and 11: look-ups that are not complete, and rows that admissions contradict.

use super::*;

pub fn look_ups() -> Vec<Vector> {
    let claim = |texts: &[&str]| Claim { identifiers: ids(texts).into_iter().collect() };
    let mut vectors = Vec::new();
    for (id, claims) in [
        ("no-claims", vec![]),
        ("claim-without-identifiers", vec![claim(&[])]),
        ("claim-twice", vec![claim(&[FIRST]), claim(&[FIRST])]),
        ("claims-not-ascending", vec![claim(&[FIRST]), claim(&[FIRST_TOO])]),
        ("claim-of-a-party", vec![claim(&["orcid:0000000218250097"])]),
    ] {
        let s = story();
        let (mut file, _) = shortest(&s);
        file.claims = claims;
        vectors.push(forged(id, "", "claims", &open(&s.lab), &file.print()).flag("prover"));
    }
    let many: Vec<Identifier> = (0..20).map(|i| id(&format!("id:many/{i}"))).collect();
    let s = story_with(|lab, dataset, _| {
        for i in &many {
            lab.admit(dataset, std::slice::from_ref(i), dataset + 1);
        }
    });
    let rows = s.lab.tables[&s.release].1.clone();
    let find = |key: Key| rows.iter().position(|r| r.key == key).unwrap();
    let middle = many.iter().find(|i| (3..20).contains(&find(work_key(i.as_str())))).unwrap();
    let at = find(work_key(middle.as_str()));
    let with = |id: &str, comment: &str, work: &str, positions: &[usize]| {
        let mut file = s.lab.plan(s.release, &works(&[&[work]])).file(&s.lab);
        let table = table_of(&rows, s.release, &positions.iter().copied().collect());
        *file.tables.iter_mut().find(|t| t.statement == s.release).unwrap() = table;
        let asked = Asked::of(&s.lab, "songs@1", &works(&[&[work]]));
        forged(id, comment, "claims", &asked, &file.print()).flag("prover")
    };
    let present = middle.as_str();
    vectors.push(with("present-without-the-row-before", "There may be more rows of the key.", present, &[at, at + 1]));
    vectors.push(with("present-without-the-row-after", "", present, &[at - 1, at]));
    vectors.push(with("present-alone", "", present, &[at]));
    let before = |text: &str| rows.iter().filter(|r| r.key < work_key(text)).count();
    let absent = others().into_iter().find(|text| (2..rows.len() - 2).contains(&before(text))).unwrap();
    let (absent, missing) = (absent.as_str(), before(&absent));
    vectors.push(with("absent-without-the-row-before", "", absent, &[missing]));
    vectors.push(with("absent-without-the-row-after", "", absent, &[missing - 1]));
    vectors.push(with("absent-between-rows-that-are-not-neighbours", "", absent, &[missing - 1, missing + 1]));
    vectors.push(with("absent-between-rows-elsewhere", "", absent, &[0, 1]));
    let comment = "The row of the work is left out from between the two that are shown.";
    let mut denied = s.lab.plan(s.release, &works(&[&[absent]])).file(&s.lab);
    let table = table_of(&rows, s.release, &BTreeSet::from([at - 1, at + 1]));
    *denied.tables.iter_mut().find(|t| t.statement == s.release).unwrap() = table;
    denied.claims = vec![claim(&[present])];
    let asked = Asked::of(&s.lab, "songs@1", &works(&[&[present]]));
    vectors.push(forged("present-shown-as-absent", comment, "claims", &asked, &denied.print()).flag("prover"));
    vectors.extend(second_admission());
    for (id, ahead) in [("row-that-leads-to-its-release", 0), ("row-that-leads-beyond-its-release", 1)] {
        let mut s = story();
        let index = s.lab.size() + ahead;
        let release = s.lab.release_with(s.dataset, "2", |rows| add(rows, row(ABSENT, index)), |_| {});
        s.lab.state();
        vectors.push(by_lab(id, "", "claims", &s.lab, release, &[ABSENT]));
    }
    vectors
}

/// Two admissions of one identifier, of which the prover would rather show one.
fn second_admission() -> Vec<Vector> {
    let mut again = 0;
    let s = story_with(|lab, dataset, [first, ..]| {
        again = lab.admit_with(dataset, &ids(&[FIRST]), dataset + 1, |a| a.same_as = Some(first));
    });
    let rows = s.lab.tables[&s.release].1.clone();
    let hidden = rows.iter().position(|r| *r == row(FIRST, again)).unwrap();
    let plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    let mut without_row = plan.clone();
    without_row.entries.remove(&again);
    let state = without_row.keys.get_mut(&s.state).unwrap();
    state.remove(&register_key(&format!("entry:{again}")));
    let needed = disclosed_table(&rows, s.release, &plan.keys[&s.release]).rows;
    let positions = needed.iter().map(|r| r.position as usize).filter(|p| *p != hidden).collect();
    let mut file = without_row.file(&s.lab);
    *file.tables.iter_mut().find(|t| t.statement == s.release).unwrap() = table_of(&rows, s.release, &positions);
    let comment = "The second row of the key is left out.";
    let row = forged("hidden-second-admission-row", comment, "claims", &first(&s.lab), &file.print()).flag("prover");
    let mut without_entry = plan;
    without_entry.entries.remove(&again);
    let comment = "Its row is shown, the entry is not.";
    let bytes = without_entry.file(&s.lab).print();
    vec![row, forged("hidden-second-admission-entry", comment, "rows", &first(&s.lab), &bytes).flag("prover")]
}

pub fn rows() -> Vec<Vector> {
    let mut vectors = Vec::new();
    let mut s = story();
    let other = s.lab.dataset("other");
    let foreign = s.lab.admit(other, &ids(&[ABSENT]), s.grant);
    for (id, comment, index) in [
        ("row-too-many-to-an-admission-without-the-identifier", "", s.admissions[0]),
        ("row-too-many-to-an-admission-of-another-dataset", "", foreign),
        ("row-too-many-to-a-grant", "", s.grant),
    ] {
        let mut lab = s.lab.clone();
        let release = lab.release_with(s.dataset, "2", |rows| add(rows, row(ABSENT, index)), |_| {});
        lab.state();
        vectors.push(by_lab(id, comment, "rows", &lab, release, &[ABSENT]));
    }
    let mut s = story();
    let hidden = row(FIRST, s.admissions[0]);
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| *r != hidden), |_| {});
    s.lab.state();
    let comment = "A row too few: the other identifier leads to the admission, which has this one.";
    vectors.push(by_lab("admission-hidden-from-one-identifier", comment, "rows", &s.lab, release, &[FIRST, FIRST_TOO]));
    let mut again = 0;
    let mut s = story_with(|lab, dataset, [first, ..]| {
        again = lab.admit_with(dataset, &ids(&[FIRST, ABSENT]), dataset + 1, |a| a.same_as = Some(first));
    });
    let hidden = row(FIRST, again);
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| *r != hidden), |_| {});
    s.lab.state();
    let comment = "A row too few: the second admission of a shared identifier.";
    vectors.push(by_lab(
        "second-admission-hidden-from-a-shared-identifier",
        comment,
        "rows",
        &s.lab,
        release,
        &[FIRST, ABSENT],
    ));
    for (id, first, count, work) in [
        ("withdrawn-and-kept", 0, 1, FIRST),
        ("withdrawn-in-a-range-and-kept", 0, 3, SECOND),
        ("withdrawn-as-the-last-of-a-range-and-kept", 1, 2, THIRD),
    ] {
        let mut s = story();
        let rows = s.lab.release_rows(s.dataset, s.lab.size());
        s.lab.withdraw(s.dataset, s.admissions[0] + first, count);
        let release = s.lab.release_with(s.dataset, "2", |all| *all = rows, |_| {});
        s.lab.state();
        vectors.push(by_lab(id, "A withdrawal before the release names it.", "rows", &s.lab, release, &[work]));
    }
    for (id, is_erased) in [("erased-and-kept", true), ("erased-and-kept-with-its-text", false)] {
        let mut s = story();
        let rows = s.lab.release_rows(s.dataset, s.lab.size());
        s.lab.erase(s.admissions[0]);
        s.lab.entries[s.admissions[0] as usize].is_erased = is_erased;
        let release = s.lab.release_with(s.dataset, "2", |all| *all = rows, |_| {});
        s.lab.state();
        vectors.push(by_lab(id, "An erasure before the release names it.", "rows", &s.lab, release, &[FIRST]));
    }
    vectors
}
