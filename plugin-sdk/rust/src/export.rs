//! The macros that make a component of a plugin's type.

/// The instance of a component: made by `init`, used by every call after it.
#[cfg(target_family = "wasm")]
#[derive(Debug)]
pub struct Slot<P>(std::cell::RefCell<Option<P>>);

#[cfg(target_family = "wasm")]
impl<P: crate::Plugin> Slot<P> {
    /// No instance yet.
    pub const fn empty() -> Self {
        Self(std::cell::RefCell::new(None))
    }

    /// Makes the instance; what it wants to see.
    pub fn init(&self, config_json: &str) -> Result<crate::Interest, Vec<crate::Problem>> {
        let plugin: P = crate::config::load(config_json)?;
        let interest = plugin.interest();
        self.0.replace(Some(plugin));
        Ok(interest)
    }

    /// Calls the instance.
    pub fn call<T>(&self, call: impl FnOnce(&mut P) -> Result<T, crate::Fault>) -> Result<T, crate::Fault> {
        match self.0.borrow_mut().as_mut() {
            Some(plugin) => call(plugin),
            None => Err(crate::Fault::internal("called before init")),
        }
    }

    /// The same, where the call may change the instance.
    pub fn with_mut<T>(&self, call: impl FnOnce(&mut P) -> T) -> T {
        match self.0.borrow_mut().as_mut() {
            Some(plugin) => call(plugin),
            None => panic!("called before init"),
        }
    }

    /// Calls the instance where a fault is no answer; traps before `init`, which the gateway calls first.
    pub fn with<T>(&self, call: impl FnOnce(&P) -> T) -> T {
        match self.0.borrow().as_ref() {
            Some(plugin) => call(plugin),
            None => panic!("called before init"),
        }
    }
}

/// Exports a type as a component of the world `authorizer`: `export_authorizer!(MyAuthorizer);`, once in a crate.
///
/// Elsewhere than in Wasm it only checks that the type is an [`Authorizer`](crate::Authorizer), which holds an example.
#[macro_export]
macro_rules! export_authorizer {
    ($plugin:ty) => {
        $crate::__export_world!($plugin, authorization, Authorizer, {
            impl $crate::private::authorization::Guest for Component {
                fn authorize(
                    method_arn: ::std::string::String,
                    token: ::std::option::Option<::std::string::String>,
                    request: $crate::Request,
                ) -> ::std::result::Result<$crate::Decision, $crate::Fault> {
                    SLOT.with(|slot| {
                        slot.call(|plugin| {
                            $crate::Authorizer::authorize(plugin, &method_arn, token.as_deref(), request)
                        })
                    })
                }
            }
        });
    };
}

/// Exports a type as a component of the world `mapping-template`: `export_mapping_template!(MyEngine);`, once in a crate.
///
/// Elsewhere than in Wasm it only checks that the type is a [`MappingTemplate`](crate::MappingTemplate), which holds an
/// example.
#[macro_export]
macro_rules! export_mapping_template {
    ($plugin:ty) => {
        $crate::__export_world!($plugin, mapping, MappingTemplate, {
            struct Compiled(<$plugin as $crate::MappingTemplate>::Template);

            impl $crate::private::mapping::Guest for Component {
                type Template = Compiled;
            }

            impl $crate::private::mapping::GuestTemplate for Compiled {
                fn compile(
                    source: ::std::string::String,
                    options: ::std::vec::Vec<(::std::string::String, ::std::string::String)>,
                ) -> ::std::result::Result<
                    ($crate::private::mapping::Template, $crate::Reads),
                    $crate::SyntaxError,
                > {
                    SLOT.with(|slot| {
                        slot.with(|plugin| {
                            $crate::MappingTemplate::compile(plugin, &source, &options).map(
                                |(template, reads)| {
                                    (
                                        $crate::private::mapping::Template::new(Compiled(template)),
                                        reads,
                                    )
                                },
                            )
                        })
                    })
                }

                fn render(
                    &self,
                    input: $crate::TemplateInput,
                ) -> ::std::result::Result<$crate::Rendered, $crate::RenderError> {
                    SLOT.with(|slot| {
                        slot.with(|plugin| $crate::MappingTemplate::render(plugin, &self.0, input))
                    })
                }
            }
        });
    };
}

/// Exports a type as a component of the world `integration`: `export_integration!(MyIntegration);`, once in a crate.
///
/// Elsewhere than in Wasm it only checks that the type is an [`Integration`](crate::Integration), which holds an
/// example.
#[macro_export]
macro_rules! export_integration {
    ($plugin:ty) => {
        $crate::__export_world!($plugin, handling, Integration, {
            impl $crate::private::handling::Guest for Component {
                fn handle(
                    request: $crate::Request,
                ) -> ::std::result::Result<$crate::Response, $crate::Fault> {
                    SLOT.with(|slot| slot.call(|plugin| $crate::Integration::handle(plugin, request)))
                }
            }
        });
    };
}

/// Exports a type as a component of the world `filter`: `export_filter!(MyFilter);`, once in a crate.
///
/// Elsewhere than in Wasm it only checks that the type is a [`Filter`](crate::Filter), which holds an example.
#[macro_export]
macro_rules! export_filter {
    ($plugin:ty) => {
        $crate::__export_world!($plugin, filtering, Filter, {
            impl $crate::private::filtering::Guest for Component {
                fn on_request(
                    request: $crate::Request,
                ) -> ::std::result::Result<$crate::Verdict, $crate::Fault> {
                    SLOT.with(|slot| slot.call(|plugin| $crate::Filter::on_request(plugin, request)))
                }

                fn on_response(
                    head: $crate::ResponseHead,
                ) -> ::std::result::Result<::std::option::Option<$crate::ResponseEdit>, $crate::Fault>
                {
                    SLOT.with(|slot| slot.call(|plugin| $crate::Filter::on_response(plugin, head)))
                }
            }
        });
    };
}

/// Exports a type as a component of the world `function`: `export_function!(MyFunction);`, once in a crate.
///
/// Elsewhere than in Wasm it only checks that the type is a [`Function`](crate::Function), which holds an example.
#[macro_export]
macro_rules! export_function {
    ($plugin:ty) => {
        $crate::__export_world!($plugin, invocation, Function, {
            impl $crate::private::invocation::Guest for Component {
                fn invoke(
                    event_json: ::std::string::String,
                    invoked: $crate::Invocation,
                ) -> ::std::result::Result<::std::string::String, $crate::FunctionError> {
                    SLOT.with(|slot| {
                        slot.with_mut(|plugin| $crate::Function::invoke(plugin, &event_json, &invoked))
                    })
                }
            }
        });
    };
}

/// What the macros share: the instance, its lifecycle, and the exports themselves.
#[cfg(target_family = "wasm")]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_world {
    ($plugin:ty, $interface:ident, $trait:ident, { $($calls:tt)* }) => {
        #[allow(unsafe_code)]
        const _: () = {
            struct Component;

            ::std::thread_local! {
                static SLOT: $crate::private::Slot<$plugin> = const { $crate::private::Slot::empty() };
            }

            impl $crate::private::lifecycle::Guest for Component {
                fn init(
                    config_json: ::std::string::String,
                ) -> ::std::result::Result<$crate::Interest, ::std::vec::Vec<$crate::Problem>> {
                    SLOT.with(|slot| slot.init(&config_json))
                }
            }

            $($calls)*

            $crate::private::lifecycle::export!(Component with_types_in $crate::private::lifecycle);
            $crate::private::$interface::export!(Component with_types_in $crate::private::$interface);
        };
    };
}

/// Only the check, where there is nothing to export.
#[cfg(not(target_family = "wasm"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_world {
    ($plugin:ty, $interface:ident, $trait:ident, { $($calls:tt)* }) => {
        const _: () = {
            const fn is_exportable<P: $crate::$trait>() {}
            is_exportable::<$plugin>();
        };
    };
}
