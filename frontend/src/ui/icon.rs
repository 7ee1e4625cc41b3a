//! The icons: one set, drawn on a grid of twenty, in lines of one weight.

use leptos::prelude::*;

/// An icon, by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// Armchair itself.
    Armchair,
    /// There is more below.
    Open,
    /// There is more beside this.
    More,
    /// Close this.
    Close,
    /// Fill the display.
    FullScreen,
    /// Back to the window.
    Window,
    /// Steps, one after the other.
    Macros,
    /// Several machines.
    Machines,
    /// Figures.
    Statistics,
    /// What can be set.
    Settings,
    /// Having the controls.
    Control,
    /// The pointer as a mouse.
    Mouse,
    /// Show a password.
    Eye,
    /// Hide a password.
    EyeOff,
    /// Leave.
    SignOut,
    /// Somebody.
    Person,
    /// Keys.
    Keyboard,
    /// Something that can be moved.
    Move,
    /// Something that can be made wider.
    Resize,
    /// Something over the page.
    Float,
    /// A text.
    Text,
    /// A text terminal.
    Terminal,
    /// Keys that are pressed together.
    Shortcut,
    /// Keep it at hand.
    Pin,
    /// Another name.
    Edit,
    /// Away with it.
    Delete,
    /// One more.
    Add,
    /// Take down what is done.
    Record,
    /// Something that can be put elsewhere in its list.
    Order,
    /// A plug that is out.
    Plug,
    /// A screen without a picture.
    NoPicture,
    /// The machine's power.
    Power,
    /// A disc, and the drives for it.
    Disc,
    /// Something is wrong.
    Warning,
    /// USB.
    Usb,
    /// A folder.
    Folder,
    /// A file.
    File,
    /// The link is lost.
    NoLink,
    /// The picture as a trackpad.
    Trackpad,
    /// The keyboard of this device.
    DeviceKeyboard,
    /// The machine is kept from sleeping.
    Awake,
    /// How the picture is seen.
    View,
    /// Larger.
    Plus,
    /// Smaller.
    Minus,
    /// A quarter turn clockwise.
    Rotate,
    /// Something must be locked or trusted.
    Padlock,
    /// Take a picture.
    Camera,
    /// End what runs.
    Stop,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Armchair => {
                "M6.3 9V5.8a2 2 0 0 1 2-2h3.4a2 2 0 0 1 2 2V9M4 8.7a1.7 1.7 0 0 1 2.3 1.6V11.6h7.4v-1.3a1.7 1.7 0 1 1 2.4 1.550v2.4a1 1 0 0 1-1 1H4.9a1 1 0 0 1-1-1v-2.4A1.7 1.7 0 0 1 4 8.7zM6 15.3v1.3M14 15.3v1.3"
            }
            Self::Open => "m6 8 4 4 4-4",
            Self::More => {
                "M3.6 10a.9.9 0 1 0 1.8 0 .9.9 0 1 0-1.8 0M9.1 10a.9.9 0 1 0 1.8 0 .9.9 0 1 0-1.8 0M14.6 10a.9.9 0 1 0 1.8 0 .9.9 0 1 0-1.8 0"
            }
            Self::Close => "m5 5 10 10M15 5 5 15",
            Self::FullScreen => "M12 3h5v5M8 17H3v-5M17 3l-5.5 5.5M3 17l5.5-5.5",
            Self::Window => "M11.5 4v4.5H16M8.5 16v-4.5H4M17 3l-5.5 5.5M3 17l5.5-5.5",
            Self::Macros => {
                "M3 5h6M3 10h4M3 15h6M11.5 6.5v7a1 1 0 0 0 1.500.870l5.500-3.500a1 1 0 0 0 0-1.740l-5.500-3.500a1 1 0 0 0-1.500.870z"
            }
            Self::Machines => {
                "M3.5 3.500h13v5.500h-13zM3.5 11h13v5.500h-13zM6 6.250h.1M6 13.750h.1M9 6.250h5M9 13.750h5"
            }
            Self::Statistics => "M3 17h14M5.5 13.5V10M10 13.5v-9M14.5 13.5V7.5",
            Self::Settings => {
                "M3 6h7M14 6h3M3 14h3M10 14h7M10 6a2 2 0 1 0 4 0 2 2 0 1 0-4 0M6 14a2 2 0 1 0 4 0 2 2 0 1 0-4 0"
            }
            Self::Control => {
                "M2.5 10a7.5 7.5 0 1 0 15 0 7.5 7.5 0 1 0-15 0M8 10.5a2 2 0 1 0 4 0 2 2 0 1 0-4 0M10 12.5v5M8.1 9.8 2.9 8.3M11.9 9.8l5.2-1.5"
            }
            Self::Mouse => {
                "M10 2.5a4.5 4.5 0 0 1 4.5 4.5v6a4.5 4.5 0 0 1-9 0V7A4.5 4.5 0 0 1 10 2.5zM10 6v2.5"
            }
            Self::Eye => {
                "M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5S2 10 2 10zM7.7 10a2.3 2.3 0 1 0 4.6 0 2.3 2.3 0 1 0-4.6 0"
            }
            Self::EyeOff => {
                "M3.5 3.5l13 13M8 4.7a8 8 0 0 1 2-.2c5 0 8 5.5 8 5.5a14 14 0 0 1-2.2 2.8M13 14.9a7.5 7.5 0 0 1-3 .6c-5 0-8-5.5-8-5.5a14 14 0 0 1 3.4-3.9M8.3 8.4a2.3 2.3 0 0 0 3.2 3.3"
            }
            Self::SignOut => {
                "M8 3.5H5A1.5 1.5 0 0 0 3.5 5v10A1.5 1.5 0 0 0 5 16.5h3M13 13.5l3.5-3.5L13 6.5M16.5 10H8"
            }
            Self::Person => "M7 7a3 3 0 1 0 6 0 3 3 0 1 0-6 0M4 16.5a6 6 0 0 1 12 0",
            Self::Keyboard => {
                "M4 5h12a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM5 8h0M8 8h0M11 8h0M14 8h0M6 12h8"
            }
            Self::Move => {
                "M10 2.5v15M2.5 10h15M7.8 4.700 10 2.5l2.200 2.200M7.8 15.300l2.200 2.200 2.200-2.200M4.700 7.800 2.5 10l2.200 2.200M15.300 7.800 17.5 10l-2.200 2.200"
            }
            Self::Resize => "M2.500 10h15M5 7.500 2.500 10 5 12.5M15 7.500 17.500 10 15 12.5",
            Self::Float => {
                "M4 3.500h12a1 1 0 0 1 1 1V11M3 9.500V4.5a1 1 0 0 1 1-1M3 11.5h8a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z"
            }
            Self::Text => "M4 6V4h12v2M10 4v12M7.5 16h5",
            Self::Shortcut => {
                "M7 7h6v6H7zM7 7H5a2 2 0 1 1 2-2zM13 7V5a2 2 0 1 1 2 2zM13 13h2a2 2 0 1 1-2 2zM7 13v2a2 2 0 1 1-2-2z"
            }
            Self::Terminal => {
                "M3.500 4h13A1.500 1.500 0 0 1 18 5.500v9a1.500 1.500 0 0 1-1.500 1.500h-13A1.500 1.500 0 0 1 2 14.500v-9A1.500 1.500 0 0 1 3.500 4zM5.500 7.500 8 10l-2.500 2.500M10 12.500h4"
            }
            Self::Pin => "M7 3h6M8 3v5l-2.500 3.500h9L12 8V3M10 11.500V17",
            Self::Edit => {
                "m4 16 .8-3.600L13.500 3.700l2.800 2.800-8.700 8.700zM11.500 5.700l2.800 2.800"
            }
            Self::Delete => {
                "M4 5.500h12M8 5.500v-2h4v2M5.500 5.500l.7 11h7.600l.7-11M8.500 9v4.500M11.500 9v4.500"
            }
            Self::Add => "M10 4v12M4 10h12",
            Self::Record => "M6 10a4 4 0 1 0 8 0 4 4 0 1 0-8 0",
            Self::Order => "M4 6.500h12M4 10h12M4 13.500h12",
            Self::Plug => "M7 2.5V7M13 2.5V7M5 7h10v3a5 5 0 0 1-10 0zM10 15v2.5",
            Self::NoPicture => {
                "M3.5 3.5h13A1.5 1.5 0 0 1 18 5v7.5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 2 12.5V5a1.5 1.5 0 0 1 1.5-1.5zM7 17h6M8 6.8l4 4M12 6.8l-4 4"
            }
            Self::Power => "M10 2.5v7M5.8 5a6.5 6.5 0 1 0 8.4 0",
            Self::Disc => {
                "M2.5 10a7.5 7.5 0 1 0 15 0 7.5 7.5 0 1 0-15 0M8 10a2 2 0 1 0 4 0 2 2 0 1 0-4 0M5.500 10A4.500 4.500 0 0 1 10 5.500"
            }
            Self::Warning => "M10 3.2 17.5 16h-15zM10 8v3.7M10 13.7v.1",
            Self::Usb => {
                "M10 16V3.5M8 5.5l2-2.5 2 2.5M10 13.5 6 11V8.5M10 11.5l4-2.5V7M8.7 16.5a1.3 1.3 0 1 0 2.6 0 1.3 1.3 0 1 0-2.6 0"
            }
            Self::Folder => "M2.500 5.500h5l1.500 2h8.500v8h-15z",
            Self::File => "M5 2.500h6.500l3.500 3.500v11.500H5zM11.500 2.500V6H15",
            Self::NoLink => {
                "M3 3l14 14M2.5 8a11 11 0 0 1 3.7-2.4M9 4.6A11 11 0 0 1 17.5 8M5.3 11a7 7 0 0 1 3-1.7M12.5 9.7a7 7 0 0 1 2.2 1.3M8 13.8a3 3 0 0 1 3.8-.1M10 16.5v.1"
            }
            Self::Trackpad => {
                "M4.5 4h11A1.5 1.5 0 0 1 17 5.5v9a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5v-9A1.5 1.5 0 0 1 4.5 4zM3 12h14M10 12v4"
            }
            Self::DeviceKeyboard => {
                "M6 2.5h8A1.5 1.5 0 0 1 15.5 4v12a1.5 1.5 0 0 1-1.5 1.5H6A1.5 1.5 0 0 1 4.5 16V4A1.5 1.5 0 0 1 6 2.5zM4.5 10.5h11M7.5 13h0M10 13h0M12.5 13h0M8 15.5h4"
            }
            Self::Awake => {
                "M4 7.5h10v5a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3zM14 8.5h1.5a1.8 1.8 0 0 1 0 3.6H14M7 5V3.5M11 5V3.5"
            }
            Self::View => {
                "M8.5 3a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM12.6 12.6 17 17M8.5 6.2v4.6M6.2 8.5h4.6"
            }
            Self::Plus => "M10 4v12M4 10h12",
            Self::Minus => "M4 10h12",
            Self::Rotate => "M16 10a6 6 0 1 1-2-4.5L16.2 7.5M16.5 3.5v4h-4",
            Self::Camera => {
                "M3.5 6h2.7l1.3-2h5l1.3 2h2.7A1.5 1.5 0 0 1 18 7.5v7a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 2 14.5v-7A1.5 1.5 0 0 1 3.5 6zM7 10.8a3 3 0 1 0 6 0 3 3 0 1 0-6 0"
            }
            Self::Stop => {
                "M6.5 5.5h7a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1z"
            }
            Self::Padlock => {
                "M5 9h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1zM6.5 9V6.5a3.5 3.5 0 0 1 7 0V9M10 12.3v1.4"
            }
        }
    }
}

/// Draws an icon. It is never the only thing that says what a control does.
#[component]
pub(crate) fn Drawn(
    /// Which; a signal's change redraws it.
    #[prop(into)]
    icon: Signal<Icon>,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d=move || icon.get().path()></path>
        </svg>
    }
}
