//! Pages of rows by keyset: strictly past the last row seen, in either direction, so that changes in between repeat and
//! lose nothing.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select, Value,
    sea_query::SimpleExpr,
};
use uuid::Uuid;

use crate::refusal::Refusal;

/// How much of a list is asked for, and from which end.
#[derive(Clone, Debug)]
pub struct PageArgs<C = RowCursor> {
    /// At most so many.
    pub size: usize,
    /// Only what is strictly past this, as one walks.
    pub past: Option<C>,
    /// Walks from the end: the last ones, or those before `past`. They still come in the order of the list.
    pub backward: bool,
}

/// Where a row stands in its list: by `key`, then by `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCursor {
    /// The sort key: microseconds since 1970, or 0 in lists by id.
    pub key: i64,
    /// The row.
    pub id: Uuid,
}

/// A part of a list.
#[derive(Clone)]
pub struct Page<T> {
    /// Rows with their cursors.
    pub items: Vec<(RowCursor, T)>,
    /// Whether there are more before them.
    pub has_previous: bool,
    /// Whether there are more after them.
    pub has_next: bool,
}

impl PageArgs {
    /// The rows to ask for of a list that is in `order` of its ids.
    pub(crate) fn by_id<E: EntityTrait>(&self, rows: Select<E>, id: E::Column, order: Order) -> Select<E> {
        let order = self.order(order);
        let past = self.past.as_ref().map(|cursor| past(&order, id, cursor.id));
        rows.filter(Condition::all().add_option(past))
            .order_by(id, order)
            .limit(self.limit())
    }

    /// Makes a page out of what [`PageArgs::by_id`] brought.
    pub(crate) fn cut_by_id<T>(&self, rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> Page<T> {
        self.cut(rows, |row| RowCursor { key: 0, id: id(row) })
    }

    /// Rows to ask the database for: one more than wanted, to know whether there are more.
    pub(crate) fn limit(&self) -> u64 {
        self.size as u64 + 1
    }

    /// The order to ask for rows of a list that is in `order`.
    pub(crate) fn order(&self, order: Order) -> Order {
        match order {
            Order::Asc if self.backward => Order::Desc,
            Order::Desc if self.backward => Order::Asc,
            order => order,
        }
    }

    /// Makes a page out of what [`PageArgs::limit`] brought in the order of [`PageArgs::order`].
    pub(crate) fn cut<T>(&self, rows: Vec<T>, cursor: impl Fn(&T) -> RowCursor) -> Page<T> {
        let more = rows.len() > self.size;
        let taken = rows.into_iter().take(self.size);
        let mut items: Vec<_> = taken.map(|row| (cursor(&row), row)).collect();
        if self.backward {
            items.reverse();
        }
        // On the way one came stands at least the cursor.
        let came = self.past.is_some();
        let (has_previous, has_next) = if self.backward { (more, came) } else { (came, more) };
        Page {
            items,
            has_previous,
            has_next,
        }
    }
}

impl<T> Page<T> {
    /// The same page of something else.
    pub(crate) fn map<U>(self, change: impl Fn(T) -> U) -> Page<U> {
        let items = self.items.into_iter();
        Page {
            items: items.map(|(cursor, row)| (cursor, change(row))).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

/// What stands strictly past `value` in a column, for rows that are asked for in `order`.
pub(crate) fn past<C: ColumnTrait>(order: &Order, column: C, value: impl Into<Value>) -> SimpleExpr {
    match order {
        Order::Desc => column.lt(value),
        _ => column.gt(value),
    }
}

impl RowCursor {
    /// Its text for clients.
    pub fn encode(&self) -> String {
        let mut bytes = self.key.to_be_bytes().to_vec();
        bytes.extend_from_slice(self.id.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor; BAD_USER_INPUT at `argument` when it is none.
    pub fn decode(text: &str, argument: &str) -> Result<Self, Refusal> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        let split = bytes.as_deref().and_then(|bytes| bytes.split_first_chunk::<8>());
        match split.and_then(|(key, id)| Some((key, Uuid::from_slice(id).ok()?))) {
            Some((key, id)) => Ok(Self {
                key: i64::from_be_bytes(*key),
                id,
            }),
            None => Err(Refusal::input(&[argument], "is not a cursor of this list")),
        }
    }
}
