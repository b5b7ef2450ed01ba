//! Fork evidence: what two notes or two leaves show, and that nobody is accused by anything else.

use crate::lab::key;
use deedbook::statement::json::JsonError;
use deedbook::tlog::{Checkpoint, Hash, NodeId, SigningKey, VerifiedCheckpoint, VerifierKey, inclusion};
use deedbook::tlog::{leaf_hash, node_hash};
use deedbook::verify::VerifyError;
use deedbook::verify::fork::{Contradiction, ForkFile, ForkFormat, ForkSide, MAX_FORK_LEN, verify_fork};

const ORIGIN: &str = "lab.example/deeds";

fn log_key() -> SigningKey {
    key(ORIGIN, 3)
}

fn logs() -> [VerifierKey; 2] {
    [key("other.example/deeds", 4).verifier().clone(), log_key().verifier().clone()]
}

fn signed(size: u64, root: Hash) -> VerifiedCheckpoint {
    let note = Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&log_key()).unwrap().to_string();
    VerifiedCheckpoint::open(&note, log_key().verifier()).unwrap()
}

#[test]
fn two_roots_of_one_size_are_a_fork() {
    let (one, other) = (signed(5, leaf_hash(b"a")), signed(5, leaf_hash(b"b")));
    let notes = [&one, &other].map(|c| c.note().to_string());
    let file = ForkFile::of_notes(&notes[0], &notes[1]);
    assert_eq!(file, ForkFile::of_notes(&notes[1], &notes[0]));
    let fork = verify_fork(&file.print(), &logs()).unwrap();
    let mut roots = [*one.root(), *other.root()];
    if notes[0] > notes[1] {
        roots.reverse();
    }
    assert_eq!((fork.origin.as_str(), fork.contradiction), (ORIGIN, Contradiction::Roots { size: 5, roots }));
}

#[test]
fn only_a_fork_file_begins_as_one() {
    let file = ForkFile::of_notes("a", "b").print();
    assert!(ForkFile::claims(&file));
    for other in [&file[1..], b"{\"anchors\":[]}\n", b"{\"format\":\"deedbook-fork/v2\"}\n", b""] {
        assert!(!ForkFile::claims(other));
    }
}

#[test]
fn a_fork_file_has_at_most_five_mebibytes() {
    let mut bytes = vec![b'9'; MAX_FORK_LEN as usize];
    *bytes.last_mut().unwrap() = b'\n';
    let read = verify_fork(&bytes, &logs());
    assert_eq!(read, Err(VerifyError::Json(JsonError::IntegerTooLarge { offset: 0 })), "the longest is read");
    bytes.insert(0, b'9');
    assert_eq!(
        verify_fork(&bytes, &logs()),
        Err(VerifyError::EvidenceTooLong { len: MAX_FORK_LEN + 1, most: MAX_FORK_LEN })
    );
}

/// A file whose every byte but the signatures' own is needed: whatever is changed, nobody is accused.
#[test]
fn a_changed_fork_file_accuses_nobody() {
    let one = signed(5, leaf_hash(b"a")).note().to_string();
    let other = signed(5, leaf_hash(b"b")).note().to_string();
    let honest = ForkFile::of_notes(&one, &other).print();
    let logs = logs();
    assert!(verify_fork(&honest, &logs).is_ok() && ForkFile::claims(&honest));
    for at in 0..honest.len() {
        for bit in 0..8 {
            let mut bytes = honest.clone();
            bytes[at] ^= 1 << bit;
            assert!(verify_fork(&bytes, &logs).is_err(), "byte {at}, bit {bit}");
        }
        assert!(verify_fork(&honest[..at], &logs).is_err(), "cut at {at}");
    }
    let stranger = key(ORIGIN, 8);
    assert_eq!(verify_fork(&honest, &[stranger.verifier().clone()]), Err(VerifyError::NoLogKey));
    // What does not contradict: one note twice, two sizes, and two notes of one text.
    let larger = signed(6, leaf_hash(b"a")).note().to_string();
    let grown = signed(6, leaf_hash(b"b")).note().to_string();
    let again = format!("{one}\u{2014} w.example AAAAAAAA\n");
    for (first, second) in [(&one, &one), (&one, &larger), (&one, &grown), (&one, &again)] {
        let file = ForkFile::of_notes(first, second).print();
        assert_eq!(verify_fork(&file, &logs), Err(VerifyError::NoContradiction));
    }
    let mut turned = ForkFile::of_notes(&one, &other);
    turned.sides.reverse();
    assert_eq!(verify_fork(&turned.print(), &logs), Err(VerifyError::NoContradiction));
    // A leaf or a path that nothing asks for.
    for side in 0..2 {
        for (leaf, path) in [(Some(leaf_hash(b"x")), None), (None, Some(Vec::new()))] {
            let mut file = ForkFile::of_notes(&one, &other);
            (file.sides[side].leaf, file.sides[side].path) = (leaf, path);
            assert_eq!(verify_fork(&file.print(), &logs), Err(VerifyError::NoContradiction));
        }
    }
}

#[test]
fn two_leaves_at_one_index_are_a_fork() {
    let logs = logs();
    for (sizes, index) in [([4u64, 7], 2u64), ([5, 5], 4), ([9, 3], 0)] {
        let leaves = |size: u64, history: u8| (0..size).map(|n| leaf_hash(&[history, n as u8])).collect::<Vec<_>>();
        let side = |size: u64, history: u8| {
            let leaves = leaves(size, history);
            let read = |node: NodeId| Ok::<_, deedbook::tlog::ProofError>(node_of(&leaves, node));
            let path = inclusion::prove(index, size, read).unwrap();
            let note = signed(size, root_of(&leaves)).note().to_string();
            ForkSide { leaf: Some(leaves[index as usize]), note, path: Some(path) }
        };
        let file = |a: ForkSide, b: ForkSide| {
            let mut sides = vec![a, b];
            sides.sort_by(|a, b| a.note.cmp(&b.note));
            ForkFile { format: ForkFormat::V1, index: Some(index), sides }
        };
        let (a, b) = (side(sizes[0], 0), side(sizes[1], 1));
        let fork = verify_fork(&file(a.clone(), b.clone()).print(), &logs).unwrap();
        let sides = file(a.clone(), b.clone()).sides;
        let sizes_shown =
            [&sides[0].note, &sides[1].note].map(|note| if *note == a.note { sizes[0] } else { sizes[1] });
        let leaves_shown = [0, 1].map(|side| sides[side].leaf.unwrap());
        let shown = Contradiction::Leaves { index, sizes: sizes_shown, leaves: leaves_shown };
        assert_eq!((fork.origin.as_str(), fork.contradiction), (ORIGIN, shown));
        // One history seen twice, a leaf of another place, a member too few.
        if sizes[0] != sizes[1] {
            let honest = file(a.clone(), side(sizes[1], 0));
            assert_eq!(verify_fork(&honest.print(), &logs), Err(VerifyError::NoContradiction));
        }
        let wrong = ForkSide { leaf: Some(leaf_hash(b"x")), ..b.clone() };
        assert!(matches!(verify_fork(&file(a.clone(), wrong).print(), &logs), Err(VerifyError::Inclusion(_))));
        let bare = ForkSide { path: None, ..b.clone() };
        assert_eq!(verify_fork(&file(a.clone(), bare).print(), &logs), Err(VerifyError::NoContradiction));
        let unindexed = ForkFile { index: None, ..file(a, b) };
        assert_eq!(verify_fork(&unindexed.print(), &logs), Err(VerifyError::NoContradiction));
    }
}

/// The hash of a node over leaves, the slow way.
fn node_of(leaves: &[Hash], node: NodeId) -> Hash {
    let start = (node.index << node.level) as usize;
    root_of(&leaves[start..start + (1 << node.level)])
}

/// RFC 9162, section 2.1.1, word for word.
fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [leaf] => *leaf,
        leaves => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&root_of(left), &root_of(right))
        }
    }
}
