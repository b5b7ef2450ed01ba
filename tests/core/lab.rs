//! A lab in memory that keeps a log, honestly or not, and proves from it: the second implementation of the prover.
//!
//! It is naive on purpose: trees are whole, look-ups are linear, proofs are made as formats.md describes them, and
//! nothing is checked, so that a dishonest lab can do at each step what an honest one would not: commit other rows than
//! the log gives ([`Lab::release_with`], [`Lab::state_with`]), write any text ([`Lab::push_text`]), disclose more or less
//! than is needed ([`Plan`]). Only hashes of leaves and nodes, keys and statements are the crate's. Times and salts are
//! fixed; each entry is a minute later than the one before it.

use deedbook::rows::{Key, Kind, Node, Root, Row, register_key, work_key};
use deedbook::statement::admission::{Embodiment, Licence, Party};
use deedbook::statement::correction::Correction;
use deedbook::statement::dsse::{self, DisputeClaim};
use deedbook::statement::release::{Completeness, Keying};
use deedbook::statement::terms::{Licensee, Licensor, Subject};
use deedbook::statement::vocabulary::{Basis, DigestBy, Territory};
use deedbook::statement::withdrawal::IndexRange;
use deedbook::statement::*;
use deedbook::tlog::cosignature::cosign;
use deedbook::tlog::{Checkpoint, Hash, KeyKind, Policy, SigningKey, empty_root, leaf_hash, node_hash};
use deedbook::verify::proof::{Anchor, Claim, DisclosedEntry, DisclosedRow, DisclosedTable, Format};
use deedbook::verify::{Licensors, ProofFile, Question, Trust};
use std::collections::{BTreeMap, BTreeSet};

/// A key of the log's and the licensors' kind.
pub fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, KeyKind::Ed25519, &[seed; 32]).unwrap()
}

/// A witness's key.
pub fn witness(name: &str, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, KeyKind::CosignatureV1, &[seed; 32]).unwrap()
}

pub fn id(text: &str) -> Identifier {
    Identifier::parse(text).unwrap()
}

pub fn ids(texts: &[&str]) -> Vec<Identifier> {
    texts.iter().map(|t| id(t)).collect()
}

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

/// What cosignatures hold.
pub fn seconds(text: &str) -> u64 {
    time(text).unix() as u64
}

/// Terms that cover what [`Lab::dataset`] declares, for works of North Press, through 2026 and 2027.
pub fn terms(id: &str) -> Terms {
    Terms {
        basis: Basis::Contract,
        evidence: Vec::new(),
        id: name(id),
        layers: vec![Layer::Text].into(),
        licence: "LicenseRef-north".into(),
        licensee: Licensee { ids: Set::new(), log: None, name: "Example Lab".into() },
        licensor: Licensor { ids: vec![north()].into(), key: None, name: "North Press".into(), role: None },
        models: None,
        not_territories: Set::new(),
        not_uses: Set::new(),
        obligations: Set::new(),
        on_end: None,
        purposes: vec![Purpose::Commercial].into(),
        rules: None,
        subject: Subject::Party("North Press".into()),
        territories: vec![Territory::Worldwide].into(),
        uses: vec![Use::GenerativeTraining].into(),
        valid_from: date("2026-01-01"),
        valid_to: Some(date("2028-01-01")),
    }
}

/// North Press, as a party.
pub fn north() -> Identifier {
    id("id:example/north-press")
}

/// The rows of a licensor's catalogue.
pub fn catalogue_rows(works: &[Identifier]) -> Vec<Row> {
    let mut rows: Vec<Row> =
        works.iter().zip(1..).map(|(id, value)| Row { key: work_key(id.as_str()), value }).collect();
    rows.sort();
    rows
}

/// The root that a statement commits to.
pub fn rows_ref(kind: Kind, rows: &[Row]) -> RowsRef {
    RowsRef { count: rows.len() as u64, root: RowsTree::new(rows).root(kind) }
}

// ---------------------------------------------------------------------------------------------------------------------
// Keeping the log

#[derive(Clone)]
pub struct Entry {
    /// As it was logged; the lab remembers what it erased.
    pub text: String,
    pub leaf: Hash,
    pub is_erased: bool,
    /// What the text says; nothing where it is no statement of ours.
    pub statement: Option<Statement>,
}

impl Entry {
    /// Puts another text in its place, as if that had been logged; the leaf stays.
    pub fn say(&mut self, text: String) {
        self.statement = Statement::parse(text.as_bytes()).ok();
        self.text = text;
    }
}

#[derive(Clone)]
pub struct Lab {
    pub origin: String,
    pub seed: u8,
    pub entries: Vec<Entry>,
    /// When the next statement is made.
    pub now: Time,
    /// The rows that a release, a state or a signed grant commits to, by log index.
    pub tables: BTreeMap<u64, (Kind, Vec<Row>)>,
    /// The verifier key that signed a grant, by log index.
    pub signers: BTreeMap<u64, String>,
}

impl Lab {
    pub fn new(origin: &str) -> Lab {
        let seed = origin.bytes().fold(1, u8::wrapping_add);
        let now = time("2026-02-01T00:00:00Z");
        let (entries, tables, signers) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let mut lab = Lab { origin: origin.into(), seed, entries, now, tables, signers };
        let ledger =
            Ledger { at: now, kind: Is, origin: origin.into(), salt: lab.salt(), title: None, v: Default::default() };
        lab.push(Statement::Ledger(ledger));
        lab
    }

    pub fn key(&self) -> SigningKey {
        key(&self.origin, self.seed)
    }

    /// An auditor who knows the log's key and nobody else.
    pub fn trust(&self) -> Trust {
        Trust::log(self.key().verifier().clone()).unwrap()
    }

    /// An auditor who also has a file of licensors' keys.
    pub fn trust_with(&self, licensors: &str) -> Trust {
        Trust { licensors: Licensors::parse(licensors).unwrap(), ..self.trust() }
    }

    /// An auditor who requires all of these witnesses.
    pub fn trust_witnessed(&self, witnesses: &[&SigningKey]) -> Trust {
        let mut policy = format!("log {}\n", self.key().verifier());
        let mut group = format!("group quorum-group {}", witnesses.len());
        for (witness, i) in witnesses.iter().zip(1..) {
            policy += &format!("witness w{i} {}\n", witness.verifier());
            group += &format!(" w{i}");
        }
        Trust { policy: Policy::parse(&format!("{policy}{group}\nquorum quorum-group\n")).unwrap(), ..self.trust() }
    }

    /// The index of the next entry.
    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    pub fn salt(&self) -> kind::Salt {
        kind::Salt([self.size() as u8; 16])
    }

    pub fn set_time(&mut self, now: &str) {
        self.now = time(now);
    }

    pub fn push(&mut self, statement: Statement) -> u64 {
        self.push_text(statement.print())
    }

    /// Logs any text.
    pub fn push_text(&mut self, text: String) -> u64 {
        let leaf = leaf_hash(text.as_bytes());
        let statement = Statement::parse(text.as_bytes()).ok();
        self.entries.push(Entry { text, leaf, is_erased: false, statement });
        self.now = Time::from_unix(self.now.unix() + 60).unwrap();
        self.size() - 1
    }

    /// Generative training for profit, worldwide, needing the text.
    pub fn dataset(&mut self, id: &str) -> u64 {
        self.dataset_with(id, |_| {})
    }

    pub fn dataset_with(&mut self, id: &str, edit: impl FnOnce(&mut Dataset)) -> u64 {
        let mut dataset = Dataset {
            at: self.now,
            id: name(id),
            kind: Is,
            layers: vec![Layer::Text].into(),
            models: Set::new(),
            purpose: Purpose::Commercial,
            salt: self.salt(),
            territories: Set::new(),
            title: None,
            uses: vec![Use::GenerativeTraining].into(),
            v: Default::default(),
        };
        edit(&mut dataset);
        self.push(Statement::Dataset(dataset))
    }

    /// A grant that the lab asserts.
    pub fn grant(&mut self, terms: Terms) -> u64 {
        let (at, salt) = (self.now, self.salt());
        let grant = Grant { at, envelope: None, kind: Is, salt, terms: Some(terms), v: Default::default() };
        self.push(Statement::Grant(Box::new(grant)))
    }

    /// A grant that a licensor signed for this log, over these terms with this catalogue.
    pub fn signed_grant(&mut self, licensor: &SigningKey, mut terms: Terms, works: &[Identifier]) -> u64 {
        let rows = catalogue_rows(works);
        terms.subject = Subject::Catalogue(rows_ref(Kind::Catalogue, &rows));
        terms.licensee.log = Some(format!("{}+{}", self.origin, self.key().verifier().id()));
        let index = self.enveloped(licensor, terms);
        self.tables.insert(index, (Kind::Catalogue, rows));
        index
    }

    /// Terms signed as they are.
    pub fn enveloped(&mut self, licensor: &SigningKey, terms: Terms) -> u64 {
        let (payload, to_sign) = dsse::to_sign(terms, dsse::GRANT_TYPE, "grant");
        let id = licensor.verifier().id().to_string();
        let envelope = dsse::seal(&payload, &id, &licensor.sign(&to_sign));
        let (at, salt) = (self.now, self.salt());
        let grant = Grant { at, envelope: Some(envelope), kind: Is, salt, terms: None, v: Default::default() };
        self.signers.insert(self.size(), licensor.verifier().to_string());
        self.push(Statement::Grant(Box::new(grant)))
    }

    /// A text of North Press, of these identifiers (digests go into an embodiment), its text under the grant.
    pub fn admit(&mut self, dataset: u64, works: &[Identifier], grant: u64) -> u64 {
        self.admit_with(dataset, works, grant, |_| {})
    }

    pub fn admit_with(
        &mut self,
        dataset: u64,
        works: &[Identifier],
        grant: u64,
        edit: impl FnOnce(&mut Admission),
    ) -> u64 {
        let (digests, identifiers): (Vec<_>, Vec<_>) = works.iter().cloned().partition(|i| i.scheme().is_digest());
        let embodiment = Embodiment {
            bytes: Some(1000),
            derived_from: None,
            digest_by: Some(DigestBy::Deedbook),
            digests: digests.into(),
            media_type: None,
            path: None,
            role: None,
        };
        let embodiments = if embodiment.digests.is_empty() { Vec::new() } else { vec![embodiment] };
        let raw = "All rights reserved".to_owned();
        let mut admission = Admission {
            at: self.now,
            dataset,
            embodiments,
            grants: BTreeMap::from([(Layer::Text, grant)]),
            identifiers: identifiers.into(),
            kind: Is,
            layers: Set::new(),
            licence: Some(Licence { raw, source: "colophon".into(), spdx: Some("LicenseRef-north".into()) }),
            obligations: Set::new(),
            override_: None,
            parties: vec![Party { ids: vec![north()].into(), name: "North Press".into(), role: None }],
            salt: self.salt(),
            same_as: None,
            title: Some("A book".into()),
            used_from: None,
            v: Default::default(),
            work_type: Some(WorkType::Book),
        };
        edit(&mut admission);
        self.push(Statement::Admission(Box::new(admission)))
    }

    pub fn withdraw(&mut self, dataset: u64, first: u64, count: u64) -> u64 {
        let entries = vec![IndexRange { count, first }];
        let (at, salt, because) = (self.now, self.salt(), "opt-out".to_owned());
        let v = Default::default();
        self.push(Statement::Withdrawal(Withdrawal { at, because, dataset, entries, kind: Is, note: None, salt, v }))
    }

    pub fn end(&mut self, grant: u64, effective: &str) -> u64 {
        let (at, salt, because) = (self.now, self.salt(), "breach".to_owned());
        let (effective, v) = (date(effective), Default::default());
        self.push(Statement::GrantEnd(GrantEnd { at, because, effective, grant, kind: Is, note: None, salt, v }))
    }

    pub fn correct(&mut self, entry: u64) -> u64 {
        let (at, salt, because) = (self.now, self.salt(), "misspelt".to_owned());
        let (title, parties, v) = (Some("The book".to_owned()), Vec::new(), Default::default());
        self.push(Statement::Correction(Correction { at, because, entry, kind: Is, parties, salt, title, v }))
    }

    /// A dispute about an entry, as its rightsholder would sign it.
    pub fn dispute(&mut self, entry: u64) -> u64 {
        let leaf = self.entries[entry as usize].leaf;
        let claim = DisputeClaim {
            claim: "It is mine.".into(),
            entry,
            ids: Set::new(),
            leaf,
            name: "South Press".into(),
            origin: self.origin.clone(),
        };
        self.dispute_of(claim)
    }

    pub fn dispute_of(&mut self, claim: DisputeClaim) -> u64 {
        let rightsholder = key("south.example", 99);
        let (payload, to_sign) = dsse::to_sign(claim, dsse::DISPUTE_TYPE, "dispute");
        let envelope = dsse::seal(&payload, "", &rightsholder.sign(&to_sign));
        let (at, salt) = (self.now, self.salt());
        self.push(Statement::Dispute(Dispute { at, envelope, kind: Is, salt, v: Default::default() }))
    }

    /// Removes an entry's text and says so.
    pub fn erase(&mut self, entry: u64) -> u64 {
        self.entries[entry as usize].is_erased = true;
        let (at, salt, because) = (self.now, self.salt(), "request".to_owned());
        self.push(Statement::Erasure(Erasure { at, because, entry, kind: Is, salt, v: Default::default() }))
    }

    pub fn screen(&mut self, dataset: u64, first_entry: u64) -> u64 {
        let admitted = self.size() - first_entry;
        let screening = Screening {
            admitted,
            at: self.now,
            considered: admitted,
            dataset,
            duplicates: 0,
            first_entry,
            held: 0,
            kind: Is,
            lists: Vec::new(),
            reasons: Default::default(),
            refused: 0,
            report: None,
            rules: Identifier::blake3(&[0; 32]),
            salt: self.salt(),
            v: Default::default(),
        };
        self.push(Statement::Screening(screening))
    }

    pub fn run(&mut self, release: u64) -> u64 {
        let run = Run {
            at: self.now,
            end: self.now,
            gaps: None,
            kind: Is,
            model: Model::parse("m@1").unwrap(),
            purpose: Purpose::Commercial,
            releases: vec![release].into(),
            salt: self.salt(),
            start: self.now,
            territories: Set::new(),
            uses: vec![Use::GenerativeTraining].into(),
            v: Default::default(),
            weights: Set::new(),
        };
        self.push(Statement::Run(run))
    }

    pub fn release(&mut self, dataset: u64, version: &str) -> u64 {
        self.release_with(dataset, version, |_| {}, |_| {})
    }

    /// A release whose rows, and whose statement, are not quite what the log gives.
    pub fn release_with(
        &mut self,
        dataset: u64,
        version: &str,
        edit_rows: impl FnOnce(&mut Vec<Row>),
        edit: impl FnOnce(&mut Release),
    ) -> u64 {
        let mut rows = self.release_rows(dataset, self.size());
        edit_rows(&mut rows);
        let mut release = Release {
            at: self.now,
            bytes: 0,
            completeness: Completeness::AllAdmissions,
            dataset,
            keying: Keying::Plain,
            kind: Is,
            log_size: self.size(),
            rows: rows_ref(Kind::Release, &rows),
            salt: self.salt(),
            v: Default::default(),
            version: name(version),
            works: 0,
        };
        edit(&mut release);
        let index = self.push(Statement::Release(release));
        self.tables.insert(index, (Kind::Release, rows));
        index
    }

    pub fn state(&mut self) -> u64 {
        self.state_with(|_| {}, |_| {})
    }

    /// A state whose rows, and whose statement, are not quite what the log gives.
    pub fn state_with(&mut self, edit_rows: impl FnOnce(&mut Vec<Row>), edit: impl FnOnce(&mut State)) -> u64 {
        let mut rows = self.register_rows(self.size());
        edit_rows(&mut rows);
        let register = rows_ref(Kind::Register, &rows);
        let (at, log_size, salt) = (self.now, self.size(), self.salt());
        let mut state = State { at, kind: Is, log_size, register, salt, v: Default::default() };
        edit(&mut state);
        let index = self.push(Statement::State(state));
        self.tables.insert(index, (Kind::Register, rows));
        index
    }

    /// What was logged, erased or not.
    pub fn statement(&self, index: u64) -> Option<Statement> {
        self.entries.get(index as usize)?.statement.clone()
    }

    pub fn admission(&self, index: u64) -> Option<Admission> {
        match self.statement(index)? {
            Statement::Admission(admission) => Some(*admission),
            _ => None,
        }
    }

    /// Whether an entry below `before` took the admission out of its dataset.
    pub fn is_taken_out(&self, index: u64, dataset: u64, before: u64) -> bool {
        (0..before).any(|i| match self.statement(i) {
            Some(Statement::Withdrawal(w)) => {
                w.dataset == dataset && w.entries.iter().any(|r| (r.first..r.first + r.count).contains(&index))
            }
            Some(Statement::Erasure(e)) => e.entry == index,
            _ => false,
        })
    }

    /// Formats section 3, "Rows of a release", word by word.
    pub fn release_rows(&self, dataset: u64, log_size: u64) -> Vec<Row> {
        let mut rows = BTreeSet::new();
        for value in 0..log_size {
            let Some(admission) = self.admission(value) else { continue };
            if admission.dataset == dataset && !self.is_taken_out(value, dataset, log_size) {
                rows.extend(carried(&admission).iter().map(|i| Row { key: work_key(i.as_str()), value }));
            }
        }
        rows.into_iter().collect()
    }

    /// Formats section 4, "The register", word by word.
    pub fn register_rows(&self, log_size: u64) -> Vec<Row> {
        let mut rows = BTreeSet::new();
        for value in 0..log_size {
            let names = self.statement(value).map_or(Vec::new(), |s| self.registered_as(&s));
            rows.extend(names.iter().map(|name| Row { key: register_key(name), value }));
        }
        rows.into_iter().collect()
    }

    fn registered_as(&self, statement: &Statement) -> Vec<String> {
        match statement {
            Statement::Dataset(s) => vec![format!("dataset:{}", s.id)],
            Statement::Grant(s) => vec![format!("grant:{}", s.terms().unwrap().id)],
            Statement::Release(s) => match self.statement(s.dataset) {
                Some(Statement::Dataset(d)) => vec![format!("release:{}@{}", d.id, s.version)],
                _ => Vec::new(),
            },
            Statement::Run(s) => {
                let releases = s.releases.iter().map(|r| format!("entry:{r}"));
                releases.chain([format!("run:{}", s.model)]).collect()
            }
            Statement::GrantEnd(s) => vec![format!("entry:{}", s.grant)],
            Statement::Withdrawal(s) => vec![format!("entry:{}", s.dataset)],
            Statement::Dispute(s) => vec![format!("entry:{}", s.claim().unwrap().entry)],
            Statement::Correction(s) => vec![format!("entry:{}", s.entry)],
            Statement::Erasure(s) => vec![format!("entry:{}", s.entry)],
            Statement::Admission(_) | Statement::Screening(_) | Statement::State(_) => Vec::new(),
            Statement::Key(_) | Statement::Ledger(_) => Vec::new(),
        }
    }
}

/// What an admission is looked up by: everything but its parties' identifiers.
pub fn carried(admission: &Admission) -> Vec<Identifier> {
    let is_party = |i: &Identifier| ["isni", "orcid", "ipi"].contains(&i.scheme().name());
    let named = admission.identifiers.iter().filter(|i| !is_party(i));
    named.chain(admission.embodiments.iter().flat_map(|e| &e.digests)).cloned().collect()
}

// ---------------------------------------------------------------------------------------------------------------------
// Proving from the log

/// What a proof file will disclose; a dishonest lab edits it.
#[derive(Clone)]
pub struct Plan {
    pub checkpoint: String,
    /// Leaves below the checkpoint.
    pub size: u64,
    pub anchors: Vec<Anchor>,
    pub claims: BTreeSet<Claim>,
    pub entries: BTreeSet<u64>,
    /// The keys looked up in the table of each statement.
    pub keys: BTreeMap<u64, BTreeSet<Key>>,
}

impl Lab {
    /// The newest checkpoint.
    pub fn checkpoint(&self, size: u64) -> String {
        self.cosigned(size, &[])
    }

    /// The checkpoint of a size, cosigned by witnesses at these times.
    pub fn cosigned(&self, size: u64, cosignatures: &[(&SigningKey, &str)]) -> String {
        let root = tree_hash(&self.leaves(size));
        let mut note = Checkpoint { origin: self.origin.clone(), size, root }.sign(&self.key()).unwrap();
        for (witness, at) in cosignatures {
            let line = cosign(witness, seconds(at), note.text()).unwrap();
            note.add(line).unwrap();
        }
        note.to_string()
    }

    /// An earlier checkpoint with its consistency proof to `size`.
    pub fn anchor(&self, old: u64, size: u64, cosignatures: &[(&SigningKey, &str)]) -> Anchor {
        let mut path = Vec::new();
        consistency(old as usize, &self.leaves(size), true, &mut path);
        Anchor { note: self.cosigned(old, cosignatures), path }
    }

    fn leaves(&self, size: u64) -> Vec<Hash> {
        self.entries[..size as usize].iter().map(|e| e.leaf).collect()
    }

    /// The proof for these works from the newest state and the whole log.
    pub fn prove(&self, release: u64, works: &[Vec<Identifier>]) -> Vec<u8> {
        self.plan(release, works).file(self).print()
    }

    pub fn plan(&self, release: u64, works: &[Vec<Identifier>]) -> Plan {
        let is_state = |i: &u64| matches!(self.statement(*i), Some(Statement::State(_)));
        let state = (0..self.size()).rev().find(is_state).expect("a state");
        self.plan_at(release, state, works)
    }

    /// What the verifier will need, found by asking as it will (formats section 5).
    pub fn plan_at(&self, release: u64, state: u64, works: &[Vec<Identifier>]) -> Plan {
        let Some(Statement::Release(sealed)) = self.statement(release) else { panic!("entry {release} is no release") };
        let Some(Statement::Dataset(dataset)) = self.statement(sealed.dataset) else { panic!("no dataset") };
        let size = self.size();
        let mut plan = Plan {
            checkpoint: self.checkpoint(size),
            size,
            anchors: Vec::new(),
            claims: works.iter().map(|ids| Claim { identifiers: ids.iter().cloned().collect() }).collect(),
            entries: BTreeSet::from([0, sealed.dataset, release, state]),
            keys: BTreeMap::from([(release, BTreeSet::new())]),
        };
        plan.register(self, state, &format!("dataset:{}", dataset.id));
        plan.register(self, state, &format!("release:{}@{}", dataset.id, sealed.version));
        plan.about(self, state, sealed.dataset);
        for identifier in works.iter().flatten() {
            let key = work_key(identifier.as_str());
            for index in plan.look_up(self, release, key) {
                plan.entries.insert(index);
                plan.about(self, state, index);
                if self.entries[index as usize].is_erased {
                    continue;
                }
                let grants = self.admission(index).map(|a| a.grants).unwrap_or_default();
                for grant in dataset.layers.iter().filter_map(|layer| grants.get(layer)) {
                    plan.grant(self, state, *grant);
                    if self.tables.contains_key(grant) {
                        plan.look_up(self, *grant, key);
                    }
                }
            }
        }
        plan
    }
}

impl Plan {
    fn grant(&mut self, lab: &Lab, state: u64, index: u64) {
        self.entries.insert(index);
        if let Some(Statement::Grant(grant)) = lab.statement(index) {
            self.register(lab, state, &format!("grant:{}", grant.terms().unwrap().id));
        }
        self.about(lab, state, index);
    }

    /// Everything that the register has about an entry; an erased one of it with its erasure. Once for each entry: the
    /// rows of a lab that lies may go round in circles.
    pub fn about(&mut self, lab: &Lab, state: u64, index: u64) {
        let key = register_key(&format!("entry:{index}"));
        if self.keys.get(&state).is_some_and(|keys| keys.contains(&key)) {
            return;
        }
        for other in self.register(lab, state, &format!("entry:{index}")) {
            if lab.entries.get(other as usize).is_some_and(|e| e.is_erased) {
                self.about(lab, state, other);
            }
        }
    }

    /// Looks a name up in the register, and discloses what it leads to.
    pub fn register(&mut self, lab: &Lab, state: u64, name: &str) -> Vec<u64> {
        let found = self.look_up(lab, state, register_key(name));
        self.entries.extend(found.iter().filter(|i| **i < lab.size()));
        found
    }

    fn look_up(&mut self, lab: &Lab, statement: u64, key: Key) -> Vec<u64> {
        self.keys.entry(statement).or_default().insert(key);
        let rows = &lab.tables[&statement].1;
        rows.iter().filter(|row| row.key == key).map(|row| row.value).collect()
    }

    /// The file that discloses this.
    pub fn file(&self, lab: &Lab) -> ProofFile {
        let leaves = lab.leaves(self.size);
        let mut path = Vec::new();
        batch_path(&leaves, 0, &self.entries, &mut path);
        let entries = self.entries.iter().map(|index| {
            let entry = &lab.entries[*index as usize];
            DisclosedEntry {
                index: *index,
                leaf: entry.is_erased.then_some(entry.leaf),
                text: (!entry.is_erased).then(|| entry.text.clone()),
            }
        });
        let tables = self.keys.iter().map(|(index, keys)| disclosed_table(&lab.tables[index].1, *index, keys));
        ProofFile {
            anchors: self.anchors.clone(),
            checkpoint: self.checkpoint.clone(),
            claims: self.claims.iter().cloned().collect(),
            entries: entries.collect(),
            format: Format::V1,
            path,
            tables: tables.collect(),
        }
    }
}

/// The rows that answer these keys completely, with the combined proof.
pub fn disclosed_table(rows: &[Row], statement: u64, keys: &BTreeSet<Key>) -> DisclosedTable {
    let mut positions = BTreeSet::new();
    for key in keys {
        let start = rows.iter().filter(|row| row.key < *key).count();
        let end = rows.iter().filter(|row| row.key <= *key).count();
        positions.extend(start.saturating_sub(1)..(end + 1).min(rows.len()));
    }
    table_of(rows, statement, &positions)
}

/// The rows at these positions, with the combined proof.
pub fn table_of(rows: &[Row], statement: u64, positions: &BTreeSet<usize>) -> DisclosedTable {
    let row = |p: &usize| DisclosedRow { key: rows[*p].key, position: *p as u64, value: rows[*p].value };
    let proof = if rows.is_empty() { Vec::new() } else { RowsTree::new(rows).prove(positions) };
    DisclosedTable { proof, rows: positions.iter().map(row).collect(), statement }
}

/// The question that a careful auditor asks: about this release and these works.
pub fn question(release: &str, works: &[Vec<Identifier>]) -> Question {
    let release = Some(ReleaseName::parse(release).unwrap());
    Question { release, works: Some(works.to_vec()), at: None }
}

// ---------------------------------------------------------------------------------------------------------------------
// Trees

/// All nodes of a complete binary tree over rows, in whatever order these stand.
pub struct RowsTree {
    nodes: Vec<Node>,
    count: usize,
}

impl RowsTree {
    pub fn new(rows: &[Row]) -> RowsTree {
        let count = rows.len();
        let mut nodes = vec![Node::default(); (2 * count).saturating_sub(1)];
        for (position, row) in rows.iter().enumerate() {
            nodes[leaf_index(position, count)] = Node::leaf(row);
        }
        for index in (0..count.saturating_sub(1)).rev() {
            nodes[index] = Node::merge(&nodes[2 * index + 1], &nodes[2 * index + 2]);
        }
        RowsTree { nodes, count }
    }

    pub fn root(&self, kind: Kind) -> Root {
        let mut bytes = vec![kind as u8];
        bytes.extend((self.count as u64).to_be_bytes());
        bytes.extend(self.nodes.first().map_or([0; 64], Node::encode));
        Root(blake3::derive_key("deedbook v1 rows root", &bytes))
    }

    /// The siblings that are not known, in descending tree index.
    pub fn prove(&self, positions: &BTreeSet<usize>) -> Vec<Node> {
        let mut known: BTreeSet<usize> = positions.iter().map(|p| leaf_index(*p, self.count)).collect();
        let mut proof = Vec::new();
        for right in (1..self.nodes.len() / 2 + 1).rev().map(|parent| 2 * parent) {
            let pair = [known.contains(&(right - 1)), known.contains(&right)];
            match pair {
                [true, false] => proof.push(self.nodes[right]),
                [false, true] => proof.push(self.nodes[right - 1]),
                _ => {}
            }
            if pair != [false, false] {
                known.insert(right / 2 - 1);
            }
        }
        proof
    }
}

fn leaf_index(position: usize, count: usize) -> usize {
    let width = count.next_power_of_two();
    let lowest = 2 * count - width;
    if position < lowest { width - 1 + position } else { count - 1 + position - lowest }
}

/// RFC 9162 section 2.1.1.
pub fn tree_hash(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&tree_hash(left), &tree_hash(right))
        }
    }
}

/// RFC 9162 section 2.1.4.1, SUBPROOF(old, leaves, is_whole).
pub fn consistency(old: usize, leaves: &[Hash], is_whole: bool, path: &mut Vec<Hash>) {
    if old == leaves.len() {
        if !is_whole {
            path.push(tree_hash(leaves));
        }
        return;
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    if old <= k {
        consistency(old, left, is_whole, path);
        path.push(tree_hash(right));
    } else {
        consistency(old - k, right, false, path);
        path.push(tree_hash(left));
    }
}

/// Formats section 2, "Batch inclusion".
pub fn batch_path(leaves: &[Hash], first: u64, disclosed: &BTreeSet<u64>, path: &mut Vec<Hash>) {
    if disclosed.range(first..first + leaves.len() as u64).next().is_none() {
        path.push(tree_hash(leaves));
    } else if leaves.len() > 1 {
        let k = split(leaves.len());
        batch_path(&leaves[..k], first, disclosed, path);
        batch_path(&leaves[k..], first + k as u64, disclosed, path);
    }
}

/// The largest power of two below `count`.
fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}
