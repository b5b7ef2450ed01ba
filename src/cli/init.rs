//! `deedbook init`

use super::context::{Context, now, random};
use super::error::CliError;
use super::output::Answer;
use crate::ledger;
use crate::report::init::Report;
use crate::tlog::{KeyKind, SigningKey};
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook init deeds --origin lab.example/deeds
  deedbook init deeds --origin lab.example/deeds --signing-key lab.key")]
pub(crate) struct Args {
    /// The new ledger's folder
    dir: PathBuf,
    /// The log's name, for good: usually a domain and a path, without scheme
    #[arg(long, value_name = "NAME")]
    origin: String,
    /// A private key file of that name, instead of a new key; a key signs one log only, with two it would sign a fork
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// A title for people
    #[arg(long)]
    title: Option<String>,
}

pub(crate) fn run(_context: &Context, args: Args) -> Result<Answer, CliError> {
    if let (None, Some((_, rest))) = (&args.signing_key, args.origin.split_once("://")) {
        return Err(CliError::trouble(format!("the origin {:?} has a scheme", args.origin))
            .hint(format!("a log's name is for good, and has none: --origin {rest}")));
    }
    let key = match &args.signing_key {
        Some(file) => super::key::read(file)?,
        None => SigningKey::from_seed(&args.origin, KeyKind::Ed25519, &random()?)
            .map_err(|error| CliError::trouble(format!("{:?} cannot be an origin", args.origin)).because(error))?,
    };
    if key.verifier().name() != args.origin {
        let name = key.verifier().name().to_owned();
        return Err(CliError::trouble(format!("the key is named {name:?}, and the origin is {:?}", args.origin))
            .hint("a log's origin is its key's name: make a key of this name, or give --origin that one"));
    }
    let verifier_key = key.verifier().to_string();
    ledger::init::init(&args.dir, key, args.title, now()?)?;
    let report = Report { dir: args.dir.display().to_string(), origin: args.origin, verifier_key };
    Ok(Answer::new(&report, report.text()))
}
