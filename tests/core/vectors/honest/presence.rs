//! Absent, present, and what was taken out.

use super::*;

pub fn absent() -> Vec<Vector> {
    let s = story();
    let rows: Vec<Row> = s.lab.tables[&s.release].1.clone();
    let others = others();
    let left = others.first().unwrap().as_str();
    let right = others.last().unwrap().as_str();
    assert!(work_key(left) < rows[0].key && rows[3].key < work_key(right));
    let between = |text: &&String| (rows[1].key..rows[2].key).contains(&work_key(text));
    let middle = others.iter().find(between).unwrap().as_str();
    let (empty, none) = release_of(&[]);
    let (single, one_row) = release_of(&[FIRST_TOO]);
    let (two, two_rows) = release_of(&[SECOND, THIRD]);
    let mut keys = [work_key(SECOND), work_key(THIRD)];
    keys.sort();
    let inside = others.iter().find(|t| (keys[0]..keys[1]).contains(&work_key(t))).unwrap().as_str();
    let no = &["absent"][..];
    vec![
        one("absent-before-the-first-row", "Only the first row is needed.", &s, &[left], "absent"),
        one("absent-after-the-last-row", "Only the last row is needed.", &s, &[right], "absent"),
        one("absent-between-two-rows", "Two rows at consecutive positions, around the key.", &s, &[middle], "absent"),
        one(
            "absent-by-each-of-three-identifiers",
            "One work: every identifier is looked up.",
            &s,
            &[left, middle, right],
            "absent",
        ),
        one("absent-by-a-digest", "Bytes are asked as `blake3:` or `sha256:`.", &s, &[DIGEST], "absent"),
        plain(
            "absent-from-a-release-without-rows",
            "n = 0: nothing is disclosed, no nodes.",
            &empty,
            none,
            &[&[FIRST]],
            no,
        ),
        plain("absent-before-the-only-row", "n = 1.", &single, one_row, &[&[SECOND]], no),
        plain("absent-after-the-only-row", "n = 1.", &single, one_row, &[&[THIRD]], no),
        plain("absent-between-the-only-two-rows", "n = 2.", &two, two_rows, &[&[inside]], no),
        plain(
            "absent-twice-in-one-file",
            "One combined proof for both.",
            &s.lab,
            s.release,
            &[&[left], &[right]],
            &["absent"; 2],
        ),
    ]
}

pub fn present() -> Vec<Vector> {
    let s = story();
    let mut vectors = Vec::new();
    let yes = &["covered"][..];
    for (count, name) in [(1, "one-row"), (2, "two-rows"), (3, "three-rows"), (5, "five-rows"), (9, "nine-rows")] {
        let all: Vec<String> = (0..count).map(|i| format!("id:many/{i}")).collect();
        let (lab, release) = release_of(&all.iter().map(String::as_str).collect::<Vec<_>>());
        let id = format!("present-in-a-release-of-{name}");
        vectors.push(plain(&id, "The shape of the tree of rows.", &lab, release, &[&[all[0].as_str()]], yes));
    }
    let mut by_key = [FIRST, FIRST_TOO, SECOND, THIRD];
    by_key.sort_by_key(|text| work_key(text));
    vectors.push(one("present-as-the-first-row", "No row stands before it.", &s, &[by_key[0]], "covered"));
    vectors.push(one("present-as-the-last-row", "No row stands after it.", &s, &[by_key[3]], "covered"));
    vectors.push(one(
        "present-by-both-identifiers",
        "Two rows lead to one admission.",
        &s,
        &[FIRST, FIRST_TOO],
        "covered",
    ));
    vectors.push(one(
        "present-by-one-of-two-identifiers",
        "Absent by the other one.",
        &s,
        &[FIRST_TOO, ABSENT],
        "covered",
    ));
    vectors.push(one(
        "present-as-two-admissions",
        "One work asked, whose identifiers lead to two.",
        &s,
        &[SECOND, THIRD],
        "covered",
    ));
    let again = story_with(|lab, dataset, [first, ..]| {
        lab.admit_with(dataset, &ids(&[FIRST]), dataset + 1, |a| a.same_as = Some(first));
        lab.admit(dataset, &ids(&[FIRST, ABSENT]), dataset + 1);
    });
    vectors.push(one(
        "present-three-times-by-one-key",
        "Every row of a key must be shown.",
        &again,
        &[FIRST],
        "covered",
    ));
    vectors.push(one(
        "present-with-rows-of-a-key-that-lead-apart",
        "Asked with an identifier of the third alone.",
        &again,
        &[ABSENT],
        "covered",
    ));
    let (digest, group) = (DIGEST, "upc:00012345678905");
    let digital = story_with(|lab, dataset, _| {
        lab.admit(dataset, &ids(&[digest, group, "orcid:0000000218250097"]), dataset + 1);
    });
    vectors.push(one("present-by-a-digest", "The digest is one of an embodiment.", &digital, &[digest], "covered"));
    vectors.push(one(
        "present-by-a-group-identifier",
        "A product has a row; a party identifier of the same admission has none.",
        &digital,
        &[group],
        "covered",
    ));
    let mixed = &[&[THIRD][..], &[ABSENT], &[SECOND, FIRST], &[THIRD]];
    let wanted = &["covered", "absent", "covered", "covered"];
    vectors.push(plain(
        "present-and-absent-in-the-order-asked",
        "A work asked twice is answered twice.",
        &s.lab,
        s.release,
        mixed,
        wanted,
    ));
    vectors
}

pub fn taken_out() -> Vec<Vector> {
    let mut s = story();
    s.lab.withdraw(s.dataset, s.admissions[1], 2);
    s.lab.erase(s.admissions[0]);
    let second = s.lab.release(s.dataset, "2");
    s.lab.admit(s.dataset, &ids(&[SECOND]), s.grant);
    let third = s.lab.release(s.dataset, "3");
    s.lab.state();
    let of = |id: &str, comment: &str, release: u64, name: &'static str, work: &str, verdict: &str| {
        let asked = Asked::of(&s.lab, name, &works(&[&[work]]));
        honest(id, comment, &s.lab, release, &asked, &[verdict])
    };
    let mut vectors = vec![
        of(
            "withdrawn-after-the-release",
            "It was in it; the withdrawal is disclosed.",
            s.release,
            "songs@1",
            SECOND,
            "covered",
        ),
        of("withdrawn-before-the-release", "", second, "songs@2", SECOND, "absent"),
        of("withdrawn-and-admitted-again", "Only the new admission has a row.", third, "songs@3", SECOND, "covered"),
        of(
            "erased-after-the-release",
            "Its leaf hash stands for its text, and an erasure names it.",
            s.release,
            "songs@1",
            FIRST,
            "erased",
        ),
        of(
            "erased-before-the-release",
            "To later releases an erasure is a withdrawal.",
            second,
            "songs@2",
            FIRST,
            "absent",
        ),
    ];
    let other = story_with(|lab, _, [first, ..]| {
        let other = lab.dataset("other");
        lab.withdraw(other, first, 3);
    });
    vectors.push(one("withdrawn-from-another-dataset", "It touches nothing here.", &other, &[FIRST], "covered"));
    let mut disputed = story();
    disputed.lab.dispute(disputed.admissions[0]);
    disputed.lab.erase(disputed.admissions[0]);
    disputed.lab.state();
    vectors.push(one(
        "erased-and-disputed",
        "The dispute names the leaf hash that is left.",
        &disputed,
        &[FIRST],
        "erased",
    ));
    vectors
}
