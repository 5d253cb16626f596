//! A small set of small numbers.

/// Numbers from 0 to 63, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ValueSet(u64);

impl ValueSet {
    pub(crate) fn insert(&mut self, value: u8) {
        self.0 |= 1 << value;
    }

    pub(crate) fn contains(self, value: u8) -> bool {
        self.0 & (1 << value) != 0
    }

    /// The values in rising order.
    pub(crate) fn iter(self) -> impl DoubleEndedIterator<Item = u8> {
        (0..64).filter(move |&value| self.contains(value))
    }
}

impl FromIterator<u8> for ValueSet {
    fn from_iter<I: IntoIterator<Item = u8>>(values: I) -> Self {
        let mut set = ValueSet::default();
        values.into_iter().for_each(|value| set.insert(value));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_order_and_once() {
        let set: ValueSet = [59, 0, 7, 7].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 7, 59]);
        assert_eq!(set.iter().next_back(), Some(59));
        assert!(set.contains(7) && !set.contains(8));
    }
}
