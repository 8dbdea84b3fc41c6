# syntax=docker/dockerfile:1
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin ansinh && cp target/release/ansinh /usr/local/bin/ansinh

FROM debian:trixie-slim
# Certificates: keys of other issuers are fetched over https.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/ansinh --create-home ansinh \
    && install --directory --owner ansinh /var/lib/ansinh/data
COPY --from=build /usr/local/bin/ansinh /usr/local/bin/ansinh
USER ansinh
# SQLite, where no other database is named, is in ./data.
WORKDIR /var/lib/ansinh
EXPOSE 8080
# The image holds no curl; bash can ask by itself.
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["ansinh"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
