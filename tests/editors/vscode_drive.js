// Runs the bundled extension with the stand-in: node vscode_drive.js EXTENSION FOLDER SETTINGS; prints what happened.
"use strict";
const Module = require("node:module");
const path = require("node:path");

const [bundle, folder, settings] = process.argv.slice(2);
const resolve = Module._resolveFilename;
Module._resolveFilename = (name, ...given) =>
  name === "vscode" ? path.join(__dirname, "vscode_stand_in.js") : resolve(name, ...given);
const vscode = require("vscode");
const { record, state, open } = vscode.standIn;
const faults = [];
process.on("unhandledRejection", (error) => faults.push(String(error?.stack ?? error)));

async function until(what, seconds = 20) {
  for (let turn = 0; turn < seconds * 20; turn += 1) {
    const found = await what();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  return undefined;
}

function applied(document, edits) {
  return [...edits]
    .sort((a, b) => document.offsetAt(b.range.start) - document.offsetAt(a.range.start))
    .reduce((text, one) => text.slice(0, document.offsetAt(one.range.start)) + one.newText + text.slice(document.offsetAt(one.range.end)), document.getText());
}

async function main() {
  state.folder = folder;
  state.settings = JSON.parse(settings);
  const extension = require(bundle);
  const context = { subscriptions: [] };
  await extension.activate(context);
  // The server starts behind this; one that hangs must leave the commands at work.
  await until(() => record.messages.length > 0 || record.providers.registerCodeActionsProvider, state.settings["test.wait"] ?? 20);
  const told = { commands: [...record.commands.keys()].filter((name) => name.startsWith("sqlopt.")).sort() };
  const found = record.messages.filter(([kind]) => kind === "error");
  if (found.length === 0 && record.providers.registerCodeActionsProvider) {
    const document = open(path.join(folder, "a.sql"), "sql");
    const all = () => vscode.languages.getDiagnostics(document.uri);
    await until(() => all().length > 0);
    told.diagnostics = all().map((one) => [one.code?.value ?? one.code, document.getText(one.range)]);
    told.price = (await until(() => record.statusBar.find((one) => one.visible)))?.text;
    const token = new vscode.CancellationTokenSource().token;
    const [, provider] = record.providers.registerCodeActionsProvider[0];
    const one = all().find((each) => each.range && (each.code?.value ?? each.code) === "PRN002");
    const actions = await provider.provideCodeActions(document, one.range, { diagnostics: [one], triggerKind: 1 }, token);
    const fix = actions.find((each) => each.edit);
    told.fix = [fix.title, applied(document, fix.edit.entries()[0][1])];
    await record.commands.get("sqlopt.showLineage")();
    const [panel] = record.panels;
    told.panel = { html: panel.webview.html, options: panel.options, title: panel.title };
    panel.say({ table: "shop.sales.recent" });
    await until(() => record.opened.length > 0);
    panel.say({ table: 7 });
    await record.commands.get("sqlopt.showColumnLineage")(); // the word under the cursor is not a column: asked for
    told.asked = record.asked;
    told.column = { html: panel.webview.html, title: panel.title };
    panel.say({ table: "shop.sales.recent", column: "mark" });
    await until(() => record.opened.length > 1);
    told.opened = record.opened;
    await record.commands.get("sqlopt.fixAll")();
    told.ran = record.messages.filter(([kind]) => kind === "command");
  }
  await extension.deactivate();
  context.subscriptions.forEach((each) => each.dispose());
  told.messages = record.messages.filter(([kind]) => kind === "error");
  told.left = [...record.commands.keys()].filter((name) => name.startsWith("sqlopt."));
  await until(() => process._getActiveHandles().every((one) => one.constructor.name !== "ChildProcess"), 5);
  told.processes = process._getActiveHandles().filter((one) => one.constructor.name === "ChildProcess").length;
  told.faults = faults;
  told.log = record.log;
  process.stdout.write(JSON.stringify(told), () => process.exit(0));
}

void main().catch((error) => {
  process.stderr.write(String(error.stack));
  process.exit(1);
});
