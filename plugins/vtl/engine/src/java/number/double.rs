use super::Digits;

/// Appends `Double.toString` of Java 17, with the digits too many that it is known for.
pub fn write_double(value: f64, out: &mut String) {
    if value.is_nan() {
        return out.push_str("NaN");
    }
    if value.is_sign_negative() {
        out.push('-');
    }
    if value.is_infinite() {
        return out.push_str("Infinity");
    }
    if value == 0.0 {
        return out.push_str("0.0");
    }
    write_digits(&Digits::new(value.abs(), true), out);
}

fn write_digits(number: &Digits, out: &mut String) {
    let mut digits = number.digits.iter().map(|digit| char::from(b'0' + digit));
    match number.exponent {
        whole @ 1..=7 => {
            for _ in 0..whole {
                out.push(digits.next().unwrap_or('0'));
            }
            out.push('.');
            out.push(digits.next().unwrap_or('0'));
            out.extend(digits);
        }
        zeros @ -2..=0 => {
            out.push_str("0.");
            out.extend((zeros..0).map(|_| '0'));
            out.extend(digits);
        }
        exponent => {
            out.extend(digits.next());
            out.push('.');
            out.push(digits.next().unwrap_or('0'));
            out.extend(digits);
            out.push('E');
            out.push_str(&(exponent - 1).to_string());
        }
    }
}
