"""From text to parsed statements: lexer, scripting blocks, parser, reuse of what was parsed before."""
