//! PDFs of strangers, drawn by the program in a process of its own.

mod bombs;
mod document;

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use paper::{PAGE_LIMIT, Page, Pages, Paper, PdfProblem, Person, Sheet, Words};

use crate::harness::process::Folder;
use document::Document;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_turnout"))
}

/// The sizes of the pages that are drawn, or what is wrong with the PDF; in any case soon.
async fn sizes(pdf: Vec<u8>) -> Result<Vec<(u32, u32)>, PdfProblem> {
    let begun = Instant::now();
    let sizes = sizes_by(program(), pdf, Duration::from_secs(20)).await;
    assert!(begun.elapsed() < Duration::from_secs(22), "{:?}", begun.elapsed());
    sizes
}

async fn sizes_by(program: &Path, pdf: Vec<u8>, time: Duration) -> Result<Vec<(u32, u32)>, PdfProblem> {
    let mut pages = Pages::of(program, pdf, time).await?;
    let mut sizes = vec![];
    while let Some(page) = pages.next().await? {
        sizes.push(page.dimensions());
    }
    assert_eq!(sizes.len(), pages.count());
    Ok(sizes)
}

fn sheet(pages: usize) -> Vec<u8> {
    let page = |number: usize| Page {
        code: format!("page {number}"),
        people: vec![Person {
            number,
            name: "Ada Example".to_owned(),
            party_size: 1,
        }],
        blank: 4,
    };
    let sheet = Sheet {
        paper: Paper::Letter,
        words: Words::ENGLISH,
        title: "Meeting".to_owned(),
        details: vec![],
        consent: "I agree.".to_owned(),
        pages: (1..=pages).map(page).collect(),
    };
    paper::print(&sheet).unwrap()
}

#[tokio::test]
async fn what_was_printed_is_drawn_and_read() {
    let mut pages = Pages::of(program(), sheet(2), Duration::from_secs(20))
        .await
        .unwrap();
    assert_eq!(pages.count(), 2);
    for number in 1..=2 {
        let page = pages.next().await.unwrap().unwrap();
        let (width, height) = page.dimensions();
        assert!(
            width.abs_diff(1_700) < 2 && height.abs_diff(2_200) < 2,
            "{width} x {height}"
        );
        assert_eq!(paper::find(&page).unwrap().text, format!("page {number}"));
    }
    assert!(pages.next().await.unwrap().is_none());
}

#[tokio::test]
async fn fifty_pages_and_no_more() {
    let pages = |count| Document::with(count, "[0 0 72 72]", "").bytes();
    assert_eq!(sizes(pages(PAGE_LIMIT)).await.unwrap(), [(200, 200); PAGE_LIMIT]);
    assert_eq!(sizes(pages(PAGE_LIMIT + 1)).await, Err(PdfProblem::TooManyPages));
    assert_eq!(sizes(pages(10_000)).await, Err(PdfProblem::TooManyPages));
}

#[tokio::test]
async fn large_pages_are_coarse_and_larger_ones_refused() {
    let page = |size: &str| sizes(Document::with(1, size, "").bytes());
    let drawn = page("[0 0 7200 7200]").await.unwrap()[0];
    assert!(
        (3_990..=4_000).contains(&drawn.0) && (3_990..=4_000).contains(&drawn.1),
        "{drawn:?}"
    );
    let thin = page("[0 0 14400 1]").await.unwrap()[0];
    assert!(thin.0 > 10_000 && thin.1 >= 1, "{thin:?}");
    for size in [
        "[0 0 14401 72]",
        "[0 0 1000000 1000000]",
        "[-9000 -9000 9000 9000]",
    ] {
        assert_eq!(page(size).await, Err(PdfProblem::TooLarge), "{size}");
    }
    assert_eq!(
        sizes(vec![b' '; paper::PDF_LIMIT + 1]).await,
        Err(PdfProblem::TooLarge)
    );
}

#[tokio::test]
async fn a_password_is_told_from_damage() {
    let mut document = Document::with(1, "[0 0 72 72]", "");
    document.trailer = format!(
        "/ID [<{0}> <{0}>] /Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{1}> /U <{1}> >>",
        "ab".repeat(16),
        "cd".repeat(32)
    );
    assert_eq!(sizes(document.bytes()).await, Err(PdfProblem::Encrypted));
    for garbage in [
        b"".to_vec(),
        b"%PDF-1.7".to_vec(),
        b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF".to_vec(),
        [
            b"%PDF-1.4\n".to_vec(),
            (0..100_000u32)
                .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
                .collect(),
        ]
        .concat(),
    ] {
        assert_eq!(sizes(garbage).await, Err(PdfProblem::Damaged));
    }
}

#[tokio::test]
async fn what_is_left_of_a_pdf_is_drawn_or_damaged() {
    let whole = sheet(1);
    for parts in 0..12 {
        let cut = whole[..whole.len() * parts / 12].to_vec();
        let result = sizes(cut).await;
        assert!(
            matches!(result, Err(PdfProblem::Damaged) | Ok(_)),
            "{parts}: {result:?}"
        );
    }
}

/// A program that does as a script says, in place of ours.
fn script(folder: &Folder, text: &str) -> PathBuf {
    let path = folder.0.join("program");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

#[tokio::test]
async fn the_process_is_not_believed_nor_waited_for() {
    let folder = Folder::new();
    let second = Duration::from_secs(1);
    for (text, problem) in [
        ("exit 0", PdfProblem::Damaged),
        ("exit 101", PdfProblem::Damaged),
        ("printf 'x'", PdfProblem::Damaged),
        ("printf 'n\\000\\000\\000\\000'", PdfProblem::Damaged),
        ("printf 'n\\377\\377\\377\\377'", PdfProblem::TooManyPages),
        (
            "printf 'n\\001\\000\\000\\000p\\377\\377\\377\\377\\377\\377\\377\\377'; sleep 9",
            PdfProblem::Damaged,
        ),
        ("printf 'n\\001\\000\\000\\000p\\001\\000'", PdfProblem::Damaged),
        ("printf 'n\\001\\000\\000\\000'; sleep 9", PdfProblem::TimedOut),
        ("sleep 9", PdfProblem::TimedOut),
        ("kill -9 $$", PdfProblem::NotRun),
        ("kill -6 $$", PdfProblem::OutOfMemory),
        ("kill -11 $$", PdfProblem::Damaged),
    ] {
        let program = script(&folder, text);
        let begun = Instant::now();
        assert_eq!(
            sizes_by(&program, vec![b' '; 1 << 20], second).await,
            Err(problem),
            "{text}"
        );
        assert!(begun.elapsed() < 4 * second, "{text}");
    }
    let absent = sizes_by(&folder.0.join("absent"), vec![], second).await;
    assert_eq!(absent, Err(PdfProblem::NotRun));
}

#[tokio::test]
async fn the_process_inherits_nothing() {
    let folder = Folder::new();
    let seen = folder.0.join("seen");
    let program = script(
        &folder,
        &format!("env > {0}; pwd >> {0}; cat > /dev/null", seen.display()),
    );
    let _ = sizes_by(&program, b"%PDF".to_vec(), Duration::from_secs(5)).await;
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(
        !seen.contains("CARGO") && !seen.contains("HOME=") && !seen.contains("DATABASE_URL"),
        "{seen}"
    );
    assert!(seen.ends_with("\n/\n"), "{seen}");
}

#[tokio::test]
async fn a_process_that_nobody_reads_from_ends() {
    let folder = Folder::new();
    let pid = folder.0.join("pid");
    let program = script(
        &folder,
        &format!(
            "echo $$ > {}; printf 'n\\002\\000\\000\\000'; exec sleep 60",
            pid.display()
        ),
    );
    let pages = Pages::of(&program, vec![], Duration::from_secs(50))
        .await
        .unwrap();
    let pid = std::fs::read_to_string(pid).unwrap();
    let process = PathBuf::from(format!("/proc/{}/stat", pid.trim()));
    assert!(process.exists());
    drop(pages);
    let begun = Instant::now();
    // It is a zombie until it was waited for, which happens beside.
    while std::fs::read_to_string(&process).is_ok_and(|stat| !stat.contains(") Z")) {
        assert!(begun.elapsed() < Duration::from_secs(5), "it goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
