//! One request from its first look to its last: who sent it, in what it is answered, and how much they may still ask.

use actix_web::{HttpRequest, HttpResponse};
use async_graphql::Executor;
use tokio::time::Instant;

use super::{
    edge,
    endpoint::{Endpoint, who},
    media::{Media, not_acceptable, unauthenticated},
    rates,
};
use crate::{
    auth::Pass,
    limits::{Client, Standing},
    refusal::Refusal,
};

/// A request whose sender is known and counted.
pub struct Visit {
    /// What it is answered in.
    pub media: Media,
    /// Until when.
    pub deadline: Instant,
    /// Finds it in the log.
    pub request_id: String,
    /// What it shows of who sends it.
    pub pass: Option<Pass>,
    /// Where it came from.
    pub client: Client,
    standing: Option<Standing>,
}

impl Visit {
    /// Counts the request before anything of it is read; an answer is a refusal. With a token that is no good it counts
    /// as one without.
    pub fn begin<S: Executor>(endpoint: &Endpoint<S>, http: &HttpRequest) -> Result<Self, Box<HttpResponse>> {
        match Media::accepted(http.headers()) {
            Some(media) => Self::count(endpoint, http, media),
            None => Err(Box::new(not_acceptable())),
        }
    }

    /// As [`Visit::begin`], for a page that is no GraphQL: what is refused is told in JSON, whatever the client accepts.
    pub fn of_page<S: Executor>(
        endpoint: &Endpoint<S>,
        http: &HttpRequest,
    ) -> Result<Self, Box<HttpResponse>> {
        Self::count(endpoint, http, Media::Json)
    }

    /// As [`Visit::of_page`], for a page that takes no token of ours: programs send there what they have for others.
    pub fn of_stranger<S: Executor>(
        endpoint: &Endpoint<S>,
        http: &HttpRequest,
    ) -> Result<Self, Box<HttpResponse>> {
        Self::count_as(endpoint, http, Media::Json, Ok(None))
    }

    fn count<S: Executor>(
        endpoint: &Endpoint<S>,
        http: &HttpRequest,
        media: Media,
    ) -> Result<Self, Box<HttpResponse>> {
        Self::count_as(endpoint, http, media, endpoint.pass(http.headers()))
    }

    fn count_as<S: Executor>(
        endpoint: &Endpoint<S>,
        http: &HttpRequest,
        media: Media,
        pass: Result<Option<Pass>, Refusal>,
    ) -> Result<Self, Box<HttpResponse>> {
        let deadline = endpoint.deadline();
        let request_id = edge::request_id(http);
        let client = endpoint.client(http);
        let known = pass.as_ref().ok().and_then(Option::as_ref);
        let known = known.and_then(Pass::claims);
        let mut visit = Self {
            media,
            deadline,
            standing: endpoint.app.limits.request(who(known, client)),
            request_id,
            pass: None,
            client,
        };
        if let Some(seconds) = visit.standing.and_then(|standing| standing.retry_after) {
            let response = rates::refuse(media, seconds, &visit.request_id);
            return Err(Box::new(visit.end(response, Some(seconds))));
        }
        match pass {
            Ok(pass) => visit.pass = pass,
            Err(refusal) => {
                let response = unauthenticated(media, &refusal, &visit.request_id);
                return Err(Box::new(visit.end(response, None)));
            }
        }
        Ok(visit)
    }

    /// Where the caller stands with another limit; the one that is nearer is told.
    pub fn counted(&mut self, other: Option<Standing>) {
        self.standing = match (self.standing, other) {
            (Some(mine), Some(other)) => Some(mine.nearer(other)),
            (mine, other) => mine.or(other),
        };
    }

    /// Says on `response` where the caller stands, and how many seconds to wait.
    pub fn end(self, mut response: HttpResponse, wait: Option<u64>) -> HttpResponse {
        if let Some(standing) = self.standing {
            rates::tell(&mut response, standing);
        }
        if let Some(seconds) = wait {
            rates::tell_to_wait(&mut response, seconds);
        }
        response
    }
}
