use super::{Builder, Phase};
use crate::{ObjectKind, PlanError, View, rewrite};

impl Builder<'_> {
    /// A view follows those that it reads.
    pub(super) fn views(&mut self) -> Result<(), PlanError> {
        let catalog = self.catalog;
        let mut waiting: Vec<&View> = catalog.views.iter().collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            let (ready, rest): (Vec<&View>, Vec<&View>) = waiting.iter().partition(|view| {
                let sources = rewrite::sources(view);
                !sources.iter().any(|source| waiting.iter().any(|other| other.path == *source))
            });
            waiting = rest;
            for view in ready {
                self.view(view)?;
            }
            if waiting.len() == before {
                for view in std::mem::take(&mut waiting) {
                    self.refuse(ObjectKind::View, &view.path, "it reads itself by way of the views that it reads");
                }
            }
        }
        Ok(())
    }

    fn view(&mut self, view: &View) -> Result<(), PlanError> {
        let target = self.target(ObjectKind::View, &view.path)?;
        match self.rewriter.view(view) {
            Ok(sql) => {
                let statement = format!("CREATE VIEW {} AS\n{};", target.quoted(), sql.query);
                self.push(Phase::Views, ObjectKind::View, &view.path, statement, sql.notes.iter().cloned().collect());
                self.rewriter.add_view(view, sql);
                self.views.insert(view.path.clone());
            }
            Err(refused) => self.refuse(ObjectKind::View, &view.path, refused.message(&view.query)),
        }
        Ok(())
    }
}
