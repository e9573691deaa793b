//! What readers see: a large index, and over it a small one with what has changed since that was built.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

use super::{
    facets::{Facets, Tally},
    grid::{Area, BoundingBox},
    index::Index,
    listing::Listing,
    pins::{self, Pin, Pins, View},
    search::{Page, Query, Search},
    sift::Sift,
};

/// So many changes, and one in so many events, are laid over the base before it is built anew.
const OVERLAY: usize = 1000;
const OVERLAY_SHARE: usize = 100;

/// See the module. Immutable.
#[derive(Default)]
pub(super) struct Snapshot {
    base: Arc<Index>,
    /// Positions in the base that no longer hold.
    hidden: HashSet<u32>,
    overlay: Index,
}

impl Snapshot {
    /// Of `listings` in any order.
    pub(super) fn build(mut listings: Vec<Arc<Listing>>, now: DateTime<Utc>) -> Self {
        listings.sort_unstable_by_key(|listing| listing.id);
        Self {
            base: Arc::new(Index::build(listings, now).sort_words()),
            ..Self::default()
        }
    }

    /// This one, with some events replaced, added or (None) gone.
    pub(super) fn with(&self, changes: &HashMap<Uuid, Option<Arc<Listing>>>, now: DateTime<Utc>) -> Self {
        let mut hidden = self.hidden.clone();
        let listed = self.overlay.listings().iter();
        let mut overlay: BTreeMap<Uuid, Arc<Listing>> =
            listed.map(|listing| (listing.id, Arc::clone(listing))).collect();
        for (id, change) in changes {
            hidden.extend(self.base.position(*id));
            match change {
                Some(listing) => overlay.insert(*id, Arc::clone(listing)),
                None => overlay.remove(id),
            };
        }
        if hidden.len() + overlay.len() > OVERLAY + self.base.listings().len() / OVERLAY_SHARE {
            let kept = (0u32..).zip(self.base.listings());
            let kept = kept.filter(|(position, _)| !hidden.contains(position));
            let kept = kept.map(|(_, listing)| Arc::clone(listing));
            return Self::build(kept.chain(overlay.into_values()).collect(), now);
        }
        Self {
            base: Arc::clone(&self.base),
            hidden,
            overlay: Index::build(overlay.into_values().collect(), now),
        }
    }

    pub(super) fn get(&self, id: Uuid) -> Option<&Arc<Listing>> {
        if let Some(position) = self.overlay.position(id) {
            return self.overlay.at(position);
        }
        let position = self.base.position(id)?;
        (!self.hidden.contains(&position)).then(|| self.base.at(position))?
    }

    pub(super) fn len(&self) -> usize {
        self.base.listings().len() - self.hidden.len() + self.overlay.listings().len()
    }

    /// All, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Listing>> {
        let kept = (0u32..).zip(self.base.listings());
        let kept = kept.filter(|(position, _)| !self.hidden.contains(position));
        kept.map(|(_, listing)| listing).chain(self.overlay.listings())
    }

    pub(super) fn search(&self, search: &Search, now: DateTime<Utc>) -> Page {
        let order = search.order();
        let mut hits = Vec::new();
        if search.past.is_none_or(|cursor| cursor.order == order) {
            let query = Query::new(search, now);
            self.base.search(&query, &self.hidden, &mut hits);
            self.overlay.search(&query, &HashSet::new(), &mut hits);
        }
        hits.sort_unstable_by_key(|hit| (hit.cursor.key, hit.cursor.id));
        let more = hits.len().saturating_sub(search.size);
        let came = search.past.is_some();
        if search.backward {
            hits.drain(..more);
        } else {
            hits.truncate(search.size);
        }
        let (has_previous, has_next) = match search.backward {
            false => (came, more > 0),
            true => (more > 0, came),
        };
        Page {
            hits,
            has_previous,
            has_next,
        }
    }

    /// What `search`, wherever it is, finds in `view`.
    pub(super) fn pins(&self, search: &Search, view: &View, now: DateTime<Utc>) -> Pins {
        let query = Query::new(search, now);
        pins::find(&query, view, &self.sifts(&query))
    }

    /// The soonest of what `search`, wherever it is, finds in a box, at most so many, and whether that is all.
    pub(super) fn soonest(
        &self,
        search: &Search,
        within: &BoundingBox,
        most: usize,
        now: DateTime<Utc>,
    ) -> (Vec<Pin>, bool) {
        let query = Query::new(search, now);
        pins::soonest(&query, within, most, &self.sifts(&query))
    }

    /// Counts all that `search` finds, in a box or where it says.
    pub(super) fn facets(&self, search: &Search, within: Option<&BoundingBox>, now: DateTime<Utc>) -> Facets {
        let of_all = Search {
            types: Vec::new(),
            campaigns: Vec::new(),
            ..search.clone()
        };
        // West of Greenwich the day before may have begun it.
        let first_day = search.from.num_days_from_ce().saturating_sub(1);
        let mut tally = Tally::new(search, first_day);
        let query = Query::new(&of_all, now);
        for sift in self.sifts(&query) {
            tally.add(&sift, |add| match (within, &search.near) {
                (Some(within), _) => sift.index.each_within(&Area::of(within), add),
                (None, Some(near)) => sift.index.each_near(near, add),
                (None, None) => sift.open().for_each(add),
            });
        }
        tally.finish()
    }

    fn sifts<'a>(&'a self, query: &'a Query<'a>) -> [Sift<'a>; 2] {
        let overlay = Sift::new(&self.overlay, query, &HashSet::new());
        [Sift::new(&self.base, query, &self.hidden), overlay]
    }
}
