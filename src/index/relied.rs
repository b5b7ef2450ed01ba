//! What the works of a release rely on: for each distinct set of grants that admissions name, how many works do.
//!
//! A release has millions of works and some hundreds of such sets, so that whoever judges a day judges sets, not works.
//! `index/relied/<entry of the release>` is written when it is sealed; it is one line with the BLAKE3 digest of the rest,
//! and one JSON object. It is derived: without it, the same is counted from the entries.
//!
//! Invariant: a file that is not this release's (by the leaf hash of its entry), or is damaged, is passed over.

use super::IndexError;
use crate::rows::{Key, blake3};
use crate::statement::{Admission, Layer, Scheme};
use crate::storage::Disk;
use crate::tlog::Hash;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Distinct sets, and distinct combinations of them in one work, that are counted; a release has some hundreds. Beyond
/// that nothing is kept, and whoever asks reads the entries.
pub const MAX_SETS: usize = 1 << 16;

/// The longest file: each set names at most as many grants as there are layers.
const MAX_LEN: u64 = 64 << 20;

/// What an admission relies on, apart from the day.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reliance {
    /// The grant of each layer, by log index.
    pub grants: BTreeMap<Layer, u64>,
    /// Let in against the gate.
    pub overridden: bool,
    /// Its registration at the US Copyright Office is recorded.
    pub registered: bool,
}

/// A short name of a [`Reliance`], which index runs keep for each admission: the first 16 bytes of a BLAKE3 digest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelianceKey(pub [u8; 16]);

/// Gives admissions the short names of what they rely on. Mostly it is what the one before relied on, whose name is known.
#[derive(Debug, Default)]
pub struct RelianceKeys {
    last: Option<(Reliance, RelianceKey)>,
}

/// How many works rely on what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relied {
    /// The sets.
    pub sets: Vec<Reliance>,
    /// Works by the sets that their admissions have, as ascending places in `sets`. A work has more than one set where
    /// its embodiments entered under different grants.
    pub works: Vec<(Vec<u32>, u64)>,
}

/// An admission to be counted.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// Log index.
    pub index: u64,
    /// Log index of the first admission of the same work.
    pub work: u64,
    /// What it relies on.
    pub reliance: RelianceKey,
}

#[derive(Serialize, Deserialize)]
struct File {
    leaf: Hash,
    #[serde(flatten)]
    relied: Relied,
}

impl Reliance {
    /// What an admission relies on.
    pub fn of(admission: &Admission) -> Reliance {
        let (overridden, registered) = apart_from_grants(admission);
        Reliance { grants: admission.grants.clone(), overridden, registered }
    }

    fn is_of(&self, admission: &Admission) -> bool {
        (self.overridden, self.registered) == apart_from_grants(admission) && self.grants == admission.grants
    }

    /// Its short name.
    pub fn key(&self) -> RelianceKey {
        let mut bytes = Vec::with_capacity(2 + 9 * self.grants.len());
        bytes.extend([u8::from(self.overridden), u8::from(self.registered)]);
        for (layer, grant) in &self.grants {
            bytes.push(*layer as u8);
            bytes.extend(grant.to_be_bytes());
        }
        let digest = blake3(&bytes);
        RelianceKey(std::array::from_fn(|i| digest[i]))
    }
}

impl RelianceKeys {
    /// The short name of what an admission relies on.
    pub fn of(&mut self, admission: &Admission) -> RelianceKey {
        match &self.last {
            Some((last, key)) if last.is_of(admission) => *key,
            _ => {
                let reliance = Reliance::of(admission);
                let key = reliance.key();
                self.last = Some((reliance, key));
                key
            }
        }
    }
}

impl Relied {
    /// Counts the works of admissions in log order, which are asked for twice where works have several. `None` if there
    /// are more than [`MAX_SETS`] sets.
    ///
    /// # Errors
    /// Of `admissions`, and of `reliance`, which is asked once for each set, about its first admission.
    pub fn count<I, E>(
        mut admissions: impl FnMut() -> Result<I, E>,
        mut reliance: impl FnMut(&Counted) -> Result<Reliance, E>,
    ) -> Result<Option<Relied>, E>
    where
        I: Iterator<Item = Result<Counted, E>>,
    {
        let mut places: HashMap<RelianceKey, u32> = HashMap::new();
        let mut sets = Vec::new();
        let mut alone: Vec<u64> = Vec::new();
        let mut further: Vec<(u64, u32)> = Vec::new();
        // Mostly it is what the one before relies on.
        let mut last = None;
        for counted in admissions()? {
            let counted = counted?;
            let known = last.filter(|(key, _)| *key == counted.reliance).map(|(_, place)| place);
            let place = match known.or_else(|| places.get(&counted.reliance).copied()) {
                Some(place) => place,
                None if sets.len() == MAX_SETS => return Ok(None),
                None => {
                    let place = sets.len() as u32;
                    sets.push(reliance(&counted)?);
                    alone.push(0);
                    places.insert(counted.reliance, place);
                    place
                }
            };
            last = Some((counted.reliance, place));
            match counted.work == counted.index {
                true => alone[place as usize] += 1,
                false => further.push((counted.work, place)),
            }
        }
        let mut together: HashMap<Vec<u32>, u64> = HashMap::new();
        further.sort_unstable();
        further.dedup();
        if !further.is_empty() {
            let mut firsts = Vec::new();
            for counted in admissions()? {
                let counted = counted?;
                let is_first = counted.work == counted.index;
                if is_first && further.binary_search_by_key(&counted.work, |(work, _)| *work).is_ok() {
                    let place = places.get(&counted.reliance).copied().unwrap_or_default();
                    alone[place as usize] -= 1;
                    firsts.push((counted.work, place));
                }
            }
            further.extend(firsts);
            further.sort_unstable();
            further.dedup();
            for work in further.chunk_by(|a, b| a.0 == b.0) {
                *together.entry(work.iter().map(|(_, place)| *place).collect()).or_default() += 1;
                if together.len() > MAX_SETS {
                    return Ok(None);
                }
            }
        }
        for (place, count) in (0..).zip(alone).filter(|(_, count)| *count > 0) {
            *together.entry(vec![place]).or_default() += count;
        }
        let mut works: Vec<(Vec<u32>, u64)> = together.into_iter().collect();
        works.sort_unstable();
        Ok(Some(Relied { sets, works }))
    }

    /// How many works there are.
    pub fn total(&self) -> u64 {
        self.works.iter().map(|(_, count)| count).sum()
    }

    /// Keeps it for the release at a log index, whose entry has this leaf hash.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(self, disk: &Disk, release: u64, leaf: Hash) -> Result<(), IndexError> {
        let text = serde_json::to_string(&File { leaf, relied: self }).expect("plain data is JSON");
        let digest = Key(blake3(text.as_bytes()));
        Ok(disk.write(&path(release), format!("{digest}\n{text}\n").as_bytes())?)
    }

    /// Reads what was kept, if there is such a file and it is this release's.
    pub fn read(disk: &Disk, release: u64, leaf: &Hash) -> Option<Relied> {
        let bytes = disk.read(&path(release), MAX_LEN).ok()?;
        let (digest, text) = std::str::from_utf8(&bytes).ok()?.strip_suffix('\n')?.split_once('\n')?;
        let sound = digest == Key(blake3(text.as_bytes())).to_string();
        let file: File = serde_json::from_str(text).ok().filter(|_| sound)?;
        let places = file.relied.works.iter().flat_map(|(sets, _)| sets);
        let known = places.into_iter().all(|place| (*place as usize) < file.relied.sets.len());
        Some(file).filter(|file| known && file.leaf == *leaf).map(|file| file.relied)
    }
}

/// Whether it was let in against the gate, and whether its registration is recorded.
fn apart_from_grants(admission: &Admission) -> (bool, bool) {
    let registered = admission.identifiers.iter().any(|id| id.scheme() == Scheme::Uscopyright);
    (admission.override_.is_some(), registered)
}

fn path(release: u64) -> String {
    format!("index/relied/{release}")
}
