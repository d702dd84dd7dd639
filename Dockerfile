# The image of one service: `docker build --build-arg SERVICE=order --tag tradewind/order .`
# All services are built in one stage, so that seven images cost one build.
FROM rust:1.95-bookworm AS build
WORKDIR /tradewind
COPY . .
# Whole programs optimised in one piece: a tenth less processor time for a build that takes twice as long.
ENV CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/tradewind/target \
    cargo build --release --locked \
        --package gateway --package identity --package catalog --package order --package payment --package logistics --package messaging \
    && mkdir /out \
    && cd target/release && cp gateway identity catalog order payment logistics messaging /out

FROM gcr.io/distroless/cc-debian12:nonroot
ARG SERVICE
COPY --from=build /out/${SERVICE} /service
# What the allocator needs no more goes back to the system at once.
ENV MIMALLOC_ARENA_PURGE_MULT=0
USER 65532:65532
ENTRYPOINT ["/service"]
