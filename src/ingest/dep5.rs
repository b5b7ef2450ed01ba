//! Debian's machine-readable `debian/copyright` (format 1.0, once DEP-5) as what is said of the files of a folder.
//!
//! The format names files by patterns, from the root of the *source* package. A folder of works holds them where they were
//! installed (`usr/share/games/x/music/a.ogg` for `music/a.ogg`), so a pattern fits a file if it fits the end of its path,
//! from any folder on. Of several paragraphs that fit, the last counts (section 4.2).
//!
//! Where installing left out folders of the source, a pattern does not fit that should. So one is also tried without its
//! first folders; if it then names more of the path than the pattern that counts, comes later and gives another licence,
//! nobody knows which is meant, and the work is held. A pattern that is no more than folders and `*` has nothing left to be
//! recognised by: patterns that fit no file are told.
//!
//! Not here: what a licence line means (`licence`), the texts of licences, and copyright notices, which are prose: nobody
//! is made a party of a work by them. Invariants: memory is a few times the file; each file of the folder costs at most
//! [`MAX_STEPS`] comparisons; whatever the bytes are, the answer is a [`Copyright`] or an error with its line.

use super::columns::excerpt;
use super::error::{Fault, IngestError, Place, Placed};
use super::jsonl::SHOWN_LEN;
use super::record::{Problem, RawLicence, Record};
use crate::statement::limit::MAX_TEXT_LEN;
use crate::statement::vocabulary::Code;
use std::collections::HashMap;
use std::io::Read;

/// Bytes of a copyright file; the longest in Debian have two million.
pub const MAX_COPYRIGHT_LEN: u64 = 16 << 20;

/// Patterns of a copyright file; the longest files have some ten thousand.
pub const MAX_PATTERNS: usize = 1 << 16;

/// Bytes of a pattern: as long as a path may be on Linux.
pub const MAX_PATTERN_LEN: usize = 4096;

/// Comparisons of characters and names for one file of the folder; usual ones take one for each pattern.
pub const MAX_STEPS: u32 = 1 << 22;

/// A copyright file, read.
#[derive(Debug)]
pub struct Copyright {
    file: String,
    paragraphs: Vec<Paragraph>,
    patterns: Vec<Pattern>,
    /// Patterns without wildcards, by the name of the file that they end with.
    by_name: HashMap<String, Vec<(usize, String)>>,
    /// The others.
    globs: Vec<(usize, Glob)>,
}

/// A paragraph about files.
#[derive(Debug)]
struct Paragraph {
    line: u64,
    licence: String,
}

#[derive(Debug)]
struct Pattern {
    paragraph: usize,
    line: u64,
    text: String,
    /// Whether it has fitted a file.
    fitted: bool,
}

/// A pattern with wildcards.
#[derive(Debug)]
struct Glob {
    pieces: Vec<Piece>,
    /// Where it begins: whole, without its first folder, without its first two ...; and how many names are left there.
    forms: Vec<(usize, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Char(char),
    /// `?`
    Any,
    /// `*`
    Run,
}

/// How a pattern fits a path.
#[derive(Debug, Clone, Copy)]
struct Fit {
    paragraph: usize,
    /// How many names of the path it names, at least in part.
    weight: usize,
    /// Whether all of it fits.
    whole: bool,
}

/// The budget of one file is used up.
struct Exhausted;

impl Copyright {
    /// Reads a copyright file; `file` is its name in errors.
    ///
    /// # Errors
    /// [`IngestError`]: it cannot be read, or is not written as the format says.
    pub fn read(file: &str, input: impl Read) -> Result<Copyright, IngestError> {
        let mut bytes = Vec::new();
        let read = input.take(MAX_COPYRIGHT_LEN + 1).read_to_end(&mut bytes);
        read.map_err(|error| Placed::from(Fault::Read(error)).of(file))?;
        Copyright::parse(file, &bytes).map_err(|placed| placed.of(file))
    }

    fn parse(file: &str, bytes: &[u8]) -> Result<Copyright, Placed> {
        if bytes.len() as u64 > MAX_COPYRIGHT_LEN {
            return Err(Fault::FileTooLong { most: MAX_COPYRIGHT_LEN }.into());
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            Placed(Place::Line(line), Fault::Utf8 { field: "the file".to_owned(), byte: error.valid_up_to() + 1 })
        })?;
        if let Some(nul) = bytes.iter().position(|b| *b == 0) {
            let line = bytes[..nul].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            return Err(Placed(Place::Line(line), Fault::Nul));
        }
        let names_format = |line: &str| line.get(..7).is_some_and(|name| name.eq_ignore_ascii_case("format:"));
        if !text.trim().is_empty() && !text.lines().any(|line| names_format(line.trim_start_matches('\u{feff}'))) {
            return Err(Fault::NotMachineReadable.into());
        }
        let mut copyright = Copyright {
            file: file.to_owned(),
            paragraphs: Vec::new(),
            patterns: Vec::new(),
            by_name: HashMap::new(),
            globs: Vec::new(),
        };
        let mut lines = (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(text).lines()).peekable();
        let mut is_header = true;
        while let Some(fields) = paragraph(&mut lines)? {
            if is_header {
                check_format(&fields)?;
            }
            is_header = false;
            copyright.add(&fields)?;
        }
        if is_header { Err(Fault::Empty.into()) } else { Ok(copyright) }
    }

    fn add(&mut self, fields: &[Field<'_>]) -> Result<(), Placed> {
        let Some(files) = fields.iter().find(|f| f.is("Files")) else { return Ok(()) };
        let fail = |line, what: String| Err(Placed(Place::Line(line), Fault::Paragraph(what)));
        let Some(licence) = fields.iter().find(|f| f.is("License")) else {
            return fail(files.line, "a paragraph with Files and without License".to_owned());
        };
        // The synopsis; where there is none, the licence is its text, of which the beginning will do.
        let said = licence.lines.iter().map(|(_, line)| line.trim()).find(|line| !line.is_empty()).unwrap_or_default();
        if said.is_empty() || said.len() > MAX_TEXT_LEN {
            return fail(licence.line, format!("License has {} bytes, from 1 to {MAX_TEXT_LEN} may be", said.len()));
        }
        let paragraph = self.paragraphs.len();
        self.paragraphs.push(Paragraph { line: files.line, licence: said.to_owned() });
        for (line, text) in files.lines.iter().flat_map(|(line, text)| text.split_whitespace().map(|t| (*line, t))) {
            if self.patterns.len() == MAX_PATTERNS {
                return fail(line, format!("more than {MAX_PATTERNS} patterns"));
            }
            if text.len() > MAX_PATTERN_LEN {
                return fail(line, format!("a pattern has {} bytes, the most is {MAX_PATTERN_LEN}", text.len()));
            }
            let Some(pieces) = pieces(text.strip_prefix("./").unwrap_or(text)) else {
                let shown = excerpt(text, SHOWN_LEN);
                return fail(
                    line,
                    format!("{shown:?} has a backslash before something else than *, ? and a backslash"),
                );
            };
            let place = self.patterns.len();
            match literal(&pieces) {
                Some(path) => self.by_name.entry(last_name(&path).to_owned()).or_default().push((place, path)),
                None => self.globs.push((place, Glob::new(pieces))),
            }
            self.patterns.push(Pattern { paragraph, line, text: text.to_owned(), fitted: false });
        }
        Ok(())
    }

    /// What the paragraphs say of a file, by its path in the folder.
    pub(super) fn record(&mut self, path: &str) -> Option<Record> {
        let mut fits = Vec::new();
        let problem = |what: String| Problem {
            code: Code::ConflictingEvidence,
            field: "licence".to_owned(),
            raw: String::new(),
            what,
        };
        if self.fits(path, &mut fits).is_err() {
            let what = format!("{} has too many patterns like this path to be compared with all of them", self.file);
            return Some(Record { problems: vec![problem(what)], ..Record::default() });
        }
        let whole = fits.iter().filter(|fit| fit.whole).max_by_key(|fit| (fit.paragraph, fit.weight)).copied();
        let (after, named) = whole.map_or((None, 0), |fit| (Some(fit.paragraph), fit.weight));
        let licence = |fit: &Fit| self.paragraphs.get(fit.paragraph).map(|p| p.licence.as_str());
        let doubtful = |fit: &&Fit| {
            !fit.whole
                && Some(fit.paragraph) > after
                && fit.weight > named
                && licence(fit) != whole.as_ref().and_then(licence)
        };
        let doubt = fits.iter().filter(doubtful).max_by_key(|fit| fit.paragraph).copied();
        let chosen = self.paragraphs.get(whole.or(doubt)?.paragraph)?;
        let mut record = Record { line: chosen.line, ..Record::default() };
        if whole.is_some() {
            let source = format!("dep5:{}", chosen.line);
            record.licence = Some(RawLicence { raw: chosen.licence.clone(), source });
        }
        if let Some(other) = doubt.and_then(|fit| self.paragraphs.get(fit.paragraph)) {
            let what = format!(
                "may be {:?} (dep5:{}): a pattern there fits the path if its first folders are left out",
                other.licence, other.line
            );
            record.problems.push(Problem { raw: chosen.licence.clone(), ..problem(what) });
        }
        Some(record)
    }

    /// The patterns that have fitted no file so far: line and pattern.
    pub fn unfitted(&self) -> impl Iterator<Item = (u64, &str)> {
        self.patterns.iter().filter(|p| !p.fitted).map(|p| (p.line, p.text.as_str()))
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.file
    }

    fn fits(&mut self, path: &str, fits: &mut Vec<Fit>) -> Result<(), Exhausted> {
        let mut steps = MAX_STEPS;
        let mut spend = |cost: usize| {
            steps = steps.checked_sub(u32::try_from(cost).unwrap_or(u32::MAX)).ok_or(Exhausted)?;
            Ok(())
        };
        for (place, named) in self.by_name.get(last_name(path)).into_iter().flatten() {
            spend(named.len())?;
            let alike = named.rsplit('/').zip(path.rsplit('/')).take_while(|(ours, theirs)| ours == theirs).count();
            let whole = alike == named.split('/').count();
            if let Some(pattern) = self.patterns.get_mut(*place) {
                pattern.fitted |= whole;
                fits.push(Fit { paragraph: pattern.paragraph, weight: alike, whole });
            }
        }
        let path: Vec<char> = path.chars().collect();
        for (place, glob) in &self.globs {
            if let Some(pattern) = self.patterns.get_mut(*place)
                && let Some((left_out, weight)) = glob.longest_fit(&path, &mut spend)?
            {
                pattern.fitted |= left_out == 0;
                fits.push(Fit { paragraph: pattern.paragraph, weight, whole: left_out == 0 });
            }
        }
        Ok(())
    }
}

/// A field of a paragraph.
struct Field<'a> {
    name: &'a str,
    line: u64,
    lines: Vec<(u64, &'a str)>,
}

impl Field<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The fields of the next paragraph (Debian Policy, section 5.1); `None` at the end.
fn paragraph<'a>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = (u64, &'a str)>>,
) -> Result<Option<Vec<Field<'a>>>, Placed> {
    while lines.next_if(|(_, line)| line.trim().is_empty() || line.starts_with('#')).is_some() {}
    let mut fields: Vec<Field<'a>> = Vec::new();
    while let Some((number, line)) = lines.next_if(|(_, line)| !line.trim().is_empty()) {
        let fail = |what: String| Err(Placed(Place::Line(number), Fault::Paragraph(what)));
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            match fields.last_mut() {
                Some(field) => field.lines.push((number, line)),
                None => return fail("a line that goes on with no field".to_owned()),
            }
            continue;
        }
        let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
        let Some((name, value)) = line.split_once(':').filter(|(name, _)| is_name(name)) else {
            return fail(format!("{:?} is no field: a name, a colon and a value", excerpt(line, SHOWN_LEN)));
        };
        if fields.iter().any(|field| field.is(name)) {
            return fail(format!("the field {:?} stands twice in its paragraph", excerpt(name, SHOWN_LEN)));
        }
        fields.push(Field { name, line: number, lines: vec![(number, value)] });
    }
    Ok((!fields.is_empty()).then_some(fields))
}

/// Section 4.1: the header names the format by the address of its specification.
fn check_format(fields: &[Field<'_>]) -> Result<(), Placed> {
    let format = fields.iter().find(|field| field.is("Format")).and_then(|field| field.lines.first());
    match format {
        Some((_, address)) if address.trim().trim_end_matches('/').ends_with("/copyright-format/1.0") => Ok(()),
        Some((line, address)) => {
            let what = format!("Format is {:?}, and version 1.0 is read", excerpt(address.trim(), SHOWN_LEN));
            Err(Placed(Place::Line(*line), Fault::Paragraph(what)))
        }
        None => Err(Fault::NotMachineReadable.into()),
    }
}

/// Section 4.2.1: `*`, `?`, and a backslash before what is meant as itself. `None` where it stands before anything else.
fn pieces(pattern: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        pieces.push(match c {
            '*' if pieces.last() == Some(&Piece::Run) => continue,
            '*' => Piece::Run,
            '?' => Piece::Any,
            '\\' => Piece::Char(chars.next().filter(|c| matches!(c, '*' | '?' | '\\'))?),
            c => Piece::Char(c),
        });
    }
    Some(pieces)
}

/// The path that a pattern without wildcards is.
fn literal(pieces: &[Piece]) -> Option<String> {
    let char = |piece: &Piece| match piece {
        Piece::Char(c) => Some(*c),
        Piece::Any | Piece::Run => None,
    };
    pieces.iter().map(char).collect()
}

fn last_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl Glob {
    fn new(pieces: Vec<Piece>) -> Glob {
        let is_char = |piece: &Piece| matches!(piece, Piece::Char(_));
        let slash = |piece: &Piece| *piece == Piece::Char('/');
        let mut weight = pieces.split(slash).filter(|name| name.iter().any(is_char)).count();
        let mut forms = vec![(0, weight)];
        let mut at = 0;
        for folder in pieces.split(slash) {
            at += folder.len() + 1;
            weight = weight.saturating_sub(1);
            if folder.is_empty() || !folder.iter().all(is_char) || weight == 0 {
                break;
            }
            forms.push((at, weight));
        }
        Glob { pieces, forms }
    }

    /// How many first folders must be left out for it to fit the end of the path, and how many names it names then.
    fn longest_fit(
        &self,
        path: &[char],
        spend: &mut impl FnMut(usize) -> Result<(), Exhausted>,
    ) -> Result<Option<(usize, usize)>, Exhausted> {
        let mut fits = |(from, _): &(usize, usize)| {
            let pieces = self.pieces.get(*from..).unwrap_or_default();
            fits_end(pieces, path, spend)
        };
        // Where the shortest form does not fit, no other does.
        if self.forms.len() > 1 && !self.forms.last().map_or(Ok(false), &mut fits)? {
            return Ok(None);
        }
        for (left_out, form) in self.forms.iter().enumerate() {
            if fits(form)? {
                return Ok(Some((left_out, form.1)));
            }
        }
        Ok(None)
    }
}

/// Whether a pattern fits the end of the path, from any name on.
fn fits_end(
    pieces: &[Piece],
    path: &[char],
    spend: &mut impl FnMut(usize) -> Result<(), Exhausted>,
) -> Result<bool, Exhausted> {
    if fits_all(pieces, path, spend)? {
        return Ok(true);
    }
    // A leading `*` has stood for all beginnings already.
    let mut rest = if pieces.first() == Some(&Piece::Run) { &[] } else { path };
    while let Some(end) = rest.iter().position(|c| *c == '/') {
        spend(end)?;
        rest = rest.get(end + 1..).unwrap_or_default();
        if fits_all(pieces, rest, spend)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a pattern fits all of a text. Of several `*` only the last one met is ever taken back: what fits before it fits
/// as well as anything.
fn fits_all(
    pieces: &[Piece],
    text: &[char],
    spend: &mut impl FnMut(usize) -> Result<(), Exhausted>,
) -> Result<bool, Exhausted> {
    let (mut at, mut piece) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    while let Some(c) = text.get(at) {
        spend(1)?;
        match pieces.get(piece) {
            Some(Piece::Run) => {
                last_run = Some((piece, at));
                piece += 1;
            }
            Some(Piece::Any) => (at, piece) = (at + 1, piece + 1),
            Some(Piece::Char(own)) if own == c => (at, piece) = (at + 1, piece + 1),
            Some(Piece::Char(_)) | None => {
                let Some((run, from)) = last_run else { return Ok(false) };
                (piece, at) = (run + 1, from + 1);
                last_run = Some((run, from + 1));
            }
        }
    }
    Ok(pieces.iter().skip(piece).all(|piece| *piece == Piece::Run))
}
