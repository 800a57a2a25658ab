mod parse;
mod property;
mod schema;
