//! An object whose fields are taken out one by one; what is left at the end is unknown.
//!
//! A field that is `null` counts as left out: typed clients write their absent options so.
//!
//! What takes a field answers with an option of the value: none means that a fault was noted. So a caller takes every
//! field first, and puts the parts together with `?` only then: all faults are told at once.

use std::borrow::Cow;

use crate::{
    Errors, FieldError,
    json::{Json, LONGEST_NAME, Pointer, Value},
    words::shown,
};

/// Reads a body, which is an object, and tells at most so many faults of it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read<'v, T>(
    body: Value<'v>,
    most_errors: usize,
    take: impl FnOnce(&mut Fields<'v, '_>) -> Option<T>,
) -> Result<T, Vec<FieldError>> {
    let mut errors = Errors::at_most(most_errors);
    let taken = Fields::of(body, Pointer::BODY, &mut errors, take);
    errors.settle(taken)
}

/// The fields that nobody has taken yet.
pub struct Fields<'v, 'e> {
    at: Pointer<'e>,
    left: Vec<(Cow<'v, str>, Value<'v>)>,
    errors: &'e mut Errors,
}

impl<'v> Fields<'v, '_> {
    /// Reads an object with `read`, and then refuses the fields that it left.
    pub fn of<T>(
        value: Value<'v>,
        at: Pointer<'_>,
        errors: &mut Errors,
        read: impl FnOnce(&mut Fields<'v, '_>) -> Option<T>,
    ) -> Option<T> {
        let Json::Object(left) = value.read() else {
            errors.add(FieldError::pointer(at, format!("must be an object, got {}", value.kind())));
            return None;
        };
        let mut fields = Fields { at, left, errors };
        let read = read(&mut fields);
        for (name, _) in std::mem::take(&mut fields.left) {
            fields.refuse(&name, "is not a known field");
        }
        read
    }

    /// Whether the field is there and not `null`.
    pub fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(known, value)| known == name && !value.is_null())
    }

    /// What `check` makes of a field that stays: for a rule that holds fields against each other. Nothing where the field is
    /// left out or has a fault, which is noted when it is taken.
    pub fn peek<T>(&self, name: &str, check: impl FnOnce(Value<'v>) -> Result<T, String>) -> Option<T> {
        let (_, value) = self.left.iter().find(|(known, value)| known == name && !value.is_null())?;
        check(*value).ok()
    }

    /// The field, if it is there, `null` or not.
    pub fn take(&mut self, name: &str) -> Option<Value<'v>> {
        let place = self.left.iter().position(|(known, _)| known == name)?;
        Some(self.left.remove(place).1)
    }

    /// All fields there are: of an object whose names are the client's own.
    pub fn take_all(&mut self) -> Vec<(Cow<'v, str>, Value<'v>)> {
        std::mem::take(&mut self.left)
    }

    /// A field that can be left out.
    pub fn optional<T>(&mut self, name: &str, check: impl FnOnce(Value<'v>) -> Result<T, String>) -> Option<Option<T>> {
        match self.take(name).filter(|value| !value.is_null()) {
            Some(value) => self.check(name, value, check).map(Some),
            None => Some(None),
        }
    }

    /// A field that can be left out, and where `null` is a fault.
    pub fn given<T>(&mut self, name: &str, check: impl FnOnce(Value<'v>) -> Result<T, String>) -> Option<Option<T>> {
        match self.take(name) {
            Some(value) => self.check(name, value, check).map(Some),
            None => Some(None),
        }
    }

    /// A field that can be left out, and where `null` means something else.
    pub fn nullable<T>(
        &mut self,
        name: &str,
        check: impl FnOnce(Value<'v>) -> Result<T, String>,
    ) -> Option<Option<Option<T>>> {
        match self.take(name) {
            Some(value) if value.is_null() => Some(Some(None)),
            Some(value) => self.check(name, value, check).map(|value| Some(Some(value))),
            None => Some(None),
        }
    }

    /// A field that has a default.
    pub fn or<T>(&mut self, name: &str, check: impl FnOnce(Value<'v>) -> Result<T, String>, default: T) -> Option<T> {
        Some(self.optional(name, check)?.unwrap_or(default))
    }

    /// A field that must be there.
    pub fn required<T>(&mut self, name: &str, check: impl FnOnce(Value<'v>) -> Result<T, String>) -> Option<T> {
        let given = self.optional(name, check)?;
        if given.is_none() {
            self.refuse(name, "is required");
        }
        given
    }

    /// A field that is an object and can be left out.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'v, '_>) -> Option<T>) -> Option<Option<T>> {
        match self.take(name).filter(|value| !value.is_null()) {
            Some(value) => Fields::of(value, self.at.to(name), self.errors, read).map(Some),
            None => Some(None),
        }
    }

    /// A field that is an object or `null`, and where `null` means something else than leaving it out.
    pub fn nullable_object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'v, '_>) -> Option<T>,
    ) -> Option<Option<Option<T>>> {
        match self.take(name) {
            Some(value) if value.is_null() => Some(Some(None)),
            Some(value) => Fields::of(value, self.at.to(name), self.errors, read).map(|value| Some(Some(value))),
            None => Some(None),
        }
    }

    /// What `check` makes of a field that was taken.
    pub fn check<T>(
        &mut self,
        name: &str,
        value: Value<'v>,
        check: impl FnOnce(Value<'v>) -> Result<T, String>,
    ) -> Option<T> {
        check(value).map_err(|detail| self.refuse(name, detail)).ok()
    }

    /// Notes a fault in a field. Where the name is too long to repeat, the fault is in the object.
    pub fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        let detail = detail.into();
        self.errors.add(if name.len() > LONGEST_NAME {
            FieldError::pointer(self.at, format!("has the field {}, which {detail}", shown(name)))
        } else {
            FieldError::pointer(self.at.to(name), detail)
        });
    }

    /// Notes a fault in the object as a whole.
    pub fn refuse_all(&mut self, detail: impl Into<String>) {
        self.errors.add(FieldError::pointer(self.at, detail));
    }

    /// Notes a fault in a header of the request.
    pub fn refuse_header(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.add(FieldError::header(name, detail));
    }
}
