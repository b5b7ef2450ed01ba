//! The size of a proof file as docs/formats/proof.md counts it: its table of bytes, item by item, and its bounds on the
//! number of items. The figures are the page's own.

use deedbook::rows::work_key;
use deedbook::statement::terms::Subject;
use deedbook::statement::{RowsRef, Statement};
use deedbook::tlog::{Checkpoint, Note};
use deedbook::verify::ProofFile;
use deedbook::verify::proof::{DisclosedEntry, DisclosedTable};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The section of the page.
pub fn section() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats/proof.md");
    let page = std::fs::read_to_string(path).unwrap();
    let section = page.split("\n## Size\n").nth(1).expect("the section on sizes");
    section.split("\n## ").next().unwrap().to_owned()
}

/// Bytes of each item, by the page's table.
pub struct Bytes(BTreeMap<String, usize>);

impl Bytes {
    pub fn of_the_page() -> Bytes {
        let section = section();
        let rows = section.lines().filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            Some((cells.next()?.replace('`', ""), cells.next()?.parse().ok()?))
        });
        Bytes(rows.collect())
    }

    pub fn of(&self, item: &str) -> usize {
        *self.0.get(item).unwrap_or_else(|| panic!("{item:?} is not in the page's table"))
    }

    /// The length of a file, from its items.
    pub fn file(&self, file: &ProofFile) -> usize {
        let anchors = file.anchors.iter().map(|a| self.of("an anchor") + printed(&a.note) + self.hashes(a.path.len()));
        let claims = file.claims.iter().map(|claim| {
            let each = |text: &str| self.of("an identifier") + printed(text);
            self.of("a claim") + claim.identifiers.iter().map(|id| each(id.as_str())).sum::<usize>()
        });
        let anchors = list(anchors) + if file.anchors.is_empty() { 0 } else { self.of("anchors") };
        let parts = [
            list(claims),
            list(file.entries.iter().map(|entry| self.entry(entry))),
            self.hashes(file.path.len()),
            list(file.tables.iter().map(|table| self.table(table))),
        ];
        self.of("the file") + printed(&file.checkpoint) + anchors + parts.iter().sum::<usize>()
    }

    pub fn entry(&self, entry: &DisclosedEntry) -> usize {
        digits(entry.index)
            + match &entry.text {
                Some(text) => self.of("an entry") + printed(text),
                None => self.of("an erased entry"),
            }
    }

    pub fn table(&self, table: &DisclosedTable) -> usize {
        let rows = table.rows.iter().map(|row| self.of("a row") + digits(row.position) + digits(row.value));
        let nodes = list(table.proof.iter().map(|_| self.of("a node")));
        self.of("a table") + digits(table.statement) + list(rows) + nodes
    }

    fn hashes(&self, count: usize) -> usize {
        list((0..count).map(|_| self.of("a hash")))
    }
}

/// Items with their commas, of which the last has none.
fn list(items: impl Iterator<Item = usize>) -> usize {
    items.sum::<usize>().saturating_sub(1)
}

pub fn digits(number: u64) -> usize {
    number.to_string().len()
}

/// The length of a text inside JSON, without its quotes.
fn printed(text: &str) -> usize {
    let each = |c: char| match c {
        '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    };
    text.chars().map(each).sum()
}

/// The most hashes that prove `disclosed` of `all` leaves, in the log or in a table.
pub fn most_hashes(disclosed: u64, all: u64) -> u64 {
    if disclosed == 0 {
        return 0;
    }
    let (height, t) = (u64::from(all.next_power_of_two().ilog2()), u64::from(disclosed.ilog2()));
    disclosed * height + (2 << t) - disclosed * (t + 2)
}

/// Holds a file to the page: every byte of it, and each of its counts.
pub fn hold(bytes: &[u8]) {
    let file = ProofFile::parse(bytes).unwrap();
    assert_eq!(Bytes::of_the_page().file(&file), bytes.len(), "the page's table counts another length");
    let checkpoint = Checkpoint::parse(Note::parse(&file.checkpoint).unwrap().text()).unwrap();
    let most = most_hashes(file.entries.len() as u64, checkpoint.size);
    assert!(file.path.len() as u64 <= most, "{} hashes, at most {most}", file.path.len());
    for anchor in &file.anchors {
        assert!(anchor.path.len() as u64 <= u64::from(checkpoint.size.next_power_of_two().ilog2()) + 1);
    }
    let asked: BTreeSet<_> =
        file.claims.iter().flat_map(|c| c.identifiers.iter()).map(|id| work_key(id.as_str())).collect();
    for table in &file.tables {
        let entry = file.entries.iter().find(|entry| entry.index == table.statement).unwrap();
        let statement = Statement::parse(entry.text.as_ref().unwrap().as_bytes()).unwrap();
        let most = most_hashes(table.rows.len() as u64, sealed(&statement).count);
        assert!(table.proof.len() as u64 <= most, "{} nodes, at most {most}", table.proof.len());
        if matches!(statement, Statement::Release(_)) {
            let found = table.rows.iter().filter(|row| asked.contains(&row.key)).count();
            assert!(table.rows.len() <= found + 2 * asked.len());
        }
    }
}

/// The rows that a statement seals.
fn sealed(statement: &Statement) -> RowsRef {
    match statement {
        Statement::Release(release) => release.rows,
        Statement::State(state) => state.register,
        Statement::Grant(grant) => match grant.terms().unwrap().subject {
            Subject::Catalogue(rows) => rows,
            other => panic!("a table of {other:?}"),
        },
        other => panic!("a table of {other:?}"),
    }
}
