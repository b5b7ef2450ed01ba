//! SOURCE and `--work` on the command line: catalogues by name or from stdin, identifiers in any spelling.

use super::error::CliError;
use super::words::Words;
use crate::ingest::{self, Format, Mapping, Progress, Walking};
use crate::ledger::files::Folder;
use crate::ledger::source::{Asked, Input, Opening, Source, asked};
use crate::statement::Identifier;
use crate::statement::identifier::{Class, Scheme};
use crate::storage::Disk;
use std::path::Path;

/// How sources are read.
#[derive(clap::Args, Clone)]
#[command(next_help_heading = "Reading sources")]
pub(crate) struct Reading {
    /// What a column means, as a field: title, author, isbn, licence, ignore ...; may be given again
    #[arg(long, value_name = "COLUMN=FIELD")]
    map: Vec<String>,
    /// Follow symbolic links in a folder
    #[arg(long)]
    follow: bool,
    /// Of tar and zip archives the members are the works, SHARD.tar!MEMBER; of Parquet tables with bytes, the rows
    #[arg(long)]
    shards: bool,
    /// Take the SHA-256 digest of files too, beside BLAKE3
    #[arg(long)]
    sha256: bool,
    /// The format of the catalogues, needed for `-` (stdin)
    #[arg(long, value_name = "FORMAT", value_parser = Words::new(&["csv", "tsv", "jsonl", "json", "parquet", "list", "dep5"]))]
    format: Option<String>,
}

impl Reading {
    pub fn map(&self) -> Result<Vec<Mapping>, CliError> {
        self.map
            .iter()
            .map(|text| Mapping::parse(text).map_err(|e| CliError::trouble(format!("--map: {e}")).hint(e.hint())))
            .collect()
    }

    /// Opens a SOURCE; with `describe`, files are asked what they say of themselves.
    pub fn open(&self, source: &str, describe: bool) -> Result<Source, CliError> {
        let path = Path::new(source);
        // A file named `copyright` describes other files; as a SOURCE it is a file like any.
        let is_list = || Format::of(source).is_ok_and(|format| format != Format::Dep5);
        // A Parquet file is a table of records, or of works.
        let is_shard = self.shards && ingest::is_shard(source);
        let is_catalogue = source == "-" || self.format.is_some() || is_list() && !is_shard;
        if !is_catalogue && let Err(error) = path.symlink_metadata() {
            return Err(CliError::trouble(format!("{source} cannot be read"))
                .because(error)
                .hint("check the name, and the folder that you are in"));
        }
        // A table in another format was meant as a catalogue; its bytes are no work.
        if (is_catalogue || is_table(source)) && !path.is_dir() || !path.exists() {
            return self.open_catalogue(source).map(Source::Catalogue);
        }
        if is_compressed_catalogue(source) && !path.is_dir() {
            return Err(CliError::trouble(format!("{source} is a compressed catalogue"))
                .hint("decompress it, or pipe it in: `zcat FILE | deedbook ... - --format csv`"));
        }
        if let Some((what, next)) = archive(source).filter(|_| !path.is_dir() && !is_shard) {
            return Err(
                CliError::trouble(format!("{source} is {what}: its members are the works, not the whole")).hint(next)
            );
        }
        let walking = Walking { follow: self.follow, never: None };
        let reading = ingest::Reading { walking, sha256: self.sha256, describe, shards: self.shards };
        Ok(Source::Files(Folder { path: path.to_owned(), reading, reread: false, catalogue: None }))
    }

    /// Opens a catalogue.
    pub fn open_catalogue(&self, source: &str) -> Result<Input, CliError> {
        if source == "-" {
            let Some(name) = &self.format else {
                return Err(CliError::trouble("the format of stdin is not known")
                    .hint("say which it is: --format csv, --format tsv or --format jsonl"));
            };
            let reader = Box::new(std::io::stdin()).into();
            return Ok(Input { name: "-".to_owned(), format: format(name)?, reader, len: None });
        }
        if Path::new(source).is_dir() {
            return Err(CliError::trouble(format!("{source} is a folder"))
                .hint("give a catalogue of its works: a .csv, .tsv, .jsonl or .parquet file"));
        }
        match &self.format {
            Some(name) => Ok(Input::open_as(source, format(name)?)?),
            None => Ok(Input::open(source)?),
        }
    }

    /// Opens a list of works: a catalogue where its name or `--format` says so, else one identifier or digest a line.
    pub fn open_list(&self, source: &str) -> Result<Input, CliError> {
        let is_plain = self.format.is_none() && Format::of(source).is_err() && !is_table(source);
        match is_plain && source != "-" && !Path::new(source).is_dir() {
            true => Ok(Input::open_as(source, Format::List)?),
            false => self.open_catalogue(source),
        }
    }
}

fn format(name: &str) -> Result<Format, CliError> {
    Format::parse(name).ok_or_else(|| {
        CliError::trouble(format!("{name:?} is not a format"))
            .hint("there are csv, tsv, jsonl, json, parquet, list and dep5")
    })
}

/// The works that a user asks about: single identifiers, and all of some sources.
pub(crate) fn works(
    ids: &[String],
    sources: &[String],
    reading: &Reading,
    ledger: Option<&Disk>,
    progress: &Progress,
) -> Result<Vec<Asked>, CliError> {
    let mut works = ids.iter().map(|id| Ok(Asked::by(vec![work(id)?]))).collect::<Result<Vec<_>, CliError>>()?;
    let map = reading.map()?;
    for source in sources {
        let opening = Opening { map: &map, progress, ledger, remember: None, asks: true };
        works.extend(asked(reading.open(source, false)?, &opening)?);
    }
    Ok(works)
}

/// Whether a name says that the file is a table that no catalogue reader knows.
fn is_table(name: &str) -> bool {
    let tables = ["xlsx", "xls", "ods", "ndjson", "arrow", "feather", "sqlite", "db"];
    name.rsplit_once('.').is_some_and(|(_, ending)| tables.iter().any(|table| ending.eq_ignore_ascii_case(table)))
}

/// Whether a name says that the file is a catalogue inside a compressed file.
fn is_compressed_catalogue(name: &str) -> bool {
    let (inner, ending) = name.rsplit_once('.').unwrap_or_default();
    let compressed = ["gz", "bz2", "xz", "zst"].iter().any(|known| ending.eq_ignore_ascii_case(known));
    compressed && (Format::of(inner).is_ok() || is_table(inner))
}

/// What kind of archive a name says that it is, and what to do with it.
fn archive(name: &str) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "unpack it, and give the folder";
    const SHARD: &str = "say --shards to read its members as they are, or unpack it, and give the folder";
    let name = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let kinds: [(&[&str], _); 4] = [
        (&[".tar", ".tar.gz", ".tgz"], ("a tar archive", SHARD)),
        (&[".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"], ("a tar archive", UNPACK)),
        (&[".zip"], ("a zip archive", SHARD)),
        (&[".7z", ".rar"], ("an archive", UNPACK)),
    ];
    kinds.into_iter().find(|(endings, _)| ends(endings)).map(|(_, found)| found)
}

/// An identifier that can stand in a release: not a party's.
pub(crate) fn work(text: &str) -> Result<Identifier, CliError> {
    let id = identifier(text)?;
    if id.scheme().class(None) == Class::Party {
        return Err(CliError::trouble(format!("{id} names a party, not a work"))
            .hint("give the works' own identifiers, or a catalogue of them"));
    }
    Ok(id)
}

/// An identifier in any spelling of its scheme.
pub(crate) fn identifier(text: &str) -> Result<Identifier, CliError> {
    // What is canonical stays as it is, also where its value begins like a label.
    if let Ok(identifier) = Identifier::parse(text) {
        return Ok(identifier);
    }
    let schemes = || Scheme::ALL.map(Scheme::name).join(", ");
    let parsed = text.split_once(':').and_then(|(scheme, raw)| Some((Scheme::parse(scheme)?, raw)));
    let Some((scheme, raw)) = parsed else {
        return Err(CliError::trouble(format!("{text:?} is not an identifier"))
            .hint(format!("write SCHEME:VALUE; the schemes are {}", schemes())));
    };
    ingest::canonical(scheme, raw)
        .map_err(|error| CliError::trouble(format!("{text:?} {error}")).hint("compare it with where you have it from"))
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
    let fail = |error: std::io::Error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let shown = CliError::trouble(format!("{path} cannot be read")).because(error);
        if missing { shown.hint("check the name, and the folder that you are in") } else { shown }
    };
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
