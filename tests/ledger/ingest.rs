//! Catalogues in: what becomes of identifiers, columns and records, and how every malformed catalogue is refused.

use deedbook::ingest::{
    Catalogue, Field, Format, IngestError, MAX_COLUMNS, MAX_RECORD_LEN, Mapping, Record, canonical,
};
use deedbook::rows;
use deedbook::statement::identifier::{Identifier, IdentifierError, Scheme};
use deedbook::statement::vocabulary::{Code, Layer, Role, WorkType};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::io::{self, Read};

// --- identifiers ---

/// Published examples, in the spellings in which they are published.
const PUBLISHED: &[(&str, &str)] = &[
    // https://isrc.ifpi.org/isrc-standard/structure
    ("isrc ISRC AA-6Q7-20-00047", "isrc:AA6Q72000047"),
    ("isrc AA6Q72000047", "isrc:AA6Q72000047"),
    // Wikipedia, International Standard Musical Work Code: the worked check digit, and the first one assigned
    ("iswc T-034.524.680-1", "iswc:T0345246801"),
    ("iswc ISWC T-000.000.001-0", "iswc:T0000000010"),
    // Wikipedia, ISBN: the example of 13 digits, an ISBN-10, and one whose check character is ten
    ("isbn 978-3-16-148410-0", "isbn:9783161484100"),
    ("isbn ISBN-13: 978-3-16-148410-0", "isbn:9783161484100"),
    ("isbn 0-306-40615-2", "isbn:9780306406157"),
    ("isbn ISBN 0-8044-2957-x", "isbn:9780804429573"),
    // RFC 3187
    ("isbn URN:ISBN:0-395-36341-1", "isbn:9780395363416"),
    // Wikipedia, ISSN: with a check digit, and with a check character of ten
    ("issn ISSN 0378-5955", "issn:03785955"),
    ("issn urn:issn:2434-561x", "issn:2434561X"),
    // Wikipedia, International Standard Name Identifier
    ("isni 0000 0001 2150 090X", "isni:000000012150090X"),
    ("isni https://isni.org/isni/000000012146438X", "isni:000000012146438X"),
    // https://support.orcid.org: Structure of the ORCID Identifier
    ("orcid https://orcid.org/0000-0002-1825-0097", "orcid:0000000218250097"),
    ("orcid orcid.org/0000-0002-1694-233X", "orcid:000000021694233X"),
    ("orcid 0000-0001-5109-3700", "orcid:0000000151093700"),
    // Wikipedia, Universal Product Code and International Article Number: GTIN-12, GTIN-13 and GTIN-8
    ("upc 0 36000 29145 2", "upc:00036000291452"),
    ("upc 4006381333931", "upc:04006381333931"),
    ("upc 73513537", "upc:00000073513537"),
    // Wikipedia, Global Release Identifier: three spellings of one GRid
    ("grid A12425GABC1234002M", "grid:A12425GABC1234002M"),
    ("grid A1-2425G-ABC1234002-M", "grid:A12425GABC1234002M"),
    ("grid GRid:A1-2425G-ABC1234002-M", "grid:A12425GABC1234002M"),
    // The forms of EIDR ID Format 1.51, sections 2.2 (canonical), 3.3 (no hyphens), 3.5 (URN) and 3.6 (address)
    ("eidr 10.5240/7791-8534-2C23-9030-8610-5", "eidr:10.5240/7791-8534-2C23-9030-8610-5"),
    ("eidr 10.5240/779185342c23903086105", "eidr:10.5240/7791-8534-2C23-9030-8610-5"),
    ("eidr urn:eidr:10.5240:7791-8534-2C23-9030-8610-5", "eidr:10.5240/7791-8534-2C23-9030-8610-5"),
    ("eidr https://doi.org/10.5240/7791-8534-2C23-9030-8610-5", "eidr:10.5240/7791-8534-2C23-9030-8610-5"),
    // The DOI of the DOI Handbook, and one with brackets and a semicolon
    ("doi doi:10.1000/182", "doi:10.1000/182"),
    ("doi https://doi.org/10.1000/182?utm_source=x", "doi:10.1000/182"),
    ("doi http://dx.doi.org/10.1000/ABC", "doi:10.1000/abc"),
    (
        "doi 10.1002/(SICI)1522-2594(199911)42:5<952::AID-MRM16>3.0.CO;2-S",
        "doi:10.1002/(sici)1522-2594(199911)42:5<952::aid-mrm16>3.0.co;2-s",
    ),
    (
        "doi https://doi.org/10.1002/%28SICI%291522-2594%28199911%2942:5%3C952::AID-MRM16%3E3.0.CO%3B2-S",
        "doi:10.1002/(sici)1522-2594(199911)42:5<952::aid-mrm16>3.0.co;2-s",
    ),
    ("doi 10.1000/\u{e9}t\u{e9} 100%", "doi:10.1000/%c3%a9t%c3%a9%20100%25"),
    // https://musicbrainz.org/doc/MusicBrainz_Identifier
    ("mbid-recording EBF79BA5-085E-48D2-9EB8-2D992FBF0F6D", "mbid-recording:ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d"),
    (
        "mbid-recording https://musicbrainz.org/recording/ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d/tags",
        "mbid-recording:ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d",
    ),
    (
        "mbid-release http://musicbrainz.org/release/44b7cab1-0ce1-404e-9089-b458eb3fa530",
        "mbid-release:44b7cab1-0ce1-404e-9089-b458eb3fa530",
    ),
    ("mbid-work urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "mbid-work:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    // https://www.swhid.org/specification/v1.0/6_Qualified_identifiers
    (
        "swhid swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b;lines=9-15",
        "swhid:swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b",
    ),
    (
        "swhid https://archive.softwareheritage.org/swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b/",
        "swhid:swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b",
    ),
    // iscc-schema's documentation of ISO 24138
    (
        "iscc ISCC:KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY",
        "iscc:KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY",
    ),
    // Compendium of U.S. Copyright Office Practices, third edition, 1802.8(A)(2) and 2309.13(A)(4)
    ("uscopyright SR-320-918", "uscopyright:SR0000320918"),
    ("uscopyright VAu- 598-764", "uscopyright:VAU000598764"),
    ("uscopyright SR 123-4-567", "uscopyright:SR0001234567"),
    ("uscopyright TXu003234533", "uscopyright:TXU003234533"),
    // MTG-Jamendo's track lists, and the two forms of address
    ("jamendo track_0000214", "jamendo:214"),
    ("jamendo https://www.jamendo.com/track/214/jonas-dyer?lang=en", "jamendo:214"),
    ("jamendo http://www.jamendo.com/en/track/214", "jamendo:214"),
    ("jamendo https://jamen.do/t/214", "jamendo:214"),
    // Forms without a check digit
    ("ipi IPI 00014107338", "ipi:00014107338"),
    ("ipi 14107338", "ipi:00014107338"),
    ("asin b000002ual", "asin:B000002UAL"),
    ("url HTTPS://Example.org/A b/\u{e9}?q=1;2", "url:https://Example.org/A%20b/%C3%A9?q=1;2"),
    ("id example.org/Case-Kept", "id:example.org/Case-Kept"),
    // FIPS 180-4: SHA-256 of "abc"
    (
        "sha256 BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ),
    (
        "sha256 sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ),
    // BLAKE3 test vectors: the empty input
    (
        "blake3 AF1349B9F5F9A1A6A0404DEA36DCC9499BCB25C9ADC112B7CC9A93CAE41F3262",
        "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    ),
];

/// Proptest with one sequence of inputs, the same on every run.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(17), failure_persistence: None, ..ProptestConfig::default() }
}

fn spelled(text: &str) -> (Scheme, &str) {
    let (scheme, raw) = text.split_once(' ').unwrap();
    (Scheme::parse(scheme).unwrap(), raw)
}

#[test]
fn published_spellings_of_every_scheme_become_canonical() {
    for (text, wanted) in PUBLISHED {
        let (scheme, raw) = spelled(text);
        assert_eq!(canonical(scheme, raw).map(|id| id.to_string()).as_deref(), Ok(*wanted), "{text}");
    }
    for scheme in Scheme::ALL {
        assert!(PUBLISHED.iter().any(|(text, _)| spelled(text).0 == scheme), "no example of {}", scheme.name());
    }
}

#[test]
fn a_canonical_value_is_its_own_spelling_with_and_without_its_label() {
    for (_, text) in PUBLISHED {
        let id = Identifier::parse(text).unwrap();
        assert_eq!(canonical(id.scheme(), id.value()).as_ref(), Ok(&id));
        assert_eq!(canonical(id.scheme(), text).as_ref(), Ok(&id));
        assert_eq!(canonical(id.scheme(), &format!("\t {text} ")), Ok(id));
    }
}

#[test]
fn typographic_hyphens_and_spaces_are_presentation() {
    for raw in ["978\u{2010}0\u{2011}306\u{2013}40615\u{2212}7", "978\u{a0}0 306 40615\u{2009}7", "978\u{ad}0306406157"]
    {
        assert_eq!(canonical(Scheme::Isbn, raw).unwrap().as_str(), "isbn:9780306406157", "{raw:?}");
    }
}

#[test]
fn wrong_check_digits_are_refused_never_repaired() {
    for text in [
        "isbn 0-306-40615-3",
        "isbn 0-8044-2957-9",
        "isbn 978-0-306-40615-8",
        "issn 0378-5956",
        "isni 0000 0001 2150 0900",
        "orcid https://orcid.org/0000-0002-1825-0098",
        "upc 036000291453",
        "iswc T-034.524.680-2",
        "grid A1-2425G-ABC1234002-N",
        "eidr 10.5240/7791-8534-2C23-9030-8610-6",
    ] {
        let (scheme, raw) = spelled(text);
        assert_eq!(canonical(scheme, raw), Err(IdentifierError::CheckDigit), "{text}");
    }
}

#[test]
fn what_lost_a_part_is_refused() {
    let long = format!("url https://example.org/{}", "a".repeat(600));
    for text in [
        "isbn 306406152",   // a spreadsheet ate the zero
        "isbn 9.78031E+12", // or the digits
        "isbn 03064O6152",  // a letter O
        "isbn ISBN",
        "upc 36000291452", // UPC-A without its zero
        "uscopyright TX",
        "uscopyright TX12345678901",
        "mbid-recording https://musicbrainz.org/release/44b7cab1-0ce1-404e-9089-b458eb3fa530",
        "jamendo https://www.jamendo.com/artist/214",
        "jamendo 000",
        "doi 10.1000",
        "doi https://example.org/10.1000/182",
        "id 12345",
        "id example/with space",
        "url example.org",
        "isrc AA6Q7200004\u{663}", // an Arabic digit
        "sha256 ba7816bf",
        &long,
    ] {
        let (scheme, raw) = spelled(text);
        let error = canonical(scheme, raw).expect_err(text);
        assert!(matches!(error, IdentifierError::Shape(_) | IdentifierError::Text), "{text}: {error}");
    }
}

/// A namespace may be spelled like a label. With the scheme before it, nothing but that is taken away.
#[test]
fn a_value_that_begins_like_a_label_keeps_it_where_the_scheme_is_there() {
    for text in ["id:id:press/1", "id:urn:id:press/1", "id:ID:press/1"] {
        assert_eq!(canonical(Scheme::Id, text).unwrap().as_str(), text);
        assert_eq!(read("w.csv", format!("identifiers\n{text}\n"), &[]).unwrap()[0].identifiers[0].as_str(), text);
    }
    assert_eq!(canonical(Scheme::Id, "id:press/1").unwrap().as_str(), "id:press/1");
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn canonical_is_total_and_stable(scheme in 0usize..23, raw in "(urn:|isbn |https?://(dx\\.)?doi\\.org/)?\\PC{0,40}") {
        let scheme = Scheme::ALL[scheme];
        if let Ok(id) = canonical(scheme, &raw) {
            prop_assert_eq!(id.scheme(), scheme);
            prop_assert_eq!(canonical(scheme, id.value()), Ok(id.clone()));
        }
    }

    #[test]
    fn a_doi_is_one_text_in_an_address_and_bare(suffix in "[ -~\u{e9}]{1,20}") {
        let suffix = suffix.trim().trim_end_matches('/');
        prop_assume!(!suffix.is_empty());
        let escaped: String = suffix.bytes().map(|b| format!("%{b:02X}")).collect();
        let bare = canonical(Scheme::Doi, &format!("10.1000/{}", suffix.replace('%', "%25"))).unwrap();
        prop_assert_eq!(canonical(Scheme::Doi, &format!("https://doi.org/10.1000/{escaped}")), Ok(bare));
    }
}

// --- reading ---

fn read(name: &str, text: impl AsRef<[u8]>, map: &[&str]) -> Result<Vec<Record>, IngestError> {
    let map: Vec<Mapping> = map.iter().map(|m| Mapping::parse(m).unwrap()).collect();
    Catalogue::open(name, text.as_ref(), Format::of(name)?, &map)?.collect()
}

fn csv(text: &str) -> Vec<Record> {
    read("works.csv", text, &[]).unwrap_or_else(|e| panic!("{e}"))
}

fn refused(name: &str, text: impl AsRef<[u8]>, map: &[&str]) -> String {
    read(name, text, map).expect_err("a malformed catalogue was read").to_string()
}

/// Gives one byte a time, and is interrupted before each.
struct Dripping<'a>(&'a [u8], bool);

impl Read for Dripping<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = self.0.len().min(out.len()).min(1);
        let (given, rest) = self.0.split_at(len);
        out[..len].copy_from_slice(given);
        self.0 = rest;
        Ok(len)
    }
}

#[test]
fn every_field_of_a_record_is_read() {
    let records = csv(concat!(
        "Work,Title,Artist,author,creator,Publisher,label,rightsholder,composer,license_url,bytes,Media Type,layer,",
        "used_from,work_type,path,ISRC,isbn,iswc,isni,sha256,blake3,shelf\n",
        "w1, A title ,Ann,Bo,Cy,North Press,Loud,Dee,Eve|Fay,https://creativecommons.org/licenses/by/4.0/,1024,audio/flac,",
        "master;Composition,2024-02-29,Sound_Recording,a/b.flac,AA6Q72000047 ; isrc:AA-6Q7-20-00047,,T-034.524.680-1,",
        "0000 0001 2150 090X,",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD,",
        "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262,12\n",
    ));
    let [r] = records.as_slice() else { panic!("{} records", records.len()) };
    assert_eq!(r.line, 2);
    assert_eq!((r.work.as_deref(), r.title.as_deref()), (Some("w1"), Some("A title")));
    let parties: Vec<_> = r.parties.iter().map(|p| (p.name.as_str(), p.role)).collect();
    let wanted = [
        ("Ann", Some(Role::Performer)),
        ("Bo", Some(Role::Author)),
        ("Cy", None),
        ("North Press", Some(Role::Publisher)),
        ("Loud", Some(Role::Label)),
        ("Dee", None),
        ("Eve", Some(Role::Composer)),
        ("Fay", Some(Role::Composer)),
    ];
    assert_eq!(parties, wanted);
    let licence = r.licence.as_ref().unwrap();
    assert_eq!(licence.raw, "https://creativecommons.org/licenses/by/4.0/");
    assert_eq!(licence.source, "catalogue:license_url");
    assert_eq!(
        (r.bytes, r.media_type.as_deref(), r.path.as_deref()),
        (Some(1024), Some("audio/flac"), Some("a/b.flac"))
    );
    assert_eq!(r.layers, [Layer::Master, Layer::Composition]);
    assert_eq!(r.used_from.unwrap().to_string(), "2024-02-29");
    assert_eq!(r.work_type, Some(WorkType::SoundRecording));
    let ids: Vec<&str> = r.identifiers.iter().map(Identifier::as_str).collect();
    assert_eq!(ids, ["isrc:AA6Q72000047", "iswc:T0345246801", "isni:000000012150090X"]);
    assert_eq!(r.digests.len(), 2);
    assert_eq!(r.problems, []);
}

#[test]
fn keys_are_those_of_work_and_group_identifiers_and_of_digests() {
    let digest = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
    let records =
        csv(&format!("isrc,upc,isni,orcid,ipi,blake3\nAA6Q72000047,036000291452,000000012150090X,,1,{digest}\n"));
    let wanted = ["isrc:AA6Q72000047", "upc:00036000291452", &format!("blake3:{digest}")].map(rows::work_key);
    assert_eq!(records[0].keys().collect::<Vec<_>>(), wanted);
}

#[test]
fn identifiers_that_hold_semicolons_are_not_cut_at_them() {
    let sici = "10.1002/(SICI)1522-2594(199911)42:5<952::AID-MRM16>3.0.CO;2-S";
    let swhid = "swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b";
    let text =
        format!("doi,swhid,url,id\n{sici}; doi:10.1000/182|10.1000/183,{swhid};lines=9-15;origin=https://e.org,");
    let text = text + "https://e.org/a;b;https://e.org/c,ex/a;b|ex/c\n";
    let ids: Vec<String> = csv(&text)[0].identifiers.iter().map(ToString::to_string).collect();
    let wanted = [
        "doi:10.1002/(sici)1522-2594(199911)42:5<952::aid-mrm16>3.0.co;2-s",
        "doi:10.1000/182",
        "doi:10.1000/183",
        "swhid:swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b",
        "url:https://e.org/a;b",
        "url:https://e.org/c",
        "id:ex/a;b",
        "id:ex/c",
    ];
    assert_eq!(ids, wanted);
}

/// The column `identifiers`, cell by cell: what is read, and the problems.
fn named(cell: &str) -> (Vec<String>, Vec<String>) {
    let records = csv(&format!("title,identifiers\nA book,\"{}\"\n", cell.replace('"', "\"\"")));
    let texts = records[0].identifiers.iter().chain(&records[0].digests).map(ToString::to_string).collect();
    let problem = |p: &deedbook::ingest::Problem| {
        assert_eq!((p.code, p.field.as_str()), (Code::BadIdentifier, "identifiers"));
        format!("{} {}", p.raw, p.what)
    };
    (texts, records[0].problems.iter().map(problem).collect())
}

#[test]
fn identifiers_of_any_scheme_share_a_column() {
    let digest = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
    let sici = "10.1002/(SICI)1522-2594(199911)42:5<952::AID-MRM16>3.0.CO;2-S";
    let blake3 = format!("Blake3:{digest}|isrc:AA-6Q7-20-00047");
    let doi = format!("doi:{sici};isbn:0306406152");
    let cases: &[(&str, &[&str])] = &[
        ("isbn:0-306-40615-2", &["isbn:9780306406157"]),
        (
            "isbn:0-306-40615-2; doi:10.1000/182 | issn:0378-5955 ;",
            &["isbn:9780306406157", "doi:10.1000/182", "issn:03785955"],
        ),
        // Without white space, what names a scheme is another identifier.
        ("doi:10.1000/182;DOI:10.1000/183", &["doi:10.1000/182", "doi:10.1000/183"]),
        (&blake3, &["isrc:AA6Q72000047", &format!("blake3:{digest}")]),
        ("isbn:0-306-40615-2|issn:0378-5955;", &["isbn:9780306406157", "issn:03785955"]),
        // What does not is part of the one before, where that may hold it.
        (&doi, &["doi:10.1002/(sici)1522-2594(199911)42:5<952::aid-mrm16>3.0.co;2-s", "isbn:9780306406157"]),
        ("url:https://e.org/a;b|c; id:ex/a;b", &["url:https://e.org/a;b|c", "id:ex/a;b"]),
        (
            "swhid:swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b;lines=9-15",
            &["swhid:swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b"],
        ),
        // In a list nothing is cut.
        (
            "[\"url:https://e.org/;isbn:1; x\", \"isbn:0306406152\"]",
            &["url:https://e.org/;isbn:1;%20x", "isbn:9780306406157"],
        ),
        ("[]", &[]),
        (" ; ", &[]),
    ];
    for (cell, wanted) in cases {
        assert_eq!(named(cell), (wanted.iter().map(|s| (*s).to_owned()).collect(), Vec::new()), "{cell}");
    }
    let json = "{\"identifier\":[\"url:https://e.org/;isbn:1\",\"isbn:0306406152\"]}\n{\"identifier\":\"grid:A1-2425G-ABC1234002-M\"}";
    let records = read("works.jsonl", json, &[]).unwrap();
    let texts: Vec<&str> = records.iter().flat_map(|r| &r.identifiers).map(Identifier::as_str).collect();
    assert_eq!(texts, ["url:https://e.org/;isbn:1", "isbn:9780306406157", "grid:A12425GABC1234002M"]);
}

/// A work that cannot be named is refused with the value; it is not looked up by what is left.
#[test]
fn identifiers_without_a_scheme_are_problems() {
    for (cell, wanted) in [
        ("9780306406157", "9780306406157 does not begin with a scheme, as in isbn:9780306406157"),
        ("isbn:9780306406157; 10.1000/182", "10.1000/182 does not begin with a scheme, as in isbn:9780306406157"),
        ("https://example.org/a", "https://example.org/a does not begin with a scheme, as in isbn:9780306406157"),
        ("isbn:9780306406158", "9780306406158 has a wrong check digit"),
        ("[\"isbn:9780306406157\"", "[\"isbn:9780306406157\" is not a JSON list of texts"),
        ("[1]", "[1] is not a JSON list of texts"),
    ] {
        assert_eq!(named(cell).1, [wanted], "{cell}");
    }
}

/// One cell as long as a record may be, of nothing but what might separate: each place is looked at once.
#[test]
fn a_cell_of_separators_alone_is_one_problem() {
    let (found, problems) = named(&";".repeat(MAX_RECORD_LEN - 100));
    assert_eq!((found, problems.len()), (Vec::new(), 1));
}

#[test]
fn records_know_their_lines() {
    let text = "\u{feff}title,isbn\r\n\r\n\"two\r\nlines\",0306406152\r\n\n\none,\r\"CR\",\n";
    let records = csv(text);
    let lines: Vec<_> = records.iter().map(|r| (r.line, r.title.as_deref().unwrap())).collect();
    assert_eq!(lines, [(3, "two\r\nlines"), (7, "one"), (8, "CR")]);
    assert_eq!(all(Dripping(text.as_bytes(), false), Format::Csv), (records, None));
    // The byte order mark is no part of the first name, also where it is quoted.
    assert_eq!(csv("\u{feff}\"isbn\"\n0306406152\n")[0].identifiers.len(), 1);
}

/// Programs that put files together leave marks behind each other. A file with two of them was read from a disk, and
/// refused from a pipe that gave its bytes piece by piece: the csv crate takes a mark away only where it arrives whole.
#[test]
fn byte_order_marks_are_no_text_however_many_and_however_they_arrive() {
    let records = csv("isbn\n0306406152\n");
    for marks in [1, 2, 3, 30_000] {
        let text = format!("{}isbn\n0306406152\n", "\u{feff}".repeat(marks));
        assert_eq!(all(text.as_bytes(), Format::Csv), (records.clone(), None), "{marks} marks");
        assert_eq!(
            all(Dripping(text.as_bytes(), false), Format::Csv),
            (records.clone(), None),
            "{marks} marks in drops"
        );
    }
    assert_eq!(refused("works.csv", "\u{feff}\u{feff}", &[]), "works.csv: is empty");
}

#[test]
fn quotes_in_tab_separated_text_are_text() {
    let records = read("works.tsv", "title\tisbn\n\"Heroes\" (live)\t0306406152\n\"x\ty\n", &[]).unwrap();
    assert_eq!(records[0].title.as_deref(), Some("\"Heroes\" (live)"));
    assert_eq!(records[1].title.as_deref(), Some("\"x"));
    assert_eq!(records[1].problems[0].raw, "y");
}

#[test]
fn malformed_catalogues_are_refused_with_their_place() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "works.csv: is empty"),
        (b"\n\r\n\n", "works.csv: is empty"),
        (b"\xef\xbb\xbf", "works.csv: is empty"),
        (b"isbn,title\n1,a\0b\n", "works.csv:2:4: a NUL byte"),
        (b"isbn,title\n1,\"a\0b\"\n", "works.csv:2:5: a NUL byte"),
        (b"i\0s\0b\0n\0", "works.csv:1:2: a NUL byte"),
        ("isbn,title\n1,\u{e9}t\u{e9} \"x\"\n".as_bytes(), "works.csv:2:7: a quote inside an unquoted field"),
        (b"isbn,title\n1, \"x\"\n", "works.csv:2:4: a quote inside an unquoted field"),
        (b"isbn,title\n1,\"x\"y\n", "works.csv:2:6: text after a closing quote"),
        (b"isbn,title\n1,\"x\" ,\n", "works.csv:2:6: text after a closing quote"),
        (b"isbn,title\n1,x\n2,\"y\n3,z\n", "works.csv:3:3: a quote that is never closed"),
        (b"isbn,title\n1,\"\xc3\xa9\n\"\"\n", "works.csv:2:3: a quote that is never closed"),
        (b"isbn,\"title\n", "works.csv:1:6: a quote that is never closed"),
        (b"isbn,title\n1,ab\xffc\n", "works.csv:2: title: is not UTF-8 from its byte 3 on"),
        (b"isbn,shelf\n1,a\n\n2,\xc3\n", "works.csv:4: shelf: is not UTF-8 from its byte 1 on"),
        // Two halves of a character in neighbouring fields make no character.
        (b"isbn,a,b\n1,\xc3,\xa9\n", "works.csv:2: a: is not UTF-8 from its byte 1 on"),
        (b"isbn,\xff\n", "works.csv:1: column 2: is not UTF-8 from its byte 1 on"),
        (b"isbn,title\n1,x\n2\n", "works.csv:3: the record's number of fields is 1, the header's 2"),
        (b"isbn,title\n1,x,y\n", "works.csv:2: the record's number of fields is 3, the header's 2"),
        (b"isbn,title,ISBN\n", "works.csv: columns 1 and 3 are both named \"ISBN\""),
        (
            b"isbn,media_type,media-type\n",
            "works.csv: columns \"media_type\" and \"media-type\" both give media_type, which takes one value",
        ),
        (
            b"isbn,license,license_url\n",
            "works.csv: columns \"license\" and \"license_url\" both give licence, which takes one value",
        ),
        (b"name,Title\n", "works.csv: no column identifies a work; it has \"name\", \"Title\""),
        (
            b"title,isni,orcid,ipi\n",
            "works.csv: no column identifies a work; it has \"title\", \"isni\", \"orcid\", \"ipi\"",
        ),
        (b"isbn,used_from\n1,2023-02-29\n", "works.csv:2: used_from: \"2023-02-29\" names a day that does not exist"),
        (b"isbn,used_from\n1,yesterday\n", "works.csv:2: used_from: \"yesterday\" is not of the form YYYY-MM-DD"),
        (b"isbn,bytes\n1,12.5\n", "works.csv:2: bytes: \"12.5\" is not a whole number from 0 to 2^53-1"),
        (b"isbn,bytes\n1,+5\n", "works.csv:2: bytes: \"+5\" is not a whole number from 0 to 2^53-1"),
        (
            b"isbn,bytes\n1,9007199254740992\n",
            "works.csv:2: bytes: \"9007199254740992\" is not a whole number from 0 to 2^53-1",
        ),
        (
            b"isbn,layer\n1,text;song\n",
            "works.csv:2: layer: \"text;song\" is not a layer; there are code, composition, database, image, master, metadata, performance, text, translation",
        ),
        (
            b"isbn,type\n1,mp3\n",
            "works.csv:2: type: \"mp3\" is not a work type; there are article, audiobook, audiovisual, book, dataset, image, lyrics, musical-work, other, software, sound-recording",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(refused("works.csv", text, &[]), *wanted);
    }
}

#[test]
fn malformed_json_lines_are_refused_with_their_place() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "works.jsonl: is empty"),
        (b" \n\r\n", "works.jsonl: is empty"),
        (b"{\"isbn\":1}\n{\"isbn\":\n", "works.jsonl:2:8: EOF while parsing a value"),
        (b"[{\"isbn\":1}]\n", "works.jsonl:1:1: invalid type: sequence, expected an object"),
        (b"{\"isbn\":1} {}\n", "works.jsonl:1:12: trailing characters"),
        ("{\"title\":\"\u{e9}\",\"isbn\":tru}".as_bytes(), "works.jsonl:1:24: expected ident"),
        (b"{\"isbn\":1,\"x\":1,\"x\":2}", "works.jsonl:1:19: member \"x\" stands there twice"),
        (
            b"{\"isbn\":true}",
            "works.jsonl:1:12: invalid type: boolean `true`, expected text or a whole number or a list of them as \"isbn\"",
        ),
        (
            b"{\"isbn\":1.5}",
            "works.jsonl:1:11: invalid type: floating point `1.5`, expected text or a whole number or a list of them as \"isbn\"",
        ),
        (b"{\"isbn\":[[1]]}", "works.jsonl:1:10: invalid type: sequence, expected text or a whole number as \"isbn\""),
        (
            b"{\"isbn\":1,\"title\":[\"a\"]}",
            "works.jsonl:1:19: invalid type: sequence, expected text or a whole number as \"title\"",
        ),
        (
            b"{\"isbn\":1,\"title\":{}}",
            "works.jsonl:1:20: invalid type: map, expected text or a whole number as \"title\"",
        ),
        (
            b"{\"isbn\":1}\n{\"isbn\":1,\"bytes\":\"x\"}",
            "works.jsonl:2: bytes: \"x\" is not a whole number from 0 to 2^53-1",
        ),
        (
            b"{\"isbn\":1,\"bytes\":-1}",
            "works.jsonl:1:20: invalid type: integer `-1`, expected text or a whole number as \"bytes\"",
        ),
        (b"{\"isbn\":1,\"title\":\"a\\u0000\"}", "works.jsonl:1: title: \"a\\0\" holds a NUL character"),
        (
            b"{\"isbn\":1,\"license\":\"a\",\"licence\":\"b\"}",
            "works.jsonl:1: licence: \"b\" is a second value, and there is room for one",
        ),
        (b"{\"isbn\":1}\n{\"title\":\"a\xff\"}", "works.jsonl:2: the line: is not UTF-8 from its byte 12 on"),
        (
            b"{\"title\":\"a\"}\n{\"name\":\"b\"}",
            "works.jsonl: no column identifies a work; it has \"title\", \"name\"",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(refused("works.jsonl", text, &[]), *wanted);
    }
    assert_eq!(
        refused("works.jsonl", "{\"isbn\":1}", &["ISBN13=isbn"]),
        "works.jsonl: has no column \"ISBN13\"; it has \"isbn\""
    );
}

#[test]
fn a_fault_ends_the_reading_and_what_stood_before_it_was_read() {
    let text = "isbn,title\n0306406152,a\n0306406152,b\n0306406152,\"c\"d\n0306406152,e\n";
    let mut catalogue = Catalogue::open("w.csv", text.as_bytes(), Format::Csv, &[]).unwrap();
    let titles: Vec<_> = catalogue.by_ref().take(2).map(|r| r.unwrap().title.unwrap()).collect();
    assert_eq!(titles, ["a", "b"]);
    assert_eq!(catalogue.next().unwrap().unwrap_err().to_string(), "w.csv:4:15: text after a closing quote");
    assert!(catalogue.next().is_none());
}

#[test]
fn what_is_no_catalogue_is_named() {
    for (name, found) in
        [("a/works.arrow", ".arrow"), ("works.csv.gz", ".gz"), ("a.b/works", "a name without extension")]
    {
        let error = Format::of(name).unwrap_err();
        assert_eq!(error.to_string(), format!("{name}: {found} is no format of catalogues"));
        assert!(error.hint().contains(".csv, .tsv, .jsonl or .parquet"));
    }
    assert_eq!(Format::of("A.CSV").unwrap(), Format::Csv);
    assert_eq!(
        ["csv", "tsv", "jsonl", "json", "dep5", "xml"].map(Format::parse),
        [Some(Format::Csv), Some(Format::Tsv), Some(Format::Jsonl), Some(Format::Json), Some(Format::Dep5), None]
    );
}

/// Endless input that counts what is taken from it.
struct Endless<'a>(&'a mut usize, &'a [u8]);

impl Read for Endless<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        for byte in out.iter_mut() {
            *byte = self.1.get(*self.0).copied().unwrap_or(b'x');
            *self.0 += 1;
        }
        Ok(out.len())
    }
}

#[test]
fn an_endless_record_is_refused_before_much_of_it_is_read() {
    for (format, start, place) in [
        (Format::Csv, "isbn,title\n1,", "w:2:1"),
        (Format::Csv, "isbn,title\n1,x\n\n1,\"\"\"", "w:4:1"),
        (Format::Csv, "", "w:1:1"),
        (Format::Tsv, "isbn\ttitle\n1\t\"", "w:2:1"),
        (Format::Jsonl, "{\"isbn\":1}\n{\"title\":\"", "w:2:1"),
    ] {
        let mut taken = 0;
        let catalogue = Catalogue::open("w", Endless(&mut taken, start.as_bytes()), format, &[]);
        let error = catalogue.and_then(Iterator::collect::<Result<Vec<_>, _>>).unwrap_err();
        assert_eq!(error.to_string(), format!("{place}: a record longer than 1048576 bytes"));
        assert!(taken <= MAX_RECORD_LEN + (1 << 18), "{taken} bytes were read");
    }
}

#[test]
fn a_record_of_exactly_the_limit_is_read() {
    for end in ["", "\n", "\r\n"] {
        let most = "x".repeat(MAX_RECORD_LEN - 1);
        assert_eq!(csv(&format!("isbn,title\n,{most}{end}")).len(), 1);
        let error = refused("works.csv", format!("isbn,title\n,{most}x{end}"), &[]);
        assert_eq!(error, "works.csv:2:1: a record longer than 1048576 bytes");
    }
}

#[test]
fn an_error_of_the_reader_is_told_as_it_is() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "not yours"))
        }
    }
    for format in [Format::Csv, Format::Tsv, Format::Jsonl] {
        let read = Catalogue::open("w", Broken, format, &[]).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        assert_eq!(read.unwrap_err().to_string(), "w: cannot be read: not yours");
    }
}

// --- columns ---

#[test]
fn unknown_columns_are_ignored_and_named() {
    let text = "isbn,Shelf,,title,ignore\n1,2,3,4,5\n";
    let catalogue = Catalogue::open("w.csv", text.as_bytes(), Format::Csv, &[]).unwrap();
    assert_eq!(catalogue.ignored(), ["Shelf", "", "ignore"]);
    let lines = "{\"isbn\":1,\"shelf\":{\"deep\":[1.5,null]}}\n{\"isbn\":2,\"row\":-1}\n";
    let mut catalogue = Catalogue::open("w.jsonl", lines.as_bytes(), Format::Jsonl, &[]).unwrap();
    assert_eq!(catalogue.by_ref().filter(Result::is_ok).count(), 2);
    assert_eq!(catalogue.ignored(), ["shelf", "row"]);
}

#[test]
fn a_mapping_overrules_the_names() {
    let text = "ISBN-10,name,title,type,a=b\n0306406152,N,T,mp3,0378-5955\n";
    let map = ["isbn-10=isbn", "Name=title", "TYPE=ignore", "a=b=ISSN"];
    let records = read("w.csv", text, &map).unwrap();
    assert_eq!(records[0].title.as_deref(), Some("N"));
    assert_eq!(records[0].work_type, None);
    let ids: Vec<&str> = records[0].identifiers.iter().map(Identifier::as_str).collect();
    assert_eq!(ids, ["isbn:9780306406157", "issn:03785955"]);
    // The column that lost its field is reported, the one that was left out on purpose is not.
    let map = map.map(|m| Mapping::parse(m).unwrap());
    assert_eq!(Catalogue::open("w.csv", text.as_bytes(), Format::Csv, &map).unwrap().ignored(), ["title"]);
}

#[test]
fn several_columns_of_one_scheme_give_several_identifiers() {
    let records = read("w.csv", "isbn,isbn10,doi\n9783161484100,0306406152,10.1000/182\n", &["isbn10=isbn"]).unwrap();
    let ids: Vec<&str> = records[0].identifiers.iter().map(Identifier::as_str).collect();
    assert_eq!(ids, ["isbn:9783161484100", "isbn:9780306406157", "doi:10.1000/182"]);
}

#[test]
fn wrong_mappings_are_refused_with_what_there_is() {
    let mapping = |text: &str| Mapping::parse(text).unwrap_err();
    assert_eq!(mapping("isbn").to_string(), "\"isbn\" is not of the form COLUMN=FIELD");
    assert_eq!(mapping("=isbn").to_string(), "\"=isbn\" is not of the form COLUMN=FIELD");
    let unknown = mapping("x=isbnn");
    assert!(unknown.to_string().starts_with("there is no field \"isbnn\"; there are artist, bytes, rightsholder, "));
    assert_eq!(unknown.hint(), "did you mean \"isbn\"?");
    assert_eq!(mapping("x=zzzzzz").hint(), "for example --map ISBN13=isbn");

    let missing = read("w.csv", "ISBN_13,title\n", &["ISBN13=isbn"]).unwrap_err();
    assert_eq!(missing.to_string(), "w.csv: has no column \"ISBN13\"; it has \"ISBN_13\", \"title\"");
    assert_eq!(missing.hint(), "did you mean \"ISBN_13\"?");

    let twice = read("w.csv", "isbn,a,b\n", &["a=title", "b=title"]).unwrap_err();
    assert_eq!(twice.to_string(), "w.csv: columns \"a\" and \"b\" both give title, which takes one value");
    assert_eq!(twice.hint(), "leave one of them out: --map \"b\"=ignore");
}

#[test]
fn every_field_has_a_name_that_means_it() {
    for name in Field::names() {
        let field = Field::parse(name).unwrap();
        assert!(Field::parse(&field.to_string()) == Some(field), "{name} is {field}");
        assert_eq!(Field::parse(&name.to_uppercase().replace('-', "_")), Some(field));
    }
    for scheme in Scheme::ALL {
        assert_eq!(Field::parse(scheme.name()), Some(Field::Identifier(scheme)));
    }
    assert_eq!(Field::parse("shelf"), None);
}

#[test]
fn columns_are_limited() {
    let wide = |n: usize| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    assert_eq!(csv(&format!("isbn,{}\n", wide(MAX_COLUMNS - 1))), []);
    assert_eq!(refused("w.csv", format!("isbn,{}\n", wide(MAX_COLUMNS)), &[]), "w.csv: has more than 4096 columns");
    let members: String = (0..=MAX_COLUMNS).map(|i| format!("{{\"c{i}\":1}}\n")).collect();
    assert_eq!(refused("w.jsonl", members, &[]), "w.jsonl:4097: has more than 4096 columns");
    // What is listed in an error is cut, in number and in length.
    let long = refused("w.csv", format!("{},{}\n", "y".repeat(500), wide(40)), &[]);
    assert!(long.len() < 400 && long.ends_with("\"c22\", and 17 more"), "{long}");
}

// --- works that are unfit ---

#[test]
fn a_bad_identifier_refuses_its_work_and_no_other() {
    let records = csv("isbn,title\n0-306-40615-3 | 0306406152,a\n0306406152,b\n");
    let [problem] = records[0].problems.as_slice() else { panic!("{:?}", records[0].problems) };
    assert_eq!(
        (problem.code, problem.field.as_str(), problem.raw.as_str()),
        (Code::BadIdentifier, "isbn", "0-306-40615-3")
    );
    assert_eq!(problem.what, "has a wrong check digit");
    assert_eq!(records[0].identifiers.len(), 1);
    assert_eq!(records[1].problems, []);
}

#[test]
fn what_is_over_a_limit_is_refused_never_cut() {
    let fits = csv(&format!("isbn,title\n,{}\n", "t".repeat(4096)));
    assert_eq!((fits[0].problems.len(), fits[0].title.as_ref().unwrap().len()), (0, 4096));
    for column in ["title", "path", "media_type", "licence", "work", "artist"] {
        let records = csv(&format!("isbn,{column}\n,{}\n", "\u{e9}".repeat(2049)));
        let problem = &records[0].problems[0];
        assert_eq!((problem.code, problem.field.as_str()), (Code::TooLarge, column));
        assert_eq!(problem.what, "has 4098 bytes, the most is 4096");
        assert_eq!(problem.raw, format!("{}...", "\u{e9}".repeat(512)));
        let empty = Record { line: 2, problems: records[0].problems.clone(), ..Record::default() };
        assert_eq!(records[0], empty, "{column} was kept in part");
    }
}

#[test]
fn identifiers_and_parties_are_counted() {
    let many = |n: usize, sep: &str, item: fn(usize) -> String| (0..n).map(item).collect::<Vec<_>>().join(sep);
    let id = |i: usize| format!("ex/{i}");
    assert_eq!(csv(&format!("id\n{}\n", many(64, "|", id)))[0].problems, []);
    let over = csv(&format!("id\n{}\n", many(5000, "|", id)));
    assert_eq!((over[0].identifiers.len(), over[0].problems.len()), (64, 1));
    assert_eq!(over[0].problems[0].what, "is one of more than 64 identifiers");
    // Identifiers that are there already do not count.
    assert_eq!(csv(&format!("id\n{}\n", many(5000, "|", |i| format!("ex/{}", i % 64))))[0].problems, []);

    assert_eq!(csv(&format!("isbn,artist\n,{}\n", many(256, "|", id)))[0].problems, []);
    let over = csv(&format!("isbn,artist\n,{}\n", many(5000, "|", id)));
    assert_eq!((over[0].parties.len(), over[0].problems.len()), (256, 1));
    assert_eq!(over[0].problems[0].what, "is one of more than 256 parties");

    // A cell of nothing but faults does not make a report of a million lines.
    let bad = csv(&format!("isbn\n{}\n", "1;".repeat(400_000)));
    assert_eq!(bad[0].problems.len(), 64);
}

// --- JSON lines and CSV say the same ---

#[test]
fn json_lines_equal_the_csv_of_the_same_content() {
    let header = "work,title,artist,licence,bytes,layer,used_from,work_type,path,isbn,doi,sha256";
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let rows = format!(
        "w1,\"A \"\"title\"\"\",Ann|Bo,CC-BY-4.0,12,text;code,2024-02-29,book,p,9780306406157;0306406153,10.1000/182,{digest}\n\
         ,,,,,,,,,9783161484100,,\n"
    );
    let lines = format!(
        "{{\"work\":\"w1\",\"title\":\"A \\\"title\\\"\",\"artist\":[\"Ann\",\"Bo\"],\"licence\":\"CC-BY-4.0\",\"bytes\":12,\
         \"layer\":[\"text\",\"code\"],\"used_from\":\"2024-02-29\",\"work_type\":\"book\",\"path\":\"p\",\
         \"isbn\":[9780306406157,\"0306406153\"],\"doi\":\"10.1000/182\",\"sha256\":\"{digest}\",\"x\":[]}}\n\
         {{\"title\":null,\"artist\":[],\"layer\":\"\",\"isbn\":9783161484100}}\n"
    );
    let mut from_csv = csv(&format!("{header}\n{rows}"));
    from_csv.iter_mut().for_each(|r| r.line -= 1);
    assert_eq!(from_csv[0].problems.len(), 1);
    assert_eq!(read("works.jsonl", &lines, &[]).unwrap(), from_csv);
    assert_eq!(read("works.jsonl", format!("\u{feff}{}", lines.replace('\n', "\r\n")), &[]).unwrap(), from_csv);
}

#[test]
fn a_list_in_json_is_not_cut_further() {
    let record = &read("w.jsonl", "{\"id\":[\"ex/a|b\"],\"artist\":[\"A|B\"]}", &[]).unwrap()[0];
    assert_eq!((record.identifiers[0].as_str(), record.parties[0].name.as_str()), ("id:ex/a|b", "A|B"));
}

// --- any bytes ---

/// The records, and the error after them if there is one.
fn all(input: impl Read, format: Format) -> (Vec<Record>, Option<String>) {
    let catalogue = match Catalogue::open("w", input, format, &[]) {
        Ok(catalogue) => catalogue,
        Err(error) => return (Vec::new(), Some(error.to_string())),
    };
    let (mut records, mut failure) = (Vec::new(), None);
    for read in catalogue {
        match read {
            Ok(record) => records.push(record),
            Err(error) => failure = Some(error.to_string()),
        }
    }
    (records, failure)
}

const GOOD: &str =
    "isbn,title,bytes,doi\r\n0306406152,\"a \"\"b\"\", c\nd\",12,10.1000/182\n\n9783161484100,\u{e9}t\u{e9},,\n";
const GOOD_LINES: &str =
    "{\"isbn\":\"0306406152\",\"title\":\"\u{e9} \\u00e9\",\"bytes\":12}\n\n{\"isbn\":[9783161484100],\"x\":{}}\n";

fn bytes_like(good: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let edit = (
        any::<prop::sample::Index>(),
        0..3u8,
        prop_oneof![any::<u8>(), prop::sample::select(b"\",\n\r\0\xef;|{}[:".to_vec())],
    );
    prop::collection::vec(edit, 0..6).prop_map(move |edits| {
        let mut bytes = good.as_bytes().to_vec();
        for (at, what, byte) in edits {
            let at = at.index(bytes.len() + 1);
            match what {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                _ if at < bytes.len() => bytes[at] = byte,
                _ => {}
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn any_bytes_give_records_or_an_error_however_they_arrive(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            prop::collection::vec(prop::sample::select(b"isbn,\"\n\r x0\t{}:".to_vec()), 0..60)
                .prop_map(|rest| [b"isbn,title\n".as_slice(), &rest].concat()),
            bytes_like(GOOD),
            bytes_like(GOOD).prop_map(|bytes| [b"\xef\xbb\xbf".as_slice(), &bytes].concat()),
            bytes_like(GOOD_LINES),
        ],
    ) {
        for format in [Format::Csv, Format::Tsv, Format::Jsonl] {
            prop_assert_eq!(all(bytes.as_slice(), format), all(Dripping(&bytes, false), format));
        }
    }

    /// What passes the strict reader is split as the csv crate splits it, and lines are where a naive count finds them.
    #[test]
    fn what_is_read_is_what_stands_there(
        rows in prop::collection::vec(("[a-z \",\u{e9}\r\n]{0,12}", any::<bool>(), 0..3usize), 1..8),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let mut text = format!("title,isbn{end}");
        let mut lines = Vec::new();
        for (title, quoted, blank) in &rows {
            text += &end.repeat(*blank);
            lines.push(text.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count() as u64 + 1);
            let must = title.contains([',', '"', '\r', '\n']);
            let title = if *quoted || must { format!("\"{}\"", title.replace('"', "\"\"")) } else { title.clone() };
            text += &format!("{title},0306406152{end}");
        }
        let records = csv(&text);
        prop_assert_eq!(records.iter().map(|r| r.line).collect::<Vec<_>>(), lines);
        let titles: Vec<&str> = records.iter().map(|r| r.title.as_deref().unwrap_or("")).collect();
        prop_assert_eq!(titles, rows.iter().map(|(title, _, _)| title.trim()).collect::<Vec<_>>());
    }

    #[test]
    fn records_of_json_lines_come_back(
        title in "\\PC{0,30}", names in prop::collection::vec("[^\\x00]{1,12}", 0..4), bytes in 0u64..1 << 53,
    ) {
        let line = serde_json::json!({"title": title, "artist": names, "bytes": bytes, "isbn": "0306406152"}).to_string();
        let records = read("w.jsonl", &line, &[]).unwrap();
        prop_assert_eq!(records[0].title.as_deref().unwrap_or(""), title.trim());
        let names: Vec<&str> = names.iter().map(|n| n.trim()).filter(|n| !n.is_empty()).collect();
        prop_assert_eq!(records[0].parties.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), names);
        prop_assert_eq!(records[0].bytes, Some(bytes));
    }
}
