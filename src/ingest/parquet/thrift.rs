//! Thrift's compact protocol, as far as it takes to look at a Parquet file's own claims before any of them is believed.
//!
//! Not a reader of values: the parquet crate reads the footer. It takes the sizes that stand there for granted, allocates
//! by them and recurses by them, so this walks the same bytes first. Spec: Thrift's
//! [compact protocol](https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md) and Parquet's
//! [parquet.thrift](https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift). Invariant: no
//! list is longer than the bytes that are left, and nothing here allocates.

use super::MAX_LEAVES;

/// Elements of a list in a footer or a page header: row groups, columns, keys. A file of a terabyte has some thousands
/// of row groups.
pub const MAX_FOOTER_LIST: usize = 65_536;

/// Groups inside groups in a schema, and structures inside structures of a footer: the parquet crate recurses as deep.
pub const MAX_SCHEMA_DEPTH: usize = 32;

/// Why bytes are no structure.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// They end before it does.
    Cut,
    /// It is malformed, or says what cannot be.
    Bad(&'static str),
}

/// What stands before a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub kind: PageKind,
    /// Bytes in the file.
    pub stored: u64,
    /// Bytes once decompressed.
    pub len: u64,
    /// Values, nulls among them.
    pub values: u32,
    /// How they are written, as the format numbers it.
    pub encoding: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    Dictionary {
        sorted: bool,
    },
    Data {
        definitions: i64,
        repetitions: i64,
    },
    DataV2 {
        nulls: u32,
        rows: u32,
        definitions: u32,
        repetitions: u32,
        compressed: bool,
    },
    /// Nothing that this reader knows.
    Other,
}

/// Bytes that are left to be walked.
pub(super) struct Walk<'a> {
    pub rest: &'a [u8],
}

/// What stands in a field or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Truth(bool),
    Byte,
    Integer,
    Double,
    Binary,
    List,
    Map,
    Structure,
    Uuid,
}

/// Looks through a footer (`FileMetaData`): whether its lists are there, and its schema is a tree that is not too deep.
pub(super) fn check_footer(bytes: &[u8]) -> Result<(), Flaw> {
    let mut walk = Walk { rest: bytes };
    walk.structure(|walk, id, kind| match (id, kind) {
        (2, Type::List) => walk.schema(),
        _ => walk.skip(kind, MAX_SCHEMA_DEPTH),
    })
}

/// Reads the header of a page (`PageHeader`), and how many bytes it has.
pub(super) fn page_header(bytes: &[u8]) -> Result<(Header, usize), Flaw> {
    let mut walk = Walk { rest: bytes };
    let (mut number, mut stored, mut len) = (None, None, None);
    let (mut data, mut data_v2, mut dictionary) = ([None; 4], [None; 7], [None; 3]);
    walk.structure(|walk, id, kind| {
        match id {
            1 => number = Some(walk.integer(kind)?),
            2 => len = Some(walk.integer(kind)?),
            3 => stored = Some(walk.integer(kind)?),
            5 => walk.integers(kind, &mut data)?,
            7 => walk.integers(kind, &mut dictionary)?,
            8 => walk.integers(kind, &mut data_v2)?,
            _ => walk.skip(kind, MAX_SCHEMA_DEPTH)?,
        }
        Ok(())
    })?;
    let taken = bytes.len() - walk.rest.len();
    let size = |value: Option<i64>| u64::try_from(value.unwrap_or(-1)).map_err(|_| Flaw::Bad("a page without a size"));
    let count = |value: Option<i64>| {
        u32::try_from(value.unwrap_or(-1)).map_err(|_| Flaw::Bad("a page header that lacks a count"))
    };
    let encoding = |value: Option<i64>| value.ok_or(Flaw::Bad("a page header without an encoding"));
    let (values, encoding, kind) = match number {
        Some(0) => {
            let kind = PageKind::Data { definitions: encoding(data[2])?, repetitions: encoding(data[3])? };
            (count(data[0])?, encoding(data[1])?, kind)
        }
        Some(2) => {
            let kind = PageKind::Dictionary { sorted: dictionary[2] == Some(1) };
            (count(dictionary[0])?, encoding(dictionary[1])?, kind)
        }
        Some(3) => {
            let kind = PageKind::DataV2 {
                nulls: count(data_v2[1])?,
                rows: count(data_v2[2])?,
                definitions: count(data_v2[4])?,
                repetitions: count(data_v2[5])?,
                compressed: data_v2[6] != Some(0),
            };
            (count(data_v2[0])?, encoding(data_v2[3])?, kind)
        }
        Some(_) => (0, 0, PageKind::Other),
        None => return Err(Flaw::Bad("a page header without a type")),
    };
    Ok((Header { kind, stored: size(stored)?, len: size(len)?, values, encoding }, taken))
}

/// Values that a page of the encoding `DELTA_BINARY_PACKED`, or what begins like one, says it has.
pub(super) fn delta_count(bytes: &[u8]) -> Result<u64, Flaw> {
    let mut walk = Walk { rest: bytes };
    walk.varint()?;
    walk.varint()?;
    walk.varint()
}

impl Type {
    fn of(number: u8) -> Result<Type, Flaw> {
        Ok(match number {
            1 => Type::Truth(true),
            2 => Type::Truth(false),
            3 => Type::Byte,
            4..=6 => Type::Integer,
            7 => Type::Double,
            8 => Type::Binary,
            // A set is written as a list is.
            9 | 10 => Type::List,
            11 => Type::Map,
            12 => Type::Structure,
            13 => Type::Uuid,
            _ => return Err(Flaw::Bad("a type that does not exist")),
        })
    }
}

impl<'a> Walk<'a> {
    fn byte(&mut self) -> Result<u8, Flaw> {
        self.take(1).map(|byte| byte.first().copied().unwrap_or_default())
    }

    pub fn take(&mut self, len: u64) -> Result<&'a [u8], Flaw> {
        let len = usize::try_from(len).map_err(|_| Flaw::Cut)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Flaw::Cut)?;
        self.rest = rest;
        Ok(taken)
    }

    pub fn varint(&mut self) -> Result<u64, Flaw> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Flaw::Bad("a number of more than 64 bits"))
    }

    /// A number with its sign in the lowest bit.
    pub fn zigzag(&mut self) -> Result<i64, Flaw> {
        let number = self.varint()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// An integer or a truth value (0 or 1) of this type.
    fn integer(&mut self, kind: Type) -> Result<i64, Flaw> {
        match kind {
            Type::Truth(is) => Ok(is.into()),
            Type::Byte => self.byte().map(i64::from),
            Type::Integer => self.zigzag(),
            Type::Double | Type::Binary | Type::List | Type::Map | Type::Structure | Type::Uuid => {
                Err(Flaw::Bad("something else where a number must be"))
            }
        }
    }

    /// The fields of a structure, by their numbers from 1; what is none of these is passed over.
    fn integers<const N: usize>(&mut self, kind: Type, into: &mut [Option<i64>; N]) -> Result<(), Flaw> {
        if kind != Type::Structure {
            return Err(Flaw::Bad("something else where a structure must be"));
        }
        self.structure(|walk, id, kind| {
            let slot = usize::try_from(id - 1).ok().and_then(|at| into.get_mut(at));
            match (slot, kind) {
                (Some(slot), Type::Truth(_) | Type::Byte | Type::Integer) => *slot = Some(walk.integer(kind)?),
                _ => walk.skip(kind, MAX_SCHEMA_DEPTH)?,
            }
            Ok(())
        })
    }

    /// Every field of a structure, to its end: its number, and the type of what follows.
    fn structure(&mut self, mut field: impl FnMut(&mut Self, i64, Type) -> Result<(), Flaw>) -> Result<(), Flaw> {
        let mut last = 0;
        loop {
            let byte = self.byte()?;
            if byte == 0 {
                return Ok(());
            }
            last = match byte >> 4 {
                0 => self.zigzag()?,
                delta => last + i64::from(delta),
            };
            // The numbers of fields are 16 bits wide.
            if !(0..=0x7fff).contains(&last) {
                return Err(Flaw::Bad("a field whose number does not exist"));
            }
            field(self, last, Type::of(byte & 15)?)?;
        }
    }

    /// The type of a list's elements, and how many there are.
    fn list(&mut self) -> Result<(Type, usize), Flaw> {
        let byte = self.byte()?;
        // Some writers leave the type of an empty list out.
        if byte == 0 {
            return Ok((Type::Byte, 0));
        }
        let count = match byte >> 4 {
            15 => self.varint()?,
            short => u64::from(short),
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count > MAX_FOOTER_LIST {
            return Err(Flaw::Bad("a list that is too long"));
        }
        // Every element has a byte at least.
        if count > self.rest.len() { Err(Flaw::Cut) } else { Ok((Type::of(byte & 15)?, count)) }
    }

    fn skip(&mut self, kind: Type, depth: usize) -> Result<(), Flaw> {
        let deeper = depth.checked_sub(1).ok_or(Flaw::Bad("structures that lie too deep"))?;
        match kind {
            Type::Truth(_) => Ok(()),
            Type::Byte => self.take(1).map(drop),
            Type::Integer => self.varint().map(drop),
            Type::Double => self.take(8).map(drop),
            Type::Uuid => self.take(16).map(drop),
            Type::Binary => {
                let len = self.varint()?;
                self.take(len).map(drop)
            }
            Type::List => {
                let (kind, count) = self.list()?;
                (0..count).try_for_each(|_| self.element(kind, deeper))
            }
            Type::Map => match self.varint()? {
                0 => Ok(()),
                count if count > MAX_FOOTER_LIST as u64 => Err(Flaw::Bad("a map that is too long")),
                count => {
                    let kinds = self.byte()?;
                    let (key, value) = (Type::of(kinds >> 4)?, Type::of(kinds & 15)?);
                    (0..count).try_for_each(|_| {
                        self.element(key, deeper)?;
                        self.element(value, deeper)
                    })
                }
            },
            Type::Structure => self.structure(|walk, _, kind| walk.skip(kind, deeper)),
        }
    }

    /// An element of a list: unlike in a field, a truth value has a byte of its own there.
    fn element(&mut self, kind: Type, depth: usize) -> Result<(), Flaw> {
        if matches!(kind, Type::Truth(_)) { self.take(1).map(drop) } else { self.skip(kind, depth) }
    }

    /// The list of a schema's elements, in the order of a walk: each says how many of those after it are its children.
    fn schema(&mut self) -> Result<(), Flaw> {
        let (kind, count) = self.list()?;
        if kind != Type::Structure || count == 0 {
            return Err(Flaw::Bad("a schema without elements"));
        }
        // Children that are still to come, of each group that is not at its end.
        let (mut open, mut depth, mut leaves) = ([0_u64; MAX_SCHEMA_DEPTH], 0_usize, 0);
        for index in 0..count {
            let mut children = 0;
            self.structure(|walk, id, kind| match id {
                5 => walk.integer(kind).map(|n| children = n),
                _ => walk.skip(kind, MAX_SCHEMA_DEPTH),
            })?;
            let tree = Flaw::Bad("a schema that is no tree");
            if index > 0 {
                let Some(parent) = depth.checked_sub(1).and_then(|at| open.get_mut(at)) else { return Err(tree) };
                *parent -= 1;
            }
            let children = u64::try_from(children).map_err(|_| Flaw::Bad("a schema that is no tree"))?;
            if children > count as u64 {
                return Err(tree);
            }
            match open.get_mut(depth) {
                _ if children == 0 => leaves += 1,
                Some(slot) => (*slot, depth) = (children, depth + 1),
                None => return Err(Flaw::Bad("a schema whose groups lie too deep")),
            }
            while depth.checked_sub(1).and_then(|at| open.get(at)) == Some(&0) {
                depth -= 1;
            }
        }
        match depth {
            0 if leaves <= MAX_LEAVES => Ok(()),
            0 => Err(Flaw::Bad("a schema of too many columns")),
            _ => Err(Flaw::Bad("a schema that is no tree")),
        }
    }
}
