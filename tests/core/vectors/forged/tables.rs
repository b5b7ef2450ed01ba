//! Steps 7 and 8: which statements a file is about, and the rows that they commit to.

use super::*;

pub fn subjects() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (id, other) in [
        ("ledger-of-another-origin", Lab::new("other.example/deeds").entries[0].clone()),
        ("entry-0-that-is-no-ledger", story().lab.entries[1].clone()),
    ] {
        let mut s = story();
        s.lab.entries[0] = other;
        vectors.push(by_lab(id, "", "subjects", &s.lab, s.release, &[FIRST]));
    }
    let mut s = story();
    let next = s.lab.release(s.dataset, "2");
    s.lab.state();
    let plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    for (id, index) in [("two-releases-disclosed", next), ("two-states-disclosed", s.state)] {
        let mut plan = plan.clone();
        plan.entries.insert(index);
        vectors.push(forged(id, "", "subjects", &open(&s.lab), &plan.file(&s.lab).print()).flag("prover"));
    }
    for (id, more) in [("release-with-its-size-more", 1), ("release-with-its-size-less", -1)] {
        let mut s = story();
        let edit = |r: &mut Release| r.log_size = r.log_size.strict_add_signed(more);
        let release = s.lab.release_with(s.dataset, "2", |_| {}, edit);
        s.lab.state();
        vectors.push(by_lab(id, "log_size is the statement's own index.", "subjects", &s.lab, release, &[FIRST]));
    }
    for (id, more) in [("state-with-its-size-more", 1), ("state-with-its-size-less", -1)] {
        let mut s = story();
        s.lab.state_with(|_| {}, |r| r.log_size = r.log_size.strict_add_signed(more));
        vectors.push(by_lab(id, "", "subjects", &s.lab, s.release, &[FIRST]));
    }
    let mut s = story();
    let release = s.lab.release(s.dataset, "2");
    let bytes = s.lab.plan_at(release, s.state, &works(&[&[FIRST]])).file(&s.lab).print();
    vectors.push(forged("state-before-the-release", "", "subjects", &open(&s.lab), &bytes).flag("prover"));
    vectors
}

pub fn tables() -> Vec<Vector> {
    let mut vectors = vec![
        edited("tables-swapped", "", "tables", |_, file| file.tables.swap(0, 1)),
        edited("table-twice", "", "tables", |_, file| file.tables.insert(0, file.tables[0].clone())),
        edited("without-the-table-of-the-release", "", "tables", |_, file| drop(file.tables.remove(0))),
        edited("without-the-table-of-the-state", "", "tables", |_, file| drop(file.tables.remove(1))),
        edited("table-of-an-asserted-grant", "", "tables", |s, file| {
            file.tables.insert(0, DisclosedTable { statement: s.grant, ..file.tables[0].clone() });
        }),
        edited("table-of-an-entry-that-is-not-disclosed", "", "tables", |s, file| {
            file.tables.insert(0, DisclosedTable { statement: s.admissions[1], ..file.tables[0].clone() });
        }),
        edited("rows-of-the-register-under-the-release", "", "tables", |_, file| {
            let register = file.tables[1].clone();
            file.tables[0] = DisclosedTable { statement: file.tables[0].statement, ..register };
        }),
        edited("rows-swapped", "", "tables", |_, file| file.tables[0].rows.swap(0, 1)),
        edited("row-twice", "Two rows at one position.", "tables", |_, file| {
            let row = file.tables[0].rows[0];
            file.tables[0].rows.insert(0, row);
        }),
        edited("row-twice-at-two-positions", "", "tables", |_, file| {
            let mut row = file.tables[0].rows[0];
            row.position += 1;
            file.tables[0].rows.insert(1, row);
        }),
        edited("row-beyond-the-table", "Its position is the count.", "tables", |_, file| {
            file.tables[0].rows.last_mut().unwrap().position = 4;
        }),
        edited("row-far-beyond-the-table", "A tree index made of it would wrap in 32 bits.", "tables", |_, file| {
            file.tables[0].rows.last_mut().unwrap().position = (1 << 32) + 3;
        }),
        edited("row-with-its-position-less", "", "tables", |_, file| file.tables[1].rows[1].position -= 1),
        edited("row-with-another-value", "", "tables", |_, file| file.tables[0].rows[0].value += 1),
        edited("row-with-another-key", "", "tables", |_, file| file.tables[0].rows[0].key.0[31] ^= 1),
        edited("table-without-rows", "", "tables", |_, file| file.tables[0].rows.clear()),
        edited("row-left-out", "The proof is that of the rows with it.", "tables", |_, file| {
            file.tables[0].rows.remove(0);
        }),
        edited("proof-with-a-node-too-few", "", "tables", |_, file| {
            some_proof(file).pop();
        }),
        edited("proof-with-a-node-too-many", "", "tables", |_, file| some_proof(file).push(Node::default())),
        edited("proof-with-another-first", "The key of a node decides where rows may lie.", "tables", |_, file| {
            some_proof(file)[0].first.0[0] ^= 1
        }),
        edited("proof-with-another-hash", "", "tables", |_, file| some_proof(file)[0].hash[0] ^= 1),
        edited(
            "root-of-rows-as-a-node",
            "The topmost node as if it were the sibling of the row.",
            "tables",
            |s, file| {
                let rows = &s.lab.tables[&s.release].1;
                let nodes = rows.iter().map(Node::leaf).collect::<Vec<_>>();
                let pair = |a: usize| Node::merge(&nodes[a], &nodes[a + 1]);
                let table = &mut file.tables[0];
                table.rows.truncate(1);
                table.proof = vec![Node::merge(&pair(0), &pair(2))];
            },
        ),
        edited("inner-node-as-the-leaf-beside", "A node over two rows as if it were one row.", "tables", |s, file| {
            let rows = &s.lab.tables[&s.release].1;
            let nodes = rows.iter().map(Node::leaf).collect::<Vec<_>>();
            let table = &mut file.tables[0];
            table.rows.truncate(1);
            table.proof = vec![Node::merge(&nodes[2], &nodes[3]), nodes[1]];
        }),
    ];
    vectors.extend(commitments());
    vectors.extend(order());
    vectors
}

/// A table's proof that has nodes.
fn some_proof(file: &mut ProofFile) -> &mut Vec<Node> {
    file.tables.iter_mut().map(|t| &mut t.proof).find(|p| !p.is_empty()).expect("a proof with nodes")
}

/// Counts, kinds and catalogues that are not those of the rows.
fn commitments() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (id, more) in [("release-with-its-count-more", 1), ("release-with-its-count-less", -1)] {
        let mut s = story();
        let edit = |r: &mut Release| r.rows.count = r.rows.count.strict_add_signed(more);
        let release = s.lab.release_with(s.dataset, "2", |_| {}, edit);
        s.lab.state();
        vectors.push(by_lab(id, "The root is that of the right count.", "tables", &s.lab, release, &[FIRST]));
    }
    for (id, more) in [("state-with-its-count-more", 1), ("state-with-its-count-less", -1)] {
        let mut s = story();
        s.lab.state_with(|_| {}, |r| r.register.count = r.register.count.strict_add_signed(more));
        vectors.push(by_lab(id, "", "tables", &s.lab, s.release, &[FIRST]));
    }
    let mut s = story();
    let rows = s.lab.release_rows(s.dataset, s.lab.size());
    let release = s.lab.release_with(s.dataset, "2", |_| {}, |r| r.rows = rows_ref(Kind::Catalogue, &rows));
    s.lab.state();
    vectors.push(by_lab(
        "release-under-the-root-of-a-catalogue",
        "The kind is part of the root.",
        "tables",
        &s.lab,
        release,
        &[FIRST],
    ));
    let mut s = story();
    let rows = s.lab.register_rows(s.lab.size());
    s.lab.state_with(|_| {}, |r: &mut State| r.register = rows_ref(Kind::Release, &rows));
    vectors.push(by_lab("state-under-the-root-of-a-release", "", "tables", &s.lab, s.release, &[FIRST]));
    let licensor = key("north.example", 7);
    let mut grant = 0;
    let mut s = story_with(|lab, dataset, _| {
        grant = lab.signed_grant(&licensor, terms("signed"), &ids(&[FIRST]));
        lab.admit(dataset, &ids(&[ABSENT]), grant);
    });
    s.lab.tables.insert(grant, (Kind::Catalogue, catalogue_rows(&ids(&[ABSENT]))));
    vectors.push(by_lab(
        "foreign-catalogue",
        "The licensor signed another one.",
        "tables",
        &s.lab,
        s.release,
        &[ABSENT],
    ));
    vectors
}

/// A release of which two rows stand in each other's place: the work can be denied (rows-out-of-order-denied), and
/// then never shown.
fn order() -> Vec<Vector> {
    let (s, release, moved) = out_of_order();
    let rows = s.lab.tables[&release].1.clone();
    let mut file = s.lab.plan(release, &works(&[&[moved]])).file(&s.lab);
    let table = table_of(&rows, release, &BTreeSet::from([0, 1, 2]));
    *file.tables.iter_mut().find(|t| t.statement == release).unwrap() = table;
    let asked = Asked::of(&s.lab, "songs@2", &works(&[&[moved]]));
    let comment = "Two rows stand in each other's place: one of them, with its neighbours.";
    vec![forged("rows-out-of-order-shown", comment, "tables", &asked, &file.print()).flag("lab")]
}

/// The story with a second release whose middle rows are swapped, and the work of the row that came first.
pub fn out_of_order() -> (Story, u64, &'static str) {
    let mut s = story();
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.swap(1, 2), |_| {});
    s.lab.state();
    let moved = s.lab.tables[&release].1[1].key;
    let work = [FIRST, FIRST_TOO, SECOND, THIRD].into_iter().find(|w| work_key(w) == moved).unwrap();
    (s, release, work)
}
