//! Folders and files on the command line: what a user sees of them, and every refusal.

use crate::support::Scene;
use std::path::Path;

/// A ledger with the dataset `songs` (recordings, commercial), and the works that ship with the project beside it.
fn scene() -> Scene {
    let scene = Scene::ledger();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/works"), &scene.path("works"));
    scene.ok("dataset new songs --use generative-training --purpose commercial --layer master");
    scene
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            // With a time of their own: copies of the system keep none.
            std::fs::write(to, std::fs::read(path).unwrap()).unwrap();
        }
    }
}

#[test]
fn a_folder_is_admitted_by_what_its_files_say() {
    let scene = scene();
    scene.golden("admit-a-folder", &scene.run("admit songs works/songs"));
    scene
        .golden("admit-a-folder-with-its-catalogue", &scene.run("admit songs works/songs --catalogue works/songs.csv"));
    scene.golden("admit-one-file", &scene.run("admit songs works/songs/plain-tone.wav"));
    scene.ok("seal songs 1");
    scene.golden("check-a-folder", &scene.run("check songs@1 works/songs --report -"));
    scene.golden("show-a-work-from-a-file", &scene.run("show isrc:QZDEE2600103"));
    let both = scene.ok("--json check songs@1 works/songs works/songs.csv").json();
    assert_eq!((both["rows"].as_u64(), both["present"].as_u64()), (Some(7), Some(4)));
    scene.sound();
}

/// A package's own copyright file is what is known of its files.
#[test]
fn a_folder_is_admitted_by_its_copyright_file() {
    let scene = scene();
    let header = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";
    let paragraphs = "\nFiles: *\nCopyright: 2020 A. Author\nLicense: GPL-2+ or Expat\n\nFiles: debian/* songs/plain-*\n images/*\n\
        Copyright: 2020 A. Packager\nLicense: CC-BY-NC-4.0\n";
    ["package", "prose", "header"].iter().for_each(|folder| std::fs::create_dir(scene.path(folder)).unwrap());
    scene.write("package/copyright", format!("{header}{paragraphs}"));
    let ran = scene.run("admit songs works --catalogue package/copyright --dry-run");
    scene.golden("admit-a-folder-with-its-copyright-file", &ran);
    let json = scene.ok("--json admit songs works --catalogue package/copyright").json();
    assert_eq!(json["unfitted_patterns"].as_u64(), Some(2));
    scene.golden("copyright-file-as-a-list-of-works", &scene.run("admit songs package/copyright --format dep5"));
    scene.write("prose/copyright", "This package was debianized by Somebody.\n\nLicense:\n\nall is allowed\n");
    scene.golden("copyright-file-of-prose", &scene.run("admit songs works --catalogue prose/copyright"));
    scene.write("header/copyright", "Source: https://author.example/\n\nFiles: *\nLicense: MIT\n");
    scene.golden("copyright-file-without-format", &scene.run("admit songs works --catalogue header/copyright"));
}

#[test]
fn a_second_run_says_that_nothing_is_new() {
    let scene = scene();
    // What was written a moment ago is read again: the clock must pass.
    std::thread::sleep(std::time::Duration::from_millis(3100));
    let first = scene.ok("--json admit songs works/songs/first-tide.ogg works/poems").json();
    assert_eq!((first["files_read"].as_u64(), first["files_unchanged"].as_u64()), (Some(3), Some(0)));
    scene.ok("dataset new texts --use generative-training --purpose commercial --layer text");
    std::fs::remove_file(scene.path("works/poems/ledger.txt")).unwrap();
    let ran = scene.run("admit texts works/poems");
    scene.golden("admit-files-that-are-known", &ran);
    scene.golden("admit-works-that-are-there", &scene.run("admit texts works/poems"));
}

#[test]
fn a_folder_is_proven_and_verified_by_its_bytes() {
    let scene = scene();
    scene.ok("admit songs works/songs --catalogue works/songs.csv --sha256");
    scene.ok("seal songs 1");
    scene.ok("prove songs@1 works/songs -o songs.proof");
    let key = crate::support::vkey();
    let line = format!("--json verify songs.proof --key {key} --release songs@1 --works works/songs");
    let verified = scene.ok(&line).json();
    let count = |member: &str| verified[member].as_array().unwrap().len();
    assert_eq!((count("present"), count("absent")), (2, 2));
    // One bit.
    let mut bytes = std::fs::read(scene.path("works/songs/first-tide.ogg")).unwrap();
    let at = bytes.len() - 1;
    bytes[at] ^= 1;
    scene.write("works/songs/first-tide.ogg", bytes);
    scene.ok("check songs@1 works/songs/first-tide.ogg --require absent");
    scene.ok("check songs@1 works/songs/first-tide.ogg --sha256 --require absent");
    assert_eq!(scene.run(&line).code, Some(1), "the proof does not answer for the changed file");
}

#[test]
fn a_release_is_a_source() {
    let scene = scene();
    scene.ok("dataset new study --use generative-training --purpose research --layer master");
    scene.ok("admit study works/songs --catalogue works/songs.csv");
    scene.ok("seal study 1");
    scene.golden("admit-a-release", &scene.run("admit songs study@1"));
    scene.refused("admit-a-release-that-does-not-exist", "admit songs study@2");
    scene.sound();
}

/// The members of a shard are the works: the same in a folder of shards, and of one that is named itself.
#[test]
fn shards() {
    use std::io::Write as _;
    let scene = scene();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [("a.txt", "Title: One\nLicense: CC0-1.0\n\nText."), ("b/b.txt", "No licence."), ("c.tar", "x")]
    {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    std::fs::create_dir(scene.path("shards")).unwrap();
    scene.write("shards/000.zip", archive.finish().unwrap().into_inner());
    scene.write("shards/001.tar", "cut short");
    scene.golden("admit-shards", &scene.run("admit songs shards --shards --report report.jsonl"));
    scene.ok("seal songs 1");
    scene.golden("check-a-shard", &scene.run("check songs@1 shards/000.zip --shards"));
    scene.golden("check-an-archive", &scene.run("check songs@1 shards/000.zip"));
    scene.sound();
}

#[test]
fn sources_that_are_refused() {
    let scene = scene();
    scene.ok("seal songs 1");
    for (situation, command, name) in [
        ("source-is-a-tar-archive", "admit songs", "shard-000.tar.gz"),
        ("source-is-a-zip-archive", "check songs@1", "works.zip"),
    ] {
        scene.write(name, "x");
        scene.refused(situation, &format!("{command} {name}"));
    }
    scene.refused("folder-holds-the-ledger", "admit songs .");
    scene.refused("report-in-the-folder-that-is-read", "admit songs works --report works/songs/report.jsonl");
    scene.refused("catalogue-joined-to-a-catalogue", "admit songs works/songs.csv --catalogue works/songs.csv");
    scene.write("books.csv", crate::support::BOOKS);
    scene.refused("catalogue-without-paths", "admit songs works/songs --catalogue books.csv");
    scene.refused("catalogue-joined-to-two-folders", "admit songs works/songs works/poems --catalogue works/songs.csv");
    scene.write("bad.csv", "path,licence\na,b,c\n");
    scene.refused("joined-catalogue-is-malformed", "admit songs works/songs --catalogue bad.csv");
}

/// Every kind of file that cannot be a work, each with its reason; the others go on.
#[cfg(unix)]
#[test]
fn what_cannot_be_a_work_is_in_the_report() {
    use std::os::unix::ffi::OsStrExt as _;
    let scene = Scene::ledger();
    scene.ok("dataset new songs --use generative-training --purpose commercial --layer master");
    std::fs::create_dir(scene.path("odd")).unwrap();
    scene.write("odd/shard.tar", "not even a tar");
    scene.write("odd/works.zip", "PK\u{3}\u{4}");
    scene.write("odd/truncated.ogg", "OggS\0\u{2}");
    scene.write("odd/not-audio.mp3", "<html>");
    scene.write("odd/broken.epub", "PK\u{3}\u{4}");
    let tag = [&b"ID3\x04\0\0\x07\x7f\x7f\x7f"[..], &[0; 100]].concat();
    scene.write("odd/long-tag.mp3", tag);
    scene.write("odd/title.txt", "Title: \u{1b}[31mRed\u{7}\u{202e}\nLicense: CC-BY-NC-4.0\n");
    std::fs::write(scene.path("odd").join(std::ffi::OsStr::from_bytes(b"caf\xe9.txt")), "x").unwrap();
    std::os::unix::fs::symlink("nowhere", scene.path("odd/link")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(scene.path("odd/pipe")).status().unwrap().success());
    scene.golden("admit-odd-files", &scene.run("admit songs odd --report -"));
    let ran = scene.run("admit songs odd");
    let raw = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert!(!ran.stdout.contains(raw), "{:?}", ran.stdout);
}

/// Root reads everything, so there the folder's rights mean nothing.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = scene();
    let poems = scene.path("works/poems");
    std::fs::set_permissions(&poems, std::fs::Permissions::from_mode(0o000)).unwrap();
    let readable = std::fs::read_dir(&poems).is_ok();
    let ran = scene.run("--json admit songs works");
    std::fs::set_permissions(&poems, std::fs::Permissions::from_mode(0o755)).unwrap();
    if readable {
        eprintln!("skipped: whoever runs this may read every folder");
        return;
    }
    assert_eq!(ran.json()["reasons"]["unreadable"].as_u64(), Some(1));
}
