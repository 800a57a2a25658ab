//! Stages of the control plane: made live one at a time, tried, and ended.

use std::sync::Arc;

use portcullis_document::Problem;

use super::{Mode, Reconciler, compile_missing, tidy};
use crate::background;
use crate::compile::template::templates_of;
use crate::config::Sources;
use crate::kept::KeptStage;
use crate::live::StageId;
use crate::plan::StageLive;

impl Reconciler {
    /// Makes all that the control plane keeps live, as at a start. What has errors is told and keeps nothing else back.
    pub async fn publish_all(&mut self, stages: impl IntoIterator<Item = KeptStage>) -> Vec<Problem> {
        let stages = stages
            .into_iter()
            .map(|stage| (stage.id.clone(), Arc::new(stage)));
        self.kept.extend(stages);
        let Some(sources) = self.sources.load_full() else {
            return Vec::new();
        };
        let mut loaded = self.loaded_now(&sources);
        self.compile_templates(&sources, &loaded).await;
        loaded.templates = self.templates.clone();
        let (plans, mut problems) = self.compile_all(Mode::Reload, sources, loaded).await;
        let mut swaps = Vec::with_capacity(plans.len());
        for (id, hash, plan) in plans {
            self.stages.insert(id.clone(), hash);
            swaps.push((id, plan));
        }
        self.make_live(swaps, &[]);
        tidy(&mut problems);
        problems
    }

    /// Makes a stage of the control plane live, or ends it. What has errors keeps what it had.
    pub async fn publish(&mut self, id: StageId, stage: Option<KeptStage>) -> Vec<Problem> {
        let Some(stage) = stage.map(Arc::new) else {
            self.kept.remove(&id);
            return self.end(&id).await;
        };
        self.kept.insert(id.clone(), stage.clone());
        let Some(sources) = self.sources.load_full() else {
            return Vec::new();
        };
        let (plan, hash, problems) = self.compile_kept(sources, stage).await;
        if let Some(plan) = plan {
            self.stages.insert(id.clone(), hash);
            let replaced = self.make_live(vec![(id, plan)], &[]);
            let _ = background::run(move || drop(replaced)).await;
        }
        problems
    }

    /// What is wrong with a definition that is to be deployed; nothing becomes live.
    pub async fn check_kept(&mut self, stage: KeptStage) -> Vec<Problem> {
        let Some(sources) = self.sources.load_full() else {
            return Vec::new();
        };
        let (_, _, problems) = self.compile_kept(sources, Arc::new(stage)).await;
        problems
    }

    /// The plan of a stage that never becomes live, for a test invocation. Of its templates, those that nothing else has are
    /// compiled for it alone: what is tried while it is edited is not kept.
    pub async fn compile_tried(&self, stage: KeptStage) -> (Option<StageLive>, Vec<Problem>) {
        let Some(sources) = self.sources.load_full() else {
            let problem = Problem::in_file(
                "gateway.toml",
                "internal",
                "the configuration has not been read yet",
            );
            return (None, vec![problem]);
        };
        let mut loaded = self.loaded_now(&sources);
        let mut templates = self.templates.clone();
        compile_missing(&mut templates, templates_of(&stage.base.api), &loaded).await;
        loaded.templates = templates;
        let compiled = self.compiling(sources, loaded, move |compiler| compiler.tried(&stage));
        compiled.await.unwrap_or_else(|problem| (None, vec![problem]))
    }

    /// Ends all stages of an API of the control plane.
    pub async fn end_api(&mut self, api: &str) -> Vec<Problem> {
        let of_api = self.kept.keys().filter(|id| *id.api == *api);
        let ended: Vec<StageId> = of_api.cloned().collect();
        for id in &ended {
            self.kept.remove(id);
            self.stages.remove(id);
        }
        let replaced = self.make_live(Vec::new(), &ended);
        let _ = background::run(move || drop(replaced)).await;
        Vec::new()
    }

    async fn end(&mut self, id: &StageId) -> Vec<Problem> {
        self.stages.remove(id);
        let replaced = self.make_live(Vec::new(), std::slice::from_ref(id));
        let _ = background::run(move || drop(replaced)).await;
        Vec::new()
    }

    async fn compile_kept(
        &mut self,
        sources: Arc<Sources>,
        stage: Arc<KeptStage>,
    ) -> (Option<StageLive>, crate::config::Hash, Vec<Problem>) {
        let mut loaded = self.loaded_now(&sources);
        let apis = stage.deployments().map(|deployment| deployment.api.clone());
        let apis: Vec<_> = apis.collect();
        for api in &apis {
            compile_missing(&mut self.templates, templates_of(api), &loaded).await;
        }
        loaded.templates = self.templates.clone();
        let compiled = self.compiling(sources, loaded, move |compiler| {
            let hash = compiler.hash_of_kept(&stage);
            let (plan, problems) = compiler.kept(&stage);
            (plan, hash, problems)
        });
        compiled
            .await
            .unwrap_or_else(|problem| (None, [0; 32], vec![problem]))
    }
}
