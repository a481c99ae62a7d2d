//! The facts that a live source tells.

use crate::pipeline::Pipeline;
use anyhow::Result;
use assessment::Facts;
use oracle_source::Session;
use schema_map::Catalog;

pub(super) fn facts(
    _pipeline: &Pipeline,
    _session: &Session,
    _catalog: &Catalog,
    _sample: Option<u64>,
) -> Result<Facts> {
    Ok(Facts::default())
}
