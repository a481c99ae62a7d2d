//! Declarations, and the routines among them.

use super::Parser;
use crate::plsql::ast::{
    Arm, Declaration, DeclarationKind, Field, Parameter, Pragma, Routine, RoutineBody, TypeDefinition, Unparsed,
};
use crate::rewrite::{Refused, parser::Parsed};

/// Words before FUNCTION and PROCEDURE in types.
const METHOD: &[&str] =
    &["MEMBER", "STATIC", "MAP", "ORDER", "CONSTRUCTOR", "OVERRIDING", "FINAL", "NOT", "INSTANTIABLE"];

impl Parser<'_> {
    /// Up to BEGIN, END or a mark of conditional compilation.
    pub(super) fn declarations(&mut self) -> Vec<Declaration> {
        let mut declarations = Vec::new();
        while self.peek().is_some() && !self.is_any(&["BEGIN", "END", "$ELSIF", "$ELSE", "$END"]) {
            declarations.push(self.declaration());
        }
        declarations
    }

    fn declaration(&mut self) -> Declaration {
        let (from, start, nesting) = (self.at, self.offset(), self.nesting);
        let kind = self.declaration_kind();
        self.nesting = nesting;
        let kind = kind.unwrap_or_else(|refused| {
            self.skip_statement(from, &["BEGIN", "PROCEDURE", "FUNCTION"]);
            DeclarationKind::Unparsed(self.unparsed(start, refused))
        });
        Declaration { span: self.span(start), kind }
    }

    fn declaration_kind(&mut self) -> Parsed<DeclarationKind> {
        if self.is_word("$IF") {
            return Ok(DeclarationKind::Conditional(self.conditional(Self::declarations)?));
        }
        if self.is_word("$ERROR") {
            self.error_directive();
            return Ok(DeclarationKind::Conditional(Vec::new()));
        }
        if self.at_routine() {
            self.deeper_statement()?;
            let routine = self.routine()?;
            // Behind a body it is clear where the routine ends.
            if !self.take_symbol(";") && !matches!(routine.body, RoutineBody::Block(_)) {
                return Err(self.expected(";"));
            }
            return Ok(DeclarationKind::Routine(Box::new(routine)));
        }
        if let Some(timing) = self.section() {
            self.deeper_statement()?;
            let start = self.offset();
            let declarations = self.declarations();
            let block = self.block_body(start, declarations);
            // `END BEFORE EACH ROW`
            while self.peek().is_some() && !self.is_symbol(";") {
                self.at += 1;
            }
            self.need_symbol(";")?;
            return Ok(DeclarationKind::Section { timing, block });
        }
        let kind = self.guarded(Self::plain_declaration)?;
        self.need_symbol(";")?;
        Ok(kind)
    }

    /// One that holds no statements.
    fn plain_declaration(&mut self) -> Parsed<DeclarationKind> {
        let is_name = self.is_symbol_at(1, ":=") || self.is_symbol_at(1, "%");
        if self.is_word("PRAGMA") && !is_name {
            return Ok(DeclarationKind::Pragma(self.pragma()?));
        }
        if self.is_word("CURSOR") && !is_name && self.peek_at(1).is_some_and(|t| !t.is_symbol(";")) {
            self.at += 1;
            return self.cursor();
        }
        if self.is_any(&["TYPE", "SUBTYPE"]) && (self.is_word_at(2, "IS") || self.is_word_at(2, "AS")) {
            let subtype = self.is_word("SUBTYPE");
            self.at += 1;
            let name = self.part()?;
            self.at += 1;
            let definition =
                if subtype { TypeDefinition::Subtype(self.declared_type()?) } else { self.type_definition()? };
            return Ok(DeclarationKind::Type { name, definition });
        }
        let name = self.part()?;
        if self.is_word("EXCEPTION") && self.is_symbol_at(1, ";") {
            self.at += 1;
            return Ok(DeclarationKind::Exception(name));
        }
        let is_constant = self.take_word("CONSTANT");
        let data_type = self.declared_type()?;
        let default = self.default()?;
        Ok(DeclarationKind::Variable { name, is_constant, data_type, default })
    }

    /// At PRAGMA.
    pub(super) fn pragma(&mut self) -> Parsed<Pragma> {
        let start = self.offset();
        self.at += 1;
        let name = self.part()?.name().to_owned();
        let arguments = self.arguments_of_pragma()?;
        Ok(Pragma { span: self.span(start), name, arguments })
    }

    /// Behind CURSOR.
    fn cursor(&mut self) -> Parsed<DeclarationKind> {
        let name = self.part()?;
        let parameters = self.parameters()?;
        let returns = if self.take_word("RETURN") { Some(self.declared_type()?) } else { None };
        let query = if self.take_word("IS") || self.take_word("AS") { Some(Box::new(self.query()?)) } else { None };
        Ok(DeclarationKind::Cursor { name, parameters, returns, query })
    }

    /// Behind `TYPE name IS`.
    pub(super) fn type_definition(&mut self) -> Parsed<TypeDefinition> {
        if self.is_word("RECORD") && self.is_symbol_at(1, "(") {
            self.at += 2;
            let mut fields = vec![self.field()?];
            while self.take_symbol(",") {
                fields.push(self.field()?);
            }
            self.need_symbol(")")?;
            return Ok(TypeDefinition::Record(fields));
        }
        if self.take_words(&["TABLE", "OF"]) {
            let element = self.declared_type()?;
            let index = if self.take_words(&["INDEX", "BY"]) { Some(self.declared_type()?) } else { None };
            return Ok(TypeDefinition::Table { element, index });
        }
        if self.take_word("VARRAY") || self.take_words(&["VARYING", "ARRAY"]) || self.take_word("ARRAY") {
            self.need_symbol("(")?;
            let limit = self.sum()?;
            self.need_symbol(")")?;
            self.need_word("OF")?;
            // The element may stand in parentheses, with NOT PERSISTABLE behind it.
            let element = self.declared_type()?;
            return Ok(TypeDefinition::Varray { limit, element });
        }
        if self.take_words(&["REF", "CURSOR"]) {
            let returns = if self.take_word("RETURN") { Some(self.declared_type()?) } else { None };
            return Ok(TypeDefinition::RefCursor(returns));
        }
        if self.take_symbol("(") {
            let mut names = vec![self.part()?];
            while self.take_symbol(",") {
                names.push(self.part()?);
            }
            self.need_symbol(")")?;
            return Ok(TypeDefinition::Enumeration(names));
        }
        Err(self.expected("RECORD, TABLE OF, VARRAY or REF CURSOR"))
    }

    fn field(&mut self) -> Parsed<Field> {
        let start = self.offset();
        let name = self.part()?;
        let data_type = self.declared_type()?;
        let default = self.default()?;
        Ok(Field { span: self.span(start), name, data_type, default })
    }

    /// `(attribute type, MEMBER FUNCTION …)` of an object type.
    pub(super) fn attributes(&mut self) -> Parsed<Vec<Declaration>> {
        self.need_symbol("(")?;
        let mut attributes = Vec::new();
        loop {
            let start = self.offset();
            let kind = if self.at_routine() {
                DeclarationKind::Routine(Box::new(self.routine()?))
            } else if self.is_word("PRAGMA") {
                DeclarationKind::Pragma(self.pragma()?)
            } else {
                let field = self.guarded(Self::field)?;
                DeclarationKind::Variable {
                    name: field.name,
                    is_constant: false,
                    data_type: field.data_type,
                    default: field.default,
                }
            };
            attributes.push(Declaration { span: self.span(start), kind });
            if self.take_symbol(")") {
                return Ok(attributes);
            }
            self.need_symbol(",")?;
        }
    }

    // --- Routines

    /// Whether a function or procedure begins here, with the words that methods have before it.
    fn at_routine(&self) -> bool {
        let mut ahead = 0;
        while self.is_any_at(ahead, METHOD) {
            ahead += 1;
        }
        self.is_any_at(ahead, &["FUNCTION", "PROCEDURE"]) && !self.is_symbol_at(ahead + 1, ":=")
    }

    /// From its first word to before its semicolon.
    pub(super) fn routine(&mut self) -> Parsed<Routine> {
        let (from, start) = (self.at, self.offset());
        let mut method = Vec::new();
        while let Some(token) = self.peek().filter(|_| self.is_any(METHOD)) {
            method.push(token.text.to_ascii_uppercase());
            self.at += 1;
        }
        let is_function = self.is_word("FUNCTION");
        self.at += 1;
        let mut routine = Routine {
            span: self.span(start),
            name: self.empty_name(),
            is_function,
            method: method.join(" "),
            parameters: Vec::new(),
            returns: None,
            clauses: Vec::new(),
            body: RoutineBody::None,
        };
        let mut unread = None;
        if let Err(refused) = self.guarded(|p| p.routine_head(&mut routine)) {
            // The body can be read without its head.
            let Some(found) = self.position_of(from, &["IS", "AS"]) else { return Err(refused) };
            self.at = found;
            unread = Some(self.unparsed(start, refused));
        }
        if self.take_word("IS") || self.take_word("AS") {
            routine.body = self.routine_body(unread)?;
        } else if self.take_word("USING") {
            routine.body = RoutineBody::Using(self.full_name()?);
        }
        routine.span = self.span(start);
        Ok(routine)
    }

    fn routine_head(&mut self, routine: &mut Routine) -> Parsed<()> {
        routine.name = self.full_name()?;
        routine.parameters = self.parameters()?;
        if self.take_word("RETURN") && !self.take_words(&["SELF", "AS", "RESULT"]) {
            routine.returns = Some(self.declared_type()?);
        }
        routine.clauses = self.clauses()?;
        self.take_word("AGGREGATE");
        let goes_on = self.is_any_symbol(&[";", ",", ")"]);
        if goes_on || self.peek().is_none() || self.is_any(&["IS", "AS", "USING"]) {
            return Ok(());
        }
        Err(self.expected("IS"))
    }

    fn routine_body(&mut self, unread: Option<Unparsed>) -> Parsed<RoutineBody> {
        let start = self.offset();
        if self.is_any(&["LANGUAGE", "EXTERNAL"]) {
            // In the specification of a type other methods follow.
            while self.peek().is_some() && !self.is_any_symbol(&[";", ",", ")"]) {
                if !self.skip_parentheses() {
                    self.at += 1;
                }
            }
            return Ok(RoutineBody::External(self.span(start)));
        }
        let mut declarations = self.declarations();
        if let Some(unread) = unread {
            declarations.insert(0, Declaration { span: unread.span, kind: DeclarationKind::Unparsed(unread) });
        }
        Ok(RoutineBody::Block(self.block_body(start, declarations)))
    }

    /// `(name [IN] [OUT] [NOCOPY] type [DEFAULT value], …)`, where it is there.
    fn parameters(&mut self) -> Parsed<Vec<Parameter>> {
        let mut parameters = Vec::new();
        if !self.take_symbol("(") || self.take_symbol(")") {
            return Ok(parameters);
        }
        loop {
            let start = self.offset();
            let name = self.part()?;
            self.take_word("IN");
            let is_out = self.take_word("OUT");
            let no_copy = self.take_word("NOCOPY");
            let data_type = self.declared_type()?;
            let default = self.default()?;
            parameters.push(Parameter { span: self.span(start), name, is_out, no_copy, data_type, default });
            if self.take_symbol(")") {
                return Ok(parameters);
            }
            self.need_symbol(",")?;
        }
    }

    /// `BEFORE EACH ROW IS` of a compound trigger, which is taken.
    fn section(&mut self) -> Option<String> {
        let words: &[&[&str]] = &[
            &["BEFORE", "STATEMENT", "IS"],
            &["AFTER", "STATEMENT", "IS"],
            &["BEFORE", "EACH", "ROW", "IS"],
            &["AFTER", "EACH", "ROW", "IS"],
            &["INSTEAD", "OF", "EACH", "ROW", "IS"],
        ];
        let found = words.iter().find(|words| self.take_words(words))?;
        Some(found[..found.len() - 1].join(" "))
    }

    // --- Conditional compilation

    /// `$IF … $END` whose arms are whole; `read` reads one.
    pub(super) fn conditional<T>(&mut self, read: impl Fn(&mut Self) -> Vec<T>) -> Parsed<Vec<Arm<T>>> {
        self.deeper_statement()?;
        let mut arms = Vec::new();
        loop {
            let mut condition = None;
            if self.is_any(&["$IF", "$ELSIF"]) {
                self.at += 1;
                let start = self.offset();
                while self.peek().is_some() && !self.is_any(&["$THEN", "$ELSE", "$END"]) {
                    self.at += 1;
                }
                condition = Some(self.span(start));
                self.need_word("$THEN")?;
            } else {
                self.need_word("$ELSE")?;
            }
            arms.push(Arm { condition, body: read(self) });
            if self.take_word("$END") {
                self.nesting -= 1;
                return Ok(arms);
            }
            if !self.is_any(&["$ELSIF", "$ELSE"]) {
                return Err(Refused::new(self.offset(), "expected $END"));
            }
        }
    }

    /// `$ERROR 'text' $END`.
    pub(super) fn error_directive(&mut self) {
        while self.peek().is_some() && !self.take_word("$END") {
            self.at += 1;
        }
    }
}
