//! Documents read before. Clients send the same few documents again and again, with other variables; reading one costs
//! more than running a small one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
};

use async_graphql::parser::types::ExecutableDocument;

use crate::graphql::document::Inspection;

/// Bytes of the longest document kept. Longer ones carry values that change with each request.
const LONGEST: usize = 8 * 1024;

/// A document and what it asks for.
pub(super) struct Read {
    pub(super) document: ExecutableDocument,
    pub(super) inspection: Inspection,
    /// Whether the library has validated and run it, so that it need not be validated again but for its variables.
    pub(super) proven: AtomicBool,
}

impl Read {
    pub(super) fn new((document, inspection): (ExecutableDocument, Inspection)) -> Self {
        Self { document, inspection, proven: AtomicBool::new(false) }
    }
}

/// Two generations of documents: when the younger is full the elder is forgotten, so that what is used stays and a
/// flood of new ones costs no more than its own reading.
pub(super) struct Kept {
    generation: usize,
    both: Mutex<[HashMap<String, Arc<Read>>; 2]>,
}

impl Kept {
    /// Keeps up to `capacity` documents; none when it is 0.
    pub(super) fn new(capacity: usize) -> Self {
        Self { generation: capacity / 2, both: Mutex::default() }
    }

    /// The name under which a document is kept, if it is worth keeping.
    pub(super) fn key(&self, query: &str, operation_name: Option<&str>) -> Option<String> {
        let worth = self.generation > 0 && query.len() <= LONGEST;
        // A name that is none cannot hold a line break, so no two requests share a key and differ.
        worth.then(|| [operation_name.unwrap_or_default(), query].join("\n"))
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<Read>> {
        let both = self.both.lock().unwrap_or_else(PoisonError::into_inner);
        both.iter().find_map(|generation| generation.get(key)).cloned()
    }

    pub(super) fn keep(&self, key: String, read: Arc<Read>) {
        let mut both = self.both.lock().unwrap_or_else(PoisonError::into_inner);
        if both[0].contains_key(&key) {
            return;
        }
        if both[0].len() >= self.generation {
            let full = std::mem::take(&mut both[0]);
            both[1] = full;
        }
        both[0].insert(key, read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::document::{Limits, TypeMap, inspect};

    fn read() -> Arc<Read> {
        let types = TypeMap::parse("type Query { a: Int }").unwrap();
        Arc::new(Read::new(inspect("{ a }", None, &types, &Limits::default()).unwrap()))
    }

    #[test]
    fn what_is_used_stays_and_the_rest_is_forgotten() {
        let kept = Kept::new(4);
        for turn in 0..10 {
            kept.keep("used".to_owned(), read());
            kept.keep(format!("new {turn}"), read());
        }

        assert!(kept.get("used").is_some());
        assert!(kept.get("new 9").is_some());
        assert!(kept.get("new 0").is_none());
        assert!(kept.both.lock().unwrap().iter().map(HashMap::len).sum::<usize>() <= 4);
    }

    #[test]
    fn a_name_is_part_of_the_key() {
        let kept = Kept::new(4);

        assert_ne!(kept.key("{a}", None), kept.key("{a}", Some("a")));
        assert_eq!(kept.key(&"x".repeat(9_000), None), None);
        assert_eq!(Kept::new(0).key("{a}", None), None);
    }
}
