//! Why a catalogue cannot be read: which file, where in it, and what is wrong there.
//!
//! Not what is wrong with one work (an identifier with a wrong check digit): that is a [`Problem`](super::Problem) of
//! its record, which refuses the work and lets the others pass.

use super::columns::{Field, MAX_COLUMNS, listed, nearest};
use std::{fmt, io};

/// Why a catalogue cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}{place}: {fault}")]
pub struct IngestError {
    /// The file.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong there.
    pub fault: Fault,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// The record that begins on this line, from 1.
    Line(u64),
    /// A line and a column, in characters, both from 1.
    At(u64, u64),
    /// A row of a table that has no lines, from 1.
    Row(u64),
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file's extension, or its lack, says that it is no catalogue.
    #[error("{0} is no format of catalogues")]
    Format(String),
    /// The operating system's error.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// No header, no record.
    #[error("is empty")]
    Empty,
    /// A NUL byte.
    #[error("a NUL byte")]
    Nul,
    /// A quote where the field does not begin with one.
    #[error("a quote inside an unquoted field")]
    StrayQuote,
    /// Text between a closing quote and the next delimiter.
    #[error("text after a closing quote")]
    AfterQuote,
    /// A quote that nothing closes; the place is where it opens.
    #[error("a quote that is never closed")]
    UnclosedQuote,
    /// A record longer than [`MAX_RECORD_LEN`](super::MAX_RECORD_LEN); the place is where it begins.
    #[error("a record longer than {most} bytes", most = super::MAX_RECORD_LEN)]
    TooLong,
    /// Not UTF-8.
    #[error("{field}: is not UTF-8 from its byte {byte} on")]
    Utf8 {
        /// The column.
        field: String,
        /// The first byte that is no UTF-8, from 1.
        byte: usize,
    },
    /// Another number of fields than the header has.
    #[error("the record's number of fields is {found}, the header's {wanted}")]
    FieldCount {
        /// Fields of the record.
        found: usize,
        /// Fields of the header.
        wanted: usize,
    },
    /// A line that is not a JSON object of the expected shape.
    #[error("{0}")]
    Json(String),
    /// A value that its field cannot take.
    #[error("{field}: {raw:?} {what}")]
    Value {
        /// The column.
        field: String,
        /// The value's beginning.
        raw: String,
        /// What is wrong with it.
        what: String,
    },
    /// Two columns of one name.
    #[error("columns {first} and {second} are both named {name:?}")]
    DuplicateColumn {
        /// The name.
        name: String,
        /// The first one's position, from 1.
        first: usize,
        /// The second one's position, from 1.
        second: usize,
    },
    /// More than [`MAX_COLUMNS`].
    #[error("has more than {MAX_COLUMNS} columns")]
    TooManyColumns,
    /// A column that is mapped and not there.
    #[error("has no column {column:?}; it has {}", listed(.columns))]
    UnknownColumn {
        /// The column of the mapping.
        column: String,
        /// The columns that are there.
        columns: Vec<String>,
    },
    /// One field from two columns, where only one value fits.
    #[error("columns {first:?} and {second:?} both give {field}, which takes one value")]
    TwoColumns {
        /// The field.
        field: Field,
        /// One column.
        first: String,
        /// The other.
        second: String,
    },
    /// No column by which a work could be found; these are there.
    #[error("no column identifies a work; it has {}", listed(.0))]
    NoIdentifier(Vec<String>),
    /// A catalogue of files none of whose records has a path; these columns are there.
    #[error("no record names a file by its path; it has {}", listed(.0))]
    NoPath(Vec<String>),
    /// A file longer than may be.
    #[error("is longer than {most} bytes")]
    FileTooLong {
        /// The most that it may have.
        most: u64,
    },
    /// A copyright file without the field by which it says that it is written for machines.
    #[error("is no machine-readable copyright file: its header has no field Format")]
    NotMachineReadable,
    /// A paragraph of a copyright file that is not written as its format says.
    #[error("{0}")]
    Paragraph(String),
    /// A JSON document that is no response of Jamendo's API.
    #[error("is no response of Jamendo's API: it has no list \"results\"")]
    NoResults,
    /// An entry of MTG-Jamendo's list of licences that is not three lines.
    #[error("an entry that is not a path, a credit and a licence, each on its line")]
    NotThreeLines,
    /// A Parquet file that is damaged, or written in a way that is not read.
    #[error("cannot be read as Parquet: {0}")]
    Parquet(String),
    /// A column whose name means something, and whose type cannot say it.
    #[error("column {column:?} has {found}, and {field} is text, a whole number, a day{}",
        if .field.holds_many() { ", or a list of them" } else { "" })]
    ColumnType {
        /// The column.
        column: String,
        /// What its name says that it is.
        field: Field,
        /// What it has.
        found: String,
    },
    /// More rows than a release may have.
    #[error("has more than {most} rows", most = crate::rows::MAX_COUNT)]
    TooManyRows,
    /// A Parquet file, to a program built without what reads it.
    #[error("is Parquet, which this program was built without")]
    NotBuiltIn,
    /// Parquet where only a stream of bytes is at hand: its beginning cannot be understood before its end.
    #[error("is Parquet, which is read from its end: not from a stream, and not as a list")]
    Stream,
    /// A file that says something of the files of a folder, given as a list of works.
    #[error("describes files, and is no list of works")]
    DescribesFiles,
    /// A folder that holds the ledger: its entries, and its signing key, are no works.
    #[error("holds this ledger")]
    HoldsLedger,
    /// A folder or file of the ledger's.
    #[error("is part of this ledger")]
    InLedger,
    /// A folder without files.
    #[error("holds no files")]
    NoFiles,
    /// What is sorted on the way does not fit the disk, or cannot be read again.
    #[error("the temporary folder refuses: {0}")]
    Temporary(io::Error),
    /// The run was asked to end.
    #[error("interrupted")]
    Interrupted,
    /// A mapping that is not `COLUMN=FIELD`.
    #[error("{0:?} is not of the form COLUMN=FIELD")]
    Mapping(String),
    /// A mapping to a field that does not exist.
    #[error("there is no field {0:?}; there are {names}", names = Field::names().collect::<Vec<_>>().join(", "))]
    UnknownField(String),
}

impl IngestError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        self.fault.hint()
    }
}

impl Fault {
    /// What to do about it.
    pub fn hint(&self) -> String {
        let like = |near: Option<&str>, otherwise: &str| match near {
            Some(near) => format!("did you mean {near:?}?"),
            None => otherwise.to_owned(),
        };
        let plain = match self {
            Fault::Format(_) => {
                "catalogues are .csv, .tsv, .jsonl or .parquet: convert it, or say which it is with --format"
            }
            Fault::Read(_) => "check that the file is there and may be read",
            Fault::Empty => "a catalogue begins with a line of column names, or holds one JSON object a line",
            Fault::Nul => "the file is not plain text; if it is UTF-16, save it as UTF-8",
            Fault::StrayQuote | Fault::AfterQuote => "quote the whole field and write each quote inside it twice",
            Fault::UnclosedQuote => "close the quote that opens there",
            Fault::TooLong => "look for a quote that is not closed, or a file that is no catalogue",
            Fault::Utf8 { .. } => "save the file as UTF-8",
            Fault::FieldCount { .. } => "quote fields that hold the delimiter, and write empty fields out",
            Fault::Json(_) => "write one JSON object a line, of text, whole numbers and lists of them",
            Fault::Value { field, .. } => {
                return format!("correct the value, or leave the column out: --map {field:?}=ignore");
            }
            Fault::DuplicateColumn { .. } => "rename or remove one of them",
            Fault::TooManyColumns => "keep the columns that describe the works",
            Fault::UnknownColumn { column, columns } => {
                return like(nearest(column, columns.iter().map(String::as_str)), "name a column of the catalogue");
            }
            Fault::TwoColumns { second, .. } => return format!("leave one of them out: --map {second:?}=ignore"),
            Fault::NoIdentifier(_) => {
                "name a column path, or after its scheme (isbn, isrc ...), or say --map COLUMN=FIELD"
            }
            Fault::NoPath(_) => "name the column of the files' paths `path`, or say --map COLUMN=path",
            Fault::FileTooLong { .. } => "look whether it is the file that you mean",
            Fault::NotMachineReadable => "write a catalogue with the columns path and licence instead",
            Fault::Paragraph(_) => {
                "correct it, after https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
            }
            Fault::NoResults => "write other catalogues as JSON lines (.jsonl): one object a line",
            Fault::Parquet(_) => "write the table again, or as CSV or JSON lines",
            Fault::ColumnType { column, .. } => {
                return format!("write it so, or leave the column out: --map {column:?}=ignore");
            }
            Fault::TooManyRows => "divide it, and admit one part after another",
            Fault::NotBuiltIn => "build it with `--features parquet`, or write the table as CSV or JSON lines",
            Fault::Stream => "give it as a catalogue, by its name, or write it as CSV or JSON lines",
            Fault::NotThreeLines => "give the file as the dataset has it, or a catalogue",
            Fault::DescribesFiles => "give the folder as SOURCE, and this file as its --catalogue",
            Fault::HoldsLedger => "give the folder of the works alone, or move the ledger out of it",
            Fault::InLedger => "give files that lie elsewhere: a ledger's own are no works",
            Fault::NoFiles => "check the folder's name; links are followed with --follow",
            Fault::Temporary(_) => "free some space, or name another folder in TMPDIR",
            Fault::Interrupted => "run it again",
            Fault::Mapping(_) => "for example --map ISBN13=isbn",
            Fault::UnknownField(field) => return like(nearest(field, Field::names()), "for example --map ISBN13=isbn"),
        };
        plain.to_owned()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File => Ok(()),
            Place::Line(line) => write!(f, ":{line}"),
            Place::At(line, column) => write!(f, ":{line}:{column}"),
            Place::Row(row) => write!(f, ", row {row}"),
        }
    }
}

/// A fault and its place, before the file's name is added.
#[derive(Debug)]
pub(super) struct Placed(pub(super) Place, pub(super) Fault);

impl Placed {
    pub(super) fn of(self, file: &str) -> IngestError {
        IngestError { file: file.to_owned(), place: self.0, fault: self.1 }
    }
}

impl From<Fault> for Placed {
    fn from(fault: Fault) -> Placed {
        Placed(Place::File, fault)
    }
}
