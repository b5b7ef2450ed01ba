//! The gate: `cargo bench --bench gate`. Decisions under 1,000 grants, ten of them with catalogues of 600,000 works, and a
//! deny list of a million; then such works taken through the whole of a dry run, which reads that list anew.
//!
//! Works come in batches as `admit` takes them; of each, half are in some catalogue, and one in a hundred is denied.

use deedbook::ingest::{Format, Progress};
use deedbook::ledger::admit::{Options, admit};
use deedbook::ledger::catalogue::open_catalogue;
use deedbook::ledger::dataset::{self, NewDataset};
use deedbook::ledger::gate::{Gate, Lists};
use deedbook::ledger::source::{BATCH_WORKS, Input, Opening, Source, Works};
use deedbook::ledger::{Now, View, Writer, grant, init};
use deedbook::licence::{self, Rules};
use deedbook::rows::{Key, work_key};
use deedbook::statement::vocabulary::{Code, Codes};
use deedbook::statement::{Date, Layer, Name, Purpose, Set, Time, Use};
use deedbook::storage::Disk;
use deedbook::tlog::{KeyKind, SigningKey};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use std::io::Cursor;
use std::sync::OnceLock;
use tempfile::TempDir;

const GRANTS: u64 = 1000;
const CATALOGUES: u64 = 10;
const CATALOGUE_WORKS: u64 = 600_000;
const DENIED: u64 = 1_000_000;
/// Works of a dry run.
const DRY_RUN: u64 = 500_000;

fn main() {
    divan::main();
}

fn csv(text: String) -> Input {
    let len = Some(text.len() as u64);
    Input {
        name: "bench.csv".to_owned(),
        format: Format::Csv,
        reader: Box::new(Cursor::new(text.into_bytes())).into(),
        len,
    }
}

fn now() -> Now {
    Now { at: Time::parse("2026-02-01T08:00:00Z").expect("a time"), seed: [1; 32] }
}

fn ids(numbers: impl Iterator<Item = u64>) -> String {
    let mut text = "id\n".to_owned();
    numbers.for_each(|n| text += &format!("bench/{n}\n"));
    text
}

fn terms(n: u64, subject: &str) -> licence::TermsFile {
    let text = format!(
        "id = \"grant-{n}\"\nbasis = \"contract\"\nlicence = \"LicenseRef-{n}\"\nlayers = [\"text\"]\n\
         uses = [\"generative-training\"]\npurposes = [\"commercial\"]\nterritories = [\"worldwide\"]\n\
         valid_from = \"2026-01-01\"\nlicensor = {{ name = \"Press {n}\" }}\nlicensee = {{ name = \"Lab\" }}\n\
         subject = {subject}\n"
    );
    licence::read_terms(text.as_bytes(), licence::Format::Toml).expect("terms")
}

/// A ledger with all those grants, made once.
fn ledger() -> &'static TempDir {
    static LEDGER: OnceLock<TempDir> = OnceLock::new();
    LEDGER.get_or_init(|| {
        let dir = TempDir::new().expect("a folder");
        let disk = Disk::open(dir.path()).expect("a folder");
        let key = SigningKey::from_seed("lab.example/bench", KeyKind::Ed25519, &[7; 32]).expect("a key");
        init::init_on(&disk, key, None, now()).expect("a ledger");
        let writer = || Writer::on(&disk, now(), false).expect("a writer");
        let new = NewDataset {
            id: Name::parse("books").expect("a name"),
            uses: [Use::GenerativeTraining].into_iter().collect(),
            purpose: Purpose::Commercial,
            layers: [Layer::Text].into_iter().collect(),
            territories: Set::new(),
            models: Set::new(),
            title: None,
        };
        dataset::new(writer(), new).expect("a dataset");
        for n in 0..GRANTS {
            let (subject, catalogue) = match n < CATALOGUES {
                true => {
                    let first = n * CATALOGUE_WORKS;
                    ("{ catalogue = \"c.csv\" }".to_owned(), Some(csv(ids(first..first + CATALOGUE_WORKS))))
                }
                false => (format!("{{ party = \"Press {n}\" }}"), None),
            };
            grant::add(writer(), terms(n, &subject), catalogue, &[], false).expect("a grant");
        }
        dir
    })
}

/// The number of a work: half of them are in a catalogue, spread over all.
fn number(n: u64) -> u64 {
    let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    spread % (2 * CATALOGUES * CATALOGUE_WORKS)
}

fn works(count: u64) -> String {
    let mut text = "id,publisher\n".to_owned();
    (0..count).for_each(|n| text += &format!("bench/{},Press {}\n", number(n), n % (2 * GRANTS)));
    text
}

/// A list of works of which one in a hundred is asked about.
fn denied() -> String {
    ids((0..DENIED).map(|n| if n < DENIED / 100 { number(n * 100) } else { n + 1_000_000_000 }))
}

/// What one batch takes, from the works read to what is decided about each.
#[divan::bench(sample_count = 20)]
fn decisions(bencher: Bencher) {
    let dir = ledger();
    let view = View::open(dir.path()).expect("a ledger");
    let (_, dataset) = view.dataset(&Name::parse("books").expect("a name")).expect("a dataset");
    let mut gate = Gate::open(&view, dataset, &[], Rules::default_rules()).expect("a gate");
    let deny = open_catalogue(view.disk(), csv(denied()), &[], |_| false).expect("a list");
    let lists = Lists(vec![(Code::Denied, deny.file)]);
    let progress = Progress::default();
    let mut source =
        Works::open(Source::from(csv(works(BATCH_WORKS as u64))), &Opening::new(&[], &progress)).expect("works");
    let mut works = Vec::new();
    source.next_chunk(&mut works).expect("works");
    let day = Date::parse("2026-02-01").expect("a day");
    bencher.counter(ItemsCount::new(works.len())).bench_local(|| {
        let mut keyed: Vec<(Key, usize)> = works
            .iter()
            .enumerate()
            .flat_map(|(i, w)| w.looked_up_by().map(move |id| (work_key(id.as_str()), i)))
            .collect();
        keyed.sort_unstable();
        let keys: Vec<Key> = keyed.iter().map(|(key, _)| *key).collect();
        let mut listed = vec![Vec::new(); works.len()];
        gate.join(&keys, |key, grant| listed[keyed[key].1].push(grant)).expect("catalogues");
        let mut codes = vec![Codes::NONE; works.len()];
        lists.join(&keys, |key, code| codes[keyed[key].1] = codes[keyed[key].1].with(code)).expect("lists");
        let admitted = works.iter().zip(listed).zip(codes).filter(|((work, listed), codes)| {
            codes.union(gate.decide(listed.iter().copied(), work, day).codes).is_empty()
        });
        black_box(admitted.count())
    });
}

/// A whole `admit --dry-run`: read, keyed, joined, decided, reported.
#[divan::bench(sample_count = 3)]
fn dry_run(bencher: Bencher) {
    let disk = Disk::open(ledger().path()).expect("a folder");
    let (catalogue, deny) = (works(DRY_RUN), ids(2_000_000_000..2_000_000_000 + DENIED));
    bencher.counter(ItemsCount::new(DRY_RUN)).bench_local(|| {
        let writer = Writer::on(&disk, now(), false).expect("a writer");
        let options = Options {
            grants: Vec::new(),
            rules: Rules::default_rules(),
            lists: vec![(deedbook::statement::screening::ListKind::Deny, csv(deny.clone()))],
            overrides: None,
            map: Vec::new(),
            dry_run: true,
            all_or_nothing: false,
            report: None,
            progress: Progress::default(),
        };
        let books = Name::parse("books").expect("a name");
        admit(writer, &books, vec![Source::from(csv(catalogue.clone()))], options).expect("a dry run").tally.admitted
    });
}
