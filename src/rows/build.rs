//! The root of any number of rows in one pass, and the nodes for a nodes file on the way.
//!
//! The count must be known before the first row, because it decides which rows are on the lowest level. Memory is one
//! node per level (at most 32). Agrees with `cbt` for every count. Formats section 4.

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
    on_node: F,
}

impl<E, F> Builder<F>
where
    E: From<RowsError>,
    F: FnMut(u64, &Node) -> Result<(), E>,
{
    /// A builder for exactly `count` rows.
    pub fn new(kind: Kind, count: u64, on_node: F) -> Result<Self, RowsError> {
        let shape = Shape::new(count)?;
        Ok(Self { kind, shape, order: Ascending::new(), waiting: Vec::new(), top: None, on_node })
    }

    /// Takes the next row, which must be greater than the one before it.
    pub fn push(&mut self, row: Row) -> Result<(), E> {
        let position = self.order.push(row)?;
        let expected = self.shape.count();
        if position >= expected {
            return Err(RowsError::Count { expected, actual: position + 1 }.into());
        }
        let mut index = self.shape.leaf_index(position)?;
        let mut node = Node::leaf(&row);
        // In-order arrival: when a right child is complete, the last one waiting is its sibling.
        while index > 0 && !is_left(index) {
            let Some((_, left)) = self.waiting.pop() else { break };
            node = Node::merge(&left, &node);
            index = parent(index);
            if index < self.shape.stored_nodes() {
                (self.on_node)(index, &node)?;
            }
        }
        if index == 0 {
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
