//! What a prover may do to a proof file without breaking a signature: choose otherwise what it discloses, or write
//! something else into the JSON.

use crate::lab::{Lab, table_of, tree_hash};
use crate::world::chosen;
use arbitrary::Arbitrary;
use deedbook::rows::{Key, Row};
use deedbook::statement::Statement;
use deedbook::tlog::{Checkpoint, NodeId, Note, ProofError, batch};
use deedbook::verify::ProofFile;
use deedbook::verify::proof::{Claim, DisclosedEntry};
use serde_json::Value;
use std::collections::BTreeSet;

/// Another choice of what is disclosed; all proofs are made anew for it.
#[derive(Arbitrary, Debug, Clone)]
pub enum Choice {
    /// An entry comes in or goes out.
    Entry(u8),
    /// An entry is said to be erased, or an erased one is shown after all.
    Hide(u8),
    /// A position of a table comes in or goes out.
    Position(u8, u8),
    /// A claim comes in or goes out.
    Claim(u8),
    /// The tables or anchors without one of them.
    WithoutTable(u8),
    WithoutAnchor(u8),
}

/// A change of the JSON: the way to a value, and what becomes of it.
#[derive(Arbitrary, Debug, Clone)]
pub struct Edit {
    /// Which child, at each level.
    way: [u8; 4],
    depth: u8,
    change: Change,
}

#[derive(Arbitrary, Debug, Clone)]
enum Change {
    Remove(u8),
    Twice(u8),
    Swap(u8, u8),
    /// What stands in the same place of another proof.
    Donor,
    /// A child of what stands in the same place of another proof.
    DonorsChild(u8),
    Number(u32),
    More,
    Less,
    /// Another letter of base64 at this place of a text.
    Letter(u16, u8),
    Cut(u8),
    Empty,
    Null,
}

/// Applies the choices and proves anew what is then disclosed; nothing where that is no proof at all.
pub fn choose(lab: &Lab, file: &mut ProofFile, choices: &[Choice]) -> Option<()> {
    let checkpoint = Checkpoint::parse(Note::parse(&file.checkpoint).ok()?.text()).ok()?;
    for choice in choices {
        choice.apply(lab, file, checkpoint.size);
    }
    let leaves: Vec<_> = lab.entries.iter().map(|entry| entry.leaf).collect();
    let indices: Vec<u64> = file.entries.iter().map(|entry| entry.index).collect();
    let read = |node: NodeId| -> Result<_, ProofError> {
        let begin = (node.index << node.level) as usize;
        Ok(tree_hash(&leaves[begin..begin + (1 << node.level)]))
    };
    file.path = batch::prove(&indices, checkpoint.size, read).ok()?;
    Some(())
}

/// The lab as an accepted file shows it: erased is what is disclosed as a leaf. A lab that remembers what it erased may
/// show it, and then more is proven; what it did not erase it cannot pass off as erased.
pub fn as_disclosed(lab: &Lab, file: &ProofFile) -> Lab {
    let mut shown = lab.clone();
    for entry in &file.entries {
        let is_leaf = entry.leaf.is_some();
        let is_named = |s: &Option<Statement>| matches!(s, Some(Statement::Erasure(e)) if e.entry == entry.index);
        assert!(!is_leaf || lab.entries.iter().any(|e| is_named(&e.statement)), "{} was never erased", entry.index);
        shown.entries[entry.index as usize].is_erased = is_leaf;
    }
    shown
}

impl Choice {
    fn apply(&self, lab: &Lab, file: &mut ProofFile, size: u64) {
        match *self {
            Choice::Entry(n) => {
                let index = u64::from(n) % size;
                match file.entries.binary_search_by_key(&index, |entry| entry.index) {
                    Ok(at) => drop(file.entries.remove(at)),
                    Err(at) => file.entries.insert(at, disclosed(lab, index, lab.entries[index as usize].is_erased)),
                }
            }
            Choice::Hide(n) if !file.entries.is_empty() => {
                let at = usize::from(n) % file.entries.len();
                file.entries[at] = disclosed(lab, file.entries[at].index, file.entries[at].text.is_some());
            }
            Choice::Position(table, position) if !file.tables.is_empty() => {
                let at = usize::from(table) % file.tables.len();
                let table = &mut file.tables[at];
                let rows = &lab.tables[&table.statement].1;
                let mut positions: BTreeSet<usize> = table.rows.iter().map(|row| row.position as usize).collect();
                let position = usize::from(position) % rows.len().max(1);
                if !positions.remove(&position) && position < rows.len() {
                    positions.insert(position);
                }
                *table = table_of(rows, table.statement, &positions);
            }
            Choice::Claim(bits) => {
                let claim = Claim { identifiers: chosen(bits).into() };
                match file.claims.binary_search(&claim) {
                    Ok(at) => drop(file.claims.remove(at)),
                    Err(at) => file.claims.insert(at, claim),
                }
            }
            Choice::WithoutTable(n) if !file.tables.is_empty() => {
                file.tables.remove(usize::from(n) % file.tables.len());
            }
            Choice::WithoutAnchor(n) if !file.anchors.is_empty() => {
                file.anchors.remove(usize::from(n) % file.anchors.len());
            }
            Choice::Hide(_) | Choice::Position(..) | Choice::WithoutTable(_) | Choice::WithoutAnchor(_) => {}
        }
    }
}

fn disclosed(lab: &Lab, index: u64, as_leaf: bool) -> DisclosedEntry {
    let entry = &lab.entries[index as usize];
    DisclosedEntry { index, leaf: as_leaf.then_some(entry.leaf), text: (!as_leaf).then(|| entry.text.clone()) }
}

/// The positions that answer a key among rows in any order: its rows and their neighbours; where it has none, two
/// neighbours between which it would stand, of several such pairs the one of this number.
pub fn answering(rows: &[Row], key: &Key, gap: usize) -> BTreeSet<usize> {
    let around = |at: usize| at.saturating_sub(1)..(at + 2).min(rows.len());
    let present = (0..rows.len()).filter(|at| rows[*at].key == *key);
    let positions: BTreeSet<usize> = present.flat_map(around).collect();
    if positions.is_empty() { beside(rows, key, gap) } else { positions }
}

/// Two neighbours between which a key would stand, whether it is there or not.
pub fn beside(rows: &[Row], key: &Key, gap: usize) -> BTreeSet<usize> {
    let fits = |at: &usize| (*at == 0 || rows[at - 1].key < *key) && rows.get(*at).is_none_or(|row| row.key > *key);
    let gaps: Vec<usize> = (0..=rows.len()).filter(fits).collect();
    let Some(at) = gaps.get(gap % gaps.len().max(1)) else { return BTreeSet::new() };
    (at.saturating_sub(1)..(at + 1).min(rows.len())).collect()
}

/// Changes the JSON of a file.
pub fn rewrite(file: &ProofFile, donor: &Value, edits: &[Edit]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(&file.print()).expect("a proof file is JSON");
    edits.iter().for_each(|edit| edit.apply(&mut value, donor));
    // The library sorts members, so what it prints is canonical.
    (value.to_string() + "\n").into_bytes()
}

impl Edit {
    fn apply(&self, value: &mut Value, donor: &Value) {
        let (mut here, mut there) = (value, Some(donor));
        for step in self.way.iter().take(usize::from(self.depth % 5)) {
            let Some(way) = step_into(here, *step) else { break };
            there = there.and_then(|there| match &way {
                Step::At(at) => there.get(*at),
                Step::Named(name) => there.get(name),
            });
            here = match &way {
                Step::At(at) => &mut here[*at],
                Step::Named(name) => &mut here[name.as_str()],
            };
        }
        self.change.apply(here, there);
    }
}

enum Step {
    At(usize),
    Named(String),
}

fn step_into(value: &Value, step: u8) -> Option<Step> {
    match value {
        Value::Array(items) if !items.is_empty() => Some(Step::At(usize::from(step) % items.len())),
        Value::Object(members) if !members.is_empty() => {
            members.keys().nth(usize::from(step) % members.len()).cloned().map(Step::Named)
        }
        _ => None,
    }
}

impl Change {
    fn apply(&self, here: &mut Value, there: Option<&Value>) {
        match (self, here) {
            (Change::Donor, here) => there.into_iter().for_each(|there| *here = there.clone()),
            (Change::Null, here) => *here = Value::Null,
            (Change::Number(number), here @ Value::Number(_)) => *here = (*number).into(),
            (Change::More, here @ Value::Number(_)) => *here = here.as_u64().unwrap_or(0).wrapping_add(1).into(),
            (Change::Less, here @ Value::Number(_)) => *here = here.as_u64().unwrap_or(0).wrapping_sub(1).into(),
            (change, Value::Array(items)) => change.of_list(items, there),
            (change, Value::String(text)) => change.of_text(text),
            (Change::Remove(n), Value::Object(members)) if !members.is_empty() => {
                let name = members.keys().nth(usize::from(*n) % members.len()).cloned();
                name.and_then(|name| members.remove(&name));
            }
            _ => {}
        }
    }

    fn of_list(&self, items: &mut Vec<Value>, there: Option<&Value>) {
        let len = items.len();
        match *self {
            Change::Remove(n) if len > 0 => drop(items.remove(usize::from(n) % len)),
            Change::Twice(n) if len > 0 => items.insert(usize::from(n) % len, items[usize::from(n) % len].clone()),
            Change::Swap(a, b) if len > 0 => items.swap(usize::from(a) % len, usize::from(b) % len),
            Change::DonorsChild(n) => {
                let children = there.and_then(Value::as_array).filter(|children| !children.is_empty());
                items.extend(children.map(|children| children[usize::from(n) % children.len()].clone()));
                // Most lists are in the order of their first number.
                items.sort_by_key(|item| ["index", "position", "statement"].iter().find_map(|n| item[*n].as_u64()));
            }
            Change::Empty => items.clear(),
            _ => {}
        }
    }

    fn of_text(&self, text: &mut String) {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        match *self {
            Change::Letter(at, letter) if text.is_ascii() && !text.is_empty() => {
                let at = usize::from(at) % text.len();
                let letter = char::from(LETTERS[usize::from(letter % 64)]);
                text.replace_range(at..=at, letter.encode_utf8(&mut [0; 4]));
            }
            Change::Cut(by) => text.truncate(text.floor_char_boundary(text.len().saturating_sub(usize::from(by)))),
            Change::Empty => text.clear(),
            Change::More => text.push('A'),
            _ => {}
        }
    }
}
