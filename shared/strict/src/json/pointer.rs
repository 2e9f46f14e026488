//! RFC 6901 pointers, built only when there is something to point at.

use std::fmt;

/// Names longer than this, in bytes, are not repeated to the client: a pointer ends before them.
pub const LONGEST_NAME: usize = 128;

/// The way from the body to a value in it. It borrows from its parent, so that walking a body allocates nothing.
#[derive(Clone, Copy)]
pub struct Pointer<'p> {
    last: Option<(&'p Pointer<'p>, &'p str)>,
}

impl<'p> Pointer<'p> {
    /// The body itself.
    pub const BODY: Pointer<'static> = Pointer { last: None };

    /// To the field `name` of the object that this points to.
    pub const fn to(&'p self, name: &'p str) -> Pointer<'p> {
        Pointer { last: Some((self, name)) }
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            None => Ok(()),
            Some((parent, name)) => {
                parent.fmt(f)?;
                f.write_str(&token(name))
            }
        }
    }
}

/// One step of a pointer, with its slash.
pub(super) fn token(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
