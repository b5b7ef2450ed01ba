//! `deedbook log`

use super::context::{Context, now};
use super::error::CliError;
use super::output::{Answer, write_file, write_files};
use super::progress::Watch;
use crate::ledger::consistency::{Outcome, compare};
use crate::ledger::fsck::fsck;
use crate::ledger::{LedgerError, View, cosign, export, single};
use crate::log::history;
use crate::report::consistency;
use crate::report::export::{ProofReport, Report as ExportReport};
use crate::report::log::{Checkpoint, Cosigned, Fsck, State, Status};
use crate::tlog::VerifiedCheckpoint;
use crate::tlog::note::MAX_NOTE_LEN;
use crate::verify::{MAX_PROOF_LEN, ProofFile};
use std::path::{Path, PathBuf};

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
    /// Say whether two checkpoints are of one history; exit with 1 if they are not
    #[command(after_help = "Examples:
  deedbook log consistency old-checkpoint.txt
  deedbook log consistency old.proof new.proof
  deedbook log consistency 117 old-checkpoint.txt --evidence fork.json
  deedbook log consistency --ledger /copy/deeds theirs.txt")]
    Consistency {
        /// A checkpoint: a file with the signed note, a proof file that has it, or the size of a published one
        old: String,
        /// Another; the current one if not given
        new: Option<String>,
        /// Write what shows a fork to anybody to this file, if there is one
        #[arg(long, value_name = "FILE")]
        evidence: Option<String>,
    },
    /// Write the proof of one entry, as C2SP tlog-proof, for other people's programs
    #[command(after_help = "Examples:
  deedbook log proof 17 -o 17.tlog-proof --entry 17.json
  deedbook log proof 17 -o 17.tlog-proof --entry 17.json \\
      && deedbook verify 17.tlog-proof --entry 17.json --key lab.pub")]
    Proof {
        /// The entry's log index
        index: u64,
        /// Where the proof goes; - for stdout
        #[arg(short, long, value_name = "FILE")]
        output: String,
        /// Write the entry's exact bytes to this file, whose leaf is proven; - for stdout
        #[arg(long, value_name = "FILE")]
        entry: Option<String>,
    },
    /// Copy the log into a folder, as C2SP tlog-tiles, for other people's programs
    #[command(after_help = "Examples:
  deedbook log export published
  deedbook log export for-the-auditor --with-entries")]
    Export {
        /// The folder, which is new or empty
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Copy the entries too; without them the tree shows hashes, counts and times of growth only
        #[arg(long)]
        with_entries: bool,
    },
    /// Keep what witnesses said of a checkpoint
    #[command(subcommand)]
    Cosign(Cosign),
}

#[derive(clap::Subcommand)]
pub(crate) enum Cosign {
    /// Add cosignatures to a published checkpoint, each verified first
    #[command(after_help = "Examples:
  deedbook log checkpoint > checkpoint.txt     # what a witness is asked to cosign
  deedbook log cosign add answer.txt --policy witnesses.policy
  deedbook log cosign add answer.txt --policy witnesses.policy --size 117")]
    Add {
        /// A cosigned checkpoint, or the signature lines that a witness answered with; - for stdin
        file: String,
        /// A C2SP tlog-policy file: this log's key, and the witnesses
        #[arg(long, value_name = "FILE")]
        policy: String,
        /// The size of the checkpoint that bare signature lines are for; the current one's if not given
        #[arg(long)]
        size: Option<u64>,
    },
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Answer, CliError> {
    match command {
        Command::Status => {
            let status = Status::new(&context.view()?)?;
            Ok(Answer::new(&status, status.text()))
        }
        Command::Checkpoint => {
            let checkpoint = Checkpoint::new(&context.view()?)?;
            Ok(Answer::new(&checkpoint, checkpoint.note.clone()))
        }
        Command::State => {
            let view = context.view()?;
            let (index, state) = view.state();
            let state = State::new(index, state);
            Ok(Answer::new(&state, state.text()))
        }
        Command::Consistency { old, new, evidence } => consistency(context, &old, new.as_deref(), evidence.as_deref()),
        Command::Proof { index, output, entry } => proof(context, index, &output, entry.as_deref()),
        Command::Export { dir, with_entries } => export(context, &dir, with_entries),
        Command::Cosign(Cosign::Add { file, policy, size }) => cosign(context, &file, &policy, size),
        Command::Fsck => {
            let report = fsck(&context.folder()?, now()?)?;
            let fsck = Fsck::new(&report);
            let damaged = !report.damage.is_empty();
            Ok(Answer::new(&fsck, fsck.text()).no(damaged))
        }
    }
}

fn cosign(context: &Context, file: &str, policy: &str, size: Option<u64>) -> Result<Answer, CliError> {
    let policy = super::verify::policy(policy)?;
    let text = super::source::read_input(file, MAX_NOTE_LEN as u64)?;
    let text = String::from_utf8(text).map_err(|_| CliError::trouble(format!("{file} is not UTF-8")))?;
    let cosigned = cosign::add(&context.folder()?, &text, size, &policy, now()?.at, context.waits())?;
    let report = Cosigned::new(&cosigned);
    Ok(Answer::new(&report, report.text()))
}

fn proof(context: &Context, index: u64, output: &str, entry: Option<&str>) -> Result<Answer, CliError> {
    if entry == Some(output) {
        return Err(CliError::trouble(format!("{output} is named for the proof and for the entry"))
            .hint("give each a name of its own"));
    }
    let single = single::prove(&context.view()?, index)?;
    let mut files = vec![(output, single.proof.to_string().into_bytes())];
    if let Some(file) = entry {
        files.push((file, single.entry.clone().ok_or(LedgerError::Erased { index })?));
    }
    write_files(&files)?;
    let report = ProofReport::new(output, entry, &single);
    if output == "-" || entry == Some("-") {
        context.remark_lines(&report.text());
        return Ok(Answer::nothing());
    }
    Ok(Answer::new(&report, report.text()))
}

fn export(context: &Context, dir: &Path, with_entries: bool) -> Result<Answer, CliError> {
    let view = context.view()?;
    let watch = Watch::start(context, "exporting");
    let exported = export::export(&view, dir, with_entries, watch.progress())?;
    drop(watch);
    let report = ExportReport::new(&dir.display().to_string(), &exported);
    Ok(Answer::new(&report, report.text()))
}

fn consistency(context: &Context, old: &str, new: Option<&str>, evidence: Option<&str>) -> Result<Answer, CliError> {
    let view = context.view()?;
    let mut sides = [checkpoint(&view, old)?, new.map_or_else(|| current(&view), |new| checkpoint(&view, new))?];
    sides.sort_by_key(VerifiedCheckpoint::size);
    let [old, new] = &sides;
    let outcome = compare(&view, old, new)?;
    let mut written = None;
    if let (Outcome::Fork(fork), Some(file)) = (&outcome, evidence) {
        write_file(file, &fork.print())?;
        written = Some(file);
    }
    let report = consistency::Report::new(old, new, &outcome, written);
    let text = report.text(&outcome);
    if written == Some("-") {
        context.remark(text.trim_end());
        return Ok(Answer::nothing().no(true));
    }
    Ok(Answer::new(&report, text).no(!report.consistent))
}

fn current(view: &View) -> Result<VerifiedCheckpoint, CliError> {
    Ok(view.log().checkpoint().clone())
}

/// A checkpoint of this log's key, by its size or by its file.
fn checkpoint(view: &View, text: &str) -> Result<VerifiedCheckpoint, CliError> {
    if let Ok(size) = text.parse::<u64>() {
        let found = history::published(view.disk(), view.key(), size).map_err(LedgerError::from)?;
        return Ok(found.ok_or(LedgerError::NotPublished { size })?);
    }
    let bytes = super::source::read_input(text, MAX_PROOF_LEN)?;
    let note = match bytes.starts_with(b"{") {
        true => ProofFile::parse(&bytes).map(|file| file.checkpoint).map_err(|error| error.to_string()),
        false => String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()),
    };
    let note = note.map_err(|error| CliError::trouble(format!("{text} holds no checkpoint")).because(error))?;
    VerifiedCheckpoint::open(&note, view.key())
        .map_err(|error| CliError::trouble(format!("{text} is no checkpoint of this log")).because(error))
}
