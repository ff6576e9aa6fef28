"""A stand-in for Snowflake: fakesnow's server, with recorded replies for what it does not know.

Runs in an environment of its own: ``python server.py PORT REPLIES``. A reply file maps the beginning of a
statement to columns and rows, or to an error. The login's reply gets the master token that clients of
version 5 ask for.
"""

import gzip
import json
import re
import sys
from pathlib import Path

import fakesnow.server
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

REPLIES = []


async def read(request):
    body = await request.body()
    return json.loads(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)


async def login(request):
    body = await read(request)
    if body["data"].get("LOGIN_NAME") == "nobody":
        message = "Incorrect username or password was specified."
        return JSONResponse({"success": False, "code": "390100", "message": message, "data": {}})
    reply = await fakesnow.server.login_request(request)
    content = json.loads(reply.body)
    token = content["data"]["token"]
    content["data"] |= {"masterToken": token, "sessionId": 1}
    content["data"] |= {"validityInSeconds": 3600, "masterValidityInSeconds": 14400}
    return JSONResponse(content)


async def query(request):
    body = await read(request)
    text = " ".join(body["sqlText"].split())
    for pattern, reply in REPLIES:
        if pattern.match(text):
            return JSONResponse(recorded(reply))
    return await fakesnow.server.query_request(request)


def recorded(reply):
    if "error" in reply:
        return {
            "success": False,
            "code": reply["error"]["code"],
            "message": reply["error"]["message"],
            "data": {},
        }
    columns = reply["columns"]
    shape = {"nullable": True, "length": 100, "byteLength": 400}
    numbers = {"fixed": {"scale": 0, "precision": 38}, "timestamp_ltz": {"scale": 9, "precision": 0}}
    rowtype = []
    for name in columns:
        kind = reply.get("types", {}).get(name, "text")
        number = numbers.get(kind, {"scale": None, "precision": None})
        rowtype.append({"name": name, "type": kind, **shape, **number})
    data = {
        "queryResultFormat": "json",
        "rowtype": rowtype,
        "rowset": reply["rows"],
        "total": len(reply["rows"]),
        "returned": len(reply["rows"]),
        "queryId": "0",
        "parameters": [],
        "statementTypeId": 4096,
        "finalDatabaseName": None,
        "finalSchemaName": None,
    }
    return {"success": True, "code": None, "message": None, "data": data}


if __name__ == "__main__":
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    for file in sorted(folder.glob("*.json")):
        reply = json.loads(file.read_text())
        REPLIES.append((re.compile(reply["statement"], re.IGNORECASE), reply))
    own = ("/session/v1/login-request", "/queries/v1/query-request")
    known = [route for route in fakesnow.server.routes if route.path not in own]
    app = Starlette(
        routes=[
            Route("/session/v1/login-request", login, methods=["POST"]),
            Route("/queries/v1/query-request", query, methods=["POST"]),
            *known,
        ]
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
