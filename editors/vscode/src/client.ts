// The language client: the server does the work, this starts it and says so when it can't.
import * as vscode from "vscode";
import { LanguageClient, TransportKind, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { command, selector } from "./settings";

const INSTALL = "https://github.com/sqlopt/sqlopt#in-the-editor";

/** A client that is not yet started. */
export function create(log: vscode.LogOutputChannel): LanguageClient {
  const [program = "sqlopt", ...words] = command();
  const server: ServerOptions = { command: program, args: [...words, "lsp"], transport: TransportKind.stdio };
  const options: LanguageClientOptions = {
    documentSelector: selector(),
    outputChannel: log,
    // One failure to start is told below, with what helps; the client would tell it again as a stack.
    initializationFailedHandler: () => false,
    synchronize: { configurationSection: "sqlopt" },
  };
  return new LanguageClient("sqlopt", "sqlopt", server, options);
}

/** Start a client; where sqlopt is not found or does not answer, one message says what helps. */
export async function start(client: LanguageClient, log: vscode.LogOutputChannel): Promise<boolean> {
  try {
    await client.start();
    return true;
  } catch (error) {
    log.error(`sqlopt could not be started (${command().join(" ")}): ${String(error)}`);
    void help();
    return false;
  }
}

async function help(): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(
    `sqlopt could not be started with "${command().join(" ")}". Install it with: pip install 'sqlopt[lsp]'`,
    "How to install",
    "Choose the command",
    "Show the log",
  );
  if (chosen === "How to install") {
    await vscode.env.openExternal(vscode.Uri.parse(INSTALL));
  } else if (chosen === "Choose the command") {
    await vscode.commands.executeCommand("workbench.action.openSettings", "sqlopt.command");
  } else if (chosen === "Show the log") {
    await vscode.commands.executeCommand("sqlopt.showLog");
  }
}
