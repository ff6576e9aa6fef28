"""The tables of the ledger: each class of sqlglot 30.30 with its arguments, a line each.

A line holds classes and some arguments of each; ``*`` is every argument. `ledger` says what the three kinds mean,
and which functions need no line.
"""

from __future__ import annotations

from typing import Final

READ: Final = """
Select Subquery Union Intersect Except SetOperation: with_ laterals joins connect prewhere where group having qualify
Select Subquery Union Intersect Except SetOperation: windows distribute sort cluster order limit offset pivots locks
Select Subquery Union Intersect Except SetOperation: sample settings format options match
Select: expressions distinct into from_ kind
Stream Summarize: *
Subquery: this alias
Union Intersect Except SetOperation: this expression distinct by_name
With: expressions recursive
RecursiveWithSearch: kind this expression to default using
ForClause: kind expressions
CTE: this alias
TableAlias: this columns
Table: this alias db catalog laterals joins pivots system_time version format pattern ordinality when only
Table: partition changes sample hints indexed
TableFromRows: this alias joins pivots sample
Values: expressions alias order limit offset pivots
Lateral: this view outer alias cross_apply ordinality
From: this
Join: this on side kind using method global_ match_condition nearest expressions pivots
Nearest: this count
Where PreWhere Having Qualify: this
Group: expressions grouping_sets cube rollup totals all
Rollup Cube GroupingSets: expressions
Distinct: expressions on
Order: this expressions siblings
Sort: this expressions siblings
Cluster: expressions
Distribute: this expressions siblings
Ordered: this desc nulls_first with_fill
WithFill: from_ to step interpolate
Limit: this expression offset limit_options expressions
LimitOptions: percent rows with_ties
Fetch: direction count limit_options
Offset: this expression expressions
Connect: start connect nocycle
Prior: this
Into: this temporary unlogged
Lock: update expressions wait key
TableSample: *
Final: this
Version: this kind expression
HistoricalData: this kind expression
Changes: information at_before end
Pivot: this alias expressions fields unpivot using group columns include_nulls default_on_null into with_
Pivot: identify_pivot_strings prefixed_pivot_columns pivot_column_naming value_columns_first
PivotAlias: this alias
UnpivotColumns: this expressions
MatchRecognize: partition_by order define pattern rows after alias
MatchRecognizeMeasure: this window_frame
Window: this partition_by order spec alias over first
WindowSpec: kind start start_side end end_side exclude
Filter WithinGroup: this expression
IgnoreNulls RespectNulls: this
HavingMax: this expression max
Alias: this alias
Aliases: this expressions
Identifier: this quoted global_ temporary
Column: this table db catalog join_mark shadow
Pseudocolumn: this table db catalog join_mark shadow
Star: except_ replace rename ilike
Var: this
Literal: this is_string
Boolean: this
Null: *
National RawString: this
ByteString: this is_bytes
BitString: this
HexString: this is_integer
UnicodeString: this escape
Heredoc: this tag
Introducer: this expression
Placeholder: this kind widget jdbc
Parameter: this expression
SessionParameter: this kind
Interval: this unit fraction_in_string
IntervalOp: this
IntervalSpan: this expression
TimeUnit: this
DataType: this expressions nested values kind nullable collate
DataTypeParam: this expression
PseudoType ObjectIdentifier Paren: this
Tuple: expressions
Not Neg BitwiseNot Unary: this
Is: this expression negate
Like: this expression negate
ILike: this expression negate
In: this expressions query unnest field is_global
Between: this low high symmetric
Any All SubqueryPredicate: this
Match: this expression kind analyzer
Binary Connector Add Sub Mul: this expression
Div: this expression typed safe
Mod IntDiv: this expression
DPipe: this expression safe
EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Escape Glob SimilarTo Overlaps Distance DistanceNd: this expression
Adjacent ExtendsLeft ExtendsRight: this expression
Operator: this operator expression
WithOperator: this op
PropertyEQ Kwarg: this expression
Slice: this expression step
Dot: this expression
Bracket: this expressions offset safe returns_list_for_maps json_access
BitwiseAnd: this expression padside
BitwiseOr: this expression padside
BitwiseXor: this expression padside
BitwiseLeftShift: this expression requires_int128
BitwiseRightShift: this expression requires_int128
NestedJSONSelect ModelAttribute ScopeResolution: this expression
AtTimeZone: this zone
FromTimeZone: this zone
AtIndex: this expression
Lambda: this expressions
ForIn: this expression
Variadic: this
ColumnPrefix: this expression
PositionalColumn TableColumn ExplodeOuter FormatJson: this
FormatPhrase: this format
JSON: this with_ unique
JSONKeyValue: this expression
JSONPath JSONPathFilter JSONPathKey JSONPathPart JSONPathRecursive JSONPathRoot JSONPathScript: *
JSONPathSelector JSONPathSlice JSONPathSubscript JSONPathUnion JSONPathWildcard: *
JSONExtractQuote: option scalar
JSONValue: this path returning on_condition
JSONSchema: expressions
JSONColumnDef: this kind path nested_schema ordinality format_json
OpenJSONColumnDef: this kind path as_json
SkipJSONColumn: regexp expression
OnCondition: error empty null
OverflowTruncateBehavior: this with_count
TranslateCharacters: this expression with_error
XMLNamespace: this
XMLKeyValueOption Opclass: this expression
Directory: this local row_format
DirectoryStage: this
InputOutputFormat: input_format output_format
Insert: hint with_ is_function this expression conflict returning overwrite exists alternative where ignore
Insert: by_name stored partition settings source default using
OnConflict: duplicate expressions action conflict_keys index_predicate constraint where
Returning: expressions into
Update: with_ this expressions from_ where returning order limit options
Delete: with_ this using where returning order limit tables cluster
Merge: this using on using_cond whens with_ returning
Whens: expressions
When: matched source condition then
MultitableInserts: with_ expressions kind source
ConditionalInsert: this expression else_
Partition: expressions subpartition
Create: with_ this kind expression exists properties replace unique no_schema_binding clone
Clone: this shallow copy
Schema: this expressions
ColumnDef: this kind constraints exists position default output
Alter: this kind actions exists only options cluster not_valid check cascade iceberg
SwapTable AlterRename: this
Copy: this kind files credentials format params
LoadData: this local overwrite temp inpath files partition input_format serde
Export: this connection options
Cache: this lazy options expression
Describe: this style kind properties expressions partition format as_json
TruncateTable: expressions is_database exists only cluster identity option partition
Drop: kind tables expressions exists temporary materialized cascade restrict constraints purge cluster concurrently
Drop: sync iceberg force
Declare: expressions replace
DeclareItem: this kind default
Set: expressions unset tag
SetItem: this expressions kind collate global_
Command: this expression
Use: this expressions kind
Block: expressions begin
Return: this
EndStatement: *
UserDefinedFunction: this expressions wrapped
StoredProcedure: this expressions wrapped
Reference: this expressions options
"""

_LAYOUT = "how a table is stored, described, guarded or made: no row, value or name of a query depends on it"
_HINT = "a hint: how the engine goes about it, not what it gives"
_ADMIN = "it manages the database, and reads no table's columns"

IRRELEVANT: Final = {
    _HINT: """
Select: hint operation_modifiers
Join: hint directed
Update: hint
Delete: hint
CTE: materialized
Nearest: approximate similarity
Hint: expressions
JoinHint: this expressions
IndexTableHint: this expressions target
WithTableHint: expressions
QueryOption: this expression
""",
    _LAYOUT: """
Create: refresh indexes begin concurrently clustered
Properties: expressions
Property AggregateKeyProperty AlgorithmProperty AllowedValuesProperty ApiProperty: *
ApplicationProperty AutoIncrementProperty AutoRefreshProperty BackupProperty: *
BlockCompressionProperty BuildProperty CalledOnNullInputProperty CatalogProperty CharacterSet: *
CharacterSetProperty ChecksumProperty ClusterProperty ClusteredByProperty CollateProperty: *
ComputeProperty CopyGrantsProperty CopyTagsProperty CopyParameter Credentials CredentialsProperty: *
DataBlocksizeProperty DataDeletionProperty DatabaseProperty DefinerProperty DictProperty DictRange: *
DictSubProperty DistKeyProperty DistStyleProperty DistributedByProperty DuplicateKeyProperty: *
DynamicProperty EmptyProperty EncodeProperty EngineProperty EnviromentProperty ExecuteAsProperty: *
ExternalProperty FallbackProperty FileFormatProperty ForceProperty FreespaceProperty: *
FunctionSpecification: this characteristics properties
GlobalProperty HandlerProperty HeapProperty HybridProperty IcebergProperty IgnoreGrantsProperty: *
IncludeProperty InheritsProperty InputModelProperty InteractiveProperty IsolatedLoadingProperty: *
JournalProperty LanguageProperty LikeProperty LocationProperty LockProperty LockingProperty: *
LogProperty MaskingProperty MaterializedProperty MergeBlockRatioProperty MergeTreeTTL: *
MergeTreeTTLAction ModuleProperty NetworkProperty NoPrimaryIndexProperty OnCluster OnCommitProperty: *
OnProperty OptionsProperty OutputModelProperty ParameterStyleProperty PartitionBoundSpec: *
PartitionByExcluding PartitionByListProperty PartitionByRangeProperty: *
PartitionByRangePropertyDynamic PartitionByTruncate PartitionId PartitionList PartitionRange: *
PartitionedByBucket PartitionedByProperty PartitionedOfProperty PhysicalProperty QueryBand: *
RefreshTriggerProperty RemoteWithConnectionModelProperty ReturnsProperty RollupIndex RollupProperty: *
RowAccessProperty RowFormatDelimitedProperty RowFormatProperty RowFormatSerdeProperty SampleProperty: *
SchemaCommentProperty SecureProperty SecurityIntegrationProperty SequenceProperties SerdeProperties: *
SetConfigProperty SetProperty SettingsProperty SharingProperty SortKeyProperty SqlReadWriteProperty: *
SqlSecurityProperty StabilityProperty StorageHandlerProperty StorageProperty StreamingTableProperty: *
StrictProperty TableSpaceProperty Tag Tags TemporaryProperty TimeseriesKey ToTableProperty: *
TransformModelProperty TransientProperty UniqueKeyProperty UnloggedProperty UsingProperty: *
UsingTemplateProperty UuidProperty ViewAttributeProperty VirtualProperty VolatileProperty: *
WithDataProperty WithJournalTableProperty WithProcedureOptions WithSchemaBindingProperty: *
WithSystemVersioningProperty AssumeColumnConstraint AutoIncrementColumnConstraint: *
BinaryColumnConstraint CaseSpecificColumnConstraint CharacterSetColumnConstraint Check: *
CheckColumnConstraint ClusteredColumnConstraint CollateColumnConstraint ColumnConstraint: *
ColumnConstraintKind ColumnPosition CommentColumnConstraint CompressColumnConstraint: *
ComputedColumnConstraint Constraint DateFormatColumnConstraint DefaultColumnConstraint: *
EncodeColumnConstraint EphemeralColumnConstraint ExcludeColumnConstraint ForeignKey: *
GeneratedAsIdentityColumnConstraint GeneratedAsRowColumnConstraint InOutColumnConstraint Index: *
IndexColumnConstraint IndexConstraintOption IndexParameters InlineLengthColumnConstraint: *
InvisibleColumnConstraint MaskingPolicyColumnConstraint NonClusteredColumnConstraint: *
NotForReplicationColumnConstraint NotNullColumnConstraint OnUpdateColumnConstraint: *
PathColumnConstraint PeriodForSystemTimeConstraint PrimaryKey PrimaryKeyColumnConstraint: *
ProjectionDef ProjectionPolicyColumnConstraint TitleColumnConstraint UniqueColumnConstraint: *
UppercaseColumnConstraint WatermarkColumnConstraint ZeroFillColumnConstraint: *
""",
    _ADMIN: """
AddConstraint AddPartition AlterColumn AlterDistStyle AlterIndex AlterModifySqlSecurity AlterSession: *
AlterSet AlterSortKey Analyze AnalyzeColumns AnalyzeDelete AnalyzeHistogram AnalyzeListChainedRows: *
AnalyzeSample AnalyzeStatistics AnalyzeValidate AnalyzeWith Attach AttachOption Comment Commit: *
ConnectTo Detach Disconnect DropPartition DropPrimaryKey Get Grant GrantPrincipal GrantPrivilege: *
Install Iterate Kill Leave ListStage: *
LockingStatement: this
ModifyColumn Per Pragma Put Refresh RenameColumn RenameIndex ReplaceColumns ReplacePartition Revoke: *
Rollback Semicolon Show Transaction Uncache Undrop UsingData: *
""",
}

UNREAD: Final = {
    "columns taken out of the whole list": """
Select: exclude
""",
    "rows made into a document": """
Select Subquery Union Intersect Except SetOperation: for_
""",
    "a set operation that takes its columns by other rules": """
Union Intersect Except SetOperation: side kind on
""",
    "columns that the recursion adds": """
With: search cycle
""",
    "a function that the statement defines": """
With: udfs
MacroOverload MacroOverloads: *
FunctionSpecification: expression
""",
    "a name for a value": """
CTE: scalar
""",
    "rows that are replaced by a key": """
CTE: key_expressions
""",
    "columns of several functions side by side": """
Table: rows_from
""",
    "what is measured of a match": """
MatchRecognize: measures
""",
    "columns that depend on the data": """
PivotAny: *
""",
    "what a script outside of SQL makes of the rows": """
QueryTransform: *
""",
    "a semantic view": """
SemanticView: *
""",
    "variables inside of a list": """
Comprehension: *
""",
    "several values at once into a variable": """
Into: bulk_collect expressions
""",
    "statements inside of a block": """
IfBlock WhileBlock LoopBlock RepeatBlock CaseStatement: *
LockingStatement: expression
""",
    "what a procedure does": """
Execute ExecuteSql: *
""",
    "what a trigger does": """
TriggerProperties TriggerEvent TriggerExecute TriggerReferencing: *
""",
}

ABSTRACT: Final = frozenset(
    """
    Expr Expression Condition Predicate Query Selectable DerivedTable UDTF DDL DML SafeFunc
    """.split()  # noqa: SIM905 - a list of words
)
"""Classes that no parser makes: others inherit from them."""

# Of functions: the columns in any argument are found by walking, and a value depends on all of them.
VALUES: Final = frozenset(
    """
    this expression expressions unit format zone position to start end step default count key occurrence offset
    alphabet options year month day hour minute second min sec milli nano hours minutes week return_type path
    parameters decimals aad encryption_method group length charset method origin json_type encoding gen default_year
    delimiter accuracy quantile params passphrase iv case true false ifs order passing option keys values value
    culture from_ flag replacement limit part_index target_type precision scale categories config data_col
    timestamp_col model id_cols horizon forecast_end_timestamp confidence_level output_historical_time_series
    context_window percentile weight error_tolerance counters max_line_length style source_tz target_tz timestamp
    dest source replace time num_rows ts_column bucket_width partitioning_columns value_columns rowcount timelimit
    separator schema ins_cost del_cost sub_cost max_dist modifier stddev form for_ fill_pattern type
    part_to_extract lower upper generator each initial merge finish modifiers times analyzer analyzer_options z m
    substr pair_delim key_value_delim duplicate_resolution_callback kind collation default_date seed alias name
    column_to_search query_table query_column_to_search top_k distance_type min_value max_value num_buckets
    threshold evalname instance namespaces columns elementcount nlsparam params_struct
    """.split()  # noqa: SIM905 - a list of words
)
# Words and switches: they change the value, and name no column. The rules of proof write them out with the call.
SWITCHES: Final = frozenset(
    """
    safe null_propagation round_input null_handling ignore_nulls mode check_null is_multiset zero_based null coalesce
    json_scope big_int date_part_boundary input_type_preserved abbreviated is_end_exclusive strict on_condition
    only_json_types unique_keys negative_length_returns_empty update_flag permissive empty_delimiter_returns_whole
    preserve_end_of_month bracket_notation struct_name_inheritance value_constructor nulls_excluded ensure_variant
    null_safe is_length asc nulls_first null_is_empty null_delim_is_null disable_auto_convert is_nvl is_null unpack
    flatten null_on_zero_variance zero_on_all_null sysdate allow_overflow aead ignore_feature_nulls is_text
    zero_is_msb on_overflow from_dcolonqmark variant_extract json_query quote requires_json emits scalar_only
    json_subtype is_json to_json include_arrays remove_empty error_handling empty_handling case_insensitive
    integer_scale binary deterministic roundoff is_casefold from_first keep set_ is_left is_literal
    null_if_pos_overflow null_if_no_match empty_if_group_missing full_match single_replace truncate
    casts_non_integer_decimals search_mode null_returns_null part_index_zero_as_one use_spheroid clamp_position
    zero_start fractions overflow with_tz is_numeric safe_name fractions_supported requires_string
    null_on_text_overflow probe_date_format empty_is_zero explode_array is_string by_ref action
    """.split()  # noqa: SIM905 - a list of words
)
