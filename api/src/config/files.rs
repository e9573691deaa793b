//! Settings of files: where they are, and how they come.

use serde::Deserialize;

/// `[files]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Files {
    pub url: String,
    pub access_key_id: String,
    pub secret_access_key: String,
}

/// `[uploads]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Uploads {
    pub max_bytes: usize,
    pub pixels: u64,
    pub pages: usize,
    pub sheets: usize,
    pub link_minutes: i64,
    pub tries: i32,
    pub seconds: u64,
    pub idle_seconds: u64,
    pub at_once: usize,
    pub decoded_at_once: usize,
    pub pdf_seconds: u64,
    pub pdf_program: std::path::PathBuf,
    pub view_seconds: i64,
}

/// `[sheets]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml describes every setting")]
pub struct Sheets {
    pub claim_minutes: i64,
    pub read_twice: u32,
    pub rows_per_page: i32,
    pub rows: u64,
    pub compared: u64,
    pub decisions: usize,
    pub blank_rows: usize,
    pub threshold: f32,
}
