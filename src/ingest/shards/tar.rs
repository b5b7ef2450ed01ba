//! A tar archive read from its beginning to its end: names, kinds and sizes of its members, and their bytes as they pass.
//!
//! Nothing is unpacked, so a name leads nowhere: it is only a name. Read are the formats in use: POSIX ustar and pax, GNU
//! and the old one of Unix. Spec: POSIX [pax](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html), and
//! GNU's [basic tar format](https://www.gnu.org/software/tar/manual/html_node/Standard.html). Invariant: no more than
//! [`MAX_EXTENSION_LEN`] bytes are held of what stands before a member.

use super::Flaw;
use std::io::{self, Read};

/// Bytes of what stands before a member in members of its own: a long name, attributes.
pub const MAX_EXTENSION_LEN: u64 = 1 << 20;

/// Members that describe the one behind them.
const MAX_EXTENSIONS: usize = 16;

/// The unit of a tar archive.
const BLOCK_LEN: usize = 512;

/// A member, whose bytes are read next.
#[derive(Debug)]
pub(super) struct Member {
    pub name: Vec<u8>,
    /// Its size, or what it is instead of a file.
    pub file: Result<u64, &'static str>,
    /// Whether it is a folder, which is no work.
    pub folder: bool,
}

/// The members of an archive.
pub(super) struct Tar<R> {
    input: R,
    /// Bytes of the member that are still to be read, and of what fills its last block.
    left: u64,
    padding: u64,
}

/// What members before a member say of it.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl<R: Read> Tar<R> {
    pub fn new(input: R) -> Tar<R> {
        Tar { input, left: 0, padding: 0 }
    }

    /// The next member; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Member>, Flaw> {
        let mut said = Said::default();
        for _ in 0..MAX_EXTENSIONS {
            self.pass()?;
            let Some(block) = self.block()? else { return Ok(None) };
            let size = number(field::<12>(&block, 124))?;
            let kind = block[156];
            match kind {
                b'L' | b'K' | b'x' | b'g' => {
                    let extension = self.extension(size)?;
                    match kind {
                        b'L' => said.name = Some(until_nul(&extension).to_vec()),
                        b'x' => said.attributes(&extension)?,
                        // A long link leads nowhere, and what holds for all members is a comment.
                        _ => {}
                    }
                }
                _ => return self.member(&block, kind, said, size).map(Some),
            }
        }
        Err(Flaw::Shard("has more than 16 members in a row that only describe another".to_owned()))
    }

    fn member(&mut self, block: &[u8; BLOCK_LEN], kind: u8, said: Said, size: u64) -> Result<Member, Flaw> {
        if kind == b'S' {
            // Further maps of a sparse file stand between its header and its bytes.
            let mut more = block[482] != 0;
            while more {
                let mut map = [0; BLOCK_LEN];
                self.fill(&mut map)?;
                more = map[504] != 0;
            }
        }
        let size = said.size.unwrap_or(size);
        (self.left, self.padding) = (size, size.next_multiple_of(BLOCK_LEN as u64).saturating_sub(size));
        let name = said.name.unwrap_or_else(|| name(block));
        let folder = kind == b'5' || matches!(kind, 0 | b'0') && name.ends_with(b"/");
        let file = match kind {
            0 | b'0' | b'7' if said.sparse => Err("is a sparse file, which is not read"),
            0 | b'0' | b'7' => Ok(size),
            b'1' => Err("is a hard link to another member"),
            b'2' => Err("is a symbolic link, not a file"),
            b'3' | b'4' => Err("is a device, not a file"),
            b'6' => Err("is a pipe, not a file"),
            b'S' => Err("is a sparse file, which is not read"),
            _ => Err("is of a kind that is not known"),
        };
        // Links and the like have no bytes, whatever size they are said to have.
        if matches!(kind, b'1'..=b'6') {
            (self.left, self.padding) = (0, 0);
        }
        Ok(Member { name, file, folder })
    }

    /// Reads past what is left of a member.
    fn pass(&mut self) -> Result<(), Flaw> {
        let rest = self.left.saturating_add(self.padding);
        (self.left, self.padding) = (0, 0);
        let passed = io::copy(&mut (&mut self.input).take(rest), &mut io::sink()).map_err(Flaw::Read)?;
        if passed == rest { Ok(()) } else { Err(cut()) }
    }

    /// The next header; `None` at a block of zeros, which ends an archive.
    fn block(&mut self) -> Result<Option<[u8; BLOCK_LEN]>, Flaw> {
        let mut block = [0; BLOCK_LEN];
        self.fill(&mut block)?;
        if block == [0; BLOCK_LEN] {
            return Ok(None);
        }
        let sum: u64 = block.iter().map(|b| u64::from(*b)).sum();
        let own: u64 = block[148..156].iter().map(|b| u64::from(*b)).sum();
        // The sum is taken with blanks in its own place.
        if number(field::<8>(&block, 148)).ok() == Some(sum - own + 8 * u64::from(b' ')) {
            return Ok(Some(block));
        }
        Err(Flaw::Shard("has a header whose sum is wrong, or is no tar archive".to_owned()))
    }

    fn fill(&mut self, block: &mut [u8; BLOCK_LEN]) -> Result<(), Flaw> {
        self.input.read_exact(block).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => cut(),
            _ => Flaw::Read(error),
        })
    }

    fn extension(&mut self, size: u64) -> Result<Vec<u8>, Flaw> {
        if size > MAX_EXTENSION_LEN {
            return Err(Flaw::Shard(format!("has names or attributes of more than {MAX_EXTENSION_LEN} bytes")));
        }
        (self.left, self.padding) = (size, size.next_multiple_of(BLOCK_LEN as u64) - size);
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).map_err(Flaw::Read)?;
        if bytes.len() as u64 == size { Ok(bytes) } else { Err(cut()) }
    }
}

impl<R: Read> Read for Tar<R> {
    /// The bytes of the member.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let len = self.input.read(&mut buffer[..most])?;
        self.left -= len as u64;
        Ok(len)
    }
}

impl Said {
    /// Attributes of pax: each its length, a blank, name and value around an equals sign, and an end of line.
    fn attributes(&mut self, mut bytes: &[u8]) -> Result<(), Flaw> {
        let wrong = || Flaw::Shard("has attributes that are not written as pax has them".to_owned());
        while !bytes.is_empty() {
            let blank = bytes.iter().position(|b| *b == b' ').ok_or_else(wrong)?;
            let len: usize =
                std::str::from_utf8(&bytes[..blank]).ok().and_then(|t| t.parse().ok()).ok_or_else(wrong)?;
            let (line, rest) = bytes.split_at_checked(len).ok_or_else(wrong)?;
            let line = line.get(blank + 1..).and_then(|line| line.strip_suffix(b"\n")).ok_or_else(wrong)?;
            let equals = line.iter().position(|b| *b == b'=').ok_or_else(wrong)?;
            let (name, value) = (&line[..equals], &line[equals + 1..]);
            match name {
                b"path" => self.name = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    self.size = Some(size.ok_or_else(wrong)?);
                }
                _ => self.sparse |= name.starts_with(b"GNU.sparse."),
            }
            bytes = rest;
        }
        Ok(())
    }
}

fn field<const N: usize>(block: &[u8; BLOCK_LEN], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&block[at..at + N]);
    bytes
}

/// A number in octal digits, or, where the highest bit is set, in binary (GNU).
fn number<const N: usize>(bytes: [u8; N]) -> Result<u64, Flaw> {
    let wrong = || Flaw::Shard("has a header with a number that is none".to_owned());
    if bytes[0] & 0x80 != 0 {
        let (high, low) = bytes.split_at(N - 8);
        let is_small = high[0] == 0x80 && high[1..].iter().all(|b| *b == 0) && N > 8;
        let low = low.try_into().map_err(|_| wrong())?;
        return if is_small { Ok(u64::from_be_bytes(low)) } else { Err(wrong()) };
    }
    let text = std::str::from_utf8(until_nul(&bytes)).map_err(|_| wrong())?.trim();
    if text.is_empty() { Ok(0) } else { u64::from_str_radix(text, 8).map_err(|_| wrong()) }
}

/// The name in a header; in ustar the first part of a longer one stands behind.
fn name(block: &[u8; BLOCK_LEN]) -> Vec<u8> {
    let (last, first) = (until_nul(&block[..100]), until_nul(&block[345..500]));
    match &block[257..263] == b"ustar\0" && !first.is_empty() {
        true => [first, b"/", last].concat(),
        false => last.to_vec(),
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| *b == 0).next().unwrap_or_default()
}

fn cut() -> Flaw {
    Flaw::Shard("ends before its archive does".to_owned())
}
