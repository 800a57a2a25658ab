//! What Java throws.

use crate::bounds::Failure;

pub(super) fn thrown<T>(message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Thrown(message.into()))
}

pub(super) fn null_pointer<T>() -> Result<T, Failure> {
    thrown("java.lang.NullPointerException")
}

pub(super) fn class_cast<T>() -> Result<T, Failure> {
    thrown("java.lang.ClassCastException")
}

pub(super) fn illegal_argument<T>(message: &str) -> Result<T, Failure> {
    thrown(format!("java.lang.IllegalArgumentException: {message}"))
}

pub(super) fn unsupported<T>() -> Result<T, Failure> {
    thrown("java.lang.UnsupportedOperationException")
}

pub(super) fn string_index<T>(index: i32, length: usize) -> Result<T, Failure> {
    thrown(format!(
        "java.lang.StringIndexOutOfBoundsException: index {index} is out of bounds for length {length}"
    ))
}

pub(super) fn index_out_of_bounds<T>(index: i32, length: usize) -> Result<T, Failure> {
    thrown(format!(
        "java.lang.IndexOutOfBoundsException: Index {index} out of bounds for length {length}"
    ))
}

pub(super) fn number_format<T>(text: &str) -> Result<T, Failure> {
    // A long text is cut: the message is for a log.
    let text: String = text.chars().take(100).collect();
    thrown(format!(
        "java.lang.NumberFormatException: For input string: \"{text}\""
    ))
}

pub(super) fn concurrent_modification<T>() -> Result<T, Failure> {
    thrown("java.util.ConcurrentModificationException")
}

pub(super) fn no_such_element<T>() -> Result<T, Failure> {
    thrown("java.util.NoSuchElementException")
}

pub(super) fn arithmetic<T>(message: &str) -> Result<T, Failure> {
    thrown(format!("java.lang.ArithmeticException: {message}"))
}
