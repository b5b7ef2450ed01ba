//! `deedbook demo`
use super::context::Context;
use super::error::CliError;
use super::output::Answer;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Keep the ledger in this new folder
    dir: Option<std::path::PathBuf>,
}

pub(crate) fn run(_context: &Context, _args: Args) -> Result<Answer, CliError> {
    todo!()
}
