//! A folder with a ledger in it, the command run there, and golden files.

use deedbook::statement::Time;
use deedbook::tlog::{KeyKind, SigningKey};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The origin of the ledgers here.
pub const ORIGIN: &str = "lab.example/deeds";
/// Three books that the grant `north-press` is about.
pub const BOOKS: &str = "isbn,title\n9780306406157,One\n9781861972712,Two\n9783161484100,Three\n";
/// Terms of a contract for those books.
pub const NORTH_PRESS: &str = r#"id = "north-press"
basis = "contract"
licence = "LicenseRef-north-press"
layers = ["text"]
uses = ["generative-training"]
purposes = ["commercial"]
territories = ["worldwide"]
valid_from = "2020-01-01"
licensor = { name = "North Press", role = "publisher", ids = ["id:example/north-press"] }
licensee = { name = "Example Lab" }
subject = { works = ["isbn:9780306406157", "isbn:9781861972712", "isbn:9783161484100"] }
"#;

/// A folder of a user's, `deeds` in it being the ledger.
pub struct Scene {
    dir: TempDir,
}

/// What a command did.
pub struct Ran {
    /// The command line.
    pub line: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// The key of the ledgers here.
pub fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[7; 32]).unwrap()
}

/// Its verifier key.
pub fn vkey() -> String {
    key().verifier().to_string()
}

impl Scene {
    /// An empty folder, in memory where there is one: a ledger syncs a great deal.
    pub fn empty() -> Scene {
        let shm = Path::new("/dev/shm");
        let dir = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
        Scene { dir: dir.unwrap() }
    }

    /// A new ledger, its key in `lab.key`.
    pub fn ledger() -> Scene {
        let scene = Scene::empty();
        scene.write_private("lab.key", &format!("{}\n", key().print_private()));
        scene.ok("init deeds --origin lab.example/deeds --signing-key lab.key");
        scene
    }

    /// A ledger with the dataset `books` (text, for commercial generative training) and the grant `north-press`;
    /// `books.csv` has the books that it is about.
    pub fn books() -> Scene {
        let scene = Scene::ledger();
        scene.write("books.csv", BOOKS);
        scene.write("north-press.toml", NORTH_PRESS);
        scene.ok("dataset new books --use generative-training --purpose commercial --layer text");
        scene.ok("grant add north-press.toml");
        scene
    }

    /// The same with the books admitted and sealed as `books@1`, and a proof of one of them and of one that is absent
    /// in `two.proof`.
    pub fn sealed() -> Scene {
        let scene = Scene::books();
        scene.ok("admit books books.csv");
        scene.ok("seal books 1");
        scene.ok("prove books@1 --work isbn:9780306406157 --work doi:10.1000/absent -o two.proof");
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Writes a file that only its owner may read.
    pub fn write_private(&self, name: &str, text: &str) {
        self.write(name, text);
        set_mode(&self.path(name), 0o600);
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    /// The command in this folder, with an environment that says nothing but where the ledger is.
    pub fn command<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deedbook"));
        command.args(args).env_clear().env("DEEDBOOK_LEDGER", "deeds").current_dir(self.dir.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command line; words are separated by spaces.
    pub fn run(&self, line: &str) -> Ran {
        self.run_with(line, "")
    }

    /// Runs a command line with this on stdin.
    pub fn run_with(&self, line: &str, stdin: impl AsRef<[u8]>) -> Ran {
        let mut command = self.command(line.split(' '));
        let child = command.stdin(Stdio::piped()).spawn().unwrap();
        finish(line, child, stdin.as_ref())
    }

    /// Runs a command of which one argument has spaces or worse.
    pub fn run_args(&self, args: &[&str]) -> Ran {
        finish(&args.join(" "), self.command(args.iter().copied()).stdin(Stdio::piped()).spawn().unwrap(), b"")
    }

    /// Runs a command line that must succeed.
    pub fn ok(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.code, Some(0), "{line}\n{}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Runs a command line that is refused: exit code 2, words on stderr only, nothing written anywhere.
    pub fn refused(&self, situation: &str, line: &str) {
        self.refused_args(situation, &line.split(' ').collect::<Vec<_>>());
    }

    /// As [`Scene::refused`], argument by argument.
    pub fn refused_args(&self, situation: &str, args: &[&str]) {
        let before = self.snapshot();
        let ran = self.run_args(args);
        self.refusal(situation, &ran, &before);
    }

    /// As [`Scene::refused`], with something on stdin.
    pub fn refused_with(&self, situation: &str, line: &str, stdin: impl AsRef<[u8]>) {
        let before = self.snapshot();
        let ran = self.run_with(line, stdin);
        self.refusal(situation, &ran, &before);
    }

    fn refusal(&self, situation: &str, ran: &Ran, before: &Snapshot) {
        self.golden(situation, ran);
        assert_eq!(ran.code, Some(2), "{situation}");
        assert_eq!(ran.stdout, "", "{situation}: stdout");
        self.unchanged(situation, before);
    }

    /// Everything in this folder.
    pub fn snapshot(&self) -> Snapshot {
        let mut files = BTreeMap::new();
        collect(self.dir.path(), self.dir.path(), &mut files);
        Snapshot(files)
    }

    /// Every file below a folder of this one, in order.
    pub fn walk(&self, folder: &str, each: &mut dyn FnMut(&Path, &[u8])) {
        let entries = std::fs::read_dir(self.path(folder)).unwrap().map(|e| e.unwrap().file_name());
        let mut names: Vec<String> = entries.map(|n| n.into_string().unwrap()).collect();
        names.sort();
        for name in names.iter().map(|name| format!("{folder}/{name}")) {
            let path = self.path(&name);
            if path.is_dir() { self.walk(&name, each) } else { each(&path, &std::fs::read(&path).unwrap()) }
        }
    }

    /// Whether a file below a folder has these bytes.
    pub fn holds(&self, folder: &str, bytes: &[u8]) -> bool {
        let mut holds = false;
        self.walk(folder, &mut |_, file| holds |= file.windows(bytes.len()).any(|w| w == bytes));
        holds
    }

    /// Asserts that nothing was written since.
    pub fn unchanged(&self, situation: &str, before: &Snapshot) {
        let after = self.snapshot();
        let differs = |path: &&PathBuf| before.0.get(*path) != after.0.get(*path);
        let paths: Vec<&PathBuf> = before.0.keys().chain(after.0.keys()).filter(differs).collect();
        assert!(paths.is_empty(), "{situation}: written {paths:?}");
    }

    /// Asserts that the ledger is sound, to the last byte.
    pub fn sound(&self) {
        let fsck = self.ok("log fsck");
        assert!(fsck.stdout.starts_with("sound: "), "{}", fsck.stdout);
    }

    /// The size of the log.
    pub fn log_size(&self) -> u64 {
        self.ok("--json log status").json()["size"].as_u64().unwrap()
    }

    /// Compares what a command did with the golden file of this situation.
    pub fn golden(&self, situation: &str, ran: &Ran) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/golden/{situation}.txt"));
        let mut text = format!("$ deedbook {}\n", ran.line.escape_debug());
        let code = ran.code.map_or("killed".to_owned(), |c| c.to_string());
        let _ = writeln!(text, "exit code {code}");
        for (name, stream) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
            if !stream.is_empty() {
                let _ = write!(text, "--- {name}\n{stream}");
            }
        }
        let text = named(&text.replace(&self.dir.path().display().to_string(), "[FOLDER]"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &text).unwrap();
            return;
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(golden == text, "{situation}: {}\n--- expected\n{golden}\n--- found\n{text}", path.display());
    }
}

/// Files by path. An empty folder is nothing.
pub struct Snapshot(BTreeMap<PathBuf, Vec<u8>>);

impl Ran {
    /// Its stdout, which is one JSON object.
    pub fn json(&self) -> serde_json::Value {
        let value: serde_json::Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}\n{}{}", self.line, self.stdout, self.stderr));
        assert!(value.is_object(), "{}: {value}", self.line);
        value
    }
}

/// Gives a child its input and waits for it. A child that stops reading is not at fault.
pub fn finish(line: &str, mut child: Child, stdin: &[u8]) -> Ran {
    if let Some(mut pipe) = child.stdin.take() {
        let _ = pipe.write_all(stdin);
    }
    let output = child.wait_with_output().unwrap();
    Ran {
        line: line.to_owned(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy(&path, &to) } else { std::fs::copy(&path, &to).map(drop).unwrap() }
    }
}

/// sled writes to the register's working copy whenever a writer opens it, and making the lock file is no change.
fn collect(root: &Path, dir: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap().to_owned();
        if name.ends_with("index/register") || name.ends_with("private/lock") {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// Names in place of what varies: times, today, keys, roots and salts, digests, seconds.
fn named(text: &str) -> String {
    let today = now().date().to_string();
    let mut dated = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (len, name) = match rest {
            t if is_time(t) => (20, "[TIME]"),
            t if t.starts_with(&today) => (10, "[TODAY]"),
            t if t.starts_with("\"seconds\": ") => (
                11 + t[11..].bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count(),
                "\"seconds\": [SECONDS]",
            ),
            t => (c.len_utf8(), &t[..c.len_utf8()]),
        };
        dated.push_str(name);
        rest = &rest[len..];
    }
    let in_word = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let mut out = String::new();
    let mut rest = dated.as_str();
    while !rest.is_empty() {
        let len = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        out.push_str(&word_named(&rest[..len]));
        let other = rest[len..].chars().next();
        out.extend(other);
        rest = &rest[len + other.map_or(0, char::len_utf8)..];
    }
    out
}

fn word_named(word: &str) -> String {
    let hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match word.len() {
        // In a path or alone.
        len @ 64.. if hex(&word[len - 64..]) && (len == 64 || word.as_bytes()[len - 65] == b'/') => {
            format!("{}[DIGEST]", &word[..len - 64])
        }
        44 if word.ends_with('=') => "[HASH]".to_owned(),
        24 if word.ends_with("==") => "[SALT]".to_owned(),
        // NAME+IDENTIFIER+KEY
        len @ 54.. if word.as_bytes()[len - 45] == b'+' && hex(&word[len - 53..len - 45]) => {
            format!("{}[KEY]", &word[..len - 53])
        }
        _ => word.to_owned(),
    }
}

/// A time of this run; others were written by the test.
fn is_time(text: &str) -> bool {
    let time = text.get(..20).and_then(|t| Time::parse(t).ok());
    time.is_some_and(|t| t.date().days_since(now().date()).abs() <= 1)
}

fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Time::from_unix(since.as_secs() as i64).unwrap()
}
