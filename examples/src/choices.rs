//! What is converted, and how, as far as a person chooses it beside names and types.

use schema_map::{ObjectPath, ddl};

/// Choices for a conversion, from a dictionary or from scripts.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// The target's major version, 13 to 18; where absent that of the server, or 15 where there is none.
    pub pg_version: Option<u32>,
    /// Patterns of `OWNER.NAME` or `NAME` with `*`: where there are any, only what fits one is converted.
    pub include: Vec<String>,
    /// The same for what is left out.
    pub exclude: Vec<String>,
    /// Bitmap indexes become GIN indexes.
    pub bitmap_as_gin: bool,
    /// Partitioned tables become plain ones.
    pub plain_tables: bool,
    /// Functions of the extension orafce are called instead of ones of our own.
    pub orafce: bool,
}

impl Choices {
    /// Whether the filters let this object through.
    pub fn keep(&self, path: &ObjectPath) -> bool {
        let fits = |pattern: &String| {
            let pattern = pattern.to_ascii_uppercase();
            let text = if pattern.contains('.') { path.to_string() } else { path.name.to_string() };
            fits(&pattern, &text.to_ascii_uppercase())
        };
        (self.include.is_empty() || self.include.iter().any(fits)) && !self.exclude.iter().any(fits)
    }

    /// The same choices for the DDL, for a server of this version.
    pub fn options(&self, pg_version: u32) -> ddl::Options {
        let mut options = ddl::Options::default();
        options.pg_version = pg_version;
        options.bitmap_as_gin = self.bitmap_as_gin;
        options.partitions = !self.plain_tables;
        options.orafce = self.orafce;
        options
    }
}

/// Whether a text fits a pattern in which `*` is anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("HR.*", "HR.EMP", true),
            ("HR.*", "SH.EMP", false),
            ("*_LOG", "EMP_LOG", true),
            ("*_LOG", "EMP_LOGS", false),
            ("A*B*C", "AXXBYYC", true),
            ("A*B*C", "AXXC", false),
            ("EMP", "EMP", true),
            ("EMP", "EMPS", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
