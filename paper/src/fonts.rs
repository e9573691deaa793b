//! The fonts that ship with the product, and which of them has a character.

use std::cell::OnceCell;

use harfrust::ShaperFont;
use krilla::text;

/// The first that has a character prints it, so the most common come first, and those of Chinese, Japanese
/// and Korean last. Only the parts of a font that are used are ever in memory, or in a PDF.
const FILES: [&[u8]; 27] = [
    include_bytes!("../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../fonts/NotoSansBengali-Regular.ttf"),
    include_bytes!("../fonts/NotoSansGurmukhi-Regular.ttf"),
    include_bytes!("../fonts/NotoSansGujarati-Regular.ttf"),
    include_bytes!("../fonts/NotoSansOriya-Regular.ttf"),
    include_bytes!("../fonts/NotoSansTamil-Regular.ttf"),
    include_bytes!("../fonts/NotoSansTelugu-Regular.ttf"),
    include_bytes!("../fonts/NotoSansKannada-Regular.ttf"),
    include_bytes!("../fonts/NotoSansMalayalam-Regular.ttf"),
    include_bytes!("../fonts/NotoSansSinhala-Regular.ttf"),
    include_bytes!("../fonts/NotoSansThai-Regular.ttf"),
    include_bytes!("../fonts/NotoSansLao-Regular.ttf"),
    include_bytes!("../fonts/NotoSansKhmer-Regular.ttf"),
    include_bytes!("../fonts/NotoSansMyanmar-Regular.ttf"),
    include_bytes!("../fonts/NotoSansGeorgian-Regular.ttf"),
    include_bytes!("../fonts/NotoSansArmenian-Regular.ttf"),
    include_bytes!("../fonts/NotoSansEthiopic-Regular.ttf"),
    include_bytes!("../fonts/NotoSansCherokee-Regular.ttf"),
    include_bytes!("../fonts/NotoSansCanadianAboriginal-Regular.ttf"),
    include_bytes!("../fonts/NotoSansTifinagh-Regular.ttf"),
    include_bytes!("../fonts/NotoSansThaana-Regular.ttf"),
    include_bytes!("../fonts/NotoSansNKo-Regular.ttf"),
    include_bytes!("../fonts/DroidSansFallbackFull.ttf"),
    include_bytes!("../fonts/NanumSquareR.ttf"),
];

/// One font, as those who shape and those who print need it.
pub(crate) struct Font {
    shaping: harfrust::Font,
    pub(crate) printing: text::Font,
    pub(crate) units_per_em: f32,
}

impl Font {
    fn open(file: &'static [u8]) -> Option<Self> {
        let shaping = harfrust::Font::new(file, 0)?;
        Some(Self {
            units_per_em: f32::from(shaping.units_per_em().max(1)),
            shaping,
            printing: text::Font::new(file.into(), 0)?,
        })
    }

    pub(crate) fn shaper(&self) -> ShaperFont<'_, '_> {
        ShaperFont::new(&self.shaping)
    }

    /// Whether it has all characters of `text`.
    fn has(&self, text: &str) -> bool {
        let shaper = self.shaper();
        text.chars()
            .all(|c| is_unseen(c) || shaper.nominal_glyph(u32::from(c)).is_some())
    }
}

/// All fonts, each opened when it is first needed.
#[derive(Default)]
pub(crate) struct Fonts([OnceCell<Option<Font>>; FILES.len()]);

impl Fonts {
    /// The number of the first font that has all of `text`; nothing if none has.
    pub(crate) fn with(&self, text: &str) -> Option<usize> {
        (0..FILES.len()).find(|&number| self.get(number).is_some_and(|font| font.has(text)))
    }

    pub(crate) fn has(&self, number: usize, text: &str) -> bool {
        self.get(number).is_some_and(|font| font.has(text))
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Font> {
        let file = FILES.get(number)?;
        self.0.get(number)?.get_or_init(|| Font::open(file)).as_ref()
    }
}

/// What only changes its neighbours, and needs no font: joiners, marks of direction, selectors of variants.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_font() {
        let fonts = Fonts::default();
        assert!((0..FILES.len()).all(|number| fonts.get(number).is_some()));
        let size: usize = FILES.iter().map(|file| file.len()).sum();
        assert!(size < 9_000_000, "{size} bytes are part of the program");
    }
}
