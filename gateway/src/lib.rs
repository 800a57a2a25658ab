//! A self-hosted, programmable API gateway
