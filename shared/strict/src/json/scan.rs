//! Checks a text from front to back and notes where its values are.

use std::collections::HashSet;

use super::{
    fault::{Fault, Raised, Reason},
    text,
};

/// How deep arrays and objects may be nested. It bounds the recursion here and in everything that walks a value.
pub const DEEPEST: usize = 64;

/// The longest text, in bytes, whose places can be noted; every route's own limit is far below.
pub const LONGEST: usize = u32::MAX as usize;

/// Where a value, or a name, is.
pub(super) struct Node {
    pub(super) start: u32,
    pub(super) end: u32,
    /// The node after the value and everything in it.
    pub(super) after: u32,
}

/// The text of a body and the places of its values, the outer before the inner; the root is the first.
pub(super) fn body(body: &[u8]) -> Result<(&str, Vec<Node>), Fault> {
    let refused = |reason, offset| Err(Raised::new(reason, offset).settle());
    if body.len() > LONGEST {
        return refused(Reason::TooLong, LONGEST);
    }
    if body.starts_with(b"\xef\xbb\xbf") {
        return refused(Reason::ByteOrderMark, 0);
    }
    match std::str::from_utf8(body) {
        Ok(text) => scan(text).map(|nodes| (text, nodes)).map_err(Raised::settle),
        Err(error) => {
            let offset = error.valid_up_to();
            let before = body.get(..offset).and_then(|before| std::str::from_utf8(before).ok()).unwrap_or_default();
            // What comes first is told; and the scan of what is readable knows in which value it stopped.
            Err(match scan(before) {
                Err(raised) if raised.offset < offset => raised.settle(),
                Err(raised) => Fault { reason: Reason::NotUtf8, ..raised.settle() },
                Ok(_) => Raised::new(Reason::NotUtf8, offset).settle(),
            })
        }
    }
}

fn scan(text: &str) -> Scanned<Vec<Node>> {
    let mut scanner = Scanner { text, at: 0, nodes: Vec::new() };
    scanner.blank();
    if scanner.peek().is_none() {
        return Err(scanner.raise(Reason::Empty));
    }
    scanner.value(0)?;
    scanner.blank();
    match scanner.peek() {
        None => Ok(scanner.nodes),
        Some(_) => Err(scanner.raise(Reason::Trailing)),
    }
}

type Scanned<T> = Result<T, Raised>;

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    nodes: Vec<Node>,
}

impl<'a> Scanner<'a> {
    fn value(&mut self, depth: usize) -> Scanned<()> {
        let node = self.begin();
        match self.peek() {
            Some(b'{' | b'[') if depth == DEEPEST => Err(self.raise(Reason::TooDeep)),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(b'N' | b'I') => self.not_a_number(),
            _ => self.expected("a value"),
        }?;
        self.end(node);
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Scanned<()> {
        self.at += 1;
        self.blank();
        if self.skip(b']') {
            return Ok(());
        }
        for i in 0_usize.. {
            self.value(depth).map_err(|raised| raised.within(&i.to_string()))?;
            self.blank();
            if self.skip(b']') {
                break;
            }
            self.require(b',', "',' or ']'")?;
            self.blank();
        }
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Scanned<()> {
        self.at += 1;
        self.blank();
        if self.skip(b'}') {
            return Ok(());
        }
        // The standard hasher is keyed at random: nobody can choose names that collide.
        let mut seen = HashSet::new();
        loop {
            let start = self.at;
            let node = self.begin();
            match self.peek() {
                Some(b'"') => self.string()?,
                _ => self.expected("a name in quotes")?,
            }
            self.end(node);
            let name = text::unescape(&self.text[start..self.at]);
            self.blank();
            self.require(b':', "':'")?;
            self.blank();
            if seen.contains(&name) {
                return Err(Raised::new(Reason::DuplicateName, start).within(&name));
            }
            self.value(depth).map_err(|raised| raised.within(&name))?;
            self.blank();
            if self.skip(b'}') {
                return Ok(());
            }
            self.require(b',', "',' or '}'")?;
            self.blank();
            seen.insert(name);
        }
    }

    fn string(&mut self) -> Scanned<()> {
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.bytes().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len());
            if let Some((at, c)) = rest[..plain].char_indices().find(|(_, c)| text::is_noncharacter(*c)) {
                return Err(Raised::new(Reason::Noncharacter(c), self.at + at));
            }
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.at += text::escape(&self.text[self.at..]).map_err(|reason| self.raise(reason))?.1,
                Some(control) => return Err(self.raise(Reason::Control(control))),
                None => return self.expected("the end of a string"),
            }
        }
    }

    fn number(&mut self) -> Scanned<()> {
        if self.skip(b'-') && self.peek() == Some(b'I') {
            return self.not_a_number();
        }
        let zero = self.peek() == Some(b'0');
        let start = self.at;
        self.digits()?;
        if zero && self.at - start > 1 {
            return Err(Raised::new(Reason::LeadingZero, start));
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _sign = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Scanned<()> {
        let rest = &self.text[self.at..];
        match rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len()) {
            0 => self.expected("a digit"),
            length => {
                self.at += length;
                Ok(())
            }
        }
    }

    fn word(&mut self, word: &'static str) -> Scanned<()> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        self.expected("a value")
    }

    fn not_a_number(&mut self) -> Scanned<()> {
        let rest = &self.text[self.at..];
        if rest.starts_with("NaN") || rest.starts_with("Infinity") {
            return Err(self.raise(Reason::NotANumber));
        }
        self.expected("a value")
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn require(&mut self, byte: u8, expected: &'static str) -> Scanned<()> {
        if self.skip(byte) { Ok(()) } else { self.expected(expected) }
    }

    fn expected<T>(&self, expected: &'static str) -> Scanned<T> {
        Err(self.raise(match self.text[self.at..].chars().next() {
            Some(found) => Reason::Unexpected { expected, found },
            None => Reason::Unfinished { expected },
        }))
    }

    fn raise(&self, reason: Reason) -> Raised {
        Raised::new(reason, self.at)
    }

    fn begin(&mut self) -> usize {
        self.nodes.push(Node { start: self.at as u32, end: 0, after: 0 });
        self.nodes.len() - 1
    }

    fn end(&mut self, node: usize) {
        let after = self.nodes.len() as u32;
        let end = self.at as u32;
        if let Some(node) = self.nodes.get_mut(node) {
            (node.end, node.after) = (end, after);
        }
    }
}
