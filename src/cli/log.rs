//! `deedbook log`

use super::context::{Context, now};
use super::error::CliError;
use super::output::Answer;
use crate::ledger::fsck::fsck;
use crate::report::log::{Checkpoint, Fsck, State, Status};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Origin, size, root and key of the log, and how many entries there are of each kind
    Status,
    /// Print the signed checkpoint
    Checkpoint,
    /// Show the newest state: the register's size and root
    State,
    /// Check every byte of the log and everything that it says; exit with 1 if anything is damaged
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
