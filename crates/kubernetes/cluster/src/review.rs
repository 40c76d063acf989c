//! What the server itself says of who may do what (`authorization.k8s.io/v1`).

use bulkhead_rbac::{Identity, Request, Target};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Method, ask};
use crate::error::ClusterError;

/// How many questions are open at once.
const OPEN: usize = 32;

#[derive(Deserialize)]
struct Review {
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    allowed: bool,
}

impl Cluster {
    /// Asks the server whether each of these is allowed, many at a time, and gives the answers in the
    /// same order. Nothing is done.
    ///
    /// # Errors
    /// Where the server does not answer one of them, or we may not ask.
    pub fn reviews(&self, questions: &[(Identity, Request)]) -> Result<Vec<bool>, ClusterError> {
        let mut answers = Vec::with_capacity(questions.len());
        for some in questions.chunks(OPEN) {
            let tasks: Vec<_> = some
                .iter()
                .map(|(identity, request)| {
                    let (client, review) = (self.client.clone(), review(identity, request));
                    self.runtime.spawn(async move {
                        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
                        ask::<Review>(&client, Method::Post, path, Some(&review)).await
                    })
                })
                .collect();
            for task in tasks {
                let review = self.runtime.block_on(task).map_err(std::io::Error::other)??;
                answers.push(review.status.allowed);
            }
        }
        Ok(answers)
    }
}

fn review(identity: &Identity, request: &Request) -> Value {
    let mut spec = json!({ "user": identity.user, "groups": identity.groups });
    let (field, attributes) = match &request.target {
        Target::Resource(target) => (
            "resourceAttributes",
            json!({
                "verb": request.verb,
                "group": target.group,
                "resource": target.resource,
                "subresource": target.subresource,
                "namespace": target.namespace,
                "name": target.name,
            }),
        ),
        Target::Url(path) => {
            ("nonResourceAttributes", json!({ "verb": request.verb, "path": path }))
        }
    };
    if let Some(spec) = spec.as_object_mut() {
        spec.insert(field.to_owned(), attributes);
    }
    json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec })
}
