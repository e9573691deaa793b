//! Content lines (RFC 5545, 3.1): escaped, folded, and ended by CRLF.

/// Octets of a line, without its end.
const WIDTH: usize = 75;

/// The lines of a file. Nothing that is put into a value begins another line.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// A property of any type but text: `value` is written as it is, without control characters.
    pub(super) fn value(&mut self, name: &str, value: &str) {
        let chars = value.chars().filter(|c| !c.is_control());
        self.fold(name.chars().chain([':']).chain(chars));
    }

    /// A property of type TEXT.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.value(name, &escape(text));
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// Breaks between characters, not within one: decoders that come before the unfolding would stumble.
    fn fold(&mut self, line: impl Iterator<Item = char>) {
        let mut width = 0;
        for c in line {
            if width + c.len_utf8() > WIDTH {
                self.0.push_str("\r\n ");
                width = 1;
            }
            self.0.push(c);
            width += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// Line ends of every kind, those of Unicode too, become the escaped one.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => escaped.push_str("\\n"),
            '\t' => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, text: &str) -> String {
        let mut lines = Lines::default();
        lines.text(name, text);
        lines.into_text()
    }

    #[test]
    fn lines_are_folded_between_characters() {
        for filler in ["a", "é", "語", "\u{1F426}", "a\u{301}"] {
            for shift in 0..80 {
                let text = "x".repeat(shift) + &filler.repeat(60);
                let folded = line("SUMMARY", &text);
                for part in folded.strip_suffix("\r\n").unwrap().split("\r\n") {
                    assert!(part.len() <= WIDTH && !part.contains(['\r', '\n']), "{part}");
                }
                assert_eq!(folded.replace("\r\n ", ""), format!("SUMMARY:{text}\r\n"));
            }
        }
        assert_eq!(line("X", &"a".repeat(73)), format!("X:{}\r\n", "a".repeat(73)));
        assert_eq!(
            line("X", &"a".repeat(74)),
            format!("X:{}\r\n a\r\n", "a".repeat(73))
        );
    }

    #[test]
    fn values_stay_in_their_line() {
        assert_eq!(line("X", "a;b,c\\d:e\"f"), "X:a\\;b\\,c\\\\d:e\"f\r\n");
        assert_eq!(
            line("X", "1\r\n2\n3\r4\u{2028}5\u{85}6\t7\u{0}\u{b}\u{7f}8"),
            "X:1\\n2\\n3\\n4\\n5\\n6 78\r\n"
        );
        let mut lines = Lines::default();
        lines.value("URL", "https://example.org/\r\nATTENDEE:x\u{85}y");
        assert_eq!(lines.into_text(), "URL:https://example.org/ATTENDEE:xy\r\n");
    }
}
