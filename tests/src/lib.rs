//! End-to-end suites against the running gateway.
