//! Files, good and bad, made by hand.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};

pub(crate) fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(vec![]);
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn shade(value: usize) -> u8 {
    u8::try_from(value % 256).unwrap()
}

/// A small JPEG, another one for each `seed`.
pub(crate) fn photo(seed: usize) -> Vec<u8> {
    let image = RgbImage::from_fn(64, 48, |x, y| {
        let (x, y) = (x as usize, y as usize);
        Rgb([shade(x * 3 + seed), shade(y * 5 + seed * 7), shade(x * y)])
    });
    written(&image.into(), ImageFormat::Jpeg)
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let image = RgbaImage::from_fn(width, height, |x, y| {
        Rgba([shade(x as usize), shade(y as usize), 9, 200])
    });
    written(&image.into(), ImageFormat::Png)
}

pub(crate) fn webp() -> Vec<u8> {
    let photo = image::load_from_memory(&photo(3)).unwrap();
    written(&photo, ImageFormat::WebP)
}

pub(crate) fn grey_png_16() -> Vec<u8> {
    let image = image::ImageBuffer::<Luma<u16>, Vec<u16>>::from_fn(30, 20, |x, _| {
        Luma([u16::try_from(x * 2000).unwrap()])
    });
    written(&DynamicImage::ImageLuma16(image), ImageFormat::Png)
}

pub(crate) fn grey_jpeg() -> Vec<u8> {
    written(
        &GrayImage::from_pixel(33, 17, Luma([77])).into(),
        ImageFormat::Jpeg,
    )
}

/// A JPEG with a segment of `content` behind its beginning.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, content, &jpeg[2..]].concat()
}

/// A JPEG that says how it lies, where it was taken and by whom, in each way that there is.
pub(crate) fn with_metadata(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let tiff = [
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(),
        &[orientation, 0, 0, 0],
        b"\0\0\0\0GPS 41.5868N 93.6250W",
    ]
    .concat();
    let mut whole = with_segment(jpeg, 0xFE, b"taken by Wren");
    whole = with_segment(&whole, 0xED, b"Photoshop 3.0\x008BIM Wren");
    whole = with_segment(
        &whole,
        0xE1,
        b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Wren</x:xmpmeta>",
    );
    with_segment(&whole, 0xE1, &tiff)
}

/// The size in the head of a JPEG made another one.
pub(crate) fn jpeg_of_size(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = photo(0);
    let head = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[head + 5..head + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[head + 7..head + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let named = [name.as_slice(), content].concat();
    [length.as_slice(), &named, &crc(&named).to_be_bytes()].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// A PNG of that size whose data are the few bytes that are given.
pub(crate) fn png_of_size(width: u32, height: u32, depth: u8, color: u8, data: &[u8]) -> Vec<u8> {
    let head = [
        width.to_be_bytes().as_slice(),
        &height.to_be_bytes(),
        &[depth, color, 0, 0, 0],
    ]
    .concat();
    let parts = [chunk(b"IHDR", &head), chunk(b"IDAT", data), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1A\n".as_slice(), &parts.concat()].concat()
}

/// A PNG with a chunk of text before its data.
pub(crate) fn png_with(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let png = png(20, 20);
    let end_of_head = 8 + 25;
    [&png[..end_of_head], &chunk(name, content), &png[end_of_head..]].concat()
}

/// HEIC as phones begin it.
pub(crate) fn heic(brand: &[u8; 4]) -> Vec<u8> {
    [
        b"\0\0\0\x18ftyp".as_slice(),
        brand,
        b"\0\0\0\0mif1heic",
        &[7; 500],
    ]
    .concat()
}
