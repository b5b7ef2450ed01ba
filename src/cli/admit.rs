//! `deedbook admit`

use super::context::Context;
use super::error::CliError;
use super::output::{Answer, Lines, refuse_input};
use super::progress::Watch;
use super::source::Reading;
use crate::ledger::LedgerError;
use crate::ledger::admit::{Options, admit};
use crate::ledger::source::{Input, Source};
use crate::ledger::works::release_works;
use crate::licence::{MAX_RULES_LEN, Rules};
use crate::report::admit::Report;
use crate::statement::ReleaseName;
use crate::statement::screening::ListKind;
use std::cell::RefCell;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

/// What decides.
const GATE: &str = "The gate";

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook admit books catalogue.csv
  deedbook admit books catalogue.csv --dry-run
  deedbook admit songs music/ --catalogue songs.csv
  deedbook admit books catalogue.csv --grant north-press-2026 \\
      --report not-admitted.jsonl
  deedbook admit books catalogue.csv --deny SHA256SUMS --override decided.csv
  deedbook admit books catalogue.csv --map ISBN13=isbn --map Shelf=ignore
  zcat works.jsonl.gz | deedbook admit books - --format jsonl --all-or-nothing")]
pub(crate) struct Args {
    /// The dataset that they shall enter
    dataset: String,
    /// Folders, files, catalogues (.csv, .tsv or .jsonl files, or - for stdin) or a release: DATASET@VERSION
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<String>,
    /// Only this grant counts; may be given again
    #[arg(long = "grant", value_name = "ID", help_heading = GATE)]
    grants: Vec<String>,
    /// What describes the folder's files: a catalogue, joined to them by its column `path`, or a machine-readable Debian
    /// `copyright` file, whose patterns fit them
    #[arg(long, value_name = "FILE")]
    catalogue: Option<String>,
    /// Read every file again, even those that nothing has touched since an earlier run
    #[arg(long)]
    reread: bool,
    /// Rules for open licences, instead of those that ship with the program
    #[arg(long, value_name = "FILE", help_heading = GATE)]
    rules: Option<String>,
    /// A list of works to refuse: a catalogue, or one identifier or digest a line (as sha256sum prints them)
    #[arg(long, value_name = "FILE", help_heading = GATE)]
    deny: Vec<String>,
    /// A list of works whose rights are reserved (opt-outs): refused too
    #[arg(long, value_name = "FILE", help_heading = GATE)]
    reserve: Vec<String>,
    /// A catalogue of works that a person lets in against the gate, with the columns `who` and `because`
    #[arg(long = "override", value_name = "FILE", help_heading = GATE)]
    overrides: Option<String>,
    /// Decide, and record nothing
    #[arg(long)]
    dry_run: bool,
    /// Record nothing unless every work is admitted (or there already)
    #[arg(long)]
    all_or_nothing: bool,
    /// Write the works not admitted, and why, to this file too (JSON lines)
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
    /// Exit with 1 unless this holds (a work that is there already counts as admitted)
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    require: Vec<Require>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq)]
enum Require {
    AllAdmitted,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let started = Instant::now();
    let dataset = super::dataset::name(&args.dataset)?;
    let joined = args.catalogue.as_slice();
    let overrides = args.overrides.as_slice();
    let inputs = [&args.sources[..], joined, &args.deny, &args.reserve, overrides].concat();
    if let Some(report) = &args.report {
        refuse_input(report, &inputs)?;
    }
    if inputs.iter().filter(|input| *input == "-").count() > 1 {
        return Err(CliError::trouble("stdin can be read only once").hint("put the other source into a file"));
    }
    let map = args.reading.map()?;
    let rules = rules(args.rules.as_deref())?;
    let list = |kind: ListKind| {
        let reading = args.reading.clone();
        move |file: &String| Ok::<_, CliError>((kind, reading.open_list(file)?))
    };
    let mut lists = args.deny.iter().map(list(ListKind::Deny)).collect::<Result<Vec<_>, _>>()?;
    lists.extend(args.reserve.iter().map(list(ListKind::Reserve)).collect::<Result<Vec<_>, _>>()?);
    let overrides = args.overrides.as_deref().map(|file| args.reading.open_catalogue(file)).transpose()?;
    let grants = args.grants.iter().map(|g| super::dataset::name(g)).collect::<Result<_, _>>()?;
    let sources = args.sources.iter().map(|s| open(context, &args.reading, s)).collect::<Result<Vec<_>, _>>();
    let mut sources = sources.map_err(|error| in_order(error, &args))?;
    for source in &mut sources {
        if let Source::Files(folder) = source {
            folder.reread = args.reread;
        }
    }
    if let Some(file) = &args.catalogue {
        join(&mut sources, args.reading.open_catalogue(file)?)?;
    }
    // Waiting for another writer can be interrupted like any command: nothing has begun yet.
    let writer = context.writer()?;
    let watch = match args.report.as_deref() {
        Some("-") => Watch::unseen(),
        _ => Watch::start(context, if args.dry_run { "screening" } else { "admitting" }),
    };
    // The report is a file of the user's: it appears whole, once the batch is decided.
    let file = args.report.as_deref().map(Lines::create).transpose()?;
    let file = Rc::new(RefCell::new(file));
    let report: Option<Box<dyn Write>> =
        if args.report.is_some() { Some(Box::new(Shared(Rc::clone(&file)))) } else { None };
    let options = Options {
        grants,
        rules,
        lists,
        overrides,
        map,
        dry_run: args.dry_run,
        all_or_nothing: args.all_or_nothing,
        report,
        progress: watch.progress().clone(),
    };
    let outcome = admit(writer, &dataset, sources, options)?;
    drop(watch);
    if let Some(file) = file.take() {
        let state = if outcome.recorded { "the batch was recorded" } else { "nothing was recorded" };
        file.keep().map_err(|error| error.hint(format!("{state}; only this copy of the report is missing")))?;
    }
    if context.talks() && !outcome.ignored.is_empty() {
        context.remark(&format!("columns that mean nothing here: {}", outcome.ignored.join(", ")));
    }
    let not_recorded = args.all_or_nothing && !outcome.recorded && !args.dry_run;
    let all_admitted = outcome.tally.refused == 0 && outcome.tally.held == 0;
    let unmet = args.require.contains(&Require::AllAdmitted) && !all_admitted;
    let report = Report::new(&outcome, started.elapsed());
    let folder = context.folder()?;
    let kept = report.report.iter().map(|file| from_here(&folder, file));
    let reports: Vec<String> = kept.chain(args.report.clone().filter(|file| file != "-")).collect();
    let mut text = report.text(&outcome, dataset.as_str(), args.dry_run, &reports);
    if unmet {
        text += "\nNOT MET: every work admitted, or there already\n";
    }
    if args.report.as_deref() == Some("-") {
        context.remark_lines(&text);
        return Ok(Answer::nothing().no(not_recorded || unmet));
    }
    Ok(Answer::new(&report, text).no(not_recorded || unmet))
}

/// A file of the ledger's, as it is reached from the current folder.
fn from_here(ledger: &Path, file: &str) -> String {
    let here = std::env::current_dir().is_ok_and(|here| here == ledger);
    if here { file.to_owned() } else { ledger.join(file).display().to_string() }
}

/// Who names a file first and the dataset after it is told the order.
fn in_order(error: CliError, args: &Args) -> CliError {
    let swapped = Path::new(&args.dataset).exists() && args.sources.iter().any(|source| !Path::new(source).exists());
    if swapped { error.hint("the dataset comes first: `deedbook admit DATASET SOURCE...`") } else { error }
}

/// Opens a SOURCE, which may be a release here.
fn open(context: &Context, reading: &Reading, source: &str) -> Result<Source, CliError> {
    match ReleaseName::parse(source) {
        Ok(name) if !Path::new(source).exists() => {
            let works = release_works(&context.view()?, &name)?;
            Ok(Source::Release(name, Box::new(works)))
        }
        _ => reading.open(source, true),
    }
}

/// Joins a catalogue to the one folder that there is.
fn join(sources: &mut [Source], catalogue: Input) -> Result<(), CliError> {
    match sources {
        [Source::Files(folder)] if folder.path.is_dir() => {
            folder.catalogue = Some(catalogue);
            Ok(())
        }
        _ => Err(CliError::trouble("--catalogue describes the files of one folder")
            .hint("give one folder as SOURCE; a catalogue without files is a SOURCE itself")),
    }
}

fn rules(file: Option<&str>) -> Result<Rules, CliError> {
    let Some(file) = file else { return Ok(Rules::default_rules()) };
    let bytes = super::source::read_file(file, MAX_RULES_LEN as u64)?;
    Ok(Rules::parse(&bytes).map_err(|error| LedgerError::File { path: file.to_owned(), error: Box::new(error) })?)
}

/// The report's file, which `admit` writes to and this command keeps.
struct Shared(Rc<RefCell<Option<Lines>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().as_mut().map_or(Ok(bytes.len()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.borrow_mut().as_mut().map_or(Ok(()), |file| file.flush())
    }
}
