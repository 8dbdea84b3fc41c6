//! The command line of An Sinh.

fn main() {}
