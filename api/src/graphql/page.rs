//! Connections, in the form Relay expects.

use std::borrow::Cow;

use async_graphql::{OutputType, SimpleObject, TypeName, connection::PageInfo};

use crate::{
    app::App,
    domain::page::{Page, PageArgs, RowCursor},
    refusal::{Problems, Refusal},
};

/// A page of a list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Rows<T: OutputType> {
    /// Where the page stands in its list.
    page_info: PageInfo,
    /// What is on it, in order.
    edges: Vec<Row<T>>,
}

/// One of a list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Row<T: OutputType> {
    /// What it is.
    node: T,
    /// Where it stands: for `after` and `before`.
    cursor: String,
}

impl<T: OutputType> TypeName for Rows<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for Row<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// How many when nobody says.
const USUAL: i32 = 20;

/// The arguments of a connection, with a cursor that nobody has read yet. BAD_USER_INPUT when the size is not 1 to
/// `limits.page`, or when both directions are asked for.
pub(super) fn asked(
    app: &App,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> Result<PageArgs<String>, Refusal> {
    let most = app.config.limits.page;
    let mut problems = Problems::default();
    let backward = last.is_some();
    let argument = if backward { "last" } else { "first" };
    let size = usize::try_from(last.or(first).unwrap_or(USUAL)).unwrap_or_default();
    problems.check(
        (1..=most).contains(&size),
        argument,
        format!("must be between 1 and {most}"),
    );
    problems.check(first.is_none() || last.is_none(), "last", "cannot go with first");
    problems.check(before.is_none() || backward, "before", "needs last");
    problems.check(after.is_none() || !backward, "after", "cannot go with last");
    problems.finish()?;
    Ok(PageArgs {
        size,
        past: after.or(before),
        backward,
    })
}

/// What a connection counts for: each of the rows asked for costs what is asked of it.
pub(super) fn cost(first: Option<i32>, last: Option<i32>, child: usize) -> usize {
    usize::try_from(first.max(last).unwrap_or(USUAL))
        .unwrap_or_default()
        .saturating_mul(child)
        .saturating_add(1)
}

/// The arguments of a connection over rows.
pub(super) fn args(
    app: &App,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> Result<PageArgs, Refusal> {
    let asked = asked(app, first, after, last, before)?;
    let argument = if asked.backward { "before" } else { "after" };
    let read = |text: String| RowCursor::decode(&text, argument);
    Ok(PageArgs {
        size: asked.size,
        past: asked.past.map(read).transpose()?,
        backward: asked.backward,
    })
}

/// A page of rows as a connection.
pub(super) fn rows<R, T: OutputType>(page: Page<R>, node: impl Fn(R) -> T) -> Rows<T> {
    let row = |(cursor, row): (RowCursor, R)| Row {
        node: node(row),
        cursor: cursor.encode(),
    };
    let edges: Vec<_> = page.items.into_iter().map(row).collect();
    let mut cursors = edges.iter().map(|edge| &edge.cursor);
    Rows {
        page_info: info(page.has_previous, page.has_next, &mut cursors),
        edges,
    }
}

/// What a page with these cursors says of itself.
pub(super) fn info(
    has_previous_page: bool,
    has_next_page: bool,
    cursors: &mut dyn DoubleEndedIterator<Item = &String>,
) -> PageInfo {
    let start_cursor = cursors.next();
    PageInfo {
        has_previous_page,
        has_next_page,
        end_cursor: cursors.next_back().or(start_cursor).cloned(),
        start_cursor: start_cursor.cloned(),
    }
}
