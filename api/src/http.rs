//! How clients reach the service: `/graphql` by our own handler (the integration crate has no body limit and executes
//! mutations over GET), and the few pages beside it.

mod account;
mod address;
mod edge;
mod endpoint;
mod exports;
mod feeds;
mod graphiql;
mod graphql;
mod hooks;
mod invitations;
mod links;
mod media;
mod mobilize;
mod params;
mod probes;
mod rates;
mod socket;
mod visit;

pub use socket::Sockets;

use std::{net::TcpListener, sync::Arc};

use actix_web::{
    HttpResponse, HttpServer,
    dev::Server,
    guard::fn_guard,
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use anyhow::Result;
use async_graphql::Executor;

use self::endpoint::Endpoint;
use crate::{app::App, graphql::errors, refusal::Code};

/// Serves `schema` to whoever connects to `listener`. The answer is a future to await and a handle to stop it by;
/// a graceful stop finishes the requests that have begun. Sockets would keep it waiting: close them first. Signals are
/// left to the caller.
pub fn serve(app: Arc<App>, schema: impl Executor, listener: TcpListener) -> Result<(Server, Sockets)> {
    let sockets = Sockets::default();
    let open = Data::new(sockets.clone());
    let endpoint = Data::new(Endpoint::new(Arc::clone(&app), schema));
    let workers = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    let deadline = app.config.http.deadline_seconds;
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(Data::from(Arc::clone(&app)))
            .wrap(from_fn(edge::around))
            .app_data(open.clone())
            .configure(routes(&app, endpoint.clone()))
    });
    let server = server
        .workers(workers)
        .on_connect(socket::keep_handle)
        .disable_signals()
        .shutdown_timeout(deadline + 1)
        .listen(listener)?;
    Ok((server.run(), sockets))
}

fn routes<S: Executor>(app: &App, endpoint: Data<Endpoint<S>>) -> impl FnOnce(&mut ServiceConfig) + use<S> {
    let show_graphiql = app.config.is_on(app.config.graphql.graphiql);
    move |config| {
        config
            .app_data(endpoint)
            .service(
                web::resource("/graphql")
                    .route(
                        web::get()
                            .guard(fn_guard(socket::is_upgrade))
                            .to(socket::open::<S>),
                    )
                    .get(graphql::get::<S>)
                    .post(graphql::post::<S>)
                    .default_service(web::to(graphql::other_method)),
            )
            .route("/me/data.json", web::get().to(account::data::<S>))
            .route("/exports/{token}.csv", web::get().to(exports::read::<S>))
            .route("/hooks/sms", web::post().to(hooks::sms))
            .route("/healthz", web::get().to(probes::alive))
            .route("/readyz", web::get().to(probes::ready))
            .route("/.well-known/jwks.json", web::get().to(probes::keys))
            .route("/l/{token}", web::get().to(links::show))
            .route("/l/{token}", web::head().to(links::show))
            .route("/l/{token}", web::post().to(links::follow))
            .route("/i/{token}", web::get().to(invitations::show::<S>))
            .route("/i/{token}", web::head().to(invitations::show::<S>))
            .route("/i/{token}", web::post().to(invitations::answer::<S>))
            .configure(feeds::routes::<S>)
            .configure(mobilize::routes::<S>)
            .default_service(web::to(no_such_page));
        if show_graphiql {
            config
                .route("/", web::get().to(graphiql::page))
                .route("/graphiql/{file}", web::get().to(graphiql::file));
        } else {
            config.route("/", web::get().to(probes::name));
        }
    }
}

async fn no_such_page() -> HttpResponse {
    let error = errors::error(Code::NotFound, "There is no such page.");
    media::Media::Json.refuse(actix_web::http::StatusCode::NOT_FOUND, error)
}

#[cfg(test)]
mod tests;
