# The habits of this repository. `just --list` shows them; each is one plain command, so just itself is not needed.

# A demo with invented households in ./data, served on 127.0.0.1:8080.
demo:
    cargo run --release -- demo

# All tests, on SQLite and PostgreSQL.
test:
    cargo test --workspace

# Everything that CI checks.
ci:
    bash .ci/run

# Formats the code.
fmt:
    cargo fmt --all

# Lints and documentation, warnings being errors.
lint:
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Licences and sources of the dependencies.
deny:
    cargo deny check licenses bans sources

# Prints the GraphQL schema anew.
schema:
    cargo run --quiet -- schema > target/schema.graphql && mv target/schema.graphql schema.graphql

# Prints the OpenAPI document anew.
openapi:
    cargo run --quiet -- openapi > target/openapi.json && mv target/openapi.json openapi.json
