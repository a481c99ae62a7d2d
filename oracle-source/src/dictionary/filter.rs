use schema_map::{ObjectPath, OracleIdent};
use std::{fmt, str::FromStr};

/// Which objects are taken: those that fit one of the patterns to include, or all where there is none, and none of those to exclude.
///
/// A pattern is the name of an object, or a schema and a name with a dot between them. `*` stands for any characters, `?` for one. As in Oracle's
/// SQL, letters are upper case unless the name is between double quotes; within these everything is itself, `*`, `?` and dots too.
///
/// ```
/// use oracle_source::ObjectFilter;
/// use schema_map::{ObjectPath, OracleIdent};
///
/// let filter = ObjectFilter::new(["hr.emp*", "\"Odd.Name\""], ["*_log"])?;
/// let path = |schema, name| ObjectPath::new(OracleIdent::new(schema).unwrap(), OracleIdent::new(name).unwrap());
/// assert!(filter.passes(&path("HR", "EMPLOYEES")) && filter.passes(&path("SH", "Odd.Name")));
/// assert!(!filter.passes(&path("SH", "EMPLOYEES")) && !filter.passes(&path("HR", "EMP_LOG")));
/// # Ok::<(), oracle_source::PatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectFilter {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    pattern: String,
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    schema: Option<Vec<Piece>>,
    name: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    This(char),
    One,
    Any,
}

impl ObjectFilter {
    /// Of patterns to include and to exclude.
    pub fn new<S: AsRef<str>>(
        include: impl IntoIterator<Item = S>,
        exclude: impl IntoIterator<Item = S>,
    ) -> Result<Self, PatternError> {
        let include = include.into_iter().map(|p| p.as_ref().parse()).collect::<Result<_, _>>()?;
        let exclude = exclude.into_iter().map(|p| p.as_ref().parse()).collect::<Result<_, _>>()?;
        Ok(ObjectFilter { include, exclude })
    }

    /// Whether an object is taken.
    pub fn passes(&self, path: &ObjectPath) -> bool {
        let fits = |pattern: &Pattern| pattern.fits(path);
        (self.include.is_empty() || self.include.iter().any(fits)) && !self.exclude.iter().any(fits)
    }
}

impl Pattern {
    fn fits(&self, path: &ObjectPath) -> bool {
        fits(&self.name, &path.name) && self.schema.as_ref().is_none_or(|schema| fits(schema, &path.schema))
    }
}

/// Linear but for the stars, each of which is tried again from one place further on.
fn fits(pieces: &[Piece], name: &OracleIdent) -> bool {
    let text: Vec<char> = name.as_str().chars().collect();
    let (mut piece, mut at) = (0, 0);
    let mut retry = None;
    while at < text.len() {
        match pieces.get(piece) {
            Some(Piece::Any) => {
                retry = Some((piece + 1, at));
                piece += 1;
                continue;
            }
            Some(Piece::One) => {}
            Some(Piece::This(c)) if *c == text[at] => {}
            _ => match retry {
                Some((after_star, from)) => {
                    (piece, at) = (after_star, from + 1);
                    retry = Some((after_star, from + 1));
                    continue;
                }
                None => return false,
            },
        }
        (piece, at) = (piece + 1, at + 1);
    }
    pieces[piece..].iter().all(|p| *p == Piece::Any)
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let error = |reason| PatternError { pattern: text.to_owned(), reason };
        let mut parts: Vec<Vec<Piece>> = Vec::new();
        let mut rest = text.trim();
        loop {
            let mut pieces = Vec::new();
            if let Some(quoted) = rest.strip_prefix('"') {
                let (name, after) = quoted.split_once('"').ok_or_else(|| error("a double quote is not closed"))?;
                pieces.extend(name.chars().map(Piece::This));
                rest = after;
            } else {
                let end = rest.find(['.', '"']).unwrap_or(rest.len());
                for c in rest[..end].chars() {
                    match c {
                        '*' => pieces.push(Piece::Any),
                        '?' => pieces.push(Piece::One),
                        // As Oracle folds: letter by letter, so that no name grows.
                        c => {
                            let mut upper = c.to_uppercase();
                            let folded = match (upper.next(), upper.next()) {
                                (Some(one), None) => one,
                                _ => c,
                            };
                            pieces.push(Piece::This(folded));
                        }
                    }
                }
                rest = &rest[end..];
            }
            if pieces.is_empty() {
                return Err(error("a name is missing"));
            }
            parts.push(pieces);
            match rest.strip_prefix('.') {
                Some(after) => rest = after,
                None if rest.is_empty() => break,
                None => return Err(error("a dot is expected behind a name between double quotes")),
            }
        }
        let name = parts.pop().unwrap_or_default();
        let schema = parts.pop();
        if !parts.is_empty() {
            return Err(error("it has more than a schema and a name: put a name with a dot between double quotes"));
        }
        Ok(Pattern { schema, name })
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no pattern of object names: {}", self.pattern, self.reason)
    }
}

impl std::error::Error for PatternError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(schema: &str, name: &str) -> ObjectPath {
        ObjectPath::new(OracleIdent::new(schema).unwrap(), OracleIdent::new(name).unwrap())
    }

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("emp", "EMP", true),
            ("emp", "EMPS", false),
            ("emp*", "EMP", true),
            ("*_log", "A_LOG_LOG", true),
            ("*_log", "A_LOGS", false),
            ("e?p", "EMP", true),
            ("e?p", "EP", false),
            ("a*b*c", "AXXBYBC", true),
            ("a*b*c", "AXXC", false),
            ("*", "x", true),
            ("hr.emp", "EMP", true),
            ("h?.e*", "EMP", true),
            ("sh.emp", "EMP", false),
            ("\"emp\"", "emp", true),
            ("\"emp\"", "EMP", false),
            ("\"a*b\"", "a*b", true),
            ("\"a*b\"", "axb", false),
            ("hr.\"a.b\"", "a.b", true),
            ("straße", "STRAßE", true),
            ("äö", "ÄÖ", true),
        ] {
            let filter = ObjectFilter::new([pattern], []).unwrap();
            assert_eq!(filter.passes(&path("HR", name)), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn include_and_exclude() {
        assert!(ObjectFilter::default().passes(&path("A", "B")));
        let filter = ObjectFilter::new(["a*"], ["*x"]).unwrap();
        assert!(filter.passes(&path("A", "AB")) && !filter.passes(&path("A", "AX")) && !filter.passes(&path("A", "B")));
    }

    #[test]
    fn what_is_no_pattern() {
        for bad in ["", ".", "a.", ".a", "a.b.c", "\"a", "\"a\"b", "\"\"", "a..b"] {
            let error = ObjectFilter::new([bad], []).unwrap_err().to_string();
            assert!(error.contains("is no pattern"), "{bad}: {error}");
        }
    }

    proptest! {
        #[test]
        fn stars_take_anything(name in "[A-Z*]{1,12}", from in 0_usize..12, to in 0_usize..12) {
            let (from, to) = (from.min(name.len()), to.min(name.len()));
            let pattern = format!("{}*{}", &name[..from.min(to)], &name[from.max(to)..]);
            prop_assert!(ObjectFilter::new([pattern.as_str()], []).unwrap().passes(&path("A", &name)));
        }
    }
}
