use super::*;
use crate::testing::{self, draw};

#[test]
fn it_is_the_same_for_the_same_sheet() {
    assert_eq!(
        print(&testing::sheet(Paper::A4, 40, 6)),
        print(&testing::sheet(Paper::A4, 40, 6))
    );
}

#[test]
fn both_sizes_have_what_the_layout_says() {
    for paper in [Paper::A4, Paper::Letter] {
        let sheet = testing::sheet(paper, 30, 12);
        let pages = draw(&print(&sheet).unwrap(), 200.0);
        assert_eq!(pages.len(), sheet.pages.len());
        assert!(pages.len() > 1);
        for (page, image) in sheet.pages.iter().zip(&pages) {
            let rows = Rows {
                printed: page.people.len(),
                blank: page.blank,
            };
            let layout = Layout::of(paper, rows).unwrap();
            let scale = 200.0 / 25.4;
            let dark = |x: f32, y: f32| image.get_pixel((x * scale) as u32, (y * scale) as u32).0[0] < 100;
            for mark in layout.marks {
                let (x, y) = mark.center();
                assert!(dark(x - 2.8, y) && dark(x + 2.8, y + 2.8), "a mark");
                assert!(!dark(x - 3.4, y) && !dark(x, y + 3.4), "around a mark");
            }
            for row in &layout.rows {
                let tick = row.tick;
                let (x, y) = tick.center();
                for at in [1.0, 2.0, 3.0, 4.0] {
                    assert!(
                        dark(tick.x, tick.y + at) && dark(tick.x + at, tick.y + TICK),
                        "its line"
                    );
                }
                let clear = |away: f32| {
                    (-20..=20).all(|step| {
                        let along = step as f32 / 20.0 * away;
                        !dark(x + along, y - away)
                            && !dark(x + along, y + away)
                            && !dark(x - away, y + along)
                            && !dark(x + away, y + along)
                    })
                };
                for step in [0.0, 1.0, 2.0, 2.1, 2.9, 3.5, 4.4] {
                    assert!(clear(step), "{step} mm from the middle of a box");
                }
            }
        }
    }
}

#[test]
fn names_are_where_they_belong() {
    // Each page once with names and once without: they differ in the column of names, in every row.
    let with = testing::sheet(Paper::A4, 20, 0);
    let mut without = testing::sheet(Paper::A4, 20, 0);
    for person in without.pages.iter_mut().flat_map(|page| &mut page.people) {
        person.name.clear();
    }
    let layout = Layout::of(
        Paper::A4,
        Rows {
            printed: 20,
            blank: 0,
        },
    )
    .unwrap();
    let (with, without) = (
        draw(&print(&with).unwrap(), 150.0),
        draw(&print(&without).unwrap(), 150.0),
    );
    let scale = with[0].width() as f32 / layout.size.0;
    for row in &layout.rows {
        let mut differing = 0;
        for y in (row.area.y * scale) as u32..((row.area.y + row.area.height) * scale) as u32 {
            for x in 0..with[0].width() {
                let differs = with[0].get_pixel(x, y) != without[0].get_pixel(x, y);
                let place = x as f32 / scale;
                assert!(!differs || (34.5..112.0).contains(&place), "a name at {place} mm");
                differing += u32::from(differs);
            }
        }
        assert!(differing > 100, "no name in a row");
    }
}

#[test]
fn what_does_not_fit_is_said() {
    let mut sheet = testing::sheet(Paper::Letter, 2, 2);
    sheet.consent = "I agree to all of this. ".repeat(40);
    assert!(print(&sheet).is_ok());
    sheet.consent = "I agree to all of this. ".repeat(200);
    assert_eq!(print(&sheet).unwrap_err(), PrintProblem::ConsentTooLong);
    sheet.consent.clear();
    sheet.pages[0].code = "x".repeat(CODE_LIMIT);
    assert!(print(&sheet).is_ok());
    sheet.pages[0].code.push('x');
    assert_eq!(print(&sheet).unwrap_err(), PrintProblem::CodeTooLong(1));
    sheet.pages[0].code.clear();
    sheet.pages[0].blank = 40;
    assert_eq!(print(&sheet).unwrap_err(), PrintProblem::TooManyRows(1));
}

#[test]
fn a_sheet_of_all_scripts_is_small() {
    let pdf = print(&testing::sheet(Paper::A4, 26, 4)).unwrap();
    assert!(pdf.len() < 400_000, "{} bytes", pdf.len());
}
