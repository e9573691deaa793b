//! Markdown on its way out: raw HTML and dangerous links never reach a client.

use pulldown_cmark::{Event, Options, Parser, Tag, html};

/// Markdown with raw HTML escaped, for clients that render it themselves. Links other than http, https, mailto and tel
/// lose their target.
pub fn safe_markdown(source: &str) -> String {
    // What stood in a block of raw HTML is Markdown once that is escaped, so its links are looked at then.
    without_danger(&without_danger(source))
}

fn without_danger(source: &str) -> String {
    let mut safe = String::with_capacity(source.len());
    let mut kept_to = 0;
    for (event, range) in Parser::new_ext(source, OPTIONS).into_offset_iter() {
        let replacement = match &event {
            // Escaped, not removed: what is left of two removals could be a tag again.
            Event::Html(text) | Event::InlineHtml(text) => text.replace('<', "&lt;").replace('>', "&gt;"),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if !is_safe(dest_url) => {
                "…".to_owned()
            }
            _ => continue,
        };
        if range.start >= kept_to {
            safe.push_str(source.get(kept_to..range.start).unwrap_or_default());
            safe.push_str(&replacement);
            kept_to = range.end;
        }
    }
    safe.push_str(source.get(kept_to..).unwrap_or_default());
    safe
}

/// Markdown as sanitised HTML: no raw HTML, scripts, styles, forms or frames.
pub fn safe_html(source: &str) -> String {
    let mut rendered = String::with_capacity(source.len() * 2);
    let mut depth = 0_usize;
    let shallow = Parser::new_ext(source, OPTIONS).filter(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) => false,
        Event::Start(_) => {
            depth += 1;
            depth <= DEEPEST
        }
        Event::End(_) => {
            depth = depth.saturating_sub(1);
            depth < DEEPEST
        }
        _ => true,
    });
    html::push_html(&mut rendered, shallow);
    ammonia::clean(&rendered)
}

/// What is nested deeper loses its form, not its text: the time a sanitiser takes grows with the square of the depth.
const DEEPEST: usize = 20;
const OPTIONS: Options = Options::ENABLE_STRIKETHROUGH;

fn is_safe(url: &str) -> bool {
    let url = url.trim().to_ascii_lowercase();
    match url.split_once(':') {
        None => true,
        Some((scheme, _)) => matches!(scheme, "http" | "https" | "mailto" | "tel"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_removed_and_markdown_stays() {
        assert_eq!(
            safe_markdown("a **b** <i>x</i> > c"),
            "a **b** &lt;i&gt;x&lt;/i&gt; > c"
        );
        assert_eq!(
            safe_markdown("<div onclick=x>\nhi\n</div>\n\n*ok*"),
            "&lt;div onclick=x&gt;\nhi\n&lt;/div&gt;\n\n*ok*"
        );
        for nested in [
            "<scr<b>ipt>alert(1)</scr</b>ipt>",
            "<im<i></i>g src=x onerror=alert(1)>",
            "[x]<b>(javascript:alert(1))",
            "<script>x</script> [go](javascript:alert(1))",
        ] {
            let safe = safe_markdown(nested);
            assert_eq!(safe_markdown(&safe), safe, "nothing is left to remove");
            let rendered = Parser::new(&safe).any(|event| {
                matches!(
                    event,
                    Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Link { .. })
                )
            });
            assert!(!rendered, "{safe}");
        }
        assert_eq!(
            safe_markdown("[go](javascript:alert(1)) [ok](https://example.org)"),
            "… [ok](https://example.org)"
        );
    }

    #[test]
    fn rendered_html_is_sanitised() {
        let html =
            safe_html("# Hi\n<img src=x onerror=alert(1)> [go](javascript:alert(1)) <script>x</script>");
        assert!(html.contains("<h1>Hi</h1>"), "{html}");
        assert!(!html.contains("script") && !html.contains("onerror"), "{html}");
        let deep = safe_html(&(">".repeat(20_000) + " bottom"));
        assert!(
            deep.contains("bottom") && deep.matches("<blockquote>").count() <= DEEPEST,
            "{}",
            deep.len()
        );
    }
}
