//! Hostile files: never a panic that reaches the caller, never an allocation by a claim.

use crate::random::Random;
use crate::tables::read;
use crate::written::{How, Row, table};
use parquet::basic::{Compression, Encoding};
use std::io::Write as _;

fn rows(count: u32) -> Vec<Row> {
    let row = |n: u32| Row {
        isbn: n.is_multiple_of(3).then(|| "9780306406157".to_owned()),
        title: format!("The beginning of number {n}"),
        bytes: Some(i64::from(n)),
        used_from: Some(18_000),
        author: Some(vec![Some("A".to_owned()), None, Some(format!("B {n}"))]),
        layer: vec!["text"],
        download: Some(true),
        jamendo: n,
    };
    (0..count).map(row).collect()
}

fn kinds() -> Vec<How> {
    let how = How { rows_of_group: 40, rows_of_page: 15, ..How::default() };
    let mut kinds = Vec::new();
    for (codec, v2, dictionary, encoding) in [
        (Compression::UNCOMPRESSED, false, true, Encoding::PLAIN),
        (Compression::UNCOMPRESSED, true, false, Encoding::DELTA_BYTE_ARRAY),
        (Compression::UNCOMPRESSED, false, false, Encoding::DELTA_LENGTH_BYTE_ARRAY),
        (Compression::SNAPPY, true, true, Encoding::PLAIN),
        (Compression::GZIP(Default::default()), false, true, Encoding::PLAIN),
        (Compression::ZSTD(Default::default()), true, true, Encoding::PLAIN),
        (Compression::LZ4_RAW, false, false, Encoding::PLAIN),
    ] {
        kinds.push(How { codec, v2, dictionary, encoding, ..how });
    }
    kinds
}

/// An error names the file; records are as many as the file can have.
fn survives(bytes: &[u8], what: &str) -> bool {
    match read(bytes, &[]) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.file, "works.parquet", "{what}: {error}");
            assert!(error.to_string().len() < 2000, "{what}: {error}");
            false
        }
    }
}

/// The greatest of the process's memory so far, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) << 10
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    for how in kinds() {
        let good = table(&rows(60), how);
        assert!(survives(&good, "the file itself"));
        let mut random = Random(7);
        for _ in 0..120 {
            let len = random.below(good.len() as u64) as usize;
            assert!(!survives(&good[..len], "cut"), "{how:?} cut to {len} bytes");
        }
        // The end is there, and something before it is not.
        for _ in 0..60 {
            let from = random.below(good.len() as u64 - 1) as usize;
            let to = from + 1 + random.below((good.len() - from) as u64 - 1) as usize;
            survives(&[&good[..from], &good[to..]].concat(), "a piece taken out");
        }
    }
}

/// Bytes are flipped one by one, some at random, most where sizes stand: in the footer and in headers of pages.
#[test]
fn flipped_bytes_cost_no_more_than_an_error() {
    let before = peak();
    for (seed, how) in kinds().into_iter().enumerate() {
        let good = table(&rows(60), how);
        let mut random = Random(seed as u64 + 1);
        for round in 0..1500 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(3) {
                let back = match round % 2 {
                    0 => random.below(good.len() as u64),
                    _ => random.below(1500.min(good.len() as u64)),
                };
                let at = good.len() - 1 - back as usize;
                bytes[at] = match random.below(3) {
                    0 => bytes[at] ^ (1 << random.below(8)),
                    1 => 0xff,
                    _ => random.next() as u8,
                };
            }
            survives(&bytes, "flipped");
        }
    }
    assert!(peak() < before.max(1 << 30), "{} bytes", peak());
}

/// The bytes of a number of 7 bits a byte.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A file with this footer.
fn with_footer(footer: &[u8]) -> Vec<u8> {
    [b"PAR1", footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

fn refused(bytes: &[u8]) -> String {
    read(bytes, &[]).unwrap_err().to_string()
}

#[test]
fn a_footer_is_looked_through_before_it_is_believed() {
    let says = |footer: &[u8], what: &str| {
        assert_eq!(refused(&with_footer(footer)), format!("works.parquet: cannot be read as Parquet: {what}"));
    };
    // Field 2, a list of structures.
    let list = |count: u64| [&[0x29, 0xfc][..], &varint(count)].concat();
    says(&list(1 << 31), "a list that is too long");
    says(&list(60_000), "a footer that is cut off");
    // An element with two billion children; one inside the other.
    let element = |children: u64| [&[0x55][..], &varint(children * 2), &[0]].concat();
    let schema = |elements: &[Vec<u8>]| [&list(elements.len() as u64)[..], &elements.concat(), &[0]].concat();
    says(&schema(&[element(1 << 30), element(0)]), "a schema that is no tree");
    says(&schema(&vec![element(1); 20_000]), "a schema whose groups lie too deep");
    says(&schema(&[vec![element(5000)], vec![element(0); 5000]].concat()), "a schema of too many columns");
    // Lists in lists, which the library would follow down.
    says(&[&[0x19][..], &[0x19; 5000], &[0]].concat(), "structures that lie too deep");
    says(&[0x28, 0xff, 0xff, 0xff, 0xff, 0x0f], "a footer that is cut off");
    says(&[0x25, 0xff], "a footer that is cut off");
    says(&[0x2f], "a type that does not exist");
    let mut long = with_footer(&[0]);
    let at = long.len() - 8;
    long[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(refused(&long).ends_with("its footer has more than 16777216 bytes"));
    long[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    assert!(refused(&long).ends_with("a footer longer than the file"));
    let mut encrypted = with_footer(&[0]);
    let end = encrypted.len() - 1;
    encrypted[end] = b'E';
    assert!(refused(&encrypted).ends_with("it is encrypted"));
    for none in [&b""[..], b"PAR1", b"PAR1PAR1", b"isbn,title\n9780306406157,One\n"] {
        assert!(refused(none).ends_with("it does not begin and end as Parquet does"), "{none:?}");
    }
}

/// Replaces the first page's header, which says the same in as many bytes.
fn with_page(file: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = file.windows(old.len()).position(|window| window == old).expect("the page header");
    assert_eq!(old.len(), new.len());
    [&file[..at], new, &file[at + new.len()..]].concat()
}

/// Values of one column, plainly and without compression, so that its headers can be written by hand.
fn plain(values: &[&[u8]]) -> Vec<u8> {
    let how = How { codec: Compression::UNCOMPRESSED, dictionary: false, ..How::default() };
    let row = |value: &&[u8]| Row { title: String::from_utf8(value.to_vec()).unwrap(), ..Row::default() };
    table(&values.iter().map(row).collect::<Vec<_>>(), how)
}

#[test]
fn a_page_header_is_held_against_its_column() {
    let title = [b'x'; 100];
    let good = plain(&[&title]);
    // Type 0, 104 bytes decompressed and as many stored, one value, plain, levels RLE.
    let header = |len: u64, stored: u64, values: u64, encoding: u64| {
        let mut bytes = vec![0x15, 0];
        for size in [len, stored] {
            bytes.push(0x15);
            bytes.extend(varint(size * 2));
        }
        bytes.push(0x2c);
        for number in [values, encoding] {
            bytes.push(0x15);
            bytes.extend(varint(number * 2));
        }
        bytes
    };
    let old = header(104, 104, 1, 0);
    let with = |new: &[u8]| refused(&with_page(&good, &old, new));
    let of_title =
        |what: &str| format!("works.parquet, row 1: cannot be read as Parquet: its column \"title\": {what}");
    // 105 bytes are promised and 104 are there.
    assert_eq!(with(&header(105, 104, 1, 0)), of_title("a page whose bytes are not as many as its header says"));
    assert_eq!(with(&header(104, 104, 1, 8)), of_title("a page that needs a dictionary, and there is none"));
    // Its length, 100, is a block's; then 0 miniblocks, and more.
    assert_eq!(with(&header(104, 104, 1, 7)), of_title("lengths in blocks that cannot be"));
    assert_eq!(with(&header(104, 104, 0, 0)), of_title("has fewer rows than the footer says"));
    assert_eq!(with(&header(104, 104, 1, 30)), of_title("is in encoding 30, which is not read"));
    // Numbers with zeros in front are as long as the true ones.
    let longer = plain(&[&[b'x'; 10_000]]);
    let old = header(10_004, 10_004, 1, 0);
    let huge = [&[0x15, 0, 0x15][..], &varint((1 << 20) * 2), &[0x15], &varint(5_000 * 2)].concat();
    assert!(huge.len() == old.len() - 5);
    let huge = [&huge[..], &old[old.len() - 5..]].concat();
    assert_eq!(
        refused(&with_page(&longer, &old, &huge)),
        of_title("a page whose bytes are not as many as its header says")
    );
}

/// A few bytes of gzip that become many: decompressing ends one byte after the size that the header has, so what stands
/// behind is never met.
#[test]
fn a_page_is_not_decompressed_further_than_it_says() {
    let mut random = Random(3);
    let title: String = (0..200_000).map(|_| char::from(b' ' + random.below(95) as u8)).collect();
    let how = How { codec: Compression::GZIP(Default::default()), dictionary: false, ..How::default() };
    let good = table(&[Row { title, ..Row::default() }], how);
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    (0..64).for_each(|_| bomb.write_all(&[0; 1 << 20]).unwrap());
    let bomb = bomb.finish().unwrap();
    // The longest page is the title's.
    let starts = |at: &usize| good[*at..].starts_with(&[0x1f, 0x8b, 8, 0]);
    let places: Vec<usize> = (0..good.len()).filter(starts).collect();
    let longest = places.windows(2).max_by_key(|pair| pair[1] - pair[0]).expect("two pages")[0];
    let mut bytes = good.clone();
    bytes[longest..longest + bomb.len()].copy_from_slice(&bomb);
    let what = "its column \"title\": a page whose bytes are not as many as its header says";
    assert!(refused(&bytes).ends_with(what), "{}", refused(&bytes));
}

/// A row group says that it has more rows than its columns, and fewer.
#[test]
fn columns_end_where_their_row_group_does() {
    let good = table(&rows(60), How { rows_of_group: 60, ..How::default() });
    // The row count of the group, and of the file: field 3, zigzag.
    let count = [0x26, 120];
    let places: Vec<usize> =
        (0..good.len() - 1).filter(|at| good[*at..*at + 2] == count || good[*at..*at + 2] == [0x16, 120]).collect();
    let mut seen = 0;
    for at in places {
        for other in [118, 122] {
            let mut bytes = good.clone();
            bytes[at + 1] = other;
            if let Err(error) = read(&bytes, &[]) {
                let text = error.to_string();
                seen += usize::from(text.contains("rows than the footer says"));
            }
        }
    }
    assert!(seen >= 2, "no row count was found to change");
}
