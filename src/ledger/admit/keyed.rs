//! The keys of a batch of works: derived on every core, sorted, each once, so that whatever else is sorted can be met with
//! all of them in one pass.

use crate::ledger::candidate::SourceWork;
use crate::rows::{Key, Row, work_key};
use crate::statement::Scheme;
use crate::statement::admission::Embodiment;
use crate::statement::identifier::Class;
use rayon::prelude::*;
use std::ops::Range;

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
    /// For each slot, whether its key names the work itself, not a group.
    names_work: Vec<bool>,
    /// What the gate's stage asks of each work besides, so that it need not go through the work again.
    sizes: Vec<Size>,
}

/// How large a work is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// The bytes of its embodiments, where known.
    pub bytes: u64,
    /// At most so many bytes are what an entry says of it, apart from what the gate adds.
    pub printed: usize,
    /// Whether it is registered at the US Copyright Office.
    pub registered: bool,
}

/// The works of one core.
struct Derived {
    keys: Vec<Key>,
    /// Keys of each work.
    counts: Vec<u32>,
    names_work: Vec<bool>,
    sizes: Vec<Size>,
}

impl Keyed {
    pub fn new(works: &[SourceWork]) -> Keyed {
        let derived: Vec<Derived> = works.par_chunks(WORKS_AT_ONCE).map(derive).collect();
        let count = derived.iter().map(|part| part.keys.len()).sum();
        let mut all: Vec<Key> = Vec::with_capacity(count);
        let (mut names_work, mut sizes) = (Vec::with_capacity(count), Vec::with_capacity(works.len()));
        let mut starts = Vec::with_capacity(works.len() + 1);
        let mut owner = Vec::with_capacity(count);
        starts.push(0);
        for part in derived {
            for count in part.counts {
                owner.extend(std::iter::repeat_n(starts.len() as u32 - 1, count as usize));
                starts.push(owner.len() as u32);
            }
            all.extend(part.keys);
            names_work.extend(part.names_work);
            sizes.extend(part.sizes);
        }
        // Sorted by their first bytes, which seldom are the same, so that little is moved.
        let mut order: Vec<(u64, u32)> = all.iter().map(Key::head).zip(0..).collect();
        order.par_sort_unstable_by(|(a, i), (b, j)| {
            a.cmp(b).then_with(|| all[*i as usize].cmp(&all[*j as usize])).then(i.cmp(j))
        });
        let (mut distinct, mut slots) = (Vec::with_capacity(count), vec![0; count]);
        let mut owners = Vec::with_capacity(count);
        for (_, slot) in order {
            let key = all[slot as usize];
            if distinct.last() != Some(&key) {
                distinct.push(key);
            }
            // Slots ascend for each key, and with them the works.
            let place = distinct.len() as u32 - 1;
            slots[slot as usize] = place;
            owners.push((place, owner[slot as usize]));
        }
        Keyed { keys: distinct, owners, starts, slots, names_work, sizes }
    }

    /// The works that have a key.
    pub fn works_of(&self, key: usize) -> impl Iterator<Item = usize> {
        let from = self.owners.partition_point(|(k, _)| (*k as usize) < key);
        self.owners[from..].iter().take_while(move |(k, _)| *k as usize == key).map(|(_, work)| *work as usize)
    }

    /// The places of a work's keys.
    pub fn slots(&self, work: usize) -> impl Iterator<Item = usize> {
        self.slots[self.range(work)].iter().map(|slot| *slot as usize)
    }

    /// The places of the keys that name the work itself, not a group.
    pub fn work_slots(&self, work: usize) -> impl Iterator<Item = usize> {
        let named = &self.names_work[self.range(work)];
        self.slots(work).zip(named).filter(|(_, names_work)| **names_work).map(|(slot, _)| slot)
    }

    /// How large a work is.
    pub fn size(&self, work: usize) -> Size {
        self.sizes[work]
    }

    fn range(&self, work: usize) -> Range<usize> {
        self.starts[work] as usize..self.starts[work + 1] as usize
    }

    /// The rows of the works that were admitted, each with its index, ascending.
    pub fn rows(&self, admitted: impl Fn(usize) -> Option<u64>) -> Vec<Row> {
        let row =
            |(key, work): &(u32, u32)| Some(Row { key: self.keys[*key as usize], value: admitted(*work as usize)? });
        let mut rows = Vec::with_capacity(self.owners.len());
        rows.extend(self.owners.iter().filter_map(row));
        rows
    }
}

fn derive(works: &[SourceWork]) -> Derived {
    let mut out = Derived {
        keys: Vec::with_capacity(2 * works.len()),
        counts: Vec::with_capacity(works.len()),
        names_work: Vec::with_capacity(2 * works.len()),
        sizes: Vec::with_capacity(works.len()),
    };
    for work in works {
        let before = out.keys.len();
        for id in work.looked_up_by() {
            out.keys.push(work_key(id.as_str()));
            out.names_work.push(id.scheme().class(work.work_type) == Class::Work);
        }
        out.counts.push((out.keys.len() - before) as u32);
        let bytes = work.embodiments.iter().filter_map(|e| e.bytes).fold(0, u64::saturating_add);
        let registered = work.identifiers.iter().any(|id| id.scheme() == Scheme::Uscopyright);
        out.sizes.push(Size { bytes, printed: printed(work), registered });
    }
    out
}

/// At most so many bytes of an entry: printed, a byte of text is at most six, and what stands beside the texts of each of
/// its parts is below 512. An identifier has at most 512 bytes, and no escapes.
fn printed(work: &SourceWork) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let parties = work.parties.iter().map(|p| 6 * p.name.len() + 512 * (1 + p.ids.len()));
    let form = |e: &Embodiment| 6 * (text(&e.path) + text(&e.media_type)) + 512 * (1 + e.digests.len());
    let licence = work.licence.as_ref().map_or(0, |l| l.raw.len() + l.source.len());
    let lists = 512 * (work.identifiers.len() + work.layers.len());
    let parts = parties.sum::<usize>() + work.embodiments.iter().map(form).sum::<usize>();
    6 * (text(&work.title) + licence) + lists + parts
}
