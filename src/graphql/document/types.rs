//! The types of the schema, as much of them as a walk over a document needs.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Positioned,
    parser::{
        self, parse_schema,
        types::{
            BaseType, DocumentOperations, ExecutableDocument, FieldDefinition, OperationDefinition, OperationType,
            Type, TypeKind, TypeSystemDefinition,
        },
    },
};
use serde_json::{Map, Value};

use super::inputs::Inputs;
use crate::messages::Fault;

/// Index of a type in its [`TypeMap`].
pub(super) type TypeId = usize;

/// A type that has fields, or stands for types that have.
pub(super) struct Composite {
    pub(super) name: Arc<str>,
    pub(super) fields: HashMap<Arc<str>, Output>,
    /// The objects it may turn out to be; for an object, itself.
    pub(super) possible: Vec<TypeId>,
    pub(super) is_abstract: bool,
}

/// A field of a type.
pub(super) struct Output {
    pub(super) name: Arc<str>,
    /// Its type, with lists and non-null taken off; `None` for scalars and enums.
    pub(super) ty: Option<TypeId>,
    /// Its type as declared.
    pub(super) declared: Type,
}

/// Which field of which type yields which type. Built once, from the printed schema.
pub struct TypeMap {
    types: Vec<Composite>,
    inputs: Inputs,
    by_name: HashMap<Arc<str>, TypeId>,
    query: Option<TypeId>,
    mutation: Option<TypeId>,
    subscription: Option<TypeId>,
}

impl TypeMap {
    /// Reads the types from a schema in the schema definition language.
    ///
    /// # Errors
    /// When the text is no such schema.
    pub fn parse(sdl: &str) -> Result<Self, parser::Error> {
        let mut builder = Builder::default();
        for definition in parse_schema(sdl)?.definitions {
            builder.define(definition);
        }
        Ok(builder.finish())
    }

    pub(super) fn get(&self, id: TypeId) -> &Composite {
        &self.types[id]
    }

    pub(super) fn root(&self, operation: OperationType) -> Option<TypeId> {
        match operation {
            OperationType::Query => self.query,
            OperationType::Mutation => self.mutation,
            OperationType::Subscription => self.subscription,
        }
    }

    /// Whether the variables given to an operation fit the types it declares; where not, or where that is not sure, the
    /// library is to validate the request.
    pub fn fit(&self, document: &ExecutableDocument, name: Option<&str>, variables: &Map<String, Value>) -> bool {
        let operation = match &document.operations {
            DocumentOperations::Single(operation) => Some(operation),
            DocumentOperations::Multiple(operations) => name.and_then(|name| operations.get(name)),
        };
        operation.is_some_and(|operation| self.inputs.fit(&operation.node, variables))
    }

    /// What is wrong with the scalars among the variables of an operation.
    pub fn faults(&self, operation: &OperationDefinition, variables: &Map<String, Value>) -> Vec<Fault> {
        self.inputs.faults(operation, variables)
    }

    pub(super) fn named(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).copied()
    }
}

#[derive(Default)]
struct Builder {
    roots: [Option<String>; 3],
    inputs: Inputs,
    fields: Vec<(Arc<str>, Vec<Positioned<FieldDefinition>>)>,
    interfaces: Vec<Arc<str>>,
    unions: HashMap<Arc<str>, Vec<String>>,
    /// Interface name → objects that implement it.
    implementors: HashMap<String, Vec<Arc<str>>>,
}

impl Builder {
    fn define(&mut self, definition: TypeSystemDefinition) {
        let definition = match definition {
            TypeSystemDefinition::Type(definition) => definition.node,
            TypeSystemDefinition::Schema(schema) => {
                let roots = [schema.node.query, schema.node.mutation, schema.node.subscription];
                self.roots = roots.map(|root| root.map(|name| name.node.to_string()));
                return;
            }
            TypeSystemDefinition::Directive(_) => return,
        };
        self.inputs.define(&definition);
        let name: Arc<str> = Arc::from(definition.name.node.as_str());
        match definition.kind {
            TypeKind::Object(object) => {
                for interface in object.implements {
                    self.implementors.entry(interface.node.to_string()).or_default().push(name.clone());
                }
                self.fields.push((name, object.fields));
            }
            TypeKind::Interface(interface) => {
                self.interfaces.push(name.clone());
                self.fields.push((name, interface.fields));
            }
            TypeKind::Union(union) => {
                let members = union.members.into_iter().map(|member| member.node.to_string()).collect();
                self.unions.insert(name.clone(), members);
                self.fields.push((name, Vec::new()));
            }
            TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::InputObject(_) => {}
        }
    }

    fn finish(self) -> TypeMap {
        let by_name: HashMap<Arc<str>, TypeId> =
            self.fields.iter().enumerate().map(|(id, (name, _))| (name.clone(), id)).collect();
        let ids = |names: &[String]| names.iter().filter_map(|name| by_name.get(name.as_str()).copied()).collect();
        let composite = |(id, (name, fields)): (TypeId, &(Arc<str>, Vec<Positioned<FieldDefinition>>))| {
            let is_interface = self.interfaces.contains(name);
            let possible = match (self.unions.get(name), self.implementors.get(&**name)) {
                (Some(members), _) => ids(members),
                (None, Some(objects)) if is_interface => objects.iter().map(|object| by_name[object]).collect(),
                (None, _) => {
                    if is_interface {
                        Vec::new()
                    } else {
                        vec![id]
                    }
                }
            };
            let fields = fields.iter().map(|field| output(&field.node, &by_name)).collect();
            let is_abstract = is_interface || self.unions.contains_key(name);
            Composite { name: name.clone(), fields, possible, is_abstract }
        };
        let types = self.fields.iter().enumerate().map(composite).collect();
        let [query, mutation, subscription] = &self.roots;
        let root = |name: &Option<String>, usual: &str| by_name.get(name.as_deref().unwrap_or(usual)).copied();
        let (query, mutation, subscription) =
            (root(query, "Query"), root(mutation, "Mutation"), root(subscription, "Subscription"));
        TypeMap { types, inputs: self.inputs, by_name, query, mutation, subscription }
    }
}

fn output(field: &FieldDefinition, by_name: &HashMap<Arc<str>, TypeId>) -> (Arc<str>, Output) {
    let name: Arc<str> = Arc::from(field.name.node.as_str());
    let declared = field.ty.node.clone();
    (name.clone(), Output { name, ty: by_name.get(innermost(&declared)).copied(), declared })
}

fn innermost(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => innermost(item),
    }
}
