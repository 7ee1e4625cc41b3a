//! Names of files that the page makes.

/// A point in time on the operator's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// With the century.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 60.
    pub second: u32,
}

/// The most characters of a machine's name that a file's name takes.
const MACHINE_MAX: usize = 60;

/// A file's name from the machine's and the time, in a form that every file system takes and that sorts by time.
#[must_use]
pub fn file_name(machine: &str, at: Moment, extension: &str) -> String {
    let machine: String = machine.chars().map(plain).take(MACHINE_MAX).collect();
    let machine = machine.trim_matches([' ', '.', '-']);
    let machine = if machine.is_empty() {
        "Armchair"
    } else {
        machine
    };
    let Moment {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = at;
    format!("{machine} {year:04}-{month:02}-{day:02} {hour:02}.{minute:02}.{second:02}.{extension}")
}

fn plain(character: char) -> char {
    let reserved = r#"/\:*?"<>|"#.contains(character);
    if reserved || character.is_control() {
        '-'
    } else {
        character
    }
}

#[cfg(test)]
mod tests {
    use super::{Moment, file_name};

    const AT: Moment = Moment {
        year: 2026,
        month: 3,
        day: 9,
        hour: 7,
        minute: 5,
        second: 0,
    };

    #[test]
    fn a_file_is_named_for_the_machine_and_the_time() {
        assert_eq!(
            file_name("Rack 7", AT, "png"),
            "Rack 7 2026-03-09 07.05.00.png"
        );
        assert_eq!(file_name("机房", AT, "mp4"), "机房 2026-03-09 07.05.00.mp4");
    }

    #[test]
    fn a_machine_cannot_name_a_path() {
        assert_eq!(
            file_name("../../etc/a:b\u{0}c", AT, "png"),
            "etc-a-b-c 2026-03-09 07.05.00.png"
        );
        assert_eq!(
            file_name("..", AT, "png"),
            "Armchair 2026-03-09 07.05.00.png"
        );
        assert!(file_name(&"x".repeat(500), AT, "png").len() < 100);
    }
}
