//! Sorting more than memory should hold: items under byte keys, in sorted chunks of temporary files, merged as they are
//! read.
//!
//! For what is met on the way from a folder to its works; rows are `index`'s. The files have no names and vanish with
//! the process. Invariant: items of equal keys come in the order in which they were pushed.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::marker::PhantomData;

/// Bytes of keys and items that are sorted in memory.
pub const SORT_CHUNK_LEN: usize = 64 << 20;

/// Sorted chunks that are open at once; more are merged into one.
pub const MAX_CHUNKS: usize = 64;

/// Takes items in any order.
pub(super) struct Sorter<T> {
    chunk: Chunk,
    chunk_len: usize,
    spilled: Vec<File>,
    item: PhantomData<T>,
}

/// The items in the order of their keys.
pub(super) struct Sorted<T> {
    merged: Merged,
    item: PhantomData<T>,
}

/// Sorted chunks as one: keys and the bytes of items.
struct Merged {
    chunks: Vec<Source>,
    heap: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
    /// The item of each chunk whose key is in the heap.
    heads: Vec<Vec<u8>>,
}

#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// Where an item begins, and the lengths of its key and of itself.
    places: Vec<(usize, usize, usize)>,
}

enum Source {
    Memory(Chunk, std::ops::Range<usize>),
    File(BufReader<File>),
}

impl<T: Serialize + DeserializeOwned> Sorter<T> {
    pub(super) fn new() -> Sorter<T> {
        Sorter::with_chunk_len(SORT_CHUNK_LEN)
    }

    /// A sorter that spills earlier.
    pub(super) fn with_chunk_len(chunk_len: usize) -> Sorter<T> {
        Sorter { chunk: Chunk::default(), chunk_len, spilled: Vec::new(), item: PhantomData }
    }

    pub(super) fn push(&mut self, key: &[u8], item: &T) -> io::Result<()> {
        let start = self.chunk.bytes.len();
        self.chunk.bytes.extend_from_slice(key);
        serde_json::to_writer(&mut self.chunk.bytes, item)?;
        let item_len = self.chunk.bytes.len() - start - key.len();
        self.chunk.places.push((start, key.len(), item_len));
        if self.chunk.bytes.len() >= self.chunk_len {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.chunk.sort();
        let places = 0..self.chunk.places.len();
        self.spilled.push(write(places.map(|place| Ok(self.chunk.item(place))))?);
        self.chunk.bytes.clear();
        self.chunk.places.clear();
        if self.spilled.len() == MAX_CHUNKS {
            let mut all = Merged::of(self.spilled.drain(..).map(source).collect())?;
            self.spilled.push(write(std::iter::from_fn(|| all.next().transpose()))?);
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Sorted<T>> {
        self.chunk.sort();
        let mut chunks: Vec<Source> = self.spilled.into_iter().map(source).collect();
        let count = self.chunk.places.len();
        chunks.push(Source::Memory(self.chunk, 0..count));
        Ok(Sorted { merged: Merged::of(chunks)?, item: PhantomData })
    }
}

impl<T> Sorted<T> {
    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.merged.heap.is_empty()
    }
}

impl<T: DeserializeOwned> Iterator for Sorted<T> {
    type Item = io::Result<(Vec<u8>, T)>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.merged.next().transpose()?;
        Some(next.and_then(|(key, item)| Ok((key, serde_json::from_slice(&item)?))))
    }
}

impl Merged {
    fn of(chunks: Vec<Source>) -> io::Result<Merged> {
        let heads = vec![Vec::new(); chunks.len()];
        let mut merged = Merged { chunks, heap: BinaryHeap::new(), heads };
        for i in 0..merged.chunks.len() {
            merged.advance(i)?;
        }
        Ok(merged)
    }

    fn advance(&mut self, i: usize) -> io::Result<()> {
        if let Some((key, item)) = self.chunks[i].next()? {
            self.heap.push(Reverse((key, i)));
            self.heads[i] = item;
        }
        Ok(())
    }

    fn next(&mut self) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
        // Of equal keys the earlier chunk's is the lesser.
        let Some(Reverse((key, i))) = self.heap.pop() else { return Ok(None) };
        let item = std::mem::take(&mut self.heads[i]);
        self.advance(i)?;
        Ok(Some((key, item)))
    }
}

/// Writes sorted items to a file without a name.
fn write<B: AsRef<[u8]>>(items: impl Iterator<Item = io::Result<(B, B)>>) -> io::Result<File> {
    let mut file = BufWriter::new(tempfile::tempfile()?);
    for item in items {
        let (key, item) = item?;
        for part in [key.as_ref(), item.as_ref()] {
            file.write_all(&(part.len() as u64).to_be_bytes())?;
            file.write_all(part)?;
        }
    }
    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

fn source(file: File) -> Source {
    Source::File(BufReader::new(file))
}

impl Chunk {
    fn sort(&mut self) {
        let bytes = &self.bytes;
        let key = |&(start, key_len, _): &(usize, usize, usize)| &bytes[start..start + key_len];
        // Stable: what was pushed first stays first.
        self.places.sort_by(|a, b| key(a).cmp(key(b)));
    }

    fn item(&self, place: usize) -> (&[u8], &[u8]) {
        let (start, key_len, item_len) = self.places[place];
        self.bytes[start..start + key_len + item_len].split_at(key_len)
    }
}

impl Source {
    fn next(&mut self) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
        match self {
            Source::Memory(chunk, places) => Ok(places.next().map(|place| {
                let (key, item) = chunk.item(place);
                (key.to_vec(), item.to_vec())
            })),
            Source::File(file) => {
                if io::BufRead::fill_buf(file)?.is_empty() {
                    return Ok(None);
                }
                let mut part = || -> io::Result<Vec<u8>> {
                    let mut len = [0; 8];
                    file.read_exact(&mut len)?;
                    let len = u64::from_be_bytes(len);
                    let mut part = Vec::new();
                    file.by_ref().take(len).read_to_end(&mut part)?;
                    if part.len() as u64 == len { Ok(part) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
                };
                Ok(Some((part()?, part()?)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever spills, the items come sorted, and equal keys in the order of pushing.
    #[test]
    fn sorted_as_in_memory() {
        for chunk_len in [1, 40, 1000, SORT_CHUNK_LEN] {
            let mut state = 7u64;
            let mut wanted = Vec::new();
            let mut sorter = Sorter::with_chunk_len(chunk_len);
            for number in 0..200u64 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let key = vec![b'k'; (state >> 60) as usize];
                sorter.push(&key, &number).unwrap();
                wanted.push((key, number));
            }
            wanted.sort();
            let found: Vec<_> = sorter.finish().unwrap().map(Result::unwrap).collect();
            assert_eq!(found, wanted);
        }
    }
}
