//! The command line: one file per command. Arguments, the clock, randomness and exit codes live here; what is done is
//! `ledger`'s and `verify`'s, how it reads is `report`'s.
//!
//! Exit codes: 0 answered or done; 1 the answer is no; 2 trouble, usage included; 130 interrupted, nothing recorded.

mod admit;
mod check;
mod colour;
mod completions;
mod context;
mod correct;
mod coverage;
mod dataset;
mod demo;
mod dispute;
mod error;
mod grant;
mod help;
mod init;
mod interrupt;
mod key;
mod log;
mod man;
mod output;
mod progress;
mod prove;
mod repair;
mod respond;
mod run;
mod seal;
mod show;
mod source;
mod verify;
mod withdraw;
mod words;

use clap::error::ErrorKind;
use clap::{FromArgMatches, Parser, Subcommand};
use context::Context;
use error::CliError;
use output::Answer;
use std::path::PathBuf;
use std::process::ExitCode;

/// The signed register of which licensed work entered which AI training dataset, under which grant.
#[derive(Parser)]
#[command(name = "deedbook", version, max_term_width = 110, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command has.
#[derive(clap::Args, Clone)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The ledger's folder; else $DEEDBOOK_LEDGER, else the nearest folder above that has a ledger.toml
    #[arg(long, global = true, value_name = "DIR")]
    ledger: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long, global = true)]
    json: bool,
    /// Print nothing but the data asked for
    #[arg(long, global = true)]
    quiet: bool,
    /// Wait for another writer instead of failing
    #[arg(long, global = true)]
    wait: bool,
}

#[derive(Subcommand)]
enum Command {
    /// See the whole story on works that ship with the program
    Demo(demo::Args),
    /// Make a new ledger
    Init(init::Args),
    /// Make and show Ed25519 keys
    #[command(subcommand)]
    Key(key::Command),
    /// Declare datasets and what they are for
    #[command(subcommand)]
    Dataset(dataset::Command),
    /// Record grants, look at them, and end them
    #[command(subcommand)]
    Grant(grant::Command),
    /// Screen works and record those that a grant covers
    Admit(admit::Args),
    /// Seal a release of a dataset
    Seal(seal::Args),
    /// Bind models to the releases that they are trained on
    #[command(subcommand)]
    Run(run::Command),
    /// Prove works present in a release, or absent from it
    Prove(prove::Args),
    /// Verify a proof, offline
    Verify(verify::Args),
    /// Answer which works are in a release, without a proof
    Check(check::Args),
    /// Show what grants covered on a day, of a release or a model
    Coverage(coverage::Args),
    /// Answer a rightsholder about her own works, with proof
    Respond(respond::Args),
    /// Take works out of every later release of a dataset
    Withdraw(withdraw::Args),
    /// Record a rightsholder's signed dispute of an entry, or sign one
    Dispute(dispute::Args),
    /// Record what an admission should have said of its work
    Correct(correct::Args),
    /// Look at an entry, a dataset, a grant, a release or a work
    Show(show::Args),
    /// Ask for the log's status, checkpoint, state and health
    #[command(subcommand)]
    Log(log::Command),
    /// Rebuild everything that follows from the log
    Repair(repair::Args),
    /// Print a script that completes the command's words in a shell
    Completions(completions::Args),
    /// Write the manual pages
    Man(man::Args),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let parsed = help::definition().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let context = Context::new(cli.global);
    let done = run(&context, cli.command).and_then(|answer| context.print(answer));
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => context.fail(&error),
    }
}

/// Help and version are answers; the rest is a mistake of usage, which `--json` asks for as an object like any other.
fn usage(error: &clap::Error) -> ExitCode {
    let styled = |colours: bool| {
        let text = error.render();
        let text = if colours { text.ansi().to_string() } else { text.to_string() };
        format!("{}\n", text.trim_end())
    };
    match error.kind() {
        // Nothing in a help is foreign.
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let printed = output::to_stdout(styled(colour::on_stdout()).as_bytes());
            printed.map_or(ExitCode::from(2), |()| ExitCode::SUCCESS)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprint!("{}", styled(colour::on_stderr()));
            ExitCode::from(2)
        }
        _ => {
            let json = std::env::args_os().skip(1).take_while(|a| a != "--").any(|a| a == "--json");
            let global = Global { ledger: None, json, quiet: false, wait: false };
            Context::new(global).fail(&CliError::from(error))
        }
    }
}

fn run(context: &Context, command: Command) -> Result<Answer, CliError> {
    match command {
        Command::Demo(args) => demo::run(context, args),
        Command::Init(args) => init::run(context, args),
        Command::Key(command) => key::run(command),
        Command::Dataset(command) => dataset::run(context, command),
        Command::Grant(command) => grant::run(context, command),
        Command::Admit(args) => admit::run(context, args),
        Command::Seal(args) => seal::run(context, args),
        Command::Run(command) => run::run(context, command),
        Command::Prove(args) => prove::run(context, args),
        Command::Verify(args) => verify::run(context, args),
        Command::Check(args) => check::run(context, args),
        Command::Coverage(args) => coverage::run(context, args),
        Command::Respond(args) => respond::run(context, args),
        Command::Withdraw(args) => withdraw::run(context, args),
        Command::Dispute(args) => dispute::run(context, args),
        Command::Correct(args) => correct::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Log(command) => log::run(context, command),
        Command::Repair(args) => repair::run(context, args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// Every `--json` object and file format, by the name of its schema: what `schemas/` holds.
#[cfg(feature = "schema")]
pub fn schemas() -> Vec<(&'static str, schemars::Schema)> {
    crate::report::schemas()
}
