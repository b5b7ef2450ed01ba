//! `deedbook man`: one manual page for each command.

use super::error::CliError;
use super::output::{Answer, write_file};
use crate::report::man::Report;
use clap::Command;
use clap_mangen::Man;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook man ~/.local/share/man/man1
  deedbook man pages && man pages/deedbook-admit.1")]
pub(crate) struct Args {
    /// The folder of the pages, made if it is missing; pages there are replaced
    dir: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<Answer, CliError> {
    let shown = args.dir.display().to_string();
    std::fs::create_dir_all(&args.dir)
        .map_err(|error| CliError::trouble(format!("{shown} cannot be made")).because(error))?;
    // clap names the pages once it has built the whole tree.
    let mut root = super::help::plain().disable_help_subcommand(true);
    root.build();
    let mut files = Vec::new();
    write_pages(&root, &args.dir, &mut files)?;
    let report = Report { dir: shown, files };
    Ok(Answer::new(&report, report.text()))
}

fn write_pages(command: &Command, dir: &Path, files: &mut Vec<String>) -> Result<(), CliError> {
    let man = Man::new(command.clone());
    let file = man.get_filename();
    let path = dir.join(&file).display().to_string();
    let page =
        page(command, &man).map_err(|error| CliError::trouble(format!("{path} cannot be made")).because(error))?;
    write_file(&path, &page)?;
    files.push(file);
    command.get_subcommands().try_for_each(|sub| write_pages(sub, dir, files))
}

/// A page: clap_mangen's sections, and the examples line by line, which it would run together.
fn page(command: &Command, man: &Man) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if let Some((_, lines)) = examples.split_once('\n') {
        writeln!(page, ".SH EXAMPLES\n.nf")?;
        for line in lines.lines() {
            // roff reads a backslash as its own, and would print a hyphen that cannot be copied.
            writeln!(page, "{}", line.strip_prefix("  ").unwrap_or(line).replace('\\', "\\e").replace('-', "\\-"))?;
        }
        writeln!(page, ".fi")?;
    }
    Ok(page)
}
