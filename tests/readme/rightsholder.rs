//! docs/rightsholder.md, run: every command as it stands there, the lab's in its ledger, the rightsholder's in a folder
//! that has nothing but what she was sent, where there is no network.

use crate::read;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROWS: usize = 20_000;

/// Blocks of a page: shell commands, each with what it is said to print.
pub fn blocks(page: &str) -> Vec<(String, String)> {
    let page = read(page);
    let mut blocks: Vec<(String, String)> = Vec::new();
    for part in page.split("\n```").skip(1) {
        if let Some(commands) = part.strip_prefix("sh\n") {
            blocks.push((commands.to_owned(), String::new()));
        } else if let (Some(said), Some(last)) = (part.strip_prefix("text\n"), blocks.last_mut()) {
            last.1 = said.to_owned();
        }
    }
    blocks
}

fn isrc(n: usize) -> String {
    format!("QZDEE26{n:05}")
}

/// An ISWC, with its check digit.
fn iswc(n: usize) -> String {
    let digits = format!("{n:09}");
    let sum: usize = digits.bytes().zip(1..).map(|(d, weight)| usize::from(d - b'0') * weight).sum();
    format!("T{digits}{}", (10 - (1 + sum) % 10) % 10)
}

/// What the lab admits: 30,000 songs, the first 24,000 under a contract, the others under an open licence; every tenth
/// has an ISWC.
fn songs(numbers: std::ops::Range<usize>) -> String {
    let mut csv = "title,isrc,iswc,licence\n".to_owned();
    for n in numbers {
        let work = if n.is_multiple_of(10) { iswc(n) } else { String::new() };
        let licence = if n < 24_000 { "" } else { "CC-BY-4.0" };
        let _ = writeln!(csv, "Song {n},{},{work},{licence}", isrc(n));
    }
    csv
}

/// Her catalogue, as spreadsheets write one: a byte order mark, Windows line ends, line ends in a title, a blank line, a
/// row of commas alone, a row that stands twice, ISRCs in several spellings, and some that are none. Every fourth number
/// is hers; 100 songs that are absent by their ISRC are present by their ISWC.
fn catalogue() -> String {
    let mut rows = vec!["\u{feff}Title,ISRC,ISWC,Performer".to_owned()];
    for row in 0..ROWS {
        let n = 4 * row;
        let number = match row {
            5 | 2_005 | 4_005 => isrc(n)[..11].to_owned(),
            6 | 9_006 => "n/a".to_owned(),
            7 | 9_007 => iswc(n),
            8 | 9_008 | 19_008 => String::new(),
            9_009 => "QZ-DEE-26".to_owned(),
            _ if row.is_multiple_of(3) => format!("QZ-DEE-26-{n:05}"),
            _ => isrc(n),
        };
        let work = if (10_000..10_100).contains(&row) { iswc(10 * (row - 10_000)) } else { String::new() };
        let title = if row == 3 { "\"Harbour Lights\r\n(reprise)\"".to_owned() } else { format!("\"Song, {row}\"") };
        rows.push(format!("{title},{number},{work},Ann"));
    }
    rows.insert(5, String::new());
    rows.push(",,,".to_owned());
    rows.push(rows[1].clone());
    rows.push(rows[1].clone());
    rows.join("\r\n") + "\r\n"
}

/// A folder of somebody's.
pub struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    pub fn new() -> Folder {
        let shm = Path::new("/dev/shm");
        let dir = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
        Folder { dir: dir.expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs shell commands; `shell` are the words before the script.
    pub fn run(&self, shell: &[&str], script: &str) -> String {
        let bin = Path::new(env!("CARGO_BIN_EXE_deedbook")).parent().expect("a folder").display().to_string();
        let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).arg(format!("set -eu\n{script}"));
        let output = command.current_dir(self.dir.path()).env_clear().env("PATH", path).output().expect("a shell");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{script}\n{out}\n{err}");
        out.into_owned()
    }
}

/// The usual shell.
pub const SHELL: [&str; 2] = ["sh", "-c"];
/// A shell without a network.
const ALONE: [&str; 4] = ["unshare", "-rn", "sh", "-c"];

/// A shell in a network of its own, in which there is nothing; the usual one where the system does not give that.
fn without_network() -> &'static [&'static str] {
    let mut command = Command::new(ALONE[0]);
    let output = command.args(&ALONE[1..]).arg("cat /proc/net/dev").output();
    let is_alone = output.is_ok_and(|output| {
        let devices = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success() && devices.lines().skip(2).all(|line| line.trim_start().starts_with("lo:"))
    });
    if is_alone {
        return &ALONE;
    }
    println!("run with a network: there is no `unshare -rn` here");
    &SHELL
}

/// The lab, with a release of May and one of November, and a proof from each time.
fn lab(catalogue: &str) -> Folder {
    let lab = Folder::new();
    lab.write("catalogue.csv", catalogue);
    lab.write("may.csv", &songs(0..15_000));
    lab.write("november.csv", &songs(15_000..30_000));
    lab.write("harbour.csv", &songs(0..24_000));
    lab.write(
        "harbour.toml",
        "id = \"harbour-2026\"\nbasis = \"contract\"\nlicence = \"LicenseRef-harbour-2026\"\nlayers = [\"master\"]\n\
         uses = [\"generative-training\"]\npurposes = [\"commercial\"]\nterritories = [\"worldwide\"]\n\
         valid_from = \"2026-01-01\"\n\
         licensor = { name = \"Harbour Records\", role = \"label\", ids = [\"id:example/harbour\"] }\n\
         licensee = { name = \"Example Lab\" }\nsubject = { catalogue = \"harbour.csv\" }\n",
    );
    lab.run(
        &SHELL,
        "deedbook init ledger --origin lab.example/deeds
         export DEEDBOOK_LEDGER=ledger
         deedbook dataset new songs --use generative-training --purpose commercial --layer master
         deedbook grant add harbour.toml --catalogue harbour.csv
         deedbook admit songs may.csv
         deedbook seal songs 2026-05
         deedbook prove songs@2026-05 catalogue.csv -o songs-2026-05.proof
         deedbook admit songs november.csv
         deedbook seal songs 2026-11",
    );
    lab
}

/// Every line of `said` stands in `printed`, in that order: whole, or, where the page breaks off, its beginning.
pub fn assert_printed(said: &str, printed: &str, commands: &str) {
    let mut rest = printed.lines();
    for line in said.lines() {
        assert!(rest.any(|found| found.starts_with(line)), "{commands}\n{line:?} is not, or not here, in\n{printed}");
    }
}

#[test]
fn the_page_for_rightsholders_runs_as_written() {
    let catalogue = catalogue();
    let (lab, hers) = (lab(&catalogue), Folder::new());
    hers.write("catalogue.csv", &catalogue);
    let alone = without_network();
    let blocks = blocks("docs/rightsholder.md");
    assert_eq!(blocks.len(), 10, "the commands of the page were not found");
    for (commands, said) in &blocks {
        let printed = match commands.strip_prefix("# the lab\n") {
            Some(commands) => lab.run(&SHELL, &format!("export DEEDBOOK_LEDGER=ledger\n{commands}")),
            None => hers.run(alone, commands),
        };
        assert_printed(said, &printed, commands);
        for handed_over in ["songs.proof", "songs-2026-05.proof", "disputed.proof", "lab.pub"] {
            let _ = std::fs::copy(lab.path(handed_over), hers.path(handed_over));
        }
        let _ = std::fs::copy(hers.path("dispute-6.json"), lab.path("dispute-6.json"));
    }
    assert!(!hers.path("ledger.toml").exists() && !hers.path("ledger").exists());
    the_tables_answer_every_row(&lab, &hers);
}

/// What the lab says and what she verifies is the same, row by row of her catalogue.
fn the_tables_answer_every_row(lab: &Folder, hers: &Folder) {
    let (verified, checked) = (table(&hers.read("answers.csv")), table(&lab.read("answers-of-the-lab.csv")));
    assert_eq!(verified.len(), ROWS + 3);
    assert_eq!(verified.len(), checked.len());
    let columns = ["source", "line", "path", "title", "identifiers", "answer", "by", "entries"];
    for (ours, theirs) in verified.iter().zip(&checked) {
        for column in columns {
            assert_eq!(ours[column], theirs[column], "{column} of line {}", ours["line"]);
        }
    }
    // One title goes over two lines, and one line is blank.
    let lines: Vec<usize> = verified.iter().map(|row| row["line"].parse().expect("a line")).collect();
    assert_eq!(lines[..6], [2, 3, 4, 5, 8, 9]);
    assert_eq!(lines.last(), Some(&(ROWS + 6)));
    assert!(lines.is_sorted());
    let row = |row: usize| {
        let of = |column: &str| verified[row][column].clone();
        [of("answer"), of("by"), of("verdict"), of("grants"), of("standing")]
    };
    let by = |identifier: String, grant: &str| {
        ["present".to_owned(), identifier, "covered".to_owned(), grant.to_owned(), "asserted".to_owned()]
    };
    assert_eq!(row(0), by(format!("isrc:{}", isrc(0)), "harbour-2026"));
    assert_eq!(row(7_000), by(format!("isrc:{}", isrc(28_000)), "open-cc-by-4.0"));
    assert_eq!(row(10_001), by(format!("iswc:{}", iswc(10)), "harbour-2026"));
    assert_eq!(row(ROWS + 2), row(0), "a row that stands twice is answered twice");
    let [answer, found, verdict, ..] = row(15_000);
    assert_eq!([answer, found, verdict], ["absent", "", "absent"]);
    assert_eq!(verified[3]["title"], "Harbour Lights\r\n(reprise)");
    for (row, why) in [
        (5, "ISRC: \"QZDEE260002\" is not of the form isrc:CCXXXYYNNNNN"),
        (8, "no identifier of a work"),
        (ROWS, "no identifier of a work"),
    ] {
        assert_eq!((&*verified[row]["answer"], &*verified[row]["why"]), ("invalid", why));
    }
}

/// The rows of a table for spreadsheets, by the names of its columns.
fn table(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark, for spreadsheets");
    let mut records = split(text).into_iter();
    let names = records.next().expect("a header");
    records.map(|cells| names.iter().cloned().zip(cells).collect()).collect()
}

/// Delimited text as RFC 4180 has it.
fn split(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let cell = records.last_mut().and_then(|record| record.last_mut()).expect("a cell");
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => records.last_mut().expect("a record").push(String::new()),
            '\n' if !quoted => records.push(vec![String::new()]),
            c => cell.push(c),
        }
    }
    records.pop();
    records
}

/// What the page says of the network holds for third-party code too: the program takes no function from the system that
/// could open a connection.
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
#[test]
fn the_program_has_no_way_to_open_a_connection() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_deedbook")).expect("the program");
    let taken = functions_taken(&program).expect("an ELF file");
    if !taken.iter().any(|name| name == "write") {
        println!("skipped: the program brings the system's library along");
        return;
    }
    for name in ["socket", "connect", "getaddrinfo", "gethostbyname", "sendto", "bind", "accept"] {
        assert!(!taken.iter().any(|taken| taken == name), "{name}");
    }
}

/// The names in the table of dynamic symbols of a 64-bit ELF file.
fn functions_taken(elf: &[u8]) -> Option<Vec<String>> {
    const DYNSYM: u64 = 11;
    let number = |at: usize, len: usize| {
        let bytes = elf.get(at..at + len)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    let (sections, size, count) = (number(0x28, 8)?, number(0x3a, 2)?, number(0x3c, 2)?);
    // Of a section: its type, offset, length, and the section that it refers to.
    let section = |i: u64| {
        let at = usize::try_from(sections + i * size).ok()?;
        Some((number(at + 4, 4)?, number(at + 24, 8)? as usize, number(at + 32, 8)? as usize, number(at + 40, 4)?))
    };
    let (_, symbols, len, names) = (0..count).filter_map(section).find(|(kind, ..)| *kind == DYNSYM)?;
    let (_, names, ..) = section(names)?;
    let name = |symbol: usize| {
        let text = elf.get(names + number(symbol, 4)? as usize..)?.split(|byte| *byte == 0).next()?;
        Some(String::from_utf8_lossy(text).into_owned())
    };
    (symbols..symbols + len).step_by(24).map(name).collect()
}
