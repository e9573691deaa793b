use super::*;
use crate::testing::NAMES;

#[test]
fn every_script_has_glyphs() {
    let fonts = Fonts::default();
    for name in NAMES {
        let line = Line::of(&fonts, name);
        assert!(line.width() > 1.0, "{name}");
        for glyph in line.runs.iter().flat_map(|run| &run.glyphs) {
            assert_ne!(glyph.glyph_id.to_u32(), 0, "a missing glyph in {name}");
        }
    }
}

#[test]
fn what_no_font_has_is_a_box() {
    let fonts = Fonts::default();
    let line = Line::of(&fonts, "𒀀");
    assert_eq!(line.runs[0].glyphs[0].glyph_id.to_u32(), 0);
    assert!(line.width() > 0.1);
}

#[test]
fn joined_letters_are_joined() {
    let fonts = Fonts::default();
    // Alone, in the middle of a word and as a ligature a letter has other glyphs.
    let ids = |text: &str| -> Vec<u32> {
        let line = Line::of(&fonts, text);
        let glyphs = line.runs.iter().flat_map(|run| &run.glyphs);
        glyphs.map(|glyph| glyph.glyph_id.to_u32()).collect()
    };
    assert_ne!(ids("سسس"), [ids("س"), ids("س"), ids("س")].concat());
    assert!(ids("क्ष").len() < 3, "a conjunct");
}

#[test]
fn right_to_left_within_left_to_right() {
    let fonts = Fonts::default();
    let line = Line::of(&fonts, "Ada שרה 12 Bo");
    let texts: Vec<_> = line.runs.iter().map(|run| run.text.trim()).collect();
    assert_eq!(texts.join("|").replace("||", "|"), "Ada|12|שרה|Bo");
    let hebrew = line.runs.iter().find(|run| run.text.contains('ש')).unwrap();
    let starts: Vec<_> = hebrew.glyphs.iter().map(|glyph| glyph.text_range.start).collect();
    assert!(starts.is_sorted_by(|a, b| a > b), "{starts:?}");
}

#[test]
fn long_names_shrink_and_are_cut() {
    let fonts = Fonts::default();
    let (_, size) = Line::fitted(&fonts, "Ada", 200.0, (7.0, 12.0));
    assert_eq!(size, 12.0);
    let (line, size) = Line::fitted(&fonts, &"Ada Example ".repeat(3), 200.0, (7.0, 12.0));
    assert!(
        size < 12.0 && size > 7.0 && line.width() * size <= 200.1,
        "{size}"
    );
    for text in [
        "Ada Example ".repeat(30),
        "شرة".repeat(50),
        "例".repeat(5_000),
        "́".repeat(5_000),
    ] {
        let (line, size) = Line::fitted(&fonts, &text, 200.0, (7.0, 12.0));
        assert!(line.width() * size <= 200.1);
        if !text.starts_with('\u{301}') {
            assert!(line.runs.iter().any(|run| run.text.contains('…')), "{text}");
        }
    }
    assert_eq!(Line::of(&fonts, "").width(), 0.0);
}

#[test]
fn lines_are_no_wider_than_asked_for() {
    let fonts = Fonts::default();
    let text = "I agree that we write to you about events. ".repeat(9) + &"x".repeat(120) + &"例".repeat(80);
    let lines = Line::wrapped(&fonts, &text, 30.0);
    assert!(lines.iter().all(|line| line.width() <= 30.2));
    let shown: String = lines
        .iter()
        .flat_map(|line| &line.runs)
        .map(|run| run.text.as_str())
        .collect();
    assert_eq!(shown.replace(' ', ""), text.replace(' ', ""), "nothing is lost");
}
