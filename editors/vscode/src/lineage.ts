// The lineage panel: the drawing that `sqlopt lineage --format html` makes, beside the editor.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import { command, concerns } from "./settings";

const LONGEST = 60_000; // milliseconds
const LARGEST = 64 << 20; // bytes of a drawing

interface Table {
  name: string;
  path: string | null;
  line: number | null;
}

export class Lineage implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private shown: vscode.Uri | undefined;
  private readonly parts: vscode.Disposable[];

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.parts = [
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (this.panel?.visible && document.uri.toString() === this.shown?.toString()) {
          void this.draw(document.uri);
        }
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (this.panel?.visible && editor && concerns(editor.document)) {
          void this.draw(editor.document.uri);
        }
      }),
    ];
  }

  /** Show the lineage of a file as it is saved. */
  async show(uri: vscode.Uri): Promise<void> {
    if (this.panel === undefined) {
      this.panel = vscode.window.createWebviewPanel(
        "sqlopt.lineage",
        "Lineage",
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        { enableScripts: true, localResourceRoots: [], retainContextWhenHidden: true },
      );
      this.panel.onDidDispose(() => (this.panel = undefined));
      this.panel.webview.onDidReceiveMessage((said: unknown) => void this.open(said));
    } else {
      this.panel.reveal(undefined, true);
    }
    await this.draw(uri);
  }

  private async draw(uri: vscode.Uri): Promise<void> {
    this.shown = uri;
    const page = await this.ask(uri, "html");
    if (this.panel === undefined || this.shown !== uri) {
      return; // closed, or another file was asked for meanwhile
    }
    this.panel.title = `Lineage: ${path.basename(uri.fsPath)}`;
    this.panel.webview.html = page === undefined ? failed() : bridged(page);
  }

  /** Open the file that makes the table which was clicked twice. */
  private async open(said: unknown): Promise<void> {
    const name = typeof said === "object" && said !== null && "table" in said ? said.table : undefined;
    const uri = this.shown;
    if (typeof name !== "string" || uri === undefined) {
      return;
    }
    const text = await this.ask(uri, "json");
    const tables: Table[] = text === undefined ? [] : (JSON.parse(text) as { tables: Table[] }).tables;
    const found = tables.find((one) => one.name === name);
    if (found?.path == null) {
      return; // nothing here makes it
    }
    const line = Math.max((found.line ?? 1) - 1, 0);
    await vscode.window.showTextDocument(vscode.Uri.file(path.resolve(folderOf(uri), found.path)), {
      viewColumn: vscode.ViewColumn.One,
      selection: new vscode.Range(line, 0, line, 0),
    });
  }

  private ask(uri: vscode.Uri, format: string): Promise<string | undefined> {
    const [program = "sqlopt", ...words] = command();
    const given = [...words, "lineage", "--format", format, "--", uri.fsPath];
    const options = { cwd: folderOf(uri), timeout: LONGEST, maxBuffer: LARGEST };
    return new Promise((resolve) => {
      execFile(program, given, options, (error, stdout, stderr) => {
        if (error) {
          this.log.error(`sqlopt lineage ${uri.fsPath}: ${stderr || error.message}`);
        }
        resolve(error ? undefined : stdout);
      });
    });
  }

  dispose(): void {
    this.panel?.dispose();
    this.parts.forEach((one) => one.dispose());
  }
}

function folderOf(uri: vscode.Uri): string {
  return vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath);
}

/**
 * The page in the editor's colours, with a script that says which table was clicked twice. The page's own policy lets nothing in but its
 * own script and style, by their hashes; one nonce is added for this one.
 */
export function bridged(page: string): string {
  const nonce = randomBytes(16).toString("hex");
  const script = `<script nonce="${nonce}">
    const editor = acquireVsCodeApi();
    const light = document.body.classList.contains("vscode-light") || document.body.classList.contains("vscode-high-contrast-light");
    document.documentElement.classList.add(light ? "light" : "dark");
    // The drawing takes the pointer's events for itself, so that there are no clicks: two taps within half a second.
    let last = { id: "", at: 0 };
    document.addEventListener("pointerup", (event) => {
      const under = document.elementFromPoint(event.clientX, event.clientY);
      const id = under?.closest("[data-table]")?.dataset.table ?? "";
      const again = id !== "" && id === last.id && event.timeStamp - last.at < 500;
      last = { id, at: event.timeStamp };
      const label = again && document.querySelector('.box[data-table="' + id + '"]')?.getAttribute("aria-label");
      if (label) editor.postMessage({ table: label.split(", ").slice(0, -2).join(", ") });
    }, true);
  </script>`;
  return page
    .replace(/script-src &#x27;/, `script-src &#x27;nonce-${nonce}&#x27; &#x27;`)
    .replace("</body>", () => `${script}</body>`);
}

function failed(): string {
  return `<!doctype html><html lang="en"><head>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'"></head>
    <body><p>The lineage of this file can't be drawn: the log of sqlopt says why.</p></body></html>`;
}
