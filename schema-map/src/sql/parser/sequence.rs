//! Options of sequences.

use super::{Parsed, Parser};
use crate::sql::ast::SequenceOptions;

impl Parser<'_> {
    pub(super) fn sequence_options(&mut self) -> Parsed<SequenceOptions> {
        let mut options = SequenceOptions::default();
        loop {
            if self.words(&["INCREMENT", "BY"]) {
                let at = self.at;
                let increment = self.integer("a number")?;
                if increment == 0 {
                    self.at = at;
                    return self.expected("a number other than 0");
                }
                options.increment = Some(increment);
            } else if self.words(&["START", "WITH"]) {
                if !self.words(&["LIMIT", "VALUE"]) {
                    options.start = Some(self.integer("a number")?);
                }
            } else if self.word("RESTART") {
                options.restart = true;
            } else if self.word("MAXVALUE") {
                options.max_value = Some(Some(self.integer("a number")?));
            } else if self.word("MINVALUE") {
                options.min_value = Some(Some(self.integer("a number")?));
            } else if self.word("NOMAXVALUE") {
                options.max_value = Some(None);
            } else if self.word("NOMINVALUE") {
                options.min_value = Some(None);
            } else if self.word("CYCLE") {
                options.cycle = Some(true);
            } else if self.word("NOCYCLE") {
                options.cycle = Some(false);
            } else if self.word("CACHE") {
                options.cache = Some(self.bounded("a number", 0, i128::from(u64::MAX))?);
            } else if self.word("NOCACHE") {
                options.cache = Some(0);
            } else if self.any_word(&["SCALE", "SHARD"]) {
                self.any_word(&["EXTEND", "NOEXTEND"]);
            } else if !(self.any_word(&["ORDER", "NOORDER", "KEEP", "NOKEEP", "NOSCALE", "NOSHARD", "GLOBAL"])
                || self.word("SESSION"))
            {
                return Ok(options);
            }
        }
    }
}
