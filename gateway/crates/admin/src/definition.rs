//! Documents to the model: what a snapshot of an API means to a gateway.
