//! `identifiers.json`: canonical identifiers and the keys of their rows; what is no identifier.

use super::{Group, Vector, judge, publish, same, text};
use deedbook::rows::{register_key, work_key};
use deedbook::statement::Identifier;
use deedbook::statement::identifier::Class;
use serde_json::Value;

const ABOUT: &str = "Identifiers (docs/formats/README.md) and row keys (docs/formats/rows.md), keys in base64.";

/// One of each scheme, and spellings at the edges.
const VALID: [(&str, &str, &str); 39] = [
    ("asin", "work", "asin:B000000000"),
    ("blake3", "work", "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
    ("doi", "work", "doi:10.1000/182"),
    ("doi-with-dots-in-its-prefix", "work", "doi:10.1.2/x"),
    ("doi-with-an-escaped-percent-sign", "work", "doi:10.1/%25"),
    ("doi-with-an-escaped-byte", "work", "doi:10.1/%e4"),
    ("doi-with-slashes", "work", "doi:10.1/a/b//"),
    ("eidr", "work", "eidr:10.5240/7791-8534-2C23-9030-8610-5"),
    ("grid", "work", "grid:A12425GABC1234002M"),
    ("id", "work", "id:example/1"),
    ("id-with-slashes", "work", "id:shop/a/b"),
    ("id-of-a-slash", "work", "id:a//"),
    ("id-with-its-case-kept", "work", "id:Shop/A"),
    ("ipi", "party", "ipi:00012345678"),
    ("isbn", "work", "isbn:9780306406157"),
    ("isbn-from-979", "work", "isbn:9791090636071"),
    ("iscc-of-16", "work", "iscc:KACYPXW445FTYNJ3"),
    ("isni", "party", "isni:000000012146438X"),
    ("isrc", "work", "isrc:QZDEE2600003"),
    ("issn", "group", "issn:03178471"),
    ("issn-with-x", "group", "issn:2434561X"),
    ("iswc", "group", "iswc:T0345246801"),
    ("jamendo", "work", "jamendo:17"),
    ("jamendo-of-20-digits", "work", "jamendo:12345678901234567890"),
    ("mbid-recording", "work", "mbid-recording:0a1b2c3d-0000-1111-2222-333344445555"),
    ("mbid-release", "group", "mbid-release:0a1b2c3d-0000-1111-2222-333344445555"),
    ("mbid-work", "work", "mbid-work:0a1b2c3d-0000-1111-2222-333344445555"),
    ("orcid", "party", "orcid:0000000218250097"),
    ("sha256", "work", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("swhid-of-contents", "work", "swhid:swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2"),
    ("swhid-of-a-directory", "work", "swhid:swh:1:dir:d198bc9d7a6bcf6db04f476d29314f157507d505"),
    ("upc", "group", "upc:00012345600012"),
    ("url", "work", "url:https://a.example/x"),
    ("url-with-a-scheme-of-signs", "work", "url:a+.-://x"),
    ("uscopyright-of-two-letters", "group", "uscopyright:TX0001234567"),
    ("uscopyright-of-one-letter", "group", "uscopyright:A00001234567"),
    ("uscopyright-of-three-letters", "group", "uscopyright:PAU001234567"),
    ("id-of-every-sign", "work", "id:!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    ("swhid-of-a-snapshot", "work", "swhid:swh:1:snp:c7c108084bc0bf3d81436bf980b46e98bd338453"),
];

const INVALID: [(&str, &str); 45] = [
    ("asin-in-lower-case", "asin:b000000000"),
    ("blake3-in-upper-case", "blake3:AF1349B9F5F9A1A6A0404DEA36DCC9499BCB25C9ADC112B7CC9A93CAE41F3262"),
    ("sha256-of-63-digits", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85"),
    ("doi-in-upper-case", "doi:10.1000/ABC"),
    ("doi-with-an-empty-suffix", "doi:10.1/"),
    ("doi-without-a-digit", "doi:10./x"),
    ("doi-with-a-dot-for-its-first-digit", "doi:10..1/x"),
    ("doi-with-a-percent-sign", "doi:10.1/%zz"),
    ("doi-with-an-escape-that-is-not-needed", "doi:10.1/a%61"),
    ("doi-with-an-escape-in-upper-case", "doi:10.1/%E4"),
    ("doi-as-a-link", "doi:https://doi.org/10.1000/182"),
    ("eidr-with-a-wrong-check-character", "eidr:10.5240/7791-8534-2C23-9030-8610-6"),
    ("eidr-without-dashes", "eidr:10.5240/779185342C23903086105"),
    ("grid-with-a-wrong-check-character", "grid:A12425GABC1234002N"),
    ("id-without-a-value", "id:a/"),
    ("id-without-a-namespace", "id:/a"),
    ("id-without-a-slash", "id:a"),
    ("id-with-a-space", "id:a/b c"),
    ("id-with-another-alphabet", "id:a/\u{e9}"),
    ("ipi-of-3-digits", "ipi:123"),
    ("isbn-with-hyphens", "isbn:978-0-306-40615-7"),
    ("isbn-of-10-digits", "isbn:0306406152"),
    ("isbn-with-a-wrong-check-digit", "isbn:9780306406158"),
    ("isbn-of-sheet-music", "isbn:9790306406156"),
    ("isbn-of-other-digits", "isbn:978030640615\u{667}"),
    ("iscc-with-its-prefix", "iscc:ISCC:KACYPXW445FTYNJ3"),
    ("iscc-with-a-digit-that-is-none", "iscc:KACYPXW445FTYNJ1"),
    ("isni-with-a-wrong-check-character", "isni:0000000121464380"),
    ("isrc-with-a-letter-at-its-end", "isrc:QZDEE260000A"),
    ("issn-with-a-wrong-check-digit", "issn:03178472"),
    ("issn-with-x-where-it-is-wrong", "issn:0317847X"),
    ("iswc-with-a-wrong-check-digit", "iswc:T0345246802"),
    ("jamendo-with-a-leading-zero", "jamendo:01"),
    ("mbid-in-upper-case", "mbid-work:0A1B2C3D-0000-1111-2222-333344445555"),
    ("orcid-with-a-wrong-check-character", "orcid:0000000218250096"),
    ("swhid-of-an-unknown-type", "swhid:swh:1:abc:94a9ed024d3859793618152ea559a168bbcbb5e2"),
    ("swhid-with-a-qualifier", "swhid:swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2;lines=1"),
    ("upc-with-a-wrong-check-digit", "upc:00012345600013"),
    ("url-with-a-scheme-in-upper-case", "url:HTTP://x"),
    ("url-of-a-scheme-alone", "url:a://"),
    ("uscopyright-of-four-letters", "uscopyright:TXAB12345678"),
    ("unknown-scheme", "foo:bar"),
    ("scheme-in-upper-case", "ISBN:9780306406157"),
    ("no-scheme", "9780306406157"),
    ("empty", ""),
];

#[test]
fn identifiers_and_keys_are_as_published() {
    let key = |bytes: [u8; 32]| deedbook::tlog::Hash(bytes).to_string();
    let valid = |(id, class, text): (&str, &str, &str)| {
        let vector = Vector::valid(id, "").with("class", class).with("identifier", text);
        vector.with("key", key(blake3::derive_key("deedbook v1 work key", text.as_bytes())))
    };
    let mut vectors: Vec<Vector> = VALID.into_iter().map(valid).collect();
    let longest = format!("id:a/{}", "x".repeat(507));
    vectors.push(valid(("id-of-512-bytes", "work", &longest)));
    let invalid = |(id, text): (&str, &str)| Vector::invalid(id, "").with("identifier", text);
    let mut refused: Vec<Vector> = INVALID.into_iter().map(invalid).collect();
    refused.push(invalid(("id-of-513-bytes", &format!("{longest}x"))));
    let names =
        ["dataset:books", "grant:north-press-2026", "release:books@2026-11", "run:reader@1", "entry:0", "entry:6"];
    let registered = names.map(|name| {
        let id = format!("register-key-of-{}", name.replace([':', '@', '.'], "-"));
        let derived = key(blake3::derive_key("deedbook v1 register key", name.as_bytes()));
        Vector::valid(&id, "").with("key", derived).with("name", name)
    });
    let group = |name, about, vectors| Group { name, about, vectors };
    let groups = vec![
        group("identifiers", "Canonical identifiers: class, and work key.", vectors),
        group("no identifiers", "Other spellings, wrong check digits, unknown schemes.", refused),
        group("register keys", "Keys of names in a register.", registered.into()),
    ];
    publish("identifiers.json", ABOUT, &[], groups, run);
}

fn run(vector: &Value) -> Result<(), String> {
    if vector.get("name").is_some() {
        return same(vector, "key", serde_json::to_value(register_key(text(vector, "name"))).unwrap());
    }
    let answer = Identifier::parse(text(vector, "identifier"));
    judge(vector, &answer)?;
    let Ok(identifier) = answer else { return Ok(()) };
    let class = match identifier.scheme().class(None) {
        Class::Work => "work",
        Class::Group => "group",
        Class::Party => "party",
    };
    same(vector, "class", class)?;
    same(vector, "key", serde_json::to_value(work_key(identifier.as_str())).unwrap())
}
