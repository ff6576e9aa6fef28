"""The language server: what editors ask of a `Project`, over the Language Server Protocol.

It needs the extra ``lsp`` (pygls); nothing else of sqlopt imports it but `sqlopt.cli.lsp`.
The protocol: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
(checked 2026-11-23).
"""
