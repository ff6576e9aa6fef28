-- Opens a file in a real Neovim, looks, mends, and writes what it saw: run with FILE, WORDS and OUT in the environment.
local saw = { version = tostring(vim.version().minor), notes = {} }
local function note(text)
  table.insert(saw.notes, text)
end
local function until_true(check)
  return vim.wait(30000, check, 50)
end

vim.notify = function(text) note(text) end
vim.o.swapfile = false
vim.cmd("filetype on")
vim.cmd("runtime plugin/sqlopt.lua")
vim.cmd("helptags " .. vim.env.PLUGIN .. "/doc")
require("sqlopt").setup({ cmd = vim.fn.json_decode(vim.env.WORDS) })
vim.cmd("edit " .. vim.env.FILE)
local buffer = vim.api.nvim_get_current_buf()
local function text()
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n") .. "\n"
end
local before = text()

until_true(function() return #vim.diagnostic.get(buffer) > 0 end)
vim.wait(500) -- what would be shown twice comes now
saw.diagnostics = {}
for _, one in ipairs(vim.diagnostic.get(buffer)) do
  local line = vim.api.nvim_buf_get_lines(buffer, one.lnum, one.lnum + 1, false)[1]
  local code = one.code or (one.user_data and one.user_data.lsp and one.user_data.lsp.code)
  table.insert(saw.diagnostics, { code, line:sub(one.col + 1, one.end_col) })
end
for _, client in pairs(require("sqlopt").clients(buffer)) do
  saw.encoding = client.offset_encoding
  saw.root = client.config.root_dir or client.root_dir
end

-- Hover over the table's name.
local function go(word)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local at = line:find(word, 1, true)
    if at then
      vim.api.nvim_win_set_cursor(0, { number, at - 1 })
      return
    end
  end
end
local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= "" then
      return window
    end
  end
end
go("shop.sales.orders")
vim.lsp.buf.hover()
until_true(floating)
if floating() then
  saw.hover = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(floating()), 0, -1, false), "\n")
  vim.api.nvim_win_close(floating(), true)
end

-- A fix, chosen as a person would from the list.
saw.actions = {}
vim.ui.select = function(items, _, choose)
  for _, item in ipairs(items) do
    local action = item.action or item[2]
    table.insert(saw.actions, action.title)
  end
  for _, item in ipairs(items) do
    if (item.action or item[2]).title:find("range", 1, true) then
      choose(item)
      return
    end
  end
  choose(nil)
end
go("EXTRACT")
vim.lsp.buf.code_action()
until_true(function() return text() ~= before end)
saw.fixed = text()

-- All proved fixes at once.
vim.cmd("undo")
saw.undone = text() == before
vim.wait(300)
vim.cmd("SqloptFixAll")
until_true(function() return text() ~= before end)
saw.all = text()

vim.cmd("SqloptExplain prn002")
until_true(function() return vim.api.nvim_get_current_buf() ~= buffer end)
saw.page = table.concat(vim.api.nvim_buf_get_lines(0, 0, 8, false), "\n")

local file = io.open(vim.env.OUT, "w")
file:write(vim.fn.json_encode(saw))
file:close()
vim.cmd("qall!")
