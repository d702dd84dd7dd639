//! The gateway as a process.

/// Requests allocate on one thread and free on another; glibc's allocator makes them wait for each other there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    runtime::main("gateway", gateway::run)
}
