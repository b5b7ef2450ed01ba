//! `deedbook run`

use super::context::Context;
use super::dataset::{model, territory, word, words};
use super::error::CliError;
use super::output::Answer;
use super::progress::Watch;
use crate::ledger::run::{self, Declared};
use crate::report::run::{Added, List};
use crate::statement::vocabulary::{Purpose, Use};
use crate::statement::{Date, Time};
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Bind a model to the releases that it was, or will be, trained on, if their grants cover that
    Add(Box<Add>),
    /// List the runs
    #[command(after_help = "Example:\n  deedbook run list")]
    List,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook run add --model sonata@2 --release songs@2026-01 \\
      --purpose commercial --use generative-training \\
      --start 2026-02-01 --end 2026-03-15
  deedbook run add --model sonata@2 --release songs@2026-01 --release books@7 \\
      --purpose research --use ai-training --start 2026-02-01T09:00:00Z \\
      --end 2026-02-03T17:30:00Z --weights sonata-2.safetensors")]
pub(crate) struct Add {
    /// The model, as NAME@VERSION
    #[arg(long, value_name = "NAME@VERSION")]
    model: String,
    /// A release that it was trained on, as DATASET@VERSION; may be given again
    #[arg(long = "release", required = true, value_name = "DATASET@VERSION")]
    releases: Vec<String>,
    /// To what end it was trained
    #[arg(long, value_parser = super::words::Words::of(Purpose::ALL, Purpose::word))]
    purpose: String,
    /// What was done with the works; may be given again
    #[arg(long = "use", required = true, value_parser = super::words::Words::of(Use::ALL, Use::word))]
    uses: Vec<String>,
    /// Where it was done, as a country (DE) or worldwide; absent: worldwide
    #[arg(long = "territory", value_name = "TERRITORY")]
    territories: Vec<String>,
    /// When it started: a day, or YYYY-MM-DDThh:mm:ssZ
    #[arg(long, value_name = "TIME")]
    start: String,
    /// When it ended, or will: the first moment after it
    #[arg(long, value_name = "TIME")]
    end: String,
    /// A file or folder of the weights, whose digests are recorded; may be given again
    #[arg(long, value_name = "FILE")]
    weights: Vec<PathBuf>,
    /// Record it although grants are missing, with what is missing and why
    #[arg(long, requires = "because")]
    record_gaps: bool,
    /// Why it is recorded all the same
    #[arg(long, requires = "record_gaps", value_name = "WHY")]
    because: Option<String>,
    /// Ask, and record nothing
    #[arg(long)]
    dry_run: bool,
    /// Write what is found for each admission to this file: a table if it ends in .csv, else JSON lines; - for stdout
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Answer, CliError> {
    match command {
        Command::Add(args) => add(context, *args),
        Command::List => {
            let list = List::new(&run::list(&context.view()?)?);
            Ok(Answer::new(&list, list.text()))
        }
    }
}

fn add(context: &Context, args: Add) -> Result<Answer, CliError> {
    let weights = {
        let watch = Watch::start(context, "hashing");
        run::weights(&args.weights, watch.progress())?
    };
    let declared = Declared {
        model: model(&args.model)?,
        releases: args.releases.iter().map(|r| context.release(r)).collect::<Result<_, _>>()?,
        purpose: word(&args.purpose, "purpose", Purpose::ALL, Purpose::word)?,
        uses: words(&args.uses, "use", Use::ALL, Use::word)?,
        territories: args.territories.iter().map(|t| territory(t)).collect::<Result<_, _>>()?,
        start: time("--start", &args.start)?,
        end: time("--end", &args.end)?,
        weights,
        despite_gaps: args.because,
        dry_run: args.dry_run,
    };
    let judged = run::add(context.writer()?, declared)?;
    let added = Added::new(&judged);
    let mut text = added.text();
    let no = !added.covered && !added.recorded;
    if no && args.report.is_none() {
        text += "\n`--report FILE` lists each work; `--record-gaps --because WHY` records the run with its gaps\n";
    }
    if let Some(path) = &args.report {
        super::coverage::list(&context.view()?, &judged.parts, path)?;
    }
    if args.report.as_deref() == Some("-") {
        context.remark_lines(&text);
        return Ok(Answer::nothing().no(no));
    }
    Ok(Answer::new(&added, text).no(no))
}

/// A time, or the day that begins then.
fn time(option: &str, text: &str) -> Result<Time, CliError> {
    let day = || Date::parse(text).map(Date::start);
    Time::parse(text).or_else(|_| day()).map_err(|_| {
        CliError::trouble(format!("{option}: {text:?} is no time"))
            .hint("write a day as 2026-02-01, or a time as 2026-02-01T09:00:00Z")
    })
}
