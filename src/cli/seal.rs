//! `deedbook seal`

use super::context::Context;
use super::error::CliError;
use super::output::Answer;
use crate::ledger::seal::seal;
use crate::report::seal::Report;
use crate::statement::ReleaseName;
use std::time::Instant;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  deedbook seal books 2026-11")]
pub(crate) struct Args {
    /// The dataset that is released
    dataset: String,
    /// The new release's version, of a-z 0-9 . _ -
    version: String,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let started = Instant::now();
    let name =
        ReleaseName { dataset: super::dataset::name(&args.dataset)?, version: super::dataset::name(&args.version)? };
    let sealed = seal(context.writer()?, &name)?;
    let report = Report::new(&name, &sealed, started.elapsed());
    Ok(Answer::new(&report, report.text(&name)))
}

/// Reads `DATASET@VERSION`.
pub(crate) fn release(text: &str) -> Result<ReleaseName, CliError> {
    ReleaseName::parse(text).map_err(|error| {
        CliError::trouble(format!("{text:?} {error}"))
            .hint("`deedbook dataset show DATASET` shows the releases that there are")
    })
}
