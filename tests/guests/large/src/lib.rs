//! An integration with some 2 MB of code: thousands of functions that differ in a constant.

use portcullis_plugin::{Fault, Integration, NoConfig, Plugin, Problem, Request, Response};

/// Loops and branches enough that no two instances of it fold into one.
#[inline(never)]
fn mix<const N: u64>(mut value: u64) -> u64 {
    for round in 0..(N % 7 + 3) {
        value = value.wrapping_mul(N | 1).rotate_left((N % 31) as u32) ^ round;
        if value.is_multiple_of(N % 13 + 2) {
            value = value.wrapping_add(N * 31);
        } else if value & N == 0 {
            value ^= value >> (N % 17 + 1);
        }
        value = match value % 5 {
            0 => value.swap_bytes(),
            1 => value.wrapping_sub(N),
            2 => !value,
            3 => value.reverse_bits(),
            _ => value.wrapping_mul(N + 7),
        };
    }
    value
}

macro_rules! table {
    ($($high:literal)*) => { [$(row!($high)),*] };
}

macro_rules! row {
    ($high:literal) => {
        row!($high; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63)
    };
    ($high:literal; $($low:literal)*) => { [$(mix::<{ $high * 64 + $low }> as fn(u64) -> u64),*] };
}

type Row = [fn(u64) -> u64; 64];

static TABLE: &[Row] = &table!(
    1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
);

#[derive(Debug)]
pub struct Large;

impl Plugin for Large {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }
}

impl Integration for Large {
    fn handle(&mut self, request: Request) -> Result<Response, Fault> {
        let place = request.path.len();
        let function = TABLE.get(place % TABLE.len()).and_then(|row| row.get(place % 64));
        Ok(Response::text(
            200,
            function.map_or(0, |function| function(place as u64)).to_string(),
        ))
    }
}

portcullis_plugin::export_integration!(Large);
