//! What tests need: a sheet, and its pages as images.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    render,
};
use image::GrayImage;

use crate::{Page, Paper, Person, Sheet, Words, paginate};

/// Names in scripts that people have names in; invented, or those of languages.
pub(crate) const NAMES: [&str; 26] = [
    "Ada Example",
    "Zoë Ångström-Łukasz",
    "Nguyễn Thị Ví Dụ",
    "Ελένη Παραδειγματίδου",
    "Анна Примерова",
    "שרה לדוגמה",
    "سارة المثال",
    "نمونه فارسی گ چ پ ژ",
    "उदाहरण शर्मा क्षत्रिय",
    "উদাহরণ ব্যানার্জি",
    "ਉਦਾਹਰਣ ਸਿੰਘ",
    "ઉદાહરણ પટેલ",
    "ଉଦାହରଣ ଦାସ",
    "உதாரணம் குமார்",
    "ఉదాహరణ రావు",
    "ಉದಾಹರಣೆ ಗೌಡ",
    "ഉദാഹരണം നായർ",
    "උදාහරණ සිල්වා",
    "ตัวอย่าง ใจดี",
    "ຕົວຢ່າງ ດີ",
    "ឧទាហរណ៍ ល្អ",
    "ဥပမာ မောင်",
    "მაგალითი შვილი",
    "Օրինակ Յան",
    "ምሳሌ አበበ",
    "例子 サンプル 예시",
];

/// A sheet with names in all scripts.
pub(crate) fn sheet(paper: Paper, people: usize, blank: usize) -> Sheet {
    let mut number = 0;
    let pages = paginate(paper, people, blank);
    let page = |(at, rows): (usize, &crate::Rows)| Page {
        code: format!("{at}.{}", "Zm9vYmFyYmF6cXV4".repeat(8)),
        people: (0..rows.printed)
            .map(|_| {
                number += 1;
                let name = NAMES[(number - 1) % NAMES.len()].to_owned();
                Person {
                    number,
                    name,
                    party_size: (number % 3) as u32,
                }
            })
            .collect(),
        blank: rows.blank,
    };
    Sheet {
        paper,
        words: Words::ENGLISH,
        title: "Meeting about the new bus lane · réunion · اجتماع".to_owned(),
        details: vec!["Saturday, 14 November 2026, 6:30 pm".to_owned(), "Town hall, 1 Example Street".to_owned()],
        consent: "By ticking \"I agree\" I agree that the Example Campaign writes to me about events near me. I can take \
            this back at any time, by one click in every message."
            .to_owned(),
        pages: pages.iter().enumerate().map(page).collect(),
    }
}

/// The pages of a PDF, at so many dots per inch.
pub(crate) fn draw(pdf: &[u8], dpi: f32) -> Vec<GrayImage> {
    let pdf = Pdf::new(pdf.to_vec()).unwrap();
    let cache = RenderCache::new();
    let settings = PixmapSettings {
        x_scale: dpi / 72.0,
        y_scale: dpi / 72.0,
        bg_color: hayro::vello_cpu::color::palette::css::WHITE,
    };
    let pages = pdf.pages().iter().map(|page| {
        let drawn = render(
            page,
            &cache,
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            &settings,
        );
        let gray = drawn.data().iter().map(|pixel| pixel.g).collect();
        GrayImage::from_raw(u32::from(drawn.width()), u32::from(drawn.height()), gray).unwrap()
    });
    pages.collect()
}
