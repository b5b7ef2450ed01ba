//! The keys of a batch of works: derived on every core, sorted, each once, so that whatever else is sorted can be met with
//! all of them in one pass.

use crate::ledger::candidate::SourceWork;
use crate::ledger::source::keys;
use crate::rows::{Key, Row};
use crate::statement::Identifier;
use crate::statement::identifier::Class;
use rayon::prelude::*;

/// Works whose keys one core derives at once.
const WORKS_AT_ONCE: usize = 2048;

/// The keys of a batch.
pub(super) struct Keyed {
    /// Ascending.
    pub keys: Vec<Key>,
    /// (place in `keys`, work), ascending.
    owners: Vec<(u32, u32)>,
    /// For each work, where its slots begin in `slots`; one more at the end.
    starts: Vec<u32>,
    /// Places in `keys`, in the order of each work's identifiers.
    slots: Vec<u32>,
}

impl Keyed {
    pub fn new(works: &[SourceWork]) -> Keyed {
        let derived: Vec<(Vec<Key>, Vec<u32>)> = works.par_chunks(WORKS_AT_ONCE).map(derive).collect();
        let count = derived.iter().map(|(keys, _)| keys.len()).sum();
        let mut all: Vec<(Key, u32)> = Vec::with_capacity(count);
        let mut starts = Vec::with_capacity(works.len() + 1);
        let mut owner = Vec::with_capacity(count);
        starts.push(0);
        for (keys, counts) in derived {
            for count in counts {
                owner.extend(std::iter::repeat_n(starts.len() as u32 - 1, count as usize));
                starts.push(owner.len() as u32);
            }
            let first = all.len() as u32;
            all.extend(keys.into_iter().zip(first..));
        }
        all.par_sort_unstable();
        let (mut distinct, mut slots) = (Vec::with_capacity(count), vec![0; count]);
        let mut owners = Vec::with_capacity(count);
        for (key, slot) in all {
            if distinct.last() != Some(&key) {
                distinct.push(key);
            }
            // Slots ascend for each key, and with them the works.
            let place = distinct.len() as u32 - 1;
            slots[slot as usize] = place;
            owners.push((place, owner[slot as usize]));
        }
        Keyed { keys: distinct, owners, starts, slots }
    }

    /// The works that have a key.
    pub fn works_of(&self, key: usize) -> impl Iterator<Item = usize> {
        let from = self.owners.partition_point(|(k, _)| (*k as usize) < key);
        self.owners[from..].iter().take_while(move |(k, _)| *k as usize == key).map(|(_, work)| *work as usize)
    }

    /// The places of a work's keys.
    pub fn slots(&self, work: usize) -> impl Iterator<Item = usize> {
        let range = self.starts[work] as usize..self.starts[work + 1] as usize;
        self.slots[range].iter().map(|slot| *slot as usize)
    }

    /// The places of the keys that name the work itself, not a group.
    pub fn work_slots<'a>(&'a self, place: usize, work: &'a SourceWork) -> impl Iterator<Item = usize> + 'a {
        let is_work = |id: &Identifier| id.scheme().class(work.work_type) == Class::Work;
        self.slots(place).zip(work.looked_up_by()).filter(move |(_, id)| is_work(id)).map(|(slot, _)| slot)
    }

    /// The rows of the works that were admitted, by place, ascending.
    pub fn rows(&self, admitted: &[Option<u64>]) -> Vec<Row> {
        let row =
            |(key, work): &(u32, u32)| Some(Row { key: self.keys[*key as usize], value: admitted[*work as usize]? });
        self.owners.iter().filter_map(row).collect()
    }
}

/// The keys of some works, one after another, and how many each has.
fn derive(works: &[SourceWork]) -> (Vec<Key>, Vec<u32>) {
    let mut all = Vec::with_capacity(2 * works.len());
    let mut counts = Vec::with_capacity(works.len());
    for work in works {
        let before = all.len();
        all.extend(keys(work).map(|(key, _)| key));
        counts.push((all.len() - before) as u32);
    }
    (all, counts)
}
