//! The commands of the PC's console.

use std::time::Duration;

use time::OffsetDateTime;

use super::{
    disk,
    drive::Mounted,
    geometry::Size,
    layout::{LAYOUTS, Layout},
    text::{Ink, Line, line, plain},
};

/// What commands may look at.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The layout of now.
    pub layout: &'static Layout,
    /// The screen's size of now.
    pub size: Size,
    /// Whether the moving picture is shown.
    pub motion: bool,
    /// What is in the drives.
    pub drives: &'a [Mounted],
    /// Unix time in microseconds.
    pub unix_us: u64,
    /// Since the machine was switched on.
    pub uptime: Duration,
}

/// What a command asks of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Empties the screen.
    Clear,
    /// Sets the keyboard's layout.
    Layout(&'static Layout),
    /// Shows or hides the moving picture.
    Motion(bool),
    /// Sets the screen's size.
    Resize(Size),
    /// Goes to sleep.
    Sleep,
    /// Shuts down.
    PowerOff,
}

/// A command's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What is printed.
    pub lines: Vec<Line>,
    /// What is to happen.
    pub effect: Effect,
    /// Files of drives that are to be shown once they have been read.
    pub wanted: Vec<Wanted>,
}

/// A file of a drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The drive.
    pub slot: String,
    /// The file's name.
    pub name: String,
    /// Whether it was asked for on the serial line.
    pub on_serial: bool,
}

/// The commands, with their arguments and what they do.
pub const COMMANDS: [(&str, &str, &str); 10] = [
    ("help", "", "shows this list"),
    ("ls", "DRIVE", "lists the files of the disk and the drives"),
    ("cat", "NAME", "shows a file"),
    ("clear", "", "empties the screen, as Ctrl+L does"),
    (
        "layout",
        "NAME",
        "sets the keyboard's layout: us, gb, de or fr",
    ),
    ("motion", "on/off", "shows a moving picture, or ends it"),
    (
        "size",
        "WxH",
        "sets the screen's size, from 320x200 to 3840x2160",
    ),
    ("clock", "", "tells the time"),
    ("sleep", "", "sleeps until a key is pressed"),
    ("poweroff", "", "switches the machine off"),
];

/// Runs a command line.
#[must_use]
pub fn run(input: &str, context: &Context<'_>) -> Answer {
    let mut words = input.split_whitespace();
    let Some(command) = words.next() else {
        return say(Vec::new());
    };
    let arguments: Vec<&str> = words.collect();
    match (command, arguments.as_slice()) {
        ("help", []) => say(help()),
        ("ls", []) => say(list(context)),
        ("ls", [slot]) => list_drive(slot.trim_end_matches('/'), context),
        ("cat", []) => usage("cat"),
        ("cat", names) => show(&names.join(" "), names, context),
        ("clear", []) => act(Effect::Clear, Vec::new()),
        ("layout", []) => say(layouts(context)),
        ("layout", [name]) => set_layout(name),
        ("motion", ["on"]) => act(Effect::Motion(true), Vec::new()),
        ("motion", ["off"]) => act(Effect::Motion(false), Vec::new()),
        ("motion", []) => say(vec![plain(if context.motion { "on" } else { "off" })]),
        ("size", []) => say(vec![plain(&context.size.to_string())]),
        ("size", [size]) => resize(size),
        ("clock", []) => say(clock(context)),
        ("sleep", []) => act(Effect::Sleep, Vec::new()),
        ("poweroff", []) => act(Effect::PowerOff, vec![plain("The machine switches off.")]),
        (command, _) if COMMANDS.iter().any(|(known, ..)| *known == command) => usage(command),
        (command, _) => unknown(command),
    }
}

/// The words that can follow what has been typed: commands first, then what the command takes.
#[must_use]
pub fn completions(input: &str) -> Vec<&'static str> {
    let (before, word) = input.rsplit_once(' ').unwrap_or(("", input));
    let candidates: Vec<&'static str> = match before.trim() {
        "" => COMMANDS.iter().map(|(name, ..)| *name).collect(),
        "layout" => LAYOUTS.iter().map(|layout| layout.name).collect(),
        "motion" => vec!["on", "off"],
        command if command.starts_with("cat") => {
            disk::FILES.iter().map(|(name, _)| *name).collect()
        }
        _ => Vec::new(),
    };
    candidates
        .into_iter()
        .filter(|candidate| candidate.starts_with(word))
        .collect()
}

fn say(lines: Vec<Line>) -> Answer {
    act(Effect::None, lines)
}

fn act(effect: Effect, lines: Vec<Line>) -> Answer {
    Answer {
        lines,
        effect,
        wanted: Vec::new(),
    }
}

fn fail(message: &str) -> Answer {
    say(vec![line(&[(Ink::Bad, message)])])
}

fn unknown(command: &str) -> Answer {
    fail(&format!("{command}: no such command. `help` lists them."))
}

fn usage(command: &str) -> Answer {
    let known = COMMANDS.iter().find(|(name, ..)| *name == command);
    let (name, arguments, _) = known.unwrap_or(&COMMANDS[0]);
    fail(format!("usage: {name} {arguments}").trim_end())
}

fn help() -> Vec<Line> {
    COMMANDS
        .iter()
        .map(|(name, arguments, does)| {
            let pad = " ".repeat(20 - 3 - name.len() - arguments.len());
            line(&[
                (Ink::Plain, "  "),
                (Ink::Accent, name),
                (Ink::Plain, " "),
                (Ink::Name, arguments),
                (Ink::Plain, &pad),
                (Ink::Plain, does),
            ])
        })
        .collect()
}

fn list(context: &Context<'_>) -> Vec<Line> {
    let own = disk::FILES
        .iter()
        .map(|(name, text)| listed(text.len() as u64, "", name));
    let drives = context.drives.iter().flat_map(|drive| {
        let mut lines = vec![Line::new(), title(drive)];
        lines.extend(contents(drive));
        lines
    });
    own.chain(drives).collect()
}

fn list_drive(slot: &str, context: &Context<'_>) -> Answer {
    match context.drives.iter().find(|drive| drive.slot == slot) {
        Some(drive) => say(contents(drive)),
        None => fail(&format!("{slot}: no such drive, or nothing in it.")),
    }
}

fn title(drive: &Mounted) -> Line {
    let label = drive.label.as_deref().unwrap_or("no label");
    line(&[
        (Ink::Accent, &format!("{}/", drive.slot)),
        (Ink::Muted, &format!("  {label}")),
    ])
}

fn contents(drive: &Mounted) -> Vec<Line> {
    let folder = format!("{}/", drive.slot);
    match &drive.files {
        Ok(files) => files
            .iter()
            .map(|file| {
                let mark = if file.is_folder { "/" } else { "" };
                listed(file.bytes, &folder, &format!("{}{mark}", file.name))
            })
            .collect(),
        Err(sense) => vec![line(&[(Ink::Bad, &format!("{folder}: {sense}"))])],
    }
}

fn listed(bytes: u64, folder: &str, name: &str) -> Line {
    line(&[
        (Ink::Muted, &format!("{bytes:>8}  ")),
        (Ink::Plain, folder),
        (Ink::Name, name),
    ])
}

/// Files of the disk are shown at once, those of a drive once they have been read. A drive's file may have spaces in its
/// name.
fn show(all: &str, names: &[&str], context: &Context<'_>) -> Answer {
    if let Some(wanted) = in_drive(all, context) {
        return Answer {
            wanted: vec![wanted],
            ..say(Vec::new())
        };
    }
    say(names.iter().flat_map(|name| show_own(name)).collect())
}

fn in_drive(path: &str, context: &Context<'_>) -> Option<Wanted> {
    let (slot, name) = path.split_once('/')?;
    let mut drives = context.drives.iter();
    drives.find(|drive| drive.slot == slot).map(|drive| Wanted {
        slot: drive.slot.clone(),
        name: name.to_owned(),
        on_serial: false,
    })
}

fn show_own(name: &str) -> Vec<Line> {
    disk::read(name).map_or_else(
        || {
            vec![line(&[(
                Ink::Bad,
                &format!("{name}: no such file. `ls` lists them."),
            )])]
        },
        |text| text.lines().map(plain).collect(),
    )
}

fn layouts(context: &Context<'_>) -> Vec<Line> {
    LAYOUTS
        .iter()
        .map(|layout| {
            let (mark, ink) = if *layout == context.layout {
                ("* ", Ink::Accent)
            } else {
                ("  ", Ink::Name)
            };
            line(&[
                (ink, mark),
                (ink, layout.name),
                (Ink::Plain, "  "),
                (Ink::Plain, layout.title),
            ])
        })
        .collect()
}

fn set_layout(name: &str) -> Answer {
    let Some(layout) = Layout::named(name) else {
        let known: Vec<_> = LAYOUTS.iter().map(|layout| layout.name).collect();
        return fail(&format!(
            "{name}: no such layout. There are: {}",
            known.join(", ")
        ));
    };
    act(
        Effect::Layout(layout),
        vec![plain(&format!("The keyboard is now {}.", layout.title))],
    )
}

fn resize(size: &str) -> Answer {
    match size.parse() {
        Ok(size) => act(Effect::Resize(size), Vec::new()),
        Err(error) => fail(&format!("{error}")),
    }
}

fn clock(context: &Context<'_>) -> Vec<Line> {
    let nanoseconds = i128::from(context.unix_us) * 1000;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, hour, minute, second) = (time.date(), time.hour(), time.minute(), time.second());
    let uptime = context.uptime.as_secs();
    vec![
        line(&[(
            Ink::Accent,
            &format!("{date} {hour:02}:{minute:02}:{second:02} UTC"),
        )]),
        line(&[(
            Ink::Muted,
            &format!(
                "up {:02}:{:02}:{:02}",
                uptime / 3600,
                uptime / 60 % 60,
                uptime % 60
            ),
        )]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context<'static> {
        Context {
            layout: Layout::named("us").unwrap(),
            size: Size::new(1280, 720).unwrap(),
            motion: false,
            drives: &[],
            unix_us: 1_700_000_000_000_000,
            uptime: Duration::from_secs(3723),
        }
    }

    fn text(input: &str) -> String {
        let lines = run(input, &context()).lines;
        let lines: Vec<String> = lines
            .iter()
            .map(|line| line.iter().map(|cell| cell.glyph).collect())
            .collect();
        lines.join("\n")
    }

    #[test]
    fn help_names_every_command_and_every_command_answers() {
        let help = text("help");
        for (name, ..) in COMMANDS {
            assert!(help.contains(name), "{name}");
            assert!(!text(name).contains("no such command"), "{name}");
        }
    }

    #[test]
    fn files_are_listed_and_shown() {
        assert!(text("ls").contains("readme.txt"));
        assert!(text("cat readme.txt").contains("simulated PC"));
        assert!(text("cat nothing").contains("no such file"));
        assert_eq!(text("cat"), "usage: cat NAME");
    }

    #[test]
    fn settings_are_taken_or_refused_with_what_would_be_taken() {
        assert_eq!(
            run("layout de", &context()).effect,
            Effect::Layout(Layout::named("de").unwrap())
        );
        assert!(text("layout xx").contains("us, gb, de, fr"));
        assert_eq!(
            run("size 1366x768", &context()).effect,
            Effect::Resize(Size::new(1366, 768).unwrap())
        );
        assert!(text("size 12").contains("320x200"));
        assert_eq!(run("motion on", &context()).effect, Effect::Motion(true));
        assert_eq!(text("motion maybe"), "usage: motion on/off");
        assert!(text("dance").contains("dance: no such command"));
    }

    #[test]
    fn the_clock_tells_unix_time_as_a_date() {
        assert_eq!(text("clock"), "2023-11-14 22:13:20 UTC\nup 01:02:03");
    }

    #[test]
    fn words_are_completed_by_where_they_stand() {
        assert_eq!(completions("po"), ["poweroff"]);
        assert_eq!(completions("cat re"), ["readme.txt"]);
        assert_eq!(completions("layout f"), ["fr"]);
        assert_eq!(completions("ls x"), Vec::<&str>::new());
    }
}
