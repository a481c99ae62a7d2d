//! Against a real PostgreSQL: `DATABASE_URL` names a throw-away server and a superuser of it.

#![allow(missing_docs)]

#[cfg(feature = "apply")]
mod apply;
#[cfg(feature = "apply")]
mod apply_at_once;
#[cfg(feature = "apply")]
mod apply_conflicts;
#[cfg(feature = "apply")]
mod apply_model;
#[cfg(feature = "apply")]
mod apply_wire;
mod build;
mod claims;
mod control;
mod database;
mod edges;
mod freeze;
mod full_disk;
mod geometry;
mod guard;
mod load;
mod lobs;
mod parameters;
mod refused;
mod source;
mod type_pairs;
mod user_types;
mod values;
mod verify;
