//! Points in time as file systems keep them.

/// A point in time, and how the clock on the wall stood to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// In seconds of Unix time.
    pub unix_s: i64,
    /// How far the local clock was ahead of UTC, in minutes.
    pub offset_min: i16,
}

/// As FAT and exFAT write a local time: years from 1980 to 2107, in steps of two seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) date: u16,
    pub(super) time: u16,
    /// What is left of the two seconds, in hundredths.
    pub(super) hundredths: u8,
    /// exFAT's offset from UTC in quarters of an hour, with the bit that says that it is known.
    pub(super) offset: u8,
}

const DAY_S: i64 = 86_400;

impl Time {
    pub(super) fn stamp(self) -> Stamp {
        let local = self.unix_s + i64::from(self.offset_min) * 60;
        let (year, month, day) = civil(local.div_euclid(DAY_S));
        let second = local.rem_euclid(DAY_S);
        let offset = 0x80 | (i32::from(self.offset_min / 15) & 0x7F) as u8;
        let (date, time, hundredths) = match year {
            ..1980 => (1 << 5 | 1, 0, 0),
            1980..2108 => (
                ((year - 1980) << 9 | month << 5 | day) as u16,
                ((second / 3600) << 11 | (second / 60 % 60) << 5 | (second % 60 / 2)) as u16,
                (second % 2 * 100) as u8,
            ),
            _ => (127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29, 0),
        };
        Stamp {
            date,
            time,
            hundredths,
            offset,
        }
    }
}

/// Year, month and day of a day since 1970-01-01, in the Gregorian calendar. March begins the year of the reckoning, so
/// that a leap day is its last.
fn civil(day: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097;
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(ERA_DAYS), day.rem_euclid(ERA_DAYS));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / (ERA_DAYS - 1)) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `date --utc --date=@...`.
    #[test]
    fn days_are_those_of_the_calendar() {
        for (unix_s, expected) in [
            (0, (1970, 1, 1)),
            (951_782_400, (2000, 2, 29)),
            (951_868_800, (2000, 3, 1)),
            (1_709_164_800, (2024, 2, 29)),
            (4_107_542_400, (2100, 3, 1)),
            (-86_400, (1969, 12, 31)),
        ] {
            assert_eq!(civil(unix_s / DAY_S), expected, "{unix_s}");
        }
    }

    #[test]
    fn a_time_is_the_local_one_within_what_can_be_written() {
        // 2026-11-23 12:34:57 UTC, one and a half hours later on the wall.
        let stamp = Time {
            unix_s: 1_795_437_297,
            offset_min: 90,
        }
        .stamp();
        assert_eq!(stamp.date, 46 << 9 | 11 << 5 | 23);
        assert_eq!(stamp.time, 14 << 11 | 4 << 5 | 28);
        assert_eq!((stamp.hundredths, stamp.offset), (100, 0x86));
        let west = Time {
            unix_s: 0,
            offset_min: -300,
        };
        assert_eq!((west.stamp().date, west.stamp().offset), (33, 0xEC));
        let late = Time {
            unix_s: 1 << 40,
            offset_min: 0,
        };
        assert_eq!(late.stamp().date, 127 << 9 | 12 << 5 | 31);
    }
}
