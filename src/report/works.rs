//! `show --works`: a release as lines, JSON or CSV.
//!
//! JSON lines have everything that was recorded of a work but the salt. CSV is a catalogue: its columns are those that
//! catalogues have (docs/catalogues.md), so that the works of a release can be looked up, or admitted elsewhere, from
//! it. A work with several embodiments is as many neighbouring rows there, which `work` binds together; an erased one,
//! of which nothing is known, has no row.
//!
//! Invariant: a JSON line holds nothing that a terminal would act on; CSV for a terminal neither, CSV for anything else
//! has every text as it was recorded.

use super::{counted, json_escaped, plain};
use crate::ledger::works::ReleaseWork;
use crate::statement::admission::{Embodiment, Licence, Override, Party};
use crate::statement::identifier::{Identifier, Scheme};
use crate::statement::vocabulary::{Layer, Obligation, WorkType};
use crate::statement::{Admission, Date, Name, ReleaseName, Time, json};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The columns of the CSV.
pub const COLUMNS: [&str; 14] = [
    "entry",
    "at",
    "work",
    "title",
    "work_type",
    "identifiers",
    "layers",
    "licence",
    "path",
    "bytes",
    "media_type",
    "blake3",
    "sha256",
    "withdrawn",
];

/// A work of a release.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Line<'a> {
    /// When it was admitted, as the lab says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// The work's bytes, in one or more forms.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub embodiments: &'a [Embodiment],
    /// Log index of its admission.
    pub entry: u64,
    /// Whether its admission was erased since: nothing else is known of it then.
    pub erased: bool,
    /// The grant that covers each layer.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub grants: BTreeMap<Layer, Granted>,
    /// Identifiers of the work, and of groups and parties that it belongs to.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub identifiers: &'a [Identifier],
    /// The layers that the work has, where the catalogue said.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub layers: &'a [Layer],
    /// The work's own licence, as found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<&'a Licence>,
    /// Duties from the grants.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub obligations: &'a [Obligation],
    /// Who let it in against the gate, and why.
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub override_: Option<&'a Override>,
    /// Who has a part in it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub parties: &'a [Party],
    /// Log index of the first admission of the same work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<u64>,
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    /// The day of first use, where it was used before it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_from: Option<Date>,
    /// Whether it was withdrawn since: it is in no later release.
    pub withdrawn: bool,
    /// What kind of work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_type: Option<WorkType>,
}

/// A grant by index and name.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Granted {
    /// Its log index.
    pub entry: u64,
    /// Its name.
    pub id: Name,
}

impl<'a> Line<'a> {
    /// From the ledger, with the names of the grants.
    ///
    /// # Errors
    /// A grant's name cannot be had.
    pub fn new<E>(work: &'a ReleaseWork, mut grant: impl FnMut(u64) -> Result<Name, E>) -> Result<Line<'a>, E> {
        let found = work.admission.as_ref();
        let mut grants = BTreeMap::new();
        for (layer, index) in found.iter().flat_map(|a| &a.grants) {
            grants.insert(*layer, Granted { entry: *index, id: grant(*index)? });
        }
        Ok(Line {
            at: found.map(|a| a.at),
            embodiments: found.map_or(&[], |a| &a.embodiments),
            entry: work.index,
            erased: found.is_none(),
            grants,
            identifiers: found.map_or(&[], |a| &a.identifiers),
            layers: found.map_or(&[], |a| &a.layers),
            licence: found.and_then(|a| a.licence.as_ref()),
            obligations: found.map_or(&[], |a| &a.obligations),
            override_: found.and_then(|a| a.override_.as_ref()),
            parties: found.map_or(&[], |a| &a.parties),
            same_as: found.and_then(|a| a.same_as),
            title: found.and_then(|a| a.title.as_deref()),
            used_from: found.and_then(|a| a.used_from),
            withdrawn: work.withdrawn,
            work_type: found.and_then(|a| a.work_type),
        })
    }

    /// One line of JSON, its end included.
    pub fn json(&self) -> String {
        let mut text = json::print(self);
        if may_need_escapes(text.as_bytes()) {
            text = json_escaped(&text);
        }
        text.push('\n');
        text
    }
}

/// Whether any byte begins a character that is escaped: U+007F, or in UTF-8 one of U+0080 to U+00BF or U+2000 to U+2FFF.
/// Blocks are looked at whole, which the compiler does for many bytes at once.
fn may_need_escapes(text: &[u8]) -> bool {
    let suspect = |block: &[u8]| block.iter().fold(false, |found, b| found | matches!(b, 0x7f | 0xc2 | 0xe2));
    text.chunks(64).any(suspect)
}

/// The CSV of a release, row by row.
pub struct Csv<W: Write> {
    out: csv::Writer<W>,
    for_terminal: bool,
}

impl<W: Write> Csv<W> {
    /// Begins with the header.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn new(out: W, for_terminal: bool) -> io::Result<Csv<W>> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(COLUMNS)?;
        Ok(Csv { out, for_terminal })
    }

    /// Writes a work: a row for each of its embodiments, or one; none if it was erased.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn write(&mut self, work: &ReleaseWork) -> io::Result<()> {
        let Some(admission) = &work.admission else { return Ok(()) };
        let entry = work.index.to_string();
        let common = Common {
            work: if admission.embodiments.len() > 1 { &entry } else { "" },
            entry: &entry,
            identifiers: identifiers(&admission.identifiers),
            layers: joined(admission.layers.iter().map(|l| l.word())),
            withdrawn: work.withdrawn,
            admission,
        };
        if admission.embodiments.is_empty() {
            return self.row(&common, None);
        }
        admission.embodiments.iter().try_for_each(|embodiment| self.row(&common, Some(embodiment)))
    }

    /// What it writes to.
    pub fn get_ref(&self) -> &W {
        self.out.get_ref()
    }

    /// Writes what is left, and gives back what it wrote to.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(csv::IntoInnerError::into_error)
    }

    fn row(&mut self, work: &Common, embodiment: Option<&Embodiment>) -> io::Result<()> {
        let admission = work.admission;
        let digests = |scheme: Scheme| {
            let all = embodiment.iter().flat_map(|e| e.digests.iter());
            joined(all.filter(|id| id.scheme() == scheme).map(Identifier::value))
        };
        let cells: [Cow<'_, str>; COLUMNS.len()] = [
            work.entry.into(),
            admission.at.to_string().into(),
            work.work.into(),
            admission.title.as_deref().unwrap_or_default().into(),
            admission.work_type.map_or("", |t| t.word()).into(),
            work.identifiers.as_str().into(),
            work.layers.as_str().into(),
            admission.licence.as_ref().map_or("", |l| &l.raw).into(),
            embodiment.and_then(|e| e.path.as_deref()).unwrap_or_default().into(),
            embodiment.and_then(|e| e.bytes).map(|b| b.to_string()).unwrap_or_default().into(),
            embodiment.and_then(|e| e.media_type.as_deref()).unwrap_or_default().into(),
            digests(Scheme::Blake3).into(),
            digests(Scheme::Sha256).into(),
            if work.withdrawn { "true" } else { "" }.into(),
        ];
        if self.for_terminal {
            return Ok(self.out.write_record(cells.iter().map(|cell| plain(cell)))?);
        }
        Ok(self.out.write_record(cells.iter().map(|cell| cell.as_bytes()))?)
    }
}

/// What all rows of a work have.
struct Common<'a> {
    entry: &'a str,
    work: &'a str,
    identifiers: String,
    layers: String,
    withdrawn: bool,
    admission: &'a Admission,
}

/// The cell `identifiers`. Read again it is these identifiers: between them stands white space, which none of them
/// holds; and where one holds what would read as the beginning of another, they are a JSON list.
fn identifiers(ids: &[Identifier]) -> String {
    if ids.iter().any(|id| seems_several(id.value())) {
        return json::print(&ids);
    }
    joined(ids.iter().map(Identifier::as_str))
}

/// Whether a separator and `scheme:` stand in a value.
fn seems_several(value: &str) -> bool {
    let scheme = |rest: &str| rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-').starts_with(':');
    value.match_indices([';', '|']).any(|(at, _)| scheme(&value[at + 1..]))
}

fn joined<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for value in values {
        if !out.is_empty() {
            out += "; ";
        }
        out += value;
    }
    out
}

/// Works that were written to a file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Admissions of the release: of one work there may be several.
    pub admissions: u64,
    /// Those erased since, of which nothing is known.
    pub erased: u64,
    /// The file.
    pub output: String,
    /// The release.
    pub release: ReleaseName,
    /// Those withdrawn since.
    pub withdrawn: u64,
}

impl Report {
    /// Of a release, before its first work.
    pub fn new(release: &ReleaseName, output: &str) -> Report {
        Report { admissions: 0, erased: 0, output: output.to_owned(), release: release.clone(), withdrawn: 0 }
    }

    /// Counts a work.
    pub fn count(&mut self, work: &ReleaseWork) {
        self.admissions += 1;
        self.erased += u64::from(work.admission.is_none());
        self.withdrawn += u64::from(work.withdrawn);
    }

    /// What CSV has no row for.
    pub fn left_out(&self) -> String {
        format!("{} left out, since erased: --format jsonl has them too", counted(self.erased, "entry", "entries"))
    }

    /// For people.
    pub fn text(&self) -> String {
        let since = [(self.withdrawn, "withdrawn since"), (self.erased, "erased since")];
        let since = since.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}")).collect::<String>();
        let admissions = counted(self.admissions, "admission", "admissions");
        format!("{admissions} of {} in {}{since}\n", self.release, plain(&self.output))
    }
}
