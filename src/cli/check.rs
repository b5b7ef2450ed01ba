//! `deedbook check`

use super::context::Context;
use super::error::CliError;
use super::output::{Answer, AnswersFile, refuse_input};
use super::progress::Watch;
use super::source::Reading;
use crate::ledger::LedgerError;
use crate::ledger::check::check;
use crate::ledger::source::Opening;
use crate::report::answers::{CHECKED, Unanswered};
use crate::report::check::Report;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook check books@2026-11 rightsholder.csv
  deedbook check books@2026-11 rightsholder.csv --report answers.csv
  deedbook check books@2026-11 opt-outs.csv --require absent
  deedbook check songs@2026-11 music/")]
pub(crate) struct Args {
    /// The release
    #[arg(value_name = "DATASET@VERSION")]
    release: String,
    /// Folders, files or catalogues of the works asked, or - for stdin
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<String>,
    /// Write the answer for each work to this file: a table if it ends in .csv, else JSON lines; - for stdout
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
    /// Exit with 1 unless this holds for every work
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    require: Vec<Require>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq)]
enum Require {
    Present,
    Absent,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let release = context.release(&args.release)?;
    if let Some(report) = &args.report {
        refuse_input(report, &args.sources)?;
    }
    let map = args.reading.map()?;
    let sources = args.sources.iter().map(|s| args.reading.open(s, false)).collect::<Result<Vec<_>, _>>()?;
    let view = context.view()?;
    let to_stdout = args.report.as_deref() == Some("-");
    let watch = if to_stdout { Watch::unseen() } else { Watch::start(context, "checking") };
    let mut file = args.report.as_deref().map(|path| AnswersFile::create(path, &CHECKED)).transpose()?;
    let mut unanswered = Unanswered::default();
    let opening =
        Opening { map: &map, progress: watch.progress(), ledger: Some(view.disk()), remember: None, asks: true };
    let counts = check(&view, &release, sources, &opening, &mut |answer| {
        unanswered.see(answer);
        file.as_mut().map_or(Ok(()), |file| file.answers.checked(answer)).map_err(unwritten(&args.report))
    })?;
    drop(watch);
    file.map(AnswersFile::keep).transpose()?;
    if counts.rows == 0 {
        return Err(CliError::trouble("nothing was asked").hint("the catalogue has no works"));
    }
    let unmet = args.require.iter().filter_map(|require| match require {
        Require::Present => (counts.present != counts.rows).then_some("every work present"),
        Require::Absent => (counts.absent != counts.rows).then_some("every work absent"),
    });
    let unmet: Vec<&str> = unmet.collect();
    let no = !unmet.is_empty();
    let report = Report::from(counts);
    let mut text = report.text(&release, &unanswered);
    for what in &unmet {
        text += &format!("\nNOT MET: {what}\n");
    }
    if no && args.report.is_none() {
        text += "`--report -` lists the answer for each\n";
    }
    if to_stdout {
        context.remark_lines(&text);
        return Ok(Answer::nothing().no(no));
    }
    Ok(Answer::new(&report, text).no(no))
}

/// A report that cannot be written, by its name.
fn unwritten(report: &Option<String>) -> impl Fn(std::io::Error) -> LedgerError {
    let path = report.clone().unwrap_or_default();
    move |error| LedgerError::Io { path: path.clone(), error }
}
