//! `deedbook show`

use super::context::Context;
use super::error::CliError;
use super::output::{Answer, Lines, unwritten};
use super::progress::Watch;
use crate::ledger::LedgerError;
use crate::ledger::show::{What, find, said_of};
use crate::ledger::works::{GrantNames, release_works};
use crate::report::show::Report;
use crate::report::works::{self, Csv, Line};
use crate::statement::ReleaseName;
use std::io::{IsTerminal, Write};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook show 17
  deedbook show books@2026-11
  deedbook show isbn:9780306406157
  deedbook show books@2026-11 --works
  deedbook show books@2026-11 --works --format csv -o works.csv")]
pub(crate) struct Args {
    /// A log index, a dataset, a grant, a release (D@V) or a work (SCHEME:VALUE)
    what: String,
    /// List the works of a release (D@V), one line each
    #[arg(long)]
    works: bool,
    /// How the works are listed: jsonl has all that is recorded of them, csv is a catalogue
    #[arg(long, requires = "works", value_name = "FORMAT", default_value = "jsonl")]
    format: Format,
    /// Where the list of works goes; - for stdout
    #[arg(short, long, requires = "works", value_name = "FILE", default_value = "-")]
    output: String,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq)]
enum Format {
    Jsonl,
    Csv,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    if args.works {
        return list(context, &context.release(&args.what)?, args.format, &args.output);
    }
    let what = match What::parse(&args.what) {
        // A work may be spelled in any way.
        None if args.what.contains(':') => What::Work(super::source::identifier(&args.what)?),
        None => {
            return Err(CliError::trouble(format!("{:?} names nothing", args.what))
                .hint("give a log index, a dataset, a grant, DATASET@VERSION or SCHEME:VALUE"));
        }
        Some(what) => what,
    };
    let view = context.view()?;
    let with_said = |(index, statement)| {
        let said = said_of(&view, index, &statement)?;
        Ok((index, statement, said))
    };
    let found = find(&view, &what)?.into_iter().map(with_said).collect::<Result<Vec<_>, LedgerError>>()?;
    let report = Report::new(&found);
    Ok(Answer::new(&report, report.text()))
}

/// Lists the works of a release. On stdout they are the answer, under `--json` too.
fn list(context: &Context, name: &ReleaseName, format: Format, output: &str) -> Result<Answer, CliError> {
    if context.is_json() && format == Format::Csv && output == "-" {
        return Err(CliError::trouble("--json and --format csv contradict each other").hint("leave one of them out"));
    }
    let view = context.view()?;
    let works = release_works(&view, name)?;
    let mut grants = GrantNames::new(&view);
    let mut report = works::Report::new(name, output);
    // A list on stdout may be cut off at any line; a file is there whole or not at all.
    let watch = (output != "-").then(|| Watch::start(context, "listing"));
    let mut out = Out::create(format, output)?;
    for work in works {
        let work = work?;
        report.count(&work);
        if let Some(watch) = &watch {
            watch.progress().add(1, 0);
            if watch.progress().stopped() {
                return Err(LedgerError::Interrupted.into());
            }
        }
        let written = match &mut out {
            Out::Jsonl(out) => {
                let line = Line::new(&work, |index| grants.name(index))?;
                out.write_all(line.json().as_bytes())
            }
            Out::Csv(csv) => csv.write(&work),
        };
        written.map_err(|error| unwritten(output, error))?;
        if out.lines().is_closed() {
            break;
        }
    }
    drop(watch);
    out.keep(output)?;
    if format == Format::Csv && report.erased > 0 {
        context.remark(&report.left_out());
    }
    if output == "-" {
        return Ok(Answer::nothing());
    }
    Ok(Answer::new(&report, report.text()))
}

/// Where the list goes, and how.
enum Out {
    Jsonl(Lines),
    Csv(Box<Csv<Lines>>),
}

impl Out {
    fn create(format: Format, output: &str) -> Result<Out, CliError> {
        let lines = Lines::create(output)?;
        match format {
            Format::Jsonl => Ok(Out::Jsonl(lines)),
            Format::Csv => {
                let for_terminal = output == "-" && std::io::stdout().is_terminal();
                let csv = Csv::new(lines, for_terminal).map_err(|error| unwritten(output, error))?;
                Ok(Out::Csv(Box::new(csv)))
            }
        }
    }

    fn lines(&self) -> &Lines {
        match self {
            Out::Jsonl(lines) => lines,
            Out::Csv(csv) => csv.get_ref(),
        }
    }

    fn keep(self, output: &str) -> Result<(), CliError> {
        match self {
            Out::Jsonl(lines) => lines.keep(),
            Out::Csv(csv) => csv.finish().map_err(|error| unwritten(output, error))?.keep(),
        }
    }
}
