//! Forged proof files, each by the name of its mutation, with the step of docs/formats/proof.md that finds it.

mod entries;
mod form;
mod grants;
mod register;
mod rows;
mod signed;
mod spliced;
mod tables;

use super::honest::{others, policy};
use super::proofs::{Asked, with_file};
use super::{Group, Vector};
use crate::lab::*;
use crate::verify::{ABSENT, FIRST, FIRST_TOO, SECOND, Story, THIRD, story, story_with, works};
use deedbook::rows::{Key, Kind, Node, Row, register_key, work_key};
use deedbook::statement::dsse::DisputeClaim;
use deedbook::statement::terms::{RowsRef, Subject};
use deedbook::statement::{Identifier, Release, Set, State, Statement, Terms};
use deedbook::tlog::{Checkpoint, Hash, SigningKey, leaf_hash, node_hash};
use deedbook::verify::ProofFile;
use deedbook::verify::proof::{Anchor, Claim, DisclosedTable};
use entries::{entries, times};
use form::form;
use grants::{answers, grants, leftovers};
use register::register;
use rows::{look_ups, rows};
use serde_json::Value;
use signed::{anchors, checkpoint};
use spliced::spliced;
use std::collections::BTreeSet;
pub use tables::out_of_order;
use tables::{subjects, tables};

pub fn groups() -> Vec<Group> {
    let group = |name, about, vectors| Group { name, about, vectors };
    vec![
        group("forged form", "The bytes are not the one canonical form. Step 1.", form()),
        group("forged checkpoint", "Not the log's signature, or not the policy's quorum. Step 2.", checkpoint()),
        group("forged anchors", "Earlier checkpoints that are not this log's past. Step 3.", anchors()),
        group(
            "forged entries",
            "Entries that are not in the log, or no statements, or name what they may not. Step 5.",
            entries(),
        ),
        group("forged times", "Steps 4 and 6.", times()),
        group("forged subjects", "Which ledger, release, dataset and state. Step 7.", subjects()),
        group("forged tables", "Rows that do not stand under the root that was signed. Step 8.", tables()),
        group(
            "forged register",
            "Names and what is said of entries. Step 9, and wherever the register is looked up.",
            register(),
        ),
        group("forged look-ups", "Look-ups that are not complete, and claims. Step 10.", look_ups()),
        group("forged rows", "Rows and admissions that contradict each other. Step 11.", rows()),
        group("forged grants", "Step 12.", grants()),
        group("forged answers", "A file that does not answer what was asked. Steps 7 and 13.", answers()),
        group("forged leftovers", "Something more than the answer needs. Step 14.", leftovers()),
        group("spliced", "Members taken from another honest file.", spliced()),
    ]
}

fn forged(id: &str, comment: &str, reason: &str, asked: &Asked, bytes: &[u8]) -> Vector {
    with_file(asked.write(Vector::invalid(id, comment).with("reason", reason)), bytes)
}

/// Everything left to the file but the log's key.
fn open(lab: &Lab) -> Asked {
    Asked { release: None, works: None, ..Asked::of(lab, "songs@1", &[]) }
}

/// The question about FIRST in the story.
fn first(lab: &Lab) -> Asked {
    Asked::of(lab, "songs@1", &works(&[&[FIRST]]))
}

/// The shortest of the story's honest files, and its question.
fn shortest(s: &Story) -> (ProofFile, Asked) {
    let works = works(&[&[ABSENT]]);
    (s.lab.plan(s.release, &works).file(&s.lab), Asked::of(&s.lab, "songs@1", &works))
}

/// The story's honest file about FIRST, changed by a prover.
fn edited(id: &str, comment: &str, reason: &str, edit: impl FnOnce(&Story, &mut ProofFile)) -> Vector {
    edited_about(FIRST, id, comment, reason, edit)
}

/// The story's honest file about a work, changed by a prover.
fn edited_about(
    work: &str,
    id: &str,
    comment: &str,
    reason: &str,
    edit: impl FnOnce(&Story, &mut ProofFile),
) -> Vector {
    let s = story();
    let works = works(&[&[work]]);
    let mut file = s.lab.plan(s.release, &works).file(&s.lab);
    edit(&s, &mut file);
    forged(id, comment, reason, &Asked::of(&s.lab, "songs@1", &works), &file.print()).flag("prover")
}

/// What an honest prover makes of a log that was kept dishonestly.
fn by_lab(id: &str, comment: &str, reason: &str, lab: &Lab, release: u64, work: &[&str]) -> Vector {
    let bytes = lab.prove(release, &works(&[work]));
    forged(id, comment, reason, &open(lab), &bytes).flag("lab")
}

fn row(text: &str, value: u64) -> Row {
    Row { key: work_key(text), value }
}

fn registered(text: &str, value: u64) -> Row {
    Row { key: register_key(text), value }
}

fn add(rows: &mut Vec<Row>, row: Row) {
    rows.push(row);
    rows.sort();
}
