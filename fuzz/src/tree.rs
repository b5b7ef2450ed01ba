//! `tree`: proofs over the log's tree, honest and altered. What is accepted is true of the tree, and the path is the one
//! that an honest prover makes.

use crate::lab::tree_hash;
use arbitrary::{Arbitrary, Unstructured};
use deedbook::tlog::{Hash, NodeId, ProofError, TileSlice, batch, consistency, inclusion, leaf_hash, tile};
use std::sync::LazyLock;

pub use crate::corpus::none as seeds;

/// The largest tree.
const MAX_LEAVES: usize = 70;

/// The input.
#[derive(Arbitrary, Debug)]
struct Input<'a> {
    size: u8,
    /// The leaves that are proven; the first of them also by itself.
    indices: Vec<u8>,
    old: u8,
    /// Changes of what the prover hands over.
    edits: Vec<Edit>,
    /// The hash that stands for the old root.
    old_root: Option<u16>,
    width: u8,
    bundle: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Edit {
    Drop(u8),
    Insert(u8, u16),
    Replace(u8, u16),
    Swap(u8, u8),
    /// Claims another index of a leaf.
    Index(u8, u8),
    /// Claims another hash of a leaf.
    Leaf(u8, u16),
}

/// `MTH(D[begin:end])` of every range, and a few hashes that stand nowhere.
struct Hashes {
    leaves: Vec<Hash>,
    ranges: Vec<Hash>,
}

static HASHES: LazyLock<Hashes> = LazyLock::new(|| {
    let leaves: Vec<Hash> = (0..MAX_LEAVES as u64).map(|i| leaf_hash(&i.to_be_bytes())).collect();
    let pairs = (0..MAX_LEAVES).flat_map(|begin| (begin..=MAX_LEAVES).map(move |end| begin..end));
    let mut ranges: Vec<Hash> = pairs.map(|range| tree_hash(&leaves[range])).collect();
    ranges.extend([Hash([0; 32]), Hash([0xff; 32])]);
    Hashes { leaves, ranges }
});

/// Never fails in a tree that the prover was asked about.
fn read(node: NodeId) -> Result<Hash, ProofError> {
    let begin = (node.index << node.level) as usize;
    Ok(tree_hash(&HASHES.leaves[begin..begin + (1 << node.level)]))
}

fn pick(number: u16) -> Hash {
    HASHES.ranges[usize::from(number) % HASHES.ranges.len()]
}

impl Edit {
    fn of_path(&self, path: &mut Vec<Hash>) {
        let len = path.len();
        match *self {
            Edit::Insert(at, hash) => path.insert(usize::from(at) % (len + 1), pick(hash)),
            Edit::Drop(at) if len > 0 => drop(path.remove(usize::from(at) % len)),
            Edit::Replace(at, hash) if len > 0 => path[usize::from(at) % len] = pick(hash),
            Edit::Swap(a, b) if len > 0 => path.swap(usize::from(a) % len, usize::from(b) % len),
            Edit::Drop(_) | Edit::Replace(..) | Edit::Swap(..) | Edit::Index(..) | Edit::Leaf(..) => {}
        }
    }

    fn of_leaves(&self, leaves: &mut [(u64, Hash)]) {
        let len = leaves.len();
        match *self {
            Edit::Index(at, index) if len > 0 => leaves[usize::from(at) % len].0 = index.into(),
            Edit::Leaf(at, hash) if len > 0 => leaves[usize::from(at) % len].1 = pick(hash),
            Edit::Index(..) | Edit::Leaf(..) => {}
            Edit::Drop(_) | Edit::Insert(..) | Edit::Replace(..) | Edit::Swap(..) => {}
        }
    }
}

/// Requires that nothing false is proven, and that honest proofs are accepted.
pub fn check(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let size = u64::from(input.size) % (MAX_LEAVES as u64 + 1);
    check_batch(&input, size);
    check_inclusion(&input, size);
    check_consistency(&input, size);
    check_bundle(input.bundle, u16::from(input.width));
}

fn check_batch(input: &Input, size: u64) {
    let all = &HASHES.leaves[..size as usize];
    let root = tree_hash(all);
    let mut indices: Vec<u64> = input.indices.iter().map(|i| u64::from(*i)).collect();
    if input.edits.len() % 4 < 3 {
        indices.iter_mut().for_each(|i| *i %= size.max(1));
        indices.sort_unstable();
        indices.dedup();
    }
    let honest = |indices: &[u64]| batch::prove(indices, size, read);
    let ascend = indices.windows(2).all(|w| w[0] < w[1]) && !indices.is_empty();
    let is_askable = ascend && indices.iter().all(|i| *i < size);
    let Ok(mut path) = honest(&indices) else {
        return assert!(!is_askable, "refused to prove {indices:?} of {size}");
    };
    assert!(is_askable, "proved {indices:?} of {size}");
    let mut leaves: Vec<(u64, Hash)> = indices.iter().map(|i| (*i, all[*i as usize])).collect();
    assert_eq!(batch::verify(&leaves, size, &path, &root), Ok(()), "honest: {indices:?} of {size}");
    for edit in &input.edits {
        edit.of_path(&mut path);
        edit.of_leaves(&mut leaves);
        if batch::verify(&leaves, size, &path, &root).is_ok() {
            for (index, hash) in &leaves {
                assert_eq!(all.get(*index as usize), Some(hash), "leaf {index} of {size}");
            }
            let indices: Vec<u64> = leaves.iter().map(|leaf| leaf.0).collect();
            assert_eq!(honest(&indices), Ok(path.clone()), "a second path for {indices:?} of {size}");
        }
    }
}

fn check_inclusion(input: &Input, size: u64) {
    let all = &HASHES.leaves[..size as usize];
    let Some(index) = input.indices.first().map(|i| u64::from(*i)) else { return };
    let Ok(mut path) = inclusion::prove(index, size, read) else {
        return assert!(index >= size, "refused to prove {index} of {size}");
    };
    let mut leaf = [(index, all[index as usize])];
    let root = tree_hash(all);
    assert_eq!(inclusion::verify(index, size, &leaf[0].1, &path, &root), Ok(()), "honest: {index} of {size}");
    for edit in &input.edits {
        edit.of_path(&mut path);
        edit.of_leaves(&mut leaf);
        let [(index, hash)] = leaf;
        if inclusion::verify(index, size, &hash, &path, &root).is_ok() {
            assert_eq!(all.get(index as usize), Some(&hash), "leaf {index} of {size}");
            assert_eq!(inclusion::prove(index, size, read), Ok(path.clone()), "a second path");
        }
    }
    let slice = TileSlice::of(NodeId::leaf(index));
    let tile = slice.tile(size).expect("a leaf of the log");
    let hashes = &all[usize::try_from(tile.index).expect("a small tree") * 256..];
    let bytes = tile::encode_tile(hashes);
    assert_eq!(tile::decode_tile(&bytes, tile.width).as_deref(), Ok(hashes));
    assert_eq!(slice.hash(hashes), Some(all[index as usize]));
}

fn check_consistency(input: &Input, size: u64) {
    let all = &HASHES.leaves[..size as usize];
    let (root, old) = (tree_hash(all), u64::from(input.old));
    let Ok(mut path) = consistency::prove(old, size, read) else {
        return assert!(old > size || old == 0, "refused to prove {old} in {size}");
    };
    let old_root = tree_hash(&all[..old as usize]);
    assert_eq!(consistency::verify(old, &old_root, size, &root, &path), Ok(()), "honest: {old} in {size}");
    let claimed = input.old_root.map_or(old_root, pick);
    for edit in std::iter::once(None).chain(input.edits.iter().map(Some)) {
        edit.into_iter().for_each(|edit| edit.of_path(&mut path));
        if consistency::verify(old, &claimed, size, &root, &path).is_ok() {
            assert_eq!(claimed, old_root, "another root of {old} in {size}");
            assert_eq!(consistency::prove(old, size, read), Ok(path.clone()), "a second path from {old} to {size}");
        }
    }
}

/// A bundle of entries is read in one way.
fn check_bundle(bytes: &[u8], width: u16) {
    let Ok(entries) = tile::decode_bundle(bytes, width) else { return };
    assert_eq!(entries.len(), usize::from(width));
    let mut again = Vec::new();
    for entry in entries {
        tile::encode_entry(&mut again, entry).expect("an entry of a bundle is not too long");
    }
    assert_eq!(again, bytes);
}
