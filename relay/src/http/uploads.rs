//! `uploads`: tus 1.0 with its extensions creation, creation-with-upload, termination, checksum and expiration.

use std::time::{Duration, SystemTime};

use axum::{
    body::{Body, Bytes},
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use shared::media::Way;
use tokio::{sync::mpsc, task::spawn_blocking, time::timeout};

use super::{
    App,
    api::{self, Operator, Viewer},
    images::given_up,
    problem::Problem,
    tus::{self, CHUNK, EXPIRES, LENGTH, METADATA, OFFSET},
};
use crate::{
    audit::Event,
    auth::Session,
    media::library::{
        Library, LibraryError,
        append::{Append, Part, Progress},
        name::Name,
        transfers::{Announcement, Standing},
    },
    store::StoreError,
};

/// How long a sender may say nothing.
const SILENCE_LIMIT: Duration = Duration::from_secs(15);

/// Parts that have arrived and are not yet written, each of at most some ten kB.
const PARTS_MAX: usize = 32;

/// How much of what is refused is read nevertheless, in bytes: a client that is still sending hears no answer.
const REFUSED_MAX: usize = 64 << 20;

/// How long it is read.
const REFUSED_LIMIT: Duration = Duration::from_secs(10);

/// Says in each answer that this is tus, and which one.
pub async fn speak_tus(mut response: Response) -> Response {
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(tus::RESUMABLE, HeaderValue::from_static(tus::VERSION));
    if status == StatusCode::PRECONDITION_FAILED {
        headers.insert(tus::VERSIONS, HeaderValue::from_static(tus::VERSION));
    }
    response
}

/// `OPTIONS uploads`: what is spoken here.
pub async fn options(State(app): State<App>, _: Viewer) -> Result<Response, Problem> {
    let max = app.room.library().image_max().to_string();
    let spoken = [
        (tus::VERSIONS, tus::VERSION.to_owned()),
        (tus::EXTENSIONS, tus::SPOKEN.to_owned()),
        (tus::ALGORITHMS, tus::SUMS.to_owned()),
        (tus::MAX_SIZE, max),
    ];
    Ok((StatusCode::NO_CONTENT, spoken).into_response())
}

/// `POST uploads`: announces one, and may begin it.
pub async fn create(
    State(app): State<App>,
    Operator(session): Operator,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let asked =
        tus::creation(&headers).and_then(|creation| Ok((creation, tus::checksum(&headers)?)));
    let (creation, checksum) = match asked {
        Ok(asked) => asked,
        Err(problem) => return refuse(body, problem).await,
    };
    let announced = Name::new(&creation.name).map(|name| Announcement {
        name,
        total: Some(creation.size.unwrap_or(creation.length)),
        sent: creation.size.map(|_| creation.length),
        sha256: creation.sha256,
        url: None,
    });
    let library = app.room.library().clone();
    let announced = library.call(move |library| library.announce(announced?));
    let standing = match announced.await {
        Ok(standing) => standing,
        Err(error) => return refuse(body, error.into()).await,
    };
    let id = standing.transfer.id;
    let name = standing.transfer.name.clone();
    app.record(&session, &Event::UploadBegun { name });
    let location = (header::LOCATION, format!("/api/v1/uploads/{id}"));
    if !tus::is_chunk(&headers) {
        let about = [location, (EXPIRES, date(standing.expires))];
        return Ok((StatusCode::CREATED, about).into_response());
    }
    let append = library.call(move |library| library.append(id, Some(0), checksum));
    let at = receive(&app, &session, append.await?, body).await?;
    let about = [
        location,
        (OFFSET, at.to_string()),
        (EXPIRES, date(standing.expires)),
    ];
    Ok((StatusCode::CREATED, about).into_response())
}

/// `HEAD uploads/{id}`: how far it is.
pub async fn head(
    State(app): State<App>,
    Operator(_): Operator,
    headers: HeaderMap,
    id: Result<Path<u32>, PathRejection>,
) -> Result<Response, Problem> {
    tus::check_version(&headers)?;
    let standing = standing(app.room.library(), id).await?;
    let transfer = &standing.transfer;
    let awaited = standing.awaited.unwrap_or(0);
    let about = [
        (OFFSET, transfer.received.min(awaited).to_string()),
        (LENGTH, awaited.to_string()),
        (
            METADATA,
            tus::metadata(&transfer.name, standing.sha256.as_deref()),
        ),
        (EXPIRES, date(standing.expires)),
    ];
    Ok((StatusCode::OK, about).into_response())
}

/// `PATCH uploads/{id}`: bytes to the end of what is here.
pub async fn patch(
    State(app): State<App>,
    Operator(session): Operator,
    headers: HeaderMap,
    id: Result<Path<u32>, PathRejection>,
    body: Body,
) -> Result<Response, Problem> {
    let append = match begin(app.room.library(), &headers, id).await {
        Ok(append) => append,
        Err(problem) => return refuse(body, problem).await,
    };
    let id = append.id();
    let at = receive(&app, &session, append, body).await?;
    let mut about = vec![(OFFSET, at.to_string())];
    let library = app.room.library();
    if let Ok(standing) = library.call(move |library| library.standing(id)).await {
        about.push((EXPIRES, date(standing.expires)));
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    response
        .headers_mut()
        .extend(about.into_iter().filter_map(pair));
    Ok(response)
}

/// `DELETE uploads/{id}`: gives it up.
pub async fn delete(
    State(app): State<App>,
    Operator(session): Operator,
    headers: HeaderMap,
    id: Result<Path<u32>, PathRejection>,
) -> Result<StatusCode, Problem> {
    tus::check_version(&headers)?;
    let id = upload(app.room.library(), id).await?.transfer.id;
    given_up(&app, &session, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST uploads/{id}`: what `X-HTTP-Method-Override` says, for clients that can send nothing else.
pub async fn overridden(
    state: State<App>,
    operator: Operator,
    headers: HeaderMap,
    id: Result<Path<u32>, PathRejection>,
    body: Body,
) -> Result<Response, Problem> {
    match tus::method_override(&headers) {
        Some(Method::PATCH) => patch(state, operator, headers, id, body).await,
        Some(Method::DELETE) => {
            let deleted = delete(state, operator, headers, id).await;
            deleted.map(IntoResponse::into_response)
        }
        Some(Method::HEAD) => head(state, operator, headers, id).await,
        _ => Err(api::wrong_method().await),
    }
}

async fn begin(
    library: &Library,
    headers: &HeaderMap,
    id: Result<Path<u32>, PathRejection>,
) -> Result<Append, Problem> {
    tus::check_version(headers)?;
    let standing = standing(library, id).await?;
    if !tus::is_chunk(headers) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("The bytes of an upload are of the type {CHUNK}."),
        ));
    }
    let offset = tus::offset(headers)?;
    let checksum = tus::checksum(headers)?;
    let left = standing.awaited.unwrap_or(0).checked_sub(offset);
    if left.is_none_or(|left| tus::content_length(headers).is_some_and(|length| length > left)) {
        return Err(LibraryError::TooMuch.into());
    }
    let id = standing.transfer.id;
    let append = library.call(move |library| library.append(id, Some(offset), checksum));
    Ok(append.await?)
}

/// Writes what arrives, on a thread of its own. What has arrived is kept, however this ends.
async fn receive(app: &App, session: &Session, append: Append, body: Body) -> Result<u64, Problem> {
    let interrupt = append.interrupt();
    let awaited = append.awaited();
    let (parts, arrived) = mpsc::channel(PARTS_MAX);
    let writing = spawn_blocking(move || append.receive(arrived));
    let sent = tokio::select! {
        sent = pass_on(body, parts) => sent,
        () = interrupt.wait() => Err(gone()),
        () = app.room.signed_out(session) => Err(Problem::signed_out()),
    };
    let written = writing
        .await
        .unwrap_or_else(|_| Err(StoreError::Stopping.into()));
    let progress = written?;
    sent?;
    let at = match progress {
        Progress::At(at) => at,
        Progress::Done(image) => image.bytes,
    };
    Ok(awaited.map_or(at, |awaited| at.min(awaited)))
}

/// Ends with the body, or when the writer takes no more.
async fn pass_on(mut body: Body, parts: mpsc::Sender<Part>) -> Result<(), Problem> {
    loop {
        let frame = match timeout(SILENCE_LIMIT, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => {
                return Err(Problem::new(
                    StatusCode::BAD_REQUEST,
                    format!("The request broke off: {error}."),
                ));
            }
            Ok(None) => {
                let _ = parts.send(Part::End).await;
                return Ok(());
            }
            Err(_) => {
                return Err(Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "Nothing arrived for too long. What did is kept: go on from there.",
                ));
            }
        };
        if let Ok(bytes) = frame.into_data()
            && parts.send(Part::Bytes(bytes)).await.is_err()
        {
            drain(body).await;
            return Ok(());
        }
    }
}

async fn refuse(body: Body, problem: Problem) -> Result<Response, Problem> {
    drain(body).await;
    Err(problem)
}

/// Reads what a client is still sending, within limits, so that it hears the answer.
async fn drain(mut body: Body) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > REFUSED_MAX {
                break;
            }
        }
    };
    let _ = timeout(REFUSED_LIMIT, reading).await;
}

/// An upload, whatever has become of it.
async fn upload(
    library: &Library,
    id: Result<Path<u32>, PathRejection>,
) -> Result<Standing, Problem> {
    let id = id.map_err(|_| not_there())?.0;
    let standing = library.call(move |library| library.standing(id)).await;
    let standing = standing.map_err(|_| not_there())?;
    match standing.transfer.way {
        Way::Upload => Ok(standing),
        Way::Fetch => Err(not_there()),
    }
}

/// An upload that can go on.
async fn standing(
    library: &Library,
    id: Result<Path<u32>, PathRejection>,
) -> Result<Standing, Problem> {
    let standing = upload(library, id).await?;
    match standing.goes_on && standing.expires > SystemTime::now() {
        true => Ok(standing),
        false => Err(gone()),
    }
}

fn not_there() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "This upload is not there: it is done, was given up, or has expired.",
    )
}

fn gone() -> Problem {
    Problem::new(
        StatusCode::GONE,
        "This upload has ended here. Begin it anew, or ask where it stands.",
    )
}

fn date(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}

fn pair((name, value): (HeaderName, String)) -> Option<(HeaderName, HeaderValue)> {
    Some((name, HeaderValue::from_str(&value).ok()?))
}
