"""The MCP server: what agents ask of a `Project`, over the Model Context Protocol.

It needs the extra ``mcp``; nothing else of sqlopt imports it but `sqlopt.cli.mcp`. Every tool only reads.
The protocol: https://modelcontextprotocol.io/specification/2025-11-25 (checked 2026-11-23).
"""
