//! PDFs, good and bad, made by hand, and what becomes of them.

use serde_json::json;

use super::{contains, here, kept, send};
use crate::harness::World;

scenario! {
    /// Every page of a PDF is a picture; what it wants to run runs nowhere.
    async fn pages_are_drawn(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let pdf = json!({"mediaType": "application/pdf"});
        let (status, answer) = send(world, &host, &made.id, pages(3), pdf.clone()).await;
        assert_eq!(status, 201, "{answer}");
        assert_eq!(answer["pageIds"].as_array().unwrap().len(), 3);
        assert_eq!(kept(world).await, [3, 1, 3, 1]);
        let (status, answer) = send(world, &host, &made.id, active(), pdf).await;
        assert_eq!(status, 201, "{answer}");
        let picture = picture_of(world, &host, &answer["pageIds"][0]).await;
        for word in [b"canary".as_slice(), b"JavaScript", b"MZ secret"] {
            assert!(!contains(&picture, word), "{word:?}");
        }
        let image = image::load_from_memory(&picture).unwrap().to_luma8();
        let (width, height) = image.dimensions();
        assert!(width.abs_diff(278) < 3 && height.abs_diff(389) < 3, "{width} by {height}: 200 dots an inch");
        let at = |x: f32, y: f32| image.get_pixel((x * 200.0 / 72.0) as u32, ((140.0 - y) * 200.0 / 72.0) as u32).0[0];
        assert!(at(50.0, 35.0) < 20 && at(50.0, 100.0) > 235, "the bar is where it was drawn");
        world.drain().await;
    }
}

async fn picture_of(world: &World, host: &crate::harness::Caller, page: &serde_json::Value) -> Vec<u8> {
    let link = host.mutate("viewSheetPage", json!({"pageId": page}), "url").await;
    let response = reqwest::get(here(world, &link.text("/viewSheetPage/url")))
        .await
        .unwrap();
    response.bytes().await.unwrap().to_vec()
}

scenario! {
    /// PDFs that nobody should take leave nothing, and take little time.
    async fn bad_pdfs_leave_nothing(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let whole = pages(2);
        let polyglot = [b"%PDF-1.7\n".as_slice(), &super::files::photo(1)].concat();
        for (name, bytes, problem) in [
            ("one with a password", encrypted(), "ENCRYPTED"),
            ("one of 51 pages", pages(51), "TOO_MANY_PAGES"),
            ("one of no pages", pages(0), "DAMAGED"),
            ("one of a million points", of_size("1000000 1000000"), "TOO_MANY_PIXELS"),
            ("a head", b"%PDF-1.7\n and nothing more".to_vec(), "DAMAGED"),
            ("a part", whole[..40].to_vec(), "DAMAGED"),
            ("a picture that says it is one", polyglot, "DAMAGED"),
            ("brackets", nested(), "DAMAGED"),
        ] {
            let (status, answer) = send(world, &host, &made.id, bytes, json!({"mediaType": "application/pdf"})).await;
            assert_eq!((status, &answer["errors"][0]["extensions"]["file"]), (422, &json!(problem)), "{name}: {answer}");
            assert_eq!(kept(world).await, [0; 4], "{name}");
        }
        // What can be drawn in part may be taken or not; it ends soon, and leaves all or nothing.
        for (name, bytes) in [("a form in itself", recursive()), ("an enormous picture", picture_bomb())] {
            let before = kept(world).await;
            let (status, answer) = send(world, &host, &made.id, bytes, json!({"mediaType": "application/pdf"})).await;
            match status {
                201 => assert_eq!(kept(world).await, before.map(|count| count + 1), "{name}"),
                422 => assert_eq!(kept(world).await, before, "{name}"),
                other => panic!("{name}: {other} {answer}"),
            }
        }
        world.drain().await;
    }
}

/// A PDF of these objects, from 1 on, with what its trailer says beside.
fn pdf_of(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut text = "%PDF-1.7\n".to_owned();
    let mut at = vec![];
    for (number, object) in (1..).zip(objects) {
        at.push(text.len());
        text.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let (xref, count) = (text.len(), objects.len() + 1);
    text.push_str(&format!("xref\n0 {count}\n0000000000 65535 f \n"));
    for at in at {
        text.push_str(&format!("{at:010} 00000 n \n"));
    }
    text.push_str(&format!(
        "trailer\n<</Size {count}/Root 1 0 R{trailer}>>\nstartxref\n{xref}\n%%EOF\n"
    ));
    text.into_bytes()
}

fn stream(dictionary: &str, content: &str) -> String {
    format!(
        "<<{dictionary}/Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// So many pages of a size, each with a bar; with more in the catalogue, more objects after the others, and more in the trailer.
fn with(pages: usize, size: &str, more: &str, objects: &[String], trailer: &str) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|i| format!("{} 0 R", 4 + i)).collect();
    let mut all = vec![
        format!("<</Type/Catalog/Pages 2 0 R{more}>>"),
        format!("<</Type/Pages/Count {pages}/Kids[{}]>>", kids.join(" ")),
        stream("", "0 0 0 rg 20 20 60 30 re f"),
    ];
    let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size}]/Contents 3 0 R/Resources<<>>>>");
    all.extend(vec![page; pages]);
    all.extend(objects.iter().cloned());
    pdf_of(&all, trailer)
}

/// So many pages, each with a bar.
pub(crate) fn pages(count: usize) -> Vec<u8> {
    with(count, "100 140", "", &[], "")
}

/// A page of so many points.
pub(crate) fn of_size(size: &str) -> Vec<u8> {
    with(1, size, "", &[], "")
}

/// One that wants to run a script, start a program, send a form, and open what it brings.
pub(crate) fn active() -> Vec<u8> {
    let more = "/OpenAction<</S/JavaScript/JS(app.alert\\('secret-canary'\\))>>/AA<</WC<</S/Launch/F(/bin/sh)>>>>\
        /Names<</EmbeddedFiles<</Names[(x.exe) 5 0 R]>>/JavaScript<</Names[(a)<</S/JavaScript/JS(secret-canary)>>]>>>>";
    let objects = [
        "<</Type/Filespec/F(x.exe)/EF<</F 6 0 R>>>>".to_owned(),
        stream("/Type/EmbeddedFile", "MZ secret-canary"),
    ];
    with(1, "100 140", more, &objects, "")
}

/// One that opens with a password that nobody told.
pub(crate) fn encrypted() -> Vec<u8> {
    let word = "AB".repeat(32);
    let encrypt = format!("<</Filter/Standard/V 1/R 2/P -4/O<{word}>/U<{word}>>>");
    with(1, "100 140", "", &[encrypt], "/Encrypt 5 0 R/ID[<00><00>]")
}

/// One whose form draws itself, inside of itself, without an end.
pub(crate) fn recursive() -> Vec<u8> {
    let form = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 100 100]/Resources<</XObject<</X 5 0 R>>>>",
        "/X Do /X Do",
    );
    let page =
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 140]/Contents 3 0 R/Resources<</XObject<</X 5 0 R>>>>>>";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[4 0 R]>>".to_owned(),
        stream("", "/X Do"),
        page.to_owned(),
        form,
    ];
    pdf_of(&objects, "")
}

/// One with a picture that says it is enormous, and is a few bytes.
pub(crate) fn picture_bomb() -> Vec<u8> {
    let image = stream(
        "/Type/XObject/Subtype/Image/Width 2000000/Height 2000000/ColorSpace/DeviceRGB/BitsPerComponent 8",
        "abc",
    );
    let page =
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 140]/Contents 3 0 R/Resources<</XObject<</X 5 0 R>>>>>>";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[4 0 R]>>".to_owned(),
        stream("", "100 0 0 100 0 0 cm /X Do"),
        page.to_owned(),
        image,
    ];
    pdf_of(&objects, "")
}

/// Pages inside of pages inside of pages.
pub(crate) fn nested() -> Vec<u8> {
    let mut text = b"%PDF-1.7\n1 0 obj\n".to_vec();
    text.extend("[".repeat(200_000).into_bytes());
    text.extend(b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF");
    text
}
