//! `deedbook verify`: needs no ledger and no network, only the file and the auditor's keys.

use super::context::Context;
use super::error::CliError;
use super::key::MAX_KEY_LEN;
use super::output::{Answer, refuse_input, write_file};
use super::progress::Watch;
use super::source::{Reading, read_file, works};
use crate::report::consistency::ForkReport;
use crate::report::export::VerifyReport;
use crate::report::lie::{Against, LieReport};
use crate::report::verify::Report;
use crate::statement::Date;
use crate::statement::terms::Standing;
use crate::tlog::tile::MAX_ENTRY_LEN;
use crate::tlog::{NoteError, Policy, TlogProof, TlogProofError, VerifierKey, leaf_hash};
use crate::verify::against::compare;
use crate::verify::fork::{ForkFile, verify_fork};
use crate::verify::lie::{LieFile, verify_lie};
use crate::verify::trust::MAX_LICENSORS_LEN;
use crate::verify::{self, Licensors, MAX_PROOF_LEN, ProofFile, Question, Trust, Verdict, Verified, VerifyError};

/// Whom the auditor trusts.
const TRUST: &str = "Trust";
/// What the auditor asks.
const QUESTION: &str = "The question";

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook verify one.proof --key lab.pub
  deedbook verify one.proof --key lab.pub --release books@2026-11 \\
      --work isbn:9780306406157 --require absent
  deedbook verify new.proof --key lab.pub --against old.proof \\
      --evidence shown.json
  deedbook verify 17.tlog-proof --entry 17.json --key lab.pub
  deedbook verify all.proof --policy witnesses.policy --licensors keys.txt \\
      --works catalogue.csv --require present,covered,signed")]
pub(crate) struct Args {
    /// The proof file, or one with evidence of a fork or a lie; - for stdin
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
    /// With a C2SP tlog-proof: the file with the entry's bytes, which must be what is proven
    #[arg(long, value_name = "FILE", help_heading = QUESTION, conflicts_with_all = ["release", "works", "sources", "at", "require"])]
    entry: Option<String>,
    /// Another proof file of the same log, older or newer: whether the two show that its key has contradicted itself
    #[arg(long, value_name = "PROOF", help_heading = QUESTION, conflicts_with = "entry")]
    against: Option<String>,
    /// Write what shows a contradiction to anybody to this file, if there is one; - for stdout
    #[arg(long, value_name = "FILE", help_heading = QUESTION, requires = "against")]
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
    let (trust, question) = (trust(&args)?, question(context, &args)?);
    if std::path::Path::new(&args.proof).is_dir() {
        return Err(CliError::trouble(format!("{} is a folder, not a proof file", args.proof))
            .hint("`deedbook log fsck --ledger DIR` checks a whole ledger"));
    }
    if let (Some(evidence), Some(other)) = (&args.evidence, &args.against) {
        refuse_input(evidence, &[args.proof.clone(), other.clone()])?;
    }
    let bytes = super::source::read_input(&args.proof, MAX_PROOF_LEN)?;
    if let Some(answer) = other_than_works(&args, &bytes, &trust.policy)? {
        return Ok(answer);
    }
    let verified = match verify::verify(&bytes, &trust, &question) {
        Ok(verified) => verified,
        Err(error) => return Ok(invalid(Report::invalid(&error))),
    };
    let mut report = Report::new(&verified);
    let mut text = report.text(Some(&verified));
    if let Some(other) = &args.against {
        let against = match against(context, &args, &bytes, other, &trust)? {
            Compared::Clear(against) => against,
            Compared::Not(answer) => return Ok(answer),
        };
        text += &against.text();
        report.against = Some(*against);
    }
    let unmet: Vec<&str> = args.require.iter().filter_map(|r| unmet(*r, &verified)).collect();
    for what in &unmet {
        text += &format!("\nNOT MET: {what}\n");
    }
    Ok(Answer::new(&report, text).no(!unmet.is_empty()))
}

/// Evidence of a contradiction, or the proof of an entry; each is told by its first bytes.
fn other_than_works(args: &Args, bytes: &[u8], policy: &Policy) -> Result<Option<Answer>, CliError> {
    let (is_fork, is_lie, is_single) = (ForkFile::claims(bytes), LieFile::claims(bytes), TlogProof::claims(bytes));
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

/// What came of holding two proof files against each other.
enum Compared {
    /// Nothing contradicts.
    Clear(Box<Against>),
    /// The other file is invalid, or the two contradict: that is the answer.
    Not(Answer),
}

/// Verifies the other file and compares; writes the evidence of a contradiction where it was asked for.
fn against(context: &Context, args: &Args, bytes: &[u8], other: &str, trust: &Trust) -> Result<Compared, CliError> {
    let others = super::source::read_input(other, MAX_PROOF_LEN)?;
    if let Err(error) = verify::verify(&others, trust, &Question::default()) {
        let mut report = Report::invalid(&error);
        report.reason = report.reason.map(|reason| format!("{other}: {reason}"));
        return Ok(Compared::Not(invalid(report)));
    }
    let parse = |bytes: &[u8]| ProofFile::parse(bytes).map_err(VerifyError::Json);
    let found = parse(bytes).and_then(|own| compare(&own, &parse(&others)?, trust.policy.logs()));
    let found = found
        .map_err(|error| CliError::trouble(format!("{} and {other} cannot be compared", args.proof)).because(error))?;
    let Some(evidence) = found else { return Ok(Compared::Clear(Box::new(Against::new(other, None, None)))) };
    let written = args.evidence.as_deref();
    if let Some(file) = written {
        write_file(file, &evidence.print())?;
    }
    let against = Against::new(other, Some(&evidence), written);
    let text = against.text();
    if written == Some("-") {
        context.remark_lines(&text);
        return Ok(Compared::Not(Answer::nothing().no(true)));
    }
    Ok(Compared::Not(Answer::new(&Report::contradicted(against), text).no(true)))
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
    Policy::parse(&text(file, MAX_POLICY_LEN)?).map_err(|error| CliError::trouble(format!("{file}: {error}")))
}

fn text(path: &str, most: usize) -> Result<String, CliError> {
    let bytes = read_file(path, most as u64)?;
    String::from_utf8(bytes).map_err(|_| CliError::trouble(format!("{path} is not UTF-8")))
}

/// A verifier key, or a file that holds one.
fn verifier_key(text: &str) -> Result<VerifierKey, CliError> {
    match VerifierKey::parse(text) {
        Ok(key) => Ok(key),
        Err(_) if std::path::Path::new(text).is_file() => {
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

fn question(context: &Context, args: &Args) -> Result<Question, CliError> {
    let watch = Watch::start(context, "reading");
    let works = works(&args.works, &args.sources, &args.reading, None, watch.progress())?;
    drop(watch);
    let asked = !args.works.is_empty() || !args.sources.is_empty();
    if asked && works.is_empty() {
        return Err(CliError::trouble("nothing was asked").hint("the catalogue of --works has no works"));
    }
    let date = |text: &String| Date::parse(text).map_err(|e| CliError::trouble(format!("--at: {text:?} {e}")));
    Ok(Question {
        release: args.release.as_deref().map(super::seal::release).transpose()?,
        works: asked.then_some(works),
        at: args.at.as_ref().map(date).transpose()?,
    })
}

/// What was required and does not hold.
fn unmet(require: Require, facts: &Verified) -> Option<&'static str> {
    let all = |holds: fn(&verify::Work) -> bool| facts.works.iter().all(holds);
    let (met, what) = match require {
        Require::Present => (all(|w| w.verdict != Verdict::Absent), "every work present"),
        Require::Absent => (all(|w| w.verdict == Verdict::Absent), "every work absent"),
        Require::Covered => (all(|w| w.verdict == Verdict::Covered), "every work covered"),
        Require::Signed => (all(|w| w.standing == Some(Standing::Signed)), "every work under a signed grant"),
        Require::Witnessed => (facts.witnessed, "the checkpoint and every admission witnessed"),
    };
    (!met).then_some(what)
}
