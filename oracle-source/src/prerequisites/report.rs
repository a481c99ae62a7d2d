//! What was found, for people: as a table, and as a script for whoever mends it.

use super::{Prerequisite, PrerequisiteState};
use std::collections::BTreeSet;

/// A table of all, and below what does not hold why it matters and what mends it.
///
/// States are `ok`, `NOT MET`, `advised` (not met, and the migration only goes worse) and `unknown`.
pub fn text(prerequisites: &[Prerequisite]) -> String {
    let mut text = String::new();
    for p in prerequisites {
        let state = match p.state {
            PrerequisiteState::Met => "ok",
            PrerequisiteState::NotMet if !p.required => "advised",
            PrerequisiteState::NotMet => "NOT MET",
            PrerequisiteState::Unknown => "unknown",
        };
        text.push_str(&format!("{state:<7}  {} ({})\n", p.what, p.found));
        if p.state != PrerequisiteState::Met {
            text.push_str(&format!("         why: {}\n", p.why));
            for line in &p.mend {
                text.push_str(&format!("         {}\n", terminated(line)));
            }
        }
    }
    text
}

/// What mends all that does not hold, or is not known, as one script for SQL*Plus and its like; empty where everything holds.
///
/// Comments say what each statement is for. A statement that mends several things stands where it is needed first. What SQL cannot do
/// (a restart, a parameter group) are steps in comments.
pub fn mend_script(prerequisites: &[Prerequisite]) -> String {
    let (mut script, mut written) = (String::new(), BTreeSet::new());
    for p in prerequisites {
        if p.state == PrerequisiteState::Met || p.mend.is_empty() {
            continue;
        }
        let state = match (p.state, p.required) {
            (PrerequisiteState::Unknown, _) => "not known",
            (_, true) => "not met",
            (_, false) => "advised",
        };
        script.push_str(&format!("-- {} [{}, {state}: {}]\n-- {}\n", p.what, p.id, one_line(&p.found), p.why));
        for line in &p.mend {
            let goes_to_a_container = line.starts_with("ALTER SESSION ");
            if line.starts_with("--") || goes_to_a_container || written.insert(line.as_str()) {
                script.push_str(&terminated(line));
                script.push('\n');
            }
        }
        script.push('\n');
    }
    script
}

/// A line with what ends it: nothing for comments, `;` for SQL, and for a PL/SQL block a line with `/`.
fn terminated(line: &str) -> String {
    if line.starts_with("--") {
        line.to_owned()
    } else if line.starts_with("BEGIN ") {
        format!("{line}\n/")
    } else {
        format!("{line};")
    }
}

/// Nothing that was found may end the comment that it stands in.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::super::Draft;
    use super::*;

    #[test]
    fn script_has_what_is_not_met() {
        let line = |text: &str| text.to_owned();
        let met = Draft::new("a", "A", "b").found(true, "x", [line("ALTER A")]);
        let not = Draft::new("c", "C holds", "d").found(false, "y\nDROP", [line("-- by hand"), line("ALTER C")]);
        let again = Draft::new("e", "E", "f").recommended().unknown("z", [line("ALTER C"), line("BEGIN x; END;")]);
        assert!(met.mend.is_empty());
        let list = [met, not, again];
        assert_eq!(
            mend_script(&list),
            "-- C holds [c, not met: y DROP]\n-- d\n-- by hand\nALTER C;\n\n-- E [e, not known: z]\n-- f\nBEGIN x; END;\n/\n\n"
        );
        let text = text(&list);
        assert!(text.starts_with("ok       A (x)\nNOT MET  C holds (y\nDROP)\n         why: d\n"), "{text}");
        assert!(text.contains("unknown  E (z)\n"), "{text}");
    }
}
