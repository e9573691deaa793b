//! Documents in use, parsed and measured. Bounded in number and bytes; what is used stays.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use async_graphql::parser::types::ExecutableDocument;

use super::cost::Weight;

/// Of one of two generations: when the young one is full it becomes the old one, and what was old is forgotten.
const ENTRIES: usize = 1_000;
const BYTES: usize = 8 << 20;

/// A document within the limits.
pub struct Document {
    /// As the library wants it.
    pub parsed: ExecutableDocument,
    /// Its measure.
    pub weight: Weight,
}

/// Documents by their text.
#[derive(Default)]
pub struct Cache {
    generations: RwLock<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Box<str>, Arc<Document>>,
    old: HashMap<Box<str>, Arc<Document>>,
    /// Of the young generation.
    bytes: usize,
}

impl Cache {
    /// The document that `text` was read as before.
    pub fn get(&self, text: &str) -> Option<Arc<Document>> {
        let aged = {
            let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = generations.young.get(text) {
                return Some(Arc::clone(found));
            }
            Arc::clone(generations.old.get(text)?)
        };
        self.put(text, Arc::clone(&aged));
        Some(aged)
    }

    /// Remembers what `text` reads as.
    pub fn insert(&self, text: &str, parsed: ExecutableDocument, weight: Weight) -> Arc<Document> {
        let document = Arc::new(Document { parsed, weight });
        self.put(text, Arc::clone(&document));
        document
    }

    fn put(&self, text: &str, document: Arc<Document>) {
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        let bytes = text.len() + document.weight.bytes;
        if generations.young.len() >= ENTRIES || generations.bytes + bytes > BYTES {
            generations.old = std::mem::take(&mut generations.young);
            generations.bytes = 0;
        }
        if generations.young.insert(text.into(), document).is_none() {
            generations.bytes += bytes;
        }
    }

    /// How many documents are remembered.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        let generations = self.generations.read().unwrap();
        generations.young.len() + generations.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remember(cache: &Cache, text: &str, bytes: usize) {
        let parsed = async_graphql::parser::parse_query("{ a }").unwrap();
        cache.insert(text, parsed, Weight { references: 0, bytes });
    }

    #[test]
    fn it_is_bounded_and_keeps_what_is_used() {
        let cache = Cache::default();
        remember(&cache, "hot", 1);
        for n in 0..10 * ENTRIES {
            remember(&cache, &format!("cold {n}"), 1);
            assert!(cache.get("hot").is_some());
            assert!(cache.len() <= 2 * ENTRIES);
        }
        assert!(cache.get("cold 0").is_none());
    }

    #[test]
    fn large_documents_push_out_sooner() {
        let cache = Cache::default();
        for n in 0..100 {
            remember(&cache, &format!("large {n}"), BYTES / 4);
            assert!(cache.len() <= 8);
        }
    }
}
