//! OpenAPI documents to the model
