//! The works of a sealed release, one after another in log order; and what they are to another dataset.
//!
//! A release is rows of identifiers, sorted by key. The admissions that they lead to are its works (formats.md, section
//! 3, "Rows of a release"): they are marked in a bitmap over the log, and then read from the log from left to right.
//! Nothing that came later takes a work out of a sealed release: one withdrawn or erased since is marked as such.
//!
//! Not here: a proof. The rows are held against the signed root, and each entry against its leaf; whether the rows are
//! *all* that the release should have, `log fsck` tells.
//!
//! Invariant: memory is one bit for each entry below the release, and one bundle.

use super::bitmap::Bitmap;
use super::candidate::{Place, SourceWork};
use super::view::{self, Removed};
use super::{LedgerError, View};
use crate::index::{IndexError, RowsFile};
use crate::ingest::{Problem, RawLicence};
use crate::log::{Entry, LogReader};
use crate::rows::{self, Builder, Row};
use crate::statement::vocabulary::Code;
use crate::statement::{Admission, Name, Release, ReleaseName, RowsRef, Statement, json};
use crate::tlog::tile::FULL_WIDTH;
use std::collections::HashMap;

/// Entries of the log below a release whose works can be listed: a bitmap of 1 GiB, over some 4 TB of entries.
pub const MAX_MARKED: u64 = 1 << 33;

/// Grants whose names are remembered: 64 bytes each at most. A release relies on some hundreds.
const MAX_GRANT_NAMES: usize = 1 << 16;

/// A work of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseWork {
    /// Log index of its admission.
    pub index: u64,
    /// What was recorded of it; `None` if it was erased since.
    pub admission: Option<Admission>,
    /// Whether it was withdrawn since: it is in this release, and in none sealed after that.
    pub withdrawn: bool,
}

/// The works of a release. After an error there are no more.
#[derive(Debug)]
pub struct ReleaseWorks {
    release: ReleaseName,
    dataset: u64,
    marked: Bitmap,
    removed: Removed,
    log: LogReader,
    /// Where reading goes on.
    next: u64,
    bundle: std::vec::IntoIter<(u64, Entry)>,
}

/// The works of a sealed release, in log order.
///
/// # Errors
/// There is no such release, or its rows are not those that were sealed.
pub fn release_works(view: &View, name: &ReleaseName) -> Result<ReleaseWorks, LedgerError> {
    let (index, release) = view.release(name)?;
    if release.log_size > MAX_MARKED {
        let (release, log_size) = (name.clone(), release.log_size);
        return Err(LedgerError::LongLog { release, log_size, most: MAX_MARKED });
    }
    Ok(ReleaseWorks {
        marked: marked(view, name, index, &release)?,
        removed: view.removed(release.dataset, view.log().size())?,
        log: LogReader::at(view.disk(), view.log().checkpoint().clone())?,
        release: name.clone(),
        dataset: release.dataset,
        next: 0,
        bundle: Vec::new().into_iter(),
    })
}

impl ReleaseWorks {
    /// How many there are, those that have come already among them.
    pub fn total(&self) -> u64 {
        self.marked.count()
    }

    fn work(&self, index: u64, entry: &Entry) -> Result<ReleaseWork, LedgerError> {
        let foreign = || LedgerError::ForeignRow { release: self.release.clone(), index };
        let admission = match entry {
            Entry::Text(text) => Some(admission(index, text)?.ok_or_else(foreign)?),
            // Without its erasure an empty entry is damage (formats.md, section 2).
            Entry::Erased(_) if !self.removed.has_erased(index) => return Err(LedgerError::Emptied { index }),
            Entry::Erased(_) => None,
        };
        if admission.as_ref().is_some_and(|a| a.dataset != self.dataset) {
            return Err(foreign());
        }
        Ok(ReleaseWork { index, admission, withdrawn: self.removed.has_withdrawn(index) })
    }

    /// Reads on, up to the end of the bundle that has the next marked entry; `None` if there is no such entry.
    fn read_on(&mut self) -> Option<Result<(), LedgerError>> {
        let first = self.marked.next_from(self.next)?;
        let width = u64::from(FULL_WIDTH);
        self.next = (first - first % width + width).min(self.log.size());
        let entries = self.log.entries(first..self.next).collect::<Result<Vec<_>, _>>();
        Some(entries.map(|entries| self.bundle = entries.into_iter()).map_err(LedgerError::from))
    }

    fn end(&mut self) {
        self.next = u64::MAX;
        self.bundle = Vec::new().into_iter();
    }
}

impl Iterator for ReleaseWorks {
    type Item = Result<ReleaseWork, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        let work = loop {
            match self.bundle.next() {
                Some((index, entry)) if self.marked.has(index) => break self.work(index, &entry),
                Some(_) => {}
                None => {
                    if let Err(error) = self.read_on()? {
                        break Err(error);
                    }
                }
            }
        };
        if work.is_err() {
            self.end();
        }
        Some(work)
    }
}

/// What an admission is to another dataset: a candidate, to be screened anew. It keeps what is true of the work, and
/// leaves behind what the old dataset decided and did: grants, obligations, overrides, first use.
///
/// `dataset` is the old one's name, for the words about what happened to the work there.
pub fn candidate(work: ReleaseWork, dataset: &Name) -> SourceWork {
    let problem = |code: Code, what: String| {
        let (field, raw) = ("entry".to_owned(), work.index.to_string());
        Problem { code, field, raw, what }
    };
    let erased = || problem(Code::Unreadable, "was erased".to_owned());
    let withdrawn = || problem(Code::NeedsReview, format!("was withdrawn from {dataset} since"));
    let mut problems = Vec::new();
    problems.extend(work.admission.is_none().then(erased));
    problems.extend(work.withdrawn.then(withdrawn));
    let Some(admission) = work.admission else {
        return SourceWork { problems, ..nameless(work.index) };
    };
    SourceWork {
        title: admission.title,
        parties: admission.parties,
        identifiers: admission.identifiers.to_vec(),
        embodiments: admission.embodiments,
        layers: admission.layers.to_vec(),
        licence: admission.licence.map(|l| RawLicence { raw: l.raw, source: l.source }),
        work_type: admission.work_type,
        problems,
        ..nameless(work.index)
    }
}

fn nameless(entry: u64) -> SourceWork {
    SourceWork {
        place: Place { entry: Some(entry), ..Place::default() },
        title: None,
        parties: Vec::new(),
        identifiers: Vec::new(),
        embodiments: Vec::new(),
        layers: Vec::new(),
        licence: None,
        work_type: None,
        used_from: None,
        offer: None,
        problems: Vec::new(),
    }
}

/// The names of grants, by log index; each is looked up once.
#[derive(Debug)]
pub struct GrantNames<'v> {
    view: &'v View,
    known: HashMap<u64, Name>,
}

impl<'v> GrantNames<'v> {
    /// Of a ledger's grants.
    pub fn new(view: &'v View) -> GrantNames<'v> {
        GrantNames { view, known: HashMap::new() }
    }

    /// The name of the grant at a log index.
    ///
    /// # Errors
    /// There is none.
    pub fn name(&mut self, index: u64) -> Result<Name, LedgerError> {
        if let Some(name) = self.known.get(&index) {
            return Ok(name.clone());
        }
        if self.known.len() >= MAX_GRANT_NAMES {
            self.known.clear();
        }
        let name = self.view.grant_at(index)?.2.id;
        self.known.insert(index, name.clone());
        Ok(name)
    }
}

/// The admissions that the rows of a release lead to, once the rows are known to be those that were sealed.
fn marked(view: &View, name: &ReleaseName, index: u64, release: &Release) -> Result<Bitmap, LedgerError> {
    let path = super::seal::release_path(name);
    let file = RowsFile::open(view.disk(), &path, rows::Kind::Release)?;
    let bad = || LedgerError::BadRows { path: path.clone(), index };
    // A release's size is its own index (formats.md, section 3); whatever it says, no row leads to it or beyond.
    let mut marked = Bitmap::below(release.log_size.min(index));
    // The root is taken from the same reading as the marks: two readings might differ.
    let mut builder =
        Builder::new(rows::Kind::Release, file.count(), |_, _| Ok::<(), IndexError>(())).map_err(IndexError::from)?;
    let mut outside = None;
    for row in file.stream() {
        let row: Row = row?;
        builder.push(row).map_err(|_| bad())?;
        if !marked.add(row.value) {
            outside = Some(row.value);
        }
    }
    let rows = RowsRef { count: file.count(), root: builder.finish().map_err(|_| bad())? };
    match outside {
        _ if rows != release.rows => Err(bad()),
        Some(index) => Err(LedgerError::ForeignRow { release: name.clone(), index }),
        None => Ok(marked),
    }
}

/// The admission at a marked entry; `None` if it is another statement.
fn admission(index: u64, text: &[u8]) -> Result<Option<Admission>, LedgerError> {
    // Nearly always it is one, and its kind need not be looked for first. Its bytes have the hash of its leaf, so they are
    // those that were recorded; that they are canonical too is for `log fsck` to say, and costs a quarter more here.
    if let Ok(admission) = json::parse_loose::<Admission>(text)
        && admission.check().is_ok()
    {
        return Ok(Some(admission));
    }
    match view::parse(index, text)? {
        Statement::Admission(admission) => Ok(Some(*admission)),
        _ => Ok(None),
    }
}
