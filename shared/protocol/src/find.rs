//! Looking for many words in a text in one pass.

/// Words to look for, at most 32 and all of ASCII. None is the beginning of another.
pub(crate) struct Words<const N: usize> {
    words: [&'static str; N],
    /// For each first letter, the words that begin with it, a bit for each.
    by_first: [u32; 128],
}

impl<const N: usize> Words<N> {
    pub(crate) const fn new(words: [&'static str; N]) -> Self {
        let mut by_first = [0; 128];
        let mut at = 0;
        while at < N {
            by_first[words[at].as_bytes()[0] as usize] |= 1 << at;
            at += 1;
        }
        Words { words, by_first }
    }

    /// Whether one of the words is in the text.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        (0..text.len()).any(|at| self.beginning(&text.as_bytes()[at..]).is_some())
    }

    /// Whether the text begins with one of the words, and goes on.
    pub(crate) fn begin(&self, text: &str) -> bool {
        self.beginning(text.as_bytes()).is_some_and(|word| word.len() < text.len())
    }

    /// The word that the text begins with.
    fn beginning(&self, text: &[u8]) -> Option<&'static str> {
        let mut left = self.by_first.get(usize::from(*text.first()?)).copied()?;
        while left != 0 {
            let word = self.words[left.trailing_zeros() as usize];
            if text.starts_with(word.as_bytes()) {
                return Some(word);
            }
            left &= left - 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_wherever_it_is() {
        let words = Words::new(["key", "keep", "auth"]);
        for text in ["key", "a key", "keekey", "ä-auth", "kkeep"] {
            assert!(words.are_in(text), "{text}");
        }
        for text in ["", "ke", "Key", "kee", "aut", "äuth"] {
            assert!(!words.are_in(text), "{text}");
        }
    }

    #[test]
    fn a_text_that_begins_with_a_word_goes_on() {
        let words = Words::new(["key-", "auth-"]);
        assert!(words.begin("key-1") && words.begin("auth-ä"));
        assert!(!words.begin("key-") && !words.begin("a key-1") && !words.begin(""));
    }
}
