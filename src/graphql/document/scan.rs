//! A pass over the text before it is parsed: it bounds what the parser is given, and how deep the parser recurses.

use async_graphql::Pos;

use super::{Limits, Refusal, too_complex};

/// Counts bytes, tokens and open brackets, by the lexical grammar of GraphQL (October 2021, section 2.1).
pub(super) fn scan(source: &str, limits: &Limits) -> Result<(), Refusal> {
    let size = source.len() as u64;
    if size > limits.bytes {
        return Err(too_complex("bytes", size, limits.bytes).into());
    }
    let text = source.as_bytes();
    let mut at = 0;
    let (mut tokens, mut open) = (0_u64, 0_u64);
    while let Some(&byte) = text.get(at) {
        let start = at;
        at = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += run(&text[at..], |b| b != b'\n' && b != b'\r');
                continue;
            }
            b'{' | b'[' | b'(' => {
                open += 1;
                at + 1
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                at + 1
            }
            b'"' => end_of_string(text, at),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => at + run(&text[at..], |b| b == b'_' || b.is_ascii_alphanumeric()),
            b'-' | b'0'..=b'9' => at + 1 + run(&text[at + 1..], |b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)),
            b'.' => at + run(&text[at..], |b| b == b'.').min(3),
            _ => at + 1,
        };
        tokens += 1;
        let length = (at - start) as u64;
        let over = if tokens > limits.tokens {
            Some(("tokens", tokens, limits.tokens))
        } else if open > limits.brackets {
            Some(("brackets", open, limits.brackets))
        } else if byte != b'"' && length > limits.name_length {
            Some(("name length", length, limits.name_length))
        } else {
            None
        };
        if let Some((what, count, limit)) = over {
            return Err(Refusal::at(too_complex(what, count, limit), position(source, start)));
        }
    }
    Ok(())
}

fn run(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| belongs(**byte)).count()
}

/// Where the string that begins at `at` ends; an unclosed one ends with its line or the text, and the parser says so.
fn end_of_string(text: &[u8], at: usize) -> usize {
    let block = text[at..].starts_with(b"\"\"\"");
    let mut here = at + if block { 3 } else { 1 };
    while let Some(&byte) = text.get(here) {
        let rest = &text[here..];
        here += match byte {
            b'\\' if block && rest.starts_with(b"\\\"\"\"") => 4,
            b'\\' if block => 1,
            b'\\' => 2,
            b'"' if block && !rest.starts_with(b"\"\"\"") => 1,
            b'"' => return here + if block { 3 } else { 1 },
            b'\n' | b'\r' if !block => return here,
            _ => 1,
        };
    }
    text.len()
}

fn position(source: &str, at: usize) -> Pos {
    let before = &source[..source.floor_char_boundary(at)];
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Pos { line, column }
}
