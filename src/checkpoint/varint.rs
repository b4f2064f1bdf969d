//! Variable-length integers: seven bits per byte, lowest first (LEB128); signed numbers are mapped
//! to unsigned (zigzag), so that small numbers are short.

pub(super) fn put_u64(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

pub(super) fn put_i64(out: &mut Vec<u8>, value: i64) {
    put_u64(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

pub(super) fn put_i128(out: &mut Vec<u8>, value: i128) {
    let mut value = ((value << 1) ^ (value >> 127)).cast_unsigned();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Bytes that are read from the front; every answer is `None` once they are not what was put.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Decodes a number of at most eight bytes in one step, combining pairs of groups. `None` only
    /// means that this fast path does not apply.
    #[inline]
    fn short(&mut self) -> Option<u64> {
        let word = u64::from_le_bytes(*self.0.first_chunk::<8>()?);
        let last = !word & 0x8080_8080_8080_8080;
        // All bits up to the end of the number; all bits if there is no end.
        let bits = last ^ last.wrapping_sub(1);
        let length = usize::try_from(last.trailing_zeros() / 8)
            .ok()?
            .wrapping_add(1);
        let sevens = word & bits & 0x7f7f_7f7f_7f7f_7f7f;
        let low = sevens & 0x007f_007f_007f_007f;
        let fourteens = low | ((sevens & 0x7f00_7f00_7f00_7f00) >> 1);
        let low = fourteens & 0x0000_3fff_0000_3fff;
        let halves = low | ((fourteens & 0x3fff_0000_3fff_0000) >> 2);
        let value = (halves & 0x0fff_ffff) | ((halves & 0x0fff_ffff_0000_0000) >> 4);
        if last == 0 {
            return None;
        }
        self.0 = self.0.get(length..)?;
        Some(value)
    }

    #[inline]
    pub(super) fn u64(&mut self) -> Option<u64> {
        if let Some(value) = self.short() {
            return Some(value);
        }
        self.long()
    }

    #[inline(never)]
    fn long(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn usize(&mut self) -> Option<usize> {
        usize::try_from(self.u64()?).ok()
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        let folded = self.u64()?;
        Some((folded >> 1).cast_signed() ^ (folded & 1).cast_signed().wrapping_neg())
    }

    pub(super) fn i128(&mut self) -> Option<i128> {
        if let Some(folded) = self.short() {
            let folded = u128::from(folded);
            return Some((folded >> 1).cast_signed() ^ (folded & 1).cast_signed().wrapping_neg());
        }
        let mut folded = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            folded |= u128::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(
                    (folded >> 1).cast_signed() ^ (folded & 1).cast_signed().wrapping_neg(),
                );
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_is_read_again(a: u64, b: i64, c: i128) {
            let mut out = Vec::new();
            put_u64(&mut out, a);
            put_i64(&mut out, b);
            put_i128(&mut out, c);
            let mut bytes = Bytes(&out);
            prop_assert_eq!(bytes.u64(), Some(a));
            prop_assert_eq!(bytes.i64(), Some(b));
            prop_assert_eq!(bytes.i128(), Some(c));
            prop_assert!(bytes.is_empty());
        }
    }

    #[test]
    fn numbers_of_every_length_are_read_the_same_with_and_without_bytes_after_them() {
        for bits in 0..64 {
            for value in [1_u64 << bits, (1 << bits) - 1, u64::MAX >> (63 - bits)] {
                let mut out = Vec::new();
                put_u64(&mut out, value);
                let lock = out.len();
                for after in [0, 1, 0x7f, 0x80, 0xff] {
                    out.truncate(lock);
                    out.resize(lock + 9, after);
                    for length in lock..out.len() {
                        let mut bytes = Bytes(&out[..length]);
                        assert_eq!(bytes.u64(), Some(value));
                        assert_eq!(bytes.0.len(), length - lock);
                    }
                }
            }
        }
    }

    #[test]
    fn the_ends_of_the_range_are_read_again() {
        for value in [i128::MIN, -1, 0, 1, i128::MAX] {
            let mut out = Vec::new();
            put_i128(&mut out, value);
            assert_eq!(Bytes(&out).i128(), Some(value));
        }
    }

    #[test]
    fn what_ends_too_early_is_none() {
        assert_eq!(Bytes(&[0x80]).u64(), None);
        assert_eq!(Bytes(&[]).byte(), None);
        assert_eq!(Bytes(&[1, 2]).take(3), None);
        assert_eq!(Bytes(&[0xff; 11]).u64(), None);
    }
}
