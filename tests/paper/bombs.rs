//! PDFs that were made to do harm: whatever is drawn of them, it is soon, and with little memory.

use std::time::{Duration, Instant};

use super::{
    document::{Document, packed_zeros, stream},
    program, sizes, sizes_by,
};
use paper::PdfProblem;

/// Nothing drawn but a page, or a problem that fits.
fn harmless(result: &Result<Vec<(u32, u32)>, PdfProblem>) -> bool {
    matches!(
        result,
        Ok(_) | Err(PdfProblem::Damaged | PdfProblem::OutOfMemory | PdfProblem::TimedOut)
    )
}

#[tokio::test]
async fn a_form_that_draws_itself() {
    let mut document = Document::with(1, "[0 0 72 72]", "/F Do");
    let form = stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 72 72] /Resources << /XObject << /F 6 0 R >> >>",
        b"/F Do /F Do",
    );
    let number = document.add(form);
    document.set(4, format!("<< /XObject << /F {number} 0 R >> >>"));
    let result = sizes(document.bytes()).await;
    assert!(harmless(&result), "{result:?}");
}

#[tokio::test]
async fn forms_that_draw_ten_others_each() {
    let mut document = Document::with(1, "[0 0 72 72]", "/F Do");
    document.set(4, "<< /XObject << /F 6 0 R >> >>");
    for level in 0..20 {
        let resources = format!("/Resources << /XObject << /F {} 0 R >> >>", level + 7);
        let entries = format!("/Type /XObject /Subtype /Form /BBox [0 0 72 72] {resources}");
        document.add(stream(&entries, "/F Do ".repeat(10).as_bytes()));
    }
    document.add(stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 72 72]",
        b"0 0 1 1 re f",
    ));
    let begun = Instant::now();
    let result = sizes_by(program(), document.bytes(), Duration::from_secs(3)).await;
    assert_eq!(result, Err(PdfProblem::TimedOut));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn three_gigabytes_in_three_megabytes() {
    let mut document = Document::with(1, "[0 0 72 72]", "");
    document.set(3, stream("/Filter /FlateDecode", &packed_zeros(3 << 30)));
    let bytes = document.bytes();
    assert!(bytes.len() < 20 << 20);
    let result = sizes(bytes).await;
    assert!(harmless(&result), "{result:?}");
}

#[tokio::test]
async fn an_image_of_ten_thousand_megapixels() {
    for size in [100_000u64, 4_000_000_000] {
        let mut document = Document::with(1, "[0 0 72 72]", "72 0 0 72 0 0 cm /I Do");
        let entries = format!(
            "/Type /XObject /Subtype /Image /Width {size} /Height {size} /BitsPerComponent 8 /ColorSpace /DeviceRGB"
        );
        let plain = document.add(stream(&entries, b"tiny"));
        document.set(4, format!("<< /XObject << /I {plain} 0 R >> >>"));
        let result = sizes(document.bytes()).await;
        assert!(harmless(&result), "{result:?}");
        let packed = stream(&format!("{entries} /Filter /FlateDecode"), &packed_zeros(1 << 30));
        document.set(plain, packed);
        let result = sizes(document.bytes()).await;
        assert!(harmless(&result), "{result:?}");
    }
}

#[tokio::test]
async fn a_million_brackets() {
    for (open, close) in [("[", "]"), ("<< /A ", ">>"), ("q ", "Q ")] {
        let deep = format!("{}{}", open.repeat(1_000_000), close.repeat(1_000_000));
        let mut document = Document::with(1, "[0 0 72 72]", &deep);
        let result = sizes(document.bytes()).await;
        assert!(harmless(&result), "{open}: {result:?}");
        document.set(4, deep);
        let result = sizes(document.bytes()).await;
        assert!(harmless(&result), "{open}: {result:?}");
    }
}

#[tokio::test]
async fn pages_within_pages() {
    // A tree of pages whose root is its own child, one that goes down ten thousand times, and one page said fifty-one times.
    let mut loops = Document::with(1, "[0 0 72 72]", "");
    loops.set(2, "<< /Type /Pages /Count 1 /Kids [2 0 R 5 0 R] >>");
    assert!(harmless(&sizes(loops.bytes()).await));
    let mut deep = Document::with(1, "[0 0 72 72]", "");
    deep.set(2, "<< /Type /Pages /Count 1 /Kids [6 0 R] >>");
    for level in 0..10_000 {
        deep.add(format!("<< /Type /Pages /Count 1 /Kids [{} 0 R] >>", level + 7).into_bytes());
    }
    deep.add(b"<< /Type /Page /MediaBox [0 0 72 72] >>".to_vec());
    assert!(harmless(&sizes(deep.bytes()).await));
    let mut many = Document::with(1, "[0 0 72 72]", "");
    many.set(
        2,
        format!(
            "<< /Type /Pages /Count 1 /Kids [{}] >>",
            "<< /Type /Page /MediaBox [0 0 72 72] >> ".repeat(51)
        ),
    );
    assert_eq!(sizes(many.bytes()).await, Err(PdfProblem::TooManyPages));
}

#[tokio::test]
async fn scripts_and_files_do_nothing() {
    let mut document = Document::with(1, "[0 0 72 72]", "");
    document.set(
        1,
        "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> /AA << /WC << /S /Launch /F (/bin/sh) >> >> \
         /Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /F (a) /EF << /F 3 0 R >> >>] >> >> >>",
    );
    assert_eq!(sizes(document.bytes()).await.unwrap(), [(200, 200)]);
}
