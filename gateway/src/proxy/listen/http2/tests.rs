//! The meter, told frames as bytes.

use std::num::NonZeroU32;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const GOAWAY: u8 = 7;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a length").to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

fn silent() -> Meter {
    Meter::new(Pace {
        most: 20 * SECOND,
        rate: NonZeroU32::new(128),
    })
}

/// One whose client has sent its settings.
fn meter() -> Meter {
    let mut meter = silent();
    meter.read(&frame(SETTINGS, 0, 0, &[])).expect("settings");
    meter
}

#[test]
fn settings_come_first() {
    for first in [
        frame(PING, 0, 0, &[0; 8]),
        frame(SETTINGS, ACK, 0, &[]),
        frame(0xbe, 0, 0, &[]),
    ] {
        assert_eq!(silent().read(&first), Err(Abuse::NoSettings));
    }
    assert_eq!(silent().read(&frame(SETTINGS, 0, 0, &[])), Ok(()));
}

/// How many of a frame pass before they are a abuse, and of which.
fn passes(meter: &mut Meter, frame: &[u8]) -> (u32, Abuse) {
    for count in 0..100_000 {
        if let Err(abuse) = meter.read(frame) {
            return (count, abuse);
        }
    }
    panic!("all of them passed");
}

#[test]
fn every_flood_is_cut() {
    for (bytes, most, abuse) in [
        (frame(SETTINGS, 0, 0, &[]), 49, Abuse::Settings),
        (frame(SETTINGS, ACK, 0, &[]), 49, Abuse::Settings),
        (frame(PING, 0, 0, &[0; 8]), 200, Abuse::Ping),
        (frame(RST_STREAM, 0, 1, &[0, 0, 0, 8]), 200, Abuse::Reset),
        (frame(DATA, 0, 1, &[]), 200, Abuse::EmptyData),
        (frame(PRIORITY, 0, 1, &[0; 5]), 500, Abuse::Priority),
        (
            frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
            2_000,
            Abuse::WindowUpdate,
        ),
        (frame(0xbe, 0, 0, &[1, 2, 3]), 200, Abuse::Unknown),
        (frame(GOAWAY, 0, 0, &[0; 8]), 200, Abuse::Unknown),
    ] {
        let kind = bytes[3];
        assert_eq!(
            passes(&mut meter(), &bytes),
            (most, abuse),
            "frames of kind {kind}"
        );
    }
}

#[test]
fn budgets_come_back_with_time() {
    let mut meter = meter();
    let spent = |meter: &mut Meter| (0..).find(|_| meter.sums.budget.spend(Abuse::Ping).is_err());
    assert_eq!(spent(&mut meter), Some(200));
    for _ in 0..10 {
        meter.look(SECOND / 10);
    }
    assert_eq!(spent(&mut meter), Some(20), "a tenth in a second");
    meter.look(600 * SECOND);
    assert_eq!(spent(&mut meter), Some(200), "no more than at first");
}

#[test]
fn headers_without_an_end_are_cut() {
    let mut endless = meter();
    endless.read(&frame(HEADERS, 0, 1, b"x")).expect("a head");
    let (count, abuse) = passes(&mut endless, &frame(CONTINUATION, 0, 1, &[7; 100]));
    assert_eq!((count, abuse), (32, Abuse::Continuation));

    let mut large = meter();
    large.read(&frame(HEADERS, 0, 1, b"x")).expect("a head");
    let (count, abuse) = passes(&mut large, &frame(CONTINUATION, 0, 1, &[7; 16_384]));
    assert_eq!((count, abuse), (15, Abuse::Continuation));

    let mut empty = meter();
    empty.read(&frame(HEADERS, 0, 1, b"")).expect("a head");
    let (count, abuse) = passes(&mut empty, &frame(CONTINUATION, 0, 1, b""));
    assert_eq!((count, abuse), (19, Abuse::EmptyHeaders));
}

#[test]
fn streams_at_once_are_bounded() {
    let mut meter = meter();
    let opened = (0..5_000).find_map(|index| {
        let headers = frame(HEADERS, END_HEADERS | END_STREAM, 1 + 2 * index, b"x");
        meter.read(&headers).err().map(|abuse| (index, abuse))
    });
    assert_eq!(opened, Some((1_024, Abuse::Streams)));
}

#[test]
fn streams_that_had_to_be_reset_count() {
    let mut meter = meter();
    let reset = |code: u8| frame(RST_STREAM, 0, 1, &[0, 0, 0, code]);
    for code in [0, 2, 8] {
        for _ in 0..1_000 {
            meter.written(&reset(code)).expect("an error of ours");
        }
    }
    let count = (0..1_000).find(|_| meter.written(&reset(1)).is_err());
    assert_eq!(count, Some(200));
}

/// A request and its response.
fn served(meter: &mut Meter, stream: u32) -> Result<(), Abuse> {
    meter.read(&frame(HEADERS, END_HEADERS | END_STREAM, stream, b"x"))?;
    meter.written(&frame(HEADERS, END_HEADERS, stream, b"x"))?;
    meter.written(&frame(DATA, END_STREAM, stream, b"hello"))
}

#[test]
fn honest_clients_are_not_cut() {
    let mut meter = meter();
    for index in 0..10_000 {
        let stream = 1 + 2 * index;
        served(&mut meter, stream).expect("a request");
        // A browser, of every other response.
        for frame in [
            frame(PRIORITY, 0, stream + 2, &[0; 5]),
            frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1, 0]),
            frame(WINDOW_UPDATE, 0, stream, &[0, 0, 1, 0]),
        ] {
            meter.read(&frame).expect("honest");
        }
        if index % 2 == 1 {
            let late = frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]);
            meter.read(&late).expect("a response that is not wanted any more");
        }
    }
    // gRPC: a stream of messages, with a ping and two windows for each.
    let stream = 100_001;
    meter
        .read(&frame(HEADERS, END_HEADERS, stream, b"x"))
        .expect("a call");
    for _ in 0..100_000 {
        meter
            .written(&frame(DATA, 0, stream, &[1; 10]))
            .expect("a message");
        for bytes in [
            frame(PING, 0, 0, &[0; 8]),
            frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 10]),
            frame(WINDOW_UPDATE, 0, stream, &[0, 0, 0, 10]),
        ] {
            meter.read(&bytes).expect("honest");
        }
    }
}

/// A stream that has its response's head.
fn answered() -> Meter {
    let mut meter = meter();
    meter
        .read(&frame(HEADERS, END_HEADERS | END_STREAM, 1, b"x"))
        .expect("a head");
    meter
        .written(&frame(HEADERS, END_HEADERS, 1, b"x"))
        .expect("a head");
    meter
}

#[test]
fn a_stream_whose_window_stays_closed_stalls() {
    for zero in [
        frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]),
        frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 9, 0, 4, 0, 0, 0, 0]),
    ] {
        let mut meter = answered();
        meter.read(&zero).expect("a setting");
        let stalled = (1..100).find(|_| meter.look(SECOND).is_stalled);
        assert_eq!(stalled, Some(20));
    }
}

#[test]
fn a_window_that_opens_byte_by_byte_stalls_too() {
    let mut meter = answered();
    meter
        .read(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]))
        .expect("a setting");
    let stalled = (1..100).find(|_| {
        meter
            .read(&frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]))
            .expect("a byte");
        meter.written(&frame(DATA, 0, 1, b"x")).expect("a byte");
        meter.look(SECOND).is_stalled
    });
    assert!(stalled.is_some_and(|seconds| seconds <= 22), "{stalled:?}");
}

#[test]
fn whoever_has_an_open_window_or_no_answer_is_no_stalled_client() {
    let mut silent = answered();
    assert!(
        (0..600).all(|_| !silent.look(SECOND).is_stalled),
        "nothing to send"
    );
    let mut waits = meter();
    waits
        .read(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]))
        .expect("a setting");
    waits
        .read(&frame(HEADERS, END_HEADERS | END_STREAM, 1, b"x"))
        .expect("a head");
    assert!(
        (0..600).all(|_| !waits.look(SECOND).is_stalled),
        "nothing answered"
    );
    let mut ended = answered();
    ended.written(&frame(DATA, END_STREAM, 1, b"x")).expect("the end");
    ended
        .read(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]))
        .expect("a setting");
    assert!((0..600).all(|_| !ended.look(SECOND).is_stalled), "ended");
}

#[test]
fn the_window_of_the_connection_counts() {
    let mut meter = answered();
    meter
        .read(&frame(WINDOW_UPDATE, 0, 1, &[0, 1, 0, 0]))
        .expect("a window");
    for _ in 0..4 {
        meter.written(&frame(DATA, 0, 1, &[1; 16_384])).expect("data");
    }
    assert!((0..100).any(|_| meter.look(SECOND).is_stalled));
}

#[test]
fn what_is_begun_and_not_ended_is_told() {
    let head = frame(HEADERS, END_HEADERS, 1, &[1; 100]);
    for (bytes, waits) in [
        (&head[..4], true),
        (&head[..50], true),
        (&head[..], false),
        (&frame(HEADERS, 0, 1, b"x"), true),
        (&frame(DATA, 0, 1, &[0; 100])[..50], false),
    ] {
        let mut meter = meter();
        meter.read(bytes).expect("bytes");
        let told = [meter.look(SECOND).unfinished, meter.look(SECOND).unfinished];
        let expected = if waits { SECOND } else { Duration::ZERO };
        assert_eq!(
            told[1] - told[0],
            expected,
            "{} bytes of {}",
            bytes.len(),
            bytes[3]
        );
    }
}

#[test]
fn continuations_do_not_extend_the_time_for_a_head() {
    let mut meter = meter();
    meter.read(&frame(HEADERS, 0, 1, b"x")).expect("a head");
    meter.look(SECOND);
    for _ in 0..5 {
        meter.read(&frame(CONTINUATION, 0, 1, b"x")).expect("more");
        meter.look(SECOND);
    }
    assert!(meter.look(SECOND).unfinished >= 6 * SECOND);
}

#[test]
fn any_pieces_tell_the_same() {
    let mut bytes = Vec::new();
    for part in [
        frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 9, 0, 4, 0, 0, 0, 7]),
        frame(HEADERS, END_HEADERS, 1, &[9; 40]),
        frame(DATA, 0, 1, &[0; 30]),
        frame(WINDOW_UPDATE, 0, 1, &[0, 0, 1, 0]),
        frame(HEADERS, END_HEADERS | END_STREAM, 3, &[9; 40]),
    ] {
        bytes.extend(part);
    }
    for size in 1..=bytes.len() {
        let mut meter = meter();
        for piece in bytes.chunks(size) {
            meter.read(piece).expect("frames");
        }
        let windows = [1, 3].map(|id| meter.sums.streams.get(&id).map(|stream| stream.window));
        assert_eq!(windows, [Some(7 + 256), Some(7)], "pieces of {size}");
        assert_eq!((meter.sums.last, meter.sums.frames), (3, 6), "pieces of {size}");
    }
}

#[test]
fn a_goodbye_stands_behind_frames_only() {
    let mut meter = answered();
    let goodbye = meter.goodbye(Abuse::Ping).expect("a place");
    assert_eq!(&goodbye[..9], &frame(GOAWAY, 0, 0, &[0; 8])[..9]);
    assert_eq!(&goodbye[9..], [0, 0, 0, 1, 0, 0, 0, 11]);
    meter.written(&frame(DATA, 0, 1, &[1; 10])[..12]).expect("a part");
    assert_eq!(meter.goodbye(Abuse::Ping), None);
}

mod arbitrary {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), size in 1_usize..200) {
            let mut meter = meter();
            for piece in bytes.chunks(size) {
                let _ = meter.read(piece);
                let _ = meter.written(piece);
                let _ = meter.look(SECOND);
            }
        }
    }
}
