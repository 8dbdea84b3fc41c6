//! `/graphql/ws`: the sub-protocol `graphql-transport-ws`, with the close codes it defines.

mod protocol;
mod session;
mod sockets;

use async_graphql::Executor;
use axum::{
    extract::{FromRequestParts, Request, State, ws::WebSocketUpgrade},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

pub(super) use self::sockets::Sockets;
use super::{Door, Gate, handler::language, negotiate::Media, reply::Reply};
use crate::{
    error::{Class, Error},
    messages::{Code, Message},
    rest::edge,
};

/// Bytes that a socket reads, or lets pile up, at a time. It holds them as long as it is open.
const BUFFER: usize = 4 << 10;

/// Opens a connection. Who speaks on it is asked with its first message.
pub(super) async fn upgrade<S: Executor, G: Gate>(State(door): State<Door<S, G>>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let lang = language(&parts.headers);
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        let message = Message::new(Code::SubscriptionTransport).with("allowed", "Upgrade: websocket");
        let error = Error::new(Class::BadUserInput, message).with_status(426);
        let answer = Reply::rejected(error, lang).answer(Media::Json, lang);
        return ([(header::UPGRADE, HeaderValue::from_static("websocket"))], answer).into_response();
    };
    if !may_open(&parts.headers, &door.0.settings.origins) {
        let error = Error::new(Class::Forbidden, Code::OriginNotAllowed);
        return Reply::rejected(error, lang).answer(Media::Json, lang);
    }
    if door.0.sockets.are_full() {
        return Reply::rejected(edge::overloaded(), lang).answer(Media::Json, lang);
    }
    let limit = door.0.settings.body_limit;
    let upgrade = upgrade.read_buffer_size(BUFFER).write_buffer_size(BUFFER);
    let upgrade = upgrade.protocols([protocol::NAME]).max_message_size(limit).max_frame_size(limit);
    upgrade.on_upgrade(move |socket| session::serve(door, socket, parts.extensions, parts.headers))
}

/// A browser asks nobody before it opens a WebSocket to another host, but says which page opens it. Who is no browser
/// says nothing; the service's own pages have the origin of the host asked.
fn may_open(headers: &HeaderMap, origins: &[String]) -> bool {
    let mut given = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = given.next() else { return true };
    let Some(origin) = origin.to_str().ok().filter(|_| given.next().is_none()) else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = origin.split_once("://").zip(host).is_some_and(|((_, of), host)| of.eq_ignore_ascii_case(host));
    own || origins.iter().any(|allowed| allowed == origin)
}
