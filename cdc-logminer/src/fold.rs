use crate::{Change, TableColumns, changes::UndoKey, encoding::Decoder};

#[derive(Debug, Clone)]
pub(crate) struct Fold {
    pub(crate) key: Option<UndoKey>,
    pub(crate) undone: bool,
}
impl Fold {
    pub(crate) fn put(&self, _out: &mut Vec<u8>) {}
    pub(crate) fn take(_: &mut Decoder<'_>) -> Option<Self> {
        None
    }
}
pub(crate) fn fold(change: Change, _: &[Fold], _: &TableColumns) -> Result<Change, ()> {
    Ok(change)
}
