// The language client: the server does the work, this starts it and says so when it can't.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type CloseHandlerResult,
  type ErrorHandler,
  type ErrorHandlerResult,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { command, selector } from "./settings";

const INSTALL = "https://github.com/sqlopt/sqlopt#in-the-editor";
const RESTARTS = 3;
const LAST = 2_000; // milliseconds that a server has to end by itself

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
  private process: ChildProcess | undefined;
  private ended = false;

  constructor(private readonly log: vscode.LogOutputChannel) {
    const faults = new Faults();
    const options: LanguageClientOptions = {
      documentSelector: selector(),
      outputChannel: log,
      errorHandler: faults,
      initializationFailedHandler: () => false,
      synchronize: { configurationSection: "sqlopt" },
    };
    super("sqlopt", "sqlopt", () => this.launch(), options);
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
      if (!this.ended) {
        const words = command().join(" ");
        this.log.error(`sqlopt could not be started (${words}): ${String(error)}`);
        void help(`sqlopt could not be started with "${words}". Install it with: pip install 'sqlopt[lsp]'`);
      }
      return false;
    }
  }

  /** End the server, also one that has not answered yet; the library only stops those that run. */
  async end(): Promise<void> {
    this.ended = true;
    const process = this.process;
    if (this.isRunning()) {
      await this.dispose().catch((error: unknown) => this.log.warn(`sqlopt did not end by itself: ${String(error)}`));
      await Promise.race([gone(process), pause(LAST, undefined, { ref: false })]);
    }
    process?.kill();
  }

  private async launch(): Promise<ChildProcess> {
    const [program = "sqlopt", ...words] = command();
    const folder = vscode.workspace.workspaceFolders?.find((one) => one.uri.scheme === "file");
    this.process = spawn(program, [...words, "lsp"], { cwd: folder?.uri.fsPath });
    await once(this.process, "spawn"); // or its error, such as a program that is not there
    return this.process;
  }
}

async function gone(process: ChildProcess | undefined): Promise<void> {
  if (process && process.exitCode === null && process.signalCode === null) {
    await once(process, "exit");
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
