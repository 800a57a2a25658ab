//! AWS's services as moto (PyPI) has them, with boto3 beside to make what they need and to read what came of calls.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::ready::{Ready, here, python_of_moto};

/// A server of moto's, and boto3.
#[derive(Debug)]
pub struct Moto {
    process: Ready,
}

impl Moto {
    /// Starts one.
    pub async fn start() -> Self {
        let script = here("src/moto_server.py");
        Self {
            process: Ready::start(&python_of_moto(), &["-Bu".into(), script]).await,
        }
    }

    /// Where it is.
    pub fn endpoint(&self) -> &str {
        &self.process.told
    }

    /// A call of boto3, such as `("dynamodb", "get_item", …)`: what came back, or `Error`.
    pub async fn call(&mut self, service: &str, operation: &str, parameters: Value) -> Value {
        let call = json!({"service": service, "operation": operation, "parameters": parameters});
        let input = self.process.child.stdin.as_mut().expect("its input");
        input
            .write_all(format!("{call}\n").as_bytes())
            .await
            .expect("its input");
        let line = self.process.lines.next_line().await.expect("its output");
        serde_json::from_str(&line.expect("an answer")).expect("JSON")
    }
}
