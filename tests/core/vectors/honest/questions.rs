//! Who chooses what is asked, and lies that no proof file shows.

use super::*;

pub fn questions() -> Vec<Vector> {
    let s = story();
    let claimed = works(&[&[FIRST], &[FIRST_TOO, ABSENT], &[SECOND]]);
    let file = s.lab.plan(s.release, &claimed).file(&s.lab);
    let case = |id: &str, comment: &str, asked: Asked, verdicts: &[&str]| {
        planned(id, comment, &s.lab, s.release, &asked, &file, verdicts)
    };
    let regrouped = works(&[&[FIRST, FIRST_TOO], &[ABSENT]]);
    let comment = "Every identifier asked was looked up, in whatever claim.";
    let mut vectors =
        vec![case("asked-in-other-groups", comment, Asked::of(&s.lab, "songs@1", &regrouped), &["covered", "absent"])];
    let open = Asked::of(&s.lab, "songs@1", &works(&[&[FIRST_TOO, ABSENT], &[SECOND], &[FIRST]]));
    let vector =
        case("asked-for-whatever-the-file-claims", "Answered claim by claim, in their order.", open, &["covered"; 3]);
    let Value::Object(mut members) = Value::from(vector.0) else { panic!("members") };
    members.remove("works");
    members.remove("release");
    vectors.push(Vector(members));
    vectors
}

/// Files over commitments that left something out: they answer as if it had never been logged.
pub fn unseen() -> Vec<Vector> {
    let mut s = story();
    let hidden = s.admissions[0];
    let row = Row { key: work_key(FIRST), value: hidden };
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| *r != row), |_| {});
    s.lab.state();
    let mut told = s.lab.clone();
    told.entries[hidden as usize].say(String::new());
    let asked = Asked::of(&s.lab, "songs@2", &works(&[&[FIRST]]));
    let comment = "The release leaves out a row. Who holds the admission can show it; asked with its other identifier, \
                   the file is invalid (admission-hidden-from-one-identifier).";
    let file = s.lab.plan(release, &works(&[&[FIRST]])).file(&s.lab);
    let absence = planned("release-without-a-row", comment, &told, release, &asked, &file, &["absent"]);

    let mut s = story();
    let end = s.lab.end(s.grant, "2026-01-01");
    s.lab.state_with(|rows| rows.retain(|r| r.value != end), |_| {});
    let mut told = s.lab.clone();
    told.entries[end as usize].say(String::new());
    let asked = Asked::of(&s.lab, "songs@1", &works(&[&[FIRST]]));
    let file = s.lab.plan(s.release, &works(&[&[FIRST]])).file(&s.lab);
    let comment = "The register leaves out the end of the grant. Who holds that entry can show it.";
    let covered = planned("register-without-the-grant-end", comment, &told, s.release, &asked, &file, &["covered"]);
    let unseen = [absence, covered, denied(), unread()];
    unseen.into_iter().map(|v| v.flag("lab").flag("unseen")).collect()
}

/// Of two rows in each other's place, one lies between rows that belong beside each other, and is passed over.
fn denied() -> Vector {
    let (s, release, work) = out_of_order();
    let rows = s.lab.tables[&release].1.clone();
    let (mut told, mut view) = (s.lab.clone(), s.lab.clone());
    told.entries[rows[1].value as usize].say(String::new());
    view.tables.get_mut(&release).unwrap().1 = rows[2..].to_vec();
    let mut file = view.plan(release, &works(&[&[work]])).file(&s.lab);
    let table = table_of(&rows, release, &BTreeSet::from([2, 3]));
    *file.tables.iter_mut().find(|t| t.statement == release).unwrap() = table;
    let asked = Asked::of(&s.lab, "songs@2", &works(&[&[work]]));
    let comment = "The rows are not in order, and nothing shows it: the work is denied to everybody, and can be shown to \
                   nobody (rows-out-of-order-shown).";
    planned("rows-out-of-order-denied", comment, &told, release, &asked, &file, &["absent"])
}

/// A row that leads to an erased admission, which never had the identifier: nobody can read what it said.
fn unread() -> Vector {
    let mut s = story();
    let admission = s.admissions[0];
    let row = Row { key: work_key(ABSENT), value: admission };
    let edit = |rows: &mut Vec<Row>| {
        rows.push(row);
        rows.sort();
    };
    let release = s.lab.release_with(s.dataset, "2", edit, |_| {});
    s.lab.erase(admission);
    s.lab.state();
    let mut told = s.lab.clone();
    let mut said = told.admission(admission).unwrap();
    said.identifiers = ids(&[ABSENT]).into();
    told.entries[admission as usize].say(Statement::Admission(Box::new(said)).print());
    let asked = Asked::of(&s.lab, "songs@2", &works(&[&[ABSENT]]));
    let comment = "The release leads the work to an admission that never had this identifier, and that was erased since. \
                   Who holds its text can show it; to others the work is present, and never covered.";
    let file = s.lab.plan(release, &works(&[&[ABSENT]])).file(&s.lab);
    planned("row-too-many-to-an-erased-admission", comment, &told, release, &asked, &file, &["erased"])
}
