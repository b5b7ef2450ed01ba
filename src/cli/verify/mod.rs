//! `deedbook verify`: needs no ledger of one's own and no network, only the file and the auditor's keys.

mod against;
mod copy;
pub(crate) mod trust;

pub(crate) use trust::{policy, verifier_key};

use against::{Compared, against};
use copy::copy;
use trust::trust;

use crate::cli::context::{Context, now};
use crate::cli::error::CliError;
use crate::cli::output::{Answer, AnswersFile, refuse_input, unwritten};
use crate::cli::progress::Watch;
use crate::cli::source::{Reading, read_file, read_input, works};
use crate::ledger::source::Asked;
use crate::report::answers::VERIFIED;
use crate::report::consistency::ForkReport;
use crate::report::export::VerifyReport;
use crate::report::lie::LieReport;
use crate::report::verify::{MAX_LISTED, Report, Row, rows};
use crate::statement::Date;
use crate::statement::terms::Standing;
use crate::tlog::tile::MAX_ENTRY_LEN;
use crate::tlog::{NoteError, Policy, TlogProof, TlogProofError, leaf_hash};
use crate::verify::fork::{ForkFile, verify_fork};
use crate::verify::lie::{LieFile, verify_lie};
use crate::verify::{self, MAX_PROOF_LEN, Question, Verdict, Verified};
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
  deedbook verify new.proof --key lab.pub --against old.proof \\
      --evidence shown.json
  deedbook verify 17.tlog-proof --entry 17.json --key lab.pub
  deedbook verify /copies/lab-ledger --key lab.pub --json > findings.json
  deedbook verify all.proof --policy witnesses.policy --licensors keys.txt \\
      --works catalogue.csv --require present,covered,signed")]
pub(crate) struct Args {
    /// The proof file, or one with evidence of a fork or a lie, - for stdin; or the folder of a copied ledger, which is
    /// checked whole
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
    /// Another proof file of the same log, older or newer: whether the two show that its key has contradicted itself
    #[arg(long, value_name = "PROOF", help_heading = QUESTION, conflicts_with = "entry")]
    against: Option<String>,
    /// With --against or a copied ledger: write what shows a contradiction to anybody to this file, if there is one; -
    /// for stdout
    #[arg(long, value_name = "FILE", help_heading = QUESTION)]
    evidence: Option<String>,
    /// Judge grants on this day instead of each admission's own
    #[arg(long, value_name = "DATE", help_heading = QUESTION)]
    at: Option<String>,
    /// Exit with 1 unless this holds for every work
    #[arg(long, help_heading = QUESTION, value_name = "KIND", value_delimiter = ',')]
    require: Vec<Require>,
    #[command(flatten)]
    reading: Reading,
}

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
    let bytes = read_input(&args.proof, MAX_PROOF_LEN)?;
    if let Some(answer) = other_than_works(&args, &bytes, &trust.policy)? {
        return Ok(answer);
    }
    let verified = match verify::verify(&bytes, &trust, &question) {
        Ok(verified) => verified,
        Err(error) => return Ok(invalid(Report::invalid(&error))),
    };
    let rows = rows(&asked, &verified);
    let mut report = Report::new(&verified, &rows);
    report.compare_clocks(&verified, now()?.at);
    let mut text = report.text(Some((&verified, &rows)));
    if let Some(other) = &args.against {
        let against = match against(context, &args, &bytes, other, &trust)? {
            Compared::Clear(against) => against,
            Compared::Not(answer) => return Ok(answer),
        };
        text += &against.text();
        report.against = Some(*against);
    }
    if let Some(file) = &args.report {
        write_answers(file, &rows, &verified)?;
    }
    let unmet: Vec<&str> = args.require.iter().filter_map(|r| unmet(*r, &report, &verified)).collect();
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

/// Evidence of a contradiction, or the proof of an entry; each is told by its first bytes.
fn other_than_works(args: &Args, bytes: &[u8], policy: &Policy) -> Result<Option<Answer>, CliError> {
    let (is_fork, is_lie, is_single) = (ForkFile::claims(bytes), LieFile::claims(bytes), TlogProof::claims(bytes));
    if args.against.is_none() && args.evidence.is_some() {
        return Err(CliError::trouble("--evidence is for --against, or for a copied ledger"));
    }
    if args.against.is_some() && (is_fork || is_lie || is_single) {
        return Err(CliError::trouble(format!("{} is no proof of works, and --against is for those", args.proof))
            .hint("`deedbook prove` makes such files; evidence is verified by itself"));
    }
    if is_fork {
        let report = ForkReport::new(&verify_fork(bytes, policy.logs()));
        return Ok(Some(Answer::new(&report, report.text()).no(true)));
    }
    if is_lie {
        let report = LieReport::new(&verify_lie(bytes, policy.logs()));
        return Ok(Some(Answer::new(&report, report.text()).no(true)));
    }
    if is_single {
        return single(args, bytes, policy).map(Some);
    }
    if args.entry.is_some() {
        return Err(CliError::trouble(format!("{} is no tlog-proof, and --entry is for those", args.proof))
            .hint("`deedbook log proof INDEX -o FILE --entry FILE` makes both files"));
    }
    Ok(None)
}

fn invalid(report: Report) -> Answer {
    let text = report.text(None);
    Answer::new(&report, text).no(true)
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
        release: args.release.as_deref().map(crate::cli::seal::release).transpose()?,
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
