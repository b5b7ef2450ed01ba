//! Marks on the entries of a log: one bit each, so that which of ten million admissions are meant takes a megabyte.

/// A bit for each log index below a size.
#[derive(Debug)]
pub(super) struct Bitmap {
    words: Vec<u64>,
    size: u64,
    count: u64,
}

impl Bitmap {
    /// None is marked.
    pub fn below(size: u64) -> Bitmap {
        Bitmap { words: vec![0; size.div_ceil(64) as usize], size, count: 0 }
    }

    /// Marks an index, unless it is not below the size.
    pub fn add(&mut self, index: u64) -> bool {
        let Some(word) = self.words.get_mut((index / 64) as usize).filter(|_| index < self.size) else { return false };
        self.count += u64::from(*word >> (index % 64) & 1 == 0);
        *word |= 1 << (index % 64);
        true
    }

    /// How many are marked.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether an index is marked.
    pub fn has(&self, index: u64) -> bool {
        self.words.get((index / 64) as usize).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// The first marked index from this one on.
    pub fn next_from(&self, from: u64) -> Option<u64> {
        let mut at = usize::try_from(from / 64).ok()?;
        let mut word = self.words.get(at)? >> (from % 64) << (from % 64);
        while word == 0 {
            at += 1;
            word = *self.words.get(at)?;
        }
        Some(at as u64 * 64 + u64::from(word.trailing_zeros()))
    }
}
