//! How a report comes about.

use crate::conversion::{Conversion, Judgement, Proof};
use crate::cost::{Cost, Hit};
use crate::finder::{Code, Declared, Grammar, OwnObjects, Piece, Spot};
use crate::order::order;
use crate::report::{
    CodeSpot, Finding, InventoryLine, Level, ObjectLine, ObjectName, ProofLine, Report, RuleLine, SchemaLine, Step,
    Verdict,
};
use crate::rules::{Check, Found, Match, Rule, Rules, Scope, Severity};
use crate::scripts::Scripts;
use crate::{CostModel, Effort, Facts, Kind, OtherObject, Place, first, inventory, reference};
use schema_map::{
    CaseRule, Catalog, ConstraintKind, DefaultTypes, IndexKey, IndexKind, NameError, NameMap, NamePolicy, ObjectKind,
    ObjectPath, OracleIdent, PgIdent, Renamed, TableKind, TypePolicy,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Assesses a catalog with the default rules and types; names are folded to lower case. `facts` is what only a live source tells;
/// [`Facts::default`] has none, and the report says so.
///
/// No I/O, and never fails: what cannot be converted is in the report.
pub fn assess(catalog: &Catalog, facts: &Facts, model: &CostModel) -> Report {
    Assessment::new(catalog, facts, model).run()
}

/// An assessment with other names, types or rules than the default ones, or with more known about where the catalog comes from.
#[derive(Clone)]
pub struct Assessment<'a> {
    catalog: &'a Catalog,
    facts: &'a Facts,
    model: &'a CostModel,
    names: Option<Result<&'a NameMap, &'a NameError>>,
    types: Option<&'a dyn TypePolicy>,
    rules: Option<&'a Rules>,
    scripts: Option<&'a Scripts<'a>>,
    proof: Option<&'a Proof>,
    source: String,
    pg_version: u32,
    reference: bool,
}

impl<'a> Assessment<'a> {
    /// With the default rules and types, names in lower case.
    pub fn new(catalog: &'a Catalog, facts: &'a Facts, model: &'a CostModel) -> Self {
        Assessment {
            catalog,
            facts,
            model,
            names: None,
            types: None,
            rules: None,
            scripts: None,
            proof: None,
            source: String::new(),
            pg_version: 15,
            reference: false,
        }
    }

    /// The name map of the migration, or why there is none; without one nothing can be converted, and what there is, is counted.
    #[must_use]
    pub fn names(mut self, names: Result<&'a NameMap, &'a NameError>) -> Self {
        self.names = Some(names);
        self
    }

    /// What decides the column types, as it will in the migration.
    #[must_use]
    pub fn types(mut self, types: &'a dyn TypePolicy) -> Self {
        self.types = Some(types);
        self
    }

    /// What to look for.
    #[must_use]
    pub fn rules(mut self, rules: &'a Rules) -> Self {
        self.rules = Some(rules);
        self
    }

    /// The scripts that the catalog was read from.
    #[must_use]
    pub fn scripts(mut self, scripts: &'a Scripts<'a>) -> Self {
        self.scripts = Some(scripts);
        self
    }

    /// What creating the objects in a real PostgreSQL gave.
    #[must_use]
    pub fn proof(mut self, proof: &'a Proof) -> Self {
        self.proof = Some(proof);
        self
    }

    /// Where the catalog comes from, for people: a database with its address, a folder. Never a secret.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// The target's major version, 13 or later; 15 where it is not said.
    #[must_use]
    pub fn pg_version(mut self, version: u32) -> Self {
        self.pg_version = version;
        self
    }

    /// Also reckons the [score](reference::Score) of the model that everybody knows.
    #[must_use]
    pub fn reference_score(mut self, yes: bool) -> Self {
        self.reference = yes;
        self
    }

    /// The report.
    pub fn run(&self) -> Report {
        let facts = self.facts.with_sizes_of(self.catalog);
        Assessment { facts: &facts, ..self.clone() }.run_with_sizes()
    }

    fn run_with_sizes(&self) -> Report {
        let default_rules;
        let rules = match self.rules {
            Some(rules) => rules,
            None => {
                default_rules = Rules::default();
                &default_rules
            }
        };
        let default_types = DefaultTypes::for_server(self.pg_version);
        let types = self.types.unwrap_or(&default_types);
        let (planned, renamed);
        let names = match self.names {
            Some(names) => {
                renamed = Vec::new();
                names.map_err(ToString::to_string)
            }
            None => match NameMap::plan_apart(self.catalog, &LowerCase, &NameMap::default()) {
                Ok((names, others)) => {
                    (planned, renamed) = (names, others);
                    Ok(&planned)
                }
                Err(error) => {
                    renamed = Vec::new();
                    Err(error.to_string())
                }
            },
        };
        let conversion = match &names {
            Ok(names) => Conversion::of(self.catalog, names, types, self.pg_version, self.proof),
            Err(error) => Conversion::impossible(error),
        };
        let mut assessor = Assessor::new(self, rules, &conversion);
        assessor.catalog_objects();
        assessor.other_objects();
        assessor.unread();
        if let Err(error) = &names {
            assessor.found("name.none", None, String::new(), error.clone());
        } else if let Some(failure) = &conversion.failure {
            assessor.found("conversion.refused", None, String::new(), failure.clone());
        }
        assessor.problems();
        assessor.functions(names.as_ref().ok().copied(), &renamed);
        assessor.code();
        assessor.report()
    }
}

/// Lower case, with another name for schemas that PostgreSQL keeps for itself.
struct LowerCase;

impl NamePolicy for LowerCase {
    fn schema(&self, schema: &OracleIdent) -> Result<PgIdent, NameError> {
        let lower = CaseRule::Lower.schema(schema);
        lower.or_else(|_| Ok(PgIdent::new_schema(format!("ora_{}", schema.as_str().to_ascii_lowercase()))?))
    }

    fn object(&self, kind: ObjectKind, path: &ObjectPath) -> Result<PgIdent, NameError> {
        CaseRule::Lower.object(kind, path)
    }

    fn column(&self, table: &ObjectPath, column: &OracleIdent) -> Result<PgIdent, NameError> {
        CaseRule::Lower.column(table, column)
    }
}

/// What is known of each object while the report is being made.
struct Item<'a> {
    kind: Kind,
    path: Option<ObjectPath>,
    /// Code or query.
    text: Option<&'a str>,
    /// Defaults, conditions, what an index is on.
    expressions: Vec<&'a str>,
    line: ObjectLine,
    hits: BTreeMap<usize, usize>,
    characters: usize,
}

struct Assessor<'a> {
    of: &'a Assessment<'a>,
    rules: &'a Rules,
    positions: HashMap<String, usize>,
    conversion: &'a Conversion,
    items: Vec<Item<'a>>,
    /// By kind and `OWNER.NAME`.
    index: HashMap<(Kind, String), usize>,
    /// By owner and name: what code may mean by a name.
    by_name: HashMap<(String, String), u32>,
    schemas: BTreeSet<String>,
    needs: HashSet<(u32, u32)>,
    objects: Vec<OtherObject>,
    findings: Vec<Finding>,
    /// Rules that found something about the whole database, with how often.
    database: BTreeMap<usize, usize>,
    /// The technical level that constructs in code and views ask for.
    hard: u8,
    invalid: HashSet<(Kind, String)>,
}

impl<'a> Assessor<'a> {
    fn new(of: &'a Assessment<'a>, rules: &'a Rules, conversion: &'a Conversion) -> Self {
        let invalid = of.facts.invalid.iter().flatten();
        let of_catalog = of.catalog.other_objects.iter().filter_map(OtherObject::of_catalog);
        let scripts = of.scripts.map(|s| s.objects.as_slice()).unwrap_or_default();
        Assessor {
            of,
            rules,
            positions: rules.iter().enumerate().map(|(n, rule)| (rule.id.to_string(), n)).collect(),
            conversion,
            items: Vec::new(),
            index: HashMap::new(),
            by_name: HashMap::new(),
            schemas: BTreeSet::new(),
            needs: HashSet::new(),
            objects: of_catalog.chain(of.facts.objects.iter().flatten().chain(scripts).cloned()).collect(),
            findings: Vec::new(),
            database: BTreeMap::new(),
            hard: 0,
            invalid: invalid.map(|o| (o.kind, format!("{}.{}", o.owner, o.name))).collect(),
        }
    }

    // --- objects ---------------------------------------------------------------------------------------------

    fn catalog_objects(&mut self) {
        let (catalog, proof) = (self.of.catalog, self.of.proof.is_some());
        for table in &catalog.tables {
            let at = self.object(Kind::Table, &table.path, None);
            let of_columns =
                table.columns.iter().flat_map(|column| column.default.iter().chain(&column.virtual_expression));
            self.items[at].expressions.extend(of_columns.map(String::as_str));
            if table.kind == TableKind::External {
                self.no_equivalent(at, "file_fdw on the server, or COPY of the file from where it is");
            }
        }
        for table in &catalog.tables {
            let unnamed = table.constraints.iter().filter(|constraint| constraint.name.is_none()).count();
            let mut unnamed = self.conversion.unnamed_constraints(&table.path, unnamed, proof).into_iter();
            for constraint in &table.constraints {
                let at = match &constraint.name {
                    Some(name) => {
                        let path = ObjectPath::new(table.path.schema.clone(), name.clone());
                        let judgement = self.conversion.judge(Kind::Constraint, &path, proof);
                        self.push(Kind::Constraint, Some(&path), format!("{}.{name}", table.path), None, judgement)
                    }
                    None => {
                        let judgement = unnamed.next().unwrap_or_default();
                        let name = format!("{}, {} without a name", table.path, noun_of(&constraint.kind));
                        let at = self.push(Kind::Constraint, None, name, None, judgement);
                        self.items[at].line.schema = table.path.schema.to_string();
                        at
                    }
                };
                self.need(at, Kind::Table, &table.path);
                match &constraint.kind {
                    ConstraintKind::ForeignKey { references, .. } => self.need(at, Kind::Table, references),
                    ConstraintKind::Check { condition } => self.items[at].expressions.push(condition),
                    _ => {}
                }
            }
        }
        for index in &catalog.indexes {
            let at = self.object(Kind::Index, &index.path, None);
            self.need(at, Kind::Table, &index.table);
            let keys = index.columns.iter().filter_map(|column| match &column.key {
                IndexKey::Expression(text) => Some(text.as_str()),
                _ => None,
            });
            self.items[at].expressions.extend(keys);
            match &index.kind {
                IndexKind::Domain(_) => self.no_equivalent(
                    at,
                    "an index of another method: GIN over tsvector for texts, GiST of PostGIS for shapes",
                ),
                IndexKind::BitmapJoin => {
                    self.no_equivalent(at, "an index on each table, or a materialized view of the join")
                }
                IndexKind::Cluster => self.no_equivalent(at, "nothing: clusters become ordinary tables"),
                _ => {}
            }
        }
        for sequence in &catalog.sequences {
            self.object(Kind::Sequence, &sequence.path, None);
        }
        for view in &catalog.views {
            self.object(Kind::View, &view.path, Some(&view.query));
        }
        for view in &catalog.materialized_views {
            self.object(Kind::MaterializedView, &view.view.path, Some(&view.view.query));
        }
        for synonym in &catalog.synonyms {
            self.object(Kind::Synonym, &synonym.path, None);
        }
        let mut granted = HashSet::new();
        for grant in &catalog.grants {
            if granted.insert(&grant.object) {
                self.object(Kind::Grant, &grant.object, None);
            }
        }
        for code in &catalog.stored_code {
            let kind = Kind::of_code(code.kind);
            let at = self.object(kind, &code.path, Some(&code.source));
            if let Some(table) = &code.table {
                self.need(at, Kind::Table, table);
            }
        }
        self.parts();
    }

    /// What needs another object of its own name, and synonyms.
    fn parts(&mut self) {
        for code in &self.of.catalog.stored_code {
            let (body, of) = match Kind::of_code(code.kind) {
                Kind::PackageBody => (Kind::PackageBody, Kind::Package),
                Kind::TypeBody => (Kind::TypeBody, Kind::Type),
                _ => continue,
            };
            if let Some(&at) = self.index.get(&(body, code.path.to_string())) {
                self.need(at, of, &code.path);
            }
        }
        for synonym in &self.of.catalog.synonyms {
            let target = (synonym.target.schema.to_string(), synonym.target.name.to_string());
            let at = self.index.get(&(Kind::Synonym, synonym.path.to_string()));
            if let (Some(&at), Some(&to)) = (at, self.by_name.get(&target)) {
                self.needs.insert((position(at), to));
            }
        }
    }

    fn other_objects(&mut self) {
        for object in std::mem::take(&mut self.objects) {
            let name = match &object.owner {
                Some(owner) => format!("{owner}.{}", object.name),
                None => object.name.clone(),
            };
            if self.index.contains_key(&(object.kind, name.clone())) {
                continue;
            }
            let at = self.push(object.kind, None, name, None, Judgement::default());
            let line = &mut self.items[at].line;
            line.schema = object.owner.clone().unwrap_or_default();
            line.place = object.place.clone();
            if !object.details.is_empty() {
                line.reasons.push(object.details.clone());
            }
            if let Some(instead) = object.kind.instead() {
                self.no_equivalent(at, instead);
            }
            self.objects.push(object);
        }
    }

    /// Statements that could not be read are objects that a person makes, where they make any.
    fn unread(&mut self) {
        for unread in self.of.scripts.into_iter().flat_map(|s| &s.unread) {
            let mut name = String::new();
            let mut kind = None;
            if let Some((of, path)) = &unread.object {
                kind = Some(*of);
                name = path.to_string();
                let known = self.index.get(&(*of, name.clone())).copied();
                if known.is_none() && !unread.duplicate {
                    let judgement = Judgement { verdict: Some(Verdict::ByHand), ..Judgement::default() };
                    let at = self.push(*of, Some(path), name.clone(), None, judgement);
                    self.items[at].line.reasons.push(format!("could not be read: {}", unread.message));
                    self.items[at].line.place.get_or_insert_with(|| unread.place.clone());
                }
            }
            let (rule, text) = match unread.duplicate {
                true => {
                    ("conversion.duplicate", format!("made again in {}: what was made first counts", unread.place.file))
                }
                false => ("conversion.unread", unread.message.clone()),
            };
            let before = self.findings.len();
            self.found(rule, kind, name, text);
            for finding in &mut self.findings[before..] {
                finding.place = Some(unread.place.clone());
            }
        }
    }

    fn object(&mut self, kind: Kind, path: &ObjectPath, text: Option<&'a str>) -> usize {
        let judgement = self.conversion.judge(kind, path, self.of.proof.is_some());
        self.push(kind, Some(path), path.to_string(), text, judgement)
    }

    fn push(
        &mut self,
        kind: Kind,
        path: Option<&ObjectPath>,
        name: String,
        text: Option<&'a str>,
        judgement: Judgement,
    ) -> usize {
        let at = self.items.len();
        let verdict = judgement.verdict.unwrap_or(Verdict::NoEquivalent);
        let place = path.and_then(|path| self.of.scripts?.place(kind, path));
        let known_invalid = self.of.facts.invalid.is_some();
        let invalid = known_invalid.then(|| self.invalid.contains(&(kind, name.clone())));
        let mut reasons = judgement.refusals.clone();
        reasons.extend(judgement.not_proved.iter().map(|error| format!("PostgreSQL refused it: {error}")));
        reasons.extend(judgement.notes.iter().cloned());
        reasons.extend(judgement.covered.iter().cloned());
        let line = ObjectLine {
            kind,
            schema: path.map(|path| path.schema.to_string()).unwrap_or_default(),
            name: name.clone(),
            verdict,
            reasons,
            place,
            invalid,
            bytes: None,
            rows: None,
            proved: judgement.proved,
            cost: Cost::default(),
            step: 0,
            needed_by: 0,
        };
        // Code means a package or type by its name, not the body.
        let unnamed = [Kind::Constraint, Kind::Grant, Kind::Index, Kind::PackageBody, Kind::TypeBody];
        if let Some(path) = path.filter(|_| !unnamed.contains(&kind)) {
            let key = (path.schema.to_string(), path.name.to_string());
            self.schemas.insert(key.0.clone());
            self.by_name.entry(key).or_insert_with(|| position(at));
        }
        self.index.entry((kind, name.clone())).or_insert(at);
        self.items.push(Item {
            kind,
            path: path.cloned(),
            text,
            expressions: Vec::new(),
            line,
            hits: BTreeMap::new(),
            characters: 0,
        });
        for refusal in judgement.refusals {
            // Columns that cannot be planned are findings of their own.
            if kind != Kind::Table || path.is_none_or(|path| !self.conversion.unplanned.contains_key(path)) {
                self.found("conversion.refused", Some(kind), name.clone(), refusal);
            }
        }
        for error in judgement.not_proved {
            self.found("conversion.not-proved", Some(kind), name.clone(), format!("PostgreSQL refused it: {error}"));
        }
        for note in judgement.notes {
            self.found("conversion.changed", Some(kind), name.clone(), note);
        }
        at
    }

    fn no_equivalent(&mut self, at: usize, instead: &str) {
        let line = &mut self.items[at].line;
        if matches!(line.verdict, Verdict::ByHand | Verdict::NoEquivalent) {
            line.verdict = Verdict::NoEquivalent;
            line.reasons.push(format!("instead: {instead}"));
            let (kind, name) = (line.kind, line.name.clone());
            // What was said of it when it was refused: it is the last that was said.
            while self.findings.last().is_some_and(|f| f.rule == "conversion.refused" && f.object == name) {
                self.findings.pop();
            }
            self.found("conversion.no-equivalent", Some(kind), name, format!("{}: instead {instead}", kind.noun()));
        }
    }

    fn need(&mut self, at: usize, kind: Kind, path: &ObjectPath) {
        if let Some(&to) = self.index.get(&(kind, path.to_string())) {
            self.needs.insert((position(at), position(to)));
        }
    }

    // --- rules -----------------------------------------------------------------------------------------------

    /// A finding of a rule, if the rule is not switched off; what it costs is the object's, where there is one.
    fn found(&mut self, rule: &str, kind: Option<Kind>, object: String, text: String) {
        let Some(&position) = self.positions.get(rule) else { return };
        self.finding(position, kind, object.clone(), object, text);
    }

    fn finding(&mut self, position: usize, kind: Option<Kind>, object: String, line_of: String, text: String) {
        let rule: &Rule = self.rules.at(position);
        let at = kind.and_then(|kind| self.index.get(&(kind, line_of.clone())).copied());
        match at {
            Some(at) => *self.items[at].hits.entry(position).or_default() += 1,
            None => *self.database.entry(position).or_default() += 1,
        }
        self.findings.push(Finding {
            rule: rule.id.to_string(),
            severity: rule.severity,
            topic: rule.topic,
            kind,
            object,
            line_of: at.map(|_| line_of).unwrap_or_default(),
            text,
            place: at.and_then(|at| self.items[at].line.place.clone()),
            spots: Vec::new(),
        });
    }

    fn problems(&mut self) {
        for (table, problems) in &self.conversion.unplanned {
            for problem in problems {
                let Some(&rule) = self.positions.get("type.no-counterpart") else { continue };
                let object = match problem.column.as_str() {
                    "" => table.to_string(),
                    column => format!("{table}.{column}"),
                };
                if let Some(&at) = self.index.get(&(Kind::Table, table.to_string())) {
                    let reason = format!("{}: {}", problem.column, problem.text);
                    let reasons = &mut self.items[at].line.reasons;
                    let column = format!("the column {} is made as a text", problem.column);
                    reasons.retain(|known| !known.starts_with(&column));
                    reasons.insert(0, reason);
                }
                self.finding(rule, Some(Kind::Table), object, table.to_string(), problem.text.clone());
            }
        }
    }

    fn functions(&mut self, names: Option<&NameMap>, renamed: &[Renamed]) {
        let objects = std::mem::take(&mut self.objects);
        let scope = Scope {
            catalog: self.of.catalog,
            facts: self.of.facts,
            model: self.of.model,
            names,
            renamed,
            objects: &objects,
            keyless: &self.conversion.keyless,
        };
        for (position, rule) in self.rules.iter().enumerate() {
            let Check::Function(function) = &rule.check else { continue };
            let mut found = Found::default();
            function(&scope, &mut found);
            for Match { kind, path, part, text } in found.0 {
                let line_of = path.map(|path| path.to_string()).unwrap_or_default();
                let object = match part {
                    Some(part) => format!("{line_of}.{part}"),
                    None => line_of.clone(),
                };
                self.finding(position, kind, object, line_of, text);
            }
        }
        self.objects = objects;
    }

    /// Looks through code and queries for what a person has to think about, and for what they need.
    fn code(&mut self) {
        let patterns = self.rules.patterns();
        let known = self.of.facts.dependencies.is_some();
        for dependency in self.of.facts.dependencies.iter().flatten() {
            let from = (dependency.kind, format!("{}.{}", dependency.owner, dependency.name));
            let to = (dependency.referenced_owner.clone(), dependency.referenced_name.clone());
            if let (Some(&from), Some(&to)) = (self.index.get(&from), self.by_name.get(&to)) {
                self.needs.insert((position(from), to));
            }
        }
        let declared = Declared::of(self.of.catalog);
        let own = OwnObjects::of(self.of.catalog);
        for at in 0..self.items.len() {
            let item = &self.items[at];
            let kind = item.kind;
            let piece = Piece {
                source: item.text.unwrap_or_default(),
                grammar: if kind.is_code() { Grammar::Unit } else { Grammar::Query },
                declared: declared.outside(kind, item.path.as_ref()),
                own: &|name| own.has(&item.line.schema, name),
            };
            if item.text.is_none() {
                let hand = item.line.verdict.needs_a_person();
                let expressions = item.expressions.iter().filter(|_| hand);
                let looked =
                    expressions.map(|&source| patterns.look(Piece { source, grammar: Grammar::Expression, ..piece }));
                let all: Vec<Code> = looked.collect();
                self.constructs(at, Code::all(all));
                continue;
            }
            let code = patterns.look(piece);
            if !known {
                self.references(at, &code);
            }
            // A specification only declares what its body has.
            self.items[at].characters = if kind == Kind::Package { 0 } else { code.characters };
            if self.items[at].line.verdict.needs_a_person() {
                self.constructs(at, code);
            }
        }
    }

    /// What code means by its words: objects of its own schema, and of schemas that it names.
    fn references(&mut self, at: usize, code: &Code) {
        let Some(path) = &self.items[at].path else { return };
        let named = |schema: &&String| code.words.binary_search(schema).is_ok();
        let own = path.schema.to_string();
        let schemas: Vec<&String> = std::iter::once(&own).chain(self.schemas.iter().filter(named)).collect();
        let from = position(at);
        for word in &code.words {
            let found = schemas.iter().find_map(|schema| self.by_name.get(&((*schema).clone(), word.clone())));
            if let Some(&to) = found.filter(|to| **to != from) {
                self.needs.insert((from, to));
            }
        }
    }

    fn constructs(&mut self, at: usize, code: Code) {
        let (kind, name) = (self.items[at].kind, self.items[at].line.name.clone());
        let begins = self.items[at].path.as_ref().and_then(|path| self.of.scripts?.query_place(kind, path));
        for found in code.found {
            let rule = self.rules.at(found.rule);
            if self.of.model.of_rule(rule).high >= 1.0 {
                let view = matches!(kind, Kind::Trigger | Kind::View | Kind::MaterializedView);
                self.hard = self.hard.max(if view { 4 } else { 5 });
            }
            let text = format!("{}{}", rule.title, how_often(&found));
            self.finding(found.rule, Some(kind), name.clone(), name.clone(), text);
            self.items[at].hits.insert(found.rule, found.spots.len());
            self.spots(found.spots, &begins);
        }
        let Some(&unparsed) = self.positions.get("conversion.unparsed").filter(|_| !code.unparsed.is_empty()) else {
            return;
        };
        // The same reason may be told of a head and of its body.
        let first = &code.unparsed[0];
        let place = match &begins {
            Some(place) => format!("{}:{}", place.file, place.line + first.line),
            None => format!("line {}", first.line + 1),
        };
        let more = match code.unparsed.len() {
            1 => String::new(),
            n => format!("; {} more places", n - 1),
        };
        let text = format!("{place}: {}{more}", first.text);
        self.items[at].line.reasons.push(format!("could not be read in full: {text}"));
        self.finding(unparsed, Some(kind), name.clone(), name.clone(), text);
        self.items[at].hits.insert(unparsed, code.unparsed.len());
        self.spots(code.unparsed, &begins);
    }

    /// Adds places to the finding that was made last.
    fn spots(&mut self, spots: Vec<Spot>, begins: &Option<Place>) {
        if let Some(finding) = self.findings.last_mut() {
            finding.spots = spots.into_iter().filter(|s| !s.text.is_empty()).map(|s| spot(s, begins)).collect();
        }
    }

    // --- the report ------------------------------------------------------------------------------------------

    fn report(mut self) -> Report {
        let (of, model) = (self.of, self.of.model);
        self.sizes();
        for item in &mut self.items {
            let hits: Vec<Hit<'_>> =
                item.hits.iter().map(|(&n, &count)| Hit { rule: self.rules.at(n), count }).collect();
            item.line.cost = model.cost(item.kind, item.line.verdict, item.characters, &hits);
        }
        let work: Vec<Option<Effort>> =
            self.items.iter().map(|item| item.line.verdict.needs_a_person().then_some(item.line.cost.units)).collect();
        let order = order(&work, &self.needs);
        // Numbered without gaps: nothing may have to be at a level.
        let levels: BTreeSet<usize> = order.level.iter().copied().collect();
        for ((item, level), needed) in self.items.iter_mut().zip(&order.level).zip(&order.needed_by) {
            item.line.step = levels.range(..=level).count();
            item.line.needed_by = *needed;
        }
        let mut database = Cost::default();
        let hits: Vec<Hit<'_>> =
            self.database.iter().map(|(&n, &count)| Hit { rule: self.rules.at(n), count }).collect();
        model.add_hits(&mut database, &hits);
        let mut objects: Vec<ObjectLine> = self.items.into_iter().map(|item| item.line).collect();
        objects.sort_by_key(|object| object.kind);
        let decision = decision(&self.findings, &database);
        if decision.is_some() {
            objects.iter_mut().for_each(|object| object.step += 1);
        }
        let units = objects.iter().map(|object| object.cost.units).sum::<Effort>() + database.units;
        let estimate = model.estimate(units, database, order.chain);
        let mut findings = self.findings;
        findings.sort_by_key(|finding| (finding.severity, finding.topic));
        let technical = technical_level(&objects, self.hard);
        let letter = match technical {
            ..=3 => 'A',
            _ if estimate.days.expected > model.level_c_days => 'C',
            _ => 'B',
        };
        let mut report = Report {
            source: of.source.clone(),
            version: of.facts.version.clone(),
            schemas: schemas(&objects, model),
            inventory: inventory_lines(of.catalog, &objects),
            column_types: inventory::column_types(of.catalog, self.conversion),
            size: inventory::size(of.facts, of.catalog, model),
            largest_tables: inventory::largest_tables(of.facts, of.catalog),
            features: inventory::features(of.catalog, of.facts, &self.objects),
            rules: rule_lines(self.rules, model, &findings),
            steps: steps(&objects, decision, levels.contains(&0)),
            objects,
            findings,
            estimate,
            level: Level { letter, technical },
            first: Vec::new(),
            reference: of.reference.then(|| reference::score(of.catalog, of.facts, &self.objects, model)),
            unknown: of.facts.missing().into_iter().map(str::to_owned).collect(),
            proof: of.proof.map(|proof| ProofLine {
                server: proof.server.clone(),
                taken: proof.taken,
                refused: proof.failures.len(),
            }),
        };
        report.first = first::advice(&report);
        report
    }

    fn sizes(&mut self) {
        for table in self.of.facts.tables.iter().flatten() {
            if let Some(&at) = self.index.get(&(Kind::Table, format!("{}.{}", table.owner, table.name))) {
                let line = &mut self.items[at].line;
                line.rows = table.rows;
                line.bytes = match (table.bytes, table.lob_bytes) {
                    (None, None) => None,
                    (bytes, lobs) => Some(bytes.unwrap_or(0).saturating_add(lobs.unwrap_or(0))),
                };
            }
        }
    }
}

/// ` (3 times, 1 in dynamic SQL)`.
fn how_often(found: &crate::finder::Found) -> String {
    let mut parts = Vec::new();
    if found.spots.len() > 1 {
        parts.push(format!("{} times", found.spots.len()));
    }
    let some = |n: usize, what: &str| match n == found.spots.len() {
        true => what.to_owned(),
        false => format!("{n} {what}"),
    };
    if found.dynamic > 0 {
        parts.push(some(found.dynamic, "in dynamic SQL"));
    }
    if found.unread > 0 {
        parts.push(some(found.unread, "by its words, in what could not be read"));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// Positions of objects are far below 2^32.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn noun_of(kind: &ConstraintKind) -> &'static str {
    match kind {
        ConstraintKind::PrimaryKey { .. } => "primary key",
        ConstraintKind::Unique { .. } => "unique constraint",
        ConstraintKind::ForeignKey { .. } => "foreign key",
        ConstraintKind::Check { .. } => "check",
    }
}

fn spot(spot: Spot, begins: &Option<Place>) -> CodeSpot {
    let place = begins.as_ref().map(|place| Place { file: place.file.clone(), line: place.line + spot.line });
    CodeSpot { line: spot.line + 1, place, text: spot.text }
}

fn technical_level(objects: &[ObjectLine], hard: u8) -> u8 {
    let triggers = objects.iter().any(|o| o.kind == Kind::Trigger);
    let routines = objects.iter().any(|o| o.kind.is_code() && o.kind != Kind::Trigger);
    let plain = match (triggers, routines) {
        (_, true) => 3,
        (true, false) => 2,
        (false, false) => 1,
    };
    hard.max(plain)
}

fn schemas(objects: &[ObjectLine], model: &CostModel) -> Vec<SchemaLine> {
    let mut lines: BTreeMap<&str, SchemaLine> = BTreeMap::new();
    for object in objects {
        let line = lines.entry(&object.schema).or_insert_with(|| SchemaLine {
            name: object.schema.clone(),
            objects: 0,
            verdicts: BTreeMap::new(),
            bytes: None,
            units: Effort::NONE,
            days: Effort::NONE,
        });
        line.objects += 1;
        *line.verdicts.entry(object.verdict).or_default() += 1;
        line.units += object.cost.units;
        if let Some(bytes) = object.bytes {
            line.bytes = Some(line.bytes.unwrap_or(0).saturating_add(bytes));
        }
    }
    let per_day = model.unit_minutes / model.day_minutes;
    let days = |line: SchemaLine| SchemaLine { days: line.units * per_day, ..line };
    lines.into_values().map(days).collect()
}

fn inventory_lines(catalog: &Catalog, objects: &[ObjectLine]) -> Vec<InventoryLine> {
    let mut lines: BTreeMap<Kind, InventoryLine> = BTreeMap::new();
    for object in objects {
        let kind = object.kind;
        let line = lines.entry(kind).or_insert_with(|| InventoryLine {
            kind,
            total: 0,
            invalid: None,
            verdicts: BTreeMap::new(),
            units: Effort::NONE,
            comment: inventory::comment(catalog, kind),
        });
        line.total += 1;
        if let Some(invalid) = object.invalid {
            *line.invalid.get_or_insert(0) += usize::from(invalid);
        }
        *line.verdicts.entry(object.verdict).or_default() += 1;
        line.units += object.cost.units;
    }
    lines.into_values().collect()
}

fn rule_lines(rules: &Rules, model: &CostModel, findings: &[Finding]) -> Vec<RuleLine> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for finding in findings {
        *counts.entry(&finding.rule).or_default() += 1;
    }
    let line = |rule: &Rule| {
        counts.get(rule.id.as_ref()).map(|&findings| RuleLine {
            id: rule.id.to_string(),
            title: rule.title.to_string(),
            doc: rule.doc.to_string(),
            severity: rule.severity,
            findings,
            units: model.of_rule(rule),
        })
    };
    rules.iter().filter_map(line).collect()
}

/// Objects that one step names.
const NAMED: usize = 50;

/// The step before all objects, where there is anything to decide.
fn decision(findings: &[Finding], database: &Cost) -> Option<Step> {
    let blockers = findings.iter().filter(|f| f.severity == Severity::Blocker).count();
    let title = match blockers {
        0 if database.units.is_none() => return None,
        0 => "settle what is about the whole database".to_owned(),
        n => format!("decide {n} blockers, and settle what is about the whole database"),
    };
    Some(Step { number: 1, title, objects: 0, written: 0, by_hand: Vec::new(), units: database.units })
}

/// `converts`: the first step with objects is of those that nobody writes.
fn steps(objects: &[ObjectLine], decision: Option<Step>, converts: bool) -> Vec<Step> {
    let mut steps = Vec::from_iter(decision);
    let first = steps.len() + 1;
    let mut by_step: BTreeMap<usize, Vec<&ObjectLine>> = BTreeMap::new();
    for object in objects {
        by_step.entry(object.step).or_default().push(object);
    }
    for (number, of_step) in by_step {
        let mut by_hand: Vec<_> = of_step.iter().filter(|o| o.verdict.needs_a_person()).collect();
        by_hand.sort_by(|a, b| b.needed_by.cmp(&a.needed_by).then_with(|| a.name.cmp(&b.name)));
        let title = match (number, by_hand.len(), of_step.len()) {
            (number, _, all) if converts && number == first => {
                format!("create the {all} objects that convert and need nothing written by hand")
            }
            (_, hand, all) if hand == all => format!("write {hand} objects"),
            (_, hand, all) => format!("write {hand} objects; then create {} that convert and need them", all - hand),
        };
        steps.push(Step {
            number,
            title,
            objects: of_step.len(),
            written: by_hand.len(),
            by_hand: by_hand.iter().take(NAMED).map(|o| ObjectName { kind: o.kind, name: o.name.clone() }).collect(),
            units: of_step.iter().map(|o| o.cost.units).sum(),
        });
    }
    steps
}
