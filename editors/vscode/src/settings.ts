// How sqlopt is started, and which files it is asked about.
import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import type { DocumentFilter } from "vscode-languageclient/node";

/** The editor's own SQL, and what extensions for dbt, Snowflake, BigQuery and PostgreSQL call theirs. */
const LANGUAGES = ["sql", "jinja-sql", "snowflake-sql", "sql-bigquery", "postgres"];

export function settings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("sqlopt");
}

/** The files that the server is asked about; only those on disk have settings and neighbours. */
export function selector(): DocumentFilter[] {
  const languages = settings().get("python.enabled", true) ? [...LANGUAGES, "python"] : LANGUAGES;
  return languages.map((language) => ({ scheme: "file", language }));
}

/** Whether a document is one that sqlopt looks at. */
export function concerns(document: vscode.TextDocument): boolean {
  return document.uri.scheme === "file" && selector().some((one) => one.language === document.languageId);
}

/**
 * The words that start sqlopt: the setting, else a virtual environment of the workspace, else the PATH.
 * A workspace that is not trusted does not choose what is run.
 */
export function command(): string[] {
  const given = settings().get<string[]>("command", []);
  if (given.length > 0) {
    return given;
  }
  const places = process.platform === "win32" ? ["Scripts", "sqlopt.exe"] : ["bin", "sqlopt"];
  for (const folder of vscode.workspace.isTrusted ? vscode.workspace.workspaceFolders ?? [] : []) {
    for (const environment of [".venv", "venv"]) {
      const found = path.join(folder.uri.fsPath, environment, ...places);
      if (fs.existsSync(found)) {
        return [found];
      }
    }
  }
  return ["sqlopt"];
}
