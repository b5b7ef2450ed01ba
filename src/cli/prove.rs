//! `deedbook prove`

use super::context::Context;
use super::error::CliError;
use super::output::{Answer, refuse_input, write_file};
use super::progress::Watch;
use super::source::{Reading, works};
use crate::ledger::prove::prove;
use crate::ledger::source::Asked;
use crate::report::answers::Unanswered;
use crate::report::prove::Report;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook prove books@2026-11 --work isbn:9780306406157 -o one.proof
  deedbook prove books@2026-11 rightsholder.csv -o catalogue.proof
  deedbook prove books@2026-11 --work doi:10.1000/182 -o - | gzip > one.proof.gz")]
pub(crate) struct Args {
    /// The release
    #[arg(value_name = "DATASET@VERSION")]
    release: String,
    /// Folders, files or catalogues of the works asked, or - for stdin
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// A work asked, as SCHEME:VALUE; may be given again
    #[arg(long = "work", value_name = "ID")]
    works: Vec<String>,
    /// Where the proof goes; - for stdout
    #[arg(short, long, value_name = "PROOF")]
    output: String,
    #[command(flatten)]
    reading: Reading,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let release = context.release(&args.release)?;
    let view = context.view()?;
    let watch = Watch::start(context, "reading");
    let asked = works(&args.works, &args.sources, &args.reading, Some(view.disk()), watch.progress())?;
    drop(watch);
    refuse_input(&args.output, &args.sources)?;
    let mut unanswered = Unanswered::default();
    let mut works = Vec::with_capacity(asked.len());
    for Asked { source, place, identifiers, why, .. } in asked {
        match identifiers.is_empty() {
            true => unanswered.add(&source, &place, &why),
            false => works.push(identifiers),
        }
    }
    if works.is_empty() {
        let nothing = CliError::trouble("nothing was asked");
        return Err(match unanswered.examples().first() {
            Some(first) => nothing
                .because(format!(
                    "no work has a valid identifier: {}",
                    first.split_whitespace().collect::<Vec<_>>().join(" ")
                ))
                .hint("`deedbook check D@V CATALOGUE --report FILE` says what is wrong with each"),
            None => nothing.hint("name works with --work SCHEME:VALUE or a catalogue"),
        });
    }
    let proven = prove(&view, &release, &works)?;
    write_file(&args.output, &proven.bytes)?;
    let report = Report::new(&args.output, &proven, unanswered.count());
    let text = report.text(&unanswered);
    if args.output == "-" {
        context.remark_lines(&text);
        return Ok(Answer::nothing());
    }
    Ok(Answer::new(&report, text))
}
