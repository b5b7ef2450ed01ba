//! `deedbook grant`

use super::context::Context;
use super::error::CliError;
use super::output::Answer;
use super::source::Reading;
use crate::ingest::Format;
use crate::ledger::{LedgerError, Why, grant};
use crate::licence::{self, FileSubject};
use crate::report::grant::{Ended, List, Recorded};
use crate::statement::Date;
use std::path::Path;

/// The longest terms or envelope file.
const MAX_FILE_LEN: u64 = 16 << 20;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
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
  deedbook grant add north-press.toml
  deedbook grant add signed-by-north-press.json --catalogue north-press.csv")]
pub(crate) struct Add {
    /// Terms (.toml, .json), or a signed envelope (DSSE)
    file: String,
    /// The catalogue of the grant's works, instead of the file that the terms name
    #[arg(long, value_name = "FILE")]
    catalogue: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Answer, CliError> {
    match command {
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
    let bytes = read(&args.file)?;
    let map = args.reading.map()?;
    let catalogue = args.catalogue.as_deref().map(|file| args.reading.open_catalogue(file)).transpose()?;
    let is_toml = Path::new(&args.file).extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    let text = String::from_utf8(bytes).map_err(|_| CliError::trouble(format!("{} is not UTF-8", args.file)))?;
    let (index, _, _) = if !is_toml && is_envelope(&text) {
        grant::add_signed(context.writer()?, &text, catalogue, &map)?
    } else {
        let format = if is_toml { licence::Format::Toml } else { licence::Format::Json };
        let in_file = |error| LedgerError::File { path: args.file.clone(), error: Box::new(error) };
        let terms = licence::read_terms(text.as_bytes(), format).map_err(in_file);
        let terms = terms.map_err(|error| match Format::of(&args.file) {
            Ok(list) if list != Format::Json => CliError::from(error)
                .hint("terms are a .toml or .json file; works to be screened go to `deedbook admit`"),
            Ok(_) | Err(_) => error.into(),
        })?;
        let catalogue = match (&terms.subject, catalogue) {
            (FileSubject::Catalogue(file), None) => Some(args.reading.open_catalogue(&beside(&args.file, file))?),
            (_, given) => given,
        };
        grant::add(context.writer()?, terms, catalogue, &map)?
    };
    let listed = grant::list(&context.view()?)?.into_iter().find(|g| g.index == index);
    let listed = listed.ok_or_else(|| CliError::trouble("the grant was recorded and cannot be read again"))?;
    let recorded = Recorded::new(&listed);
    Ok(Answer::new(&recorded, recorded.text()))
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

fn read(path: &str) -> Result<Vec<u8>, CliError> {
    super::source::read_file(path, MAX_FILE_LEN)
}
