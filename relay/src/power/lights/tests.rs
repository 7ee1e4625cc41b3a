use proptest::prelude::*;

use super::*;

/// What the light says at each of these moments, when it was told so much before.
fn says(told: &[(u64, bool)], at: &[u64]) -> Vec<Supply> {
    let start = Instant::now();
    let when = |ms: u64| start + Duration::from_millis(ms);
    let mut light = PowerLight::default();
    let mut told = told.iter().peekable();
    at.iter()
        .map(|&at| {
            while let Some((ms, lit)) = told.next_if(|(ms, _)| *ms <= at) {
                light.saw(when(*ms), Some(*lit));
            }
            light.supply(when(at))
        })
        .collect()
}

#[test]
fn a_lit_light_says_on_at_once_and_a_dark_one_off_when_it_cannot_blink_any_more() {
    use Supply::{Off, On, Unknown};
    assert_eq!(says(&[], &[0, 10_000]), [Unknown, Unknown]);
    assert_eq!(says(&[(0, true)], &[10, 31]), [Unknown, On]);
    assert_eq!(
        says(&[(0, false)], &[31, 2_400, 2_600]),
        [Unknown, Unknown, Off]
    );
    let off_and_on = [(0, true), (5_000, false), (20_000, true)];
    assert_eq!(
        says(&off_and_on, &[4_999, 7_400, 7_600, 20_020, 20_040]),
        [On, On, Off, Off, On]
    );
}

#[test]
fn what_bounces_does_not_count() {
    let bouncing = [
        (0, true),
        (5_000, false),
        (5_010, true),
        (9_000, false),
        (9_005, true),
        (9_010, false),
    ];
    let at = [5_020, 8_000, 11_400, 11_600];
    assert_eq!(
        says(&bouncing, &at),
        [Supply::On, Supply::On, Supply::On, Supply::Off]
    );
}

#[test]
fn a_blinking_light_says_asleep_until_it_is_steady() {
    for half in [250, 500, 2_000] {
        let blinks = (0..8).map(|at| (10_000 + at * half, at % 2 == 1));
        let told: Vec<_> = [(0, true)].into_iter().chain(blinks).collect();
        let last = 10_000 + 7 * half;
        let at = [9_999, 10_000 + 3 * half + 40, last + 2_400, last + 2_600];
        let expected = [Supply::On, Supply::Asleep, Supply::Asleep, Supply::On];
        assert_eq!(says(&told, &at), expected, "{half} ms");
    }
}

#[test]
fn a_flicker_while_a_machine_starts_is_no_sleep() {
    let told = [(0, false), (10_000, true), (10_400, false), (10_900, true)];
    let said = says(&told, &[10_100, 10_500, 11_000, 12_000, 14_000]);
    assert_eq!(said, [Supply::On; 5]);
}

#[test]
fn a_light_that_is_lost_says_nothing() {
    let now = Instant::now();
    let mut light = PowerLight::default();
    light.saw(now, Some(true));
    assert_eq!(light.supply(now + BOUNCE), Supply::On);
    light.saw(now + BLINK_MAX, None);
    assert_eq!(light.supply(now + BLINK_MAX * 3), Supply::Unknown);
    assert_eq!(light.next(), None);
}

#[test]
fn a_short_flash_of_the_disk_is_seen_and_a_burst_is_a_few_changes() {
    let start = Instant::now();
    let at = |ms: u64| start + Duration::from_millis(ms);
    let mut light = DiskLight::default();
    assert_eq!(light.shown(start), None);
    light.saw(at(0), Some(false));
    light.saw(at(1_000), Some(true));
    light.saw(at(1_001), Some(false));
    assert_eq!(light.shown(at(1_002)), Some(true));
    assert_eq!(light.next(), Some(at(1_250)));
    assert_eq!(light.shown(at(1_250)), Some(false));
    light.saw(at(1_260), Some(true));
    light.saw(at(1_261), Some(false));
    assert_eq!(light.shown(at(1_300)), Some(false));
    assert_eq!(light.shown(at(1_500)), Some(true));
}

proptest! {
    #[test]
    fn the_disk_changes_four_times_a_second_at_most(told in proptest::collection::vec((0..50_u64, any::<bool>()), 1..400)) {
        let start = Instant::now();
        let mut now = start;
        let mut light = DiskLight::default();
        let mut changed: Option<Instant> = None;
        let mut shown = None;
        for (ms, lit) in told {
            now += Duration::from_millis(ms);
            light.saw(now, Some(lit));
            let is = light.shown(now);
            if is != shown {
                prop_assert!(changed.is_none_or(|changed| now >= changed + DISK_SHOWN));
                (shown, changed) = (is, Some(now));
            }
        }
    }

    #[test]
    fn whenever_it_is_looked_at_it_says_the_same(told in proptest::collection::vec((0..4_000_u64, any::<bool>()), 1..40)) {
        let start = Instant::now();
        let (mut seldom, mut often) = (PowerLight::default(), PowerLight::default());
        let mut now = start;
        for (ms, lit) in told {
            let until = now + Duration::from_millis(ms);
            while let Some(next) = often.next().filter(|next| *next <= until) {
                often.supply(next);
            }
            now = until;
            often.saw(now, Some(lit));
            seldom.saw(now, Some(lit));
        }
        now += BLINK_MAX * 2;
        while let Some(next) = often.next().filter(|next| *next <= now) {
            often.supply(next);
        }
        prop_assert_eq!(often.next(), None);
        prop_assert_eq!(often.supply(now), seldom.supply(now));
        prop_assert_ne!(often.supply(now), Supply::Unknown);
    }
}
