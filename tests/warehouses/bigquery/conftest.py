"""BigQuery's real client against bqemulator's server, which runs in an environment of its own."""

import os
import shutil
import socket
import subprocess
import sys
import time

import pytest

NEEDED = ["bqemulator==1.4.0", "duckdb==1.5.5", "duckdb-extension-spatial==1.5.5", "numpy"]
FIELDS = {
    "orders": [
        {"name": "id", "type": "INT64", "mode": "REQUIRED"},
        {"name": "day", "type": "DATE"},
        {"name": "total", "type": "NUMERIC"},
        {"name": "tags", "type": "STRING", "mode": "REPEATED"},
        {"name": "place", "type": "RECORD", "fields": [{"name": "city", "type": "STRING"}]},
    ],
    "customers": [
        {"name": "id", "type": "INT64", "mode": "REQUIRED"},
        {"name": "email", "type": "STRING", "description": "where to write"},
    ],
    "log": [{"name": "at", "type": "TIMESTAMP"}],
}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory):
    """The address of a server that holds two datasets."""
    base = tmp_path_factory.mktemp("bqemulator")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(base / "env")], check=True)
    bins = base / "env" / "bin"
    subprocess.run([*uv, "pip", "install", "-q", "--python", str(bins / "python"), *NEEDED], check=True)
    spatial = next((base / "env").rglob("spatial.duckdb_extension"))
    asked = "import duckdb; print(duckdb.sql('PRAGMA platform').fetchone()[0])"
    platform = subprocess.check_output([bins / "python", "-c", asked], text=True).strip()
    shelf = base / "home" / ".duckdb" / "extensions" / spatial.parent.name / platform
    shelf.mkdir(parents=True)
    shutil.copy(spatial, shelf)
    port, grpc = free_port(), free_port()
    with (base / "log").open("w") as log:
        server = subprocess.Popen(
            [bins / "bqemulator", "start", "--rest-port", str(port), "--grpc-port", str(grpc)],
            stdout=log,
            stderr=log,
            cwd=base,
            env={**os.environ, "HOME": str(base / "home")},
        )
    try:
        for _ in range(600):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, (base / "log").read_text()
            time.sleep(0.1)
        _fill(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _fill(address):
    """Tables are made by the API: the server's metadata does not know those that SQL makes."""
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery

    options = ClientOptions(api_endpoint=address)
    client = bigquery.Client(project="acme", credentials=AnonymousCredentials(), client_options=options)
    client.create_dataset("shop")
    client.create_dataset("audit")
    schemas = {
        name: [bigquery.SchemaField.from_api_repr(one) for one in fields] for name, fields in FIELDS.items()
    }
    orders = bigquery.Table("acme.shop.orders", schemas["orders"])
    orders.time_partitioning = bigquery.TimePartitioning("DAY", field="day")
    orders.clustering_fields = ["id"]
    orders.description = "what was bought"
    customers = bigquery.Table("acme.shop.customers", schemas["customers"])
    customers.labels = {"team": "crm"}
    log = bigquery.Table("acme.audit.log", schemas["log"])
    log.time_partitioning = bigquery.TimePartitioning("HOUR")
    recent = bigquery.Table("acme.shop.recent")
    recent.view_query = "SELECT id FROM shop.orders WHERE day > '2026-01-01'"
    for one in (orders, customers, log, recent):
        client.create_table(one)
    client.query_and_wait(
        "INSERT INTO shop.orders (id, day) VALUES (1, DATE '2026-01-01'), (2, DATE '2026-02-03')"
    )


@pytest.fixture
def home(stand_in, tmp_path, monkeypatch):
    """A folder to work in, with the client sent to the server."""
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", stand_in)
    monkeypatch.chdir(tmp_path)
    return tmp_path
