//! Runs plugins: sandboxed WebAssembly components behind the worlds of wit/
