use crate::Result;
use schema_map::PgPath;
use tokio_postgres::GenericClient;

/// What [`advance_sequences`] did to one sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceChange {
    /// The sequence.
    pub sequence: PgPath,
    /// The value it would have given next before.
    pub before: i64,
    /// The value it gives next now.
    pub next: i64,
}

/// Moves each sequence so that the next value it gives is the given one or beyond (below, for descending sequences).
/// A sequence that is beyond already stays: none ever moves backwards.
pub async fn advance_sequences<C: GenericClient + Sync>(
    _client: &C,
    _next_values: &[(PgPath, i128)],
) -> Result<Vec<SequenceChange>> {
    todo!()
}
