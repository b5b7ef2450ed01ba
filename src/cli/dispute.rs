//! `deedbook dispute`: recorded by the lab; signed by the rightsholder, who needs no ledger.

use super::context::Context;
use super::error::CliError;
use super::output::{Answer, refuse_existing, write_file};
use super::source::{identifier, read_input};
use super::verify::verifier_key;
use crate::ledger::dispute::{Says, record, sign};
use crate::report::dispute::{Report, Signed};
use crate::statement::Identifier;
use crate::statement::dsse::MAX_ENVELOPE_LEN;
use crate::verify::{MAX_PROOF_LEN, Trust};
use std::path::Path;

#[derive(clap::Args)]
#[command(
    // A conflict with subcommands would be one of the global options, too.
    subcommand_negates_reqs = true,
    after_help = "Example:\n  deedbook dispute 17 --signed from-north-press.json"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Log index of the entry that it is about
    #[arg(required = true)]
    entry: Option<u64>,
    /// The rightsholder's signed envelope (DSSE), recorded as it is; - for stdin
    #[arg(long, required = true, value_name = "FILE")]
    signed: Option<String>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Sign a dispute of an entry that a proof shows, to be handed in to the lab
    Sign(Sign),
}

#[derive(clap::Args)]
#[command(after_help = "Example:
  deedbook dispute sign songs.proof --key lab.pub --entry 17 \\
      --claim 'We never licensed this song.' --name 'North Press' \\
      --id id:example/north-press --signing-key north-press.key \\
      -o dispute-17.json")]
struct Sign {
    /// The proof file that shows the entry, or - for stdin
    #[arg(value_name = "PROOF")]
    proof: String,
    /// The log's verifier key, or a file that holds it
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// Log index of the entry
    #[arg(long, value_name = "INDEX")]
    entry: u64,
    /// What is wrong with it, in your words
    #[arg(long, value_name = "TEXT")]
    claim: String,
    /// Your name
    #[arg(long)]
    name: String,
    /// A party identifier of yours, by which auditors know your key; may be given again
    #[arg(long = "id", value_name = "ID")]
    ids: Vec<String>,
    /// Your private key file
    #[arg(long, value_name = "FILE")]
    signing_key: String,
    /// Where the signed dispute goes; - for stdout
    #[arg(short, long, value_name = "FILE")]
    output: String,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let (entry, signed) = match args {
        Args { command: Some(Command::Sign(args)), entry: None, signed: None } => return run_sign(context, &args),
        Args { command: Some(Command::Sign(_)), .. } => {
            return Err(CliError::trouble("a dispute is either recorded or signed").hint(
                "`deedbook dispute ENTRY --signed FILE` records one; `deedbook dispute sign --help` shows how to sign",
            ));
        }
        Args { entry: Some(entry), signed: Some(signed), command: None } => (entry, signed),
        Args { .. } => return Err(CliError::trouble("an entry and --signed FILE are needed")),
    };
    // White space at its end is not the envelope's.
    let bytes = read_input(&signed, 2 * MAX_ENVELOPE_LEN as u64)?;
    let text = String::from_utf8(bytes).map_err(|_| CliError::trouble(format!("{signed} is not UTF-8")))?;
    let report = Report::new(&record(context.writer()?, entry, &text)?);
    Ok(Answer::new(&report, report.text()))
}

fn run_sign(context: &Context, args: &Sign) -> Result<Answer, CliError> {
    let trust = Trust::log(verifier_key(&args.key)?)
        .map_err(|error| CliError::trouble("--key is not a log's").because(error))?;
    let ids = args.ids.iter().map(|id| party(id)).collect::<Result<_, _>>()?;
    let signing = super::key::read(Path::new(&args.signing_key))?;
    let proof = read_input(&args.proof, MAX_PROOF_LEN)?;
    refuse_existing(&args.output)?;
    let says = Says { entry: args.entry, claim: args.claim.clone(), name: args.name.clone(), ids };
    let (envelope, claim) = sign(&proof, &trust, says, &signing)?;
    write_file(&args.output, format!("{envelope}\n").as_bytes())?;
    let report = Signed::new(&args.output, &claim, signing.verifier());
    if args.output == "-" {
        context.remark_lines(&report.text());
        return Ok(Answer::nothing());
    }
    Ok(Answer::new(&report, report.text()))
}

/// An identifier that a line of a licensors file may have.
fn party(text: &str) -> Result<Identifier, CliError> {
    let id = identifier(text)?;
    match id.may_name_a_party() {
        true => Ok(id),
        false => Err(CliError::trouble(format!("{id} does not identify a party"))
            .hint("give an isni, orcid or ipi, or a number of your own as id:NAMESPACE/VALUE")),
    }
}
