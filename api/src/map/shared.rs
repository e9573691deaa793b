//! Texts that many listings have in common: towns and halls, tags, names of hosts, what a campaign says in all its places.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A text of which clones are the same memory.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Shared(Arc<str>);

impl From<String> for Shared {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Deref for Shared {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Shared {
    fn borrow(&self) -> &str {
        self
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// Makes equal texts the same memory, which they are not when they come out of the database.
#[derive(Default)]
pub(super) struct Texts(HashSet<Shared>);

impl Texts {
    pub(super) fn share<'a>(&mut self, texts: impl Iterator<Item = &'a mut Shared>) {
        for text in texts {
            match self.0.get(text) {
                Some(known) => *text = known.clone(),
                None => drop(self.0.insert(text.clone())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let mut texts = ["Ames", "Boone", "Ames"].map(|text| Shared::from(text.to_owned()));
        Texts::default().share(texts.iter_mut());
        let [first, other, again] = texts;
        assert!(Arc::ptr_eq(&first.0, &again.0));
        assert_eq!((&*first, &*other, &*again), ("Ames", "Boone", "Ames"));
    }
}
