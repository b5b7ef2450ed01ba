//! The prover: where keys are, which rows answer them completely, and the combined proof. Formats section 4.
//!
//! Rows and stored nodes come through closures that read by position and by tree index; `E` is the caller's error. The
//! caller vouches for sortedness, so what comes out is as good as the file: check it with `Table::verify` before it
//! leaves the house. Reads move forward through the rows, so a reader that keeps one block serves them well.

use std::ops::Range;

use super::tree::left_child;
use super::{Key, Node, Row, RowsError, Shape};

/// Guided probes before a search falls back to halving. Uniform keys need about 6; keys chosen by somebody else cost at
/// most these and then 31 more.
const GUIDED_PROBES: u32 = 16;

/// The positions of all rows of `key` among `count` rows; an empty range, where they would be, if there are none.
pub fn find<E: From<RowsError>>(
    key: &Key,
    count: u64,
    mut read_row: impl FnMut(u64) -> Result<Row, E>,
) -> Result<Range<u64>, E> {
    find_from(key, 0, &Key::default(), count, &mut read_row)
}

/// [`find`] for many ascending keys (repetitions allowed) in one forward pass: one range per key, in their order.
pub fn find_all<E: From<RowsError>>(
    keys: &[Key],
    count: u64,
    mut read_row: impl FnMut(u64) -> Result<Row, E>,
) -> Result<Vec<Range<u64>>, E> {
    let mut found: Vec<Range<u64>> = Vec::with_capacity(keys.len());
    let (mut from, mut before) = (0, Key::default());
    for (index, key) in keys.iter().enumerate() {
        if *key < before {
            return Err(RowsError::KeyOrder { index }.into());
        }
        let rows = find_from(key, from, &before, count, &mut read_row)?;
        (from, before) = (rows.start, *key);
        found.push(rows);
    }
    Ok(found)
}

/// The positions to disclose so that each look-up is complete: its rows and, where there are any, the neighbours on both
/// sides. Takes ranges in the order of [`find_all`]; gives ascending positions, each once.
pub fn disclose(found: &[Range<u64>], count: u64) -> Vec<u64> {
    let mut positions = Vec::new();
    let mut next = 0;
    for rows in found {
        let end = rows.end.saturating_add(1).min(count);
        positions.extend(rows.start.saturating_sub(1).max(next)..end);
        next = next.max(end);
    }
    positions
}

/// The combined proof for strictly ascending positions (at least one unless `count` is 0): the nodes that a verifier
/// cannot compute from the disclosed rows, in descending tree index.
///
/// `read_node` is asked for tree indices below [`Shape::stored_nodes`] only; where it has none, the node is computed
/// from the rows below it.
pub fn prove<E: From<RowsError>>(
    count: u64,
    positions: &[u64],
    read_row: impl FnMut(u64) -> Result<Row, E>,
    read_node: impl FnMut(u64) -> Result<Option<Node>, E>,
) -> Result<Vec<Node>, E> {
    let shape = Shape::new(count)?;
    shape.check_positions(positions.iter().copied())?;
    if count == 0 {
        return Ok(Vec::new());
    }
    if positions.is_empty() {
        return Err(RowsError::NothingDisclosed.into());
    }
    let mut prover = Prover { shape, read_row, read_node, by_depth: Vec::new() };
    prover.descend(0, 0, positions)?;
    Ok(prover.by_depth.into_iter().rev().flat_map(|level| level.into_iter().rev()).collect())
}

struct Prover<R, N> {
    shape: Shape,
    read_row: R,
    read_node: N,
    /// Proof nodes of each level, left to right.
    by_depth: Vec<Vec<Node>>,
}

impl<E, R, N> Prover<R, N>
where
    E: From<RowsError>,
    R: FnMut(u64) -> Result<Row, E>,
    N: FnMut(u64) -> Result<Option<Node>, E>,
{
    /// Collects the proof nodes below `index`, whose disclosed positions are `positions`. Recursion is as deep as the
    /// tree, at most 32.
    fn descend(&mut self, index: u64, depth: usize, positions: &[u64]) -> Result<(), E> {
        if self.by_depth.len() <= depth {
            self.by_depth.push(Vec::new());
        }
        if positions.is_empty() {
            let node = self.node(index)?;
            self.by_depth[depth].push(node);
            return Ok(());
        }
        let left = left_child(index);
        let Some(middle) = self.shape.first_position(left + 1) else {
            return Ok(()); // a leaf, and disclosed
        };
        let (on_left, on_right) = positions.split_at(positions.partition_point(|p| *p < middle));
        self.descend(left, depth + 1, on_left)?;
        self.descend(left + 1, depth + 1, on_right)
    }

    fn node(&mut self, index: u64) -> Result<Node, E> {
        if let Some(position) = self.shape.position(index) {
            return Ok(Node::leaf(&(self.read_row)(position)?));
        }
        if index < self.shape.stored_nodes()
            && let Some(node) = (self.read_node)(index)?
        {
            return Ok(node);
        }
        let left = self.node(left_child(index))?;
        let right = self.node(left_child(index) + 1)?;
        Ok(Node::merge(&left, &right))
    }
}

/// Finds the rows of `key` at or after position `from`, where all keys before `from` are at most `before`.
fn find_from<E>(
    key: &Key,
    from: u64,
    before: &Key,
    count: u64,
    read_row: &mut impl FnMut(u64) -> Result<Row, E>,
) -> Result<Range<u64>, E> {
    let start = lower_bound(key, from, before, count, read_row)?;
    let mut end = start;
    while end < count && read_row(end)?.key == *key {
        end += 1;
    }
    Ok(start..end)
}

/// The first position whose key is at least `key`. Keys are uniform, so their first bytes say where to look.
fn lower_bound<E>(
    key: &Key,
    from: u64,
    before: &Key,
    count: u64,
    read_row: &mut impl FnMut(u64) -> Result<Row, E>,
) -> Result<u64, E> {
    let (mut low, mut high) = (from, count);
    let (mut low_key, mut high_key) = (prefix(before), u64::MAX);
    let mut probes = 0;
    while low < high {
        let span = high - low;
        let probe = if probes < GUIDED_PROBES && low_key < high_key {
            let share = u128::from(prefix(key).clamp(low_key, high_key) - low_key);
            low + (u128::from(span - 1) * share / u128::from(high_key - low_key)) as u64
        } else {
            low + span / 2
        };
        probes += 1;
        let row = read_row(probe)?;
        if row.key < *key {
            // The bounds only close in, even if the rows do not ascend.
            (low, low_key) = (probe + 1, prefix(&row.key).max(low_key));
        } else {
            (high, high_key) = (probe, prefix(&row.key).min(high_key));
        }
    }
    Ok(low)
}

fn prefix(key: &Key) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|i| key.0[i]))
}
