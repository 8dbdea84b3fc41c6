use super::harness::{Server, TestGate};
use crate::graphql::http::Settings;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

#[tokio::test]
async fn a_browser_gets_a_page_that_loads_from_here_alone() {
    let server = Server::start().await;

    let page = server.send(server.client.get(server.url()).header("accept", BROWSER)).await;

    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").contains("script-src 'self';"));
    assert!(!page.text.contains("http"), "{}", page.text);
    let links: Vec<_> = page.text.split('"').filter(|text| text.starts_with("/graphql/assets/")).collect();
    assert_eq!(links.len(), 6);
    for link in links {
        let (_, digest) = link.split_once('?').unwrap();
        assert_eq!(digest.len(), 16);
        let file = server.send(server.client.get(format!("http://{}{link}", server.at))).await;
        assert_eq!(file.status, 200, "{link}");
        assert!(file.header("cache-control").contains("immutable") && !file.text.is_empty());
    }
}

#[tokio::test]
async fn there_is_no_other_file() {
    let server = Server::start().await;
    for file in ["x.js", "..%2f..%2fCargo.toml", "index.html"] {
        let answer = server.send(server.client.get(format!("{}/assets/{file}", server.url()))).await;
        assert_eq!(answer.status, 404, "{file}");
    }
}

#[tokio::test]
async fn the_page_can_be_turned_off() {
    let server = Server::with(Settings { graphiql: false, ..Settings::default() }, TestGate::default()).await;

    assert_eq!(server.get("", BROWSER).await.status, 400);
    let file = server.send(server.client.get(format!("{}/assets/graphiql.js", server.url()))).await;
    assert_eq!(file.status, 404);
    assert_eq!(server.get("?query={hello}", BROWSER).await.json()["data"]["hello"], "xin chào ");
}
