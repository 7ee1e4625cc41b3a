use proptest::prelude::*;

use super::*;

/// What stands at a place of the test's medium.
fn byte(at: u64) -> u8 {
    (at ^ (at >> 8).wrapping_mul(31) ^ (at >> 16).wrapping_mul(7)) as u8
}

fn bytes(offset: u64, length: u64) -> Vec<u8> {
    (offset..offset + length).map(byte).collect()
}

/// A desk, with what a supplier has been asked for.
struct Bench {
    desk: Desk,
    now: Instant,
    supplier: u32,
    asked: Vec<Request>,
    reads: Vec<(Ticket, Instant, u64, u64)>,
    cache: usize,
}

impl Bench {
    fn new(size: u64, cache: usize) -> Self {
        let now = Instant::now();
        let mut desk = Desk::with_cache(now, size, cache);
        Self {
            supplier: desk.attach(now),
            desk,
            now,
            asked: Vec::new(),
            reads: Vec::new(),
            cache,
        }
    }

    fn read(&mut self, offset: u64, length: u64) -> Ticket {
        let ticket = self.desk.begin(self.now, offset, length as usize);
        self.reads.push((ticket, self.now, offset, length));
        ticket
    }

    fn ask(&mut self) -> bool {
        match self.desk.next(self.now, self.supplier) {
            Next::Ask(request) => {
                let end = request.offset + u64::from(request.length);
                assert!(request.length > 0 && end <= self.desk.size(), "{request:?}");
                assert!(
                    self.desk.coming.len() <= self.desk.credit.chunks(),
                    "beyond the credit"
                );
                self.asked.push(request);
                true
            }
            Next::Nothing | Next::Over => false,
        }
    }

    fn ask_all(&mut self) {
        while self.ask() {}
    }

    fn deliver(&mut self, which: usize) {
        if self.asked.is_empty() {
            return;
        }
        let Request {
            number,
            offset,
            length,
        } = self.asked.remove(which % self.asked.len());
        let part = bytes(offset, length.into());
        assert_eq!(
            self.desk.deliver(self.now, self.supplier, number, &part),
            Ok(())
        );
        assert!(
            self.desk.cache.bytes() <= self.cache,
            "the cache is above its bound"
        );
    }

    fn deliver_all(&mut self) {
        loop {
            self.ask_all();
            if self.asked.is_empty() {
                return;
            }
            self.deliver(0);
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// Polls all reads, and holds what they give against what is there.
    fn poll(&mut self) -> Vec<Result<(), Unread>> {
        let mut over = Vec::new();
        let (desk, now) = (&mut self.desk, self.now);
        self.reads.retain(
            |(ticket, began, offset, length)| match desk.poll(now, *ticket) {
                Progress::Done(read) => {
                    let mut buffer = vec![0; *length as usize];
                    read.copy_to(&mut buffer);
                    assert!(buffer == bytes(*offset, *length), "other bytes at {offset}");
                    over.push(Ok(()));
                    false
                }
                Progress::Failed(why) => {
                    over.push(Err(why));
                    false
                }
                Progress::Wait(until) => {
                    assert!(
                        until <= *began + READ_LIMIT && until > now,
                        "waits for too long"
                    );
                    true
                }
            },
        );
        over
    }
}

#[test]
fn what_is_read_is_asked_for_once_and_kept() {
    let mut bench = Bench::new(10 << 20, CACHE_BYTES);
    bench.read(5_000_000, 4096);
    bench.read(5_000_000, 100);
    bench.ask_all();
    assert_eq!(bench.asked.len(), 1, "two readers wait for one chunk");
    assert_eq!(bench.asked[0].length, CHUNK as u32);
    bench.deliver(0);
    assert_eq!(bench.poll(), [Ok(()), Ok(())]);
    bench.read(5_000_100, 4096);
    assert_eq!(bench.poll(), [Ok(())], "it is here already");
}

#[test]
fn reading_on_is_answered_before_it_is_asked() {
    let mut bench = Bench::new(64 << 20, CACHE_BYTES);
    for part in 0..8 {
        bench.read(part * 131_072, 131_072);
        bench.deliver_all();
        assert_eq!(bench.poll(), [Ok(())]);
    }
    bench.read(8 * 131_072, 131_072);
    assert_eq!(bench.poll(), [Ok(())], "it was read ahead");
}

#[test]
fn what_is_waited_for_goes_before_what_may_be_wanted() {
    let mut bench = Bench::new(64 << 20, CACHE_BYTES);
    for part in 0..6 {
        bench.read(part * 131_072, 131_072);
        bench.deliver_all();
    }
    bench.poll();
    bench.desk.runs.read(6 * 131_072, 131_072);
    bench.read(50 << 20, 4096);
    assert!(bench.ask());
    assert_eq!(bench.asked[0].offset, 50 << 20);
    assert_eq!(bench.asked[0].length, CHUNK as u32);
}

#[test]
fn the_end_of_a_medium_is_asked_for_as_it_is() {
    let mut bench = Bench::new(3 * CHUNK + 10, CACHE_BYTES);
    bench.read(2 * CHUNK, CHUNK + 10);
    bench.ask_all();
    let lengths: u32 = bench.asked.iter().map(|request| request.length).sum();
    assert_eq!(u64::from(lengths), CHUNK + 10);
    bench.deliver_all();
    assert_eq!(bench.poll(), [Ok(())]);
}

#[test]
fn what_was_not_asked_for_is_refused() {
    let mut bench = Bench::new(1 << 20, CACHE_BYTES);
    bench.read(0, 4096);
    bench.ask_all();
    let Request { number, length, .. } = bench.asked[0];
    let (now, supplier) = (bench.now, bench.supplier);
    let desk = &mut bench.desk;
    let whole = vec![0; length as usize];
    for (by, number, part) in [
        (supplier, number + 1, &whole[..]),
        (supplier, number, &whole[1..]),
        (supplier, number, &[]),
        (supplier + 1, number, &whole[..]),
    ] {
        assert_eq!(desk.deliver(now, by, number, part), Err(Unasked));
    }
    assert_eq!(desk.fail(now, supplier, number + 1), Err(Unasked));
    assert_eq!(
        desk.deliver(now, supplier, number, &bytes(0, length.into())),
        Ok(())
    );
    assert_eq!(
        desk.deliver(now, supplier, number, &whole),
        Err(Unasked),
        "twice"
    );
    assert_eq!(bench.poll(), [Ok(())]);
}

#[test]
fn what_cannot_be_read_fails_now_and_is_tried_again() {
    let mut bench = Bench::new(1 << 20, CACHE_BYTES);
    bench.read(0, 4096);
    bench.read(500_000, 4096);
    bench.ask_all();
    let failed = bench.asked.remove(0);
    assert_eq!(
        bench.desk.fail(bench.now, bench.supplier, failed.number),
        Ok(())
    );
    assert_eq!(bench.poll(), [Err(Unread::Unreadable)]);
    bench.read(0, 4096);
    bench.deliver_all();
    assert_eq!(bench.poll(), [Ok(()), Ok(())]);
}

#[test]
fn without_its_supplier_reads_fail_in_time_and_later_ones_at_once() {
    let mut bench = Bench::new(1 << 20, CACHE_BYTES);
    bench.read(0, 4096);
    bench.ask_all();
    bench.pass(Duration::from_secs(2));
    bench.desk.detach(bench.now, bench.supplier);
    assert_eq!(bench.desk.reach(bench.now), Reach::Away);
    bench.pass(Duration::from_secs(1));
    bench.read(0, 4096);
    assert_eq!(bench.poll(), []);
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.poll(), [Err(Unread::Late)]);
    bench.pass(Duration::from_secs(2));
    assert_eq!(
        bench.poll(),
        [Err(Unread::Late)],
        "{READ_LIMIT:?} after it was gone"
    );
    bench.read(500_000, 4096);
    assert_eq!(
        bench.poll(),
        [Err(Unread::Late)],
        "nobody waits for who is long gone"
    );
    bench.pass(GRACE);
    assert_eq!(
        bench.desk.reach(bench.now),
        Reach::Gone(Ejected::SourceLost)
    );
}

#[test]
fn a_supplier_that_is_silent_is_as_good_as_gone_until_it_says_something() {
    let mut bench = Bench::new(1 << 20, CACHE_BYTES);
    bench.read(0, 4096);
    bench.ask_all();
    bench.pass(READ_LIMIT);
    assert_eq!(bench.poll(), [Err(Unread::Late)]);
    assert_eq!(bench.desk.reach(bench.now), Reach::Away);
    bench.read(500_000, 4096);
    assert_eq!(bench.poll(), [Err(Unread::Late)]);
    bench.pass(Duration::from_secs(2));
    bench.deliver(0);
    assert_eq!(bench.desk.reach(bench.now), Reach::Here);
    bench.read(0, 4096);
    assert_eq!(bench.poll(), [Ok(())]);
}

#[test]
fn silence_of_who_is_not_asked_says_nothing() {
    let mut bench = Bench::new(1 << 20, CACHE_BYTES);
    bench.pass(GRACE * 10);
    assert_eq!(bench.desk.reach(bench.now), Reach::Here);
}

#[test]
fn whoever_comes_in_the_place_of_another_is_asked_again() {
    let mut bench = Bench::new(1 << 20, CACHE_BYTES);
    bench.read(0, 4096);
    bench.ask_all();
    let before = (bench.supplier, bench.asked.remove(0));
    bench.pass(Duration::from_secs(2));
    bench.supplier = bench.desk.attach(bench.now);
    assert_eq!(bench.desk.next(bench.now, before.0), Next::Over);
    let late = bytes(before.1.offset, before.1.length.into());
    assert_eq!(
        bench
            .desk
            .deliver(bench.now, before.0, before.1.number, &late),
        Err(Unasked)
    );
    bench.desk.detach(bench.now, before.0);
    assert_eq!(bench.desk.reach(bench.now), Reach::Here);
    bench.deliver_all();
    assert_eq!(bench.poll(), [Ok(())]);
}

#[test]
fn a_medium_that_is_taken_away_fails_its_readers_and_ends_its_supplier() {
    for why in [None, Some(Ejected::SourceChanged)] {
        let mut bench = Bench::new(1 << 20, CACHE_BYTES);
        bench.read(0, 4096);
        bench.ask_all();
        match why {
            Some(why) => bench.desk.give_up(bench.supplier, why),
            None => bench.desk.close(),
        }
        assert_eq!(bench.poll(), [Err(Unread::Gone)]);
        assert_eq!(bench.desk.next(bench.now, bench.supplier), Next::Over);
        let said = why.unwrap_or(Ejected::SourceLost);
        assert_eq!(bench.desk.reach(bench.now), Reach::Gone(said));
    }
}

const SIZE: u64 = 3 * (1 << 20) + 1234;

#[derive(Clone, Copy, Debug)]
enum Step {
    Read(u64, u64),
    ReadOn(u64),
    Ask,
    Deliver(usize),
    Fail(usize),
    Leave,
    Come,
    Pass(u64),
    Poll,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..SIZE, 1..300_000_u64).prop_map(|(offset, length)| Step::Read(offset, length)),
        (1..200_000_u64).prop_map(Step::ReadOn),
        Just(Step::Ask),
        Just(Step::Ask),
        (0..9_usize).prop_map(Step::Deliver),
        (0..9_usize).prop_map(Step::Deliver),
        (0..9_usize).prop_map(Step::Fail),
        Just(Step::Leave),
        Just(Step::Come),
        (1..3000_u64).prop_map(Step::Pass),
        Just(Step::Poll),
    ]
}

fn within(offset: u64, length: u64) -> (u64, u64) {
    (offset, length.min(SIZE - offset))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever happens in whatever order: what is read is what is there, no more is on its way than the credit allows,
    /// the cache stays within its bound, and every read ends in its time.
    #[test]
    fn reads_end_in_time_with_the_right_bytes_or_none(
        chunks in 1..40_usize,
        steps in proptest::collection::vec(step(), 1..80),
    ) {
        let mut bench = Bench::new(SIZE, chunks * CHUNK as usize);
        let mut end = 0;
        for step in steps {
            match step {
                Step::Read(offset, length) => {
                    let (offset, length) = within(offset, length);
                    bench.read(offset, length);
                    end = offset + length;
                }
                Step::ReadOn(length) if end < SIZE => {
                    let (offset, length) = within(end, length);
                    bench.read(offset, length);
                    end = offset + length;
                }
                Step::ReadOn(_) => {}
                Step::Ask => { bench.ask(); }
                Step::Deliver(which) => bench.deliver(which),
                Step::Fail(which) if !bench.asked.is_empty() => {
                    let failed = bench.asked.remove(which % bench.asked.len());
                    prop_assert_eq!(bench.desk.fail(bench.now, bench.supplier, failed.number), Ok(()));
                }
                Step::Fail(_) => {}
                Step::Leave => {
                    bench.desk.detach(bench.now, bench.supplier);
                    bench.asked.clear();
                }
                Step::Come => {
                    bench.supplier = bench.desk.attach(bench.now);
                    bench.asked.clear();
                }
                Step::Pass(ms) => bench.pass(Duration::from_millis(ms)),
                Step::Poll => { bench.poll(); }
            }
        }
        bench.pass(READ_LIMIT);
        bench.poll();
        prop_assert!(bench.reads.is_empty(), "a read goes on for ever");
        prop_assert!(bench.desk.readers.is_empty());
    }

    /// With a supplier that answers, in whatever order, every read is answered.
    #[test]
    fn whoever_answers_in_any_order_answers_all(
        chunks in 1..40_usize,
        reads in proptest::collection::vec((0..SIZE, 1..300_000_u64), 1..20),
        order in proptest::collection::vec(0..64_usize, 64),
    ) {
        let mut bench = Bench::new(SIZE, chunks * CHUNK as usize);
        let count = reads.len();
        for (offset, length) in reads {
            let (offset, length) = within(offset, length);
            bench.read(offset, length);
        }
        let mut answered = 0;
        let mut order = order.into_iter().cycle();
        bench.ask_all();
        while !bench.asked.is_empty() && answered < count {
            bench.pass(Duration::from_millis(3));
            bench.deliver(order.next().unwrap_or(0));
            let over = bench.poll();
            prop_assert!(over.iter().all(Result::is_ok));
            answered += over.len();
            bench.ask_all();
        }
        prop_assert_eq!(answered, count);
    }
}
