//! Declares an object of a request once.

/// Declares a struct together with how it is read from a request.
///
/// `reads (…)` names what the limits depend on; the expressions of the fields may use it. Each field says after `=` how it
/// is read:
///
/// | | |
/// |---|---|
/// | `or(default, check)` | may be left out, and then has the default |
/// | `optional(check)` | may be left out; its type is an `Option` |
/// | `nullable(check)` | may be left out, or `null`, which is `Some(None)` |
/// | `object_nullable(take)` | an object that may be left out, or `null`, which is `Some(None)` |
/// | `required(check)` | must be there |
/// | `object_or_none(take)` | an object that may be left out; its type is an `Option` |
/// | `object_required(take)` | an object that must be there |
/// | `object_or(default, take)` | an object that may be left out |
/// | `part(take)` | a struct of this kind whose fields stand among these |
///
/// `check` takes a [`Value`](crate::json::Value) and answers with the field's value or with what is wrong with it. `take`
/// takes the [`Fields`](crate::Fields) of an object.
///
/// A declaration that begins with `default` has a [`Default`] of its fields' defaults; none of its fields is required.
#[macro_export]
macro_rules! object {
    (
        default
        $(#[$meta:meta])*
        $vis:vis struct $name:ident reads ($($ctx:ident: $ctx_type:ty),* $(,)?) {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty = $how:ident($($args:tt)*), )*
        }
    ) => {
        $crate::object! {
            $(#[$meta])*
            $vis struct $name reads ($($ctx: $ctx_type),*) {
                $( $(#[$field_meta])* $field_vis $field: $type = $how($($args)*), )*
            }
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $( $field: $crate::object!(@default $how($($args)*)), )* }
            }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident reads ($($ctx:ident: $ctx_type:ty),* $(,)?) {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty = $how:ident($($args:tt)*), )*
        }
    ) => {
        $(#[$meta])*
        $vis struct $name {
            $( $(#[$field_meta])* $field_vis $field: $type, )*
        }

        impl $name {
            /// Takes its fields out of an object, and notes what is wrong with them.
            #[allow(unused_variables, clippy::redundant_closure)]
            $vis fn take(fields: &mut $crate::Fields<'_, '_>, $($ctx: $ctx_type),*) -> Option<Self> {
                // All are taken before any is missed: so all faults are told at once.
                $( let $field: Option<$type> = $crate::object!(@take fields, $field, $how($($args)*)); )*
                Some($name { $( $field: $field?, )* })
            }
        }
    };
    (@default or($default:expr, $check:expr)) => { $default };
    (@default optional($check:expr)) => { None };
    (@default nullable($check:expr)) => { None };
    (@default object_nullable($take:expr)) => { None };
    (@default object_or($default:expr, $take:expr)) => { $default };
    (@default object_or_none($take:expr)) => { None };
    (@default part($take:expr)) => { Default::default() };
    (@take $fields:ident, $field:ident, or($default:expr, $check:expr)) => {
        $fields.or(stringify!($field), $check, $default)
    };
    (@take $fields:ident, $field:ident, optional($check:expr)) => {
        $fields.optional(stringify!($field), $check)
    };
    (@take $fields:ident, $field:ident, nullable($check:expr)) => {
        $fields.nullable(stringify!($field), $check)
    };
    (@take $fields:ident, $field:ident, object_nullable($take:expr)) => {
        $fields.nullable_object(stringify!($field), $take)
    };
    (@take $fields:ident, $field:ident, required($check:expr)) => {
        $fields.required(stringify!($field), $check)
    };
    (@take $fields:ident, $field:ident, object_or($default:expr, $take:expr)) => {
        $fields.object(stringify!($field), $take).map(|given| given.unwrap_or_else(|| $default))
    };
    (@take $fields:ident, $field:ident, object_or_none($take:expr)) => {
        $fields.object(stringify!($field), $take)
    };
    (@take $fields:ident, $field:ident, object_required($take:expr)) => {{
        if !$fields.has(stringify!($field)) {
            $fields.refuse(stringify!($field), "is required");
        }
        $fields.object(stringify!($field), $take).flatten()
    }};
    (@take $fields:ident, $field:ident, part($take:expr)) => {
        $crate::apply($fields, $take)
    };
}

/// Calls a function that takes fields; it gives the closure's argument its type.
#[doc(hidden)]
pub fn apply<'v, 'e, T>(
    fields: &mut crate::Fields<'v, 'e>,
    take: impl FnOnce(&mut crate::Fields<'v, 'e>) -> Option<T>,
) -> Option<T> {
    take(fields)
}
