//! `text`: the small text formats. What is accepted prints to the same bytes; identifiers have one spelling.

use crate::lab::{key, witness};
use crate::world::WORLD;
use deedbook::ingest::canonical;
use deedbook::statement::{Date, Identifier, Model, Name, ReleaseName, Scheme, Time};
use deedbook::tlog::cosignature::cosign;
use deedbook::tlog::key::KeyId;
use deedbook::tlog::{Checkpoint, Hash, Note, NoteSignature, Policy, SigningKey, TlogProof, VerifierKey, empty_root};
use deedbook::verify::Licensors;
use std::fmt::Display;

/// Longest text that is read as an identifier of every scheme.
const MAX_IDENTIFIER_LEN: usize = 300;

/// Requires of every format that what is accepted is printed as it stood.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    same(text, Hash::parse(text).ok());
    same(text, KeyId::parse(text).ok());
    same(text, VerifierKey::parse(text).ok());
    same(text, SigningKey::parse(text).ok().map(|key| key.print_private()));
    same(text, NoteSignature::parse(text).map(|line| line.to_string().trim_end_matches('\n').to_owned()));
    same(text, Checkpoint::parse(text).ok());
    same(text, TlogProof::parse(text).ok());
    same(text, Date::parse(text).ok());
    same(text, Time::parse(text).ok());
    same(text, Name::parse(text).ok());
    same(text, ReleaseName::parse(text).ok());
    same(text, Model::parse(text).ok());
    same(text, Identifier::parse(text).ok());
    same(text, Note::parse(text).ok());
    if let Ok(note) = Note::parse(text) {
        same(note.text(), Checkpoint::parse(note.text()).ok());
    }
    if let Ok(policy) = Policy::parse(text) {
        let mut keys = policy.logs().iter().chain(policy.witnesses());
        assert!(keys.all(|key| text.contains(&key.to_string())), "a key that the policy does not have");
    }
    if let Ok(licensors) = Licensors::parse(text) {
        let mut keys = licensors.keys().iter();
        assert!(keys.all(|known| text.contains(&known.key.to_string()) && text.contains(known.party.as_str())));
    }
    if text.len() <= MAX_IDENTIFIER_LEN {
        Scheme::ALL.iter().for_each(|scheme| one_spelling(*scheme, text));
    }
}

fn same<T: Display>(text: &str, value: Option<T>) {
    if let Some(value) = value {
        assert_eq!(value.to_string(), text);
    }
}

/// The canonical form of a raw spelling is its own canonical form; so is its value alone, unless that begins like a
/// label.
fn one_spelling(scheme: Scheme, raw: &str) {
    let Ok(id) = canonical(scheme, raw) else { return };
    assert_eq!(id.scheme(), scheme);
    assert_eq!(Identifier::parse(id.as_str()).as_ref(), Ok(&id));
    assert_eq!(canonical(scheme, id.as_str()).as_ref(), Ok(&id), "from {raw:?}");
    let begins = id.value().to_ascii_lowercase();
    if scheme != Scheme::Id || !["id:", "urn:id:"].iter().any(|label| begins.starts_with(label)) {
        assert_eq!(canonical(scheme, id.value()).as_ref(), Ok(&id), "from {raw:?}");
    }
}

/// One text of each format, and spellings of identifiers.
pub fn seeds() -> Vec<Vec<u8>> {
    let (log, witness) = (key("log.example", 1), witness("w.example", 2));
    let checkpoint = Checkpoint { origin: "log.example".into(), size: 1, root: empty_root() };
    let mut note = checkpoint.sign(&log).unwrap();
    note.add(cosign(&witness, 1_700_000_000, note.text()).unwrap()).unwrap();
    let (log_key, witness_key) = (log.verifier(), witness.verifier());
    let texts = [
        empty_root().to_string(),
        log_key.to_string(),
        witness_key.to_string(),
        log.print_private(),
        note.signatures()[0].to_string().trim_end().to_owned(),
        note.text().to_owned(),
        note.to_string(),
        format!("c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n{}\n\n{note}", empty_root()),
        format!("log {log_key} https://log.example\nwitness w {witness_key}\ngroup g any w\nquorum g\n"),
        format!("# keys\nlicensor id:example/north {log_key} not-after 2026-01-01\n"),
        "2026-02-28T23:59:59Z".into(),
        "2024-02-29".into(),
        "songs@2026-01".into(),
        "Model-7B@1".into(),
        "ISBN 0-306-40615-2".into(),
        "urn:isbn:978-0-306-40615-7".into(),
        "https://doi.org/10.1000/ABC%2fd".into(),
        "10.5240/7791-8534-2C23-9030-8610-5".into(),
        "https://isni.org/isni/0000000121032683".into(),
        "https://orcid.org/0000-0002-1825-0097".into(),
        "T-034.524.680-1".into(),
        "US-S1Z-99-00001".into(),
        "https://musicbrainz.org/recording/e97f805a-ab48-4c52-855e-07049142113d".into(),
        "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2;origin=https://a".into(),
        "https://www.jamendo.com/track/214/title".into(),
        "A1-2425G-ABC1234002-M".into(),
        "PA 1-234-567".into(),
        "HTTP://Example.org/a b".into(),
        "0317-8471".into(),
        "ipi:214853".into(),
    ];
    let identifiers = WORLD.iter().map(|id| id.to_string());
    texts.into_iter().chain(identifiers).map(String::into_bytes).collect()
}
