//! Colours, where a terminal takes them: `error:` and `hint:`, and the words that say how something ended.
//!
//! Texts are made plain, escaped, and only then painted, word by word from a closed list: what comes from data never
//! brings a colour of its own. Whether a stream takes colours is `anstream`'s to say: it must be a terminal, unless
//! `NO_COLOR` or `CLICOLOR_FORCE` decide otherwise.

use anstream::{AutoStream, ColorChoice};
use clap::builder::styling::{AnsiColor, Style};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WAITS: Style = AnsiColor::Yellow.on_default().bold();
const ADVICE: Style = AnsiColor::Cyan.on_default();
const FOUND: Style = Style::new().bold();

/// Words that may begin a line, or follow `verdict`.
const WORDS: &[(&str, Style)] = &[
    ("error:", BAD),
    ("hint:", ADVICE),
    ("usage:", ADVICE),
    ("admitted", GOOD),
    ("refused", BAD),
    ("held", WAITS),
    ("VALID:", GOOD),
    ("INVALID:", BAD),
    ("FORK:", BAD),
    ("LIE:", BAD),
    ("NOT", BAD),
    ("PRESENT", FOUND),
    ("ABSENT", FOUND),
    ("ENDED", WAITS),
    ("covered", GOOD),
    ("covered-as-claimed", WAITS),
    ("override", WAITS),
    ("unknown", WAITS),
    ("erased", WAITS),
    ("gap", BAD),
    ("DAMAGE:", BAD),
    ("LOST:", BAD),
    ("sound:", GOOD),
];

/// Whether stdout takes colours.
pub(crate) fn on_stdout() -> bool {
    taken(AutoStream::auto(std::io::stdout()).current_choice())
}

/// Whether stderr takes colours.
pub(crate) fn on_stderr() -> bool {
    taken(AutoStream::auto(std::io::stderr()).current_choice())
}

/// A console that would need the codes translated gets none.
fn taken(choice: ColorChoice) -> bool {
    choice == ColorChoice::AlwaysAnsi
}

/// A printable text with its known words painted.
pub(crate) fn paint(text: &str) -> String {
    text.split_inclusive('\n').map(paint_line).collect()
}

fn paint_line(line: &str) -> String {
    let rest = line.trim_start_matches(' ');
    // Of a verdict it is the next word that counts.
    let rest = rest.strip_prefix("verdict ").map_or(rest, |after| after.trim_start_matches(' '));
    let len = rest.find([' ', '\n', ',']).unwrap_or(rest.len());
    let (word, after) = rest.split_at(len);
    let before = &line[..line.len() - rest.len()];
    match WORDS.iter().find(|(known, _)| *known == word) {
        Some((_, style)) => format!("{before}{style}{word}{style:#}{after}"),
        None => line.to_owned(),
    }
}
