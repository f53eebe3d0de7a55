//! Commands in words, whole: what an approver signs.

use ledger_core::domain::command::Command;
use serde_json::Value;

use crate::text::amount::TypedAmount;
use crate::text::describe::pounds;

/// The fields of commands that hold amounts, in pounds.
const MONEY: [&str; 7] = ["amount", "newMoney", "reannounced", "capital", "revenue", "low", "high"];

/// Every part of a command in words; of a batch, a text for each of its commands.
pub fn in_full(command: &Command) -> Vec<String> {
    if let Command::Batch(commands) = command {
        return commands.iter().flat_map(in_full).collect();
    }
    let Ok(Value::Object(named)) = serde_json::to_value(command) else { return Vec::new() };
    named.iter().map(|(name, fields)| format!("{name}: {}", part("", fields))).collect()
}

/// A part of a command: its fields, by name.
fn part(name: &str, value: &Value) -> String {
    match value {
        Value::String(amount) if MONEY.contains(&name) => {
            amount.parse().map_or_else(|_| amount.clone(), |TypedAmount(pence)| pounds(pence))
        }
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| part(name, item)).collect();
            items.join("; ")
        }
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let fields: Vec<String> =
                fields.map(|(name, value)| format!("{name} {}", part(name, value))).collect();
            fields.join(", ")
        }
        Value::Null => "none".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_command_is_told_with_amounts_as_people_write_them() {
        let command: Command = serde_json::from_value(serde_json::json!({
            "commit": {
                "line": "CYBER/XDH/2026-27/revenue",
                "month": "M3",
                "reference": "PO-1",
                "amount": "1200000.00",
            }
        }))
        .unwrap();
        let texts = in_full(&command);
        assert_eq!(
            texts,
            [
                "commit: amount £1,200,000.00, line CYBER/XDH/2026-27/revenue, month M3, reference PO-1"
            ]
        );
    }
}
