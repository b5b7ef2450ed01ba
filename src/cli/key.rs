//! `deedbook key`

use super::context::random;
use super::error::CliError;
use super::output::{Answer, refuse_existing};
use crate::ledger::writer::{parse_key, refuse_exposed};
use crate::report::key::Report;
use crate::tlog::{KeyKind, SigningKey, VerifierKey};
use std::io::Write;
use std::path::Path;

/// The longest file that holds a key.
pub(crate) const MAX_KEY_LEN: u64 = 4096;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make a key: FILE, which only you can read, and FILE.pub
    #[command(after_help = "Example:\n  deedbook key new north-press.example -o north-press.key")]
    New {
        /// The key's name: for a log its origin, for a licensor a domain
        name: String,
        /// Where the private key goes
        #[arg(short, long, value_name = "FILE")]
        output: String,
    },
    /// Show the verifier key of a private key file
    #[command(after_help = "Example:\n  deedbook key show north-press.key")]
    Show {
        /// The private key file
        file: String,
    },
}

pub(crate) fn run(command: Command) -> Result<Answer, CliError> {
    let key = match command {
        Command::New { name, output } => new(&name, &output)?,
        Command::Show { file } => read(Path::new(&file))?,
    };
    let verifier = key.verifier();
    let report = Report { name: verifier.name().to_owned(), verifier_key: verifier.to_string() };
    Ok(Answer::new(&report, format!("{}\n", report.verifier_key)))
}

fn new(name: &str, output: &str) -> Result<SigningKey, CliError> {
    if output == "-" {
        return Err(CliError::trouble("a private key goes into a file").hint("name one with -o FILE"));
    }
    let public = format!("{output}.pub");
    refuse_existing(output)?;
    refuse_existing(&public)?;
    let key = SigningKey::from_seed(name, KeyKind::Ed25519, &random()?)
        .map_err(|error| CliError::trouble(format!("{name:?} cannot name a key")).because(error))?;
    let fail = |path: &str, error| CliError::trouble(format!("{path} cannot be written")).because(error);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(output).map_err(|e| fail(output, e))?;
    let written = file.write_all(format!("{}\n", key.print_private()).as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|e| fail(output, e))?;
    super::output::write_file(&public, format!("{}\n", key.verifier()).as_bytes())?;
    Ok(key)
}

/// Reads a private key file that only its owner can read.
pub(crate) fn read(path: &Path) -> Result<SigningKey, CliError> {
    // A public file is no exposed private one.
    let text = super::source::read_file(&path.display().to_string(), MAX_KEY_LEN)?;
    if VerifierKey::parse(String::from_utf8_lossy(&text).trim()).is_ok() {
        return Err(CliError::trouble(format!("{} holds a verifier key, not a private one", path.display()))
            .hint("name the private key's file: what `deedbook key new NAME -o FILE` wrote as FILE, not FILE.pub"));
    }
    refuse_exposed(path)?;
    Ok(parse_key(&text, &path.display().to_string())?)
}
