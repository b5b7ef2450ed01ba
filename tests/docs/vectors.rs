//! The examples and test vectors of docs/formats, parsed and computed again.

use super::{blocks, hex, quoted, read, root, section, table_rows};
use deedbook::rows::{self, Kind as Table, MemoryTree, Row, register_key, work_key};
use deedbook::statement::dsse::{self, DisputeClaim, Envelope};
use deedbook::statement::terms::{DEFAULT_RULES, Standing};
use deedbook::statement::{Kind, ReleaseName, Statement, Terms, json};
use deedbook::tlog::{self, Checkpoint, Frontier, Hash, KeyKind, NodeId, Policy, ProofError, SigningKey};
use deedbook::verify::{Question, Trust, Verdict, verify};
use std::collections::BTreeSet;

/// The statements of the page, in its order.
fn statements() -> Vec<Statement> {
    let page = read("docs/formats/statements.md");
    let parse = |text: &&str| Statement::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
    blocks(&page, "json").iter().map(parse).collect()
}

#[test]
fn every_example_of_a_statement_is_one_and_no_kind_is_left_out() {
    let page = read("docs/formats/statements.md");
    for kind in Kind::ALL {
        let own = blocks(section(&page, &format!("## {kind}")), "json");
        assert!(!own.is_empty(), "{kind} has no example");
        for text in own {
            let statement = Statement::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
            assert_eq!(statement.head().0, kind);
            assert_eq!(statement.print(), text);
        }
    }
    let shown: BTreeSet<Kind> = statements().iter().map(|s| s.head().0).collect();
    assert_eq!(shown.len(), Kind::ALL.len());
}

#[test]
fn context_strings_are_those_of_the_sources() {
    let (page, source) = (read("docs/formats/rows.md"), read("src/rows/key.rs"));
    let of_page: BTreeSet<&str> = quoted(&page).into_iter().filter(|q| q.starts_with("deedbook v1 ")).collect();
    let of_source: BTreeSet<&str> = source.split('"').filter(|q| q.starts_with("deedbook v1 ")).collect();
    assert_eq!(of_page, of_source);
    assert!(of_page.len() >= 6);
}

fn five() -> Vec<Row> {
    (1..=5u8).map(|i| Row { key: rows::Key([i; 32]), value: i.into() }).collect()
}

#[test]
fn row_nodes_and_roots_are_those_of_the_page() {
    let page = read("docs/formats/rows.md");
    let vectors = section(&page, "## Test vectors");
    let tree = MemoryTree::new(Table::Release, &five()).unwrap();
    let nodes: Vec<_> = table_rows(vectors).into_iter().filter(|r| r.len() == 3 && r[1].starts_with("32 x")).collect();
    assert_eq!(nodes.len(), tree.nodes().len());
    for (row, (i, node)) in nodes.iter().zip(tree.nodes().iter().enumerate()) {
        let first = format!("32 x 0x{:02x}", node.first.0[0]);
        assert_eq!(*row, [i.to_string(), first, format!("`{}`", hex(&node.hash))]);
    }
    let roots = [
        ("the five rows, kind 1", Table::Release, 5),
        ("the first of them, kind 1", Table::Release, 1),
        ("the first of them, kind 3", Table::Register, 1),
        ("no rows, kind 1", Table::Release, 0),
        ("no rows, kind 2", Table::Catalogue, 0),
        ("no rows, kind 3", Table::Register, 0),
        ("no rows, kind 4", Table::IndexRun, 0),
    ];
    for (name, kind, n) in roots {
        let root = MemoryTree::new(kind, &five()[..n]).unwrap().root();
        assert!(vectors.contains(&format!("| {name} | `{root}` |")), "{name}: {root}");
    }
    assert!(vectors.contains("| `c6ho0RQQs78K6D+BE/fHjfBktNuoCoj678Yu5o0VTks=` |"));
    let key = work_key("isbn:9780306406157");
    assert!(vectors.contains(&format!("| work key of `isbn:9780306406157` | `{key}` |")));
    let key = register_key("grant:north-press-2026");
    assert!(vectors.contains(&format!("| register key of `grant:north-press-2026` | `{key}` |")));
}

/// Rows from a table of (text, key, value), whose keys are computed again.
fn rows_of(text: &str, key_of: fn(&str) -> rows::Key) -> Vec<Row> {
    let shown = table_rows(text).into_iter().filter(|r| r.len() == 3 && r[1].len() == 66);
    let row = |r: Vec<String>| {
        let key = key_of(quoted(&r[0])[0]);
        assert_eq!(r[1], format!("`{key}`"), "{}", r[0]);
        Row { key, value: r[2].parse().unwrap() }
    };
    let rows: Vec<Row> = shown.map(row).collect();
    assert!(rows.is_sorted());
    rows
}

#[test]
fn the_example_release_and_register_have_the_roots_of_their_statements() {
    let page = read("docs/formats/rows.md");
    let vectors = section(&page, "## Test vectors");
    let release = rows_of(&vectors[vectors.find("The release of").unwrap()..], work_key);
    let page = read("docs/formats/register.md");
    let register = rows_of(section(&page, "## Example"), register_key);
    for statement in statements() {
        match statement {
            Statement::Release(r) => {
                assert_eq!(r.rows.root, MemoryTree::new(Table::Release, &release).unwrap().root());
                assert_eq!(r.rows.count, release.len() as u64);
            }
            Statement::State(s) => {
                assert_eq!(s.register.root, MemoryTree::new(Table::Register, &register).unwrap().root());
                assert_eq!(s.register.count, register.len() as u64);
            }
            Statement::Admission(a) => {
                for id in a.looked_up_by() {
                    assert!(release.iter().any(|row| row.key == work_key(id.as_str())), "{id}");
                }
            }
            _ => {}
        }
    }
}

fn leaves() -> Vec<Hash> {
    (b'a'..=b'g').map(|entry| tlog::leaf_hash(&[entry])).collect()
}

fn root_of(leaves: &[Hash]) -> Hash {
    let mut tree = Frontier::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

#[test]
fn the_batch_inclusion_example_is_computed_again() {
    let page = read("docs/formats/log.md");
    let example = section(&page, "## Batch inclusion");
    let leaves = leaves();
    let read_node = |node: NodeId| -> Result<Hash, ProofError> {
        let first = (node.index as usize) << node.level;
        Ok(root_of(&leaves[first..first + (1 << node.level)]))
    };
    let path = tlog::batch::prove(&[2, 5], 7, read_node).unwrap();
    tlog::batch::verify(&[(2, leaves[2]), (5, leaves[5])], 7, &path, &root_of(&leaves)).unwrap();
    let rows = table_rows(example);
    let shown = |starts: &str| rows.iter().find(|r| r[0].starts_with(starts)).map(|r| r[1].clone()).unwrap();
    for (i, hash) in path.iter().enumerate() {
        assert_eq!(shown(&format!("path[{i}] ")), format!("`{hash}`"));
    }
    let nodes = [
        ("leaf 2 ", 2..3),
        ("leaf 5 ", 5..6),
        ("node 2..4 ", 2..4),
        ("node 0..4 ", 0..4),
        ("node 4..6 ", 4..6),
        ("node 4..7 ", 4..7),
        ("root(7) ", 0..7),
    ];
    for (name, range) in nodes {
        assert_eq!(shown(name), format!("`{}`", root_of(&leaves[range])), "{name}");
    }
    let hash = |range: std::ops::Range<usize>| root_of(&leaves[range]);
    assert_eq!(tlog::inclusion::prove(5, 7, read_node).unwrap(), [hash(4..5), hash(6..7), hash(0..4)]);
    assert_eq!(tlog::consistency::prove(6, 7, read_node).unwrap(), [hash(4..6), hash(6..7), hash(0..4)]);
    assert_eq!(tlog::consistency::prove(4, 7, read_node).unwrap(), [hash(4..7)]);
    assert!(page.contains(&format!("`{}`", tlog::empty_root())));
}

fn key(name: &str, kind: KeyKind, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, kind, &[seed; 32]).unwrap()
}

#[test]
fn the_keys_and_the_note_of_the_page_are_made_again() {
    let page = read("docs/formats/log.md");
    let log = key("lab.example/deeds", KeyKind::Ed25519, 0x01);
    let witness = key("witness.example", KeyKind::CosignatureV1, 0x03);
    let licensor = key("south-press.example", KeyKind::Ed25519, 0x11);
    let keys = section(&page, "## Keys");
    for key in [&log, &witness, &licensor] {
        assert!(keys.contains(&format!("| `{}` |", key.verifier())), "{}", key.verifier());
    }
    let checkpoint = Checkpoint { origin: "lab.example/deeds".into(), size: 7, root: root_of(&leaves()) };
    let mut note = checkpoint.sign(&log).unwrap();
    note.add(tlog::cosignature::cosign(&witness, 1_793_610_000, &checkpoint.to_string()).unwrap()).unwrap();
    let shown = blocks(section(&page, "## Notes and checkpoints"), "")[0];
    assert_eq!(format!("{shown}\n"), note.to_string());
    let policy =
        format!("log {}\nwitness w {}\ngroup all-of-it all w\nquorum all-of-it\n", log.verifier(), witness.verifier());
    let opened = Policy::parse(&policy).unwrap().open(&note.to_string()).unwrap();
    assert_eq!(opened.time(), Some(1_793_610_000));
}

#[test]
fn tile_paths_of_the_page_are_those_of_the_tree() {
    let page = read("docs/formats/log.md");
    for row in table_rows(section(&page, "## Tiles")) {
        let size: u64 = row[0].replace(',', "").parse().unwrap();
        for (level, cell) in row[1..].iter().enumerate() {
            let at = tlog::tile::tile_level(level as u8, size);
            let mut wanted = Vec::new();
            if at.full > 0 {
                wanted.push("000".to_owned());
                if at.full > 1 {
                    wanted.push(format!("{:03}", at.full - 1));
                }
            }
            if at.partial > 0 {
                wanted.push(format!("{:03}.p/{}", at.full, at.partial));
            }
            assert_eq!(quoted(cell), wanted, "size {size}, level {level}");
        }
    }
    let long = tlog::tile::bundle_path(1_234_067, 256);
    assert!(page.contains(&format!("1234067 is `{}`", long.strip_prefix("entries/").unwrap())));
}

#[test]
fn the_signed_grant_is_signed_again() {
    let page = read("docs/formats/grant-terms.md");
    let example = section(&page, "### Worked example");
    let [terms, payload, envelope] = blocks(example, "json")[..] else { panic!("three blocks") };
    let parsed: Terms = json::parse(terms.as_bytes()).unwrap();
    let licensor = key("south-press.example", KeyKind::Ed25519, 0x11);
    let (made, encoding) = dsse::to_sign(parsed.clone(), dsse::GRANT_TYPE, "south-press-2026");
    assert_eq!(String::from_utf8(made.clone()).unwrap(), payload);
    let signature = licensor.sign(&encoding);
    let id = licensor.verifier().id().to_string();
    assert_eq!(dsse::seal(&made, &id, &signature), envelope);
    let opened = Envelope::parse(envelope).unwrap();
    opened.verify(licensor.verifier()).unwrap();
    assert_eq!(opened.grant().unwrap(), parsed);
    let signature = hex(&signature);
    for shown in [
        format!("| SHA-256 of the predicate | `{}` |", hex(&tlog::sha256(terms.as_bytes()))),
        format!("| length of the payload | {} |", payload.len()),
        format!("| PAE begins | `{}` |", String::from_utf8_lossy(&encoding[..60])),
        format!("| SHA-256 of the PAE | `{}` |", hex(&tlog::sha256(&encoding))),
        format!("| signature (hex) | `{}` `{}` |", &signature[..64], &signature[64..]),
    ] {
        assert!(example.contains(&shown), "{shown}");
    }
    let is_it = |s: &Statement| matches!(s, Statement::Grant(g) if g.envelope.as_deref() == Some(envelope));
    assert!(statements().iter().any(is_it), "the envelope is the second example of a grant");
}

#[test]
fn the_dispute_of_the_page_is_the_one_in_the_statement() {
    let page = read("docs/formats/grant-terms.md");
    let claim: DisputeClaim = json::parse(blocks(section(&page, "## Disputes"), "json")[0].as_bytes()).unwrap();
    let same = |s: &Statement| matches!(s, Statement::Dispute(d) if d.claim().unwrap() == claim);
    assert!(statements().iter().any(same));
    let admission = statements().into_iter().find(|s| s.head().0 == Kind::Admission).unwrap();
    assert_eq!(claim.leaf, tlog::leaf_hash(admission.print().as_bytes()));
}

#[test]
fn the_example_proof_says_what_the_page_says() {
    let page = read("docs/formats/proof.md");
    let example = section(&page, "## Example");
    let bytes = std::fs::read(root().join("docs/formats/example.proof")).unwrap();
    let trust = Trust::log(key("lab.example/deeds", KeyKind::Ed25519, 0x01).verifier().clone()).unwrap();
    assert!(example.contains(&format!("--key {}", trust.policy.logs()[0])));
    let release = Some(ReleaseName::parse("books@2026-11").unwrap());
    let facts = verify(&bytes, &trust, &Question { release, ..Question::default() }).unwrap();
    assert_eq!(facts.log_size, 13);
    let [absent, present] = &facts.works[..] else { panic!("two works") };
    assert_eq!((absent.verdict, absent.standing), (Verdict::Absent, None));
    assert_eq!((present.verdict, present.standing), (Verdict::Covered, Some(Standing::Evidenced)));
    for work in [absent, present] {
        let row = format!("| `{}` | `{}`", work.identifiers[0], work.verdict.word());
        assert!(example.contains(&row), "{row}");
    }
    let admitted = &present.admissions[0];
    let by = format!("by entry {} under the grant at entry {}", admitted.index, admitted.layers[0].grant.unwrap());
    assert!(example.contains(&by) && example.contains(&admitted.day.unwrap().to_string()), "{by}");
    let file = deedbook::verify::ProofFile::parse(&bytes).unwrap();
    let indices: Vec<String> = file.entries.iter().map(|e| e.index.to_string()).collect();
    let (last, others) = indices.split_last().unwrap();
    let disclosed = format!("entries {} and {last} of 13", others.join(", "));
    assert!(example.contains(&disclosed), "{disclosed}");
    // What the other pages show of this log is in it.
    let shown: Vec<String> = statements().iter().map(Statement::print).collect();
    for index in [0, 2, 4, 6, 9, 12] {
        let entry = file.entries.iter().find(|e| e.index == index).unwrap();
        assert!(shown.contains(entry.text.as_ref().unwrap()), "entry {index} is not on the page of statements");
    }
}

#[test]
fn the_default_rules_have_the_digest_of_the_page() {
    let digest = format!("blake3:{}", hex(&rows::blake3(read("src/licence/rules.toml").as_bytes())));
    assert_eq!(digest, DEFAULT_RULES);
    assert!(read("docs/formats/rules.md").contains(&format!("`{digest}`")));
}
