//! Which keys may have been seen: a Bloom filter, so that a batch of new works need not be looked up in everything that a
//! dataset has.
//!
//! Blocks of one cache line, the block chosen by a key's first bytes: ascending keys walk over the filter from front to
//! back. Layers of four times the size are added as it fills: few, since every one is asked. Invariant: a key that was added may always have been seen; of
//! others about one in ten thousand may, and all once the filter is full.

use crate::rows::Key;

/// Words of a block, in each of which a key has one bit.
const BLOCK_WORDS: usize = 8;
/// Keys of a block when its layer is full: 32 bits for each.
const BLOCK_KEYS: usize = 16;
/// Blocks of the first layer: 8 MiB, two million keys.
const FIRST_BLOCKS: usize = 1 << 17;
/// Bytes that all layers may have: three of them, 44 million keys. Beyond that every key may have been seen, and is looked up.
pub const MAX_FILTER_LEN: usize = 256 << 20;

/// The filter.
#[derive(Debug, Default)]
pub struct Filter {
    layers: Vec<Layer>,
    full: bool,
}

#[derive(Debug)]
struct Layer {
    blocks: Vec<[u64; BLOCK_WORDS]>,
    /// Keys that it has room for.
    room: usize,
}

impl Filter {
    /// Adds a key.
    pub fn add(&mut self, key: &Key) {
        if self.full {
            return;
        }
        if self.layers.last().is_none_or(|layer| layer.room == 0) && !self.grow() {
            return;
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.room -= 1;
            let (block, bits) = (layer.block(key), bits(key));
            layer.blocks[block].iter_mut().zip(bits).for_each(|(word, bit)| *word |= bit);
        }
    }

    /// Whether a key may have been added; `false` is certain.
    pub fn may_have(&self, key: &Key) -> bool {
        let bits = bits(key);
        let in_layer =
            |layer: &Layer| layer.blocks[layer.block(key)].iter().zip(bits).all(|(word, bit)| word & bit != 0);
        self.full || self.layers.iter().any(in_layer)
    }

    fn grow(&mut self) -> bool {
        let blocks = FIRST_BLOCKS << (2 * self.layers.len());
        let len: usize = self.layers.iter().map(|layer| layer.blocks.len()).sum::<usize>() + blocks;
        if len * BLOCK_WORDS * size_of::<u64>() > MAX_FILTER_LEN {
            (self.layers, self.full) = (Vec::new(), true);
            return false;
        }
        self.layers.push(Layer { blocks: vec![[0; BLOCK_WORDS]; blocks], room: blocks * BLOCK_KEYS });
        true
    }
}

impl Layer {
    /// The block of a key, below their number.
    fn block(&self, key: &Key) -> usize {
        ((u128::from(key.head()) * self.blocks.len() as u128) >> 64) as usize
    }
}

/// One bit for each word of a block, from bytes that do not choose the block.
fn bits(key: &Key) -> [u64; BLOCK_WORDS] {
    std::array::from_fn(|word| 1 << (key.0[8 + word] % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::work_key;

    fn key(n: usize) -> Key {
        work_key(&format!("id:example/{n}"))
    }

    #[test]
    fn what_was_added_may_be_there_and_little_else() {
        let mut filter = Filter::default();
        assert!(!filter.may_have(&key(0)));
        // Over the first layer's room.
        let added = FIRST_BLOCKS * BLOCK_KEYS + 1000;
        (0..added).for_each(|n| filter.add(&key(n)));
        assert_eq!(filter.layers.len(), 2);
        assert!((0..added).all(|n| filter.may_have(&key(n))));
        let wrong = (added..added + 100_000).filter(|n| filter.may_have(&key(*n))).count();
        assert!(wrong < 30, "{wrong} of 100,000 keys that were not added");
    }

    #[test]
    fn a_full_filter_takes_every_key_for_seen() {
        let mut filter = Filter { layers: Vec::new(), full: true };
        filter.add(&key(1));
        assert!(filter.may_have(&key(2)) && filter.layers.is_empty());
        // The layers that fit add up to less than the limit, and one more does not fit.
        let mut grown = Filter::default();
        while grown.grow() {}
        assert!(grown.full && grown.may_have(&key(1)));
    }
}
