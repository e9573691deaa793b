//! The same object, come to by every way there is, shows the same to the same caller.

use serde_json::Value;

use super::{CALLERS, callers, compare, mark_at, mark_of, objects::Objects, subscriptions::first, table};
use crate::harness::{Answer, Caller, World};

/// A way to an object.
pub(super) struct Way {
    /// The name of the object.
    pub(super) object: String,
    /// What is asked, with `…` where the object's fields stand.
    pub(super) request: String,
    pub(super) marks: Vec<String>,
    pub(super) steps: Vec<Step>,
}

/// What lies between the root and the object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Field(String),
    On(String),
}

impl Way {
    /// `query`, `mutation` or `subscription`.
    pub(super) fn operation(&self) -> &'static str {
        let root = |row: &table::Row| self.steps[0] == Step::Field(row.field().to_owned());
        let stands_in = |section| table::section(section).iter().any(root);
        match () {
            () if stands_in("Mutations") => "mutation",
            () if stands_in("Subscriptions") => "subscription",
            () => "query",
        }
    }

    /// What `caller` is answered, or hears first.
    async fn ask(&self, caller: &Caller, request: &str) -> Answer {
        match self.operation() {
            "subscription" => first(caller, request).await,
            operation => {
                caller
                    .ask(&format!("{operation} {{ {request} }}"), Value::Null)
                    .await
            }
        }
    }

    /// The fields on the way.
    fn path(&self) -> Vec<&str> {
        self.steps.iter().filter_map(Step::field).collect()
    }
}

impl Step {
    fn field(&self) -> Option<&str> {
        match self {
            Self::Field(name) => Some(name),
            Self::On(_) => None,
        }
    }
}

/// All ways of the table.
pub(super) fn ways() -> Vec<Way> {
    let way = |row: table::Row| {
        let (object, request) = row.request.split_once(' ').unwrap();
        Way {
            object: object.to_owned(),
            steps: steps(request),
            request: request.to_owned(),
            marks: row.marks,
        }
    };
    table::section("Ways").into_iter().map(way).collect()
}

/// The words outside of parentheses, up to the object.
fn steps(request: &str) -> Vec<Step> {
    let mut depth = 0;
    let outside = request.chars().filter(|c| {
        depth += i32::from(*c == '(');
        let inside = depth > 0;
        depth -= i32::from(*c == ')');
        !inside
    });
    let outside: String = outside.collect();
    let mut words = outside.split([' ', '{', '}']).filter(|word| !word.is_empty());
    let mut steps = vec![];
    while let Some(word) = words.next() {
        match word {
            "…" => return steps,
            "..." => {
                assert_eq!(words.next(), Some("on"));
                steps.push(Step::On(words.next().unwrap().to_owned()));
            }
            name => steps.push(Step::Field(name.to_owned())),
        }
    }
    panic!("{request} leads to no object");
}

scenario! {
    async fn by_questions(world) {
        walk(world, ways().into_iter().filter(|way| way.operation() != "mutation")).await;
    }
}

scenario! {
    async fn by_changes(world) {
        walk(world, ways().into_iter().filter(|way| way.operation() == "mutation")).await;
    }
}

async fn walk(world: &World, ways: impl Iterator<Item = Way>) {
    let callers = callers(world).await;
    let mut objects = Objects::new(world, &callers);
    let mut found = vec![];
    for way in ways {
        let rows: Vec<_> = table::section("Guarded fields")
            .into_iter()
            .filter(|row| row.object() == way.object)
            .collect();
        assert!(!rows.is_empty(), "nothing is said of {}", way.object);
        let mut way_marks = vec![];
        let mut row_marks = vec![vec![]; rows.len()];
        for (caller, expected) in callers.iter().zip(&way.marks) {
            let id = objects.id(&way.object).await;
            let whole = everything(&callers[9], &way, id.as_deref(), &rows).await;
            let request = way.request.replace('…', &selection(&rows));
            let request = objects.fill(&request).await;
            let answer = way.ask(caller, &request).await;
            let path = way.path();
            let seen = at(&answer.body["data"], &path, id.as_deref());
            let mark = error_at(&answer, &path).unwrap_or_else(|| mark_at(seen));
            let reached = mark == "✓";
            way_marks.push(mark);
            for (row, marks) in rows.iter().zip(&mut row_marks) {
                let column = CALLERS.len() - callers.len() + marks.len();
                marks.push(if reached && expected == "✓" {
                    read(&answer, &path, row, seen, whole.as_ref())
                } else {
                    row.marks[column].clone()
                });
            }
            if way.operation() == "mutation" && answer.code_if_any().is_none() {
                objects.forget();
            }
        }
        found.push((way.request.clone(), way.marks.clone(), way_marks));
        for (row, marks) in rows.into_iter().zip(row_marks) {
            found.push((format!("{} by {}", row.request, way.request), row.marks, marks));
        }
    }
    world.drain().await;
    compare(&found);
}

/// `{ id place { venue } place { locality } … }`
fn selection(rows: &[table::Row]) -> String {
    let nested = |row: &table::Row| {
        let path: Vec<_> = row.path().collect();
        path.join(" { ") + &" }".repeat(path.len() - 1)
    };
    let fields: Vec<_> = rows.iter().map(nested).collect();
    format!("id {}", fields.join(" "))
}

/// What an admin reads of an event, who may read everything; none of what is no event.
async fn everything(admin: &Caller, way: &Way, id: Option<&str>, rows: &[table::Row]) -> Option<Value> {
    let id = id.filter(|id| id.starts_with("event:"))?;
    let request = format!("{{ event(id: \"{id}\") {{ {} }} }}", selection(rows));
    let answer = admin.ask(&request, Value::Null).await;
    let event = answer.body["data"]["event"].clone();
    assert!(!event.is_null(), "{}: {}", way.object, answer.body);
    Some(event)
}

/// The mark of one guarded field of the object.
fn read(answer: &Answer, way: &[&str], row: &table::Row, object: &Value, whole: Option<&Value>) -> String {
    let path: Vec<_> = row.path().collect();
    let mut deep = way.to_vec();
    deep.extend(&path);
    if let Some(refused) = error_at(answer, &deep) {
        return refused;
    }
    let value = at(object, &path, None);
    let whole = whole
        .map(|whole| at(whole, &path, None))
        .filter(|whole| !whole.is_null());
    match mark_at(value) {
        mark if mark == "✓" && whole.is_some_and(|whole| whole != value) => "≈".to_owned(),
        mark => mark,
    }
}

/// The value at a path; of a list the element that is about `id`, or the first.
fn at<'a>(value: &'a Value, path: &[&str], id: Option<&str>) -> &'a Value {
    let here = match value.as_array() {
        Some(items) => match id {
            Some(id) => items.iter().find(|item| item.to_string().contains(id)),
            None => items.first(),
        },
        None => Some(value),
    };
    match (here, path) {
        (None, _) => &Value::Null,
        (Some(here), []) => here,
        (Some(here), [next, rest @ ..]) => at(&here[*next], rest, id),
    }
}

/// The mark of an error at the path or above it.
fn error_at(answer: &Answer, path: &[&str]) -> Option<String> {
    let mut errors = answer.body["errors"].as_array().into_iter().flatten();
    let covers = |error: &&Value| {
        let names = error["path"].as_array().into_iter().flatten();
        let names: Vec<_> = names.filter_map(Value::as_str).collect();
        path.starts_with(&names)
    };
    errors.find(covers).map(mark_of)
}
