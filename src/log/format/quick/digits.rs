//! Parses short numbers, eight digits at a time.

/// The decimal digits at the start, if another character follows within fifteen bytes: their value
/// and their number, which may be zero. `None` if there are more, or the text ends.
#[inline]
pub(super) fn leading(bytes: &[u8]) -> Option<(u64, usize)> {
    let (value, count) = leading_of_eight(bytes)?;
    if count < 8 {
        return Some((value, count));
    }
    more(value, bytes.get(8..)?)
}

#[inline(never)]
fn more(first: u64, bytes: &[u8]) -> Option<(u64, usize)> {
    let (value, count) = leading_of_eight(bytes)?;
    let power = 10_u64.checked_pow(u32::try_from(count).ok()?)?;
    let value = first.checked_mul(power)?.checked_add(value)?;
    (count < 8).then_some((value, count.wrapping_add(8)))
}

/// The digits among the first eight bytes, taken as one word in which the first digit is the lowest
/// byte: neighbours are put together to pairs, pairs to fours, fours to eight.
#[inline]
fn leading_of_eight(bytes: &[u8]) -> Option<(u64, usize)> {
    const EACH: u64 = u64::MAX / 255;
    let word = u64::from_le_bytes(*bytes.first_chunk::<8>()?);
    // Every digit becomes its value here, and every other byte more than nine.
    let values = word ^ EACH.wrapping_mul(0x30);
    // A byte's highest bit marks it as not a digit. A carry only reaches bytes after a marked one.
    let others = (values.wrapping_add(EACH.wrapping_mul(0x76)) | values) & EACH.wrapping_mul(0x80);
    let bits = others.trailing_zeros() & !7;
    // The last digit becomes the highest byte, with zeros before the first.
    let aligned = values.checked_shl(64_u32.wrapping_sub(bits)).unwrap_or(0);
    let pairs = aligned.wrapping_mul(10).wrapping_add(aligned >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    Some((eight, usize::try_from(bits / 8).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::leading;

    fn slowly(bytes: &[u8]) -> (u64, usize) {
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit());
        let digits: String = digits.map(|digit| char::from(*digit)).collect();
        (digits.parse().unwrap_or(0), digits.len())
    }

    #[test]
    fn every_byte_after_any_number_of_digits_ends_them_or_is_one() {
        for count in 0..15 {
            for byte in 0..=255_u8 {
                for last in [b'0', b'9'] {
                    let mut bytes = b"918273645546372"[..count].to_vec();
                    bytes.last_mut().into_iter().for_each(|own| *own = last);
                    bytes.push(byte);
                    bytes.extend_from_slice(b"\",\xff0:/99\0\"......");
                    let expected = slowly(&bytes);
                    let found = leading(&bytes);
                    assert_eq!(found, (expected.1 < 16).then_some(expected), "{bytes:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_as_one_by_one(bytes in proptest::collection::vec(prop_oneof![b'0'..=b'9', any::<u8>()], 0..30)) {
            if let Some(found) = leading(&bytes) {
                prop_assert_eq!(found, slowly(&bytes));
            }
        }
    }
}
