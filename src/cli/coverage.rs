//! `deedbook coverage`

use super::context::{Context, now};
use super::error::CliError;
use super::output::{Answer, AnswersFile};
use super::verify::trust::licensors;
use crate::ledger::View;
use crate::ledger::coverage::{Part, Question, Scope, admissions, coverage};
use crate::ledger::exposure::exposure;
use crate::report::coverage::{COLUMNS, Line, Report};
use crate::statement::Date;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook coverage songs@2026-01
  deedbook coverage songs@2026-01 --at 2027-01-01 --report works.csv
  deedbook coverage --model sonata@2 --require no-gaps
  deedbook coverage songs@2026-01 --if-ended north-press-2026
  deedbook coverage songs@2026-01 --exposure")]
pub(crate) struct Args {
    /// A release, judged by what its dataset declares
    #[arg(value_name = "DATASET@VERSION", required_unless_present = "model", conflicts_with = "model")]
    release: Option<String>,
    /// A model, judged by what each of its runs declares
    #[arg(long, value_name = "NAME@VERSION")]
    model: Option<String>,
    /// The day judged; absent: today, and for a model the days of each run
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// Answer as the log knew it when it had this many entries
    #[arg(long, value_name = "SIZE")]
    as_of: Option<u64>,
    /// Take this grant to have ended on the day, and show what rests on it
    #[arg(long, value_name = "GRANT")]
    if_ended: Option<String>,
    /// Show what the gaps may cost under US law: arithmetic, not advice
    #[arg(long)]
    exposure: bool,
    /// Licensors' keys: `licensor PARTY-IDENTIFIER VERIFIER-KEY [not-after DATE]` in each line
    #[arg(long, value_name = "FILE")]
    licensors: Option<String>,
    /// Write what is found for each admission to this file: a table if it ends in .csv, else JSON lines; - for stdout
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
    /// Exit with 1 unless this holds
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    require: Vec<Require>,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq)]
enum Require {
    /// Every work is covered; what was let in against the gate, was erased or is unknown is not
    NoGaps,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let view = context.view()?;
    let scope = match (&args.release, &args.model) {
        (_, Some(model)) => Scope::Model(super::dataset::model(model)?),
        (Some(release), None) => Scope::Release(context.release(release)?),
        (None, None) => return Err(CliError::trouble("a release or a model is needed")),
    };
    let day = |text: &String| Date::parse(text).map_err(|e| CliError::trouble(format!("--at: {text:?} {e}")));
    let question = Question {
        scope,
        at: args.at.as_ref().map(day).transpose()?,
        as_of: args.as_of,
        if_ended: args.if_ended.as_deref().map(super::dataset::name).transpose()?,
    };
    let licensors = licensors(args.licensors.as_deref())?;
    let coverage = coverage(&view, &question, &licensors, now()?.at.date())?;
    let exposure = args.exposure.then(|| exposure(&view, &coverage)).transpose()?;
    if let Some(path) = &args.report {
        list(&view, &coverage.parts, path)?;
    }
    let report = Report::new(&coverage, exposure.as_ref());
    let mut text = report.text();
    let unmet = args.require.contains(&Require::NoGaps) && !report.is_covered();
    if unmet {
        text += "\nNOT MET: every work covered\n";
    }
    if args.report.as_deref() == Some("-") {
        context.remark_lines(&text);
        return Ok(Answer::nothing().no(unmet));
    }
    Ok(Answer::new(&report, text).no(unmet))
}

/// Writes what is found for each admission.
pub(super) fn list(view: &View, parts: &[Part], path: &str) -> Result<(), CliError> {
    let mut file = AnswersFile::create(path, &COLUMNS)?;
    for part in parts {
        let release = part.release.to_string();
        for found in admissions(view, part)? {
            let line = file.answers.covered(&Line::new(&found?, &release, &part.grants));
            line.map_err(|error| super::output::unwritten(path, error))?;
        }
    }
    file.keep()
}
