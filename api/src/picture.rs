//! Pictures that people send, made into plain ones: decoded within bounds, turned as their camera says, and written anew as
//! JPEG, so that nothing of the file but what one sees is kept: no place, no time, no camera, nothing hidden behind it.

mod jpeg;

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder, error::ImageResult,
};

/// What is written, of 100: letters stay sharp, and a page has some hundred KiB.
const QUALITY: u8 = 85;
/// Pixels of the longer side that are kept: an A4 page at 350 dots an inch.
const LONGEST: u32 = 4096;
/// A pixel has so many bytes at most while it is decoded; deeper ones have to be fewer.
const BYTES: u64 = 4;

/// What a file is by its first bytes, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JPEG
    Jpeg,
    /// PNG
    Png,
    /// WebP
    Webp,
    /// PDF
    Pdf,
    /// HEIC, HEIF or AVIF: what newer phones write.
    Heic,
}

/// A picture with nothing behind it.
#[derive(Clone, Debug)]
pub struct Picture {
    /// JPEG without metadata: grey where the picture was.
    pub jpeg: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not whole, or not what it begins as.
    Damaged,
    /// It has more pixels than are decoded, or would take as much memory.
    TooManyPixels,
}

/// So many first bytes tell what a file is.
pub const MAGIC: usize = 12;

/// What begins so; none for everything else.
pub fn kind_of(start: &[u8]) -> Option<Kind> {
    let brand = start.get(8..12).filter(|_| start.get(4..8) == Some(b"ftyp"));
    match start {
        [0xFF, 0xD8, 0xFF, ..] => Some(Kind::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Kind::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::Webp),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(Kind::Pdf),
        _ => brand
            .filter(|brand| {
                matches!(
                    *brand,
                    b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" | b"avif"
                )
            })
            .map(|_| Kind::Heic),
    }
}

/// Decodes a picture of `kind` with at most so many pixels and writes it anew. Takes long, and memory: some bytes for each
/// pixel.
pub fn clean(kind: Kind, bytes: &[u8], pixels: u64) -> Result<Picture, Fault> {
    let format = match kind {
        Kind::Jpeg => {
            jpeg::check(bytes)?;
            ImageFormat::Jpeg
        }
        Kind::Png => ImageFormat::Png,
        Kind::Webp => ImageFormat::WebP,
        Kind::Pdf | Kind::Heic => return Err(Fault::Damaged),
    };
    let image = decode(format, bytes, pixels)?;
    encode(shrunk(image))
}

/// Writes an image that was decoded elsewhere, such as a page of a PDF.
pub fn write(image: DynamicImage) -> Result<Picture, Fault> {
    encode(shrunk(image))
}

fn decode(format: ImageFormat, bytes: &[u8], pixels: u64) -> Result<DynamicImage, Fault> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(pixels.saturating_mul(BYTES));
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Fault::Damaged);
    }
    if u64::from(width) * u64::from(height) > pixels {
        return Err(Fault::TooManyPixels);
    }
    if decoder.total_bytes() > pixels.saturating_mul(BYTES) {
        return Err(Fault::TooManyPixels); // deep ones
    }
    // A picture that does not say how it lies is right as it lies.
    let orientation = decoder.orientation();
    let mut image = DynamicImage::from_decoder(decoder).map_err(fault)?;
    if let Ok(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    Ok(image)
}

fn fault(error: ImageError) -> Fault {
    match error {
        ImageError::Limits(_) => Fault::TooManyPixels,
        _ => Fault::Damaged,
    }
}

fn shrunk(image: DynamicImage) -> DynamicImage {
    match image.width().max(image.height()) {
        longest if longest > LONGEST => image.thumbnail(LONGEST, LONGEST),
        _ => image,
    }
}

fn encode(image: DynamicImage) -> Result<Picture, Fault> {
    let (width, height) = (image.width(), image.height());
    let mut jpeg = vec![];
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    let written: ImageResult<()> = match image.color().has_color() {
        _ if image.color().has_alpha() => encoder.encode_image(&on_white(&image)),
        true => encoder.encode_image(&image.into_rgb8()),
        false => encoder.encode_image(&image.into_luma8()),
    };
    written.map_err(fault)?;
    Ok(Picture { jpeg, width, height })
}

/// What one sees of a picture that lets through, on paper.
fn on_white(image: &DynamicImage) -> RgbImage {
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [r, g, b, alpha] = image.get_pixel(x, y).0;
        let over = |channel: u8| {
            let sum = u16::from(channel) * u16::from(alpha) + 255 * u16::from(255 - alpha);
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(r), over(g), over(b)])
    })
}

#[cfg(test)]
mod tests;
