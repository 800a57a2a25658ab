//! `portcullis rollback API STAGE`

use clap::Args;
use serde_json::Value;

use super::client::{Connection, path};
use super::deployments::{self, created};
use super::failure::{Failure, code};
use super::patch::replace;
use super::print;
use super::table::{self, date_of, text};

/// Let a stage serve an earlier deployment again
///
/// Points a stage at an earlier deployment. What was edited since stays as it is; a later `deploy` serves it. The stage's
/// settings and its canary stay too.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  portcullis rollback shop prod\n  portcullis rollback shop prod a1b2c3")]
pub(super) struct Rollback {
    #[command(flatten)]
    connection: Connection,
    /// The API's id, or its name where no other API has it
    #[arg(value_name = "API")]
    api: String,
    /// The stage
    #[arg(value_name = "STAGE")]
    stage: String,
    /// The deployment to serve [default: the one that was made before the present one]
    #[arg(value_name = "DEPLOYMENT")]
    deployment: Option<String>,
}

impl Rollback {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let client = self.connection.client()?;
        let api = client.api(&self.api)?;
        let place = path(&["restapis", &api, "stages", &self.stage]);
        let present = client.get(&place)?;
        let present = text(&present, "deploymentId");
        let chosen = if let Some(deployment) = self.deployment {
            client.get(&path(&["restapis", &api, "deployments", &deployment]))?
        } else {
            before(&deployments::of(&client, &api)?, present)?.clone()
        };
        let stage = client.patch(&place, vec![replace("/deploymentId", text(&chosen, "id"))])?;
        if self.connection.json {
            table::json(&stage);
            return Ok(());
        }
        print::out(&format!(
            "stage {} runs {}; before it ran {present}",
            self.stage,
            told(&chosen)
        ));
        if stage.get("canarySettings").is_some() {
            print::err("note: its canary runs on; `portcullis canary API STAGE stop` ends it");
        }
        Ok(())
    }
}

/// The deployment that was made before the present one; they are sorted, the newest first.
fn before<'d>(deployments: &'d [Value], present: &str) -> Result<&'d Value, Failure> {
    let lost = || {
        Failure::problem(format!(
            "the present deployment {present} is not among those of the API"
        ))
        .hint("name the deployment to serve; `portcullis deployments API` lists them")
    };
    let of_present = deployments
        .iter()
        .find(|deployment| text(deployment, "id") == present)
        .map(created)
        .ok_or_else(lost)?;
    let others = || {
        deployments
            .iter()
            .filter(|deployment| text(deployment, "id") != present)
    };
    let same = |time: f64| move |deployment: &&Value| created(deployment).total_cmp(&time).is_eq();
    // Times are of seconds: of those of one second nobody knows the order.
    let earlier = others().find(|deployment| created(deployment) <= of_present);
    let Some(earlier) = earlier else {
        return Err(Failure::problem(format!(
            "no deployment was made before the present one, {present}"
        ))
        .hint("`portcullis deployments API` lists what there is"));
    };
    let time = created(earlier);
    let candidates: Vec<&Value> = others().filter(same(time)).collect();
    if candidates.len() > 1 || time.total_cmp(&of_present).is_eq() {
        let candidates: Vec<String> = candidates.into_iter().map(told).collect();
        return Err(Failure::problem(
            "which deployment was before is not known: several were made in one second",
        )
        .hint(format!("name the one to serve: {}", candidates.join("; "))));
    }
    Ok(earlier)
}

/// A deployment for people.
fn told(deployment: &Value) -> String {
    let about = match text(deployment, "description") {
        "" => String::new(),
        description => format!(", {description}"),
    };
    let (id, date) = (text(deployment, "id"), date_of(deployment, "createdDate"));
    print::one_line(&format!("{id} ({date}{about})"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_one_before_is_by_date() {
        let deployments = [("d", 30), ("c", 20), ("b2", 10), ("b1", 10), ("a", 5)]
            .map(|(id, date)| json!({"id": id, "createdDate": date}));
        let of = |present: &str| before(&deployments, present).ok().map(|found| text(found, "id"));
        for (present, expected) in [
            ("d", Some("c")),
            // Two of one second.
            ("c", None),
            // The other one of its second.
            ("b1", None),
            // The first.
            ("a", None),
            ("unknown", None),
        ] {
            assert_eq!(of(present), expected, "{present}");
        }
    }
}
