//! Web servers: one request each, to wherever the owner's settings say.

use axum::http::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::{Answer, End, OUTPUT_MAX, settings::Request};
use crate::media::fetch::{client, source::shown};

/// Asks, and gives as much of the answer as fits. Success is any status of 200 to 299.
pub(super) async fn ask(request: &Request) -> Answer {
    let Request {
        url,
        method,
        headers,
        body,
    } = request;
    match client::send(url, method, headers, body.clone()).await {
        Ok(response) => {
            let status = response.status();
            let output = read(response).await;
            match status.is_success() {
                true => Answer {
                    end: End::Exit(0),
                    output,
                },
                false => Answer {
                    end: End::Exit(status.as_u16().into()),
                    output,
                },
            }
        }
        Err(error) => Answer {
            end: End::Failed,
            output: format!("{}: {error}", shown(url.as_str())),
        },
    }
}

async fn read(mut response: Response<Incoming>) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < OUTPUT_MAX
        && let Some(Ok(frame)) = response.body_mut().frame().await
    {
        if let Some(data) = frame.data_ref() {
            let room = OUTPUT_MAX - bytes.len();
            bytes.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    String::from_utf8_lossy(&bytes).trim().to_owned()
}
