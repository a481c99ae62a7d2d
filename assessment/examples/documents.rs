//! Writes what is made from the code: `RULES.md`, and with the feature `json-schema` also `assessment.schema.json`.

use assessment::Rules;
use std::{error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(folder.join("RULES.md"), Rules::default().markdown())?;
    #[cfg(feature = "json-schema")]
    fs::write(folder.join("assessment.schema.json"), assessment::Portfolio::json_schema()?)?;
    Ok(())
}
