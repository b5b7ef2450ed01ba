//! Prints a catalogue of invented books, for measurements: title, author, ISBN-13, publisher, licence; with `--doi`, of
//! each book a DOI besides; with `--jsonl` as JSON lines.
//!
//! `cargo run --release --example make_catalogue -- 196640 > books.csv`
//!
//! The same number gives the same bytes on every machine.

use std::io::Write;

const WORDS: [&str; 20] = [
    "River", "Night", "House", "Stone", "Letter", "Garden", "Winter", "Sea", "Light", "Shadow", "Road", "History",
    "Daughter", "King", "Last", "Small", "City", "World", "Glass", "North",
];
const PUBLISHERS: [&str; 5] =
    ["North Press", "Harbour House", "Meridian Books", "Kestrel and Sons", "University of Elm Press"];

fn main() -> std::io::Result<()> {
    let count: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    let asked = |option: &str| std::env::args().any(|arg| arg == option);
    let (doi, jsonl) = (asked("--doi"), asked("--jsonl"));
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    catalogue(count, doi, jsonl, &mut out)?;
    out.flush()
}

/// Writes a catalogue of so many books.
pub fn catalogue(count: u64, doi: bool, jsonl: bool, out: &mut impl Write) -> std::io::Result<()> {
    let columns = ["title", "author", "isbn", "publisher", "licence", "doi"];
    let columns = if doi { &columns[..] } else { &columns[..5] };
    if !jsonl {
        writeln!(out, "{}", columns.join(","))?;
    }
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut below = |n: usize| {
        // xorshift
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % n
    };
    for number in 0..count {
        let title: Vec<&str> = (0..2 + below(5)).map(|_| WORDS[below(WORDS.len())]).collect();
        let author = format!("{} {}", WORDS[below(WORDS.len())], WORDS[below(WORDS.len())]);
        let body = format!("978{:09}", number * 3 + 1);
        let sum: u32 = body.bytes().zip([1, 3].into_iter().cycle()).map(|(c, w)| u32::from(c - b'0') * w).sum();
        let publisher = PUBLISHERS[below(PUBLISHERS.len())];
        let isbn = format!("{body}{}", (10 - sum % 10) % 10);
        let (title, publisher) = (title.join(" "), publisher.to_owned());
        let cells = [title, author, isbn, publisher, "CC-BY-4.0".to_owned(), format!("10.1000/book.{number}")];
        let cells = &cells[..columns.len()];
        match jsonl {
            // No cell has a character that needs an escape.
            true => {
                let members: Vec<String> =
                    columns.iter().zip(cells).map(|(name, cell)| format!("\"{name}\":\"{cell}\"")).collect();
                writeln!(out, "{{{}}}", members.join(","))?;
            }
            false => writeln!(out, "{}", cells.join(","))?,
        }
    }
    Ok(())
}
