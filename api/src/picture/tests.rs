//! Pictures made by hand, and what is left of them.

use image::{GrayImage, Luma, RgbaImage};

use super::*;

fn photo(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        let shade = |value: u32| u8::try_from(value % 256).unwrap();
        Rgb([shade(x), shade(y), shade(x + y)])
    })
    .into()
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(vec![]);
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The markers of a JPEG up to its first scan.
fn markers(jpeg: &[u8]) -> Vec<u8> {
    let mut found = vec![];
    let mut at = 2;
    while jpeg[at + 1] != 0xDA {
        found.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    found
}

/// A JPEG with an EXIF segment that says how it lies and where it was taken, an XMP segment and a comment.
fn with_metadata(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let tiff = [
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(),
        &[orientation, 0, 0, 0],
        b"\0\0\0\0GPS 41.5868N 93.6250W",
    ]
    .concat();
    let segments = [
        (0xE1, [b"Exif\0\0".as_slice(), &tiff].concat()),
        (
            0xE1,
            b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Wren</x:xmpmeta>".to_vec(),
        ),
        (0xED, b"Photoshop 3.0\0Wren".to_vec()),
        (0xFE, b"taken by Wren".to_vec()),
    ];
    let mut whole = jpeg[..2].to_vec();
    for (marker, content) in segments {
        whole.extend([0xFF, marker]);
        whole.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
        whole.extend(content);
    }
    whole.extend(&jpeg[2..]);
    whole
}

const PIXELS: u64 = 40_000_000;

#[test]
fn nothing_but_the_picture_is_kept() {
    let jpeg = with_metadata(&written(&photo(60, 40), ImageFormat::Jpeg), 6);
    let clean = clean(Kind::Jpeg, &jpeg, PIXELS).unwrap();
    assert_eq!(
        (clean.width, clean.height),
        (40, 60),
        "it is turned as its camera says"
    );
    assert_eq!(
        markers(&clean.jpeg)
            .iter()
            .filter(|marker| matches!(marker, 0xE1..=0xEF | 0xFE))
            .count(),
        0
    );
    for word in [b"Wren".as_slice(), b"GPS", b"Exif", b"xmp"] {
        assert!(
            !clean.jpeg.windows(word.len()).any(|part| part == word),
            "{word:?}"
        );
    }
}

#[test]
fn every_kind_is_written_as_jpeg() {
    for (kind, format) in [
        (Kind::Jpeg, ImageFormat::Jpeg),
        (Kind::Png, ImageFormat::Png),
        (Kind::Webp, ImageFormat::WebP),
    ] {
        let bytes = written(&photo(33, 21), format);
        assert_eq!(kind_of(&bytes), Some(kind));
        let clean = clean(kind, &bytes, PIXELS).unwrap();
        assert_eq!((clean.width, clean.height), (33, 21));
        assert_eq!(kind_of(&clean.jpeg), Some(Kind::Jpeg));
        let again = image::load_from_memory(&clean.jpeg).unwrap().to_rgb8();
        let near = again.get_pixel(20, 10).0.iter().zip([20, 10, 30]);
        assert!(
            near.into_iter().all(|(is, was)| is.abs_diff(was) < 24),
            "{:?}",
            again.get_pixel(20, 10)
        );
    }
}

#[test]
fn grey_stays_grey_and_what_lets_through_lies_on_white() {
    let grey = DynamicImage::from(GrayImage::from_pixel(20, 20, Luma([90])));
    let clean_grey = clean(Kind::Png, &written(&grey, ImageFormat::Png), PIXELS).unwrap();
    assert!(
        !image::load_from_memory(&clean_grey.jpeg)
            .unwrap()
            .color()
            .has_color()
    );
    let clear = DynamicImage::from(RgbaImage::new(20, 20));
    let clean_clear = clean(Kind::Png, &written(&clear, ImageFormat::Png), PIXELS).unwrap();
    let seen = image::load_from_memory(&clean_clear.jpeg).unwrap().to_luma8();
    assert!(seen.get_pixel(10, 10).0[0] > 250);
}

#[test]
fn a_jpeg_that_ends_early_is_damaged_wherever_it_ends() {
    let jpeg = written(&photo(64, 64), ImageFormat::Jpeg);
    for end in (2..jpeg.len()).step_by(7) {
        assert_eq!(
            clean(Kind::Jpeg, &jpeg[..end], PIXELS).unwrap_err(),
            Fault::Damaged,
            "{end}"
        );
    }
    assert!(
        clean(Kind::Jpeg, &[&jpeg[..], b"PK\x03\x04 and more"].concat(), PIXELS).is_ok(),
        "what follows is left out"
    );
}

#[test]
fn a_png_or_webp_that_ends_early_is_damaged() {
    for (kind, format) in [(Kind::Png, ImageFormat::Png), (Kind::Webp, ImageFormat::WebP)] {
        let bytes = written(&photo(64, 64), format);
        for end in (8..bytes.len() - 24).step_by(61) {
            assert_eq!(
                clean(kind, &bytes[..end], PIXELS).unwrap_err(),
                Fault::Damaged,
                "{kind:?} {end}"
            );
        }
    }
}

#[test]
fn what_is_too_large_is_not_decoded() {
    let small = written(&photo(100, 100), ImageFormat::Png);
    assert_eq!(clean(Kind::Png, &small, 9_999).unwrap_err(), Fault::TooManyPixels);
    // Of a larger one only the head says so.
    let mut jpeg = written(&photo(16, 16), ImageFormat::Jpeg);
    let head = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[head + 5..head + 9].fill(0xFF);
    assert_eq!(
        clean(Kind::Jpeg, &jpeg, PIXELS).unwrap_err(),
        Fault::TooManyPixels
    );
}

#[test]
fn a_large_picture_becomes_smaller() {
    let clean = write(photo(8_192, 100)).unwrap();
    assert_eq!((clean.width, clean.height), (4_096, 50));
}
