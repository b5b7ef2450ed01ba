//! `verify`: what is established, for whom it may concern, and what never is.

use super::lie::Against;
use super::{counted, grouped, listed, plain, wrapped};
use crate::report::admit::meaning;
use crate::statement::terms::{DEFAULT_RULES, Standing};
use crate::statement::{Statement, Time};
use crate::tlog::NoteError;
use crate::verify::facts::{Admitted, GrantFacts, LayerFinding};
use crate::verify::{Facts, NOT_PROVEN, Verdict, VerifyError, Work};
use serde::Serialize;

/// Works of each answer that the text lists; `--json` has all.
const MAX_LISTED: usize = 20;

/// The result of a verification.
#[derive(Debug, Serialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Works that are not in the release.
    pub absent: Vec<Answer>,
    /// The proof file that this one was held against, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// The dataset's declaration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<super::dataset::Declared>,
    /// The grants relied on.
    pub grants: Vec<Relied>,
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

impl Report {
    /// From verified facts.
    pub fn new(facts: &Facts) -> Report {
        let answers = |absent: bool| {
            let of = facts.works.iter().filter(move |w| (w.verdict == Verdict::Absent) == absent);
            of.map(Answer::new).collect()
        };
        Report {
            absent: answers(true),
            against: None,
            dataset: Some(super::dataset::Declared::new(facts.dataset_entry.0, &facts.dataset_entry.1)),
            grants: facts.grants.iter().map(Relied::new).collect(),
            log_size: facts.log_size,
            not_proven: NOT_PROVEN.iter().map(|(word, _)| *word).collect(),
            origin: facts.origin.clone(),
            present: answers(false),
            reason: None,
            refusal: "",
            release: facts.release.to_string(),
            state: facts.state.0,
            valid: true,
            witnessed: facts.witnessed,
            witnesses: facts.witnesses.iter().map(Witness::new).collect(),
        }
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

    /// For people. The facts are those that it was made of; without them it is invalid.
    pub fn text(&self, facts: Option<&Facts>) -> String {
        let Some(facts) = facts else {
            let reason = self.reason.as_deref().unwrap_or_default();
            let nothing = if self.refusal == "INVALID" { "This file proves nothing.\n" } else { "" };
            return format!("{}: {}\n{nothing}", self.refusal, plain(reason));
        };
        let mut text = format!("VALID: signed by the log {}\n\n", plain(&facts.origin));
        text += &subject(facts);
        for work in facts.works.iter().take(MAX_LISTED) {
            text.push('\n');
            text += &about_work(work, facts);
        }
        if facts.works.len() > MAX_LISTED {
            let more = (facts.works.len() - MAX_LISTED) as u64;
            text += &format!("\n... and {} (--json lists all)\n", counted(more, "more work", "more works"));
        }
        text += &summary(facts);
        for grant in &facts.grants {
            text.push('\n');
            text += &about_grant(grant);
        }
        text += &remarks("the dataset", &facts.about_dataset);
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
    fn new((name, time): &(String, u64)) -> Witness {
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
        text += &remarks(&format!("entry {}", a.index), &a.about);
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
    text += &remarks(&format!("entry {}", a.index), &a.about);
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
        _ => "no grant".to_owned(),
    };
    if layer.codes.is_empty() {
        return format!("    {:13}covered by {grant}\n", layer.layer.word());
    }
    let why = listed(layer.codes.iter().map(|c| format!("{c}: {}", meaning(c))));
    wrapped(&format!("    {:13}", layer.layer.word()), &format!("NOT covered by {grant}: {why}"))
}

fn about_grant(grant: &GrantFacts) -> String {
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
    text += &remarks(&format!("grant {}", t.id), &grant.about);
    text
}

fn summary(facts: &Facts) -> String {
    let of = |verdict: Verdict| facts.works.iter().filter(|w| w.verdict == verdict).count() as u64;
    let all = [
        Verdict::Absent,
        Verdict::Covered,
        Verdict::CoveredAsClaimed,
        Verdict::Override,
        Verdict::Erased,
        Verdict::Unknown,
        Verdict::Gap,
    ];
    let counts = all.into_iter().filter(|v| of(*v) > 0).map(|v| format!("{} {}", grouped(of(v)), v.word()));
    format!("\n{}: {}\n", counted(facts.works.len() as u64, "work asked", "works asked"), listed(counts))
}

/// What the register has about something, in a line each.
fn remarks(what: &str, about: &[(u64, Statement)]) -> String {
    let mut text = String::new();
    for (index, statement) in about {
        let words = match statement {
            Statement::Dispute(d) => match d.claim() {
                Ok(claim) => format!("disputed by {}: {} (signature not checked)", claim.name, claim.claim),
                Err(_) => "disputed".to_owned(),
            },
            Statement::Correction(c) => {
                let title = c.title.as_ref().map_or_else(String::new, |t| format!(" title {t:?}"));
                let parties = listed(c.parties.iter().map(|p| &p.name));
                let parties = if parties.is_empty() { parties } else { format!(" parties {parties}") };
                format!("corrected to{title}{parties}: {}", c.because)
            }
            Statement::Erasure(e) => format!("erased: {}", e.because),
            Statement::GrantEnd(e) => format!("ended from {} on: {}", e.effective, e.because),
            Statement::Withdrawal(w) => {
                let entries: u64 = w.entries.iter().map(|r| r.count).sum();
                format!("withdrawal of {}: {}", counted(entries, "entry", "entries"), w.because)
            }
            other => format!("a {}", other.head().0),
        };
        text += &format!("  note      {what}, entry {index} of {}: {}\n", statement.head().1, plain(&words));
    }
    text
}
