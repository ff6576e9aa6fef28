-- sqlopt's language server in Neovim: how it is started, and two commands. See :help sqlopt.
local M = {}

M.filetypes = { "sql", "python" }
M.root_markers = { "sqlopt.toml", "dbt_project.yml", "pyproject.toml", ".git" }

-- The words that start the server: sqlopt of the project's own environment, else that of the PATH.
local function command(root)
  for _, name in ipairs({ ".venv", "venv" }) do
    local found = (root or vim.fn.getcwd()) .. "/" .. name .. "/bin/sqlopt"
    if vim.fn.executable(found) == 1 then
      return { found, "lsp" }
    end
  end
  return { "sqlopt", "lsp" }
end

-- The nearest folder above a file that holds one of the markers, else the file's own.
local function root_of(name)
  local folder = vim.fn.fnamemodify(name, ":p:h")
  local above = folder
  while true do
    for _, marker in ipairs(M.root_markers) do
      if vim.loop.fs_stat(above .. "/" .. marker) then
        return above
      end
    end
    local next_one = vim.fn.fnamemodify(above, ":h")
    if next_one == above then
      return folder
    end
    above = next_one
  end
end

-- A configuration for vim.lsp.config, vim.lsp.start or vim.lsp.start_client; `given` overrides any part of it.
-- `settings.sqlopt` holds the server's settings: inlayHints, codeLens, lineage, proof.
function M.config(given)
  local plain = {
    name = "sqlopt",
    cmd = command(),
    filetypes = M.filetypes,
    root_markers = M.root_markers,
    settings = { sqlopt = vim.empty_dict() },
  }
  return vim.tbl_deep_extend("force", plain, given or {})
end

-- Make every fix that is exact, and proved or tested, in a buffer; nothing else of a `source.fixAll` is asked for.
function M.fix_all(buffer)
  buffer = buffer or vim.api.nvim_get_current_buf()
  local last = vim.api.nvim_buf_line_count(buffer)
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    range = { start = { line = 0, character = 0 }, ["end"] = { line = last, character = 0 } },
    context = { diagnostics = {}, only = { "source.fixAll.sqlopt" } },
  }
  for _, client in pairs(M.clients(buffer)) do
    local function ask(method, about)
      if vim.fn.has("nvim-0.11") == 1 then
        return client:request_sync(method, about, 10000, buffer)
      end
      return client.request_sync(method, about, 10000, buffer)
    end
    local answer = ask("textDocument/codeAction", params)
    for _, action in ipairs(answer and answer.result or {}) do
      if not action.edit and action.data then
        local resolved = ask("codeAction/resolve", action)
        action = resolved and resolved.result or action
      end
      if action.edit then
        vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding or "utf-16")
      end
    end
  end
end

-- Show a rule's page in a split.
function M.explain(rule)
  local buffer = vim.api.nvim_get_current_buf()
  local params = { command = "sqlopt.explain", arguments = { rule:upper(), vim.uri_from_bufnr(buffer) } }
  vim.lsp.buf_request(buffer, "workspace/executeCommand", params, function(failure, page)
    if failure or type(page) ~= "string" then
      vim.notify(failure and failure.message or ("no rule is called " .. rule), vim.log.levels.WARN)
      return
    end
    vim.cmd("new")
    vim.bo.buftype, vim.bo.bufhidden, vim.bo.filetype = "nofile", "wipe", "markdown"
    vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(page, "\n"))
    vim.bo.modifiable = false
  end)
end

-- The running servers of sqlopt that know a buffer, by id.
function M.clients(buffer)
  local found = {}
  local all = vim.lsp.get_clients and vim.lsp.get_clients({ bufnr = buffer }) or vim.lsp.buf_get_clients(buffer)
  for _, client in pairs(all) do
    if client.name == "sqlopt" then
      found[client.id] = client
    end
  end
  return found
end

local running = {} -- by root: for Neovim 0.7, which has no vim.lsp.start

local function attach(buffer, given)
  local root = root_of(vim.api.nvim_buf_get_name(buffer))
  local config = M.config(vim.tbl_extend("keep", given, { cmd = command(root), root_dir = root }))
  if vim.lsp.start then
    vim.lsp.start(config, { bufnr = buffer })
    return
  end
  running[root] = running[root] or vim.lsp.start_client(config)
  if running[root] then
    vim.lsp.buf_attach_client(buffer, running[root])
  end
end

-- Start the server for the files that it knows. `given` overrides the configuration.
function M.setup(given)
  given = given or {}
  if vim.lsp.config and vim.lsp.enable then
    vim.lsp.config("sqlopt", given)
    vim.lsp.enable("sqlopt")
  else
    vim.api.nvim_create_autocmd("FileType", {
      pattern = given.filetypes or M.filetypes,
      callback = function(event)
        attach(event.buf, given)
      end,
    })
  end
end

return M
