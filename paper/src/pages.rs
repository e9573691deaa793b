//! Uploaded PDFs, page by page, as images.
//!
//! A PDF is a program of strangers for a large interpreter. It is run in a process of its own, [`draw`], which may have little
//! memory and time, sees no settings and writes no files; [`Pages`] starts it and believes nothing of what it says but sizes
//! within limits.

use std::{
    io::{self, Read, Write},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::InterpreterSettings,
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page},
    render,
    vello_cpu::color::palette::css::WHITE,
};
use image::GrayImage;
use rlimit::Resource;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdout, Command},
    time::{Instant, timeout_at},
};

/// How many bytes a PDF may have.
pub const PDF_LIMIT: usize = 20 << 20;
/// How many pages it may have.
pub const PAGE_LIMIT: usize = 50;
/// How many pixels a page is drawn with at most; a larger one is drawn more coarsely than others.
const PIXEL_LIMIT: f32 = 16e6;
/// How finely pages are drawn, in dots per inch.
const DPI: f32 = 200.0;
/// The longest side that the format allows, in points. Nobody's paper has five metres.
const SIDE_LIMIT: f32 = 14_400.0;
/// The address space of the process, in bytes: a page of the largest size takes a tenth of it.
const MEMORY: u64 = 1 << 30;

/// Why a PDF gives no pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PdfProblem {
    /// It needs a password.
    #[error("the PDF is protected by a password")]
    Encrypted,
    /// It is no PDF, or what is left of one; or it does what only PDFs made to do harm do.
    #[error("the PDF is damaged")]
    Damaged,
    /// More than [`PAGE_LIMIT`].
    #[error("the PDF has more than {PAGE_LIMIT} pages")]
    TooManyPages,
    /// More than [`PDF_LIMIT`], or a page of more than five metres.
    #[error("the PDF or one of its pages is too large")]
    TooLarge,
    /// Drawing it takes too long.
    #[error("the PDF takes too long to draw")]
    TimedOut,
    /// Drawing it takes too much memory.
    #[error("the PDF takes too much memory to draw")]
    OutOfMemory,
    /// Not the PDF's fault: the process that draws did not start, or was stopped from outside.
    #[error("the process that draws PDFs does not run")]
    NotRun,
}

impl PdfProblem {
    /// The problems that the process tells of, by what it says.
    const TOLD: [(u8, Self); 4] = [
        (b'e', Self::Encrypted),
        (b'd', Self::Damaged),
        (b'm', Self::TooManyPages),
        (b'l', Self::TooLarge),
    ];
}

/// The pages of a PDF, drawn one after the other while they are taken. Dropped, it ends the process that draws.
pub struct Pages {
    child: Child,
    output: ChildStdout,
    deadline: Instant,
    count: usize,
    given: usize,
}

impl Pages {
    /// Has `program`, a `turnout`, draw a PDF as its hidden command `pages` does. Usually it is the program that runs,
    /// [`std::env::current_exe`].
    ///
    /// What can be told before anything is drawn is told here: a PDF that is no PDF, has a password, or is too large.
    ///
    /// `time` is how long all pages may take: whoever takes them slowly has to grant more. No page computes for longer either.
    pub async fn of(program: &Path, pdf: Vec<u8>, time: Duration) -> Result<Self, PdfProblem> {
        if pdf.len() > PDF_LIMIT {
            return Err(PdfProblem::TooLarge);
        }
        let mut child = Command::new(program)
            .args(["pages", &time.as_secs().max(1).to_string()])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It might quote the document.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| PdfProblem::NotRun)?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(PdfProblem::NotRun);
        };
        // It ends when the process does, which closes the other end.
        tokio::spawn(async move {
            if input.write_all(&pdf).await.is_ok() {
                let _ = input.shutdown().await;
            }
        });
        let mut pages = Self {
            child,
            output,
            deadline: Instant::now() + time,
            count: 0,
            given: 0,
        };
        let [count] = pages.told(b'n').await?;
        pages.count = count as usize;
        match pages.count {
            0 => Err(PdfProblem::Damaged),
            count if count > PAGE_LIMIT => Err(PdfProblem::TooManyPages),
            _ => Ok(pages),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The next one; nothing after the last. About 4 MB for a page of A4, never more than 16.
    pub async fn next(&mut self) -> Result<Option<GrayImage>, PdfProblem> {
        if self.given == self.count {
            return Ok(None);
        }
        let [width, height] = self.told(b'p').await?;
        let size = u64::from(width) * u64::from(height);
        if size == 0 || size as f64 > f64::from(PIXEL_LIMIT) * 1.01 {
            return Err(PdfProblem::Damaged);
        }
        let mut pixels = vec![0; usize::try_from(size).map_err(|_| PdfProblem::Damaged)?];
        self.read(&mut pixels).await?;
        self.given += 1;
        GrayImage::from_raw(width, height, pixels)
            .map(Some)
            .ok_or(PdfProblem::Damaged)
    }

    /// What the process says next: numbers, if it says `kind`.
    async fn told<const COUNT: usize>(&mut self, kind: u8) -> Result<[u32; COUNT], PdfProblem> {
        let mut said = [0];
        self.read(&mut said).await?;
        if said != [kind] {
            let problem = PdfProblem::TOLD.into_iter().find(|(letter, _)| said == [*letter]);
            return Err(problem.map_or(PdfProblem::Damaged, |(_, problem)| problem));
        }
        let mut numbers = [0; COUNT];
        for number in &mut numbers {
            let mut bytes = [0; 4];
            self.read(&mut bytes).await?;
            *number = u32::from_le_bytes(bytes);
        }
        Ok(numbers)
    }

    async fn read(&mut self, bytes: &mut [u8]) -> Result<(), PdfProblem> {
        match timeout_at(self.deadline, self.output.read_exact(bytes)).await {
            Err(_) => Err(PdfProblem::TimedOut),
            Ok(Ok(_)) => Ok(()),
            // It ended, and how says why.
            Ok(Err(_)) => match timeout_at(self.deadline, self.child.wait()).await {
                Err(_) => Err(PdfProblem::TimedOut),
                Ok(Err(_)) => Err(PdfProblem::NotRun),
                Ok(Ok(status)) => Err(cause(status)),
            },
        }
    }
}

fn cause(status: ExitStatus) -> PdfProblem {
    /// Numbers of signals, the same on all systems that the program runs on but the last.
    const ABORT: i32 = 6;
    const KILL: i32 = 9;
    const CPU: i32 = 24;
    match status.signal() {
        // Memory that cannot be had ends a process so.
        Some(ABORT) => PdfProblem::OutOfMemory,
        Some(CPU) => PdfProblem::TimedOut,
        // Nobody here did it: the system's memory is short, or somebody stops us.
        Some(KILL) => PdfProblem::NotRun,
        _ => PdfProblem::Damaged,
    }
}

/// What the process does: takes a PDF from `input` and gives its pages to `output`, for [`Pages`] to read.
///
/// First it gives away the right to much memory, to compute for more than some seconds, and to write files. There is no way back, so it must be
/// the only thing that its process does.
pub fn draw(input: impl Read, mut output: impl Write, seconds: u64) -> io::Result<()> {
    Resource::AS.set(MEMORY, MEMORY)?;
    // The first ends it with a signal of its own, by which it can be told.
    Resource::CPU.set(seconds, seconds.saturating_add(2))?;
    Resource::CORE.set(0, 0)?;
    Resource::FSIZE.set(0, 0)?;
    let mut pdf = vec![];
    input.take(PDF_LIMIT as u64 + 1).read_to_end(&mut pdf)?;
    if let Err(problem) = write(pdf, &mut output)? {
        let letter = PdfProblem::TOLD.into_iter().find(|(_, told)| *told == problem);
        output.write_all(&[letter.map_or(b'd', |(letter, _)| letter)])?;
    }
    output.flush()
}

fn write(pdf: Vec<u8>, output: &mut impl Write) -> io::Result<Result<(), PdfProblem>> {
    if pdf.len() > PDF_LIMIT {
        return Ok(Err(PdfProblem::TooLarge));
    }
    let pdf = match Pdf::new(pdf) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
            return Ok(Err(PdfProblem::Encrypted));
        }
        Err(_) => return Ok(Err(PdfProblem::Damaged)),
    };
    let pages = pdf.pages();
    match pages.len() {
        0 => return Ok(Err(PdfProblem::Damaged)),
        count if count > PAGE_LIMIT => return Ok(Err(PdfProblem::TooManyPages)),
        _ => {}
    }
    let Some(scales) = pages.iter().map(scale).collect::<Option<Vec<f32>>>() else {
        return Ok(Err(PdfProblem::TooLarge));
    };
    output.write_all(b"n")?;
    output.write_all(&(pages.len() as u32).to_le_bytes())?;
    output.flush()?;
    let cache = RenderCache::new();
    for (page, scale) in pages.iter().zip(scales) {
        let settings = PixmapSettings {
            x_scale: scale,
            y_scale: scale,
            bg_color: WHITE,
        };
        let drawn = render(
            page,
            &cache,
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            &settings,
        );
        output.write_all(b"p")?;
        for side in [drawn.width(), drawn.height()] {
            output.write_all(&u32::from(side).to_le_bytes())?;
        }
        // As bright as eyes see it (Rec. 601).
        let gray: Vec<u8> = drawn
            .data()
            .iter()
            .map(|pixel| {
                ((u32::from(pixel.r) * 299 + u32::from(pixel.g) * 587 + u32::from(pixel.b) * 114) / 1_000)
                    as u8
            })
            .collect();
        output.write_all(&gray)?;
        output.flush()?;
    }
    Ok(Ok(()))
}

/// Pixels in a point of a page; nothing for one that is too large, or has no size.
fn scale(page: &Page<'_>) -> Option<f32> {
    let (width, height) = page.render_dimensions();
    let is_possible = [width, height]
        .iter()
        .all(|side| (1.0..=SIDE_LIMIT).contains(side));
    if !is_possible {
        return None;
    }
    let finest = (PIXEL_LIMIT / (width * height)).sqrt();
    Some((DPI / 72.0).min(finest).max(1.0 / width.min(height)))
}
