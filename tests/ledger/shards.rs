//! Shards: members of archives are what the same files in a folder are; hostile archives are refused works, never more.

use super::random::Random;
use deedbook::ingest::{
    Beside, Catalogue, Content, FREE_LEN, Format, Known, MAX_EXTENSION_LEN, MAX_MEMBERS, Progress, Reading, Scan,
    Scanned,
};
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::path::Path;
use tempfile::TempDir;

/// A member's header.
fn header(name: &[u8], kind: u8, size: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    block[100..107].copy_from_slice(b"0000644");
    block[124..124 + size.len()].copy_from_slice(size);
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    summed(block)
}

fn summed(mut block: Vec<u8>) -> Vec<u8> {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn octal(size: u64) -> Vec<u8> {
    format!("{size:011o}").into_bytes()
}

/// A member with its bytes.
fn member(name: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut member = header(name.as_bytes(), kind, &octal(bytes.len() as u64));
    member.extend_from_slice(bytes);
    member.resize(member.len().next_multiple_of(512), 0);
    member
}

fn tar(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

fn files(members: &[(&str, &str)]) -> Vec<u8> {
    tar(&members.iter().map(|(name, text)| member(name, b'0', text.as_bytes())).collect::<Vec<_>>())
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut stream = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    stream.write_all(bytes).unwrap();
    stream.finish().unwrap()
}

fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    dir
}

fn scan(root: &Path, catalogue: &str, shards: bool) -> Vec<Scanned> {
    let reading = Reading { describe: true, shards, ..Reading::default() };
    let (known, progress) = (std::iter::empty::<Known>(), Progress::default());
    let mut read =
        (!catalogue.is_empty()).then(|| Catalogue::open("works.csv", catalogue.as_bytes(), Format::Csv, &[]).unwrap());
    let beside = read.as_mut().map_or(Beside::Nothing, Beside::Catalogue);
    Scan::folder(root, reading, beside, known, &progress).unwrap().flat_map(Result::unwrap).collect()
}

fn shard(name: &str, bytes: Vec<u8>) -> Vec<Scanned> {
    scan(folder(&[(name, bytes)]).path(), "", true)
}

fn paths(found: &[Scanned]) -> Vec<&str> {
    found.iter().map(|file| &*file.path).collect()
}

/// Path and reason of what is refused.
fn refused(found: &[Scanned]) -> Vec<(&str, &str)> {
    found.iter().filter_map(|file| Some((&*file.path, &*file.content.as_ref().err()?.1))).collect()
}

const WORKS: [(&str, &str); 4] = [
    ("0001.txt", "Title: One\nLicense: CC0-1.0\n\nText."),
    ("0001.json", "{}"),
    ("more/0002.cls", "7"),
    ("more/0002.jpg", "not quite a picture"),
];

#[test]
fn members_are_what_the_same_files_in_a_folder_are() {
    let plain = folder(&WORKS.map(|(name, text)| (name, text.as_bytes().to_vec())));
    let wanted: BTreeMap<String, Content> =
        scan(plain.path(), "", true).into_iter().map(|file| (file.path, file.content.unwrap())).collect();
    assert_eq!(wanted.len(), 4);
    let shards = [
        ("a.tar", files(&WORKS)),
        ("b.TAR.GZ", gzip(&files(&WORKS))),
        ("c.tgz", gzip(&files(&WORKS))),
        ("d/e.zip", zip(&WORKS)),
    ];
    let found = scan(folder(&shards).path(), "", true);
    assert_eq!(found.len(), 16);
    for file in found {
        let (shard, name) = file.path.split_once('!').unwrap();
        assert_eq!(Some(&file.content.unwrap()), wanted.get(name), "{name} of {shard}");
    }
}

#[test]
fn without_the_option_an_archive_is_one_file() {
    let found = scan(folder(&[("a.tar", files(&WORKS))]).path(), "", false);
    assert_eq!(paths(&found), ["a.tar"]);
}

#[test]
fn order_is_that_of_paths_and_then_of_members() {
    let dir = folder(&[
        ("b.tar", files(&[("z", "1"), ("a", "2")])),
        ("a.zip", zip(&[("y", "3"), ("x", "4")])),
        ("c", b"5".to_vec()),
    ]);
    assert_eq!(paths(&scan(dir.path(), "", true)), ["a.zip!y", "a.zip!x", "b.tar!z", "b.tar!a", "c"]);
}

/// As WebDataset has it; a zip archive has no samples.
#[test]
fn members_that_share_a_name_are_one_sample() {
    let names = [
        ("./s/0001.seg.png", ""),
        ("s/0001.txt", "1"),
        ("t/0001.txt", "2"),
        (".hidden.a", "3"),
        (".hidden.b", "4"),
        ("bare", "5"),
    ];
    let sample = |found: &[Scanned]| -> Vec<Option<String>> { found.iter().map(|file| file.sample.clone()).collect() };
    let of_tar = shard("a.tar", files(&names));
    assert_eq!(paths(&of_tar)[0], "a.tar!s/0001.seg.png");
    let wanted = ["a.tar!s/0001", "a.tar!s/0001", "a.tar!t/0001", "a.tar!.hidden.a", "a.tar!.hidden.b", "a.tar!bare"];
    assert_eq!(sample(&of_tar), wanted.map(|name| Some(name.to_owned())));
    assert!(sample(&shard("a.zip", zip(&names))).iter().all(Option::is_none));
}

#[test]
fn a_catalogue_names_members_and_samples() {
    let shards = [("s/a.tar", files(&WORKS)), ("s/b.zip", zip(&WORKS))];
    let dir = folder(&shards);
    let catalogue = "path,title\ns/a.tar!0001.json,Member\ns/a.tar!more/0002,Sample\ns/b.zip!more/0002.cls,In a zip\n\
        s/b.zip!more/0002,No sample\ns/a.tar!gone,Gone\ns/a.tar,The shard\ns/none.tar!x,No shard\n";
    let found = scan(dir.path(), catalogue, true);
    let titles: BTreeMap<&str, &str> = found
        .iter()
        .filter(|file| file.content.is_ok())
        .filter_map(|file| Some((&*file.path, file.records.first()?.title.as_deref()?)))
        .collect();
    let wanted =
        [("s/a.tar!0001.json", "Member"), ("s/a.tar!more/0002.cls", "Sample"), ("s/b.zip!more/0002.cls", "In a zip")];
    assert_eq!(titles, BTreeMap::from(wanted));
    let mut orphans = refused(&found);
    orphans.sort_unstable();
    let wanted = [
        ("s/a.tar", "is a shard, whose members are the works"),
        ("s/a.tar!gone", "is not in the shard"),
        ("s/b.zip!more/0002", "is not in the shard"),
        ("s/none.tar!x", "is not in the folder"),
    ];
    assert_eq!(orphans, wanted);
}

#[test]
fn long_names_are_read_in_every_form() {
    let long = format!("{}/{}.txt", "f".repeat(120), "n".repeat(120));
    let gnu = [member("././@LongLink", b'L', format!("{long}\0").as_bytes()), member("cut", b'0', b"abc")].concat();
    let line = format!(" path={long}\n");
    let pax = format!("{}{line}", line.len() + 3);
    let pax = [member("x", b'x', pax.as_bytes()), member("cut", b'0', b"abc")].concat();
    let mut ustar = header(format!("{}.txt", "n".repeat(90)).as_bytes(), b'0', &octal(0));
    ustar[345..465].copy_from_slice("f".repeat(120).as_bytes());
    let ustar = summed(ustar);
    // The global header of `git archive`, sizes in binary, the old form without a type.
    let global = member("pax_global_header", b'g', b"18 comment=abcdef\n");
    let mut binary = header(b"binary", b'0', &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
    binary.extend_from_slice(&member("", 0, b"abc")[512..]);
    let old = member("old", 0, b"abc");
    let found = shard("a.tar", tar(&[global, gnu, ustar, binary, old]));
    let wanted =
        [long.clone(), format!("{}/{}.txt", "f".repeat(120), "n".repeat(90)), "binary".to_owned(), "old".to_owned()];
    assert_eq!(paths(&found), wanted.map(|name| format!("a.tar!{name}")));
    assert!(found.iter().all(|file| file.content.is_ok()));
    assert_eq!(paths(&shard("a.tar", tar(&[pax]))), [format!("a.tar!{long}")]);
}

#[test]
fn what_is_no_file_is_refused_and_the_others_go_on() {
    let folder = member("folder/", b'5', b"");
    let mut link = header(b"link", b'2', &octal(0));
    link[157..163].copy_from_slice(b"target");
    let link = summed(link);
    let sparse = b"22 GNU.sparse.major=1\n";
    let members = [
        folder,
        link,
        member("hard", b'1', b""),
        member("device", b'3', b""),
        member("pipe", b'6', b""),
        member("odd", b'Z', b"abc"),
        [member("x", b'x', sparse), member("holes", b'0', b"abc")].concat(),
        member("../../etc/passwd", b'0', b"1"),
        member("/absolute", b'0', b"2"),
        member("twice", b'0', b"3"),
        member("twice", b'0', b"4"),
    ];
    let dir = self::folder(&[("a.tar", tar(&members)), ("b.zip", zip(&[("../up", "1"), ("good", "2")]))]);
    let found = scan(dir.path(), "", true);
    let wanted = [
        ("a.tar!link", "is a symbolic link, not a file"),
        ("a.tar!hard", "is a hard link to another member"),
        ("a.tar!device", "is a device, not a file"),
        ("a.tar!pipe", "is a pipe, not a file"),
        ("a.tar!odd", "is of a kind that is not known"),
        ("a.tar!holes", "is a sparse file, which is not read"),
        ("a.tar!twice", "is a second member of this name"),
    ];
    assert_eq!(refused(&found), wanted);
    let good: Vec<&str> = found.iter().filter(|file| file.content.is_ok()).map(|file| &*file.path).collect();
    let wanted = ["a.tar!../../etc/passwd", "a.tar!/absolute", "a.tar!twice", "b.zip!../up", "b.zip!good"];
    assert_eq!(good, wanted);
    // Nothing is there that was not there before.
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

/// One refused work, and nothing of what was read before the flaw.
fn refused_whole(name: &str, bytes: Vec<u8>, wanted: &str) {
    let found = shard(name, bytes);
    assert_eq!(refused(&found).len(), found.len(), "{wanted}");
    assert_eq!((found.len(), &*found[0].path), (1, name), "{wanted}");
    assert!(refused(&found)[0].1.contains(wanted), "{wanted}: {:?}", refused(&found));
}

#[test]
fn a_shard_that_cannot_be_read_to_its_end_is_one_refused_work() {
    let good = files(&WORKS);
    for len in [good.len() - 1024, good.len() - 1025, 2000, 512, 300, 0] {
        refused_whole("a.tar", good[..len].to_vec(), "ends before its archive does");
    }
    let mut summed_wrong = good.clone();
    summed_wrong[0] ^= 1;
    refused_whole("a.tar", summed_wrong, "sum is wrong");
    refused_whole("a.tar", vec![b'x'; 4096], "no tar archive");
    refused_whole("a.tar", header(b"lies", b'0', &octal(0o77_777_777_777)), "ends before its archive does");
    refused_whole("a.tar", header(b"lies", b'0', &[0xff; 12]), "a number that is none");
    refused_whole("a.tar", header(b"long", b'L', &octal(MAX_EXTENSION_LEN + 1)), "more than 1048576 bytes");
    refused_whole("a.tar", vec![member("x", b'x', b""); 20].concat(), "only describe another");
    refused_whole("a.tar", member("x", b'x', b"999 path=short\n"), "not written as pax has them");
    refused_whole("a.tgz", gzip(&good)[..40].to_vec(), "");
    refused_whole("a.zip", zip(&WORKS)[..100].to_vec(), "cannot be read as a zip archive");
    refused_whole("a.zip", b"PK\x05\x06".to_vec(), "cannot be read as a zip archive");
}

#[test]
fn a_member_whose_bytes_are_damaged_is_refused_alone() {
    let mut bytes = zip(&[("good", "a"), ("bad", "bbbbbbbbbb")]);
    let at = bytes.windows(3).position(|window| window == b"bad").unwrap() + 5;
    bytes[at] ^= 0xff;
    let found = shard("a.zip", bytes);
    assert!(found[0].content.is_ok());
    assert_eq!(refused(&found).len(), 1, "{found:?}");
    assert_eq!(refused(&found)[0].0, "a.zip!bad");
    // Bit 0 of the flags, in both headers: encrypted.
    let mut bytes = zip(&[("secret", "a")]);
    for (signature, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = bytes.windows(4).position(|window| window == signature).unwrap();
        bytes[at + flags] |= 1;
    }
    assert_eq!(refused(&shard("a.zip", bytes)), [("a.zip!secret", "is encrypted")]);
}

#[test]
fn what_becomes_too_long_or_has_too_many_members_is_refused() {
    let zeros = " ".repeat(FREE_LEN as usize * 3 / 2);
    let bomb = "becomes more than 200 times as long when it is decompressed";
    refused_whole("a.zip", zip(&[("zeros", &zeros)]), bomb);
    refused_whole("a.tgz", gzip(&files(&[("zeros", &zeros)])), bomb);
    let one = member("x", b'5', b"");
    let name = |n: usize| member(&format!("{n}"), b'0', b"");
    assert_eq!(shard("a.tar", tar(&vec![one; 10])).len(), 0);
    let many: Vec<Vec<u8>> = (0..=MAX_MEMBERS).map(name).collect();
    refused_whole("a.tar", tar(&many), "has more than 131072 members");
}

#[test]
fn any_bytes_are_members_or_a_refused_shard() {
    let mut random = Random(11);
    for (name, good) in [("a.tar", files(&WORKS)), ("a.tgz", gzip(&files(&WORKS))), ("a.zip", zip(&WORKS))] {
        let dir = folder(&[(name, good.clone())]);
        for _ in 0..400 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(good.len() as u64) as usize;
                bytes[at] = random.next() as u8;
            }
            bytes.truncate(bytes.len() - random.below(2) as usize * random.below(good.len() as u64) as usize);
            std::fs::write(dir.path().join(name), &bytes).unwrap();
            for file in scan(dir.path(), "", true) {
                assert!(file.path.starts_with(name));
            }
        }
    }
}

/// What the ledger says of a sample: one work, its members the embodiments.
#[test]
fn a_sample_is_one_work_with_its_members_as_embodiments() {
    let dir = folder(&[("a.tar", files(&WORKS))]);
    let reading = Reading { shards: true, ..Reading::default() };
    let path = dir.path().to_owned();
    let folder = deedbook::ledger::files::Folder { path, reading, reread: false, catalogue: None };
    let progress = Progress::default();
    let opening = deedbook::ledger::source::Opening::new(&[], &progress);
    let source = deedbook::ledger::source::Source::Files(folder);
    let works = deedbook::ledger::source::Works::open(source, &opening).unwrap();
    let forms: Vec<Vec<Option<String>>> =
        works.map(|work| work.unwrap().embodiments.into_iter().map(|form| form.path).collect()).collect();
    let path = |name: &str| Some(format!("a.tar!{name}"));
    assert_eq!(forms, [[path("0001.txt"), path("0001.json")], [path("more/0002.cls"), path("more/0002.jpg")]]);
}
