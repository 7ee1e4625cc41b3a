use std::net::SocketAddr;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use serde_json::{Value, json};
use shared::message::VideoSettings;
use tower::ServiceExt;

use super::*;
use crate::{
    audit::{Audit, Place},
    auth::{Role, users},
    config::Config,
    input::Controls,
    macros::Macros,
    media::{Media, fetch::Fetches, held::Held, library::Library, slots::Slots},
    power::{
        Panel,
        control::{Backend, PowerControl},
        lines::Lines,
        machines::Powers,
        settings::Times,
    },
    session::Machine,
    store::Store,
    stream::Stream,
    switch::{
        self, Switch,
        control::SwitchControl,
        port::{Looks, Wardrobe},
    },
    target::sim::{self, Options},
};

/// The largest image of these relays, in bytes.
const IMAGE_MAX: u64 = 4 << 20;

const PASSWORD: &str = "correct horse";

fn behind(
    switch: Box<dyn Switch>,
    stream: &Stream,
    controls: &Controls,
    powers: &Powers,
    audit: &Audit,
) -> SwitchControl {
    let looks = Looks {
        edid: None,
        usb: Config::default().usb,
    };
    let machine = |name: &str| switch::control::Machine {
        name: name.to_owned(),
        notes: String::new(),
        looks: looks.clone(),
    };
    SwitchControl::start(switch::control::Parts {
        switch,
        machines: vec![machine("db"), machine("web")],
        controls: controls.clone(),
        signal: stream.signal(),
        powers: powers.clone(),
        wardrobe: Wardrobe::new(stream.clone(), None, looks.clone()),
        settle_limit: std::time::Duration::from_secs(60),
        thumbnails: true,
        audit: audit.clone(),
        believed: None,
    })
}

struct Fixture {
    router: Router,
    app: App,
    store: Store,
    folder: tempfile::TempDir,
    _control: sim::Control,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Bytes,
    body: Value,
}

impl Fixture {
    fn new() -> Self {
        Self::with_power(|panel| vec![Box::new(Lines::start(panel, Times::default()).unwrap())])
    }

    /// Whose power is controlled by what is made of the panel.
    fn with_power(power: impl FnOnce(Box<dyn Panel>) -> Vec<Box<dyn Backend>>) -> Self {
        Self::put_together(power, None)
    }

    /// With the machine at the first port of this switch, and none at the second.
    fn with_switch(switch: Box<dyn Switch>) -> Self {
        let lines = |panel| Lines::start(panel, Times::default()).unwrap();
        Self::put_together(|panel| vec![Box::new(lines(panel))], Some(switch))
    }

    fn put_together(
        power: impl FnOnce(Box<dyn Panel>) -> Vec<Box<dyn Backend>>,
        switch: Option<Box<dyn Switch>>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let audit = Audit::start(store.clone()).unwrap();
        let auth = Auth::new(store.clone(), audit.clone());
        let slots = Config::default().drives.slot;
        let (mut target, control) = sim::open(Options::default(), &slots).unwrap();
        let backends = target.panels.remove(0).map(power).unwrap_or_default();
        let stream = Stream::start(target.screen, VideoSettings::default());
        let controls = Controls::start(target.hid);
        let shortcuts = Kept::open(store.clone()).unwrap();
        let library =
            Library::open(&folder.path().join("images"), IMAGE_MAX, store.clone()).unwrap();
        let fetches = Fetches::new(library.clone(), &[]);
        let media = Media {
            library: library.clone(),
            slots: Slots::start(&slots, target.drives).unwrap(),
            held: Held::new(),
        };
        let place = |at: u8| {
            let names = ["db", "web"];
            switch.as_ref().map(|_| Place {
                port: at,
                machine: names[usize::from(at)].to_owned(),
            })
        };
        let power = PowerControl::start(backends, audit.at(place(0)));
        let power = match switch {
            Some(_) => Powers::of(vec![
                power,
                PowerControl::start(Vec::new(), audit.at(place(1))),
            ]),
            None => Powers::one(power),
        };
        let switch = switch.map(|switch| behind(switch, &stream, &controls, &power, &audit));
        let macros = Macros::new(
            store.clone(),
            controls.clone(),
            media.clone(),
            power.clone(),
        );
        let machine = Machine {
            name: target.machine.clone(),
            stream,
            controls,
            media,
            power,
            serial: None,
            switch,
            audit,
        };
        let room = Room::new(machine, auth.clone(), macros, &shortcuts);
        tokio::spawn(async move { library.tend().await });
        let app = App {
            auth,
            room,
            fetches,
            shortcuts,
            machine: target.machine.into(),
            sign_in_link: None,
            strict_transport: false,
        };
        Self {
            router: router(app.clone()),
            app,
            store,
            folder,
            _control: control,
        }
    }

    async fn claimed() -> Self {
        Self::new().with_ada().await
    }

    async fn with_ada(self) -> Self {
        let fixture = self;
        let hash = crate::auth::password::hash(PASSWORD);
        let add = move |connection: &mut rusqlite::Connection| {
            users::add(connection, "ada", &hash, Role::Operator)
        };
        fixture.store.call(add).await.unwrap();
        fixture
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let mut request = request;
        let peer = SocketAddr::from(([192, 0, 2, 7], 40_000));
        request.extensions_mut().insert(Peer(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes,
        }
    }

    async fn send(&self, method: Method, path: &str, cookie: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "kvm.example")
            .header(header::ORIGIN, "https://kvm.example")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, cookie)
            .body(Body::from(body.to_string()))
            .unwrap();
        self.ask(request).await
    }

    async fn state(&self, cookie: &str) -> Value {
        self.send(Method::GET, "/api/v1/state", cookie, &Value::Null)
            .await
            .body
    }

    async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let body = json!({ "name": name, "password": password });
        self.send(Method::POST, "/api/v1/session", "", &body).await
    }
}

impl Answer {
    /// Checks that this is a problem of RFC 9457 with this status.
    fn is_problem(&self, status: StatusCode) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_eq!(self.body["status"], status.as_u16());
        assert!(
            self.body["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty())
        );
    }

    fn cookie(&self) -> String {
        let cookie = self.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn nobody_learns_more_than_the_page_needs() {
    let fixture = Fixture::new();
    assert_eq!(
        fixture.state("").await,
        json!({ "claimed": false, "signed_in": null })
    );
}

#[tokio::test]
async fn a_claim_signs_in() {
    let fixture = Fixture::new();
    let code = fixture.app.auth.setup_code().to_string();
    let claim = json!({ "code": code, "name": "ada", "password": PASSWORD });
    let answer = fixture
        .send(Method::POST, "/api/v1/claim", "", &claim)
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let state = fixture.state(&answer.cookie()).await;
    assert_eq!(state["claimed"], true);
    assert_eq!(
        state["signed_in"],
        json!({ "name": "ada", "role": "admin" })
    );
    assert_eq!(state["version"], env!("CARGO_PKG_VERSION"));
    let again = fixture
        .send(Method::POST, "/api/v1/claim", "", &claim)
        .await;
    again.is_problem(StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_session_lasts_until_it_is_ended() {
    let fixture = Fixture::claimed().await;
    let cookie = fixture.sign_in("ada", PASSWORD).await.cookie();
    assert_eq!(fixture.state(&cookie).await["signed_in"]["name"], "ada");
    let ended = fixture
        .send(Method::DELETE, "/api/v1/session", &cookie, &Value::Null)
        .await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert!(
        ended.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(fixture.state(&cookie).await["signed_in"], Value::Null);
    let again = fixture
        .send(Method::DELETE, "/api/v1/session", &cookie, &Value::Null)
        .await;
    again.is_problem(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_get_the_same_answer() {
    let fixture = Fixture::claimed().await;
    let wrong_password = fixture.sign_in("ada", "wrong horse").await;
    let wrong_name = fixture.sign_in("eve", PASSWORD).await;
    wrong_password.is_problem(StatusCode::UNAUTHORIZED);
    assert_eq!(wrong_password.body, wrong_name.body);
    assert_eq!(wrong_password.status, wrong_name.status);
    assert!(wrong_name.headers.get(header::SET_COOKIE).is_none());
}

#[tokio::test]
async fn too_many_guesses_are_told_how_long_to_wait() {
    let fixture = Fixture::claimed().await;
    for _ in 0..3 {
        fixture
            .sign_in("ada", "wrong horse")
            .await
            .is_problem(StatusCode::UNAUTHORIZED);
    }
    let answer = fixture.sign_in("ada", PASSWORD).await;
    answer.is_problem(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers[header::RETRY_AFTER], "1");
}

#[tokio::test]
async fn what_is_not_a_request_is_a_problem() {
    let fixture = Fixture::claimed().await;
    let post = |kind: &'static str, body: Body| {
        Request::post("/api/v1/session")
            .header(header::CONTENT_TYPE, kind)
            .body(body)
            .unwrap()
    };
    for (request, status) in [
        (
            post("application/json", Body::from("{")),
            StatusCode::BAD_REQUEST,
        ),
        (
            post("application/json", Body::from("{}")),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            post("text/plain", Body::from("{}")),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            post("application/json", Body::from(vec![b' '; BODY_MAX + 1])),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            Request::get("/api/v1/claim").body(Body::empty()).unwrap(),
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            Request::get("/api/v1/nothing").body(Body::empty()).unwrap(),
            StatusCode::NOT_FOUND,
        ),
        (
            Request::get("/api/v2/state").body(Body::empty()).unwrap(),
            StatusCode::NOT_FOUND,
        ),
        (
            Request::get("/nothing.js").body(Body::empty()).unwrap(),
            StatusCode::NOT_FOUND,
        ),
        (
            Request::get("/link").body(Body::empty()).unwrap(),
            StatusCode::UNAUTHORIZED,
        ),
        (
            Request::get("/demo/0").body(Body::empty()).unwrap(),
            StatusCode::NOT_FOUND,
        ),
    ] {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = fixture.ask(request).await;
        assert_eq!(answer.status, status, "{what}");
        answer.is_problem(status);
    }
}

#[tokio::test]
async fn keyboard_layouts_are_listed_and_fetched_by_those_who_are_signed_in() {
    let fixture = Fixture::claimed().await;
    for path in ["/api/v1/layouts", "/api/v1/layouts/de"] {
        let stranger = fixture.send(Method::GET, path, "", &Value::Null).await;
        stranger.is_problem(StatusCode::UNAUTHORIZED);
    }
    let cookie = fixture.sign_in("ada", PASSWORD).await.cookie();
    let get = |path: &'static str| fixture.send(Method::GET, path, &cookie, &Value::Null);
    let list = get("/api/v1/layouts").await.body;
    let swiss = json!({ "name": "de-ch", "label": "German (Switzerland)" });
    assert!(list.as_array().unwrap().contains(&swiss), "{list}");

    let german = get("/api/v1/layouts/de").await;
    assert_eq!(german.status, StatusCode::OK);
    let table = include_bytes!("../../../shared/layouts/de.bin");
    assert_eq!(german.bytes, table.as_slice());

    for path in [
        "/api/v1/layouts/klingon",
        "/api/v1/layouts/..%2Flayouts%2Fde",
    ] {
        let unknown = get(path).await;
        unknown.is_problem(StatusCode::NOT_FOUND);
        let detail = unknown.body["detail"].as_str().unwrap();
        assert!(detail.contains("de, de-ch, dvorak"), "{detail}");
    }
}

#[tokio::test]
async fn other_sites_change_nothing_and_open_no_link() {
    let fixture = Fixture::claimed().await;
    let cookie = fixture.sign_in("ada", PASSWORD).await.cookie();
    for (method, path) in [(Method::DELETE, "/api/v1/session"), (Method::GET, "/link")] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "kvm.example")
            .header(header::ORIGIN, "https://evil.example")
            .header(header::UPGRADE, "websocket")
            .header(header::COOKIE, &cookie)
            .body(Body::empty())
            .unwrap();
        fixture.ask(request).await.is_problem(StatusCode::FORBIDDEN);
    }
    assert_eq!(fixture.state(&cookie).await["signed_in"]["name"], "ada");
}

#[tokio::test]
async fn every_answer_confines_the_page() {
    let fixture = Fixture::new();
    for path in ["/", "/api/v1/state", "/nothing.js"] {
        let answer = fixture
            .ask(Request::get(path).body(Body::empty()).unwrap())
            .await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"));
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer");
        assert!(
            answer
                .headers
                .get(header::STRICT_TRANSPORT_SECURITY)
                .is_none()
        );
    }
}

#[tokio::test]
async fn the_demos_link_signs_one_visitor_in() {
    let mut fixture = Fixture::claimed().await;
    let (user, _) = fixture
        .store
        .call(|connection| users::find(connection, "ada"))
        .await
        .unwrap()
        .unwrap();
    let (link, path) = SignInLink::new(user);
    fixture.app.sign_in_link = Some(Arc::new(link));
    fixture.router = router(fixture.app.clone());
    let visit = || Request::get(&path).body(Body::empty()).unwrap();
    let wrong = format!("/demo/{}", "0".repeat(64));
    let wrong = fixture
        .ask(Request::get(wrong).body(Body::empty()).unwrap())
        .await;
    wrong.is_problem(StatusCode::NOT_FOUND);
    let first = fixture.ask(visit()).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    assert_eq!(first.headers[header::LOCATION], "/");
    assert_eq!(
        fixture.state(&first.cookie()).await["signed_in"]["name"],
        "ada"
    );
    fixture.ask(visit()).await.is_problem(StatusCode::NOT_FOUND);
}

mod audit;
mod drives;
mod images;
mod macros;
mod ports;
mod power;
