//! `deedbook verify`: needs no ledger and no network, only the file and the auditor's keys.

use super::context::{Context, now};
use super::error::CliError;
use super::key::MAX_KEY_LEN;
use super::output::{Answer, AnswersFile, refuse_input, unwritten};
use super::progress::Watch;
use super::source::{Reading, read_file, works};
use crate::ledger::LedgerError;
use crate::ledger::fsck::audit;
use crate::ledger::source::Asked;
use crate::report::answers::VERIFIED;
use crate::report::audit::Report as AuditReport;
use crate::report::consistency::ForkReport;
use crate::report::export::VerifyReport;
use crate::report::verify::{MAX_LISTED, Report, Row, rows};
use crate::statement::Date;
use crate::statement::terms::Standing;
use crate::tlog::tile::MAX_ENTRY_LEN;
use crate::tlog::{NoteError, Policy, TlogProof, TlogProofError, VerifierKey, leaf_hash};
use crate::verify::fork::{ForkFile, verify_fork};
use crate::verify::trust::MAX_LICENSORS_LEN;
use crate::verify::{self, Licensors, MAX_PROOF_LEN, Question, Trust, Verdict, Verified};
use std::path::Path;

/// Whom the auditor trusts.
const TRUST: &str = "Trust";
/// What the auditor asks.
const QUESTION: &str = "The question";

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook verify one.proof --key lab.pub
  deedbook verify one.proof --key lab.pub --release books@2026-11 \\
      --work isbn:9780306406157 --require absent
  deedbook verify all.proof --key lab.pub --works songs.csv --report answers.csv
  deedbook verify 17.tlog-proof --entry 17.json --key lab.pub
  deedbook verify /copies/lab-ledger --key lab.pub --json > findings.json
  deedbook verify all.proof --policy witnesses.policy --licensors keys.txt \\
      --works catalogue.csv --require present,covered,signed")]
pub(crate) struct Args {
    /// The proof file, - for stdin; or the folder of a copied ledger, which is checked whole
    #[arg(value_name = "PROOF-or-DIR")]
    proof: String,
    /// The log's verifier key, or a file that holds it
    #[arg(long, value_name = "VKEY", help_heading = TRUST, required_unless_present = "policy", conflicts_with = "policy")]
    key: Option<String>,
    /// A C2SP tlog-policy file: the log's key and the witnesses that must have seen it
    #[arg(long, value_name = "FILE", help_heading = TRUST)]
    policy: Option<String>,
    /// Licensors' keys: lines `licensor PARTY-IDENTIFIER VERIFIER-KEY [not-after DATE]`
    #[arg(long, value_name = "FILE", help_heading = TRUST)]
    licensors: Option<String>,
    /// The release that the proof must be about: DATASET@VERSION
    #[arg(long, value_name = "D@V", help_heading = QUESTION)]
    release: Option<String>,
    /// A work that must be answered, as SCHEME:VALUE; may be given again
    #[arg(long = "work", value_name = "ID", help_heading = QUESTION)]
    works: Vec<String>,
    /// A catalogue, folder or file whose works must be answered, in its order
    #[arg(long = "works", value_name = "SOURCE", help_heading = QUESTION)]
    sources: Vec<String>,
    /// Write the answer for each work to this file: a table if it ends in .csv, else JSON lines; - for stdout
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
    /// With a C2SP tlog-proof: the file with the entry's bytes, which must be what is proven
    #[arg(long, value_name = "FILE", help_heading = QUESTION, conflicts_with_all = ["release", "works", "sources", "at", "report", "require"])]
    entry: Option<String>,
    /// Judge grants on this day instead of each admission's own
    #[arg(long, value_name = "DATE", help_heading = QUESTION)]
    at: Option<String>,
    /// Exit with 1 unless this holds for every work
    #[arg(long, help_heading = QUESTION, value_name = "KIND", value_delimiter = ',')]
    require: Vec<Require>,
    #[command(flatten)]
    reading: Reading,
}

/// The longest policy file that is read: one of the most lines and keys that a policy can have is smaller.
const MAX_POLICY_LEN: usize = 1 << 20;

#[derive(clap::ValueEnum, Clone, Copy, PartialEq)]
enum Require {
    Present,
    Absent,
    Covered,
    Signed,
    Witnessed,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let trust = trust(&args)?;
    if Path::new(&args.proof).is_dir() {
        return copy(context, &args, &trust);
    }
    let asked = asked(context, &args)?;
    let question = question(&args, &asked)?;
    if let Some(report) = &args.report {
        refuse_input(report, &[&args.sources[..], std::slice::from_ref(&args.proof)].concat())?;
    }
    let bytes = super::source::read_input(&args.proof, MAX_PROOF_LEN)?;
    if ForkFile::claims(&bytes) {
        let report = ForkReport::new(&verify_fork(&bytes, trust.policy.logs()));
        return Ok(Answer::new(&report, report.text()).no(true));
    }
    if TlogProof::claims(&bytes) {
        return single(&args, &bytes, &trust.policy);
    }
    if args.entry.is_some() {
        return Err(CliError::trouble(format!("{} is no tlog-proof, and --entry is for those", args.proof))
            .hint("`deedbook log proof INDEX -o FILE --entry FILE` makes both files"));
    }
    let verified = match verify::verify(&bytes, &trust, &question) {
        Ok(verified) => verified,
        Err(error) => {
            let report = Report::invalid(&error);
            return Ok(Answer::new(&report, report.text(None)).no(true));
        }
    };
    let rows = rows(&asked, &verified);
    let mut report = Report::new(&verified, &rows);
    report.compare_clocks(&verified, now()?.at);
    if let Some(file) = &args.report {
        write_answers(file, &rows, &verified)?;
    }
    let unmet: Vec<&str> = args.require.iter().filter_map(|r| unmet(*r, &report, &verified)).collect();
    let mut text = report.text(Some((&verified, &rows)));
    for what in &unmet {
        text += &format!("\nNOT MET: {what}\n");
    }
    if args.report.is_none() && rows.len() > MAX_LISTED {
        text += "\n`--report FILE.csv` writes the answer for each work\n";
    }
    if args.report.as_deref() == Some("-") {
        context.remark_lines(&text);
        return Ok(Answer::nothing().no(!unmet.is_empty()));
    }
    Ok(Answer::new(&report, text).no(!unmet.is_empty()))
}

fn write_answers(path: &str, rows: &[Row<'_>], facts: &Verified) -> Result<(), CliError> {
    let mut file = AnswersFile::create(path, &VERIFIED)?;
    let mut lines = rows.iter().map(|row| file.answers.verified(&row.line(facts)));
    lines.try_for_each(|written| written).map_err(|error| unwritten(path, error))?;
    file.keep()
}

/// A copy of a whole ledger.
fn copy(context: &Context, args: &Args, trust: &Trust) -> Result<Answer, CliError> {
    if args.release.is_some()
        || args.at.is_some()
        || !args.works.is_empty()
        || !args.sources.is_empty()
        || args.report.is_some()
    {
        return Err(CliError::trouble(format!("{} is a folder, whose whole ledger is checked", args.proof))
            .hint("a work is asked of a proof file: `deedbook prove D@V --work ID -o FILE --ledger DIR` makes one"));
    }
    let watch = Watch::start(context, "checking");
    let audit = match audit(Path::new(&args.proof), trust, now()?) {
        Err(LedgerError::NoLedger { .. }) => {
            return Err(CliError::trouble(format!("{} is a folder without a ledger", args.proof))
                .hint("give a proof file, or a folder that has `log/checkpoint` and what belongs to it"));
        }
        audit => audit?,
    };
    drop(watch);
    let report = AuditReport::new(&audit);
    let mut text = report.text();
    let mut met = true;
    for require in &args.require {
        let only = |verdict| report.verdicts.keys().all(|v| *v == verdict);
        let admissions: u64 = report.verdicts.values().sum();
        let (holds, what) = match require {
            Require::Covered => (only(Verdict::Covered), "every admission covered"),
            Require::Signed => {
                let signed = report.standings.get(&Standing::Signed).copied().unwrap_or(0);
                (signed == admissions, "every admission under signed grants")
            }
            Require::Witnessed => {
                let bracketed = report.witnessed_at.is_some() && report.bracketed == admissions;
                (bracketed, "the checkpoint and every admission witnessed")
            }
            Require::Present | Require::Absent => {
                return Err(CliError::trouble("of a whole ledger, no work is asked that could be present or absent"));
            }
        };
        if !holds {
            met = false;
            text += &format!("\nNOT MET: {what}\n");
        }
    }
    Ok(Answer::new(&report, text).no(!report.valid || !met))
}

/// A C2SP tlog-proof, which is about the entry that the auditor has.
fn single(args: &Args, bytes: &[u8], policy: &Policy) -> Result<Answer, CliError> {
    let Some(file) = &args.entry else {
        return Err(CliError::trouble(format!("{} proves an entry, which is not given", args.proof))
            .hint("give the file with the entry's bytes with --entry FILE"));
    };
    let leaf = leaf_hash(&read_file(file, MAX_ENTRY_LEN as u64)?);
    let verify = || {
        let text = std::str::from_utf8(bytes).map_err(|_| TlogProofError::Note(NoteError::BadText))?;
        let proof = TlogProof::parse(text)?;
        Ok((proof.index, proof.verify(&leaf, policy)?))
    };
    let report = VerifyReport::new(&leaf, &verify());
    Ok(Answer::new(&report, report.text()).no(!report.valid))
}

fn trust(args: &Args) -> Result<Trust, CliError> {
    let policy = match (&args.policy, &args.key) {
        (Some(file), _) => policy(file)?,
        (None, Some(key)) => {
            let key = verifier_key(key)?;
            Policy::from_log(key).map_err(|error| CliError::trouble("--key is not a log's").because(error))?
        }
        (None, None) => return Err(CliError::trouble("a key or a policy is needed")),
    };
    let licensors = match &args.licensors {
        Some(file) => Licensors::parse(&text(file, MAX_LICENSORS_LEN)?)
            .map_err(|error| CliError::trouble(format!("{file}: {error}")))?,
        None => Licensors::default(),
    };
    Ok(Trust { policy, licensors })
}

/// Reads a policy file.
pub(crate) fn policy(file: &str) -> Result<Policy, CliError> {
    let text = text(file, MAX_POLICY_LEN)?;
    Policy::parse(&text).map_err(|error| {
        let refused = CliError::trouble(format!("{file}: {error}"));
        // What C2SP tlog-policy leaves no room for, and an editor does not show.
        if text.starts_with('\u{feff}') {
            refused.hint("save it without a byte order mark")
        } else if text.contains('\r') {
            refused.hint("save it with Unix line ends")
        } else {
            refused
        }
    })
}

fn text(path: &str, most: usize) -> Result<String, CliError> {
    let bytes = read_file(path, most as u64)?;
    String::from_utf8(bytes).map_err(|_| CliError::trouble(format!("{path} is not UTF-8")))
}

/// A verifier key, or a file that holds one.
fn verifier_key(text: &str) -> Result<VerifierKey, CliError> {
    match VerifierKey::parse(text) {
        Ok(key) => Ok(key),
        Err(_) if Path::new(text).is_file() => {
            let bytes = read_file(text, MAX_KEY_LEN)?;
            let inside = String::from_utf8_lossy(&bytes);
            VerifierKey::parse(inside.trim())
                .map_err(|error| CliError::trouble(format!("{text} does not hold a verifier key")).because(error))
        }
        Err(error) => Err(CliError::trouble("--key is neither a verifier key nor a file that holds one")
            .because(error)
            .hint("a verifier key looks like NAME+HASH+KEY; `deedbook log status` prints a ledger's")),
    }
}

/// The works that must be answered, in the auditor's order.
fn asked(context: &Context, args: &Args) -> Result<Vec<Asked>, CliError> {
    let watch = Watch::start(context, "reading");
    let asked = works(&args.works, &args.sources, &args.reading, None, watch.progress())?;
    drop(watch);
    if asked.is_empty() && !args.sources.is_empty() {
        return Err(CliError::trouble("nothing was asked").hint("the catalogue of --works has no works"));
    }
    Ok(asked)
}

fn question(args: &Args, asked: &[Asked]) -> Result<Question, CliError> {
    let ids = asked.iter().map(|work| &work.identifiers).filter(|ids| !ids.is_empty());
    let date = |text: &String| Date::parse(text).map_err(|e| CliError::trouble(format!("--at: {text:?} {e}")));
    Ok(Question {
        release: args.release.as_deref().map(super::seal::release).transpose()?,
        works: (!asked.is_empty()).then(|| ids.cloned().collect()),
        at: args.at.as_ref().map(date).transpose()?,
    })
}

/// What was required and does not hold. What has no answer is neither present nor absent.
fn unmet(require: Require, report: &Report, facts: &Verified) -> Option<&'static str> {
    let all = |holds: fn(&verify::Work) -> bool| report.invalid.is_empty() && facts.works.iter().all(holds);
    let (met, what) = match require {
        Require::Present => (all(|w| w.verdict != Verdict::Absent), "every work present"),
        Require::Absent => (all(|w| w.verdict == Verdict::Absent), "every work absent"),
        Require::Covered => (all(|w| w.verdict == Verdict::Covered), "every work covered"),
        Require::Signed => (all(|w| w.standing == Some(Standing::Signed)), "every work under a signed grant"),
        Require::Witnessed if report.witnesses_ahead.is_some() => (false, "witnessed by a time that has come"),
        Require::Witnessed => (facts.witnessed, "the checkpoint and every admission witnessed"),
    };
    (!met).then_some(what)
}
