//! Reads `table.md`.

use super::CALLERS;

const TABLE: &str = include_str!("table.md");

/// One row: what is asked, and a mark for every caller.
pub(crate) struct Row {
    pub(crate) section: String,
    pub(crate) request: String,
    pub(crate) marks: Vec<String>,
}

impl Row {
    /// The field of the root that is asked for.
    pub(crate) fn field(&self) -> &str {
        let end = self.request.find(|c: char| !c.is_alphanumeric());
        &self.request[..end.unwrap_or(self.request.len())]
    }

    /// Of a guarded field: the object it is of.
    pub(super) fn object(&self) -> &str {
        self.field()
    }

    /// Of a guarded field: the way to it from the object.
    pub(super) fn path(&self) -> impl Iterator<Item = &str> {
        self.request.split('.').skip(1)
    }
}

/// The rows under a heading.
pub(crate) fn section(name: &str) -> Vec<Row> {
    let row = |cells: Vec<String>| {
        assert_eq!(
            cells.len(),
            CALLERS.len() + 1,
            "a mark for every caller: {cells:?}"
        );
        Row {
            section: name.to_owned(),
            request: cells[0].replace('`', ""),
            marks: cells[1..].to_vec(),
        }
    };
    let rows: Vec<Row> = cells(name).into_iter().map(row).collect();
    assert!(!rows.is_empty(), "{name}");
    rows
}

/// The fields that whoever has the object may read, as `Type.field`.
pub(super) fn open() -> Vec<String> {
    let fields = |cells: Vec<String>| {
        let [name, fields, why] = cells.try_into().unwrap();
        assert!(!why.is_empty(), "why may everybody read {name}?");
        let of = move |field: &str| format!("{name}.{}", field.trim());
        fields.split(',').map(of).collect::<Vec<_>>()
    };
    cells("Open fields").into_iter().flat_map(fields).collect()
}

fn cells(section: &str) -> Vec<Vec<String>> {
    let text = TABLE.split("\n## ").find(|text| text.starts_with(section));
    let lines = text.unwrap().lines().filter(|line| line.starts_with('|'));
    // After the header and the line below it.
    lines.skip(2).map(cells_of).collect()
}

fn cells_of(line: &str) -> Vec<String> {
    let inner = line.trim().trim_matches('|');
    inner.split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn the_columns_are_the_callers() {
    for section in ["Queries", "Mutations", "Subscriptions", "Ways", "Guarded fields"] {
        let text = TABLE.split("\n## ").find(|text| text.starts_with(section));
        let header = text.unwrap().lines().find(|line| line.starts_with('|'));
        assert_eq!(cells_of(header.unwrap())[1..], CALLERS);
    }
}
