//! PARTITION BY.

use super::{Parsed, Parser};
use crate::{Partition, PartitionMethod, Partitioning};

impl Parser<'_> {
    /// `PARTITION BY …`, with all that belongs to it.
    pub(super) fn partitioning(&mut self) -> Parsed<Partitioning> {
        self.expect("PARTITION")?;
        self.expect("BY")?;
        let mut partitioning = self.partition_method()?;
        let mut partitions = 0u32;
        loop {
            if self.word("INTERVAL") {
                partitioning.interval = Some(self.parenthesized()?.to_owned());
            } else if self.is("SUBPARTITION") && self.is_at(1, "BY") {
                self.at += 2;
                let mut sub = self.partition_method()?;
                loop {
                    if self.word("SUBPARTITIONS") {
                        let count: u32 = self.bounded("a number", 1, 1_048_575)?;
                        sub.partitions = (0..count).map(|_| unnamed()).collect();
                    } else if self.words(&["SUBPARTITION", "TEMPLATE"]) {
                        if self.is_symbol("(") {
                            sub.partitions = self.partition_list("SUBPARTITION")?;
                        } else {
                            let count: u32 = self.bounded("a number", 1, 1_048_575)?;
                            sub.partitions = (0..count).map(|_| unnamed()).collect();
                        }
                    } else if !self.skip_store_in()? && !self.word("AUTOMATIC") {
                        break;
                    }
                }
                partitioning.subpartitioning = Some(Box::new(sub));
            } else if self.word("PARTITIONS") {
                partitions = self.bounded("a number", 1, 1_048_575)?;
            } else if self.word("AUTOMATIC") {
                partitioning.interval = Some("AUTOMATIC".to_owned());
            } else if !self.skip_store_in()? {
                break;
            }
        }
        if self.is_symbol("(") && (self.is_at(1, "PARTITION") || self.is_at(1, "SUBPARTITION")) {
            partitioning.partitions = self.partition_list("PARTITION")?;
        } else if partitions > 0 {
            partitioning.partitions = (0..partitions).map(|_| unnamed()).collect();
        }
        Ok(partitioning)
    }

    fn partition_method(&mut self) -> Parsed<Partitioning> {
        let method = if self.word("RANGE") {
            PartitionMethod::Range
        } else if self.word("LIST") {
            PartitionMethod::List
        } else if self.word("HASH") || self.words(&["CONSISTENT", "HASH"]) {
            PartitionMethod::Hash
        } else if self.word("REFERENCE") {
            PartitionMethod::Reference
        } else if self.word("SYSTEM") {
            PartitionMethod::System
        } else {
            return self.expected("RANGE, LIST, HASH, REFERENCE or SYSTEM");
        };
        let columns = match method {
            PartitionMethod::System => Vec::new(),
            PartitionMethod::Reference => {
                self.parenthesized()?;
                Vec::new()
            }
            _ => self.column_list()?,
        };
        Ok(Partitioning { method, columns, interval: None, subpartitioning: None, partitions: Vec::new() })
    }

    fn skip_store_in(&mut self) -> Parsed<bool> {
        let there = self.words(&["STORE", "IN"]);
        if there {
            self.parenthesized()?;
        }
        Ok(there)
    }

    /// `(PARTITION …, PARTITION …)`.
    fn partition_list(&mut self, word: &str) -> Parsed<Vec<Partition>> {
        self.expect_symbol("(")?;
        let mut partitions = Vec::new();
        loop {
            self.expect(word)?;
            let mut partition = unnamed();
            let named = !(self.at_end()
                || self.is_symbol(",")
                || self.is_symbol(")")
                || (self.is("VALUES") && (self.is_at(1, "LESS") || self.is_symbol_at(1, "(")))
                || (self.is("TABLESPACE") && !self.is_symbol_at(1, ",") && !self.is_symbol_at(1, ")")));
            if named {
                partition.name = Some(self.ident("a partition name")?);
            }
            if self.words(&["VALUES", "LESS", "THAN"]) || self.word("VALUES") {
                partition.values = self.partition_values()?;
            }
            // How it is stored, and what it is cut into.
            while !(self.at_end() || self.is_symbol(",") || self.is_symbol(")")) {
                if self.is_symbol("(") && (self.is_at(1, "SUBPARTITION") || self.is_at(1, "PARTITION")) {
                    partition.subpartitions = self.partition_list("SUBPARTITION")?;
                } else if self.word("SUBPARTITIONS") {
                    let count: u32 = self.bounded("a number", 1, 1_048_575)?;
                    partition.subpartitions = (0..count).map(|_| unnamed()).collect();
                } else {
                    self.skip_property()?;
                }
            }
            partitions.push(partition);
            if !self.symbol(",") {
                break;
            }
        }
        if !self.symbol(")") {
            return self.expected("\",\" or \")\"");
        }
        Ok(partitions)
    }

    /// `(a, b, (c, d))`, each as written.
    fn partition_values(&mut self) -> Parsed<Vec<String>> {
        self.expect_symbol("(")?;
        let mut values = Vec::new();
        loop {
            let from = self.at;
            while !(self.at_end() || self.is_symbol(",") || self.is_symbol(")")) {
                if self.is_symbol("(") {
                    self.parenthesized()?;
                } else {
                    self.at += 1;
                }
            }
            if self.at == from {
                return self.expected("a value");
            }
            values.push(self.slice(from, self.at).to_owned());
            if !self.symbol(",") {
                break;
            }
        }
        if !self.symbol(")") {
            return self.expected("\",\" or \")\"");
        }
        Ok(values)
    }
}

fn unnamed() -> Partition {
    Partition { name: None, values: Vec::new(), subpartitions: Vec::new() }
}
