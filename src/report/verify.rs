//! `verify`: what is established, for whom it may concern, and what never is.

use super::answers::{Line, Unanswered};
use super::lie::Against;
use super::said::{self, Corrected, Disputed, Withdrawn};
use super::{counted, grouped, listed, plain, table, wrapped};
use crate::ledger::candidate::Place;
use crate::ledger::cosign::MAX_AHEAD_SECONDS;
use crate::ledger::source::{Asked, Presence};
use crate::report::admit::meaning;
use crate::statement::Time;
use crate::statement::terms::{DEFAULT_RULES, Standing};
use crate::statement::vocabulary::Codes;
use crate::tlog::NoteError;
use crate::verify::facts::{Admitted, GrantFacts, LayerFinding};
use crate::verify::{Facts, NOT_PROVEN, Verdict, VerifyError, Work};
use serde::Serialize;
use std::collections::BTreeSet;

/// Works, and grants, that the text lists: more works are counted, and `--report` and `--json` have all.
pub const MAX_LISTED: usize = 20;

/// The result of a verification.
#[derive(Debug, Serialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Works that are not in the release.
    pub absent: Vec<Answer>,
    /// The proof file that this one was held against, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// Corrections of the dataset, of these grants and of the admissions of these works, in log order.
    pub corrections: Vec<Corrected>,
    /// The dataset's declaration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<super::dataset::Declared>,
    /// Disputes of the same, in log order.
    pub disputes: Vec<Disputed>,
    /// The grants relied on.
    pub grants: Vec<Relied>,
    /// Works of the auditor's sources without an answer: no identifier, or none found and some that cannot be read.
    pub invalid: Vec<Invalid>,
    /// Size of the log.
    pub log_size: u64,
    /// What is never proven.
    pub not_proven: Vec<&'static str>,
    /// The log.
    pub origin: String,
    /// Works that are in the release.
    pub present: Vec<Answer>,
    /// Why it is invalid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What a refusal is called.
    #[serde(skip)]
    pub refusal: &'static str,
    /// The release.
    pub release: String,
    /// Log index of the state: the register speaks as of it.
    pub state: u64,
    /// Whether the proof is authentic and consistent, with the one that it was held against too.
    pub valid: bool,
    /// Whether checkpoint and admissions are bracketed by the policy's witnesses.
    pub witnessed: bool,
    /// Witnesses of the checkpoint.
    pub witnesses: Vec<Witness>,
    /// Seconds by which the witnesses' time is ahead of the clock of this machine, if it is: one of them is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witnesses_ahead: Option<u64>,
    /// Withdrawals of admissions of these works, since this release, in log order.
    pub withdrawals: Vec<Withdrawn>,
}

/// The answer about one work.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    /// Whether every required layer was covered on the day judged.
    pub covered: bool,
    /// Log indices of its admissions.
    pub entries: Vec<u64>,
    /// The lowest standing of its grants.
    pub standing: Option<Standing>,
    /// What is established.
    pub verdict: Verdict,
    /// The identifiers asked.
    pub work: Vec<String>,
}

/// A work without an answer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invalid {
    /// Where it stands in the source.
    #[serde(flatten)]
    pub place: Place,
    /// The source, as it was named.
    pub source: String,
    /// Title, as the source has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is wrong with it.
    pub why: Vec<String>,
}

/// A grant relied on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Relied {
    /// The first day without it, if it was ended.
    pub ended: Option<String>,
    /// Its log index.
    pub entry: u64,
    /// Its name.
    pub id: String,
    /// The licensor, as the grant names it.
    pub licensor: String,
    /// The licensor whose signature was checked, as the auditor's file names it.
    pub signed_by: Option<String>,
}

/// A witness of the checkpoint.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Witness {
    /// Its name.
    pub name: String,
    /// When it saw the checkpoint.
    pub time: String,
}

/// A work as it was asked, and its answer.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    asked: Option<&'a Asked>,
    /// Nothing where no identifier could be asked.
    work: Option<&'a Work>,
}

/// The answers in the order asked: of the works of the question, of which those with an identifier were asked; or, where
/// there was none, of the claims of the file.
pub fn rows<'a>(asked: &'a [Asked], facts: &'a Facts) -> Vec<Row<'a>> {
    let mut works = facts.works.iter();
    if asked.is_empty() {
        return works.map(|work| Row { asked: None, work: Some(work) }).collect();
    }
    let row = |asked: &'a Asked| {
        let work = if asked.identifiers.is_empty() { None } else { works.next() };
        Row { asked: Some(asked), work }
    };
    asked.iter().map(row).collect()
}

impl<'a> Row<'a> {
    /// The answer.
    pub fn presence(&self) -> Presence {
        let found = self.work.is_some_and(|work| work.verdict != Verdict::Absent);
        match self.asked {
            Some(asked) => asked.answer(found),
            None if found => Presence::Present,
            None => Presence::Absent,
        }
    }

    fn relies_on(&self, grant: u64) -> bool {
        let admissions = self.work.iter().flat_map(|work| &work.admissions);
        admissions.flat_map(|a| &a.layers).any(|layer| layer.grant == Some(grant))
    }

    /// Its line of a report.
    pub fn line(&self, facts: &'a Facts) -> Line<'a> {
        let admissions = self.work.map_or(&[][..], |work| &work.admissions);
        let layers = || admissions.iter().flat_map(|a| &a.layers);
        let codes = layers().fold(Codes::NONE, |codes, layer| codes.union(layer.codes));
        let grants: BTreeSet<u64> = layers().filter_map(|layer| layer.grant).collect();
        let presence = self.presence();
        let grant =
            |index| facts.grants.binary_search_by_key(&index, |g| g.index).ok().map(|at| &facts.grants[at].terms.id);
        Line {
            answer: presence,
            by: self.work.map_or(&[], |work| &work.found_by),
            codes: codes.iter().collect(),
            entries: admissions.iter().map(|a| a.index).collect(),
            grants: grants.into_iter().filter_map(grant).collect(),
            identifiers: self.work.map_or(&[], |work| &work.identifiers),
            place: self.asked.map_or_else(Place::default, |asked| asked.place.clone()),
            source: self.asked.map_or("", |asked| &asked.source),
            standing: self.work.and_then(|work| work.standing),
            title: self.asked.and_then(|asked| asked.title.as_deref()),
            verdict: self.work.map(|work| work.verdict).filter(|_| presence != Presence::Invalid),
            why: self.asked.map_or(&[], |asked| &asked.why),
        }
    }
}

impl Report {
    /// From verified facts, and the rows that were asked.
    pub fn new(facts: &Facts, rows: &[Row<'_>]) -> Report {
        let answers = |presence: Presence| {
            let of = rows.iter().filter(|row| row.presence() == presence).filter_map(|row| row.work);
            of.map(Answer::new).collect()
        };
        let invalid = rows.iter().filter(|row| row.presence() == Presence::Invalid).filter_map(|row| row.asked);
        Report {
            absent: answers(Presence::Absent),
            against: None,
            corrections: said::corrections(facts),
            dataset: Some(super::dataset::Declared::new(facts.dataset_entry.0, &facts.dataset_entry.1)),
            disputes: facts.disputes.iter().map(Disputed::new).collect(),
            grants: facts.grants.iter().map(Relied::new).collect(),
            invalid: invalid.map(Invalid::new).collect(),
            log_size: facts.log_size,
            not_proven: NOT_PROVEN.iter().map(|(word, _)| *word).collect(),
            origin: facts.origin.clone(),
            present: answers(Presence::Present),
            reason: None,
            refusal: "",
            release: facts.release.to_string(),
            state: facts.state.0,
            valid: true,
            witnessed: facts.witnessed,
            witnesses: facts.witnesses.iter().map(Witness::new).collect(),
            witnesses_ahead: None,
            withdrawals: said::withdrawals(facts),
        }
    }

    /// Compares the witnesses' time with the clock of this machine. What was verified does not depend on it; but a time
    /// that has not come is no witness of anything, or this clock is wrong.
    pub fn compare_clocks(&mut self, facts: &Facts, now: Time) {
        let ahead = facts.witnessed_at.and_then(|at| u64::try_from(at.unix() - now.unix()).ok());
        self.witnesses_ahead = ahead.filter(|seconds| *seconds > MAX_AHEAD_SECONDS);
    }

    /// A proof that establishes nothing.
    pub fn invalid(error: &VerifyError) -> Report {
        let not_proven = NOT_PROVEN.iter().map(|(word, _)| *word).collect();
        let refusal = match error {
            VerifyError::NotAnswered { .. } | VerifyError::OtherRelease { .. } | VerifyError::EmptyQuestion => {
                "NOT ANSWERED"
            }
            VerifyError::Checkpoint(NoteError::QuorumNotMet { .. }) => "NOT WITNESSED",
            _ => "INVALID",
        };
        Report { reason: Some(error.to_string()), not_proven, refusal, ..Report::default() }
    }

    /// A proof of a log whose key has contradicted itself: whatever it signed establishes nothing.
    pub fn contradicted(against: Against) -> Report {
        let not_proven = NOT_PROVEN.iter().map(|(word, _)| *word).collect();
        let reason = Some("the log's key has contradicted itself".to_owned());
        Report { against: Some(against), reason, not_proven, refusal: "CONTRADICTED", ..Report::default() }
    }

    /// For people. Facts and rows are those that it was made of; without them it is invalid.
    pub fn text(&self, told: Option<(&Facts, &[Row<'_>])>) -> String {
        let Some((facts, rows)) = told else {
            let reason = self.reason.as_deref().unwrap_or_default();
            let nothing = if self.refusal == "INVALID" { "This file proves nothing.\n" } else { "" };
            return format!("{}: {}\n{nothing}", self.refusal, plain(reason));
        };
        let mut text = format!("VALID: signed by the log {}\n\n", plain(&facts.origin));
        text += &subject(facts);
        if let Some(seconds) = self.witnesses_ahead {
            let ahead = counted(seconds, "second", "seconds");
            text += &format!("            NOT YET by this machine's clock, {ahead} behind: one of the two is wrong\n");
        }
        let is_long = rows.len() > MAX_LISTED;
        text += &if is_long { counts(rows) + &said::of_admissions(facts) } else { listing(rows, facts) };
        for grant in facts.grants.iter().take(MAX_LISTED) {
            text.push('\n');
            text += &about_grant(grant, facts);
            if is_long {
                let relies = rows.iter().filter(|row| row.relies_on(grant.index)).count() as u64;
                text += &format!("  relied on by {}\n", counted(relies, "work asked", "works asked"));
            }
        }
        if facts.grants.len() > MAX_LISTED {
            let more = (facts.grants.len() - MAX_LISTED) as u64;
            text += &format!("\n... and {} (--json lists all)\n", counted(more, "more grant", "more grants"));
        }
        let about_dataset = said::of_dataset(facts);
        if !about_dataset.is_empty() {
            text += &format!("\n{about_dataset}");
        }
        text += "\nNever proven by such a file:\n";
        for (_, sentence) in NOT_PROVEN {
            text += &wrapped("  - ", sentence);
        }
        text
    }
}

impl Answer {
    fn new(work: &Work) -> Answer {
        Answer {
            covered: work.verdict == Verdict::Covered,
            entries: work.admissions.iter().map(|a| a.index).collect(),
            standing: work.standing,
            verdict: work.verdict,
            work: work.identifiers.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Invalid {
    fn new(asked: &Asked) -> Invalid {
        let Asked { source, place, title, why, .. } = asked.clone();
        Invalid { place, source: source.to_string(), title, why }
    }
}

impl Relied {
    fn new(grant: &GrantFacts) -> Relied {
        Relied {
            ended: grant.ended.map(|d| d.to_string()),
            entry: grant.index,
            id: grant.terms.id.to_string(),
            licensor: grant.terms.licensor.name.clone(),
            signed_by: grant.signed_by.as_ref().map(ToString::to_string),
        }
    }
}

impl Witness {
    pub(super) fn new((name, time): &(String, u64)) -> Witness {
        let time = i64::try_from(*time).ok().and_then(Time::from_unix);
        Witness { name: name.clone(), time: time.map_or_else(String::new, |t| t.to_string()) }
    }
}

fn subject(facts: &Facts) -> String {
    let (release_at, release) = &facts.release_entry;
    let dataset = &facts.dataset_entry.1;
    let mut text = format!("release     {} (entry {release_at}, sealed {})\n", facts.release, release.at);
    text += &format!("            {}, as the lab counts them\n", counted(release.works, "work", "works"));
    text += &format!("dataset     {} for {}\n", dataset.purpose, listed(&dataset.uses));
    text += &format!("            layers required: {}\n", listed(&dataset.layers));
    text += &format!("register    as of entry {} ({}); ", facts.state.0, facts.state.1);
    text += &format!("the log has {}\n", counted(facts.log_size, "entry", "entries"));
    text += &match (facts.witnessed_at, facts.witnesses.len()) {
        (Some(at), _) => format!(
            "time        witnessed: {} had seen this log by {at}\n",
            listed(facts.witnesses.iter().map(|(name, _)| plain(name)))
        ),
        (None, _) => "time        no witness was asked: all times are the lab's word\n".to_owned(),
    };
    text
}

fn about_work(work: &Work, facts: &Facts) -> String {
    let ids = plain(&listed(&work.identifiers));
    if work.verdict == Verdict::Absent {
        return format!("ABSENT      {ids}\n            no row of the release has it\n");
    }
    let mut text = format!("PRESENT     {ids}\n");
    if work.found_by.len() < work.identifiers.len() {
        text += &format!("            found by {}\n", plain(&listed(&work.found_by)));
    }
    for admission in &work.admissions {
        text += &about_admission(admission, facts);
    }
    text
}

fn about_admission(a: &Admitted, facts: &Facts) -> String {
    let Some(statement) = &a.statement else {
        let mut text = format!("  entry {}: its text was erased\n", a.index);
        text += &said::lines(&format!("entry {}", a.index), &a.about, facts);
        return text;
    };
    let title = statement.title.as_ref().map_or_else(String::new, |t| format!(" {t:?}"));
    let mut text = format!("  entry {}:{}\n", a.index, plain(&title));
    text += &format!("    recorded     {}{}\n", statement.at, bracket(a));
    if let Some(day) = statement.used_from {
        let late = statement.at.date().days_since(day);
        text += &format!(
            "    claimed      used from {day}, recorded {} later\n",
            counted(late.unsigned_abs(), "day", "days")
        );
    }
    for layer in &a.layers {
        text += &about_layer(layer, facts);
    }
    let day = a.day.map_or_else(String::new, |d| format!(" on {d}"));
    let standing = a.standing.map_or("none", Standing::word);
    text += &format!("    verdict      {}{day}, standing {standing}\n", a.verdict.word());
    for (index, withdrawal) in said::withdrawn_by(a.index, facts) {
        let words = format!("since, by entry {index} of {}: {}", withdrawal.at, plain(&withdrawal.because));
        text += &wrapped("    withdrawn    ", &words);
    }
    if let Some(o) = &statement.override_ {
        text += &format!("    override     by {}: {} (the gate said: {})\n", plain(&o.by), plain(&o.because), o.codes);
    }
    if a.verdict == Verdict::Unknown {
        text += "                 the register says nothing about a day after its state,\n";
        text += "                 or an entry about it was erased\n";
    }
    if a.rests_on_clock && facts.witnessed_at.is_some() {
        text += "                 the day rests on the lab's clock:\n";
        text += "                 no witness had seen the register's state before it\n";
    }
    if a.erased_about {
        text += &format!("  note      something was said about entry {} and then erased\n", a.index);
    }
    text += &said::lines(&format!("entry {}", a.index), &a.about, facts);
    text
}

fn bracket(a: &Admitted) -> String {
    match (a.bracket.start, a.bracket.end) {
        (Some(start), Some(end)) => format!(" (witnessed: after {start}, by {end})"),
        (None, Some(end)) => format!(" (witnessed: by {end}; no start)"),
        (Some(start), None) => format!(" (witnessed: after {start}; no end)"),
        (None, None) => " (the lab's word)".to_owned(),
    }
}

fn about_layer(layer: &LayerFinding, facts: &Facts) -> String {
    let name = facts.grants.iter().find(|g| Some(g.index) == layer.grant).map(|g| g.terms.id.to_string());
    let grant = match (&name, layer.grant) {
        (Some(name), Some(index)) => format!("grant {name} (entry {index})"),
        _ => String::new(),
    };
    if layer.codes.is_empty() {
        return format!("    {:13}covered by {grant}\n", layer.layer.word());
    }
    let why = listed(layer.codes.iter().map(|c| format!("{c}: {}", meaning(c))));
    wrapped(
        &format!("    {:13}", layer.layer.word()),
        &format!("NOT covered{}{grant}: {why}", if grant.is_empty() { "" } else { " by " }),
    )
}

fn about_grant(grant: &GrantFacts, facts: &Facts) -> String {
    let t = &grant.terms;
    let mut text = format!("grant {} (entry {}), {} {}\n", t.id, grant.index, t.basis, plain(&t.licence));
    let signed = match &grant.signed_by {
        Some(party) => format!("signed by {party}, whose key you gave"),
        None => "as the lab states it: no signature was checked".to_owned(),
    };
    text += &format!("  licensor  {} ({signed})\n", plain(&t.licensor.name));
    text += &format!("  subject   {}\n", plain(&super::grant::subject(&t.subject)));
    let to = t.valid_to.map_or_else(|| "no end".to_owned(), |d| d.to_string());
    text += &format!("  purposes  {}; from {} to {to}\n", listed(&t.purposes), t.valid_from);
    if let Some(rules) = &t.rules {
        let whose =
            if rules.as_str() == DEFAULT_RULES { "the rules that ship with Deedbook" } else { "its own rules file" };
        text += &format!("  terms     read by the lab from {whose} ({rules})\n");
    }
    if let Some(day) = grant.ended {
        text += &format!("  ENDED     {day}\n");
    }
    text += &said::lines(&format!("grant {}", t.id), &grant.about, facts);
    text
}

/// Every answer in full, and what they are in all.
fn listing(rows: &[Row<'_>], facts: &Facts) -> String {
    let mut text = String::new();
    for row in rows {
        text.push('\n');
        text += &match (row.presence(), row.work, row.asked) {
            (Presence::Present | Presence::Absent, Some(work), _) => about_work(work, facts),
            (_, _, Some(asked)) => about_unanswered(asked),
            (_, _, None) => String::new(),
        };
    }
    let of = tally(rows).into_iter().map(|(what, count)| format!("{} {what}", grouped(count)));
    text + &format!("\n{}: {}\n", counted(rows.len() as u64, "work asked", "works asked"), listed(of))
}

/// How many answers of each kind there are, where they are too many to be listed.
fn counts(rows: &[Row<'_>]) -> String {
    let lines: Vec<_> =
        tally(rows).into_iter().map(|(what, count)| vec![format!("  {what}"), grouped(count)]).collect();
    let mut unanswered = Unanswered::default();
    for asked in rows.iter().filter(|row| row.presence() == Presence::Invalid).filter_map(|row| row.asked) {
        unanswered.add(&asked.source, &asked.place, &asked.why);
    }
    let asked = counted(rows.len() as u64, "work asked", "works asked");
    format!("\n{asked}\n{}{}", table(&lines), unanswered.text())
}

fn tally(rows: &[Row<'_>]) -> Vec<(&'static str, u64)> {
    let all = [
        Verdict::Absent,
        Verdict::Covered,
        Verdict::CoveredAsClaimed,
        Verdict::Override,
        Verdict::Erased,
        Verdict::Unknown,
        Verdict::Gap,
    ];
    let answered = |row: &&Row<'_>| row.presence() != Presence::Invalid;
    let verdicts: Vec<Verdict> = rows.iter().filter(answered).filter_map(|row| Some(row.work?.verdict)).collect();
    let of = |verdict: Verdict| (verdict.word(), verdicts.iter().filter(|v| **v == verdict).count() as u64);
    let invalid = ("without a valid identifier", (rows.len() - verdicts.len()) as u64);
    all.into_iter().map(of).chain([invalid]).filter(|(_, count)| *count > 0).collect()
}

fn about_unanswered(asked: &Asked) -> String {
    let title = asked.title.as_ref().map_or_else(String::new, |t| format!(" {t:?}"));
    let mut text = format!("NO ANSWER   {}{}\n", plain(&asked.place.within(&asked.source)), plain(&title));
    for why in &asked.why {
        text += &wrapped("            ", &plain(why));
    }
    if !asked.identifiers.is_empty() {
        let ids = plain(&listed(&asked.identifiers));
        text += &wrapped("            ", &format!("no row of the release has {ids}, which says nothing of the rest"));
    }
    text
}
