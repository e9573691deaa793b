# A list of commands, no more: each line can be typed by hand. `just` alone prints them.

_list:
    @just --list --unsorted

# The API and its worker on SQLite, nothing else needed
run *args:
    cargo run --locked -- serve {{args}}

# The same with sample data and a development token
demo:
    cargo run --locked -- serve --demo

# Every test in both modes; starts its own PostgreSQL and Redis
test *args:
    ./test {{args}}

lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Renews schema.graphql, the contract
schema:
    cargo run --locked -q -- schema > schema.graphql.new
    mv schema.graphql.new schema.graphql

# What CI runs
ci:
    .ci/run

# The whole table, beside peers; see bench/README.md
bench *args:
    bench/run {{args}}
