//! The triggers that keep the books: each must be there and switched on, or what it guards against can have happened.

use super::Stop;
use crate::Finding;
use crate::store::Work;

/// The tables of the books and their triggers; those of each month are beside them.
pub const GUARDS: [(&str, &str); 58] = [
    ("accounts", "never_emptied"),
    ("accounts", "postings_only"),
    ("audit_logs", "append_only"),
    ("books_lock", "append_only"),
    ("chain_events", "append_only"),
    ("history", "append_only"),
    ("history", "refer_to_what_is_there"),
    ("journal_causes", "never_emptied"),
    ("journal_causes", "sealer_only"),
    ("journal_seals", "never_emptied"),
    ("journal_seals", "sealer_only"),
    ("journal_transactions", "append_only"),
    ("journal_transactions", "check_transactions"),
    ("journal_unsealed", "never_emptied"),
    ("journal_unsealed", "numbered_in_order"),
    ("journal_unsealed", "sealer_only"),
    ("outbox", "append_only"),
    ("outbox", "inserted_without_position"),
    ("outbox", "positions_by_sealer"),
    ("outbox", "told_in_order"),
    ("payout_batches", "never_lost"),
    ("payout_batches", "same_for_ever"),
    ("payout_batches", "sealed_before_made_signed"),
    ("payout_batches", "sealed_before_signed"),
    ("payout_batches", "step_by_step"),
    ("payout_batches", "step_by_step_on"),
    ("payout_batches", "what_was_built"),
    ("payout_items", "items_come_while_building"),
    ("payout_items", "let_go_once"),
    ("payout_items", "never_lost"),
    ("payout_items", "same_for_ever"),
    ("payouts", "never_lost"),
    ("payouts", "refer_to_what_is_there"),
    ("payouts", "same_for_ever"),
    ("pools", "never_lost"),
    ("pools", "same_for_ever"),
    ("postings", "append_only"),
    ("postings", "apply_postings"),
    ("postings", "check_postings"),
    ("reconciliations", "numbered_in_order"),
    ("reconciliations", "tell_lift"),
    ("retopups", "never_lost"),
    ("retopups", "refer_to_what_is_there"),
    ("retopups", "same_for_ever"),
    ("rewards", "never_lost"),
    ("rewards", "refer_to_what_is_there"),
    ("rewards", "same_for_ever"),
    ("rewards", "still_refer_to_what_is_there"),
    ("seal_head", "one_head"),
    ("seal_head", "run_sealer"),
    ("seats", "never_lost"),
    ("seats", "refer_to_what_is_there"),
    ("seats", "same_for_ever"),
    ("seats", "still_refer_to_what_is_there"),
    ("settlement_lead", "never_lost"),
    ("users", "never_lost"),
    ("users", "refer_to_what_is_there"),
    ("users", "same_for_ever"),
];

/// Every guard is in place, on the months too.
pub(super) async fn check(work: &mut Work<'_>) -> Result<(), Stop> {
    let tables: Vec<&str> = GUARDS.iter().map(|(table, _)| *table).collect();
    let triggers: Vec<&str> = GUARDS.iter().map(|(_, trigger)| *trigger).collect();
    let missing = sqlx::query!(
        r#"WITH guards AS (
               SELECT * FROM unnest($1::text[], $2::text[]) AS guard (table_name, trigger_name)
               UNION ALL
               SELECT i.inhrelid::regclass::text, 'month_is_closed' FROM pg_inherits i
               WHERE i.inhparent IN ('journal_transactions'::regclass, 'postings'::regclass)
           )
           SELECT g.table_name AS "table!", g.trigger_name AS "guard!", t.tgenabled::text AS enabled
           FROM guards g
           LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass(g.table_name) AND t.tgname = g.trigger_name
           WHERE t.tgenabled IS DISTINCT FROM 'O' AND t.tgenabled IS DISTINCT FROM 'A'
           ORDER BY g.table_name, g.trigger_name
           LIMIT 1"#,
        &tables as _,
        &triggers as _
    )
    .fetch_optional(&mut **work)
    .await?;
    let Some(missing) = missing else { return Ok(()) };
    let found = match missing.enabled {
        Some(_) => "it switched off",
        None => "none",
    };
    let expected = format!("its trigger {}", missing.guard);
    Err(Finding::new("pg_trigger", missing.table, expected, found).into())
}
