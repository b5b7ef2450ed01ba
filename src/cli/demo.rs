//! `deedbook demo`: the whole story on works that ship with the program.
//!
//! It calls what the commands call. Time, randomness and key are fixed, so that the transcript is the same everywhere;
//! the key is known to everybody, so the ledger that it leaves is for looking at only.

use super::context::Context;
use super::error::CliError;
use super::output::Answer;
use crate::ingest::{Format, Progress};
use crate::ledger::admit::{Options, admit};
use crate::ledger::dataset::{self, NewDataset};
use crate::ledger::grant;
use crate::ledger::prove::prove;
use crate::ledger::seal::seal;
use crate::ledger::source::{Input, Source};
use crate::ledger::{self, LedgerError, Now, View, Writer};
use crate::licence::{self, Rules};
use crate::report;
use crate::statement::screening::ListKind;
use crate::statement::{Identifier, Layer, Name, Purpose, ReleaseName, Time, Use};
use crate::tlog::{KeyKind, SigningKey, VerifierKey};
use crate::verify::{self, Question, Trust, Verdict};
use std::path::{Path, PathBuf};
use std::time::Duration;

const ORIGIN: &str = "demo.example/deeds";
const SONGS: &str = include_str!("../../examples/demo/songs.csv");
const OPT_OUTS: &str = include_str!("../../examples/demo/opt-outs.csv");
const GRANTS: [(&str, &str); 4] = [
    ("meridian-2026.toml", include_str!("../../examples/demo/meridian-2026.toml")),
    ("low-tide-2025.toml", include_str!("../../examples/demo/low-tide-2025.toml")),
    ("choir-society.toml", include_str!("../../examples/demo/choir-society.toml")),
    ("harbour.toml", include_str!("../../examples/demo/harbour.toml")),
];
/// A song that was admitted, and one that was refused.
const ASKED: [&str; 2] = ["isrc:QZDEE2600003", "isrc:QZDEE2600007"];

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  deedbook demo\n  deedbook demo songs && deedbook --ledger songs log status")]
pub(crate) struct Args {
    /// Keep the ledger in this new folder; without it, it is made in a temporary one and removed
    dir: Option<PathBuf>,
}

pub(crate) fn run(_context: &Context, args: Args) -> Result<Answer, CliError> {
    let (dir, temporary) = match args.dir {
        Some(dir) => (dir, false),
        None => (std::env::temp_dir().join(format!("deedbook-demo-{}", std::process::id())), true),
    };
    let told = tell(&dir);
    if temporary {
        // Whatever happened, nothing is left behind.
        let _ = std::fs::remove_dir_all(&dir);
    }
    let (mut text, mut report) = told?;
    if !temporary {
        let shown = dir.display().to_string();
        text += &format!("\nThe ledger is in {shown}. Look around:\n");
        for command in ["log status", "grant list", "show songs@2026-01", "show isrc:QZDEE2600003", "log fsck"] {
            text += &format!("  deedbook --ledger {shown} {command}\n");
        }
        report.ledger = Some(shown);
    }
    Ok(Answer::new(&report, text))
}

/// A step's time and randomness: minutes from a fixed morning on.
fn at(step: u8) -> Result<Now, CliError> {
    let at = Time::parse(&format!("2026-01-15T09:{step:02}:00Z"))
        .map_err(|error| CliError::trouble("the demo's clock is wrong").because(error))?;
    Ok(Now { at, seed: [step; 32] })
}

fn name(text: &str) -> Result<Name, CliError> {
    super::dataset::name(text)
}

fn csv(file: &str, text: &'static str) -> Input {
    Input { name: file.to_owned(), format: Format::Csv, reader: Box::new(text.as_bytes()).into(), len: None }
}

fn writer(dir: &Path, step: u8) -> Result<Writer, CliError> {
    Ok(Writer::open(dir, at(step)?, false)?)
}

fn tell(dir: &Path) -> Result<(String, report::demo::Report), CliError> {
    let mut story =
        String::from("Deedbook, the whole story, on invented songs (examples/demo). Times and key are fixed.\n");
    let key = SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[42; 32])
        .map_err(|error| CliError::trouble("the demo's key is wrong").because(error))?;
    let verifier = key.verifier().clone();

    story += &step(1, "A lab opens a ledger", &format!("deedbook init LEDGER --origin {ORIGIN}"));
    ledger::init::init(dir, key, None, at(0)?)?;
    story += &format!("verifier key  {verifier}\n");

    story += &step(
        2,
        "It declares a dataset and what it is for: the gate will ask every grant for this",
        "deedbook dataset new songs --use generative-training --purpose commercial --layer composition --layer master",
    );
    dataset::new(writer(dir, 1)?, songs()?)?;
    let (entry, declared) = View::open(dir)?.dataset(&name("songs")?)?;
    story += &report::dataset::Declared::new(entry, &declared).text();

    story += &step(3, "It records the contracts that it has", "deedbook grant add TERMS.toml");
    for (step, (file, terms)) in (2..).zip(GRANTS) {
        add_grant(dir, step, file, terms)?;
    }
    story += &report::grant::List::new(&grant::list(&View::open(dir)?)?).text();

    story += &step(
        4,
        "It screens a catalogue: what no grant covers for this purpose does not enter",
        "deedbook admit songs songs.csv --reserve opt-outs.csv",
    );
    let outcome =
        admit(writer(dir, 10)?, &name("songs")?, vec![Source::Catalogue(csv("songs.csv", SONGS))], options())?;
    let admitted = report::admit::Report::new(&outcome, Duration::ZERO);
    let kept: Vec<String> = admitted.report.iter().map(|file| format!("LEDGER/{file}")).collect();
    story += &admitted.text(&outcome, "songs", false, &kept);

    story += &step(5, "It seals a release", "deedbook seal songs 2026-01");
    let release = ReleaseName { dataset: name("songs")?, version: name("2026-01")? };
    let sealed = seal(writer(dir, 11)?, &release)?;
    story += &report::seal::Report::new(&release, &sealed, Duration::ZERO).text(&release);

    story += &step(
        6,
        "Asked about two songs, it hands over one file",
        &format!("deedbook prove songs@2026-01 --work {} --work {} -o songs.proof", ASKED[0], ASKED[1]),
    );
    let works = ASKED.map(|id| Identifier::parse(id).map(|id| vec![id]));
    let works = works.into_iter().collect::<Result<Vec<_>, _>>();
    let works = works.map_err(|error| CliError::trouble("the demo's question is wrong").because(error))?;
    let proven = prove(&View::open(dir)?, &release, &works)?;
    story += &report::prove::Report::new("songs.proof", &proven, 0).text(&report::answers::Unanswered::default());

    story += &step(
        7,
        "A stranger verifies it with nothing but the file and the verifier key",
        &format!("deedbook verify songs.proof --key {verifier} --work {} --work {}", ASKED[0], ASKED[1]),
    );
    let question = Question { release: Some(release), works: Some(works), at: None };
    let (words, verified) = ask(&proven.bytes, &verifier, &question)?;
    story += &words;
    let verdicts = verified.ok_or_else(|| CliError::trouble("the demo's own proof does not verify"))?;

    story += &step(8, "Someone forges it", "deedbook verify forged.proof ...");
    let mut refused = 0;
    let forgeries = forgeries(&proven.bytes)?;
    let tried = forgeries.len() as u64;
    for (what, bytes) in forgeries {
        let (words, verified) = ask(&bytes, &verifier, &question)?;
        refused += u64::from(verified.is_none());
        story += &format!("{what}\n  {}\n", words.lines().next().unwrap_or_default());
    }
    let absent = verdicts.iter().filter(|v| **v == Verdict::Absent).count() as u64;
    let present = verdicts.len() as u64 - absent;
    let (admitted, refused_works, held) = (outcome.tally.admitted, outcome.tally.refused, outcome.tally.held);
    let report = report::demo::Report {
        absent,
        admitted,
        forgeries_refused: refused,
        forgeries_tried: tried,
        held,
        ledger: None,
        present,
        refused: refused_works,
    };
    Ok((story, report))
}

fn step(number: u8, what: &str, command: &str) -> String {
    format!("\n{number}. {what}\n   $ {command}\n\n")
}

fn songs() -> Result<NewDataset, CliError> {
    Ok(NewDataset {
        id: name("songs")?,
        uses: vec![Use::GenerativeTraining].into(),
        purpose: Purpose::Commercial,
        layers: vec![Layer::Composition, Layer::Master].into(),
        territories: Vec::new().into(),
        models: Vec::new().into(),
        title: None,
    })
}

fn add_grant(dir: &Path, step: u8, file: &str, terms: &str) -> Result<(), CliError> {
    let in_file = |error| LedgerError::File { path: file.to_owned(), error: Box::new(error) };
    let terms = licence::read_terms(terms.as_bytes(), licence::Format::Toml).map_err(in_file)?;
    grant::add(writer(dir, step)?, terms, None, &[], false)?;
    Ok(())
}

fn options() -> Options {
    Options {
        grants: Vec::new(),
        rules: Rules::default_rules(),
        lists: vec![(ListKind::Reserve, csv("opt-outs.csv", OPT_OUTS))],
        overrides: None,
        map: Vec::new(),
        dry_run: false,
        all_or_nothing: false,
        report: None,
        progress: Progress::default(),
    }
}

/// What `verify` says, and the verdicts if the proof is valid.
fn ask(bytes: &[u8], key: &VerifierKey, question: &Question) -> Result<(String, Option<Vec<Verdict>>), CliError> {
    let trust = Trust::log(key.clone()).map_err(|error| CliError::trouble("the demo's key is wrong").because(error))?;
    Ok(match verify::verify(bytes, &trust, question) {
        Ok(facts) => {
            let verdicts = facts.works.iter().map(|w| w.verdict).collect();
            let rows = report::verify::rows(&[], &facts);
            (report::verify::Report::new(&facts, &rows).text(Some((&facts, &rows))), Some(verdicts))
        }
        Err(error) => (report::verify::Report::invalid(&error).text(None), None),
    })
}

/// What a cheat might try: (in words, the file).
fn forgeries(honest: &[u8]) -> Result<Vec<(&'static str, Vec<u8>)>, CliError> {
    let text = std::str::from_utf8(honest).map_err(|error| CliError::trouble("a proof is UTF-8").because(error))?;
    // An admission of the refused song, made of the admitted one's; the rows are left as they are.
    let admitted = text.replace("QZDEE2600003", "QZDEE2600007");
    // The end of the year in which the grant ends moved on.
    let longer = text.replace("2028-01-01", "2038-01-01");
    // The row that shows the song dropped.
    let mut file = verify::ProofFile::parse(honest)
        .map_err(|error| CliError::trouble("the demo's own proof cannot be read").because(error))?;
    for table in &mut file.tables {
        table.rows.truncate(1);
    }
    Ok(vec![
        ("The refused song is written in place of the admitted one:", admitted.into_bytes()),
        ("The contract's term is made ten years longer:", longer.into_bytes()),
        ("Rows are left out, to hide a song:", file.print()),
    ])
}
