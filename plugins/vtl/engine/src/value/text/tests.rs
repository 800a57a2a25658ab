use std::collections::BTreeMap;
use std::collections::hash_map::{HashMap, RandomState};
use std::hash::BuildHasher as _;

use super::*;

/// The same string in all its forms.
fn forms() -> [Text; 4] {
    let whole = Text::from("x".repeat(SHORT) + "naïve" + "y");
    let part = whole.source().part(SHORT..SHORT + "naïve".len());
    let part_of_part = part.source().part(0.."naïve".len());
    [Text::constant("naïve"), Text::from("naïve"), part, part_of_part]
}

#[test]
fn all_forms_of_a_string_are_one() {
    let state = RandomState::new();
    for one in &forms() {
        assert_eq!(&**one, "naïve");
        assert_eq!(one, "naïve");
        assert_eq!(state.hash_one(one), state.hash_one("naïve"));
        for other in &forms() {
            assert_eq!(one, other);
            assert_eq!(one.cmp(other), Ordering::Equal);
        }
    }
}

#[test]
fn strings_are_found_by_what_they_say() {
    let hashed: HashMap<Text, usize> = forms().into_iter().zip(0..).collect();
    let sorted: BTreeMap<Text, usize> = forms().into_iter().zip(0..).collect();
    assert_eq!((hashed.len(), sorted.len()), (1, 1));
    assert!(hashed.contains_key("naïve") && sorted.contains_key("naïve"));
}

#[test]
fn a_long_string_is_taken_without_a_copy_and_a_part_stays_in_its_place() {
    let string = "z".repeat(SHORT);
    let address = string.as_ptr();
    let text = Text::from(string);
    assert_eq!(text.as_ptr(), address);
    let part = text.source().part(5..9);
    assert_eq!(part.as_ptr(), address.wrapping_add(5));
    assert!(part.same(&part.clone()) && !part.same(&text));
}

#[test]
fn alone_a_part_keeps_nothing_else() {
    for form in forms() {
        assert!(!matches!(form.alone().0, Form::Part { .. }));
        assert_eq!(form.alone(), form);
    }
    let whole = Text::from("z".repeat(SHORT));
    assert!(whole.alone().same(&whole));
}

#[test]
fn a_long_string_leaves_no_large_buffer_behind() {
    let mut string = String::with_capacity(100 * SHORT);
    string.push_str(&"z".repeat(SHORT));
    let Form::Part { whole, .. } = Text::from(string).0 else {
        panic!("a long string is a part of itself");
    };
    assert!(whole.capacity() < 2 * SHORT);
}
