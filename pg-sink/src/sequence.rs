use crate::{Error, ErrorKind, Result};
use schema_map::PgPath;
use tokio_postgres::GenericClient;

/// What [`advance_sequences`] did to one sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceChange {
    /// The sequence.
    pub sequence: PgPath,
    /// The value it would have given next before; one beyond its last where it was used up.
    pub before: i128,
    /// The value it gives next now.
    pub next: i128,
}

/// Moves each sequence so that the next value it gives is the given one or beyond (below, for descending sequences).
/// A sequence that is beyond already stays: none ever moves backwards. A next value that lies beyond the sequence's range, by not
/// more than one step, is that of a sequence that is used up; then this one is used up too.
///
/// Concurrent `nextval` on the same sequence may be undone: call it while nobody uses them.
pub async fn advance_sequences<C: GenericClient + Sync>(
    client: &C,
    next_values: &[(PgPath, i128)],
) -> Result<Vec<SequenceChange>> {
    let mut changes = Vec::with_capacity(next_values.len());
    for (sequence, wanted) in next_values {
        let at = |e| Error::postgres("setting a sequence", e).with_table(sequence);
        let name = sequence.quoted();
        let sql = format!(
            "SELECT q.last_value, q.is_called, s.seqincrement, s.seqmin, s.seqmax \
             FROM {name} q, pg_sequence s WHERE s.seqrelid = $1::text::regclass"
        );
        let row = client.query_one(&sql, &[&name]).await.map_err(at)?;
        let [last, increment, min, max] = [0, 2, 3, 4].map(|i| i128::from(row.get::<_, i64>(i)));
        let before = if row.get(1) { last + increment } else { last };
        let next = if increment > 0 { before.max(*wanted) } else { before.min(*wanted) };
        if next != before {
            // Beyond the range by less than a step: it is used up, at the source and so here.
            let (value, called) = match (min..=max).contains(&next) {
                true => (next, false),
                false if (min..=max).contains(&(next - increment)) => (if increment > 0 { max } else { min }, true),
                false => {
                    let message =
                        format!("its next value is {next} at the source, outside of its range here, {min} to {max}");
                    return Err(Error::new(ErrorKind::Value, message).with_table(sequence));
                }
            };
            let beyond = |_| Error::new(ErrorKind::Value, "a value beyond bigint").with_table(sequence);
            let value = i64::try_from(value).map_err(beyond)?;
            client.execute("SELECT setval($1::text::regclass, $2, $3)", &[&name, &value, &called]).await.map_err(at)?;
        }
        changes.push(SequenceChange { sequence: sequence.clone(), before, next });
    }
    Ok(changes)
}
