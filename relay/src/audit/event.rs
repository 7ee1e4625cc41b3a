//! What the audit log knows of.

use std::net::IpAddr;

use serde::Serialize;
use shared::{power, switch};

use crate::auth::Role;

/// Something that was done. In JSON its name is `what`, and what goes with it stands beside. What people type, and what a
/// machine prints, is in none of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "what",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum Event {
    /// The relay began to serve.
    RelayStarted {
        /// Its version.
        version: &'static str,
    },
    /// The relay was stopped, and not cut off.
    RelayStopped,

    /// Somebody became the relay's first user.
    Claimed {
        /// Where the browser is.
        from: IpAddr,
    },
    /// The setup code was wrong. Whoever tried is not known.
    ClaimRefused {
        /// Where the browser is.
        from: IpAddr,
    },
    /// Somebody signed in.
    SignedIn {
        /// Where the browser is.
        from: IpAddr,
    },
    /// A name or a password was wrong. Whoever tried is not known.
    SignInRefused {
        /// The user whose name was given; nothing where there is none of this name: it may be a password that went into
        /// the wrong field.
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// Where the browser is.
        from: IpAddr,
    },
    /// Somebody signed out.
    SignedOut,
    /// A user was added at the relay's own command line, as in the next two.
    UserAdded {
        /// Their name.
        user: String,
        /// What they may do.
        role: Role,
    },
    /// A user was removed.
    UserRemoved {
        /// Their name.
        user: String,
    },
    /// A user got another password.
    PasswordChanged {
        /// Their name.
        user: String,
    },

    /// Somebody took keyboard and pointer, from whoever had them.
    ControlsTaken,
    /// The relay began to type a text.
    TextTyped {
        /// How long it is.
        characters: usize,
    },
    /// A macro was begun.
    MacroRun {
        /// Its name.
        name: String,
    },
    /// What keeps the machine awake was changed.
    JigglerSet {
        /// Whether it is on.
        on: bool,
    },

    /// Something was begun with the machine's power.
    PowerBegun {
        /// What.
        action: power::PowerAction,
    },
    /// It is over.
    PowerEnded {
        /// What.
        action: power::PowerAction,
        /// How.
        outcome: power::Outcome,
    },
    /// Somebody broke off what was being done to the machine's power.
    PowerBrokenOff,

    /// The switch was asked for this machine.
    MoveBegun,
    /// The switch stands on this machine, or was asked in vain. By nobody where its own button was pressed.
    Moved {
        /// How it ended.
        outcome: switch::Outcome,
    },

    /// Something was put into a drive.
    Inserted {
        /// Which drive.
        drive: String,
        /// What.
        name: String,
        /// Whether the machine can write on it.
        writable: bool,
    },
    /// A drive was emptied.
    Ejected {
        /// Which drive.
        drive: String,
        /// What was in it.
        name: String,
        /// Whether that was to be done though the machine had locked it in.
        forced: bool,
    },
    /// An image is on its way into the library.
    UploadBegun {
        /// What it will be called.
        name: String,
    },
    /// The relay fetches an image.
    FetchBegun {
        /// What it will be called.
        name: String,
        /// From where, without what may be a secret in it.
        url: String,
    },
    /// A blank disk is made.
    DiskBegun {
        /// What it will be called.
        name: String,
        /// How large it is.
        bytes: u64,
    },
    /// A transfer was given up.
    TransferGivenUp {
        /// What it would have been called.
        name: String,
    },
    /// An image got another name.
    ImageRenamed {
        /// The name before.
        from: String,
        /// The name now.
        to: String,
    },
    /// An image was deleted.
    ImageDeleted {
        /// Its name.
        name: String,
    },
    /// An image was taken out of the relay, or a part of it.
    ImageDownloaded {
        /// Its name.
        name: String,
    },
    /// Files were taken off an image.
    FilesDownloaded {
        /// The image's name.
        name: String,
        /// The file or folder.
        path: String,
    },

    /// A break was sent on the serial line.
    SerialBreakSent,
    /// The serial line got another speed.
    SerialSpeedSet {
        /// In baud.
        speed: u32,
    },
    /// All that the serial port had printed was taken out of the relay.
    SerialLogDownloaded,

    /// A macro was added.
    MacroAdded {
        /// Its name.
        name: String,
    },
    /// A macro was changed.
    MacroReplaced {
        /// Its name from now on.
        name: String,
    },
    /// A macro was deleted.
    MacroDeleted {
        /// Its name.
        name: String,
    },
    /// The shortcuts were changed.
    ShortcutsReplaced,
}
