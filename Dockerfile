# One binary on a small Debian. Built with BuildKit (the default of current Docker): the caches below keep the registry and
# the compiled dependencies between builds, so that a change of ours compiles only ours.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The binary is copied out because a cache is not part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin turnout && cp target/release/turnout /usr/local/bin/turnout

FROM debian:bookworm-slim
# For outgoing TLS that trusts the system's certificates.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin turnout \
    && install --directory --owner turnout --mode 700 /data
COPY --from=build /usr/local/bin/turnout /usr/local/bin/turnout
COPY LICENSE NOTICE /usr/share/doc/turnout/

# The embedded mode keeps everything in ./data, which from / is the volume.
WORKDIR /
VOLUME /data
USER turnout
EXPOSE 8080
# bash opens the connection itself; curl would be one more thing to patch. Only for `serve`: compose.yaml turns it off elsewhere.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]
ENTRYPOINT ["turnout"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
