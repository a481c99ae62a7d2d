use super::{Owner, malformed};
use crate::{Error, session::Record, sql::dictionary as sql};
use schema_map::{
    OracleIdent, Partition, PartitionMethod, Partitioning, Table,
    sql::{Lexer, TokenKind},
};
use std::collections::HashMap;

/// Keys by table and level (`P`, `S`).
type Keys = HashMap<(String, String), Vec<OracleIdent>>;

/// Fills in how tables are cut. Tables that are not among the partitioned ones are left alone.
pub(super) fn partitions(owner: &mut Owner<'_, '_>, tables: &mut [Table], partitioned: &[String]) -> Result<(), Error> {
    if partitioned.is_empty() {
        return Ok(());
    }
    let heads = owner.query(sql::PARTITIONED_TABLES)?;
    let mut keys = Keys::new();
    for row in owner.query(sql::PARTITION_KEYS)? {
        keys.entry((row.text(0)?.to_owned(), row.text(1)?.to_owned())).or_default().push(row.ident(3)?);
    }
    let mut parts: HashMap<String, Vec<(OracleIdent, Vec<String>)>> = HashMap::new();
    for row in owner.query(sql::PARTITIONS)? {
        parts.entry(row.text(0)?.to_owned()).or_default().push((row.ident(1)?, values(row.get(2))));
    }
    let mut subparts: HashMap<(String, String), Vec<Partition>> = HashMap::new();
    let mut templates: HashMap<String, Vec<Partition>> = HashMap::new();
    if heads.iter().any(|row| row.get(2) != Some("NONE")) {
        for row in owner.query(sql::SUBPARTITIONS)? {
            let key = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
            subparts.entry(key).or_default().push(partition(row.ident(2)?, values(row.get(3))));
        }
        for row in owner.query(sql::SUBPARTITION_TEMPLATES)? {
            let part = partition(row.ident(1)?, values(row.get(2)));
            templates.entry(row.text(0)?.to_owned()).or_default().push(part);
        }
    }
    let mut by_name: HashMap<String, &mut Table> =
        tables.iter_mut().map(|t| (t.path.name.as_str().to_owned(), t)).collect();
    for head in &heads {
        let name = head.text(0)?;
        let Some(table) = by_name.get_mut(name) else { continue };
        let method = method(owner, head, 1)?;
        let mut partitioning = Partitioning {
            method,
            columns: keys.remove(&(name.to_owned(), "P".to_owned())).unwrap_or_default(),
            interval: head.get(4).map(|text| text.trim().to_owned()),
            subpartitioning: None,
            partitions: Vec::new(),
        };
        if head.get(5) == Some("YES") {
            partitioning.interval = Some("AUTOMATIC".to_owned());
        }
        let template = templates.remove(name).unwrap_or_default();
        if head.get(2) != Some("NONE") {
            let count: usize = head.number(3)?.unwrap_or(0);
            let sub = Partitioning {
                method: self::method(owner, head, 2)?,
                columns: keys.remove(&(name.to_owned(), "S".to_owned())).unwrap_or_default(),
                interval: None,
                subpartitioning: None,
                partitions: match template.is_empty() {
                    true if count > 1 => (0..count).map(|_| unnamed()).collect(),
                    _ => template.clone(),
                },
            };
            partitioning.subpartitioning = Some(Box::new(sub));
        }
        match method {
            // They are those of the table that is referred to.
            PartitionMethod::Reference => partitioning.columns.clear(),
            _ => {
                for (part, values) in parts.remove(name).unwrap_or_default() {
                    let own = subparts.remove(&(name.to_owned(), part.as_str().to_owned())).unwrap_or_default();
                    let usual = partitioning.subpartitioning.as_ref().map_or(&[][..], |sub| &sub.partitions);
                    let as_usual = follows_template(&part, &own, usual);
                    partitioning.partitions.push(Partition {
                        subpartitions: if as_usual { Vec::new() } else { own },
                        ..partition(part, values)
                    });
                }
            }
        }
        table.partitioning = Some(partitioning);
    }
    Ok(())
}

fn method(owner: &Owner<'_, '_>, head: &Record, column: usize) -> Result<PartitionMethod, Error> {
    Ok(match head.text(column)? {
        "RANGE" => PartitionMethod::Range,
        "LIST" => PartitionMethod::List,
        "HASH" | "CONSISTENT HASH" => PartitionMethod::Hash,
        "REFERENCE" => PartitionMethod::Reference,
        "SYSTEM" => PartitionMethod::System,
        other => {
            return Err(malformed(format!(
                "table {}.{} is partitioned by {other:?}, which this crate does not know",
                owner.schema,
                head.text(0)?
            )));
        }
    })
}

/// One whose name Oracle made up (`SYS_P123`, `SYS_SUBP123`) has none.
fn partition(name: OracleIdent, values: Vec<String>) -> Partition {
    let digits = ["SYS_P", "SYS_SUBP"].iter().find_map(|prefix| name.as_str().strip_prefix(prefix));
    let made_up = digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
    Partition { name: if made_up { None } else { Some(name) }, values, subpartitions: Vec::new() }
}

fn unnamed() -> Partition {
    Partition { name: None, values: Vec::new(), subpartitions: Vec::new() }
}

/// Whether the subpartitions are those that Oracle makes by itself: those of the template, called `PART_SUBPART`, or without one a single one that
/// takes everything.
fn follows_template(part: &OracleIdent, own: &[Partition], template: &[Partition]) -> bool {
    if template.is_empty() {
        return matches!(own, [] | [Partition { name: None, .. }]);
    }
    own.len() == template.len()
        && own.iter().zip(template).all(|(own, usual)| {
            let name = match (&own.name, &usual.name) {
                (None, None) => true,
                (Some(own), Some(usual)) => own.as_str() == format!("{part}_{usual}"),
                _ => false,
            };
            name && own.values == usual.values
        })
}

/// `1, TO_DATE('…', '…'), (2, 'a,b')`: what is between the commas outside of parentheses.
fn values(text: Option<&str>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let (mut values, mut depth, mut from) = (Vec::new(), 0_u32, 0);
    for token in Lexer::new(text).filter(|token| token.kind == TokenKind::Symbol) {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                values.push(text[from..token.offset].trim().to_owned());
                from = token.end();
            }
            _ => {}
        }
    }
    if !text[from..].trim().is_empty() {
        values.push(text[from..].trim().to_owned());
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        let date = "TO_DATE(' 2024-01-01 00:00:00', 'SYYYY-MM-DD HH24:MI:SS', 'NLS_CALENDAR=GREGORIAN')";
        assert_eq!(values(Some(&format!("{date}, MAXVALUE"))), [date, "MAXVALUE"]);
        assert_eq!(values(Some("'a,b', 'c'")), ["'a,b'", "'c'"]);
        assert_eq!(values(Some("( 'a', 1 ), ( 'b', 2 )")), ["( 'a', 1 )", "( 'b', 2 )"]);
        assert_eq!(values(Some(" DEFAULT ")), ["DEFAULT"]);
        assert_eq!(values(None), Vec::<String>::new());
    }

    #[test]
    fn names_that_oracle_makes_up() {
        let named = |name: &str| partition(OracleIdent::new(name).unwrap(), Vec::new()).name.is_some();
        assert!(!named("SYS_P21") && !named("SYS_SUBP7"));
        assert!(named("SYS_P") && named("SYS_PX") && named("P1"));
    }

    #[test]
    fn templates_are_recognized() {
        let part = OracleIdent::new("P1").unwrap();
        let sub = |name: &str, value: &str| partition(OracleIdent::new(name).unwrap(), vec![value.to_owned()]);
        let template = [sub("A", "1"), sub("B", "2")];
        assert!(follows_template(&part, &[sub("P1_A", "1"), sub("P1_B", "2")], &template));
        assert!(!follows_template(&part, &[sub("P1_A", "1")], &template));
        assert!(!follows_template(&part, &[sub("P1_A", "1"), sub("X", "2")], &template));
        assert!(!follows_template(&part, &[sub("P1_A", "1"), sub("P1_B", "3")], &template));
        let unnamed = [unnamed(), unnamed()];
        let made = [sub("SYS_SUBP1", ""), sub("SYS_SUBP2", "")].map(|p| Partition { values: Vec::new(), ..p });
        assert!(follows_template(&part, &made, &unnamed));
    }
}
