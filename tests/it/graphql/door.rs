//! What the door withstands with the real schema behind it.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::{code, send};
use crate::harness::{TestApp, both};

/// Each fragment spreads the next one twice: 2³⁰ fields in a kilobyte.
fn bomb() -> String {
    let fragments: Vec<String> = (0..30).map(|i| format!("fragment f{i} on Query{{...f{0} ...f{0}}}", i + 1)).collect();
    format!("{{...f0}} {} fragment f30 on Query{{viewer{{role}}}}", fragments.join(" "))
}

both! {
    async fn a_fragment_bomb_is_refused_and_fifty_leave_the_service_alive(app: TestApp) {
        let labour = app.labour().await;

        let bomb = bomb();
        let answer = send(&labour, &bomb).await;
        let fifty = (0..50).map(|_| send(&labour, &bomb));
        let alive = async {
            let asked = Instant::now();
            app.get("/livez").await.expect(200);
            asked.elapsed()
        };
        let (answers, waited) = tokio::join!(join_all(fifty), alive);

        assert_eq!(code(&answer), "TOO_COMPLEX", "{}", answer.text);
        assert!(answers.iter().all(|answer| code(answer) == "TOO_COMPLEX"));
        assert!(waited < Duration::from_secs(1), "{waited:?}");
    }

    async fn a_stranger_learns_nothing(app: TestApp) {
        let stranger = app.stranger();
        for query in ["{ viewer { role } }", "{ __schema { types { name } } }", "{ households { totalCount } }"] {
            let answer = send(&stranger, query).await;
            assert_eq!((answer.status, code(&answer)), (401, "UNAUTHENTICATED"), "{}", answer.text);
        }
    }

    async fn a_page_of_everything_is_too_complex(app: TestApp) {
        let labour = app.labour().await;
        let deep = "{ households(first: 500) { edges { node { members { person { household { members { person {
            household { code members { person { fullName } } } } } } } } } } } }";
        assert_eq!(code(&send(&labour, deep).await), "TOO_COMPLEX");
    }
}
