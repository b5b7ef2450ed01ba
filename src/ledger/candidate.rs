//! A work on its way to the gate: what a record of a catalogue, a file, or both say of it.
//!
//! Where two of them speak of one work they are laid together. A catalogue is the lab's own word and comes first; a
//! file's tags fill in what it leaves open. Where they contradict each other on what decides about the work, it carries
//! `conflicting-evidence` with both: a person must look.

use crate::ingest::{About, Content, MAX_EXCERPT_LEN, Problem, RawLicence, Record, Scanned, excerpt};
use crate::licence::{Understood, understand};
use crate::statement::admission::{Embodiment, Party};
use crate::statement::identifier::{Class, Identifier, Scheme};
use crate::statement::limit::{MAX_EMBODIMENTS, MAX_IDENTIFIERS, MAX_PARTIES};
use crate::statement::vocabulary::{Code, DigestBy, Layer, WorkType};
use crate::statement::{Date, Set};
use serde::{Deserialize, Serialize};

/// One work of a source: neighbouring records or files that name the same `work` are one.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)] // as in `ingest::Record` and `statement::Admission`
pub struct SourceWork {
    pub place: Place,
    pub title: Option<String>,
    pub parties: Vec<Party>,
    pub identifiers: Vec<Identifier>,
    pub embodiments: Vec<Embodiment>,
    pub layers: Vec<Layer>,
    pub licence: Option<RawLicence>,
    pub work_type: Option<WorkType>,
    pub used_from: Option<Date>,
    /// Where another licence for it is sold: told with a refusal.
    pub offer: Option<String>,
    pub problems: Vec<Problem>,
}

/// Where a work stands in its source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// Log index, in a release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// Line of the catalogue, or row of a Parquet table, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Path in the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Place {
    /// The place as people write it, within a source of this name.
    pub fn within(&self, source: &str) -> String {
        match (&self.path, self.line, self.entry) {
            (Some(path), _, _) if source.is_empty() => path.clone(),
            (Some(path), _, _) => format!("{}/{path}", source.trim_end_matches('/')),
            (None, Some(line), _) => format!("{source}:{line}"),
            (None, None, Some(entry)) => format!("{source}, entry {entry}"),
            (None, None, None) => source.to_owned(),
        }
    }
}

impl SourceWork {
    /// What it is looked up by: work and group identifiers, and digests.
    pub fn looked_up_by(&self) -> impl Iterator<Item = &Identifier> {
        let named = self.identifiers.iter().filter(|id| id.scheme().class(self.work_type) != Class::Party);
        named.chain(self.embodiments.iter().flat_map(|e| &e.digests))
    }

    /// What names the work itself: its work identifiers and digests. Only a work that has none is meant by its groups, as
    /// in a catalogue of a grant ([`Record::subject_keys`]).
    pub fn named_by(&self) -> impl Iterator<Item = &Identifier> {
        let class = |id: &Identifier| id.scheme().class(self.work_type);
        let wanted = match self.looked_up_by().any(|id| class(id) == Class::Work) {
            true => Class::Work,
            false => Class::Group,
        };
        self.looked_up_by().filter(move |id| class(id) == wanted)
    }

    /// About how many bytes it takes in memory.
    pub(super) fn weight(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let ids = |ids: usize| ids * 64;
        let parties: usize = self.parties.iter().map(|p| 80 + p.name.len() + ids(p.ids.len())).sum();
        let problems: usize = self.problems.iter().map(|p| 80 + p.field.len() + p.raw.len() + p.what.len()).sum();
        let forms: usize = self.embodiments.iter().map(|e| 200 + text(&e.path) + ids(e.digests.len())).sum();
        let licence = self.licence.as_ref().map_or(0, |l| l.raw.len() + l.source.len());
        400 + text(&self.title) + text(&self.offer) + licence + ids(self.identifiers.len()) + parties + problems + forms
    }

    /// What a record says alone.
    pub(super) fn of_record(record: Record) -> SourceWork {
        let digest_by = (!record.digests.is_empty()).then_some(DigestBy::Catalogue);
        let embodiment = Embodiment {
            bytes: record.bytes,
            derived_from: None,
            digest_by,
            digests: record.digests.into(),
            media_type: record.media_type,
            path: record.path,
            role: None,
        };
        let says_something = digest_by.is_some()
            || embodiment.bytes.is_some()
            || embodiment.path.is_some()
            || embodiment.media_type.is_some();
        SourceWork {
            place: Place { line: (record.line > 0).then_some(record.line), ..Place::default() },
            title: record.title,
            parties: record.parties,
            identifiers: record.identifiers,
            embodiments: if says_something { vec![embodiment] } else { Vec::new() },
            layers: record.layers,
            licence: record.licence,
            work_type: record.work_type,
            used_from: record.used_from,
            offer: record.offer,
            problems: record.problems,
        }
    }

    /// What a file is and says, with what a catalogue says of it.
    pub(super) fn of_file(file: Scanned) -> SourceWork {
        let Scanned { path, records, content, read: _, is_member: _, sample: _ } = file;
        let mut records = records.into_iter();
        let first = records.next().unwrap_or_default();
        let claimed = (first.bytes, first.digests.clone(), first.media_type.clone());
        let mut work = SourceWork::of_record(Record { bytes: None, digests: Vec::new(), ..first });
        work.place.path = Some(path.clone());
        for Record { line, .. } in records {
            work.contradicted("path", &path, format!("is also described, otherwise, on line {line}"));
        }
        let mut embodiment = Embodiment {
            bytes: None,
            derived_from: None,
            digest_by: None,
            digests: Set::new(),
            media_type: claimed.2,
            path: Some(path.clone()),
            role: None,
        };
        match content {
            Err((code, what)) => work.problems.push(Problem { code, field: String::new(), raw: String::new(), what }),
            Ok(Content { len, blake3, sha256, about }) => {
                if let Some(bytes) = claimed.0.filter(|bytes| *bytes != len) {
                    work.contradicted("bytes", &bytes.to_string(), format!("and the file has {len}"));
                }
                let digests: Vec<Identifier> = [Some(blake3), sha256].into_iter().flatten().collect();
                for wrong in claimed.1.iter().filter(|claim| !digests.contains(claim)) {
                    work.contradicted(wrong.scheme().name(), wrong.value(), "is not the file's digest".to_owned());
                }
                (embodiment.bytes, embodiment.digest_by) = (Some(len), Some(DigestBy::Deedbook));
                embodiment.digests = digests.into();
                match about {
                    Some(Ok(about)) => {
                        embodiment.media_type = embodiment.media_type.take().or_else(|| about.media_type.clone());
                        work.tell(about);
                    }
                    Some(Err(what)) => {
                        let (code, field, raw) = (Code::Unreadable, String::new(), String::new());
                        work.problems.push(Problem { code, field, raw, what });
                    }
                    None => {}
                }
            }
        }
        work.embodiments = vec![embodiment];
        work
    }

    /// Takes what the file says of itself, where the catalogue leaves it open.
    fn tell(&mut self, about: About) {
        let tags = about.record;
        for scheme in Scheme::ALL.into_iter().filter(|s| names_one_work(*s)) {
            let of = |ids: &[Identifier]| ids.iter().filter(|id| id.scheme() == scheme).cloned().collect::<Vec<_>>();
            let (ours, theirs) = (of(&self.identifiers), of(&tags.identifiers));
            if !ours.is_empty() && !theirs.is_empty() && !ours.iter().any(|id| theirs.contains(id)) {
                let what = format!("in the catalogue, and the file says {:?}", theirs[0].value());
                self.contradicted(scheme.name(), ours[0].value(), what);
            }
        }
        self.licensed(&about.licences, &about.notices);
        self.title = self.title.take().or(tags.title);
        let roles: Vec<_> = self.parties.iter().map(|p| p.role).collect();
        self.parties.extend(tags.parties.into_iter().filter(|p| !roles.contains(&p.role)));
        add_all(&mut self.identifiers, tags.identifiers);
        self.problems.extend(tags.problems);
        self.within_limits();
    }

    /// The licence that the catalogue, the licence fields of the file and its notices agree on. A notice (a copyright
    /// line) counts only where it names a licence.
    fn licensed(&mut self, fields: &[RawLicence], notices: &[RawLicence]) {
        let known = |l: &&RawLicence| meaning(&l.raw).is_some();
        let catalogue = self.licence.take();
        let mut all: Vec<&RawLicence> = catalogue.iter().chain(fields).collect();
        all.extend(notices.iter().filter(known));
        let chosen = catalogue.as_ref().or_else(|| all.iter().copied().find(|l| known(l))).or(fields.first()).cloned();
        let Some(chosen) = chosen else { return };
        for other in all {
            let same = match (meaning(&chosen.raw), meaning(&other.raw)) {
                // Of what nobody knows only the same words mean the same.
                (None, None) => other.raw == chosen.raw,
                (ours, theirs) => ours == theirs,
            };
            if !same {
                let what = format!("({}) is contradicted by {:?} ({})", chosen.source, other.raw, other.source);
                self.contradicted("licence", &chosen.raw, what);
            }
        }
        self.licence = Some(chosen);
    }

    /// Takes over what another record says of the same work. Where they contradict each other on what decides about it,
    /// a person must look.
    pub(super) fn absorb(&mut self, other: SourceWork) {
        let raw = |work: &SourceWork| work.licence.as_ref().map(|l| l.raw.clone());
        let same = raw(self).and_then(|ours| meaning(&ours)) == raw(&other).and_then(|theirs| meaning(&theirs));
        if !same || raw(self).and_then(|raw| meaning(&raw)).is_none() {
            self.conflict("licence", raw(self), raw(&other));
        }
        let day = |work: &SourceWork| work.used_from.map(|d| d.to_string());
        self.conflict("used_from", day(self), day(&other));
        let kind = |work: &SourceWork| work.work_type.map(|t| t.to_string());
        self.conflict("type", kind(self), kind(&other));
        self.embodiments.extend(other.embodiments);
        self.problems.extend(other.problems);
        add_all(&mut self.identifiers, other.identifiers);
        add_all(&mut self.parties, other.parties);
        add_all(&mut self.layers, other.layers);
        self.within_limits();
        self.title = self.title.take().or(other.title);
        self.licence = self.licence.take().or(other.licence);
        self.work_type = self.work_type.or(other.work_type);
        self.used_from = self.used_from.or(other.used_from);
        self.offer = self.offer.take().or(other.offer);
    }

    fn within_limits(&mut self) {
        self.bound("identifiers", self.identifiers.len(), MAX_IDENTIFIERS);
        self.bound("embodiments", self.embodiments.len(), MAX_EMBODIMENTS);
        self.bound("parties", self.parties.len(), MAX_PARTIES);
        self.identifiers.truncate(MAX_IDENTIFIERS);
        self.embodiments.truncate(MAX_EMBODIMENTS);
        self.parties.truncate(MAX_PARTIES);
        self.problems.truncate(MAX_IDENTIFIERS);
    }

    fn conflict(&mut self, field: &str, ours: Option<String>, theirs: Option<String>) {
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && ours != theirs
        {
            self.contradicted(
                field,
                &theirs,
                format!("is contradicted by {ours:?} in another record of the same work"),
            );
        }
    }

    fn contradicted(&mut self, field: &str, raw: &str, what: String) {
        let (code, field) = (Code::ConflictingEvidence, field.to_owned());
        let (raw, what) = (excerpt(raw, MAX_EXCERPT_LEN), excerpt(&what, 2 * MAX_EXCERPT_LEN));
        self.problems.push(Problem { code, field, raw, what });
    }

    /// A work over a limit is refused once, however many records go on.
    fn bound(&mut self, field: &str, count: usize, most: usize) {
        if count > most && !self.problems.iter().any(|p| p.code == Code::TooLarge && p.field == field) {
            let what = format!("are more than {most} in one work");
            // First, so that it is kept whatever else there is.
            self.problems
                .insert(0, Problem { code: Code::TooLarge, field: field.to_owned(), raw: String::new(), what });
        }
    }
}

/// What a raw licence names; `None` where nobody knows.
fn meaning(raw: &str) -> Option<String> {
    match understand(raw) {
        Understood::Licence(text) | Understood::Reference(text) => Some(text),
        Understood::Unknown => None,
    }
}

/// Schemes by whose numbers a work has one name, so that two numbers are two works. A work may have any number of
/// addresses and of its party's own numbers.
fn names_one_work(scheme: Scheme) -> bool {
    scheme.class(None) == Class::Work && !scheme.is_digest() && !matches!(scheme, Scheme::Id | Scheme::Url)
}

fn add_all<T: PartialEq>(to: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !to.contains(&item) {
            to.push(item);
        }
    }
}
