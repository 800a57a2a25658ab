//! Documents with positions: JSON, YAML and TOML as one ordered tree, and the problems found in them
