//! Connections, in the form Relay expects.

use async_graphql::{
    OutputType,
    connection::{Connection, DefaultConnectionName, DefaultEdgeName, DisableNodesField, Edge, EmptyFields},
};

use crate::{
    app::App,
    domain::page::{Page, PageArgs, RowCursor},
    refusal::Refusal,
};

/// A connection over rows.
pub(super) type Rows<T> = Connection<
    String,
    T,
    EmptyFields,
    EmptyFields,
    DefaultConnectionName,
    DefaultEdgeName,
    DisableNodesField,
>;

/// `first` as a size: 1 to `limits.page`, or BAD_USER_INPUT.
pub(super) fn first_of(app: &App, first: i32) -> Result<usize, Refusal> {
    let most = app.config.limits.page;
    match usize::try_from(first) {
        Ok(first) if (1..=most).contains(&first) => Ok(first),
        _ => Err(Refusal::input(
            &["first"],
            format!("must be between 1 and {most}"),
        )),
    }
}

/// What a connection counts for: each of the rows asked for costs what is asked of it.
pub(super) fn cost(first: i32, child: usize) -> usize {
    usize::try_from(first)
        .unwrap_or_default()
        .saturating_mul(child)
        .saturating_add(1)
}

/// The arguments of a connection over rows.
pub(super) fn args(app: &App, first: i32, after: Option<&String>) -> Result<PageArgs, Refusal> {
    let after = after.map(|text| RowCursor::decode(text)).transpose()?;
    Ok(PageArgs {
        first: first_of(app, first)?,
        after,
    })
}

/// A page of rows as a connection.
pub(super) fn rows<R, T: OutputType>(page: Page<R>, after: bool, node: impl Fn(R) -> T) -> Rows<T> {
    let mut connection = Connection::new(after, page.has_next);
    connection.edges.extend(
        page.items
            .into_iter()
            .map(|(cursor, row)| Edge::new(cursor.encode(), node(row))),
    );
    connection
}
