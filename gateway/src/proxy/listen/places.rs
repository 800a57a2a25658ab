//! Connections of each address. Locked when one comes or goes, never by a request.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;

/// How many connections each address has.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<IpAddr, u32>>);

/// One of them; it is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    of: Arc<Places>,
    key: IpAddr,
}

impl Places {
    /// A place for a connection, unless its address has so many.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr, most: u32) -> Option<Place> {
        let key = key(address);
        let mut places = self.0.lock();
        let count = places.entry(key).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        let of = self.clone();
        Some(Place { of, key })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.of.0.lock();
        let left = places.get_mut(&self.key).map(|count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == Some(0) {
            places.remove(&self.key);
        }
        // What a flood of addresses left.
        if places.capacity() > 1_024 && places.len() < places.capacity() / 8 {
            places.shrink_to_fit();
        }
    }
}

/// Whoever has an address of IPv6 has 64 bits of them.
fn key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_their_places_and_give_them_back() {
        let places = Arc::new(Places::default());
        let take = |address: &str| places.take(address.parse().expect("an address"), 2);
        for (one, other, else_) in [
            ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
            ("2001:db8::1", "2001:db8:0:0:ffff::2", "2001:db8:0:1::1"),
        ] {
            let first = take(one).expect("a place");
            let second = take(other).expect("a place");
            assert!(take(one).is_none(), "{one} has its two");
            assert!(take(else_).is_some(), "{else_} is another");
            drop(first);
            assert!(take(other).is_some());
            drop(second);
        }
        assert!(places.0.lock().is_empty());
    }
}
