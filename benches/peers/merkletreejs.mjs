// merkletreejs: a tree in memory over hashes of leaves, with the SHA-256 of Node itself.
//
// usage: node merkletreejs.mjs FOLDER OWN WORKS MODULES
//
// OWN, a folder for files, is not used: there are none. MODULES is the folder that has node_modules in it. Hashes have no
// prefixes, as in the library's documentation: a node can pass for a leaf unless the caller adds them. Prints seconds,
// root and version, as the Rust peers do.

const clock = performance.now();

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const TAB = 9;
const LINE_END = 10;

const [folder, , count, modules] = process.argv.slice(2);
const load = createRequire(`${modules}/package.json`);
const { MerkleTree } = load("merkletreejs");

const sha256 = (data) => createHash("sha256").update(data).digest();

/** Leaf hashes of the entries up to and with that many works, and for each whether it is one. */
function parse(file, works) {
  const leaves = [];
  const isWork = [];
  for (let start = 0; start < file.length; ) {
    const end = file.indexOf(LINE_END, start);
    const first = file.indexOf(TAB, start);
    const second = file.indexOf(TAB, first + 1);
    if (first > start && works-- === 0) break;
    leaves.push(sha256(file.subarray(second + 1, end)));
    isWork.push(first > start);
    start = end + 1;
  }
  return { leaves, isWork };
}

const { leaves, isWork } = parse(readFileSync(`${folder}/entries.tsv`), Number(count));
const tree = new MerkleTree(leaves, sha256);
const root = tree.getRoot();

const asked = isWork.lastIndexOf(true, leaves.length >> 1);
const proof = tree.getProof(leaves[asked], asked);
if (!tree.verify(proof, leaves[asked], root)) throw new Error("merkletreejs: its proof does not verify");

const seconds = (performance.now() - clock) / 1000;
const { version } = JSON.parse(readFileSync(`${modules}/node_modules/merkletreejs/package.json`));
console.log(`${seconds.toFixed(6)} ${root.toString("base64")} ${version}`);
