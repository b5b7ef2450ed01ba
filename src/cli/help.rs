//! The command's definition as its users read it: commands grouped in the order of a user's day, headings in one style.
//!
//! The words are the doc comments of the commands' arguments; here is only how they are laid out.

use super::Cli;
use clap::builder::styling::{Style, Styles};
use clap::{Command, CommandFactory};
use std::fmt::Write as _;

/// Groups of the overview, and the commands in them. A test compares them with the commands that there are.
const GROUPS: &[(&str, &[&str])] = &[
    ("Get to know it", &["demo"]),
    ("Set up", &["init", "key", "dataset", "grant"]),
    ("Every day", &["admit", "seal", "run", "show"]),
    ("Answer and verify", &["prove", "verify", "check", "respond", "coverage"]),
    ("When something changes", &["withdraw", "dispute", "correct"]),
    ("Keep it sound", &["log", "repair"]),
    ("Your shell", &["completions", "man"]),
];

/// The plain definition: what completions and manual pages are made of.
pub(crate) fn plain() -> Command {
    Cli::command()
}

/// The definition that arguments are parsed by.
pub(crate) fn definition() -> Command {
    let styles = Styles::styled();
    let heading = *styles.get_header();
    let overview = overview(&plain(), heading);
    // The overview lists the commands itself, so that clap shall not.
    let command = plain().mut_subcommands(move |sub| headed(sub, heading).hide(true));
    command.styles(styles).help_template(overview).override_usage("deedbook [OPTIONS] <COMMAND>")
}

fn overview(command: &Command, heading: Style) -> String {
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    let width = command.get_subcommands().map(|sub| sub.get_name().len()).max().unwrap_or(0);
    for (group, names) in GROUPS {
        let _ = writeln!(text, "\n{heading}{group}:{heading:#}");
        for sub in names.iter().filter_map(|name| command.find_subcommand(name)) {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {:width$}  {about}", sub.get_name());
        }
    }
    text + "\n{all-args}\n\n`deedbook COMMAND --help` explains a command, with examples."
}

/// `Examples:` below a command in the style of clap's own headings.
fn headed(command: Command, heading: Style) -> Command {
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    // `deedbook help COMMAND` does for all of them.
    let command = command.disable_help_subcommand(true).mut_subcommands(move |sub| headed(sub, heading));
    match examples.split_once('\n') {
        Some((title, rest)) => command.after_help(format!("{heading}{title}{heading:#}\n{rest}")),
        None => command,
    }
}
