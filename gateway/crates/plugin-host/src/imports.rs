//! What a component exports and imports, and what that says of it.

use std::fmt;

use wasmtime::{Engine, component::Component};

use crate::{Grants, LoadError, wasi};

const PACKAGE: &str = "portcullis:plugin/";
const VERSION: &str = "@0.1.0";
const LIFECYCLE: &str = "portcullis:plugin/lifecycle@0.1.0";
const TYPES: &str = "portcullis:plugin/types@0.1.0";

/// What makes a component one of `wasi:http`, of any 0.2 release.
const INCOMING: &str = "wasi:http/incoming-handler";
/// What it imports beside.
const OF_HANDLERS: [&str; 2] = ["wasi:http/outgoing-handler", "wasi:http/types"];

/// The capabilities, with the grant of each.
const CAPABILITIES: [(&str, &str, IsGranted); 2] = [
    ("portcullis:plugin/counter@0.1.0", "counter", |grants| {
        grants.counter
    }),
    ("portcullis:plugin/log@0.1.0", "log", |grants| grants.log),
];

type IsGranted = fn(&Grants) -> bool;

/// What a plugin is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum World {
    /// Decides who may call.
    Authorizer,
    /// Renders templates.
    MappingTemplate,
    /// Answers requests.
    Integration,
    /// Lets requests pass, changes or blocks them.
    Filter,
    /// Answers events.
    Function,
    /// Answers requests, as any component of `wasi:http` does.
    Handler,
}

impl World {
    const ALL: [Self; 6] = [
        Self::Authorizer,
        Self::MappingTemplate,
        Self::Integration,
        Self::Filter,
        Self::Function,
        Self::Handler,
    ];

    /// The world's name in the WIT package.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorizer => "authorizer",
            Self::MappingTemplate => "mapping-template",
            Self::Integration => "integration",
            Self::Filter => "filter",
            Self::Function => "function",
            Self::Handler => "wasi:http",
        }
    }

    /// Whether that export makes up the world, beside the lifecycle.
    fn is_of(self, export: &str) -> bool {
        match self {
            Self::Handler => wasi::is_of(export, INCOMING),
            world => export == world.interface(),
        }
    }

    /// What it exports.
    fn interface(self) -> &'static str {
        match self {
            Self::Authorizer => "portcullis:plugin/authorization@0.1.0",
            Self::MappingTemplate => "portcullis:plugin/mapping@0.1.0",
            Self::Integration => "portcullis:plugin/handling@0.1.0",
            Self::Filter => "portcullis:plugin/filtering@0.1.0",
            Self::Function => "portcullis:plugin/invocation@0.1.0",
            Self::Handler => INCOMING,
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What `portcullis plugin check` says of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Its world, if its exports make up exactly one.
    pub world: Option<World>,
    /// The names of its imports, sorted.
    pub imports: Vec<String>,
    /// The names of its exports, sorted.
    pub exports: Vec<String>,
}

impl Inspection {
    pub(crate) fn of(engine: &Engine, component: &Component) -> Self {
        let ty = component.component_type();
        // Sorted: their order in the file is the toolchain's whim.
        let mut imports: Vec<String> = ty.imports(engine).map(|(name, _)| name.to_owned()).collect();
        imports.sort_unstable();
        let mut exports: Vec<String> = ty.exports(engine).map(|(name, _)| name.to_owned()).collect();
        exports.sort_unstable();
        let mut inspection = Self {
            world: None,
            imports,
            exports,
        };
        inspection.world = inspection.require_world().ok();
        inspection
    }

    /// The one world whose exports are complete.
    pub(crate) fn require_world(&self) -> Result<World, LoadError> {
        if let Some(found) = self
            .imports
            .iter()
            .chain(&self.exports)
            .find(|name| is_other_version(name))
        {
            return Err(LoadError::WrongVersion { found: found.clone() });
        }
        let worlds: Vec<World> = World::ALL
            .into_iter()
            .filter(|world| self.exports.iter().any(|export| world.is_of(export)))
            .collect();
        let has_lifecycle = self.exports.iter().any(|export| export == LIFECYCLE);
        match worlds.as_slice() {
            [World::Handler] if !has_lifecycle => Ok(World::Handler),
            [World::Handler] => Err(LoadError::ManyWorlds { worlds }),
            [world] if has_lifecycle => Ok(*world),
            [] | [_] => Err(LoadError::NoWorld {
                exports: self.exports.clone(),
            }),
            _ => Err(LoadError::ManyWorlds { worlds }),
        }
    }

    /// Refuses the first import that is not offered or not granted.
    pub(crate) fn require_granted(&self, grants: &Grants) -> Result<(), LoadError> {
        for import in &self.imports {
            let of_handler = |name: &str| wasi::is_of(import, name);
            let offered =
                self.world == Some(World::Handler) && OF_HANDLERS.iter().any(|name| of_handler(name));
            if import == TYPES || wasi::offers(import) || offered {
                continue;
            }
            let import = import.clone();
            let known = CAPABILITIES.iter().find(|(name, ..)| *name == import);
            let Some((_, grant, is_granted)) = known else {
                return Err(LoadError::ImportUnknown { import });
            };
            if !is_granted(grants) {
                return Err(LoadError::ImportNotGranted { import, grant });
            }
        }
        Ok(())
    }
}

fn is_other_version(name: &str) -> bool {
    name.starts_with(PACKAGE) && !name.ends_with(VERSION)
}
