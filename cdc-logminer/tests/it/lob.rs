//! LOB programs against a plain model of the LOB: a vector of code units, of characters, or of bytes.

use cdc_logminer::{CharacterUnit, LobCall, LobChange, LobData, LobKind, LobPatch, LobStatement, OperationCode};
use proptest::prelude::*;

/// What one statement does, with the literal that redo would have.
#[derive(Debug, Clone)]
enum Step<T> {
    Write(usize, Vec<T>),
    Append(Vec<T>),
    Trim(usize),
    Erase(usize, usize),
}

fn steps<T: std::fmt::Debug + Clone + 'static>(
    data: impl Strategy<Value = Vec<T>> + Clone + 'static,
) -> impl Strategy<Value = Vec<Step<T>>> {
    let step = prop_oneof![
        3 => (0usize..24, data.clone()).prop_map(|(at, data)| Step::Write(at, data)),
        3 => data.prop_map(Step::Append),
        1 => prop_oneof![2 => 0usize..24, 1 => Just(0)].prop_map(Step::Trim),
        1 => (1usize..24, 0usize..24).prop_map(|(amount, at)| Step::Erase(amount, at)),
    ];
    proptest::collection::vec(step, 0..12)
}

/// Characters of one to four bytes.
fn texts() -> impl Strategy<Value = Vec<char>> + Clone {
    let c =
        prop_oneof![4 => Just('a'), 2 => Just('\''), 1 => Just('ß'), 1 => Just('€'), 2 => Just('😀'), 1 => Just(' ')];
    proptest::collection::vec(c, 1..6)
}

/// Runs the step on the model; false where it cannot be done.
fn run<T: Clone>(model: &mut Vec<T>, step: &Step<T>, blank: T) -> bool {
    match step {
        Step::Write(at, data) => overwrite(model, *at, data, blank),
        Step::Append(data) => model.extend_from_slice(data),
        Step::Trim(length) if *length > model.len() => return false,
        Step::Trim(length) => model.truncate(*length),
        Step::Erase(_, at) if *at >= model.len() => return false,
        Step::Erase(amount, at) => {
            let end = model.len().min(at + amount);
            model[*at..end].fill(blank);
        }
    }
    true
}

fn overwrite<T: Clone>(model: &mut Vec<T>, at: usize, data: &[T], blank: T) {
    if model.len() < at + data.len() {
        let kept = model.len().max(at);
        model.resize(kept, blank.clone());
        model.resize(kept.max(at + data.len()), blank);
    }
    model[at..at + data.len()].clone_from_slice(data);
}

/// The statement that redo has for the step, read back.
fn push<T: Clone>(
    patch: &mut LobPatch,
    step: &Step<T>,
    length: usize,
    kind: LobKind,
    literal: impl Fn(&[T]) -> String,
) {
    let (variable, buffer) = match kind {
        LobKind::Blob => ("loc_b", "buf_b"),
        LobKind::Clob => ("loc_c", "buf_c"),
        LobKind::NClob => ("loc_nc", "buf_nc"),
    };
    let write = |at: usize, data: &[T]| {
        let literal = literal(data);
        let (amount, offset) = (data.len(), at + 1);
        format!(" {buffer} := {literal}; \n  dbms_lob.write({variable}, {amount}, {offset}, {buffer});\n")
    };
    let (operation, sql) = match step {
        Step::Write(at, data) => (OperationCode::LOB_WRITE, write(*at, data)),
        Step::Append(data) => (OperationCode::LOB_WRITE, write(length, data)),
        Step::Trim(length) => (OperationCode::LOB_TRIM, format!("  dbms_lob.trim({variable}, {length});\n")),
        Step::Erase(amount, at) => {
            let sql = format!("  e_len :=  {amount};\n  dbms_lob.erase({variable}, e_len, {});\nEND;\n\n", at + 1);
            (OperationCode::LOB_ERASE, sql)
        }
    };
    let LobStatement::Call { target: None, call } = LobStatement::scan(operation, &sql).unwrap() else {
        panic!("{sql}")
    };
    assert_eq!(call.kind, kind);
    patch.push(&call).unwrap_or_else(|e| panic!("{sql}: {e}"));
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The content of a whole patch is what the model has when all that is unknown is left out; that of any patch is the
/// model's where the base is known.
fn check(patch: &LobPatch, base: LobData, expected: Option<LobData>) -> Result<(), TestCaseError> {
    let applied = patch.apply(base);
    match &expected {
        Some(expected) => prop_assert_eq!(applied.as_ref().ok(), Some(expected)),
        None => prop_assert!(applied.is_err()),
    }
    if let (true, Some(expected)) = (patch.completes(), expected) {
        prop_assert_eq!(patch.value().unwrap(), Some(expected));
    }
    let json = serde_json::to_string(patch).unwrap();
    prop_assert_eq!(&serde_json::from_str::<LobPatch>(&json).unwrap(), patch);
    Ok(())
}

proptest! {
    #[test]
    fn bytes(base in proptest::collection::vec(any::<u8>(), 0..16), steps in steps(proptest::collection::vec(any::<u8>(), 1..6))) {
        let mut patch = LobPatch::new(LobKind::Blob);
        let mut model = Some(base.clone());
        for step in &steps {
            let length = model.as_ref().map_or(7, Vec::len);
            push(&mut patch, step, length, LobKind::Blob, |data| {
                let digits: String = data.iter().map(|b| format!("{b:02x}")).collect();
                format!("HEXTORAW('{digits}')")
            });
            model = model.and_then(|mut model| run(&mut model, step, 0).then_some(model));
        }
        check(&patch, LobData::Bytes(base), model.map(LobData::Bytes))?;
    }

    #[test]
    fn utf16(base in texts(), steps in steps(texts())) {
        let units = |text: &[char]| String::from_iter(text).encode_utf16().collect::<Vec<_>>();
        let mut patch = LobPatch::new(LobKind::Clob);
        patch.set_unit(CharacterUnit::Utf16).unwrap();
        let (mut model, mut torn) = (Some(units(&base)), false);
        for step in &steps {
            let step = match step {
                Step::Write(at, text) => Step::Write(*at, units(text)),
                Step::Append(text) => Step::Append(units(text)),
                Step::Trim(length) => Step::Trim(*length),
                Step::Erase(amount, at) => Step::Erase(*amount, *at),
            };
            let length = model.as_ref().map_or(7, Vec::len);
            push(&mut patch, &step, length, LobKind::Clob, |data| quoted(&String::from_utf16(data).unwrap()));
            model = model.and_then(|mut model| run(&mut model, &step, u16::from(b' ')).then_some(model));
            torn |= model.as_ref().is_none_or(|model| String::from_utf16(model).is_err());
        }
        let base = LobData::Text(base.into_iter().collect());
        let expected = model.and_then(|model| String::from_utf16(&model).ok()).map(LobData::Text);
        // A pair that is torn apart and then overwritten may be an error, but is never another content.
        if torn && patch.apply(base.clone()).is_err() {
            return Ok(());
        }
        check(&patch, base, expected)?;
    }

    #[test]
    fn code_points(base in texts(), steps in steps(texts())) {
        let mut patch = LobPatch::new(LobKind::NClob);
        patch.set_unit(CharacterUnit::CodePoint).unwrap();
        let mut model = Some(base.clone());
        for step in &steps {
            let length = model.as_ref().map_or(7, Vec::len);
            push(&mut patch, step, length, LobKind::NClob, |text| {
                let escaped = |unit: &u16| format!("\\{unit:04X}");
                text.iter().map(|c| format!("UNISTR('{}')", c.encode_utf16(&mut [0; 2]).iter().map(escaped).collect::<String>()))
                    .collect::<Vec<_>>().join(" || ")
            });
            model = model.and_then(|mut model| run(&mut model, step, ' ').then_some(model));
        }
        let text = |chars: Vec<char>| LobData::Text(chars.into_iter().collect());
        check(&patch, text(base), model.map(text))?;
    }

    /// The unit that a patch takes from its amounts is never another than the one they were counted in.
    #[test]
    fn the_unit_is_told_by_the_amounts(base in texts(), steps in steps(texts()), points in any::<bool>()) {
        let (unit, length): (_, fn(&str) -> usize) = if points {
            (CharacterUnit::CodePoint, |text: &str| text.chars().count())
        } else {
            (CharacterUnit::Utf16, |text: &str| text.encode_utf16().count())
        };
        let (mut told, mut known) = (LobPatch::new(LobKind::Clob), LobPatch::new(LobKind::Clob));
        known.set_unit(unit).unwrap();
        for step in steps {
            let change = |literal| match &step {
                Step::Write(at, _) => LobChange::Write { amount: 0, offset: *at as u64 + 1, literal, place: 0 },
                Step::Append(_) => LobChange::Write { amount: 0, offset: 9, literal, place: 0 },
                Step::Trim(length) => LobChange::Trim { length: *length as u64 },
                Step::Erase(amount, at) => LobChange::Erase { amount: *amount as u64, offset: *at as u64 + 1 },
            };
            let text: String = match &step {
                Step::Write(_, text) | Step::Append(text) => text.iter().collect(),
                _ => String::new(),
            };
            let literal = quoted(&text);
            let mut change = change(&literal);
            if let LobChange::Write { amount, .. } = &mut change {
                *amount = length(&text) as u64;
            }
            for patch in [&mut told, &mut known] {
                patch.push(&LobCall { kind: LobKind::Clob, change }).unwrap();
            }
        }
        let base = LobData::Text(base.into_iter().collect());
        if let Ok(content) = told.apply(base.clone()) {
            // One that replaces all that the LOB held need not know how that counts.
            let whole = known.value().unwrap_or_default();
            prop_assert!(known.apply(base).ok().or(whole) == Some(content));
        }
    }
}

/// In a time that a quadratic way, which would copy 75 GB, would not keep.
#[test]
fn a_large_clob_costs_linear_time() {
    let piece = "x".repeat(3998) + "ä😀";
    let literal = quoted(&piece);
    let mut patch = LobPatch::new(LobKind::Clob);
    patch.trim(0);
    let begun = std::time::Instant::now();
    for n in 0..6_250u64 {
        let change = LobChange::Write { amount: 4001, offset: 1 + 4001 * n, literal: &literal, place: 0 };
        patch.push(&LobCall { kind: LobKind::Clob, change }).unwrap();
    }
    let Ok(Some(LobData::Text(text))) = patch.value() else { panic!("{patch:?}") };
    assert_eq!((text.len(), patch.pieces().len()), (6_250 * piece.len(), 2));
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
