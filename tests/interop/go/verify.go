// Verifies what make.py made, with Go's sumdb/note and sumdb/tlog.
//
// usage: verify WORK-FOLDER
//
// Signatures, tree hashes, tiles and proofs are checked by golang.org/x/mod; here are only the readers of files: the
// three lines of a checkpoint, entry bundles and tlog-proof, which that module does not have. Then every file is
// changed by one byte at a time, and each change must be noticed.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Height of the tiles of C2SP tlog-tiles.
const height = 8

// Leaves of a tree up to which each has its own inclusion proof; of larger ones every stride-th has.
const (
	fewLeaves = 1000
	stride    = 61
)

type facts struct {
	Key   string
	Trees []struct {
		Size           int64
		Dir            string
		Tiles, Bundles int
	}
	Consistency []struct {
		Old, New int64
		Path     []string
	}
	Proofs []struct {
		Size, Index  int64
		Proof, Entry string
	}
}

// files are those below a folder; one may have a byte changed.
type files struct {
	dir     string
	changed string
	at      int
}

func (f files) read(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(f.dir, name))
	if err == nil && name == f.changed {
		data[f.at] ^= 1
	}
	return data, err
}

func (f files) list() (names []string, err error) {
	err = filepath.WalkDir(f.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(f.dir, path)
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// tlog.TileReader: the module's paths name the height, those of C2SP do not.
func (f files) Height() int { return height }

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if data[i], err = f.read(tilePath(tile)); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

func tilePath(tile tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
}

func bundlePath(tile tlog.Tile) string {
	return "tile/entries/" + strings.TrimPrefix(tilePath(tile), "tile/0/")
}

// openCheckpoint has the log's signature checked and reads the three lines.
func openCheckpoint(text []byte, key string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := parseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func parseHash(text string) (hash tlog.Hash, err error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil && len(data) != tlog.HashSize {
		err = errors.New("not a hash")
	}
	copy(hash[:], data)
	return hash, err
}

func parsePath(texts []string) ([]tlog.Hash, error) {
	path := make([]tlog.Hash, len(texts))
	for i, text := range texts {
		var err error
		if path[i], err = parseHash(text); err != nil {
			return nil, err
		}
	}
	return path, nil
}

// checkTree checks a whole exported folder: the checkpoint, every tile, every entry, and inclusion proofs.
func checkTree(f files, key string) (tlog.Tree, error) {
	text, err := f.read("checkpoint")
	if err != nil {
		return tlog.Tree{}, err
	}
	tree, err := openCheckpoint(text, key)
	if err != nil {
		return tree, err
	}
	tiles := tilesOf(tree.N)
	_, err = os.Stat(filepath.Join(f.dir, "tile/entries"))
	entries := err == nil
	wanted := map[string]bool{"checkpoint": true}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, at := range indexes {
			hashes[i] = stored[at]
		}
		return hashes, nil
	})
	for _, tile := range tiles {
		wanted[tilePath(tile)] = true
		if tile.L > 0 {
			continue
		}
		leaves, err := leavesOf(f, tree, tile)
		if err != nil {
			return tree, err
		}
		if entries {
			wanted[bundlePath(tile)] = true
			if err := checkBundle(f, tile, leaves); err != nil {
				return tree, err
			}
		}
		for i, leaf := range leaves {
			hashes, err := tlog.StoredHashesForRecordHash(tile.N<<height+int64(i), leaf, reader)
			if err != nil {
				return tree, err
			}
			stored = append(stored, hashes...)
		}
	}
	// The root and each tile, computed anew from the leaves alone.
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		return tree, fmt.Errorf("the leaves have the root %v, not %v (%v)", root, tree.Hash, err)
	}
	for _, tile := range tiles {
		own, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return tree, err
		}
		if found, err := f.read(tilePath(tile)); err != nil || !bytes.Equal(own, found) {
			return tree, fmt.Errorf("%s is not that of the tree (%v)", tilePath(tile), err)
		}
	}
	names, err := f.list()
	if err != nil {
		return tree, err
	}
	for _, name := range names {
		if !wanted[name] {
			return tree, fmt.Errorf("%s is none of the tree's files", name)
		}
	}
	if len(names) != len(wanted) {
		return tree, fmt.Errorf("%d files, not %d", len(names), len(wanted))
	}
	return tree, checkInclusion(f, tree, stored)
}

// tilesOf lists the tiles of a tree. The module lists each partial tile at every width up to its own.
func tilesOf(size int64) (tiles []tlog.Tile) {
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if last := len(tiles) - 1; last >= 0 && tiles[last].L == tile.L && tiles[last].N == tile.N {
			tiles = tiles[:last]
		}
		tiles = append(tiles, tile)
	}
	return tiles
}

// leavesOf reads the leaf hashes below a tile; the module authenticates them up to the root.
func leavesOf(f files, tree tlog.Tree, tile tlog.Tile) ([]tlog.Hash, error) {
	indexes := make([]int64, tile.W)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, tile.N<<height+int64(i))
	}
	return tlog.TileHashReader(tree, f).ReadHashes(indexes)
}

func checkBundle(f files, tile tlog.Tile, leaves []tlog.Hash) error {
	bundle, err := f.read(bundlePath(tile))
	if err != nil {
		return err
	}
	for i, leaf := range leaves {
		if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
			return fmt.Errorf("%s ends early", bundlePath(tile))
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		if tlog.RecordHash(bundle[2:end]) != leaf {
			return fmt.Errorf("%s: entry %d has not the hash of its leaf", bundlePath(tile), i)
		}
		bundle = bundle[end:]
	}
	if len(bundle) > 0 {
		return fmt.Errorf("%s is too long", bundlePath(tile))
	}
	return nil
}

// checkInclusion proves leaves from the tiles. Each proof is checked once it is made: the reader of x/mod 0.7.0 does not
// authenticate every tile where two subtrees of the right edge lie in the same one.
func checkInclusion(f files, tree tlog.Tree, stored []tlog.Hash) error {
	step := int64(1)
	if tree.N > fewLeaves {
		step = stride
	}
	for index := int64(0); index < tree.N; index += step {
		proof, err := tlog.ProveRecord(tree.N, index, tlog.TileHashReader(tree, f))
		if err != nil {
			return err
		}
		leaf := stored[tlog.StoredHashIndex(0, index)]
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
			return fmt.Errorf("entry %d: %v", index, err)
		}
	}
	return nil
}

// checkProof checks a C2SP tlog-proof of an entry.
func checkProof(text, entry []byte, key string, index int64) error {
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", index) {
		return errors.New("not a tlog-proof of this entry")
	}
	path, err := parsePath(lines[2:])
	if err != nil {
		return err
	}
	tree, err := openCheckpoint([]byte(checkpoint), key)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// signedLen is the length of a note without the lines of witnesses, whose keys this module cannot have.
func signedLen(text []byte) int {
	at := bytes.Index(text, []byte("\n\n\u2014 ")) + 2
	return at + bytes.IndexByte(text[at:], '\n') + 1
}

// spelling says whether a byte is the last character of a signature before its padding. Two bits of that character are
// no part of the signature, and the module does not look at them; Deedbook refuses all spellings but one.
func spelling(text []byte, at int) bool {
	return at+1 < len(text) && text[at+1] == '='
}

type counts struct{ checked, changed, spellings int }

// mustFail counts a change and ends the program if nobody noticed it.
func (c *counts) mustFail(err error, what string, text []byte, at int) {
	switch {
	case err != nil:
		c.changed++
	case spelling(text, at):
		c.spellings++
	default:
		log.Fatalf("NOT NOTICED: %s with byte %d changed", what, at)
	}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: verify WORK-FOLDER")
	}
	work := os.Args[1]
	var f facts
	text, err := os.ReadFile(filepath.Join(work, "facts.json"))
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		log.Fatal(err)
	}
	var trees, consistency, proofs counts
	roots := map[int64]tlog.Hash{}
	for _, tree := range f.Trees {
		folder := files{dir: filepath.Join(work, tree.Dir)}
		found, err := checkTree(folder, f.Key)
		if err != nil || found.N != tree.Size {
			log.Fatalf("%s: size %d: %v", tree.Dir, found.N, err)
		}
		roots[tree.Size] = found.Hash
		trees.checked++
		changeTree(&trees, folder, f.Key, tree.Size)
	}
	for _, pair := range f.Consistency {
		path, err := parsePath(pair.Path)
		if err == nil {
			err = tlog.CheckTree(path, pair.New, roots[pair.New], pair.Old, roots[pair.Old])
		}
		if err != nil {
			log.Fatalf("consistency from %d to %d: %v", pair.Old, pair.New, err)
		}
		consistency.checked++
		for i := range path {
			path[i][i%tlog.HashSize] ^= 1
			err := tlog.CheckTree(path, pair.New, roots[pair.New], pair.Old, roots[pair.Old])
			consistency.mustFail(err, fmt.Sprintf("the path from %d to %d", pair.Old, pair.New), nil, i)
			path[i][i%tlog.HashSize] ^= 1
		}
	}
	for _, proof := range f.Proofs {
		text, err := os.ReadFile(filepath.Join(work, proof.Proof))
		if err != nil {
			log.Fatal(err)
		}
		entry, err := os.ReadFile(filepath.Join(work, proof.Entry))
		if err == nil {
			err = checkProof(text, entry, f.Key, proof.Index)
		}
		if err != nil {
			log.Fatalf("%s: %v", proof.Proof, err)
		}
		proofs.checked++
		for at := 0; at < signedLen(text); at++ {
			text[at] ^= 1
			proofs.mustFail(checkProof(text, entry, f.Key, proof.Index), proof.Proof, text, at)
			text[at] ^= 1
		}
		for at := range entry {
			entry[at] ^= 1
			proofs.mustFail(checkProof(text, entry, f.Key, proof.Index), proof.Entry, nil, at)
			entry[at] ^= 1
		}
	}
	for _, row := range []struct {
		what string
		counts
	}{{"trees", trees}, {"consistency proofs", consistency}, {"single proofs", proofs}} {
		fmt.Printf("Go x/mod: %d %s verified; %d changes of one byte noticed", row.checked, row.what, row.changed)
		if row.spellings > 0 {
			fmt.Printf(" (%d others are spellings of the same signature)", row.spellings)
		}
		fmt.Println()
	}
	if trees.checked == 0 || consistency.checked == 0 || proofs.checked == 0 {
		log.Fatal("nothing was verified")
	}
}

// changeTree changes each file at its beginning, middle and end; of large trees some files, and the checkpoint all over.
func changeTree(c *counts, folder files, key string, size int64) {
	names, err := folder.list()
	if err != nil {
		log.Fatal(err)
	}
	for i, name := range names {
		data, err := folder.read(name)
		if err != nil {
			log.Fatal(err)
		}
		positions := []int{0, len(data) / 2, len(data) - 1}
		if name == "checkpoint" {
			positions = positions[:0]
			for at := 0; at < signedLen(data); at++ {
				positions = append(positions, at)
			}
		} else if size > fewLeaves {
			if i%53 != 0 && !strings.HasPrefix(name, "tile/1") && !strings.HasPrefix(name, "tile/2") {
				continue
			}
			positions = positions[1:2]
		}
		for _, at := range positions {
			changed := files{dir: folder.dir, changed: name, at: at}
			_, err := checkTree(changed, key)
			text, _ := changed.read(name)
			if name != "checkpoint" {
				text = nil
			}
			c.mustFail(err, folder.dir+"/"+name, text, at)
		}
	}
}
