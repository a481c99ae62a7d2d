use super::{ConnectOptions, Session};
use crate::Error;
use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

/// Sessions that are kept open between uses: for readers side by side.
///
/// Each is set up and checked as [`Session::connect`] does it. One that is given back is rolled back first; one that cannot be, or that
/// something still reads from, is closed instead. One that has rested for long is asked for a sign of life before it is given out.
#[derive(Clone)]
pub struct SessionPool(Arc<Shared>);

struct Shared {
    options: ConnectOptions,
    most: usize,
    state: Mutex<State>,
    given_back: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<(Session, Instant)>,
    in_use: usize,
}

/// A session of a [`SessionPool`], given back when it is dropped.
pub struct PooledSession {
    /// `None` only while it is dropped.
    session: Option<Session>,
    shared: Arc<Shared>,
}

/// A session that has rested for longer may have been cut off by a firewall or a profile's IDLE_TIME.
const RESTED: Duration = Duration::from_secs(60);

impl SessionPool {
    /// Of at most `most` sessions, at least one. None is opened yet.
    pub fn new(options: ConnectOptions, most: usize) -> Self {
        SessionPool(Arc::new(Shared {
            options,
            most: most.max(1),
            state: Mutex::default(),
            given_back: Condvar::new(),
        }))
    }

    /// A session: an idle one, else a new one; where all are in use, it waits until one is given back.
    ///
    /// # Errors
    /// Those of [`Session::connect`].
    pub fn get(&self) -> Result<PooledSession, Error> {
        let shared = &self.0;
        let mut state = shared.lock();
        while state.in_use >= shared.most {
            state = shared.given_back.wait(state).unwrap_or_else(|e| e.into_inner());
        }
        // Its place is taken before it is looked at, so that others do not wait for a round trip.
        state.in_use += 1;
        let idle = state.idle.pop();
        drop(state);
        let place = Place(shared);
        let session = match idle {
            Some((session, since)) if since.elapsed() < RESTED || session.ping().is_ok() => session,
            _ => Session::connect(&shared.options)?,
        };
        std::mem::forget(place);
        Ok(PooledSession { session: Some(session), shared: Arc::clone(shared) })
    }

    /// How many sessions rest, and how many are in use.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.0.lock();
        (state.idle.len(), state.in_use)
    }
}

/// A place among those in use, free again where no session comes of it.
struct Place<'a>(&'a Shared);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.give_back(None);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn give_back(&self, session: Option<Session>) {
        let mut state = self.lock();
        state.in_use -= 1;
        state.idle.extend(session.map(|session| (session, Instant::now())));
        drop(state);
        self.given_back.notify_one();
    }
}

impl Deref for PooledSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect("there until it is dropped")
    }
}

impl Drop for PooledSession {
    fn drop(&mut self) {
        let session = self.session.take().filter(|session| session.is_alone() && session.rollback().is_ok());
        self.shared.give_back(session);
    }
}

impl fmt::Debug for SessionPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (idle, in_use) = self.counts();
        f.debug_struct("SessionPool").field("idle", &idle).field("in_use", &in_use).finish_non_exhaustive()
    }
}

impl fmt::Debug for PooledSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.session, f)
    }
}
