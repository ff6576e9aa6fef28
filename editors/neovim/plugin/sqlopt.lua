-- The commands; the server itself is started by require("sqlopt").setup() or vim.lsp.enable("sqlopt").
if vim.g.loaded_sqlopt then
  return
end
vim.g.loaded_sqlopt = true
vim.api.nvim_create_user_command("SqloptFixAll", function()
  require("sqlopt").fix_all()
end, { desc = "Make all fixes that are exact, and proved or tested" })
vim.api.nvim_create_user_command("SqloptExplain", function(given)
  require("sqlopt").explain(given.args)
end, { nargs = 1, desc = "Show a rule's page" })
