//! Makes and fills stand-in databases from the command line, in a process of its own.

mod serve;

use clntsh::{Database, OraError, Outcome};
use std::{
    env,
    fmt::Write as _,
    io::{self, BufWriter, Write as _},
    path::Path,
    process::ExitCode,
};
use type_convert::Value;

const HELP: &str = "\
Makes and fills databases of the Oracle stand-in.

  oracle-standin create FILE                    a new, empty database; STANDIN_SYSTEM_PASSWORD is SYSTEM's password
  oracle-standin user FILE NAME                 a user (schema); STANDIN_PASSWORD is the password
  oracle-standin script FILE USER SCRIPT.sql... runs Oracle SQL scripts as this user, with what they include;
                                                the first error ends it
  oracle-standin sql FILE USER STATEMENT        runs one statement as this user, with STANDIN_PASSWORD; rows are printed
                                                with a tab between columns, NULL as nothing
  oracle-standin serve FILE USER                a session of this user, with STANDIN_PASSWORD, for another program: requests
                                                on the standard input, answers on the standard output, each a line of JSON
  oracle-standin library                        the folder of the client library

Programs connect with the connect string standin:FILE.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("oracle-standin: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), String> {
    match *arguments {
        ["create", file] => {
            Database::create(Path::new(file), &password("STANDIN_SYSTEM_PASSWORD")?).map_err(text)?;
        }
        ["user", file, name] => open(file)?.create_user(name, &password("STANDIN_PASSWORD")?).map_err(text)?,
        ["script", file, user, ref scripts @ ..] if !scripts.is_empty() => {
            let database = open(file)?;
            for script in scripts {
                database.run_script_file(user, Path::new(script)).map_err(text)?;
            }
        }
        ["sql", file, user, statement] => sql(file, user, statement)?,
        ["serve", file, user] => {
            let session = open(file)?.session(user, &password("STANDIN_PASSWORD")?).map_err(text)?;
            serve::serve(session, io::stdin().lock(), io::stdout().lock()).map_err(|e| e.to_string())?;
        }
        ["library"] => println!("{}", clntsh::library_dir().map_err(|e| e.to_string())?.display()),
        ["help" | "--help" | "-h"] => print!("{HELP}"),
        _ => return Err(format!("that is not how it is called\n\n{HELP}")),
    }
    Ok(())
}

fn text(error: OraError) -> String {
    error.to_string()
}

fn open(file: &str) -> Result<Database, String> {
    Database::open(Path::new(file)).map_err(text)
}

fn password(variable: &str) -> Result<String, String> {
    env::var(variable).map_err(|_| format!("set the environment variable {variable}"))
}

fn sql(file: &str, user: &str, statement: &str) -> Result<(), String> {
    let mut session = open(file)?.session(user, &password("STANDIN_PASSWORD")?).map_err(text)?;
    let prepared = session.prepare(statement).map_err(text)?;
    match session.execute(&prepared, &[], true).map_err(text)? {
        Outcome::Done { affected } => println!("{affected} rows"),
        Outcome::Rows(rows) => {
            let mut out = BufWriter::new(io::stdout().lock());
            let mut line = prepared.columns().iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join("\t");
            for row in std::iter::once(None).chain(rows.map(Some)) {
                if let Some(row) = row {
                    line.clear();
                    for (i, value) in row.map_err(text)?.iter().enumerate() {
                        if i > 0 {
                            line.push('\t');
                        }
                        show(value, &mut line);
                    }
                }
                line.push('\n');
                out.write_all(line.as_bytes()).map_err(|e| e.to_string())?;
            }
            out.flush().map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}

fn show(value: &Value, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Null => Ok(()),
        Value::Number(n) => write!(out, "{n}"),
        Value::Text(text) => {
            out.push_str(text);
            Ok(())
        }
        Value::Bytes(bytes) => bytes.iter().try_for_each(|b| write!(out, "{b:02X}")),
        Value::Float(f) => write!(out, "{f}"),
        Value::Double(d) => write!(out, "{d}"),
        Value::DateTime(d) => write!(
            out,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}",
            d.year, d.month, d.day, d.hour, d.minute, d.second, d.nanosecond
        ),
        other => write!(out, "{other:?}"),
    };
}
