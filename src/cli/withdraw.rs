//! `deedbook withdraw`

use super::context::Context;
use super::error::CliError;
use super::output::{Answer, AnswersFile, refuse_input};
use super::progress::Watch;
use super::source::{Reading, work};
use crate::ledger::LedgerError;
use crate::ledger::Why;
use crate::ledger::withdraw::{Listed, Which, Withdrawn, withdraw};
use crate::report::answers::{CHECKED, Unanswered};
use crate::report::withdraw::Report;
use crate::statement::Name;

/// What leaves.
const WHAT: &str = "What leaves";

#[derive(clap::Args)]
#[command(
    group = clap::ArgGroup::new("what").required(true).args(["works", "sources", "batch"]),
    after_help = "Examples:
  deedbook withdraw books --work isbn:9780306406157 \\
      --because rightsholder-request --note 'letter of 3 November'
  deedbook withdraw books --works opt-outs.csv --because opt-out --dry-run
  deedbook withdraw books --works opt-outs.csv --because opt-out \\
      --report found.csv
  deedbook withdraw books --batch 12 --because mistaken-batch"
)]
pub(crate) struct Args {
    /// The dataset that they shall leave
    dataset: String,
    /// A work, as SCHEME:VALUE, which must be in the dataset; may be given again
    #[arg(long = "work", value_name = "ID", help_heading = WHAT)]
    works: Vec<String>,
    /// A catalogue, folder or file: those of its works that are in the dataset; may be given again
    #[arg(long = "works", value_name = "SOURCE", help_heading = WHAT)]
    sources: Vec<String>,
    /// All that is left of a batch, by the log index of its screening
    #[arg(long, value_name = "ENTRY", help_heading = WHAT)]
    batch: Option<u64>,
    /// Why, as a code of your own, such as opt-out
    #[arg(long, value_name = "CODE")]
    because: String,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Say what would leave, and record nothing
    #[arg(long)]
    dry_run: bool,
    /// With --works: write for each work whether it was in the dataset to this file: a table if it ends in .csv, else
    /// JSON lines
    #[arg(long, value_name = "FILE", requires = "sources")]
    report: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let dataset = super::dataset::name(&args.dataset)?;
    let why = Why { because: args.because.clone(), note: args.note.clone() };
    let mut unanswered = Unanswered::default();
    let withdrawn = match args.batch {
        Some(entry) => withdraw(context.writer()?, &dataset, Which::Batch(entry), why.clone(), args.dry_run)?,
        None if args.sources.is_empty() => {
            let named = args.works.iter().map(|id| work(id)).collect::<Result<_, _>>()?;
            withdraw(context.writer()?, &dataset, Which::Named(named), why.clone(), args.dry_run)?
        }
        None => listed(context, &args, &dataset, &why, &mut unanswered)?,
    };
    let report = Report::new(&withdrawn, &dataset, why);
    Ok(Answer::new(&report, report.text(&unanswered)))
}

fn listed(
    context: &Context,
    args: &Args,
    dataset: &Name,
    why: &Why,
    unanswered: &mut Unanswered,
) -> Result<Withdrawn, CliError> {
    if let Some(report) = &args.report {
        refuse_input(report, &args.sources)?;
        if report == "-" {
            return Err(CliError::trouble("--report goes to a file").hint("name one; stdout has the counts"));
        }
    }
    let map = args.reading.map()?;
    let sources = args.sources.iter().map(|s| args.reading.open(s, false)).collect::<Result<Vec<_>, _>>()?;
    let writer = context.writer()?;
    let watch = Watch::start(context, "withdrawing");
    let mut file = args.report.as_deref().map(|path| AnswersFile::create(path, &CHECKED)).transpose()?;
    let path = args.report.clone().unwrap_or_default();
    let mut each = |answer: &_| {
        unanswered.see(answer);
        let written = file.as_mut().map_or(Ok(()), |file| file.answers.checked(answer));
        written.map_err(|error| LedgerError::Io { path: path.clone(), error })
    };
    let progress = watch.progress().clone();
    let listed = Listed { sources, map, progress, each: &mut each };
    let withdrawn = withdraw(writer, dataset, Which::Listed(listed), why.clone(), args.dry_run)?;
    drop(watch);
    if let Some(file) = file {
        let state = if args.dry_run { "nothing was recorded" } else { "the withdrawal was recorded" };
        file.keep().map_err(|error| error.hint(format!("{state}; only the report is missing")))?;
    }
    Ok(withdrawn)
}
