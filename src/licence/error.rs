//! What is wrong in a terms or rules file, in which field, and where. The caller adds the file's name.

/// A place in a text file: line and column from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// A terms or rules file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}{}", named(.field), placed(*.at))]
pub struct FileError {
    /// Where, if the parser says: TOML values have a place, JSON values have none.
    pub at: Option<Position>,
    /// The path of the field, such as `evidence[0].digest`; empty for the file as a whole.
    pub field: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with a field. The message of each says what its data are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the data, whose meaning the message gives
pub enum Fault {
    /// Longer than its limit.
    #[error("has {len} bytes, the most is {most}")]
    TooLong { len: usize, most: usize },
    /// More items than its limit.
    #[error("has {count} items, the most is {most}")]
    TooMany { count: usize, most: usize },
    /// An empty text or list.
    #[error("is empty")]
    Empty,
    /// Bytes that are no text.
    #[error("not UTF-8")]
    NotUtf8,
    /// Text that is not TOML or JSON; the parser says why.
    #[error("not {format}: {what}")]
    Syntax { format: &'static str, what: String },
    /// Another type of value.
    #[error("is {found}, not {expected}")]
    Type { found: &'static str, expected: &'static str },
    /// A member that nothing reads.
    #[error("is not known here{}; known are {}", meant(*.near), known.join(", "))]
    UnknownMember { near: Option<&'static str>, known: Vec<&'static str> },
    /// A word outside its vocabulary.
    #[error("{word:?} is not a word here{}; known are {}", meant(*.near), known.join(", "))]
    UnknownWord { word: String, near: Option<&'static str>, known: Vec<&'static str> },
    /// A member that must be there.
    #[error("is missing")]
    Missing,
    /// An item of a set that stands there already.
    #[error("repeats an earlier item")]
    Repeated,
    /// A text that is not what it should be: an identifier, a name, a date ...
    #[error("{text:?} {why}")]
    Text { text: String, why: String },
    /// A whole number outside its range.
    #[error("is not from 1 to 2^53-1")]
    Range,
    /// The subject must be exactly one thing.
    #[error("holds {count} of works, catalogue, licence and party; exactly one must be there")]
    NotOneSubject { count: usize },
    /// The end is not after the start.
    #[error("is not after valid_from")]
    NotAfterStart,
    /// The subject is a catalogue or a list, and its rows were not given.
    #[error("needs the rows of its catalogue")]
    NoCatalogue,
    /// Rows were given, and the subject is no catalogue.
    #[error("is not a catalogue, but rows of one were given")]
    NotACatalogue,
    /// A flag for which a rules file names nothing.
    #[error("decides nothing: name admit, hold or refuse")]
    NoDecision,
    /// A cell for which a rules file names two decisions.
    #[error("decides {purpose} {use_} twice")]
    DecidedTwice { purpose: &'static str, use_: &'static str },
    /// A use that is admitted without a narrower one that it contains.
    #[error("admits {wide} without {narrow}, which it contains")]
    NotClosed { wide: &'static str, narrow: &'static str },
}

/// `field ` or nothing.
fn named(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("{field} ") }
}

/// `, at line 3, column 8` or nothing.
fn placed(at: Option<Position>) -> String {
    at.map_or(String::new(), |at| format!(", at line {}, column {}", at.line, at.column))
}

/// ` (did you mean x?)` or nothing.
fn meant(near: Option<&str>) -> String {
    near.map_or(String::new(), |near| format!(" (did you mean {near}?)"))
}
