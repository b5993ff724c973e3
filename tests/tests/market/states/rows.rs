//! How each row's state is reached.

use super::stage::{Stage, HOUR};

type Prepare = fn(&mut Stage);

/// Before the start.
const WAITING: [(&str, Prepare); 10] = [
    ("open", |_| {}),
    ("open, too late", |s| s.at(1_200)),
    ("open, one matched", Stage::matched),
    ("open, one walked away", Stage::walked_away),
    ("whole", Stage::both_matched),
    ("whole, one late", |s| {
        s.both_matched();
        s.at(91);
    }),
    ("whole, too late", |s| {
        s.both_matched();
        s.at(1_200);
    }),
    ("whole, one accepted", Stage::accepted),
    ("whole, accepted 91 s ago", |s| {
        s.accepted();
        s.at(91);
    }),
    ("whole, one accepted, too late", |s| {
        s.accepted();
        s.at(1_200);
    }),
];

/// Running.
const ACTIVE: [(&str, Prepare); 16] = [
    ("active, first hour", |s| {
        s.active();
        s.at(60);
    }),
    ("active, silent", |s| {
        s.active();
        s.at(2_400);
    }),
    ("active, an hour due", |s| {
        s.active();
        s.at(HOUR);
    }),
    ("active, an hour held", |s| s.served(1)),
    ("active, an hour released", |s| {
        s.served(1);
        s.world.heartbeat(&s.one);
        s.at(HOUR + 1_800);
    }),
    ("active, hardly served", |s| {
        s.active();
        s.world.serve_hour(&[&s.one, &s.two], 2);
        s.settle();
        s.world.heartbeat(&s.one);
    }),
    ("active, beyond what was booked", |s| {
        s.active();
        s.world.extend(&s.order, &s.renter, 1);
        for _ in 0..3 {
            s.world.serve_hour(&[&s.one, &s.two], 6);
            s.settle();
        }
    }),
    ("active, one timed out", |s| {
        s.active();
        s.at(2_400);
        s.world.report_timeout(&s.order, &s.one);
    }),
    ("active, one timed out and judged", |s| {
        s.active();
        s.at(2_400);
        s.world.report_timeout(&s.order, &s.one);
        s.world.judge_rest(&s.order, &s.one);
    }),
    ("active, one in another's place", Stage::replaced),
    ("active, late in another's place", |s| {
        s.replaced();
        s.world.advance(91);
    }),
    ("active, accepted in another's place", |s| {
        s.replaced();
        s.world.accept(&s.order, &s.one);
    }),
    ("active, one in dispute", |s| {
        s.served(1);
        s.dispute();
        s.world.judge_rest(&s.order, &s.one);
    }),
    ("active, one in dispute, not judged", |s| {
        s.served(1);
        s.at(HOUR + 700);
        s.dispute();
    }),
    ("active, all due", |s| {
        s.active();
        s.at(3 * HOUR);
    }),
    ("active, at its end without leases", |s| {
        s.active();
        s.at(2_400);
        s.world.report_timeout(&s.order, &s.one);
        s.world.report_timeout(&s.order, &s.two);
        s.world.judge_rest(&s.order, &s.one);
        s.world.judge_rest(&s.order, &s.two);
        s.without_leases();
        s.at(3 * HOUR);
    }),
];

/// At the end.
const OVER: [(&str, Prepare); 17] = [
    ("over, last hour held", |s| s.served(3)),
    ("over, window over", |s| {
        s.served(3);
        s.world.advance(1_800);
    }),
    ("over, in dispute", |s| {
        s.served(3);
        s.dispute();
    }),
    ("over, nothing held", |s| {
        s.served(3);
        s.world.advance(1_800);
        s.settle();
    }),
    ("over, no leases", |s| {
        s.served(3);
        s.without_leases();
    }),
    ("completed, paid out", |s| {
        s.served(2);
        s.world.serve_hour(&[&s.one, &s.two], 3);
        s.settle();
        s.without_leases();
        s.world.refund_rest(&s.order);
    }),
    ("ended, one in another's place", |s| {
        s.replaced();
        s.world.end_early(&s.order, &s.renter);
    }),
    ("ended, last slots running", |s| {
        s.ended();
        s.at(HOUR + 120);
        s.settle();
    }),
    ("ended, last slots due", |s| {
        s.ended();
        s.at(HOUR + 1_200);
    }),
    ("ended, held", Stage::ended_and_settled),
    ("ended, in dispute", |s| {
        s.ended_and_settled();
        s.dispute();
    }),
    ("ended, in dispute, answers over", |s| {
        s.ended_and_settled();
        s.dispute();
        s.world.pass_answers(&s.order, &s.one);
    }),
    ("ended, three days in dispute", |s| {
        s.ended_and_settled();
        s.dispute();
        s.world.advance(259_200);
    }),
    ("ended, no leases", |s| {
        s.ended_and_settled();
        s.without_leases();
    }),
    ("expired, one matched", |s| {
        s.both_matched();
        s.expired();
    }),
    ("expired, one accepted", |s| {
        s.accepted();
        s.expired();
    }),
    ("expired, paid out", |s| {
        s.expired();
        s.world.refund(&s.order);
    }),
];

pub fn rows() -> impl Iterator<Item = (&'static str, Prepare)> {
    WAITING.into_iter().chain(ACTIVE).chain(OVER)
}
