//! The log on disk: its tree, its files, its readers, and what crashes and damage do to it.

mod crash;
mod damage;
mod fault;
mod layout;
mod random;
mod reading;
mod replay;
mod storage;
mod support;
mod tree;
