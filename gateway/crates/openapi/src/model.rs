//! Models: the named schemas of a document, and those that stand where they are used.

use std::collections::{BTreeMap, HashMap, HashSet};

use portcullis_document::unescape;
use portcullis_model::Model;

use crate::context::{At, Context};
use crate::key::OUR_MODEL;
use crate::reference::{each, reference, target};
use crate::schema::{address, address_of, fragment, references};
use crate::version::Version;

/// What API Gateway takes all models of a document for.
pub(crate) const CONTENT_TYPE: &str = "application/json";

/// The models of an API while it is read.
#[derive(Debug)]
pub(crate) struct Models {
    /// The pointer to the named schemas, with a slash at its end.
    home: &'static str,
    by_name: BTreeMap<String, Model>,
    /// The names of schemas that have none in the document, by their pointers. `None`: has been reported.
    inline: HashMap<String, Option<String>>,
    /// How often a name has been wanted for an inline schema.
    wanted: HashMap<String, usize>,
    /// Keywords of later drafts that have been told.
    later: HashSet<&'static str>,
    /// References out of the named schemas, of an API that is kept: where they are, and where they lead.
    outside: Vec<(String, String)>,
}

/// Keywords that JSON Schema got after draft 4, as OpenAPI 3.1 has them.
const LATER: [&str; 15] = [
    "$defs",
    "$dynamicRef",
    "const",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

impl Models {
    /// Reads the named schemas.
    pub(crate) fn read(context: &mut Context<'_>, version: Version) -> Self {
        let mut models = Self {
            home: match version {
                Version::Two => "/definitions/",
                Version::Three => "/components/schemas/",
            },
            by_name: BTreeMap::new(),
            inline: HashMap::new(),
            wanted: HashMap::new(),
            later: HashSet::new(),
            outside: Vec::new(),
        };
        let root = context.root();
        let schemas = match version {
            Version::Two => root.member("definitions"),
            Version::Three => root.member("components").and_then(|at| at.member("schemas")),
        };
        if let Some(schemas) = schemas {
            context.object(&schemas);
            for (name, at) in schemas.members() {
                if let Some(model) = models.model(context, &at) {
                    models.by_name.insert(name.to_owned(), model);
                }
            }
        }
        models
    }

    /// All models. References to what has become one are references to models now.
    pub(crate) fn finish(mut self, context: &mut Context<'_>) -> BTreeMap<String, Model> {
        if self.outside.is_empty() {
            return self.by_name;
        }
        let api = context.options.api_id;
        for model in self
            .by_name
            .values_mut()
            .filter(|model| model.schema.contains("\"#/"))
        {
            let Ok(mut schema) = serde_json::from_str(&model.schema) else {
                continue;
            };
            references(&mut schema, &mut |reference| {
                let (name, rest) = within(&self.inline, &target(context.document, reference).ok()?)?;
                Some(address_of(&name, &fragment(&rest), api))
            });
            model.schema = schema.to_string();
        }
        for (at, leads) in &self.outside {
            if within(&self.inline, leads).is_none() {
                let message = format!("the $ref \"#{leads}\" of a schema leads to no model");
                context.error("reference", at, message);
            }
        }
        self.by_name
    }

    /// The name of the model that a schema is: the one it refers to, or one made of `wanted` for what stands here
    /// itself. `None` after a problem.
    pub(crate) fn name_of<'d>(
        &mut self,
        context: &mut Context<'d>,
        at: &At<'d>,
        wanted: &str,
    ) -> Option<String> {
        if let Some(name) = reference(at.node)
            && let Ok(pointer) = target(context.document, name)
            && context.document.find(&pointer).is_some()
            && let Some(name) = self.named(&pointer)
        {
            return Some(name);
        }
        let at = context.resolve(at)?;
        if let Some(name) = self.named(&at.pointer) {
            return Some(name);
        }
        if let Some(known) = self.inline.get(&at.pointer) {
            return known.clone();
        }
        let model = self.model(context, &at);
        let name = model.map(|model| self.insert(wanted, model));
        self.inline.insert(at.pointer, name.clone());
        name
    }

    /// The name in a pointer to a named schema.
    fn named(&self, pointer: &str) -> Option<String> {
        let name = pointer.strip_prefix(self.home)?;
        (!name.contains('/')).then(|| unescape(name).into_owned())
    }

    /// Keeps a model under `wanted`, or with the first number behind it that is free.
    fn insert(&mut self, wanted: &str, model: Model) -> String {
        let count = self.wanted.entry(wanted.to_owned()).or_insert(0);
        let name = loop {
            *count += 1;
            let name = match *count {
                1 => wanted.to_owned(),
                count => format!("{wanted}{count}"),
            };
            if !self.by_name.contains_key(&name) {
                break name;
            }
        };
        self.by_name.insert(name.clone(), model);
        name
    }

    /// Whether there is a named schema of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    fn model<'d>(&mut self, context: &mut Context<'d>, at: &At<'d>) -> Option<Model> {
        context.object(at)?;
        self.check_references(context, at)?;
        self.check_keywords(context, at);
        let mut schema = at.node.to_json();
        if context.keeps() {
            let api = context.options.api_id;
            references(&mut schema, &mut |reference| address(reference, api));
        }
        let ours = schema
            .as_object_mut()
            .and_then(|schema| schema.shift_remove(OUR_MODEL));
        let said = |key: &str| Some(ours.as_ref()?.get(key)?.as_str()?.to_owned());
        Some(Model {
            pointer: at.pointer.clone(),
            description: said("description"),
            content_type: said("contentType").unwrap_or_else(|| CONTENT_TYPE.to_owned()),
            schema: said("schema").unwrap_or_else(|| schema.to_string()),
        })
    }

    /// Says once of each keyword that nothing will check it.
    fn check_keywords(&mut self, context: &mut Context<'_>, at: &At<'_>) {
        each(at, &mut |at| {
            let members = at.node.as_object().into_iter().flatten();
            for member in members {
                if let Some(keyword) = LATER.iter().find(|keyword| **keyword == member.key)
                    && self.later.insert(keyword)
                {
                    let message = format!(
                        "\"{keyword}\" is of a later JSON Schema than draft 4, which models are: it is kept, and nothing checks it"
                    );
                    context.warning("unused", &at.at(keyword), message);
                }
            }
            true
        });
    }

    /// A model can only refer to other models: the rest of the document is not there when a body is checked.
    fn check_references(&mut self, context: &mut Context<'_>, at: &At<'_>) -> Option<()> {
        let mut right = Some(());
        each(at, &mut |at| {
            // One that leads nowhere has been reported, as every one of the document.
            let leads = reference(at.node)
                .and_then(|name| Some((name, target(context.document, name).ok()?)))
                .filter(|(_, pointer)| context.document.find(pointer).is_some());
            if let Some((name, pointer)) = leads
                && !pointer.starts_with(self.home)
            {
                if context.keeps() {
                    self.outside.push((at.at("$ref"), pointer));
                    return true;
                }
                let message = format!("the $ref \"{name}\" of a schema leads to no model");
                let hint = format!(
                    "a schema may refer to what is in \"#{}\"",
                    self.home.trim_end_matches('/')
                );
                context.error_with_hint("reference", &at.at("$ref"), message, hint);
                right = None;
            }
            true
        });
        right
    }
}

/// The model that what a pointer leads to is in, and the way further into it.
fn within(inline: &HashMap<String, Option<String>>, pointer: &str) -> Option<(String, String)> {
    let mut end = pointer.len();
    loop {
        let (schema, rest) = pointer.split_at_checked(end)?;
        if let Some(Some(name)) = inline.get(schema) {
            return Some((name.clone(), rest.to_owned()));
        }
        end = schema.rfind('/')?;
    }
}

/// The beginning of the names of a method's inline models, such as `PetsPetIdPost`.
pub(crate) fn stem(path: &str, verb: &str) -> String {
    let mut stem = String::new();
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        stem.push_str(&first.to_ascii_uppercase());
        stem.push_str(rest);
    }
    if stem.is_empty() {
        stem.push_str("Root");
    }
    let (first, rest) = verb.split_at(verb.len().min(1));
    stem.push_str(first);
    stem.push_str(&rest.to_ascii_lowercase());
    stem
}
