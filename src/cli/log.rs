//! `deedbook log`

use super::context::{Context, now};
use super::error::CliError;
use super::output::Answer;
use crate::ledger::fsck::fsck;
use crate::report::log::{Checkpoint, Fsck, State, Status};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show origin, key, size and root of the log, and its entries counted by kind
    #[command(after_help = "Examples:
  deedbook log status
  deedbook log status --json | jq .size")]
    Status,
    /// Print the signed checkpoint
    #[command(after_help = "Example:\n  deedbook log checkpoint > checkpoint.txt")]
    Checkpoint,
    /// Show the newest state: the register's size and root
    #[command(after_help = "Example:\n  deedbook log state")]
    State,
    /// Check every byte and every statement; exit with 1 if anything is damaged
    #[command(after_help = "Examples:
  deedbook log fsck
  deedbook log fsck --ledger /backup/deeds && echo 'the copy is sound'")]
    Fsck,
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Answer, CliError> {
    match command {
        Command::Status => {
            let status = Status::new(&context.view()?)?;
            Ok(Answer::new(&status, status.text()))
        }
        Command::Checkpoint => {
            let checkpoint = Checkpoint::new(context.view()?.log().checkpoint());
            Ok(Answer::new(&checkpoint, checkpoint.note.clone()))
        }
        Command::State => {
            let view = context.view()?;
            let (index, state) = view.state();
            let state = State::new(index, state);
            Ok(Answer::new(&state, state.text()))
        }
        Command::Fsck => {
            let report = fsck(&context.folder()?, now()?)?;
            let fsck = Fsck::new(&report);
            let damaged = !report.damage.is_empty();
            Ok(Answer::new(&fsck, fsck.text()).no(damaged))
        }
    }
}
