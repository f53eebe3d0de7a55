//! Lists that are quick to compile.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use futures_util::future::{BoxFuture, try_join_all};

/// A list in an answer: the same type and values as a `Vec`, resolved side by side. Its futures are
/// boxed, so that the code that joins them is compiled once, not once for each type of item.
pub(crate) struct List<T>(Vec<T>);

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        List(items)
    }
}

impl<T: OutputType> OutputType for List<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let resolved = self.0.iter().enumerate().map(|(index, item)| {
            let context = context.with_index(index);
            let resolved: BoxFuture<'_, ServerResult<Value>> = Box::pin(async move {
                let value = item.resolve(&context, field).await;
                value.map_err(|error| context.set_error_path(error))
            });
            resolved
        });
        Ok(Value::List(try_join_all(resolved).await?))
    }
}
