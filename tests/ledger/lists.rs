//! Plain lists: one identifier or digest a line, as tools print them; none of their works passes, and nothing in them
//! goes unread.

use super::lab::*;
use deedbook::ingest::{Catalogue, Format, IngestError, Record};
use deedbook::ledger::admit::{Options, Outcome};
use deedbook::ledger::source::Input;
use deedbook::statement::screening::ListKind;
use deedbook::statement::{Code, Layer, Purpose, Use};
use std::io::{Cursor, Read};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn read(name: &str, text: &[u8]) -> Result<Vec<Record>, IngestError> {
    Catalogue::open(name, text, Format::List, &[])?.collect()
}

/// What the lines of a list name.
fn named(name: &str, text: &[u8]) -> Vec<String> {
    let records = read(name, text).unwrap();
    let ids = records.iter().flat_map(|r| {
        assert!(r.problems.is_empty(), "{r:?}");
        r.identifiers.iter().chain(&r.digests).map(|id| id.to_string())
    });
    ids.collect()
}

#[test]
fn each_shape_of_a_line_names_its_work() {
    let sha256 = |hex: &str| format!("sha256:{hex}");
    let blake3 = |hex: &str| format!("blake3:{hex}");
    let cases: &[(&str, Vec<u8>, Vec<String>)] = &[
        ("SHA256SUMS", format!("{A}  one.mp3\n{B} *two three.mp3\n").into(), vec![sha256(A), sha256(B)]),
        ("deny.sha256", format!("{}\r\n", A.to_uppercase()).into(), vec![sha256(A)]),
        ("out/B3SUMS.blake3", format!("{A}  one.mp3\n").into(), vec![blake3(A)]),
        ("deny.b3", format!("{A}\tone.mp3").into(), vec![blake3(A)]),
        // The name says nothing, or both: either may be meant.
        ("deny.txt", format!("{A}  one.mp3\n").into(), vec![sha256(A), blake3(A)]),
        ("sha256-and-blake3", format!("{A}\n").into(), vec![sha256(A), blake3(A)]),
        // `--tag`, and a name with an escaped line end; what stands there says which digest it is.
        ("deny.txt", format!("SHA256 (a) = {A}\nBLAKE3 (b) = {B}\n").into(), vec![sha256(A), blake3(B)]),
        ("SHA256SUMS", format!("\\{A}  one\\ntwo\n\\SHA256 (a\\nb) = {B}\n").into(), vec![sha256(A), sha256(B)]),
        // Names of files are bytes.
        ("SHA256SUMS", [A.as_bytes(), b"  caf\xe9.mp3\n"].concat(), vec![sha256(A)]),
        (
            "ids.txt",
            "\u{feff}# opted out\n\n  isbn:0-306-40615-2 \nDOI:10.1000/182\nurl:https://a.example/x;y|z\n".into(),
            vec!["isbn:9780306406157".into(), "doi:10.1000/182".into(), "url:https://a.example/x;y|z".into()],
        ),
        ("ids.txt", format!("sha256:{A}\nblake3:{A}\n").into(), vec![sha256(A), blake3(A)]),
    ];
    for (name, text, wanted) in cases {
        assert_eq!(&named(name, text), wanted, "{name}: {}", String::from_utf8_lossy(text));
    }
    assert_eq!(read("ids.txt", b"# one\n\nisbn:9780306406157\n").unwrap()[0].line, 3);
}

#[test]
fn what_is_no_list_is_refused_where_it_stops_being_one() {
    let error = |text: &[u8]| read("deny.txt", text).unwrap_err().to_string();
    assert!(error(b"").contains("is empty"));
    assert!(error(b"isbn:9780306406157\n\0\n").contains("deny.txt:2: a NUL byte"));
    assert!(error(b"isbn:9780306406157\nid:a/\xff\n").contains("deny.txt:2"));
    let long = [b"isbn:9780306406157\n", "x".repeat(deedbook::ingest::MAX_RECORD_LEN + 1).as_bytes()].concat();
    assert!(error(&long).contains("deny.txt:2:1: a record longer than"));
    // A line without end is read no further than the longest.
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += buffer.len() as u64;
            assert!(self.0 < 1 << 22, "read on");
            buffer.fill(b'x');
            Ok(buffer.len())
        }
    }
    let endless = Catalogue::open("-", Endless(0), Format::List, &[]).unwrap().next().unwrap();
    assert!(endless.is_err());
    // What names nothing is a problem of its record, and a list with one is refused as a whole.
    for line in ["9780306406157", &A[1..], &format!("{A}x  one.mp3"), "isbn:9780306406158", "title,isbn"] {
        let records = read("deny.txt", line.as_bytes()).unwrap();
        assert_eq!(records[0].problems[0].code, Code::BadIdentifier, "{line}");
        let lab = Lab::new();
        lab.books();
        let lists = vec![(ListKind::Deny, list("deny.txt", line))];
        let error = lab.try_admit("books", &books(1..3), Options { lists, ..options() }).unwrap_err().to_string();
        assert!(error.contains("deny.txt:1"), "{error}");
    }
}

pub fn list(name: &str, text: &str) -> Input {
    let reader = Box::new(Cursor::new(text.to_owned().into_bytes()));
    Input { name: name.to_owned(), format: Format::List, reader: reader.into(), len: None }
}

#[test]
fn works_on_a_plain_list_do_not_pass() {
    let lab = Lab::new();
    lab.books();
    let lists = vec![
        (ListKind::Deny, list("SHA256SUMS", &format!("{A}  one.txt\n"))),
        (ListKind::Reserve, list("opted-out.txt", &format!("# by letter\n{}\n", isbn(2)))),
    ];
    let text = format!(
        "isbn,licence,sha256\n{},CC0-1.0,{A}\n{},CC0-1.0,\n{},CC0-1.0,{B}\n",
        &isbn(1)[5..],
        &isbn(2)[5..],
        &isbn(3)[5..]
    );
    let outcome = lab.try_admit("books", &text, Options { lists, ..options() }).unwrap();
    assert_eq!(outcome.tally.admitted, 1);
    assert_eq!(outcome.tally.reasons.keys().copied().collect::<Vec<_>>(), [Code::Denied, Code::Reserved]);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

/// Without its SHA-256 a file would be asked about in vain, and pass.
#[test]
fn a_list_of_sha256_finds_files_although_nobody_asked_for_their_sha256() {
    use deedbook::ingest::{Reading, Walking};
    use deedbook::ledger::files::Folder;
    use deedbook::ledger::source::Source;
    let works = folder();
    std::fs::write(works.path().join("denied.txt"), "A denied poem.\n").unwrap();
    std::fs::write(works.path().join("free.txt"), "A free poem.\n").unwrap();
    // As `sha256sum denied.txt` prints it.
    let sums = "3a4c43e17ed2bc4f0c28a3ce817945422b46df97054ff065dca8ff449d729df9  denied.txt\n";
    let admit = |lists: Vec<(ListKind, Input)>| -> Outcome {
        let lab = Lab::new();
        lab.dataset("poems", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text]);
        let reading =
            Reading { walking: Walking { follow: false, never: None }, sha256: false, describe: false, shards: false };
        let folder = Folder { path: works.path().to_owned(), reading, reread: false, catalogue: None };
        let options = Options { lists, ..options() };
        deedbook::ledger::admit::admit(lab.writer(), &name("poems"), vec![Source::Files(folder)], options).unwrap()
    };
    let denied = |outcome: Outcome| outcome.tally.reasons.get(&Code::Denied).copied().unwrap_or(0);
    assert_eq!(denied(admit(Vec::new())), 0);
    assert_eq!(denied(admit(vec![(ListKind::Deny, list("SHA256SUMS", sums))])), 1);
    assert_eq!(denied(admit(vec![(ListKind::Deny, list("deny.txt", sums))])), 1);
}
