//! Single proofs as text: what is printed is read, what is changed is refused.

use super::{leaves, reader};
use deedbook::tlog::proof::{MAX_PATH_HASHES, MAX_TLOG_PROOF_LEN};
use deedbook::tlog::{
    Checkpoint, Hash, KeyKind, Note, NoteError, Policy, ProofError, SigningKey, TlogProof, TlogProofError, cosignature,
    inclusion,
};

const SIZE: u64 = 13;

fn key() -> SigningKey {
    SigningKey::from_seed("example.com/log", KeyKind::Ed25519, &[1; 32]).unwrap()
}

fn witness() -> SigningKey {
    SigningKey::from_seed("witness.example", KeyKind::CosignatureV1, &[3; 32]).unwrap()
}

fn policy() -> Policy {
    let lines = format!("log {}\nwitness w {}\nquorum w\n", key().verifier(), witness().verifier());
    Policy::parse(&lines).unwrap()
}

fn checkpoint() -> Note {
    let root = deedbook::tlog::root(SIZE, reader(&leaves(SIZE))).unwrap();
    let mut note = Checkpoint { origin: "example.com/log".to_owned(), size: SIZE, root }.sign(&key()).unwrap();
    note.add(cosignature::cosign(&witness(), 1_793_610_000, note.text()).unwrap()).unwrap();
    note
}

fn proof(index: u64, extra: &[u8]) -> TlogProof {
    let path = inclusion::prove(index, SIZE, reader(&leaves(SIZE))).unwrap();
    TlogProof { extra: extra.to_vec(), index, path, checkpoint: checkpoint() }
}

fn verify(text: &str, leaf: &Hash) -> Result<u64, TlogProofError> {
    let proof = TlogProof::parse(text)?;
    proof.verify(leaf, &policy())?;
    Ok(proof.index)
}

#[test]
fn what_is_printed_is_read_and_verifies() {
    for index in 0..SIZE {
        for extra in [&b""[..], b"a VRF proof"] {
            let text = proof(index, extra).to_string();
            assert_eq!(text.lines().nth(1).unwrap().starts_with("extra "), !extra.is_empty());
            assert_eq!(TlogProof::parse(&text).unwrap().to_string(), text);
            for (leaf, at) in leaves(SIZE).iter().zip(0..) {
                let wrong = matches!(verify(&text, leaf), Err(TlogProofError::Proof(ProofError::RootMismatch { .. })));
                assert_eq!(wrong, at != index, "the proof of {index} against leaf {at}");
            }
        }
    }
}

#[test]
fn only_a_proof_begins_as_one() {
    let text = proof(5, b"a VRF proof").to_string();
    assert!(TlogProof::claims(text.as_bytes()));
    for other in [&text[1..], &text.replace("@v1", "@v2"), &checkpoint().to_string(), "c2sp.org/tlog-proof@v1", ""] {
        assert!(!TlogProof::claims(other.as_bytes()), "{other:?}");
    }
}

#[test]
fn every_changed_bit_is_refused() {
    let text = proof(5, b"").to_string();
    let leaf = leaves(SIZE)[5];
    assert_eq!(verify(&text, &leaf), Ok(5));
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let accepted = String::from_utf8(bytes).is_ok_and(|text| verify(&text, &leaf).is_ok());
            assert!(!accepted, "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn texts_that_are_no_proofs() {
    let good = proof(5, b"").to_string();
    let hash = format!("{}\n", leaves(1)[0]);
    let long = format!("index 5\n{}", hash.repeat(MAX_PATH_HASHES + 1));
    type E = TlogProofError;
    for (text, wanted) in [
        (String::new(), E::NotAProof),
        (good.replace("@v1", "@v2"), E::NotAProof),
        (format!(" {good}"), E::NotAProof),
        (good.replace('\n', "\r\n"), E::NotAProof),
        (good.replace("index 5", "extra \nindex 5"), E::BadExtra),
        (good.replace("index 5", "extra AAA\nindex 5"), E::BadExtra),
        (good.replace("index 5", "extra AAAA\nextra AAAA\nindex 5"), E::BadIndex),
        (good.replace("index 5", "index 05"), E::BadIndex),
        (good.replace("index 5", "index +5"), E::BadIndex),
        (good.replace("index 5", "index 9007199254740991"), E::BadIndex),
        (good.replace("index 5\n", ""), E::BadIndex),
        (good.replace("index 5\n", "index 5\nAAAA\n"), E::BadHash { position: 1 }),
        (good.replace("index 5\n", &long), E::PathTooLong),
        ("c2sp.org/tlog-proof@v1\nindex 5\n".to_owned(), E::NoCheckpoint),
        (good.replace("\n\nexample", "\n\n\nexample"), E::Note(NoteError::NotACheckpoint)),
        (format!("{good}\n"), E::Note(NoteError::NoSignatures)),
        ("x".repeat(MAX_TLOG_PROOF_LEN), E::NotAProof),
        ("x".repeat(MAX_TLOG_PROOF_LEN + 1), E::TooLong { len: MAX_TLOG_PROOF_LEN + 1 }),
    ] {
        let found = verify(&text, &leaves(SIZE)[5]);
        assert_eq!(found, Err(wanted), "{:?}", text.get(..90.min(text.len())));
    }
}

#[test]
fn a_proof_counts_for_the_logs_and_witnesses_of_the_policy_only() {
    let leaf = leaves(SIZE)[5];
    let mut bare = proof(5, b"");
    let cosigned = bare.checkpoint.to_string();
    let (signed, _) = cosigned.rsplit_once("\u{2014} witness").unwrap();
    bare.checkpoint = Note::parse(signed).unwrap();
    let quorum = bare.verify(&leaf, &policy());
    assert!(matches!(quorum, Err(TlogProofError::Note(NoteError::QuorumNotMet { witnesses: 0 }))), "{quorum:?}");
    assert!(bare.verify(&leaf, &Policy::from_log(key().verifier().clone()).unwrap()).is_ok());
    let other = SigningKey::from_seed("example.com/log", KeyKind::Ed25519, &[2; 32]).unwrap();
    let found = bare.verify(&leaf, &Policy::from_log(other.verifier().clone()).unwrap());
    assert!(matches!(found, Err(TlogProofError::Note(NoteError::NotSigned { .. }))), "{found:?}");
    let beyond = TlogProof { index: SIZE, ..bare };
    let found = beyond.verify(&leaf, &Policy::from_log(key().verifier().clone()).unwrap());
    assert_eq!(found, Err(TlogProofError::Proof(ProofError::IndexOutOfRange { index: SIZE, size: SIZE })));
}
