//! Locks that stay usable after a panic. The world in which the panic happened reports it as a broken rule.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// Waits for the lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a lock of a world. A world runs on one thread, so waiting for a guard of that thread would never end.
///
/// # Panics
/// If the thread already holds it, for example by two guards in one statement.
pub(crate) fn lock_in_world<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    match mutex.try_lock() {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => unreachable!("this thread of the simulation holds the lock itself"),
    }
}
