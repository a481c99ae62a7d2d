use std::fmt;

/// Where a BFILE's contents are: a directory object and a file name, as `DBMS_LOB.FILEGETNAME` gives them. The contents are
/// outside the database and do not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BfileLocator<'a> {
    /// Name of the directory object (`ALL_DIRECTORIES.DIRECTORY_NAME`), at most 128 bytes.
    pub directory: &'a str,
    /// Name of the file, at most 255 bytes.
    pub file: &'a str,
}

/// The call that makes the locator in Oracle: `BFILENAME('DOCS', 'it''s.pdf')`. One text for one locator.
impl fmt::Display for BfileLocator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let doubled = |text: &str| text.replace('\'', "''");
        write!(f, "BFILENAME('{}', '{}')", doubled(self.directory), doubled(self.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_one_locator() {
        let text = |directory, file| BfileLocator { directory, file }.to_string();
        assert_eq!(text("DOCS", "a/b.pdf"), "BFILENAME('DOCS', 'a/b.pdf')");
        assert_eq!(text("DOCS', 'x", "it's"), "BFILENAME('DOCS'', ''x', 'it''s')");
    }
}
