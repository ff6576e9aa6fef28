// The lineage panel: the drawing that `sqlopt lineage --format html` makes, beside the editor.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import { command, concerns } from "./settings";

const LONGEST = 60_000; // milliseconds
const LARGEST = 64 << 20; // bytes of a drawing

/** What is drawn: a file, or a column in the whole folder around it. */
interface Subject {
  uri: vscode.Uri;
  column?: string;
}

interface Place {
  path: string | null;
  line: number | null;
}

/** What is read of `sqlopt lineage --format json`. */
interface Graph {
  tables: (Place & { name: string; columns: string[] })[];
  edges: (Place & { kind: string; target: { table: string; column: string } })[];
}

export class Lineage implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private shown: Subject | undefined;
  private readonly parts: vscode.Disposable[];

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.parts = [
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (this.panel?.visible && this.shown && document.uri.toString() === this.shown.uri.toString()) {
          void this.draw({ ...this.shown });
        }
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        // A column's drawing stays: going to where the column is made must not lose it.
        if (this.panel?.visible && this.shown?.column === undefined && editor && concerns(editor.document)) {
          void this.draw({ uri: editor.document.uri });
        }
      }),
    ];
  }

  /** Show the lineage of a file as it is saved. */
  async show(uri: vscode.Uri): Promise<void> {
    await this.reveal({ uri });
  }

  /** Show what feeds a column of a file, and what it feeds, in the whole folder; `word` is the name that is meant. */
  async showColumn(uri: vscode.Uri, word: string | undefined): Promise<void> {
    const { tables } = await this.graph({ uri });
    const all = tables.flatMap((table) => table.columns.map((name) => ({ name, full: `${table.name}.${name}` })));
    const meant = all.filter(({ name }) => name.toLowerCase() === word?.toLowerCase());
    const [first, ...others] = (meant.length > 0 ? meant : all).map(({ full }) => full);
    if (first === undefined) {
      await vscode.window.showInformationMessage("No columns are known of this file.");
      return;
    }
    const options = { placeHolder: "Which column?" };
    const column = others.length > 0 ? await vscode.window.showQuickPick([first, ...others], options) : first;
    if (column !== undefined) {
      await this.reveal({ uri, column });
    }
  }

  private async reveal(subject: Subject): Promise<void> {
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
    await this.draw(subject);
  }

  private async draw(subject: Subject): Promise<void> {
    this.shown = subject;
    const page = await this.ask(subject, "html", subject.column);
    if (this.panel === undefined || this.shown !== subject) {
      return; // closed, or another was asked for meanwhile
    }
    this.panel.title = `Lineage: ${subject.column ?? path.basename(subject.uri.fsPath)}`;
    this.panel.webview.html = page === undefined ? failed() : bridged(page);
  }

  /** Open the file that makes the table or column which was clicked twice. */
  private async open(said: unknown): Promise<void> {
    const { table, column } = (said ?? {}) as { table?: unknown; column?: unknown };
    const subject = this.shown;
    if (typeof table !== "string" || subject === undefined) {
      return;
    }
    const { tables, edges } = await this.graph(subject);
    const node = tables.find((one) => one.name === table);
    const made = edges.filter(({ target }) => target.table === table && target.column === column);
    const found = made.find((one) => one.kind === "direct") ?? made[0] ?? node;
    if (found?.path == null) {
      return; // nothing here makes it
    }
    const line = Math.max((found.line ?? 1) - 1, 0);
    await vscode.window.showTextDocument(vscode.Uri.file(path.resolve(folderOf(subject.uri), found.path)), {
      viewColumn: vscode.ViewColumn.One,
      selection: new vscode.Range(line, 0, line, 0),
    });
  }

  /** All of what the drawing of a subject is a part of. */
  private async graph(subject: Subject): Promise<Graph> {
    const text = await this.ask(subject, "json");
    return text === undefined ? { tables: [], edges: [] } : (JSON.parse(text) as Graph);
  }

  private async ask(subject: Subject, format: string, focus?: string): Promise<string | undefined> {
    const [program = "sqlopt", ...words] = command();
    const folder = folderOf(subject.uri);
    const place = subject.column === undefined ? path.relative(folder, subject.uri.fsPath) : ".";
    const about = focus === undefined ? [place] : [focus, place];
    const given = [...words, "lineage", "--format", format, "--", ...about];
    const options = { cwd: folder, timeout: LONGEST, maxBuffer: LARGEST };
    const asked = new Promise<string | undefined>((resolve) => {
      execFile(program, given, options, (error, stdout, stderr) => {
        if (error) {
          this.log.error(`sqlopt lineage ${about.join(" ")}: ${stderr || error.message}`);
        }
        resolve(error ? undefined : stdout);
      });
    });
    const progress = { location: vscode.ProgressLocation.Window, title: "sqlopt: reading the lineage" };
    return vscode.window.withProgress(progress, () => asked);
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
 * The page in the editor's colours, with a script that says which table or column was clicked twice. The page's own
 * policy lets nothing in but its own script and style, by their hashes; one nonce is added for this one.
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
      const row = under?.closest("[data-table]");
      const { table, column } = row?.dataset ?? {};
      const id = table + ":" + column;
      const again = table && id === last.id && event.timeStamp - last.at < 500;
      last = { id, at: event.timeStamp };
      const box = again && document.querySelector('.box[data-table="' + table + '"]');
      if (box) editor.postMessage({ table: box.dataset.name, column: column && row.dataset.name });
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
