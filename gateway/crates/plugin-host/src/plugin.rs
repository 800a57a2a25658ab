//! What the typed handles have in common.

use std::{fmt, sync::Arc};

use crate::{
    Authorizer, Filter, Function, Handler, Integration, Interest, MappingTemplate, PluginKey, Stats, World,
    pool::Pool, worlds::Exports,
};

/// A loaded plugin. Its instances live as long as a handle to it does.
#[derive(Debug, Clone)]
pub enum Plugin {
    /// Of the world `authorizer`.
    Authorizer(Arc<Authorizer>),
    /// Of the world `mapping-template`.
    MappingTemplate(Arc<MappingTemplate>),
    /// Of the world `integration`.
    Integration(Arc<Integration>),
    /// Of the world `filter`.
    Filter(Arc<Filter>),
    /// Of the world `function`.
    Function(Arc<Function>),
    /// Of the world `wasi:http`.
    Handler(Arc<Handler>),
}

impl Plugin {
    /// Its name in the configuration.
    pub fn name(&self) -> &str {
        match self {
            Self::Authorizer(plugin) => plugin.name(),
            Self::MappingTemplate(plugin) => plugin.name(),
            Self::Integration(plugin) => plugin.name(),
            Self::Filter(plugin) => plugin.name(),
            Self::Function(plugin) => plugin.name(),
            Self::Handler(plugin) => plugin.name(),
        }
    }

    /// Its identity.
    pub fn key(&self) -> &PluginKey {
        match self {
            Self::Authorizer(plugin) => plugin.key(),
            Self::MappingTemplate(plugin) => plugin.key(),
            Self::Integration(plugin) => plugin.key(),
            Self::Filter(plugin) => plugin.key(),
            Self::Function(plugin) => plugin.key(),
            Self::Handler(plugin) => plugin.key(),
        }
    }

    /// Its world.
    pub fn world(&self) -> World {
        match self {
            Self::Authorizer(_) => World::Authorizer,
            Self::MappingTemplate(_) => World::MappingTemplate,
            Self::Integration(_) => World::Integration,
            Self::Filter(_) => World::Filter,
            Self::Function(_) => World::Function,
            Self::Handler(_) => World::Handler,
        }
    }

    /// What it wants to see. Nothing else should be passed to it.
    pub fn interest(&self) -> &Interest {
        match self {
            Self::Authorizer(plugin) => plugin.interest(),
            Self::MappingTemplate(plugin) => plugin.interest(),
            Self::Integration(plugin) => plugin.interest(),
            Self::Filter(plugin) => plugin.interest(),
            Self::Function(plugin) => plugin.interest(),
            Self::Handler(plugin) => plugin.interest(),
        }
    }

    /// Its counters.
    pub fn stats(&self) -> &Arc<Stats> {
        match self {
            Self::Authorizer(plugin) => plugin.stats(),
            Self::MappingTemplate(plugin) => plugin.stats(),
            Self::Integration(plugin) => plugin.stats(),
            Self::Filter(plugin) => plugin.stats(),
            Self::Function(plugin) => plugin.stats(),
            Self::Handler(plugin) => plugin.stats(),
        }
    }
}

/// The inside of a typed handle.
pub(crate) struct Core<E: Exports> {
    pub(crate) key: PluginKey,
    pub(crate) interest: Interest,
    pub(crate) pool: Arc<Pool<E>>,
}

impl<E: Exports> Core<E> {
    pub(crate) fn new(key: PluginKey, interest: Interest, pool: Arc<Pool<E>>) -> Self {
        Self { key, interest, pool }
    }
}

impl<E: Exports> fmt::Debug for Core<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.pool.shared.name)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// The getters that each typed handle has.
macro_rules! handle {
    ($name:ident, $exports:ty) => {
        impl $name {
            pub(crate) fn new(core: $crate::plugin::Core<$exports>) -> Self {
                Self(core)
            }

            /// Its name in the configuration.
            pub fn name(&self) -> &str {
                &self.0.pool.shared.name
            }

            /// Its identity.
            pub fn key(&self) -> &$crate::PluginKey {
                &self.0.key
            }

            /// What it wants to see. Nothing else should be passed to it.
            pub fn interest(&self) -> &$crate::Interest {
                &self.0.interest
            }

            /// Its counters.
            pub fn stats(&self) -> &std::sync::Arc<$crate::Stats> {
                &self.0.pool.shared.stats
            }
        }
    };
}

pub(crate) use handle;
