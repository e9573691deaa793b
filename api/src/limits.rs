//! How often one caller may do something.
//!
//! Plain requests are counted in this process alone: asking Redis would take longer than answering most of them. What
//! writes, sends or guesses is counted over all processes, in Redis; while Redis does not answer, in this process alone
//! as well, so that no request waits or fails for it.

mod memory;
mod rate;
mod redis;

pub use rate::Standing;

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use anyhow::Result;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use self::rate::Rate;
use crate::{clock::Clock, config::Config, refusal::Refusal, sealed::Keys};

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
/// Bytes of a keyed hash in a key of Redis.
const HASH: usize = 16;

/// An address of the network that requests come from; of IPv6 its first 64 bits, because one household or server has
/// all addresses that begin so. Prints nothing of itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

/// Whose doings are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Somebody who is not signed in: everybody at this address together.
    Client(Client),
    /// A signed-in person, wherever they are.
    Person(Uuid),
}

/// What is counted for a client's address by the action that does it, over all processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doing {
    /// Asking for a sign-in code.
    Code,
    /// Trying one.
    SignIn,
    /// Exchanging a refresh token that is no good.
    Refresh,
    /// An RSVP without an account.
    Rsvp,
    /// Asking for a text to a phone number, whatever it brings.
    Text,
    /// Using a token of an invitation that is no good.
    Invitation,
}

/// Everything that is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Request,
    Delivery,
    Mutation,
    Export,
    HostInvitation,
    HostMessage,
    Doing(Doing),
}

/// The limits in force, and what was counted so far.
pub struct Limits {
    rates: Rates,
    here: memory::Table,
    shared: Option<Arc<redis::Shared>>,
    keys: Keys,
    clock: Clock,
}

/// Of each limit that is not switched off.
struct Rates {
    requests_of_client: Option<Rate>,
    requests_of_person: Option<Rate>,
    deliveries_of_client: Option<Rate>,
    deliveries_of_person: Option<Rate>,
    mutations_of_client: Option<Rate>,
    mutations_of_person: Option<Rate>,
    codes: Option<Rate>,
    sign_ins: Option<Rate>,
    refreshes: Option<Rate>,
    rsvps: Option<Rate>,
    texts: Option<Rate>,
    invitations: Option<Rate>,
    exports: Option<Rate>,
    host_invitations: Option<Rate>,
    host_messages: Option<Rate>,
}

impl Limits {
    /// Does not wait for Redis: a process starts without it.
    pub fn connect(config: &Config, keys: &Keys, clock: &Clock) -> Result<Self> {
        let rates = &config.rates;
        let shared = match config.redis_url.is_empty() {
            true => None,
            false => Some(redis::Shared::connect(config)?),
        };
        Ok(Self {
            rates: Rates {
                requests_of_client: Rate::new(rates.requests_per_client_and_minute, MINUTE),
                requests_of_person: Rate::new(rates.requests_per_person_and_minute, MINUTE),
                deliveries_of_client: Rate::new(rates.deliveries_per_client_and_minute, MINUTE),
                deliveries_of_person: Rate::new(rates.deliveries_per_person_and_minute, MINUTE),
                mutations_of_client: Rate::new(rates.mutations_per_client_and_minute, MINUTE),
                mutations_of_person: Rate::new(rates.mutations_per_person_and_minute, MINUTE),
                codes: Rate::new(rates.codes_per_client_and_hour, HOUR),
                sign_ins: Rate::new(rates.sign_ins_per_client_and_hour, HOUR),
                refreshes: Rate::new(rates.refreshes_per_client_and_minute, MINUTE),
                rsvps: Rate::new(rates.rsvps_per_client_and_hour, HOUR),
                texts: Rate::new(rates.texts_per_client_and_hour, HOUR),
                invitations: Rate::new(rates.invitations_per_client_and_minute, MINUTE),
                exports: Rate::new(rates.exports_per_person_and_hour, HOUR),
                host_invitations: Rate::new(rates.host_invitations_per_person_and_hour, HOUR),
                host_messages: Rate::new(rates.host_messages_per_person_and_hour, HOUR),
            },
            here: memory::Table::default(),
            shared,
            keys: keys.clone(),
            clock: clock.clone(),
        })
    }

    /// Counts a request of any kind; for every transport to ask before it does anything else. `None`: not limited.
    pub fn request(&self, who: Who) -> Option<Standing> {
        let rate = match who {
            Who::Client(_) => self.rates.requests_of_client,
            Who::Person(_) => self.rates.requests_of_person,
        }?;
        Some(self.here.take((Kind::Request, who), rate, self.now()))
    }

    /// Counts a delivery to somebody who follows something. `None`: not limited.
    pub fn delivery(&self, who: Who) -> Option<Standing> {
        let rate = match who {
            Who::Client(_) => self.rates.deliveries_of_client,
            Who::Person(_) => self.rates.deliveries_of_person,
        }?;
        Some(self.here.take((Kind::Delivery, who), rate, self.now()))
    }

    /// Counts a mutation. `None`: not limited.
    pub async fn mutation(&self, who: Who) -> Option<Standing> {
        let rate = match who {
            Who::Client(_) => self.rates.mutations_of_client,
            Who::Person(_) => self.rates.mutations_of_person,
        }?;
        Some(self.take(Kind::Mutation, who, rate).await)
    }

    /// Counts one more thing that a mutation does, as a mutation; RATE_LIMITED when that was too often.
    pub async fn further(&self, person_id: Uuid) -> Result<(), Refusal> {
        let standing = self.mutation(Who::Person(person_id)).await;
        let seconds = standing.and_then(|standing| standing.retry_after);
        seconds.map_or(Ok(()), |seconds| Err(Refusal::RateLimited(seconds)))
    }

    /// Counts that somebody reads everything known of them; RATE_LIMITED when that was too often.
    pub async fn export(&self, person_id: Uuid) -> Result<(), Refusal> {
        self.of_person(Kind::Export, person_id, self.rates.exports).await
    }

    /// Counts that somebody has an invitation to host sent; RATE_LIMITED when that was too often.
    pub async fn host_invitation(&self, person_id: Uuid) -> Result<(), Refusal> {
        let rate = self.rates.host_invitations;
        self.of_person(Kind::HostInvitation, person_id, rate).await
    }

    /// Counts that somebody writes to hosts, or answers as one; RATE_LIMITED when that was too often.
    pub async fn host_message(&self, person_id: Uuid) -> Result<(), Refusal> {
        let rate = self.rates.host_messages;
        self.of_person(Kind::HostMessage, person_id, rate).await
    }

    async fn of_person(&self, kind: Kind, person_id: Uuid, rate: Option<Rate>) -> Result<(), Refusal> {
        let Some(rate) = rate else { return Ok(()) };
        let standing = self.take(kind, Who::Person(person_id), rate).await;
        standing
            .retry_after
            .map_or(Ok(()), |seconds| Err(Refusal::RateLimited(seconds)))
    }

    /// Counts what an action is about to do for `client`; RATE_LIMITED when that was too often.
    pub async fn check(&self, doing: Doing, client: Client) -> Result<(), Refusal> {
        let rate = match doing {
            Doing::Code => self.rates.codes,
            Doing::SignIn => self.rates.sign_ins,
            Doing::Refresh => self.rates.refreshes,
            Doing::Rsvp => self.rates.rsvps,
            Doing::Text => self.rates.texts,
            Doing::Invitation => self.rates.invitations,
        };
        let Some(rate) = rate else { return Ok(()) };
        let standing = self.take(Kind::Doing(doing), Who::Client(client), rate).await;
        match standing.retry_after {
            Some(seconds) => Err(Refusal::RateLimited(seconds)),
            None => Ok(()),
        }
    }

    /// Here first: what is too often for one process is too often for all, and those who insist do not reach Redis.
    async fn take(&self, kind: Kind, who: Who, rate: Rate) -> Standing {
        let now = self.now();
        let here = self.here.take((kind, who), rate, now);
        let Some(shared) = self.shared.as_ref().filter(|_| here.retry_after.is_none()) else {
            return here;
        };
        match self.key(kind, who) {
            Ok(key) => shared.take(&key, rate, now).await.unwrap_or(here),
            Err(_) => here,
        }
    }

    /// Names the kind, and who by a keyed hash.
    fn key(&self, kind: Kind, who: Who) -> Result<String, Refusal> {
        let name = match kind {
            Kind::Request => "request",
            Kind::Delivery => "delivery",
            Kind::Mutation => "mutation",
            Kind::Export => "export",
            Kind::HostInvitation => "host_invitation",
            Kind::HostMessage => "host_message",
            Kind::Doing(Doing::Code) => "code",
            Kind::Doing(Doing::SignIn) => "sign_in",
            Kind::Doing(Doing::Refresh) => "refresh",
            Kind::Doing(Doing::Rsvp) => "rsvp",
            Kind::Doing(Doing::Text) => "text",
            Kind::Doing(Doing::Invitation) => "invitation",
        };
        let index = match who {
            Who::Client(client) => self.keys.index("limits.client", &client.to_be_hashed()),
            Who::Person(id) => self.keys.index("limits.person", &id.to_string()),
        }?;
        let hash = index.value.get(..HASH).unwrap_or_default();
        Ok(format!("{name}:{}", BASE64_URL_SAFE_NO_PAD.encode(hash)))
    }

    /// Microseconds since 1970.
    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().timestamp_micros()).unwrap_or_default()
    }
}

impl Client {
    /// The same text for the same client, to be put into a keyed hash and nowhere else: it is the address.
    pub(crate) fn to_be_hashed(self) -> String {
        self.0.to_string()
    }
}

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(long) => IpAddr::V6(Ipv6Addr::from_bits(long.to_bits() >> 64 << 64)),
            short @ IpAddr::V4(_) => short,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(…)")
    }
}

#[cfg(test)]
mod tests;
