//! What operations share.

use portcullis_model::Documentation;

use crate::body::ContentTypes;
use crate::context::Context;
use crate::documentation;
use crate::model::Models;
use crate::notes::Notes;
use crate::security::{Inherited, Schemes};
use crate::validator::Validators;
use crate::version::Version;

/// What the operations of a document may name, and what holds for those that say nothing of their own.
pub(crate) struct Scope<'d> {
    pub(crate) version: Version,
    pub(crate) schemes: Schemes,
    pub(crate) inherited: Inherited,
    pub(crate) validators: Validators<'d>,
    pub(crate) content_types: ContentTypes<'d>,
    pub(crate) models: Models,
    pub(crate) notes: Notes,
}

impl<'d> Scope<'d> {
    pub(crate) fn read(context: &mut Context<'d>, version: Version) -> Self {
        let root = context.root();
        let schemes = Schemes::read(context, version);
        Self {
            version,
            inherited: Inherited::read(context, &root, &schemes),
            schemes,
            validators: Validators::read(context, &root),
            content_types: ContentTypes::read(&root),
            models: Models::read(context, version),
            notes: Notes::new(match context.keeps() {
                true => documentation::of_extension(context, &root),
                false => Documentation::default(),
            }),
        }
    }
}
