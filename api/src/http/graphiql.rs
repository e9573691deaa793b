//! GraphiQL from our own binary, under a policy that allows no foreign script.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
    web::Path,
};

/// The editor sets styles on its elements and has its fonts and images inside of its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &[u8] = include_bytes!("../../assets/graphiql/index.html");
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// `/`
pub async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(PAGE)
}

/// `/graphiql/{file}`
pub async fn file(name: Path<String>) -> HttpResponse {
    let (kind, bytes): (&str, &'static [u8]) = match name.as_str() {
        "boot.js" => (SCRIPT, include_bytes!("../../assets/graphiql/boot.js")),
        "graphiql.min.js" => (SCRIPT, include_bytes!("../../assets/graphiql/graphiql.min.js")),
        "react.production.min.js" => (
            SCRIPT,
            include_bytes!("../../assets/graphiql/react.production.min.js"),
        ),
        "react-dom.production.min.js" => (
            SCRIPT,
            include_bytes!("../../assets/graphiql/react-dom.production.min.js"),
        ),
        "graphiql.min.css" => (STYLE, include_bytes!("../../assets/graphiql/graphiql.min.css")),
        "page.css" => (STYLE, include_bytes!("../../assets/graphiql/page.css")),
        _ => return super::no_such_page().await,
    };
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(bytes)
}
