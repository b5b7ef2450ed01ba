//! `deedbook completions`

use super::error::CliError;
use super::output::Answer;
use crate::report::completions::Report;
use clap_complete::Shell;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook completions bash > ~/.local/share/bash-completion/completions/deedbook
  deedbook completions zsh > ~/.zfunc/_deedbook
  deedbook completions fish > ~/.config/fish/completions/deedbook.fish")]
pub(crate) struct Args {
    /// The shell that the script is for
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<Answer, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::help::plain(), "deedbook", &mut script);
    let script =
        String::from_utf8(script).map_err(|error| CliError::trouble("the completions are not UTF-8").because(error))?;
    let report = Report { script, shell: args.shell.to_string() };
    Ok(Answer::new(&report, report.script.clone()))
}
