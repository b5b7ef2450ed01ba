//! `deedbook check`

use super::context::Context;
use super::error::CliError;
use super::output::{Answer, WholeFile};
use super::source::Reading;
use crate::ledger::check::check;
use crate::report::check::Report;
use std::io::Write;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  deedbook check books@2026-11 rightsholder.csv --report answers.jsonl")]
pub(crate) struct Args {
    /// The release: DATASET@VERSION
    release: String,
    /// Catalogues of the works asked
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<String>,
    /// Write the answer for each work to this file (JSON lines); - for stdout
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
    /// Exit with 1 unless every work is: present, absent
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    require: Vec<Require>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq)]
enum Require {
    Present,
    Absent,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let release = super::seal::release(&args.release)?;
    let map = args.reading.map()?;
    let sources = args.sources.iter().map(|s| args.reading.open(s)).collect::<Result<Vec<_>, _>>()?;
    let view = context.view()?;
    let to_stdout = args.report.as_deref() == Some("-");
    let mut file = args.report.as_deref().filter(|_| !to_stdout).map(WholeFile::create).transpose()?;
    let mut stdout = to_stdout.then(|| std::io::BufWriter::new(std::io::stdout()));
    let report: Option<&mut dyn Write> = match (&mut file, &mut stdout) {
        (Some(file), _) => Some(file),
        (None, Some(stdout)) => Some(stdout),
        (None, None) => None,
    };
    let counts = check(&view, &release, sources, &map, report)?;
    if let Some(file) = file {
        file.keep()?;
    }
    drop(stdout);
    let no = args.require.iter().any(|require| match require {
        Require::Present => counts.present != counts.rows,
        Require::Absent => counts.absent != counts.rows,
    });
    let report = Report::from(counts);
    let text = report.text(&release);
    if to_stdout {
        context.remark(text.trim_end());
        return Ok(Answer { json: String::new(), text: String::new(), no });
    }
    Ok(Answer::new(&report, text).no(no))
}
