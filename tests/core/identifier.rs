//! Identifiers: the parser takes canonical forms only, and every check digit catches what its scheme promises.

use deedbook::statement::identifier::{Class, Identifier, IdentifierError, MAX_IDENTIFIER_LEN, Scheme};
use deedbook::statement::vocabulary::WorkType;

/// One valid identifier of each scheme, or several where their forms differ.
const VALID: &[&str] = &[
    "asin:B000002UAL",
    "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    "doi:10.1000/182",
    "doi:10.1000.10/(sici)a:b<1::c>2;d-%c3%a9",
    "eidr:10.5240/7791-8534-2C23-9030-8610-5",
    "grid:A12425GABC1234002M",
    "id:example/A:b/c",
    "ipi:00014107338",
    "isbn:9780306406157",
    "isbn:9783161484100",
    "isbn:9791034304561",
    "iscc:KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY",
    "isni:000000012150090X",
    "isni:0000000121032683",
    "isrc:AA6Q72000047",
    "issn:03785955",
    "issn:2434561X",
    "iswc:T0345246801",
    "iswc:T0000000010",
    "jamendo:214",
    "mbid-recording:ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d",
    "mbid-release:44b7cab1-0ce1-404e-9089-b458eb3fa530",
    "mbid-work:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "orcid:0000000218250097",
    "orcid:000000021694233X",
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "swhid:swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b",
    "upc:00036000291452",
    "upc:00000073513537",
    "url:https://example.org/a;b?c|d",
    "uscopyright:SR0000320918",
    "uscopyright:VAU000598764",
];

fn replaced(text: &str, at: usize, with: char) -> String {
    text.chars().enumerate().map(|(i, c)| if i == at { with } else { c }).collect()
}

#[test]
fn valid_identifiers_of_every_scheme_are_read() {
    for text in VALID {
        let id = Identifier::parse(text).unwrap_or_else(|e| panic!("{text} {e}"));
        assert_eq!((id.as_str(), id.to_string().as_str()), (*text, *text));
        assert_eq!(format!("{}:{}", id.scheme().name(), id.value()), *text);
        assert_eq!(Identifier::new(id.scheme(), id.value()), Ok(id));
    }
    for scheme in Scheme::ALL {
        assert_eq!(Scheme::parse(scheme.name()), Some(scheme));
        assert!(VALID.iter().any(|t| Identifier::parse(t).unwrap().scheme() == scheme), "no {}", scheme.name());
    }
    assert!(Scheme::ALL.windows(2).all(|w| w[0].name() < w[1].name() && w[0] < w[1]));
}

/// Every scheme whose check promises to find one wrong character finds each one.
#[test]
fn every_change_of_one_character_is_found() {
    let promising = [Scheme::Isbn, Scheme::Issn, Scheme::Isni, Scheme::Orcid, Scheme::Upc, Scheme::Grid, Scheme::Eidr];
    let mut changes = 0;
    for text in VALID {
        let id = Identifier::parse(text).unwrap();
        if !promising.contains(&id.scheme()) {
            continue;
        }
        let start = text.len() - id.value().len();
        for at in start..text.len() {
            for with in ('0'..='9').chain('A'..='Z').filter(|c| !text[at..].starts_with(*c)) {
                let changed = replaced(text, at, with);
                assert!(Identifier::parse(&changed).is_err(), "{changed} passes for {text}");
                changes += 1;
            }
        }
    }
    assert!(changes > 5_000);
}

/// Where the form alone cannot tell, it is the check digit that says no.
#[test]
fn a_wrong_check_digit_is_told_from_a_wrong_form() {
    for (text, at) in [
        ("isbn:9780306406157", 6..18),
        ("issn:03785955", 5..12),
        ("isni:0000000121032683", 5..20),
        ("orcid:0000000218250097", 6..21),
        ("upc:00036000291452", 4..18),
    ] {
        // The prefix 978 of an ISBN is its form.
        for at in at.filter(|at| !(text.starts_with("isbn") && (5..8).contains(at))) {
            for with in ('0'..='9').filter(|c| !text[at..].starts_with(*c)) {
                assert_eq!(Identifier::parse(&replaced(text, at, with)), Err(IdentifierError::CheckDigit));
            }
        }
    }
}

/// ISO 15707 weighs the nth digit with n, modulo 10: at positions 1, 3, 7 and 9 and in the check digit itself every
/// change is found, at 5 only a change by an odd number, at the others not a change by 5.
#[test]
fn an_iswc_finds_what_its_weights_let_it_find() {
    let text = "iswc:T0345246801";
    for position in 1..=10u32 {
        let at = 5 + position as usize;
        let digit = text[at..=at].parse::<u32>().unwrap();
        for with in (0..10).filter(|d| *d != digit) {
            let weight = if position == 10 { 1 } else { position };
            let found = weight * digit.abs_diff(with) % 10 != 0;
            let read = Identifier::parse(&replaced(text, at, char::from_digit(with, 10).unwrap()));
            assert_eq!(read.is_err(), found, "digit {position} from {digit} to {with}");
            assert!(found || !matches!(position, 1 | 3 | 7 | 9 | 10));
        }
    }
}

/// Mod 11 and mod 37,36 also find two neighbours exchanged; GS1's weights do unless the two differ by five.
#[test]
fn neighbours_exchanged_are_found() {
    for text in VALID {
        let id = Identifier::parse(text).unwrap();
        let gs1 = matches!(id.scheme(), Scheme::Isbn | Scheme::Upc);
        if !gs1 && !matches!(id.scheme(), Scheme::Issn | Scheme::Isni | Scheme::Orcid | Scheme::Grid) {
            continue;
        }
        // Within the form: an ISBN's prefix stays.
        let fixed = if id.scheme() == Scheme::Isbn { 3 } else { 0 };
        for at in text.len() - id.value().len() + fixed..text.len() - 1 {
            let mut bytes = text.as_bytes().to_vec();
            bytes.swap(at, at + 1);
            let apart = bytes[at].abs_diff(bytes[at + 1]);
            let swapped = String::from_utf8(bytes).unwrap();
            let silent = apart == 0 || gs1 && apart == 5;
            assert_eq!(Identifier::parse(&swapped).is_ok(), silent, "{swapped} from {text}");
        }
    }
}

#[test]
fn other_spellings_are_refused() {
    for text in [
        "isbn:978-0-306-40615-7",
        "isbn:0306406152",
        "isbn: 9780306406157",
        "isbn:9780306406157 ",
        "ISBN:9780306406157",
        "isbn9780306406157",
        "isbn:",
        ":9780306406157",
        "isbn:4006381333931", // a GTIN that is no ISBN
        "ean:4006381333931",
        "issn:0378-5955",
        "issn:2434561x",
        "isni:0000 0001 2150 090X",
        "isni:00000001215X0909",
        "orcid:0000-0002-1825-0097",
        "ipi:14107338",
        "upc:036000291452",
        "grid:A1-2425G-ABC1234002-M",
        "grid:a12425gabc1234002m",
        "eidr:10.5240/7791-8534-2c23-9030-8610-5",
        "eidr:10.5240/779185342C23903086105",
        "eidr:10.5239/7791-8534-2C23-9030-8610-5",
        "doi:10.1000/ABC",
        "doi:https://doi.org/10.1000/182",
        "doi:10.1000/",
        "doi:10./182",
        "doi:10.1000/\u{e9}",
        "doi:11.1000/182",
        "isrc:AA-6Q7-20-00047",
        "isrc:aa6q72000047",
        "isrc:1A6Q72000047",
        "iswc:T-034.524.680-1",
        "iswc:t0345246801",
        "mbid-recording:EBF79BA5-085E-48D2-9EB8-2D992FBF0F6D",
        "mbid-recording:ebf79ba5085e48d29eb82d992fbf0f6d",
        "mbid-artist:53b106e7-0cc6-42cc-ac95-ed8d30a3a98e",
        "swhid:swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b;lines=9-15",
        "swhid:swh:2:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b",
        "swhid:swh:1:ori:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b",
        "swhid:swh:1:cnt:4D99D2D18326621CCDD70F5EA66C2E2AC236AD8B",
        "asin:b000002ual",
        "asin:B000002UA",
        "iscc:ISCC:KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY",
        "iscc:KACY1",
        "url:example.org/a",
        "url:HTTPS://example.org",
        "url:https://",
        "url:https://example.org/a b",
        "uscopyright:SR320918",
        "uscopyright:SR-320-918",
        "uscopyright:TXu003234533",
        "jamendo:0214",
        "jamendo:",
        "jamendo:track_214",
        "id:example",
        "id:/a",
        "id:example/",
        "id:example/a b",
        "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
        "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f32620",
        "",
    ] {
        assert!(Identifier::parse(text).is_err(), "{text:?} passes");
    }
}

#[test]
fn length_and_characters_are_limited() {
    let id = |len: usize| format!("id:ex/{}", "a".repeat(len - 6));
    assert!(Identifier::parse(&id(MAX_IDENTIFIER_LEN)).is_ok());
    assert_eq!(Identifier::parse(&id(MAX_IDENTIFIER_LEN + 1)), Err(IdentifierError::Text));
    for c in (0..=0x20).chain(0x7f..0x180).map(|c| char::from_u32(c).unwrap()) {
        assert_eq!(Identifier::parse(&format!("id:ex/{c}")), Err(IdentifierError::Text), "{c:?}");
    }
    for c in '!'..='~' {
        assert!(Identifier::parse(&format!("id:ex/{c}")).is_ok());
    }
}

#[test]
fn classes_are_those_of_the_domain() {
    use Scheme::*;
    let any = [None].into_iter().chain(WorkType::ALL.iter().copied().map(Some));
    for work in any {
        for scheme in
            [Isrc, Isbn, Doi, MbidRecording, MbidWork, Grid, Eidr, Swhid, Iscc, Asin, Jamendo, Url, Id, Blake3, Sha256]
        {
            assert_eq!(scheme.class(work), Class::Work, "{}", scheme.name());
        }
        for scheme in [Upc, Issn, Uscopyright, MbidRelease] {
            assert_eq!(scheme.class(work), Class::Group, "{}", scheme.name());
        }
        for scheme in [Isni, Orcid, Ipi] {
            assert_eq!(scheme.class(work), Class::Party, "{}", scheme.name());
        }
        // The composition itself, or what a recording of it shares with others.
        let wanted = if work == Some(WorkType::MusicalWork) { Class::Work } else { Class::Group };
        assert_eq!(Iswc.class(work), wanted);
    }
    let digests: Vec<_> = Scheme::ALL.into_iter().filter(|s| s.is_digest()).collect();
    assert_eq!(digests, [Blake3, Sha256]);
}

#[test]
fn digests_are_written_in_lower_hex() {
    let digest: [u8; 32] = std::array::from_fn(|i| (i * 8 + 7) as u8);
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(Identifier::blake3(&digest).as_str(), format!("blake3:{hex}"));
    assert_eq!(Identifier::parse(&format!("sha256:{hex}")), Ok(Identifier::sha256(&digest)));
}

#[test]
fn in_json_an_identifier_is_its_text() {
    let json = "[\"isbn:9780306406157\",\"issn:2434561X\"]";
    let ids: Vec<Identifier> = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&ids).unwrap(), json);
    let error = serde_json::from_str::<Identifier>("\"isbn:9780306406158\"").unwrap_err();
    assert!(error.to_string().contains("\"isbn:9780306406158\" has a wrong check digit"), "{error}");
}
