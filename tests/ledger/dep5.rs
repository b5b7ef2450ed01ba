//! Debian's copyright files beside a folder: which paragraph speaks of which file, when nobody knows, and what is told.

use crate::lab::{Lab, folder, options};
use deedbook::ingest::{Copyright, Format, MAX_COPYRIGHT_LEN, MAX_PATTERN_LEN, MAX_PATTERNS, Reading, Walking};
use deedbook::ledger::LedgerError;
use deedbook::ledger::admit::{Options, Outcome, admit};
use deedbook::ledger::files::Folder;
use deedbook::ledger::show::{What, find};
use deedbook::ledger::source::{Input, Source};
use deedbook::licence::{Understood, understand};
use deedbook::statement::admission::Licence;
use deedbook::statement::{Code, Identifier, Statement};
use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use tempfile::TempDir;

const HEADER: &str = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";

fn copyright(paragraphs: &[(&str, &str)]) -> String {
    let mut text = HEADER.to_owned();
    for (files, licence) in paragraphs {
        write!(text, "\nFiles: {files}\nCopyright: 2020 Somebody\nLicense: {licence}\n").unwrap();
    }
    text
}

struct Scene {
    lab: Lab,
    works: TempDir,
}

impl Scene {
    /// Files whose content is their own path.
    fn with(paths: &[&str]) -> Scene {
        let (lab, works) = (Lab::new(), folder());
        lab.books();
        for path in paths {
            let file = works.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, path).unwrap();
        }
        Scene { lab, works }
    }

    fn try_admit(&self, text: &str) -> Result<Outcome, LedgerError> {
        let walking = Walking { follow: false, never: None };
        let reading = Reading { walking, sha256: false, describe: true, shards: false };
        let reader = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let catalogue =
            Some(Input { name: "copyright".to_owned(), format: Format::Dep5, reader: reader.into(), len: None });
        let source = Folder { path: self.works.path().to_owned(), reading, reread: false, catalogue };
        admit(self.lab.writer(), &crate::lab::name("books"), vec![Source::Files(source)], Options { ..options() })
    }

    fn admit(&self, text: &str) -> Outcome {
        self.try_admit(text).unwrap()
    }

    fn licence(&self, path: &str) -> Option<Licence> {
        let id = Identifier::blake3(&deedbook::rows::blake3(path.as_bytes()));
        match find(&self.lab.view(), &What::Work(id)).unwrap_or_default().into_iter().next_back() {
            Some((_, Statement::Admission(admission))) => admission.licence,
            _ => None,
        }
    }

    /// The licence that one file is admitted under, with the line of its paragraph.
    fn found(path: &str, paragraphs: &[(&str, &str)]) -> Option<(String, String)> {
        let scene = Scene::with(&[path]);
        scene.admit(&copyright(paragraphs));
        scene.licence(path).map(|l| (l.spdx.unwrap_or_default(), l.source))
    }
}

fn why(outcome: &Outcome, code: Code) -> Vec<String> {
    outcome.examples.get(&code).into_iter().flatten().flat_map(|line| line.why.clone()).collect()
}

/// Format 1.0, section 4.2: the last paragraph that fits counts, and a pattern fits the end of an installed path.
#[test]
fn the_last_paragraph_that_fits_the_end_of_a_path_counts() {
    let game = [("*", "Apache-2.0"), ("music/*", "CC-BY-4.0"), ("music/a.bin\n music/b.bin", "CC0-1.0")];
    let in_line = |spdx: &str, line: u32| Some((spdx.to_owned(), format!("dep5:{line}")));
    for (path, expected) in [
        ("music/a.bin", in_line("CC0-1.0", 11)),
        ("usr/share/games/x/music/c.bin", in_line("CC-BY-4.0", 7)),
        ("usr/share/games/x/music/deep/c.bin", in_line("CC-BY-4.0", 7)),
        ("usr/share/games/x/musical/c.bin", in_line("Apache-2.0", 3)),
        ("readme", in_line("Apache-2.0", 3)),
    ] {
        assert_eq!(Scene::found(path, &game), expected, "{path}");
    }
    assert_eq!(
        Scene::found("x/music/a", &[("music/*", "CC0-1.0"), ("*", "MIT")]),
        in_line("MIT", 7),
        "last, not narrowest"
    );
}

#[test]
fn wildcards_and_escapes_mean_what_the_format_says() {
    #[rustfmt::skip]
    let cases = [
        ("a.bin", "a.bin", true), ("x/a.bin", "a.bin", true), ("xa.bin", "a.bin", false), ("a.bin/x", "a.bin", false),
        ("a/b/c.bin", "a/*.bin", true), ("a/b/c.bin", "*/c.bin", true), ("c.bin", "*/c.bin", false),
        ("a/b/c.bin", "a/?.bin", false), ("a/b.bin", "a/?.bin", true), ("a/\u{e9}.bin", "a/?.bin", true),
        ("a b.bin", "a?b.bin", true), ("a*b", "a\\*b", true), ("axb", "a\\*b", false), ("a?b", "a\\?b", true),
        ("a\\b", "a\\\\b", true), ("x/a*b", "x/a\\*b", true), ("aab", "a*ab", true), ("ab", "a*ab", false),
        ("x/y/z", "x/**/z", true), ("debian/a", "./debian/*", true), ("x.c", "X.c", false),
        ("aaaaaaaaab", "*a*a*a*b", true), ("aaaaaaaaac", "*a*a*a*b", false),
    ];
    for (path, pattern, fits) in cases {
        assert_eq!(Scene::found(path, &[(pattern, "MIT")]).is_some(), fits, "{pattern} {path}");
    }
}

/// Where installing may have left out the folder that a pattern begins with, nobody knows which paragraph is meant.
#[test]
fn a_pattern_that_would_fit_without_its_first_folders_holds_the_work() {
    let scene = Scene::with(&["usr/share/x/music/a.bin", "usr/share/x/src/b.bin"]);
    let outcome = scene.admit(&copyright(&[("*", "MIT"), ("data/music/*", "CC-BY-NC-4.0")]));
    assert_eq!((outcome.tally.admitted, outcome.tally.held), (1, 1));
    let why = why(&outcome, Code::ConflictingEvidence).join(";");
    assert!(why.contains("MIT") && why.contains("\"CC-BY-NC-4.0\" (dep5:7)"), "{why}");
    // Told as well: the pattern itself has fitted nothing.
    assert_eq!(outcome.unfitted, ["copyright:7 data/music/*"]);
    // Not where the pattern that counts names as much of the path, nor where both say the same, nor where a later one decides.
    let held = |paragraphs: &[(&str, &str)]| {
        let scene = Scene::with(&["usr/share/x/music/a.bin", "usr/share/x/src/b.bin"]);
        scene.admit(&copyright(paragraphs)).tally.held
    };
    assert_eq!(held(&[("music/*", "MIT"), ("*/b.bin", "MIT"), ("data/music/*", "CC-BY-NC-4.0")]), 0);
    assert_eq!(held(&[("*", "MIT"), ("data/music/*", "MIT")]), 0);
    assert_eq!(held(&[("data/music/*", "CC-BY-NC-4.0"), ("*", "MIT")]), 0);
    // No more is left of these than the name of the file, and that is enough to doubt a `*`.
    assert_eq!(held(&[("*", "MIT"), ("data/a.bin", "CC-BY-NC-4.0")]), 1);
    assert_eq!(held(&[("*", "MIT"), ("data/*.bin", "CC-BY-NC-4.0")]), 2);
    assert_eq!(held(&[("*", "MIT"), ("debian/*", "GPL-2+")]), 0, "nothing is left of it");
    assert_eq!(held(&[("data/music/*", "MIT")]), 2, "a pattern that does not fit gives no licence");
}

#[test]
fn patterns_without_files_are_told_with_their_lines() {
    let scene = Scene::with(&["a.bin", "lib/b.bin"]);
    let outcome = scene.admit(&copyright(&[("*", "MIT"), ("debian/*\n lib/*\n c.bin", "MIT"), ("a.bin", "ISC")]));
    assert_eq!(outcome.unfitted, ["copyright:7 debian/*", "copyright:9 c.bin"]);
    assert_eq!(outcome.tally.admitted, 2, "and nothing is lost by it");
}

/// A file's own words and the copyright file's are laid together like those of a catalogue.
#[test]
fn a_file_that_says_otherwise_is_held() {
    let scene = Scene::with(&[]);
    fs::write(scene.works.path().join("a.txt"), "Title: A\nLicense: CC-BY-4.0\n").unwrap();
    fs::write(scene.works.path().join("b.txt"), "Title: B\nLicense: MIT\n").unwrap();
    let outcome = scene.admit(&copyright(&[("*", "Expat")]));
    assert_eq!((outcome.tally.admitted, outcome.tally.held), (1, 1));
    assert!(why(&outcome, Code::ConflictingEvidence)[0].contains("dep5:3"));
}

/// Section 7: short names, `and` before `or`, commas, exceptions. Names that mean several licences or none are unknown.
#[test]
fn licence_lines_are_understood_as_debian_writes_them() {
    #[rustfmt::skip]
    let known = [
        ("GPL-2+", "GPL-2.0-or-later"), ("GPL-2", "GPL-2.0-only"), ("gpl-3+", "GPL-3.0-or-later"), ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("LGPL-2.0", "LGPL-2.0-only"), ("AGPL-3+", "AGPL-3.0-or-later"), ("Expat", "MIT"), ("CC0", "CC0-1.0"), ("zlib", "Zlib"),
        ("BSD-3-clause", "BSD-3-Clause"), ("CC-BY-SA-3.0+", "CC-BY-SA-3.0+"), ("W3C-Software", "W3C"), ("Apache-2.0", "Apache-2.0"),
        ("LGPL-3+ or GPL-2+", "GPL-2.0-or-later OR LGPL-3.0-or-later"), ("GPL-1+ and Expat", "GPL-1.0-or-later AND MIT"),
        ("GPL-2+ or Expat and ISC", "GPL-2.0-or-later OR ISC AND MIT"), ("GPL-2+ or Expat, and ISC", "(GPL-2.0-or-later OR MIT) AND ISC"),
        ("GPL-2+ with Font exception", "GPL-2.0-or-later WITH Font-exception-2.0"),
        ("GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"),
        ("Apache-2.0 with LLVM exception", "Apache-2.0 WITH LLVM-exception"),
        ("GPL-2+ with Libtool exception or Expat", "GPL-2.0-or-later WITH Libtool-exception OR MIT"),
    ];
    for (line, spdx) in known {
        assert_eq!(understand(line), Understood::Licence(spdx.to_owned()), "{line}");
    }
    for line in [
        "public-domain",
        "GPL",
        "LGPL",
        "BSD",
        "Artistic",
        "GPL-1+ or Artistic",
        "other",
        "GPL-2+ with OpenSSL exception",
        "GPL-2+ with exception",
        "GPL-7+",
        "GPL-2+ and",
        "and GPL-2+",
        "GPL-2+, GPL-3+",
        "GPL-2+,",
        ",",
        "Expat or Expat,or",
        "GPL-2+ GPL-3+",
        "GPL-2++",
        "(GPL-2+ or Expat) and",
        "GPL-\u{e9}",
        "Permission is hereby granted, free of charge",
    ] {
        assert_eq!(understand(line), Understood::Unknown, "{line}");
    }
}

/// Where there is no short name, the text's first line is all that is kept, and it names no licence.
#[test]
fn a_licence_without_a_name_is_unknown() {
    let scene = Scene::with(&["a.bin"]);
    let outcome = scene.admit(&copyright(&[("*", "\n Permission is hereby granted\n to everybody")]));
    assert_eq!(outcome.examples[&Code::LicenceUnknown][0].licence.as_deref(), Some("Permission is hereby granted"));
}

#[test]
fn what_is_not_written_as_the_format_says_ends_the_command_with_its_line() {
    let with = |paragraph: &str| format!("{HEADER}\n{paragraph}");
    #[rustfmt::skip]
    let cases = [
        ("".to_owned(), "is empty"),
        ("This package was debianized by Somebody.\n".to_owned(), "its header has no field Format"),
        (format!("{HEADER}all is allowed\n"), ":2: \"all is allowed\" is no field"),
        ("Upstream-Name: x\n\nFiles: *\nLicense: MIT\n".to_owned(), "its header has no field Format"),
        ("Format: http://dep.debian.net/deps/dep5/\n".to_owned(), ":1: Format is \"http://dep.debian.net/deps/dep5/\""),
        (with("Files: *\nCopyright: me\n"), ":3: a paragraph with Files and without License"),
        (with("Files: *\nLicense:\nCopyright: me\n"), ":4: License has 0 bytes"),
        (with(&format!("Files: *\nLicense: {}\n", "x".repeat(4097))), ":4: License has 4097 bytes"),
        (with("Files: *\nLicense: MIT\nFiles: a\n"), ":5: the field \"Files\" stands twice"),
        (with("Files: a\n b\\c\nLicense: MIT\n"), ":4: \"b\\\\c\" has a backslash"),
        (with(" *\nLicense: MIT\n"), ":3: a line that goes on with no field"),
        (with("Files *\nLicense: MIT\n"), ":3: \"Files *\" is no field"),
        (with(&format!("Files: {}\nLicense: MIT\n", "x".repeat(MAX_PATTERN_LEN + 1))), ":3: a pattern has 4097 bytes"),
        (with(&format!("Files: {}\nLicense: MIT\n", "a ".repeat(MAX_PATTERNS + 1))), ":3: more than 65536 patterns"),
    ];
    let scene = Scene::with(&["a.bin"]);
    for (text, expected) in cases {
        let error = scene.try_admit(&text).unwrap_err().to_string();
        assert!(error.starts_with("copyright") && error.contains(expected), "{error}\nand not {expected}");
    }
    let error = Copyright::read("c", &b"Format: x\nFiles: a\0b\n"[..]).unwrap_err().to_string();
    assert!(error.starts_with("c:2: a NUL byte"), "{error}");
    let error = Copyright::read("c", &b"Format: \xff"[..]).unwrap_err().to_string();
    assert!(error.starts_with("c:1:"), "{error}");
    let long = std::io::Read::take(std::io::repeat(b'\n'), MAX_COPYRIGHT_LEN + 1);
    assert!(Copyright::read("c", long).unwrap_err().to_string().contains("longer than"));
    // Comments, blank lines with spaces, a byte order mark, field names in any case.
    let odd = format!("\u{feff}# a comment\n{HEADER}# and\n \t\n\nfiles: *\n# here too\nLICENSE: MIT\n\t.\n");
    assert_eq!(scene.admit(&odd).tally.admitted, 1);
}

/// Patterns that fit almost, everywhere: what cannot be compared within the budget is held, and soon.
#[test]
fn hostile_patterns_cost_a_bounded_time() {
    let deep = vec!["a"; 100].join("/");
    let path = format!("{deep}/{}", "a".repeat(200));
    let glob = format!("*{}b", "a".repeat(150));
    let globs: Vec<String> = (0..2000).map(|n| format!("{glob}{n}")).collect();
    let names = vec![format!("x/{}", "a".repeat(200)); 30_000];
    for patterns in [globs, names] {
        let scene = Scene::with(&[&path]);
        let started = std::time::Instant::now();
        let outcome = scene.admit(&copyright(&[("*", "MIT"), (&patterns.join("\n "), "ISC")]));
        assert_eq!(outcome.tally.held, 1, "{outcome:?}");
        assert!(why(&outcome, Code::ConflictingEvidence)[0].contains("too many patterns"), "{outcome:?}");
        assert!(started.elapsed().as_secs() < 20);
    }
}

#[test]
fn a_copyright_file_is_no_list_of_works() {
    for (name, format) in
        [("copyright", true), ("debian/copyright", true), ("x.copyright", true), ("copyright.txt", false)]
    {
        assert_eq!(Format::of(name).is_ok_and(|f| f == Format::Dep5), format, "{name}");
    }
    let lab = Lab::new();
    lab.books();
    let reader = Box::new(Cursor::new(copyright(&[("*", "MIT")]).into_bytes()));
    let input = Input { name: "copyright".to_owned(), format: Format::Dep5, reader: reader.into(), len: None };
    let admitted = admit(lab.writer(), &crate::lab::name("books"), vec![input.into()], options());
    assert_eq!(admitted.unwrap_err().to_string(), "copyright: describes files, and is no list of works");
}
