//! What a person sees while a migration runs: bars on a terminal, plain lines elsewhere.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::{HumanBytes, HumanCount, MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use pg_sink::{MigrationState, Status};
use schema_map::{
    ObjectKind,
    ddl::{Ddl, Phase},
};
use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write as _},
    sync::Mutex,
    time::{Duration, Instant},
};

/// Shows progress on standard error; results go to standard output elsewhere.
#[derive(Debug)]
pub struct Progress {
    bars: MultiProgress,
    terminal: bool,
    tables: Mutex<BTreeMap<String, TableBar>>,
    last: Mutex<String>,
    board: ProgressBar,
}

#[derive(Debug)]
struct TableBar {
    bar: ProgressBar,
    rows: u64,
    expected: Option<u64>,
    begun: Instant,
    said: Instant,
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// A line for whoever reads. They may have gone, as `head` does: that must not end a cutover in its middle.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

impl Progress {
    /// Shows bars where standard error is a terminal.
    pub fn new() -> Self {
        let board = ProgressBar::new_spinner().with_style(style("{msg}"));
        Progress {
            bars: MultiProgress::new(),
            terminal: std::io::stderr().is_terminal(),
            tables: Mutex::default(),
            last: Mutex::default(),
            board,
        }
    }

    /// One line.
    pub fn say(&self, line: String) {
        if self.terminal {
            self.bars.suspend(|| say(&line));
        } else {
            say(&line);
        }
    }

    /// A table's load begins, or goes on after `rows` rows.
    pub fn begin_table(&self, table: &str, expected: Option<u64>, rows: u64) {
        let (bar, template) = match expected {
            Some(expected) => (
                ProgressBar::new(expected.max(rows)),
                "  {prefix:<28} {wide_bar} {human_pos:>11}/{human_len} rows {rate:>12} ETA {eta:>4}",
            ),
            None => (ProgressBar::new_spinner(), "  {prefix:<28} {spinner} {human_pos:>11} rows {rate:>12}"),
        };
        // Added before it has anything to draw: on its own it would draw elsewhere.
        let bar = if self.terminal { self.bars.add(bar) } else { bar };
        bar.set_style(style(template).with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // Nothing can be done where a bar cannot be drawn.
            let _ = write!(out, "{:.0} rows/s", state.per_sec());
        }));
        bar.set_prefix(table.to_owned());
        bar.set_position(rows);
        let now = Instant::now();
        self.lock().insert(table.to_owned(), TableBar { bar, rows: 0, expected, begun: now, said: now });
    }

    /// Rows of a table were written.
    pub fn add_rows(&self, table: &str, rows: u64) {
        let mut tables = self.lock();
        let Some(entry) = tables.get_mut(table) else { return };
        entry.rows += rows;
        entry.bar.inc(rows);
        if !self.terminal && entry.said.elapsed() > Duration::from_secs(5) {
            entry.said = Instant::now();
            say(&entry.line(table));
        }
    }

    /// Rows that were written are not there after all, and will be written again.
    pub fn take_back_rows(&self, table: &str, rows: u64) {
        if let Some(entry) = self.lock().get_mut(table) {
            entry.rows = entry.rows.saturating_sub(rows);
            entry.bar.set_position(entry.bar.position().saturating_sub(rows));
        }
    }

    /// The load has ended, well or not.
    pub fn end_tables(&self) {
        for (table, entry) in std::mem::take(&mut *self.lock()) {
            if self.terminal {
                entry.bar.finish();
            } else {
                say(&entry.line(&table));
            }
        }
    }

    /// How often [`show`](Self::show) makes sense: often on a terminal, where it replaces what it showed before.
    pub fn refresh(&self) -> Option<Duration> {
        self.terminal.then_some(Duration::from_secs(1))
    }

    /// Shows a table in place of the last one; elsewhere prints it where it has changed.
    pub fn show(&self, text: &str) {
        if self.terminal {
            if self.board.position() == 0 {
                self.bars.add(self.board.clone());
                self.board.set_position(1);
            }
            self.board.set_message(text.to_owned());
            self.board.tick();
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(|e| e.into_inner());
        if *last != text {
            say(text);
            text.clone_into(&mut last);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, TableBar>> {
        self.tables.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl TableBar {
    fn line(&self, table: &str) -> String {
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = self.rows as f64 / seconds;
        let position = self.bar.position();
        let eta = match self.expected.and_then(|e| e.checked_sub(position)) {
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            Some(rest) if rest > 0 && rate > 0.0 => format!(", ETA {:.0} s", rest as f64 / rate),
            _ => String::new(),
        };
        format!("  {table:<28} {:>10} rows, {rate:.0} rows/s{eta}", HumanCount(position).to_string())
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A table without frame for reports.
pub fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    table
}

/// Where a migration stands, for people.
pub fn status_table(status: &Status) -> String {
    let mut table = plain_table(&[
        "table", "load", "rows", "rejected", "losses", "inserts", "updates", "deletes", "pending", "errors",
    ]);
    for t in &status.tables {
        let load = t.full_load.as_str();
        let mut row = vec![t.source.clone(), load.to_owned()];
        let numbers = [t.rows_loaded, t.rejected, t.losses, t.inserts, t.updates, t.deletes, t.pending, t.errors];
        row.extend(numbers.map(|n| HumanCount(n).to_string()));
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let lag = match status.follow.as_ref().and_then(|f| f.lag_seconds) {
        _ if status.state == MigrationState::Completed => "nothing more to come".to_owned(),
        Some(lag) => format!("{lag:.0} s behind the source"),
        None => "lag not known yet".to_owned(),
    };
    let mut text = format!(
        "{}: {} transactions with {} changes applied, {} changes pending, {lag}\n{table}",
        status.state,
        HumanCount(status.transactions),
        HumanCount(status.changes),
        HumanCount(status.pending)
    );
    for (what, error) in status
        .failure
        .iter()
        .map(|failure| ("it failed", failure))
        .chain(status.tables.iter().filter_map(|t| Some((t.source.as_str(), t.last_error.as_ref()?))))
    {
        text.push_str(&format!("\n{what}: {error}"));
    }
    text
}

/// What moved and how fast.
pub fn summary_text(status: &Status, ddl: &Ddl) -> String {
    let mut objects: Vec<_> = ddl
        .statements
        .iter()
        .filter(|s| !matches!(s.phase, Phase::Schemas | Phase::Comments))
        // An exhausted sequence takes two statements; the constraints of a table may be named after it.
        .map(|s| (s.kind.noun(), &s.source, if s.kind == ObjectKind::Constraint { s.sql.as_str() } else { "" }))
        .collect();
    objects.sort_unstable();
    objects.dedup();
    let made: Vec<String> =
        objects.chunk_by(|a, b| a.0 == b.0).map(|kind| format!("{} × {}", kind.len(), kind[0].0)).collect();
    let rows: u64 = status.tables.iter().map(|t| t.rows_loaded).sum();
    let rejected: u64 = status.tables.iter().map(|t| t.rejected).sum();
    let per_second = |count: u64, seconds: Option<f64>| match seconds {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        Some(s) if s > 0.0 => format!("in {s:.1} s, {:.0}/s", count as f64 / s),
        _ => "in no time".to_owned(),
    };
    format!(
        "{}\ncreated:   {}\nloaded:    {} rows, {} {}; {rejected} set aside\nfollowed:  {} transactions with {} changes {}",
        status_table(status),
        if made.is_empty() { "nothing, the tables were there".to_owned() } else { made.join(", ") },
        HumanCount(rows),
        HumanBytes(status.bytes_loaded),
        per_second(rows, status.load_seconds),
        HumanCount(status.transactions),
        HumanCount(status.changes),
        per_second(status.changes, status.follow_seconds),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_written_again_count_once() {
        let progress = Progress::new();
        progress.begin_table("HR.JOBS", Some(10), 2);
        progress.add_rows("HR.JOBS", 5);
        progress.take_back_rows("HR.JOBS", 5);
        progress.add_rows("HR.JOBS", 8);
        let tables = progress.lock();
        assert_eq!((tables["HR.JOBS"].bar.position(), tables["HR.JOBS"].rows), (10, 8));
    }
}
