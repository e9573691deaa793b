//! Where everything is on a printed page, in millimetres from its upper left corner: the same for printing and for reading.

/// A size of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Paper {
    /// 210 × 297 mm.
    A4,
    /// 8.5 × 11 inches.
    Letter,
}

impl Paper {
    /// Width and height in millimetres.
    pub fn size(self) -> (f32, f32) {
        match self {
            Self::A4 => (210.0, 297.0),
            Self::Letter => (215.9, 279.4),
        }
    }
}

/// How many rows a page has: all that is needed, beside its size, to know where its boxes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rows {
    /// Rows with a printed name.
    pub printed: usize,
    /// Rows for those who are not on the list.
    pub blank: usize,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// From the left edge.
    pub x: f32,
    /// From the upper edge.
    pub y: f32,
    /// To the right.
    pub width: f32,
    /// Downwards.
    pub height: f32,
}

impl Area {
    /// A square around a point.
    fn square(x: f32, y: f32, side: f32) -> Self {
        let (x, y) = (x - side / 2.0, y - side / 2.0);
        Self {
            x,
            y,
            width: side,
            height: side,
        }
    }

    /// The point in its middle.
    pub fn center(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// What the box of a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The row has a printed name; the box says that this person came.
    Came,
    /// The row is filled in by hand; the box says that this person consents.
    Consents,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowLayout {
    /// What its box stands for.
    pub kind: Kind,
    /// All of it, as a person has to see it who keys what is written there.
    pub area: Area,
    /// The middle of the line that is printed around its box.
    pub tick: Area,
}

/// Where things are on one page.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Width and height of the page.
    pub size: (f32, f32),
    /// The corner marks: upper left, upper right, lower right, lower left.
    pub marks: [Area; 4],
    /// The code, without the white around it.
    pub code: Area,
    /// What stands above the rows: title, date and place, consent.
    pub head: Area,
    /// The line with the words above the printed rows and above the blank ones: upper edge, and which.
    pub headings: Vec<(f32, Kind)>,
    /// The rows, from top to bottom: the printed ones, then the blank ones.
    pub rows: Vec<RowLayout>,
}

/// How high a row is: enough to write in by hand.
pub const ROW_HEIGHT: f32 = 9.0;
/// How high the words above rows are.
pub const HEADING_HEIGHT: f32 = 6.0;
/// The side of a box.
pub const TICK: f32 = 5.0;
/// The side of a corner mark.
pub const MARK: f32 = 6.0;
/// Around a box nothing is printed, so that what leaves it can be told from what crosses it.
pub const CLEAR: f32 = 2.0;

/// What stands at the sides of a page, left of the marks' inner edges and right of them.
const EDGE: f32 = 18.0;
const MARK_CENTER: f32 = 13.0;
const CODE: f32 = 38.0;
const ROWS_TOP: f32 = 56.0;
const ROWS_BOTTOM: f32 = 20.0;

impl Layout {
    /// The layout of a page; nothing if it does not hold so many rows.
    pub fn of(paper: Paper, rows: Rows) -> Option<Self> {
        let (width, height) = paper.size();
        if !fits(paper, rows) {
            return None;
        }
        let mark = |x, y| Area::square(x, y, MARK);
        let (right, bottom) = (width - MARK_CENTER, height - MARK_CENTER);
        let code = Area {
            x: width - 20.0 - CODE,
            y: 12.0,
            width: CODE,
            height: CODE,
        };
        let mut layout = Self {
            size: (width, height),
            marks: [
                mark(MARK_CENTER, MARK_CENTER),
                mark(right, MARK_CENTER),
                mark(right, bottom),
                mark(MARK_CENTER, bottom),
            ],
            code,
            head: Area {
                x: EDGE + 2.0,
                y: 11.0,
                width: code.x - 6.0 - EDGE - 2.0,
                height: ROWS_TOP - 2.0 - 11.0,
            },
            headings: vec![],
            rows: vec![],
        };
        let mut y = ROWS_TOP;
        for (kind, count) in [(Kind::Came, rows.printed), (Kind::Consents, rows.blank)] {
            if count == 0 {
                continue;
            }
            layout.headings.push((y, kind));
            y += HEADING_HEIGHT;
            let x = match kind {
                Kind::Came => 29.5,
                Kind::Consents => width - EDGE - 8.0,
            };
            for _ in 0..count {
                let area = Area {
                    x: EDGE,
                    y,
                    width: width - 2.0 * EDGE,
                    height: ROW_HEIGHT,
                };
                let tick = Area::square(x, y + ROW_HEIGHT / 2.0, TICK);
                layout.rows.push(RowLayout { kind, area, tick });
                y += ROW_HEIGHT;
            }
        }
        Some(layout)
    }
}

fn fits(paper: Paper, rows: Rows) -> bool {
    let room = paper.size().1 - ROWS_TOP - ROWS_BOTTOM;
    let headings = usize::from(rows.printed > 0) + usize::from(rows.blank > 0);
    rows.printed.saturating_add(rows.blank) < 100
        && headings as f32 * HEADING_HEIGHT + (rows.printed + rows.blank) as f32 * ROW_HEIGHT <= room
}

/// How many rows each page has: first those with names, then the blank ones. There is always a page.
pub fn paginate(paper: Paper, printed: usize, blank: usize) -> Vec<Rows> {
    let mut left = Rows { printed, blank };
    let mut pages = vec![];
    loop {
        let mut page = Rows { printed: 0, blank: 0 };
        while page.printed < left.printed && fits(paper, with(page, 1, 0)) {
            page.printed += 1;
        }
        while page.printed == left.printed && page.blank < left.blank && fits(paper, with(page, 0, 1)) {
            page.blank += 1;
        }
        left.printed -= page.printed;
        left.blank -= page.blank;
        pages.push(page);
        if left.printed == 0 && left.blank == 0 {
            return pages;
        }
    }
}

fn with(rows: Rows, printed: usize, blank: usize) -> Rows {
    Rows {
        printed: rows.printed + printed,
        blank: rows.blank + blank,
    }
}
