"""What the tools answer, as models whose schemas clients see."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from sqlopt.mcp.pages import fitted


class Model(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="ignore")

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Return the model of plain data, long texts and lists cut; its field ``cut`` says whether any was."""
        short, cut = fitted(data)
        return cls.model_validate({**short, "cut": cut})


class Answer(Model):
    """An answer that may come in pages."""

    notes: list[str] = Field(default=[], description="What to know of this answer, and what it lacks.")
    next_cursor: str | None = Field(
        default=None, description="Give it as cursor, with the same arguments, for the next page."
    )
    left_out: str | None = Field(default=None, description="What this page leaves out, if anything.")


class Estimate(Model):
    """A quantity with its bounds, and what it rests on."""

    low: float
    expected: float
    high: float
    unit: str = Field(description="bytes, rows, seconds, credits, or a currency.")
    basis: str = Field(description="dry run, plan, statistics, history or assumed.")


class Place(Model):
    """A place in a text."""

    line: int = Field(description="From 1.")
    column: int = Field(description="From 1, in code points.")
    offset: int = Field(description="From 0, in code points.")


class Edit(Model):
    """Text to put in the place of what stands from start to end (exclusive)."""

    start: Place
    end: Place
    text: str


class Proof(Model):
    """How far it is known that two statements give the same result."""

    verdict: Literal["proved", "tested", "refuted", "unknown"]
    reason: str = ""
    premises: list[str] = Field(description="The declared facts that the verdict rests on.")
    databases: int = Field(description="Generated databases on which both were run.")
    counterexample: str | None = Field(description="SQL that makes a database on which they differ.")
    notes: list[str] = []


class Fix(Model):
    """A rewrite that a finding offers."""

    title: str
    safety: Literal["exact", "needs facts", "changes results"] = Field(description="What its rule claims.")
    proof: Proof | None = Field(default=None, description="Null until it is judged, as rewrite_sql does.")
    edits: list[Edit]


class Related(Model):
    """A second place that helps to understand a finding."""

    message: str
    start: Place
    end: Place


class Evidence(Model):
    """A fact that a finding was computed from."""

    label: str
    value: str


class Finding(Model):
    """A finding: what is wrong at a place, what it costs, how it is mended."""

    path: str
    rule: str
    name: str
    severity: Literal["info", "warning", "error"]
    message: str
    error: bool = Field(description="True for what could not be read, parsed or run.")
    dialect: str
    start: Place
    end: Place
    saving: Estimate | None = Field(description="What the fix saves a run; null where facts lack.")
    worth: list[Estimate] = Field(description="The same in credits and money.")
    fix: Fix | None
    related: list[Related]
    evidence: list[Evidence]
    statement: str = Field(description="The same for the same statement, wherever it stands.")
    cut: bool = Field(default=False, description="True where texts or lists of this finding were shortened.")


class RuleCount(Model):
    """How often a rule fired."""

    rule: str
    name: str
    count: int
    saves: str = Field(description="What all its fixes would save a run.")


class Summary(Model):
    """What was found as a whole, whatever a page shows."""

    files: int
    statements: int
    error: int
    warning: int
    info: int
    savings: dict[str, float] = Field(description="What all fixes would save a run, expected, by unit.")
    rules: list[RuleCount]


class Findings(Answer):
    """The findings of a check."""

    summary: Summary
    crashed: list[str] = Field(description="What broke; the rest was checked without it.")
    findings: list[Finding]


class TableCost(Model):
    """What a statement reads of a table."""

    table: str
    bytes: Estimate | None
    share: float | None = Field(description="Of its partitions, those that are read.")
    why: str


class RunCost(Model):
    """What one run costs; null is unknown."""

    start: int
    end: int
    bytes_scanned: Estimate | None
    bytes_billed: Estimate | None
    rows: Estimate | None
    seconds: Estimate | None
    credits: Estimate | None
    money: Estimate | None
    planner_cost: Estimate | None
    tables: list[TableCost]
    unknown: list[str] = Field(description="What the catalog lacks for an estimate.")
    because: list[str] = Field(description="The prices and assumptions used.")


class MonthCost(Model):
    """What a month of runs costs; null is unknown."""

    bytes_scanned: Estimate | None
    credits: Estimate | None
    money: Estimate | None


class StatementCost(Model):
    """A statement and its cost."""

    path: str
    line: int
    name: str
    variant: str = Field(description="Of an incremental model: which reading, such as full.")
    dialect: str
    runs_per_month: float | None
    counted: bool = Field(description="False for a reading that does not run by itself.")
    run: RunCost
    month: MonthCost


class Total(Model):
    """A sum, and how many statements it does not hold because their price is unknown."""

    sum: Estimate | None
    statements_not_in_it: int


class Totals(Model):
    """The sums of a run of each statement, and of a month."""

    run: dict[str, Total]
    month: dict[str, Total]


class Costs(Answer):
    """What statements cost."""

    statements: list[StatementCost]
    totals: Totals
    because: list[str]
    problems: list[str] = Field(description="What could not be parsed, with its place.")


class Rewrite(Model):
    """A rewrite that a finding offers, and how sure it is that the result stays the same."""

    rule: str
    name: str
    message: str
    title: str
    safety: Literal["exact", "needs facts", "changes results"]
    start: Place
    end: Place
    edits: list[Edit]
    text_after: str | None = Field(
        description="The whole text with these edits alone made; null where it is long."
    )
    proof: Proof | None
    fault: str | None = Field(
        default=None, description="Where its rule calls it exact and it is refuted: it has no edits then."
    )
    saving: Estimate | None
    worth: list[Estimate]
    cut: bool = Field(default=False, description="True where something was shortened: don't apply its edits.")


class Rewrites(Answer):
    """The rewrites of a text."""

    rewrites: list[Rewrite]
    rewritten: str | None = Field(
        description="The text with every fix made that is exact and proved, or tested; null where there is none."
    )
    applied: list[str] = Field(description="The rules whose fixes are in rewritten.")
    errors: list[str] = Field(description="What could not be parsed, with its place.")


class Comparison(Proof):
    """Whether two statements give the same result."""

    dialect: str


class ColumnName(Model):
    """A column, or a table's rows where column is empty."""

    table: str
    column: str


class LineageEdge(Model):
    """A column that feeds another."""

    source: ColumnName
    target: ColumnName
    kind: Literal["direct", "indirect"] = Field(
        description="direct: the value is made from it; indirect: it only decides on rows or order."
    )
    transformation: str
    masking: bool = Field(description="True where the value can't be read back from the result.")
    path: str
    line: int


class ColumnInputs(Model):
    """An output column and the columns that its value is made from."""

    column: str
    inputs: list[str]


class Lineage(Answer):
    """Where columns come from, and where they go."""

    columns: list[ColumnInputs] = Field(description="Of SQL: each output with its inputs; on the first page.")
    edges: list[LineageEdge]
    tables_in: list[str]
    tables_out: list[str]
    problems: list[str] = Field(description="What could not be read, with its place; the rest is complete.")


class Reached(Model):
    """Something that a change reaches."""

    name: str
    kind: str = Field(description="table, query (a file's bare SELECT), exposure, task and the like.")
    path: str
    line: int
    columns: list[str]
    rows: str | None = Field(default=None, description="How it decides on rows: filter, join, group by, ...")
    through: list[str] = Field(description="The columns on the way.")
    direct: bool = Field(description="True: it names the column itself and breaks. False: it rests on those.")


class Impact(Answer):
    """What a change of a column or table reaches."""

    changed: str
    breaks: int = Field(description="How many name it themselves.")
    reached: list[Reached]
    problems: list[str]


class Rule(Model):
    """A rule and its page."""

    id: str
    name: str
    pack: str
    severity: Literal["info", "warning", "error"]
    dialects: list[str] = Field(description="Empty: all.")
    policy: bool
    selected: bool = Field(description="Whether it is checked here.")
    title: str
    page: str = Field(description="Markdown: why, when the rewrite holds, bad and good SQL, sources.")


class Refusal(Model):
    """Why the engine allows no materialized view of it."""

    reason: str
    source: str


class Served(Model):
    """A statement that profits from a view."""

    path: str
    line: int
    name: str
    runs_per_month: float
    original: str
    rewritten: str
    verdict: Literal["proved", "tested", "refuted", "unknown"]
    reason: str
    premises: list[str]
    notes: list[str]
    saved_a_run: dict[str, Estimate | None]


class MonthSaved(Model):
    """What a month saves, costs, and saves net."""

    saved: dict[str, Estimate | None]
    refresh: dict[str, Estimate | None]
    storage: Estimate | None
    net: dict[str, Estimate | None]


class Suggestion(Model):
    """A materialized view that several statements would profit from."""

    name: str
    tables: list[str]
    form: str = Field(description="materialized view, dynamic table or table.")
    ddl: str
    refresh: str
    refused: list[Refusal]
    notes: list[str]
    rows: int | None
    base_rows: int | None
    bytes: int | None
    refreshes_per_month: float
    month: MonthSaved
    statements: list[Served]
    left_out: list[str]
    cut: bool = Field(default=False, description="True where texts or lists of it were shortened.")


class Design(Answer):
    """The physical design that statements would profit from."""

    suggestions: list[Suggestion]
    dropped: list[str] = Field(description="What repeats but is not worth a view, and why.")
    looked_at: int = Field(description="Statements.")
    problems: list[str]
