/// DDL on a followed table, as the redo has it. [`crate::Operation::Truncate`] is one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ddl {
    /// What kind of statement it is.
    pub kind: DdlKind,
    /// The statement as it was written.
    pub text: String,
    /// `DATA_OBJV#`: the version of the table's definition that the row names.
    pub object_version: u64,
}

/// The kinds of DDL statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DdlKind {
    /// `CREATE TABLE`.
    CreateTable,
    /// `ALTER TABLE`.
    AlterTable,
    /// `DROP TABLE`.
    DropTable,
    /// `RENAME`, also `ALTER TABLE … RENAME TO`.
    Rename,
    /// `CREATE`, `ALTER` or `DROP INDEX`.
    Index,
    /// `COMMENT`.
    Comment,
    /// `GRANT` or `REVOKE`.
    Privilege,
    /// `FLASHBACK TABLE`, `PURGE` and whatever else.
    Other,
}

/// What a DDL row says.
pub(crate) enum Parsed {
    Truncate,
    Ddl(Ddl),
}

impl Ddl {
    /// Whether the statement changes rows or columns of the table, so that what is replicated from it would have to change too.
    /// What is not known to be harmless counts as such a change.
    pub fn changes_rows_or_columns(&self) -> bool {
        changes_rows_or_columns(&words(&self.text))
    }

    /// Reads the text of a row with operation code 5.
    pub(crate) fn parse(text: &str, object_version: u64) -> Parsed {
        let words = words(text);
        let word = |i: usize| words.get(i).map_or("", String::as_str);
        let kind = match (word(0), word(1)) {
            ("TRUNCATE", "TABLE") => return Parsed::Truncate,
            ("CREATE", "TABLE" | "GLOBAL" | "PRIVATE") => DdlKind::CreateTable,
            ("ALTER", "TABLE") if words.windows(2).any(|w| w[0] == "RENAME" && w[1] == "TO") => DdlKind::Rename,
            ("ALTER", "TABLE") => DdlKind::AlterTable,
            ("DROP", "TABLE") => DdlKind::DropTable,
            ("RENAME", _) => DdlKind::Rename,
            ("CREATE" | "ALTER" | "DROP", "INDEX" | "UNIQUE" | "BITMAP") => DdlKind::Index,
            ("COMMENT", _) => DdlKind::Comment,
            ("GRANT" | "REVOKE", _) => DdlKind::Privilege,
            _ => DdlKind::Other,
        };
        Parsed::Ddl(Ddl { kind, text: text.to_owned(), object_version })
    }
}

fn changes_rows_or_columns(words: &[String]) -> bool {
    let word = |i: usize| words.get(i).map_or("", String::as_str);
    match (word(0), word(1)) {
        ("COMMENT" | "GRANT" | "REVOKE" | "ANALYZE" | "AUDIT" | "NOAUDIT", _) => false,
        ("CREATE", "TABLE") => true,
        ("CREATE" | "DROP" | "ALTER", "INDEX" | "UNIQUE" | "BITMAP" | "TRIGGER" | "SYNONYM" | "VIEW" | "OR") => false,
        ("ALTER", "TABLE") => {
            const OF_CONSTRAINTS: [&str; 6] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "SUPPLEMENTAL"];
            let (mut known, mut changes) = (false, false);
            for i in 2..words.len() {
                match word(i) {
                    // Several things can be added in one pair of parentheses: each must be a constraint.
                    "ADD" if word(i + 1) == "(" => {
                        let (mut depth, mut first) = (0, true);
                        for item in &words[i + 1..] {
                            let begins = std::mem::replace(&mut first, false) && depth == 1;
                            match item.as_str() {
                                "(" => depth += 1,
                                ")" => depth -= 1,
                                name => changes |= begins && !OF_CONSTRAINTS.contains(&name),
                            }
                            first = depth == 1 && matches!(item.as_str(), "(" | ",");
                            if depth == 0 {
                                break;
                            }
                        }
                        known = true;
                    }
                    "ADD" | "DROP" | "MODIFY" | "RENAME" => match OF_CONSTRAINTS.contains(&word(i + 1)) {
                        true => known = true,
                        false => changes = true,
                    },
                    "COLUMN" | "TRUNCATE" | "PARTITION" | "MOVE" => changes = true,
                    "CONSTRAINT" | "CONSTRAINTS" | "TRIGGERS" | "LOGGING" | "PARALLEL" | "CACHE" => known = true,
                    _ => {}
                }
            }
            changes || !known
        }
        _ => true,
    }
}

/// The words of a statement in upper case, and its parentheses and commas. Quoted names and texts come with their quotes: they are no
/// keywords.
fn words(ddl: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = ddl.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' | '\'' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            c if c.is_alphanumeric() || c == '_' => {
                rest.find(|c: char| !(c.is_alphanumeric() || "_$#".contains(c))).unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        if first.is_alphanumeric() || matches!(first, '_' | '"' | '\'' | '(' | ')' | ',') {
            words.push(word.to_uppercase());
        }
        rest = after.trim_start();
    }
    words
}
