//! The printed schema, by name.

use std::collections::BTreeMap;

use api::graphql;
use async_graphql::parser::{
    parse_schema,
    types::{
        BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
    },
};

/// All types.
pub(crate) struct Schema(BTreeMap<String, TypeDefinition>);

impl Schema {
    pub(crate) fn read() -> Self {
        let printed = parse_schema(graphql::printed()).unwrap();
        let types = printed
            .definitions
            .into_iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(of) => Some((of.node.name.node.to_string(), of.node)),
                _ => None,
            });
        Self(types.collect())
    }

    /// The fields of the roots that can be asked by HTTP.
    pub(crate) fn roots(&self) -> Vec<(&'static str, &FieldDefinition)> {
        let of = |operation, name| self.fields(name).map(move |field| (operation, field));
        of("query", "Query").chain(of("mutation", "Mutation")).collect()
    }

    /// The fields of an object or interface.
    pub(crate) fn fields(&self, name: &str) -> impl Iterator<Item = &FieldDefinition> {
        let fields = match self.0.get(name).map(|of| &of.kind) {
            Some(TypeKind::Object(object)) => object.fields.as_slice(),
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => &[],
        };
        fields.iter().map(|field| &field.node)
    }

    /// The fields of an input, and whether exactly one must be given.
    pub(crate) fn input(&self, name: &str) -> Option<(Vec<&InputValueDefinition>, bool)> {
        let of = self.0.get(name)?;
        let TypeKind::InputObject(input) = &of.kind else {
            return None;
        };
        let one = of
            .directives
            .iter()
            .any(|directive| directive.node.name.node == "oneOf");
        Some((input.fields.iter().map(|field| &field.node).collect(), one))
    }

    /// The values of an enum.
    pub(crate) fn values(&self, name: &str) -> Option<Vec<String>> {
        match &self.0.get(name)?.kind {
            TypeKind::Enum(of) => Some(
                of.values
                    .iter()
                    .map(|value| value.node.value.node.to_string())
                    .collect(),
            ),
            _ => None,
        }
    }

    /// The objects that are nodes.
    pub(crate) fn nodes(&self) -> Vec<&str> {
        let is_node = |of: &&TypeDefinition| match &of.kind {
            TypeKind::Object(object) => object.implements.iter().any(|name| name.node == "Node"),
            _ => false,
        };
        self.0
            .values()
            .filter(is_node)
            .map(|of| of.name.node.as_str())
            .collect()
    }
}

/// The name at the bottom of a type.
pub(crate) fn name_of(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => name_of(inner),
    }
}
