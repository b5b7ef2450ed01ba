//! `deedbook repair`

use super::context::{Context, now};
use super::error::CliError;
use super::output::Answer;
use crate::ledger::repair::repair;
use crate::report::repair::Report;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook repair --dry-run
  deedbook repair")]
pub(crate) struct Args {
    /// Say what is damaged, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let repaired = repair(&context.folder()?, now()?, context.waits(), args.dry_run)?;
    let report = Report::new(&repaired, args.dry_run);
    let lost = !repaired.lost.is_empty();
    Ok(Answer::new(&report, report.text()).no(lost))
}
