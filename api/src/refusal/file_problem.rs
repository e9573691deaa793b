//! What may be wrong with a file that is sent.

/// Why a file was not taken. Nothing of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// It is none of the types that are taken, whatever it is called.
    WrongType,
    /// It is what newer phones write, which not everybody can look at.
    Heic,
    /// It came in an encoding.
    Encoded,
    /// It has more bytes than are taken.
    TooLarge,
    /// It has not as many bytes as was said.
    WrongSize,
    /// It was cut off on the way.
    Incomplete,
    /// It came too slowly.
    TooSlow,
    /// It is not whole, or not what it begins as.
    Damaged,
    /// It opens with a password only.
    Encrypted,
    /// It has more pages than are taken, or the sheet would have.
    TooManyPages,
    /// It, or a page of it, has more pixels than are taken.
    TooManyPixels,
    /// Making pictures of its pages takes too long or too much memory.
    TooComplex,
}

impl FileProblem {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::WrongType,
        Self::Heic,
        Self::Encoded,
        Self::TooLarge,
        Self::WrongSize,
        Self::Incomplete,
        Self::TooSlow,
        Self::Damaged,
        Self::Encrypted,
        Self::TooManyPages,
        Self::TooManyPixels,
        Self::TooComplex,
    ];

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongType => "WRONG_TYPE",
            Self::Heic => "HEIC",
            Self::Encoded => "ENCODED",
            Self::TooLarge => "TOO_LARGE",
            Self::WrongSize => "WRONG_SIZE",
            Self::Incomplete => "INCOMPLETE",
            Self::TooSlow => "TOO_SLOW",
            Self::Damaged => "DAMAGED",
            Self::Encrypted => "ENCRYPTED",
            Self::TooManyPages => "TOO_MANY_PAGES",
            Self::TooManyPixels => "TOO_MANY_PIXELS",
            Self::TooComplex => "TOO_COMPLEX",
        }
    }

    /// What is wrong, as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::WrongType => "This file is none of JPEG, PNG, WebP and PDF.",
            Self::Heic => {
                "HEIC pictures are not taken: send it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)."
            }
            Self::Encoded => "Send the file as it is, without a Content-Encoding.",
            Self::TooLarge => "This file is too large.",
            Self::WrongSize => "This file has not as many bytes as was said.",
            Self::Incomplete => "The file did not arrive whole: send it again.",
            Self::TooSlow => "The file came too slowly: send it again where the connection is better.",
            Self::Damaged => "This file is damaged.",
            Self::Encrypted => "This file opens with a password: send one that opens without.",
            Self::TooManyPages => "This file has too many pages.",
            Self::TooManyPixels => "This picture, or a page of this file, is too large: send a smaller one.",
            Self::TooComplex => "The pages of this file are too complex: send pictures of them.",
        }
    }
}
