//! A reader that lets through only delimited text that is written strictly, and finds the place of what is not.
//!
//! The csv crate splits records; of a stray or unclosed quote it makes *something*, and a catalogue with one is then
//! read as fewer, other works. This stands before it and stops at the first such place: bytes before it pass, then
//! reading fails and [`Strict::flaw`] says why. Rules of RFC 4180, with LF or CR as line ends too; without quoting (TSV)
//! a quote is an ordinary character. Invariant: no record longer than [`MAX_RECORD_LEN`] passes whole, so that memory is
//! bounded.

use super::MAX_RECORD_LEN;
use super::error::{Fault, Place, Placed};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The reader.
#[derive(Debug)]
pub(super) struct Strict<R> {
    input: R,
    delimiter: u8,
    quoting: bool,
    /// Of each byte, whether it means anything inside a field.
    special: [bool; 256],
    begun: bool,
    state: State,
    line: u64,
    /// Characters of this line before the bytes at hand.
    line_chars: u64,
    after_cr: bool,
    /// Bytes of this record before the bytes at hand, and where it begins.
    record_len: usize,
    record_at: (u64, u64),
    quote_at: (u64, u64),
    /// Lines on which the records begin that have passed and were not yet taken.
    starts: VecDeque<u64>,
    flaw: Option<Flaw>,
}

/// A fault of the text, and its line and column.
type Flaw = (Fault, (u64, u64));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between records: blank lines are none.
    Record,
    /// At the beginning of a field.
    Field,
    Unquoted,
    Quoted,
    /// After a quote in a quoted field: the field's end, or the first half of a doubled quote.
    Quote,
}

impl<R: Read> Strict<R> {
    pub(super) fn new(input: R, delimiter: u8, quoting: bool) -> Strict<R> {
        let mut special = [false; 256];
        for byte in [delimiter, b'"', b'\r', b'\n', 0] {
            special[usize::from(byte)] = true;
        }
        Strict {
            input,
            delimiter,
            quoting,
            special,
            begun: false,
            state: State::Record,
            line: 1,
            line_chars: 0,
            after_cr: false,
            record_len: 0,
            record_at: (1, 1),
            quote_at: (1, 1),
            starts: VecDeque::new(),
            flaw: None,
        }
    }

    /// The line on which the next record begins, of those that have passed.
    pub(super) fn next_start(&mut self) -> Option<u64> {
        self.starts.pop_front()
    }

    /// Why reading failed, if the text was at fault.
    pub(super) fn flaw(&mut self) -> Option<Placed> {
        let (fault, (line, column)) = self.flaw.take()?;
        Some(Placed(Place::At(line, column), fault))
    }

    /// Reads what is there behind the first `len` bytes of `out`, at first until it could hold a byte order mark.
    fn fill(&mut self, out: &mut [u8], mut len: usize) -> io::Result<usize> {
        let wanted = if self.begun { 1 } else { BOM.len() };
        while len < wanted.min(out.len()) {
            match self.input.read(&mut out[len..]) {
                Ok(0) => break,
                Ok(more) => len += more,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(len)
    }

    /// Reads the beginning, without its byte order marks: all of them, because the csv crate takes one away as well, but
    /// only where it arrives whole.
    fn begin(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut len = self.fill(out, 0)?;
        loop {
            let marks = out[..len].chunks_exact(BOM.len()).take_while(|chunk| *chunk == BOM).count() * BOM.len();
            if marks == 0 {
                self.begun = true;
                return Ok(len);
            }
            out.copy_within(marks..len, 0);
            len = self.fill(out, len - marks)?;
        }
    }

    /// Goes over `bytes` and returns how many of them may pass.
    fn scan(&mut self, bytes: &[u8]) -> usize {
        // Up to where the characters of this line are counted, and where the record begins.
        let (mut counted, mut record_start) = (0, 0);
        let mut next_at = 0;
        loop {
            let mut i = next_at;
            if matches!(self.state, State::Unquoted | State::Quoted) {
                let plain = bytes[i..].iter().position(|byte| self.special[usize::from(*byte)]);
                i += plain.unwrap_or(bytes.len() - i);
            }
            let Some(&byte) = bytes.get(i) else { break };
            next_at = i + 1;
            let line_end = matches!(byte, b'\r' | b'\n');
            if self.state == State::Record && !line_end {
                (self.record_at, self.record_len, record_start) = (self.here(bytes, &mut counted, i), 0, i);
                self.starts.push_back(self.line);
                self.state = State::Field;
            }
            let next = match self.step(byte) {
                Ok(next) => next,
                Err(fault) => {
                    self.flaw = Some((fault, self.here(bytes, &mut counted, i)));
                    return i;
                }
            };
            if next == State::Record && self.state != State::Record && self.too_long(i - record_start) {
                return i;
            }
            if next == State::Quoted && self.state == State::Field {
                self.quote_at = self.here(bytes, &mut counted, i);
            }
            self.state = next;
            if line_end {
                // CR LF is one line end.
                let after_cr = if i == 0 { self.after_cr } else { bytes[i - 1] == b'\r' };
                self.line += u64::from(byte == b'\r' || !after_cr);
                (self.line_chars, counted) = (0, i + 1);
            }
        }
        self.after_cr = bytes.last() == Some(&b'\r');
        self.here(bytes, &mut counted, bytes.len());
        // What lies between records is no part of one.
        if self.state != State::Record && !self.too_long(bytes.len() - record_start) {
            self.record_len += bytes.len() - record_start;
        }
        bytes.len()
    }

    /// What a byte makes of the state.
    fn step(&self, byte: u8) -> Result<State, Fault> {
        let quote = byte == b'"' && self.quoting;
        let ends_field = byte == self.delimiter;
        let ends_record = matches!(byte, b'\r' | b'\n');
        match self.state {
            _ if byte == 0 => Err(Fault::Nul),
            State::Quoted => Ok(if quote { State::Quote } else { State::Quoted }),
            _ if ends_record => Ok(State::Record),
            _ if ends_field => Ok(State::Field),
            State::Record | State::Field | State::Quote if quote => Ok(State::Quoted),
            State::Unquoted if quote => Err(Fault::StrayQuote),
            State::Quote => Err(Fault::AfterQuote),
            State::Record | State::Field | State::Unquoted => Ok(State::Unquoted),
        }
    }

    /// Line and column of `bytes[i]`; counts the characters from `counted` on.
    fn here(&mut self, bytes: &[u8], counted: &mut usize, i: usize) -> (u64, u64) {
        self.line_chars += chars(&bytes[*counted..i]);
        *counted = i;
        (self.line, self.line_chars + 1)
    }

    fn too_long(&mut self, more: usize) -> bool {
        let too_long = self.record_len + more > MAX_RECORD_LEN;
        if too_long {
            self.flaw = Some((Fault::TooLong, self.record_at));
        }
        too_long
    }
}

impl<R: Read> Read for Strict<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.flaw.is_none() {
            let len = if self.begun { self.fill(out, 0)? } else { self.begin(out)? };
            let passed = self.scan(&out[..len]);
            if len == 0 && self.state == State::Quoted {
                self.flaw = Some((Fault::UnclosedQuote, self.quote_at));
            }
            if passed > 0 || self.flaw.is_none() {
                return Ok(passed);
            }
        }
        Err(io::Error::from(ErrorKind::InvalidData))
    }
}

fn chars(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|b| **b & 0xc0 != 0x80).count() as u64
}
