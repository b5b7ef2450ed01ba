//! `deedbook grant`

use super::context::Context;
use super::error::CliError;
use super::output::{Answer, refuse_existing, write_file};
use super::source::Reading;
use crate::ingest::Format;
use crate::ledger::sign::sign;
use crate::ledger::source::Input;
use crate::ledger::{LedgerError, Why, grant};
use crate::licence::TermsFile;
use crate::licence::{self, FileSubject};
use crate::report::grant::{Ended, List, Recorded, Signed};
use crate::statement::Date;
use std::path::{Path, PathBuf};

/// The longest terms or envelope file.
const MAX_FILE_LEN: u64 = 16 << 20;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Sign terms as the licensor, offline: the lab then adds what you signed
    Sign(Sign),
    /// Record terms that you assert, or an envelope that the licensor signed
    Add(Add),
    /// List the grants
    #[command(after_help = "Example:\n  deedbook grant list")]
    List,
    /// Show a grant's terms
    #[command(after_help = "Example:\n  deedbook grant show north-press-2026")]
    Show {
        /// The grant's name
        id: String,
    },
    /// End a grant from a day on
    End(End),
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook grant end north-press-2026 --because terminated \\
      --effective 2026-12-01
  deedbook grant end north-press-2026 --because rescinded \\
      --effective 2026-01-01 --note 'judgment of 3 November'")]
pub(crate) struct End {
    /// The grant's name
    id: String,
    /// Why, as a code of your own, such as terminated
    #[arg(long, value_name = "CODE")]
    because: String,
    /// The first day without the grant; it may have been before today
    #[arg(long, value_name = "DATE")]
    effective: String,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook key new north-press.example -o north-press.key
  deedbook grant sign north-press.toml --catalogue north-press.csv \\
      --signing-key north-press.key -o north-press.grant.json")]
pub(crate) struct Sign {
    /// Terms (.toml, .json); their licensee.log names the lab's log, as the lab's `log status` shows it
    terms: String,
    /// The catalogue of the grant's works, instead of the file that the terms name
    #[arg(long, value_name = "FILE")]
    catalogue: Option<String>,
    /// Your private key file
    #[arg(long, value_name = "FILE")]
    signing_key: PathBuf,
    /// Where the envelope goes (DSSE, JSON); - for stdout
    #[arg(short, long, value_name = "FILE")]
    output: String,
    #[command(flatten)]
    reading: Reading,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook grant add north-press.toml
  deedbook grant add north-press.grant.json --catalogue north-press.csv --dry-run
  deedbook grant add north-press.grant.json --catalogue north-press.csv")]
pub(crate) struct Add {
    /// Terms (.toml, .json), or a signed envelope (DSSE)
    file: String,
    /// The catalogue of the grant's works, instead of the file that the terms name
    #[arg(long, value_name = "FILE")]
    catalogue: Option<String>,
    /// Check it and show it, and record nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    reading: Reading,
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Answer, CliError> {
    match command {
        Command::Sign(args) => signed(context, args),
        Command::Add(args) => add(context, args),
        Command::List => {
            let list = List::new(&grant::list(&context.view()?)?);
            Ok(Answer::new(&list, list.text()))
        }
        Command::Show { id } => {
            let view = context.view()?;
            let (index, _, _) = view.grant(&super::dataset::name(&id)?)?;
            let listed = grant::list(&view)?.into_iter().find(|g| g.index == index);
            let listed = listed.ok_or_else(|| CliError::trouble(format!("there is no grant {id}")))?;
            let recorded = Recorded::new(&listed);
            Ok(Answer::new(&recorded, recorded.text()))
        }
        Command::End(args) => end(context, args),
    }
}

fn signed(context: &Context, args: Sign) -> Result<Answer, CliError> {
    let text = read(&args.terms)?;
    if !is_toml(&args.terms) && is_envelope(&text) {
        return Err(CliError::trouble(format!("{} is an envelope, which is signed already", args.terms))
            .hint("give the terms that it shall be made of: a .toml or .json file"));
    }
    let (terms, catalogue) = terms(&args.terms, &text, args.catalogue.as_deref(), &args.reading)?;
    let key = super::key::read(&args.signing_key)?;
    refuse_existing(&args.output)?;
    let signed = sign(terms, catalogue, &args.reading.map()?, &key)?;
    write_file(&args.output, format!("{}\n", signed.envelope).as_bytes())?;
    let report = Signed::new(&args.output, &signed);
    if args.output == "-" {
        context.remark_lines(&report.text());
        return Ok(Answer::nothing());
    }
    Ok(Answer::new(&report, report.text()))
}

fn end(context: &Context, args: End) -> Result<Answer, CliError> {
    let id = super::dataset::name(&args.id)?;
    let effective = Date::parse(&args.effective)
        .map_err(|error| CliError::trouble(format!("--effective: {:?} {error}", args.effective)))?;
    let why = Why { because: args.because, note: args.note };
    let ended = grant::end(context.writer()?, &id, effective, why.clone())?;
    let report = Ended::new(&ended, effective, why);
    Ok(Answer::new(&report, report.text()))
}

fn add(context: &Context, args: Add) -> Result<Answer, CliError> {
    let text = read(&args.file)?;
    let map = args.reading.map()?;
    let added = if !is_toml(&args.file) && is_envelope(&text) {
        let catalogue = args.catalogue.as_deref().map(|file| args.reading.open_catalogue(file)).transpose()?;
        grant::add_signed(context.writer()?, &text, catalogue, &map, args.dry_run)?
    } else {
        let (terms, catalogue) = terms(&args.file, &text, args.catalogue.as_deref(), &args.reading)?;
        grant::add(context.writer()?, terms, catalogue, &map, args.dry_run)?
    };
    let recorded = Recorded::new(&added.listed);
    if args.dry_run {
        let report = recorded.as_if();
        return Ok(Answer::new(&report, format!("{}\nnothing was recorded: a dry run\n", report.text())));
    }
    Ok(Answer::new(&recorded, recorded.text()))
}

/// Reads terms, and opens their catalogue: the one given, or the file that they name.
fn terms(
    file: &str,
    text: &str,
    catalogue: Option<&str>,
    reading: &Reading,
) -> Result<(TermsFile, Option<Input>), CliError> {
    let format = if is_toml(file) { licence::Format::Toml } else { licence::Format::Json };
    let in_file = |error| LedgerError::File { path: file.to_owned(), error: Box::new(error) };
    let terms = licence::read_terms(text.as_bytes(), format).map_err(in_file);
    let terms = terms.map_err(|error| match Format::of(file) {
        Ok(list) if list != Format::Json => {
            CliError::from(error).hint("terms are a .toml or .json file; works to be screened go to `deedbook admit`")
        }
        Ok(_) | Err(_) => error.into(),
    })?;
    let catalogue = match (&terms.subject, catalogue) {
        (FileSubject::Catalogue(named), None) => Some(reading.open_catalogue(&beside(file, named))?),
        (_, given) => given.map(|given| reading.open_catalogue(given)).transpose()?,
    };
    Ok((terms, catalogue))
}

fn is_toml(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"))
}

/// A file that the terms name stands beside them.
fn beside(terms: &str, file: &str) -> String {
    let path = Path::new(file);
    let parent = Path::new(terms).parent().filter(|_| path.is_relative());
    parent.map_or_else(|| file.to_owned(), |dir| dir.join(path).display().to_string())
}

fn is_envelope(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok_and(|v| v.get("payloadType").is_some())
}

fn read(path: &str) -> Result<String, CliError> {
    let bytes = super::source::read_file(path, MAX_FILE_LEN)?;
    String::from_utf8(bytes).map_err(|_| CliError::trouble(format!("{path} is not UTF-8")))
}
