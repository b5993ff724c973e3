//! How each row's state is reached.

use super::stage::{Stage, HOUR};

type Prepare = fn(&mut Stage);

pub const ROWS: [(&str, Prepare); 36] = [
    ("open", |_| {}),
    ("open, too late", |s| s.at(1_200)),
    ("open, one matched", Stage::matched),
    ("open, one late", |s| {
        s.matched();
        s.at(181);
    }),
    ("open, one accepted", Stage::accepted),
    ("open, one accepted, too late", |s| {
        s.accepted();
        s.at(1_200);
    }),
    ("matched", Stage::both_matched),
    ("matched, one late", |s| {
        s.both_matched();
        s.at(181);
    }),
    ("matched, too late", |s| {
        s.both_matched();
        s.at(1_200);
    }),
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
    ("active, one in another's place", Stage::replaced),
    ("active, late in another's place", |s| {
        s.replaced();
        s.world.advance(181);
    }),
    ("active, accepted in another's place", |s| {
        s.replaced();
        s.world.accept(&s.order, &s.one);
    }),
    ("ended, late in another's place", |s| {
        s.replaced();
        s.world.end_early(&s.order, &s.renter);
        s.world.advance(181);
    }),
    ("active, one in dispute", |s| {
        s.served(1);
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
        s.world.close_lease(&s.order, &s.one);
        s.world.close_lease(&s.order, &s.two);
        s.at(3 * HOUR);
    }),
    ("completed, last hour held", |s| s.served(3)),
    ("completed, window over", |s| {
        s.served(3);
        s.world.advance(1_800);
    }),
    ("completed, in dispute", |s| {
        s.served(3);
        s.dispute();
    }),
    ("completed, nothing held", |s| {
        s.served(3);
        s.world.advance(1_800);
        s.settle();
    }),
    ("completed, no leases", |s| {
        s.served(3);
        s.without_leases();
    }),
    ("ended, an interval due", |s| {
        s.ended();
        s.at(HOUR + 120);
    }),
    ("ended, held", Stage::ended_and_settled),
    ("ended, in dispute", |s| {
        s.ended_and_settled();
        s.dispute();
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
