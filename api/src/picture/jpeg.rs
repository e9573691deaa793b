//! Whether a JPEG is whole: the decoder shows grey where one ends early, which somebody would take for the page.

use super::Fault;

/// A progressive picture has about ten scans; each is decoded over the whole picture, so hundreds would take minutes.
const SCANS: usize = 100;

/// Walks from one marker to the next up to the end of the picture. What follows behind is nobody's business: it is not kept.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8]).ok_or(Fault::Damaged)?;
    let mut scans = 0;
    loop {
        let (marker, after) = marker(rest).ok_or(Fault::Damaged)?;
        rest = match marker {
            0xD9 if scans > 0 => return Ok(()),
            0xD9 => return Err(Fault::Damaged),
            0x01 | 0xD0..=0xD7 => after,
            _ => skip(after).ok_or(Fault::Damaged)?,
        };
        if marker == 0xDA {
            scans += 1;
            if scans > SCANS {
                return Err(Fault::Damaged);
            }
            rest = after_scan(rest).ok_or(Fault::Damaged)?;
        }
    }
}

/// The marker that stands here, and what follows it. Fill bytes may stand before.
fn marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let rest = bytes.strip_prefix(&[0xFF])?;
    let start = rest.iter().position(|byte| *byte != 0xFF)?;
    let (marker, after) = rest.get(start..)?.split_first()?;
    (*marker != 0).then_some((*marker, after))
}

/// What follows a segment, which begins with its length.
fn skip(bytes: &[u8]) -> Option<&[u8]> {
    let (length, _) = bytes.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    (length >= 2).then(|| bytes.get(length..)).flatten()
}

/// From the next marker on that is no part of the scan's data.
fn after_scan(bytes: &[u8]) -> Option<&[u8]> {
    let ends = |pair: &[u8]| matches!(pair, [0xFF, next] if !matches!(next, 0x00 | 0xD0..=0xD7 | 0xFF));
    let end = bytes.windows(2).position(ends)?;
    bytes.get(end..)
}
