//! Tables for spreadsheets: CSV as RFC 4180 has it, in which no cell that somebody wrote is taken for a formula.

use csv::{QuoteStyle, Terminator, WriterBuilder};

use crate::refusal::Refusal;

/// Of a table with a line of headings.
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";
/// What some programs need before they take a file for UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// What a formula may begin with, in their full-width forms too (OWASP, *CSV Injection*).
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Characters that show nothing, or turn the direction of what follows.
const UNSEEN: [char; 18] = [
    '\u{00AD}', '\u{061C}', '\u{180E}', '\u{200B}', '\u{200E}', '\u{200F}', '\u{2028}', '\u{2029}',
    '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2060}', '\u{2066}', '\u{2067}',
    '\u{2068}', '\u{FEFF}',
];
const LAST_ISOLATE: char = '\u{2069}';

/// One line of a table: each cell in quotes, whatever separates cells where it is read.
pub fn line<T: AsRef<[u8]>>(cells: impl IntoIterator<Item = T>) -> Result<String, Refusal> {
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(vec![]);
    writer.write_record(cells).map_err(Refusal::internal)?;
    let bytes = writer.into_inner().map_err(Refusal::internal)?;
    String::from_utf8(bytes).map_err(Refusal::internal)
}

/// What somebody wrote, as a cell: without control characters but line ends, and with an apostrophe in front of what a
/// spreadsheet would calculate.
pub fn text(said: &str) -> String {
    let clean = said.replace("\r\n", "\n").replace(
        |c: char| c != '\n' && (c.is_control() || c == LAST_ISOLATE || UNSEEN.contains(&c)),
        " ",
    );
    let clean = clean.trim();
    if clean.starts_with(FORMULA) {
        format!("'{clean}")
    } else {
        clean.to_owned()
    }
}

/// A part of a file's name: ASCII letters, digits and dashes, at most 60; `otherwise` where nothing is left.
pub fn file_name(of: &str, otherwise: &str) -> String {
    let words = of.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name: String = words.join("-").chars().take(60).collect();
    match name.trim_end_matches('-') {
        "" => otherwise.to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_a_formula() {
        for (said, cell) in [
            ("Wren", "Wren"),
            ("=1+1", "'=1+1"),
            ("+1 555 0100", "'+1 555 0100"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠x", "'＠x"),
            ("\t=1", "'=1"),
            ("\r=1", "'=1"),
            ("\n=1", "'=1"),
            (" \u{200B}\u{FEFF}=1", "'=1"),
            ("\u{202E}\u{2069}=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("a\u{0}b\u{7}c", "a b c"),
            ("one\r\ntwo", "one\ntwo"),
            ("<b>=1</b>", "<b>=1</b>"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(text(said), cell, "{said:?}");
        }
    }

    #[test]
    fn quotes_and_lines_are_those_of_the_standard() {
        let cells = ["a,b;c", "say \"hi\"", "two\nlines", ""];
        let expected = "\"a,b;c\",\"say \"\"hi\"\"\",\"two\nlines\",\"\"\r\n";
        assert_eq!(line(cells).unwrap(), expected);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(expected.as_bytes());
        let read = reader.records().next().unwrap().unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), cells);
    }

    #[test]
    fn names_of_files_are_plain() {
        for (title, name) in [
            ("Calls for clean water!", "calls-for-clean-water"),
            ("../../etc/passwd\r\nX-Evil: 1", "etc-passwd-x-evil-1"),
            ("\"; filename=\"x.exe", "filename-x-exe"),
            ("会议", "event"),
            ("", "event"),
        ] {
            assert_eq!(file_name(title, "event"), name);
        }
        assert_eq!(file_name(&"a".repeat(50_000), "event").len(), 60);
    }
}
