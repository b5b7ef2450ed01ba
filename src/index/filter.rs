//! Which keys may have been seen: a Bloom filter, so that a batch of new works need not be looked up in everything that a
//! dataset has.
//!
//! Blocks of one cache line, the block chosen by a key's first bytes: ascending keys walk over the filter from front to
//! back. Layers of four times the size are added as it fills: few, since every one is asked; the last takes what comes.
//! Invariant: a key that was added may always have been seen; of others about one in ten thousand may, more and more once
//! the last layer is over its room: one in forty at four times as many keys, all in the end.

use crate::rows::Key;

/// Words of a block, in each of which a key has one bit.
const BLOCK_WORDS: usize = 8;
/// Keys of a block when its layer is full: 32 bits for each.
const BLOCK_KEYS: usize = 16;
/// Blocks of the first layer: 8 MiB, two million keys.
const FIRST_BLOCKS: usize = 1 << 17;
/// Bytes that all layers may have: three of them, with room for 44 million keys.
pub const MAX_FILTER_LEN: usize = 256 << 20;

/// The filter.
#[derive(Debug, Default)]
pub struct Filter {
    layers: Vec<Layer>,
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
        if self.layers.last().is_none_or(|layer| layer.room == 0) {
            self.grow();
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.room = layer.room.saturating_sub(1);
            let (block, bits) = (layer.block(key), bits(key));
            layer.blocks[block].iter_mut().zip(bits).for_each(|(word, bit)| *word |= bit);
        }
    }

    /// Whether a key may have been added; `false` is certain.
    pub fn may_have(&self, key: &Key) -> bool {
        let bits = bits(key);
        let in_layer =
            |layer: &Layer| layer.blocks[layer.block(key)].iter().zip(bits).all(|(word, bit)| word & bit != 0);
        self.layers.iter().any(in_layer)
    }

    /// Adds a layer, if there is memory for one.
    fn grow(&mut self) {
        let blocks = FIRST_BLOCKS << (2 * self.layers.len());
        let len: usize = self.layers.iter().map(|layer| layer.blocks.len()).sum::<usize>() + blocks;
        if len * BLOCK_WORDS * size_of::<u64>() <= MAX_FILTER_LEN {
            self.layers.push(Layer { blocks: vec![[0; BLOCK_WORDS]; blocks], room: blocks * BLOCK_KEYS });
        }
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
    fn an_overfull_filter_forgets_nothing() {
        let mut filter = Filter { layers: vec![Layer { blocks: vec![[0; BLOCK_WORDS]; 64], room: 0 }] };
        // As if there were memory for no other layer.
        let full = |filter: &mut Filter, key: &Key| {
            filter.layers[0].room = 1;
            filter.add(key);
        };
        (0..4 * 64 * BLOCK_KEYS).for_each(|n| full(&mut filter, &key(n)));
        assert!((0..4 * 64 * BLOCK_KEYS).all(|n| filter.may_have(&key(n))));
        let others = 4 * 64 * BLOCK_KEYS..8 * 64 * BLOCK_KEYS;
        let wrong = others.clone().filter(|n| filter.may_have(&key(*n))).count();
        assert!(wrong < others.len() / 20, "{wrong} of {}", others.len());
        // The layers that fit add up to less than the limit, and no more is taken.
        let mut grown = Filter::default();
        (0..8).for_each(|_| grown.grow());
        assert_eq!(grown.layers.len(), 3);
    }
}
