//! The pages of one column of a row group, one after another: their headers looked at before anything is allocated by
//! them, and their bytes decompressed to the size that they claim and no further.
//!
//! `DELTA_BYTE_ARRAY` is written out as `PLAIN` here. Takes the place of the parquet crate's own page reader, which believes the headers, and which decompresses gzip without
//! a bound. What is in a page, the crate decodes. Spec: Parquet's
//! [pages](https://parquet.apache.org/docs/file-format/data-pages/). Invariants: a page takes at most [`MAX_PAGE_LEN`]
//! bytes; what all columns hold at once for one batch of rows, at most [`MAX_OPEN_LEN`].

use super::delta::plain;
use super::thrift::{Flaw, Header, PageKind, delta_count, page_header};
use crate::ingest::Progress;
use bytes::Bytes;
use parquet::basic::{CompressionCodec, Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescPtr;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a page, decompressed. Writers aim at one megabyte; a page of a thousand pictures has some hundred.
pub const MAX_PAGE_LEN: u64 = 256 << 20;

/// Bytes of all pages that one batch of rows needs at once.
pub const MAX_OPEN_LEN: u64 = 512 << 20;

/// Bytes of a page's header, which may hold the least and the greatest value of the page.
pub const MAX_PAGE_HEADER_LEN: usize = 1 << 20;

/// Bytes of it that are read first: nearly all headers are shorter.
const HEADER_GUESS_LEN: usize = 512;

/// What a value costs in memory, once decoded: a reference to its page, and two levels.
const VALUE_LEN: u64 = 40;

/// What its lengths cost, where all those of a page are decoded at once.
const LENGTH_LEN: u64 = 8;

/// The file that all columns read.
#[derive(Debug)]
pub(super) struct Source {
    file: Mutex<File>,
    pub progress: Progress,
}

/// What the pages of every column take in memory.
#[derive(Debug, Default)]
pub(super) struct Open {
    columns: Mutex<Vec<Held>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Held {
    dictionary: u64,
    /// The page that is being read.
    page: u64,
    /// The pages that the rows of this batch came from before it.
    before: u64,
}

/// The pages of a column chunk.
pub(super) struct Pages {
    pub source: Arc<Source>,
    pub open: Arc<Open>,
    /// Which column it is, among those that are read.
    pub index: usize,
    pub column: ColumnDescPtr,
    pub codec: CompressionCodec,
    /// Where the next page begins, and the last one ends.
    pub at: u64,
    pub end: u64,
    pub next: Option<Header>,
    pub has_dictionary: bool,
}

impl Source {
    pub fn new(file: File, progress: &Progress) -> Source {
        Source { file: Mutex::new(file), progress: progress.clone() }
    }

    /// Reads bytes that are known to be there.
    pub fn read(&self, at: u64, len: usize) -> std::io::Result<Vec<u8>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::with_capacity(len);
        file.by_ref().take(len as u64).read_to_end(&mut bytes)?;
        if bytes.len() == len { Ok(bytes) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl Open {
    /// Begins with a row group.
    pub fn reset(&self, columns: usize) {
        let mut held = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        held.clear();
        held.resize(columns, Held::default());
    }

    /// Begins with a batch of rows: of the pages before, only the last of each column is still needed.
    pub fn begin(&self) {
        let mut held = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter_mut().for_each(|column| column.before = 0);
    }

    /// Takes in a page.
    fn take(&self, column: usize, dictionary: bool, len: u64) -> Result<(), ParquetError> {
        let mut held = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.get_mut(column) {
            match dictionary {
                true => held.dictionary = len,
                false => (held.before, held.page) = (held.before.saturating_add(held.page), len),
            }
        }
        let sum = |total: u64, h: &Held| total.saturating_add(h.dictionary).saturating_add(h.page + h.before);
        if held.iter().fold(0, sum) <= MAX_OPEN_LEN {
            return Ok(());
        }
        Err(flaw(format!("its rows need pages of more than {MAX_OPEN_LEN} bytes at once")))
    }
}

impl Pages {
    /// The header of the next page; `None` at the end.
    fn header(&mut self) -> Result<Option<Header>, ParquetError> {
        if self.next.is_some() || self.at == self.end {
            return Ok(self.next);
        }
        let mut len = HEADER_GUESS_LEN;
        loop {
            let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
            let bytes = self.source.read(self.at, len.min(left)).map_err(io)?;
            match page_header(&bytes) {
                Ok((header, taken)) => {
                    self.at += taken as u64;
                    if header.stored > self.end - self.at {
                        return Err(flaw("a page reaches over the end of its column".to_owned()));
                    }
                    self.source.progress.add(0, taken as u64);
                    self.next = Some(header);
                    return Ok(self.next);
                }
                Err(Flaw::Cut) if len < left.min(MAX_PAGE_HEADER_LEN) => len = (len * 8).min(MAX_PAGE_HEADER_LEN),
                Err(Flaw::Cut) => return Err(flaw("a page header without an end".to_owned())),
                Err(Flaw::Bad(what)) => return Err(flaw(what.to_owned())),
            }
        }
    }

    /// Reads a page, once its header is found to be possible.
    fn page(&mut self, header: Header) -> Result<Page, ParquetError> {
        let Header { kind, values, .. } = header;
        let encoding = encoding_of(header.encoding)?;
        if header.len > MAX_PAGE_LEN || header.stored > MAX_PAGE_LEN {
            return Err(flaw(format!("a page of more than {MAX_PAGE_LEN} bytes")));
        }
        let dictionary = matches!(kind, PageKind::Dictionary { .. });
        self.possible(&header, encoding)?;
        // Values are decoded a batch at a time; but one list may take all of them, and of some the lengths stand in front.
        let decoded = match encoding {
            _ if dictionary || self.column.max_rep_level() > 0 => u64::from(values) * VALUE_LEN,
            Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY => u64::from(values) * LENGTH_LEN,
            _ => 0,
        };
        self.open.take(self.index, dictionary, header.len + decoded)?;
        let stored = usize::try_from(header.stored).map_err(|_| flaw("a page too long for this machine".to_owned()))?;
        let stored = self.source.read(self.at, stored).map_err(io)?;
        let buf = self.decompressed(&header, stored)?;
        let page = match kind {
            PageKind::Dictionary { sorted } => {
                self.has_dictionary = true;
                // What older writers call plain, in a dictionary.
                Page::DictionaryPage { buf, num_values: values, encoding: Encoding::RLE_DICTIONARY, is_sorted: sorted }
            }
            PageKind::Data { definitions, repetitions } => {
                let levels = |number, most| if most > 0 { level_encoding(number) } else { Ok(Encoding::RLE) };
                Page::DataPage {
                    num_values: values,
                    encoding,
                    def_level_encoding: levels(definitions, self.column.max_def_level())?,
                    rep_level_encoding: levels(repetitions, self.column.max_rep_level())?,
                    statistics: None,
                    buf,
                }
            }
            PageKind::DataV2 { nulls, rows, definitions, repetitions, compressed } => Page::DataPageV2 {
                buf,
                num_values: values,
                encoding,
                num_nulls: nulls,
                num_rows: rows,
                def_levels_byte_len: definitions,
                rep_levels_byte_len: repetitions,
                is_compressed: compressed,
                statistics: None,
            },
            PageKind::Other => return Err(flaw("a page of an unknown kind".to_owned())),
        };
        self.bounded(page)
    }

    /// Whether a header can be true, as far as that can be said without the page.
    fn possible(&self, header: &Header, encoding: Encoding) -> Result<(), ParquetError> {
        let wrong = |what: &str| Err(flaw(what.to_owned()));
        match header.kind {
            PageKind::Dictionary { .. } => {
                let least = match self.column.physical_type() {
                    Type::INT64 | Type::DOUBLE => 8,
                    Type::INT96 => 12,
                    Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
                    // Neither is kept in dictionaries by any writer, or read by this reader.
                    Type::BOOLEAN | Type::FIXED_LEN_BYTE_ARRAY => return wrong("a dictionary of unfit values"),
                };
                if !matches!(encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY) {
                    return wrong("a dictionary that is not written plainly");
                }
                if u64::from(header.values) * least > header.len {
                    return wrong("a dictionary of more values than it has room for");
                }
            }
            PageKind::Data { .. } | PageKind::DataV2 { .. } => {
                let by_dictionary = matches!(encoding, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
                if by_dictionary && !self.has_dictionary {
                    return wrong("a page that needs a dictionary, and there is none");
                }
                if let PageKind::DataV2 { nulls, rows, definitions, repetitions, .. } = header.kind
                    && (nulls > header.values
                        || rows > header.values
                        || u64::from(definitions) + u64::from(repetitions) > header.len.min(header.stored))
                {
                    return wrong("a page header whose parts contradict each other");
                }
            }
            PageKind::Other => {}
        }
        Ok(())
    }

    /// A page whose own claims, inside, can be true, in an encoding that the crate may decode.
    fn bounded(&self, page: Page) -> Result<Page, ParquetError> {
        let encoding = page.encoding();
        let is_delta = matches!(
            encoding,
            Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY
        );
        if !page.is_data_page() || !is_delta {
            return Ok(page);
        }
        let values = page.num_values();
        let at = self.values_at(&page);
        let (levels, inside) = at.and_then(|at| page.buffer().split_at_checked(at)).ok_or_else(cut)?;
        if encoding != Encoding::DELTA_BYTE_ARRAY {
            return match delta_count(inside) {
                Ok(count) if count <= u64::from(values) => Ok(page),
                Ok(_) => Err(flaw("a page of more values than its header says".to_owned())),
                Err(_) => Err(cut()),
            };
        }
        let plain = plain(inside, values as usize, MAX_PAGE_LEN as usize).map_err(|flawed| match flawed {
            Flaw::Cut => cut(),
            Flaw::Bad(what) => flaw(what.to_owned()),
        })?;
        self.open.take(self.index, false, plain.len() as u64)?;
        let whole = Bytes::from([levels, &plain].concat());
        Ok(match page {
            Page::DataPage { num_values, def_level_encoding, rep_level_encoding, statistics, .. } => Page::DataPage {
                buf: whole,
                num_values,
                encoding: Encoding::PLAIN,
                def_level_encoding,
                rep_level_encoding,
                statistics,
            },
            Page::DataPageV2 {
                num_values,
                num_nulls,
                num_rows,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                statistics,
                ..
            } => Page::DataPageV2 {
                buf: whole,
                num_values,
                encoding: Encoding::PLAIN,
                num_nulls,
                num_rows,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                statistics,
            },
            dictionary @ Page::DictionaryPage { .. } => dictionary,
        })
    }

    /// Where in a page its levels end and its values begin; `None` where the levels do not end in it.
    fn values_at(&self, page: &Page) -> Option<usize> {
        if let Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } = page {
            return (*def_levels_byte_len as usize).checked_add(*rep_levels_byte_len as usize);
        }
        let mut at = 0_usize;
        for most in [self.column.max_rep_level(), self.column.max_def_level()] {
            if most > 0 {
                let len = page.buffer().get(at..)?.first_chunk()?;
                at = at.checked_add(4)?.checked_add(u32::from_le_bytes(*len) as usize)?;
            }
        }
        Some(at)
    }

    /// The page as its writer had it, in exactly as many bytes as the header says.
    fn decompressed(&self, header: &Header, stored: Vec<u8>) -> Result<Bytes, ParquetError> {
        let wrong = || flaw("a page whose bytes are not as many as its header says".to_owned());
        let len = usize::try_from(header.len).map_err(|_| wrong())?;
        let (levels, is_compressed) = match header.kind {
            // Levels of this version are never compressed.
            PageKind::DataV2 { definitions, repetitions, compressed, .. } => {
                (definitions as usize + repetitions as usize, compressed)
            }
            PageKind::Dictionary { .. } | PageKind::Data { .. } | PageKind::Other => (0, true),
        };
        if self.codec == CompressionCodec::UNCOMPRESSED || !is_compressed {
            return if stored.len() == len { Ok(stored.into()) } else { Err(wrong()) };
        }
        let (levels, packed) = stored.split_at_checked(levels).ok_or_else(wrong)?;
        let values = len.checked_sub(levels.len()).ok_or_else(wrong)?;
        let unpacked = match values {
            // A page of nothing but nulls may leave its values out altogether.
            0 => Vec::new(),
            _ => decompress(self.codec, packed, values)?,
        };
        if unpacked.len() != values {
            return Err(wrong());
        }
        Ok(if levels.is_empty() { unpacked.into() } else { [levels, &unpacked].concat().into() })
    }
}

impl Iterator for Pages {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        while let Some(header) = self.header()? {
            let page = (header.kind != PageKind::Other).then(|| self.page(header)).transpose()?;
            self.skip_next_page()?;
            if page.is_some() {
                return Ok(page);
            }
        }
        Ok(None)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        let Some(header) = self.header()? else { return Ok(None) };
        let (num_rows, is_dict) = match header.kind {
            PageKind::DataV2 { rows, .. } => (Some(rows as usize), false),
            PageKind::Dictionary { .. } => (None, true),
            PageKind::Data { .. } | PageKind::Other => (None, false),
        };
        Ok(Some(PageMetadata { num_rows, num_levels: Some(header.values as usize), is_dict }))
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        if let Some(header) = self.next.take() {
            // The header was held against the column's end.
            self.at += header.stored;
            self.source.progress.add(0, header.stored);
        }
        Ok(())
    }
}

fn decompress(codec: CompressionCodec, packed: &[u8], len: usize) -> Result<Vec<u8>, ParquetError> {
    let broken = || flaw("a page that cannot be decompressed".to_owned());
    let mut unpacked = Vec::new();
    match codec {
        CompressionCodec::SNAPPY => {
            if snap::raw::decompress_len(packed).map_err(|_| broken())? != len {
                return Err(broken());
            }
            unpacked.resize(len, 0);
            snap::raw::Decoder::new().decompress(packed, &mut unpacked).map_err(|_| broken())?;
        }
        CompressionCodec::GZIP => {
            // One byte more than there may be tells that there are more.
            let stream = flate2::read::MultiGzDecoder::new(packed);
            stream.take(len as u64 + 1).read_to_end(&mut unpacked).map_err(|_| broken())?;
        }
        CompressionCodec::ZSTD => {
            unpacked = zstd::bulk::decompress(packed, len).map_err(|_| broken())?;
        }
        CompressionCodec::LZ4_RAW => {
            unpacked.resize(len, 0);
            let written = lz4_flex::block::decompress_into(packed, &mut unpacked).map_err(|_| broken())?;
            unpacked.truncate(written);
        }
        CompressionCodec::UNCOMPRESSED => return Ok(packed.to_vec()),
        CompressionCodec::LZO | CompressionCodec::BROTLI | CompressionCodec::LZ4 => {
            return Err(flaw(format!("is compressed with {codec}: write it with zstd, snappy or gzip")));
        }
    }
    Ok(unpacked)
}

/// The encodings that are read.
fn encoding_of(number: i64) -> Result<Encoding, ParquetError> {
    match number {
        0 => Ok(Encoding::PLAIN),
        2 => Ok(Encoding::PLAIN_DICTIONARY),
        3 => Ok(Encoding::RLE),
        5 => Ok(Encoding::DELTA_BINARY_PACKED),
        6 => Ok(Encoding::DELTA_LENGTH_BYTE_ARRAY),
        8 => Ok(Encoding::RLE_DICTIONARY),
        7 => Ok(Encoding::DELTA_BYTE_ARRAY),
        other => Err(flaw(format!("is in encoding {other}, which is not read"))),
    }
}

fn level_encoding(number: i64) -> Result<Encoding, ParquetError> {
    match number {
        3 => Ok(Encoding::RLE),
        other => Err(flaw(format!("has levels in encoding {other}, which is not read"))),
    }
}

fn flaw(what: String) -> ParquetError {
    ParquetError::General(what)
}

fn cut() -> ParquetError {
    flaw("a page that ends too early".to_owned())
}

fn io(error: std::io::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}
