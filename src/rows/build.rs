//! The root of any number of rows in one pass, and the nodes for a nodes file on the way.
//!
//! The count must be known before the first row, because it decides which rows are on the lowest level. Memory is one
//! node per level (at most 32). Agrees with `cbt` for every count. Formats section 4.
//!
//! The rows below one node can be hashed apart from the others, on another core say: a [`Piece`], which the builder
//! takes in the place of its rows.

use super::tree::{is_left, parent};
use super::{Ascending, Kind, Node, Root, Row, RowsError, Shape};

/// Takes rows in order and gives their root. Each inner node with a slot in the nodes file goes to `on_node` with its
/// tree index, once, a parent after its children; `E` is the caller's error.
pub struct Builder<F> {
    kind: Kind,
    shape: Shape,
    order: Ascending,
    /// Left children that wait for their siblings, the lowest last, with their tree indices.
    waiting: Vec<(u64, Node)>,
    top: Option<Node>,
    /// The tree index of the top: 0, but for a piece.
    stop: u64,
    on_node: F,
}

/// The rows below one node, hashed.
pub struct Piece {
    top: u64,
    node: Node,
    first: Row,
    last: Row,
    count: u64,
    /// Its inner nodes with a slot in the nodes file, the top among them; a parent after its children.
    inner: Vec<(u64, Node)>,
}

impl Piece {
    /// Hashes the rows below the node that has this tree index: exactly those at [`Shape::positions`].
    pub fn new(kind: Kind, shape: Shape, top: u64, rows: &[Row]) -> Result<Piece, RowsError> {
        let positions = shape.positions(top);
        let (expected, actual) = (positions.end - positions.start, rows.len() as u64);
        let (Some(first), Some(last), true) = (rows.first(), rows.last(), expected == actual) else {
            return Err(RowsError::Count { expected, actual });
        };
        let mut inner = Vec::new();
        let on_node = |index, node: &Node| {
            inner.push((index, *node));
            Ok::<(), RowsError>(())
        };
        let order = Ascending::from(positions.start);
        let mut builder = Builder { kind, shape, order, waiting: Vec::new(), top: None, stop: top, on_node };
        rows.iter().try_for_each(|row| builder.push(*row))?;
        let node = builder.top.ok_or(RowsError::Count { expected, actual })?;
        Ok(Piece { top, node, first: *first, last: *last, count: actual, inner })
    }
}

impl<E, F> Builder<F>
where
    E: From<RowsError>,
    F: FnMut(u64, &Node) -> Result<(), E>,
{
    /// A builder for exactly `count` rows.
    pub fn new(kind: Kind, count: u64, on_node: F) -> Result<Self, RowsError> {
        let shape = Shape::new(count)?;
        Ok(Self { kind, shape, order: Ascending::new(), waiting: Vec::new(), top: None, stop: 0, on_node })
    }

    /// Takes the next row, which must be greater than the one before it.
    pub fn push(&mut self, row: Row) -> Result<(), E> {
        let position = self.order.push(row)?;
        let expected = self.shape.count();
        if position >= expected {
            return Err(RowsError::Count { expected, actual: position + 1 }.into());
        }
        self.carry(self.shape.leaf_index(position)?, Node::leaf(&row))
    }

    /// Takes the rows of the next piece of this table, which must be greater than the row before it.
    pub fn push_piece(&mut self, piece: &Piece) -> Result<(), E> {
        let position = self.order.append(piece.first, piece.last, piece.count)?;
        if self.shape.positions(piece.top) != (position..position + piece.count) {
            return Err(RowsError::PositionOrder { position }.into());
        }
        piece.inner.iter().try_for_each(|(index, node)| (self.on_node)(*index, node))?;
        self.carry(piece.top, piece.node)
    }

    /// Merges a node with those that waited for it.
    fn carry(&mut self, mut index: u64, mut node: Node) -> Result<(), E> {
        // In-order arrival: when a right child is complete, the last one waiting is its sibling.
        while index > self.stop && !is_left(index) {
            let Some((_, left)) = self.waiting.pop() else { break };
            node = Node::merge(&left, &node);
            index = parent(index);
            if index < self.shape.stored_nodes() {
                (self.on_node)(index, &node)?;
            }
        }
        if index == self.stop {
            self.top = Some(node);
        } else {
            self.waiting.push((index, node));
        }
        Ok(())
    }

    /// The root, once all rows are in.
    pub fn finish(self) -> Result<Root, RowsError> {
        let (expected, actual) = (self.shape.count(), self.order.count());
        if actual != expected {
            return Err(RowsError::Count { expected, actual });
        }
        Ok(Root::of(self.kind, expected, self.top.as_ref()))
    }
}
