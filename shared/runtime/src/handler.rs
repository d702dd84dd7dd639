//! Handlers of all kinds, for events, timers and audits.

/// A handler with what it works with: every call gets a clone of that, beside what it is called for.
pub fn with<C, A, R, H>(context: &C, handle: H) -> impl Fn(A) -> R + Send + Sync + 'static
where
    C: Clone + Send + Sync + 'static,
    A: 'static,
    R: 'static,
    H: Fn(C, A) -> R + Send + Sync + 'static,
{
    let context = context.clone();
    move |called_for| handle(context.clone(), called_for)
}
