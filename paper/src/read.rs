//! What was ticked on a page.

use image::{GrayImage, Luma};

use crate::{
    Layout, RowLayout,
    align::{View, align},
    code::Code,
    gray,
    marks::{Offset, Spot},
};

/// What a box says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// There is a tick, a cross, a stroke, or it is filled.
    Ticked,
    /// There is nothing in it.
    Empty,
    /// A person has to look.
    Unsure,
}

/// The box of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// What it says.
    pub mark: Mark,
    /// How sure that is, from 0.5 to 1; for [`Mark::Unsure`], how sure the likelier of the others would be.
    pub confidence: f32,
}

/// How sure a reading has to be of a box; below, it is [`Mark::Unsure`].
pub const THRESHOLD: f32 = 0.9;

/// A page that was read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The boxes, in the order of the layout's rows.
    pub answers: Vec<Answer>,
    view: View,
    rows: Vec<RowLayout>,
}

/// The page does not lie in the image as it must, with its corner marks and boxes in their places: a person has to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the page's corner marks or boxes are not where they must be")]
pub struct NotAligned;

/// Reads the boxes of a page whose code was [found](crate::find) in the image, and says which of them are ticked.
///
/// `threshold` is how sure it must be, from 0.5 to 1, usually [`THRESHOLD`]. A box with anything in it that is clearly more than
/// dust counts as ticked, a filled one too. [`Mark::Unsure`] are: a straight line that passes through the box and ends
/// more than a millimetre beyond it on both sides, a box that is written over inside and out, and an empty box with ink beside it.
///
/// Memory: little beside the image. Read one page at a time: see [`find`](crate::find).
pub fn read(image: &GrayImage, code: &Code, layout: &Layout, threshold: f32) -> Result<Reading, NotAligned> {
    let view = align(image, code, layout).ok_or(NotAligned)?;
    let spots: Vec<Spot> = layout
        .rows
        .iter()
        .map(|row| Spot::of(image, &view, row))
        .collect();
    let offsets: Vec<Offset> = spots.iter().map(Spot::offset).collect();
    // The outlines of a page are all printed alike: something else that is dark is not taken for one of them.
    let mut strengths: Vec<f32> = offsets.iter().map(|offset| offset.strength).collect();
    strengths.sort_by(f32::total_cmp);
    let strong = strengths.get(strengths.len() * 3 / 4).copied().unwrap_or(1.0);
    let least = (strong / 2.0).max(OUTLINE);
    let seen = strengths.iter().filter(|strength| **strength > least).count();
    if (seen as f32) < 0.75 * offsets.len() as f32 {
        return Err(NotAligned);
    }
    let answers = spots.iter().enumerate().map(|(number, spot)| {
        let offset = agreed(&layout.rows, &offsets, number);
        answer(spot.likelihood(offset), threshold)
    });
    Ok(Reading {
        answers: answers.collect(),
        view,
        rows: layout.rows.clone(),
    })
}

/// How much darker than paper the outline of a box is at least.
const OUTLINE: f32 = 0.08;

fn answer(likelihood: f32, threshold: f32) -> Answer {
    let mark = match likelihood {
        ticked if ticked >= threshold => Mark::Ticked,
        empty if empty <= 1.0 - threshold => Mark::Empty,
        _ => Mark::Unsure,
    };
    Answer {
        mark,
        confidence: likelihood.max(1.0 - likelihood),
    }
}

/// Where a box is by its own outline, if those above and below say nearly the same; otherwise as they say.
fn agreed(rows: &[RowLayout], offsets: &[Offset], number: usize) -> Offset {
    let kind = rows.get(number).map(|row| row.kind);
    let near = || {
        let near = offsets.iter().zip(rows).enumerate();
        near.filter(|(other, (offset, row))| {
            other.abs_diff(number) <= 3 && Some(row.kind) == kind && offset.strength > OUTLINE
        })
        .map(|(_, (offset, _))| offset)
    };
    let own = offsets.get(number).copied().unwrap_or(Offset {
        right: 0,
        down: 0,
        strength: 0.0,
    });
    let right = gray::median(near().map(|offset| offset.right as f32)).unwrap_or_default() as i32;
    let down = gray::median(near().map(|offset| offset.down as f32)).unwrap_or_default() as i32;
    let agrees = own.strength > OUTLINE && (own.right - right).abs() <= 3 && (own.down - down).abs() <= 3;
    match agrees {
        true => own,
        false => Offset { right, down, ..own },
    }
}

impl Reading {
    /// A row, cut out and straightened, for a person who keys what is written there; nothing if there is no such row.
    ///
    /// About 150 dots to the inch: 1,070 pixels wide.
    pub fn strip(&self, image: &GrayImage, row: usize) -> Option<GrayImage> {
        /// Pixels in a millimetre.
        const FINE: f32 = 6.0;
        /// What is shown above and below: people write over lines.
        const MORE: f32 = 1.5;
        let area = self.rows.get(row)?.area;
        let (width, height) = (area.width * FINE, (area.height + 2.0 * MORE) * FINE);
        Some(GrayImage::from_fn(width as u32, height as u32, |x, y| {
            let place = (area.x + x as f32 / FINE, area.y - MORE + y as f32 / FINE);
            let (u, v) = self.view.at(place);
            Luma([gray::at(image, u, v) as u8])
        }))
    }
}

#[cfg(test)]
#[path = "tests/read.rs"]
mod tests;
