//! `deedbook respond`

use super::context::Context;
use super::error::CliError;
use super::output::{Answer, unwritten};
use super::progress::Watch;
use super::source::{Reading, works};
use crate::ledger::prove::prove;
use crate::report::answers::{Answers, Form, VERIFIED};
use crate::report::respond::{ANSWERS, KEY, PROOF, READ_ME, Report};
use crate::report::verify::rows;
use crate::statement::Identifier;
use crate::verify::{Question, Trust, verify};
use std::path::Path;

#[derive(clap::Args)]
#[command(after_help = "Example:
  deedbook respond songs@2026-11 --requester rightsholder.csv -o answer/")]
pub(crate) struct Args {
    /// The release that the request is about
    #[arg(value_name = "DATASET@VERSION")]
    release: String,
    /// The catalogue of the works that are asked about: nothing is said about any other
    #[arg(long, value_name = "SOURCE")]
    requester: String,
    /// The new folder that the answer goes to
    #[arg(short, long, value_name = "DIR")]
    output: String,
    #[command(flatten)]
    reading: Reading,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let release = context.release(&args.release)?;
    super::output::refuse_existing(&args.output)?;
    let view = context.view()?;
    let watch = Watch::start(context, "reading");
    let source = std::slice::from_ref(&args.requester);
    let asked = works(&[], source, &args.reading, Some(view.disk()), watch.progress())?;
    drop(watch);
    let claims = asked.iter().map(|work| &work.identifiers).filter(|ids| !ids.is_empty());
    let claims: Vec<Vec<Identifier>> = claims.cloned().collect();
    if claims.is_empty() {
        return Err(CliError::trouble("nothing was asked")
            .hint("`deedbook check D@V CATALOGUE --report FILE` says what is wrong with each work"));
    }
    let proof = prove(&view, &release, &claims)?.bytes;
    // The answer is what whoever gets the proof will find in it, in the order of the request.
    let trust = Trust::log(view.key().clone()).map_err(|error| CliError::trouble("the ledger's key").because(error))?;
    let question = Question { release: Some(release.clone()), works: Some(claims), at: None };
    let facts = verify(&proof, &trust, &question)
        .map_err(|error| CliError::trouble("the proof does not verify").because(error))?;
    let rows = rows(&asked, &facts);
    let mut answers = Answers::new(Vec::new(), Form::Table, &VERIFIED).map_err(|e| unwritten(ANSWERS, e))?;
    for row in &rows {
        answers.verified(&row.line(&facts)).map_err(|e| unwritten(ANSWERS, e))?;
    }
    let answers = answers.finish().map_err(|e| unwritten(ANSWERS, e))?;
    let report = Report::new(&args.output, &release, &rows, &facts, proof.len() as u64);
    let name = Path::new(&args.requester).file_name().map_or("CATALOGUE".into(), |name| name.to_string_lossy());
    let read_me = report.read_me(&name, &rows, &facts);
    let key = format!("{}\n", view.key());
    let files: [(&str, &[u8]); 4] =
        [(READ_ME, read_me.as_bytes()), (ANSWERS, &answers), (PROOF, &proof), (KEY, key.as_bytes())];
    write_folder(&args.output, &files)?;
    Ok(Answer::new(&report, report.text()))
}

/// Writes a folder whole, or none.
fn write_folder(dir: &str, files: &[(&str, &[u8])]) -> Result<(), CliError> {
    let fail = |error: std::io::Error| CliError::trouble(format!("{dir} cannot be written")).because(error);
    let temp = format!("{}.{}.tmp", dir.trim_end_matches('/'), std::process::id());
    let write = || {
        std::fs::create_dir(&temp)?;
        for (name, bytes) in files {
            std::fs::write(Path::new(&temp).join(name), bytes)?;
        }
        std::fs::rename(&temp, dir)
    };
    write().map_err(|error| {
        let _ = std::fs::remove_dir_all(&temp);
        fail(error)
    })
}
