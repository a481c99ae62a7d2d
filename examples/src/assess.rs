//! `migrate assess`: databases and folders of scripts to one report.

mod database;
mod prove;

use crate::{
    config::{Config, Target},
    connect::PgConnector,
    pipeline::Pipeline,
    scripts::{ScriptOptions, plan_names, read_folder},
};
use anyhow::{Context, Result, bail};
use assessment::{Assessment, CostModel, CsvTable, Facts, Place, Portfolio, Report, Rules, Scripts, Unread};
use schema_map::{Catalog, DefaultTypes, TypePolicy};
use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, atomic::AtomicBool},
};
use tokio::runtime::Handle;

/// What is to be assessed, and how.
#[derive(Debug, Clone, Default)]
pub struct AssessOptions {
    /// Folders of scripts.
    pub scripts: Vec<PathBuf>,
    /// Configurations of migrations, each with a source.
    pub configs: Vec<PathBuf>,
    /// How scripts are read.
    pub script_options: ScriptOptions,
    /// Also the score of the reference model.
    pub reference_score: bool,
    /// A PostgreSQL to create everything in, in schemas of its own that are dropped afterwards: its URL without a password, or nothing
    /// for the environment's `DATABASE_URL`.
    pub prove: Option<String>,
    /// The cost model as JSON or TOML; the default one where absent.
    pub model: Option<PathBuf>,
    /// People who work on it, instead of the model's.
    pub team: Option<u32>,
    /// The share of tests, instead of the model's.
    pub test_share: Option<f64>,
    /// Facts as JSON, for scripts; what was gathered where the database is.
    pub facts: Option<PathBuf>,
    /// Where to write the facts that a database told.
    pub facts_out: Option<PathBuf>,
    /// Rows of each table to look at for what columns really hold; none are looked at where absent.
    pub sample: Option<u64>,
    /// The database has a licence for Oracle's Diagnostics Pack, so that the growth of its tables may be read.
    pub diagnostics_pack: bool,
    /// Ids of rules that are switched off.
    pub without: Vec<String>,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// One file for a browser.
    Html,
    /// As `assessment.schema.json` describes it.
    Json,
    /// One of its tables.
    Csv(CsvTable),
    /// SARIF 2.1.0.
    Sarif,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.split_once(':') {
            Some(("csv", table)) => Format::Csv(table.parse()?),
            _ => match text {
                "text" => Format::Text,
                "html" => Format::Html,
                "json" => Format::Json,
                "csv" => Format::Csv(CsvTable::default()),
                "sarif" => Format::Sarif,
                _ => return Err(format!("{text}: expected text, html, json, csv, csv:TABLE or sarif")),
            },
        })
    }
}

impl Format {
    /// The reports in this form.
    pub fn render(self, portfolio: &Portfolio) -> Result<String> {
        Ok(match self {
            Format::Text => portfolio.text(),
            Format::Html => portfolio.html()?,
            Format::Json => portfolio.json()?,
            Format::Csv(table) => portfolio.csv(table)?,
            Format::Sarif => portfolio.sarif()?,
        })
    }
}

/// Assesses all of them, databases first.
pub fn assess(options: &AssessOptions, runtime: &Handle, stop: &Arc<AtomicBool>) -> Result<Portfolio> {
    let assessor = Assessor::new(options, runtime)?;
    let mut reports = Vec::new();
    for path in &options.configs {
        let pipeline = Pipeline::new(Config::read(path)?, runtime.clone(), Arc::clone(stop));
        reports.push(assessor.database(&pipeline)?);
    }
    for dir in &options.scripts {
        reports.push(assessor.folder(dir)?);
    }
    Ok(Portfolio { reports })
}

struct Assessor<'o> {
    options: &'o AssessOptions,
    runtime: &'o Handle,
    model: CostModel,
    rules: Rules,
    /// What scripts cannot tell, where it was gathered elsewhere.
    facts: Facts,
    target: Option<PgConnector>,
}

impl<'o> Assessor<'o> {
    fn new(options: &'o AssessOptions, runtime: &'o Handle) -> Result<Self> {
        let mut model: CostModel = match &options.model {
            Some(path) => read_document(path).context("the cost model")?,
            None => CostModel::default(),
        };
        model.team = options.team.unwrap_or(model.team);
        model.test_share = options.test_share.unwrap_or(model.test_share);
        if let Err(error) = model.check() {
            bail!("the cost model: {error}");
        }
        let mut rules = Rules::default();
        for id in model.rules.keys().chain(&options.without) {
            if rules.get(id).is_none() {
                bail!("there is no rule {id}: RULES.md of the crate oracle-assessment lists them");
            }
        }
        for id in &options.without {
            rules.remove(id);
        }
        let facts = match &options.facts {
            Some(path) => read_document(path).context("the facts")?,
            None => Facts::default(),
        };
        let target = match &options.prove {
            Some(url) => {
                let url = Some(url.clone()).filter(|url| !url.is_empty());
                let target = Target { url, ..Target::default() };
                Some(PgConnector::new(&target).context("--prove")?)
            }
            None => None,
        };
        Ok(Assessor { options, runtime, model, rules, facts, target })
    }

    fn folder(&self, dir: &Path) -> Result<Report> {
        let options = &self.options.script_options;
        let folder = read_folder(dir, options)?;
        let mut scripts = Scripts::of(&folder.script);
        for file in &folder.files {
            scripts.read(&file.name, &file.text, &folder.schema);
        }
        scripts.unread_of(&folder.script);
        for message in folder.unread {
            let file = message.split(": ").next().unwrap_or_default().to_owned();
            scripts.unread.push(Unread { object: None, place: Place { file, line: 1 }, message, duplicate: false });
        }
        let catalog = &folder.script.catalog;
        let version = options.choices.pg_version.unwrap_or(15);
        let types = options.types.clone().with_base(DefaultTypes::for_server(version));
        let (names, _) = plan_names(catalog, &folder.schema, options)?;
        let assessment = Assessment::new(catalog, &self.facts, &self.model).names(Ok(&names)).types(&types);
        let assessment = assessment.scripts(&scripts).source(dir.display().to_string()).pg_version(version);
        self.report(assessment, catalog, &types)
    }

    fn database(&self, pipeline: &Pipeline) -> Result<Report> {
        let session = pipeline.oracle("migrate assess")?;
        let catalog = pipeline.catalog(&session)?;
        let looks = database::Looks { rows: self.options.sample, growth: self.options.diagnostics_pack };
        let facts = database::facts(pipeline, &session, &catalog, &looks)?;
        if let Some(path) = &self.options.facts_out {
            let text = serde_json::to_string_pretty(&facts)?;
            fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        let names = pipeline.names(&catalog);
        let types = &pipeline.config.types;
        let assessment = Assessment::new(&catalog, &facts, &self.model).names(names.as_ref()).types(types);
        self.report(assessment.source(&pipeline.config.source.connect), &catalog, types)
    }

    fn report(&self, assessment: Assessment<'_>, catalog: &Catalog, types: &dyn TypePolicy) -> Result<Report> {
        let assessment = assessment.rules(&self.rules).reference_score(self.options.reference_score);
        let Some(target) = &self.target else { return Ok(assessment.run()) };
        let (proof, version) = self.runtime.block_on(prove::prove(target, catalog, types)).context("--prove")?;
        Ok(assessment.pg_version(version).proof(&proof).run())
    }
}

/// JSON, or TOML by the file's name.
fn read_document<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let toml = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    let read = if toml {
        toml::from_str(&text).map_err(Into::into)
    } else {
        serde_json::from_str(&text).map_err(anyhow::Error::from)
    };
    read.with_context(|| path.display().to_string())
}
