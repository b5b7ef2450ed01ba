//! SOURCE and `--work` on the command line: catalogues by name or from stdin, identifiers in any spelling.

use super::error::CliError;
use crate::ingest::{self, Format, Mapping};
use crate::ledger::source::{Input, asked};
use crate::statement::Identifier;
use crate::statement::identifier::{Class, Scheme};

/// How sources are read.
#[derive(clap::Args, Clone)]
pub(crate) struct Reading {
    /// What a column means: COLUMN=FIELD (a field: title, author, isbn, licence, ignore ...)
    #[arg(long, value_name = "COLUMN=FIELD")]
    map: Vec<String>,
    /// The format of the sources, needed for `-` (stdin): csv, tsv or jsonl
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
}

impl Reading {
    pub fn map(&self) -> Result<Vec<Mapping>, CliError> {
        self.map
            .iter()
            .map(|text| Mapping::parse(text).map_err(|e| CliError::trouble(format!("--map: {e}")).hint(e.hint())))
            .collect()
    }

    pub fn open(&self, source: &str) -> Result<Input, CliError> {
        if source == "-" {
            let Some(name) = &self.format else {
                return Err(CliError::trouble("the format of stdin is not known")
                    .hint("say which it is: --format csv, --format tsv or --format jsonl"));
            };
            return Ok(Input { name: "-".to_owned(), format: format(name)?, reader: Box::new(std::io::stdin()) });
        }
        if std::path::Path::new(source).is_dir() {
            return Err(CliError::trouble(format!("{source} is a folder"))
                .hint("give a catalogue of its works: a .csv, .tsv or .jsonl file"));
        }
        match &self.format {
            Some(name) => {
                let fail = |error| CliError::trouble(format!("{source} cannot be read")).because(error);
                let reader = Box::new(std::fs::File::open(source).map_err(fail)?);
                Ok(Input { name: source.to_owned(), format: format(name)?, reader })
            }
            None => Ok(Input::open(source)?),
        }
    }
}

fn format(name: &str) -> Result<Format, CliError> {
    Format::parse(name)
        .ok_or_else(|| CliError::trouble(format!("{name:?} is not a format")).hint("there are csv, tsv and jsonl"))
}

/// The works that a user asks about: single identifiers, and all of some sources.
pub(crate) fn works(ids: &[String], sources: &[String], reading: &Reading) -> Result<Vec<Vec<Identifier>>, CliError> {
    let mut works = ids.iter().map(|id| Ok(vec![work(id)?])).collect::<Result<Vec<_>, CliError>>()?;
    let map = reading.map()?;
    for source in sources {
        works.extend(asked(reading.open(source)?, &map)?);
    }
    Ok(works)
}

/// An identifier that can stand in a release: not a party's.
fn work(text: &str) -> Result<Identifier, CliError> {
    let id = identifier(text)?;
    if id.scheme().class(None) == Class::Party {
        return Err(CliError::trouble(format!("{id} names a party, not a work"))
            .hint("give the works' own identifiers, or a catalogue of them"));
    }
    Ok(id)
}

/// An identifier in any spelling of its scheme.
pub(crate) fn identifier(text: &str) -> Result<Identifier, CliError> {
    let schemes = || Scheme::ALL.map(Scheme::name).join(", ");
    let parsed = text.split_once(':').and_then(|(scheme, raw)| Some((Scheme::parse(scheme)?, raw)));
    let Some((scheme, raw)) = parsed else {
        return Err(CliError::trouble(format!("{text:?} is not an identifier"))
            .hint(format!("write SCHEME:VALUE; the schemes are {}", schemes())));
    };
    ingest::canonical(scheme, raw).map_err(|error| CliError::trouble(format!("{text:?} {error}")))
}

/// Reads a file, or `-`: stdin, of at most `most` bytes.
pub(crate) fn read_input(path: &str, most: u64) -> Result<Vec<u8>, CliError> {
    use std::io::Read as _;
    if path != "-" {
        return read_file(path, most);
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| CliError::trouble("stdin cannot be read").because(error))?;
    if bytes.len() as u64 > most {
        Err(CliError::trouble(format!("stdin is longer than {most} bytes")))
    } else {
        Ok(bytes)
    }
}

/// Reads a file of at most `most` bytes.
pub(crate) fn read_file(path: &str, most: u64) -> Result<Vec<u8>, CliError> {
    use std::io::Read as _;
    let fail = |error: std::io::Error| CliError::trouble(format!("{path} cannot be read")).because(error);
    let file = std::fs::File::open(path).map_err(fail)?;
    // What is known to be too long is not read first.
    if file.metadata().is_ok_and(|meta| meta.len() > most) {
        return Err(CliError::trouble(format!("{path} is longer than {most} bytes")));
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > most {
        return Err(CliError::trouble(format!("{path} is longer than {most} bytes")));
    }
    Ok(bytes)
}
