//! Markdown on its way out: raw HTML and dangerous links never reach a client.

use pulldown_cmark::{Event, Options, Parser, Tag, html};

/// Markdown without raw HTML, for clients that render it themselves. Links other than http, https, mailto and tel
/// lose their target.
pub fn safe_markdown(source: &str) -> String {
    let mut safe = String::with_capacity(source.len());
    let mut kept_to = 0;
    for (event, range) in Parser::new_ext(source, OPTIONS).into_offset_iter() {
        let replacement = match &event {
            Event::Html(_) | Event::InlineHtml(_) => "",
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if !is_safe(dest_url) => {
                "…"
            }
            _ => continue,
        };
        if range.start >= kept_to {
            safe.push_str(source.get(kept_to..range.start).unwrap_or_default());
            safe.push_str(replacement);
            kept_to = range.end;
        }
    }
    safe.push_str(source.get(kept_to..).unwrap_or_default());
    safe
}

/// Markdown as sanitised HTML: no scripts, styles, forms or frames; links open elsewhere without a referrer.
pub fn safe_html(source: &str) -> String {
    let mut rendered = String::with_capacity(source.len() * 2);
    html::push_html(&mut rendered, Parser::new_ext(source, OPTIONS));
    ammonia::clean(&rendered)
}

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
        assert_eq!(safe_markdown("a **b** <script>x</script> > c"), "a **b** x > c");
        assert_eq!(safe_markdown("<div onclick=x>\nhi\n</div>\n\n*ok*"), "\n*ok*");
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
    }
}
