//! The relay's own house: clock, page, state and certificate.

use std::path::Path;

use time::{Date, Month, OffsetDateTime};

use super::Check;
use crate::{
    config::Config,
    http,
    media::library::folder::Folder,
    store::Store,
    tls::{self, Identity},
};

/// How many days before its end a certificate is spoken about.
const SOON: i64 = 14;

pub(super) fn clock() -> Check {
    clock_says(OffsetDateTime::now_utc().date())
}

/// A board without a battery starts in the past.
fn clock_says(today: Date) -> Check {
    if Date::from_calendar_date(2026, Month::January, 1).is_ok_and(|built| today >= built) {
        Check::ok("clock", today.to_string())
    } else {
        Check::fail(
            "clock",
            format!("{today} is past, and certificates and sessions need the right time"),
            "set the time up by NTP, as with systemd-timesyncd",
        )
    }
}

pub(super) fn page() -> Check {
    if http::page::is_there() {
        Check::ok("page", "inside this build")
    } else {
        Check::fail(
            "page",
            "not inside this build",
            "build with `./justw build`",
        )
    }
}

pub(super) fn state(folder: &Path) -> Check {
    let shown = folder.display();
    if !folder.exists() {
        return Check::warn(
            "state",
            format!("{shown} is not there"),
            "the first start makes it, if it may",
        );
    }
    match Store::open(folder) {
        Ok(_) => Check::ok("state", shown.to_string()),
        Err(error) => Check::fail(
            "state",
            error.to_string(),
            format!("make {shown} writable for the user that the relay runs as"),
        ),
    }
}

/// How much room there should be for images, in MiB: a small one, and what comes with it.
const ROOM_MIB: u64 = 1024;

pub(super) fn images(folder: &Path) -> Check {
    let shown = folder.display();
    if !folder.exists() {
        return Check::warn(
            "images",
            format!("{shown} is not there"),
            "the first start makes it, if it may",
        );
    }
    match Folder::open(folder).and_then(|folder| folder.free()) {
        Ok(free) => room(&shown.to_string(), free >> 20),
        Err(error) => Check::fail(
            "images",
            format!("{shown}: {error}"),
            format!("make {shown} writable for the user that the relay runs as"),
        ),
    }
}

fn room(folder: &str, free_mib: u64) -> Check {
    let found = format!("{folder} has room for {free_mib} MiB");
    match free_mib < ROOM_MIB {
        true => Check::warn(
            "images",
            found,
            "name a folder on a larger disk in drives.images",
        ),
        false => Check::ok("images", found),
    }
}

pub(super) fn certificate(config: &Config) -> Check {
    if config.tls.certificate.is_none() && !config.state.exists() {
        return Check::ok("certificate", "the first start makes one");
    }
    let identity = match Identity::load(config) {
        Ok(identity) => identity,
        Err(error) => {
            let advice = "put the file right, or leave tls.certificate and tls.key out";
            return Check::fail("certificate", error.to_string(), advice);
        }
    };
    let whose = if identity.is_own() {
        "made by this relay"
    } else {
        "yours"
    };
    match identity.certificate().as_ref().and_then(tls::end_of) {
        Some(end) => certificate_ends(whose, end, OffsetDateTime::now_utc()),
        None => Check::warn(
            "certificate",
            format!("{whose}; its end cannot be read"),
            "look at it with `openssl x509 -noout -enddate`",
        ),
    }
}

fn certificate_ends(whose: &str, end: OffsetDateTime, now: OffsetDateTime) -> Check {
    let date = end.date();
    if end <= now {
        let advice = "put a new one in its place";
        return Check::fail("certificate", format!("{whose}, ended on {date}"), advice);
    }
    if (end - now).whole_days() < SOON {
        let advice = "get a new one soon";
        return Check::warn("certificate", format!("{whose}, ends on {date}"), advice);
    }
    Check::ok("certificate", format!("{whose}, until {date}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use time::{Date, Duration, Month, OffsetDateTime};

    use super::{certificate_ends, clock_says, images, room};
    use crate::doctor::Verdict;

    #[test]
    fn a_clock_in_the_past_fails() {
        let day = |year| Date::from_calendar_date(year, Month::June, 1).unwrap();
        assert_eq!(clock_says(day(1970)).verdict, Verdict::Fail);
        assert_eq!(clock_says(day(2027)).verdict, Verdict::Ok);
    }

    #[test]
    fn a_disk_without_room_for_images_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let found = images(folder.path()).found;
        let folder = folder.path().display().to_string();
        assert!(found.starts_with(&folder), "{found}");
        assert_eq!(room(&folder, 1023).verdict, Verdict::Warn);
        assert_eq!(room(&folder, 1024).verdict, Verdict::Ok);
        assert_eq!(images(Path::new("/nowhere")).verdict, Verdict::Warn);
    }

    #[test]
    fn the_end_of_a_certificate_is_announced() {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let verdict = |end| certificate_ends("yours", now + end, now).verdict;
        assert_eq!(verdict(Duration::days(100)), Verdict::Ok);
        assert_eq!(verdict(Duration::days(13)), Verdict::Warn);
        assert_eq!(verdict(Duration::seconds(-1)), Verdict::Fail);
    }
}
