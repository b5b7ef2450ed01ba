//! The truth about a work, read from what an honest lab logged, without rows, registers or proofs; and a second judge.

use crate::lab::*;
use deedbook::rows::work_key;
use deedbook::statement::terms::{Standing, Subject};
use deedbook::statement::vocabulary::Territory;
use deedbook::statement::*;
use deedbook::verify::{Verdict, Work};

/// What a verifier should say of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub found_by: Vec<Identifier>,
    pub admissions: Vec<(u64, Verdict, Option<Date>)>,
    pub verdict: Verdict,
    /// Only where each admission has a grant for each layer: else there is no lowest.
    pub standing: Option<Standing>,
}

/// The question, and the keys that the auditor trusts to sign for North Press.
pub struct Case<'a> {
    pub lab: &'a Lab,
    pub release: u64,
    pub state: u64,
    pub at: Option<Date>,
    pub trusted: &'a [String],
}

impl Case<'_> {
    pub fn truth(&self, work: &[Identifier]) -> Answer {
        let dataset = self.sealed().dataset;
        let mut answer =
            Answer { found_by: Vec::new(), admissions: Vec::new(), verdict: Verdict::Absent, standing: None };
        let mut standings = Vec::new();
        for index in 0..self.release {
            let Some(admission) = self.lab.admission(index) else { continue };
            if admission.dataset != dataset || self.lab.is_taken_out(index, dataset, self.release) {
                continue;
            }
            let asked: Vec<Identifier> = work.iter().filter(|i| carried(&admission).contains(i)).cloned().collect();
            if asked.is_empty() {
                continue;
            }
            let (verdict, day, standing) = if self.lab.entries[index as usize].is_erased {
                (Verdict::Erased, None, None)
            } else {
                self.judge(&admission, &asked)
            };
            answer.found_by.extend(asked);
            answer.admissions.push((index, verdict, day));
            answer.verdict = answer.verdict.max(verdict);
            standings.push(standing);
        }
        answer.found_by = work.iter().filter(|i| answer.found_by.contains(i)).cloned().collect();
        answer.standing = standings.into_iter().min().flatten();
        answer
    }

    /// The verifier's answer in the same words.
    pub fn of(work: &Work) -> Answer {
        let layers = |a: &deedbook::verify::facts::Admitted| a.layers.iter().map(|l| l.standing).min().flatten();
        Answer {
            found_by: work.found_by.clone(),
            admissions: work.admissions.iter().map(|a| (a.index, a.verdict, a.day)).collect(),
            verdict: work.verdict,
            standing: work.admissions.iter().map(layers).min().flatten(),
        }
    }

    fn sealed(&self) -> Release {
        let Some(Statement::Release(release)) = self.lab.statement(self.release) else { panic!("no release") };
        release
    }

    fn judge(&self, admission: &Admission, asked: &[Identifier]) -> (Verdict, Option<Date>, Option<Standing>) {
        let Some(Statement::Dataset(dataset)) = self.lab.statement(admission.dataset) else { panic!("no dataset") };
        let day = self.at.or(admission.used_from).unwrap_or(admission.at.date());
        let state_day = self.lab.statement(self.state).unwrap().head().1.date();
        let mut is_covered = true;
        let mut is_clear = day <= state_day && !self.is_something_erased_about(admission.dataset);
        let mut standings = Vec::new();
        for layer in &dataset.layers {
            let Some(grant) = admission.grants.get(layer) else {
                is_covered = false;
                standings.push(None);
                continue;
            };
            let Some(Statement::Grant(logged)) = self.lab.statement(*grant) else { panic!("no grant") };
            let terms = logged.terms().unwrap();
            let is_ended = (0..self.state).any(|i| match self.lab.statement(i) {
                Some(Statement::GrantEnd(e)) => e.grant == *grant && e.effective <= day,
                _ => false,
            });
            is_covered &=
                !is_ended && is_in_subject(admission, &terms.subject) && covers(&dataset, *layer, &terms, day);
            is_clear &= !self.is_something_erased_about(*grant);
            standings.push(Some(self.standing(*grant, &terms, asked)));
        }
        let verdict = match (admission.override_.is_some(), is_covered, is_clear) {
            (true, _, _) => Verdict::Override,
            (_, false, _) => Verdict::Gap,
            (_, _, false) => Verdict::Unknown,
            _ if admission.used_from.is_some() && self.at.is_none() => Verdict::CoveredAsClaimed,
            _ => Verdict::Covered,
        };
        (verdict, Some(day), standings.into_iter().min().flatten())
    }

    /// Whether an entry about this one was erased, so that it could have been an end or a withdrawal.
    fn is_something_erased_about(&self, index: u64) -> bool {
        (0..self.state).any(|i| {
            let about = match self.lab.statement(i) {
                Some(Statement::Dispute(d)) => d.claim().unwrap().entry,
                _ => return false,
            };
            about == index && self.lab.entries[i as usize].is_erased
        })
    }

    fn standing(&self, grant: u64, terms: &Terms, asked: &[Identifier]) -> Standing {
        let is_trusted = self.lab.signers.get(&grant).is_some_and(|key| self.trusted.contains(key));
        let has = |i: &Identifier| {
            self.lab.tables.get(&grant).is_some_and(|(_, rows)| rows.iter().any(|r| r.key == work_key(i.as_str())))
        };
        if is_trusted && asked.iter().all(has) {
            Standing::Signed
        } else if terms.evidence.is_empty() {
            Standing::Asserted
        } else {
            Standing::Evidenced
        }
    }
}

fn is_in_subject(admission: &Admission, subject: &Subject) -> bool {
    match subject {
        Subject::Catalogue(_) => true,
        Subject::Licence(licence) => match &admission.licence {
            Some(own) => own.spdx.as_deref() == Some(licence),
            None => false,
        },
        Subject::Party(party) => {
            admission.parties.iter().any(|p| p.name == *party || p.ids.iter().any(|i| i.to_string() == *party))
        }
    }
}

/// The judge again, from domain.md: uses, prohibitions, purpose, layer, territories, term, models.
fn covers(dataset: &Dataset, layer: Layer, terms: &Terms, day: Date) -> bool {
    const CHAIN: [Use; 3] = [Use::GenerativeTraining, Use::AiTraining, Use::Tdm];
    let place = |u: Use| CHAIN.iter().position(|c| *c == u);
    let is_wider = |wide: Use, narrow: Use| match (place(wide), place(narrow)) {
        (Some(wide), Some(narrow)) => wide >= narrow,
        _ => wide == narrow,
    };
    for needed in &dataset.uses {
        if !terms.uses.iter().any(|granted| is_wider(*granted, *needed)) {
            return false;
        }
        if terms.not_uses.iter().any(|p| is_wider(*p, *needed) || is_wider(*needed, *p)) {
            return false;
        }
    }
    let is_worldwide = terms.territories.contains(&Territory::Worldwide);
    let territories = if dataset.territories.is_empty() {
        is_worldwide && terms.not_territories.is_empty()
    } else {
        let covered =
            |t: &Territory| (is_worldwide || terms.territories.contains(t)) && !terms.not_territories.contains(t);
        dataset.territories.iter().all(covered)
    };
    let models = match &terms.models {
        Some(models) if !models.names.is_empty() => {
            dataset.models.iter().all(|m| models.names.iter().any(|n| m.to_string().starts_with(&format!("{n}@"))))
        }
        _ => true,
    };
    let in_term = terms.valid_from <= day && terms.valid_to.is_none_or(|to| day < to);
    territories && models && in_term && terms.purposes.contains(&dataset.purpose) && terms.layers.contains(&layer)
}
