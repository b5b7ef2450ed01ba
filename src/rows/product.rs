//! A keyed product of rows: two lists of rows with equal products have the same rows, in whatever order they come.
//!
//! A row is five numbers of 64 bits and stands for the polynomial `x + w0 y^4 + w1 y^3 + w2 y^2 + w3 y + w4`, and a list of
//! rows for the product of theirs, over the numbers modulo the prime 2^127 - 1. These factors cannot be divided further
//! and differ where the rows do, so products of other lists are other polynomials. At a point that was chosen at random
//! afterwards, two polynomials of degree d agree with a probability of at most d / 2^127 (Schwartz and Zippel): 2^-93 for
//! 2^32 rows. To whoever knew the point when the rows were made, this promises nothing. For comparing lists that are too
//! large to sort; never written to disk.

use super::Row;

/// The prime.
const P: u128 = (1 << 127) - 1;

/// The product of the rows taken so far, at one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedProduct {
    x: u128,
    y: u128,
    product: u128,
}

impl KeyedProduct {
    /// The product of no rows, at a point that nobody could know when the rows were made: 32 random bytes.
    pub fn new(key: &[u8; 32]) -> KeyedProduct {
        let half = |from| u128::from_be_bytes(std::array::from_fn(|i| key[from + i]));
        KeyedProduct { x: reduce(half(0)), y: reduce(half(16)), product: 1 }
    }

    /// Takes a row.
    pub fn take(&mut self, row: &Row) {
        let words = row.encode();
        let words = words.as_chunks().0.iter().map(|word| u128::from(u64::from_be_bytes(*word)));
        let polynomial = words.fold(0, |value, word| reduce(times(value, self.y) + word));
        self.product = times(self.product, reduce(polynomial + self.x));
    }

    /// Takes what another product at the same point has.
    pub fn merge(&mut self, other: &KeyedProduct) {
        self.product = times(self.product, other.product);
    }
}

/// Modulo the prime: the bit of 2^127 counts as 1.
fn reduce(number: u128) -> u128 {
    let folded = (number & P) + (number >> 127);
    if folded >= P { folded - P } else { folded }
}

/// The product of two reduced numbers, reduced.
fn times(a: u128, b: u128) -> u128 {
    const LOW: u128 = (1 << 64) - 1;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    // a b = high 2^128 + middle 2^64 + low, where a1 and b1 have 63 bits: nothing overflows, here and below.
    let (high, middle, low) = (a1 * b1, a1 * b0 + a0 * b1, a0 * b0);
    // Each part is cut at the bit of 2^127; above it, 2^128 counts as 2, and 2^127 as 1.
    let above = 2 * high + (middle >> 63) + (low >> 127);
    let below = reduce((middle << 64 & P) + (low & P));
    reduce(reduce(above) + below)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By doubling and adding.
    fn slow_times(a: u128, b: u128) -> u128 {
        (0..127).rev().fold(0, |sum, bit| {
            let doubled = reduce(2 * sum);
            if b >> bit & 1 == 1 { reduce(doubled + a) } else { doubled }
        })
    }

    #[test]
    fn products_are_those_of_doubling_and_adding() {
        let mut numbers = vec![0, 1, 2, P - 1, P - 2, 1 << 63, (1 << 63) - 1, 1 << 64, (1 << 64) - 1, 1 << 126];
        let mut number = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C834;
        for _ in 0..40 {
            number = reduce((number / 2 * 3) ^ (number << 61));
            numbers.push(number);
        }
        for a in &numbers {
            for b in &numbers {
                assert_eq!(times(*a, *b), slow_times(*a, *b), "{a} {b}");
            }
        }
        assert_eq!([0, P - 1, P, P + 1, u128::MAX].map(reduce), [0, P - 1, 0, 1, 1]);
    }
}
