//! Whatever the source, its tree lies within it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schema_map::plsql::{Node, Visitor, parse, parse_expression, parse_query};

struct Inside(usize);

impl<'t> Visitor<'t> for Inside {
    fn enter(&mut self, node: Node<'t>) {
        if let Node::Expr(expr) = node {
            let span = expr.span();
            assert!(span.start <= span.end && span.end <= self.0);
        }
    }
}

fuzz_target!(|source: &str| {
    parse(source).visit(&mut Inside(source.len()));
    let _ = parse_query(source);
    let _ = parse_expression(source);
});
