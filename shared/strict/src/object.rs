//! Declares an object of a request once.

/// Declares a struct together with how it is read from a request, and with the JSON Schema of what it takes.
///
/// `reads (…)` names what the limits depend on; the expressions of the fields may use it. Each field says after `=` how it
/// is read:
///
/// | | |
/// |---|---|
/// | `or(default, check)` | may be left out, and then has the default |
/// | `optional(check)` | may be left out; its type is an `Option` |
/// | `given(check)` | may be left out, but must not be `null`; its type is an `Option` |
/// | `nullable(check)` | may be left out, or `null`, which is `Some(None)` |
/// | `object_nullable(take, schema)` | an object that may be left out, or `null`, which is `Some(None)` |
/// | `required(check)` | must be there |
/// | `object_or_none(take, schema)` | an object that may be left out; its type is an `Option` |
/// | `object_required(take, schema)` | an object that must be there |
/// | `object_or(default, take, schema)` | an object that may be left out |
/// | `part(take, schema)` | a struct of this kind whose fields stand among these |
///
/// `check` is a [`Check`](crate::Check). `take` takes the [`Fields`](crate::Fields) of an object, and `schema` returns the
/// JSON Schema of the object that it takes.
///
/// The documentation of a field stands before its other attributes, and is its description in the schema.
///
/// A declaration that begins with `default` has a [`Default`] of its fields' defaults; none of its fields is required.
#[macro_export]
macro_rules! object {
    (
        default
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:tt)*)])*
        $(#[cfg_attr($($cfg_attr:tt)*)])*
        $(#[serde($($serde:tt)*)])*
        $vis:vis struct $name:ident reads ($($ctx:ident: $ctx_type:ty),* $(,)?) {
            $(
                $(#[doc = $field_doc:literal])*
                $(#[serde($($field_serde:tt)*)])*
                $field_vis:vis $field:ident: $type:ty = $how:ident($($args:tt)*),
            )*
        }
    ) => {
        $crate::object! {
            $(#[doc = $doc])*
            $(#[derive($($derive)*)])*
            $(#[cfg_attr($($cfg_attr)*)])*
            $(#[serde($($serde)*)])*
            $vis struct $name reads ($($ctx: $ctx_type),*) {
                $(
                    $(#[doc = $field_doc])*
                    $(#[serde($($field_serde)*)])*
                    $field_vis $field: $type = $how($($args)*),
                )*
            }
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $( $field: $crate::object!(@default $how($($args)*)), )* }
            }
        }
    };
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:tt)*)])*
        $(#[cfg_attr($($cfg_attr:tt)*)])*
        $(#[serde($($serde:tt)*)])*
        $vis:vis struct $name:ident reads ($($ctx:ident: $ctx_type:ty),* $(,)?) {
            $(
                $(#[doc = $field_doc:literal])*
                $(#[serde($($field_serde:tt)*)])*
                $field_vis:vis $field:ident: $type:ty = $how:ident($($args:tt)*),
            )*
        }
    ) => {
        $(#[doc = $doc])*
        $(#[derive($($derive)*)])*
        $(#[cfg_attr($($cfg_attr)*)])*
        $(#[serde($($serde)*)])*
        $vis struct $name {
            $(
                $(#[doc = $field_doc])*
                $(#[serde($($field_serde)*)])*
                $field_vis $field: $type,
            )*
        }

        impl $name {
            /// Takes its fields out of an object, and notes what is wrong with them.
            #[allow(unused_variables)]
            $vis fn take(fields: &mut $crate::Fields<'_, '_>, $($ctx: $ctx_type),*) -> Option<Self> {
                // All are taken before any is missed: so all faults are told at once.
                $( let $field: Option<$type> = $crate::object!(@take fields, $field, $how($($args)*)); )*
                Some($name { $( $field: $field?, )* })
            }

            /// The JSON Schema of what [`take`](Self::take) takes.
            #[allow(unused_variables, dead_code)]
            $vis fn schema($($ctx: $ctx_type),*) -> $crate::Schema {
                $crate::check::object(
                    stringify!($name),
                    &[$($doc),*],
                    [$( $crate::object!(@schema $field, $type, [$($field_doc),*], $how($($args)*)) ),*],
                )
            }
        }
    };
    (@default or($default:expr, $check:expr)) => { $default };
    (@default optional($check:expr)) => { None };
    (@default given($check:expr)) => { None };
    (@default nullable($check:expr)) => { None };
    (@default object_nullable($take:expr, $schema:expr)) => { None };
    (@default object_or($default:expr, $take:expr, $schema:expr)) => { $default };
    (@default object_or_none($take:expr, $schema:expr)) => { None };
    (@default part($take:expr, $schema:expr)) => { Default::default() };
    (@take $fields:ident, $field:ident, or($default:expr, $check:expr)) => {
        $fields.or(stringify!($field), $check.judge, $default)
    };
    (@take $fields:ident, $field:ident, optional($check:expr)) => {
        $fields.optional(stringify!($field), $check.judge)
    };
    (@take $fields:ident, $field:ident, given($check:expr)) => {
        $fields.given(stringify!($field), $check.judge)
    };
    (@take $fields:ident, $field:ident, nullable($check:expr)) => {
        $fields.nullable(stringify!($field), $check.judge)
    };
    (@take $fields:ident, $field:ident, object_nullable($take:expr, $schema:expr)) => {
        $fields.nullable_object(stringify!($field), $take)
    };
    (@take $fields:ident, $field:ident, required($check:expr)) => {
        $fields.required(stringify!($field), $check.judge)
    };
    (@take $fields:ident, $field:ident, object_or($default:expr, $take:expr, $schema:expr)) => {
        $fields.object(stringify!($field), $take).map(|given| given.unwrap_or_else(|| $default))
    };
    (@take $fields:ident, $field:ident, object_or_none($take:expr, $schema:expr)) => {
        $fields.object(stringify!($field), $take)
    };
    (@take $fields:ident, $field:ident, object_required($take:expr, $schema:expr)) => {{
        if !$fields.has(stringify!($field)) {
            $fields.refuse(stringify!($field), "is required");
        }
        $fields.object(stringify!($field), $take).flatten()
    }};
    (@take $fields:ident, $field:ident, part($take:expr, $schema:expr)) => {
        $crate::apply($fields, $take)
    };
    (@schema $field:ident, $type:ty, $docs:expr, or($default:expr, $check:expr)) => {{
        let default: $type = $default;
        let default = $crate::check::default(&default);
        (stringify!($field), false, $crate::check::described($crate::check::or_null(($check.schema)()), &$docs, default))
    }};
    (@schema $field:ident, $type:ty, $docs:expr, optional($check:expr)) => {
        (stringify!($field), false, $crate::check::described($crate::check::or_null(($check.schema)()), &$docs, None))
    };
    (@schema $field:ident, $type:ty, $docs:expr, given($check:expr)) => {
        (stringify!($field), false, $crate::check::described(($check.schema)(), &$docs, None))
    };
    (@schema $field:ident, $type:ty, $docs:expr, nullable($check:expr)) => {
        (stringify!($field), false, $crate::check::described($crate::check::or_null(($check.schema)()), &$docs, None))
    };
    (@schema $field:ident, $type:ty, $docs:expr, object_nullable($take:expr, $schema:expr)) => {
        (stringify!($field), false, $crate::check::described($crate::check::or_null($schema), &$docs, None))
    };
    (@schema $field:ident, $type:ty, $docs:expr, required($check:expr)) => {
        (stringify!($field), true, $crate::check::described(($check.schema)(), &$docs, None))
    };
    (@schema $field:ident, $type:ty, $docs:expr, object_or($default:expr, $take:expr, $schema:expr)) => {{
        let default: $type = $default;
        let default = $crate::check::default(&default);
        (stringify!($field), false, $crate::check::described($crate::check::or_null($schema), &$docs, default))
    }};
    (@schema $field:ident, $type:ty, $docs:expr, object_or_none($take:expr, $schema:expr)) => {
        (stringify!($field), false, $crate::check::described($crate::check::or_null($schema), &$docs, None))
    };
    (@schema $field:ident, $type:ty, $docs:expr, object_required($take:expr, $schema:expr)) => {
        (stringify!($field), true, $crate::check::described($schema, &$docs, None))
    };
    (@schema $field:ident, $type:ty, $docs:expr, part($take:expr, $schema:expr)) => {
        ("", false, $schema)
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
