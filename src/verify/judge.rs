//! The verdicts: for every admission found, whether the grants that it names covered the dataset's declaration.
//!
//! Nothing is decided here that `statement::terms::cover` decides; this gathers what the judge is told: the day, the
//! ends in the register, and whether the subject contains the work.

use super::facts::{Admitted, Bracket, Disputed, Facts, GrantFacts, LayerFinding, Verdict, Work};
use super::opened::Opened;
use super::register::Register;
use super::trust::{Licensors, Question, Trust};
use super::{Found, Subjects, Tables, VerifyError};
use crate::rows::work_key;
use crate::statement::terms::{self, Standing};
use crate::statement::vocabulary::{Code, Codes, Layer};
use crate::statement::{Admission, Date, Grant, Identifier, Statement, Terms};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An admission (`None` where it was erased), what the register has about it, and whether some of that was erased.
type Shared = (Option<Arc<Admission>>, Arc<[(u64, Statement)]>, bool);

pub(super) struct Judge<'a> {
    licensors: &'a Licensors,
    question: &'a Question,
    subject: &'a Subjects,
    opened: &'a mut Opened,
    register: &'a mut Register,
    grants: BTreeMap<u64, GrantFacts>,
    /// Admissions and what is said of them, shared by all works that lead to them: each work has no copy of its own.
    admissions: BTreeMap<u64, Shared>,
    /// Identifiers proven to be in the catalogue of a signed grant.
    in_catalogue: BTreeSet<(u64, Identifier)>,
    /// An entry about the dataset was erased, which might have been a withdrawal.
    dataset_unclear: bool,
}

impl<'a> Judge<'a> {
    pub fn new(
        trust: &'a Trust,
        question: &'a Question,
        subject: &'a Subjects,
        opened: &'a mut Opened,
        register: &'a mut Register,
    ) -> Judge<'a> {
        let (grants, admissions, in_catalogue) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let licensors = &trust.licensors;
        Judge {
            licensors,
            question,
            subject,
            opened,
            register,
            grants,
            admissions,
            in_catalogue,
            dataset_unclear: false,
        }
    }

    /// Reads every grant that an admission found names for a required layer, with all that the register has about it,
    /// and looks the identifiers that led to the admission up in the catalogues of signed grants.
    pub fn grants(&mut self, found: &Found, tables: &mut Tables) -> Result<(), VerifyError> {
        let about_dataset = self.register.about(self.opened, self.subject.release.1.dataset)?;
        self.dataset_unclear = about_dataset.iter().any(|(_, s)| s.is_none());
        for (id, indices) in found {
            for index in indices {
                let (Some(admission), ..) = self.admission(*index)? else { continue };
                for (_, grant) in self.named_grants(&admission) {
                    self.grant(grant)?;
                    let Some(table) = tables.catalogues.get_mut(&grant) else { continue };
                    let rows = table.look_up(&work_key(id.as_str()));
                    let rows = rows.map_err(|error| VerifyError::Rows { statement: grant, error })?;
                    if !rows.is_empty() {
                        self.in_catalogue.insert((grant, id.clone()));
                    }
                }
            }
        }
        // A table that no admission's grant needs is dead weight.
        if tables.catalogues.keys().any(|grant| !self.grants.contains_key(grant)) {
            return Err(VerifyError::Tables);
        }
        Ok(())
    }

    /// The answer about one work.
    pub fn work(&mut self, identifiers: &[Identifier], found: &Found) -> Result<Work, VerifyError> {
        if identifiers.is_empty() {
            return Err(VerifyError::EmptyQuestion);
        }
        let mut by_admission: BTreeMap<u64, Vec<&Identifier>> = BTreeMap::new();
        for id in identifiers {
            let indices = found.get(id).ok_or_else(|| VerifyError::NotAnswered { identifier: id.clone() })?;
            for index in indices {
                by_admission.entry(*index).or_default().push(id);
            }
        }
        let admissions = by_admission.iter().map(|(index, ids)| self.admitted(*index, ids));
        let admissions = admissions.collect::<Result<Vec<_>, _>>()?;
        let present = |id: &&Identifier| found.get(*id).is_some_and(|indices| !indices.is_empty());
        Ok(Work {
            identifiers: identifiers.to_vec(),
            found_by: identifiers.iter().filter(present).cloned().collect(),
            verdict: admissions.iter().map(|a| a.verdict).max().unwrap_or(Verdict::Absent),
            standing: admissions.iter().map(|a| a.standing).min().flatten(),
            admissions,
        })
    }

    /// Everything together.
    pub fn facts(mut self, works: Vec<Work>) -> Result<Facts, VerifyError> {
        let about_dataset = present(self.register.about(self.opened, self.subject.release.1.dataset)?);
        let needed = |g: &GrantFacts| {
            let layers = works.iter().flat_map(|w| &w.admissions).flat_map(|a| &a.layers);
            layers.into_iter().any(|l| l.grant == Some(g.index))
        };
        let bracketed = |a: &Admitted| a.bracket.start.is_some() && a.bracket.end.is_some();
        let all_bracketed = works.iter().flat_map(|w| &w.admissions).all(bracketed);
        let grants: Vec<GrantFacts> = std::mem::take(&mut self.grants).into_values().filter(needed).collect();
        let disputes = self.disputes(&about_dataset, &grants, &works)?;
        let Subjects { name, release, dataset, state } = self.subject;
        Ok(Facts {
            origin: self.opened.checkpoint.origin().to_owned(),
            log_size: self.opened.checkpoint.size(),
            release: name.clone(),
            release_entry: release.clone(),
            dataset_entry: (release.1.dataset, dataset.clone()),
            state: (state.0, state.1.at),
            witnessed_at: self.opened.witnessed_at,
            witnesses: self.opened.witnesses.clone(),
            grants,
            about_dataset,
            disputes,
            witnessed: self.opened.witnessed_at.is_some() && all_bracketed,
            works,
        })
    }

    /// The disputes among what is said of the dataset, of the grants and of the works' admissions, each of which is read
    /// once, however many works share it.
    fn disputes(
        &self,
        about_dataset: &[(u64, Statement)],
        grants: &[GrantFacts],
        works: &[Work],
    ) -> Result<Vec<Disputed>, VerifyError> {
        let relied_on: BTreeSet<u64> = works.iter().flat_map(|w| &w.admissions).map(|a| a.index).collect();
        let admissions = relied_on.iter().filter_map(|index| self.admissions.get(index));
        let said = about_dataset.iter().chain(grants.iter().flat_map(|g| &g.about));
        let said = said.chain(admissions.flat_map(|(_, about, _)| about.iter()));
        let mut disputes: BTreeMap<u64, Disputed> = BTreeMap::new();
        for (index, statement) in said {
            let Statement::Dispute(dispute) = statement else { continue };
            let claim = dispute.claim().map_err(|_| VerifyError::Dispute { index: *index })?;
            let attestation = self.licensors.attest(dispute, self.opened.bracket(*index).end);
            disputes.insert(*index, Disputed { index: *index, at: dispute.at, claim, attestation });
        }
        Ok(disputes.into_values().collect())
    }

    fn admission(&mut self, index: u64) -> Result<Shared, VerifyError> {
        if let Some(shared) = self.admissions.get(&index) {
            return Ok(shared.clone());
        }
        let admission = match self.opened.entry(index)? {
            Some(Statement::Admission(admission)) => Some(Arc::new(Admission::clone(admission))),
            Some(_) => return Err(VerifyError::RowMismatch { statement: self.subject.release.0, index }),
            None => None,
        };
        let found = self.register.about(self.opened, index)?;
        let shared = (admission, present(found).into(), found.iter().any(|(_, s)| s.is_none()));
        self.admissions.insert(index, shared.clone());
        Ok(shared)
    }

    /// The grants that an admission names for the layers that the dataset requires.
    fn named_grants(&self, admission: &Admission) -> Vec<(Layer, u64)> {
        let named = |layer: &Layer| Some((*layer, *admission.grants.get(layer)?));
        self.subject.dataset.layers.iter().filter_map(named).collect()
    }

    fn grant(&mut self, index: u64) -> Result<(), VerifyError> {
        if self.grants.contains_key(&index) {
            return Ok(());
        }
        let statement = self.opened.statement(index)?;
        let Statement::Grant(grant) = statement else {
            return Err(VerifyError::WrongKind { index: self.subject.release.0, named: index });
        };
        let (grant, at) = (grant.clone(), grant.at);
        let terms = grant.terms().map_err(|_| VerifyError::Tables)?;
        self.register.declared_once(self.opened, &format!("grant:{}", terms.id), index)?;
        let signed_by = self.signed_by(index, &grant, &terms)?;
        let found = self.register.about(self.opened, index)?;
        let erased_about = found.iter().any(|(_, s)| s.is_none());
        let about = present(found);
        let effective =
            |(_, s): &(u64, Statement)| if let Statement::GrantEnd(e) = s { Some(e.effective) } else { None };
        let ended = about.iter().filter_map(effective).min();
        self.grants.insert(index, GrantFacts { index, at, terms, signed_by, ended, about, erased_about });
        Ok(())
    }

    /// Who signed a grant, by a key that the auditor's file names for that very licensor.
    fn signed_by(&self, index: u64, grant: &Grant, terms: &Terms) -> Result<Option<Identifier>, VerifyError> {
        if grant.envelope.is_none() {
            return Ok(None);
        }
        if terms.licensee.log != Some(self.opened.log_key.short()) {
            return Err(VerifyError::OtherLicensee { index });
        }
        let end = self.opened.bracket(index).end;
        Ok(self.licensors.signer(grant, terms, end).cloned())
    }

    fn admitted(&mut self, index: u64, asked: &[&Identifier]) -> Result<Admitted, VerifyError> {
        let bracket = self.opened.bracket(index);
        let (admission, about, erased_about) = self.admission(index)?;
        let Some(admission) = admission else {
            let (statement, day, standing, layers) = (None, None, None, Vec::new());
            let (verdict, rests_on_clock) = (Verdict::Erased, false);
            return Ok(Admitted {
                index,
                statement,
                bracket,
                day,
                layers,
                verdict,
                standing,
                about,
                erased_about,
                rests_on_clock,
            });
        };
        let days = self.days_judged(&admission, bracket);
        let layers: Vec<LayerFinding> =
            self.subject.dataset.layers.iter().map(|layer| self.layer(*layer, &admission, &days, asked)).collect();
        let latest = days.iter().copied().max().unwrap_or(Date::MAX);
        let state_start = self.opened.bracket(self.subject.state.0).start;
        Ok(Admitted {
            index,
            verdict: self.verdict(&admission, &layers, latest),
            standing: layers.iter().map(|l| l.standing).min().flatten(),
            day: days.first().copied(),
            rests_on_clock: state_start.is_none_or(|start| latest > start.date()),
            statement: Some(admission),
            bracket,
            layers,
            about,
            erased_about,
        })
    }

    /// The days on which the grants must cover: the auditor's, or the admission's own; and the witnesses' too, where
    /// they saw it only later than it is dated.
    fn days_judged(&self, admission: &Admission, bracket: Bracket) -> Vec<Date> {
        match (self.question.at, bracket.start) {
            (Some(day), _) => vec![day],
            (None, Some(start)) if admission.used_from.is_none() && admission.at < start => {
                vec![admission.at.date(), start.date()]
            }
            (None, _) => vec![admission.day_judged()],
        }
    }

    fn layer(&self, layer: Layer, admission: &Admission, days: &[Date], asked: &[&Identifier]) -> LayerFinding {
        let Some(grant) = admission.grants.get(&layer).and_then(|index| self.grants.get(index)) else {
            return LayerFinding { layer, grant: None, codes: Code::NoGrant.into(), standing: None };
        };
        // Whether a catalogue has the work is the lab's word here; a licensor's signature gives it standing, not truth.
        let in_subject = admission.matches(&grant.terms.subject).unwrap_or(true);
        let facts = terms::Facts { in_subject, ended: grant.ended, versions: 0 };
        let need = self.subject.dataset.need();
        let judged = days.iter().map(|day| terms::cover(&need, layer, &grant.terms, facts, *day));
        let codes = judged.fold(Codes::NONE, Codes::union);
        let in_catalogue = |id: &&Identifier| self.in_catalogue.contains(&(grant.index, (*id).clone()));
        let signed = grant.signed_by.is_some() && asked.iter().all(in_catalogue);
        let standing = if signed { Standing::Signed } else { grant.terms.stated_standing() };
        LayerFinding { layer, grant: Some(grant.index), codes, standing: Some(standing) }
    }

    fn verdict(&self, admission: &Admission, layers: &[LayerFinding], latest: Date) -> Verdict {
        let grants = layers.iter().filter_map(|l| self.grants.get(&l.grant?));
        let unclear = self.dataset_unclear || grants.into_iter().any(|g| g.erased_about);
        if admission.override_.is_some() {
            Verdict::Override
        } else if layers.iter().any(|l| !l.codes.is_empty()) {
            Verdict::Gap
        } else if unclear || latest > self.subject.state.1.at.date() {
            // Ends that were logged after the state are not seen.
            Verdict::Unknown
        } else if admission.used_from.is_some() && self.question.at.is_none() {
            Verdict::CoveredAsClaimed
        } else {
            Verdict::Covered
        }
    }
}

fn present(found: &[(u64, Option<Statement>)]) -> Vec<(u64, Statement)> {
    found.iter().filter_map(|(index, s)| Some((*index, s.clone()?))).collect()
}
