//! How answers read: one file per document, each the `--json` object (whose schema is the contract) and its text for
//! people. Presents what `ledger` and `verify` give; decides nothing.

pub mod admit;
pub mod answers;
pub mod audit;
pub mod check;
pub mod completions;
pub mod consistency;
pub mod correct;
pub mod coverage;
pub mod dataset;
pub mod demo;
pub mod dispute;
pub mod export;
pub mod grant;
pub mod init;
pub mod key;
pub mod lie;
pub mod log;
pub mod man;
pub mod prove;
pub mod repair;
pub mod respond;
pub mod run;
pub mod said;
pub mod seal;
pub mod show;
pub mod verify;
pub mod withdraw;
pub mod works;

/// Columns of a line that is not a value of the user's.
pub const MAX_LINE_LEN: usize = 100;

/// Characters of a cell in a list; what is listed can be shown whole.
pub const MAX_CELL_LEN: usize = 30;

/// A value from data, for a line of text: without control characters, line ends among them, and without those that
/// turn the direction of writing.
pub fn plain(text: &str) -> String {
    text.chars().flat_map(|c| escape(c, false)).collect()
}

/// A whole text as it may go to a terminal: what [`plain`] leaves out, except line ends.
pub fn printable(text: &str) -> String {
    text.chars().flat_map(|c| escape(c, true)).collect()
}

/// One JSON object, indented; what may not go to a terminal raw is escaped inside its texts.
pub fn json(value: &impl serde::Serialize) -> String {
    json_escaped(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The same JSON, with what may not go to a terminal raw escaped inside its texts.
fn json_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Outside texts there are only line ends, which stay; inside, serde_json has escaped those below U+0020.
        match c {
            '\n' => out.push(c),
            c if c.is_control() || turns(c) => out += &format!("\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out
}

/// Whether a character turns the direction of writing.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(c: char, line_ends: bool) -> impl Iterator<Item = char> {
    let raw = line_ends && c == '\n' || !(c.is_control() || turns(c));
    let escaped = (!raw).then(|| c.escape_unicode());
    escaped.into_iter().flatten().chain(raw.then_some(c))
}

/// A count with its noun.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with commas between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Words with commas between them.
pub fn listed<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|i| i.to_string()).collect::<Vec<_>>().join(", ")
}

/// Lines of columns, each as wide as its widest cell. A column of numbers is aligned to the right, below its heading in
/// capitals if it has one; the last column is not padded.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<(usize, bool)> = (0..columns).map(|c| (width(c), is_numeric(rows, c))).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, (width, numeric)) in row.iter().zip(&widths) {
            line += &if *numeric { format!("{cell:>width$}  ") } else { format!("{cell:width$}  ") };
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

fn is_numeric(rows: &[Vec<String>], column: usize) -> bool {
    let heading = |row: &Vec<String>| row.iter().all(|cell| cell.bytes().all(|b| b.is_ascii_uppercase()));
    let below = if rows.first().is_some_and(heading) { 1 } else { 0 };
    let mut cells = rows.iter().skip(below).filter_map(|row| row.get(column)).peekable();
    let number = |cell: &String| !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit() || b == b',');
    cells.peek().is_some() && cells.all(number)
}

/// A text of at most `width` characters, cut where it is longer.
pub fn shortened(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        None => text.to_owned(),
        Some(_) => text.chars().take(width.saturating_sub(3)).chain("...".chars()).collect(),
    }
}

/// Words in lines of at most [`MAX_LINE_LEN`] columns, the first after `first`, the others indented as far.
pub fn wrapped(first: &str, text: &str) -> String {
    let mut out = String::new();
    let mut line = first.to_owned();
    let indent = first.chars().count();
    for word in text.split(' ') {
        let len = line.chars().count();
        if len > indent && len + 1 + word.chars().count() > MAX_LINE_LEN {
            out += &format!("{line}\n");
            line = " ".repeat(indent);
        } else if len > indent {
            line.push(' ');
        }
        line += word;
    }
    out + &line + "\n"
}

/// Every `--json` object, report line and file format, by the name of its schema.
#[cfg(feature = "schema")]
pub fn schemas() -> Vec<(&'static str, schemars::Schema)> {
    use crate::statement as s;
    use schemars::schema_for;
    // What is only written has members that a reader of files would not know about.
    fn written<T: schemars::JsonSchema>() -> schemars::Schema {
        schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
    }
    vec![
        ("statement/admission", schema_for!(s::Admission)),
        ("statement/correction", schema_for!(s::Correction)),
        ("statement/dataset", schema_for!(s::Dataset)),
        ("statement/dispute", schema_for!(s::Dispute)),
        ("statement/erasure", schema_for!(s::Erasure)),
        ("statement/grant", schema_for!(s::Grant)),
        ("statement/grant-end", schema_for!(s::GrantEnd)),
        ("statement/key", schema_for!(s::Key)),
        ("statement/ledger", schema_for!(s::Ledger)),
        ("statement/release", schema_for!(s::Release)),
        ("statement/run", schema_for!(s::Run)),
        ("statement/screening", schema_for!(s::Screening)),
        ("statement/state", schema_for!(s::State)),
        ("statement/withdrawal", schema_for!(s::Withdrawal)),
        ("terms", schema_for!(s::Terms)),
        ("dispute-claim", schema_for!(s::dsse::DisputeClaim)),
        ("proof", schema_for!(crate::verify::ProofFile)),
        ("fork", schema_for!(crate::verify::fork::ForkFile)),
        ("lie", schema_for!(crate::verify::lie::LieFile)),
        ("report-line", schema_for!(crate::ledger::admit::ReportLine)),
        ("check-line", written::<crate::ledger::check::Answer>()),
        ("verify-line", written::<answers::Line<'_>>()),
        ("works-line", written::<works::Line<'_>>()),
        ("json/admit", written::<admit::Report>()),
        ("json/check", written::<check::Report>()),
        ("json/completions", written::<completions::Report>()),
        ("coverage-line", written::<coverage::Line<'_>>()),
        ("json/correct", written::<correct::Report>()),
        ("json/coverage", written::<coverage::Report>()),
        ("json/dataset", written::<dataset::Declared>()),
        ("json/dataset-list", written::<dataset::List>()),
        ("json/demo", written::<demo::Report>()),
        ("json/dispute", written::<dispute::Report>()),
        ("json/dispute-sign", written::<dispute::Signed>()),
        ("json/grant", written::<grant::Recorded>()),
        ("json/grant-sign", written::<grant::Signed>()),
        ("json/grant-end", written::<grant::Ended>()),
        ("json/grant-list", written::<grant::List>()),
        ("json/init", written::<init::Report>()),
        ("json/key", written::<key::Report>()),
        ("json/log-checkpoint", written::<log::Checkpoint>()),
        ("json/log-consistency", written::<consistency::Report>()),
        ("json/log-cosign-add", written::<log::Cosigned>()),
        ("json/log-export", written::<export::Report>()),
        ("json/log-fsck", written::<log::Fsck>()),
        ("json/log-proof", written::<export::ProofReport>()),
        ("json/log-state", written::<log::State>()),
        ("json/log-status", written::<log::Status>()),
        ("json/man", written::<man::Report>()),
        ("json/prove", written::<prove::Report>()),
        ("json/repair", written::<repair::Report>()),
        ("json/respond", written::<respond::Report>()),
        ("json/run", written::<run::Added>()),
        ("json/run-list", written::<run::List>()),
        ("json/seal", written::<seal::Report>()),
        ("json/show", written::<show::Report>()),
        ("json/show-works", written::<works::Report>()),
        ("json/verify-fork", written::<consistency::ForkReport>()),
        ("json/verify-ledger", written::<audit::Report>()),
        ("json/verify-lie", written::<lie::LieReport>()),
        ("json/verify-tlog-proof", written::<export::VerifyReport>()),
        ("json/verify", written::<verify::Report>()),
        ("json/withdraw", written::<withdraw::Report>()),
    ]
}
