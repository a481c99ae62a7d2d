//! Reports on whole schemas, in every form.

mod formats;
mod reference;
mod reports;
mod rules;
mod schema;
