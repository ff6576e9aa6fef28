"""Snowflake's real client against fakesnow's server, which runs in an environment of its own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REPLIES = HERE.parents[2] / "fixtures" / "replies" / "snowflake"
NEEDED = ["fakesnow[server]==0.12.1", "snowflake-connector-python<5", "uvicorn", "starlette"]
SETUP = """
CREATE DATABASE SHOP; USE DATABASE SHOP; CREATE SCHEMA SALES;
CREATE TABLE SALES.CUSTOMERS (ID NUMBER(38,0) NOT NULL PRIMARY KEY, EMAIL VARCHAR(200) UNIQUE, NAME TEXT);
CREATE TABLE SALES.ORDERS (ID NUMBER(38,0) NOT NULL, CUSTOMER_ID NUMBER(38,0), DAY DATE, AMOUNT NUMBER(12,2),
    PRIMARY KEY (ID), FOREIGN KEY (CUSTOMER_ID) REFERENCES SALES.CUSTOMERS (ID));
CREATE VIEW SALES.RECENT AS SELECT ID, DAY FROM SALES.ORDERS;
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory):
    """The port of a server that holds SETUP."""
    base = tmp_path_factory.mktemp("fakesnow")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(base / "env")], check=True)
    python = str(base / "env" / "bin" / "python")
    subprocess.run([*uv, "pip", "install", "-q", "--python", python, *NEEDED], check=True)
    port = free_port()
    with (base / "log").open("w") as log:
        command = [python, str(HERE / "server.py"), str(port), str(REPLIES)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(300):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, (base / "log").read_text()
            time.sleep(0.1)
        import snowflake.connector

        options = {"host": "localhost", "port": port, "protocol": "http", "password": "p"}
        with snowflake.connector.connect(user="maker", account="fake", **options) as made:
            for statement in filter(str.strip, SETUP.split(";")):
                made.cursor().execute(statement)
        yield port
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def home(stand_in, tmp_path, monkeypatch):
    """A folder with a connections.toml whose connection ``shop`` reaches the server."""
    folder = tmp_path / "home"
    folder.mkdir()
    file = folder / "connections.toml"
    file.write_text(
        f'[shop]\naccount = "fake"\nuser = "reader"\npassword = "swordfish"\nhost = "localhost"\n'
        f'port = {stand_in}\nprotocol = "http"\n[stranger]\naccount = "fake"\nuser = "nobody"\n'
        f'password = "swordfish"\nhost = "localhost"\nport = {stand_in}\nprotocol = "http"\n'
    )
    file.chmod(0o600)
    monkeypatch.setenv("SNOWFLAKE_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    assert "SNOWFLAKE_PASSWORD" not in os.environ
    return tmp_path
