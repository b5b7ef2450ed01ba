//! A catalogue, read record by record.
//!
//! The csv crate splits delimited text, behind [`Strict`]; serde_json reads JSON lines. What the columns mean is settled
//! once, before the first record. A Parquet file is read by its own reader, where built in. A text that cannot be trusted to say what its author meant is an error that ends the
//! reading; nothing is guessed. Invariant: memory is bounded by one record and one block of input.

use super::Progress;
use super::columns::{Columns, Field, Mapping, excerpt};
use super::error::{Fault, IngestError, Place, Placed};
use super::jsonl::{Lines, SHOWN_LEN, response};
use super::list::List;
use super::mtg::{self, MtgLicences};
#[cfg(feature = "parquet")]
use super::parquet::{self, Table};
use super::record::Record;
use super::strict::Strict;
use csv::StringRecord;
use std::fs::File;
use std::io::{self, Read};

/// The longest record, in bytes: 256 parties and 64 identifiers in long spellings are well below it.
pub const MAX_RECORD_LEN: usize = 1 << 20;

/// How a catalogue is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated (RFC 4180), UTF-8, with a header.
    Csv,
    /// Tab-separated (IANA `text/tab-separated-values`), UTF-8, with a header. It has no quoting.
    Tsv,
    /// One JSON object a line.
    Jsonl,
    /// A response of Jamendo's API (version 3): a JSON document with a list `results`.
    Json,
    /// A plain list: one identifier a line, or a digest and a name as `sha256sum` and `b3sum` print them.
    List,
    /// The licences of the MTG-Jamendo dataset (`audio_licenses.txt`): three lines a track, and an empty one.
    MtgLicences,
    /// A Parquet file. It is read from its end, so [`Catalogue::open_table`] opens it; needs the feature `parquet`.
    Parquet,
    /// Debian's machine-readable `debian/copyright` (format 1.0, once DEP-5), which describes the files of a folder and is
    /// no list of works: [`Copyright`](super::Copyright) reads it.
    Dep5,
}

/// The records of a catalogue.
pub struct Catalogue<R> {
    file: String,
    columns: Columns,
    source: Source<R>,
    ended: bool,
}

enum Source<R> {
    Delimited {
        reader: Box<csv::Reader<Strict<R>>>,
        row: StringRecord,
        fields: Vec<Field>,
    },
    Json(Lines<R>),
    List(List<R>),
    Whole(std::vec::IntoIter<Record>),
    Mtg(MtgLicences<R>),
    #[cfg(feature = "parquet")]
    Table(Box<Table>, std::vec::IntoIter<Record>),
}

impl Format {
    /// The format of this name: `csv`, `tsv`, `jsonl`, `json`, `list`, `parquet` or `dep5`.
    pub fn parse(name: &str) -> Option<Format> {
        let named = [
            ("csv", Format::Csv),
            ("tsv", Format::Tsv),
            ("jsonl", Format::Jsonl),
            ("json", Format::Json),
            ("list", Format::List),
            ("parquet", Format::Parquet),
            ("dep5", Format::Dep5),
        ];
        named.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, format)| format)
    }

    /// The format that a file's name says it has.
    ///
    /// # Errors
    /// [`Fault::Format`].
    pub fn of(file: &str) -> Result<Format, IngestError> {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        // As it is called in a package, and as people call several of them.
        if extension.unwrap_or(name) == "copyright" {
            return Ok(Format::Dep5);
        }
        if name == mtg::FILE {
            return Ok(Format::MtgLicences);
        }
        extension.and_then(Format::parse).ok_or_else(|| {
            let found = extension.map_or_else(|| "a name without extension".to_owned(), |e| format!(".{e}"));
            Placed::from(Fault::Format(found)).of(file)
        })
    }
}

impl<R: Read> Catalogue<R> {
    /// Begins to read a catalogue; `file` is its name in errors.
    ///
    /// # Errors
    /// [`IngestError`]: the header is missing, malformed, or says nothing by which a work could be found.
    pub fn open(file: &str, input: R, format: Format, map: &[Mapping]) -> Result<Catalogue<R>, IngestError> {
        Catalogue::with(file, input, format, Columns::new(map))
    }

    /// Begins to read a catalogue of works that are asked about: of each, its identifiers, title and path. What else the
    /// catalogue says of them is not looked at, so nothing there can be wrong.
    ///
    /// # Errors
    /// As [`Catalogue::open`].
    pub fn open_asking(file: &str, input: R, format: Format, map: &[Mapping]) -> Result<Catalogue<R>, IngestError> {
        Catalogue::with(file, input, format, Columns::new(map).only_names())
    }

    /// Begins to read a catalogue of works that a person lets in against the gate: in it, `who` and `because` are columns
    /// too.
    ///
    /// # Errors
    /// As [`Catalogue::open`].
    pub fn open_overrides(file: &str, input: R, format: Format, map: &[Mapping]) -> Result<Catalogue<R>, IngestError> {
        Catalogue::with(file, input, format, Columns::new(map).of_overrides())
    }

    /// Begins to read a Parquet file, which reads at many places; `asks` where works are only asked about, as with
    /// [`Catalogue::open_asking`].
    ///
    /// # Errors
    /// As [`Catalogue::open`]; [`Fault::NotBuiltIn`] without the feature `parquet`.
    pub fn open_table(
        file: &str,
        input: File,
        map: &[Mapping],
        asks: bool,
        progress: &Progress,
    ) -> Result<Catalogue<R>, IngestError> {
        let mut columns = if asks { Columns::new(map).only_names() } else { Columns::new(map) };
        let source = table(input, &mut columns, progress).map_err(|placed| placed.of(file))?;
        Ok(Catalogue { file: file.to_owned(), columns, source, ended: false })
    }

    fn with(file: &str, input: R, format: Format, mut columns: Columns) -> Result<Catalogue<R>, IngestError> {
        let source = match format {
            Format::Csv => delimited(input, b',', true, &mut columns),
            Format::Tsv => delimited(input, b'\t', false, &mut columns),
            Format::Jsonl => Ok(Source::Json(Lines::new(input))),
            Format::Json => response(input, &mut columns).map(|records| Source::Whole(records.into_iter())),
            Format::List => columns.none().map(|()| Source::List(List::new(file, input))).map_err(Placed::from),
            Format::MtgLicences => columns.none().map(|()| Source::Mtg(MtgLicences::new(input))).map_err(Placed::from),
            Format::Parquet if cfg!(feature = "parquet") => Err(Fault::Stream.into()),
            Format::Parquet => Err(Fault::NotBuiltIn.into()),
            Format::Dep5 => Err(Fault::DescribesFiles.into()),
        };
        let source = source.map_err(|placed| placed.of(file))?;
        Ok(Catalogue { file: file.to_owned(), columns, source, ended: false })
    }

    /// Names of columns that fill no field. In JSON lines: those met so far.
    pub fn ignored(&self) -> &[String] {
        self.columns.ignored()
    }

    /// The error of a catalogue of files in which no record has a path.
    pub(super) fn without_paths(&self) -> IngestError {
        Placed::from(Fault::NoPath(self.columns.names().to_vec())).of(&self.file)
    }

    fn read(&mut self) -> Result<Option<Record>, Placed> {
        match &mut self.source {
            Source::Json(lines) => lines.next(&mut self.columns),
            Source::List(lines) => lines.next(),
            Source::Whole(records) => Ok(records.next()),
            Source::Mtg(entries) => entries.next(),
            #[cfg(feature = "parquet")]
            Source::Table(table, rows) => loop {
                if let Some(record) = rows.next() {
                    return Ok(Some(record));
                }
                let Some(batch) = table.next()? else { return Ok(None) };
                *rows = parquet::records(&batch, &table.columns())?.into_iter();
            },
            Source::Delimited { reader, row, fields } => {
                let Some(line) = next_row(reader, row, self.columns.names())? else { return Ok(None) };
                let (found, wanted) = (row.len(), fields.len());
                if found < wanted || found > wanted && !self.columns.open_end() {
                    return Err(Placed(Place::Line(line), Fault::FieldCount { found, wanted }));
                }
                let mut record = Record { line, ..Record::default() };
                let columns = fields.iter().zip(self.columns.names());
                for ((field, name), cell) in columns.zip(&*row).filter(|((field, _), _)| **field != Field::Ignore) {
                    record.put_cell(*field, name, cell).map_err(|what| {
                        let (field, raw) = (name.clone(), excerpt(cell, SHOWN_LEN));
                        Placed(Place::Line(line), Fault::Value { field, raw, what })
                    })?;
                }
                Ok(Some(record))
            }
        }
    }
}

impl<R: Read> Iterator for Catalogue<R> {
    type Item = Result<Record, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read().map_err(|placed| placed.of(&self.file)).transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

#[cfg(feature = "parquet")]
fn table<R>(input: File, columns: &mut Columns, progress: &Progress) -> Result<Source<R>, Placed> {
    let table = Table::open(input, columns, progress)?;
    Ok(Source::Table(Box::new(table), Vec::new().into_iter()))
}

#[cfg(not(feature = "parquet"))]
fn table<R>(_: File, _: &mut Columns, _: &Progress) -> Result<Source<R>, Placed> {
    Err(Fault::NotBuiltIn.into())
}

fn delimited<R: Read>(input: R, delimiter: u8, quoting: bool, columns: &mut Columns) -> Result<Source<R>, Placed> {
    let mut settings = csv::ReaderBuilder::new();
    // Rows of other lengths are counted here, with a better error; the header is a row like others.
    settings.has_headers(false).flexible(true).delimiter(delimiter).quoting(quoting).buffer_capacity(1 << 16);
    let mut reader = Box::new(settings.from_reader(Strict::new(input, delimiter, quoting)));
    let mut row = StringRecord::new();
    next_row(&mut reader, &mut row, &[])?.ok_or(Fault::Empty)?;
    let fields = columns.header(row.iter())?;
    Ok(Source::Delimited { reader, row, fields })
}

/// Reads the next row and returns the line on which it begins; `None` at the end.
fn next_row<R: Read>(
    reader: &mut csv::Reader<Strict<R>>,
    row: &mut StringRecord,
    names: &[String],
) -> Result<Option<u64>, Placed> {
    let read = reader.read_record(row);
    let strict = reader.get_mut();
    match read {
        Ok(false) => Ok(None),
        // Strict has seen every record begin before csv sees it end.
        Ok(true) => Ok(Some(strict.next_start().unwrap_or(0))),
        Err(error) => match error.into_kind() {
            csv::ErrorKind::Io(error) => Err(strict.flaw().unwrap_or(Fault::Read(error).into())),
            csv::ErrorKind::Utf8 { err, .. } => {
                let unnamed = || format!("column {}", err.field() + 1);
                let field = names.get(err.field()).cloned().unwrap_or_else(unnamed);
                let fault = Fault::Utf8 { field, byte: err.valid_up_to() + 1 };
                Err(Placed(Place::Line(strict.next_start().unwrap_or(0)), fault))
            }
            other => Err(Fault::Read(io::Error::other(format!("{other:?}"))).into()),
        },
    }
}
