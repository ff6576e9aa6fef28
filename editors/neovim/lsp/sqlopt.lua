-- Neovim 0.11 and later read this by itself: vim.lsp.enable("sqlopt").
return require("sqlopt").config()
