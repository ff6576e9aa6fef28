// What the editor calls: the server is started, and the commands are made known.
import * as vscode from "vscode";
import { Client } from "./client";
import { Lineage } from "./lineage";
import { concerns } from "./settings";
import { Status } from "./status";

let client: Client | undefined;
let ended: Promise<void> = Promise.resolve(); // when the last server that was told to end has done so

/** The server starts behind this: one that hangs must not keep the commands from working. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("sqlopt", { log: true });
  const status = new Status(() => client);
  const lineage = new Lineage(log);

  async function restart(): Promise<void> {
    const stopped = deactivate();
    const fresh = (client = new Client(log));
    await stopped;
    if (client === fresh && (await fresh.begin())) {
      status.soon(0);
    }
  }

  const known: [string, (...given: never[]) => unknown][] = [
    ["sqlopt.restart", restart],
    ["sqlopt.showLog", () => log.show()],
    ["sqlopt.showLineage", () => withDocument((document) => lineage.show(document.uri))],
    ["sqlopt.showColumnLineage", () => withDocument((document) => lineage.showColumn(document.uri, wordUnderCursor()))],
    ["sqlopt.fixAll", () => withDocument(fixAll)],
    ["sqlopt.explainRule", explain],
  ];
  context.subscriptions.push(
    log,
    status,
    lineage,
    ...known.map(([name, run]) => vscode.commands.registerCommand(name, run)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("sqlopt.command") || change.affectsConfiguration("sqlopt.python.enabled")) {
        void restart();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void restart()),
  );
  void restart();
}

export function deactivate(): Promise<void> {
  const old = client;
  client = undefined;
  ended = ended.then(() => old?.end());
  return ended;
}

async function withDocument(run: (document: vscode.TextDocument) => unknown): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined || !concerns(document)) {
    await vscode.window.showInformationMessage("Open a file with SQL first.");
    return;
  }
  await run(document);
}

/** Only fixes that are exact, and proved or tested: what the server's `source.fixAll.sqlopt` holds. */
async function fixAll(): Promise<void> {
  await vscode.commands.executeCommand("editor.action.codeAction", { kind: "source.fixAll.sqlopt", apply: "first" });
}

/** Show a rule's page; asked for by name where the command comes from the palette. */
async function explain(): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const rule = await vscode.window.showInputBox({
    prompt: "Which rule?",
    placeHolder: "PRN001",
    value: ruleUnderCursor() ?? "",
  });
  if (rule && uri && client) {
    await client.sendRequest("workspace/executeCommand", {
      command: "sqlopt.explain",
      arguments: [rule.trim().toUpperCase(), client.code2ProtocolConverter.asUri(uri)],
    });
  }
}

function wordUnderCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const range = editor?.document.getWordRangeAtPosition(editor.selection.active);
  return range && editor?.document.getText(range);
}

function ruleUnderCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return undefined;
  }
  const found = vscode.languages
    .getDiagnostics(editor.document.uri)
    .find((one) => one.source === "sqlopt" && one.range.contains(editor.selection.active));
  const code = found?.code;
  return typeof code === "object" ? String(code.value) : code === undefined ? undefined : String(code);
}
