//! Reading what `photo` makes of printed pages.

use image::imageops;

use super::*;
use crate::{
    Paper, Rows, find, paginate, print,
    testing::{self, draw},
};

#[path = "pen.rs"]
mod pen;
#[path = "photo.rs"]
mod photo;
use pen::Drawn;
use photo::Photo;

/// How finely the printed page is drawn.
const DPI: f32 = 180.0;
/// Pixels of the drawn page in a millimetre.
const FINE: f32 = DPI / 25.4;

/// What came of some pages.
#[derive(Default, Debug)]
struct Tally {
    ticked: usize,
    found: usize,
    wrong: usize,
    missed: usize,
    unsure_ticked: usize,
    empty: usize,
    unsure_empty: usize,
    pages: usize,
    no_code: usize,
    not_aligned: usize,
    by_kind: std::collections::BTreeMap<String, [usize; 4]>,
    failed: Vec<u64>,
    /// Boxes that were read as ticked and are not: the seed, the row, and what is there.
    mistaken: Vec<(u64, usize, Drawn)>,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.ticked += other.ticked;
        self.found += other.found;
        self.wrong += other.wrong;
        self.missed += other.missed;
        self.unsure_ticked += other.unsure_ticked;
        self.empty += other.empty;
        self.unsure_empty += other.unsure_empty;
        self.pages += other.pages;
        self.no_code += other.no_code;
        self.not_aligned += other.not_aligned;
        for (kind, counts) in other.by_kind {
            let sum = self.by_kind.entry(kind).or_default();
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        self.failed.extend(other.failed);
        self.mistaken.extend(other.mistaken);
    }

    fn precision(&self) -> f64 {
        self.found as f64 / (self.found + self.wrong).max(1) as f64
    }

    fn recall(&self) -> f64 {
        self.found as f64 / self.ticked.max(1) as f64
    }
}

/// Reads the page of one seed.
fn one(seed: u64, sheets: &[(Layout, GrayImage)]) -> Tally {
    let mut tally = Tally {
        pages: 1,
        ..Tally::default()
    };
    let (layout, blank) = &sheets[seed as usize % sheets.len()];
    let mut dice = photo::Dice::new(seed);
    let mut page = blank.clone();
    let drawn: Vec<Drawn> = layout
        .rows
        .iter()
        .map(|row| pen::mark(&mut page, layout, row, &mut dice))
        .collect();
    let photo = Photo::random(&mut dice);
    let image = photo.take(&page, &mut dice);
    let ticked = drawn.iter().filter(|drawn| drawn.is_tick()).count();
    if std::env::var("PAPER_SAVE").is_ok() {
        image
            .save(std::env::temp_dir().join(format!("page-{seed}.png")))
            .unwrap();
    }
    let result = match find(&image) {
        None => {
            tally.no_code = 1;
            None
        }
        Some(code) => match read(&image, &code, layout, THRESHOLD) {
            Err(NotAligned) => {
                tally.not_aligned = 1;
                None
            }
            Ok(reading) => Some(reading),
        },
    };
    let Some(reading) = result else {
        tally.failed.push(seed);
        // Goes to a person, with all its boxes.
        return tally;
    };
    tally.ticked = ticked;
    for (row, (drawn, answer)) in drawn.iter().zip(&reading.answers).enumerate() {
        let kind = tally.by_kind.entry(format!("{drawn:?}")).or_default();
        let at = match answer.mark {
            Mark::Ticked => 0,
            Mark::Empty => 1,
            Mark::Unsure => 2,
        };
        kind[at] += 1;
        match (drawn.is_tick(), answer.mark) {
            (true, Mark::Ticked) => tally.found += 1,
            (true, Mark::Empty) => tally.missed += 1,
            (true, Mark::Unsure) => tally.unsure_ticked += 1,
            (false, Mark::Ticked) => {
                tally.wrong += 1;
                tally.mistaken.push((seed, row, *drawn));
            }
            (false, Mark::Unsure) => tally.unsure_empty += 1,
            (false, Mark::Empty) => {}
        }
        if !drawn.is_tick() {
            tally.empty += 1;
        }
    }
    tally
}

fn sheets() -> Vec<(Layout, GrayImage)> {
    let mut sheets = vec![];
    for (paper, people, blank) in [
        (Paper::A4, 23, 0),
        (Paper::Letter, 12, 8),
        (Paper::A4, 6, 15),
        (Paper::Letter, 21, 0),
    ] {
        let sheet = testing::sheet(paper, people, blank);
        let rows = paginate(paper, people, blank);
        let pages = draw(&print(&sheet).unwrap(), DPI);
        assert_eq!(rows.len(), 1);
        sheets.push((
            Layout::of(paper, rows[0]).unwrap(),
            pages.into_iter().next().unwrap(),
        ));
    }
    sheets
}

fn many(seeds: std::ops::Range<u64>) -> Tally {
    let sheets = sheets();
    let (sheets, middle) = (&sheets, u64::midpoint(seeds.start, seeds.end));
    let part = |seeds: std::ops::Range<u64>| {
        let mut tally = Tally::default();
        seeds.for_each(|seed| tally.add(one(seed, sheets)));
        tally
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| part(seeds.start..middle));
        let mut second = part(middle..seeds.end);
        second.add(first.join().unwrap());
        second
    })
}

/// `PAPER_PAGES=1000,1000 cargo test -p paper pages -- --nocapture`: how many, and from which seed on. With `PAPER_SAVE` they are
/// also kept in the folder for temporary files, to be looked at.
#[test]
fn two_hundred_pages_are_read() {
    let asked = std::env::var("PAPER_PAGES").unwrap_or_default();
    let mut numbers = asked.split(',').filter_map(|number| number.parse().ok());
    let count = numbers.next().unwrap_or(200);
    let from = numbers.next().unwrap_or(0);
    let tally = many(from..from + count);
    println!("{tally:#?}");
    println!("precision {:.4}, recall {:.4}", tally.precision(), tally.recall());
    assert!(tally.precision() >= 0.995, "precision {}", tally.precision());
    assert!(tally.recall() >= 0.97, "recall {}", tally.recall());
    assert!(
        tally.failed.len() * 50 <= tally.pages,
        "{} of {} pages cannot be read",
        tally.failed.len(),
        tally.pages
    );
}

/// A page that nobody wrote on, and its layout.
fn blank_page() -> (Layout, GrayImage) {
    sheets().remove(1)
}

fn cover(page: &mut GrayImage, area: crate::Area, brightness: u8) {
    for y in (area.y * FINE - 3.0) as u32..((area.y + area.height) * FINE + 3.0) as u32 {
        for x in (area.x * FINE - 3.0) as u32..((area.x + area.width) * FINE + 3.0) as u32 {
            page.put_pixel(x, y, Luma([brightness]));
        }
    }
}

fn marks(page: &GrayImage, layout: &Layout) -> Result<Vec<Mark>, NotAligned> {
    let code = find(page).expect("a code");
    let reading = read(page, &code, layout, THRESHOLD)?;
    Ok(reading.answers.iter().map(|answer| answer.mark).collect())
}

#[test]
fn it_is_read_however_it_is_turned() {
    let (layout, mut page) = blank_page();
    cover(&mut page, layout.rows[4].tick, 40);
    let turned = [
        imageops::rotate90(&page),
        imageops::rotate180(&page),
        imageops::rotate270(&page),
        page,
    ];
    for page in turned {
        let code = find(&page).unwrap();
        assert_eq!(code.text, testing::sheet(Paper::Letter, 12, 8).pages[0].code);
        let reading = read(&page, &code, &layout, THRESHOLD).unwrap();
        for (row, answer) in reading.answers.iter().enumerate() {
            assert_eq!(answer.mark == Mark::Ticked, row == 4, "{row}");
            assert_eq!(answer.mark == Mark::Empty, row != 4, "{row}");
        }
        // A row for a person to read: its box is where it is on paper, and so is the name.
        let strip = reading.strip(&page, 4).unwrap();
        let (area, tick) = (layout.rows[4].area, layout.rows[4].tick);
        let dark = |x: f32, y: f32| {
            strip
                .get_pixel(((x - area.x) * 6.0) as u32, ((y - area.y + 1.5) * 6.0) as u32)
                .0[0]
                < 128
        };
        let (x, y) = tick.center();
        assert!(dark(x, y) && dark(x - 2.0, y - 2.0) && !dark(x - 3.6, y) && !dark(x, y - 3.6));
        let name = (0..600).filter(|at| dark(35.0 + *at as f32 / 20.0, y)).count();
        assert!(name > 20, "no name");
        assert!(reading.strip(&page, 20).is_none());
    }
}

#[test]
fn one_corner_may_be_missing() {
    let (layout, page) = blank_page();
    for missing in 0..4 {
        let mut page = page.clone();
        cover(&mut page, layout.marks[missing], 255);
        assert_eq!(
            marks(&page, &layout).unwrap(),
            [Mark::Empty; 20],
            "without {missing}"
        );
        cover(&mut page, layout.marks[(missing + 1) % 4], 255);
        assert_eq!(marks(&page, &layout), Err(NotAligned));
    }
}

#[test]
fn another_layout_is_not_guessed_at() {
    let (_, page) = blank_page();
    for (printed, blank) in [(21, 0), (0, 21), (6, 13)] {
        let other = Layout::of(Paper::Letter, Rows { printed, blank }).unwrap();
        assert_eq!(marks(&page, &other), Err(NotAligned), "{printed} and {blank}");
    }
    let other = Layout::of(
        Paper::A4,
        Rows {
            printed: 12,
            blank: 8,
        },
    )
    .unwrap();
    assert_eq!(marks(&page, &other), Err(NotAligned));
}

#[test]
fn what_is_no_page_has_no_code() {
    let mut dice = photo::Dice::new(7);
    for (width, height) in [(1, 1), (1, 4_000), (300, 20), (640, 480)] {
        assert_eq!(find(&GrayImage::new(width, height)), None);
        let noise = GrayImage::from_fn(width, height, |_, _| Luma([dice.between(0.0, 255.9) as u8]));
        assert_eq!(find(&noise), None);
    }
    let (layout, mut page) = blank_page();
    cover(&mut page, layout.code, 255);
    assert_eq!(find(&page), None);
}
