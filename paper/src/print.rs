//! Attendance sheets as PDF.

use krilla::{
    Document, SerializeSettings,
    color::luma,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
};
use qrcode::{EcLevel, QrCode};

use crate::{
    Area, Kind, Layout, Paper, RowLayout, Rows, Words,
    fonts::Fonts,
    layout::{HEADING_HEIGHT, TICK},
    text::Line,
};

/// A sheet to be printed.
pub struct Sheet {
    /// What it is printed on.
    pub paper: Paper,
    /// The words of its language.
    pub words: Words,
    /// What the event is called.
    pub title: String,
    /// When and where it is; each on one line.
    pub details: Vec<String>,
    /// What those who are not on the list agree to by ticking their box. All of it is printed, smaller if it is long.
    pub consent: String,
    /// Its pages; [`paginate`](crate::paginate) says how many rows each has room for.
    pub pages: Vec<Page>,
}

/// One page of a sheet.
pub struct Page {
    /// What its code says, which reading gives back; at most [`CODE_LIMIT`] bytes.
    pub code: String,
    /// Who is expected.
    pub people: Vec<Person>,
    /// How many empty rows follow.
    pub blank: usize,
}

/// A row with a name.
pub struct Person {
    /// The number before the name, by which people speak of the row.
    pub number: usize,
    /// The name; one that is too long is printed smaller, then cut.
    pub name: String,
    /// How many come with this answer, this person counted; not printed if it is one.
    pub party_size: u32,
}

/// Why a sheet cannot be printed. None of it depends on names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrintProblem {
    /// A page has more rows than there is room for.
    #[error("page {0} has too many rows")]
    TooManyRows(usize),
    /// The text of a page's code is longer than [`CODE_LIMIT`].
    #[error("the code of page {0} is too long")]
    CodeTooLong(usize),
    /// The consent text does not fit above the rows, however small; about 1,000 characters do.
    #[error("the consent text is too long")]
    ConsentTooLong,
    /// The library that writes PDFs refused.
    #[error("the document cannot be written")]
    NotWritten,
}

/// How long the text of a code may be, in bytes: more, and its squares would be too small for a photo.
pub const CODE_LIMIT: usize = 200;

/// Points in a millimetre.
const POINT: f32 = 72.0 / 25.4;
/// The line around a box, in millimetres.
const OUTLINE: f32 = 0.4;

/// The PDF of a sheet: the same bytes for the same sheet.
///
/// Names may be in any script. A character that no font of ours has is printed as an empty box.
pub fn print(sheet: &Sheet) -> Result<Vec<u8>, PrintProblem> {
    let fonts = Fonts::default();
    let mut document = Document::new_with(SerializeSettings {
        xmp_metadata: false,
        enable_tagging: false,
        ..SerializeSettings::default()
    });
    document.set_metadata(Metadata::new().title(sheet.title.clone()));
    for (number, page) in (1..).zip(&sheet.pages) {
        let rows = Rows {
            printed: page.people.len(),
            blank: page.blank,
        };
        let layout = Layout::of(sheet.paper, rows).ok_or(PrintProblem::TooManyRows(number))?;
        let (width, height) = layout.size;
        let settings =
            PageSettings::from_wh(width * POINT, height * POINT).ok_or(PrintProblem::NotWritten)?;
        let mut printed = document.start_page_with(settings);
        let mut drawing = Drawing {
            fonts: &fonts,
            surface: printed.surface(),
            layout: &layout,
        };
        drawing
            .marks(&page.code)
            .ok_or(PrintProblem::CodeTooLong(number))?;
        drawing.head(sheet).ok_or(PrintProblem::ConsentTooLong)?;
        drawing.rows(&sheet.words, page);
        let words = sheet.words.page(number, sheet.pages.len());
        drawing.centered(&words, width / 2.0, height - 11.5, 9.0);
    }
    document.finish().map_err(|_| PrintProblem::NotWritten)
}

/// What is drawn on one page, in millimetres; sizes of letters are in points, as people say them.
struct Drawing<'a> {
    fonts: &'a Fonts,
    surface: Surface<'a>,
    layout: &'a Layout,
}

impl Drawing<'_> {
    /// The corner marks and the code.
    fn marks(&mut self, code: &str) -> Option<()> {
        if code.len() > CODE_LIMIT {
            return None;
        }
        let code = QrCode::with_error_correction_level(code, EcLevel::M).ok()?;
        let mut path = PathBuilder::new();
        for mark in self.layout.marks {
            rectangle(&mut path, mark);
        }
        let area = self.layout.code;
        let side = area.width / code.width() as f32;
        for (y, line) in (0u16..).zip(code.to_colors().chunks(code.width())) {
            // Neighbours are one rectangle, so that no hairline is between them.
            let mut x = 0u16;
            for same in line.chunk_by(|one, next| one == next) {
                let length = same.len() as f32;
                if same.first() == Some(&qrcode::Color::Dark) {
                    let square = Area {
                        x: area.x + f32::from(x) * side,
                        y: area.y + f32::from(y) * side,
                        width: length * side,
                        height: side,
                    };
                    rectangle(&mut path, square);
                }
                x += same.len() as u16;
            }
        }
        self.surface.set_fill(Some(black()));
        self.surface.set_stroke(None);
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
        Some(())
    }

    /// Title, date and place, how to tick, and the consent text, as large as there is room for.
    fn head(&mut self, sheet: &Sheet) -> Option<()> {
        let area = self.layout.head;
        let mut y = area.y + 5.5;
        self.text(&sheet.title, area.x, y, area.width, (9.0, 16.0));
        y += 1.0;
        for line in sheet.details.iter().take(3) {
            y += 4.6;
            self.text(line, area.x, y, area.width, (7.0, 10.0));
        }
        y += 4.6;
        self.text(sheet.words.how, area.x, y, area.width, (6.0, 8.0));
        y += 1.5;
        let room = area.y + area.height - y;
        for size in [9.0, 8.0, 7.0, 6.0, 5.0] {
            let (height, width) = (size * 1.3 / POINT, area.width * POINT / size);
            let lines = Line::wrapped(self.fonts, &sheet.consent, width);
            if lines.len() as f32 * height > room {
                continue;
            }
            for line in lines {
                y += height;
                self.line(&line, area.x, y - 0.3 * height, size);
            }
            return Some(());
        }
        None
    }

    fn rows(&mut self, words: &Words, page: &Page) {
        let layout = self.layout;
        for &(y, kind) in &layout.headings {
            self.heading(words, y + HEADING_HEIGHT - 1.8, kind);
        }
        let mut number = page.people.last().map_or(0, |person| person.number);
        let (named, blank) = layout.rows.split_at(page.people.len().min(layout.rows.len()));
        for (row, person) in named.iter().zip(&page.people) {
            self.named(row, person);
        }
        for row in blank {
            number += 1;
            self.blank(row, number);
        }
    }

    fn heading(&mut self, words: &Words, y: f32, kind: Kind) {
        match kind {
            Kind::Came => {
                self.centered(words.came, 29.5, y, 8.0);
                self.text(words.name, 35.0, y, 60.0, (6.0, 8.0));
                self.centered(words.party, 120.0, y, 8.0);
                self.text(words.correction, 130.0, y, 50.0, (6.0, 8.0));
            }
            Kind::Consents => {
                let width = self.layout.size.0;
                self.text(words.walk_in, 27.0, y, 55.0, (6.0, 8.0));
                self.text(words.email, 87.0, y, 40.0, (6.0, 8.0));
                self.text(words.phone, 139.0, y, 30.0, (6.0, 8.0));
                self.centered(words.consents, width - 26.0, y, 8.0);
            }
        }
    }

    /// A row with a name, and how many come with it.
    fn named(&mut self, row: &RowLayout, person: &Person) {
        let baseline = row.tick.y + TICK - 1.2;
        self.number(person.number, baseline);
        self.tick(row);
        self.text(&person.name, 35.0, baseline, 76.0, (7.0, 12.0));
        if person.party_size > 1 {
            self.centered(&person.party_size.to_string(), 120.0, baseline, 11.0);
        }
        self.rule(130.0, self.layout.size.0 - 20.0, row);
    }

    /// An empty row.
    fn blank(&mut self, row: &RowLayout, number: usize) {
        let end = self.layout.size.0 - 33.0;
        self.number(number, row.tick.y + TICK - 1.2);
        self.tick(row);
        for (from, to) in [(27.0, 84.0), (87.0, 136.0), (139.0, end)] {
            self.rule(from, to, row);
        }
    }

    fn number(&mut self, number: usize, baseline: f32) {
        let (line, size) = Line::fitted(self.fonts, &number.to_string(), 7.0 * POINT, (4.0, 9.0));
        self.line(&line, 24.5 - line.width() * size / POINT, baseline, size);
    }

    /// The box of a row.
    fn tick(&mut self, row: &RowLayout) {
        let mut path = PathBuilder::new();
        rectangle(&mut path, row.tick);
        self.stroke(path, OUTLINE, luma::Color::black());
    }

    /// A line to write on.
    fn rule(&mut self, from: f32, to: f32, row: &RowLayout) {
        let y = (row.area.y + row.area.height - 1.0) * POINT;
        let mut path = PathBuilder::new();
        path.move_to(from * POINT, y);
        path.line_to(to * POINT, y);
        self.stroke(path, 0.15, luma::Color::new(110));
    }

    fn stroke(&mut self, path: PathBuilder, width: f32, color: luma::Color) {
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: color.into(),
            width: width * POINT,
            ..Stroke::default()
        }));
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    /// One line of text in `width`, between two sizes in points.
    fn text(&mut self, text: &str, x: f32, baseline: f32, width: f32, sizes: (f32, f32)) {
        let (line, size) = Line::fitted(self.fonts, text, width * POINT, sizes);
        self.line(&line, x, baseline, size);
    }

    fn centered(&mut self, text: &str, x: f32, baseline: f32, size: f32) {
        let line = Line::of(self.fonts, text);
        self.line(&line, x - line.width() * size / POINT / 2.0, baseline, size);
    }

    fn line(&mut self, line: &Line, x: f32, baseline: f32, size: f32) {
        self.surface.set_fill(Some(black()));
        self.surface.set_stroke(None);
        let mut x = x * POINT;
        for run in &line.runs {
            let Some(font) = self.fonts.get(run.font) else {
                continue;
            };
            let start = Point::from_xy(x, baseline * POINT);
            self.surface
                .draw_glyphs(start, &run.glyphs, font.printing.clone(), &run.text, size, false);
            x += run.width * size;
        }
    }
}

fn black() -> Fill {
    Fill {
        paint: luma::Color::black().into(),
        opacity: NormalizedF32::ONE,
        ..Fill::default()
    }
}

fn rectangle(path: &mut PathBuilder, area: Area) {
    let Area { x, y, width, height } = area;
    if let Some(area) = Rect::from_xywh(x * POINT, y * POINT, width * POINT, height * POINT) {
        path.push_rect(area);
    }
}

#[cfg(test)]
#[path = "tests/print.rs"]
mod tests;
