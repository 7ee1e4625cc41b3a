use shared::{
    input::Usage,
    message::{State, VideoSettings},
    version::Versions,
    wire::{decode_to_browser, encode_to_relay},
};

use super::*;
use crate::{
    auth::users,
    config::Config,
    media::{
        held::Held,
        library::{name::Name, transfers::Announcement},
    },
    power::{lines::Lines, machines::Powers, settings::Times},
    store::Store,
    target::sim::{self, Options},
};

/// Where everybody signs in from.
const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Longer than anything takes that comes at all.
const DEADLINE: Duration = Duration::from_secs(30);

/// A link within this process.
struct MemoryLink {
    to_page: mpsc::Sender<Bytes>,
    from_page: mpsc::Receiver<Result<Bytes, LinkError>>,
}

impl Link for MemoryLink {
    type Sender = mpsc::Sender<Bytes>;
    type Receiver = mpsc::Receiver<Result<Bytes, LinkError>>;

    fn split(self) -> (Self::Sender, Self::Receiver) {
        (self.to_page, self.from_page)
    }
}

impl LinkSender for mpsc::Sender<Bytes> {
    async fn send(&mut self, message: Bytes) -> Result<(), LinkError> {
        let sent = mpsc::Sender::send(self, message).await;
        sent.map_err(|_| LinkError("gone".to_owned()))
    }

    async fn close(&mut self, closing: Closing) -> Result<(), LinkError> {
        LinkSender::send(self, bytes(&ToBrowser::Closing(closing))).await
    }
}

impl LinkReceiver for mpsc::Receiver<Result<Bytes, LinkError>> {
    async fn receive(&mut self) -> Result<Option<Bytes>, LinkError> {
        self.recv().await.transpose()
    }
}

struct Fixture {
    room: Room,
    store: Store,
    _folder: tempfile::TempDir,
    _control: sim::Control,
}

struct Page {
    send: mpsc::Sender<Result<Bytes, LinkError>>,
    receive: mpsc::Receiver<Bytes>,
    session: auth::Session,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let slots = Config::default().drives.slot;
        let (mut target, control) = sim::open(Options::default(), &slots).unwrap();
        let stream = Stream::start(target.screen, VideoSettings::default());
        let controls = Controls::start(target.hid);
        let images = folder.path().join("images");
        let media = Media {
            library: Library::open(&images, 1 << 20, store.clone()).unwrap(),
            slots: Slots::start(&slots, target.drives).unwrap(),
            held: Held::new(),
        };
        let panel = target.panels.remove(0).unwrap();
        let lines = Lines::start(panel, Times::default()).unwrap();
        let power = Powers::one(PowerControl::start(vec![Box::new(lines)], Audit::default()));
        let macros = Macros::new(
            store.clone(),
            controls.clone(),
            media.clone(),
            power.clone(),
        );
        let machine = Machine {
            name: target.machine,
            stream,
            controls,
            media,
            power,
            serial: None,
            switch: None,
            audit: Audit::default(),
        };
        Self {
            room: Room::new(
                machine,
                Auth::new(store.clone(), Audit::default()),
                macros,
                &Kept::open(store.clone()).unwrap(),
            ),
            store,
            _folder: folder,
            _control: control,
        }
    }

    async fn session(&self, name: &'static str, role: Role) -> auth::Session {
        let user = self
            .store
            .call(move |connection| match users::find(connection, name)? {
                Some((user, _)) => Ok(Some(user)),
                None => users::add(connection, name, "", role),
            })
            .await
            .unwrap()
            .unwrap();
        self.room.0.auth.open_session(user, HERE).await.unwrap().1
    }

    /// A page that has not said anything yet. It takes so many messages before the next waits.
    async fn open(&self, name: &'static str, role: Role, room_for: usize) -> Page {
        let session = self.session(name, role).await;
        let (to_page, receive) = mpsc::channel(room_for);
        let (send, from_page) = mpsc::channel(64);
        let (room, of) = (self.room.clone(), session.clone());
        tokio::spawn(async move { room.watch(MemoryLink { to_page, from_page }, of).await });
        Page {
            send,
            receive,
            session,
        }
    }

    async fn enter(&self, name: &'static str, role: Role) -> (Page, State) {
        let mut page = self.open(name, role, 1).await;
        page.say(&ToRelay::Hello(SPOKEN)).await;
        assert_eq!(page.hear().await, Some(ToBrowser::Hello { version: 2 }));
        match page.hear().await {
            Some(ToBrowser::State(state)) => (page, state),
            other => panic!("instead of the state: {other:?}"),
        }
    }
}

impl Page {
    async fn say(&self, message: &ToRelay) {
        self.say_bytes(&encode_to_relay(message)).await;
    }

    async fn say_bytes(&self, message: &[u8]) {
        self.send
            .send(Ok(Bytes::copy_from_slice(message)))
            .await
            .unwrap();
    }

    /// The next message; `None` where the link has ended.
    async fn hear(&mut self) -> Option<ToBrowser> {
        let message = timeout(DEADLINE, self.receive.recv())
            .await
            .expect("a message")?;
        Some(
            decode_to_browser(&message)
                .expect("a message of the protocol")
                .0,
        )
    }

    /// What the relay says before it closes the link.
    async fn closing(&mut self) -> Option<Closing> {
        let mut last = None;
        while let Some(message) = self.hear().await {
            if let ToBrowser::Closing(closing) = message {
                last = Some(closing);
            }
        }
        last
    }

    async fn change_where(&mut self, wanted: impl Fn(&Change) -> bool) -> Change {
        loop {
            match self.hear().await {
                Some(ToBrowser::Change(change)) if wanted(&change) => return change,
                Some(_) => {}
                None => panic!("the link ended"),
            }
        }
    }

    async fn frame(&mut self) -> shared::video::Frame {
        loop {
            match self.hear().await {
                Some(ToBrowser::Video(frame)) => return frame,
                Some(_) => {}
                None => panic!("the link ended"),
            }
        }
    }
}

#[tokio::test]
async fn a_page_is_told_everything_once() {
    let fixture = Fixture::new();
    let (_first, state) = fixture.enter("ada", Role::Admin).await;
    assert_eq!(state.controller, Some(state.you));
    let (_second, state) = fixture.enter("eve", Role::Viewer).await;
    let names: Vec<&str> = state
        .viewers
        .iter()
        .map(|viewer| viewer.name.as_str())
        .collect();
    assert_eq!(names, ["ada", "eve"]);
    assert_eq!(state.machine, fixture.room.0.machine.name);
}

#[tokio::test]
async fn everybody_is_told_of_images_and_of_what_is_on_its_way() {
    let fixture = Fixture::new();
    let library = fixture.room.library().clone();
    tokio::spawn({
        let library = library.clone();
        async move { library.tend().await }
    });
    let (mut page, _) = fixture.enter("eve", Role::Viewer).await;
    page.change_where(|change| *change == Change::Images(0))
        .await;
    let announced = Announcement {
        name: Name::new("a.img").unwrap(),
        total: Some(5),
        sent: None,
        sha256: None,
        url: None,
    };
    let standing = library.call(|library| library.announce(announced)).await;
    let id = standing.unwrap().transfer.id;
    let told = page
        .change_where(|change| matches!(change, Change::Transfers(told) if told.len() == 1))
        .await;
    let Change::Transfers(told) = told else {
        panic!("{told:?}");
    };
    assert_eq!((told[0].id, told[0].total), (id, Some(5)));
    let sent = library.call(move |library| {
        let mut append = library.append(id, Some(0), None)?;
        append.write(b"whole")?;
        append.finish(true)
    });
    sent.await.unwrap();
    let (mut is_listed, mut is_done) = (false, false);
    while !(is_listed && is_done) {
        match page.change_where(|_| true).await {
            Change::Images(1) => is_listed = true,
            Change::Transfers(told) => is_done = told.is_empty(),
            _ => {}
        }
    }
}

#[tokio::test]
async fn everybody_sees_who_comes_and_goes() {
    let fixture = Fixture::new();
    let (mut first, _) = fixture.enter("ada", Role::Admin).await;
    let (second, state) = fixture.enter("bob", Role::Operator).await;
    let came = first
        .change_where(|change| matches!(change, Change::Viewers(_)))
        .await;
    assert_eq!(came, Change::Viewers(state.viewers));
    drop(second);
    let left = first
        .change_where(|change| matches!(change, Change::Viewers(_)))
        .await;
    assert!(matches!(left, Change::Viewers(viewers) if viewers.len() == 1));
}

#[tokio::test]
async fn a_viewer_gets_no_control_and_changes_no_settings() {
    let fixture = Fixture::new();
    let (mut page, state) = fixture.enter("eve", Role::Viewer).await;
    assert_eq!(state.controller, None);
    page.say(&ToRelay::TakeControl).await;
    page.say(&ToRelay::SetVideo(VideoSettings {
        bitrate_kbps: 500,
        frame_rate: 5,
    }))
    .await;
    page.say(&ToRelay::Input(Input::Key {
        usage: Usage::Keyboard(4),
        down: true,
    }))
    .await;
    page.say(&ToRelay::Ping { sent_us: 7 }).await;
    while !matches!(page.hear().await, Some(ToBrowser::Pong { sent_us: 7, .. })) {}
    assert_eq!(*fixture.room.0.machine.controls.controller().borrow(), None);
    assert_eq!(
        *fixture.room.0.machine.stream.settings().borrow(),
        VideoSettings::default()
    );
}

#[tokio::test]
async fn control_goes_from_hand_to_hand() {
    let fixture = Fixture::new();
    let (mut first, state) = fixture.enter("ada", Role::Admin).await;
    assert_eq!(state.controller, Some(state.you));
    let (second, state) = fixture.enter("bob", Role::Operator).await;
    assert_ne!(state.controller, Some(state.you));
    second.say(&ToRelay::TakeControl).await;
    first
        .change_where(|change| *change == Change::Controller(Some(state.you)))
        .await;
    second.say(&ToRelay::GiveUpControl).await;
    first
        .change_where(|change| *change == Change::Controller(None))
        .await;
    second.say(&ToRelay::TakeControl).await;
    first
        .change_where(|change| *change == Change::Controller(Some(state.you)))
        .await;
    drop(second);
    first
        .change_where(|change| *change == Change::Controller(None))
        .await;
}

#[tokio::test]
async fn a_page_that_reads_nothing_is_sent_no_more_than_fits_on_its_way() {
    let fixture = Fixture::new();
    let (mut page, _) = fixture.enter("ada", Role::Admin).await;
    assert!(page.frame().await.key);
    page.say(&ToRelay::Ping { sent_us: 1 }).await;
    let mut frames = 1;
    let pong = loop {
        match page.hear().await {
            Some(ToBrowser::Video(_)) => frames += 1,
            Some(ToBrowser::Pong { sent_us, .. }) => break sent_us,
            Some(_) => {}
            None => panic!("the link ended"),
        }
    };
    assert_eq!(pong, 1);
    assert!(frames <= 2, "{frames} frames without an acknowledgement");
}

#[tokio::test]
async fn a_full_room_says_so() {
    let fixture = Fixture::new();
    let ada = fixture.session("ada", Role::Viewer).await;
    let join = |_| fixture.room.0.viewers.join(Instant::now(), &ada).unwrap();
    let seats: Vec<_> = (0..viewers::VIEWERS_MAX).map(join).collect();
    let mut page = fixture.open("bob", Role::Admin, 8).await;
    page.say(&ToRelay::Hello(SPOKEN)).await;
    assert_eq!(page.closing().await, Some(Closing::Full));
    drop(seats);
    fixture.enter("bob", Role::Admin).await;
}

#[tokio::test]
async fn messages_that_are_none_close_their_link_only() {
    let fixture = Fixture::new();
    let (bystander, _) = fixture.enter("ada", Role::Admin).await;
    for message in [
        &[][..],
        &[0xFF],
        &[1, 0],
        &encode_to_relay(&ToRelay::Hello(SPOKEN)),
    ] {
        let (mut page, _) = fixture.enter("bob", Role::Operator).await;
        page.say_bytes(message).await;
        assert_eq!(
            page.closing().await,
            Some(Closing::BadMessage),
            "{message:?}"
        );
    }
    assert!(!bystander.send.is_closed());
}

#[tokio::test]
async fn versions_that_do_not_meet_end_in_a_new_page() {
    let fixture = Fixture::new();
    let mut page = fixture.open("ada", Role::Admin, 8).await;
    page.say(&ToRelay::Hello(Versions {
        oldest: SPOKEN.newest + 1,
        newest: SPOKEN.newest + 5,
    }))
    .await;
    assert_eq!(page.closing().await, Some(Closing::ReloadPage));
}

#[tokio::test]
async fn a_page_that_never_says_hello_is_let_go() {
    let fixture = Fixture::new();
    let mut page = fixture.open("ada", Role::Admin, 8).await;
    assert_eq!(page.closing().await, Some(Closing::Silent));
}

#[tokio::test]
async fn signing_out_ends_the_links_of_that_session_only() {
    let fixture = Fixture::new();
    let (mut leaving, _) = fixture.enter("ada", Role::Admin).await;
    let (staying, _) = fixture.enter("ada", Role::Admin).await;
    fixture
        .room
        .0
        .auth
        .sign_out(&leaving.session)
        .await
        .unwrap();
    assert_eq!(leaving.closing().await, Some(Closing::SignedOut));
    assert!(!staying.send.is_closed());
}

#[tokio::test]
async fn the_end_of_the_relay_is_told_to_everybody() {
    let fixture = Fixture::new();
    let (mut first, _) = fixture.enter("ada", Role::Admin).await;
    let (mut second, _) = fixture.enter("eve", Role::Viewer).await;
    let room = fixture.room.clone();
    let closed = tokio::spawn(async move { room.close().await });
    let told = tokio::join!(first.closing(), second.closing());
    let restarting = Some(Closing::Restarting);
    assert_eq!(told, (restarting, restarting));
    drop((first, second));
    timeout(DEADLINE, closed)
        .await
        .expect("all are gone")
        .unwrap();
}
