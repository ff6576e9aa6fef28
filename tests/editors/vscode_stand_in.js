// A stand-in for the `vscode` module: what an extension with a language client touches, and a record of what it did.
"use strict";
const fs = require("node:fs");
const { fileURLToPath, pathToFileURL } = require("node:url");

const record = { messages: [], providers: {}, commands: new Map(), collections: [], statusBar: [], panels: [], opened: [], asked: [], log: [] };

class Disposable {
  constructor(dispose) { this.dispose = dispose ?? (() => {}); }
  static from(...parts) { return new Disposable(() => parts.forEach((one) => one.dispose())); }
}
class EventEmitter {
  constructor() {
    this.listeners = new Set();
    this.event = (listener, self) => {
      const bound = self ? listener.bind(self) : listener;
      this.listeners.add(bound);
      return new Disposable(() => this.listeners.delete(bound));
    };
  }
  fire(value) { for (const one of [...this.listeners]) one(value); }
  dispose() { this.listeners.clear(); }
}
class Position {
  constructor(line, character) { this.line = line; this.character = character; }
  isBefore(other) { return this.line < other.line || (this.line === other.line && this.character < other.character); }
  isBeforeOrEqual(other) { return !other.isBefore(this); }
}
class Range {
  constructor(a, b, c, d) {
    [this.start, this.end] = a instanceof Position ? [a, b] : [new Position(a, b), new Position(c, d)];
  }
  get isEmpty() { return !this.start.isBefore(this.end); }
  contains(other) {
    const [start, end] = other instanceof Position ? [other, other] : [other.start, other.end];
    return this.start.isBeforeOrEqual(start) && end.isBeforeOrEqual(this.end);
  }
}
class Selection extends Range { get active() { return this.end; } }
class Uri {
  constructor(text) { this.text = text; this.scheme = text.split(":")[0]; this.query = ""; this.fragment = ""; this.authority = ""; }
  static parse(text) { return new Uri(text); }
  static file(name) { return new Uri(pathToFileURL(name).href); }
  get fsPath() { return this.scheme === "file" ? fileURLToPath(this.text) : this.text; }
  get path() { return new URL(this.text).pathname; }
  toString() { return this.text; }
  toJSON() { return this.text; }
}
class Diagnostic { constructor(range, message, severity) { Object.assign(this, { range, message, severity }); } }
class CodeAction { constructor(title, kind) { Object.assign(this, { title, kind }); } }
class CodeActionKind {
  constructor(value) { this.value = value; }
  append(part) { return new CodeActionKind(this.value ? `${this.value}.${part}` : part); }
}
CodeActionKind.Empty = new CodeActionKind("");
for (const [name, value] of Object.entries({ QuickFix: "quickfix", Refactor: "refactor", RefactorExtract: "refactor.extract", RefactorInline: "refactor.inline", RefactorRewrite: "refactor.rewrite", Source: "source", SourceFixAll: "source.fixAll", SourceOrganizeImports: "source.organizeImports" })) {
  CodeActionKind[name] = new CodeActionKind(value);
}
class TextEdit {
  constructor(range, newText) { this.range = range; this.newText = newText; }
  static replace(range, text) { return new TextEdit(range, text); }
  static insert(position, text) { return new TextEdit(new Range(position, position), text); }
  static delete(range) { return new TextEdit(range, ""); }
}
class WorkspaceEdit {
  constructor() { this.changes = new Map(); }
  set(uri, edits) { this.changes.set(uri.toString(), edits.map((one) => (Array.isArray(one) ? one[0] : one))); }
  replace(uri, range, text) {
    const key = uri.toString();
    this.changes.set(key, [...(this.changes.get(key) ?? []), TextEdit.replace(range, text)]);
  }
  insert(uri, position, text) { this.replace(uri, new Range(position, position), text); }
  delete(uri, range) { this.replace(uri, range, ""); }
  entries() { return [...this.changes].map(([uri, edits]) => [Uri.parse(uri), edits]); }
}
class MarkdownString {
  constructor(value = "") { this.value = value; }
  appendMarkdown(more) { this.value += more; return this; }
  appendCodeblock(more) { this.value += more; return this; }
}
class CancellationTokenSource {
  constructor() { this.token = { isCancellationRequested: false, onCancellationRequested: new EventEmitter().event }; }
  cancel() { this.token.isCancellationRequested = true; }
  dispose() {}
}
class TextDocument {
  constructor(uri, languageId, text) { Object.assign(this, { uri, languageId, text, version: 1, isClosed: false, isDirty: false, isUntitled: false }); }
  get fileName() { return this.uri.fsPath; }
  get lineCount() { return this.text.split("\n").length; }
  getText(range) { return range ? this.text.slice(this.offsetAt(range.start), this.offsetAt(range.end)) : this.text; }
  getWordRangeAtPosition({ line, character }) {
    const text = this.lineAt(line).text;
    const [before] = /\w*$/.exec(text.slice(0, character)), [after] = /^\w*/.exec(text.slice(character));
    return before || after ? new Range(line, character - before.length, line, character + after.length) : undefined;
  }
  lineAt(line) { return { text: this.text.split("\n")[line.line ?? line] }; }
  offsetAt(position) {
    return this.text.split("\n").slice(0, position.line).reduce((sum, one) => sum + one.length + 1, 0) + position.character;
  }
  positionAt(offset) {
    const before = this.text.slice(0, offset).split("\n");
    return new Position(before.length - 1, before[before.length - 1].length);
  }
}

const events = {};
const event = (name) => (events[name] ??= new EventEmitter());
/** What is not written out here: events by their names, providers kept, and nothing else. */
function rest(known, space) {
  return new Proxy(known, {
    get(target, name) {
      if (name in target || typeof name !== "string") return target[name];
      if (name.startsWith("on")) return event(`${space}.${name}`).event;
      if (name.startsWith("register")) {
        return (...given) => {
          (record.providers[name] ??= []).push(given);
          return new Disposable();
        };
      }
      return undefined;
    },
  });
}

const state = { settings: {}, folder: undefined };
const documents = [];
function output() {
  const line = (...words) => record.log.push(words.join(" "));
  return { name: "", append: line, appendLine: line, replace: line, clear() {}, show() { record.messages.push(["log", "shown"]); }, hide() {}, dispose() {}, trace: line, debug: line, info: line, warn: line, error: line, logLevel: 2 };
}
const message = (kind) => async (text) => void record.messages.push([kind, text]);

const workspace = rest({
  textDocuments: documents,
  notebookDocuments: [],
  isTrusted: true,
  get workspaceFolders() { return [{ uri: Uri.file(state.folder), name: "shop", index: 0 }]; },
  getWorkspaceFolder() { return this.workspaceFolders[0]; },
  getConfiguration(section = "") {
    const at = (name) => [section, name].filter(Boolean).join(".");
    const values = (prefix) => {
      if (prefix in state.settings) return state.settings[prefix];
      const found = {};
      for (const [key, value] of Object.entries(state.settings)) {
        if (!key.startsWith(`${prefix}.`)) continue;
        const parts = key.slice(prefix.length + 1).split(".");
        parts.slice(0, -1).reduce((inner, part) => (inner[part] ??= {}), found)[parts[parts.length - 1]] = value;
      }
      return Object.keys(found).length > 0 ? found : undefined;
    };
    return { get: (name, otherwise) => values(at(name)) ?? otherwise, has: (name) => values(at(name)) !== undefined, ...values(section) };
  },
  createFileSystemWatcher: () => ({ onDidCreate: new EventEmitter().event, onDidChange: new EventEmitter().event, onDidDelete: new EventEmitter().event, dispose() {} }),
  async applyEdit() { return true; },
  fs: {},
}, "workspace");

const window = rest({
  activeTextEditor: undefined,
  visibleTextEditors: [],
  tabGroups: { all: [{ tabs: [] }], onDidChangeTabs: event("tabs").event },
  createOutputChannel: output,
  createStatusBarItem() {
    const item = { text: "", tooltip: "", visible: false, show() { this.visible = true; }, hide() { this.visible = false; }, dispose() {} };
    record.statusBar.push(item);
    return item;
  },
  createWebviewPanel(kind, title, column, options) {
    const closed = new EventEmitter(), said = new EventEmitter();
    const panel = { kind, title, options, visible: true, webview: { html: "", onDidReceiveMessage: said.event, cspSource: "" }, reveal() {}, onDidDispose: closed.event, dispose: () => closed.fire(), say: (value) => said.fire(value) };
    record.panels.push(panel);
    return panel;
  },
  showErrorMessage: message("error"),
  showWarningMessage: message("warning"),
  showInformationMessage: message("information"),
  async showQuickPick(choices) { record.asked.push(choices); return choices[choices.length - 1]; },
  async showTextDocument(uri, options) { record.opened.push([uri.fsPath ?? String(uri), options?.selection?.start.line]); },
  async withProgress(_options, task) { return task({ report() {} }, new CancellationTokenSource().token); },
}, "window");

const languages = rest({
  match: (selector, document) => [selector].flat().some((one) => (!one.language || one.language === document.languageId) && (!one.scheme || one.scheme === document.uri.scheme)) ? 10 : 0,
  createDiagnosticCollection(name) {
    const held = new Map();
    const collection = { name, set: (uri, found) => held.set(uri.toString(), found ?? []), get: (uri) => held.get(uri.toString()), has: (uri) => held.has(uri.toString()), delete: (uri) => held.delete(uri.toString()), clear: () => held.clear(), dispose: () => held.clear(), forEach: (run) => held.forEach((found, uri) => run(Uri.parse(uri), found)) };
    record.collections.push(collection);
    return collection;
  },
  getDiagnostics: (uri) => record.collections.flatMap((one) => one.get(uri) ?? []),
}, "languages");

const commands = {
  registerCommand(name, run) {
    if (record.commands.has(name)) throw new Error(`command ${name} is there already`);
    record.commands.set(name, run);
    return new Disposable(() => record.commands.delete(name));
  },
  async executeCommand(name, ...given) {
    record.messages.push(["command", name, ...given]);
    return record.commands.get(name)?.(...given);
  },
};

const known = {
  Disposable, EventEmitter, Position, Range, Selection, Uri, Diagnostic, CodeAction, CodeActionKind, TextEdit, WorkspaceEdit, MarkdownString, CancellationTokenSource, workspace, window, languages, commands,
  CancellationError: class extends Error {},
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  CodeActionTriggerKind: { Invoke: 1, Automatic: 2 },
  StatusBarAlignment: { Left: 1, Right: 2 },
  ViewColumn: { Active: -1, Beside: -2, One: 1 },
  ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
  env: { appName: "stand-in", language: "en", openExternal: async (uri) => record.messages.push(["open", String(uri)]) },
  version: "1.91.0",
};
const made = {};
module.exports = new Proxy(known, {
  get(target, name) {
    if (name in target || typeof name !== "string") return target[name];
    // A class to extend or to make, or an enumeration to read: empty either way.
    return (made[name] ??= class { constructor(...given) { this.given = given; } });
  },
});
Object.assign(module.exports, {
  standIn: {
    record,
    state,
    fire: (name, value) => event(name).fire(value),
    open(name, languageId) {
      const document = new TextDocument(Uri.file(name), languageId, fs.readFileSync(name, "utf8"));
      documents.push(document);
      window.activeTextEditor = { document, selection: new Selection(0, 0, 0, 0) };
      window.visibleTextEditors = [window.activeTextEditor];
      const tab = { input: Object.assign(new module.exports.TabInputText(), { uri: document.uri }) };
      window.tabGroups.all[0].tabs.push(tab);
      event("workspace.onDidOpenTextDocument").fire(document);
      event("tabs").fire({ opened: [tab], closed: [], changed: [] });
      event("window.onDidChangeActiveTextEditor").fire(window.activeTextEditor);
      return document;
    },
  },
});
