//! What an executor does before it deletes a message: it gives permits back, and sends held tasks in their place.

use super::{
    broken::Broken,
    dispatch::Dispatch,
    executor::each_right,
    right::{Edit, Right},
    scene::Scene,
    scope::Scope,
    world::Late,
};
use crate::instant::Tick;

/// One thing to do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Work {
    /// To release the permit of an attempt that has ended, then dispatch.
    Release { scope: Scope, fence: u8 },
    /// To free a permit that nobody can use, then dispatch.
    Free { scope: Scope, right: Right },
    /// To dispatch.
    Dispatch(Dispatch),
}

impl Work {
    /// To dispatch this scope.
    pub(super) const fn dispatch(scope: Scope) -> Self {
        Work::Dispatch(Dispatch::start(scope))
    }

    const fn scope(self) -> Scope {
        match self {
            Work::Release { scope, .. } | Work::Free { scope, .. } | Work::Dispatch(Dispatch { scope, .. }) => scope,
        }
    }

    /// The change of a ledger that it asks for now.
    fn edit(self, scene: &Scene, task: u8) -> Option<(u8, Edit)> {
        match self {
            Work::Release { fence, .. } => Some((task, Edit::Release(fence))),
            Work::Free { right, .. } => Some((task, Edit::Free(right))),
            Work::Dispatch(dispatch) => dispatch.edit(scene),
        }
    }
}

/// What is left to do, in order: at most one thing for each scope, and a dispatch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Works([Option<Work>; 3]);

impl Works {
    /// Adds one more.
    pub(super) fn push(&mut self, work: Work) {
        if let Some(place) = self.0.iter_mut().find(|place| place.is_none()) {
            *place = Some(work);
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }

    /// Does the next thing for a message of this task. `None` at the end.
    pub(super) fn step(mut self, scene: &mut Scene, task: u8) -> Option<Works> {
        let work = self.0[0]?;
        let after = match work {
            Work::Dispatch(dispatch) => dispatch.step(scene),
            Work::Release { scope, .. } | Work::Free { scope, .. } => {
                if let Some((_, edit)) = work.edit(scene, task) {
                    scene.edit(task, scope, edit);
                }
                let silent = scene.breaks(Broken::NoDispatchAfterRelease)
                    || scope != Scope::Queue && scene.breaks(Broken::NoKeyDispatch);
                let dispatches = !(silent && matches!(work, Work::Release { .. }));
                dispatches.then_some(Dispatch::start(scope))
            }
        };
        self.0[0] = after.map(Work::Dispatch);
        if self.0[0].is_none() {
            self.0.rotate_left(1);
        }
        (!self.is_empty()).then_some(self)
    }

    /// The write that it makes next, if that may be made after the executor's death.
    pub(super) fn late(&self, scene: &Scene, task: u8) -> Option<Late> {
        let work = self.0[0]?;
        let (task, edit) = work.edit(scene, task)?;
        Some(Late::Edit { task, scope: work.scope(), edit })
    }

    /// Shows `visit` the permits in it, for a message of this task.
    pub(super) fn rights(&mut self, task: u8, visit: &mut impl FnMut(u8, Scope, &mut Right)) {
        for work in self.0.iter_mut().flatten() {
            match work {
                Work::Release { .. } => {}
                Work::Free { scope, right } => visit(task, *scope, right),
                Work::Dispatch(dispatch) => {
                    if let Some((task, rights)) = dispatch.rights() {
                        each_right(task, rights, visit);
                    }
                }
            }
        }
    }

    /// The same after `by` has passed.
    pub(super) fn later(self, by: Tick) -> Self {
        Works(self.0.map(|work| {
            work.map(|work| match work {
                Work::Release { .. } => work,
                Work::Free { scope, right } => Work::Free { scope, right: right.later(by) },
                Work::Dispatch(dispatch) => Work::Dispatch(dispatch.later(by)),
            })
        }))
    }
}
