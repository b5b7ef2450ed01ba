//! The verifier: disclosed rows and a combined proof in, a verified table out, then complete look-ups in it.
//!
//! Formats section 4 ("The one question"). It trusts the kind, count and root it is given, which come from a signed
//! statement, and no property of the proof, sortedness included: why one root has one answer per key is argued in the
//! module's header. Time and memory are linear in the rows disclosed times the depth of the tree (at most 32).
//!
//! Invariant: a [`Table`] exists only if its rows lead to the root, at exactly their positions.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::tree::{is_left, parent, sibling};
use super::{Key, Kind, Node, Root, Row, RowsError, Shape};

/// Rows proven to stand at their positions in a committed table. Made by [`Table::verify`] only.
#[derive(Clone, Debug)]
pub struct Table {
    /// Number of rows of the whole table.
    count: u64,
    rows: Vec<(u64, Row)>,
    /// Whether some look-up needed the row at the same place in `rows`.
    used: Vec<bool>,
}

impl Table {
    /// Checks disclosed (position, row) pairs and their combined proof against a signed kind, count and root.
    pub fn verify(kind: Kind, count: u64, root: &Root, rows: &[(u64, Row)], proof: &[Node]) -> Result<Self, RowsError> {
        let shape = Shape::new(count)?;
        shape.check_positions(rows.iter().map(|(position, _)| *position))?;
        if let Some(pair) = rows.windows(2).find(|pair| pair[0].1 >= pair[1].1) {
            return Err(RowsError::RowOrder { position: pair[1].0 });
        }
        if rows.is_empty() && count > 0 {
            return Err(RowsError::NothingDisclosed);
        }
        let mut expected = 0;
        siblings(&shape, &positions(rows), |_| expected += 1)?;
        if proof.len() != expected {
            return Err(RowsError::ProofLen { expected, actual: proof.len() });
        }
        let calculated = Root::of(kind, count, climb(&shape, rows, proof, |_, _| {})?.as_ref());
        if calculated != *root {
            return Err(RowsError::RootMismatch { expected: *root, calculated });
        }
        Ok(Self { count, rows: rows.to_vec(), used: vec![false; rows.len()] })
    }

    /// The disclosed rows with their positions, ascending.
    pub fn rows(&self) -> &[(u64, Row)] {
        &self.rows
    }

    /// **All** rows of `key` in the whole table, with their positions; empty means that the table has none.
    ///
    /// An error if what is disclosed does not settle it. Marks the rows that the answer rests on as used.
    pub fn look_up(&mut self, key: &Key) -> Result<&[(u64, Row)], RowsError> {
        let start = self.rows.partition_point(|(_, row)| row.key < *key);
        let end = start + self.rows[start..].partition_point(|(_, row)| row.key == *key);
        // The rows of the key and its two neighbours, which are smaller and larger because disclosed rows ascend.
        let needed = start.saturating_sub(1)..self.rows.len().min(end + 1);
        if !self.is_complete(&needed, start > 0, end < self.rows.len()) {
            return Err(RowsError::Incomplete { key: *key });
        }
        self.used[needed].fill(true);
        Ok(&self.rows[start..end])
    }

    /// Ends the questions: an error if a disclosed row served none of them.
    pub fn finish(&self) -> Result<(), RowsError> {
        match self.used.iter().position(|used| !used) {
            Some(unused) => Err(RowsError::UnusedRow { position: self.rows[unused].0 }),
            None => Ok(()),
        }
    }

    /// Whether the rows `needed` stand at consecutive positions, from a smaller row or the first position of the table
    /// to a larger row or its last.
    fn is_complete(&self, needed: &Range<usize>, has_smaller: bool, has_larger: bool) -> bool {
        let (Some((first, _)), Some((last, _))) = (self.rows.get(needed.start), self.rows[..needed.end].last()) else {
            return self.count == 0;
        };
        // Positions ascend strictly, so they are consecutive exactly if the ends are this far apart.
        last - first == (needed.len() - 1) as u64
            && (has_smaller || *first == 0)
            && (has_larger || *last == self.count - 1)
    }
}

/// The combined proof of the rows at the positions `wanted` alone, out of disclosed rows and their combined proof in a
/// table of `count` rows. Needs no table. The proof is believed: verify it before, or the narrower one after.
///
/// Fails if positions do not ascend or lie beyond the table, or one wanted is not disclosed.
pub fn narrow(count: u64, rows: &[(u64, Row)], proof: &[Node], wanted: &[u64]) -> Result<Vec<Node>, RowsError> {
    let shape = Shape::new(count)?;
    let disclosed = positions(rows);
    shape.check_positions(disclosed.iter().copied())?;
    shape.check_positions(wanted.iter().copied())?;
    if let Some(position) = wanted.iter().find(|p| disclosed.binary_search(p).is_err()) {
        return Err(RowsError::NotDisclosed { position: *position });
    }
    if wanted.is_empty() && count > 0 {
        return Err(RowsError::NothingDisclosed);
    }
    let mut needed = Vec::new();
    siblings(&shape, wanted, |index| needed.push(index))?;
    let mut nodes: BTreeMap<u64, Option<Node>> = needed.iter().map(|index| (*index, None)).collect();
    climb(&shape, rows, proof, |index, node| {
        if let Some(place) = nodes.get_mut(&index) {
            *place = Some(*node);
        }
    })?;
    let short = RowsError::ProofLen { expected: needed.len(), actual: proof.len() };
    needed.iter().map(|index| nodes.get(index).copied().flatten().ok_or_else(|| short.clone())).collect()
}

fn positions(rows: &[(u64, Row)]) -> Vec<u64> {
    rows.iter().map(|(position, _)| *position).collect()
}

/// Places among ascending positions in descending tree index: the lowest level from right to left, then the level above.
fn by_tree_index(shape: &Shape, positions: &[u64]) -> impl Iterator<Item = usize> + use<> {
    let lowest = positions.partition_point(|position| *position < shape.lowest());
    (0..lowest).rev().chain((lowest..positions.len()).rev())
}

/// Tells the tree indices of exactly the proof hashes that disclosed positions need, descending.
fn siblings(shape: &Shape, positions: &[u64], mut each: impl FnMut(u64)) -> Result<(), RowsError> {
    let mut queue = by_tree_index(shape, positions)
        .map(|i| shape.leaf_index(positions[i]))
        .collect::<Result<VecDeque<u64>, RowsError>>()?;
    // Indices descend along the queue, so a sibling that is known too stands next.
    while let Some(index) = queue.pop_front().filter(|index| *index > 0) {
        if !is_left(index) && queue.front() == Some(&(index - 1)) {
            queue.pop_front();
        } else {
            each(sibling(index));
        }
        queue.push_back(parent(index));
    }
    Ok(())
}

/// A node on the way up, with the disclosed rows below it (none: a proof hash).
struct Climber {
    index: u64,
    node: Node,
    below: Range<usize>,
}

/// Computes the top of the tree, checking every separator passed, and tells `visit` every node on the way with its tree
/// index. `proof` has the exact length; `None` without rows.
fn climb(
    shape: &Shape,
    rows: &[(u64, Row)],
    proof: &[Node],
    mut visit: impl FnMut(u64, &Node),
) -> Result<Option<Node>, RowsError> {
    let leaf = |i: usize| {
        let index = shape.leaf_index(rows[i].0)?;
        Ok(Climber { index, node: Node::leaf(&rows[i].1), below: i..i + 1 })
    };
    let mut queue =
        by_tree_index(shape, &positions(rows)).map(leaf).collect::<Result<VecDeque<Climber>, RowsError>>()?;
    let mut hashes = proof.iter();
    while let Some(climber) = queue.pop_front() {
        let index = climber.index;
        visit(index, &climber.node);
        if index == 0 {
            return Ok(Some(climber.node));
        }
        let known = queue.pop_front_if(|next| !is_left(index) && next.index == index - 1);
        let beside = match known {
            Some(beside) => beside,
            None => {
                let short = RowsError::ProofLen { expected: proof.len() + 1, actual: proof.len() };
                Climber { index: sibling(index), node: *hashes.next().ok_or(short)?, below: 0..0 }
            }
        };
        visit(beside.index, &beside.node);
        let (left, right) = if is_left(index) { (climber, beside) } else { (beside, climber) };
        queue.push_back(merge(parent(index), &left, &right, rows)?);
    }
    Ok(None)
}

/// Merges siblings after requiring: disclosed keys on the left <= right.first <= disclosed keys on the right. Disclosed
/// rows ascend, so the last on the left and the first on the right stand for all.
fn merge(index: u64, left: &Climber, right: &Climber, rows: &[(u64, Row)]) -> Result<Climber, RowsError> {
    let separator = &right.node.first;
    let (on_left, on_right) = (&rows[left.below.clone()], &rows[right.below.clone()]);
    if let Some((position, _)) = on_left.last().filter(|(_, row)| row.key > *separator) {
        return Err(RowsError::Separator { index, position: *position });
    }
    if let Some((position, _)) = on_right.first().filter(|(_, row)| row.key < *separator) {
        return Err(RowsError::Separator { index, position: *position });
    }
    let below = match (on_left.is_empty(), on_right.is_empty()) {
        (false, false) => left.below.start..right.below.end,
        (false, true) => left.below.clone(),
        (true, _) => right.below.clone(),
    };
    Ok(Climber { index, node: Node::merge(&left.node, &right.node), below })
}
