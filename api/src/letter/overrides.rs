//! Texts of an operator in place of ours, from a folder.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use minijinja::Error;

use super::template::SOURCES;

/// The files of `folder` and its languages, by the name of what they replace. They are read once and kept while the process
/// lives, as the built-in ones are. Files that begin with a dot are left out; any other that replaces nothing is a mistake.
pub(super) fn read(folder: &Path) -> Result<Vec<(&'static str, &'static str)>> {
    let mut found = vec![];
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("{prefix}{file}");
            if file.starts_with('.') {
                continue;
            }
            if path.is_dir() && prefix.is_empty() {
                folders.push((path, format!("{name}/")));
                continue;
            }
            let Some((name, _)) = SOURCES.iter().find(|(known, _)| *known == name) else {
                bail!("{}: there is no such template", path.display());
            };
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            found.push((*name, &*text.leak()));
        }
    }
    Ok(found)
}

/// What is wrong with a text, and where.
pub(super) fn located(folder: &Path, error: &Error) -> anyhow::Error {
    let path = folder.join(error.name().unwrap_or_default());
    let line = error.line().unwrap_or(1);
    let what = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    anyhow::anyhow!("{}:{line}: {what}", path.display())
}
