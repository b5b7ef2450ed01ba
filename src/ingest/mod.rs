//! Catalogues and files in: delimited text, JSON lines and Parquet become [`Record`]s, files become digests and what they say of
//! themselves, raw identifiers become canonical ones.
//!
//! All of it is somebody else's. Two kinds of fault are kept apart. Where the *text* cannot be trusted (quotes,
//! encoding, numbers of fields, a word of no vocabulary), reading ends with an [`IngestError`] that names file, line and
//! column. Where one *work* is unfit (a wrong check digit, a field over its limit), its record carries a [`Problem`], and
//! the others go on; a file that cannot be read is such a work, and never passed over.
//!
//! Not here: judging licences, and what becomes of a file and a catalogue that contradict each other. Nothing is repaired and nothing is guessed.
//!
//! ```
//! use deedbook::ingest::{Catalogue, Format};
//! # fn main() -> Result<(), deedbook::ingest::IngestError> {
//! let csv = "Title,ISBN,Publisher,shelf\nA book,0-306-40615-2,North Press,12\n";
//! let mut catalogue = Catalogue::open("books.csv", csv.as_bytes(), Format::Csv, &[])?;
//! assert_eq!(catalogue.ignored(), ["shelf"]);
//! let record = catalogue.next().expect("one record")?;
//! assert_eq!(record.identifiers[0].as_str(), "isbn:9780306406157");
//! # Ok(())
//! # }
//! ```
//!
//! Reading order: `canonical` (identifiers), `columns` (names to fields), `record`, `strict` and `jsonl` (the two ways to
//! read), `list` (plain ones), `mtg` (one dataset's own), `parquet` (where built in), `catalogue`; for files `walk`, `content` (digests), `media` (what they say of themselves), `dep5` (what a
//! copyright file says of them), `shards` (archives of them), `sorted`, `folder`; `temporary`.

mod canonical;
mod catalogue;
mod columns;
mod content;
mod dep5;
mod error;
mod folder;
mod jsonl;
mod list;
mod media;
mod mtg;
#[cfg(feature = "parquet")]
mod parquet;
mod progress;
mod record;
mod shards;
mod sorted;
mod strict;
mod temporary;
mod walk;

pub use canonical::{MAX_RAW_IDENTIFIER_LEN, canonical};
pub use catalogue::{Catalogue, Format, MAX_RECORD_LEN};
pub use columns::{Field, MAX_COLUMNS, Mapping, excerpt, nearest, nearest_first};
pub use content::{BIG_FILE_LEN, BLOCK_LEN, HEAD_LEN, PIECE_LEN};
pub use dep5::{Copyright, MAX_COPYRIGHT_LEN, MAX_PATTERN_LEN, MAX_PATTERNS, MAX_STEPS};
pub use error::{Fault, IngestError, Place};
pub use folder::{BATCH_FILES, BATCH_LEN, Beside, Content, Known, MAX_RECORDS_OF_FILE, Reading, Scan, Scanned, newest};
pub use jsonl::MAX_RESPONSE_LEN;
pub use media::{
    About, MAX_ELEMENTS, MAX_LICENCES, MAX_LISTS, MAX_METADATA_LEN, MAX_PART_LEN, MAX_SEEKS, MAX_XML_DEPTH,
    Undescribed, describe,
};
#[cfg(feature = "parquet")]
pub use parquet::{
    MAX_FOOTER_LEN, MAX_FOOTER_LIST, MAX_LEAVES, MAX_OPEN_LEN, MAX_PAGE_HEADER_LEN, MAX_PAGE_LEN, MAX_SCHEMA_DEPTH,
    MAX_TABLE_ROWS, TABLE_BATCH_LEN, TABLE_BATCH_ROWS,
};
pub use progress::{Progress, Seen};
pub use record::{MAX_EXCERPT_LEN, Problem, RawLicence, Record};
pub use shards::{FREE_LEN, MAX_END_LEN, MAX_EXTENSION_LEN, MAX_MEMBERS, MAX_RATIO, MAX_RECORDS_OF_SHARD, is_shard};
pub use sorted::{MAX_CHUNKS, SORT_CHUNK_LEN};
pub use temporary::TemporaryFolder;
pub use walk::{MAX_DEPTH, MAX_FOLDER_NAMES, Stamp, Walking, path_key};
