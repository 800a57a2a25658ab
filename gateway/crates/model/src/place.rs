//! Where the parts of an API were written.

use crate::RestApi;

impl RestApi {
    /// The same API without where its parts were written: two that say the same are equal then.
    #[must_use]
    pub fn without_places(mut self) -> Self {
        let cleared = self
            .authorizers
            .values_mut()
            .map(|authorizer| &mut authorizer.pointer);
        let cleared = cleared.chain(self.models.values_mut().map(|model| &mut model.pointer));
        let cleared = cleared.chain(
            self.request_validators
                .values_mut()
                .map(|validator| &mut validator.pointer),
        );
        let cleared = cleared.chain(
            self.gateway_responses
                .values_mut()
                .map(|response| &mut response.pointer),
        );
        let cleared = cleared.chain(self.cors.iter_mut().map(|cors| &mut cors.pointer));
        cleared.for_each(String::clear);
        for resource in &mut self.resources {
            resource.pointer.clear();
            for method in resource.methods.values_mut() {
                method.pointer.clear();
                let responses = method.responses.values_mut();
                responses.for_each(|response| response.pointer.clear());
                if let Some(integration) = &mut method.integration {
                    integration.pointer.clear();
                    let responses = integration.responses.iter_mut();
                    responses.for_each(|response| response.pointer.clear());
                }
            }
        }
        self
    }
}
