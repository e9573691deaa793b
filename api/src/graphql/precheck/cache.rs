//! Documents in use, parsed and measured. Bounded in number and bytes; what is used stays.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{Arc, PoisonError, RwLock},
};

use async_graphql::parser::types::ExecutableDocument;

use super::cost::Weight;

/// What an entry takes beside its document's weight, in bytes, roughly.
const ENTRY: usize = 1_024;

/// A document within the limits.
pub struct Document {
    /// As it was sent.
    pub text: Arc<str>,
    /// As the library wants it.
    pub parsed: ExecutableDocument,
    /// Its measure.
    pub weight: Weight,
}

/// Documents by their text, or by a hash of it. In two generations: when the young one is full it becomes the old one,
/// and what was old and not used since is forgotten.
pub struct Cache<K> {
    generations: RwLock<Generations<K>>,
    /// Of one generation.
    entries: usize,
    /// Of one generation.
    bytes: usize,
}

struct Generations<K> {
    young: HashMap<K, Arc<Document>>,
    old: HashMap<K, Arc<Document>>,
    /// Of the young generation.
    bytes: usize,
}

impl<K: Clone + Eq + Hash> Cache<K> {
    /// Remembers at most so many documents in each generation, and so many bytes.
    pub fn new(entries: usize, bytes: usize) -> Self {
        let generations = RwLock::new(Generations {
            young: HashMap::new(),
            old: HashMap::new(),
            bytes: 0,
        });
        Self {
            generations,
            entries,
            bytes,
        }
    }

    /// The document that was remembered as `key`.
    pub fn get<Q>(&self, key: &Q) -> Option<Arc<Document>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let (key, aged) = {
            let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = generations.young.get(key) {
                return Some(Arc::clone(found));
            }
            let (key, aged) = generations.old.get_key_value(key)?;
            (key.clone(), Arc::clone(aged))
        };
        self.insert(key, Arc::clone(&aged));
        Some(aged)
    }

    /// Remembers `document` as `key`, unless it would fill a generation alone.
    pub fn insert(&self, key: K, document: Arc<Document>) {
        let bytes = document.weight.bytes + ENTRY;
        if bytes > self.bytes {
            return;
        }
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= self.entries || generations.bytes + bytes > self.bytes {
            generations.old = std::mem::take(&mut generations.young);
            generations.bytes = 0;
        }
        if generations.young.insert(key, document).is_none() {
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

    const ENTRIES: usize = 100;
    const BYTES: usize = 1 << 20;

    fn remember(cache: &Cache<String>, text: &str, bytes: usize) {
        let parsed = async_graphql::parser::parse_query("{ a }").unwrap();
        let weight = Weight {
            bytes,
            ..Weight::default()
        };
        let document = Document {
            text: text.into(),
            parsed,
            weight,
        };
        cache.insert(text.to_owned(), Arc::new(document));
    }

    #[test]
    fn it_is_bounded_and_keeps_what_is_used() {
        let cache = Cache::new(ENTRIES, BYTES);
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
        let cache = Cache::new(ENTRIES, BYTES);
        for n in 0..100 {
            remember(&cache, &format!("large {n}"), BYTES / 4);
            assert!(cache.len() <= 8);
        }
        remember(&cache, "too large", BYTES);
        assert!(cache.get("too large").is_none() && cache.get("large 99").is_some());
    }

    #[test]
    fn without_room_nothing_is_remembered() {
        let cache = Cache::new(ENTRIES, 0);
        remember(&cache, "any", 1);
        assert_eq!(cache.len(), 0);
    }
}
