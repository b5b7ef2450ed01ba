//! `deedbook show`

use super::context::Context;
use super::error::CliError;
use super::output::Answer;
use crate::ledger::show::{What, find};
use crate::report::show::Report;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook show 17
  deedbook show books@2026-11
  deedbook show isbn:9780306406157")]
pub(crate) struct Args {
    /// A log index, a dataset, a grant, a release (D@V) or a work (SCHEME:VALUE)
    what: String,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let what = match What::parse(&args.what) {
        // A work may be spelled in any way.
        None if args.what.contains(':') => What::Work(super::source::identifier(&args.what)?),
        None => {
            return Err(CliError::trouble(format!("{:?} names nothing", args.what))
                .hint("give a log index, a dataset, a grant, DATASET@VERSION or SCHEME:VALUE"));
        }
        Some(what) => what,
    };
    let found = find(&context.view()?, &what)?;
    let report = Report::new(&found);
    Ok(Answer::new(&report, report.text()))
}
