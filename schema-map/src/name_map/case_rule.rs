use crate::{IdentError, NameError, NamePolicy, ObjectKind, ObjectPath, OracleIdent, PgIdent};
use serde::{Deserialize, Serialize};

/// How unquoted Oracle names are written in PostgreSQL.
///
/// A name without lower-case letters is taken as created unquoted and follows the rule; any other was created
/// quoted and keeps its letters. Only ASCII letters are folded, as PostgreSQL does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseRule {
    /// `COUNTRIES` becomes `countries`.
    Lower,
    /// `COUNTRIES` stays `COUNTRIES`, which every statement must then quote.
    Upper,
}

/// The usual policy: Oracle schemas go to the PostgreSQL schemas given for them, the names in them follow one rule
/// or the rule that the target schema's name implies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByCase {
    schemas: Vec<(OracleIdent, PgIdent)>,
    rule: Option<CaseRule>,
}

impl CaseRule {
    /// The rule that the name of the target schema implies, as PostgreSQL stores it: no upper-case letter
    /// means lower, no lower-case letter means upper, both is [`NameError::MixedCase`]. Only ASCII letters count.
    pub fn of_schema(schema: &PgIdent) -> Result<Self, NameError> {
        let has_upper = schema.as_str().bytes().any(|b| b.is_ascii_uppercase());
        let has_lower = schema.as_str().bytes().any(|b| b.is_ascii_lowercase());
        match (has_upper, has_lower) {
            (false, _) => Ok(CaseRule::Lower),
            (true, false) => Ok(CaseRule::Upper),
            (true, true) => Err(NameError::MixedCase(schema.to_string())),
        }
    }

    /// The name for an Oracle one, shortened where it has more than 63 bytes, see [`NameMap`](crate::NameMap).
    pub fn apply(self, name: &OracleIdent) -> Result<PgIdent, IdentError> {
        let name = name.as_str();
        match self {
            CaseRule::Lower if created_unquoted(name) => shortened(&name.to_ascii_lowercase()),
            CaseRule::Lower | CaseRule::Upper => shortened(name),
        }
    }
}

/// Every Oracle schema goes to the schema of its own name, folded by the rule.
impl NamePolicy for CaseRule {
    fn schema(&self, schema: &OracleIdent) -> Result<PgIdent, NameError> {
        Ok(self.apply(schema)?)
    }
    fn object(&self, _kind: ObjectKind, path: &ObjectPath) -> Result<PgIdent, NameError> {
        Ok(self.apply(&path.name)?)
    }
    fn column(&self, _table: &ObjectPath, column: &OracleIdent) -> Result<PgIdent, NameError> {
        Ok(self.apply(column)?)
    }
}

impl ByCase {
    /// The pairs are Oracle schema and target schema as PostgreSQL stores it; `rule` overrides what the target
    /// schemas' names imply. A target schema of both cases without a rule is an error only when a name is asked for
    /// that nothing else decides.
    pub fn new(schemas: &[(OracleIdent, PgIdent)], rule: Option<CaseRule>) -> Self {
        ByCase { schemas: schemas.to_vec(), rule }
    }

    /// Finds the target schemas whose names imply no rule.
    pub(super) fn check_rules(&self) -> Result<(), NameError> {
        self.schemas.iter().try_for_each(|(schema, _)| self.rule(schema).map(drop))
    }

    fn rule(&self, schema: &OracleIdent) -> Result<CaseRule, NameError> {
        match self.rule {
            Some(rule) => Ok(rule),
            None => CaseRule::of_schema(&self.schema(schema)?),
        }
    }
}

impl NamePolicy for ByCase {
    fn schema(&self, schema: &OracleIdent) -> Result<PgIdent, NameError> {
        self.schemas
            .iter()
            .find(|(source, _)| source == schema)
            .map(|(_, target)| target.clone())
            .ok_or_else(|| NameError::Map(format!("no target schema is given for the Oracle schema {schema}")))
    }
    fn object(&self, _kind: ObjectKind, path: &ObjectPath) -> Result<PgIdent, NameError> {
        Ok(self.rule(&path.schema)?.apply(&path.name)?)
    }
    fn column(&self, table: &ObjectPath, column: &OracleIdent) -> Result<PgIdent, NameError> {
        Ok(self.rule(&table.schema)?.apply(column)?)
    }
}

/// Oracle turns unquoted names to upper case, so a letter that has an upper-case form tells of quotes.
fn created_unquoted(name: &str) -> bool {
    !name.chars().any(|c| {
        let mut upper = c.to_uppercase();
        c.is_lowercase() && upper.len() == 1 && upper.next() != Some(c)
    })
}

/// At most 63 bytes of `name`; how is promised in the documentation of [`NameMap`](crate::NameMap).
pub(crate) fn shortened(name: &str) -> Result<PgIdent, IdentError> {
    if name.len() <= 63 {
        return PgIdent::new(name);
    }
    let head = cut(name, 54);
    let hash = xxhash_rust::xxh3::xxh3_64(name.as_bytes()) & 0xffff_ffff;
    let upper = head.bytes().any(|b| b.is_ascii_uppercase()) && !head.bytes().any(|b| b.is_ascii_lowercase());
    PgIdent::new(if upper { format!("{head}_{hash:08X}") } else { format!("{head}_{hash:08x}") })
}

/// At most `bytes` bytes of `name`, cut between characters.
pub(super) fn cut(name: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(name.len())).rev().find(|at| name.is_char_boundary(*at));
    &name[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ora(name: &str) -> OracleIdent {
        OracleIdent::new(name).unwrap()
    }

    #[test]
    fn the_schema_implies_the_rule() {
        for (schema, rule) in [
            ("public", Some(CaseRule::Lower)),
            ("trgthr", Some(CaseRule::Lower)),
            ("_1", Some(CaseRule::Lower)),
            // É is no ASCII letter.
            ("École", Some(CaseRule::Lower)),
            ("TARGETHR", Some(CaseRule::Upper)),
            ("HR_2", Some(CaseRule::Upper)),
            ("Hr", None),
            ("hR", None),
        ] {
            let of_schema = CaseRule::of_schema(&PgIdent::new(schema).unwrap());
            match rule {
                Some(rule) => assert_eq!(of_schema, Ok(rule), "{schema}"),
                None => assert_eq!(of_schema, Err(NameError::MixedCase(schema.to_owned()))),
            }
        }
    }

    #[test]
    fn names_follow_the_rule_or_keep_their_case() {
        for (name, lower, upper) in [
            ("COUNTRIES", "countries", "COUNTRIES"),
            ("Countries", "Countries", "Countries"),
            ("countries", "countries", "countries"),
            ("A$B#1", "a$b#1", "A$B#1"),
            ("MY TABLE", "my table", "MY TABLE"),
            ("ÉCOLE", "École", "ÉCOLE"),
            ("STRAßE", "straße", "STRAßE"),
            ("1", "1", "1"),
        ] {
            assert_eq!(CaseRule::Lower.apply(&ora(name)).unwrap().as_str(), lower);
            assert_eq!(CaseRule::Upper.apply(&ora(name)).unwrap().as_str(), upper);
        }
    }

    #[test]
    fn long_names_are_shortened_the_same_way_for_ever() {
        let long = "X".repeat(64);
        assert_eq!(CaseRule::Lower.apply(&ora(&long[..63])).unwrap().as_str(), "x".repeat(63));
        let lower = CaseRule::Lower.apply(&ora(&long)).unwrap();
        let upper = CaseRule::Upper.apply(&ora(&long)).unwrap();
        println!("{lower} {upper}");
        let umlauts = "Ü".repeat(60);
        let short = CaseRule::Upper.apply(&ora(&umlauts)).unwrap();
        println!("{short}");
        assert!(short.as_str().starts_with(&"Ü".repeat(27)));
        assert_eq!(short.as_str().len(), 63);
    }
}
