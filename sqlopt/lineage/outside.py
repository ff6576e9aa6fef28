"""What lies outside the warehouse and is read or filled by name: topics, streams, stages and files.

A topic is named as ``kafka:orders``, a Kinesis stream ``kinesis:clicks``, a stage ``@landing/orders``, a file by
its path or address, as the statement gives it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator

_BROKERS = ("kafka", "kinesis", "pulsar", "pubsub", "redpanda", "nats")
# What the brokers' connectors call the topic: Flink, RisingWave, ksqlDB, ClickHouse.
_TOPIC = re.compile(
    r"(?:kafka[._]|kinesis[._]|pulsar[._])?(?:topic|stream|subject)(?:[._](?:name|list|arn|pattern))?"
)
_FILES = ("path", "uris", "uri", "location")
_FILE = re.compile(
    r"://|^\.{0,2}/|\.(?:csv|tsv|json|jsonl|ndjson|parquet|orc|avro|xlsx)(?:\.(?:gz|zst|bz2))?$"
)
_READERS = re.compile(r"(?:read_\w+|\w+_scan|s3|gcs|hdfs|url|file|glob)", re.IGNORECASE)


def kind(name: str) -> str:
    """Return what a name stands for: ``topic``, ``stage``, ``file`` or ``table``."""
    if name.split(":", 1)[0] in _BROKERS and ":" in name and "://" not in name:
        return "topic"
    if name.startswith("@"):
        return "stage"
    return "file" if _FILE.search(name) else "table"


def sources(tree: exp.Create) -> list[str]:
    """Return the topics or files that a table without rows of its own stands for."""
    found = {key: value for node in _properties(tree) for key, value in _settings(node)}
    broker = next((word for word in _BROKERS if word in found.get("connector", "")), "")
    if not broker and any(key.startswith(("kafka_", "kafka.")) for key in found):
        broker = "kafka"
    topics = [value for key, value in found.items() if _TOPIC.fullmatch(key)]
    if broker:
        return [f"{broker}:{topic}" for value in topics for topic in re.split(r"[;,]\s*", value)]
    external = any(
        isinstance(one, (exp.ExternalProperty, exp.TemporaryProperty)) for one in _properties(tree)
    )
    if not external and found.get("connector") != "filesystem":
        return []
    return [one for key in _FILES for one in found.get(key, "").split("\0") if one]


def _properties(tree: exp.Expr) -> list[exp.Expr]:
    holder = tree.args.get("properties")
    return holder.expressions if isinstance(holder, exp.Properties) else []


def _settings(node: exp.Expr) -> Iterator[tuple[str, str]]:
    """Yield a property's keys in lower case and values; several values are joined by NUL."""
    if isinstance(node, exp.LocationProperty):
        yield "location", node.this.name
    elif isinstance(node, exp.EngineProperty):
        engine = node.this
        if engine.name.casefold() == "kafka":
            yield "connector", "kafka"
            if len(engine.expressions) > 1:
                yield "topic", engine.expressions[1].name
    elif isinstance(node, (exp.OptionsProperty, exp.SettingsProperty)):
        for one in node.expressions:
            yield from _settings(one)
    elif isinstance(node, exp.EQ):
        yield node.this.name.casefold(), node.expression.name
    elif type(node) is exp.Property and isinstance(node.args.get("value"), exp.Expr):
        yield node.this.name.casefold(), "\0".join(_texts(node.args["value"]))


def _texts(node: exp.Expr) -> list[str]:
    several = node.expressions if isinstance(node, (exp.Array, exp.Tuple)) else [node]
    return [one.name for one in several if one.name]


def files(tree: exp.Expr) -> list[str]:
    """Return the files or stages that COPY, LOAD DATA, EXPORT DATA or a DIRECTORY name."""
    if isinstance(tree, exp.Copy):
        whole = [tree.this, *(tree.args.get("files") or ())]
        return [one for node in whole if (one := location(node))]
    if isinstance(tree, exp.LoadData):
        path = tree.args.get("inpath")
        options = tree.args.get("files")
        found = [path.name] if isinstance(path, exp.Expr) else []
        for node in options.expressions if isinstance(options, exp.Properties) else ():
            found += [one for key, value in _settings(node) if key in _FILES for one in value.split("\0")]
        return found
    if isinstance(tree, exp.Export):
        options = tree.args.get("options")
        nodes = options.expressions if isinstance(options, exp.Properties) else []
        return [value for node in nodes for key, value in _settings(node) if key in _FILES]
    return []


def location(node: exp.Expr | None) -> str:
    """Return the file or stage that a node names; empty for tables and queries."""
    if isinstance(node, exp.Table):
        node = node.this
    if isinstance(node, (exp.Literal, exp.Directory)):
        return node.this.name if isinstance(node, exp.Directory) else node.name
    return node.name if isinstance(node, exp.Var) and node.name.startswith("@") else ""


def read(node: exp.Expr) -> str:
    """Return the file that a table function reads, such as ``read_parquet('x.parquet')``; else empty."""
    call = node.this if isinstance(node, exp.Table) else node
    if isinstance(call, exp.Anonymous):
        first = next(iter(call.expressions), None) if _READERS.fullmatch(call.name) else None
    elif isinstance(call, exp.ReadCSV):
        first = call.this
    elif isinstance(call, exp.ReadParquet):
        first = next(iter(call.expressions), None)
    else:
        return ""
    several = first.expressions if isinstance(first, exp.Array) else [first]
    names = [one.name for one in several if isinstance(one, exp.Literal) and one.is_string]
    return names[0] if len(names) == len(several) == 1 else ""
