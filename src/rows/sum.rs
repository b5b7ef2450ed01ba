//! A keyed sum of rows: two sets of rows with equal sums are equal, in whatever order they come.
//!
//! Each row is hashed under a secret key and the hashes are added as 256-bit numbers. Whoever made the rows did not
//! know the key, so other rows have the same sum with probability 2^-256; with a known key this would not hold. For
//! comparing sets that are too large to sort; never written to disk.

use super::Row;

/// The sum of the rows added so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedSum {
    key: [u8; 32],
    count: u64,
    /// Least significant first.
    sum: [u64; 4],
}

impl KeyedSum {
    /// The sum of no rows, under a key that nobody could know when the rows were made.
    pub fn new(key: &[u8; 32]) -> KeyedSum {
        KeyedSum { key: *key, count: 0, sum: [0; 4] }
    }

    /// Adds a row.
    pub fn add(&mut self, row: &Row) {
        self.plus(1, hash(&self.key, row));
    }

    /// Adds what another sum under the same key has.
    pub fn merge(&mut self, other: &KeyedSum) {
        self.plus(other.count, other.sum);
    }

    /// Takes away what another sum under the same key has, which was added before.
    pub fn subtract(&mut self, other: &KeyedSum) {
        self.count = self.count.wrapping_sub(other.count);
        let mut borrow = false;
        for (limb, value) in self.sum.iter_mut().zip(other.sum) {
            let (difference, under) = limb.overflowing_sub(value);
            let (difference, under_again) = difference.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (difference, under || under_again);
        }
    }

    fn plus(&mut self, count: u64, hashes: [u64; 4]) {
        self.count = self.count.wrapping_add(count);
        let mut carry = false;
        for (limb, value) in self.sum.iter_mut().zip(hashes) {
            let (sum, over) = limb.overflowing_add(value);
            let (sum, over_again) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, over || over_again);
        }
    }
}

fn hash(key: &[u8; 32], row: &Row) -> [u64; 4] {
    let hash = blake3::keyed_hash(key, &row.encode());
    let limbs = hash.as_bytes().as_chunks::<8>().0;
    std::array::from_fn(|i| u64::from_le_bytes(limbs[i]))
}
