//! Roots, inclusion, consistency and batch paths against the oracle, exhaustively over small trees.

use deedbook::tlog::{self, Frontier, Hash, NodeId, ProofError, batch, consistency, cover, inclusion};

use super::{Random, leaves, reader};

/// RFC 9162 read literally: recursive definitions and the two verification algorithms, step by step.
pub mod oracle {
    use deedbook::tlog::{Hash, empty_root, node_hash};

    fn split(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    /// Section 2.1.1.
    pub fn mth(d: &[Hash]) -> Hash {
        match d.len() {
            0 => empty_root(),
            1 => d[0],
            n => node_hash(&mth(&d[..split(n)]), &mth(&d[split(n)..])),
        }
    }

    /// Section 2.1.3.1.
    pub fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
        if d.len() == 1 {
            return Vec::new();
        }
        let (left, right) = d.split_at(split(d.len()));
        let (mut path, sibling) =
            if m < left.len() { (path(m, left), mth(right)) } else { (path(m - left.len(), right), mth(left)) };
        path.push(sibling);
        path
    }

    /// Section 2.1.3.2.
    pub fn verify_inclusion(index: u64, size: u64, leaf: Hash, path: &[Hash], root: Hash) -> bool {
        if index >= size {
            return false;
        }
        let (mut fnode, mut snode, mut r) = (index, size - 1, leaf);
        for p in path {
            if snode == 0 {
                return false;
            }
            if fnode & 1 == 1 || fnode == snode {
                r = node_hash(p, &r);
                while fnode & 1 == 0 && fnode != 0 {
                    (fnode, snode) = (fnode >> 1, snode >> 1);
                }
            } else {
                r = node_hash(&r, p);
            }
            (fnode, snode) = (fnode >> 1, snode >> 1);
        }
        snode == 0 && r == root
    }

    /// Section 2.1.4.1.
    pub fn proof(m: usize, d: &[Hash]) -> Vec<Hash> {
        subproof(m, d, true)
    }

    fn subproof(m: usize, d: &[Hash], known: bool) -> Vec<Hash> {
        if m == d.len() {
            return if known { Vec::new() } else { vec![mth(d)] };
        }
        let (left, right) = d.split_at(split(d.len()));
        let (mut path, sibling) = if m <= left.len() {
            (subproof(m, left, known), mth(right))
        } else {
            (subproof(m - left.len(), right, false), mth(left))
        };
        path.push(sibling);
        path
    }

    /// Section 2.1.4.2.
    pub fn verify_consistency(old: u64, old_root: Hash, new: u64, new_root: Hash, path: &[Hash]) -> bool {
        if old == 0 || old > new {
            return false;
        }
        if old == new {
            return path.is_empty() && old_root == new_root;
        }
        let mut path = path.to_vec();
        if old.is_power_of_two() {
            path.insert(0, old_root);
        }
        let (mut fnode, mut snode) = (old - 1, new - 1);
        while fnode & 1 == 1 {
            (fnode, snode) = (fnode >> 1, snode >> 1);
        }
        let Some((&first, rest)) = path.split_first() else { return false };
        let (mut fr, mut sr) = (first, first);
        for c in rest {
            if snode == 0 {
                return false;
            }
            if fnode & 1 == 1 || fnode == snode {
                fr = node_hash(c, &fr);
                sr = node_hash(c, &sr);
                while fnode & 1 == 0 && fnode != 0 {
                    (fnode, snode) = (fnode >> 1, snode >> 1);
                }
            } else {
                sr = node_hash(&sr, c);
            }
            (fnode, snode) = (fnode >> 1, snode >> 1);
        }
        snode == 0 && fr == old_root && sr == new_root
    }

    /// Formats.md section 2, without walking: the nodes of the tree that hold no disclosed leaf and whose
    /// parent holds one, from left to right.
    pub fn batch_path(indices: &[u64], d: &[Hash]) -> Vec<Hash> {
        let mut ranges = vec![(0, d.len())];
        let mut undisclosed = Vec::new();
        while let Some((begin, end)) = ranges.pop() {
            let disclosed = indices.iter().any(|&i| (begin..end).contains(&(i as usize)));
            if !disclosed {
                undisclosed.push((begin, end));
            } else if end - begin > 1 {
                let middle = begin + split(end - begin);
                ranges.extend([(begin, middle), (middle, end)]);
            }
        }
        undisclosed.sort();
        undisclosed.into_iter().map(|(begin, end)| mth(&d[begin..end])).collect()
    }
}

const SIZES: u64 = 20;

/// Every path that differs from `path` in one hash: altered, missing, doubled or strange.
fn mutations(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut mutated = Vec::new();
    for at in 0..=path.len() {
        let mut longer = path.to_vec();
        longer.insert(at, tlog::leaf_hash(b"strange"));
        mutated.push(longer);
    }
    for at in 0..path.len() {
        let mut altered = path.to_vec();
        altered[at].0[at % 32] ^= 0x80;
        let mut shorter = path.to_vec();
        shorter.remove(at);
        mutated.extend([altered, shorter]);
    }
    mutated
}

#[test]
fn root_and_frontier_agree_with_the_definition() {
    let all = leaves(300);
    let mut frontier = Frontier::new();
    for size in 0..=300 {
        let log = &all[..size as usize];
        let root = oracle::mth(log);
        assert_eq!(tlog::root(size, reader(log)), Ok(root), "size {size}");
        assert_eq!(frontier.root(), root, "size {size}");
        assert_eq!(frontier.size(), size);
        frontier.push(tlog::leaf_hash(size.to_string().as_bytes()));
    }
}

#[test]
fn cover_is_the_fewest_perfect_subtrees_in_order() {
    for begin in 0..=70u64 {
        for end in 0..=70u64 {
            let nodes: Vec<NodeId> = cover(begin, end).collect();
            let mut at = begin;
            for node in &nodes {
                assert_eq!(node.index << node.level, at);
                at += 1 << node.level;
            }
            assert_eq!(at, end.max(begin), "cover({begin}, {end})");
            let siblings = |w: &[NodeId]| w[0].level == w[1].level && w[0].index ^ 1 == w[1].index;
            assert!(!nodes.windows(2).any(siblings), "cover({begin}, {end}) has two halves of one subtree");
        }
    }
    assert_eq!(cover(1, u64::MAX).count(), 126);
    assert_eq!(cover(0, u64::MAX).count(), 64);
}

#[test]
fn inclusion_paths_are_those_of_the_rfc() {
    let all = leaves(SIZES);
    for size in 1..=SIZES {
        let log = &all[..size as usize];
        let root = oracle::mth(log);
        for index in 0..size {
            let path = inclusion::prove(index, size, reader(log)).unwrap();
            assert_eq!(path, oracle::path(index as usize, log), "{index} of {size}");
            assert_eq!(inclusion::verify(index, size, &log[index as usize], &path, &root), Ok(()));
        }
    }
}

#[test]
fn inclusion_is_verified_as_strictly_as_the_rfc_does() {
    let all = leaves(12);
    for size in 1..=12 {
        let log = &all[..size as usize];
        let root = oracle::mth(log);
        for index in 0..size {
            let leaf = log[index as usize];
            let path = oracle::path(index as usize, log);
            for (claimed_index, claimed_size) in (0..=14).flat_map(|i| (0..=14).map(move |s| (i, s))) {
                let verified = inclusion::verify(claimed_index, claimed_size, &leaf, &path, &root).is_ok();
                let expected = oracle::verify_inclusion(claimed_index, claimed_size, leaf, &path, root);
                assert_eq!(verified, expected, "{index} of {size} as {claimed_index} of {claimed_size}");
            }
            for mutated in mutations(&path) {
                assert!(inclusion::verify(index, size, &leaf, &mutated, &root).is_err());
            }
            let other = tlog::leaf_hash(b"other");
            assert!(inclusion::verify(index, size, &other, &path, &root).is_err());
            assert!(inclusion::verify(index, size, &leaf, &path, &other).is_err());
        }
    }
}

#[test]
fn inclusion_outside_the_log_is_an_error_not_a_panic() {
    let leaf = tlog::empty_root();
    for (index, size) in [(0, 0), (5, 5), (u64::MAX, u64::MAX), (u64::MAX, 1)] {
        let refused = ProofError::IndexOutOfRange { index, size };
        assert_eq!(inclusion::prove(index, size, reader(&[])), Err(refused.clone()));
        assert_eq!(inclusion::verify(index, size, &leaf, &[], &leaf), Err(refused));
    }
    let long = vec![leaf; 64];
    let mismatch = inclusion::verify(0, u64::MAX, &leaf, &long, &leaf);
    assert!(matches!(mismatch, Err(ProofError::RootMismatch { .. })), "the largest tree has paths of 64 hashes");
}

#[test]
fn consistency_paths_are_those_of_the_rfc() {
    let all = leaves(SIZES);
    for new in 1..=SIZES {
        let log = &all[..new as usize];
        let new_root = oracle::mth(log);
        for old in 1..=new {
            let old_root = oracle::mth(&log[..old as usize]);
            let path = consistency::prove(old, new, reader(log)).unwrap();
            assert_eq!(path, oracle::proof(old as usize, log), "{old} to {new}");
            assert_eq!(consistency::verify(old, &old_root, new, &new_root, &path), Ok(()));
        }
    }
}

#[test]
fn consistency_is_verified_as_strictly_as_the_rfc_does() {
    let all = leaves(12);
    for new in 1..=12 {
        let log = &all[..new as usize];
        let new_root = oracle::mth(log);
        for old in 1..=new {
            let old_root = oracle::mth(&log[..old as usize]);
            let path = oracle::proof(old as usize, log);
            for (claimed_old, claimed_new) in (0..=14).flat_map(|o| (0..=14).map(move |n| (o, n))) {
                let verified = consistency::verify(claimed_old, &old_root, claimed_new, &new_root, &path).is_ok();
                let expected = oracle::verify_consistency(claimed_old, old_root, claimed_new, new_root, &path);
                assert_eq!(verified, expected, "{old} to {new} as {claimed_old} to {claimed_new}");
            }
            for mutated in mutations(&path) {
                assert!(consistency::verify(old, &old_root, new, &new_root, &mutated).is_err());
            }
            let other = tlog::leaf_hash(b"other");
            assert!(consistency::verify(old, &other, new, &new_root, &path).is_err());
            assert!(consistency::verify(old, &old_root, new, &other, &path).is_err());
        }
    }
}

#[test]
fn consistency_starts_from_a_log_that_has_entries() {
    let root = tlog::empty_root();
    for (old, new) in [(0, 0), (0, 1), (2, 1), (u64::MAX, 0)] {
        let refused = ProofError::SizesNotAscending { old, new };
        assert_eq!(consistency::prove(old, new, reader(&[])), Err(refused.clone()));
        assert_eq!(consistency::verify(old, &root, new, &root, &[]), Err(refused));
    }
}

#[test]
fn batch_paths_are_the_undisclosed_subtrees_and_no_more() {
    let all = leaves(10);
    for size in 1..=10 {
        let log = &all[..size as usize];
        let root = oracle::mth(log);
        for subset in 1u64..1 << size {
            let indices: Vec<u64> = (0..size).filter(|i| subset >> i & 1 == 1).collect();
            let disclosed: Vec<(u64, Hash)> = indices.iter().map(|&i| (i, log[i as usize])).collect();
            let path = batch::prove(&indices, size, reader(log)).unwrap();
            assert_eq!(path, oracle::batch_path(&indices, log), "{indices:?} of {size}");
            assert_eq!(batch::verify(&disclosed, size, &path, &root), Ok(()), "{indices:?} of {size}");
        }
    }
}

/// The indices that the bits of a subset stand for, with their leaves.
fn of_subset(log: &[Hash], subset: u64) -> (Vec<u64>, Vec<(u64, Hash)>) {
    let indices: Vec<u64> = (0..log.len() as u64).filter(|i| subset >> i & 1 == 1).collect();
    let leaves = indices.iter().map(|&i| (i, log[i as usize])).collect();
    (indices, leaves)
}

/// Every subset of every subset of small logs.
#[test]
fn a_narrowed_path_is_the_one_that_would_have_been_made() {
    let all = leaves(8);
    for size in 1..=8 {
        let log = &all[..size as usize];
        for subset in 1u64..1 << size {
            let (indices, disclosed) = of_subset(log, subset);
            let path = oracle::batch_path(&indices, log);
            let proof = batch::Disclosed { leaves: &disclosed, path: &path };
            for part in (1..=subset).filter(|part| part & subset == *part) {
                let (wanted, _) = of_subset(log, part);
                let narrowed = batch::narrow(&[proof], size, &wanted);
                assert_eq!(narrowed, Ok(oracle::batch_path(&wanted, log)), "{wanted:?} of {indices:?} of {size}");
            }
            for index in indices {
                let path = batch::audit_path(proof, size, index);
                assert_eq!(path, Ok(oracle::path(index as usize, log)), "{index} of {size}");
            }
        }
    }
}

#[test]
fn two_proofs_of_one_tree_give_the_path_of_what_they_disclose_between_them() {
    let all = leaves(6);
    for size in 1..=6 {
        let log = &all[..size as usize];
        for (one, other) in (1u64..1 << size).flat_map(|one| (1u64..1 << size).map(move |other| (one, other))) {
            let ((a, a_leaves), (b, b_leaves)) = (of_subset(log, one), of_subset(log, other));
            let (a_path, b_path) = (oracle::batch_path(&a, log), oracle::batch_path(&b, log));
            let proofs = [
                batch::Disclosed { leaves: &a_leaves, path: &a_path },
                batch::Disclosed { leaves: &b_leaves, path: &b_path },
            ];
            let (both, _) = of_subset(log, one | other);
            assert_eq!(batch::narrow(&proofs, size, &both), Ok(oracle::batch_path(&both, log)), "{a:?} and {b:?}");
        }
    }
}

#[test]
fn nothing_is_narrowed_to_what_was_not_disclosed() {
    let log = leaves(7);
    let (indices, disclosed) = of_subset(&log, 0b100_0010);
    let path = oracle::batch_path(&indices, &log);
    let proof = batch::Disclosed { leaves: &disclosed, path: &path };
    let unknown = |begin, end| Err(ProofError::NotDisclosed { begin, end });
    assert_eq!(batch::narrow(&[proof], 7, &[2]), unknown(3, 4));
    assert_eq!(batch::audit_path(proof, 7, 4), unknown(5, 6));
    assert_eq!(batch::narrow(&[], 7, &[2]), unknown(0, 2));
    assert_eq!(batch::narrow(&[proof], 7, &[]), Err(ProofError::NoLeaves));
    assert_eq!(batch::narrow(&[proof], 7, &[7]), Err(ProofError::IndexOutOfRange { index: 7, size: 7 }));
    assert_eq!(batch::audit_path(proof, 0, 0), Err(ProofError::IndexOutOfRange { index: 0, size: 0 }));
    let cut = batch::Disclosed { leaves: &disclosed, path: &path[1..] };
    assert!(matches!(batch::narrow(&[cut], 7, &[1]), Err(ProofError::PathTooShort { .. })));
    assert!(batch::narrow(&[proof], 3, &[1]).is_err(), "leaves beyond the size");
}

#[test]
fn batch_refuses_whatever_is_not_in_the_log() {
    let all = leaves(8);
    for size in 1..=8 {
        let log = &all[..size as usize];
        let root = oracle::mth(log);
        for subset in 1u64..1 << size {
            let indices: Vec<u64> = (0..size).filter(|i| subset >> i & 1 == 1).collect();
            let disclosed: Vec<(u64, Hash)> = indices.iter().map(|&i| (i, log[i as usize])).collect();
            let path = oracle::batch_path(&indices, log);
            for mutated in mutations(&path) {
                assert!(batch::verify(&disclosed, size, &mutated, &root).is_err());
            }
            for at in 0..disclosed.len() {
                let mut altered = disclosed.clone();
                altered[at].1.0[0] ^= 1;
                let mut missing = disclosed.clone();
                missing.remove(at);
                let mut doubled = disclosed.clone();
                doubled.insert(at, disclosed[at]);
                for leaves in [altered, missing, doubled] {
                    assert!(batch::verify(&leaves, size, &path, &root).is_err(), "{leaves:?} of {size}");
                }
                for index in (0..size).filter(|index| *index != disclosed[at].0) {
                    let mut moved = disclosed.clone();
                    moved[at].0 = index;
                    assert!(batch::verify(&moved, size, &path, &root).is_err(), "{moved:?} of {size}");
                }
            }
        }
    }
}

#[test]
fn batch_checks_the_question_before_hashing() {
    let log = leaves(5);
    let leaf = |index: u64| (index, tlog::empty_root());
    let cases = [
        (vec![], ProofError::NoLeaves),
        (vec![1, 1], ProofError::IndexNotAscending { index: 1 }),
        (vec![3, 1], ProofError::IndexNotAscending { index: 1 }),
        (vec![0, 5], ProofError::IndexOutOfRange { index: 5, size: 5 }),
        (vec![u64::MAX], ProofError::IndexOutOfRange { index: u64::MAX, size: 5 }),
    ];
    for (indices, refused) in cases {
        let disclosed: Vec<_> = indices.iter().map(|&index| leaf(index)).collect();
        assert_eq!(batch::prove(&indices, 5, reader(&log)), Err(refused.clone()));
        assert_eq!(batch::verify(&disclosed, 5, &[], &log[0]), Err(refused));
    }
    let short = batch::verify(&[leaf(0), leaf(u64::MAX - 1)], u64::MAX, &[], &log[0]);
    assert_eq!(short, Err(ProofError::PathTooShort { len: 0 }), "the largest tree is walked without overflow");
}

#[test]
fn a_path_of_another_length_says_how_many_hashes_are_needed() {
    let (log, strange) = (leaves(6), [tlog::empty_root(); 5]);
    let root = oracle::mth(&log);
    let (old, old_root) = (3, oracle::mth(&log[..3]));
    // Leaf 2 of 6 has three siblings on its way; from 3 to 6 leads the seam and those three; leaves 2 and 3 need two.
    for len in 0..=5 {
        let path = &strange[..len];
        let of = |needed: usize| match len {
            _ if len < needed => Some(ProofError::PathTooShort { len }),
            _ if len > needed => Some(ProofError::PathTooLong { len, used: needed }),
            _ => None,
        };
        for (verified, needed) in [
            (inclusion::verify(2, 6, &log[2], path, &root), 3),
            (consistency::verify(old, &old_root, 6, &root, path), 4),
            (consistency::verify(6, &root, 6, &root, path), 0),
            (batch::verify(&[(2, log[2]), (3, log[3])], 6, path, &root), 2),
        ] {
            match of(needed) {
                Some(refused) => assert_eq!(verified, Err(refused)),
                None => assert!(matches!(verified, Ok(()) | Err(ProofError::RootMismatch { .. })), "{verified:?}"),
            }
        }
    }
}

#[test]
fn larger_logs_prove_and_verify() {
    let all = leaves(3000);
    let mut random = Random(0xDEED);
    for _ in 0..40 {
        let size = 1 + random.below(3000);
        let log = &all[..size as usize];
        let root = oracle::mth(log);
        let index = random.below(size);
        let path = inclusion::prove(index, size, reader(log)).unwrap();
        assert_eq!(inclusion::verify(index, size, &log[index as usize], &path, &root), Ok(()));

        let old = 1 + random.below(size);
        let path = consistency::prove(old, size, reader(log)).unwrap();
        assert_eq!(consistency::verify(old, &oracle::mth(&log[..old as usize]), size, &root, &path), Ok(()));

        let disclosed: Vec<(u64, Hash)> =
            (0..size).filter(|_| random.below(9) == 0).map(|i| (i, log[i as usize])).collect();
        let indices: Vec<u64> = disclosed.iter().map(|leaf| leaf.0).collect();
        if !indices.is_empty() {
            let path = batch::prove(&indices, size, reader(log)).unwrap();
            assert_eq!(batch::verify(&disclosed, size, &path, &root), Ok(()));
        }
    }
}

#[test]
fn a_readers_failure_is_passed_on() {
    #[derive(Debug, PartialEq)]
    enum Failure {
        Unreadable(NodeId),
        Proof(ProofError),
    }
    impl From<ProofError> for Failure {
        fn from(error: ProofError) -> Failure {
            Failure::Proof(error)
        }
    }
    let read = |node| Err::<Hash, _>(Failure::Unreadable(node));
    let first = NodeId { level: 1, index: 0 };
    assert_eq!(inclusion::prove(2, 3, read), Err(Failure::Unreadable(first)));
    assert_eq!(consistency::prove(2, 3, read), Err(Failure::Unreadable(NodeId::leaf(2))));
    assert_eq!(batch::prove(&[2], 3, read), Err(Failure::Unreadable(first)));
    assert_eq!(batch::prove(&[], 3, read), Err(Failure::Proof(ProofError::NoLeaves)));
}

#[test]
fn a_hash_has_one_text() {
    let hash = tlog::empty_root();
    let text = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert_eq!(hash.to_string(), text);
    assert_eq!(format!("{hash:?}"), text);
    assert_eq!(Hash::parse(text), Ok(hash));
    assert_eq!(serde_json::to_string(&hash).unwrap(), format!("\"{text}\""));
    assert_eq!(serde_json::from_str::<Hash>(&format!("\"{text}\"")).unwrap(), hash);
    let others = [
        &text[..43],                                        // no padding
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",     // stray bits in the last character
        "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",     // the URL alphabet
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",   // a newline
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==",     // 31 bytes
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFVhYWFh", // 36 bytes
        "",
    ];
    for other in others {
        assert!(Hash::parse(other).is_err(), "{other:?}");
        assert!(serde_json::from_value::<Hash>(other.into()).is_err(), "{other:?}");
    }
}

#[test]
fn sha256_in_pieces_is_sha256() {
    let mut sha = tlog::Sha256::new();
    sha.update(b"deed");
    sha.update(b"");
    sha.update(b"book");
    assert_eq!(sha.finish(), tlog::sha256(b"deedbook"));
    assert_eq!(tlog::leaf_hash(b"deed").0, tlog::sha256(b"\0deed"));
}
