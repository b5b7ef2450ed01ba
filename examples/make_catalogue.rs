//! Prints a catalogue of invented books, for measurements: title, author, ISBN-13, publisher, licence; with `--doi`, of
//! each book a DOI besides.
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
    let doi = std::env::args().any(|arg| arg == "--doi");
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    catalogue(count, doi, &mut out)?;
    out.flush()
}

/// Writes a catalogue of so many books.
pub fn catalogue(count: u64, doi: bool, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "title,author,isbn,publisher,licence{}", if doi { ",doi" } else { "" })?;
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
        write!(out, "{},{author},{body}{},{publisher},CC-BY-4.0", title.join(" "), (10 - sum % 10) % 10)?;
        if doi {
            write!(out, ",10.1000/book.{number}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
