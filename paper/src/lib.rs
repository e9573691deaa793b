//! Attendance on paper: [`print()`] makes the sheet of an event as PDF, [`find`] and [`read`] say what was ticked on a photo
//! or scan of one of its pages, and [`Pages`] takes an uploaded PDF apart, in a process of its own.
//!
//! Nothing here knows of events, people or the database. Where things are on a page is said once, by [`Layout`], for those
//! who print and those who read.

mod align;
mod code;
mod fonts;
mod gray;
mod layout;
mod marks;
mod pages;
mod print;
mod read;
#[cfg(test)]
mod testing;
mod text;
mod words;

pub use code::{Code, find};
pub use layout::{Area, Kind, Layout, Paper, RowLayout, Rows, paginate};
pub use pages::{PAGE_LIMIT, PDF_LIMIT, Pages, PdfProblem, draw};
pub use print::{CODE_LIMIT, Page, Person, PrintProblem, Sheet, print};
pub use read::{Answer, Mark, NotAligned, Reading, THRESHOLD, read};
pub use words::Words;
