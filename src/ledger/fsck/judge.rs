//! Every admission judged again: whether the grants that it names covered its dataset's declaration on its day, as the
//! gate must have found when it let the work in.
//!
//! Asked of the one judge, `statement::terms::cover`, as `verify` asks it, but with the whole ledger at hand: which works
//! a catalogue has is looked up in its rows; the terms of an open licence must follow from the rules file that they name;
//! deny and reserve lists are asked again; raw licences are read again; duties must be those of the grants. Ends count as
//! far as they had been logged before the admission. Runs are judged again in `ledger::run`. Not judged again: whether the
//! work had been there before.
//!
//! What does not depend on the work is decided once for each dataset, set of grants and day; works are looked up in
//! catalogues a chunk at a time, sorted. Memory: one chunk, and what is remembered, which is bounded.

use super::{MAX_FINDINGS, Report, witnessed::Witnessed};
use crate::index::{RowsFile, root_of};
use crate::ledger::LedgerError;
use crate::ledger::prove::catalogue_path;
use crate::ledger::run::{Again, Other};
use crate::ledger::view::parse;
use crate::licence::{MAX_RULES_LEN, Rules, understand};
use crate::log::{Entry, LogReader};
use crate::rows::{self, Key, Row, work_key};
use crate::statement::dsse::Envelope;
use crate::statement::identifier::Class;
use crate::statement::screening::ListKind;
use crate::statement::terms::{self, Facts, Standing, Subject};
use crate::statement::vocabulary::Obligation;
use crate::statement::{
    Admission, Code, Codes, Dataset, Date, Dispute, Grant, Identifier, Layer, RowsRef, Screening, Set, Statement, Terms,
};
use crate::storage::Disk;
use crate::tlog::VerifierKey;
use crate::verify::facts::{Bracket, Disputed};
use crate::verify::{Licensors, Verdict};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Admissions whose works are looked up in catalogues and lists at once.
const CHUNK: usize = 1 << 16;
/// Sets of grants, and raw licences, whose meaning is remembered; a ledger has a few hundred.
const MAX_REMEMBERED: usize = 4096;

/// What the judge says of the admissions of a ledger.
#[derive(Debug, Default)]
pub struct Judged {
    /// Admissions by verdict; erased ones, which say nothing, are not among them.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// Admissions by the lowest standing of their grants; overridden ones may have none.
    pub standings: BTreeMap<Standing, u64>,
    /// How many admissions each code was found against, overridden ones left out.
    pub codes: BTreeMap<Code, u64>,
    /// Admissions that a quorum of witnesses bounds in time from both sides.
    pub bracketed: u64,
    /// Runs that were judged again, and those too large for it.
    pub runs: (u64, u64),
    /// Disputes, in log order: they change nothing and are shown.
    pub disputes: Vec<Disputed>,
    /// What is recorded otherwise than it follows.
    pub differences: Vec<Difference>,
    /// Disputes and differences after their list was full.
    pub omitted: u64,
}

/// An entry that says something else than what follows from the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Log index.
    pub index: u64,
    /// The codes for which the gate must have kept the work out.
    pub codes: Codes,
    /// What else differs.
    pub what: Vec<String>,
}

impl Judged {
    fn differs(&mut self, index: u64, codes: Codes, what: Vec<String>) {
        codes.iter().for_each(|code| *self.codes.entry(code).or_default() += 1);
        if self.differences.len() < MAX_FINDINGS {
            self.differences.push(Difference { index, codes, what });
        } else {
            self.omitted += 1;
        }
    }
}

impl Judged {
    /// Takes note of the runs.
    pub(super) fn runs(&mut self, again: Again) {
        self.runs = (again.judged, again.left_out);
        let listed = |counts: &BTreeMap<Code, u64>| match counts.is_empty() {
            true => "none".to_owned(),
            false => counts.iter().map(|(code, count)| format!("{count} {code}")).collect::<Vec<_>>().join(", "),
        };
        for Other { index, found, recorded } in again.others {
            let (found, recorded) = (listed(&found), listed(&recorded));
            let what = format!("the gaps of its works are {found}, and it records {recorded}");
            self.differs(index, Codes::NONE, vec![what]);
        }
        self.differences.sort_by_key(|d| d.index);
    }
}

pub(super) struct Judge<'a> {
    disk: &'a Disk,
    /// `origin+keyid`: what a signed grant must name as its licensee's log.
    this_log: String,
    licensors: &'a Licensors,
    witnessed: Witnessed,
    datasets: HashMap<u64, Dataset>,
    grants: HashMap<u64, KnownGrant>,
    rules: HashMap<Identifier, Option<Rules>>,
    licences: HashMap<String, Option<String>>,
    /// What grants come to for a dataset on the days judged, as ends stand now.
    covers: HashMap<Question, Rc<Cover>>,
    last: Option<(Question, Rc<Cover>)>,
    chunk: Vec<Waiting>,
    /// The keys that are looked up in catalogues, with the place of their admission, and whether they are `named`.
    keys: Vec<(Key, usize, bool)>,
    judged: Judged,
}

struct KnownGrant {
    terms: Terms,
    ended: Option<Date>,
    signed: bool,
    /// Opened when the first work needs it; `None` where the file is damaged or missing, which is reported as that.
    catalogue: Option<Option<Rc<RowsFile>>>,
}

/// What decides about an admission, as far as it is the same for many.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    dataset: u64,
    grants: BTreeMap<Layer, u64>,
    /// One day, or the lab's and the witnesses'.
    days: (Date, Option<Date>),
}

/// The answer.
struct Cover {
    codes: Codes,
    obligations: Set<Obligation>,
    /// The grants of the required layers, each once.
    grants: Vec<u64>,
    /// Whether a required layer has none.
    lacks: bool,
    /// Whether the subject of one of them is a catalogue.
    has_catalogue: bool,
}

/// An admission that is judged but for its grants' catalogues.
struct Waiting {
    index: u64,
    cover: Rc<Cover>,
    codes: Codes,
    what: Vec<String>,
    overridden: bool,
    as_claimed: bool,
    /// How many of its identifiers name the work itself, digests left out.
    named: usize,
    /// For each of the cover's grants: how many of those its catalogue has, and whether it has any identifier at all.
    found: Vec<(usize, bool)>,
}

impl<'a> Judge<'a> {
    pub fn new(disk: &'a Disk, key: &VerifierKey, licensors: &'a Licensors, witnessed: Witnessed) -> Judge<'a> {
        Judge {
            disk,
            this_log: key.short(),
            licensors,
            witnessed,
            datasets: HashMap::new(),
            grants: HashMap::new(),
            rules: HashMap::new(),
            licences: HashMap::new(),
            covers: HashMap::new(),
            last: None,
            chunk: Vec::new(),
            keys: Vec::new(),
            judged: Judged::default(),
        }
    }
}

impl Judge<'_> {
    /// When an entry joined the log.
    pub fn bracket(&self, index: u64) -> Bracket {
        self.witnessed.bracket(index)
    }

    /// Takes note of a statement that is no admission.
    pub fn statement(&mut self, index: u64, statement: &Statement) {
        match statement {
            Statement::Dataset(dataset) => drop(self.datasets.insert(index, dataset.clone())),
            Statement::Grant(grant) => self.grant(index, grant),
            Statement::GrantEnd(end) => {
                if let Some(grant) = self.grants.get_mut(&end.grant) {
                    grant.ended = Some(grant.ended.map_or(end.effective, |ended| ended.min(end.effective)));
                }
                (self.last, self.covers) = (None, HashMap::new());
            }
            Statement::Dispute(dispute) => self.dispute(index, dispute),
            _ => {}
        }
    }

    fn dispute(&mut self, index: u64, dispute: &Dispute) {
        let Ok(claim) = dispute.claim() else { return };
        if self.judged.disputes.len() == MAX_FINDINGS {
            self.judged.omitted += 1;
            return;
        }
        let attestation = self.licensors.attest(dispute, self.bracket(index).end);
        self.judged.disputes.push(Disputed { index, at: dispute.at, claim, attestation });
    }

    fn grant(&mut self, index: u64, grant: &Grant) {
        let Ok(terms) = grant.terms() else { return };
        let mut what = Vec::new();
        if let Some(envelope) = &grant.envelope {
            if terms.licensee.log.as_ref() != Some(&self.this_log) {
                what.push("is signed for another log".to_owned());
            }
            if !is_signed_by_its_own(envelope, &terms) {
                what.push("is not signed by the licensor's key that it names".to_owned());
            }
        }
        if let Some(digest) = &terms.rules
            && !self.follows(&terms, digest)
        {
            what.push(format!("its terms do not follow from the rules file {digest}"));
        }
        if !what.is_empty() {
            self.judged.differs(index, Codes::NONE, what);
        }
        let signed = self.licensors.signer(grant, &terms, self.bracket(index).end).is_some();
        self.grants.insert(index, KnownGrant { terms, ended: None, signed, catalogue: None });
    }

    /// Whether the terms of an open licence are those of the rules file, all but their name.
    fn follows(&mut self, terms: &Terms, digest: &Identifier) -> bool {
        let disk = self.disk;
        let read = || {
            let bytes = disk.read(&format!("rules/{}", digest.value()), MAX_RULES_LEN as u64).ok()?;
            Rules::parse(&bytes).ok().filter(|rules| rules.digest() == digest)
        };
        let rules = self.rules.entry(digest.clone()).or_insert_with(read);
        let Subject::Licence(expression) = &terms.subject else { return false };
        let own = rules.as_ref().map(|rules| rules.open_grants(expression)).unwrap_or_default();
        own.into_iter().any(|own| Terms { id: terms.id.clone(), ..own } == *terms)
    }

    /// Judges an admission.
    pub fn admission(&mut self, index: u64, admission: &Admission, report: &mut Report) {
        let bracket = self.bracket(index);
        self.judged.bracketed += u64::from(bracket.start.is_some() && bracket.end.is_some());
        let Some(cover) = self.cover(admission, bracket) else { return };
        let (mut codes, mut what) = (cover.codes, Vec::new());
        for grant in &cover.grants {
            let Some(known) = self.grants.get(grant) else { continue };
            codes = codes.with_if(admission.matches(&known.terms.subject) == Some(false), Code::NotInSubject);
        }
        let is_named = |id: &Identifier| id.scheme().class(admission.work_type) == Class::Work;
        let digests = admission.embodiments.iter().any(|e| !e.digests.is_empty());
        codes = codes.with_if(!digests && !admission.identifiers.iter().any(is_named), Code::NoIdentifier);
        if let Some(licence) = &admission.licence
            && let read = self.reads(&licence.raw)
            && read != licence.spdx
        {
            what.push(format!("its licence reads as {}", read.as_deref().unwrap_or("nothing known")));
        }
        let overridden = admission.override_.is_some();
        if !overridden && admission.obligations != cover.obligations {
            what.push("its obligations are not those of its grants".to_owned());
        }
        let place = self.chunk.len();
        let mut named = 0;
        if cover.has_catalogue {
            for id in admission.looked_up_by() {
                let is_named = !id.scheme().is_digest() && is_named(id);
                named += usize::from(is_named);
                self.keys.push((work_key(id.as_str()), place, is_named));
            }
        }
        let (as_claimed, found) = (admission.used_from.is_some(), vec![(0, false); cover.grants.len()]);
        self.chunk.push(Waiting { index, cover, codes, what, overridden, as_claimed, named, found });
        if self.chunk.len() >= CHUNK
            && let Err(error) = self.conclude()
        {
            report.damage(error.to_string());
        }
    }

    /// What the grants of an admission come to on its day.
    fn cover(&mut self, admission: &Admission, bracket: Bracket) -> Option<Rc<Cover>> {
        let days = match bracket.start {
            Some(start) if admission.used_from.is_none() && admission.at < start => {
                (admission.at.date(), Some(start.date()))
            }
            _ => (admission.day_judged(), None),
        };
        if let Some((asked, cover)) = &self.last
            && (asked.dataset, asked.days) == (admission.dataset, days)
            && asked.grants == admission.grants
        {
            return Some(Rc::clone(cover));
        }
        let question = Question { dataset: admission.dataset, grants: admission.grants.clone(), days };
        let cover = match self.covers.get(&question) {
            Some(cover) => Rc::clone(cover),
            None => Rc::new(self.judge(&question)?),
        };
        if self.covers.len() >= MAX_REMEMBERED {
            self.covers.clear();
        }
        self.covers.insert(question.clone(), Rc::clone(&cover));
        self.last = Some((question, Rc::clone(&cover)));
        Some(cover)
    }

    /// Asks the judge. `None` where there is no such dataset, which is damage of its own.
    fn judge(&self, question: &Question) -> Option<Cover> {
        let dataset = self.datasets.get(&question.dataset)?;
        let need = dataset.need();
        let mut cover = Cover {
            codes: Codes::NONE,
            obligations: Set::new(),
            grants: Vec::new(),
            lacks: false,
            has_catalogue: false,
        };
        let mut obligations = Vec::new();
        for layer in &dataset.layers {
            let named = question.grants.get(layer);
            let Some((index, known)) = named.and_then(|index| Some((*index, self.grants.get(index)?))) else {
                cover.codes = cover.codes.with(Code::NoGrant);
                cover.lacks = true;
                continue;
            };
            let facts = Facts { in_subject: true, ended: known.ended, versions: 0 };
            for day in std::iter::once(question.days.0).chain(question.days.1) {
                cover.codes = cover.codes.union(terms::cover(&need, *layer, &known.terms, facts, day));
            }
            obligations.extend(&known.terms.obligations);
            cover.has_catalogue |= matches!(known.terms.subject, Subject::Catalogue(_));
            if !cover.grants.contains(&index) {
                cover.grants.push(index);
            }
        }
        cover.obligations = obligations.into_iter().copied().collect();
        Some(cover)
    }

    /// What a raw licence is read as.
    fn reads(&mut self, raw: &str) -> Option<String> {
        if let Some(read) = self.licences.get(raw) {
            return read.clone();
        }
        if self.licences.len() >= MAX_REMEMBERED {
            self.licences.clear();
        }
        let read = understand(raw).expression().map(str::to_owned);
        self.licences.insert(raw.to_owned(), read.clone());
        read
    }

    /// Looks the works of the chunk up in the catalogues, and concludes.
    pub fn conclude(&mut self) -> Result<(), LedgerError> {
        let mut chunk = std::mem::take(&mut self.chunk);
        let mut keyed = std::mem::take(&mut self.keys);
        keyed.sort_unstable();
        let keys: Vec<Key> = keyed.iter().map(|(key, ..)| *key).collect();
        let mut grants: Vec<u64> = chunk.iter().flat_map(|w| &w.cover.grants).copied().collect();
        grants.sort_unstable();
        grants.dedup();
        for grant in grants {
            let Some(file) = self.catalogue(grant) else { continue };
            let mut last = None;
            file.join(&keys, |at, _| {
                // Rows of one key come together; that it has one is enough.
                if last.replace(at) == Some(at) {
                    return;
                }
                let (_, place, is_named) = keyed[at];
                let Waiting { cover, found, .. } = &mut chunk[place];
                if let Some((named, any)) = cover.grants.iter().position(|g| *g == grant).map(|i| &mut found[i]) {
                    (*named, *any) = (*named + usize::from(is_named), true);
                }
            })?;
        }
        chunk.into_iter().for_each(|waiting| self.verdict(waiting));
        Ok(())
    }

    /// The rows of a grant's catalogue, if it is about one.
    fn catalogue(&mut self, grant: u64) -> Option<Rc<RowsFile>> {
        let known = self.grants.get_mut(&grant)?;
        let Subject::Catalogue(signed) = &known.terms.subject else { return None };
        let path = catalogue_path(&signed.root);
        let open = || {
            let read = root_of(self.disk, &path, rows::Kind::Catalogue, false);
            let same = read.is_ok_and(|(count, root)| RowsRef { count, root } == *signed);
            same.then(|| RowsFile::open(self.disk, &path, rows::Kind::Catalogue).ok().map(Rc::new)).flatten()
        };
        known.catalogue.get_or_insert_with(open).clone()
    }

    fn verdict(&mut self, waiting: Waiting) {
        let Waiting { index, cover, mut codes, what, overridden, as_claimed, named, found } = waiting;
        let mut standing = (!cover.lacks).then_some(Standing::Signed);
        for (grant, (of_named, any)) in cover.grants.iter().zip(found) {
            let Some(known) = self.grants.get(grant) else { continue };
            // A catalogue that cannot be read is damage, and tells nothing of its works.
            codes = codes.with_if(matches!(known.catalogue, Some(Some(_))) && !any, Code::NotInSubject);
            let signed = known.signed && named > 0 && of_named == named;
            let own = if signed { Standing::Signed } else { known.terms.stated_standing() };
            standing = standing.map(|lowest| lowest.min(own));
        }
        let verdict = match (overridden, codes.is_empty()) {
            (true, _) => Verdict::Override,
            (false, false) => Verdict::Gap,
            (false, true) if as_claimed => Verdict::CoveredAsClaimed,
            (false, true) => Verdict::Covered,
        };
        *self.judged.verdicts.entry(verdict).or_default() += 1;
        if let Some(standing) = standing {
            *self.judged.standings.entry(standing).or_default() += 1;
        }
        let codes = if overridden { Codes::NONE } else { codes };
        if !codes.is_empty() || !what.is_empty() {
            self.judged.differs(index, codes, what);
        }
    }

    /// Asks the lists of a screening again about the admissions of its batch.
    pub fn lists(&mut self, log: &LogReader, index: u64, screening: &Screening) -> Result<(), LedgerError> {
        let mut lists = Vec::new();
        for list in &screening.lists {
            let code = if list.kind == ListKind::Deny { Code::Denied } else { Code::Reserved };
            lists.push((code, RowsFile::open(self.disk, &catalogue_path(&list.rows.root), rows::Kind::Catalogue)?));
        }
        let mut rows = Vec::new();
        for entry in log.entries(screening.first_entry.min(index)..index) {
            let Ok((at, Entry::Text(text))) = entry else { continue };
            match parse(at, &text) {
                Ok(Statement::Admission(a)) if a.dataset == screening.dataset && a.override_.is_none() => {
                    rows.extend(a.looked_up_by().map(|id| Row { key: work_key(id.as_str()), value: at }));
                }
                _ => {}
            }
            if rows.len() >= CHUNK {
                self.listed(&lists, &mut rows)?;
            }
        }
        self.listed(&lists, &mut rows)
    }

    fn listed(&mut self, lists: &[(Code, RowsFile)], rows: &mut Vec<Row>) -> Result<(), LedgerError> {
        rows.sort_unstable();
        let keys: Vec<Key> = rows.iter().map(|row| row.key).collect();
        let mut found: BTreeMap<u64, Codes> = BTreeMap::new();
        for (code, list) in lists {
            list.join(&keys, |at, _| {
                let codes = found.entry(rows[at].value).or_insert(Codes::NONE);
                *codes = codes.with(*code);
            })?;
        }
        rows.clear();
        found.into_iter().for_each(|(index, codes)| self.judged.differs(index, codes, Vec::new()));
        Ok(())
    }

    /// What came of it.
    pub fn finish(mut self) -> Judged {
        self.judged.differences.sort_by_key(|d| d.index);
        self.judged
    }
}

/// Whether an envelope's signature is by the key that its terms name as the licensor's. Whose key that is, only an
/// auditor's file says.
fn is_signed_by_its_own(envelope: &str, terms: &Terms) -> bool {
    let key = terms.licensor.key.as_deref().and_then(|key| VerifierKey::parse(key).ok());
    key.is_some_and(|key| Envelope::parse(envelope).is_ok_and(|envelope| envelope.verify(&key).is_ok()))
}
