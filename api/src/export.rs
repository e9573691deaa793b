//! Events for other systems. Each shape is written here once, for whoever asks over HTTP and for files.

pub mod mobilize;
