//! Who may import whom, and what is written where: read from the sources themselves.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of ours, by its path from the top of the repository, without comments.
struct Source {
    path: String,
    text: String,
    code: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources(folder: &str) -> Vec<Source> {
    let mut found = vec![];
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                let lines = text
                    .lines()
                    .map(|line| line.split("//").next().unwrap_or_default());
                let code = lines.collect::<Vec<_>>().join("\n");
                found.push(Source { path, text, code });
            }
        }
    }
    assert!(!found.is_empty(), "{folder}");
    found
}

fn everything() -> Vec<Source> {
    let folders = ["api/src", "entity/src", "migration/src", "tests"];
    folders.into_iter().flat_map(sources).collect()
}

/// The files of a module of `api`: `domain.rs` and everything in `domain/`.
fn module(name: &str) -> Vec<Source> {
    let (file, folder) = (format!("api/src/{name}.rs"), format!("api/src/{name}/"));
    let mut found = sources("api/src");
    found.retain(|source| source.path == file || source.path.starts_with(&folder));
    assert!(found.len() > 1, "{name}");
    found
}

impl Source {
    /// The module that this file is, from the crate on.
    fn module(&self) -> Vec<String> {
        let path = self.path.split_once("/src/").map_or("", |(_, path)| path);
        let parts = path.trim_end_matches(".rs").split('/');
        parts
            .filter(|part| !matches!(*part, "lib" | "main"))
            .map(str::to_owned)
            .collect()
    }

    /// Every path that the code names, in `use` lines and elsewhere, from the crate on.
    fn names(&self) -> Vec<String> {
        let mut names = vec![];
        let is_part = |c: char| c.is_alphanumeric() || "_:".contains(c);
        for word in self.code.split(|c| !is_part(c)) {
            if word.contains("::") {
                names.push(word.to_owned());
            }
        }
        for statement in self.code.split(';') {
            if let Some(at) = statement.find("use ") {
                expand("", &statement[at + 4..], &mut names);
            }
        }
        names.iter().map(|name| self.absolute(name)).collect()
    }

    /// `super::x` and `self::x` as `crate::…::x`.
    fn absolute(&self, name: &str) -> String {
        let (mut module, mut rest) = (self.module(), name);
        let mut is_relative = false;
        loop {
            if let Some(inner) = rest.strip_prefix("super::") {
                module.pop();
                rest = inner;
            } else if let Some(inner) = rest.strip_prefix("self::") {
                rest = inner;
            } else {
                break;
            }
            is_relative = true;
        }
        match is_relative {
            true => [&["crate".to_owned()], &module[..], &[rest.to_owned()]]
                .concat()
                .join("::"),
            false => rest.to_owned(),
        }
    }
}

/// `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`.
fn expand(before: &str, tree: &str, names: &mut Vec<String>) {
    let (mut depth, mut start) = (0, 0);
    for (at, c) in tree.char_indices().chain([(tree.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth <= 0 => {
                let one = tree[start..at].trim();
                match one.split_once('{') {
                    Some((path, inner)) => {
                        let inner = inner.rsplit_once('}').map_or(inner, |(inner, _)| inner);
                        expand(&format!("{before}{}", path.trim()), inner, names);
                    }
                    None => names.push(format!("{before}{one}")),
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// Fails with every file of `sources` that names something below one of `forbidden`.
#[track_caller]
fn must_not_name(sources: &[Source], forbidden: &[&str]) {
    let mut wrong = vec![];
    for source in sources {
        for name in source.names() {
            let below = |forbidden: &&&str| {
                name.strip_prefix(**forbidden)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with(' '))
            };
            if forbidden.iter().any(|forbidden| below(&forbidden)) {
                wrong.push(format!("{} names {name}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_are_found_however_they_are_written() {
    let source = Source {
        path: "api/src/domain/event.rs".to_owned(),
        text: String::new(),
        code:
            "use crate::{app::App, queue::{self, Queue}};\nuse super::super::http;\nfn f() { redis::cmd() }"
                .to_owned(),
    };
    let names = source.names();
    for name in [
        "crate::app::App",
        "crate::queue::Queue",
        "crate::http",
        "redis::cmd",
    ] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
}

#[test]
fn rules_know_nothing_of_the_edge() {
    let forbidden = [
        "async_graphql",
        "actix_web",
        "redis",
        "crate::graphql",
        "crate::http",
        "crate::queue",
    ];
    must_not_name(&module("domain"), &forbidden);
}

#[test]
fn the_schema_makes_no_queries() {
    must_not_name(
        &module("graphql"),
        &[
            "sea_orm",
            "crate::db",
            "crate::outbox",
            "crate::worker",
            "crate::jobs",
        ],
    );
}

#[test]
fn jobs_know_nothing_of_requests() {
    for name in ["jobs", "worker", "outbox", "map", "queue", "limits"] {
        must_not_name(
            &module(name),
            &["async_graphql", "actix_web", "crate::graphql", "crate::http"],
        );
    }
}

#[test]
fn rows_are_rows_only() {
    let roots = ["sea_orm", "std", "core", "crate", "self", "super"];
    for source in sources("entity/src") {
        for line in source.code.lines().map(str::trim) {
            let used = line.trim_start_matches("pub ").strip_prefix("use ");
            let used = used.and_then(|path| path.split([':', ';', ' ']).next());
            let local = |name: &&str| root().join(format!("entity/src/{name}.rs")).exists();
            let good = used.is_none_or(|used| roots.contains(&used) || local(&used));
            assert!(good, "{}: {line}", source.path);
        }
    }
}

#[test]
fn only_the_clock_reads_the_time() {
    for source in everything() {
        let reads = ["Utc::now", "Local::now", "SystemTime::now"];
        let reads = reads
            .iter()
            .any(|call| source.code.contains(&format!("{call}()")));
        assert!(
            !reads || source.path == "api/src/clock.rs",
            "{} reads the time",
            source.path
        );
    }
}

#[test]
fn only_the_database_and_its_changes_write_sql() {
    let raw = [
        "Statement::from_",
        "execute_unprepared",
        "raw_sql!",
        "_raw(",
        "Expr::cust",
        "sqlx::query",
    ];
    for source in sources("api/src") {
        let writes = raw.iter().any(|call| source.code.contains(call));
        assert!(
            !writes || source.path == "api/src/db.rs",
            "{} writes SQL",
            source.path
        );
    }
}

#[test]
fn every_file_says_what_it_is_and_is_short() {
    for source in everything() {
        let lines = source.text.lines().count();
        assert!(
            lines <= 400,
            "{} has {lines} lines: it hides a second idea",
            source.path
        );
        let said = source.text.starts_with("//!");
        assert!(
            said,
            "{} does not begin with what it is about (`//!`)",
            source.path
        );
    }
}
