//! `/graphql/ws`: the sub-protocol `graphql-transport-ws`, with the close codes it defines.

mod protocol;
mod session;

use async_graphql::Executor;
use axum::{
    extract::{FromRequestParts, Request, State, ws::WebSocketUpgrade},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{Door, Gate, handler::language, negotiate::Media, reply::Reply};
use crate::{
    error::{Class, Error},
    messages::{Code, Message},
};

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
    let limit = door.0.settings.body_limit;
    let upgrade = upgrade.protocols([protocol::NAME]).max_message_size(limit).max_frame_size(limit);
    upgrade.on_upgrade(move |socket| session::serve(door, socket, parts.extensions, parts.headers))
}
