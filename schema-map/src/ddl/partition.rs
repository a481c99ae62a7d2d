use super::{Builder, Made};
use crate::name_map::shortened;
use crate::{Column, ConstraintKind, IndexKey, Partition, PartitionMethod, Partitioning, PgPath};
use std::collections::HashSet;
use type_convert::PgType;

/// How a table is cut into partitions in PostgreSQL.
pub(super) struct Partitions {
    /// Behind the columns.
    pub(super) clause: String,
    /// One for each partition and subpartition.
    pub(super) statements: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// The columns of a partition key, with their types.
type Key<'m> = Vec<(&'m Column, &'m PgType, String)>;

impl Builder<'_> {
    /// `None` for a table that has no partitions in Oracle; the error says why it has none here.
    pub(super) fn partitions(&mut self, made: &Made<'_>) -> Result<Option<Partitions>, String> {
        let Some(partitioning) = &made.table.partitioning else { return Ok(None) };
        if !self.options.partitions {
            return Err("as it is asked for".to_owned());
        }
        let key = self.key(made, partitioning)?;
        let sub_key = match &partitioning.subpartitioning {
            Some(sub) => self.key(made, sub)?,
            None => Vec::new(),
        };
        self.keys_hold(made, &key, &sub_key)?;
        if self.options.pg_version < 17 && made.table.columns.iter().any(|c| c.identity.is_some()) {
            return Err("before PostgreSQL 17 a partitioned table has no identity columns".to_owned());
        }
        if partitioning.partitions.is_empty() {
            return Err("its partitions are not known".to_owned());
        }
        let mut out = Partitions { clause: clause(partitioning, &key), statements: Vec::new(), notes: Vec::new() };
        self.children(made, &made.target, partitioning, &key, Some((partitioning, &sub_key)), &mut out)?;
        if partitioning.method == PartitionMethod::Hash {
            out.notes.push("rows are spread over the hash partitions in another way".to_owned());
        }
        Ok(Some(out))
    }

    fn key<'m>(&self, made: &'m Made<'_>, partitioning: &Partitioning) -> Result<Key<'m>, String> {
        match partitioning.method {
            PartitionMethod::Reference => {
                return Err("PostgreSQL has no partitions by reference: the referring table has no column of the key"
                    .to_owned());
            }
            PartitionMethod::System => return Err("PostgreSQL has no system partitions".to_owned()),
            PartitionMethod::List if partitioning.columns.len() > 1 => {
                return Err("PostgreSQL partitions by a list of one column only".to_owned());
            }
            _ => {}
        }
        partitioning
            .columns
            .iter()
            .map(|name| {
                let found = made.columns.iter().find(|(c, _)| c.name == *name);
                let (column, pg_type) = found.ok_or_else(|| format!("{name} of its key is no column"))?;
                if column.virtual_expression.is_some() {
                    return Err(format!("{name} of its key is a generated column"));
                }
                if matches!(pg_type, PgType::Xml | PgType::Json | PgType::Jsonb | PgType::Composite(_)) {
                    return Err(format!("{name} of its key is {pg_type}"));
                }
                let target = self.names.column(&made.table.path, name).ok_or_else(|| format!("{name} has no name"))?;
                Ok((*column, pg_type, target.quoted()))
            })
            .collect()
    }

    /// Every key and unique index of a partitioned table has the columns of the partition key in PostgreSQL.
    fn keys_hold(&self, made: &Made<'_>, key: &Key<'_>, sub_key: &Key<'_>) -> Result<(), String> {
        let needed: Vec<_> = key.iter().chain(sub_key).map(|(column, ..)| &column.name).collect();
        for constraint in made.table.constraints.iter().filter(|c| c.enabled) {
            let (ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns }) = &constraint.kind else {
                continue;
            };
            if let Some(missing) = needed.iter().find(|name| !columns.contains(name)) {
                let name = constraint.name.as_ref().map_or("its key", |n| n.as_str());
                return Err(format!(
                    "{name} lacks the partition key {missing}, which PostgreSQL demands of every key: add it to the key to have partitions"
                ));
            }
        }
        for index in self.indexes.get(&made.table.path).into_iter().flatten().filter(|i| i.unique) {
            let plain = |name: &crate::OracleIdent| {
                index.columns.iter().any(|c| matches!(&c.key, IndexKey::Column(of) if of == name))
            };
            let expressions = index.columns.iter().any(|c| matches!(c.key, IndexKey::Expression(_)));
            if expressions || needed.iter().any(|name| !plain(name)) {
                return Err(format!("the unique index {} lacks the partition key", index.path.name));
            }
        }
        Ok(())
    }

    fn children(
        &mut self,
        made: &Made<'_>,
        parent: &PgPath,
        partitioning: &Partitioning,
        key: &Key<'_>,
        sub: Option<(&Partitioning, &Key<'_>)>,
        out: &mut Partitions,
    ) -> Result<(), String> {
        let sub = sub.and_then(|(whole, key)| whole.subpartitioning.as_deref().map(|s| (s, key)));
        let count = partitioning.partitions.len();
        let mut lower: Vec<String> = vec!["MINVALUE".to_owned(); key.len()];
        let mut has_default = false;
        for (position, partition) in partitioning.partitions.iter().enumerate() {
            let bound = match partitioning.method {
                PartitionMethod::Hash => format!("FOR VALUES WITH (MODULUS {count}, REMAINDER {position})"),
                PartitionMethod::List if is_default(partition) => {
                    has_default = true;
                    "DEFAULT".to_owned()
                }
                PartitionMethod::List => {
                    let values: Vec<String> =
                        partition.values.iter().map(|v| self.bound(key.first(), v)).collect::<Result<_, _>>()?;
                    format!("FOR VALUES IN ({})", values.join(", "))
                }
                _ => {
                    let upper: Vec<String> = key
                        .iter()
                        .enumerate()
                        .map(|(n, column)| match partition.values.get(n) {
                            Some(value) => self.bound(Some(column), value),
                            None => Err("a partition has fewer bounds than the key has columns".to_owned()),
                        })
                        .collect::<Result<_, _>>()?;
                    // NULL comes last in Oracle; in PostgreSQL it goes where nothing else takes it.
                    let open = matches!(upper.as_slice(), [one] if one == "MAXVALUE");
                    if open && key.iter().any(|(column, ..)| column.nullable) {
                        has_default = true;
                        "DEFAULT".to_owned()
                    } else {
                        let from = std::mem::replace(&mut lower, upper.clone());
                        format!("FOR VALUES FROM ({}) TO ({})", from.join(", "), upper.join(", "))
                    }
                }
            };
            let label = partition.name.as_ref().map_or_else(|| format!("p{}", position + 1), ToString::to_string);
            self.child(made, parent, &label, &bound, partition, sub, out)?;
        }
        if partitioning.interval.is_some() && !has_default {
            out.notes.push(
                "Oracle makes new partitions by itself (INTERVAL, AUTOMATIC): here rows beyond those that are listed go to the default partition until someone makes them".to_owned(),
            );
            let none = Partition { name: None, values: Vec::new(), subpartitions: Vec::new() };
            self.child(made, parent, "default", "DEFAULT", &none, sub, out)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one statement")]
    fn child(
        &mut self,
        made: &Made<'_>,
        parent: &PgPath,
        label: &str,
        bound: &str,
        partition: &Partition,
        sub: Option<(&Partitioning, &Key<'_>)>,
        out: &mut Partitions,
    ) -> Result<(), String> {
        let name = self.child_name(made, label)?;
        let start = format!("CREATE TABLE {} PARTITION OF {} {bound}", name.quoted(), parent.quoted());
        let Some((sub, key)) = sub else {
            out.statements.push(format!("{start};"));
            return Ok(());
        };
        out.statements.push(format!("{start} {};", clause(sub, key)));
        let mut own = sub.clone();
        if !partition.subpartitions.is_empty() {
            own.partitions.clone_from(&partition.subpartitions);
        } else {
            // Those of the template have names of their own for every partition.
            for (position, template) in own.partitions.iter_mut().enumerate() {
                let of = template.name.as_ref().map_or_else(|| format!("sp{}", position + 1), ToString::to_string);
                template.name = crate::OracleIdent::new(format!("{label}_{of}")).ok();
            }
        }
        if own.partitions.is_empty() {
            let bound = match sub.method {
                PartitionMethod::Hash => "FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
                _ => "DEFAULT",
            };
            let name = self.child_name(made, &format!("{label}_all"))?;
            out.statements.push(format!("CREATE TABLE {} PARTITION OF {} {bound};", name.quoted(), self.last(out)));
            return Ok(());
        }
        for partition in &mut own.partitions {
            if partition.name.is_none() {
                partition.name = crate::OracleIdent::new(format!("{label}_sp")).ok();
            }
        }
        self.children(made, &name, &own, key, None, out)
    }

    /// The name of the partition made last.
    fn last(&self, out: &Partitions) -> String {
        let statement = out.statements.last().map(String::as_str).unwrap_or_default();
        let rest = statement.strip_prefix("CREATE TABLE ").unwrap_or_default();
        rest.split(" PARTITION OF ").next().unwrap_or_default().to_owned()
    }

    /// `table_partition`, in the case of the table's name, and one that nothing else has.
    fn child_name(&mut self, made: &Made<'_>, label: &str) -> Result<PgPath, String> {
        let catalog = self.catalog;
        let names = self.names;
        let taken = self.taken.get_or_insert_with(|| names.relations(catalog).into_iter().collect::<HashSet<PgPath>>());
        let upper = made.target.name.as_str().bytes().any(|b| b.is_ascii_uppercase());
        let label = if upper { label.to_ascii_uppercase() } else { label.to_ascii_lowercase() };
        let base = format!("{}_{label}", made.target.name);
        let mut number = 1u32;
        loop {
            let text = if number == 1 { base.clone() } else { format!("{base}_{number}") };
            let name = shortened(&text).map_err(|e| e.to_string())?;
            let path = PgPath { schema: made.target.schema.clone(), name };
            if taken.insert(path.clone()) {
                return Ok(path);
            }
            number += 1;
        }
    }

    fn bound(&self, column: Option<&(&Column, &PgType, String)>, value: &str) -> Result<String, String> {
        if value.eq_ignore_ascii_case("MAXVALUE") || value.eq_ignore_ascii_case("MINVALUE") {
            return Ok(value.to_ascii_uppercase());
        }
        let Some((column, pg_type, _)) = column else { return Err("a bound without a column".to_owned()) };
        let bound = self.rewriter.partition_value(column, pg_type, value);
        bound.map_err(|refused| format!("the bound {value}: {}", refused.reason))
    }
}

fn clause(partitioning: &Partitioning, key: &Key<'_>) -> String {
    let word = match partitioning.method {
        PartitionMethod::Hash => "HASH",
        PartitionMethod::List => "LIST",
        _ => "RANGE",
    };
    let columns: Vec<&str> = key.iter().map(|(.., target)| target.as_str()).collect();
    format!("PARTITION BY {word} ({})", columns.join(", "))
}

fn is_default(partition: &Partition) -> bool {
    matches!(partition.values.as_slice(), [one] if one.eq_ignore_ascii_case("DEFAULT"))
}
