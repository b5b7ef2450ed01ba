//! Texts that take their beginning from the text before (`DELTA_BYTE_ARRAY`), written out in full.
//!
//! The parquet crate rebuilds them too, into as many bytes as a page likes to claim: a page of a megabyte can hold a
//! million texts of a megabyte each. Here they become a plain page, whose length is bounded like that of any other. Spec:
//! Parquet's [encodings](https://parquet.apache.org/docs/file-format/data-pages/encodings/), numbers 5 to 7.

use super::thrift::{Flaw, Walk};

/// Miniblocks of a block of lengths; every writer has four or eight.
const MAX_MINIBLOCKS: u64 = 512;

/// The texts of a page as `PLAIN` has them, each behind its length: at most `values` of them, and at most `most` bytes.
pub(super) fn plain(bytes: &[u8], values: usize, most: usize) -> Result<Vec<u8>, Flaw> {
    let mut walk = Walk { rest: bytes };
    let prefixes = lengths(&mut walk, values)?;
    let suffixes = lengths(&mut walk, values)?;
    if prefixes.len() != suffixes.len() {
        return Err(Flaw::Bad("texts without an end"));
    }
    let mut out = Vec::new();
    // Where the text before stands.
    let mut before = 0..0;
    for (prefix, suffix) in prefixes.into_iter().zip(suffixes) {
        let taken = before.start..before.start + prefix as usize;
        let len = prefix as usize + suffix as usize;
        if taken.end > before.end {
            return Err(Flaw::Bad("a text that begins with more than the text before has"));
        }
        if out.len() + 4 + len > most {
            return Err(Flaw::Bad("texts that are too long, written out"));
        }
        out.extend_from_slice(&u32::try_from(len).map_err(|_| Flaw::Bad("a text that is too long"))?.to_le_bytes());
        let start = out.len();
        out.extend_from_within(taken);
        out.extend_from_slice(walk.take(u64::from(suffix))?);
        before = start..out.len();
    }
    Ok(out)
}

/// Lengths as `DELTA_BINARY_PACKED` has them: each as its distance from the one before, in blocks of miniblocks.
fn lengths(walk: &mut Walk<'_>, most: usize) -> Result<Vec<u32>, Flaw> {
    let (block, miniblocks, count) = (walk.varint()?, walk.varint()?, walk.varint()?);
    let mut last = walk.zigzag()?;
    let each = block.checked_div(miniblocks).filter(|each| *each > 0 && each.is_multiple_of(32));
    let Some(each) = each.filter(|_| miniblocks <= MAX_MINIBLOCKS && block.is_multiple_of(miniblocks)) else {
        return Err(Flaw::Bad("lengths in blocks that cannot be"));
    };
    let count = usize::try_from(count).ok().filter(|count| *count <= most);
    let count = count.ok_or(Flaw::Bad("a page of more values than its header says"))?;
    let mut found = Vec::with_capacity(count);
    let mut push = |value: i64| u32::try_from(value).map(|v| found.push(v)).map_err(|_| Flaw::Bad("a length below 0"));
    let mut left = count;
    if left > 0 {
        push(last)?;
        left -= 1;
    }
    while left > 0 {
        let least = walk.zigzag()?;
        for width in walk.take(miniblocks)? {
            // Miniblocks behind the last value are not there, whatever width they are said to have.
            if left == 0 {
                break;
            }
            let width = u32::from(*width);
            if width > 64 {
                return Err(Flaw::Bad("a width of more than 64 bits"));
            }
            let bits = walk.take(each.saturating_mul(u64::from(width)).div_ceil(8))?;
            for index in 0..usize::try_from(each).unwrap_or(usize::MAX).min(left) {
                last = last.wrapping_add(least).wrapping_add(unpacked(bits, index, width));
                push(last)?;
                left -= 1;
            }
        }
    }
    Ok(found)
}

/// The number of this width at this place, the lowest bit first.
fn unpacked(bits: &[u8], index: usize, width: u32) -> i64 {
    let from = index * width as usize;
    let mut window = [0; 16];
    let bytes = bits.get(from / 8..).unwrap_or_default();
    let len = bytes.len().min(9);
    window.iter_mut().zip(&bytes[..len]).for_each(|(to, from)| *to = *from);
    let value = u128::from_le_bytes(window) >> (from % 8);
    let mask = (1_u128 << width) - 1;
    (value & mask) as u64 as i64
}
