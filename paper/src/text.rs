//! A line of text in any script, as glyphs from left to right.

use std::ops::Range;

use harfrust::{Buffer, Direction, ShapeOptions, shape};
use krilla::text::{GlyphId, KrillaGlyph};
use unicode_bidi::{BidiClass, ParagraphBidiInfo};

use crate::fonts::{Fonts, is_unseen};

/// Glyphs of one font, and the text that they show.
pub(crate) struct Run {
    pub(crate) font: usize,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    pub(crate) text: String,
    /// In parts of the font's size.
    pub(crate) width: f32,
}

/// A line, its runs from left to right.
pub(crate) struct Line {
    pub(crate) runs: Vec<Run>,
}

impl Line {
    pub(crate) fn of(fonts: &Fonts, text: &str) -> Self {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let bidi = ParagraphBidiInfo::new(&text, None);
        let mut runs = vec![];
        if !text.is_empty() {
            let (levels, ranges) = bidi.visual_runs(0..text.len());
            for range in ranges {
                let backwards = levels.get(range.start).is_some_and(|level| level.is_rtl());
                let mut parts = by_font(fonts, &bidi, &text, range);
                if backwards {
                    parts.reverse();
                }
                for (font, part) in parts {
                    runs.extend(run(fonts, font, text.get(part).unwrap_or_default(), backwards));
                }
            }
        }
        Self { runs }
    }

    /// In parts of the font's size.
    pub(crate) fn width(&self) -> f32 {
        self.runs.iter().map(|run| run.width).sum()
    }

    /// `text` no wider than `width`, in a size between `sizes`, the larger if it can be; what is still too long is cut, and
    /// ends in an ellipsis. Also the size.
    pub(crate) fn fitted(fonts: &Fonts, text: &str, width: f32, sizes: (f32, f32)) -> (Self, f32) {
        let (smallest, largest) = sizes;
        // Nobody reads more, and shaping it would take long.
        let end = text.char_indices().nth(300).map_or(text.len(), |(at, _)| at);
        let short = text.get(..end).unwrap_or_default().trim();
        let line = Self::of(fonts, short);
        if end == text.len() {
            let size = (width / line.width().max(f32::MIN_POSITIVE)).min(largest);
            if size >= smallest {
                return (line, size);
            }
        }
        // Where it may be cut: halved until one character is left.
        let cuts: Vec<usize> = short.char_indices().map(|(at, _)| at).collect();
        let cut = |count: usize| {
            let at = cuts.get(count).copied().unwrap_or(short.len());
            let shown = short.get(..at).unwrap_or_default().trim_end();
            Self::of(fonts, &format!("{shown}…"))
        };
        let (mut fits, mut too_long) = (0, cuts.len() + 1);
        while too_long - fits > 1 {
            let middle = usize::midpoint(fits, too_long);
            if cut(middle).width() * smallest <= width {
                fits = middle;
            } else {
                too_long = middle;
            }
        }
        (cut(fits), smallest)
    }

    /// `text` in lines no wider than `width`, in parts of the font's size; broken at spaces, or anywhere in a word that is
    /// wider than a line.
    pub(crate) fn wrapped(fonts: &Fonts, text: &str, width: f32) -> Vec<Self> {
        let space = Self::of(fonts, " ").width();
        let (mut lines, mut line, mut used) = (vec![], String::new(), 0.0);
        for word in text.split_whitespace() {
            let needed = Self::of(fonts, word).width();
            if !line.is_empty() && used + space + needed > width {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if !line.is_empty() {
                line.push(' ');
                used += space;
            }
            if needed <= width {
                line.push_str(word);
                used += needed;
                continue;
            }
            for c in word.chars() {
                let needed = Self::of(fonts, c.encode_utf8(&mut [0; 4])).width();
                if !line.is_empty() && used + needed > width {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(c);
                used += needed;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines.iter().map(|line| Self::of(fonts, line)).collect()
    }
}

/// Parts of `range` with the font that prints each. A character and the marks on it stay together.
fn by_font(
    fonts: &Fonts,
    bidi: &ParagraphBidiInfo<'_>,
    text: &str,
    range: Range<usize>,
) -> Vec<(usize, Range<usize>)> {
    let is_mark = |at: usize, c: char| is_unseen(c) || bidi.original_classes.get(at) == Some(&BidiClass::NSM);
    let mut clusters: Vec<Range<usize>> = vec![];
    for (at, c) in text.get(range.clone()).unwrap_or_default().char_indices() {
        let (at, end) = (range.start + at, range.start + at + c.len_utf8());
        match clusters.last_mut() {
            Some(last) if is_mark(at, c) => last.end = end,
            _ => clusters.push(at..end),
        }
    }
    let mut parts: Vec<(usize, Range<usize>)> = vec![];
    for cluster in clusters {
        let text = text.get(cluster.clone()).unwrap_or_default();
        let first = text.chars().next().map_or(0, char::len_utf8);
        // A space and the like stay with what is before them.
        let before = parts.last().map(|(font, _)| *font);
        let stays = before.filter(|&font| !text.chars().all(char::is_alphanumeric) && fonts.has(font, text));
        let font = stays
            .or_else(|| fonts.with(text))
            .or_else(|| fonts.with(text.get(..first).unwrap_or_default()))
            .unwrap_or(0);
        match parts.last_mut() {
            Some((last, range)) if *last == font => range.end = cluster.end,
            _ => parts.push((font, cluster)),
        }
    }
    parts
}

/// The glyphs of a text in one font and direction; nothing if it has none.
fn run(fonts: &Fonts, number: usize, text: &str, backwards: bool) -> Option<Run> {
    let font = fonts.get(number)?;
    let mut buffer = Buffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    buffer.set_direction(match backwards {
        true => Direction::RightToLeft,
        false => Direction::LeftToRight,
    });
    shape(&font.shaper(), &mut buffer, ShapeOptions::new()).ok()?;
    let mut starts: Vec<usize> = buffer
        .glyph_infos()
        .iter()
        .map(|info| info.cluster as usize)
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let glyphs: Vec<_> = buffer
        .glyph_infos()
        .iter()
        .zip(buffer.glyph_positions())
        .map(|(info, position)| {
            let start = info.cluster as usize;
            let after = starts.partition_point(|&other| other <= start);
            let end = starts.get(after).copied().unwrap_or(text.len());
            let part = |units: i32| units as f32 / font.units_per_em;
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                part(position.x_advance),
                part(position.x_offset),
                part(position.y_offset),
                0.0,
                start..end,
                None,
            )
        })
        .collect();
    Some(Run {
        font: number,
        width: glyphs.iter().map(|glyph| glyph.x_advance).sum(),
        glyphs,
        text: text.to_owned(),
    })
}

#[cfg(test)]
#[path = "tests/text.rs"]
mod tests;
