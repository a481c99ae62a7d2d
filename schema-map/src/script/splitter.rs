use super::{ScriptError, ScriptStatement};
use std::{fmt, io, marker::PhantomData};

/// The statements of a script in their order, as SQL*Plus would send them: its own commands carried out or left out,
/// substitution variables replaced, terminators (`;`, `/`) removed.
pub struct Splitter<'a>(PhantomData<&'a ()>);

/// The statements of `text`, the script called `file`.
pub fn split<'a>(_file: &str, _text: &'a str) -> Splitter<'a> {
    todo!()
}

impl<'a> Splitter<'a> {
    /// Gives a substitution variable a value, as DEFINE does. Names are taken without regard to case; the arguments of a
    /// script are called `1`, `2` …
    pub fn define(self, _name: &str, _value: &str) -> Self {
        todo!()
    }

    /// How to read the scripts that `@`, `@@` and START name. The file name handed over has its extension (`.sql` where
    /// the script gives none); of `@@` it is in the folder of the script that includes it. Without this, an include is an error.
    pub fn includes(self, _read: impl FnMut(&str) -> io::Result<String> + 'a) -> Self {
        todo!()
    }
}

impl Iterator for Splitter<'_> {
    type Item = Result<ScriptStatement, ScriptError>;

    fn next(&mut self) -> Option<Self::Item> {
        todo!()
    }
}

impl fmt::Debug for Splitter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Splitter").finish_non_exhaustive()
    }
}
