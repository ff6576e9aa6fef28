// The language client: the server does the work, this starts it and says so when it can't.
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  TransportKind,
  type CloseHandlerResult,
  type ErrorHandler,
  type ErrorHandlerResult,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { command, selector } from "./settings";

const INSTALL = "https://github.com/sqlopt/sqlopt#in-the-editor";
const RESTARTS = 3;

/** A server that has answered is started again after a fault, a few times; one that never did is not. */
class Faults implements ErrorHandler {
  answered = false;
  private restarts = 0;

  error(): ErrorHandlerResult {
    return { action: ErrorAction.Continue };
  }

  closed(): CloseHandlerResult {
    const again = this.answered && this.restarts++ < RESTARTS;
    if (this.answered && !again) {
      void help("sqlopt stopped several times and was not started again.");
    }
    return { action: again ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
  }
}

export class Client extends LanguageClient {
  private readonly faults: Faults;

  constructor(private readonly log: vscode.LogOutputChannel) {
    const [program = "sqlopt", ...words] = command();
    const faults = new Faults();
    const options: LanguageClientOptions = {
      documentSelector: selector(),
      outputChannel: log,
      errorHandler: faults,
      initializationFailedHandler: () => false,
      synchronize: { configurationSection: "sqlopt" },
    };
    const server = { command: program, args: [...words, "lsp"], transport: TransportKind.stdio };
    super("sqlopt", "sqlopt", server, options);
    this.faults = faults;
  }

  /** What goes wrong is logged; a person is told once, below, with what helps. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Start the server; where sqlopt is not found or does not answer, say so and what helps. */
  async begin(): Promise<boolean> {
    try {
      await this.start();
      if (!this.isRunning()) {
        throw new Error("it stopped at once"); // which the client takes for a start that was called off
      }
      this.faults.answered = true;
      return true;
    } catch (error) {
      this.log.error(`sqlopt could not be started (${command().join(" ")}): ${String(error)}`);
      void help(`sqlopt could not be started with "${command().join(" ")}". Install it with: pip install 'sqlopt[lsp]'`);
      return false;
    }
  }
}

async function help(what: string): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(what, "How to install", "Choose the command", "Show the log");
  if (chosen === "How to install") {
    await vscode.env.openExternal(vscode.Uri.parse(INSTALL));
  } else if (chosen === "Choose the command") {
    await vscode.commands.executeCommand("workbench.action.openSettings", "sqlopt.command");
  } else if (chosen === "Show the log") {
    await vscode.commands.executeCommand("sqlopt.showLog");
  }
}
