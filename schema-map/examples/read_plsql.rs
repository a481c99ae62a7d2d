//! How much of the stored code and the views in scripts is read: `read_plsql [--reasons] FILE…`.
//!
//! Prints a line of totals, and with `--reasons` each place that could not be read.

use schema_map::plsql::{Node, StatementKind, UnitKind, Visitor, parse, parse_query};
use schema_map::{OracleIdent, script::Script};

#[derive(Default)]
struct Counts {
    units: usize,
    units_with_gaps: usize,
    wrapped: usize,
    statements: usize,
    gaps: usize,
    /// In the unit that is being read.
    reasons: Vec<(usize, String)>,
}

impl<'t> Visitor<'t> for Counts {
    fn enter(&mut self, node: Node<'t>) {
        match node {
            Node::Statement(statement) => {
                self.statements += usize::from(!matches!(statement.kind, StatementKind::Unparsed(_)));
            }
            Node::Declaration(_) => self.statements += 1,
            Node::Unparsed(unparsed) => {
                self.statements += 1;
                self.gaps += 1;
                self.reasons.push((unparsed.offset, unparsed.reason.clone()));
            }
            Node::Expr(expr) => {
                if let schema_map::plsql::ExprKind::Unparsed(reason) = expr.kind() {
                    self.gaps += 1;
                    self.reasons.push((expr.span().start, reason.to_owned()));
                }
            }
            _ => {}
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut counts, mut files, mut bytes) = (Counts::default(), 0, 0);
    let mut reasons = false;
    for path in std::env::args().skip(1) {
        if path == "--reasons" {
            reasons = true;
            continue;
        }
        let bytes_of_file = std::fs::read(&path)?;
        let Ok(decoded) = schema_map::script::decode(&bytes_of_file) else {
            eprintln!("{path}: no text that is known here");
            continue;
        };
        let text = decoded.text;
        files += 1;
        let mut script = Script::in_any_order();
        script.read(&path, &text, &OracleIdent::new("APP")?);
        script.finish();
        let catalog = script.catalog;
        let mut done = |counts: &mut Counts, name: String, source: &str| {
            counts.units += 1;
            bytes += source.len();
            counts.units_with_gaps += usize::from(!counts.reasons.is_empty());
            for (offset, reason) in counts.reasons.drain(..).filter(|_| reasons) {
                let line = source[..offset.min(source.len())].matches('\n').count() + 1;
                let text = source.lines().nth(line - 1).unwrap_or_default().trim();
                println!("{path}: {name}, line {line}: {reason}: {text}");
            }
        };
        for code in &catalog.stored_code {
            let unit = parse(&code.source);
            counts.wrapped += usize::from(matches!(unit.kind, UnitKind::Wrapped(_)));
            unit.visit(&mut counts);
            done(&mut counts, code.path.to_string(), &code.source);
        }
        for view in catalog.views.iter().chain(catalog.materialized_views.iter().map(|view| &view.view)) {
            counts.statements += 1;
            match parse_query(&view.query) {
                Ok(query) => query.visit(&mut counts),
                Err(unparsed) => {
                    counts.gaps += 1;
                    counts.reasons.push((unparsed.offset, unparsed.reason));
                }
            }
            done(&mut counts, view.path.to_string(), &view.query);
        }
    }
    let share = |gaps: usize, all: usize| 100.0 - 100.0 * ratio(gaps, all);
    println!(
        "{files} files, {bytes} bytes of code: {} units, {:.2} % read in full ({} wrapped); {} statements and declarations, {:.3} % read",
        counts.units,
        share(counts.units_with_gaps, counts.units),
        counts.wrapped,
        counts.statements,
        share(counts.gaps, counts.statements)
    );
    Ok(())
}

fn ratio(part: usize, whole: usize) -> f64 {
    let float = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}
