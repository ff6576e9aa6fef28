// The price of the file in the status bar: asked of the server a moment after the last change, never of a warehouse.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { concerns, settings } from "./settings";

const PAUSE = 400; // milliseconds without a change before a price is asked for

interface Price {
  text: string;
  detail: string;
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("sqlopt.price", vscode.StatusBarAlignment.Right, 90);
  private readonly parts: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private asked = 0;

  constructor(private readonly client: () => LanguageClient | undefined) {
    this.item.name = "sqlopt price";
    this.item.command = "sqlopt.showLineage";
    this.parts = [
      this.item,
      vscode.window.onDidChangeActiveTextEditor(() => this.soon(0)),
      vscode.workspace.onDidChangeTextDocument((change) => {
        if (change.document === vscode.window.activeTextEditor?.document) {
          this.soon(PAUSE);
        }
      }),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("sqlopt")) {
          this.soon(0);
        }
      }),
    ];
  }

  /** Ask after a pause; a later call puts the earlier one off. */
  soon(pause: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.show(), pause);
  }

  private async show(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    const client = this.client();
    if (!document || !client || !concerns(document) || !settings().get("statusBar", true)) {
      this.item.hide();
      return;
    }
    const turn = ++this.asked;
    let price: Price | null = null;
    try {
      price = await client.sendRequest("workspace/executeCommand", {
        command: "sqlopt.price",
        arguments: [client.code2ProtocolConverter.asUri(document.uri)],
      });
    } catch {
      // The server is starting or stopping: no price is no news.
    }
    if (turn !== this.asked) {
      return; // another file or a newer text was asked about meanwhile
    }
    if (price === null) {
      this.item.hide();
      return;
    }
    this.item.text = `$(database) ${price.text}`;
    this.item.tooltip = price.detail;
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.parts.forEach((one) => one.dispose());
  }
}
