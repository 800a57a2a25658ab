//! The filters of a stage: those of its web ACL, and then its own.

use portcullis_document::pointer;
use portcullis_plugin_host::Plugin;

use super::{Arns, Compiler};
use crate::config::web_acl_arn;
use crate::plan::{FilterPlan, PluginUse};

impl Compiler<'_> {
    /// `$context.webaclArn`
    pub(super) fn web_acl_arn(&self) -> Option<Box<str>> {
        let Arns { region, account, .. } = self.input.arns;
        let name = self.input.settings.web_acl.as_ref()?;
        Some(web_acl_arn(region, account, name).into())
    }

    pub(super) fn filters(&mut self) -> Vec<FilterPlan> {
        let input = self.input;
        let mut filters = Vec::new();
        if let Some(name) = &input.settings.web_acl {
            match input.web_acls.get(name) {
                Some(acl) => {
                    let at = pointer(["web_acls", name, "filters"]);
                    self.add_filters(&at, &acl.filters, &mut filters);
                }
                None => filters.push(self.closed_for(name)),
            }
        }
        let at = pointer(["apis", &input.api.id, "stages", input.stage, "filters"]);
        self.add_filters(&at, &input.settings.filters, &mut filters);
        filters
    }

    fn add_filters(&mut self, at: &str, names: &[String], into: &mut Vec<FilterPlan>) {
        let document = self.input.config;
        for (index, name) in names.iter().enumerate() {
            let at = format!("{at}/{index}");
            let plugin = self.plugin(document, &at, name, "filter", |plugin| match plugin {
                Plugin::Filter(filter) => Some(filter.clone()),
                _ => None,
            });
            into.extend(plugin.map(|plugin| FilterPlan {
                name: name.as_str().into(),
                plugin,
            }));
        }
    }

    /// The web ACL that the control plane knows is in `gateway.toml` no longer: nothing passes.
    fn closed_for(&mut self, name: &str) -> FilterPlan {
        let Self { input, .. } = self;
        let message = format!(
            "the stage {} is closed: there is no web ACL `{name}`, with which it is associated",
            input.stage
        );
        let problem = input.document.warning("unknown-web-acl", "", message);
        let hint = format!("add [web_acls.{name}] to gateway.toml, or disassociate the stage from it");
        self.push(problem.hint(hint));
        FilterPlan {
            name: name.into(),
            plugin: PluginUse::Broken { name: name.into() },
        }
    }
}
