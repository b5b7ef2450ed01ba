//! MPEG-4 files: the way to the item list (ISO/IEC 14496-12; Apple's QuickTime File Format, "Metadata").
//!
//! Atoms lie in each other like chunks; the items are `moov` / `udta` / `meta` / `ilst`. Only the way there is walked
//! here; the list itself goes to the tag library, alone and bounded (`audio`), since that merges several lists in
//! quadratic time. A `moov` that is cut short is an error: nobody knows what it would have said.

use super::Undescribed;
use super::bounded::{Bounded, MAX_METADATA_LEN};
use std::io::{Read, Seek, SeekFrom};

/// Item lists of one file. There is one.
pub const MAX_LISTS: usize = 8;

/// An atom: its name, and where its content lies.
struct Atom {
    name: [u8; 4],
    start: u64,
    end: u64,
}

/// The item lists of the file, as they stand in it.
pub(super) fn item_lists<R: Read + Seek>(input: &mut Bounded<R>) -> Result<Vec<Vec<u8>>, Undescribed> {
    let whole = Atom { name: *b"file", start: 0, end: input.len() };
    let Some(moov) = find(input, &whole, *b"moov", whole.start)? else {
        return unreadable("has no moov atom: it is cut short");
    };
    let mut lists = Vec::new();
    let mut at = moov.start;
    while let Some(udta) = find(input, &moov, *b"udta", at)? {
        at = udta.end;
        let Some(meta) = find(input, &udta, *b"meta", udta.start)? else { continue };
        let start = first_of_meta(input, &meta)?;
        let Some(list) = find(input, &meta, *b"ilst", start)? else { continue };
        if lists.len() == MAX_LISTS {
            return unreadable(&format!("has more than {MAX_LISTS} lists of items"));
        }
        if list.end - list.start > MAX_METADATA_LEN {
            return unreadable(&format!("its list of items is longer than {MAX_METADATA_LEN} bytes"));
        }
        input.seek(SeekFrom::Start(list.start)).map_err(super::unreadable)?;
        lists.push(input.piece(list.end - list.start).map_err(super::unreadable)?);
    }
    Ok(lists)
}

/// The first atom of this name in `parent`, from `at` on.
fn find<R: Read + Seek>(
    input: &mut Bounded<R>,
    parent: &Atom,
    name: [u8; 4],
    mut at: u64,
) -> Result<Option<Atom>, Undescribed> {
    while at < parent.end {
        input.seek(SeekFrom::Start(at)).map_err(super::unreadable)?;
        // Four zeros may end a list of user data.
        let Some(atom) = next(input, parent)? else { return Ok(None) };
        if atom.name == name {
            return Ok(Some(atom));
        }
        at = atom.end;
    }
    Ok(None)
}

/// The atom that begins here; none if there is no room for one.
fn next<R: Read + Seek>(input: &mut Bounded<R>, parent: &Atom) -> Result<Option<Atom>, Undescribed> {
    let start = input.position();
    if parent.end - start < 8 {
        return Ok(None);
    }
    let Some([a, b, c, d, name @ ..]) = input.next::<8>().map_err(super::unreadable)? else { return Ok(None) };
    let end = match u32::from_be_bytes([a, b, c, d]) {
        // To the end of what it is in.
        0 => Some(parent.end),
        1 => {
            let len = input.next().map_err(super::unreadable)?.map(u64::from_be_bytes);
            len.and_then(|len| start.checked_add(len))
        }
        len => start.checked_add(u64::from(len)),
    };
    match end.filter(|end| (input.position()..=parent.end).contains(end)) {
        Some(end) => Ok(Some(Atom { name, start: input.position(), end })),
        None => unreadable(&format!(
            "its atom \"{}\" reaches beyond \"{}\": it is cut short or damaged",
            name.escape_ascii(),
            parent.name.escape_ascii()
        )),
    }
}

/// Where the first atom of `meta` is: behind a version and flags, which QuickTime leaves out.
fn first_of_meta<R: Read + Seek>(input: &mut Bounded<R>, meta: &Atom) -> Result<u64, Undescribed> {
    input.seek(SeekFrom::Start(meta.start)).map_err(super::unreadable)?;
    let first = input.next::<8>().map_err(super::unreadable)?;
    let bare = first.is_some_and(|bytes| matches!(&bytes[4..], b"hdlr" | b"ilst" | b"mhdr" | b"keys"));
    Ok(meta.start + if bare { 0 } else { 4 })
}

fn unreadable<T>(words: &str) -> Result<T, Undescribed> {
    Err(Undescribed::Unreadable(words.to_owned()))
}
