//! What tests of a running gateway share: gateways on port 0, origins, clients
