use super::{Builder, Phase};
use crate::{ObjectKind, PlanError, Sequence, pg_literal};

impl Builder<'_> {
    pub(super) fn sequences(&mut self) -> Result<(), PlanError> {
        let catalog = self.catalog;
        for sequence in &catalog.sequences {
            if sequence.feeds_identity() {
                self.cover(ObjectKind::Sequence, &sequence.path, "the sequence of an identity column");
                continue;
            }
            let target = self.target(ObjectKind::Sequence, &sequence.path)?.quoted();
            match create(sequence, &target) {
                Ok((statements, mut notes)) => {
                    for sql in statements {
                        self.push(
                            Phase::Sequences,
                            ObjectKind::Sequence,
                            &sequence.path,
                            sql,
                            std::mem::take(&mut notes),
                        );
                    }
                }
                Err(reason) => self.refuse(ObjectKind::Sequence, &sequence.path, reason),
            }
        }
        for (source, sql, note) in std::mem::take(&mut self.after_sequences) {
            self.push(Phase::Sequences, ObjectKind::Table, &source, sql, note.into_iter().collect());
        }
        Ok(())
    }
}

/// The statements for a sequence, and what differs.
fn create(sequence: &Sequence, target: &str) -> Result<(Vec<String>, Vec<String>), String> {
    let Sequence { min_value, max_value, increment, next_value, .. } = *sequence;
    let beyond = |what: &str, value: i128| format!("{what} {value} is beyond bigint");
    let step = i64::try_from(increment).map_err(|_| beyond("INCREMENT BY", increment))?;
    if step == 0 {
        return Err("INCREMENT BY 0 has no meaning".to_owned());
    }
    let mut notes = Vec::new();
    let mut clamp = |what: &str, value: i128| {
        let limit = if value < 0 { i64::MIN } else { i64::MAX };
        i64::try_from(value).unwrap_or_else(|_| {
            notes.push(format!("{what} {value} becomes {limit}, the limit of bigint"));
            limit
        })
    };
    let (min, max) = (clamp("MINVALUE", min_value), clamp("MAXVALUE", max_value));
    if min >= max {
        return Err(format!("its values from {min_value} to {max_value} are beyond bigint"));
    }
    let (last, again) = if step > 0 { (max, min) } else { (min, max) };
    let spent = if step > 0 { next_value > max_value } else { next_value < min_value };
    let (start, exhausted) = match i64::try_from(next_value) {
        _ if spent && sequence.cycle => (again, false),
        _ if spent => (last, true),
        Ok(next) if (min..=max).contains(&next) => (next, false),
        _ => return Err(beyond("its next value", next_value)),
    };
    if sequence.cache > 1 {
        notes.push(format!("CACHE {} is left out, so that numbers follow the order of inserts", sequence.cache));
    }
    let cycle = if sequence.cycle { "CYCLE" } else { "NO CYCLE" };
    let mut statements = vec![format!(
        "CREATE SEQUENCE {target} INCREMENT BY {step} MINVALUE {min} MAXVALUE {max} START WITH {start} CACHE 1 {cycle};"
    )];
    if exhausted {
        notes.push("it is exhausted, as in Oracle".to_owned());
        statements.push(format!("SELECT setval({}, {start}, true);", pg_literal(target)));
    }
    Ok((statements, notes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ObjectPath, OracleIdent};

    fn sequence() -> Sequence {
        Sequence {
            path: ObjectPath::new(OracleIdent::new("HR").unwrap(), OracleIdent::new("S").unwrap()),
            min_value: 1,
            max_value: 9_999_999_999_999_999_999_999_999_999,
            increment: 1,
            cycle: false,
            cache: 20,
            next_value: 207,
        }
    }

    fn sql(sequence: &Sequence) -> Result<Vec<String>, String> {
        create(sequence, "\"hr\".\"s\"").map(|(statements, _)| statements)
    }

    #[test]
    fn limits_are_those_of_bigint() {
        let (statements, notes) = create(&sequence(), "\"hr\".\"s\"").unwrap();
        assert_eq!(
            statements,
            [
                "CREATE SEQUENCE \"hr\".\"s\" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 207 CACHE 1 NO CYCLE;"
            ]
        );
        assert_eq!(notes.len(), 2, "{notes:?}");
        let down =
            Sequence { min_value: -(10i128.pow(26)), max_value: -1, increment: -2, next_value: -5, ..sequence() };
        assert!(
            sql(&down).unwrap()[0].contains("INCREMENT BY -2 MINVALUE -9223372036854775808 MAXVALUE -1 START WITH -5")
        );
    }

    #[test]
    fn what_bigint_cannot_hold_is_refused() {
        assert!(sql(&Sequence { next_value: i128::from(i64::MAX) + 1, ..sequence() }).is_err());
        assert!(sql(&Sequence { increment: 10i128.pow(20), ..sequence() }).is_err());
        assert!(sql(&Sequence { min_value: 10i128.pow(20), next_value: 10i128.pow(20), ..sequence() }).is_err());
    }

    #[test]
    fn spent_sequences_stay_spent_or_begin_again() {
        let spent = Sequence { max_value: 10, next_value: 11, ..sequence() };
        let statements = sql(&spent).unwrap();
        assert!(statements[0].contains("START WITH 10"));
        assert_eq!(statements[1], "SELECT setval('\"hr\".\"s\"', 10, true);");
        let cycling = Sequence { cycle: true, ..spent };
        assert_eq!(sql(&cycling).unwrap().len(), 1);
        assert!(sql(&cycling).unwrap()[0].contains("START WITH 1 CACHE 1 CYCLE"));
    }
}
