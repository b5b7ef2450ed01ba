//! A small lab for the tests: ledgers in temporary folders, with fixed times, seeds and keys.

use deedbook::ingest::Format;
use deedbook::ledger::admit::{Options, Outcome, admit};
use deedbook::ledger::dataset::{self, NewDataset};
use deedbook::ledger::prove::{Proven, prove};
use deedbook::ledger::seal::{Sealed, seal};
use deedbook::ledger::sign::sign;
use deedbook::ledger::source::Input;
use deedbook::ledger::{LedgerError, Now, View, Writer, grant, init};
use deedbook::licence::{self, Rules};
use deedbook::statement::screening::ListKind;
use deedbook::statement::withdrawal::IndexRange;
use deedbook::statement::{
    Erasure, Identifier, Is, Layer, Name, Purpose, ReleaseName, Set, Statement, Time, Use, V1, Withdrawal,
};
use deedbook::storage::Disk;
use deedbook::tlog::tile::{decode_bundle, encode_entry};
use deedbook::tlog::{KeyKind, SigningKey};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use tempfile::TempDir;

pub const ORIGIN: &str = "lab.example/deeds";

pub struct Lab {
    pub dir: TempDir,
    pub disk: Disk,
    step: Cell<u8>,
}

/// A temporary folder, in memory where the system has such a place: these tests sync a great deal.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory).unwrap() } else { TempDir::new().unwrap() }
}

pub fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[7; 32]).unwrap()
}

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn release(text: &str) -> ReleaseName {
    ReleaseName::parse(text).unwrap()
}

pub fn id(text: &str) -> Identifier {
    Identifier::parse(text).unwrap()
}

pub fn now(step: u8) -> Now {
    let at = Time::parse(&format!("2026-02-{:02}T08:{:02}:00Z", 1 + step / 60, step % 60)).unwrap();
    Now { at, seed: [step; 32] }
}

pub fn csv(text: &str) -> Input {
    let reader = Box::new(Cursor::new(text.to_owned().into_bytes()));
    Input { name: "works.csv".to_owned(), format: Format::Csv, reader: reader.into(), len: None }
}

pub fn options() -> Options {
    Options {
        grants: Vec::new(),
        rules: Rules::default_rules(),
        lists: Vec::new(),
        overrides: None,
        map: Vec::new(),
        dry_run: false,
        all_or_nothing: false,
        report: None,
        progress: deedbook::ingest::Progress::default(),
    }
}

impl Lab {
    pub fn new() -> Lab {
        let dir = folder();
        let disk = Disk::open(dir.path()).unwrap();
        Lab::on(dir, disk)
    }

    pub fn on(dir: TempDir, disk: Disk) -> Lab {
        init::init_on(&disk, key(), None, now(0)).unwrap();
        Lab { dir, disk, step: Cell::new(1) }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn writer(&self) -> Writer {
        // Waiting, since a process that another test is about to start holds this one's lock until it runs.
        Writer::on(&self.disk, self.now(), true).unwrap()
    }

    pub fn now(&self) -> Now {
        self.step.set(self.step.get() + 1);
        now(self.step.get() - 1)
    }

    pub fn view(&self) -> View {
        View::open(self.path()).unwrap()
    }

    pub fn dataset(&self, id: &str, purpose: Purpose, uses: &[Use], layers: &[Layer]) -> u64 {
        let new = NewDataset {
            id: name(id),
            uses: uses.iter().copied().collect(),
            purpose,
            layers: layers.iter().copied().collect(),
            territories: Set::new(),
            models: Set::new(),
            title: None,
        };
        dataset::new(self.writer(), new).unwrap().0
    }

    pub fn books(&self) -> u64 {
        self.dataset("books", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text])
    }

    pub fn grant(&self, toml: &str) -> u64 {
        let terms = licence::read_terms(toml.as_bytes(), licence::Format::Toml).unwrap();
        grant::add(self.writer(), terms, None, &[], false).unwrap().listed.index
    }

    /// A grant that its licensor signed for this log: the terms as they are, but for licensor and licensee.
    pub fn signed_grant(
        &self,
        licensor: &SigningKey,
        subject: &str,
        changes: &[(&str, &str)],
        works: Option<&str>,
    ) -> u64 {
        let log = format!("{{ name = \"Lab\", log = \"{}\" }}", key().verifier().short());
        let whose = "{ name = \"North Press\", ids = [\"id:example/press\"] }";
        let changes = [changes, &[("licensor", whose), ("licensee", &log)]].concat();
        let toml = contract("press", subject, &changes);
        let terms = licence::read_terms(toml.as_bytes(), licence::Format::Toml).unwrap();
        let signed = sign(terms, works.map(csv), &[], licensor).unwrap();
        grant::add_signed(self.writer(), &signed.envelope, works.map(csv), &[], false).unwrap().listed.index
    }

    pub fn admit(&self, dataset: &str, text: &str) -> Outcome {
        self.try_admit(dataset, text, options()).unwrap()
    }

    pub fn try_admit(&self, dataset: &str, text: &str, options: Options) -> Result<Outcome, LedgerError> {
        admit(self.writer(), &name(dataset), vec![csv(text).into()], options)
    }

    pub fn list(kind: ListKind, text: &str) -> (ListKind, Input) {
        (kind, csv(text))
    }

    pub fn seal(&self, text: &str) -> Sealed {
        seal(self.writer(), &release(text)).unwrap()
    }

    pub fn prove(&self, text: &str, ids: &[&str]) -> Proven {
        let works: Vec<Vec<Identifier>> = ids.iter().map(|i| vec![id(i)]).collect();
        prove(&self.view(), &release(text), &works).unwrap()
    }

    /// Appends statements as they are and commits.
    pub fn append(&self, make: impl Fn(&Writer) -> Statement) -> u64 {
        let mut writer = self.writer();
        let statement = make(&writer);
        let index = writer.append(&statement).unwrap();
        writer.commit(true).unwrap();
        index
    }

    /// Withdraws one admission of a dataset.
    pub fn withdraw(&self, dataset: u64, first: u64) {
        self.append(|w| {
            let (at, salt, because) = (w.now(), w.salt(), "request".to_owned());
            let entries = vec![IndexRange { count: 1, first }];
            Statement::Withdrawal(Withdrawal { at, because, dataset, entries, kind: Is, note: None, salt, v: V1 })
        });
    }

    /// Erases an entry: says so, and takes its text out of every bundle that has it; its leaf hash stays in the tiles.
    pub fn erase(&self, entry: u64) {
        self.append(|w| {
            let (at, because, salt) = (w.now(), "court order".to_owned(), w.salt());
            Statement::Erasure(Erasure { at, because, entry, kind: Is, salt, v: V1 })
        });
        self.remove_text(entry);
    }

    /// Takes an entry's text away.
    pub fn remove_text(&self, index: u64) {
        for (path, bytes) in files(self.path()).into_iter().filter(|(path, _)| path.starts_with("entries/")) {
            let number = path.trim_start_matches("entries/").split(".p/").next().unwrap();
            let first = 256 * number.replace(['x', '/'], "").parse::<u64>().unwrap();
            let width = path.split_once(".p/").map_or(256, |(_, width)| width.parse().unwrap());
            let mut bundle = Vec::new();
            for (entry, at) in decode_bundle(&bytes, width).unwrap().into_iter().zip(first..) {
                encode_entry(&mut bundle, if at == index { b"" } else { entry }).unwrap();
            }
            std::fs::write(self.path().join(path), bundle).unwrap();
        }
    }

    pub fn fsck(&self) -> Vec<String> {
        deedbook::ledger::fsck::fsck(self.path(), now(59)).unwrap().damage
    }
}

/// Every file below a folder, by its relative path.
pub fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, dir: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(root, root, &mut found);
    found
}

/// ISBNs by number, with their check digit.
pub fn isbn(n: u64) -> String {
    let body = format!("978{n:09}");
    let sum: u32 = body.bytes().zip([1, 3].into_iter().cycle()).map(|(c, w)| u32::from(c - b'0') * w).sum();
    format!("isbn:{body}{}", (10 - sum % 10) % 10)
}

/// A catalogue of books under CC BY.
pub fn books(numbers: impl IntoIterator<Item = u64>) -> String {
    let mut text = "title,isbn,licence\n".to_owned();
    for n in numbers {
        text += &format!("Book {n},{},CC-BY-4.0\n", isbn(n).trim_start_matches("isbn:"));
    }
    text
}

/// Terms of a contract for text, with lines that replace or add to the usual ones.
pub fn contract(id: &str, subject: &str, changes: &[(&str, &str)]) -> String {
    let usual = [
        ("basis", "\"contract\""),
        ("licence", "\"LicenseRef-contract\""),
        ("layers", "[\"text\"]"),
        ("uses", "[\"generative-training\"]"),
        ("purposes", "[\"commercial\"]"),
        ("territories", "[\"worldwide\"]"),
        ("valid_from", "\"2026-01-01\""),
        ("valid_to", "\"2028-01-01\""),
        ("licensor", "{ name = \"North Press\", role = \"publisher\" }"),
        ("licensee", "{ name = \"Lab\" }"),
    ];
    let mut text = format!("id = \"{id}\"\n");
    for (field, value) in usual {
        if !changes.iter().any(|(f, _)| *f == field) {
            text += &format!("{field} = {value}\n");
        }
    }
    for (field, value) in changes.iter().filter(|(_, value)| !value.is_empty()) {
        text += &format!("{field} = {value}\n");
    }
    text + &format!("subject = {subject}\n")
}
