//! Tile coordinates, paths and bytes.

use deedbook::tlog::tile::{self, FULL_WIDTH, TileLevel, bundle_path, decode_bundle, decode_tile, encode_entry};
use deedbook::tlog::{self, Frontier, Hash, NodeId, ProofError, Tile, TileError, TileSlice, inclusion};

use super::leaves;

#[test]
fn paths_are_those_of_tlog_tiles() {
    let path = |level, index, width| Tile { level, index, width }.path();
    assert_eq!(path(0, 1234067, FULL_WIDTH), "tile/0/x001/x234/067");
    assert_eq!(path(0, 0, FULL_WIDTH), "tile/0/000");
    assert_eq!(path(1, 999, 255), "tile/1/999.p/255");
    assert_eq!(path(2, 1000, 1), "tile/2/x001/000.p/1");
    assert_eq!(path(0, u64::MAX, 256), "tile/0/x018/x446/x744/x073/x709/x551/615");
    assert_eq!(bundle_path(273, 112), "entries/273.p/112");
    assert_eq!(bundle_path(1234067, FULL_WIDTH), "entries/x001/x234/067");
}

#[test]
fn sizes_have_the_tiles_of_the_specification() {
    let tiles = |size| tile::tiles_of(size).map(|at| (at.level, at.full, at.partial)).collect::<Vec<_>>();
    assert_eq!(tiles(0), []);
    assert_eq!(tiles(1), [(0, 0, 1)]);
    assert_eq!(tiles(256), [(0, 1, 0), (1, 0, 1)]);
    assert_eq!(tiles(70_000), [(0, 273, 112), (1, 1, 17), (2, 0, 1)]);
    assert_eq!(tiles(65_536), [(0, 256, 0), (1, 1, 0), (2, 0, 1)]);
    assert_eq!(tiles(u64::MAX).len(), 8);
}

#[test]
fn a_level_lists_what_is_new_since_an_earlier_size() {
    let level = TileLevel { level: 1, full: 2, partial: 17 };
    let tile = |index, width| Tile { level: 1, index, width };
    assert_eq!(level.tiles_from(0).collect::<Vec<_>>(), [tile(0, 256), tile(1, 256), tile(2, 17)]);
    assert_eq!(level.tiles_from(2).collect::<Vec<_>>(), [tile(2, 17)]);
    assert_eq!(level.tiles_from(3).count(), 0);
    assert_eq!(TileLevel { partial: 0, ..level }.tiles_from(1).collect::<Vec<_>>(), [tile(1, 256)]);
}

#[test]
fn a_level_has_its_own_tiles_and_no_others() {
    for (full, partial) in [(0, 0), (0, 1), (2, 0), (2, 17)] {
        let level = TileLevel { level: 1, full, partial };
        for (of, index, width) in (0..3).flat_map(|l| (0..4).flat_map(move |i| (0..=256).map(move |w| (l, i, w)))) {
            let own = of == 1 && (index < full && width == 256 || index == full && width == partial && width > 0);
            assert_eq!(level.has(Tile { level: of, index, width }), own, "{level:?}: {of}, {index}, {width}");
        }
    }
}

/// The tiles of a log, as hashes by level: each level is the roots of the full tiles below.
fn levels(size: u64) -> Vec<Vec<Hash>> {
    let mut levels = vec![leaves(size)];
    while let Some(above) = levels.last().filter(|level| level.len() >= 256) {
        levels.push(above.as_chunks::<256>().0.iter().map(|tile| tile::subtree_hash(tile).unwrap()).collect());
    }
    levels
}

#[test]
fn every_node_of_a_log_is_found_in_its_tiles() {
    let size = 70_000;
    let levels = levels(size);
    let mut frontier = Frontier::new();
    levels[0].iter().for_each(|leaf| frontier.push(*leaf));
    let read = |node| {
        let slice = TileSlice::of(node);
        let tile = slice.tile(size).expect("a node of the log");
        let begin = tile.index as usize * 256;
        let hashes = &levels[usize::from(tile.level)][begin..begin + usize::from(tile.width)];
        Ok::<_, ProofError>(slice.hash(hashes).expect("a tile of that width"))
    };
    let root = tlog::root(size, read).unwrap();
    assert_eq!(root, frontier.root());
    for index in [0, 1, 255, 256, 12_543, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let path = inclusion::prove(index, size, read).unwrap();
        assert_eq!(inclusion::verify(index, size, &levels[0][index as usize], &path, &root), Ok(()));
    }
}

#[test]
fn a_node_beyond_the_log_is_in_no_tile() {
    let tile = |level, index, size| TileSlice::of(NodeId { level, index }).tile(size);
    assert_eq!(tile(0, 255, 256), Some(Tile { level: 0, index: 0, width: 256 }));
    assert_eq!(tile(0, 256, 256), None);
    assert_eq!(tile(8, 0, 256), Some(Tile { level: 1, index: 0, width: 1 }));
    assert_eq!(tile(8, 0, 255), None);
    assert_eq!(tile(3, 1, 15), None, "its leaves are 8 to 15");
    assert_eq!(tile(3, 1, 16), Some(Tile { level: 0, index: 0, width: 16 }));
    assert_eq!(tile(63, 1, u64::MAX), None);
    assert_eq!(tile(255, u64::MAX, u64::MAX), None);
    let slice = TileSlice::of(NodeId { level: 3, index: 1 });
    assert_eq!(slice.hash(&leaves(15)), None);
}

#[test]
fn a_tile_is_its_hashes_and_nothing_else() {
    let hashes = leaves(3);
    let bytes = tile::encode_tile(&hashes);
    assert_eq!(decode_tile(&bytes, 3), Ok(hashes));
    for (width, found) in [(2, 96), (4, 96), (3, 95), (2, 95)] {
        assert_eq!(decode_tile(&bytes[..found], width), Err(TileError::WrongTileLen { width, found }));
    }
    for len in [0, 3, 257] {
        assert_eq!(tile::subtree_hash(&leaves(len)), None, "{len} hashes are no perfect subtree");
    }
}

#[test]
fn a_bundle_holds_exactly_the_expected_entries() {
    let entries: [&[u8]; 4] = [b"deed", b"", &[7; 65_535], b"book"];
    let mut bytes = Vec::new();
    entries.iter().for_each(|entry| encode_entry(&mut bytes, entry).unwrap());
    assert_eq!(bytes[..6], *b"\0\x04deed");
    assert_eq!(decode_bundle(&bytes, 4).unwrap(), entries);
    assert_eq!(decode_bundle(&bytes, 3), Err(TileError::TrailingBytes { width: 3, len: 6 }));
    assert_eq!(decode_bundle(&bytes, 5), Err(TileError::TruncatedEntry { position: 4 }));
    assert_eq!(decode_bundle(&bytes[..bytes.len() - 1], 4), Err(TileError::TruncatedEntry { position: 3 }));
    assert_eq!(decode_bundle(&bytes[..1], 1), Err(TileError::TruncatedEntry { position: 0 }));
    let before = bytes.len();
    assert_eq!(encode_entry(&mut bytes, &[0; 65_536]), Err(TileError::EntryTooLong { len: 65_536 }));
    assert_eq!(bytes.len(), before, "a refused entry leaves the bundle as it was");
}
