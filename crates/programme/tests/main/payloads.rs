//! A payment seen on the chain confirms the payload that was signed for it.

use crate::contract::{Contract, wallet};
use crate::scene::Scene;

/// What the API wrote when it had payloads signed.
async fn prepare(scene: &Scene, id: u8, user: u64, action: &str, nonce: u64, status: &str, minute: u8) {
    let sql = format!(
        "INSERT INTO transactions (id, wallet_address, action, payload, nonce, status, created_at, updated_at)
         VALUES ('00000000-0000-0000-0000-0000000000{id:02}', '{:#x}', '{action}', '{{}}', {nonce}, '{status}',
                 '2026-01-01 00:{minute:02}', '2026-01-01 00:{minute:02}')",
        wallet(user)
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&scene.pool).await.unwrap();
}

#[tokio::test]
async fn the_payload_of_the_used_nonce_is_confirmed_and_its_rivals_expire() {
    let (scene, mut contract) = (Scene::new("autopool.toml").await, Contract::deploy("autopool.toml"));
    contract.register(1, 0);
    contract.retopup(1);
    prepare(&scene, 1, 1, "REGISTER", 0, "prepared", 2).await;
    prepare(&scene, 2, 1, "REGISTER", 0, "submitted", 1).await;
    prepare(&scene, 3, 1, "REGISTER", 0, "failed", 3).await;
    prepare(&scene, 4, 1, "RETOPUP", 1, "prepared", 1).await;
    prepare(&scene, 5, 1, "RETOPUP", 1, "prepared", 2).await;
    prepare(&scene, 6, 1, "RETOPUP", 2, "prepared", 3).await;
    prepare(&scene, 7, 2, "REGISTER", 0, "prepared", 3).await;
    scene.follow(&contract, 1).await;
    let all = "SELECT string_agg(concat_ws(' ', right(id::text, 1), status, user_id, right(tx_hash, 1)), ', ' ORDER BY id)
               FROM transactions";
    let expected =
        "1 expired 1, 2 confirmed 1 6, 3 failed, 4 expired 1, 5 confirmed 1 7, 6 prepared, 7 prepared";
    assert_eq!(scene.text(all).await, expected);
    // Another process remembers which nonce is next.
    contract.retopup(1);
    scene.open().await.unwrap().apply(&contract.range(8, 8)).await.unwrap();
    assert_eq!(scene.text("SELECT status FROM transactions WHERE nonce = 2").await, "confirmed");
}
