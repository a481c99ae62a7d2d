//! Against a real PostgreSQL: `DATABASE_URL` names a throw-away server and a superuser of it.

#![allow(missing_docs)]

#[cfg(feature = "apply")]
mod apply;
mod control;
mod database;
mod edges;
mod guard;
mod load;
mod source;
mod type_pairs;
mod verify;
