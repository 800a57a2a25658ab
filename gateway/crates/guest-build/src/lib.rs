//! Builds workspaces of WebAssembly components from a build script
