//! From a compiled component to a plugin that answers.

use std::sync::Arc;

use crate::{
    Authorizer, CallError, Filter, Function, Handler, Integration, LoadError, MappingTemplate, Plugin,
    PluginSpec, Stats, World,
    bindings::lifecycle,
    compile::Compiled,
    engine::Engine,
    gate::Gate,
    instance::{Shared, Template},
    plugin::Core,
    pool::Pool,
    worlds::Exports,
};

pub(crate) async fn load(
    engine: &Arc<Engine>,
    compiled: Arc<Compiled>,
    spec: PluginSpec,
) -> Result<Plugin, LoadError> {
    let world = compiled.inspection.require_world()?;
    compiled.inspection.require_granted(&spec.grants)?;
    if world != World::Handler && !spec.grants.http.is_empty() {
        let message =
            format!("`grants.http` is for components of wasi:http, and this one is of world {world}");
        return Err(LoadError::Mismatch(message));
    }
    Ok(match world {
        World::Authorizer => {
            Plugin::Authorizer(Arc::new(Authorizer::new(start(engine, compiled, spec).await?)))
        }
        World::MappingTemplate => Plugin::MappingTemplate(Arc::new(MappingTemplate::new(
            start(engine, compiled, spec).await?,
        ))),
        World::Integration => {
            Plugin::Integration(Arc::new(Integration::new(start(engine, compiled, spec).await?)))
        }
        World::Filter => Plugin::Filter(Arc::new(Filter::new(start(engine, compiled, spec).await?))),
        World::Handler => Plugin::Handler(Arc::new(Handler::new(start(engine, compiled, spec).await?))),
        World::Function => Plugin::Function(Arc::new(Function::new(start(engine, compiled, spec).await?))),
    })
}

async fn start<E: Exports>(
    engine: &Arc<Engine>,
    compiled: Arc<Compiled>,
    spec: PluginSpec,
) -> Result<Core<E>, LoadError> {
    let template = template::<E>(engine, &compiled, &spec)?;
    let weight = engine
        .slots
        .weigh(&compiled.component)
        .map_err(LoadError::TooLarge)?;
    let key = spec.key();
    let shared = Arc::new(Shared {
        counters: spec.grants.counter.then(|| engine.counters.of(&spec.name)),
        name: spec.name.into(),
        config_json: spec.config_json,
        grants: spec.grants,
        limits: spec.limits,
        engine: engine.clone(),
        stats: Arc::new(Stats::default()),
        gate: Gate::new(engine.heavy.clone(), engine.heavy_guests),
        weight,
    });
    let limits = &shared.limits;
    let (instance, interest) = match tokio::time::timeout(limits.wall, template.start(&shared)).await {
        Ok(Ok(started)) => started,
        Ok(Err(CallError::Init { problems, .. })) => return Err(LoadError::Config { problems }),
        Ok(Err(error)) => return Err(LoadError::StartFailed(error)),
        Err(_) => {
            return Err(LoadError::StartFailed(CallError::Wall {
                plugin: shared.name.clone(),
                limit: limits.wall,
            }));
        }
    };
    let pool = Pool::new(shared, template, spec.isolation.unwrap_or(E::ISOLATION), compiled);
    pool.keep_first(instance);
    Ok(Core::new(key, interest, pool))
}

/// Checks the types of all imports and exports, before anything is instantiated.
fn template<E: Exports>(
    engine: &Engine,
    compiled: &Compiled,
    spec: &PluginSpec,
) -> Result<Template<E>, LoadError> {
    let mismatch = |error: wasmtime::Error| LoadError::Mismatch(format!("{error:#}"));
    let mut linker = engine.linker(&spec.grants).map_err(mismatch)?;
    E::link(&mut linker).map_err(mismatch)?;
    let pre = linker.instantiate_pre(&compiled.component).map_err(mismatch)?;
    let lifecycle = E::HAS_LIFECYCLE.then(|| lifecycle::GuestIndices::new(&pre));
    let lifecycle = lifecycle.transpose().map_err(mismatch)?;
    let indices = E::indices(&pre).map_err(mismatch)?;
    Ok(Template {
        pre,
        lifecycle,
        indices,
    })
}
